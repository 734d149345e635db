//! From a row's key to its place. Belongs to the writer alone: readers find rows by scanning, as any other field.

use std::hash::BuildHasher as _;

use hashbrown::HashTable;
use hashbrown::hash_table::OccupiedEntry;

use crate::base::hash::{HashSet, State};
use crate::model::fold::Collation;

/// What identifies a row: the number of an integer or GUID key, the folded text of a keyword key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Number(i128),
    Text(String),
}

/// The place of every live row by its key. What a transaction changes stands beside it until nothing can fail any more: then
/// it is settled, else forgotten, and there is never anything to undo.
#[derive(Debug, Default)]
pub(crate) struct KeyIndex {
    settled: Places,
    added: Places,
    /// Settled places whose keys are gone.
    removed: HashSet<u32>,
}

/// Places by their keys. The keys themselves stay in the columns; the table holds places only and asks back for the key of one.
#[derive(Debug, Default)]
struct Places {
    hasher: State,
    table: HashTable<u32>,
}

impl Key {
    /// Of a text in a field of that collation.
    pub(crate) fn of_text(text: &str, collation: Collation) -> Self {
        Self::Text(collation.fold(text).into_owned())
    }
}

impl KeyIndex {
    /// The place of a key; `key_at` answers the key of a place.
    pub(crate) fn find(&self, key: &Key, key_at: impl Fn(u32) -> Option<Key>) -> Option<u32> {
        let settled = || self.settled.find(key, &key_at).filter(|place| !self.removed.contains(place));
        self.added.find(key, &key_at).or_else(settled)
    }

    /// Adds a key that is not there.
    pub(crate) fn insert(&mut self, key: &Key, place: u32, key_at: impl Fn(u32) -> Option<Key>) {
        self.added.insert(key, place, key_at);
    }

    /// Takes the key at a place out.
    pub(crate) fn remove(&mut self, key: &Key, place: u32) {
        if !self.added.remove(key, place) {
            self.removed.insert(place);
        }
    }

    /// Takes the changes over; `key_at` answers the keys of the published rows.
    pub(crate) fn settle(&mut self, key_at: impl Fn(u32) -> Option<Key>) {
        for place in std::mem::take(&mut self.removed) {
            if let Some(key) = key_at(place) {
                self.settled.remove(&key, place);
            }
        }
        let mut fewer = std::mem::take(&mut self.added);
        // The fewer go to the more: a first load has them all.
        if fewer.table.len() > self.settled.table.len() {
            std::mem::swap(&mut fewer, &mut self.settled);
        }
        for place in fewer.table {
            if let Some(key) = key_at(place) {
                self.settled.insert(&key, place, &key_at);
            }
        }
    }

    /// Drops the changes.
    pub(crate) fn forget(&mut self) {
        self.added = Places::default();
        self.removed = HashSet::default();
    }

    pub(crate) fn bytes(&self) -> usize {
        self.settled.table.allocation_size() + self.added.table.allocation_size()
    }
}

impl Places {
    fn find(&self, key: &Key, key_at: impl Fn(u32) -> Option<Key>) -> Option<u32> {
        self.table.find(self.hasher.hash_one(key), |&place| key_at(place).as_ref() == Some(key)).copied()
    }

    fn insert(&mut self, key: &Key, place: u32, key_at: impl Fn(u32) -> Option<Key>) {
        let hasher = &self.hasher;
        let rehash = |&place: &u32| key_at(place).map_or(0, |key| hasher.hash_one(key));
        self.table.insert_unique(hasher.hash_one(key), place, rehash);
    }

    /// Whether the key was there, at that place.
    fn remove(&mut self, key: &Key, place: u32) -> bool {
        let entry = self.table.find_entry(self.hasher.hash_one(key), |&p| p == place);
        entry.map(OccupiedEntry::remove).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, KeyIndex};

    fn key(n: u32) -> Key {
        Key::Number((n % 100).into())
    }

    fn key_at(place: u32) -> Option<Key> {
        (place < 200).then(|| key(place))
    }

    fn found(keys: &KeyIndex) -> Vec<u32> {
        (0..100).filter_map(|n| keys.find(&key(n), key_at)).collect()
    }

    #[test]
    fn what_is_forgotten_was_never_there() {
        let mut keys = KeyIndex::default();
        (0..50).for_each(|place| keys.insert(&key(place), place, key_at));
        assert_eq!(found(&keys), (0..50).collect::<Vec<_>>());
        keys.settle(key_at);
        // Keys go, come back elsewhere, and are new; one of the new ones goes again.
        (0..10).for_each(|place| keys.remove(&key(place), place));
        (105..110).for_each(|place| keys.insert(&key(place), place, key_at));
        (60..70).for_each(|place| keys.insert(&key(place), place, key_at));
        keys.remove(&key(69), 69);
        let changed: Vec<u32> = (105..110).chain(10..50).chain(60..69).collect();
        assert_eq!(found(&keys), changed);
        keys.forget();
        assert_eq!(found(&keys), (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_settled_stays() {
        for n_first in [3, 80] {
            let mut keys = KeyIndex::default();
            (0..n_first).for_each(|place| keys.insert(&key(place), place, key_at));
            keys.settle(key_at);
            keys.remove(&key(1), 1);
            keys.remove(&key(2), 2);
            (n_first..100).chain([101]).for_each(|place| keys.insert(&key(place), place, key_at));
            keys.settle(key_at);
            keys.forget();
            let expected: Vec<u32> = [0, 101].into_iter().chain(3..100).collect();
            assert_eq!(found(&keys), expected, "{n_first} first");
        }
    }
}
