//! Counting rows and summing numbers by group: a slot for every combination of keys where that is affordable, a hash table
//! where it is not. Pieces of the scan count on their own and are merged in load order.

use hashbrown::HashTable;
use std::hash::BuildHasher as _;

use crate::base::budget::{Budget, Reservation};
use crate::base::code::Code;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::hash::{HashSet, State};
use crate::base::pool::Pool;
use crate::data::block::{BLOCK_ROWS, Block};
use crate::data::version::IndexVersion;
use crate::exec::filter::Filter;
use crate::exec::mask;
use crate::exec::scan::{PIECES_PER_THREAD, Passed, Touched, scan};
use crate::exec::slot::Dimension;
use crate::model::schema::FieldId;

/// Most slots of the dense form. 4 M counters are 16 MiB a piece: past the caches, but still far cheaper than hashing.
const DENSE_SLOTS: u64 = 1 << 22;

/// With fewer passing rows than one in this many, only their slots are worked out.
const SPARSE_ROWS: usize = 4;

/// Rows and sums of every group that occurs.
#[derive(Debug)]
pub(crate) struct Counted {
    /// By group and dimension: the slot, or for a hashed dimension the number.
    pub(crate) keys: Vec<i128>,
    pub(crate) counts: Vec<u64>,
    /// By group and summed field.
    pub(crate) sums: Vec<i128>,
    pub(crate) touched: Touched,
}

/// Counts the rows that pass by the dimensions, and sums the fields.
pub(crate) fn count(
    index: &IndexVersion,
    filter: &Filter<'_>,
    dimensions: &[Dimension],
    summed: &[FieldId],
    pool: &Pool,
    budget: &Budget,
) -> Result<Counted> {
    let layout = dense_layout(dimensions);
    let start = || match &layout {
        Some(layout) => Dense::new(layout.n_slots, summed.len(), budget).map(Counters::Dense),
        None => Ok(Counters::Hashed(Hashed::new(dimensions.len(), summed.len()))),
    };
    // Counters past the caches cost more to make and merge than uneven pieces do.
    let pieces = match &layout {
        Some(layout) if layout.n_slots > CACHED_SLOTS => 1,
        _ => PIECES_PER_THREAD,
    };
    let (pieces, touched) =
        scan(index, filter, pool, budget, pieces, start, |counters, passed| match (counters, &layout) {
            (Counters::Dense(dense), Some(layout)) => dense.add(passed, dimensions, &layout.shifts, summed, index),
            (Counters::Hashed(hashed), _) => hashed.add(passed, dimensions, summed, index, budget),
            (Counters::Dense(_), None) => Ok(()),
        })?;
    let mut pieces = pieces.into_iter();
    let mut all = match pieces.next() {
        Some(first) => first,
        None => start()?,
    };
    for piece in pieces {
        all.merge(piece)?;
    }
    Ok(all.finish(dimensions, layout.as_ref(), touched))
}

/// Most slots whose counters stay in a core's own cache.
const CACHED_SLOTS: usize = 1 << 18;

/// Where each dimension's slots stand in a combined slot: bits side by side, so that combining is a shift and an add.
struct Layout {
    shifts: Vec<u32>,
    n_slots: usize,
}

/// The layout of a dense count; none if some dimension has no slots or there would be too many. The last dimension takes
/// the highest bits: with the status last, a group's counters for each status lie apart, and equal statuses of
/// neighbouring rows do not wait for one another.
fn dense_layout(dimensions: &[Dimension]) -> Option<Layout> {
    let mut bits = 0u32;
    let mut shifts = Vec::with_capacity(dimensions.len());
    for dimension in dimensions {
        shifts.push(bits);
        bits += dimension.n_slots()?.next_power_of_two().trailing_zeros();
        if 1u64.checked_shl(bits).is_none_or(|n| n > DENSE_SLOTS) {
            return None;
        }
    }
    // The highest dimension needs no padding.
    let last = match (dimensions.last(), shifts.last()) {
        (Some(dimension), Some(shift)) => (dimension.n_slots()? as usize) << shift,
        _ => 1,
    };
    Some(Layout { shifts, n_slots: last })
}

enum Counters<'b> {
    Dense(Dense<'b>),
    Hashed(Hashed),
}

/// One counter a slot.
struct Dense<'b> {
    counts: Vec<u32>,
    /// By slot and summed field.
    sums: Vec<i128>,
    slots: Box<[u32; BLOCK_ROWS]>,
    rows: Vec<u16>,
    _memory: Reservation<'b>,
}

impl<'b> Dense<'b> {
    fn new(n_slots: usize, n_sums: usize, budget: &'b Budget) -> Result<Self> {
        let memory = budget.reserve(n_slots * (size_of::<u32>() + n_sums * size_of::<i128>()))?;
        let (counts, sums) = (vec![0; n_slots], vec![0; n_slots * n_sums]);
        Ok(Self { counts, sums, slots: Box::new([0; BLOCK_ROWS]), rows: Vec::new(), _memory: memory })
    }

    fn add(
        &mut self,
        passed: &Passed<'_>,
        dimensions: &[Dimension],
        shifts: &[u32],
        summed: &[FieldId],
        index: &IndexVersion,
    ) -> Result<()> {
        if dimensions.iter().any(|dimension| dimension.multi) {
            return self.add_lists(passed, dimensions, shifts, summed, index);
        }
        let is_sparse = passed.n_passed as usize * SPARSE_ROWS < passed.n_rows;
        self.rows.clear();
        if let Some(mask) = passed.mask.filter(|_| is_sparse) {
            mask::for_each_row(mask, |row| self.rows.push(row as u16));
        }
        let rows = is_sparse.then_some(&*self.rows);
        let slots = &mut self.slots[..rows.map_or(passed.n_rows, <[u16]>::len)];
        slots.fill(0);
        for (dimension, shift) in dimensions.iter().zip(shifts) {
            dimension.add_slots(passed.segment.block(dimension.field, passed.block), *shift, rows, slots);
        }
        match passed.mask {
            // Where many rows pass, adding the mask's byte costs less than a branch that guesses wrong.
            Some(mask) if !is_sparse => {
                slots.iter().zip(mask).for_each(|(slot, m)| self.counts[*slot as usize] += u32::from(*m));
            }
            _ => slots.iter().for_each(|slot| self.counts[*slot as usize] += 1),
        }
        if summed.is_empty() {
            return Ok(());
        }
        let mut result = Ok(());
        let mut add = |slot: u32, row: usize| {
            let sums = &mut self.sums[slot as usize * summed.len()..][..summed.len()];
            if let Err(error) = add_sums(sums, passed, summed, row) {
                result = Err(error);
            }
        };
        match rows {
            Some(rows) => slots.iter().zip(rows).for_each(|(slot, row)| add(*slot, usize::from(*row))),
            None => each_passed(passed, |row| add(slots[row], row)),
        }
        result
    }

    /// Rows that may be in several groups: each row's combinations of elements.
    fn add_lists(
        &mut self,
        passed: &Passed<'_>,
        dimensions: &[Dimension],
        shifts: &[u32],
        summed: &[FieldId],
        index: &IndexVersion,
    ) -> Result<()> {
        let mut result = Ok(());
        let mut combinations = Combinations::default();
        each_passed(passed, |row| {
            combinations.of_row(passed, dimensions, index, row);
            for key in combinations.keys.chunks(dimensions.len()) {
                let slot = key.iter().zip(shifts).map(|(k, shift)| (*k as usize) << shift).sum::<usize>();
                self.counts[slot] += 1;
                let sums = &mut self.sums[slot * summed.len()..][..summed.len()];
                if let Err(error) = add_sums(sums, passed, summed, row) {
                    result = Err(error);
                }
            }
        });
        result
    }
}

/// Groups found by hashing their keys.
struct Hashed {
    n_dimensions: usize,
    n_sums: usize,
    hasher: State,
    table: HashTable<u32>,
    keys: Vec<i128>,
    counts: Vec<u64>,
    sums: Vec<i128>,
}

impl Hashed {
    fn new(n_dimensions: usize, n_sums: usize) -> Self {
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

    fn add(
        &mut self,
        passed: &Passed<'_>,
        dimensions: &[Dimension],
        summed: &[FieldId],
        index: &IndexVersion,
        budget: &Budget,
    ) -> Result<()> {
        let mut result = Ok(());
        let mut combinations = Combinations::default();
        each_passed(passed, |row| {
            combinations.of_row(passed, dimensions, index, row);
            for key in combinations.keys.chunks(dimensions.len().max(1)) {
                let group = self.group(key);
                self.counts[group] += 1;
                let sums = &mut self.sums[group * summed.len()..][..summed.len()];
                if let Err(error) = add_sums(sums, passed, summed, row) {
                    result = Err(error);
                }
            }
        });
        result?;
        let bytes = self.counts.len() * (16 * (self.n_dimensions + self.n_sums) + 16);
        budget.reserve(bytes).map(drop)
    }
}

/// The group keys of one row: one, or for lists every combination of their distinct values.
#[derive(Debug, Default)]
struct Combinations {
    /// By combination and dimension.
    keys: Vec<i128>,
    values: Vec<i128>,
    next: Vec<i128>,
    seen: HashSet<u32>,
}

impl Combinations {
    fn of_row(&mut self, passed: &Passed<'_>, dimensions: &[Dimension], index: &IndexVersion, row: usize) {
        self.keys.clear();
        for (d, dimension) in dimensions.iter().enumerate() {
            self.values_of(dimension, passed.segment.block(dimension.field, passed.block), index, row);
            self.next.clear();
            let n_before = self.keys.len().checked_div(d).unwrap_or(1);
            for before in 0..n_before {
                for value in &self.values {
                    self.next.extend_from_slice(&self.keys[before * d..][..d]);
                    self.next.push(*value);
                }
            }
            std::mem::swap(&mut self.keys, &mut self.next);
        }
    }

    /// A row's values of one dimension; two spellings of one value count once.
    fn values_of(&mut self, dimension: &Dimension, block: Option<&Block>, index: &IndexVersion, row: usize) {
        self.values.clear();
        let range = block.map_or(0..1, |block| block.range(row));
        if range.is_empty() {
            self.values.push(dimension.value(None, 0));
        }
        let domain =
            index.domain(dimension.field).filter(|d| range.len() > 1 && d.has_classes() && !dimension.by_spelling);
        self.seen.clear();
        for at in range {
            let value = dimension.value(block, at);
            if domain.is_none_or(|domain| self.seen.insert(domain.class(value as u32))) {
                self.values.push(value);
            }
        }
    }
}

impl Counters<'_> {
    fn merge(&mut self, other: Self) -> Result<()> {
        match (self, other) {
            (Self::Dense(all), Self::Dense(piece)) => {
                all.counts.iter_mut().zip(piece.counts).for_each(|(a, b)| *a += b);
                for (a, b) in all.sums.iter_mut().zip(piece.sums) {
                    *a = a.checked_add(b).ok_or_else(overflow)?;
                }
            }
            (Self::Hashed(all), Self::Hashed(piece)) => {
                let n = piece.n_dimensions;
                for (group, count) in piece.counts.iter().enumerate() {
                    let into = all.group(&piece.keys[group * n..][..n]);
                    all.counts[into] += count;
                    for s in 0..piece.n_sums {
                        let sum = &mut all.sums[into * piece.n_sums + s];
                        *sum = sum.checked_add(piece.sums[group * piece.n_sums + s]).ok_or_else(overflow)?;
                    }
                }
            }
            // All pieces of a scan are made alike.
            (Self::Dense(_), Self::Hashed(_)) | (Self::Hashed(_), Self::Dense(_)) => {}
        }
        Ok(())
    }

    fn finish(self, dimensions: &[Dimension], layout: Option<&Layout>, touched: Touched) -> Counted {
        let dense = match self {
            Self::Hashed(hashed) => {
                return Counted { keys: hashed.keys, counts: hashed.counts, sums: hashed.sums, touched };
            }
            Self::Dense(dense) => dense,
        };
        let shifts = layout.map_or(&[][..], |layout| &layout.shifts);
        let width = |dimension: &Dimension| dimension.n_slots().unwrap_or(1).next_power_of_two() as usize;
        let masks: Vec<usize> = dimensions.iter().map(|dimension| width(dimension) - 1).collect();
        let n_sums = dense.sums.len().checked_div(dense.counts.len()).unwrap_or(0);
        let mut counted = Counted { keys: Vec::new(), counts: Vec::new(), sums: Vec::new(), touched };
        for (slot, count) in dense.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let keys = shifts.iter().zip(&masks).map(|(shift, mask)| (slot >> shift & mask) as i128);
            counted.keys.extend(keys);
            counted.counts.push(u64::from(*count));
            counted.sums.extend_from_slice(&dense.sums[slot * n_sums..][..n_sums]);
        }
        counted
    }
}

fn each_passed(passed: &Passed<'_>, each: impl FnMut(usize)) {
    match passed.mask {
        None => (0..passed.n_rows).for_each(each),
        Some(mask) => mask::for_each_row(mask, each),
    }
}

/// The number in a single-valued cell.
fn number(block: &Block, row: usize) -> Option<i128> {
    let code = Some(block.codes().get(row)).filter(|code| *code != 0)?;
    Some(block.frame()?.number(code))
}

fn add_sums(sums: &mut [i128], passed: &Passed<'_>, summed: &[FieldId], row: usize) -> Result<()> {
    for (sum, field) in sums.iter_mut().zip(summed) {
        if let Some(n) = passed.segment.block(*field, passed.block).and_then(|block| number(block, row)) {
            *sum = sum.checked_add(n).ok_or_else(overflow)?;
        }
    }
    Ok(())
}

pub(crate) fn overflow() -> Error {
    Error::request(ErrorKind::Query, Code::Overflow, "a sum left the range of 128 bits")
}
