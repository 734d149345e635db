//! Paths: which stored values lie in, or anywhere under, the containers that a query names.
//!
//! A stored value is a package's id or a path `/a/b/c`; the path `/` is above every other place. Ids are resolved through the catalog's `Package` index (Id, Name,
//! Parent); without it a path's prefixes are its ancestors and an id stands alone. A query resolves against the packages that
//! its caller may see, a permission against all: a hidden package must not be found by its name, nor make a permission that
//! names it mean less.

use std::sync::Arc;

use crate::base::hash::{HashMap, HashSet};
use crate::model::fold::{Collation, ROOT};
use crate::model::guid::parse_guid;

/// Most steps from a package to its root; a longer way is a circle, which ends there.
const MOST_STEPS: usize = 1000;

/// Packages by their folded ids.
pub(crate) type ById = HashMap<String, Package>;

/// The packages that leaves are resolved against; [`request`](super::request) reads those that a predicate needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packages<'a> {
    /// What permissions see.
    pub(crate) all: Option<&'a ById>,
    /// What the caller may see.
    pub(crate) visible: Option<&'a ById>,
}

/// One package.
#[derive(Debug)]
pub(crate) struct Package {
    name: String,
    parent: Option<String>,
}

/// The containers that a query names, resolved.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    by_id: &'a ById,
    /// Whether the root is meant.
    root: bool,
    /// Folded ids of the packages meant.
    ids: HashSet<String>,
    /// Folded paths meant.
    paths: HashSet<String>,
    /// Folded plain names meant: they stand for the last part of a path.
    names: HashSet<String>,
}

impl Package {
    /// A package with its folded id, from the texts of its row.
    pub(crate) fn of_row(id: &str, name: &str, parent: &str) -> (String, Self) {
        let parent = Some(normal(parent)).filter(|parent| !parent.is_empty());
        (normal(id), Self { name: normal(name), parent })
    }
}

impl<'a> Packages<'a> {
    /// Resolves what a query names: an id, a name or a path each.
    pub(crate) fn wanted(self, containers: &[Arc<str>], in_permission: bool) -> Option<Wanted<'a>> {
        let mut wanted = Wanted {
            by_id: if in_permission { self.all } else { self.visible }?,
            root: false,
            ids: HashSet::default(),
            paths: HashSet::default(),
            names: HashSet::default(),
        };
        for container in containers {
            let text = normal(container);
            if text == ROOT {
                wanted.root = true;
            } else if text.starts_with('/') {
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
        Some(wanted)
    }
}

impl Wanted<'_> {
    /// Whether a stored value is one of the containers or, with `ancestors`, lies anywhere under one.
    pub(crate) fn takes(&self, stored: &str, ancestors: bool) -> bool {
        let text = Collation::Path.fold(stored);
        if text.is_empty() {
            return false;
        }
        if self.root && (ancestors || text == ROOT) {
            return true;
        }
        if text.starts_with('/') {
            return self.takes_path(&text, ancestors);
        }
        let is_wanted = |id: &str| self.ids.contains(id) || (!self.by_id.contains_key(id) && self.names.contains(id));
        self.upwards(&text).take(if ancestors { MOST_STEPS } else { 1 }).any(is_wanted)
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

/// The form in which ids, names and paths are compared.
fn normal(text: &str) -> String {
    Collation::Path.fold(text).into_owned()
}
