//! A JSON tree to schemas. Goes on after a mistake, so that all of them are reported together, each with its JSON path.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::hash::HashSet;
use crate::base::suggest::nearest;
use crate::model::catalog::{At, Catalog, Outline, between};
use crate::model::field::{DeclaredValue, Field, Relation};
use crate::model::kind::Kind;
use crate::model::latest::{Latest, Retries, Rule};
use crate::model::measure::Measure;
use crate::model::schema::Schema;
use crate::model::time::Zone;

use super::COLLATIONS;
use super::json::name_of;

/// The schema in `document`.
pub(super) fn schema(document: &Value) -> Result<Schema> {
    let mut reader = Reader::default();
    let schema = reader.schema(document, "$").schema;
    reader.finish(schema)
}

/// The catalog in `document`; a schema is a catalog of one.
pub(super) fn catalog(document: &Value) -> Result<Catalog> {
    let mut reader = Reader::default();
    let is_schema =
        document.get("indexes").is_none() && ["name", "fields"].iter().any(|key| document.get(key).is_some());
    let read: Vec<Read<'_>> = if is_schema {
        vec![reader.schema(document, "$")]
    } else {
        match reader.indexes(document) {
            Some(list) => (0..).zip(list).map(|(i, index)| reader.schema(index, &path_of(is_schema, i))).collect(),
            None => return reader.finish(None),
        }
    };
    reader.mistakes_between(&read, is_schema);
    let schemas: Option<Vec<Schema>> = read.into_iter().map(|read| read.schema).collect();
    Catalog::new(reader.finish(schemas)?)
}

/// The JSON path of a catalog's schema.
fn path_of(is_schema: bool, index: usize) -> String {
    if is_schema { "$".to_owned() } else { format!("$.indexes[{index}]") }
}

/// A schema as far as it can be read.
#[derive(Default)]
struct Read<'v> {
    name: Option<&'v str>,
    /// Empty if it cannot be read.
    key: Option<&'v str>,
    /// Every field, those that cannot be read without a name.
    fields: Vec<Field>,
    /// Whether every field has a name that can be read.
    complete: bool,
    /// The schema, if it is right by itself.
    schema: Option<Schema>,
}

#[derive(Default)]
struct Reader {
    mistakes: Vec<Diagnostic>,
}

impl Reader {
    fn finish<T>(self, read: Option<T>) -> Result<T> {
        match read {
            Some(read) if self.mistakes.is_empty() => Ok(read),
            _ => Err(Error::new(ErrorKind::Schema, self.mistakes)),
        }
    }

    /// The schemas of a catalog.
    fn indexes<'v>(&mut self, document: &'v Value) -> Option<&'v Vec<Value>> {
        let map = self.object(document, "$", &["indexes"])?;
        let Some(list) = map.get("indexes") else {
            let help = "a schema by itself has the keys `name` and `fields`".to_owned();
            self.add("$", "the key `indexes` is missing".to_owned(), Some(help));
            return None;
        };
        self.list(list, "$.indexes")
    }

    /// Mistakes between schemas, also of those that are wrong by themselves.
    fn mistakes_between(&mut self, read: &[Read<'_>], is_schema: bool) {
        let outlines: Vec<Outline<'_>> = read
            .iter()
            .map(|read| Outline { name: read.name, key: read.key, fields: &read.fields, complete: read.complete })
            .collect();
        for clash in between(&outlines) {
            let at = match clash.at {
                At::Catalog => "$.indexes".to_owned(),
                At::Name(index) => format!("{}.name", path_of(is_schema, index)),
                At::Relation { index, field } => format!("{}.fields[{field}].relation", path_of(is_schema, index)),
            };
            self.mistakes.push(clash.told(at));
        }
    }

    /// A schema as far as it can be read.
    fn schema<'v>(&mut self, value: &'v Value, at: &str) -> Read<'v> {
        let Some(map) = self.object(value, at, &["name", "key", "latest", "aggregates", "fields"]) else {
            return Read::default();
        };
        let name = self.required(map, at, "name").and_then(|name| self.text(name, &format!("{at}.name")));
        let key = map.get("key").and_then(|key| self.text(key, &format!("{at}.key")));
        let n_before = self.mistakes.len();
        let latest = map.get("latest").and_then(|latest| self.latest(latest, &format!("{at}.latest")));
        let latest_unread = self.mistakes.len() > n_before;
        let n_before = self.mistakes.len();
        let aggregates = self.aggregates(map.get("aggregates"), &format!("{at}.aggregates"));
        let aggregates_unread = self.mistakes.len() > n_before;
        let list = self.required(map, at, "fields").and_then(|list| self.list(list, &format!("{at}.fields")));
        let mut unread = HashSet::default();
        let (mut complete, mut fields) = (list.is_some(), Vec::new());
        for (i, value) in list.into_iter().flatten().enumerate() {
            let n_before = self.mistakes.len();
            let field = self.field(value, &format!("{at}.fields[{i}]"));
            complete &= field.is_some();
            // An unreadable field keeps its place, so that the places of the others stay right.
            fields.push(field.unwrap_or_else(|| Field::new("", Kind::Keyword)));
            if self.mistakes.len() > n_before {
                unread.insert(format!("fields[{i}]"));
            }
        }
        let mut builder = Schema::builder(name.unwrap_or("")).fields(fields.iter().cloned());
        if let Some(key) = key {
            builder = builder.key(key);
        }
        if let Some(latest) = latest {
            builder = builder.latest(latest);
        }
        for (name, measure, field) in aggregates {
            builder = builder.aggregate(name, measure, field);
        }
        let built = builder.build();
        for mistake in built.as_ref().err().map_or(&[][..], Error::diagnostics) {
            let part = mistake.place().to_string();
            let part = part.strip_prefix(name.unwrap_or("")).and_then(|part| part.strip_prefix('.')).unwrap_or(&part);
            let known = match part {
                "name" => name.is_none(),
                "fields" => list.is_none(),
                // These may name a field that could not be read.
                "key" => !complete,
                _ if part.starts_with("latest.") => !complete || latest_unread,
                _ if part.starts_with("aggregates[") => !complete || aggregates_unread,
                _ => part.split('.').next().is_some_and(|field| unread.contains(field)),
            };
            if !known {
                self.mistakes.push(mistake.clone().moved(Place::document(format!("{at}.{part}"))));
            }
        }
        let key = map.get("key").map(|_| key.unwrap_or(""));
        Read { name, key, fields, complete, schema: built.ok() }
    }

    /// The aggregates that can be read.
    fn aggregates<'v>(&mut self, list: Option<&'v Value>, at: &str) -> Vec<(&'v str, Measure, &'v str)> {
        let methods: Vec<(&str, Measure)> = Measure::all().collect();
        let list = list.and_then(|list| self.list(list, at));
        let mut read = Vec::new();
        for (i, value) in list.into_iter().flatten().enumerate() {
            let at = format!("{at}[{i}]");
            let Some(map) = self.object(value, &at, &["name", "method", "field"]) else { continue };
            let mut text = |key: &str| {
                let value = self.required(map, &at, key)?;
                self.text(value, &format!("{at}.{key}"))
            };
            let (name, method, field) = (text("name"), text("method"), text("field"));
            let method_at = format!("{at}.method");
            let method = method.and_then(|method| self.one_of("method", method, &method_at, &methods));
            if let (Some(name), Some(method), Some(field)) = (name, method, field) {
                read.push((name, method, field));
            }
        }
        read
    }

    fn latest(&mut self, value: &Value, at: &str) -> Option<Latest> {
        let map = self.object(value, at, &["per", "by", "rule", "status"])?;
        let per = self.required(map, at, "per");
        let (per, by) = (self.texts(per, &format!("{at}.per")), self.texts(map.get("by"), &format!("{at}.by")));
        let (rule_at, status_at) = (format!("{at}.rule"), format!("{at}.status"));
        let rules = [Rule::Last, Rule::Worst(()), Rule::AnyPassed(())].map(|rule| (rule.name(), rule));
        let rule = match map.get("rule") {
            Some(rule) => self.text(rule, &rule_at).and_then(|name| self.one_of("rule", name, &rule_at, &rules))?,
            None => Rule::Last,
        };
        let status = map.get("status").and_then(|status| self.text(status, &status_at));
        match (rule, map.get("status")) {
            (Rule::Last, Some(_)) => self.mistake(&status_at, "the rule `last` asks no status".to_owned()),
            (Rule::Worst(()) | Rule::AnyPassed(()), None) => drop(self.required(map, at, "status")),
            _ => {}
        }
        let rule = match rule {
            Rule::Last => Rule::Last,
            Rule::Worst(()) => Rule::Worst(status?.into()),
            Rule::AnyPassed(()) => Rule::AnyPassed(status?.into()),
        };
        Some(Latest { retries: Retries { per, by, rule } })
    }

    /// A field as far as it can be read; nothing without a name.
    fn field(&mut self, value: &Value, at: &str) -> Option<Field> {
        const KEYS: [&str; 10] =
            ["name", "kind", "multi", "separator", "aliases", "values", "collation", "zone", "relation", "ancestors"];
        let map = self.object(value, at, &KEYS)?;
        let name = self.required(map, at, "name").and_then(|name| self.text(name, &format!("{at}.name")));
        let kind = self.required(map, at, "kind").and_then(|kind| self.kind(kind, &format!("{at}.kind")));
        let mut field = Field::new(name.unwrap_or(""), kind.unwrap_or(Kind::Keyword));
        field.relation = map.get("relation").and_then(|value| self.relation(value, &format!("{at}.relation")));
        let multi = map.get("multi").and_then(|value| self.boolean(value, &format!("{at}.multi")));
        field.multi = multi.unwrap_or_else(|| field.relation.as_ref().is_some_and(|relation| relation.many));
        field.separator =
            map.get("separator").and_then(|text| self.text(text, &format!("{at}.separator"))).map(Arc::from);
        field.aliases = self.texts(map.get("aliases"), &format!("{at}.aliases"));
        let values = map.get("values").and_then(|values| self.list(values, &format!("{at}.values")));
        for (i, value) in values.into_iter().flatten().enumerate() {
            field.values.extend(self.declared(value, &format!("{at}.values[{i}]")));
        }
        if let Some(value) = map.get("collation") {
            let at = format!("{at}.collation");
            field.collation = self.text(value, &at).and_then(|name| self.one_of("collation", name, &at, &COLLATIONS));
        }
        field.zone = map.get("zone").and_then(|zone| self.zone(zone, &format!("{at}.zone")));
        field.ancestors =
            map.get("ancestors").and_then(|name| self.text(name, &format!("{at}.ancestors"))).map(Arc::from);
        name.map(|_| field)
    }

    fn kind(&mut self, value: &Value, at: &str) -> Option<Kind> {
        let kinds = Kind::ALL.map(|kind| (kind.as_str(), kind));
        self.text(value, at).and_then(|name| self.one_of("kind", name, at, &kinds))
    }

    fn zone(&mut self, value: &Value, at: &str) -> Option<Zone> {
        let name = self.text(value, at)?;
        let found = Zone::require(name);
        for mistake in found.as_ref().err().map_or(&[][..], Error::diagnostics) {
            self.mistakes.push(mistake.clone().moved(Place::document(at)));
        }
        found.ok()
    }

    fn relation(&mut self, value: &Value, at: &str) -> Option<Relation> {
        let map = self.object(value, at, &["index", "key", "many"])?;
        let index = self.required(map, at, "index").and_then(|index| self.text(index, &format!("{at}.index")));
        let key = self.required(map, at, "key").and_then(|key| self.text(key, &format!("{at}.key")));
        let many = map.get("many").and_then(|many| self.boolean(many, &format!("{at}.many"))).unwrap_or(false);
        Some(Relation { index: index?.into(), key: key?.into(), many })
    }

    /// A declared value: its name, or an object with flags and other spellings.
    fn declared(&mut self, value: &Value, at: &str) -> Option<DeclaredValue> {
        if let Value::String(name) = value {
            return Some(DeclaredValue::new(name.as_str()));
        }
        if !value.is_object() {
            self.mistake(at, format!("a text or an object is expected, not {}", name_of(value)));
            return None;
        }
        let map = self.object(value, at, &["name", "passed", "failed", "final", "untested", "aliases"])?;
        let name = self.required(map, at, "name").and_then(|name| self.text(name, &format!("{at}.name")));
        let mut declared = DeclaredValue::new(name.unwrap_or(""));
        let mut flag =
            |key: &str| map.get(key).and_then(|value| self.boolean(value, &format!("{at}.{key}"))).unwrap_or(false);
        declared.flags.passed = flag("passed");
        declared.flags.failed = flag("failed");
        declared.flags.is_final = flag("final");
        declared.flags.untested = flag("untested");
        declared.aliases = self.texts(map.get("aliases"), &format!("{at}.aliases"));
        name.map(|_| declared)
    }

    fn one_of<T: Copy>(&mut self, what: &str, name: &str, at: &str, known: &[(&str, T)]) -> Option<T> {
        let found = known.iter().find(|(known, _)| *known == name);
        if found.is_none() {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let help = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it is one of {}", names.join(", ")),
            };
            self.add(at, format!("no {what} `{}`", shortened(name)), Some(help));
        }
        found.map(|(_, value)| *value)
    }

    /// An object with these keys and no others.
    fn object<'v>(&mut self, value: &'v Value, at: &str, keys: &[&str]) -> Option<&'v Map<String, Value>> {
        let Value::Object(map) = value else {
            self.mistake(at, format!("an object is expected, not {}", name_of(value)));
            return None;
        };
        for key in map.keys().filter(|key| !keys.contains(&key.as_str())) {
            let help = match nearest(key, keys.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", keys.join(", ")),
            };
            let key = shortened(key);
            self.add(&format!("{at}.{key}"), format!("unknown key `{key}`"), Some(help));
        }
        Some(map)
    }

    fn required<'v>(&mut self, map: &'v Map<String, Value>, at: &str, key: &str) -> Option<&'v Value> {
        let value = map.get(key);
        if value.is_none() {
            self.mistake(at, format!("the key `{key}` is missing"));
        }
        value
    }

    fn list<'v>(&mut self, value: &'v Value, at: &str) -> Option<&'v Vec<Value>> {
        self.expected("a list", value, at, value.as_array())
    }

    fn text<'v>(&mut self, value: &'v Value, at: &str) -> Option<&'v str> {
        self.expected("a text", value, at, value.as_str())
    }

    fn boolean(&mut self, value: &Value, at: &str) -> Option<bool> {
        self.expected("true or false", value, at, value.as_bool())
    }

    fn texts(&mut self, value: Option<&Value>, at: &str) -> Vec<Arc<str>> {
        let list = value.and_then(|value| self.list(value, at));
        let items = list.into_iter().flatten().enumerate();
        items.filter_map(|(i, item)| self.text(item, &format!("{at}[{i}]"))).map(Arc::from).collect()
    }

    fn expected<T>(&mut self, what: &str, value: &Value, at: &str, read: Option<T>) -> Option<T> {
        if read.is_none() {
            self.mistake(at, format!("{what} is expected, not {}", name_of(value)));
        }
        read
    }

    fn mistake(&mut self, at: &str, message: String) {
        self.add(at, message, None);
    }

    fn add(&mut self, at: &str, message: String, help: Option<String>) {
        let mistake = Diagnostic::new(Code::InvalidDocument, Severity::Error, Place::document(at), message);
        self.mistakes.push(match help {
            Some(help) => mistake.help(help),
            None => mistake,
        });
    }
}

/// A name of the document in a message, at most 60 characters of it.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}
