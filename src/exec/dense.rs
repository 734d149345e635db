//! A counter for every combination of slots: for as many combinations as memory affords.

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::data::block::BLOCK_ROWS;
use crate::data::codes::{Codes, each_width};
use crate::data::version::IndexVersion;
use crate::exec::combinations::{Counter, Pairs};
use crate::exec::counted::{Counted, Keys};
use crate::exec::layout::Layout;
use crate::exec::mask;
use crate::exec::measured::{Measured, Wanted};
use crate::exec::scan::{Passed, Touched};
use crate::exec::slot::Dimension;
use crate::exec::tally::{tally, tally_pairs};

/// With fewer passing rows than one in this many, only their slots are worked out.
const SPARSE_ROWS: usize = 4;

/// One piece's counters.
#[derive(Debug)]
pub(crate) struct Dense<'a> {
    layout: &'a Layout,
    counts: Vec<u32>,
    wanted: &'a Wanted,
    measured: Measured,
    slots: Box<[u32; BLOCK_ROWS]>,
    rows: Vec<u16>,
    pairs: Pairs,
    budget: &'a Budget,
    _memory: Reservation<'a>,
}

impl<'a> Dense<'a> {
    pub(crate) fn new(
        layout: &'a Layout,
        wanted: &'a Wanted,
        index: &IndexVersion,
        budget: &'a Budget,
    ) -> Result<Self> {
        let n = layout.n_slots;
        let memory = budget.reserve(Self::bytes(layout, wanted))?;
        let (counts, measured) = (vec![0; n], Measured::new(wanted, n, index));
        let (slots, rows, pairs) = (Box::new([0; BLOCK_ROWS]), Vec::new(), Pairs::default());
        Ok(Self { layout, counts, wanted, measured, slots, rows, pairs, budget, _memory: memory })
    }

    /// Memory of one piece, without what is kept one by one.
    pub(crate) fn bytes(layout: &Layout, wanted: &Wanted) -> usize {
        layout.n_slots * (size_of::<u32>() + wanted.slot_bytes())
    }

    pub(crate) fn add(&mut self, passed: &Passed<'_>, dimensions: &[Dimension], index: &IndexVersion) -> Result<()> {
        if dimensions.iter().any(|dimension| dimension.multi) {
            let (mut pairs, budget) = (std::mem::take(&mut self.pairs), self.budget);
            let done = pairs.count(passed, dimensions, index, budget, &mut OfBlock { all: self, passed, index });
            self.pairs = pairs;
            return done;
        }
        let block = |dimension: &Dimension| passed.segment.block(dimension.field, passed.block);
        // Measures take rows one by one in any case.
        let is_sparse = passed.n_passed as usize * SPARSE_ROWS < passed.n_rows || !self.wanted.is_empty();
        let dense_mask = passed.mask.filter(|_| !is_sparse);
        if let ([low, high], false) = (dimensions, is_sparse)
            && let Some((low, offset)) = low.shifted_codes(block(low))
            && let Some((Codes::U8(high), 0)) = high.shifted_codes(block(high))
        {
            let (shift, counts) = (self.layout.shifts[1], &mut self.counts);
            each_width!(low, low => tally_pairs((low, offset), (high, shift), dense_mask, counts));
            return Ok(());
        }
        self.rows.clear();
        let listed = passed.mask.filter(|_| is_sparse);
        if let Some(mask) = listed {
            mask::for_each_row(mask, |row| self.rows.push(row as u16));
        }
        let rows = listed.map(|_| &*self.rows);
        let slots = &mut self.slots[..rows.map_or(passed.n_rows, <[u16]>::len)];
        slots.fill(0);
        for (dimension, shift) in dimensions.iter().zip(&self.layout.shifts) {
            dimension.add_slots(block(dimension), *shift, rows, slots);
        }
        tally(slots, dense_mask, &mut self.counts);
        self.measured.add(self.wanted, passed, index, (slots, rows), self.budget)
    }

    /// Adds what another piece of the scan counted.
    pub(crate) fn merge(&mut self, piece: Self) {
        self.counts.iter_mut().zip(&piece.counts).for_each(|(a, b)| *a += b);
        self.measured.merge(piece.measured, |slot| slot);
    }

    pub(crate) fn finish(self, touched: Touched) -> Counted {
        let n = self.counts.iter().filter(|count| **count > 0).count();
        let (mut slots, mut counts) = (Vec::with_capacity(n), Vec::with_capacity(n));
        let mut totals = Vec::with_capacity(n * self.wanted.stats.len());
        for (slot, count) in (0u32..).zip(&self.counts).filter(|(_, count)| **count > 0) {
            slots.push(slot);
            counts.push(u64::from(*count));
            totals.extend(self.measured.totals(self.wanted, slot as usize, u64::from(*count)));
        }
        let keys = Keys::Slots(slots, self.layout.clone());
        Counted { keys, counts, totals, gathered: self.measured.gathered, touched }
    }
}

/// The rows of one block on their way to their slots.
struct OfBlock<'b, 'a> {
    all: &'b mut Dense<'a>,
    passed: &'b Passed<'b>,
    index: &'b IndexVersion,
}

impl Counter for OfBlock<'_, '_> {
    fn slot(&mut self, key: &[i128]) -> u32 {
        self.all.layout.slot(key) as u32
    }

    fn count(&mut self, slots: &[u32], rows: &[u16]) -> Result<()> {
        let Dense { counts, wanted, measured, budget, .. } = &mut *self.all;
        tally(slots, None, counts);
        measured.add(wanted, self.passed, self.index, (slots, Some(rows)), budget)
    }
}
