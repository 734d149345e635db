//! The crate's one error: opaque, cheap to clone and to move, made of diagnostics.

use std::fmt;
use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity, push};

/// What sort of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The query text or a request parameter is wrong.
    Query,
    /// The query text asks for what this engine reads and does not do.
    Unsupported,
    /// A schema, catalog or schema document is wrong.
    Schema,
    /// Rows or a data file are wrong.
    Data,
    /// What was named does not exist, or the caller may not see it.
    NotFound,
    /// Something was changed since the caller read it, or would get in the way of something else.
    Conflict,
    /// The host does not know who asks.
    Unauthenticated,
    /// Who asks is known and may not.
    Forbidden,
    /// A limit was reached.
    Limit,
    /// The deadline passed.
    Deadline,
    /// The caller cancelled.
    Cancelled,
    /// A fault of this library or of a host function.
    Internal,
}

/// Why a call failed: a kind and at least one diagnostic. Cloning is cheap.
#[derive(Clone)]
pub struct Error {
    inner: Arc<Inner>,
}

struct Inner {
    kind: ErrorKind,
    diagnostics: Vec<Diagnostic>,
}

/// The result of every fallible call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of that kind; the first diagnostic of severity error names it.
    pub(crate) fn new(kind: ErrorKind, diagnostics: Vec<Diagnostic>) -> Self {
        debug_assert!(diagnostics.iter().any(|d| d.severity() == Severity::Error), "an error without a diagnostic");
        Self { inner: Arc::new(Inner { kind, diagnostics }) }
    }

    /// An error with one diagnostic.
    pub(crate) fn one(kind: ErrorKind, diagnostic: Diagnostic) -> Self {
        Self::new(kind, vec![diagnostic])
    }

    /// An error about a request as a whole.
    pub(crate) fn request(kind: ErrorKind, code: Code, message: impl Into<String>) -> Self {
        Self::one(kind, Diagnostic::new(code, Severity::Error, Place::Request, message))
    }

    /// A limit of the host's was reached: names it, its value and what was needed.
    pub(crate) fn limit(name: &str, value: u64, need: impl fmt::Display) -> Self {
        Self::one(
            ErrorKind::Limit,
            limit_reached(name, value, need).help(format!("ask for less, or let the host raise `{name}`")),
        )
    }

    /// A limit of the library itself, which no host can raise; `help` is the way out.
    pub(crate) fn fixed_limit(name: &str, value: u64, need: impl fmt::Display, help: &str) -> Self {
        Self::one(ErrorKind::Limit, limit_reached(name, value, need).help(help))
    }

    /// For hosts: nobody knows who asks, so the surfaces' error bodies tell it like every other error.
    ///
    /// ```
    /// use tallygrid::{Error, ErrorKind};
    /// assert_eq!((Error::unauthenticated().kind(), Error::unauthenticated().http_status()), (ErrorKind::Unauthenticated, 401));
    /// ```
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::request(ErrorKind::Unauthenticated, Code::Unauthenticated, "the request has no valid credentials")
    }

    /// For hosts: who asks is known and may not do this.
    ///
    /// ```
    /// use tallygrid::{Error, ErrorKind};
    /// assert_eq!((Error::forbidden().kind(), Error::forbidden().http_status()), (ErrorKind::Forbidden, 403));
    /// ```
    #[must_use]
    pub fn forbidden() -> Self {
        Self::request(ErrorKind::Forbidden, Code::Forbidden, "the caller may not do this")
    }

    /// For hosts: what was named does not exist, or the caller may not see it, which are told alike.
    ///
    /// ```
    /// use tallygrid::Error;
    /// let error = Error::not_found("dashboard");
    /// assert_eq!((error.to_string().as_str(), error.http_status()), ("no such dashboard", 404));
    /// ```
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::request(ErrorKind::NotFound, Code::UnknownKey, format!("no such {what}"))
    }

    /// A broken invariant; the caller did nothing wrong.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::request(ErrorKind::Internal, Code::Internal, message)
    }

    /// The same mistakes, told to be in the JSON document of that name, such as a file's; for errors of
    /// [`Schema::from_json`](crate::Schema::from_json) and [`Catalog::from_json`](crate::Catalog::from_json).
    ///
    /// ```
    /// use tallygrid::Schema;
    /// let error = Schema::from_json(r#"{"name": "Run"}"#).map_err(|error| error.in_document("run.json")).unwrap_err();
    /// assert_eq!(error.to_string(), "run.json: $: the key `fields` is missing");
    /// ```
    #[must_use]
    pub fn in_document(&self, name: impl Into<Arc<str>>) -> Self {
        let name = name.into();
        let named = |diagnostic: &Diagnostic| match diagnostic.place() {
            Place::Document { path, .. } => {
                diagnostic.clone().moved(Place::Document { name: name.clone(), path: path.clone() })
            }
            _ => diagnostic.clone(),
        };
        Self::new(self.kind(), self.diagnostics().iter().map(named).collect())
    }

    /// The same mistakes, told to be in that part of a request.
    pub(crate) fn in_parameter(&self, name: &Arc<str>) -> Self {
        let named = self.diagnostics().iter().map(|diagnostic| diagnostic.clone().in_parameter(name));
        Self::new(self.kind(), named.collect())
    }

    /// The mistakes of several errors as one of this one's kind, each told once. An internal error stays alone: what it says
    /// is not for those who made the other mistakes.
    pub(crate) fn and(self, others: impl IntoIterator<Item = Self>) -> Self {
        let mut diagnostics = self.diagnostics().to_vec();
        if self.kind() == ErrorKind::Internal {
            return self;
        }
        for other in others {
            if other.kind() == ErrorKind::Internal {
                return other;
            }
            for diagnostic in other.diagnostics() {
                if !diagnostics.contains(diagnostic) {
                    push(&mut diagnostics, diagnostic.clone());
                }
            }
        }
        Self::new(self.kind(), diagnostics)
    }

    /// What sort of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Every mistake found, and the warnings that came with them.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.inner.diagnostics
    }

    /// Whether the caller can mend it by sending something else.
    #[must_use]
    pub fn is_client(&self) -> bool {
        !matches!(self.kind(), ErrorKind::Internal | ErrorKind::Deadline | ErrorKind::Cancelled)
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.kind(), ErrorKind::Deadline | ErrorKind::Cancelled)
    }

    /// All diagnostics as text, with the place underlined in `source`, the query text (empty if there is none).
    #[must_use]
    pub fn render(&self, source: &str) -> String {
        crate::base::render::render(self.diagnostics(), source)
    }
}

/// Every part, or the mistakes of all that failed; see [`Error::and`].
pub(crate) fn all<T>(parts: impl IntoIterator<Item = Result<T>>) -> Result<Vec<T>> {
    let mut parts = parts.into_iter();
    let mut done = Vec::new();
    while let Some(part) = parts.next() {
        match part {
            Ok(part) => done.push(part),
            Err(first) => return Err(first.and(parts.filter_map(Result::err))),
        }
    }
    Ok(done)
}

/// Two parts, or the mistakes of both; see [`Error::and`].
pub(crate) fn both<A, B>(a: Result<A>, b: Result<B>) -> Result<(A, B)> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        (Err(a), Err(b)) => Err(a.and([b])),
    }
}

fn limit_reached(name: &str, value: u64, need: impl fmt::Display) -> Diagnostic {
    let message = format!("limit `{name}` is {value}, {need} needed");
    Diagnostic::new(Code::LimitReached, Severity::Error, Place::Request, message)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut errors = self.diagnostics().iter().filter(|d| d.severity() == Severity::Error);
        if let Some(first) = errors.next() {
            write!(f, "{first}")?;
        }
        match errors.count() {
            0 => Ok(()),
            n => write!(f, " (and {n} more)"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.kind()).field("diagnostics", &self.diagnostics()).finish()
    }
}

impl std::error::Error for Error {}
