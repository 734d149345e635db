//! Paths: which stored values lie in, or anywhere under, the containers that a query names.
//!
//! A stored value is a package's id or a path `/a/b/c`. Ids are resolved through the catalog's `Package` index (Id, Name,
//! Parent); without it a path's prefixes are its ancestors and an id stands alone.

use crate::base::hash::{HashMap, HashSet};
use crate::data::version::{IndexVersion, Version};
use crate::model::cell::{parse_guid, text_of};
use crate::model::fold::fold_case;
use std::sync::Arc;

/// Most steps from a package to its root; a longer way is a circle, which ends there.
const MOST_STEPS: usize = 1000;

/// The package index of a version, if the catalog has one; read only when a query needs it.
#[derive(Debug)]
pub(crate) struct Packages<'a> {
    index: Option<&'a IndexVersion>,
}

/// A package by its folded id.
#[derive(Debug)]
struct Package {
    name: String,
    parent: Option<String>,
}

/// The containers that a query names, resolved.
#[derive(Debug)]
pub(crate) struct Wanted {
    by_id: HashMap<String, Package>,
    /// Folded ids of the packages meant.
    ids: HashSet<String>,
    /// Folded paths meant, without a slash at the end.
    paths: HashSet<String>,
    /// Folded plain names meant: they stand for the last part of a path.
    names: HashSet<String>,
}

impl<'a> Packages<'a> {
    pub(crate) fn of(version: &'a Version) -> Self {
        Self { index: version.catalog.find("Package").map(|id| &**version.index(id)) }
    }

    /// Resolves what a query names: an id, a name or a path each.
    pub(crate) fn wanted(&self, containers: &[Arc<str>]) -> Wanted {
        let mut wanted = Wanted {
            by_id: self.read(),
            ids: HashSet::default(),
            paths: HashSet::default(),
            names: HashSet::default(),
        };
        for container in containers {
            let text = normal(container);
            if text.starts_with('/') {
                wanted.paths.insert(text);
            } else if wanted.by_id.contains_key(&text) || parse_guid(container).is_some() {
                wanted.ids.insert(text);
            } else {
                wanted.names.insert(text);
            }
        }
        let meant: Vec<String> = wanted
            .by_id
            .iter()
            .filter(|(id, package)| {
                wanted.names.contains(&package.name)
                    || (!wanted.paths.is_empty() && wanted.paths.contains(&wanted.path_of(id)))
            })
            .map(|(id, _)| id.clone())
            .collect();
        wanted.ids.extend(meant);
        wanted
    }

    /// Every package by its id.
    fn read(&self) -> HashMap<String, Package> {
        let mut by_id = HashMap::default();
        let Some(index) = self.index else { return by_id };
        let field = |name| index.schema.field_named(name);
        let (Some(id), Some(name), parent) = (field("Id"), field("Name"), field("Parent")) else { return by_id };
        for segment in &index.segments {
            for block in 0..segment.n_blocks() {
                for row in (0..segment.block_rows(block)).filter(|row| segment.live(block).is_none_or(|l| l[*row] == 1))
                {
                    let text = |field| normal(&text_of(&index.value(segment, block, row, field)));
                    let parent = parent.map(text).filter(|parent| !parent.is_empty());
                    by_id.insert(text(id), Package { name: text(name), parent });
                }
            }
        }
        by_id
    }
}

impl Wanted {
    /// Whether a stored value is one of the containers or, with `ancestors`, lies anywhere under one.
    pub(crate) fn takes(&self, stored: &str, ancestors: bool) -> bool {
        let text = normal(stored);
        if text.is_empty() {
            return false;
        }
        if text.starts_with('/') {
            return self.takes_path(&text, ancestors);
        }
        self.upwards(&text).take(if ancestors { MOST_STEPS } else { 1 }).any(|id| self.ids.contains(id))
            || (!self.by_id.contains_key(&text) && self.names.contains(&text))
    }

    fn takes_path(&self, path: &str, ancestors: bool) -> bool {
        let named = |path: &str| path.rsplit('/').next().is_some_and(|last| self.names.contains(last));
        let mut at = path;
        loop {
            if self.paths.contains(at) || named(at) {
                return true;
            }
            match at.rsplit_once('/') {
                Some((parent, _)) if ancestors && !parent.is_empty() => at = parent,
                _ => return false,
            }
        }
    }

    /// An id, its parent, and so on; ends at a root, an unknown id or after the most steps.
    fn upwards<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'s str> {
        std::iter::successors(Some(id), |id| self.by_id.get(*id)?.parent.as_deref()).take(MOST_STEPS)
    }

    /// `/top/…/name` of a package.
    fn path_of(&self, id: &str) -> String {
        let mut names: Vec<&str> = self.upwards(id).filter_map(|id| Some(&*self.by_id.get(id)?.name)).collect();
        names.reverse();
        format!("/{}", names.join("/"))
    }
}

/// The form in which ids, names and paths are compared: case ignored, GUIDs in one spelling, no slash at the end.
fn normal(text: &str) -> String {
    if let Some(guid) = parse_guid(text) {
        return crate::model::cell::format_guid(guid);
    }
    let folded = fold_case(text);
    match folded.trim_end_matches('/') {
        "" => folded.into_owned(),
        trimmed => trimmed.to_owned(),
    }
}
