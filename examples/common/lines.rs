//! What the programs share that answer a line a query: the language, the circumstances, the lines of stdin.

use std::io::BufRead as _;

use tallygrid::{Access, Context};

use super::output::Failure;

/// A language of queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Tql,
    OData,
}

/// The language that `--language` names.
pub(crate) fn language(given: Option<&str>) -> Result<Language, Failure> {
    match given {
        Some("tql") => Ok(Language::Tql),
        Some("odata") => Ok(Language::OData),
        Some(other) => Err(Failure::usage(format!("--language is tql or odata, not `{other}`"))),
        None => Err(Failure::usage("name the language: --language tql or --language odata")),
    }
}

/// Now, in UTC, and every row.
pub(crate) fn context() -> Context {
    Context::new(std::time::SystemTime::now().into(), Access::unrestricted())
}

/// The lines of stdin.
pub(crate) fn stdin() -> impl Iterator<Item = Result<String, Failure>> {
    std::io::stdin().lock().lines().map(|line| line.map_err(|e| Failure::file(format!("stdin: {e}"))))
}
