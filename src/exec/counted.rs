//! What was counted: groups by their keys, in whichever form they were found.

use std::iter::{Skip, StepBy};
use std::slice;

use crate::exec::gathered::Gathered;
use crate::exec::layout::Layout;
use crate::exec::scan::Touched;
use crate::exec::stats::Total;

/// Rows and measures of every group that occurs.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) keys: Keys,
    pub(crate) counts: Vec<u64>,
    /// By group and field of which stats were wanted.
    pub(crate) totals: Vec<Total>,
    /// By source, then by piece; slots as [`Keys::groups`] tells.
    pub(crate) gathered: Vec<Vec<Gathered>>,
    pub(crate) touched: Touched,
}

/// What the groups are told apart by.
#[derive(Debug)]
pub(crate) enum Keys {
    /// By group: its combined slot.
    Slots(Vec<u32>, Layout),
    /// By group and dimension: the slot, or for a hashed dimension the number. The second says how many dimensions there are.
    Numbers(Vec<i128>, usize),
}

/// The keys of one dimension, by group.
#[derive(Clone, Debug)]
pub(crate) enum Column<'a> {
    Slots(slice::Iter<'a, u32>, &'a Layout, usize),
    Numbers(StepBy<Skip<slice::Iter<'a, i128>>>),
}

impl Keys {
    /// For each slot of what was gathered the number of its group; none if they are the same.
    pub(crate) fn groups(&self) -> Option<Vec<u32>> {
        let Self::Slots(slots, layout) = self else { return None };
        let mut groups = vec![0; layout.n_slots];
        (0u32..).zip(slots).for_each(|(group, slot)| groups[*slot as usize] = group);
        Some(groups)
    }

    pub(crate) fn column(&self, dimension: usize) -> Column<'_> {
        match self {
            Self::Slots(slots, layout) => Column::Slots(slots.iter(), layout, dimension),
            Self::Numbers(numbers, n) => Column::Numbers(numbers.iter().skip(dimension).step_by((*n).max(1))),
        }
    }
}

impl Iterator for Column<'_> {
    type Item = i128;

    fn next(&mut self) -> Option<i128> {
        match self {
            Self::Slots(slots, layout, dimension) => Some(layout.slot_of(*dimension, *slots.next()?).into()),
            Self::Numbers(numbers) => numbers.next().copied(),
        }
    }

    // One look at the form for all groups rather than one each.
    fn fold<B, F: FnMut(B, i128) -> B>(self, init: B, mut each: F) -> B {
        match self {
            Self::Slots(slots, layout, dimension) => {
                slots.fold(init, |sum, slot| each(sum, layout.slot_of(dimension, *slot).into()))
            }
            Self::Numbers(numbers) => numbers.fold(init, |sum, number| each(sum, *number)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Slots(slots, ..) => slots.size_hint(),
            Self::Numbers(numbers) => numbers.size_hint(),
        }
    }
}
