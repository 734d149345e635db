//! Bodies of requests as trees of JSON, read by hand so that every mistake in them is told at once, each with its JSON path.
//! What a body may say is decided by the surface that reads it.

use serde_json::{Map, Value};

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity, push};
use crate::base::error::{Error, ErrorKind, Result};
use crate::model::document::json::{name_of, tree};

/// Characters of a caller's text that a message shows.
const SHOWN: usize = 60;

/// A caller's text as messages show it.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// Reads on after a mistake.
#[derive(Debug, Default)]
pub(super) struct Reader {
    mistakes: Vec<Diagnostic>,
}

impl Reader {
    /// Reads a body.
    ///
    /// # Errors
    /// `Query`: it is no JSON, nests deeper than 128 levels, has a key twice, or `read` found mistakes.
    pub(super) fn body<T>(bytes: &[u8], read: impl FnOnce(&mut Self, &Value) -> Option<T>) -> Result<T> {
        let body = tree(bytes).map_err(|(place, what)| {
            let message = format!("the body is not JSON: {what}");
            Error::one(ErrorKind::Query, Diagnostic::new(Code::WrongBody, Severity::Error, place, message))
        })?;
        Self::tree(&body, read)
    }

    /// Reads a tree.
    ///
    /// # Errors
    /// `Query` with every mistake that `read` found.
    pub(super) fn tree<T>(tree: &Value, read: impl FnOnce(&mut Self, &Value) -> Option<T>) -> Result<T> {
        let mut reader = Self::default();
        match read(&mut reader, tree) {
            Some(done) if reader.mistakes.is_empty() => Ok(done),
            _ => Err(Error::new(ErrorKind::Query, reader.mistakes)),
        }
    }

    /// A mistake at a path.
    pub(super) fn wrong(&mut self, at: &str, message: impl Into<String>) {
        push(&mut self.mistakes, wrong_body(at, message));
    }

    fn expected<T>(&mut self, at: &str, what: &str, found: &Value) -> Option<T> {
        self.wrong(at, format!("{what} is expected here, not {}", name_of(found)));
        None
    }

    pub(super) fn object<'v>(&mut self, value: &'v Value, at: &str) -> Option<&'v Map<String, Value>> {
        value.as_object().or_else(|| self.expected(at, "an object", value))
    }

    pub(super) fn list<'v>(&mut self, value: &'v Value, at: &str) -> Option<&'v [Value]> {
        value.as_array().map(Vec::as_slice).or_else(|| self.expected(at, "a list", value))
    }

    pub(super) fn text<'v>(&mut self, value: &'v Value, at: &str) -> Option<&'v str> {
        value.as_str().or_else(|| self.expected(at, "a text", value))
    }

    /// A text that is not empty.
    pub(super) fn name<'v>(&mut self, value: &'v Value, at: &str) -> Option<&'v str> {
        let text = self.text(value, at)?;
        if text.is_empty() {
            self.wrong(at, "the text is empty");
        }
        Some(text)
    }

    pub(super) fn flag(&mut self, value: &Value, at: &str) -> Option<bool> {
        value.as_bool().or_else(|| self.expected(at, "true or false", value))
    }

    /// A whole number of at least `least`.
    pub(super) fn number(&mut self, value: &Value, at: &str, least: u32) -> Option<u32> {
        let number = value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n >= least);
        if number.is_none() {
            match value {
                Value::Number(n) => self.wrong(at, format!("`{n}` is no whole number from {least} to {}", u32::MAX)),
                other => return self.expected(at, "a whole number", other),
            }
        }
        number
    }

    /// A member that has to be there.
    pub(super) fn required<'v>(&mut self, map: &'v Map<String, Value>, at: &str, name: &str) -> Option<&'v Value> {
        let found = member(map, name);
        if found.is_none() {
            self.wrong(at, missing(name));
        }
        found
    }

    /// Reads a member if it is there and not null.
    pub(super) fn member<'v, T>(
        &mut self,
        map: &'v Map<String, Value>,
        at: &str,
        name: &str,
        read: impl FnOnce(&mut Self, &'v Value, &str) -> Option<T>,
    ) -> Option<T> {
        member(map, name).and_then(|value| read(self, value, &format!("{at}.{name}")))
    }
}

/// What is wrong with a body at a path.
pub(super) fn wrong_body(at: &str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::WrongBody, Severity::Error, Place::document(at), message)
}

/// That a member is not there.
pub(super) fn missing(name: &str) -> String {
    format!("`{name}` is missing")
}

/// A member that is there and not null.
fn member<'v>(map: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    map.get(name).filter(|value| !value.is_null())
}
