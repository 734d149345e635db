//! Sets of numbers that rows are tested against: a table where they lie close together, hashed where they do not.

use crate::base::hash::HashSet;
use crate::data::block::Frame;
use crate::data::codes::Code;

/// At least one number.
#[derive(Debug, PartialEq)]
pub(crate) struct NumberSet {
    low: i128,
    high: i128,
    members: Members,
}

#[derive(Debug, PartialEq)]
enum Members {
    /// 1 for each member, by its distance from the lowest.
    Table(Box<[u8]>),
    Hashed(HashSet<i128>),
}

impl NumberSet {
    /// The members that have a 1 by their distance from `low`; none if none has.
    pub(crate) fn of_table(low: i128, mut table: Vec<u8>) -> Option<Self> {
        let n_before = table.iter().position(|member| *member == 1)?;
        let end = table.iter().rposition(|member| *member == 1)? + 1;
        table.truncate(end);
        table.drain(..n_before);
        let low = low + n_before as i128;
        Some(Self { low, high: low + table.len() as i128 - 1, members: Members::Table(table.into()) })
    }

    /// A table if it has at most `most_entries`; none if there is no number.
    pub(crate) fn of_numbers(numbers: &[i128], most_entries: u64) -> Option<Self> {
        let (low, high) = (*numbers.iter().min()?, *numbers.iter().max()?);
        let members = match usize::try_from(high.abs_diff(low)) {
            Ok(span) if (span as u64) < most_entries => {
                let mut table = vec![0; span + 1];
                numbers.iter().for_each(|n| table[n.abs_diff(low) as usize] = 1);
                Members::Table(table.into())
            }
            _ => Members::Hashed(numbers.iter().copied().collect()),
        };
        Some(Self { low, high, members })
    }

    /// The same numbers in a table, if they have none yet and it has at most `most_entries`.
    pub(crate) fn to_table(&self, most_entries: u64) -> Option<Self> {
        match &self.members {
            Members::Hashed(numbers) if self.high.abs_diff(self.low) < most_entries.into() => {
                Self::of_numbers(&numbers.iter().copied().collect::<Vec<_>>(), most_entries)
            }
            _ => None,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        match &self.members {
            Members::Table(table) => table.len(),
            Members::Hashed(numbers) => numbers.allocation_size(),
        }
    }

    pub(crate) fn low(&self) -> i128 {
        self.low
    }

    pub(crate) fn high(&self) -> i128 {
        self.high
    }

    pub(crate) fn contains(&self, n: i128) -> bool {
        match &self.members {
            Members::Table(table) => usize::try_from(n.wrapping_sub(self.low))
                .is_ok_and(|at| table.get(at).is_some_and(|member| *member == 1)),
            Members::Hashed(numbers) => numbers.contains(&n),
        }
    }

    /// Every member, in no order.
    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = i128> + '_> {
        match &self.members {
            Members::Table(table) => {
                Box::new((self.low..).zip(table).filter(|(_, member)| **member == 1).map(|(n, _)| n))
            }
            Members::Hashed(numbers) => Box::new(numbers.iter().copied()),
        }
    }

    /// 1 for each code whose number is a member, 0 for others and for null.
    pub(crate) fn test<C: Code>(&self, frame: Frame, codes: &[C], mask: &mut [u8]) {
        let each = mask.iter_mut().zip(codes);
        if let (Members::Table(table), Some((start, step))) = (&self.members, self.positions::<C>(frame)) {
            let member = |code: C| table.get((start + code.idx() as i64 * step) as usize).copied().unwrap_or(0);
            each.for_each(|(m, code)| *m = member(*code) & u8::from(*code != C::default()));
        } else {
            let is_member = |code: C| code != C::default() && self.contains(frame.number(code.wide()));
            each.for_each(|(m, code)| *m = is_member(*code).into());
        }
    }

    /// Where code 0, which is null, would stand in the table, and how far apart codes stand; none unless the place of every
    /// code of this width is sure to fit.
    fn positions<C: Code>(&self, frame: Frame) -> Option<(i64, i64)> {
        let first = i64::try_from(frame.base.checked_sub(self.low)?).ok()?;
        let step = i64::from(i32::try_from(frame.step).ok()?);
        let start = first.checked_sub(step)?;
        start.checked_add(step.checked_mul(i64::try_from(C::LARGEST).ok()?)?)?;
        Some((start, step))
    }
}

#[cfg(test)]
mod tests {
    use super::NumberSet;
    use crate::data::block::Block;
    use crate::data::codes::each_width;

    #[test]
    fn both_forms_hold_the_same_numbers() {
        let table = NumberSet::of_table(-3, vec![0, 1, 0, 0, 1, 1, 0]).unwrap();
        let hashed = NumberSet::of_numbers(&[2, -2, 1, 1], 4).unwrap();
        assert_eq!(hashed.to_table(5).as_ref(), Some(&table));
        assert!(hashed.to_table(4).is_none() && table.to_table(5).is_none());
        for set in [&table, &hashed] {
            assert_eq!((set.low(), set.high()), (-2, 2));
            let mut all: Vec<i128> = set.iter().collect();
            all.sort_unstable();
            assert_eq!(all, [-2, 1, 2]);
            for n in [i128::MIN, -4, -3, -1, 0, 3, i128::MAX] {
                assert!(!set.contains(n), "{n}");
            }
            for numbers in [
                &[Some(-2), None, Some(2), Some(0)][..],
                &[Some(1), Some(i128::from(i64::MAX)), Some(i128::from(i64::MIN)), None],
                &[Some(i128::MIN + 2), None, Some(-2)],
            ] {
                let block = Block::of_numbers(numbers, None);
                let (mut mask, frame) = (vec![9; numbers.len()], block.frame().unwrap());
                each_width!(block.codes(), codes => set.test(frame, codes, &mut mask));
                let expected: Vec<u8> = numbers.iter().map(|n| n.is_some_and(|n| all.contains(&n)).into()).collect();
                assert_eq!(mask, expected, "{numbers:?}");
            }
        }
        assert!(NumberSet::of_table(0, vec![0, 0]).is_none() && NumberSet::of_numbers(&[], 9).is_none());
    }
}
