//! Diagnostics and errors as JSON, with the HTTP status that fits.

use serde::Serialize;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind};

/// `{"diagnostics": [{code, severity, message, start, end, help, fixes}]}`; offsets are UTF-8 bytes of the query text, null
/// where a diagnostic is about something else.
///
/// ```
/// use tallygrid::{Access, Catalog, Context, Engine, ErrorBody, Field, Kind, Query, Schema};
/// # let schema = Schema::builder("Run").field(Field::new("Status", Kind::Keyword)).build().unwrap();
/// # let engine = Engine::builder(Catalog::new([schema]).unwrap()).build().unwrap();
/// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// let error = engine.snapshot().index("Run", &ctx).unwrap().count(&Query::tql("Statsu = a"), &ctx).unwrap_err();
/// let body = serde_json::to_value(ErrorBody::from(&error)).unwrap();
/// assert_eq!(body["diagnostics"][0]["code"], "unknown-field");
/// assert_eq!(body["diagnostics"][0]["end"], 6);
/// assert_eq!(error.http_status(), 400);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    diagnostics: Vec<WireDiagnostic>,
}

/// One diagnostic as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WireDiagnostic {
    code: &'static str,
    severity: &'static str,
    message: String,
    start: Option<u32>,
    end: Option<u32>,
    help: Option<String>,
    fixes: Vec<WireFix>,
}

/// An edit as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct WireFix {
    label: String,
    start: u32,
    end: u32,
    replacement: String,
}

impl From<&Diagnostic> for WireDiagnostic {
    fn from(d: &Diagnostic) -> Self {
        let fix = |fix: &crate::base::diagnostic::Fix| WireFix {
            label: fix.label.clone(),
            start: fix.span.start,
            end: fix.span.end,
            replacement: fix.replacement.clone(),
        };
        Self {
            code: d.code().as_str(),
            severity: d.severity().as_str(),
            // The wire has no place but the query's; others are told in words.
            message: d.headline(),
            start: d.span().map(|span| span.start),
            end: d.span().map(|span| span.end),
            help: d.help_text().map(str::to_owned),
            fixes: d.fixes().iter().map(fix).collect(),
        }
    }
}

impl ErrorBody {
    pub(super) fn diagnostics(&self) -> &[WireDiagnostic] {
        &self.diagnostics
    }
}

impl WireDiagnostic {
    pub(super) fn is_error(&self) -> bool {
        self.severity == Severity::Error.as_str()
    }

    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }
}

impl From<&Error> for ErrorBody {
    /// What an internal error says is for the host's log, not for those who asked.
    fn from(error: &Error) -> Self {
        if error.kind() == ErrorKind::Internal {
            let hidden = Diagnostic::new(Code::Internal, Severity::Error, Place::Request, "an internal error occurred");
            return Self { diagnostics: vec![WireDiagnostic::from(&hidden)] };
        }
        Self { diagnostics: error.diagnostics().iter().map(WireDiagnostic::from).collect() }
    }
}

impl Error {
    /// The HTTP status that fits: 400 for wrong requests and data, 401, 403, 404, 409 for conflicts, 413 for limits, 499 for
    /// cancelled requests, 501 for what is not supported, 504 for deadlines, 500.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        match self.kind() {
            ErrorKind::Query | ErrorKind::Schema | ErrorKind::Data => 400,
            ErrorKind::Unauthenticated => 401,
            ErrorKind::Forbidden => 403,
            ErrorKind::NotFound => 404,
            ErrorKind::Conflict => 409,
            ErrorKind::Unsupported => 501,
            ErrorKind::Limit => 413,
            ErrorKind::Cancelled => 499,
            ErrorKind::Deadline => 504,
            ErrorKind::Internal => 500,
        }
    }
}
