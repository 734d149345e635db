//! One data file as the caller hands it in: a name, a format and its bytes.

use std::fmt;
use std::io::Read;
use std::sync::Arc;

/// The format of a data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object a line.
    #[cfg(feature = "ndjson")]
    Ndjson,
    /// A header line, then one row a record; apart by `,`, `;` or a tab.
    #[cfg(feature = "csv")]
    Csv,
    /// A JUnit report.
    #[cfg(feature = "junit")]
    Junit,
}

impl Format {
    /// The format that the end of a file's name stands for, case ignored: `.ndjson` or `.jsonl`, `.csv` or `.tsv`, `.xml`, each also
    /// with `.gz` behind it (whose bytes the caller unpacks).
    ///
    /// ```
    /// use tallygrid::Format;
    /// assert_eq!(Format::from_name("runs.ndjson.gz"), Some(Format::Ndjson));
    /// assert_eq!(Format::from_name("reports/TEST-a.XML"), Some(Format::Junit));
    /// assert_eq!(Format::from_name("runs.parquet"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (_, end) = name.strip_suffix(".gz").unwrap_or(&name).rsplit_once('.')?;
        match end {
            #[cfg(feature = "ndjson")]
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            #[cfg(feature = "csv")]
            "csv" | "tsv" => Some(Self::Csv),
            #[cfg(feature = "junit")]
            "xml" => Some(Self::Junit),
            _ => None,
        }
    }
}

/// A data file to read.
///
/// ```
/// use tallygrid::{Format, Input};
/// let input = Input::new("runs.csv", Format::Csv, &b"Id,Status\n1,Passed\n"[..]);
/// assert_eq!(input.name(), "runs.csv");
/// ```
pub struct Input {
    pub(super) name: Arc<str>,
    pub(super) format: Format,
    pub(super) bytes: Box<dyn Read>,
}

impl Input {
    /// A file: `name` is how messages call it, `bytes` its content, unpacked. It is read in large pieces, so it needs no
    /// buffer of its own.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, format: Format, bytes: impl Read + 'static) -> Self {
        Self { name: name.into(), format, bytes: Box::new(bytes) }
    }

    /// How messages call the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("name", &self.name).field("format", &self.format).finish_non_exhaustive()
    }
}
