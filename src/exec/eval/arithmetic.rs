//! Numbers, instants, days and durations computed with. Integers and decimals of few digits take 64 bits and one vector
//! instruction each; a block in which some number leaves them is done again, exactly.

use std::borrow::Cow;

use crate::exec::eval::column::{Arg, Cells, Column, Decimals, zip};
use crate::exec::eval::exact::{Exact, ratio, unit};
use crate::exec::eval::kernel::{by_cell, joined, n_cells, pairwise};
use crate::exec::eval::state::Failure;
use crate::model::decimal::MAX_SCALE;
use crate::model::time::DAY;
use crate::model::time::calendar::{FIRST_DAY, LAST_DAY, in_calendar};
use crate::query::predicate::expr::{Arithmetic, Type};

/// The first and the last instant of the calendar.
pub(crate) const FIRST: i64 = FIRST_DAY as i64 * DAY;
pub(crate) const LAST: i64 = (LAST_DAY as i64 + 1) * DAY - 1;

/// An operation on two columns of these types.
pub(crate) fn compute<'a>(op: Arithmetic, sides: [&Column<'_>; 2], types: [Type; 2], ty: Type) -> Column<'a> {
    let [a, b] = sides;
    match (ty, types) {
        (Type::Decimal, _) => decimals(op, a, b),
        (Type::Real, _) => reals(op, a, b),
        (Type::Instant, _) => integers(op, a, b, FIRST..=LAST, Failure::OutsideCalendar),
        (Type::Date, [Type::Date, _]) => days(op, a, b),
        (Type::Date, _) => days(op, b, a),
        (Type::Duration, [Type::Date, Type::Date]) => {
            // A difference of days of the calendar is far from 64 bits.
            let between = |a: i64, b: i64| Ok((a - b) * DAY);
            pairwise((a, b), (a.integers(), b.integers()), between, Cells::Integers)
        }
        (Type::Duration, [Type::Duration, by @ (Type::Integer | Type::Decimal | Type::Real)]) => {
            durations(op, (a, b), by == Type::Real)
        }
        (Type::Duration, [by @ (Type::Integer | Type::Decimal | Type::Real), _]) => {
            durations(op, (b, a), by == Type::Real)
        }
        _ => integers(op, a, b, i64::MIN..=i64::MAX, Failure::Overflow),
    }
}

/// Of numbers and durations.
pub(crate) fn negate<'a>(column: &Column<'_>) -> Column<'a> {
    match column.cells() {
        Cells::Decimals(Decimals::Narrow(cells, scale)) if !cells.contains(&i64::MIN) => {
            let cells = cells.iter().map(|n| -n).collect();
            Column::new(column.len(), Cells::Decimals(Decimals::Narrow(cells, *scale)), column.states().into_owned())
        }
        Cells::Decimals(_) => by_cell(&[column], column.len(), |at| Ok(column.exact(at).negate()), wide),
        Cells::Reals(cells) => {
            // There is no negative zero.
            let cells = cells.iter().map(|x| 0.0 - x).collect();
            Column::new(column.len(), Cells::Reals(cells), column.states().into_owned())
        }
        _ => {
            let integers = column.integers();
            let negated = |at| integers.get(at).checked_neg().ok_or(Failure::Overflow.state());
            by_cell(&[column], column.len(), negated, Cells::Integers)
        }
    }
}

fn wide<'a>(cells: Vec<Exact>) -> Cells<'a> {
    Cells::Decimals(Decimals::Wide(cells))
}

/// One operation on 64 bits; `beyond` is what a result outside of the range is.
fn integers<'a>(
    op: Arithmetic,
    a: &Column<'_>,
    b: &Column<'_>,
    range: std::ops::RangeInclusive<i64>,
    beyond: Failure,
) -> Column<'a> {
    let args = (a.integers(), b.integers());
    let in_range = |n: Option<i64>| n.filter(|n| range.contains(n)).ok_or(beyond);
    if let Some(cells) = unchecked(op, args).filter(|cells| cells.iter().all(|n| range.contains(n))) {
        return Column::new(a.len(), Cells::Integers(cells), joined(n_cells(&[a, b]), &[a, b]));
    }
    let f = |a: i64, b: i64| match op {
        Arithmetic::Add => in_range(a.checked_add(b)),
        Arithmetic::Subtract => in_range(a.checked_sub(b)),
        Arithmetic::Multiply => in_range(a.checked_mul(b)),
        Arithmetic::Divide | Arithmetic::Remainder if b == 0 => Err(Failure::DivisionByZero),
        Arithmetic::Divide => in_range(a.checked_div(b)),
        Arithmetic::Remainder => Ok(a.wrapping_rem(b)),
    };
    pairwise((a, b), args, f, Cells::Integers)
}

/// Results that do not leave 64 bits, whatever stands where there is no value; none if some do.
fn unchecked(op: Arithmetic, (a, b): (Arg<'_, i64>, Arg<'_, i64>)) -> Option<Vec<i64>> {
    // Below zero as soon as one sum overflows: its sign is then neither operand's.
    let mut signs = 0;
    let cells = match op {
        Arithmetic::Add => zip(a, b, |a, b| {
            let sum = a.wrapping_add(b);
            signs |= (a ^ sum) & (b ^ sum);
            sum
        }),
        Arithmetic::Subtract => zip(a, b, |a, b| {
            let difference = a.wrapping_sub(b);
            signs |= (a ^ b) & (a ^ difference);
            difference
        }),
        Arithmetic::Multiply => {
            let mut overflows = false;
            let products = zip(a, b, |a, b| {
                let (product, over) = a.overflowing_mul(b);
                overflows |= over;
                product
            });
            signs = -i64::from(overflows);
            products
        }
        Arithmetic::Divide | Arithmetic::Remainder => return divided(op == Arithmetic::Divide, a, b),
    };
    (signs >= 0).then_some(cells)
}

/// Quotients or remainders; none if a divisor is zero or turns the sign, which the least integer does not survive.
fn divided(is_quotient: bool, a: Arg<'_, i64>, b: Arg<'_, i64>) -> Option<Vec<i64>> {
    match (a, b) {
        (_, Arg::One(0 | -1)) => None,
        (Arg::Many(cells), Arg::One(by))
            if by.unsigned_abs() > 1 && is_narrow(by) && cells.iter().all(|n| is_narrow(*n)) =>
        {
            // Multiplying by the inverse, rounded up to 64 places, finds quotients of 32 bits exactly (Lemire and others, 2019).
            let inverse = u128::from(u64::MAX / by.unsigned_abs() + 1);
            let quotient = |n: i64| {
                let quotient = ((inverse * u128::from(n.unsigned_abs())) >> u64::BITS) as i64;
                if (n < 0) == (by < 0) { quotient } else { -quotient }
            };
            Some(match is_quotient {
                true => cells.iter().map(|n| quotient(*n)).collect(),
                false => cells.iter().map(|n| n - quotient(*n) * by).collect(),
            })
        }
        (_, Arg::Many(by)) if by.iter().any(|by| matches!(by, 0 | -1)) => None,
        _ if is_quotient => Some(zip(a, b, i64::wrapping_div)),
        _ => Some(zip(a, b, i64::wrapping_rem)),
    }
}

fn is_narrow(n: i64) -> bool {
    n.unsigned_abs() <= u32::MAX.into()
}

fn decimals<'a>(op: Arithmetic, a: &Column<'_>, b: &Column<'_>) -> Column<'a> {
    if let Some((cells, scale)) = narrow(a).zip(narrow(b)).and_then(|(a, b)| narrow_decimals(op, a, b)) {
        let cells = Cells::Decimals(Decimals::Narrow(cells, scale));
        return Column::new(a.len(), cells, joined(n_cells(&[a, b]), &[a, b]));
    }
    let f = |at| {
        let (a, b) = (a.exact(at), b.exact(at));
        let found = match op {
            Arithmetic::Divide | Arithmetic::Remainder if b.mantissa == 0 => {
                return Err(Failure::DivisionByZero.state());
            }
            Arithmetic::Add => a.add(b),
            Arithmetic::Subtract => a.subtract(b),
            Arithmetic::Multiply => a.multiply(b),
            Arithmetic::Divide => a.divide(b),
            Arithmetic::Remainder => a.remainder(b),
        };
        found.ok_or(Failure::Overflow.state())
    };
    by_cell(&[a, b], a.len(), f, wide)
}

/// Mantissas of 64 bits and their scale, if a column has such.
pub(crate) fn narrow<'x>(column: &'x Column<'_>) -> Option<(Arg<'x, i64>, u8)> {
    match column.cells() {
        Cells::Integers(cells) => Some((Arg::new(cells), 0)),
        Cells::Decimals(Decimals::Narrow(cells, scale)) => Some((Arg::new(cells), *scale)),
        _ => None,
    }
}

fn narrow_decimals(op: Arithmetic, a: (Arg<'_, i64>, u8), b: (Arg<'_, i64>, u8)) -> Option<(Vec<i64>, u8)> {
    match op {
        Arithmetic::Add | Arithmetic::Subtract => {
            let scale = a.1.max(b.1);
            let (a, b) = (rescaled(a, scale)?, rescaled(b, scale)?);
            Some((unchecked(op, (Arg::new(&a), Arg::new(&b)))?, scale))
        }
        Arithmetic::Multiply => {
            let scale = Some(a.1 + b.1).filter(|scale| *scale <= MAX_SCALE)?;
            Some((unchecked(op, (a.0, b.0))?, scale))
        }
        Arithmetic::Divide | Arithmetic::Remainder => None,
    }
}

/// Mantissas brought to more places, if they stay within 64 bits.
pub(crate) fn rescaled((cells, scale): (Arg<'_, i64>, u8), to: u8) -> Option<Cow<'_, [i64]>> {
    if scale == to
        && let Arg::Many(cells) = cells
    {
        return Some(Cow::Borrowed(cells));
    }
    let factor = i64::try_from(unit(to - scale)).ok()?;
    unchecked(Arithmetic::Multiply, (cells, Arg::One(factor))).map(Cow::Owned)
}

fn reals<'a>(op: Arithmetic, a: &Column<'_>, b: &Column<'_>) -> Column<'a> {
    let args = (a.reals(), b.reals());
    let (a_cells, b_cells) = args;
    // Adding zero leaves no negative one.
    let cells = match op {
        Arithmetic::Add => zip(a_cells, b_cells, |a, b| a + b + 0.0),
        Arithmetic::Subtract => zip(a_cells, b_cells, |a, b| a - b + 0.0),
        Arithmetic::Multiply => zip(a_cells, b_cells, |a, b| a * b + 0.0),
        Arithmetic::Divide => zip(a_cells, b_cells, |a, b| a / b + 0.0),
        Arithmetic::Remainder => zip(a_cells, b_cells, |a, b| a % b + 0.0),
    };
    Column::new(a.len(), Cells::Reals(cells), joined(n_cells(&[a, b]), &[a, b]))
}

/// A day and a duration: from its midnight on, to the day that comes to.
fn days<'a>(op: Arithmetic, day: &Column<'_>, by: &Column<'_>) -> Column<'a> {
    let f = |day: i64, by: i64| {
        let midnight = day * DAY;
        let moved = if op == Arithmetic::Subtract { midnight.checked_sub(by) } else { midnight.checked_add(by) };
        let day = moved.and_then(|at| in_calendar(i32::try_from(at.div_euclid(DAY)).ok()?));
        day.map(i64::from).ok_or(Failure::OutsideCalendar)
    };
    pairwise((day, by), (day.integers(), by.integers()), f, Cells::Integers)
}

/// A duration times or by a number, to the nearest microsecond, halves away from zero.
fn durations<'a>(op: Arithmetic, (duration, by): (&Column<'_>, &Column<'_>), is_real: bool) -> Column<'a> {
    let (micros, reals) = (duration.integers(), by.reals());
    let of_exact = |at| {
        let (micros, by) = (micros.get(at), by.exact(at));
        let found = match op {
            Arithmetic::Divide if by.mantissa == 0 => return Err(Failure::DivisionByZero),
            Arithmetic::Divide => ratio((micros.into(), unit(by.scale).unsigned_abs()), by.mantissa),
            _ => {
                let by_sign = if micros < 0 { -by.mantissa } else { by.mantissa };
                ratio((by_sign, micros.unsigned_abs().into()), unit(by.scale))
            }
        };
        found.and_then(|n| i64::try_from(n).ok()).ok_or(Failure::Overflow)
    };
    #[expect(clippy::cast_precision_loss, reason = "binary numbers are asked for")]
    let of_real = |at| {
        let (micros, by) = (micros.get(at) as f64, reals.get(at));
        match op {
            Arithmetic::Divide if by == 0.0 => Err(Failure::DivisionByZero),
            Arithmetic::Divide => whole(micros / by).ok_or(Failure::Overflow),
            _ => whole(micros * by).ok_or(Failure::Overflow),
        }
    };
    let f = |at| if is_real { of_real(at) } else { of_exact(at) };
    by_cell(&[duration, by], duration.len(), |at| f(at).map_err(Failure::state), Cells::Integers)
}

/// A binary number as the nearest integer of 64 bits.
fn whole(x: f64) -> Option<i64> {
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    let x = x.round();
    (-BOUND..BOUND).contains(&x).then_some(x as i64)
}
