//! Values as values of another type; null where there is no counterpart.

use crate::exec::eval::column::{Cells, Column, Decimals, Texts};
use crate::exec::eval::exact::Exact;
use crate::exec::eval::kernel::{by_cell, each_integer};
use crate::exec::eval::moment::Clock;
use crate::exec::eval::state::{FALSE, NULL, TRUE, VALUE};
use crate::model::cell::text_of;
use crate::model::decimal::Decimal;
use crate::model::guid::parse_guid;
use crate::model::real::Real;
use crate::model::time::iso::{parse_iso_duration, parse_time};
use crate::model::time::parse::{parse_date, parse_duration, parse_instant};
use crate::model::time::{DAY, Zone};
use crate::query::predicate::expr::Type;

/// A column of type `from` as one of type `to`.
pub(crate) fn cast<'a>(column: &Column<'a>, from: Type, to: Type, zone: &Zone) -> Column<'a> {
    let n = column.len();
    let clock = Clock::new(zone);
    let integers = |f: &dyn Fn(usize) -> Option<i64>| by_cell(&[column], n, |at| f(at).ok_or(NULL), Cells::Integers);
    let integer = |at: usize| column.integers().get(at);
    let wide = |cells| Cells::Decimals(Decimals::Wide(cells));
    match (from, to) {
        _ if from == to => column.clone(),
        (_, Type::Text) => {
            let text = |at| column.value(at, from).map(|value| text_of(&value)).map_err(|_| NULL);
            by_cell(&[column], n, text, |texts| Cells::Texts(Texts::Own(texts)))
        }
        (Type::Boolean, Type::Integer) => integers(&|at| Some((column.truths().get(at) == TRUE).into())),
        (Type::Boolean, Type::Decimal | Type::Real) => {
            let whole = cast(column, from, Type::Integer, zone);
            cast(&whole, Type::Integer, to, zone)
        }
        (Type::Integer, Type::Boolean) => truths(column, |at| match integer(at) {
            0 => FALSE,
            1 => TRUE,
            _ => NULL,
        }),
        (Type::Integer, Type::Decimal) => match column.cells() {
            Cells::Integers(cells) => {
                let cells = Cells::Decimals(Decimals::Narrow(cells.clone(), 0));
                Column::new(n, cells, column.states().into_owned())
            }
            _ => Column::filled(n, NULL, to),
        },
        #[expect(clippy::cast_precision_loss, reason = "range goes before precision where numbers are promoted")]
        (Type::Integer, Type::Real) => each_integer(column, |n| n as f64, Cells::Reals),
        (Type::Decimal, Type::Integer) => integers(&|at| i64::try_from(column.exact(at).truncated()).ok()),
        (Type::Decimal, Type::Real) => by_cell(&[column], n, |at| Ok(column.exact(at).to_f64()), Cells::Reals),
        (Type::Real, Type::Integer) => integers(&|at| truncated(column.reals().get(at))),
        (Type::Real, Type::Decimal) => {
            let shortest = |at| Decimal::widely(&format!("{:e}", column.reals().get(at))).map(Exact::from).ok_or(NULL);
            by_cell(&[column], n, shortest, wide)
        }
        (Type::Text, Type::Boolean) => truths(column, |at| match column.text(at) {
            text if text.eq_ignore_ascii_case("true") => TRUE,
            text if text.eq_ignore_ascii_case("false") => FALSE,
            _ => NULL,
        }),
        (Type::Text, Type::Integer) => integers(&|at| whole(column.text(at))),
        (Type::Text, Type::Decimal) => {
            by_cell(&[column], n, |at| Decimal::widely(column.text(at)).map(Exact::from).ok_or(NULL), wide)
        }
        (Type::Text, Type::Real) => by_cell(&[column], n, |at| real(column.text(at)).ok_or(NULL), Cells::Reals),
        (Type::Text, Type::Guid) => by_cell(&[column], n, |at| parse_guid(column.text(at)).ok_or(NULL), Cells::Guids),
        // Without an offset it is UTC, whatever the zone of the request.
        (Type::Text, Type::Instant) => integers(&|at| {
            let text = column.text(at);
            let midnight = || parse_date(text).map(|day| i64::from(day) * DAY);
            parse_instant(text, &Zone::utc()).map(|parsed| parsed.micros).or_else(midnight)
        }),
        (Type::Text, Type::Date) => integers(&|at| parse_date(column.text(at)).map(i64::from)),
        (Type::Text, Type::Time) => integers(&|at| parse_time(column.text(at))),
        (Type::Text, Type::Duration) => integers(&|at| {
            let text = column.text(at);
            parse_iso_duration(text).or_else(|| parse_duration(text)).map(|parsed| parsed.micros)
        }),
        (Type::Instant, Type::Date) => integers(&|at| Some(clock.local(integer(at)).div_euclid(DAY))),
        (Type::Instant, Type::Time) => integers(&|at| Some(clock.local(integer(at)).rem_euclid(DAY))),
        (Type::Date, Type::Instant) => integers(&|at| Some(zone.to_instant(integer(at).checked_mul(DAY)?))),
        // Nothing of one type has a counterpart in the other.
        _ => {
            let states: Vec<u8> = (0..n).map(|row| column.state(row).max(NULL)).collect();
            Column::of_states(&states, to)
        }
    }
}

fn truths<'a>(column: &Column<'_>, truth: impl Fn(usize) -> u8) -> Column<'a> {
    let of = |at| match column.state(at) {
        VALUE => truth(at),
        state => state,
    };
    Column::new(column.len(), Cells::Truths((0..column.n_cells()).map(of).collect()), Vec::new())
}

/// The whole number before the point, if it has 64 bits.
fn truncated(x: f64) -> Option<i64> {
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    let x = x.trunc();
    (-BOUND..BOUND).contains(&x).then_some(x as i64)
}

/// `42`, `+42` or `42.0`.
fn whole(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| {
        let decimal = Decimal::widely(text).filter(|decimal| decimal.scale() == 0)?;
        i64::try_from(decimal.mantissa()).ok()
    })
}

/// Digits with or without point and exponent, `INF`, `-INF` or `NaN`; none beyond the range.
fn real(text: &str) -> Option<f64> {
    match text {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ if text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E')) => {
            text.parse::<f64>().ok().filter(|x| x.is_finite()).map(|x| Real::from(x).get())
        }
        _ => None,
    }
}
