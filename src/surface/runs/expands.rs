//! Objects that runs and results refer to, beside them and each once: those of the indexes that the caller may see.

use std::collections::BTreeSet;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::base::error::Result;
use crate::engine::ask::Query;
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::snapshot::Snapshot;
use crate::model::value::{Value, distinct};
use crate::surface::runs::object::{Object, Table};
use crate::surface::runs::statuses::Statuses;

/// Objects by the name of what was asked for, in the order of the request.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Expands(Vec<(&'static str, Vec<Object>)>);

/// The objects that rows refer to by the fields that `fields` says for each name; and of statuses those at some places.
pub(super) fn expanded(
    snapshot: &Snapshot,
    names: &[&'static str],
    fields: impl Fn(&str) -> &'static [&'static str],
    table: &Table,
    places: &BTreeSet<usize>,
    ctx: &Context,
) -> Result<Expands> {
    let mut expands = Expands::default();
    for name in names {
        let objects = if *name == "statuses" {
            let statuses = Statuses::of(snapshot.catalog())?;
            places.iter().filter_map(|place| Object::status(*place, &statuses)).collect()
        } else {
            referred(snapshot, name, fields(name).iter().flat_map(|field| table.values(field)), ctx)?
        };
        expands.0.push((name, objects));
    }
    Ok(expands)
}

/// The rows of an index with those numbers, by number. An index that is not there, or that the caller may not see, has none.
fn referred<'v>(
    snapshot: &Snapshot,
    index: &str,
    ids: impl Iterator<Item = &'v Value>,
    ctx: &Context,
) -> Result<Vec<Object>> {
    let ids = distinct(ids.filter(|id| !id.is_empty()).cloned().collect());
    if ids.is_empty() || !ctx.access().sees(index) || snapshot.catalog().find(index).is_none() {
        return Ok(Vec::new());
    }
    let index = snapshot.index(index, ctx)?;
    let query = Query::tql("ORDER BY id").top(ids.len() as u64).scope(Condition::is_in("id", ids));
    Ok(Table::new(index.rows(&query, ctx)?.body, index.schema()).objects().collect())
}

impl Serialize for Expands {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, objects) in &self.0 {
            map.serialize_entry(name, objects)?;
        }
        map.end()
    }
}
