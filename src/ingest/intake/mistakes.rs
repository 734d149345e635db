//! The mistakes of one load: the first ones by name, the rest by number.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::ingest::report::FileReport;

/// Mistakes that are named one by one.
const NAMED: usize = 100;

#[derive(Debug, Default)]
pub(in crate::ingest) struct Mistakes {
    named: Vec<Diagnostic>,
    n: u64,
}

impl Mistakes {
    /// One more; `describe` is asked only if it will be named.
    pub(in crate::ingest) fn add(&mut self, describe: impl FnOnce() -> Diagnostic) {
        self.n += 1;
        if self.named.len() < NAMED {
            self.named.push(describe());
        }
    }

    /// An error of all mistakes, if there is one: those that are named by file, line and column.
    pub(super) fn stop_if_any(&mut self, files: &[FileReport]) -> Result<()> {
        if self.named.is_empty() {
            return Ok(());
        }
        let mut list = std::mem::take(&mut self.named);
        list.sort_by_cached_key(|mistake| match mistake.place() {
            Place::File { name, line, column } => {
                (files.iter().position(|file| file.name == *name).unwrap_or(files.len()), *line, *column)
            }
            _ => (files.len(), 0, 0),
        });
        let more = self.n - list.len() as u64;
        if more > 0 {
            let message = format!("{more} more {} not named", if more == 1 { "mistake is" } else { "mistakes are" });
            list.push(Diagnostic::new(Code::WrongCell, Severity::Note, Place::Request, message));
        }
        Err(Error::new(ErrorKind::Data, list))
    }
}
