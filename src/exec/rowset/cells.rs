//! Rows counted by all that a grouping asks of them: a cell stands for the rows that have the same values of some fields, and
//! what asks nothing else is worked out for cells rather than for rows.

use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::data::block::{BLOCK_ROWS, Block};
use crate::data::segment::{Column as Stored, Segment};
use crate::data::version::IndexVersion;
use crate::exec::counted::Counted;
use crate::exec::eval::column::Column;
use crate::exec::eval::load::segment_of;
use crate::exec::eval::program::Batch;
use crate::exec::request::Request;
use crate::exec::slot::{Dimension, NULL_VALUE, Numbering};
use crate::query::predicate::expr::Expr;

/// What was counted, with the fields' values as a segment of rows.
#[derive(Debug)]
pub(crate) struct Cells<'a> {
    index: &'a IndexVersion,
    segment: Segment,
    pub(crate) counted: Counted,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(index: &'a IndexVersion, dimensions: &[Dimension], counted: Counted) -> Result<Self> {
        let n = counted.counts.len();
        let n_rows = u32::try_from(n).map_err(|_| Error::internal("more cells than rows"))?;
        let mut segment = segment_of(index, [], n);
        segment.n_rows = n_rows;
        for (at, dimension) in dimensions.iter().enumerate() {
            let codes: Vec<i128> = counted.keys.column(at).collect();
            let blocks = codes.chunks(BLOCK_ROWS).map(|codes| Some(Arc::new(block(codes, &dimension.numbering))));
            if let Some(column) = segment.columns.get_mut(dimension.field.idx()) {
                *column = Stored::new(blocks.collect());
            }
        }
        Ok(Self { index, segment, counted })
    }

    pub(crate) fn n(&self) -> usize {
        self.counted.counts.len()
    }

    /// How many rows each cell stands for.
    pub(crate) fn weights(&self) -> &[u64] {
        &self.counted.counts
    }

    /// The value of an expression, which asks no other fields, in each cell.
    pub(crate) fn values(&self, expr: &Expr, request: &Request<'a>) -> Result<Column<'a>> {
        let program = request.program(expr, Some(self.index))?;
        let (segment, budget) = (&self.segment, request.budget);
        let blocks =
            request.pool.map(segment.n_blocks(), budget, |block| program.run(&Batch::Block(segment, block)))?;
        Ok(Column::concat(blocks, expr.ty()))
    }
}

/// The slots of a field as a block of its values.
fn block(codes: &[i128], numbering: &Numbering) -> Block {
    let number = |code: &i128| match numbering {
        Numbering::Numbers { low, .. } => (*code > 0).then(|| low + code - 1),
        _ => Some(*code).filter(|code| *code != NULL_VALUE),
    };
    match numbering {
        Numbering::Ids { .. } => Block::of_ids(&codes.iter().map(|code| *code as u32).collect::<Vec<_>>(), None),
        _ => Block::of_numbers(&codes.iter().map(number).collect::<Vec<_>>(), None),
    }
}
