//! Where every reader puts its cells. Under a schema, and for fields that a format declares, a cell is checked when it
//! arrives; otherwise it is kept until all files are read and its column's kind is known. Cells lie flat, row by row.
//!
//! No format is known here, and no file is opened.

mod finish;
mod mistakes;
mod undeclared;

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::ingest::infer::Evidence;
use crate::ingest::raw::{Raw, Texts};
use crate::ingest::report::{FileReport, Progress};
use crate::model::cell::coerce;
use crate::model::field::Field;
use crate::model::fold::fold_case;
use crate::model::schema::{FieldId, MAX_FIELDS, Schema};
use crate::model::value::Value;

pub(super) use self::mistakes::Mistakes;
use self::undeclared::Undeclared;

/// Rows between two reports of progress.
const ROWS_PER_REPORT: u64 = 4096;

/// A line and a column of the file being read, from 1; column 0 where only the line is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) line: u64,
    pub(super) column: u64,
}

/// A column of a file, by its number within the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ColumnId(usize);

/// How a host watches a load.
pub(super) type Watch = Box<dyn FnMut(&Progress)>;

/// What is collected of all files.
pub(super) struct Intake {
    schema: Option<Schema>,
    columns: Vec<Column>,
    by_name: HashMap<Arc<str>, ColumnId>,
    slots: Vec<Slot>,
    /// The slot of the declared key.
    key_slot: Option<usize>,
    /// The slot of a name, case ignored; only where slots are made as names appear.
    by_folded_name: HashMap<String, usize>,
    cells: Vec<Value>,
    rows: Vec<RowSite>,
    /// Whether the last row is not yet complete.
    in_row: bool,
    texts: Texts,
    mistakes: Mistakes,
    n_broken: u64,
    /// Whether it has been said that there are too many fields.
    too_wide: bool,
    files: Vec<FileReport>,
    watch: Option<Watch>,
}

/// A column as files name it.
struct Column {
    name: Arc<str>,
    /// Where its cells go; nowhere after a mistake in its name.
    slot: Option<usize>,
}

/// A field of the result.
struct Slot {
    name: Arc<str>,
    /// The field, if it is known before all cells are.
    field: Option<Field>,
    evidence: Evidence,
    /// Whether cells were kept without a check.
    unchecked: bool,
    /// The row that filled it last, counted from 1.
    filled_by: usize,
    n_cut: u64,
    undeclared: Option<Undeclared>,
    /// Texts that became null because they cannot be read, and what the first one was.
    n_unreadable: u64,
    unreadable: Option<(String, Place)>,
}

/// Where a row comes from, and where its cells begin; later columns have no cell in it.
pub(super) struct RowSite {
    file: u32,
    line: u64,
    start: usize,
    /// Whether its key may have been in something that could not be read or has no field: then it is not missing.
    key_in_doubt: bool,
}

impl Intake {
    pub(super) fn new(schema: Option<Schema>, watch: Option<Watch>) -> Self {
        let slots = schema
            .iter()
            .flat_map(|schema| schema.fields().iter().map(|field| Slot::new(&field.name, Some(field.clone()))));
        Self {
            slots: slots.collect(),
            key_slot: schema.as_ref().and_then(Schema::key_id).map(FieldId::idx),
            schema,
            columns: Vec::new(),
            by_name: HashMap::default(),
            by_folded_name: HashMap::default(),
            cells: Vec::new(),
            rows: Vec::new(),
            in_row: false,
            texts: Texts::new(),
            mistakes: Mistakes::default(),
            n_broken: 0,
            too_wide: false,
            files: Vec::new(),
            watch,
        }
    }

    /// What follows is from this file.
    pub(super) fn begin_file(&mut self, name: Arc<str>) {
        self.files.push(FileReport { name, rows: 0, bytes: 0 });
    }

    /// The file is read, so many bytes of it.
    pub(super) fn end_file(&mut self, bytes: u64) {
        if let Some(file) = self.files.last_mut() {
            file.bytes = bytes;
            self.report(bytes, self.rows.len() as u64);
        }
    }

    /// Fixes a field that the format defines. A schema decides by itself.
    #[cfg(feature = "junit")]
    pub(super) fn declare(&mut self, field: Field, at: Spot) {
        if self.schema.is_none() {
            let column = self.column(&field.name.clone(), at);
            if let Some(slot) = self.columns[column.0].slot {
                self.slots[slot].field = Some(field);
            }
        }
    }

    /// The column after `before`, if that is its name: a guess that spares the look-up, since rows resemble each other.
    #[cfg(feature = "ndjson")]
    pub(super) fn next_column(&self, before: Option<ColumnId>, name: &str) -> Option<ColumnId> {
        let next = ColumnId(before.map_or(0, |column| column.0 + 1));
        self.columns.get(next.0).filter(|column| *column.name == *name).map(|_| next)
    }

    /// The column of that name; `at` is where it is named, for the first time perhaps.
    pub(super) fn column(&mut self, name: &str, at: Spot) -> ColumnId {
        if let Some(column) = self.by_name.get(name) {
            return *column;
        }
        let slot = match &self.schema {
            Some(schema) => schema.field_named(name).map(FieldId::idx),
            None => self.new_slot(name, at),
        };
        if let (Some(schema), None) = (&self.schema, slot) {
            named(&mut self.mistakes, &self.files, Code::UnknownField, at, || {
                let message = format!("no field `{}` in `{}`", shortened(name), schema.name());
                (message, schema.suggest(name).map(|near| format!("did you mean `{near}`?")))
            });
        }
        let column = ColumnId(self.columns.len());
        let name: Arc<str> = name.into();
        self.columns.push(Column { name: name.clone(), slot });
        self.by_name.insert(name, column);
        column
    }

    /// A slot for a field that is inferred.
    fn new_slot(&mut self, name: &str, at: Spot) -> Option<usize> {
        if name.is_empty() {
            self.mistake(Code::InvalidSchema, at, || ("a field without a name".to_owned(), None));
            return None;
        }
        if self.slots.len() == MAX_FIELDS {
            if !std::mem::replace(&mut self.too_wide, true) {
                let message = format!("more than {MAX_FIELDS} fields, the most that an index can have");
                self.mistake(Code::InvalidSchema, at, || (message, None));
            }
            return None;
        }
        let folded = fold_case(name).into_owned();
        if let Some(there) = self.by_folded_name.get(&folded) {
            let there = shortened(&self.slots[*there].name);
            let message = || format!("the field `{}` differs from `{there}` only in case", shortened(name));
            self.mistake(Code::InvalidSchema, at, || (message(), None));
            return None;
        }
        self.by_folded_name.insert(folded, self.slots.len());
        self.slots.push(Slot::new(&name.into(), None));
        Some(self.slots.len() - 1)
    }

    /// The cells that follow are of a new row.
    pub(super) fn begin_row(&mut self, line: u64) {
        let file = u32::try_from(self.files.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.rows.push(RowSite { file, line, start: self.cells.len(), key_in_doubt: false });
        self.in_row = true;
        self.cells.resize(self.cells.len() + self.slots.len(), Value::Null);
    }

    /// A cell of the row; `at` is asked only where something is wrong.
    pub(super) fn cell(&mut self, column: ColumnId, cell: &Raw<'_>, at: impl Fn() -> Spot) {
        if let Err(reason) = self.take(column, cell, &at) {
            if self.columns[column.0].slot == self.key_slot {
                self.doubt_key();
            }
            let name = &self.columns[column.0].name;
            named(&mut self.mistakes, &self.files, Code::WrongCell, at(), || {
                (format!("field `{}`: {reason}", shortened(name)), None)
            });
        }
    }

    /// A cell of the row that is null where it cannot be read, which the report notes.
    #[cfg(feature = "junit")]
    pub(super) fn cell_or_null(&mut self, column: ColumnId, cell: &Raw<'_>, at: Spot) {
        let Err(reason) = self.take(column, cell, &|| at) else { return };
        if let Some(slot) = self.columns[column.0].slot {
            let slot = &mut self.slots[slot];
            slot.n_unreadable += 1;
            slot.unreadable.get_or_insert_with(|| (reason, place(&self.files, at)));
        }
    }

    fn take(&mut self, column: ColumnId, cell: &Raw<'_>, at: &impl Fn() -> Spot) -> Result<(), String> {
        let Some(slot_idx) = self.columns[column.0].slot else {
            self.stray_cell();
            return Ok(());
        };
        let n_rows = self.rows.len();
        let Some(row) = self.rows.last_mut() else { return Ok(()) };
        let slot = &mut self.slots[slot_idx];
        let position = row.start + slot_idx;
        if slot.filled_by == n_rows {
            return Err("a second value in one row".to_owned());
        }
        slot.filled_by = n_rows;
        let separator = slot.field.as_ref().and_then(|field| field.separator.as_deref());
        let mut value = match separator {
            Some(separator) => cell.parts(separator).value(&mut self.texts),
            None => cell.value(&mut self.texts),
        };
        if let Some(field) = &slot.field {
            let checked = coerce(&value, field)?;
            slot.n_cut += u64::from(checked.cut);
            value = checked.value;
            if let Some(undeclared) = &mut slot.undeclared {
                undeclared.see(&value, || place(&self.files, at()));
            }
        } else {
            slot.unchecked = true;
            slot.evidence.see(cell);
        }
        if position >= self.cells.len() {
            // A column that first appears in this row.
            self.cells.resize(position + 1, Value::Null);
        }
        self.cells[position] = value;
        if self.key_slot == Some(slot_idx) {
            row.key_in_doubt = false;
        }
        Ok(())
    }

    /// A cell of the row that has no field.
    pub(super) fn stray_cell(&mut self) {
        let has_key = self.key_slot.is_some_and(|slot| self.slots[slot].filled_by == self.rows.len());
        if !has_key {
            self.doubt_key();
        }
    }

    /// Something of the row is lost, which may have been its key.
    fn doubt_key(&mut self) {
        if let Some(row) = self.rows.last_mut().filter(|_| self.in_row) {
            row.key_in_doubt = true;
        }
    }

    /// The row is complete.
    pub(super) fn end_row(&mut self) {
        self.in_row = false;
        if let Some(file) = self.files.last_mut() {
            file.rows += 1;
        }
    }

    /// So many bytes of the file are read, and so many rows that are still to be handed over.
    pub(super) fn progress(&mut self, bytes: u64, n_pending: u64) {
        let n_rows = self.rows.len() as u64 + n_pending;
        if n_rows.is_multiple_of(ROWS_PER_REPORT) {
            self.report(bytes, n_rows);
        }
    }

    fn report(&mut self, bytes: u64, rows: u64) {
        if let (Some(watch), Some(file)) = (&mut self.watch, self.files.last()) {
            watch(&Progress { file: file.name.clone(), bytes, rows });
        }
    }

    /// The name of the file being read.
    #[cfg(feature = "junit")]
    pub(super) fn file(&self) -> Arc<str> {
        self.files.last().map_or_else(|| "".into(), |file| file.name.clone())
    }

    /// The file cannot be read, at this place at least.
    pub(super) fn broken(&mut self, at: Spot, message: impl Into<String>, help: Option<String>) {
        self.doubt_key();
        self.n_broken += 1;
        self.mistake(Code::BrokenFile, at, || (message.into(), help));
    }

    /// The field that a column belongs to.
    #[cfg(feature = "csv")]
    pub(super) fn field_of(&self, column: ColumnId) -> Option<usize> {
        self.columns[column.0].slot
    }

    /// The header names a second column for the field of this one.
    #[cfg(feature = "csv")]
    pub(super) fn second_column(&mut self, at: Spot, column: ColumnId) {
        let name = shortened(&self.columns[column.0].name);
        self.mistake(Code::InvalidSchema, at, || (format!("a second column for the field `{name}`"), None));
    }

    fn mistake(&mut self, code: Code, at: Spot, describe: impl FnOnce() -> (String, Option<String>)) {
        named(&mut self.mistakes, &self.files, code, at, describe);
    }
}

impl Slot {
    fn new(name: &Arc<str>, field: Option<Field>) -> Self {
        Self {
            name: name.clone(),
            undeclared: field.as_ref().and_then(Undeclared::of),
            field,
            evidence: Evidence::none(),
            unchecked: false,
            filled_by: 0,
            n_cut: 0,
            n_unreadable: 0,
            unreadable: None,
        }
    }
}

/// One more mistake in the last file; `describe` gives the message and perhaps the way out, and is asked only if the mistake
/// will be named.
fn named(
    mistakes: &mut Mistakes,
    files: &[FileReport],
    code: Code,
    at: Spot,
    describe: impl FnOnce() -> (String, Option<String>),
) {
    mistakes.add(|| {
        let (message, help) = describe();
        let mistake = Diagnostic::new(code, Severity::Error, place(files, at), message);
        match help {
            Some(help) => mistake.help(help),
            None => mistake,
        }
    });
}

/// A place in the last file.
fn place(files: &[FileReport], at: Spot) -> Place {
    let name = files.last().map_or_else(|| "".into(), |file| file.name.clone());
    Place::File { name, line: at.line, column: at.column }
}

/// A name of a file in a message, at most 60 characters of it.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}
