//! Rows on their way in and out by the names of their fields, and what is wrong with them.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::model::cell::coerce;
use crate::model::schema::Schema;
use crate::model::table::Rows;
use crate::model::value::Value;
use crate::surface::body::shown;

/// Mistakes that are named one by one.
const NAMED_MISTAKES: usize = 1000;

/// A row of an index.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) schema: Arc<Schema>,
    pub(super) cells: Vec<Value>,
}

/// Rows that someone gives, with the columns of their index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given<'a> {
    pub(super) rows: &'a Rows,
    pub(super) schema: &'a Schema,
}

/// The mistakes in given rows.
#[derive(Debug)]
pub(super) struct Mistakes<'a> {
    schema: &'a Schema,
    list: Vec<Diagnostic>,
}

impl Row {
    /// The cell of a field; null where there is no such field.
    pub(super) fn get(&self, field: &str) -> Value {
        let cell = self.schema.field_named(field).and_then(|id| self.cells.get(id.idx()));
        cell.cloned().unwrap_or(Value::Null)
    }

    /// The number in a field.
    pub(super) fn number(&self, field: &str) -> Option<i64> {
        match self.get(field) {
            Value::Integer(n) => Some(n),
            _ => None,
        }
    }

    /// The instant in a field.
    pub(super) fn instant(&self, field: &str) -> Option<i64> {
        match self.get(field) {
            Value::Instant(at) => Some(at),
            _ => None,
        }
    }
}

impl Given<'_> {
    /// No rows yet, with these columns and further ones.
    pub(super) fn with_columns<'c>(&self, further: impl IntoIterator<Item = &'c str>) -> Rows {
        Rows::new(self.rows.columns().iter().cloned().chain(further.into_iter().map(Arc::from)))
    }

    /// The column of a field.
    pub(super) fn column(&self, field: &str) -> Option<usize> {
        self.rows.columns().iter().position(|name| names(self.schema, name, field))
    }

    /// A cell as it was given; null where its column is missing.
    pub(super) fn cell(&self, row: usize, field: &str) -> Value {
        let cell = self.column(field).and_then(|at| self.rows.cells(row).get(at));
        cell.cloned().unwrap_or(Value::Null)
    }

    /// The number in a cell; none where its field cannot hold it, which appending the row tells.
    pub(super) fn number(&self, row: usize, field: &str) -> Option<i64> {
        match self.held(row, field)? {
            Value::Integer(n) => Some(n),
            _ => None,
        }
    }

    /// The instant in a cell.
    pub(super) fn instant(&self, row: usize, field: &str) -> Option<i64> {
        match self.held(row, field)? {
            Value::Instant(at) => Some(at),
            _ => None,
        }
    }

    /// A cell as its field holds it.
    fn held(&self, row: usize, field: &str) -> Option<Value> {
        let id = self.schema.field_named(field)?;
        coerce(&self.cell(row, field), self.schema.field(id)).ok().map(|cell| cell.value)
    }
}

impl<'a> Mistakes<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self { schema, list: Vec::new() }
    }

    pub(super) fn add(&mut self, code: Code, row: usize, field: &str, message: String) {
        if self.list.len() < NAMED_MISTAKES {
            let place = Place::Cell { index: self.schema.shared_name().clone(), row, field: field.into() };
            self.list.push(Diagnostic::new(code, Severity::Error, place, message));
        }
    }

    /// That a row leads to one that is not there.
    pub(super) fn missing(&mut self, row: usize, field: &str, key: &Value) {
        let message = match key.is_empty() {
            true => "the number is missing".to_owned(),
            false => format!("no row has the number `{}`", shown(&key.to_string())),
        };
        self.add(Code::UnknownKey, row, field, message);
    }

    /// That a value is no status.
    pub(super) fn no_status(&mut self, row: usize, value: &Value) {
        let message = match value.is_empty() {
            true => "the status is missing".to_owned(),
            false => format!("`{}` is no status", shown(&value.to_string())),
        };
        self.add(Code::WrongCell, row, "status", message);
    }

    /// Tells of columns that nobody may write.
    pub(super) fn kept(&mut self, columns: &[&str], kept: &[&str], why: &str) {
        for column in columns {
            if kept.iter().any(|field| names(self.schema, column, field)) {
                self.add(Code::WrongCell, 0, column, format!("`{column}` {why}"));
            }
        }
    }

    /// # Errors
    /// The mistakes, if there are any.
    pub(super) fn finish(self) -> Result<()> {
        match self.list.is_empty() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Data, self.list)),
        }
    }
}

/// Whether a column is that of a field.
pub(super) fn names(schema: &Schema, column: &str, field: &str) -> bool {
    let id = schema.field_named(column);
    id.is_some() && id == schema.field_named(field)
}
