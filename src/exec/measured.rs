//! What is computed of the rows of each group beside their number, and what one piece of a scan has of it so far.

use crate::base::budget::Budget;
use crate::base::error::Result;
use crate::data::version::IndexVersion;
use crate::exec::gathered::{Gathered, Source};
use crate::exec::lane::Lane;
use crate::exec::scan::Passed;
use crate::exec::stats::{Stats, Total};

/// What is wanted of every group.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Fields whose number, sum, least and greatest are wanted.
    pub(crate) stats: Vec<Lane>,
    /// What is kept one by one.
    pub(crate) gathered: Vec<Source>,
}

/// What a piece of the scan has of it, by slot.
#[derive(Debug)]
pub(crate) struct Measured {
    stats: Vec<Stats>,
    /// By source; of this piece and of those merged into it.
    pub(crate) gathered: Vec<Vec<Gathered>>,
}

impl Wanted {
    pub(crate) fn is_empty(&self) -> bool {
        self.stats.is_empty() && self.gathered.is_empty()
    }

    /// Most bytes that a slot needs.
    pub(crate) fn slot_bytes(&self) -> usize {
        self.stats.len() * Stats::SLOT_BYTES
    }
}

impl Measured {
    /// Of `n` slots.
    pub(crate) fn new(wanted: &Wanted, n: usize, index: &IndexVersion) -> Self {
        let most_rows = index.segments.iter().map(|segment| u64::from(segment.n_rows)).sum();
        Self {
            stats: wanted.stats.iter().map(|lane| Stats::new(lane, n, most_rows)).collect(),
            gathered: wanted.gathered.iter().map(|source| vec![Gathered::new(*source)]).collect(),
        }
    }

    /// Room for `n` slots.
    pub(crate) fn grow(&mut self, n: usize) {
        self.stats.iter_mut().for_each(|stats| stats.grow(n));
    }

    /// Adds rows of a block, each at its slot: all rows, or the rows listed.
    pub(crate) fn add(
        &mut self,
        wanted: &Wanted,
        passed: &Passed<'_>,
        index: &IndexVersion,
        (slots, rows): (&[u32], Option<&[u16]>),
        budget: &Budget,
    ) -> Result<()> {
        for (stats, lane) in self.stats.iter_mut().zip(&wanted.stats) {
            stats.add(lane, passed.segment.block(lane.field, passed.block), slots, rows);
        }
        if self.gathered.is_empty() {
            return Ok(());
        }
        let mut bytes = 0;
        for (pieces, source) in self.gathered.iter_mut().zip(&wanted.gathered) {
            for own in pieces.iter_mut().take(1) {
                own.add(*source, passed, index, slots, rows);
                bytes += own.bytes();
            }
        }
        // No piece needs more than all do together, so that the limit is met or not whatever the pieces are.
        budget.reserve(bytes).map(drop)
    }

    /// Takes over what another piece has; its slot s is this one's `slot_of(s)`.
    pub(crate) fn merge(&mut self, piece: Self, slot_of: impl Fn(usize) -> usize) {
        for (into, from) in self.stats.iter_mut().zip(&piece.stats) {
            into.merge(from, &slot_of);
        }
        for (into, mut from) in self.gathered.iter_mut().zip(piece.gathered) {
            for gathered in &mut from {
                gathered.slots.iter_mut().for_each(|slot| *slot = slot_of(*slot as usize) as u32);
            }
            into.append(&mut from);
        }
    }

    /// What is known of the numbers of a slot with so many rows, by field.
    pub(crate) fn totals(&self, wanted: &Wanted, slot: usize, n_rows: u64) -> impl Iterator<Item = Total> {
        self.stats.iter().zip(&wanted.stats).map(move |(stats, lane)| stats.total(lane, slot, n_rows))
    }
}
