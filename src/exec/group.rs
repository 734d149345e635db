//! Counting and measuring rows by group: a slot for every combination of keys where that is affordable, a hash table
//! where it is not. Pieces of the scan count on their own and are merged in load order.

use crate::base::budget::Budget;
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::version::IndexVersion;
use crate::exec::counted::Counted;
use crate::exec::dense::Dense;
use crate::exec::filter::Filter;
use crate::exec::hashed::Hashed;
use crate::exec::layout::Layout;
use crate::exec::measured::Wanted;
use crate::exec::scan::scan;
use crate::exec::slot::Dimension;

/// Most slots whose counters stay in a core's own cache.
const CACHED_SLOTS: usize = 1 << 18;

/// The dense form takes at most one part in this many of the memory that a request may use, in all its pieces: so the
/// number of threads decides nothing but speed.
const DENSE_SHARE: usize = 4;

/// Counts the rows that pass by the dimensions, and measures what is wanted of them.
pub(crate) fn count(
    index: &IndexVersion,
    filter: &Filter<'_>,
    dimensions: &[Dimension],
    wanted: &Wanted,
    pool: &Pool,
    budget: &Budget,
) -> Result<Counted> {
    if let Some(layout) = Layout::new(dimensions)
        && let affordable @ 1.. = budget.limits().memory_bytes / DENSE_SHARE / Dense::bytes(&layout, wanted)
    {
        // Counters past the caches cost more to make and merge than uneven pieces do.
        let most = if layout.n_slots > CACHED_SLOTS { pool.n_threads() } else { usize::MAX };
        let start = || Dense::new(&layout, wanted, index, budget);
        let (pieces, touched) = scan(index, filter, pool, budget, most.min(affordable), start, |dense, passed| {
            dense.add(passed, dimensions, index)
        })?;
        return Ok(merged(pieces, Dense::merge, start)?.finish(touched));
    }
    let start = || Ok(Hashed::new(dimensions.len(), wanted, index));
    let (pieces, touched) = scan(index, filter, pool, budget, usize::MAX, start, |hashed, passed| {
        hashed.add(passed, dimensions, index, budget)
    })?;
    let all = merged(pieces, Hashed::merge, start)?;
    let _memory = budget.reserve(all.bytes())?;
    Ok(all.finish(touched))
}

/// All pieces in one; a new one if there are none.
fn merged<T>(pieces: Vec<T>, merge: impl Fn(&mut T, T), start: impl Fn() -> Result<T>) -> Result<T> {
    let mut pieces = pieces.into_iter();
    let mut all = pieces.next().map_or_else(start, Ok)?;
    pieces.for_each(|piece| merge(&mut all, piece));
    Ok(all)
}
