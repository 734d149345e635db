//! Blocks of a segment as columns of typed values, and segments of values that stand in no row: distinct ones, asked once.

use std::sync::Arc;

use crate::data::block::{Block, Frame, NULL as NULL_CODE};
use crate::data::codes::{Code, each_width};
use crate::data::domain::Domain;
use crate::data::segment::{Column as Stored, Segment};
use crate::data::version::{IndexVersion, number_value};
use crate::exec::eval::column::{Cells, Column, Decimals, Texts, UNIT_SCALE};
use crate::exec::eval::exact::{Exact, unit};
use crate::exec::eval::state::{NULL, VALUE};
use crate::model::guid::parse_guid;
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::predicate::expr::Type;

/// The cells of a single-valued field in a block of `n` rows.
pub(crate) fn field<'a>(index: &'a IndexVersion, field: FieldId, block: Option<&Block>, n: usize) -> Column<'a> {
    let kind = index.schema.field(field).kind;
    let Some(block) = block else { return Column::filled(n, NULL, Type::of_kind(kind)) };
    match (block.frame(), index.domain(field)) {
        (Some(frame), _) => numbers(block, frame, kind),
        (None, Some(domain)) => of_ids(domain, ids(block), kind),
        (None, None) => Column::filled(n, NULL, Type::of_kind(kind)),
    }
}

/// The ids of a block, 0 for null.
pub(crate) fn ids(block: &Block) -> Vec<u32> {
    each_width!(block.codes(), codes => codes.iter().map(|code| code.idx() as u32).collect())
}

/// Ids of a field's dictionary as its values.
pub(crate) fn of_ids(domain: &Domain, ids: Vec<u32>, kind: Kind) -> Column<'_> {
    let n = ids.len();
    if kind == Kind::Guid {
        let guids: Vec<Option<u128>> = ids.iter().map(|id| parse_guid(domain.text(*id))).collect();
        let states = guids.iter().map(|guid| if guid.is_none() { NULL } else { VALUE }).collect();
        return Column::new(n, Cells::Guids(guids.into_iter().map(Option::unwrap_or_default).collect()), states);
    }
    let states = match ids.contains(&NULL_CODE) {
        true => ids.iter().map(|id| if *id == NULL_CODE { NULL } else { VALUE }).collect(),
        false => Vec::new(),
    };
    Column::new(n, Cells::Texts(Texts::Ids(domain, ids)), states)
}

/// Numbers of a field as its values.
pub(crate) fn of_numbers<'a>(numbers: &[Option<i128>], kind: Kind) -> Column<'a> {
    let value = |number: &Option<i128>| Ok(number.map_or(Value::Null, |number| number_value(number, kind)));
    Column::of_values(&numbers.iter().map(value).collect::<Vec<_>>(), Type::of_kind(kind))
}

/// How many values each row of a field has that may have several.
pub(crate) fn number_of_values<'a>(block: Option<&Block>, n: usize) -> Column<'a> {
    let Some(block) = block else { return Column::constant(n, &Value::Integer(0), Type::Integer) };
    let count = |row| {
        let range = block.range(row);
        let is_null = range.len() == 1 && block.codes().get(range.start) == u128::from(NULL_CODE);
        if is_null { 0 } else { range.len() as i64 }
    };
    Column::new(n, Cells::Integers((0..n).map(count).collect()), Vec::new())
}

fn numbers<'a>(block: &Block, frame: Frame, kind: Kind) -> Column<'a> {
    let n = block.codes().len();
    let states = match block.summary().has_empty {
        true => each_width!(block.codes(), codes => codes.iter().map(|code| state(*code)).collect()),
        false => Vec::new(),
    };
    let cells = match kind {
        Kind::Boolean => {
            let truth = |code: u128| if code == 0 { NULL } else { (frame.number(code) != 0).into() };
            let truths = each_width!(block.codes(), codes => codes.iter().map(|code| truth(code.wide())).collect());
            return Column::new(n, Cells::Truths(truths), Vec::new());
        }
        Kind::Guid => {
            let guid = |number| match number_value(number, Kind::Guid) {
                Value::Guid(guid) => guid,
                _ => 0,
            };
            Cells::Guids(each_width!(block.codes(), codes => {
                codes.iter().map(|code| if code.wide() == 0 { 0 } else { guid(frame.number(code.wide())) }).collect()
            }))
        }
        Kind::Decimal => Cells::Decimals(decimals(block, frame)),
        _ => Cells::Integers(narrow(block, frame.base, frame.step)),
    };
    Column::new(n, cells, states)
}

fn state<C: Code>(code: C) -> u8 {
    if code == C::default() { NULL } else { VALUE }
}

/// Numbers that fit 64 bits: arithmetic that wraps around there comes out right whatever the width of the codes. What stands
/// in the place of null is anything.
fn narrow(block: &Block, base: i128, step: u128) -> Vec<i64> {
    let (first, step) = ((base as i64).wrapping_sub(step as i64), step as i64);
    each_width!(block.codes(), codes => match step {
        1 => codes.iter().map(|code| first.wrapping_add(code.idx() as i64)).collect(),
        _ => codes.iter().map(|code| first.wrapping_add((code.idx() as i64).wrapping_mul(step))).collect(),
    })
}

/// Decimals in the least scale that all of a block's have: of 64 bits if their mantissas then fit.
fn decimals(block: &Block, frame: Frame) -> Decimals {
    let (low, high) = block.summary().bounds.unwrap_or((0, 0));
    // The step of a block of one number says nothing.
    let step = if low == high { 0 } else { frame.step };
    let n_zeros = n_zeros(low.unsigned_abs()).min(self::n_zeros(step));
    let unit = unit(n_zeros);
    if i64::try_from(low / unit).is_ok() && i64::try_from(high / unit).is_ok() {
        return Decimals::Narrow(narrow(block, frame.base / unit, step / unit.unsigned_abs()), UNIT_SCALE - n_zeros);
    }
    let exact = |code: u128| if code == 0 { Exact::default() } else { Exact::new(frame.number(code), UNIT_SCALE) };
    Decimals::Wide(each_width!(block.codes(), codes => codes.iter().map(|code| exact(code.wide())).collect()))
}

/// How many zeros a number ends with, of those that a scale can leave out.
fn n_zeros(n: u128) -> u8 {
    let mut n = n;
    let mut n_zeros = 0;
    if n == 0 {
        return UNIT_SCALE;
    }
    for digits in [16u8, 8, 4, 2, 1] {
        let unit = unit(digits).unsigned_abs();
        while n_zeros + digits <= UNIT_SCALE && n.is_multiple_of(unit) {
            (n, n_zeros) = (n / unit, n_zeros + digits);
        }
    }
    n_zeros
}

/// A segment of one block in which some fields have these cells and all others are null.
pub(crate) fn segment_of(index: &IndexVersion, cells: impl IntoIterator<Item = (FieldId, Block)>, n: usize) -> Segment {
    let absent = || Stored { blocks: Vec::new(), summary: crate::data::block::Summary::ABSENT };
    let mut columns: Vec<Stored> = index.schema.field_ids().map(|_| absent()).collect();
    for (field, block) in cells {
        if let Some(column) = columns.get_mut(field.idx()) {
            *column = Stored::new(vec![Some(Arc::new(block))]);
        }
    }
    Segment { n_rows: n as u32, columns, live: Vec::new(), n_deleted: 0 }
}
