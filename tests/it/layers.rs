//! The table of layers of ARCHITECTURE.md, and the habits of files, held against the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A source file of the library: path under `src`, layer, text.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) layer: String,
    pub(crate) text: String,
}

impl Source {
    /// Without comments, doc examples and the tests at its end.
    pub(crate) fn code(&self) -> String {
        let code: String =
            self.text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|l| [l, "\n"]).collect();
        code.split("\n#[cfg(test)]").next().unwrap_or("").to_owned()
    }

    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("tests.rs")
    }

    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// `engine::ask` of `engine/ask.rs`; `engine` of `engine/mod.rs`.
    fn module(&self) -> String {
        let parts: Vec<String> =
            self.path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
        parts.strip_suffix(&["mod".to_owned()]).unwrap_or(&parts).join("::")
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

pub(crate) fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut paths = Vec::new();
    rust_files(&src, &mut paths);
    let read = |full: PathBuf| {
        let path = full.strip_prefix(&src).unwrap().to_path_buf();
        let layer = path.iter().next().unwrap().to_string_lossy().into_owned();
        Source { path, layer, text: fs::read_to_string(&full).unwrap() }
    };
    paths.into_iter().map(read).collect()
}

/// Each layer of the table in ARCHITECTURE.md with those it may use.
fn layers() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let layer = |(name, rest): (&str, &str)| {
        let uses = rest.trim_end().trim_end_matches('|').rsplit('|').next().unwrap();
        let uses = uses.split_whitespace().filter(|word| *word != "–").map(str::to_owned);
        (name.to_owned(), uses.collect())
    };
    rows.map(layer).collect()
}

/// What follows `crate::` in a text: paths of lower-case names.
fn paths_used(code: &str) -> Vec<String> {
    let path_at = |(at, _): (usize, &str)| {
        code[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect::<String>()
    };
    code.match_indices("crate::").map(path_at).collect()
}

#[test]
fn layers_use_only_those_of_the_table() {
    let layers = layers();
    for (layer, uses) in &layers {
        for used in uses {
            assert!(layers.contains_key(used), "{layer} may use `{used}`, which is no layer");
            assert!(!layers[used].contains(layer), "{layer} and {used} may use one another");
        }
    }
    let mut n_uses = 0;
    for source in sources().iter().filter(|source| source.layer != "lib.rs" && !source.is_test()) {
        let name = source.name();
        let allowed = layers.get(&source.layer).unwrap_or_else(|| panic!("{name}: `{}` is no layer", source.layer));
        for path in paths_used(&source.code()) {
            let used = path.split("::").next().unwrap();
            assert!(layers.contains_key(used), "{name}: `crate::{path}` goes past its layer");
            n_uses += 1;
            assert!(used == source.layer || allowed.iter().any(|a| a == used), "{name}: uses {used}");
        }
    }
    assert!(n_uses > 200, "only {n_uses} uses found");
}

#[test]
fn files_use_one_another_in_one_direction() {
    let sources = sources();
    let modules: BTreeSet<String> = sources.iter().map(Source::module).collect();
    // The file that a path leads to: its longest beginning that is one. A map of a folder uses nothing.
    let file_of = |path: &str| {
        let parts: Vec<&str> = path.split("::").collect();
        (1..=parts.len()).rev().map(|n| parts[..n].join("::")).find(|path| modules.contains(path))
    };
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.layer != "lib.rs" && !source.is_test()) {
        let own = source.module();
        // The parts of a module know the module that they are parts of.
        let is_part = |of: &String| own == *of || own.starts_with(&format!("{of}::"));
        let names =
            paths_used(&source.code()).into_iter().filter_map(|path| file_of(&path)).filter(|used| !is_part(used));
        uses.insert(own.clone(), names.collect());
    }
    // Takes out files that use none of those left, until none is left or a circle is.
    while let Some(free) = uses.iter().find(|(_, used)| !used.iter().any(|used| uses.contains_key(used))) {
        let free = free.0.clone();
        uses.remove(&free);
    }
    let left: BTreeSet<String> = uses.keys().cloned().collect();
    uses.values_mut().for_each(|used| used.retain(|used| left.contains(used)));
    assert!(uses.is_empty(), "these use one another in a circle, or lead to one: {uses:#?}");
}

#[test]
fn crates_stay_in_their_places() {
    for source in sources() {
        let (name, code) = (source.name(), source.code());
        assert!(source.layer == "lang" || !code.contains("nom::"), "{name}: names nom");
        assert!(source.path.ends_with("base/pool.rs") || !code.contains("rayon::"), "{name}: names rayon");
        let derives: Vec<&str> =
            code.lines().filter(|line| line.contains("derive(") || line.contains("serde(")).collect();
        let derives_serde = derives.iter().any(|line| line.contains("Serialize") || line.contains("serde("));
        assert!(source.layer == "surface" || !derives_serde, "{name}: derives serde");
        assert!(!code.contains("SystemTime"), "{name}: reads the wall clock");
        assert!(source.path.ends_with("base/budget.rs") || !code.contains("Instant::now"), "{name}: reads the clock");
    }
}

#[test]
fn files_say_what_they_are_and_stay_small() {
    for source in sources() {
        let name = source.name();
        assert!(source.text.starts_with("//!"), "{name}: no module doc on the first line");
        let own = source.text.split("\n#[cfg(test)]").next().unwrap_or("");
        assert!(own.lines().count() <= 600, "{name}: over 600 lines");
        assert!(source.is_test() || !source.code().contains("use crate::{"), "{name}: one plain `use crate::…` a line");
    }
    let mut tests = Vec::new();
    rust_files(&root().join("tests"), &mut tests);
    rust_files(&root().join("examples"), &mut tests);
    for path in tests {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//!"), "{}: no module doc on the first line", path.display());
        assert!(text.lines().count() <= 600, "{}: over 600 lines", path.display());
    }
}

#[test]
fn nothing_is_allowed_ignored_or_waited_for() {
    // Spelled so that this file does not hold them.
    let never =
        ["#[all~ow(", "#![all~ow(", "#[ign~ore", "#[should_pa~nic", "thread::sle~ep", "dbg~!(", "to~do!(", "uns~afe {"];
    let never = never.map(|mark| mark.replace('~', ""));
    let mut paths = Vec::new();
    ["src", "tests", "examples", "benches"].iter().for_each(|dir| rust_files(&root().join(dir), &mut paths));
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        // A load generator paces its writer.
        let may_wait = path.ends_with("examples/server/load.rs");
        for mark in never.iter().filter(|mark| !(may_wait && mark.ends_with("sleep"))) {
            assert!(!text.contains(mark), "{}: `{mark}`", path.display());
        }
    }
}
