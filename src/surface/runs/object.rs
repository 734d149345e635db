//! Runs, results and what they refer to as objects of an answer.

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::engine::answer::RowPage;
use crate::model::presets::counted::SUMS;
use crate::model::schema::Schema;
use crate::model::value::Value;
use crate::surface::collection::Cell;
use crate::surface::runs::statuses::{Counts, Statuses, counter_names};

/// Fields of a run behind those that a host adds.
const RUN_END: [&str; 6] = ["created_at", "created_by", "updated_at", "updated_by", "closed_at", "closed_by"];

/// The same of a result.
const RESULT_END: [&str; 2] = ["created_at", "created_by"];

/// Names and values in the order of the wire.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Object(Vec<(Arc<str>, Value)>);

/// Rows of an index with the names of their fields.
pub(super) struct Table {
    columns: Vec<Arc<str>>,
    rows: Vec<Vec<Value>>,
}

impl Table {
    /// The rows of a page. A field of several values is a list also where it has none.
    pub(super) fn new(page: RowPage, schema: &Schema) -> Self {
        let mut rows = page.rows;
        for (at, _) in schema.fields().iter().enumerate().filter(|(_, field)| field.is_multi()) {
            for cell in rows.iter_mut().filter_map(|row| row.get_mut(at)).filter(|cell| cell.is_empty()) {
                *cell = Value::List(Vec::new());
            }
        }
        Self { columns: page.columns, rows }
    }

    /// The values of a field, one a row; those of several one after the other.
    pub(super) fn values(&self, column: &str) -> impl Iterator<Item = &Value> {
        let at = self.columns.iter().position(|name| **name == *column);
        self.rows.iter().filter_map(move |row| row.get(at?)).flat_map(|value| match value {
            Value::List(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        })
    }

    /// Every row with all its fields.
    pub(super) fn objects(&self) -> impl Iterator<Item = Object> {
        self.rows.iter().map(|row| Object(self.columns.iter().cloned().zip(row.iter().cloned()).collect()))
    }
}

impl Object {
    /// A run: its own fields, those that a host adds, whether it is closed, the counters, and who did what when.
    pub(super) fn run(self, counts: Option<(Counts, &Statuses)>) -> Self {
        let counters = counter_names();
        let is_counter = |name: &str| counters.iter().any(|counter| counter == name) || SUMS.contains(&name);
        let (end, mut fields) = self.parted(|name| RUN_END.contains(&name));
        let (mut counted, rest) = fields.parted(|name| is_counter(name));
        let (closed, rest) = rest.parted(|name| name == "is_closed");
        fields = rest;
        if let Some((counts, statuses)) = counts {
            let numbers = counts.iter().copied().chain(statuses.sums(&counts));
            counted.0 = counters
                .iter()
                .map(|name| Arc::from(&**name))
                .chain(SUMS.map(Arc::from))
                .zip(numbers.map(Value::from))
                .collect();
        }
        counted.0.iter_mut().filter(|(_, n)| n.is_empty()).for_each(|(_, n)| *n = 0.into());
        let closed = closed.0.into_iter().map(|(name, is)| (name, if is.is_empty() { false.into() } else { is }));
        fields.0.extend(closed.chain(counted.0).chain(end.0));
        fields
    }

    /// A result: its status by number.
    pub(super) fn result(self, statuses: &Statuses) -> Self {
        let (end, mut fields) = self.parted(|name| RESULT_END.contains(&name));
        for (name, value) in &mut fields.0 {
            if **name == *"status" {
                *name = "status_id".into();
                *value = statuses.place(value).map_or(Value::Null, number_at);
            }
        }
        fields.0.extend(end.0);
        fields
    }

    /// The status at a place.
    pub(super) fn status(place: usize, statuses: &Statuses) -> Option<Self> {
        let status = statuses.at(place)?;
        let flags = status.flags();
        let object = [
            ("id", number_at(place)),
            ("name", status.name().into()),
            ("is_passed", flags.passed.into()),
            ("is_failed", flags.failed.into()),
            ("is_final", flags.is_final.into()),
            ("is_untested", flags.untested.into()),
        ];
        Some(Self(object.into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| **known == *name).map(|(_, value)| value)
    }

    /// What is meant, and the rest; each in its order.
    fn parted(self, is_meant: impl Fn(&str) -> bool) -> (Self, Self) {
        let (meant, rest) = self.0.into_iter().partition(|(name, _)| is_meant(name));
        (Self(meant), Self(rest))
    }
}

/// The number of the status at a place.
pub(super) fn number_at(place: usize) -> Value {
    i64::try_from(place + 1).map_or(Value::Null, Value::from)
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            match value {
                Value::List(items) => map.serialize_entry(&**name, &items.iter().map(Cell).collect::<Vec<_>>())?,
                value => map.serialize_entry(&**name, &Cell(value))?,
            }
        }
        map.end()
    }
}
