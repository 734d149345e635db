//! Rows as trees of named values: what OData answers.

use std::sync::Arc;

use crate::model::value::Value;

/// A row: its properties in order, by name.
///
/// ```
/// use tallygrid::{Property, Record, Value};
/// let mut row = Record::default();
/// row.put(&["Product".into(), "Name".into()], Value::from("Sugar"));
/// row.put(&["Total".into()], Value::from(4));
/// let Some(Property::Record(Some(product))) = row.get("Product") else { panic!("a path nests") };
/// assert_eq!(product.get("Name"), Some(&Property::Value("Sugar".into())));
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Record {
    properties: Vec<(Arc<str>, Property)>,
}

/// What a property of a row is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Property {
    /// A value, or a list of values.
    Value(Value),
    /// A row that a relation leads to; `None` where there is none.
    Record(Option<Record>),
    /// Rows that a relation leads to.
    Records(Vec<Record>),
    /// How many there are of the property before it.
    Count(u64),
}

/// A page of rows that OData was asked for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecordPage {
    /// The name of the index.
    pub index: Arc<str>,
    /// The rows.
    pub records: Vec<Record>,
    /// Rows left out before this page.
    pub skip: u64,
    /// Most rows of the page; none if there is no such limit.
    pub top: Option<u64>,
    /// Rows on all pages, if that was asked for.
    pub total: Option<u64>,
    /// Where the next page begins, if the limit of this one was the host's and more rows follow: for `$skiptoken`.
    pub next: Option<String>,
}

impl Record {
    /// The property of that name. `O(properties)`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|(known, _)| **known == *name).map(|(_, property)| property)
    }

    /// Every property with its name, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Property)> {
        self.properties.iter().map(|(name, property)| (&**name, property))
    }

    /// Adds a value at the end of a path, within records of the names before it.
    pub fn put(&mut self, path: &[Arc<str>], value: impl Into<Value>) {
        match path {
            [] => {}
            [name] => self.push(name.clone(), Property::Value(value.into())),
            [name, rest @ ..] => {
                for (known, property) in &mut self.properties {
                    if let (true, Property::Record(record)) = (known == name, property) {
                        return record.get_or_insert_default().put(rest, value);
                    }
                }
                let mut record = Self::default();
                record.put(rest, value);
                self.push(name.clone(), Property::Record(Some(record)));
            }
        }
    }

    /// Adds a property.
    pub(crate) fn push(&mut self, name: Arc<str>, property: Property) {
        self.properties.push((name, property));
    }
}
