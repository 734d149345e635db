//! Path leaves, decided together: which stored places are containers that a query names, or lie under one. All containers that
//! leaves of one field name are looked up while each place is led up to its root once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::base::pool::Pool;
use crate::data::version::IndexVersion;
use crate::exec::distinct;
use crate::exec::package::{ById, Container, Packages, Step};
use crate::exec::test::Test;
use crate::model::fold::{Collation, ROOT};
use crate::model::schema::FieldId;
use crate::query::predicate::{Leaf, Node, Predicate};

/// What a predicate asks of path fields: by field and by whether a permission asks, which sees all packages; in their order,
/// so that what is on the account at a time is always the same.
pub(crate) type Asked<'a> = BTreeMap<(FieldId, bool), Places<'a>>;

/// Packages between two looks at the budget.
const PACKAGES_PER_CHECK: usize = 256;

/// The places that leaves of one field name. Each leaf is a question, numbered as it is added; equal ones are one.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    by_id: &'a ById,
    /// Whether some leaf asks for what lies under a place.
    ancestors: bool,
    questions: HashMap<(bool, &'a [Arc<str>]), u32>,
    /// Of every place named: who asks for it.
    askers: Vec<Askers>,
    root: Option<PlaceId>,
    ids: HashMap<String, PlaceId>,
    names: HashMap<String, PlaceId>,
    paths: Paths,
}

/// The number of a place that is named.
type PlaceId = u32;

/// The questions that name a place.
#[derive(Debug, Default)]
struct Askers {
    /// Those for the place itself.
    here: Vec<u32>,
    /// Those for what lies anywhere under it too.
    under: Vec<u32>,
}

/// Paths by their parts.
#[derive(Debug)]
struct Paths {
    parts: Vec<Part>,
}

#[derive(Debug, Default)]
struct Part {
    next: HashMap<String, usize>,
    place: Option<PlaceId>,
}

/// Places with the packages that they are: by package the place that names its id, its name or its path.
struct Resolved<'p, 'a> {
    places: &'p Places<'a>,
    meant: Vec<[Option<PlaceId>; 3]>,
}

/// What is kept from place to place: the number of the place that is looked at, and by question the last one that had it.
struct Seen {
    place: u32,
    seen_in: Vec<u32>,
}

/// Gathers the path leaves of a predicate.
pub(crate) fn asked<'a>(predicate: &'a Predicate, packages: Packages<'a>) -> Asked<'a> {
    let mut asked = Asked::default();
    for node in predicate.nodes() {
        let Node::Leaf(Leaf::Within { field, ancestors, containers, in_permission }) = node else { continue };
        if let Some(by_id) = if *in_permission { packages.all } else { packages.visible } {
            asked.entry((*field, *in_permission)).or_insert_with(|| Places::new(by_id)).add(*ancestors, containers);
        }
    }
    asked
}

/// Tests for every question that some stored place answers with yes, by the question's number.
pub(crate) fn decide<'b>(
    places: &Places<'_>,
    field: FieldId,
    index: &IndexVersion,
    pool: &Pool,
    budget: &'b Budget,
    memory: &mut Vec<Reservation<'b>>,
) -> Result<Vec<(u32, Test)>> {
    let Some(domain) = index.domain(field) else { return Ok(Vec::new()) };
    let _memory = budget.reserve(places.by_id.len() * size_of::<[Option<PlaceId>; 3]>())?;
    let resolved = Resolved::new(places, budget)?;
    let start = || Seen { place: 0, seen_in: vec![0; places.questions.len()] };
    distinct::decide(domain, (pool, budget), memory, start, |text, seen, each| resolved.ask(text, seen, each))
}

impl<'a> Places<'a> {
    fn new(by_id: &'a ById) -> Self {
        Self {
            by_id,
            ancestors: false,
            questions: HashMap::default(),
            askers: Vec::new(),
            root: None,
            ids: HashMap::default(),
            names: HashMap::default(),
            paths: Paths { parts: vec![Part::default()] },
        }
    }

    fn add(&mut self, ancestors: bool, containers: &'a [Arc<str>]) {
        let next = self.questions.len() as u32;
        let question = *self.questions.entry((ancestors, containers)).or_insert(next);
        if question < next {
            return;
        }
        self.ancestors |= ancestors;
        for container in containers {
            let new = self.askers.len() as PlaceId;
            let place = match Container::read(container, self.by_id) {
                Container::Root => *self.root.get_or_insert(new),
                Container::Path(path) => self.paths.add(&path, new),
                Container::Id(id) => *self.ids.entry(id).or_insert(new),
                Container::Name(name) => *self.names.entry(name).or_insert(new),
            };
            if place == new {
                self.askers.push(Askers::default());
            }
            let askers = &mut self.askers[place as usize];
            let askers = if ancestors { &mut askers.under } else { &mut askers.here };
            if askers.last() != Some(&question) {
                askers.push(question);
            }
        }
    }

    /// The number of a leaf that was added.
    pub(crate) fn number(&self, ancestors: bool, containers: &[Arc<str>]) -> Option<u32> {
        self.questions.get(&(ancestors, containers)).copied()
    }
}

impl Paths {
    /// The place of a path, which is `new` if there was none.
    fn add(&mut self, path: &str, new: PlaceId) -> PlaceId {
        let mut at = 0;
        for part in parts_of(path) {
            let next = self.parts.len();
            at = *self.parts[at].next.entry(part.to_owned()).or_insert(next);
            if at == next {
                self.parts.push(Part::default());
            }
        }
        *self.parts[at].place.get_or_insert(new)
    }

    /// Where a further part leads.
    fn next(&self, at: usize, part: &str) -> Option<usize> {
        self.parts[at].next.get(part).copied()
    }

    fn is_empty(&self) -> bool {
        self.parts.len() == 1
    }
}

impl<'p, 'a> Resolved<'p, 'a> {
    fn new(places: &'p Places<'a>, budget: &Budget) -> Result<Self> {
        let mut meant = vec![[None; 3]; places.by_id.len()];
        let mut way = Vec::new();
        for (n, (number, id)) in places.by_id.ids().enumerate() {
            if n.is_multiple_of(PACKAGES_PER_CHECK) {
                budget.check()?;
            }
            let name = places.names.get(&places.by_id.package(number).name);
            let path = if places.paths.is_empty() { None } else { place_of(places, number, &mut way) };
            meant[number as usize] = [places.ids.get(id).copied(), name.copied(), path];
        }
        Ok(Self { places, meant })
    }

    /// Calls `each` with the questions to which a stored place answers with yes.
    fn ask(&self, stored: &str, seen: &mut Seen, each: &mut dyn FnMut(u32)) {
        let Places { by_id, ancestors, root, paths, ids, names, .. } = self.places;
        let place = Collation::Path.fold(stored);
        if place.is_empty() {
            return;
        }
        seen.place += 1;
        if let Some(root) = root {
            self.tell(*root, place == ROOT, seen, each);
        }
        if place.starts_with('/') {
            let mut at = Some(0);
            let mut parts = parts_of(&place).peekable();
            while let Some(part) = parts.next() {
                let is_itself = parts.peek().is_none();
                at = at.and_then(|at| paths.next(at, part));
                let path = at.and_then(|at| paths.parts[at].place);
                [path, names.get(part).copied()].into_iter().flatten().for_each(|place| {
                    self.tell(place, is_itself, seen, each);
                });
            }
            return;
        }
        for (n, step) in by_id.upwards(&place).take(if *ancestors { usize::MAX } else { 1 }).enumerate() {
            let meant = match step {
                Step::Known(number) => self.meant[number as usize],
                Step::Unknown(id) => [ids.get(id).copied(), names.get(id).copied(), None],
            };
            meant.into_iter().flatten().for_each(|place| self.tell(place, n == 0, seen, each));
        }
    }

    /// Tells those who ask for a place, which is the stored one itself or above it.
    fn tell(&self, place: PlaceId, is_itself: bool, seen: &mut Seen, each: &mut dyn FnMut(u32)) {
        let askers = &self.places.askers[place as usize];
        for question in askers.here.iter().filter(|_| is_itself).chain(&askers.under) {
            if std::mem::replace(&mut seen.seen_in[*question as usize], seen.place) != seen.place {
                each(*question);
            }
        }
    }
}

/// The place that names a package by its path.
fn place_of(places: &Places<'_>, package: u32, way: &mut Vec<u32>) -> Option<PlaceId> {
    way.clear();
    way.extend(places.by_id.onwards(Step::Known(package)).filter_map(|step| match step {
        Step::Known(number) => Some(number),
        Step::Unknown(_) => None,
    }));
    let mut at = 0;
    for number in way.iter().rev() {
        for part in places.by_id.package(*number).name.split('/') {
            at = places.paths.next(at, part)?;
        }
    }
    places.paths.parts[at].place
}

/// The parts of a path, which begins with a slash.
fn parts_of(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').skip(1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::{Places, Resolved, Seen};
    use crate::base::budget::{Budget, Cancel};
    use crate::base::limits::Limits;
    use crate::exec::package::{ById, Row, Step, path_of};
    use proptest::prelude::*;

    /// Whether a stored place, folded, is the container or with `ancestors` lies under it: each asked alone, step by step.
    fn lies_in(by_id: &ById, stored: &str, container: &str, ancestors: bool) -> bool {
        if container == "/" && (ancestors || stored == "/") {
            return true;
        }
        let most = if ancestors { usize::MAX } else { 1 };
        if stored.starts_with('/') {
            let ends = stored.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).chain([stored.len()]);
            let mut ways: Vec<&str> = ends.filter_map(|end| stored.get(..end)).collect();
            ways.reverse();
            let named = |way: &str| by_id.get(container).is_none() && way.rsplit('/').next() == Some(container);
            return ways.iter().take(most).any(|way| *way == container || named(way));
        }
        let is_it = |step| match step {
            Step::Unknown(id) => id == container,
            Step::Known(number) => {
                let id = by_id.ids().find(|(other, _)| *other == number).unwrap().1;
                let is_name = by_id.get(container).is_none() && by_id.package(number).name == container;
                id == container || is_name || path_of(id, by_id) == container
            }
        };
        by_id.upwards(stored).take(most).any(is_it)
    }

    fn place() -> impl Strategy<Value = String> {
        prop_oneof!["[a-f]", "(/[a-d]){1,4}", Just("/".to_owned())]
    }

    proptest! {
        #[test]
        fn places_asked_together_are_those_asked_alone(
            rows in prop::collection::vec(("[a-d]", "[a-d]|[a-d]/[a-d]", "[a-f]?"), 0..6),
            asked in prop::collection::vec((any::<bool>(), prop::collection::vec(place(), 1..4)), 1..6),
            stored in prop::collection::vec(place(), 1..8),
        ) {
            let by_id = ById::of_rows(rows.iter().map(|(id, name, parent)| Row::new(id, name, parent)).collect());
            let asked: Vec<(bool, Vec<Arc<str>>)> = asked
                .into_iter()
                .map(|(ancestors, containers)| (ancestors, containers.into_iter().map(Arc::from).collect()))
                .collect();
            let mut places = Places::new(&by_id);
            asked.iter().for_each(|(ancestors, containers)| places.add(*ancestors, containers));
            let late = Budget::new(Limits::default(), Some(Instant::now()), Cancel::new());
            prop_assert_eq!(Resolved::new(&places, &late).is_err(), by_id.len() > 0);
            let budget = Budget::new(Limits::default(), None, Cancel::new());
            let resolved = Resolved::new(&places, &budget).unwrap();
            let mut seen = Seen { place: 0, seen_in: vec![0; places.questions.len()] };
            for stored in &stored {
                let mut yes = Vec::new();
                resolved.ask(stored, &mut seen, &mut |question| yes.push(question));
                for (ancestors, containers) in &asked {
                    let question = places.number(*ancestors, containers).unwrap();
                    let told = yes.iter().filter(|told| **told == question).count();
                    let expected = containers.iter().any(|container| lies_in(&by_id, stored, container, *ancestors));
                    prop_assert_eq!(told, usize::from(expected), "{} in {:?} {}", stored, containers, ancestors);
                }
            }
        }
    }
}
