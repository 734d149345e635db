//! The whole way from files to rows that a transaction takes: read, typed, checked; or every mistake with its place.

use std::fmt;
use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::hash::HashMap;
use crate::ingest::infer::infer;
use crate::ingest::input::{Format, Input, LoadReport, Progress, mistake};
use crate::ingest::raw::RawRows;
use crate::model::cell::{coerce, text_of};
use crate::model::field::Field;
use crate::model::schema::{FieldId, Schema};
use crate::model::table::Rows;
use crate::model::value::Value;

/// Mistakes that are named one by one.
const NAMED_MISTAKES: usize = 100;

/// Reads files into rows.
///
/// ```
/// # #[cfg(feature = "csv")] {
/// use tallygrid::{Format, Input, Kind, Load};
/// let file = Input::new("runs.csv", Format::Csv, "Id;Status\n1;Passed\n2;Failed\n".as_bytes());
/// let loaded = Load::new().name("Run").read([file]).unwrap();
/// assert_eq!(loaded.schema().fields()[0].kind(), Kind::Integer);
/// assert_eq!(loaded.into_rows().len(), 2);
///
/// let wrong = Input::new("runs.csv", Format::Csv, "Id;Status\n1\n".as_bytes());
/// let error = Load::new().read([wrong]).unwrap_err();
/// assert_eq!(error.to_string(), "runs.csv:2: the row has 1 cells, the header has 2");
/// # }
/// ```
pub struct Load {
    schema: Option<Schema>,
    name: Arc<str>,
    key: Option<Arc<str>>,
    progress: Option<Box<dyn FnMut(&Progress)>>,
}

/// Rows that were read, with their schema.
#[derive(Clone, Debug)]
pub struct Loaded {
    schema: Schema,
    rows: Rows,
    report: LoadReport,
}

impl Load {
    /// A load whose schema is what the files hold.
    #[must_use]
    pub fn new() -> Self {
        Self { schema: None, name: "Data".into(), key: None, progress: None }
    }

    /// With a schema: columns it does not know are mistakes, those that files lack are null.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schema = Some(schema);
        self
    }

    /// With another name than `Data` for the index whose schema is inferred.
    #[must_use]
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// With a key field for the schema that is inferred.
    #[must_use]
    pub fn key(mut self, field: impl Into<Arc<str>>) -> Self {
        self.key = Some(field.into());
        self
    }

    /// With a function that is told now and then how far reading is.
    #[must_use]
    pub fn progress(mut self, call: impl FnMut(&Progress) + 'static) -> Self {
        self.progress = Some(Box::new(call));
        self
    }

    /// Reads every file, in order.
    ///
    /// # Errors
    /// Everything wrong with the files, each with file, line and, where it is known, column (characters; of a CSV cell its number):
    /// files that cannot be read to their end, cells that their fields cannot hold, keys that are missing or stand twice.
    pub fn read(self, inputs: impl IntoIterator<Item = Input>) -> Result<Loaded> {
        let mut raw = RawRows::new(self.progress);
        let mut report = LoadReport::default();
        for input in inputs {
            raw.start_file(&input.name);
            report.files.push(read_one(input, &mut raw)?);
        }
        let schema = match self.schema {
            Some(schema) => schema,
            None if raw.columns.is_empty() => {
                let message = "no field was found in the files, so there is nothing to infer a schema from";
                let wrong = Diagnostic::new(Code::BrokenFile, Severity::Error, Place::Request, message);
                return Err(Error::one(ErrorKind::Data, wrong.help("give a schema to load empty files")));
            }
            None => infer(&raw, &self.name, self.key.as_ref())?,
        };
        report.notes.extend(raw.notes());
        let rows = Typing::new(&raw, &schema).run(&mut report)?;
        Ok(Loaded { schema, rows, report })
    }
}

impl Default for Load {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Load").field("schema", &self.schema).field("name", &self.name).finish_non_exhaustive()
    }
}

impl Loaded {
    /// The schema given or inferred.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What was read.
    #[must_use]
    pub fn report(&self) -> &LoadReport {
        &self.report
    }

    /// The rows, with a column for every field of the schema: files in order, and rows as they stand in them.
    #[must_use]
    pub fn into_rows(self) -> Rows {
        self.rows
    }
}

fn read_one(input: Input, raw: &mut RawRows) -> Result<crate::ingest::input::FileReport> {
    match input.format {
        #[cfg(feature = "ndjson")]
        Format::Ndjson => crate::ingest::ndjson::read(input, raw),
        #[cfg(feature = "csv")]
        Format::Csv => crate::ingest::csv::read(input, raw),
        #[cfg(feature = "junit")]
        Format::Junit => crate::ingest::junit::read(input, raw),
        #[cfg(not(all(feature = "ndjson", feature = "csv", feature = "junit")))]
        format => {
            let message = format!("this build does not read {format:?} files");
            let wrong = mistake(Code::UnknownFormat, &input.name, 0, 0, message);
            let _ = raw;
            Err(Error::one(ErrorKind::Data, wrong.help("enable the cargo feature of that name")))
        }
    }
}

/// Untyped rows on their way to a schema.
struct Typing<'a> {
    raw: &'a RawRows,
    schema: &'a Schema,
    mistakes: Vec<Diagnostic>,
    n_mistakes: usize,
}

impl<'a> Typing<'a> {
    fn new(raw: &'a RawRows, schema: &'a Schema) -> Self {
        Self { raw, schema, mistakes: Vec::new(), n_mistakes: 0 }
    }

    fn run(mut self, report: &mut LoadReport) -> Result<Rows> {
        let fields = self.fields_of_columns();
        let n_fields = self.schema.fields().len();
        let mut rows = Rows::new(self.schema.fields().iter().map(|field| field.name.clone()));
        let mut cut = vec![0u64; n_fields];
        let mut keys: HashMap<String, usize> = HashMap::default();
        let mut cells = vec![Value::Null; n_fields];
        for row in 0..self.raw.n_rows() {
            cells.fill(Value::Null);
            for (column, value) in self.raw.row(row) {
                let Some(field) = fields[*column as usize] else { continue };
                match coerce(value, self.schema.field(field)) {
                    Ok(cell) => {
                        cut[field.idx()] += u64::from(cell.cut);
                        cells[field.idx()] = cell.value;
                    }
                    Err(reason) => self.wrong_cell(row, *column, field, &reason),
                }
            }
            self.check_key(row, &cells, &mut keys);
            rows.push(cells.iter().cloned());
        }
        if self.n_mistakes > self.mistakes.len() {
            let message = format!("{} more mistakes are not named", self.n_mistakes - self.mistakes.len());
            self.mistakes.push(Diagnostic::new(Code::WrongCell, Severity::Note, Place::Request, message));
        }
        if !self.mistakes.is_empty() {
            return Err(Error::new(ErrorKind::Data, self.mistakes));
        }
        for (field, n) in self.schema.fields().iter().zip(cut).filter(|(_, n)| *n > 0) {
            let message = format!("{n} values of `{}` had digits below a microsecond, which were cut", field.name());
            report.notes.push(Diagnostic::new(Code::CutPrecision, Severity::Note, Place::Request, message));
        }
        Ok(rows)
    }

    /// The field of each column; a column without one is a mistake at the first row that has it.
    fn fields_of_columns(&mut self) -> Vec<Option<FieldId>> {
        let schema = self.schema;
        let fields: Vec<Option<FieldId>> =
            self.raw.columns.iter().map(|column| schema.field_named(&column.name)).collect();
        for (at, column) in self.raw.columns.iter().enumerate().filter(|(at, _)| fields[*at].is_none()) {
            let has_it = |row: &usize| self.raw.row(*row).iter().any(|(column, _)| *column as usize == at);
            let Some(row) = (0..self.raw.n_rows()).find(has_it) else { continue };
            let reason = match schema.suggest(&column.name) {
                Some(near) => format!("`{}` has no field `{}`; did you mean `{near}`?", schema.name(), column.name),
                None => format!("`{}` has no field `{}`", schema.name(), column.name),
            };
            self.mistake(Code::UnknownField, row, None, &reason);
        }
        fields
    }

    fn check_key(&mut self, row: usize, cells: &[Value], keys: &mut HashMap<String, usize>) {
        let Some(field) = self.schema.key_id() else { return };
        let declared = self.schema.field(field);
        let text = text_of(&cells[field.idx()]);
        if text.is_empty() {
            self.mistake(Code::MissingKey, row, Some(field), "the key is empty");
        } else if let Some(earlier) = keys.insert(declared.effective_collation().fold(&text).into_owned(), row) {
            let (file, line) = self.raw.place(earlier);
            let reason = format!("the key `{text}` is that of {file}:{line}");
            self.mistake(Code::DuplicateKey, row, Some(field), &reason);
        }
    }

    fn wrong_cell(&mut self, row: usize, column: u32, field: FieldId, reason: &str) {
        let number = if self.raw.columns[column as usize].is_untyped { u64::from(column) + 1 } else { 0 };
        self.mistake_at(Code::WrongCell, row, number, Some(field), reason);
    }

    fn mistake(&mut self, code: Code, row: usize, field: Option<FieldId>, reason: &str) {
        self.mistake_at(code, row, 0, field, reason);
    }

    fn mistake_at(&mut self, code: Code, row: usize, column: u64, field: Option<FieldId>, reason: &str) {
        self.n_mistakes += 1;
        if self.mistakes.len() < NAMED_MISTAKES {
            let (file, line) = self.raw.place(row);
            let field = field.map(|field| self.schema.field(field)).map(Field::name);
            let message = field.map_or_else(|| reason.to_owned(), |field| format!("field `{field}`: {reason}"));
            self.mistakes.push(mistake(code, file, line, column, message));
        }
    }
}
