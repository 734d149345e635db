//! From untyped rows to a schema. Everything is looked at, never a sample: a column has a kind only if every value of it
//! fits.

use std::sync::Arc;

use crate::base::error::Result;
use crate::ingest::raw::{Column, RawRows};
use crate::model::decimal::Decimal;
use crate::model::field::Field;
use crate::model::kind::Kind;
use crate::model::schema::Schema;
use crate::model::time::Zone;
use crate::model::time::parse::{parse_clock_duration, parse_date, parse_instant};
use crate::model::value::Value;

/// The kinds that a column may turn out to be, the first that fits every value being taken.
const KINDS: [Kind; 6] = [Kind::Integer, Kind::Decimal, Kind::Boolean, Kind::Date, Kind::DateTime, Kind::Duration];

/// What the values of a column have in common.
#[derive(Clone, Copy)]
struct Shape {
    /// A bit for each of KINDS that fits all values so far.
    fits: u8,
    has_value: bool,
    is_multi: bool,
}

/// A schema that holds every row.
pub(crate) fn infer(rows: &RawRows, name: &Arc<str>, key: Option<&Arc<str>>) -> Result<Schema> {
    let mut shapes = vec![Shape { fits: u8::MAX, has_value: false, is_multi: false }; rows.columns.len()];
    for (column, value) in rows.cells() {
        let shape = &mut shapes[*column as usize];
        let is_untyped = rows.columns[*column as usize].is_untyped;
        match value {
            Value::List(items) => {
                shape.is_multi = true;
                items.iter().for_each(|item| shape.see(item, is_untyped));
            }
            one => shape.see(one, is_untyped),
        }
    }
    let fields = rows.columns.iter().zip(&shapes).map(|(column, shape)| field(column, *shape));
    let builder = Schema::builder(name.clone()).fields(fields);
    match key {
        Some(key) => builder.key(key.clone()).build(),
        None => builder.build(),
    }
}

fn field(column: &Column, shape: Shape) -> Field {
    if let Some(fixed) = &column.fixed {
        return fixed.clone();
    }
    let fitting = |(bit, _): &(usize, &Kind)| shape.has_value && shape.fits >> bit & 1 == 1;
    let kind = KINDS.iter().enumerate().find(fitting).map_or(Kind::Keyword, |(_, kind)| *kind);
    if !shape.is_multi {
        return Field::new(column.name.clone(), kind);
    }
    let kind = if kind == Kind::Integer { Kind::Integer } else { Kind::Keyword };
    Field::new(column.name.clone(), kind).multi()
}

impl Shape {
    fn see(&mut self, value: &Value, is_untyped: bool) {
        if value.is_empty() {
            return;
        }
        self.has_value = true;
        if self.fits == 0 {
            return;
        }
        let mut fits = 0;
        for (bit, kind) in KINDS.iter().enumerate() {
            if self.fits >> bit & 1 == 1 && can_be(value, *kind, is_untyped) {
                fits |= 1 << bit;
            }
        }
        self.fits = fits;
    }
}

fn can_be(value: &Value, kind: Kind, is_untyped: bool) -> bool {
    match (value, kind) {
        (Value::Integer(n), Kind::Integer) => *n != i64::MIN,
        (Value::Integer(n), Kind::Decimal) => Decimal::new((*n).into(), 0).is_ok(),
        (Value::Decimal(_), Kind::Decimal) | (Value::Boolean(_), Kind::Boolean) => true,
        (Value::Text(text), Kind::Date) => parse_date(text).is_some(),
        (Value::Text(text), Kind::DateTime) => {
            parse_date(text).is_some() || parse_instant(text, &Zone::utc()).is_some()
        }
        (Value::Text(text), Kind::Duration) => parse_clock_duration(text).is_some(),
        (Value::Text(text), Kind::Integer) => {
            is_untyped && is_plain(text) && text.parse::<i64>().is_ok_and(|n| n != i64::MIN)
        }
        (Value::Text(text), Kind::Decimal) => is_untyped && is_plain(text) && text.parse::<Decimal>().is_ok(),
        (Value::Text(text), Kind::Boolean) => {
            is_untyped && (text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"))
        }
        _ => false,
    }
}

/// A number as a program writes it: no leading zero, plus sign or exponent. Those mark codes that only look like numbers.
fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split('.').next().unwrap_or("");
    let has_leading_zero = whole.len() > 1 && whole.starts_with('0');
    !whole.is_empty() && !has_leading_zero && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text != "-0"
}
