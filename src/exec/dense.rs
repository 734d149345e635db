//! A counter for every combination of slots: for as many combinations as memory affords.

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::data::block::BLOCK_ROWS;
use crate::data::codes::{Codes, each_width};
use crate::data::version::IndexVersion;
use crate::exec::combinations::Combinations;
use crate::exec::counted::{Counted, Keys};
use crate::exec::layout::Layout;
use crate::exec::mask;
use crate::exec::scan::{Passed, Touched};
use crate::exec::slot::Dimension;
use crate::exec::sums;
use crate::exec::tally::{tally, tally_pairs};
use crate::model::schema::FieldId;

/// With fewer passing rows than one in this many, only their slots are worked out.
const SPARSE_ROWS: usize = 4;

/// One piece's counters.
#[derive(Debug)]
pub(crate) struct Dense<'a> {
    layout: &'a Layout,
    counts: Vec<u32>,
    /// By slot and summed field.
    sums: Vec<i128>,
    n_sums: usize,
    slots: Box<[u32; BLOCK_ROWS]>,
    rows: Vec<u16>,
    _memory: Reservation<'a>,
}

impl<'a> Dense<'a> {
    pub(crate) fn new(layout: &'a Layout, n_sums: usize, budget: &'a Budget) -> Result<Self> {
        let n = layout.n_slots;
        let memory = budget.reserve(Self::bytes(layout, n_sums))?;
        let (counts, sums, slots) = (vec![0; n], vec![0; n * n_sums], Box::new([0; BLOCK_ROWS]));
        Ok(Self { layout, counts, sums, n_sums, slots, rows: Vec::new(), _memory: memory })
    }

    /// Memory of one piece.
    pub(crate) fn bytes(layout: &Layout, n_sums: usize) -> usize {
        layout.n_slots * (size_of::<u32>() + n_sums * size_of::<i128>())
    }

    pub(crate) fn add(
        &mut self,
        passed: &Passed<'_>,
        dimensions: &[Dimension],
        summed: &[FieldId],
        index: &IndexVersion,
    ) -> Result<()> {
        if dimensions.iter().any(|dimension| dimension.multi) {
            return self.add_lists(passed, dimensions, summed, index);
        }
        let block = |dimension: &Dimension| passed.segment.block(dimension.field, passed.block);
        let is_sparse = passed.n_passed as usize * SPARSE_ROWS < passed.n_rows;
        let dense_mask = passed.mask.filter(|_| !is_sparse);
        if let ([low, high], [], false) = (dimensions, summed, is_sparse)
            && let Some((low, offset)) = low.shifted_codes(block(low))
            && let Some((Codes::U8(high), 0)) = high.shifted_codes(block(high))
        {
            let (shift, counts) = (self.layout.shifts[1], &mut self.counts);
            each_width!(low, low => tally_pairs((low, offset), (high, shift), dense_mask, counts));
            return Ok(());
        }
        self.rows.clear();
        if let Some(mask) = passed.mask.filter(|_| is_sparse) {
            mask::for_each_row(mask, |row| self.rows.push(row as u16));
        }
        let rows = is_sparse.then_some(&*self.rows);
        let slots = &mut self.slots[..rows.map_or(passed.n_rows, <[u16]>::len)];
        slots.fill(0);
        for (dimension, shift) in dimensions.iter().zip(&self.layout.shifts) {
            dimension.add_slots(block(dimension), *shift, rows, slots);
        }
        tally(slots, dense_mask, &mut self.counts);
        if summed.is_empty() {
            return Ok(());
        }
        let mut result = Ok(());
        let mut add = |slot: u32, row: usize| {
            let sums = &mut self.sums[slot as usize * self.n_sums..][..self.n_sums];
            if let Err(error) = sums::add(sums, passed, summed, row) {
                result = Err(error);
            }
        };
        match rows {
            Some(rows) => slots.iter().zip(rows).for_each(|(slot, row)| add(*slot, usize::from(*row))),
            None => passed.each_row(|row| add(slots[row], row)),
        }
        result
    }

    /// Rows that may be in several groups: each row's combinations of elements.
    fn add_lists(
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
            for key in combinations.keys.chunks(dimensions.len()) {
                let slot = self.layout.slot(key);
                self.counts[slot] += 1;
                let sums = &mut self.sums[slot * self.n_sums..][..self.n_sums];
                if let Err(error) = sums::add(sums, passed, summed, row) {
                    result = Err(error);
                }
            }
        });
        result
    }

    /// Adds what another piece of the scan counted.
    pub(crate) fn merge(&mut self, piece: &Self) -> Result<()> {
        self.counts.iter_mut().zip(&piece.counts).for_each(|(a, b)| *a += b);
        sums::merge(&mut self.sums, &piece.sums)
    }

    pub(crate) fn finish(self, touched: Touched) -> Counted {
        let n_sums = self.n_sums;
        let n = self.counts.iter().filter(|count| **count > 0).count();
        let (mut slots, mut counts) = (Vec::with_capacity(n), Vec::with_capacity(n));
        let mut sums = Vec::with_capacity(n * n_sums);
        for (slot, count) in (0u32..).zip(&self.counts).filter(|(_, count)| **count > 0) {
            slots.push(slot);
            counts.push(u64::from(*count));
            sums.extend_from_slice(&self.sums[slot as usize * n_sums..][..n_sums]);
        }
        Counted { keys: Keys::Slots(slots, self.layout.clone()), counts, sums, touched }
    }
}
