//! The mistakes of one load: the first ones by name, the rest by number.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};

/// Mistakes that are named one by one.
pub(super) const NAMED: usize = 100;

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

    /// An error of all mistakes so far, if there is one.
    pub(super) fn stop_if_any(&mut self) -> Result<()> {
        if self.named.is_empty() {
            return Ok(());
        }
        let mut list = std::mem::take(&mut self.named);
        let more = self.n - list.len() as u64;
        if more > 0 {
            let message = format!("{more} more {} not named", if more == 1 { "mistake is" } else { "mistakes are" });
            list.push(Diagnostic::new(Code::WrongCell, Severity::Note, Place::Request, message));
        }
        Err(Error::new(ErrorKind::Data, list))
    }
}
