//! Formats, files to read, and what is told about reading them.

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind};

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// Separated values with a header line; `,`, `;` and TAB are recognised.
    Csv,
    /// JUnit XML test reports.
    Junit,
}

impl Format {
    /// The format that a file's name ends with: `.ndjson`, `.csv` or `.xml`, perhaps with `.gz` behind it. Unpacking is the
    /// caller's.
    ///
    /// ```
    /// use tallygrid::Format;
    /// assert_eq!(Format::from_name("runs.ndjson.gz"), Some(Format::Ndjson));
    /// assert_eq!(Format::from_name("runs.txt"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        match lower.strip_suffix(".gz").unwrap_or(&lower).rsplit_once('.')?.1 {
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" | "tsv" => Some(Self::Csv),
            "xml" => Some(Self::Junit),
            _ => None,
        }
    }
}

/// A file to read.
pub struct Input {
    pub(crate) name: Arc<str>,
    pub(crate) format: Format,
    pub(crate) reader: Box<dyn Read>,
}

impl Input {
    /// A file of that name, for messages, and format.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, format: Format, reader: impl Read + 'static) -> Self {
        Self { name: name.into(), format, reader: Box::new(reader) }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("name", &self.name).field("format", &self.format).finish_non_exhaustive()
    }
}

/// How far a load is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The file being read.
    pub file: Arc<str>,
    /// Bytes of it read.
    pub bytes: u64,
    /// Rows of all files so far.
    pub rows: u64,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LoadReport {
    /// Each file in order.
    pub files: Vec<FileReport>,
    /// What was changed on the way in.
    pub notes: Vec<Diagnostic>,
}

/// What was read of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileReport {
    /// Its name.
    pub name: Arc<str>,
    /// Bytes after unpacking.
    pub bytes: u64,
    /// Rows.
    pub rows: u64,
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            writeln!(f, "{}: {} rows, {} bytes", file.name, file.rows, file.bytes)?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        Ok(())
    }
}

/// A mistake at a place of a file.
pub(crate) fn mistake(code: Code, file: &Arc<str>, line: u64, column: u64, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, Place::File { name: file.clone(), line, column }, message)
}

/// A file that cannot be read any further.
pub(crate) fn broken(file: &Arc<str>, line: u64, column: u64, message: impl Into<String>) -> Error {
    Error::one(ErrorKind::Data, mistake(Code::BrokenFile, file, line, column, message))
}
