//! The public surface against `tests/golden/api.txt`; `UPDATE=1` writes it. What other crates can name is what `lib.rs`
//! re-exports; what they can do with it is every item that is plainly `pub`, since the lints let no other item be.

use std::fs;
use std::path::Path;

use crate::layers::{Source, sources};

#[test]
fn the_public_surface_is_the_golden_one() {
    let found = surface(&sources());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/api.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &found).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    let lost: Vec<&str> = golden.lines().filter(|line| !found.lines().any(|f| f == *line)).collect();
    let new: Vec<&str> = found.lines().filter(|line| !golden.lines().any(|g| g == *line)).collect();
    assert!(golden == found, "no longer there: {lost:#?}\nnew: {new:#?}\n(UPDATE=1 takes this surface)");
}

/// The re-exports, then the public items file by file.
fn surface(sources: &[Source]) -> String {
    let mut out = String::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        let items = items(&source.code());
        if !items.is_empty() {
            out.push_str(&format!("{}\n{}\n", source.name(), items.concat()));
        }
    }
    out
}

/// A line an item: signatures of functions, fields, constants; variants of enums and functions of traits below them.
fn items(code: &str) -> Vec<String> {
    let mut items = Vec::new();
    // The indent at which the enum or trait ends that is being read.
    let mut inside: Option<String> = None;
    let mut condition_before = None;
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        if inside.as_ref().is_some_and(|end| line == *end) {
            inside = None;
            continue;
        }
        let is_member =
            inside.as_ref().is_some_and(|end| indent == end.len() + 3) && !text.starts_with(['#', '}', '$']);
        let condition = condition_before.replace(line).filter(|before| before.starts_with("#[cfg("));
        if !text.starts_with("pub ") && !is_member {
            continue;
        }
        let mut item = condition.map_or_else(String::new, |condition| format!("{condition} ")) + text;
        // Over several lines it ends where its body begins, or with its own end.
        while [('(', ')'), ('[', ']')]
            .iter()
            .any(|(open, close)| item.matches(*open).count() > item.matches(*close).count())
            || (text.starts_with("pub use") && !item.ends_with(';'))
        {
            let gap = if item.ends_with(['(', '[', '{']) { "" } else { " " };
            item.push_str(gap);
            item.push_str(lines.next().unwrap().trim());
        }
        if text.starts_with("pub enum") || text.starts_with("pub trait") {
            inside = Some(format!("{}}}", " ".repeat(indent)));
        }
        let shown =
            item.trim_end_matches([' ', '{', ',', ';']).replace(", )", ")").replace(", }", "}").replace(", ]", "]");
        items.push(format!("  {}{shown}\n", if is_member { "  " } else { "" }));
    }
    items
}
