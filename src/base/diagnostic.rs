//! What is wrong, where, and the way out: as data. Rendering is in [`render`](super::render); wire shapes are in `surface`.

use std::fmt;
use std::sync::Arc;

use crate::base::code::Code;
use crate::base::span::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// The request is not answered.
    Error,
    /// The request is answered, perhaps not as its author meant it.
    Warning,
    /// Worth knowing; nothing to do.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Where a diagnostic points.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// Nowhere in particular.
    Request,
    /// A range of the query text.
    Text(Span),
    /// A part of a request, such as `BaseQuery`.
    Parameter {
        /// The part's name, as requests spell it.
        name: Arc<str>,
        /// A range of its text, if it is a query that the caller typed.
        span: Option<Span>,
    },
    /// A place in a data file; line and column count from 1, the column in characters; 0 means unknown.
    File {
        /// The file's name as the caller gave it.
        name: Arc<str>,
        /// Line, from 1; 0 if the file as a whole is meant.
        line: u64,
        /// Column in characters, from 1; 0 if only the line is known.
        column: u64,
    },
    /// A cell of rows handed to a transaction.
    Cell {
        /// Name of the index.
        index: Arc<str>,
        /// Position of the row in the batch, from 0.
        row: usize,
        /// Name of the field, empty if the row as a whole is meant.
        field: Arc<str>,
    },
    /// A place in a JSON document.
    Document {
        /// The document's name, such as that of its file; empty if it has none.
        name: Arc<str>,
        /// The JSON path, such as `$.fields[2].kind`.
        path: Arc<str>,
    },
}

impl Place {
    /// A place in a JSON document without a name.
    pub(crate) fn document(path: impl Into<Arc<str>>) -> Self {
        Self::Document { name: "".into(), path: path.into() }
    }
}

/// An edit that a user interface can offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the edit does, for a menu.
    pub label: String,
    /// The range of the query text to replace; empty for an insertion.
    pub span: Span,
    /// The text to put there.
    pub replacement: String,
}

/// One mistake or warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    code: Code,
    severity: Severity,
    message: String,
    place: Place,
    help: Option<String>,
    fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error at a range of the query text.
    pub(crate) fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, Place::Text(span), message)
    }

    /// A warning at a range of the query text.
    pub(crate) fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, Place::Text(span), message)
    }

    /// Any diagnostic at any place.
    pub(crate) fn new(code: Code, severity: Severity, place: Place, message: impl Into<String>) -> Self {
        Self { code, severity, message: one_line(message.into()), place, help: None, fixes: Vec::new() }
    }

    /// At another range of the query text.
    pub(crate) fn at(self, span: Span) -> Self {
        self.moved(Place::Text(span))
    }

    /// At another place.
    pub(crate) fn moved(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// As a mistake in that part of a request, if it is one of the request.
    pub(crate) fn in_parameter(self, name: &Arc<str>) -> Self {
        let span = match self.place {
            Place::Request => None,
            Place::Text(span) => Some(span),
            _ => return self,
        };
        self.moved(Place::Parameter { name: name.clone(), span })
    }

    /// The message behind its place; without one in a query's text, which whoever shows the text can mark.
    pub(crate) fn headline(&self) -> String {
        match &self.place {
            Place::Request | Place::Text(_) => self.message.clone(),
            Place::Parameter { name, .. } => format!("in `{name}`: {}", self.message),
            _ => self.to_string(),
        }
    }

    /// With the way out in words.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(one_line(help.into()));
        self
    }

    /// With an edit that leads out.
    pub(crate) fn fix(mut self, label: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        self.fixes.push(Fix { label: one_line(label.into()), span, replacement: replacement.into() });
        self
    }

    /// The stable code; each has a section in `docs/diagnostics.md`.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong: one line, lower case, user text in backticks.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The range of the query text, if the place is one.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self.place {
            Place::Text(span) => Some(span),
            Place::Parameter { span, .. } => span,
            _ => None,
        }
    }

    /// The way out in words, if there is one to state.
    #[must_use]
    pub fn help_text(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Edits that lead out.
    #[must_use]
    pub fn fixes(&self) -> &[Fix] {
        &self.fixes
    }
}

/// Messages quote what users typed, which may hold line breaks; logs and lists show a message as one line.
fn one_line(text: String) -> String {
    if text.chars().all(|c| printable(c) == c) { text } else { text.chars().map(printable).collect() }
}

/// A character that neither breaks a line nor moves what follows it.
pub(crate) fn printable(c: char) -> char {
    if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { '·' } else { c }
}

/// Most diagnostics of one severity that a text gets: a megabyte of the same slip is told once it is clear.
const MOST_OF_A_SEVERITY: usize = 100;

/// Whether no more diagnostics of a severity are shown.
pub(crate) fn is_full(list: &[Diagnostic], severity: Severity) -> bool {
    list.iter().filter(|d| d.severity == severity).count() >= MOST_OF_A_SEVERITY
}

/// Adds what binding a tree found, unless one of the first `n_parsed`, which reading it found, lies within its span: what could
/// not be read is told, and nothing more of the part around it.
pub(crate) fn push_bound(list: &mut Vec<Diagnostic>, n_parsed: usize, diagnostic: Diagnostic) {
    let Some(span) = diagnostic.span() else { return push(list, diagnostic) };
    let is_within = |inner: Span| span.start <= inner.start && inner.end <= span.end;
    let is_told = |d: &Diagnostic| d.severity() == Severity::Error && d.span().is_some_and(is_within);
    if !list.iter().take(n_parsed).any(is_told) {
        push(list, diagnostic);
    }
}

/// Adds a diagnostic, unless a hundred of its severity are there; the first left out is replaced by a note that says so.
/// Severities are counted apart, so that no error is ever lost behind warnings.
pub(crate) fn push(list: &mut Vec<Diagnostic>, diagnostic: Diagnostic) {
    if !is_full(list, diagnostic.severity) {
        list.push(diagnostic);
    } else if !list.iter().any(|d| d.code == Code::LimitReached && d.severity == Severity::Note) {
        let message = format!("more than {MOST_OF_A_SEVERITY} mistakes or warnings; the others are not shown");
        list.push(Diagnostic::new(Code::LimitReached, Severity::Note, diagnostic.place, message));
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => Ok(()),
            Self::Text(span) => write!(f, "at {}..{}", span.start, span.end),
            Self::Parameter { name, span: None } => write!(f, "in `{name}`"),
            Self::Parameter { name, span: Some(span) } => write!(f, "in `{name}` at {}..{}", span.start, span.end),
            Self::File { name, line: 0, .. } => f.write_str(name),
            Self::File { name, line, column: 0 } => write!(f, "{name}:{line}"),
            Self::File { name, line, column } => write!(f, "{name}:{line}:{column}"),
            Self::Cell { index, row, field } if field.is_empty() => write!(f, "{index} row {row}"),
            Self::Cell { index, row, field } => write!(f, "{index} row {row}, field {field}"),
            Self::Document { name, path } if name.is_empty() => f.write_str(path),
            Self::Document { name, path } => write!(f, "{name}: {path}"),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !matches!(self.place, Place::Request) {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.message)
    }
}
