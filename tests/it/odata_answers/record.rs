//! Rows of an answer as JSON, and when they are those that a case expects.

use serde_json::{Map, Value as Json};
use tallygrid::{Property, Record, Value};

/// A row as JSON: its numbers as floats, since cases say no more.
pub(super) fn to_json(record: &Record) -> Json {
    let mut map = Map::new();
    for (name, property) in record.iter() {
        let json = match property {
            Property::Value(value) => of_value(value),
            Property::Record(record) => record.as_ref().map_or(Json::Null, to_json),
            Property::Records(records) => records.iter().map(to_json).collect(),
            Property::Count(n) => (*n).into(),
            _ => panic!("a property of a new kind"),
        };
        map.insert(name.to_owned(), json);
    }
    Json::Object(map)
}

fn of_value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(b) => (*b).into(),
        Value::Integer(_) | Value::Decimal(_) | Value::Real(_) => value.to_string().parse::<f64>().unwrap().into(),
        other => other.to_string().into(),
    }
}

/// Whether a row has every property that is expected, with that value, and if it is computed no other one.
pub(super) fn is_row(row: &Json, expected: &Json, is_computed: bool) -> bool {
    match (row, expected) {
        (Json::Object(row), Json::Object(expected)) => {
            (!is_computed || row.len() == expected.len())
                && expected.iter().all(|(name, value)| row.get(name).is_some_and(|own| is_row(own, value, is_computed)))
        }
        (Json::Number(a), Json::Number(b)) => (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-9,
        (a, b) => a == b,
    }
}
