//! One cell by its field: what a field accepts, and how values read as text.

use crate::model::decimal::Decimal;
use crate::model::field::Field;
use crate::model::guid::{format_guid, parse_guid};
use crate::model::kind::Kind;
use crate::model::real::Real;
use crate::model::time::calendar::{in_calendar, instant_in_calendar};
use crate::model::time::format::{format_date, format_duration, format_instant, format_time};
use crate::model::time::parse::{parse_date, parse_duration, parse_instant};
use crate::model::time::{DAY, Zone};
use crate::model::value::{Value, distinct};

/// A value that its field can hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell {
    pub(crate) value: Value,
    /// Whether digits below a microsecond were cut.
    pub(crate) cut: bool,
}

/// Brings a value into the form in which the field holds it; the reason if it cannot hold it.
///
/// Text-like fields keep text as it is and take the text of anything else. Number-like fields read text, and take `""` for
/// null. A multi-valued field takes one value for a list of one; nulls, blanks and exact repeats in a list are dropped.
pub(crate) fn coerce(value: &Value, field: &Field) -> Result<Cell, String> {
    if !field.multi {
        return single(value, field);
    }
    let items = match value {
        Value::Null => return Ok(Value::Null.into()),
        Value::List(items) => items.as_slice(),
        one if one.is_empty() => return Ok(Value::Null.into()),
        one => std::slice::from_ref(one),
    };
    let mut list: Vec<Value> = Vec::with_capacity(items.len());
    for item in items.iter().filter(|item| !item.is_empty() || matches!(item, Value::List(_))) {
        let cell = single(item, field)?;
        if !cell.value.is_empty() {
            list.push(cell.value);
        }
    }
    Ok(Value::List(distinct(list)).into())
}

fn single(value: &Value, field: &Field) -> Result<Cell, String> {
    let kind = field.kind;
    let cell = match (value, kind) {
        (Value::Null, _) => Value::Null.into(),
        (Value::List(_), _) if field.multi => return Err("a list inside a list".to_owned()),
        (Value::List(_), _) => return Err("a list in a field of single values".to_owned()),
        (Value::Text(text), _) if !is_textual(kind) => return parse(text, field),
        (Value::Text(text), _) => Value::Text(text.clone()).into(),
        (other, _) if is_textual(kind) => Value::Text(text_of(other).into()).into(),
        (Value::Integer(i64::MIN), Kind::Integer) => {
            return Err(format!("{} is outside the range of integers", i64::MIN));
        }
        (Value::Integer(n), Kind::Integer) => Value::Integer(*n).into(),
        (Value::Decimal(d), Kind::Integer) => Value::Integer(whole(*d)?).into(),
        (Value::Real(x), Kind::Integer) => Value::Integer(whole(shortest(*x)?)?).into(),
        (Value::Real(x), Kind::Decimal) => Value::Decimal(shortest(*x)?).into(),
        (Value::Integer(n), Kind::Decimal) => decimal(Decimal::new((*n).into(), 0))?.into(),
        (Value::Decimal(d), Kind::Decimal) => Value::Decimal(*d).into(),
        (Value::Boolean(b), Kind::Boolean) => Value::Boolean(*b).into(),
        (Value::Integer(n @ (0 | 1)), Kind::Boolean) => Value::Boolean(*n == 1).into(),
        (Value::Instant(t), Kind::DateTime) => instant(*t)?.into(),
        (Value::Date(d), Kind::DateTime | Kind::Date) if in_calendar(*d).is_none() => {
            return Err("a day outside years 1 to 9999".to_owned());
        }
        (Value::Date(d), Kind::DateTime) => instant(zone_of(field).to_instant(i64::from(*d) * DAY))?.into(),
        (Value::Date(d), Kind::Date) => Value::Date(*d).into(),
        (Value::Duration(d), Kind::Duration) => Value::Duration(*d).into(),
        (Value::Guid(g), Kind::Guid) => Value::Guid(*g).into(),
        (other, _) => return Err(format!("`{}` is no {kind}", shortened(&text_of(other)))),
    };
    Ok(cell)
}

fn parse(text: &str, field: &Field) -> Result<Cell, String> {
    let kind = field.kind;
    if text.is_empty() {
        return Ok(Value::Null.into());
    }
    let no = || format!("`{}` is no {kind}", shortened(text));
    Ok(match kind {
        Kind::Integer => match text.parse::<i64>() {
            Ok(n) => return single(&Value::Integer(n), field),
            Err(_) => Value::Integer(whole(text.parse().map_err(|_| no())?).map_err(|_| no())?).into(),
        },
        Kind::Decimal => {
            text.parse::<Decimal>().map(Value::Decimal).map_err(|e| format!("`{}`: {e}", shortened(text)))?.into()
        }
        Kind::Boolean => Value::Boolean(parse_boolean(text).ok_or_else(no)?).into(),
        Kind::Date => Value::Date(parse_date(text).ok_or_else(no)?).into(),
        Kind::Guid => Value::Guid(parse_guid(text).ok_or_else(no)?).into(),
        Kind::Duration => {
            let parsed = parse_duration(text).ok_or_else(no)?;
            Cell { value: Value::Duration(parsed.micros), cut: parsed.cut }
        }
        Kind::DateTime => match (parse_instant(text, &zone_of(field)), parse_date(text)) {
            (Some(parsed), _) => Cell { value: Value::Instant(parsed.micros), cut: parsed.cut },
            (None, Some(day)) => return single(&Value::Date(day), field),
            (None, None) => return Err(no()),
        },
        _ => return Err(no()),
    })
}

/// Kinds whose values are texts.
fn is_textual(kind: Kind) -> bool {
    !kind.is_number() && kind != Kind::Guid
}

fn zone_of(field: &Field) -> Zone {
    field.zone.clone().unwrap_or_else(Zone::utc)
}

fn instant(micros: i64) -> Result<Value, String> {
    instant_in_calendar(micros).map(Value::Instant).ok_or_else(|| "an instant outside years 1 to 9999".to_owned())
}

fn decimal(parsed: Result<Decimal, crate::model::decimal::DecimalError>) -> Result<Value, String> {
    parsed.map(Value::Decimal).map_err(|e| e.to_string())
}

fn shortest(x: Real) -> Result<Decimal, String> {
    Decimal::from_f64(x.get()).map_err(|e| format!("`{x}`: {e}"))
}

fn whole(d: Decimal) -> Result<i64, String> {
    let fits = (d.scale() == 0).then(|| i64::try_from(d.mantissa()).ok()).flatten();
    fits.ok_or_else(|| format!("`{d}` is no integer"))
}

/// `true`, `false`, `yes` or `no` in any case.
pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    match () {
        () if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes") => Some(true),
        () if text.eq_ignore_ascii_case("false") || text.eq_ignore_ascii_case("no") => Some(false),
        () => None,
    }
}

/// A value as the key of its group: numbers in shortest form, instants in RFC 3339, empty values as the empty text. The
/// members of a list are joined by `, `.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Boolean(b) => b.to_string(),
        Value::Integer(n) => n.to_string(),
        Value::Decimal(d) => d.to_string(),
        Value::Real(x) => x.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Instant(t) => format_instant(*t),
        Value::Date(d) => format_date(*d),
        Value::Time(t) => format_time(*t),
        Value::Duration(d) => format_duration(*d),
        Value::Guid(g) => format_guid(*g),
        Value::List(items) => items.iter().map(text_of).collect::<Vec<_>>().join(", "),
    }
}

/// User text in a message, at most 60 characters of it.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("")),
        None => text.to_owned(),
    }
}

impl std::fmt::Display for Value {
    /// The value as the key of its group; the members of a list joined by `, `.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&text_of(self))
    }
}

impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        Self { value, cut: false }
    }
}

#[cfg(test)]
mod tests {
    use super::coerce;
    use crate::model::field::Field;
    use crate::model::kind::Kind;
    use crate::model::time::Zone;
    use crate::model::value::Value;

    fn one(kind: Kind, value: impl Into<Value>) -> Result<Value, String> {
        coerce(&value.into(), &Field::new("F", kind)).map(|cell| cell.value)
    }

    #[test]
    fn each_kind_takes_what_denotes_it() {
        assert_eq!(one(Kind::Integer, "42"), Ok(Value::Integer(42)));
        assert_eq!(one(Kind::Integer, "42.0"), Ok(Value::Integer(42)));
        assert_eq!(one(Kind::Integer, ""), Ok(Value::Null));
        assert_eq!(one(Kind::Integer, "4.2"), Err("`4.2` is no integer".to_owned()));
        assert!(one(Kind::Integer, i64::MIN).is_err());
        assert_eq!(one(Kind::Boolean, "Yes"), Ok(Value::Boolean(true)));
        assert_eq!(one(Kind::Keyword, 7), Ok(Value::from("7")));
        assert_eq!(one(Kind::Keyword, " a\0 "), Ok(Value::from(" a\0 ")));
        assert_eq!(one(Kind::DateTime, "1970-01-02"), Ok(Value::Instant(86_400_000_000)));
        assert!(one(Kind::DateTime, "yesterday").is_err());
        assert!(one(Kind::DateTime, Value::Instant(i64::MAX)).is_err());
        assert!(one(Kind::Keyword, vec!["a"]).is_err());
        let real = |x: f64| Value::Real(x.into());
        assert_eq!(one(Kind::Decimal, real(0.1)), Ok(Value::Decimal("0.1".parse().unwrap())));
        assert_eq!(one(Kind::Integer, real(42.0)), Ok(Value::Integer(42)));
        assert_eq!(one(Kind::Keyword, real(f64::NAN)), Ok(Value::from("NaN")));
        assert_eq!(one(Kind::Decimal, real(f64::INFINITY)), Err("`INF`: not a number".to_owned()));
        assert!(one(Kind::Decimal, real(1e15)).is_err() && one(Kind::Integer, real(0.5)).is_err());
        assert_eq!(one(Kind::Keyword, Value::Time(3_600_000_000)), Ok(Value::from("01:00:00")));
        assert_eq!(one(Kind::Duration, Value::Time(0)), Err("`00:00:00` is no duration".to_owned()));
        let berlin = Field::new("F", Kind::DateTime).zone(Zone::named("Europe/Berlin").unwrap());
        assert!(coerce(&"0001-01-01".into(), &berlin).is_err(), "that day begins in year 0");
        assert_eq!(coerce(&"1970-01-01 01:00:00".into(), &berlin).unwrap().value, Value::Instant(0));
    }

    #[test]
    fn lists_are_sets() {
        let tags = Field::new("F", Kind::Keyword).multi();
        let list = |value: Value| coerce(&value, &tags).unwrap().value;
        assert_eq!(list(vec!["b", "a", "b", ""].into()), vec!["b", "a"].into());
        assert_eq!(list("x".into()), vec!["x"].into());
        assert_eq!(list("".into()), Value::Null);
        assert_eq!(list(Value::List(vec![])), Value::List(vec![]));
        assert!(coerce(&Value::List(vec![Value::List(vec![])]), &tags).is_err());
    }
}
