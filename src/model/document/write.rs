//! Schemas and catalogs as JSON, without what is at its default: reading a document back gives an equal schema.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::model::catalog::Catalog;
use crate::model::field::{DeclaredValue, Field, StatusFlags};
use crate::model::kind::Kind;
use crate::model::latest::{Latest, Rule};
use crate::model::schema::Schema;

use super::COLLATIONS;

pub(super) fn catalog(catalog: &Catalog) -> String {
    let indexes: Vec<Value> = catalog.schemas().map(schema_value).collect();
    pretty(&json!({ "indexes": indexes }))
}

pub(super) fn schema(schema: &Schema) -> String {
    pretty(&schema_value(schema))
}

fn pretty(value: &Value) -> String {
    // The alternate form of a JSON tree is the indented one, and cannot fail.
    format!("{value:#}")
}

fn schema_value(schema: &Schema) -> Value {
    let mut map = Map::new();
    map.insert("name".into(), schema.name().into());
    if let Some(key) = schema.key() {
        map.insert("key".into(), key.name().into());
    }
    if let Some(latest) = schema.latest() {
        map.insert("latest".into(), latest_value(&latest));
    }
    let aggregates: Vec<Value> = schema
        .aggregates()
        .map(|(name, measure, field)| json!({ "name": name, "method": measure.as_str(), "field": field }))
        .collect();
    if !aggregates.is_empty() {
        map.insert("aggregates".into(), aggregates.into());
    }
    map.insert("fields".into(), schema.fields().iter().map(field_value).collect());
    Value::Object(map)
}

fn latest_value(Latest { retries }: &Latest) -> Value {
    let mut map = Map::new();
    map.insert("per".into(), texts(&retries.per));
    if !retries.by.is_empty() {
        map.insert("by".into(), texts(&retries.by));
    }
    if retries.rule != Rule::Last {
        map.insert("rule".into(), retries.rule.name().into());
        map.insert("status".into(), retries.rule.status().map(|status| &**status).into());
    }
    Value::Object(map)
}

fn field_value(field: &Field) -> Value {
    let mut map = Map::new();
    let mut set = |key: &str, value: Value| map.insert(key.to_owned(), value);
    set("name", field.name().into());
    set("kind", field.kind().as_str().into());
    // A relation says itself whether it leads to many.
    if field.multi != field.relation.as_ref().is_some_and(|relation| relation.many) {
        set("multi", field.multi.into());
    }
    if let Some(separator) = &field.separator {
        set("separator", (**separator).into());
    }
    if !field.aliases.is_empty() {
        set("aliases", texts(&field.aliases));
    }
    if !field.values.is_empty() {
        set("values", field.values.iter().map(declared_value).collect());
    }
    if let Some(collation) = field.collation {
        let name = COLLATIONS.iter().find(|(_, known)| *known == collation).map(|(name, _)| *name);
        set("collation", name.into());
    }
    if let Some(zone) = &field.zone {
        set("zone", zone.name().into());
    }
    if let Some(relation) = &field.relation {
        let (index, key) = (&*relation.index, &*relation.key);
        set("relation", json!({ "index": index, "key": key, "many": relation.many }));
    }
    if let (Some(ancestors), Kind::Path) = (&field.ancestors, field.kind()) {
        set("ancestors", (**ancestors).into());
    }
    Value::Object(map)
}

/// The name alone where there is nothing else to say.
fn declared_value(value: &DeclaredValue) -> Value {
    let flags = value.flags();
    if value.aliases().is_empty() && flags == StatusFlags::default() {
        return value.name().into();
    }
    let mut map = Map::new();
    map.insert("name".into(), value.name().into());
    let flags =
        [("passed", flags.passed), ("failed", flags.failed), ("final", flags.is_final), ("untested", flags.untested)];
    for (name, _) in flags.into_iter().filter(|(_, on)| *on) {
        map.insert(name.into(), true.into());
    }
    if !value.aliases().is_empty() {
        map.insert("aliases".into(), texts(value.aliases()));
    }
    Value::Object(map)
}

fn texts(list: &[Arc<str>]) -> Value {
    list.iter().map(|text| Value::from(&**text)).collect()
}
