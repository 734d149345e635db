//! OData answered: cases that others wrote, read from a folder that the environment names. They are no part of the crate.

mod analytics;
mod apply;
mod behind;
mod record;
mod sales;

use std::path::PathBuf;

/// The cases of a file, one a line; none where the folder is not given.
fn cases(file: &str) -> Option<Vec<serde_json::Value>> {
    let text = std::fs::read_to_string(folder()?.join(file)).unwrap();
    Some(text.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn folder() -> Option<PathBuf> {
    Some(PathBuf::from(std::env::var_os("TALLYGRID_CONFORMANCE")?).join("odata"))
}
