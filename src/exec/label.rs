//! From counted groups to those of an answer: groups whose keys are one in every dimension become one, in order. What makes
//! keys one and what they are called is [`naming`](crate::exec::naming).

use crate::base::error::{Error, Result};
use crate::exec::counted::Counted;
use crate::exec::groups::Groups;
use crate::exec::labels::Labels;
use crate::exec::naming::Namer;
use crate::exec::slot::Dimension;
use crate::exec::stats::Total;
use crate::exec::top::{Stay, remain};

/// Orders, merges and names the groups. With `split`, the last dimension is the one that counts are split by; where a
/// dimension is filled, `keys` names values and periods too that no group has.
pub(crate) fn label(
    counted: &Counted,
    dimensions: &[Dimension],
    stay: &[Stay<'_>],
    split: bool,
    namer: &Namer<'_>,
) -> Result<Groups> {
    let n_dimensions = dimensions.len();
    let n_keys = n_dimensions - usize::from(split);
    let mut keys = Vec::with_capacity(n_dimensions);
    let mut positions = Vec::with_capacity(n_dimensions);
    for (d, dimension) in dimensions.iter().enumerate() {
        let empty_last = d >= n_keys;
        let column = counted.keys.column(d);
        let (labels, position) = namer.labels(column, dimension, empty_last)?;
        keys.push(labels);
        positions.push(position);
    }
    remain(stay, &mut keys, &mut positions, &counted.counts)?;
    let split_labels = if split { keys.pop().unwrap_or_default() } else { Labels::default() };
    let split_positions = if split { positions.pop() } else { None };
    let n_split = split_positions.as_ref().map_or(1, |_| split_labels.len());
    let n_counted = counted.counts.len();
    let n_totals = counted.totals.len().checked_div(n_counted).unwrap_or(0);
    let group_bytes = n_split * size_of::<u64>() + n_totals * size_of::<Total>();
    let combinations = keys.iter().fold(1usize, |n, labels| n.saturating_mul(labels.len()));
    let _memory = namer.budget.reserve(combinations.min(n_counted) * group_bytes)?;
    let group_of = number_groups(positions, keys.first().map_or(1, Labels::len), n_counted);
    let n_groups = group_of.positions.len() / n_keys.max(1);
    let n_groups = if n_keys == 0 { usize::from(n_counted > 0) } else { n_groups };
    let limit = namer.budget.limits().groups;
    if n_groups > limit {
        return Err(Error::limit("groups", limit as u64, n_groups));
    }
    let mut groups = Groups {
        keys,
        positions: group_of.positions,
        split: split_labels,
        n_split,
        counts: vec![0; n_groups * n_split],
        totals: vec![Total::default(); n_groups * n_totals],
        numbers: group_of.numbers,
        touched: counted.touched,
    };
    for (from, group) in groups.numbers.iter().enumerate() {
        let group = *group as usize;
        let split = split_positions.as_ref().map_or(0, |positions| positions[from] as usize);
        groups.counts[group * n_split + split] += counted.counts[from];
        let totals = &mut groups.totals[group * n_totals..][..n_totals];
        totals.iter_mut().zip(&counted.totals[from * n_totals..]).for_each(|(total, more)| total.merge(more));
    }
    Ok(groups)
}

/// Groups that have the same key in every dimension, numbered in order.
struct Numbered {
    /// By counted group: its number.
    numbers: Vec<u32>,
    /// By number and dimension: the position of the key.
    positions: Vec<u32>,
}

fn number_groups(mut positions: Vec<Vec<u32>>, n_first: usize, n_counted: usize) -> Numbered {
    match &mut positions[..] {
        [] => Numbered { numbers: vec![0; n_counted], positions: Vec::new() },
        // One dimension: positions are in order already, but for those that only have a name.
        [only] => {
            let mut number = vec![u32::MAX; n_first];
            only.iter().for_each(|position| number[*position as usize] = 0);
            let mut used = Vec::with_capacity(n_first);
            for (position, number) in (0u32..).zip(&mut number).filter(|(_, number)| **number == 0) {
                *number = used.len() as u32;
                used.push(position);
            }
            let mut numbers = std::mem::take(only);
            if used.len() < n_first {
                numbers.iter_mut().for_each(|position| *position = number[*position as usize]);
            }
            Numbered { numbers, positions: used }
        }
        positions => {
            let key_of = |group: &u32| {
                let group = *group as usize;
                positions.iter().map(move |position| position[group])
            };
            let mut order: Vec<u32> = (0..n_counted as u32).collect();
            order.sort_unstable_by(|a, b| key_of(a).cmp(key_of(b)));
            let mut numbered = Numbered { numbers: vec![0; n_counted], positions: Vec::new() };
            for (number, same) in (0u32..).zip(order.chunk_by(|a, b| key_of(a).eq(key_of(b)))) {
                numbered.positions.extend(key_of(&same[0]));
                same.iter().for_each(|group| numbered.numbers[*group as usize] = number);
            }
            numbered
        }
    }
}
