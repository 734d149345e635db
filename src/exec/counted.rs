//! What was counted: groups by their keys, in whichever form they were found.

use std::iter::{Skip, StepBy};
use std::slice;

use crate::exec::layout::Layout;
use crate::exec::scan::Touched;

/// Rows and sums of every group that occurs.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) keys: Keys,
    pub(crate) counts: Vec<u64>,
    /// By group and summed field.
    pub(crate) sums: Vec<i128>,
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
    pub(crate) fn column(&self, dimension: usize) -> Column<'_> {
        match self {
            Self::Slots(slots, layout) => Column::Slots(slots.iter(), layout, dimension),
            Self::Numbers(numbers, n) => Column::Numbers(numbers.iter().skip(dimension).step_by(*n)),
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
