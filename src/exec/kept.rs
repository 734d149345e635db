//! The rows that pass a filter, kept for further questions about them.

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::version::IndexVersion;
use crate::exec::chosen::{Chosen, Masks};
use crate::exec::filter::Filter;
use crate::exec::scan::{Passed, scan};

/// Runs a filter once and keeps what passes, a byte a row: none if the account does not bear that, for a filter can always be
/// run again.
pub(crate) fn keep<'b>(
    filter: &Filter<'_>,
    index: &IndexVersion,
    pool: &Pool,
    budget: &'b Budget,
) -> Result<Option<Chosen<'b>>> {
    let Some(memory) = affordable(index, budget) else { return Ok(None) };
    let add = |blocks: &mut Vec<(usize, usize, Box<[u8]>)>, passed: &Passed<'_>| {
        let rows = passed.mask.map_or_else(|| vec![1; passed.n_rows].into(), Into::into);
        blocks.push((passed.segment_idx, passed.block, rows));
        Ok(())
    };
    let (pieces, _) = scan(index, filter, pool, budget, usize::MAX, || Ok(Vec::new()), add)?;
    let mut masks = Masks::new(index);
    pieces.into_iter().flatten().for_each(|(segment_idx, block, rows)| masks.set(segment_idx, block, rows));
    Ok(Some(masks.finish(memory)))
}

/// Memory for a byte of every row there is, since every row may pass.
fn affordable<'b>(index: &IndexVersion, budget: &'b Budget) -> Option<Reservation<'b>> {
    let rows = |segment: &crate::data::segment::Segment| {
        (0..segment.n_blocks()).map(|block| segment.block_rows(block)).sum::<usize>()
    };
    budget.reserve(index.segments.iter().map(|segment| rows(segment)).sum()).ok()
}
