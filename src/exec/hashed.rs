//! Groups found by hashing their keys: for keys without slots, and for combinations with too many of them.

use crate::base::budget::Budget;
use crate::base::error::Result;
use crate::data::version::IndexVersion;
use crate::exec::combinations::{Counter, Pairs};
use crate::exec::counted::{Counted, Keys};
use crate::exec::measured::{Measured, Wanted};
use crate::exec::scan::{Passed, Touched};
use crate::exec::slot::Dimension;
use crate::exec::table::Table;

/// Groups found by hashing their keys.
#[derive(Debug)]
pub(crate) struct Hashed<'a> {
    n_dimensions: usize,
    table: Table<i128>,
    counts: Vec<u64>,
    wanted: &'a Wanted,
    measured: Measured,
    pairs: Pairs,
}

impl<'a> Hashed<'a> {
    pub(crate) fn new(n_dimensions: usize, wanted: &'a Wanted, index: &IndexVersion) -> Self {
        let (table, measured) = (Table::new(n_dimensions), Measured::new(wanted, 0, index));
        Self { n_dimensions, table, counts: Vec::new(), wanted, measured, pairs: Pairs::default() }
    }

    pub(crate) fn add(
        &mut self,
        passed: &Passed<'_>,
        dimensions: &[Dimension],
        index: &IndexVersion,
        budget: &Budget,
    ) -> Result<()> {
        let mut pairs = std::mem::take(&mut self.pairs);
        let done = pairs.count(passed, dimensions, index, budget, &mut OfBlock { all: self, passed, index, budget });
        self.pairs = pairs;
        done
    }

    /// Memory of the groups found so far.
    pub(crate) fn bytes(&self) -> usize {
        self.counts.len() * (16 * self.n_dimensions + 16 + self.wanted.slot_bytes())
    }

    /// Adds what another piece of the scan found.
    pub(crate) fn merge(&mut self, piece: Self) {
        let numbers: Vec<usize> =
            (0..piece.counts.len()).map(|group| self.table.number(piece.table.key(group)) as usize).collect();
        self.counts.resize(self.table.len(), 0);
        self.measured.grow(self.table.len());
        numbers.iter().zip(&piece.counts).for_each(|(group, count)| self.counts[*group] += count);
        self.measured.merge(piece.measured, |group| numbers[group]);
    }

    pub(crate) fn finish(self, touched: Touched) -> Counted {
        let counted = self.counts.iter().enumerate();
        let totals = counted.flat_map(|(group, n)| self.measured.totals(self.wanted, group, *n)).collect();
        let keys = Keys::Numbers(self.table.keys, self.n_dimensions);
        Counted { keys, counts: self.counts, totals, gathered: self.measured.gathered, touched }
    }
}

/// The rows of one block on their way into groups.
struct OfBlock<'b, 'a> {
    all: &'b mut Hashed<'a>,
    passed: &'b Passed<'b>,
    index: &'b IndexVersion,
    budget: &'b Budget,
}

impl Counter for OfBlock<'_, '_> {
    fn slot(&mut self, key: &[i128]) -> u32 {
        self.all.table.number(key)
    }

    fn count(&mut self, slots: &[u32], rows: &[u16]) -> Result<()> {
        let Hashed { table, counts, wanted, measured, .. } = &mut *self.all;
        counts.resize(table.len(), 0);
        slots.iter().for_each(|group| counts[*group as usize] += 1);
        measured.grow(table.len());
        measured.add(wanted, self.passed, self.index, (slots, Some(rows)), self.budget)?;
        // No piece needs more than all do together, so that the limit is met or not whatever the pieces are.
        self.budget.reserve(self.all.bytes()).map(drop)
    }
}
