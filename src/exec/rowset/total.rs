//! Sums as values: what numbers come to, exactly.

use crate::base::error::Result;
use crate::exec::eval::exact::Exact;
use crate::exec::eval::state::Failure;
use crate::model::decimal::Decimal;
use crate::model::value::Value;
use crate::query::predicate::expr::{Method, Type};

/// What `n` numbers of a type come to that have this sum, as a value of the type that the method gives. Nothing comes to null.
/// A mean of durations is rounded to microseconds, half away from zero.
pub(crate) fn total(method: Method, sum: Option<Exact>, n: u64, ty: Type) -> Result<Value> {
    if n == 0 {
        return Ok(Value::Null);
    }
    let total = match method {
        Method::Average => sum.and_then(|sum| sum.divide(Exact::new(n.into(), 0))),
        _ => sum,
    };
    total
        .and_then(|total| value_of(total, method.gives(Some(ty)).unwrap_or(ty)))
        .ok_or_else(|| Failure::Overflow.error())
}

/// A number as a value of a type; none if it leaves its range.
fn value_of(number: Exact, ty: Type) -> Option<Value> {
    match ty {
        Type::Integer => i64::try_from(number.truncated()).ok().map(Value::Integer),
        Type::Duration => i64::try_from(number.round().truncated()).ok().map(Value::Duration),
        _ => Some(Value::Decimal(Decimal::from(number))),
    }
}

/// A number or duration, exactly.
pub(crate) fn exact_of(value: &Value) -> Option<Exact> {
    match value {
        Value::Integer(n) | Value::Duration(n) => Some(Exact::new((*n).into(), 0)),
        Value::Decimal(d) => Some((*d).into()),
        _ => None,
    }
}
