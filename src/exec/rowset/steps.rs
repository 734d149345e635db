//! A pipeline, step by step, on all lots of rows together.

use std::sync::Arc;

use crate::base::error::Result;
use crate::data::version::IndexVersion;
use crate::exec::eval::state::Failure;
use crate::exec::eval::state::TRUE;
use crate::exec::request::Request;
use crate::exec::rowset::lots::Lots;
use crate::exec::rowset::ranks::no_failure;
use crate::exec::rowset::set::{Computed, Named, RowSet};
use crate::model::value::Value;
use crate::query::pipeline::{Part, Step};
use crate::query::predicate::expr::{Expr, ExprBuilder, Input, Op, Type};

/// What steps run on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps<'r, 'a> {
    pub(crate) request: &'r Request<'a>,
    /// The index whose rows were begun with.
    pub(crate) index: &'a IndexVersion,
}

impl<'a> Steps<'_, 'a> {
    /// What the steps make of rows.
    pub(crate) fn run(&self, mut set: RowSet<'a>, mut lots: Lots, steps: &[Step]) -> Result<(RowSet<'a>, Lots)> {
        let budget = self.request.budget;
        let mut _memory = budget.reserve(set.bytes())?;
        for step in steps {
            budget.check()?;
            (set, lots) = self.step(set, lots, step)?;
            // What comes out is there before what went in is given back.
            _memory = budget.reserve(set.bytes())?;
        }
        Ok((set, lots))
    }

    fn step(&self, set: RowSet<'a>, lots: Lots, step: &Step) -> Result<(RowSet<'a>, Lots)> {
        let rows = match step {
            Step::Where(predicate) => {
                let mut builder = ExprBuilder::default();
                let root = builder.push(Op::Holds(Arc::new(predicate.clone())), Type::Boolean);
                self.passing(&set, &builder.expr(root))?
            }
            Step::Filter(condition) => self.passing(&set, condition)?,
            Step::Sort(order) => {
                let rows = self.order_of(&set, &lots, order, usize::MAX)?;
                return Ok((set.take(&rows), lots));
            }
            Step::Slice { skip, top } => {
                let end = skip.saturating_add(*top);
                let at = |n: u64, len: usize| usize::try_from(n).unwrap_or(usize::MAX).min(len);
                let slice = |range: std::ops::Range<usize>| {
                    let len = range.len();
                    (range.start + at(*skip, len)) as u32..(range.start + at(end, len)) as u32
                };
                lots.ranges().flat_map(slice).collect()
            }
            Step::Ranked { ranking, limit, by } => self.ranked(&set, &lots, *ranking, (limit, by))?,
            Step::Percentile { value, part, partition } => {
                let computed = self.with_percentile(set, &lots, value, (*part, partition))?;
                return Ok((RowSet::Computed(computed), lots));
            }
            Step::Total(aggregated) => {
                let computed = self.with_total(set, &lots, aggregated)?;
                return Ok((RowSet::Computed(computed), lots));
            }
            Step::Group(grouping) => return self.grouped(&set, &lots, grouping),
            Step::Concat(parts) => {
                let mut memory = self.request.budget.reserve(0)?;
                let mut made = Vec::with_capacity(parts.len());
                for part in parts {
                    let part = self.part(set.clone(), lots.clone(), part)?;
                    // Once by themselves and once put together.
                    memory.grow(part.0.bytes() * 2)?;
                    made.push(part);
                }
                let (rows, lots) = Computed::together(made)?;
                return Ok((RowSet::Computed(rows), lots));
            }
        };
        let lots = lots.left(&rows)?;
        Ok((set.take(&rows), lots))
    }

    /// The rows for which an expression is true.
    fn passing(&self, set: &RowSet<'a>, condition: &Expr) -> Result<Vec<u32>> {
        let truths = self.values(condition, set)?;
        no_failure(&truths)?;
        let truths = truths.into_truths();
        Ok((0..).zip(truths).filter(|(_, truth)| *truth == TRUE).map(|(row, _)| row).collect())
    }

    /// What a part makes of rows: the columns of the whole.
    pub(crate) fn part(&self, set: RowSet<'a>, lots: Lots, part: &Part) -> Result<(Computed<'a>, Lots)> {
        let (rows, lots) = self.run(set, lots, &part.steps)?;
        let mut memory = self.request.budget.reserve(0)?;
        let mut out = Computed { n: rows.n(), columns: Vec::with_capacity(part.columns.len()) };
        for (column, ty) in part.columns.iter().zip(&part.types) {
            let column = match column {
                Some(expr) => self.column(&rows, expr)?,
                None => Named::absent(out.n, *ty),
            };
            memory.grow(column.bytes())?;
            out.columns.push(column);
        }
        Ok((out, lots))
    }

    /// A column that an expression makes; of rows that do not have the column that it merely reads, absent as that.
    pub(crate) fn column(&self, rows: &RowSet<'a>, expr: &Expr) -> Result<Named<'a>> {
        let absent = match (rows, &expr.node(expr.root()).op) {
            (RowSet::Computed(computed), Op::Input(Input::Column(column))) => {
                computed.columns.get(*column as usize).map(|column| column.absent.clone()).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        Ok(Named { absent, ..Named::new(self.values(expr, rows)?, expr.ty()) })
    }

    /// The value of an expression that asks no row.
    pub(crate) fn constant(&self, expr: &Expr) -> Result<Value> {
        let one = RowSet::Computed(Computed { n: 1, columns: Vec::new() });
        self.values(expr, &one)?.value(0, expr.ty()).map_err(Failure::error)
    }

    /// Whether texts of an expression are those of a field, which are equal and ordered as the field has it, rather than by
    /// code point: those that are read as they are.
    #[expect(clippy::unused_self, reason = "asked of the same as all else of an expression")]
    pub(crate) fn by_dictionary(&self, expr: &Expr) -> bool {
        matches!(expr.node(expr.root()).op, Op::Input(_))
    }
}
