//! Rows of all columns of an index, in load order. Immutable: a change copies the blocks it touches and shares the rest.

use std::sync::Arc;

use crate::data::block::{BLOCK_ROWS, Block, NULL, Summary};
use crate::model::schema::FieldId;

/// Up to `segment_rows` consecutive rows.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) n_rows: u32,
    /// By field; fields added later than the segment's rows may have none.
    pub(crate) columns: Vec<Column>,
    /// For each block with deleted rows: 1 for a live row, 0 for a deleted one.
    pub(crate) live: Vec<Option<Arc<[u8]>>>,
    pub(crate) n_deleted: u32,
}

/// One field's blocks in a segment.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// None where every row of the block is null.
    pub(crate) blocks: Vec<Option<Arc<Block>>>,
    pub(crate) summary: Summary,
}

impl Column {
    /// A column from its blocks.
    pub(crate) fn new(blocks: Vec<Option<Arc<Block>>>) -> Self {
        let summaries = blocks.iter().map(|block| block.as_ref().map_or(Summary::ABSENT, |block| block.summary()));
        let summary = summaries.fold(Summary::NOTHING, Summary::merge);
        Self { blocks, summary }
    }
}

impl Segment {
    /// Number of blocks; all but the last are full.
    pub(crate) fn n_blocks(&self) -> usize {
        (self.n_rows as usize).div_ceil(BLOCK_ROWS)
    }

    /// Rows in a block.
    pub(crate) fn block_rows(&self, block: usize) -> usize {
        (self.n_rows as usize - block * BLOCK_ROWS).min(BLOCK_ROWS)
    }

    /// A field's block; none if all its rows are null.
    pub(crate) fn block(&self, field: FieldId, block: usize) -> Option<&Block> {
        self.columns.get(field.idx())?.blocks.get(block)?.as_deref()
    }

    /// The id or number of a single-valued cell, as one number; none for null.
    pub(crate) fn number(&self, field: FieldId, block: usize, row: usize) -> Option<i128> {
        let block = self.block(field, block)?;
        let code = Some(block.codes().get(row)).filter(|code| *code != u128::from(NULL))?;
        Some(block.frame().map_or(code as i128, |frame| frame.number(code)))
    }

    /// What the segment holds of a field.
    pub(crate) fn summary(&self, field: FieldId) -> Summary {
        self.columns.get(field.idx()).map_or(Summary::ABSENT, |column| column.summary)
    }

    /// 1 for each live row of a block, 0 for each deleted one; none if no row of it is deleted.
    pub(crate) fn live(&self, block: usize) -> Option<&[u8]> {
        self.live.get(block)?.as_deref()
    }
}
