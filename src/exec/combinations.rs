//! The group keys of rows that may be in several groups, and of rows whose groups are found by hashing.

use crate::base::hash::HashSet;
use crate::data::block::Block;
use crate::data::version::IndexVersion;
use crate::exec::scan::Passed;
use crate::exec::slot::{Dimension, Numbering};

/// The group keys of one row: one, or for lists every combination of their distinct values.
#[derive(Debug, Default)]
struct Combinations {
    /// By combination and dimension; without dimensions one number that means nothing.
    keys: Vec<i128>,
    values: Vec<i128>,
    next: Vec<i128>,
    seen: HashSet<u32>,
}

/// Rows of one block with the slots they count at, as two lists of one length; a row of several groups stands there as
/// often.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    pub(crate) slots: Vec<u32>,
    pub(crate) rows: Vec<u16>,
}

impl Pairs {
    /// The pairs of the rows that passed, `slot_of` their keys.
    pub(crate) fn fill(
        &mut self,
        passed: &Passed<'_>,
        dimensions: &[Dimension],
        index: &IndexVersion,
        mut slot_of: impl FnMut(&[i128]) -> u32,
    ) {
        self.slots.clear();
        self.rows.clear();
        let mut combinations = Combinations::default();
        passed.each_row(|row| {
            combinations.of_row(passed, dimensions, index, row);
            for key in combinations.keys.chunks(dimensions.len().max(1)) {
                self.slots.push(slot_of(key));
                self.rows.push(row as u16);
            }
        });
    }
}

impl Combinations {
    fn of_row(&mut self, passed: &Passed<'_>, dimensions: &[Dimension], index: &IndexVersion, row: usize) {
        self.keys.clear();
        if dimensions.is_empty() {
            return self.keys.push(0);
        }
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

    /// A row's values of one dimension; two spellings of one value count once, and so do two numbers of one range.
    fn values_of(&mut self, dimension: &Dimension, block: Option<&Block>, index: &IndexVersion, row: usize) {
        self.values.clear();
        let range = block.map_or(0..1, |block| block.range(row));
        if range.is_empty() {
            self.values.push(dimension.value(None, 0));
        }
        let domain = index.domain(dimension.field).filter(|d| d.has_classes() && !dimension.by_spelling);
        let may_repeat = domain.is_some() || matches!(dimension.numbering, Numbering::Ranges(_));
        let is_judged = may_repeat && range.len() > 1;
        self.seen.clear();
        for at in range {
            let value = dimension.value(block, at);
            let same = domain.map_or(value as u32, |domain| domain.class(value as u32));
            if !is_judged || self.seen.insert(same) {
                self.values.push(value);
            }
        }
    }
}
