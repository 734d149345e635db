//! Groups found by hashing their keys: for keys without slots, and for combinations with too many of them.

use std::hash::BuildHasher as _;

use hashbrown::HashTable;

use crate::base::error::Result;
use crate::base::hash::State;
use crate::data::version::IndexVersion;
use crate::exec::combinations::Combinations;
use crate::exec::counted::{Counted, Keys};
use crate::exec::scan::{Passed, Touched};
use crate::exec::slot::Dimension;
use crate::exec::sums;
use crate::model::schema::FieldId;

/// Groups found by hashing their keys.
#[derive(Debug)]
pub(crate) struct Hashed {
    n_dimensions: usize,
    n_sums: usize,
    hasher: State,
    table: HashTable<u32>,
    keys: Vec<i128>,
    counts: Vec<u64>,
    sums: Vec<i128>,
}

impl Hashed {
    pub(crate) fn new(n_dimensions: usize, n_sums: usize) -> Self {
        let (hasher, table) = (State::default(), HashTable::new());
        Self { n_dimensions, n_sums, hasher, table, keys: Vec::new(), counts: Vec::new(), sums: Vec::new() }
    }

    /// The number of the group with that key, new if need be.
    fn group(&mut self, key: &[i128]) -> usize {
        let (n, keys, hasher) = (self.n_dimensions, &self.keys, &self.hasher);
        let key_of = |group: &u32| &keys[*group as usize * n..][..n];
        let hash = hasher.hash_one(key);
        if let Some(group) = self.table.find(hash, |group| key_of(group) == key) {
            return *group as usize;
        }
        let group = self.counts.len();
        self.table.insert_unique(hash, group as u32, |group| hasher.hash_one(key_of(group)));
        self.keys.extend_from_slice(key);
        self.counts.push(0);
        self.sums.resize(self.sums.len() + self.n_sums, 0);
        group
    }

    pub(crate) fn add(
        &mut self,
        passed: &Passed<'_>,
        dimensions: &[Dimension],
        summed: &[FieldId],
        index: &IndexVersion,
    ) -> Result<()> {
        let mut result = Ok(());
        let mut combinations = Combinations::default();
        passed.each_row(|row| {
            combinations.of_row(passed, dimensions, index, row);
            for key in combinations.keys.chunks(dimensions.len().max(1)) {
                let group = self.group(key);
                self.counts[group] += 1;
                let sums = &mut self.sums[group * summed.len()..][..summed.len()];
                if let Err(error) = sums::add(sums, passed, summed, row) {
                    result = Err(error);
                }
            }
        });
        result
    }

    /// Memory of the groups found so far.
    pub(crate) fn bytes(&self) -> usize {
        self.counts.len() * (16 * (self.n_dimensions + self.n_sums) + 16)
    }

    /// Adds what another piece of the scan found.
    pub(crate) fn merge(&mut self, piece: &Self) -> Result<()> {
        let (n, n_sums) = (self.n_dimensions, self.n_sums);
        for (group, count) in piece.counts.iter().enumerate() {
            let into = self.group(&piece.keys[group * n..][..n]);
            self.counts[into] += count;
            sums::merge(&mut self.sums[into * n_sums..][..n_sums], &piece.sums[group * n_sums..][..n_sums])?;
        }
        Ok(())
    }

    pub(crate) fn finish(self, touched: Touched) -> Counted {
        Counted { keys: Keys::Numbers(self.keys, self.n_dimensions), counts: self.counts, sums: self.sums, touched }
    }
}
