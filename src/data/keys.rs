//! From a row's key to its place. Belongs to the writer alone: readers find rows by scanning, as any other field.

use std::hash::BuildHasher as _;

use hashbrown::HashTable;

use crate::base::hash::State;

/// What identifies a row: the number of an integer or GUID key, the folded text of a keyword key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Number(i128),
    Text(String),
}

/// The place of every live row by its key. The keys themselves stay in the columns; the table holds places only and asks
/// back for the key of one.
#[derive(Debug, Default)]
pub(crate) struct KeyIndex {
    hasher: State,
    places: HashTable<u32>,
}

impl KeyIndex {
    /// The place of a key; `key_at` answers the key of a place.
    pub(crate) fn find(&self, key: &Key, key_at: impl Fn(u32) -> Option<Key>) -> Option<u32> {
        self.places.find(self.hasher.hash_one(key), |&place| key_at(place).as_ref() == Some(key)).copied()
    }

    /// Adds a key that is not there.
    pub(crate) fn insert(&mut self, key: &Key, place: u32, key_at: impl Fn(u32) -> Option<Key>) {
        let hasher = &self.hasher;
        let rehash = |&place: &u32| key_at(place).map_or(0, |key| hasher.hash_one(key));
        self.places.insert_unique(hasher.hash_one(key), place, rehash);
    }

    /// Takes the key at a place out.
    pub(crate) fn remove(&mut self, key: &Key, place: u32) {
        if let Ok(entry) = self.places.find_entry(self.hasher.hash_one(key), |&p| p == place) {
            entry.remove();
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.places.allocation_size()
    }
}
