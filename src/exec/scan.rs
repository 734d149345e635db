//! A filter over all segments of an index, in pieces over the pool's threads.

use std::ops::Range;

use crate::base::budget::Budget;
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::segment::Segment;
use crate::data::version::IndexVersion;
use crate::exec::filter::{Filter, Scratch, Selection};
use crate::exec::mask;
use crate::exec::test::Outcome;

/// Pieces for each thread: enough to even out segments that prune and segments that do not.
const PIECES_PER_THREAD: usize = 4;

/// What a scan had to look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    pub(crate) segments: u64,
    pub(crate) segments_pruned: u64,
    /// Rows in blocks that pruning left.
    pub(crate) rows: u64,
    /// Rows that passed.
    pub(crate) passed: u64,
}

/// The rows of one block that passed.
#[derive(Debug)]
pub(crate) struct Passed<'a> {
    /// Position of the segment in the index.
    pub(crate) segment_idx: usize,
    pub(crate) segment: &'a Segment,
    pub(crate) block: usize,
    pub(crate) n_rows: usize,
    /// One byte a row; none if every row passed.
    pub(crate) mask: Option<&'a [u8]>,
    /// How many passed; at least one.
    pub(crate) n_passed: u32,
}

impl Passed<'_> {
    /// Calls `each` with every row that passed, ascending.
    pub(crate) fn each_row(&self, each: impl FnMut(usize)) {
        match self.mask {
            None => (0..self.n_rows).for_each(each),
            Some(mask) => mask::for_each_row(mask, each),
        }
    }
}

/// Runs `each` over every block with passing rows, in load order within a piece, and answers the pieces' results in load
/// order. `start` makes a piece's own state; there are at most `most_pieces`.
pub(crate) fn scan<T: Send>(
    index: &IndexVersion,
    filter: &Filter<'_>,
    pool: &Pool,
    budget: &Budget,
    most_pieces: usize,
    start: impl Fn() -> Result<T> + Sync + Send,
    each: impl Fn(&mut T, &Passed<'_>) -> Result<()> + Sync + Send,
) -> Result<(Vec<T>, Touched)> {
    let usual = if pool.n_threads() > 1 { pool.n_threads() * PIECES_PER_THREAD } else { 1 };
    let pieces = pieces(index.segments.len(), usual.min(most_pieces));
    let done = pool.map(pieces.len(), budget, |piece| {
        let (mut state, mut touched, mut scratch) = (start()?, Touched::default(), Scratch::default());
        for segment_idx in pieces[piece].clone() {
            budget.check()?;
            let segment = &index.segments[segment_idx];
            touched.segments += 1;
            if filter.outcome(segment, &mut scratch) == Outcome::NoRow {
                touched.segments_pruned += 1;
                continue;
            }
            for block in 0..segment.n_blocks() {
                // A long query takes a while for each block.
                budget.check()?;
                let n_rows = segment.block_rows(block);
                let (mask, n_passed) = match filter.select((segment_idx, segment), block, &mut scratch)? {
                    Selection::Nothing => continue,
                    Selection::Everything => (None, n_rows as u32),
                    Selection::Rows(mask) => (Some(mask), mask::count(mask)),
                };
                touched.rows += n_rows as u64;
                touched.passed += u64::from(n_passed);
                if n_passed > 0 {
                    each(&mut state, &Passed { segment_idx, segment, block, n_rows, mask, n_passed })?;
                }
            }
        }
        Ok((state, touched))
    })?;
    let mut total = Touched::default();
    let mut states = Vec::with_capacity(done.len());
    for (state, touched) in done {
        total.segments += touched.segments;
        total.segments_pruned += touched.segments_pruned;
        total.rows += touched.rows;
        total.passed += touched.passed;
        states.push(state);
    }
    Ok((states, total))
}

/// `n` consecutive runs of segments, about equally long.
fn pieces(n_segments: usize, n: usize) -> Vec<Range<usize>> {
    let n = n.min(n_segments).max(1);
    (0..n).map(|i| i * n_segments / n..(i + 1) * n_segments / n).collect()
}
