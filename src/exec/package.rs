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
    pub(super) name: String,
    parent: Option<String>,
}

/// A place as a text names it, folded.
#[derive(Debug)]
pub(super) enum Container {
    Root,
    Path(String),
    /// A known package, or a GUID, which is no name.
    Id(String),
    /// The last part of a path, the name of a package, or an id that nothing is known of.
    Name(String),
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

impl Container {
    pub(super) fn read(text: &str, by_id: &ById) -> Self {
        let folded = normal(text);
        match () {
            () if folded == ROOT => Self::Root,
            () if folded.starts_with('/') => Self::Path(folded),
            () if by_id.contains_key(&folded) || parse_guid(text).is_some() => Self::Id(folded),
            () => Self::Name(folded),
        }
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
            match Container::read(container, wanted.by_id) {
                Container::Root => wanted.root = true,
                Container::Path(path) => drop(wanted.paths.insert(path)),
                Container::Id(id) => drop(wanted.ids.insert(id)),
                Container::Name(name) => drop(wanted.names.insert(name)),
            }
        }
        let meant: Vec<String> = wanted
            .by_id
            .iter()
            .filter(|(id, package)| {
                wanted.names.contains(&package.name)
                    || (!wanted.paths.is_empty() && wanted.paths.contains(&path_of(id, wanted.by_id)))
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
        upwards(&text, self.by_id).take(if ancestors { MOST_STEPS } else { 1 }).any(is_wanted)
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
}

/// An id, its parent, and so on; ends at a root, an unknown id or after the most steps.
fn upwards<'a>(id: &'a str, by_id: &'a ById) -> impl Iterator<Item = &'a str> {
    std::iter::successors(Some(id), |id| by_id.get(*id)?.parent.as_deref()).take(MOST_STEPS)
}

/// `/top/…/name` of a package.
pub(super) fn path_of(id: &str, by_id: &ById) -> String {
    let mut names: Vec<&str> = upwards(id, by_id).filter_map(|id| Some(&*by_id.get(id)?.name)).collect();
    names.reverse();
    format!("/{}", names.join("/"))
}

/// The form in which ids, names and paths are compared.
fn normal(text: &str) -> String {
    Collation::Path.fold(text).into_owned()
}
