//! One field against another, row by row. What values of different dictionaries have in common is looked up once per
//! distinct value, never per row.

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::data::block::{Block, FIRST_ID};
use crate::data::segment::Segment;
use crate::data::version::{IndexVersion, id_value, number_of};
use crate::model::decimal::MAX_SCALE;
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::model::time::{DAY, calendar::in_calendar};
use crate::query::predicate::{Order, Shift, Side};

/// A comparison made ready for one version of an index.
#[derive(Debug)]
pub(crate) struct Comparison {
    left: Column,
    order: Order,
    right: Column,
}

/// One side: every value as a number that can be compared with the other side's.
#[derive(Debug)]
struct Column {
    field: FieldId,
    shift: Option<Shift>,
    /// Integers compared with decimals are brought to their unit.
    factor: i128,
    /// By id of a dictionary: the number, where the value can equal one of the other side.
    table: Option<Box<[Option<i128>]>>,
    is_day: bool,
}

impl Comparison {
    pub(crate) fn new<'b>(
        (left, order, right): (&Side, Order, &Side),
        index: &IndexVersion,
        budget: &'b Budget,
        memory: &mut Vec<Reservation<'b>>,
    ) -> Result<Self> {
        let mut column = |side: &Side, other: &Side| -> Result<Column> {
            let kind = |side: &Side| index.schema.field(side.field).kind;
            let widened = kind(side) == Kind::Integer && kind(other) == Kind::Decimal;
            let table = match index.domain(side.field) {
                None => None,
                Some(domain) => {
                    memory.push(budget.reserve(domain.len() as usize * size_of::<Option<i128>>())?);
                    let mut table = vec![None; domain.len() as usize];
                    for id in FIRST_ID..domain.len() {
                        // Classes of the left side's dictionary, or numbers where a side has no dictionary.
                        table[id as usize] = match (index.domain(left.field), index.domain(right.field)) {
                            (Some(classes), Some(_)) if side.field == left.field => Some(classes.class(id).into()),
                            (Some(classes), Some(_)) => classes.find(domain.text(id)).map(i128::from),
                            _ => number_of(&id_value(domain, id, kind(side))),
                        };
                    }
                    Some(table.into())
                }
            };
            Ok(Column {
                field: side.field,
                shift: side.shift.clone(),
                factor: if widened { 10i128.pow(MAX_SCALE.into()) } else { 1 },
                table,
                is_day: kind(side) == Kind::Date,
            })
        };
        Ok(Self { left: column(left, right)?, order, right: column(right, left)? })
    }

    /// One byte a row of a block.
    pub(crate) fn run(&self, segment: &Segment, block: usize, into: &mut [u8]) {
        let (left, right) = (self.left.cells(segment, block), self.right.cells(segment, block));
        for (row, byte) in into.iter_mut().enumerate() {
            let both = left.value(row).zip(right.value(row));
            *byte = both.is_some_and(|(left, right)| self.order.holds(&left, &right)).into();
        }
    }
}

/// A column's cells of one block.
struct Cells<'a> {
    column: &'a Column,
    block: Option<&'a Block>,
    /// The durations that the column is moved by.
    by: Option<&'a Block>,
}

impl Column {
    fn cells<'a>(&'a self, segment: &'a Segment, block: usize) -> Cells<'a> {
        let by = match self.shift {
            Some(Shift::Field { field, .. }) => segment.block(field, block),
            _ => None,
        };
        Cells { column: self, block: segment.block(self.field, block), by }
    }
}

impl Cells<'_> {
    fn value(&self, row: usize) -> Option<i128> {
        let column = self.column;
        let n = match &column.table {
            Some(table) => table.get(self.block?.codes().get(row) as usize).copied().flatten()?,
            // An integer that has no place among decimals lies beyond them all.
            None => number(self.block?, row)?.saturating_mul(column.factor),
        };
        let shifted = match &column.shift {
            None => return Some(n),
            Some(Shift::Field { negative, .. }) => {
                let by = number(self.by?, row)?;
                return Some(if *negative { n - by } else { n + by });
            }
            Some(Shift::Span(span, zone)) if column.is_day => {
                let day = span.shift(i64::try_from(n).ok()?.checked_mul(DAY)?, zone)?.div_euclid(DAY);
                in_calendar(i32::try_from(day).ok()?)?.into()
            }
            Some(Shift::Span(span, zone)) => span.shift(i64::try_from(n).ok()?, zone)?,
        };
        Some(shifted.into())
    }
}

/// The number in a cell.
fn number(block: &Block, row: usize) -> Option<i128> {
    let code = Some(block.codes().get(row)).filter(|code| *code != 0)?;
    Some(block.frame()?.number(code))
}
