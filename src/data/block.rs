//! Up to 4,096 rows of one column: the unit of scanning and of copying on change.
//!
//! Code 0 is null in every block. In a block of a field with a dictionary, code 1 is the empty text and every other code is
//! the id of a value. In a block of numbers, code c stands for `base + (c - 1) * step`, so that instants a second apart and
//! numbers from a narrow range fit a byte or two.

use crate::data::codes::Codes;
use crate::data::sketch::Sketch;

/// Rows of a full block. 4,096 one-byte masks and codes stay in the first-level cache, and a changed status copies no more
/// than this.
pub(crate) const BLOCK_ROWS: usize = 4096;

/// The code of null.
pub(crate) const NULL: u32 = 0;
/// The dictionary code of the empty text.
pub(crate) const BLANK: u32 = 1;
/// The first dictionary code of a value.
pub(crate) const FIRST_ID: u32 = 2;

/// One column of one block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    /// A code a row; for lists, a code an element.
    codes: Codes,
    /// How codes stand for numbers; none in a block of dictionary codes.
    frame: Option<Frame>,
    /// For lists: where each row's elements begin, one more than rows. A null row has the single element NULL, an empty
    /// list has none.
    offsets: Option<Codes>,
    summary: Summary,
    /// Which ids occur, in a block of ids too wide for 16 bits: of that many values most blocks lack any one.
    sketch: Option<Box<Sketch>>,
}

/// How the codes of a block stand for numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) base: i128,
    /// At least 1.
    pub(crate) step: u128,
}

/// The least and greatest value, and whether some row is empty. For dictionary codes the values are ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Least and greatest of the values that are not empty; none if all rows are empty.
    pub(crate) bounds: Option<(i128, i128)>,
    pub(crate) has_empty: bool,
}

impl Frame {
    /// The number that a code other than NULL stands for.
    pub(crate) fn number(self, code: u128) -> i128 {
        self.base.wrapping_add(((code - 1) * self.step) as i128)
    }
}

impl Summary {
    /// Of no rows.
    pub(crate) const NOTHING: Self = Self { bounds: None, has_empty: false };
    /// Of rows that are all null: what a segment says of a field it has no column for.
    pub(crate) const ABSENT: Self = Self { bounds: None, has_empty: true };

    /// Of the rows of both.
    pub(crate) fn merge(self, other: Self) -> Self {
        let bounds = match (self.bounds, other.bounds) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, None) | (None, one) => one,
        };
        Self { bounds, has_empty: self.has_empty || other.has_empty }
    }

    fn see(&mut self, value: i128) {
        self.bounds = Some(self.bounds.map_or((value, value), |(low, high)| (low.min(value), high.max(value))));
    }
}

impl Block {
    /// A block of dictionary codes, one a row or (with `offsets`) one an element.
    pub(crate) fn of_ids(ids: &[u32], offsets: Option<&[u32]>) -> Self {
        let mut summary = Summary { has_empty: has_empty_list(offsets), ..Summary::NOTHING };
        for &id in ids {
            if id < FIRST_ID {
                summary.has_empty = true;
            } else {
                summary.see(id.into());
            }
        }
        let largest = ids.iter().copied().max().unwrap_or(0);
        let codes = Codes::build(largest.into(), ids.iter().map(|&id| id.into()));
        let sketch = matches!(codes, Codes::U32(_)).then(|| Box::new(Sketch::of(ids)));
        Self { codes, frame: None, offsets: offsets.map(pack_offsets), summary, sketch }
    }

    /// A block of numbers, `None` for null, one a row or (with `offsets`) one an element.
    pub(crate) fn of_numbers(numbers: &[Option<i128>], offsets: Option<&[u32]>) -> Self {
        let mut summary = Summary { has_empty: has_empty_list(offsets), ..Summary::NOTHING };
        for number in numbers {
            match number {
                None => summary.has_empty = true,
                Some(n) => summary.see(*n),
            }
        }
        let (low, high) = summary.bounds.unwrap_or((0, 0));
        let distance = |n: i128| n.wrapping_sub(low) as u128;
        let mut step = 0u128;
        for n in numbers.iter().flatten() {
            if step == 1 {
                break;
            }
            step = common_divisor(distance(*n), step);
        }
        let frame = Frame { base: low, step: step.max(1) };
        // Callers keep the nil and the maximal GUID out of one column, so adding one cannot wrap.
        let largest = distance(high) / frame.step + 1;
        let code = |n: &Option<i128>| n.map_or(0, |n| distance(n) / frame.step + 1);
        let codes = Codes::build(largest, numbers.iter().map(code));
        Self { codes, frame: Some(frame), offsets: offsets.map(pack_offsets), summary, sketch: None }
    }

    /// A block of null and then the first `n` numbers that a frame stands for.
    pub(crate) fn of_frame(frame: Frame, n: usize) -> Self {
        let bounds = (n > 0).then(|| (frame.base, frame.number(n as u128)));
        let codes = Codes::build(n as u128, 0..=n as u128);
        Self { codes, frame: Some(frame), offsets: None, summary: Summary { bounds, has_empty: true }, sketch: None }
    }

    #[cfg(test)]
    pub(crate) fn n_rows(&self) -> usize {
        self.offsets.as_ref().map_or(self.codes.len(), |offsets| offsets.len() - 1)
    }

    pub(crate) fn codes(&self) -> &Codes {
        &self.codes
    }

    pub(crate) fn frame(&self) -> Option<Frame> {
        self.frame
    }

    pub(crate) fn offsets(&self) -> Option<&Codes> {
        self.offsets.as_ref()
    }

    pub(crate) fn summary(&self) -> Summary {
        self.summary
    }

    /// Whether a dictionary id may occur; if not, it does not.
    pub(crate) fn may_hold(&self, id: u32) -> bool {
        self.sketch.as_ref().is_none_or(|sketch| sketch.may_hold(id))
    }

    /// Where the codes of a row are, in a block of lists or not.
    pub(crate) fn range(&self, row: usize) -> std::ops::Range<usize> {
        match &self.offsets {
            None => row..row + 1,
            Some(offsets) => offsets.get(row) as usize..offsets.get(row + 1) as usize,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        let sketch = self.sketch.as_ref().map_or(0, |sketch| size_of_val(&**sketch));
        size_of::<Self>() + self.codes.bytes() + self.offsets.as_ref().map_or(0, Codes::bytes) + sketch
    }
}

fn has_empty_list(offsets: Option<&[u32]>) -> bool {
    offsets.is_some_and(|offsets| offsets.windows(2).any(|pair| pair[0] == pair[1]))
}

fn pack_offsets(offsets: &[u32]) -> Codes {
    let last = offsets.last().copied().unwrap_or(0);
    Codes::build(last.into(), offsets.iter().map(|&offset| offset.into()))
}

/// Greatest common divisor; that of n and 0 is n. One remainder decides it when `step` divides already, and 64-bit
/// arithmetic serves nearly always.
pub(crate) fn common_divisor(n: u128, step: u128) -> u128 {
    fn narrow(mut a: u64, mut b: u64) -> u64 {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    }
    let (mut a, mut b) = (n, step);
    while b != 0 {
        if let (Ok(a), Ok(b)) = (u64::try_from(a), u64::try_from(b)) {
            return narrow(a, b).into();
        }
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::{Block, Frame};
    use crate::data::codes::Codes;

    #[test]
    fn numbers_take_the_narrowest_codes_that_tell_them_apart() {
        let block = Block::of_numbers(&[Some(1_000_000), None, Some(5_000_000)], None);
        assert_eq!(block.frame(), Some(Frame { base: 1_000_000, step: 4_000_000 }));
        assert_eq!(*block.codes(), Codes::U8([1, 0, 2].into()));
        let wide = Block::of_numbers(&[Some(i128::from(i64::MIN) + 1), Some(i64::MAX.into()), Some(0)], None);
        assert_eq!(
            (0..3).map(|i| wide.frame().unwrap().number(wide.codes().get(i))).collect::<Vec<_>>(),
            [i128::from(i64::MIN) + 1, i64::MAX.into(), 0]
        );
    }

    #[test]
    fn a_block_of_wide_ids_knows_which_it_lacks() {
        let ids: Vec<u32> = (0..4096).map(|row| 70_000 + row * 7).collect();
        let block = Block::of_ids(&ids, None);
        assert!(ids.iter().all(|id| block.may_hold(*id)));
        let wrong = (70_000..90_000).filter(|id| id % 7 != 0 && block.may_hold(*id)).count();
        assert!(wrong < 6_000, "{wrong} of 17,143 ids that are not there were not told");
        assert!(Block::of_ids(&[2, 3], None).may_hold(9), "narrow ids have no sketch");
    }

    #[test]
    fn a_block_of_nulls_has_no_bounds() {
        let block = Block::of_numbers(&[None, None], None);
        assert!(block.summary().bounds.is_none() && block.summary().has_empty);
    }
}
