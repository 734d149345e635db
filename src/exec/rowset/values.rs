//! An expression over rows: over those of an index block by block, over computed ones in pieces; and values as columns.

use std::ops::Range;

use crate::base::error::Result;
use crate::data::block::BLOCK_ROWS;
use crate::data::version::IndexVersion;
use crate::exec::eval::column::{Cells, Column, Texts, narrowest};
use crate::exec::eval::exact::Exact;
use crate::exec::eval::program::{Batch, Program};
use crate::exec::eval::state::{NULL, VALUE};
use crate::exec::rowset::set::{Named, RowSet};
use crate::exec::rowset::steps::Steps;
use crate::model::value::Value;
use crate::query::predicate::expr::{Expr, Input, Op, Type};

/// Blocks in one piece of work.
const PIECE_BLOCKS: usize = 16;

/// Rows of one block: segment, block, and where their places stand among all.
type OfBlock = (usize, usize, Range<usize>);

impl<'a> Steps<'_, 'a> {
    /// The value of each row; failures are among them.
    pub(crate) fn values(&self, expr: &Expr, set: &RowSet<'a>) -> Result<Column<'a>> {
        match set {
            RowSet::Rows(places) => self.values_at(expr, places),
            RowSet::Computed(computed) => {
                if let Op::Input(Input::Column(column)) = expr.node(expr.root()).op
                    && let Some(column) = computed.columns.get(column as usize)
                {
                    return Ok(column.values.clone());
                }
                let program = self.request.program(expr, None)?;
                let columns: Vec<Column<'a>> =
                    computed.columns.iter().map(|Named { values, .. }| values.clone()).collect();
                program.run_computed(&columns, computed.n, self.request.pool, expr.ty())
            }
        }
    }

    /// The value of each row at some places of the index. Blocks are run as a whole, and what is asked of them kept.
    fn values_at(&self, expr: &Expr, places: &[u64]) -> Result<Column<'a>> {
        let program = self.request.program(expr, Some(self.index))?;
        if places.is_sorted() {
            return self.values_of_sorted(&program, expr, places);
        }
        let mut order: Vec<u32> = (0..places.len() as u32).collect();
        order.sort_unstable_by_key(|row| places[*row as usize]);
        let sorted: Vec<u64> = order.iter().map(|row| places[*row as usize]).collect();
        let column = self.values_of_sorted(&program, expr, &sorted)?;
        let mut at = vec![0u32; order.len()];
        (0..).zip(order).for_each(|(n, row)| at[row as usize] = n);
        Ok(column.gather(&at))
    }

    fn values_of_sorted(&self, program: &Program<'a>, expr: &Expr, places: &[u64]) -> Result<Column<'a>> {
        let blocks = self.blocks(places);
        let (index, budget) = (self.index, self.request.budget);
        let pieces = self.request.pool.map(blocks.len().div_ceil(PIECE_BLOCKS), budget, |piece| {
            let mut columns = Vec::with_capacity(PIECE_BLOCKS);
            for (segment, block, at) in blocks.iter().skip(piece * PIECE_BLOCKS).take(PIECE_BLOCKS) {
                budget.check()?;
                let column = program.run(&Batch::Block(&index.segments[*segment], *block))?;
                let rows: Vec<u32> = places[at.clone()].iter().map(|place| row_in_block(*place, index)).collect();
                columns.push(if rows.len() == column.len() { column } else { column.gather(&rows) });
            }
            let column = Column::concat(columns, expr.ty());
            let memory = budget.reserve(column.bytes())?;
            Ok((column, memory))
        })?;
        let (columns, _memory): (Vec<_>, Vec<_>) = pieces.into_iter().unzip();
        Ok(Column::concat(columns, expr.ty()))
    }

    /// Ascending places by block.
    fn blocks(&self, places: &[u64]) -> Vec<OfBlock> {
        let segment_rows = u64::from(self.index.segment_rows);
        let block_of = |place: u64| {
            let (segment, row) = ((place / segment_rows) as usize, (place % segment_rows) as usize);
            (segment, row / BLOCK_ROWS)
        };
        let mut blocks: Vec<OfBlock> = Vec::new();
        for (at, place) in places.iter().enumerate() {
            match blocks.last_mut() {
                Some((segment, block, range)) if (*segment, *block) == block_of(*place) => range.end = at + 1,
                _ => {
                    let (segment, block) = block_of(*place);
                    blocks.push((segment, block, at..at + 1));
                }
            }
        }
        blocks
    }
}

fn row_in_block(place: u64, index: &IndexVersion) -> u32 {
    (place % u64::from(index.segment_rows)) as u32 % BLOCK_ROWS as u32
}

/// A column of values of a type, nulls among them.
pub(crate) fn column_of<'a>(values: &[Value], ty: Type) -> Column<'a> {
    let states: Vec<u8> = values.iter().map(|value| if *value == Value::Null { NULL } else { VALUE }).collect();
    let cells = match ty {
        Type::Boolean => {
            let truth = |value: &Value| match value {
                Value::Boolean(b) => u8::from(*b),
                _ => NULL,
            };
            return Column::new(values.len(), Cells::Truths(values.iter().map(truth).collect()), Vec::new());
        }
        Type::Integer | Type::Instant | Type::Date | Type::Time | Type::Duration => {
            let number = |value: &Value| match value {
                Value::Integer(n) | Value::Instant(n) | Value::Time(n) | Value::Duration(n) => *n,
                Value::Date(days) => (*days).into(),
                _ => 0,
            };
            Cells::Integers(values.iter().map(number).collect())
        }
        Type::Decimal => {
            let exact = |value: &Value| match value {
                Value::Decimal(d) => (*d).into(),
                Value::Integer(n) => Exact::new((*n).into(), 0),
                _ => Exact::default(),
            };
            Cells::Decimals(narrowest(values.iter().map(exact).collect()))
        }
        Type::Real => {
            let real = |value: &Value| match value {
                Value::Real(x) => x.get(),
                _ => 0.0,
            };
            Cells::Reals(values.iter().map(real).collect())
        }
        Type::Guid => {
            let guid = |value: &Value| match value {
                Value::Guid(guid) => *guid,
                _ => 0,
            };
            Cells::Guids(values.iter().map(guid).collect())
        }
        Type::Text => {
            let text = |value: &Value| match value {
                Value::Text(text) => text.as_ref().into(),
                _ => String::new(),
            };
            Cells::Texts(Texts::Own(values.iter().map(text).collect()))
        }
    };
    Column::new(values.len(), cells, states)
}
