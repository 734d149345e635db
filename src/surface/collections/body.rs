//! The body of a request that starts a script run.

use serde_json::Value as Json;

use crate::base::error::Result;
use crate::model::cell::coerce;
use crate::model::guid::parse_guid;
use crate::model::schema::Schema;
use crate::model::value::Value;
use crate::surface::body::Reader;
use crate::surface::collections::kind::added;

/// Who starts a script run, and what the body of the request says.
///
/// ```
/// use tallygrid::ScriptRunRequest;
/// let body = br#"{"TesterId": "e7157154-5f93-4ec4-bde3-0a3e5c66b04a", "WidgetValues": null, "FieldValues": null}"#;
/// assert!(ScriptRunRequest::from_json(body).is_ok());
/// assert_eq!(ScriptRunRequest::from_json(b"").unwrap(), ScriptRunRequest::default());
/// let error = ScriptRunRequest::from_json(br#"{"TesterId": "joe", "Tester": 1}"#).unwrap_err();
/// assert_eq!(error.diagnostics().len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ScriptRunRequest {
    pub(super) by: Option<u128>,
    pub(super) tester: Option<u128>,
    /// Names and values as the body has them.
    pub(super) fields: Vec<(String, Json)>,
    pub(super) widgets: Vec<(String, Json)>,
}

impl ScriptRunRequest {
    /// What a body says: `{"TesterId", "WidgetValues", "FieldValues"}`, each of which may be missing or null, as may the body.
    /// The last two are objects of names and values; fields are those that the host added to runs.
    ///
    /// # Errors
    /// `Query`: no JSON, or every mistake in it with its JSON path.
    pub fn from_json(body: &[u8]) -> Result<Self> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        Reader::body(body, |reader, value| {
            if value.is_null() {
                return Some(Self::default());
            }
            let map = reader.object(value, "$")?;
            for name in map.keys().filter(|name| !["TesterId", "WidgetValues", "FieldValues"].contains(&name.as_str()))
            {
                reader.wrong(&format!("$.{name}"), "the body has no such member");
            }
            let tester = reader.member(map, "$", "TesterId", |reader, value, at| {
                let guid = parse_guid(reader.text(value, at)?);
                if guid.is_none() {
                    reader.wrong(at, "this is no guid");
                }
                guid
            });
            let pairs = |reader: &mut Reader, value: &Json, at: &str| {
                let map = reader.object(value, at)?;
                Some(map.iter().map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>())
            };
            let widgets = reader.member(map, "$", "WidgetValues", pairs).unwrap_or_default();
            let fields = reader.member(map, "$", "FieldValues", pairs).unwrap_or_default();
            Some(Self { by: None, tester, fields, widgets })
        })
    }

    /// By the user of that id, who is also the tester unless the body names another.
    #[must_use]
    pub fn by(mut self, user: &str) -> Self {
        self.by = parse_guid(user);
        self
    }

    /// The cells of the fields that the host added to runs.
    ///
    /// # Errors
    /// `Query` for every field that there is not, and every value that its field cannot hold.
    pub(super) fn cells(&self, schema: &Schema) -> Result<Vec<(String, Value)>> {
        let known = added(schema);
        Reader::tree(&Json::Null, |reader, _| {
            let mut cells = Vec::with_capacity(self.fields.len());
            for (name, json) in &self.fields {
                let at = format!("$.FieldValues.{name}");
                let field = schema.field_named(name).map(|id| schema.field(id));
                let Some(field) = field.filter(|field| known.iter().any(|known| known == field.name())) else {
                    reader.wrong(&at, "runs have no such field of the host's own");
                    continue;
                };
                match value_of(json).ok_or("a value is expected here".to_owned()).and_then(|v| coerce(&v, field)) {
                    Ok(cell) => cells.push((field.name().to_owned(), cell.value)),
                    Err(reason) => reader.wrong(&at, reason),
                }
            }
            Some(cells)
        })
    }
}

/// A value as a cell takes it.
pub(super) fn value_of(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(b) => (*b).into(),
        // In the digits of the text, which a binary number would lose.
        Json::Number(n) => n.to_string().into(),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => Value::List(items.iter().map(value_of).collect::<Option<_>>()?),
        Json::Object(_) => return None,
    })
}
