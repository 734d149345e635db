//! One cell of a row, as callers hand it in and get it back. Columns store codes, never these.

use std::sync::Arc;

use crate::base::hash::HashSet;
use crate::model::decimal::Decimal;
use crate::model::real::Real;

/// A cell. `Null`, the empty text and the empty list are all EMPTY in TQL, yet stay distinct as stored.
///
/// ```
/// use tallygrid::Value;
/// assert_eq!(Value::from("Passed"), Value::Text("Passed".into()));
/// assert!(Value::from("").is_empty() && Value::Null.is_empty() && !Value::from(0).is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Value {
    /// Nothing: missing and null are the same.
    Null,
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// A binary number, which expressions compute with; fields hold exact decimals.
    Real(Real),
    /// Text of any kind: names, keywords, statuses, users, paths. Cloning shares it.
    Text(Arc<str>),
    /// An instant: microseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
    /// A calendar day: days since 1970-01-01.
    Date(i32),
    /// A time of day, which expressions compute with: microseconds since midnight.
    Time(i64),
    /// A signed span of time in microseconds.
    Duration(i64),
    /// A GUID, most significant byte first.
    Guid(u128),
    /// The values of a multi-valued field, in the order given.
    List(Vec<Self>),
}

impl Value {
    /// Whether TQL calls it EMPTY: null, `""` or `[]`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            _ => false,
        }
    }
}

/// Longest list whose repeats are found by comparing each with each, which takes no memory.
const SHORT: usize = 16;

/// The values without repeats, each in its first place. Linear.
pub(crate) fn distinct(mut values: Vec<Value>) -> Vec<Value> {
    if values.len() <= SHORT {
        let mut kept: Vec<Value> = Vec::with_capacity(values.len());
        for value in values {
            if !kept.contains(&value) {
                kept.push(value);
            }
        }
        return kept;
    }
    let mut seen = HashSet::default();
    values.retain(|value| seen.insert(value.clone()));
    values
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Boolean(b)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Integer(n)
    }
}

impl From<i32> for Value {
    fn from(n: i32) -> Self {
        Self::Integer(n.into())
    }
}

impl From<Decimal> for Value {
    fn from(n: Decimal) -> Self {
        Self::Decimal(n)
    }
}

impl From<Real> for Value {
    fn from(x: Real) -> Self {
        Self::Real(x)
    }
}

impl<Tz: chrono::TimeZone> From<chrono::DateTime<Tz>> for Value {
    /// Digits below a microsecond are cut.
    fn from(t: chrono::DateTime<Tz>) -> Self {
        Self::Instant(t.timestamp_micros())
    }
}

impl From<chrono::NaiveDate> for Value {
    fn from(d: chrono::NaiveDate) -> Self {
        Self::Date(d.to_epoch_days())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{SHORT, Value, distinct};

    #[test]
    fn repeats_go_and_the_first_stays_in_place_however_long_the_list() {
        for n in [3, SHORT as i64, 1000] {
            let values: Vec<Value> = (0..n).map(|i| Value::from(i % 3)).collect();
            assert_eq!(distinct(values), [0, 1, 2].map(Value::from));
        }
    }
}
