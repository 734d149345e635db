//! Expressions worked out one value at a time, from what their documentation says and with none of the code that columns are
//! worked out with.
#![expect(
    clippy::cast_precision_loss,
    clippy::many_single_char_names,
    reason = "numbers are computed with as they are"
)]

use std::cmp::Ordering;

use crate::exec::eval::state::Failure;
use crate::model::cell::text_of;
use crate::model::decimal::Decimal;
use crate::model::fold::Collation;
use crate::model::guid::parse_guid;
use crate::model::time::calendar::date_of;
use crate::model::time::iso::{parse_iso_duration, parse_time};
use crate::model::time::parse::{parse_date, parse_duration, parse_instant};
use crate::model::time::{DAY, HOUR, SECOND, Zone};
use crate::model::value::Value;
use crate::query::predicate::expr::{Arithmetic, Call, Expr, ExprId, Input, Op, Type};
use crate::query::predicate::{Leaf, Node, NodeId, Order, Predicate};

/// Why there is no value to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Failed(Failure),
    /// More digits than are worked out here.
    Beyond,
}

type Found = Result<Value, Stop>;

const OVERFLOW: Stop = Stop::Failed(Failure::Overflow);
const ZERO: Stop = Stop::Failed(Failure::DivisionByZero);
const OUTSIDE: Stop = Stop::Failed(Failure::OutsideCalendar);

/// The value of an expression for a row whose cells are these, by field.
pub(crate) fn value(expr: &Expr, row: &[Value], zone: &Zone) -> Found {
    Scalar { expr, row, element: None, zone }.of(expr.root())
}

/// Whether a row satisfies a predicate.
pub(crate) fn holds(predicate: &Predicate, row: &[Value], zone: &Zone) -> Found {
    of_node(predicate, predicate.root(), row, zone)
}

fn of_node(predicate: &Predicate, id: NodeId, row: &[Value], zone: &Zone) -> Found {
    let passed =
        |found: Found, negated: bool| found.map(|value| Value::Boolean((value == Value::Boolean(true)) != negated));
    let of_all = |ids: &[NodeId]| ids.iter().map(|id| of_node(predicate, *id, row, zone)).collect::<Vec<_>>();
    match predicate.node(id) {
        Node::Const(b) => Ok((*b).into()),
        Node::Not(child) => Ok((of_node(predicate, *child, row, zone)? == Value::Boolean(false)).into()),
        Node::And(children) => joined(&of_all(children), false),
        Node::Or(children) => joined(&of_all(children), true),
        Node::Leaf(Leaf::IsEmpty { field }) => Ok(row[field.idx()].is_empty().into()),
        Node::Leaf(Leaf::IsTrue { expr, negated }) => passed(value(expr, row, zone), *negated),
        Node::Leaf(Leaf::Element { field, expr }) => {
            let items: &[Value] = match &row[field.idx()] {
                Value::List(items) => items,
                _ => &[],
            };
            let of = |item| Scalar { expr, row, element: Some(item), zone }.of(expr.root());
            joined(&items.iter().map(|item| passed(of(item), false)).collect::<Vec<_>>(), true)
        }
        Node::Leaf(_) => unreachable!("not drawn"),
    }
}

/// AND or OR: as soon as one is `decisive`, so are all.
fn joined(found: &[Found], decisive: bool) -> Found {
    if found.contains(&Ok(Value::Boolean(decisive))) {
        return Ok(Value::Boolean(decisive));
    }
    match found.iter().filter_map(|found| found.as_ref().err()).max_by_key(|stop| weight(**stop)) {
        Some(stop) => Err(*stop),
        None if found.contains(&Ok(Value::Null)) => Ok(Value::Null),
        None => Ok(Value::Boolean(!decisive)),
    }
}

struct Scalar<'x> {
    expr: &'x Expr,
    row: &'x [Value],
    element: Option<&'x Value>,
    zone: &'x Zone,
}

impl Scalar<'_> {
    fn of(&self, id: ExprId) -> Found {
        let node = self.expr.node(id);
        match &node.op {
            Op::Const(value) => Ok(value.clone()),
            Op::Input(Input::Field(field)) => Ok(self.row[field.idx()].clone()),
            Op::Input(Input::NumberOfValues(field)) => Ok(Value::Integer(match &self.row[field.idx()] {
                Value::List(items) => items.len() as i64,
                _ => 0,
            })),
            Op::Input(Input::Element) => Ok(self.element.cloned().unwrap()),
            Op::Input(_) => unreachable!("not drawn"),
            Op::Holds(predicate) => holds(predicate, self.row, self.zone),
            Op::Not(one) => Ok(truth(&self.of(*one)?).map(|b| !b).into()),
            Op::IsTrue(one) => Ok(Value::Boolean(truth(&self.of(*one)?) == Some(true))),
            Op::And(all) => self.junction(all, false),
            Op::Or(all) => self.junction(all, true),
            Op::Compare { order, sides, both_null, collation } => {
                let [a, b] = self.strict(*sides)?;
                Ok(Value::Boolean(match (&a, &b) {
                    (Value::Null, Value::Null) => match order {
                        Order::Equal => true,
                        Order::LessOrEqual | Order::GreaterOrEqual => *both_null,
                        Order::Less | Order::Greater => false,
                    },
                    (Value::Null, _) | (_, Value::Null) => false,
                    (a, b) => compared(a, b, *collation).is_some_and(|found| match order {
                        Order::Equal => found == Ordering::Equal,
                        Order::Less => found == Ordering::Less,
                        Order::LessOrEqual => found != Ordering::Greater,
                        Order::Greater => found == Ordering::Greater,
                        Order::GreaterOrEqual => found != Ordering::Less,
                    }),
                }))
            }
            Op::OneOf { operand, values, collation } => {
                let value = self.of(*operand)?;
                let is_same = |member: &Value| match (&value, member) {
                    (Value::Null, Value::Null) => true,
                    (Value::Null, _) | (_, Value::Null) => false,
                    (a, b) => compared(a, b, *collation) == Some(Ordering::Equal),
                };
                Ok(Value::Boolean(values.iter().any(is_same)))
            }
            Op::Negate(one) => match self.of(*one)? {
                Value::Null => Ok(Value::Null),
                Value::Integer(n) => n.checked_neg().map(Value::Integer).ok_or(OVERFLOW),
                Value::Duration(n) => n.checked_neg().map(Value::Duration).ok_or(OVERFLOW),
                Value::Decimal(d) => Ok(Value::Decimal(Decimal::shortest(-d.mantissa(), d.scale()))),
                Value::Real(x) => Ok(Value::Real((-x.get()).into())),
                other => unreachable!("{other:?} has no negative"),
            },
            Op::Arithmetic(op, sides) => {
                let [a, b] = self.strict(*sides)?;
                if a == Value::Null || b == Value::Null {
                    return Ok(Value::Null);
                }
                arithmetic(*op, &a, &b, node.ty)
            }
            Op::Case(branches) => {
                for (condition, value) in branches {
                    if truth(&self.of(*condition)?) == Some(true) {
                        return self.of(*value);
                    }
                }
                Ok(Value::Null)
            }
            Op::Cast(one) => {
                let value = self.of(*one)?;
                Ok(if value == Value::Null { value } else { cast(&value, node.ty, self.zone) })
            }
            Op::Call(call, args) => {
                let args = self.all(args)?;
                if args.contains(&Value::Null) {
                    return Ok(Value::Null);
                }
                self.call(call, &args)
            }
        }
    }

    /// Both values; of two failures the one that comes later in the list of them.
    fn strict(&self, sides: [ExprId; 2]) -> Result<[Value; 2], Stop> {
        match self.all(&sides)?.as_slice() {
            [a, b] => Ok([a.clone(), b.clone()]),
            _ => unreachable!(),
        }
    }

    fn all(&self, ids: &[ExprId]) -> Result<Vec<Value>, Stop> {
        let found: Vec<Found> = ids.iter().map(|id| self.of(*id)).collect();
        match found.iter().filter_map(|found| found.as_ref().err()).max_by_key(|stop| weight(**stop)) {
            Some(stop) => Err(*stop),
            None => Ok(found.into_iter().map(Result::unwrap).collect()),
        }
    }

    fn junction(&self, ids: &[ExprId], decisive: bool) -> Found {
        joined(&ids.iter().map(|id| self.of(*id)).collect::<Vec<_>>(), decisive)
    }

    fn call(&self, call: &Call, args: &[Value]) -> Found {
        let text = |n: usize| match &args[n] {
            Value::Text(text) => &**text,
            other => unreachable!("{other:?} is no text"),
        };
        let local = |at: i64| at + i64::from(self.zone.offset_seconds_at(at)) * SECOND;
        // Days since 1970 and microseconds since midnight.
        let (day, clock) = match &args[0] {
            Value::Instant(at) => (local(*at).div_euclid(DAY), local(*at).rem_euclid(DAY)),
            Value::Date(day) => (i64::from(*day), 0),
            Value::Time(at) => (0, *at),
            _ => (0, 0),
        };
        let (year, month, of_month) = date_of(day as i32);
        let micros = |n: i64| Value::Decimal(Decimal::shortest(n.into(), 6));
        let chars = |text: &str| text.chars().count() as i64;
        Ok(match call {
            Call::Concat => args.iter().map(text_of).collect::<String>().into(),
            Call::Contains => text(0).contains(text(1)).into(),
            Call::StartsWith => text(0).starts_with(text(1)).into(),
            Call::EndsWith => text(0).ends_with(text(1)).into(),
            Call::IndexOf => Value::Integer(text(0).split_once(text(1)).map_or(-1, |(before, _)| chars(before))),
            Call::Length => Value::Integer(chars(text(0))),
            Call::Substring => {
                let number = |n: usize| match args.get(n) {
                    Some(Value::Integer(n)) => Some(*n),
                    _ => None,
                };
                if number(2).is_some_and(|length| length < 0) {
                    return Err(Stop::Failed(Failure::NegativeLength));
                }
                let take = number(2).map_or(usize::MAX, |n| usize::try_from(n).unwrap());
                let skip = usize::try_from(number(1).unwrap()).unwrap_or(0);
                text(0).chars().skip(skip).take(take).collect::<String>().into()
            }
            Call::ToLower => text(0).to_lowercase().into(),
            Call::ToUpper => text(0).to_uppercase().into(),
            Call::Trim => text(0).trim().into(),
            Call::Replace if text(1).is_empty() => text(0).into(),
            Call::Replace => text(0).split(text(1)).collect::<Vec<_>>().join(text(2)).into(),
            Call::Matches(pattern) => pattern.0.is_match(text(0)).into(),
            Call::Year => i64::from(year).into(),
            Call::Month => i64::from(month).into(),
            Call::Day => i64::from(of_month).into(),
            Call::Hour => (clock / HOUR).into(),
            Call::Minute => (clock % HOUR / (60 * SECOND)).into(),
            Call::Second => (clock % (60 * SECOND) / SECOND).into(),
            Call::FractionalSeconds => micros(clock % SECOND),
            Call::TotalSeconds => match args[0] {
                Value::Duration(n) => micros(n),
                _ => unreachable!(),
            },
            Call::Date => Value::Date(day as i32),
            Call::Time => Value::Time(clock),
            Call::OffsetMinutes => match args[0] {
                Value::Instant(at) => i64::from(self.zone.offset_seconds_at(at) / 60).into(),
                _ => unreachable!(),
            },
            Call::Round | Call::Floor | Call::Ceiling => match &args[0] {
                Value::Integer(n) => Value::Integer(*n),
                Value::Real(x) => Value::Real(match call {
                    Call::Round => x.get().round().into(),
                    Call::Floor => x.get().floor().into(),
                    _ => x.get().ceil().into(),
                }),
                Value::Decimal(d) => {
                    let unit = 10i128.pow(d.scale().into());
                    let (below, rest) = (d.mantissa().div_euclid(unit), d.mantissa().rem_euclid(unit));
                    let twice = (rest * 2).cmp(&unit);
                    let up = match call {
                        Call::Floor => false,
                        Call::Ceiling => rest > 0,
                        // Half goes away from zero, which is up for positive numbers.
                        _ => twice == Ordering::Greater || (twice == Ordering::Equal && d.mantissa() > 0),
                    };
                    Value::Decimal(Decimal::shortest(below + i128::from(up), 0))
                }
                other => unreachable!("{other:?} cannot be rounded"),
            },
        })
    }
}

/// Where several operands fail, which failure is told.
fn weight(stop: Stop) -> usize {
    match stop {
        Stop::Beyond => usize::MAX,
        Stop::Failed(failure) => failure as usize,
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Boolean(b) => Some(*b),
        Value::Null => None,
        other => unreachable!("{other:?} is no truth"),
    }
}

/// None if they lie nowhere to one another.
fn compared(a: &Value, b: &Value, collation: Collation) -> Option<Ordering> {
    match (a, b) {
        (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
        (Value::Integer(a), Value::Integer(b))
        | (Value::Instant(a), Value::Instant(b))
        | (Value::Time(a), Value::Time(b))
        | (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::Real(a), Value::Real(b)) => a.get().partial_cmp(&b.get()),
        (Value::Text(a), Value::Text(b)) => Some(collation.fold(a).cmp(&collation.fold(b))),
        (Value::Guid(a), Value::Guid(b)) => Some(a.cmp(b)),
        other => unreachable!("{other:?} are of different types"),
    }
}

fn arithmetic(op: Arithmetic, a: &Value, b: &Value, ty: Type) -> Found {
    let calendar = |at: Option<i128>| {
        let at = at.and_then(|at| i64::try_from(at).ok()).ok_or(OUTSIDE)?;
        let day = at.div_euclid(DAY);
        if (-719_162..=2_932_896).contains(&day) { Ok(at) } else { Err(OUTSIDE) }
    };
    let long = |n: i128| i64::try_from(n).map_err(|_| OVERFLOW);
    let signed = |by: &i64| i128::from(*by) * if op == Arithmetic::Subtract { -1 } else { 1 };
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => {
            let (a, b) = (i128::from(*a), i128::from(*b));
            let found = match op {
                Arithmetic::Add => a + b,
                Arithmetic::Subtract => a - b,
                Arithmetic::Multiply => a * b,
                _ if b == 0 => return Err(ZERO),
                Arithmetic::Divide => a / b,
                Arithmetic::Remainder => a % b,
            };
            long(found).map(Value::Integer)
        }
        (Value::Real(a), Value::Real(b)) => {
            let (a, b) = (a.get(), b.get());
            Ok(Value::Real(
                match op {
                    Arithmetic::Add => a + b,
                    Arithmetic::Subtract => a - b,
                    Arithmetic::Multiply => a * b,
                    Arithmetic::Divide => a / b,
                    Arithmetic::Remainder => a % b,
                }
                .into(),
            ))
        }
        (Value::Decimal(a), Value::Decimal(b)) => decimals(op, *a, *b).map(Value::Decimal),
        (Value::Instant(a), Value::Instant(b)) => long(i128::from(*a) - i128::from(*b)).map(Value::Duration),
        (Value::Date(a), Value::Date(b)) => Ok(Value::Duration((i64::from(*a) - i64::from(*b)) * DAY)),
        (Value::Instant(at), Value::Duration(by)) | (Value::Duration(by), Value::Instant(at)) => {
            calendar(Some(i128::from(*at) + signed(by))).map(Value::Instant)
        }
        (Value::Date(day), Value::Duration(by)) | (Value::Duration(by), Value::Date(day)) => {
            let at = calendar(Some(i128::from(*day) * i128::from(DAY) + signed(by)))?;
            Ok(Value::Date(at.div_euclid(DAY) as i32))
        }
        (Value::Duration(a), Value::Duration(b)) => {
            assert_eq!(ty, Type::Duration);
            long(i128::from(*a) + signed(b)).map(Value::Duration)
        }
        (Value::Duration(duration), by) | (by, Value::Duration(duration)) => {
            let whole = match by {
                Value::Real(x) if op == Arithmetic::Divide && x.get() == 0.0 => return Err(ZERO),
                Value::Real(x) => {
                    let d = *duration as f64;
                    let found = if op == Arithmetic::Divide { d / x.get() } else { d * x.get() }.round();
                    let fits = found >= -(2f64.powi(63)) && found < 2f64.powi(63);
                    return if fits { Ok(Value::Duration(found as i64)) } else { Err(OVERFLOW) };
                }
                Value::Integer(n) => Decimal::shortest((*n).into(), 0),
                Value::Decimal(d) => *d,
                other => unreachable!("{other:?} is no number"),
            };
            let (m, unit) = (whole.mantissa(), 10i128.pow(whole.scale().into()));
            let d = i128::from(*duration);
            let (n, by) = match op {
                Arithmetic::Divide if m == 0 => return Err(ZERO),
                Arithmetic::Divide => (d.checked_mul(unit).ok_or(Stop::Beyond)?, m),
                _ => (d.checked_mul(m).ok_or(Stop::Beyond)?, unit),
            };
            long(half_away(n, by)).map(Value::Duration)
        }
        other => unreachable!("{other:?} are not computed with"),
    }
}

/// `n / d` to the nearest whole number, halves away from zero.
fn half_away(n: i128, d: i128) -> i128 {
    let magnitude = (n.unsigned_abs() + d.unsigned_abs() / 2) / d.unsigned_abs();
    if (n < 0) == (d < 0) { magnitude as i128 } else { -(magnitude as i128) }
}

fn decimals(op: Arithmetic, a: Decimal, b: Decimal) -> Result<Decimal, Stop> {
    let scale = u32::from(a.scale().max(b.scale()));
    let at =
        |d: Decimal, scale: u32| d.mantissa().checked_mul(10i128.pow(scale - u32::from(d.scale()))).ok_or(Stop::Beyond);
    let (n, scale) = match op {
        Arithmetic::Divide | Arithmetic::Remainder if b.mantissa() == 0 => return Err(ZERO),
        Arithmetic::Add => (at(a, scale)?.checked_add(at(b, scale)?).ok_or(Stop::Beyond)?, scale),
        Arithmetic::Subtract => (at(a, scale)?.checked_sub(at(b, scale)?).ok_or(Stop::Beyond)?, scale),
        Arithmetic::Remainder => (at(a, scale)? % at(b, scale)?, scale),
        Arithmetic::Multiply => {
            let (n, scale) =
                (a.mantissa().checked_mul(b.mantissa()).ok_or(Stop::Beyond)?, u32::from(a.scale() + b.scale()));
            if scale > 24 { (half_away(n, 10i128.pow(scale - 24)), 24) } else { (n, scale) }
        }
        Arithmetic::Divide => {
            let n = at(a, scale)?.checked_mul(10i128.pow(24)).ok_or(Stop::Beyond)?;
            (half_away(n, at(b, scale)?), 24)
        }
    };
    Ok(Decimal::shortest(n, scale as u8))
}

fn cast(value: &Value, to: Type, zone: &Zone) -> Value {
    let int = |x: f64| (x.trunc() >= -(2f64.powi(63)) && x.trunc() < 2f64.powi(63)).then_some(x as i64);
    match (value, to) {
        (Value::Boolean(_), Type::Boolean)
        | (Value::Integer(_), Type::Integer)
        | (Value::Decimal(_), Type::Decimal)
        | (Value::Real(_), Type::Real)
        | (Value::Text(_), Type::Text)
        | (Value::Guid(_), Type::Guid)
        | (Value::Instant(_), Type::Instant)
        | (Value::Date(_), Type::Date)
        | (Value::Time(_), Type::Time)
        | (Value::Duration(_), Type::Duration) => value.clone(),
        (other, Type::Text) => text_of(other).into(),
        (Value::Boolean(b), Type::Integer) => i64::from(*b).into(),
        (Value::Boolean(b), Type::Decimal) => Value::Decimal(Decimal::shortest((*b).into(), 0)),
        (Value::Boolean(b), Type::Real) => Value::Real(f64::from(u8::from(*b)).into()),
        (Value::Integer(0), Type::Boolean) => false.into(),
        (Value::Integer(1), Type::Boolean) => true.into(),
        (Value::Integer(n), Type::Decimal) => Value::Decimal(Decimal::shortest((*n).into(), 0)),
        (Value::Integer(n), Type::Real) => Value::Real((*n as f64).into()),
        (Value::Decimal(d), Type::Integer) => i64::try_from(d.mantissa() / 10i128.pow(d.scale().into())).ok().into(),
        (Value::Decimal(d), Type::Real) => Value::Real(d.to_string().parse::<f64>().unwrap().into()),
        (Value::Real(x), Type::Integer) => int(x.get()).into(),
        (Value::Real(x), Type::Decimal) => Decimal::widely(&format!("{:e}", x.get())).into(),
        (Value::Text(text), Type::Boolean) => match text.to_ascii_lowercase().as_str() {
            "true" => true.into(),
            "false" => false.into(),
            _ => Value::Null,
        },
        (Value::Text(text), Type::Integer) => {
            let whole = |d: &Decimal| d.scale() == 0;
            let n = text.parse::<i128>().ok().or_else(|| Some(Decimal::widely(text).filter(whole)?.mantissa()));
            n.and_then(|n| i64::try_from(n).ok()).into()
        }
        (Value::Text(text), Type::Decimal) => Decimal::widely(text).into(),
        (Value::Text(text), Type::Real) => match &**text {
            "INF" => Value::Real(f64::INFINITY.into()),
            "-INF" => Value::Real((-f64::INFINITY).into()),
            "NaN" => Value::Real(f64::NAN.into()),
            _ if text.contains(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'E') => Value::Null,
            _ => match text.parse::<f64>() {
                Ok(x) if x.is_finite() => Value::Real(x.into()),
                _ => Value::Null,
            },
        },
        (Value::Text(text), Type::Guid) => parse_guid(text).map_or(Value::Null, Value::Guid),
        (Value::Text(text), Type::Instant) => match (parse_instant(text, &Zone::utc()), parse_date(text)) {
            (Some(parsed), _) => Value::Instant(parsed.micros),
            (None, Some(day)) => Value::Instant(i64::from(day) * DAY),
            (None, None) => Value::Null,
        },
        (Value::Text(text), Type::Date) => parse_date(text).map_or(Value::Null, Value::Date),
        (Value::Text(text), Type::Time) => parse_time(text).map_or(Value::Null, Value::Time),
        (Value::Text(text), Type::Duration) => {
            let parsed = parse_iso_duration(text).or_else(|| parse_duration(text));
            parsed.map_or(Value::Null, |parsed| Value::Duration(parsed.micros))
        }
        (Value::Instant(at), Type::Date | Type::Time) => {
            let local = at + i64::from(zone.offset_seconds_at(*at)) * SECOND;
            match to {
                Type::Date => Value::Date(local.div_euclid(DAY) as i32),
                _ => Value::Time(local.rem_euclid(DAY)),
            }
        }
        (Value::Date(day), Type::Instant) => Value::Instant(zone.to_instant(i64::from(*day) * DAY)),
        _ => Value::Null,
    }
}
