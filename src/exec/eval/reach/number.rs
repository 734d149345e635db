//! Sums, products and quotients of everything between two numbers: found at the corners, since each is monotone in either
//! operand as long as a divisor does not change its sign.

use std::ops::RangeInclusive;

use crate::exec::eval::arithmetic::{FIRST, LAST};
use crate::exec::eval::exact::Exact;
use crate::exec::eval::reach::{Reach, States};
use crate::exec::eval::state::{Failure, VALUE};
use crate::model::time::DAY;
use crate::model::time::calendar::{FIRST_DAY, LAST_DAY};
use crate::query::predicate::expr::{Arithmetic, Call, Type};

/// What an operation on values of these types comes to.
pub(crate) fn compute(op: Arithmetic, (a, b): ([Exact; 2], [Exact; 2]), types: [Type; 2], ty: Type) -> Reach {
    let zero = Exact::default();
    let mut failures = States::default();
    if matches!(op, Arithmetic::Divide | Arithmetic::Remainder) && b[0] <= zero && zero <= b[1] {
        if b[0] == b[1] {
            return Reach::of_states(States::of(Failure::DivisionByZero.state()));
        }
        failures = States::of(Failure::DivisionByZero.state());
        return anything(failures);
    }
    let found = match (ty, types) {
        (Type::Date, [Type::Date, _]) => days(op, a, b),
        (Type::Date, _) => days(op, b, a),
        (Type::Duration, [Type::Date, Type::Date]) => {
            let [low, high] = [whole(a[0]) - whole(b[1]), whole(a[1]) - whole(b[0])];
            Reach::integers([low * i128::from(DAY), high * i128::from(DAY)])
        }
        (Type::Duration, [Type::Duration, Type::Duration] | [Type::Instant, Type::Instant])
        | (Type::Integer | Type::Instant | Type::Decimal, _) => match op {
            Arithmetic::Remainder => remainder(a, b),
            Arithmetic::Divide if ty == Type::Integer => {
                corners(a, b, |a, b| Some(Exact::new(whole(a).checked_div(whole(b))?, 0)))
            }
            _ => corners(a, b, |a, b| exact(op, a, b)),
        }
        .map_or_else(|| anything(failures), |numbers| clipped(numbers, ty)),
        (Type::Duration, _) => {
            // A quotient is rounded twice here and once for a row.
            let near = |n: Exact, by: i128| Exact::new(n.round().mantissa + by, 0);
            let found = corners(a, b, |a, b| exact(op, a, b));
            found.map_or_else(|| anything(failures), |[low, high]| clipped([near(low, -1), near(high, 1)], ty))
        }
        _ => Reach::A_VALUE,
    };
    Reach { states: found.states.or(failures), ..found }
}

/// A function of one number to whole ones.
pub(crate) fn call(call: &Call, [low, high]: [Exact; 2]) -> Option<Reach> {
    let f = match call {
        Call::Round => Exact::round,
        Call::Floor => Exact::floor,
        Call::Ceiling => Exact::ceiling,
        _ => return None,
    };
    Some(Reach::between(f(low), f(high)))
}

/// Numbers of a type, and the failure of those beyond its range.
pub(crate) fn clipped([low, high]: [Exact; 2], ty: Type) -> Reach {
    let (range, failure) = match ty {
        Type::Decimal => return Reach::between(low, high),
        Type::Instant => (FIRST..=LAST, Failure::OutsideCalendar),
        _ => (i64::MIN..=i64::MAX, Failure::Overflow),
    };
    within([low.truncated(), high.truncated()], &range, failure)
}

fn within([low, high]: [i128; 2], range: &RangeInclusive<i64>, failure: Failure) -> Reach {
    let (first, last) = (i128::from(*range.start()), i128::from(*range.end()));
    let beyond = States::of(failure.state());
    match (low >= first && high <= last, high < first || low > last) {
        (true, _) => Reach::integers([low, high]),
        (_, true) => Reach::of_states(beyond),
        _ => {
            let found = Reach::integers([low.max(first), high.min(last)]);
            Reach { states: found.states.or(beyond), ..found }
        }
    }
}

fn anything(failures: States) -> Reach {
    Reach::of_states(States::of(VALUE).or(States::of(Failure::Overflow.state())).or(failures))
}

fn whole(n: Exact) -> i128 {
    n.truncated()
}

fn exact(op: Arithmetic, a: Exact, b: Exact) -> Option<Exact> {
    match op {
        Arithmetic::Add => a.add(b),
        Arithmetic::Subtract => a.subtract(b),
        Arithmetic::Multiply => a.multiply(b),
        Arithmetic::Divide => a.divide(b),
        Arithmetic::Remainder => a.remainder(b),
    }
}

/// The least and the greatest of what `f` makes of the ends; none if it cannot tell of one.
fn corners(a: [Exact; 2], b: [Exact; 2], f: impl Fn(Exact, Exact) -> Option<Exact>) -> Option<[Exact; 2]> {
    let first = f(a[0], b[0])?;
    let others = [f(a[0], b[1])?, f(a[1], b[0])?, f(a[1], b[1])?];
    Some(others.into_iter().fold([first, first], |[low, high], n| [low.min(n), high.max(n)]))
}

/// The sign of the left operand, nearer to zero than the right; in order where the quotient stays the same.
fn remainder(a: [Exact; 2], b: [Exact; 2]) -> Option<[Exact; 2]> {
    let zero = Exact::default();
    if b[0] == b[1] && (a[0] >= zero) == (a[1] >= zero) {
        let quotient = |n: Exact| n.subtract(n.remainder(b[0])?);
        if quotient(a[0])? == quotient(a[1])? {
            return Some([a[0].remainder(b[0])?, a[1].remainder(b[0])?]);
        }
    }
    let widest = b.map(|n| if n < zero { n.negate() } else { n });
    let widest = widest[0].max(widest[1]);
    Some([if a[0] < zero { widest.negate() } else { zero }, if a[1] > zero { widest } else { zero }])
}

/// Days moved by a duration, from midnight on.
fn days(op: Arithmetic, day: [Exact; 2], by: [Exact; 2]) -> Reach {
    let by = by.map(whole);
    let [least, most] = if op == Arithmetic::Subtract { [-by[1], -by[0]] } else { by };
    let moved = |day: Exact, by: i128| (whole(day) * i128::from(DAY) + by).div_euclid(DAY.into());
    let range = i64::from(FIRST_DAY)..=i64::from(LAST_DAY);
    within([moved(day[0], least), moved(day[1], most)], &range, Failure::OutsideCalendar)
}
