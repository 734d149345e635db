//! The table of layers of ARCHITECTURE.md, and the habits of files, held against the sources.

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with those it may use, itself left out.
const LAYERS: [(&str, &[&str]); 11] = [
    ("base", &[]),
    ("model", &["base"]),
    ("lang", &["base"]),
    ("query", &["base", "model", "lang"]),
    ("data", &["base", "model"]),
    ("plan", &["base", "model", "query"]),
    ("exec", &["base", "model", "query", "data", "plan"]),
    ("ingest", &["base", "model"]),
    ("engine", &["base", "model", "lang", "query", "data", "plan", "exec"]),
    ("assist", &["base", "model", "lang", "query", "engine"]),
    ("surface", &["base", "model", "engine", "assist"]),
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every source file with its layer and text, comments and doc examples left out.
fn files() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    let layer =
        |path: &PathBuf| path.strip_prefix(&root).unwrap().iter().next().unwrap().to_string_lossy().into_owned();
    let read = |path: PathBuf| {
        let layer = layer(&path);
        let text = fs::read_to_string(&path).unwrap();
        (path, layer, text)
    };
    found.into_iter().map(read).collect()
}

fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn layers_use_only_those_below() {
    let mut n_uses = 0;
    for (path, layer, text) in files().into_iter().filter(|(_, layer, _)| layer != "lib.rs") {
        let (_, allowed) =
            LAYERS.iter().find(|(name, _)| *name == layer).unwrap_or_else(|| panic!("{layer} is no layer"));
        let code = code(&text);
        // Tests inside a layer may look at the public face of the crate.
        let own = code.split("#[cfg(test)]").next().unwrap_or("");
        if path.ends_with("tests.rs") {
            continue;
        }
        for (at, _) in own.match_indices("crate::") {
            let used: String =
                own.get(at + 7..).unwrap().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if LAYERS.iter().any(|(name, _)| *name == used) {
                n_uses += 1;
                assert!(used == layer || allowed.contains(&used.as_str()), "{}: {layer} uses {used}", path.display());
            } else if used.chars().next().is_some_and(char::is_uppercase) {
                panic!("{}: uses `crate::{used}` past its layer", path.display());
            }
        }
    }
    assert!(n_uses > 100, "only {n_uses} uses found");
}

#[test]
fn crates_stay_in_their_places() {
    for (path, layer, text) in files() {
        let code = code(&text);
        assert!(layer == "lang" || !code.contains("nom::"), "{}: names nom", path.display());
        assert!(path.ends_with("base/pool.rs") || !code.contains("rayon::"), "{}: names rayon", path.display());
        let derives_serde = code.contains("Serialize)]") || code.contains("Serialize, Deserialize");
        assert!(layer == "surface" || !derives_serde, "{}: derives serde", path.display());
        assert!(!code.contains("SystemTime"), "{}: reads the wall clock", path.display());
    }
}

#[test]
fn files_say_what_they_are_and_stay_small() {
    for (path, _, text) in files() {
        assert!(text.starts_with("//!"), "{}: no module doc on the first line", path.display());
        let own = text.split("#[cfg(test)]").next().unwrap_or("");
        assert!(own.lines().count() <= 600, "{}: over 600 lines", path.display());
    }
}
