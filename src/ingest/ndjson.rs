//! NDJSON: one JSON object a line. Nested objects become `a.b`; arrays become lists; what is nested in arrays stays JSON text.
//! A name that stands twice in an object has its last value.

use std::io::{BufRead, BufReader};

use serde_json::Value as Json;

use crate::base::error::Result;
use crate::ingest::input::{FileReport, Input, broken};
use crate::ingest::raw::RawRows;
use crate::model::decimal::Decimal;
use crate::model::value::Value;

/// Reads every line of a file.
pub(crate) fn read(input: Input, rows: &mut RawRows) -> Result<FileReport> {
    let Input { name, reader, .. } = input;
    let mut reader = BufReader::with_capacity(1 << 16, reader);
    let mut report = FileReport { name: name.clone(), bytes: 0, rows: 0 };
    let (mut line, mut line_no) = (Vec::new(), 0u64);
    loop {
        line.clear();
        line_no += 1;
        let n = reader.read_until(b'\n', &mut line).map_err(|e| broken(&name, line_no, 0, e.to_string()))?;
        if n == 0 {
            return Ok(report);
        }
        report.bytes += n as u64;
        let bytes = if line_no == 1 { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line) } else { &line };
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let column = String::from_utf8_lossy(&bytes[..e.valid_up_to()]).chars().count() as u64 + 1;
            broken(&name, line_no, column, "the bytes here are no UTF-8 text")
        })?;
        if text.trim().is_empty() {
            continue;
        }
        let object: Json = serde_json::from_str(text).map_err(|e| {
            let reason = e.to_string();
            let reason = reason.split(" at line ").next().unwrap_or("").to_owned();
            broken(&name, line_no, e.column() as u64, format!("no JSON: {reason}"))
        })?;
        let Json::Object(object) = object else {
            return Err(broken(&name, line_no, 1, "a line must be a JSON object"));
        };
        for (key, value) in object {
            field(&key, value, line_no, rows)?;
        }
        rows.end_row(line_no, report.bytes);
        report.rows += 1;
    }
}

/// One member of an object, and of the objects in it: the parser limits how deep they nest.
fn field(name: &str, value: Json, line: u64, rows: &mut RawRows) -> Result<()> {
    if let Json::Object(members) = value {
        for (key, value) in members {
            field(&format!("{name}.{key}"), value, line, rows)?;
        }
        return Ok(());
    }
    let column = rows.column(name, false, line)?;
    let value = match value {
        Json::Array(items) => {
            let items = items.into_iter().map(|item| scalar(item, rows, name, line));
            Value::List(items.collect::<Result<_>>()?)
        }
        scalar_value => scalar(scalar_value, rows, name, line)?,
    };
    rows.cell(column, value);
    Ok(())
}

fn scalar(value: Json, rows: &RawRows, name: &str, line: u64) -> Result<Value> {
    Ok(match value {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Boolean(b),
        Json::String(text) => Value::Text(text.into()),
        Json::Number(n) => match n.as_i64() {
            Some(n) => Value::Integer(n),
            None => {
                let decimal = match n.as_u64() {
                    Some(n) => Decimal::new(n.into(), 0),
                    None => Decimal::from_f64(n.as_f64().unwrap_or(f64::NAN)),
                };
                let file = rows.files.last().cloned().unwrap_or_else(|| "".into());
                Value::Decimal(decimal.map_err(|e| broken(&file, line, 0, format!("field `{name}`: `{n}` has {e}")))?)
            }
        },
        nested @ (Json::Array(_) | Json::Object(_)) => Value::Text(nested.to_string().into()),
    })
}
