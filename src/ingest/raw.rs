//! Rows as files hold them: whatever columns each has, with the place of each row. Not typed yet.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::ingest::input::{Progress, broken};
use crate::model::field::Field;
use crate::model::fold::fold_case;
use crate::model::value::Value;

/// Rows between two calls of the progress callback.
const PROGRESS_ROWS: usize = 4096;

/// Called now and then while reading.
pub(crate) type OnProgress = Box<dyn FnMut(&Progress)>;

/// Rows of all files.
#[derive(Default)]
pub(crate) struct RawRows {
    pub(crate) files: Vec<Arc<str>>,
    pub(crate) columns: Vec<Column>,
    by_name: HashMap<String, u32>,
    by_folded: HashMap<String, u32>,
    /// Cells that are not null, row after row: column and value.
    cells: Vec<(u32, Value)>,
    rows: Vec<RawRow>,
    on_progress: Option<OnProgress>,
    /// Values left out because they could not be read: file, what they are, an example, how many.
    unreadable: Vec<(Arc<str>, String, String, u64)>,
}

/// A column as files name it.
pub(crate) struct Column {
    pub(crate) name: Arc<str>,
    /// Whether its texts stand for anything they can be read as (CSV), or are texts (JSON).
    pub(crate) is_untyped: bool,
    /// The field it is, where the format says so.
    pub(crate) fixed: Option<Field>,
}

/// Where a row is, and where its cells end.
#[derive(Clone, Copy)]
struct RawRow {
    file: u32,
    line: u64,
    end: usize,
}

impl RawRows {
    /// No rows yet.
    pub(crate) fn new(on_progress: Option<OnProgress>) -> Self {
        Self { on_progress, ..Self::default() }
    }

    /// Starts the next file.
    pub(crate) fn start_file(&mut self, name: &Arc<str>) {
        self.files.push(name.clone());
    }

    /// The column of that name, new if need be.
    ///
    /// # Errors
    /// A name that differs from another only in case.
    pub(crate) fn column(&mut self, name: &str, is_untyped: bool, line: u64) -> Result<u32> {
        if let Some(at) = self.by_name.get(name) {
            return Ok(*at);
        }
        let file = self.files.last().cloned().unwrap_or_else(|| "".into());
        let at = self.columns.len() as u32;
        let folded = fold_case(name).into_owned();
        if let Some(other) = self.by_folded.insert(folded, at) {
            let other = &self.columns[other as usize].name;
            return Err(broken(&file, line, 0, format!("the field names `{other}` and `{name}` differ only in case")));
        }
        if name.is_empty() {
            return Err(broken(&file, line, 0, "a field without a name"));
        }
        self.columns.push(Column { name: name.into(), is_untyped, fixed: None });
        self.by_name.insert(name.to_owned(), at);
        Ok(at)
    }

    /// A column whose field the format decides.
    pub(crate) fn fixed_column(&mut self, field: Field, line: u64) -> Result<u32> {
        let at = self.column(&field.name, false, line)?;
        self.columns[at as usize].fixed.get_or_insert(field);
        Ok(at)
    }

    /// Adds a cell to the row that is being read; null ones may be left out.
    pub(crate) fn cell(&mut self, column: u32, value: Value) {
        if value != Value::Null {
            self.cells.push((column, value));
        }
    }

    /// Ends the row that is being read.
    pub(crate) fn end_row(&mut self, line: u64, bytes: u64) {
        self.rows.push(RawRow { file: self.files.len() as u32 - 1, line, end: self.cells.len() });
        if self.rows.len() % PROGRESS_ROWS == 0
            && let (Some(call), Some(file)) = (&mut self.on_progress, self.files.last())
        {
            call(&Progress { file: file.clone(), bytes, rows: self.rows.len() as u64 });
        }
    }

    /// Counts a value that was left out.
    pub(crate) fn unreadable(&mut self, what: &str, value: &str) {
        let Some(file) = self.files.last() else { return };
        match self.unreadable.last_mut().filter(|(name, known, ..)| name == file && known == what) {
            Some((.., n)) => *n += 1,
            None => self.unreadable.push((file.clone(), what.to_owned(), value.chars().take(60).collect(), 1)),
        }
    }

    /// What was left out.
    pub(crate) fn notes(&self) -> impl Iterator<Item = Diagnostic> {
        self.unreadable.iter().map(|(file, what, example, n)| {
            let place = Place::File { name: file.clone(), line: 0, column: 0 };
            let message = format!("{n} {what} such as `{example}` cannot be read and are empty");
            Diagnostic::new(Code::WrongCell, Severity::Note, place, message)
        })
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// The cells of a row that are not null.
    pub(crate) fn row(&self, row: usize) -> &[(u32, Value)] {
        let start = row.checked_sub(1).map_or(0, |before| self.rows[before].end);
        &self.cells[start..self.rows[row].end]
    }

    /// File and line of a row.
    pub(crate) fn place(&self, row: usize) -> (&Arc<str>, u64) {
        let row = self.rows[row];
        (&self.files[row.file as usize], row.line)
    }

    /// Every cell that is not null.
    pub(crate) fn cells(&self) -> &[(u32, Value)] {
        &self.cells
    }
}
