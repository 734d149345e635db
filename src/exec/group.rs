//! Counting rows and summing numbers by group: a slot for every combination of keys where that is affordable, a hash table
//! where it is not. Pieces of the scan count on their own and are merged in load order.

use std::iter::{Skip, StepBy};
use std::slice;

use crate::base::budget::Budget;
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::version::IndexVersion;
use crate::exec::dense::{Dense, Layout};
use crate::exec::filter::Filter;
use crate::exec::hashed::Hashed;
use crate::exec::scan::{PIECES_PER_THREAD, Touched, scan};
use crate::exec::slot::Dimension;
use crate::model::schema::FieldId;

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

/// Most slots whose counters stay in a core's own cache.
const CACHED_SLOTS: usize = 1 << 18;

/// Counts the rows that pass by the dimensions, and sums the fields.
pub(crate) fn count(
    index: &IndexVersion,
    filter: &Filter<'_>,
    dimensions: &[Dimension],
    summed: &[FieldId],
    pool: &Pool,
    budget: &Budget,
) -> Result<Counted> {
    if let Some(layout) = Layout::new(dimensions) {
        // Counters past the caches cost more to make and merge than uneven pieces do.
        let pieces = if layout.n_slots > CACHED_SLOTS { 1 } else { PIECES_PER_THREAD };
        let start = || Dense::new(&layout, summed.len(), budget);
        let (pieces, touched) = scan(index, filter, pool, budget, pieces, start, |dense, passed| {
            dense.add(passed, dimensions, summed, index)
        })?;
        return Ok(merged(pieces, Dense::merge, start)?.finish(touched));
    }
    let start = || Ok(Hashed::new(dimensions.len(), summed.len()));
    let (pieces, touched) = scan(index, filter, pool, budget, PIECES_PER_THREAD, start, |hashed, passed| {
        hashed.add(passed, dimensions, summed, index, budget)
    })?;
    Ok(merged(pieces, Hashed::merge, start)?.finish(touched))
}

/// All pieces in one; a new one if there are none.
fn merged<T>(pieces: Vec<T>, merge: impl Fn(&mut T, &T) -> Result<()>, start: impl Fn() -> Result<T>) -> Result<T> {
    let mut pieces = pieces.into_iter();
    let mut all = pieces.next().map_or_else(start, Ok)?;
    pieces.try_for_each(|piece| merge(&mut all, &piece))?;
    Ok(all)
}
