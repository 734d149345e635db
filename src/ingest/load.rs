//! What callers use: files in, typed rows and a report out, or every mistake with its file and line.

use std::fmt;
use std::sync::Arc;

use crate::base::error::Result;
use crate::ingest::input::{Format, Input};
use crate::ingest::intake::{Intake, Watch};
use crate::ingest::report::{LoadReport, Progress};
use crate::model::schema::Schema;
use crate::model::table::Rows;

/// The name of an inferred index that was given none.
const DEFAULT_NAME: &str = "Data";

/// Reads data files into rows, typed by a schema or, without one, by what is in all of them.
///
/// ```
/// use tallygrid::{Format, Input, Kind, Load};
///
/// let monday = Input::new("mon.ndjson", Format::Ndjson, &br#"{"Id": 1, "Status": "Passed", "Took": 2}"#[..]);
/// let tuesday = Input::new("tue.csv", Format::Csv, &b"Id;Status;Took\n2;Failed;1.5\n"[..]);
/// let loaded = Load::new().name("Run").key("Id").read([monday, tuesday])?;
/// assert_eq!(loaded.schema().fields()[2].kind(), Kind::Decimal);
/// assert_eq!(loaded.report().to_string(), "mon.ndjson: 1 row, 40 bytes\ntue.csv: 1 row, 28 bytes\n");
/// assert_eq!(loaded.into_rows().len(), 2);
///
/// let twice = Input::new("a.csv", Format::Csv, &b"Id\n1\n2\n1\n"[..]);
/// let error = Load::new().key("Id").read([twice]).unwrap_err();
/// assert_eq!(error.to_string(), "a.csv:4: the key `1` is that of a.csv:2 too");
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Default)]
pub struct Load {
    schema: Option<Schema>,
    name: Option<Arc<str>>,
    key: Option<Arc<str>>,
    watch: Option<Watch>,
}

/// Rows of data files with their schema, ready for a transaction.
#[derive(Debug)]
pub struct Loaded {
    schema: Schema,
    rows: Rows,
    report: LoadReport,
}

impl Load {
    /// A load that infers the schema.
    ///
    /// Every cell of every file is taken into account. In JSON, numbers and booleans are what they are written as (whole
    /// numbers mixed with fractions are decimals), and texts are dates, date-times or clock durations if all of them are;
    /// a list makes its field multi-valued, and an object within an object becomes fields `a.b`. In CSV, a column is of a
    /// kind if every cell with something in it is; a `+`, a leading zero or an exponent makes it a keyword; a cell is one
    /// value. JUnit reports have fields of their own. Whatever fits nothing else is a keyword.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a schema that decides about every field; a column that it does not have is an error, and a field without a
    /// column is null. The schema's own name and key count, not [`Load::name`] and [`Load::key`]. Values that a field does
    /// not declare are loaded, and noted in the report. A cell of CSV or JUnit is one value, also of a multi-valued field,
    /// unless the field has a [separator](crate::Field::separator).
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schema = Some(schema);
        self
    }

    /// With a name for the index whose schema is inferred, else `Data`.
    #[must_use]
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With a field whose values identify the rows of the index whose schema is inferred.
    #[must_use]
    pub fn key(mut self, field: impl Into<Arc<str>>) -> Self {
        self.key = Some(field.into());
        self
    }

    /// With a function that is told how far the load is: every few thousand rows, and at the end of each file.
    #[must_use]
    pub fn progress(mut self, watch: impl FnMut(&Progress) + 'static) -> Self {
        self.watch = Some(Box::new(watch));
        self
    }

    /// Reads the files, one after the other.
    ///
    /// Cost: linear in the bytes read; all rows are held in memory.
    ///
    /// # Errors
    /// Every mistake in every file together, of which the first 100 found are named, by file, line and column: files that are
    /// broken off or no text, columns that the schema does not have, cells that their fields cannot hold, keys that are
    /// missing or there twice. Also when there is no field at all to infer a schema from.
    pub fn read(self, inputs: impl IntoIterator<Item = Input>) -> Result<Loaded> {
        let mut intake = Intake::new(self.schema, self.watch);
        for Input { name, format, bytes } in inputs {
            intake.begin_file(name);
            let n_bytes = match format {
                #[cfg(feature = "ndjson")]
                Format::Ndjson => crate::ingest::ndjson::read(bytes, &mut intake),
                #[cfg(feature = "csv")]
                Format::Csv => crate::ingest::csv::read(bytes, &mut intake),
                #[cfg(feature = "junit")]
                Format::Junit => crate::ingest::junit::read(bytes, &mut intake),
            };
            intake.end_file(n_bytes);
        }
        let name = self.name.as_deref().unwrap_or(DEFAULT_NAME);
        let (schema, rows, report) = intake.finish(name, self.key.as_deref())?;
        Ok(Loaded { schema, rows, report })
    }
}

impl Loaded {
    /// The schema that was given or inferred.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What was read, and what is worth knowing of it.
    #[must_use]
    pub fn report(&self) -> &LoadReport {
        &self.report
    }

    /// The rows: a column a field in the schema's order; files in the order given, and rows as they are in them.
    #[must_use]
    pub fn into_rows(self) -> Rows {
        self.rows
    }
}

impl fmt::Debug for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schema, name, key, watch: _ } = self;
        f.debug_struct("Load").field("schema", schema).field("name", name).field("key", key).finish_non_exhaustive()
    }
}
