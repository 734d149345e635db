//! One run as an item of a collection, and the collection around items.

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::engine::odata::record::{Property, Record};
use crate::model::schema::Schema;
use crate::model::value::Value;
use crate::surface::collection::Cell;
use crate::surface::collections::kind::{Column, RunKind};
use crate::surface::collections::wording::{duration, in_words};

/// `{"Items": […]}`, with the number of rows `{"Skip", "Top", "Total", "Items"}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RunItems {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) skip: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<u64>,
    pub(super) items: Vec<RunItem>,
}

/// A run: its fields, what can be expanded, what is, and a link to it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunItem(pub(super) Record);

/// A row of an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) schema: &'a Schema,
    pub(super) cells: &'a [Value],
}

impl<'a> Row<'a> {
    /// The cell of a field; none where the index has no such field.
    pub(super) fn get(&self, field: &str) -> Option<&'a Value> {
        self.cells.get(self.schema.field_named(field)?.idx())
    }

    /// Its id as links have it.
    pub(super) fn id(&self) -> String {
        self.get("Id").map_or_else(String::new, Value::to_string)
    }

    /// The kind of a run.
    pub(super) fn kind(&self) -> Option<RunKind> {
        match self.get("Type") {
            Some(Value::Text(name)) => RunKind::of_type(name),
            _ => None,
        }
    }

    /// The fields that columns show, as far as the index has them.
    pub(super) fn shown(&self, columns: &[Column]) -> Record {
        let mut record = Record::default();
        for (name, field) in columns {
            if let Some(value) = self.get(field).and_then(|cell| shown(name, cell)) {
                record.push((*name).into(), Property::Value(value));
            }
        }
        record
    }
}

impl RunItem {
    /// A run with the names of what can be expanded and the contents of what is.
    pub(super) fn new(
        row: Row<'_>,
        kind: RunKind,
        names: &[&str],
        contents: Vec<(&'static str, Property)>,
        base: &str,
    ) -> Self {
        let mut record = row.shown(kind.columns());
        let names = names.iter().map(|name| Value::from(*name)).collect();
        record.push("Expands".into(), Property::Value(Value::List(names)));
        contents.into_iter().for_each(|(name, property)| record.push(name.into(), property));
        push_link(&mut record, base, kind.path(), &row.id());
        Self(record)
    }
}

/// Adds the link of a row.
pub(super) fn push_link(record: &mut Record, base: &str, path: &str, id: &str) {
    record.push("Self".into(), Property::Value(format!("{base}{path}{id}").into()));
}

/// A cell on the wire; nothing where a duration is missing.
fn shown(name: &str, cell: &Value) -> Option<Value> {
    Some(match (name, cell) {
        ("ActualDuration" | "EstimatedDuration", Value::Null) => return None,
        (_, Value::Duration(micros)) => duration(*micros).into(),
        ("Status" | "ExecutionStatus", Value::Text(status)) => in_words(status).into(),
        ("Outcome" | "Result", Value::Null) => "NotRun".into(),
        ("HasIncidents" | "HasAttachments", Value::Null) => false.into(),
        (_, cell) => cell.clone(),
    })
}

impl Serialize for RunItem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Tree(&self.0).serialize(serializer)
    }
}

struct Tree<'a>(&'a Record);

impl Serialize for Tree<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, property) in self.0.iter() {
            match property {
                // Also one without members, which a cell would show as null.
                Property::Value(Value::List(items)) => {
                    map.serialize_entry(name, &items.iter().map(Cell).collect::<Vec<_>>())?;
                }
                Property::Value(value) => map.serialize_entry(name, &Cell(value))?,
                Property::Record(record) => map.serialize_entry(name, &record.as_ref().map(Tree))?,
                Property::Records(records) => {
                    map.serialize_entry(name, &records.iter().map(Tree).collect::<Vec<_>>())?;
                }
                Property::Count(n) => map.serialize_entry(name, n)?,
            }
        }
        map.end()
    }
}

/// A name shared by properties.
pub(super) fn named(name: &str, value: Value) -> (Arc<str>, Property) {
    (name.into(), Property::Value(value))
}
