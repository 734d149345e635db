//! The dictionary of a field: texts to ids and back. Ids only ever grow, so that a code written once means the same in every
//! later version.
//!
//! A domain is a few immutable layers, each with its own hash tables. A commit that brings new texts adds a layer and merges
//! it with its neighbours while they are not much larger, as a binary counter carries: a text is copied O(log n) times in all,
//! a look-up asks O(log n) layers, and readers never wait.
//!
//! Texts that the collation holds equal have different ids and one *class*: the smallest id among them. Until two such
//! spellings meet, ids and classes are the same and no class is stored.

use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use hashbrown::HashTable;

use crate::base::hash::{HashMap, State};
use crate::data::block::FIRST_ID;
use crate::model::field::Field;
use crate::model::fold::Collation;

/// A field's dictionary as one version sees it.
#[derive(Clone, Debug)]
pub(crate) struct Domain {
    collation: Collation,
    hasher: State,
    layers: Vec<Arc<Layer>>,
    /// Class of each id, if two spellings ever met.
    classes: Option<Arc<[u32]>>,
    /// Ids of the declared values come first, in declared order; aliases follow them.
    n_declared: u32,
    derived: Arc<Derived>,
}

/// What is worked out from the texts when it is asked for; shared until there are new ones.
#[derive(Debug, Default)]
struct Derived {
    ranks: OnceLock<Arc<[u32]>>,
    /// Ids that are not their own class, by class.
    others: OnceLock<Arc<[u32]>>,
    translations: Mutex<Vec<Translation>>,
}

/// By id: the class of its text in another dictionary, or NULL.
#[derive(Debug)]
struct Translation {
    into: Weak<Derived>,
    classes: Arc<[u32]>,
}

/// Texts with consecutive ids.
#[derive(Debug)]
struct Layer {
    first: u32,
    texts: Vec<Arc<str>>,
    /// Positions by the exact text.
    exact: HashTable<u32>,
    /// Positions of the first spelling of each class in this layer, by what the text folds to.
    folded: HashTable<u32>,
}

/// New texts being gathered on top of a domain.
#[derive(Debug)]
pub(crate) struct DomainDraft {
    base: Domain,
    texts: Vec<Arc<str>>,
    exact: HashTable<u32>,
}

impl Domain {
    /// The dictionary that a field starts with: its declared values, then their aliases.
    pub(crate) fn of_field(field: &Field) -> Self {
        let empty = Self {
            collation: field.effective_collation(),
            hasher: State::default(),
            layers: Vec::new(),
            classes: None,
            n_declared: u32::try_from(field.values.len()).unwrap_or(u32::MAX),
            derived: Arc::default(),
        };
        let mut draft = DomainDraft::new(empty);
        for value in &field.values {
            draft.intern(&value.name);
        }
        let mut same = Vec::new();
        for (i, value) in field.values.iter().enumerate() {
            let class = FIRST_ID + u32::try_from(i).unwrap_or(u32::MAX);
            same.extend(value.aliases.iter().map(|alias| (draft.intern(alias), class)));
        }
        let mut domain = draft.finish();
        if !same.is_empty() {
            let mut classes: Vec<u32> = (0..domain.len()).map(|id| domain.class(id)).collect();
            for (alias, class) in same {
                classes[alias as usize] = class;
            }
            domain.classes = Some(classes.into());
        }
        domain
    }

    /// One more than the largest id.
    pub(crate) fn len(&self) -> u32 {
        self.layers.last().map_or(FIRST_ID, |layer| layer.end())
    }

    /// When two texts are of one class, aliases apart.
    pub(crate) fn collation(&self) -> Collation {
        self.collation
    }

    /// Whether two ids can be of one class.
    pub(crate) fn has_classes(&self) -> bool {
        self.classes.is_some()
    }

    /// The class of an id: the smallest id that the collation holds equal to it.
    pub(crate) fn class(&self, id: u32) -> u32 {
        self.classes.as_ref().map_or(id, |classes| classes[id as usize])
    }

    /// The ids of a class, the class itself first.
    ///
    /// `O(log n)` and its length; for the first call of a version that has new texts `O(n log n)`.
    pub(crate) fn members(&self, class: u32) -> impl Iterator<Item = u32> {
        let others: &[u32] = if self.has_classes() { self.others() } else { &[] };
        let from = others.partition_point(|id| self.class(*id) < class);
        let rest = others.get(from..).unwrap_or(&[]);
        std::iter::once(class).chain(rest.iter().copied().take_while(move |id| self.class(*id) == class))
    }

    fn others(&self) -> &Arc<[u32]> {
        self.derived.others.get_or_init(|| {
            let mut others: Vec<u32> = (FIRST_ID..self.len()).filter(|id| self.class(*id) != *id).collect();
            others.sort_by_key(|id| self.class(*id));
            others.into()
        })
    }

    /// The text of an id; the empty text for NULL and BLANK.
    pub(crate) fn text(&self, id: u32) -> &str {
        self.shared_text(id).map_or("", |text| text)
    }

    /// The text of an id, shared.
    pub(crate) fn shared_text(&self, id: u32) -> Option<&Arc<str>> {
        let at = self.layers.partition_point(|layer| layer.end() <= id);
        self.layers.get(at)?.texts.get(id.checked_sub(self.layers[at].first)? as usize)
    }

    /// Every id with its text, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Arc<str>)> {
        self.layers.iter().flat_map(|layer| (layer.first..).zip(&layer.texts))
    }

    /// The class of a text, if some spelling of it is known.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let folded = self.collation.fold(text);
        let hash = self.hasher.hash_one(&*folded);
        let id = self.layers.iter().find_map(|layer| {
            let same = |&at: &u32| {
                let known = &*layer.texts[at as usize];
                *known == *text || self.collation.fold(known) == folded
            };
            layer.folded.find(hash, same).map(|at| layer.first + at)
        })?;
        Some(self.class(id))
    }

    /// The classes of all texts in another dictionary by id, if they were looked up before.
    pub(crate) fn translation(&self, into: &Self) -> Option<Arc<[u32]>> {
        let known = self.derived.translations.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|known| known.into.as_ptr() == Arc::as_ptr(&into.derived));
        found.map(|found| found.classes.clone())
    }

    /// Keeps what looking all texts up in another dictionary gave, for as long as neither has new ones.
    pub(crate) fn keep_translation(&self, into: &Self, classes: Arc<[u32]>) {
        let mut known = self.derived.translations.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|known| known.into.strong_count() > 0 && known.into.as_ptr() != Arc::as_ptr(&into.derived));
        known.push(Translation { into: Arc::downgrade(&into.derived), classes });
    }

    /// Whether the class was declared by the schema; its id is then in declared order.
    pub(crate) fn is_declared(&self, class: u32) -> bool {
        class >= FIRST_ID && class - FIRST_ID < self.n_declared
    }

    /// For every id the place of its class in the field's order: declared values first, as declared, then by collation,
    /// then by code point of the class's first spelling. NULL and BLANK come first.
    ///
    /// Computed once per version that has new texts: `O(n log n)`.
    pub(crate) fn ranks(&self) -> &Arc<[u32]> {
        self.derived.ranks.get_or_init(|| {
            let mut order: Vec<u32> = (FIRST_ID..self.len()).filter(|&id| self.class(id) == id).collect();
            let n_declared = order.partition_point(|&id| self.is_declared(id));
            let key = |id: &u32| self.collation.fold(self.text(*id));
            order[n_declared..].sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| self.text(*a).cmp(self.text(*b))));
            let mut ranks = vec![0; self.len() as usize];
            for (rank, id) in (FIRST_ID..).zip(order) {
                ranks[id as usize] = rank;
            }
            (FIRST_ID..self.len()).for_each(|id| ranks[id as usize] = ranks[self.class(id) as usize]);
            ranks.into()
        })
    }

    /// The id of exactly this text.
    fn find_exact(&self, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        self.layers.iter().find_map(|layer| {
            let same = |&at: &u32| *layer.texts[at as usize] == *text;
            layer.exact.find(hash, same).map(|at| layer.first + at)
        })
    }

    /// Bytes of texts, tables, classes and what was worked out from them.
    pub(crate) fn bytes(&self) -> usize {
        let layers = self.layers.iter().map(|layer| {
            // A shared text is its bytes, two counters and a fat pointer to it.
            let texts: usize = layer.texts.iter().map(|text| text.len() + 32).sum();
            texts + layer.exact.allocation_size() + layer.folded.allocation_size()
        });
        let known = self.derived.translations.lock().unwrap_or_else(PoisonError::into_inner);
        let translations = known.iter().map(|known| &known.classes);
        let derived = translations
            .chain(self.derived.ranks.get())
            .chain(self.derived.others.get())
            .chain(&self.classes)
            .map(|ids| size_of_val(&**ids));
        layers.sum::<usize>() + derived.sum::<usize>()
    }
}

impl Layer {
    fn end(&self) -> u32 {
        self.first + u32::try_from(self.texts.len()).unwrap_or(u32::MAX)
    }

    fn new(first: u32, texts: Vec<Arc<str>>, collation: Collation, hasher: &State) -> Self {
        let mut exact = HashTable::with_capacity(texts.len());
        let mut folded = HashTable::with_capacity(texts.len());
        for (at, text) in (0u32..).zip(&texts) {
            exact.insert_unique(hasher.hash_one(&**text), at, |&at| hasher.hash_one(&*texts[at as usize]));
            let key = collation.fold(text);
            let rehash = |&at: &u32| hasher.hash_one(&*collation.fold(&texts[at as usize]));
            let same = |&at: &u32| collation.fold(&texts[at as usize]) == key;
            folded.entry(hasher.hash_one(&*key), same, rehash).or_insert(at);
        }
        Self { first, texts, exact, folded }
    }
}

impl DomainDraft {
    pub(crate) fn new(base: Domain) -> Self {
        Self { base, texts: Vec::new(), exact: HashTable::new() }
    }

    /// The id of exactly this text, new if need be.
    pub(crate) fn intern(&mut self, text: &Arc<str>) -> u32 {
        if let Some(id) = self.base.find_exact(text) {
            return id;
        }
        let (first, texts, hasher) = (self.base.len(), &mut self.texts, &self.base.hasher);
        let hash = hasher.hash_one(&**text);
        if let Some(at) = self.exact.find(hash, |&at| texts[at as usize] == *text) {
            return first + at;
        }
        let at = u32::try_from(texts.len()).unwrap_or(u32::MAX);
        texts.push(text.clone());
        self.exact.insert_unique(hash, at, |&at| hasher.hash_one(&*texts[at as usize]));
        first + at
    }

    /// The text of an id.
    pub(crate) fn text(&self, id: u32) -> Option<&Arc<str>> {
        match id.checked_sub(self.base.len()) {
            Some(at) => self.texts.get(at as usize),
            None => self.base.shared_text(id),
        }
    }

    /// The domain with the new texts; the old one if there is none.
    pub(crate) fn finish(self) -> Domain {
        if self.texts.is_empty() {
            return self.base;
        }
        let Domain { collation, hasher, mut layers, classes, n_declared, .. } = self.base.clone();
        let first = self.base.len();
        let classes = self.classes_with_new(classes);
        let (mut first, mut texts) = (first, self.texts);
        while let Some(last) = layers.last() {
            if last.texts.len() > texts.len() * 2 {
                break;
            }
            let mut merged = last.texts.clone();
            merged.append(&mut texts);
            (first, texts) = (last.first, merged);
            layers.pop();
        }
        layers.push(Arc::new(Layer::new(first, texts, collation, &hasher)));
        Domain { collation, hasher, layers, classes, n_declared, derived: Arc::default() }
    }

    /// Classes of all ids, if a new text folds to what another does.
    fn classes_with_new(&self, old: Option<Arc<[u32]>>) -> Option<Arc<[u32]>> {
        let first = self.base.len();
        let mut new: Vec<u32> = Vec::with_capacity(self.texts.len());
        let mut met = old.is_some();
        let mut seen: HashMap<std::borrow::Cow<'_, str>, u32> = HashMap::default();
        for (id, text) in (first..).zip(&self.texts) {
            let class = match self.base.find(text) {
                Some(class) => class,
                None => *seen.entry(self.base.collation.fold(text)).or_insert(id),
            };
            met |= class != id;
            new.push(class);
        }
        if !met {
            return None;
        }
        let mut classes: Vec<u32> = match old {
            Some(old) => old.to_vec(),
            None => (0..first).collect(),
        };
        classes.append(&mut new);
        Some(classes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Domain, DomainDraft};
    use crate::model::field::{DeclaredValue, Field};
    use crate::model::kind::Kind;

    fn grown(domain: Domain, texts: &[&str]) -> (Domain, Vec<u32>) {
        let mut draft = DomainDraft::new(domain);
        let ids = texts.iter().map(|&text| draft.intern(&text.into())).collect();
        (draft.finish(), ids)
    }

    #[test]
    fn ids_stay_while_layers_merge() {
        let mut domain = Domain::of_field(&Field::new("F", Kind::Keyword));
        let mut all = Vec::new();
        for i in 0..200 {
            let text = format!("value {i}");
            let ids;
            (domain, ids) = grown(domain, &[&text]);
            all.push((ids[0], text));
        }
        assert!(domain.layers.len() < 10, "{} layers", domain.layers.len());
        for (id, text) in all {
            assert_eq!(domain.text(id), text);
            assert_eq!(domain.find(&text.to_uppercase()), Some(id));
        }
    }

    #[test]
    fn translations_hold_until_either_side_has_new_texts() {
        let domain = || Domain::of_field(&Field::new("F", Kind::Keyword));
        let ((from, _), (into, ids)) = (grown(domain(), &["a", "b"]), grown(domain(), &["B"]));
        assert!(from.translation(&into).is_none());
        from.keep_translation(&into, [0, 0, 0, ids[0]].into());
        assert_eq!(from.translation(&into).as_deref(), Some(&[0, 0, 0, ids[0]][..]));
        assert!(into.translation(&from).is_none(), "it has a direction");
        let (unchanged, _) = grown(from.clone(), &["a"]);
        assert!(unchanged.translation(&into).is_some());
        let (longer, _) = grown(from.clone(), &["c"]);
        let (wider, _) = grown(into.clone(), &["a"]);
        assert!(longer.translation(&into).is_none() && from.translation(&wider).is_none());
    }

    #[test]
    fn spellings_share_a_class_across_commits() {
        let domain = Domain::of_field(&Field::new("F", Kind::Keyword));
        let (domain, first) = grown(domain, &["b", "A"]);
        let (domain, second) = grown(domain, &["B", "a", "c", "C"]);
        assert_eq!(domain.class(second[0]), first[0]);
        assert_eq!(domain.class(second[1]), first[1]);
        assert_eq!(domain.class(second[3]), second[2]);
        assert_eq!(domain.members(first[0]).collect::<Vec<_>>(), [first[0], second[0]]);
        assert_eq!(domain.members(first[1]).collect::<Vec<_>>(), [first[1], second[1]]);
        let ranks = domain.ranks();
        assert!(ranks[first[1] as usize] < ranks[first[0] as usize]);
        assert_eq!(ranks[second[0] as usize], ranks[first[0] as usize]);
    }

    #[test]
    fn declared_values_come_first_and_aliases_mean_them() {
        let values = [DeclaredValue::new("Zeta").alias("Z"), DeclaredValue::new("Alpha")];
        let domain = Domain::of_field(&Field::new("F", Kind::Status).values(values));
        let (domain, ids) = grown(domain, &["beta", "z"]);
        let zeta = domain.find("zeta").unwrap();
        assert_eq!(domain.find("Z"), Some(zeta));
        assert_eq!(domain.class(ids[1]), zeta);
        let ranks = domain.ranks();
        let rank = |text: &str| ranks[domain.find(text).unwrap() as usize];
        assert!(rank("Zeta") < rank("Alpha") && rank("Alpha") < rank("beta"));
    }
}
