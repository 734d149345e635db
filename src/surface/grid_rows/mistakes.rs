//! The mistakes of one request, all told at once, each with its row where there are several.

use std::fmt::Display;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity, push};
use crate::base::error::{Error, ErrorKind, Result};

/// Something that a row may not say.
#[derive(Debug)]
pub(super) struct Mistake {
    code: Code,
    message: String,
    help: Option<String>,
}

impl Mistake {
    pub(super) fn new(code: Code, message: String) -> Self {
        Self { code, message, help: None }
    }

    /// With the way out, if there is one.
    pub(super) fn help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }
}

/// Collects mistakes.
#[derive(Debug)]
pub(super) struct Mistakes {
    list: Vec<Diagnostic>,
    /// Whether a mistake needs to say its row.
    several: bool,
}

impl Mistakes {
    /// Of a request with so many rows.
    pub(super) fn new(n_rows: usize) -> Self {
        Self { list: Vec::new(), several: n_rows > 1 }
    }

    pub(super) fn add(&mut self, row: &dyn Display, mistake: Mistake) {
        let Mistake { code, message, help } = mistake;
        let message = if self.several { format!("{message} (row {row})") } else { message };
        let wrong = Diagnostic::new(code, Severity::Error, Place::Request, message);
        let wrong = match help {
            Some(help) => wrong.help(help),
            None => wrong,
        };
        push(&mut self.list, wrong);
    }

    /// Nothing if there is no mistake.
    pub(super) fn finish(self, kind: ErrorKind) -> Result<()> {
        if self.list.is_empty() { Ok(()) } else { Err(Error::new(kind, self.list)) }
    }
}
