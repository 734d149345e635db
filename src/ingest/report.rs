//! What a load has read: while it runs, and when it is done.

use std::fmt;
use std::sync::Arc;

use crate::base::diagnostic::Diagnostic;

/// How far a load has come.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The file being read.
    pub file: Arc<str>,
    /// Bytes of it read so far, unpacked.
    pub bytes: u64,
    /// Rows of all files so far.
    pub rows: u64,
}

/// What a load has read, and what is worth knowing of it. Displays as one line a file, then one line a note.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LoadReport {
    /// Every file, in the order given.
    pub files: Vec<FileReport>,
    /// What was changed on the way in, such as digits that were cut, and values that their fields do not declare; once a
    /// field.
    pub notes: Vec<Diagnostic>,
}

/// What was read of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileReport {
    /// The file's name as the caller gave it.
    pub name: Arc<str>,
    /// Rows in it.
    pub rows: u64,
    /// Bytes in it, unpacked.
    pub bytes: u64,
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.iter().try_for_each(|file| writeln!(f, "{file}"))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))
    }
}

impl fmt::Display for FileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |n: u64, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
        write!(f, "{}: {}, {}", self.name, counted(self.rows, "row"), counted(self.bytes, "byte"))
    }
}
