//! What the programs share that answer a line a query: the language, the circumstances, the lines of stdin.

use std::io::BufRead as _;

use tallygrid::{Access, Context};

use super::output::Failure;

/// Checks what `--language` names; `tql` is the only language so far.
pub(crate) fn language(given: Option<&str>) -> Result<(), Failure> {
    match given {
        Some("tql") => Ok(()),
        Some(other) => Err(Failure::usage(format!("--language is tql, not `{other}`"))),
        None => Err(Failure::usage("name the language: --language tql")),
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
