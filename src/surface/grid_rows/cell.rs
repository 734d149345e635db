//! Cells of a column: from JSON, with the reason if they do not fit, and back.
//!
//! Empty is null, the empty text and the empty list. A date is the milliseconds of a midnight in UTC: others would lose their
//! time, or be another day than the one their author saw.

use serde_json::{Map, Value as Json};

use crate::base::code::Code;
use crate::base::error::Result;
use crate::model::cell::{coerce, text_of};
use crate::model::document::json::name_of;
use crate::model::field::Field;
use crate::model::value::Value;
use crate::surface::body::shown;
use crate::surface::grid_rows::column::{GridColumn, GridColumnKind};
use crate::surface::grid_rows::mistakes::Mistake;
use crate::surface::grid_rows::user::{GridHost, GridUser, ask};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Options that a message lists.
const SHOWN_OPTIONS: usize = 10;

/// Whether grids call a value empty.
pub(super) fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The cells of a column's fields. The outer result is the host's failure.
pub(super) fn read(
    column: &GridColumn,
    fields: &[Field],
    value: &Json,
    host: &dyn GridHost,
) -> Result<Result<Vec<Value>, Mistake>> {
    if is_empty(value) {
        return Ok(Ok(vec![Value::Null; fields.len()]));
    }
    if matches!(column.kind, GridColumnKind::UserList) {
        return user(column, value, host);
    }
    let fits = |cell: Value| {
        let kept = fields.first().map_or(Err(String::new()), |field| coerce(&cell, field));
        kept.map(|kept| vec![kept.value]).map_err(|why| wrong(format!("column `{}`: {why}", column.id)))
    };
    Ok(one(column, value).and_then(fits))
}

fn one(column: &GridColumn, value: &Json) -> Result<Value, Mistake> {
    let id = &column.id;
    let takes = |what: &str| wrong(format!("column `{id}` takes {what}, not {}", told(value)));
    let milliseconds = |what: &str| value.as_i64().ok_or_else(|| takes(what));
    Ok(match &column.kind {
        GridColumnKind::Checkbox => Value::Boolean(value.as_bool().ok_or_else(|| takes("true or false"))?),
        GridColumnKind::Integer => Value::Integer(whole(value).ok_or_else(|| takes("a whole number"))?),
        GridColumnKind::Number => match value {
            Json::Number(number) => Value::from(number.to_string()),
            _ => return Err(takes("a number")),
        },
        GridColumnKind::Date => {
            let what = "a day's midnight in UTC in milliseconds";
            let ms = milliseconds(what)?;
            let day = i32::try_from(ms.div_euclid(DAY_MS)).ok().filter(|_| ms.rem_euclid(DAY_MS) == 0);
            Value::Date(day.ok_or_else(|| takes(what))?)
        }
        GridColumnKind::DateTime => {
            let what = "an instant in milliseconds since 1970";
            Value::Instant(milliseconds(what)?.checked_mul(1000).ok_or_else(|| takes(what))?)
        }
        GridColumnKind::Time => {
            let what = "a time of day in milliseconds since midnight";
            let ms = milliseconds(what)?;
            Value::Duration((0..DAY_MS).contains(&ms).then_some(ms * 1000).ok_or_else(|| takes(what))?)
        }
        GridColumnKind::SingleSelect(options) => {
            option(column, value.as_str().ok_or_else(|| takes("the title of an option"))?, options)?
        }
        GridColumnKind::MultiSelect(options) => {
            let items = value.as_array().ok_or_else(|| takes("a list of titles"))?;
            let title = |item: &Json| option(column, item.as_str().ok_or_else(|| takes("a list of titles"))?, options);
            Value::List(items.iter().map(title).collect::<Result<_, _>>()?)
        }
        // Of the others only texts are ever written.
        _ => Value::from(value.as_str().ok_or_else(|| takes("a text"))?),
    })
}

/// A number without digits behind the point, however it is written.
fn whole(value: &Json) -> Option<i64> {
    let exact = |x: f64| (x.fract() == 0.0 && x.abs() < 9_007_199_254_740_992.0).then_some(x as i64);
    value.as_i64().or_else(|| value.as_f64().and_then(exact))
}

fn option(column: &GridColumn, title: &str, options: &[std::sync::Arc<str>]) -> Result<Value, Mistake> {
    if let Some(known) = options.iter().find(|option| ***option == *title) {
        return Ok(Value::Text(known.clone()));
    }
    let first = options.iter().take(SHOWN_OPTIONS).map(|option| format!("`{}`", shown(option)));
    let rest = options.len().saturating_sub(SHOWN_OPTIONS);
    let listed = first.chain((rest > 0).then(|| format!("{rest} more"))).collect::<Vec<_>>().join(", ");
    let message = format!("column `{}` has no option `{}`", column.id, shown(title));
    Err(Mistake::new(Code::UnknownValue, message).help(Some(format!("there are {listed}"))))
}

/// What a user cell is given: a map with a key, or a text that the host looks up.
fn user(column: &GridColumn, value: &Json, host: &dyn GridHost) -> Result<Result<Vec<Value>, Mistake>> {
    let id = &column.id;
    let unknown = |wanted: &str| Mistake::new(Code::UnknownKey, format!("column `{id}`: no user `{}`", shown(wanted)));
    let found = match value {
        Json::String(wanted) => ask(|| host.user(wanted))?.ok_or_else(|| unknown(wanted)),
        Json::Object(map) => match map.get("key").and_then(Json::as_str).filter(|key| !key.is_empty()) {
            Some(key) => {
                let found = ask(|| host.user(key))?.filter(|user| user.key.as_deref() == Some(key));
                found.ok_or_else(|| unknown(key)).and_then(|known| with_parts(column, known, map))
            }
            None => Err(wrong(format!("column `{id}` takes a user with a `key`"))),
        },
        _ => Err(wrong(format!("column `{id}` takes a user, not {}", told(value)))),
    };
    Ok(found.map(|user| {
        let GridUser { key, username, value, avatar } = user;
        vec![value.into(), key.into(), username.into(), avatar.into()]
    }))
}

/// A known user, with what the request says besides the key.
fn with_parts(column: &GridColumn, mut user: GridUser, map: &Map<String, Json>) -> Result<GridUser, Mistake> {
    let part = |name: &str| match map.get(name).filter(|value| !is_empty(value)) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(other) => {
            Err(wrong(format!("column `{}`: the `{name}` of a user is a text, not {}", column.id, name_of(other))))
        }
    };
    user.username = part("username")?.or(user.username);
    user.avatar = part("avatar")?.or(user.avatar);
    if let Some(value) = part("value")? {
        user.value = value;
    }
    Ok(user)
}

fn wrong(message: String) -> Mistake {
    Mistake::new(Code::WrongCell, message)
}

/// A value in a message: numbers as they are, all else by what it is.
fn told(value: &Json) -> String {
    match value {
        Json::Number(number) => format!("`{number}`"),
        other => name_of(other).to_owned(),
    }
}

/// The cells of a column's fields as JSON.
pub(super) fn write(column: &GridColumn, cells: &[Value]) -> Json {
    let Some(first) = cells.first().filter(|cell| !cell.is_empty()) else { return Json::Null };
    if matches!(column.kind, GridColumnKind::UserList) {
        let parts = ["value", "key", "username", "avatar"].into_iter().zip(cells);
        let parts = parts.filter(|(_, cell)| !cell.is_empty());
        return Json::Object(parts.map(|(name, cell)| (name.to_owned(), json(cell))).collect());
    }
    json(first)
}

/// One cell.
fn json(cell: &Value) -> Json {
    match cell {
        Value::Boolean(b) => (*b).into(),
        Value::Integer(n) => (*n).into(),
        Value::Decimal(d) => d.to_string().parse::<serde_json::Number>().map_or(Json::Null, Json::Number),
        Value::Date(day) => (i64::from(*day) * DAY_MS).into(),
        Value::Instant(micros) | Value::Duration(micros) => micros.div_euclid(1000).into(),
        Value::List(items) => items.iter().map(json).collect(),
        other => text_of(other).into(),
    }
}
