//! Some rows of an index, whatever chose them: a mask a block, to look at others no further.

use crate::base::budget::Reservation;
use crate::data::block::BLOCK_ROWS;
use crate::data::version::IndexVersion;

/// Rows of an index. They live: a deleted row is never chosen.
#[derive(Debug)]
pub(crate) struct Chosen<'b> {
    masks: Masks,
    _memory: Reservation<'b>,
}

/// Rows being chosen.
#[derive(Debug)]
pub(crate) struct Masks {
    /// By segment and block: a byte a row, 1 if it is chosen; none if none is.
    blocks: Vec<Vec<Option<Box<[u8]>>>>,
    bytes: usize,
}

impl Chosen<'_> {
    /// A byte a row of a block; none if none is chosen.
    pub(crate) fn of_block(&self, segment_idx: usize, block: usize) -> Option<&[u8]> {
        self.masks.blocks.get(segment_idx)?.get(block)?.as_deref()
    }
}

impl Masks {
    /// No row.
    pub(crate) fn new(index: &IndexVersion) -> Self {
        Self { blocks: index.segments.iter().map(|segment| vec![None; segment.n_blocks()]).collect(), bytes: 0 }
    }

    /// The rows of a block of which none is chosen yet.
    pub(crate) fn set(&mut self, segment_idx: usize, block: usize, rows: Box<[u8]>) {
        self.bytes += rows.len();
        self.blocks[segment_idx][block] = Some(rows);
    }

    /// One more row, by its place in the index.
    pub(crate) fn add(&mut self, place: u64, index: &IndexVersion) {
        let (segment_idx, row) =
            (place / u64::from(index.segment_rows), (place % u64::from(index.segment_rows)) as usize);
        let (segment_idx, block) = (segment_idx as usize, row / BLOCK_ROWS);
        let rows = self.blocks[segment_idx][block].get_or_insert_with(|| {
            let n = index.segments[segment_idx].block_rows(block);
            self.bytes += n;
            vec![0; n].into()
        });
        rows[row % BLOCK_ROWS] = 1;
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// As they stay, with what they take off the account.
    pub(crate) fn finish(self, memory: Reservation<'_>) -> Chosen<'_> {
        Chosen { masks: self, _memory: memory }
    }
}
