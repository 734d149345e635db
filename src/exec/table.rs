//! Numbers for keys of several words each, by hashing.

use std::hash::{BuildHasher as _, Hash};

use hashbrown::HashTable;

use crate::base::hash::State;

/// Numbers for keys, in the order in which they were first seen.
#[derive(Debug)]
pub(crate) struct Table<W> {
    /// Words of a key.
    n_words: usize,
    hasher: State,
    numbers: HashTable<u32>,
    /// By number and word.
    pub(crate) keys: Vec<W>,
    n_keys: usize,
}

impl<W: Copy + Eq + Hash> Table<W> {
    pub(crate) fn new(n_words: usize) -> Self {
        Self { n_words, hasher: State::default(), numbers: HashTable::new(), keys: Vec::new(), n_keys: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.n_keys
    }

    /// The number of a key, new if need be.
    pub(crate) fn number(&mut self, key: &[W]) -> u32 {
        let key = key.get(..self.n_words).unwrap_or(key);
        let (n, keys, hasher) = (self.n_words, &self.keys, &self.hasher);
        let key_of = |number: &u32| &keys[*number as usize * n..][..n];
        let hash = hasher.hash_one(key);
        if let Some(number) = self.numbers.find(hash, |number| key_of(number) == key) {
            return *number;
        }
        let number = self.n_keys as u32;
        self.numbers.insert_unique(hash, number, |number| hasher.hash_one(key_of(number)));
        self.keys.extend_from_slice(key);
        self.n_keys += 1;
        number
    }

    /// The key of a number.
    pub(crate) fn key(&self, number: usize) -> &[W] {
        &self.keys[number * self.n_words..][..self.n_words]
    }
}
