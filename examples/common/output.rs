//! How programs end: diagnostics to stderr, as text or JSON, and an exit code that says whose mistake it was.

use std::io::Write as _;
use std::process::ExitCode;

use tallygrid::{Diagnostic, Error, ErrorBody, WireDiagnostic};

/// Why a program ends early.
pub(crate) enum Failure {
    /// Files, data or schema: exit code 1.
    Data(Trouble),
    /// Query, option values or widget: exit code 2.
    Request(Trouble),
    /// Asked how the program is used, which is no failure: usage on stdout, exit code 0.
    Help(&'static str),
}

/// What went wrong: words, or an error with the query text it speaks of.
pub(crate) enum Trouble {
    Words(String),
    Error(Error, String),
}

impl Failure {
    /// An option that the program does not have; `--help` is one that every program has.
    pub(crate) fn option(name: &str, usage: &'static str) -> Self {
        match name {
            "--help" => Self::Help(usage),
            _ => Self::usage(format!("there is no option {name}; --help lists them")),
        }
    }

    /// A mistake on the command line.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Request(Trouble::Words(message.into()))
    }

    /// A file that cannot be used.
    pub(crate) fn file(message: impl Into<String>) -> Self {
        Self::Data(Trouble::Words(message.into()))
    }

    /// Files, rows or schemas that were refused.
    pub(crate) fn data(error: Error) -> Self {
        Self::Data(Trouble::Error(error, String::new()))
    }

    /// A query or request that was refused.
    pub(crate) fn request(error: Error, text: &str) -> Self {
        Self::Request(Trouble::Error(error, text.to_owned()))
    }

    /// Tells it on stderr and answers the exit code.
    pub(crate) fn report(self, json: bool) -> ExitCode {
        let (trouble, code) = match self {
            Self::Data(trouble) => (trouble, 1),
            Self::Request(trouble) => (trouble, 2),
            Self::Help(usage) => {
                say(usage);
                return ExitCode::SUCCESS;
            }
        };
        match trouble {
            Trouble::Words(message) if json => {
                let diagnostic = serde_json::json!({
                    "code": "wrong-parameter", "severity": "error", "message": message,
                    "start": null, "end": null, "help": null, "fixes": [],
                });
                eprintln!("{}", serde_json::json!({ "diagnostics": [diagnostic] }));
            }
            Trouble::Words(message) => eprintln!("error: {message}"),
            Trouble::Error(error, _) if json => {
                eprintln!("{}", serde_json::to_string(&ErrorBody::from(&error)).unwrap_or_default());
            }
            Trouble::Error(error, text) => eprint!("{}", error.render(&text)),
        }
        ExitCode::from(code)
    }
}

/// The answer, on stdout. A reader that has seen enough, such as `head`, is no mistake.
pub(crate) fn say(answer: &str) {
    let end = if answer.ends_with('\n') { "" } else { "\n" };
    if let Err(error) = write!(std::io::stdout().lock(), "{answer}{end}")
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("error: the answer cannot be written: {error}");
    }
}

/// Tells warnings on stderr.
pub(crate) fn warn(warnings: &[Diagnostic], text: &str, json: bool) {
    if warnings.is_empty() {
        return;
    }
    if json {
        let wire: Vec<WireDiagnostic> = warnings.iter().map(WireDiagnostic::from).collect();
        eprintln!("{}", serde_json::json!({ "diagnostics": wire }));
    } else {
        eprint!("{}", tallygrid::render(warnings, text));
    }
}

/// A line for whoever runs the program, on stderr. Nobody has to read it.
pub(crate) fn note(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
