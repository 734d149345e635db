//! The places of path fields: packages and their ways up, and what a text in a query names. Which stored values lie where is
//! [`within`](crate::exec::within).
//!
//! A stored value is a package's id or a path `/a/b/c`; the path `/` is above every other place. Ids are resolved through the
//! catalog's `Package` index (Id, Name, Parent); without it a path's prefixes are its ancestors and an id stands alone. A
//! query resolves against the packages that its caller may see, a permission against all: a hidden package must not be found
//! by its name, nor make a permission that names it mean less.

use crate::base::hash::HashMap;
use crate::model::fold::{Collation, ROOT};
use crate::model::guid::parse_guid;

/// Most steps from a package to its root; a longer way is a circle, which ends there.
const MOST_STEPS: usize = 1000;

/// Packages by their folded ids.
#[derive(Debug, Default)]
pub(crate) struct ById {
    numbers: HashMap<String, u32>,
    packages: Vec<Package>,
}

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
    parent: Option<Parent>,
}

#[derive(Debug)]
enum Parent {
    Known(u32),
    /// The id of a package that is not there.
    Unknown(String),
}

/// A package's row, folded.
#[derive(Debug)]
pub(crate) struct Row {
    id: String,
    name: String,
    parent: String,
}

/// One step of the way up: a package, or an id that nothing is known of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    Known(u32),
    Unknown(&'a str),
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

impl Row {
    pub(crate) fn new(id: &str, name: &str, parent: &str) -> Self {
        Self { id: normal(id), name: normal(name), parent: normal(parent) }
    }

    /// Memory of its texts, here and once it is a package, with what surrounds them there.
    pub(crate) fn bytes(&self) -> usize {
        let texts = self.id.len() + self.name.len() + self.parent.len();
        2 * texts + size_of::<Self>() + size_of::<Package>() + size_of::<(String, u32)>()
    }
}

impl ById {
    /// Of rows with one id the last counts.
    pub(crate) fn of_rows(rows: Vec<Row>) -> Self {
        let (mut numbers, mut last) = (HashMap::default(), Vec::with_capacity(rows.len()));
        for row in rows {
            let next = last.len() as u32;
            let number = *numbers.entry(row.id).or_insert(next);
            if number == next {
                last.push((row.name, row.parent));
            } else {
                last[number as usize] = (row.name, row.parent);
            }
        }
        let package = |(name, parent): (String, String)| {
            let parent = match numbers.get(&parent) {
                _ if parent.is_empty() => None,
                Some(known) => Some(Parent::Known(*known)),
                None => Some(Parent::Unknown(parent)),
            };
            Package { name, parent }
        };
        let packages = last.into_iter().map(package).collect();
        Self { numbers, packages }
    }

    pub(super) fn get(&self, id: &str) -> Option<&Package> {
        self.numbers.get(id).map(|number| &self.packages[*number as usize])
    }

    /// Every package's number with its id, in no order.
    pub(super) fn ids(&self) -> impl Iterator<Item = (u32, &str)> {
        self.numbers.iter().map(|(id, number)| (*number, &**id))
    }

    /// The package of a number.
    pub(super) fn package(&self, number: u32) -> &Package {
        &self.packages[number as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.packages.len()
    }

    /// An id, its parent, and so on; ends at a root, an unknown id or after the most steps.
    pub(super) fn upwards<'a>(&'a self, id: &'a str) -> impl Iterator<Item = Step<'a>> {
        self.onwards(self.numbers.get(id).map_or(Step::Unknown(id), |number| Step::Known(*number)))
    }

    /// From a step on upwards.
    pub(super) fn onwards<'a>(&'a self, from: Step<'a>) -> impl Iterator<Item = Step<'a>> {
        let next = |step: &Step<'a>| match step {
            Step::Unknown(_) => None,
            Step::Known(number) => self.package(*number).parent.as_ref().map(|parent| match parent {
                Parent::Known(parent) => Step::Known(*parent),
                Parent::Unknown(id) => Step::Unknown(id),
            }),
        };
        std::iter::successors(Some(from), next).take(MOST_STEPS)
    }
}

impl Container {
    pub(super) fn read(text: &str, by_id: &ById) -> Self {
        let folded = normal(text);
        match () {
            () if folded == ROOT => Self::Root,
            () if folded.starts_with('/') => Self::Path(folded),
            () if by_id.get(&folded).is_some() || parse_guid(text).is_some() => Self::Id(folded),
            () => Self::Name(folded),
        }
    }
}

/// `/top/…/name` of a package.
pub(super) fn path_of(id: &str, by_id: &ById) -> String {
    let name = |step| match step {
        Step::Known(number) => Some(&*by_id.package(number).name),
        Step::Unknown(_) => None,
    };
    let mut names: Vec<&str> = by_id.upwards(id).filter_map(name).collect();
    names.reverse();
    format!("/{}", names.join("/"))
}

/// The form in which ids, names and paths are compared.
fn normal(text: &str) -> String {
    Collation::Path.fold(text).into_owned()
}
