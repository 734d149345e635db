//! The group keys of rows that may be in several groups, and of rows whose groups are found by hashing.

use crate::base::budget::Budget;
use crate::base::error::{Error, Result};
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
    slots: Vec<u32>,
    rows: Vec<u16>,
}

/// Pairs that are taken together: several blocks of rows that are in one group each.
const MOST_PAIRS: usize = 1 << 14;

/// What counts pairs.
pub(crate) trait Counter {
    /// The slot of a row's keys.
    fn slot(&mut self, key: &[i128]) -> u32;
    /// Takes pairs, the rows of a block ascending.
    fn count(&mut self, slots: &[u32], rows: &[u16]) -> Result<()>;
}

impl Pairs {
    /// Hands the pairs of the rows that passed to `counter`.
    pub(crate) fn count(
        &mut self,
        passed: &Passed<'_>,
        dimensions: &[Dimension],
        index: &IndexVersion,
        budget: &Budget,
        counter: &mut impl Counter,
    ) -> Result<()> {
        let mut combinations = Combinations::default();
        let mut done = Ok(());
        passed.each_row(|row| {
            let mut one = || {
                combinations.of_row(passed, dimensions, index, row, budget.limits().groups)?;
                for key in combinations.keys.chunks(dimensions.len().max(1)) {
                    self.slots.push(counter.slot(key));
                    self.rows.push(row as u16);
                    // Lists of many values have more combinations than memory has room for.
                    if self.slots.len() == MOST_PAIRS {
                        budget.check()?;
                        self.hand_over(counter)?;
                    }
                }
                Ok(())
            };
            if done.is_ok() {
                done = one();
            }
        });
        done?;
        self.hand_over(counter)
    }

    fn hand_over(&mut self, counter: &mut impl Counter) -> Result<()> {
        let done = counter.count(&self.slots, &self.rows);
        self.slots.clear();
        self.rows.clear();
        done
    }
}

impl Combinations {
    /// A row of more groups than there may be at all is an error.
    fn of_row(
        &mut self,
        passed: &Passed<'_>,
        dimensions: &[Dimension],
        index: &IndexVersion,
        row: usize,
        most: usize,
    ) -> Result<()> {
        self.keys.clear();
        if dimensions.is_empty() {
            self.keys.push(0);
        }
        for (d, dimension) in dimensions.iter().enumerate() {
            self.values_of(dimension, passed.segment.block(dimension.field, passed.block), index, row);
            self.next.clear();
            let n_before = self.keys.len().checked_div(d).unwrap_or(1);
            let n = n_before.saturating_mul(self.values.len());
            if n > most {
                return Err(Error::limit("groups", most as u64, format_args!("more than {most}")));
            }
            for before in 0..n_before {
                for value in &self.values {
                    self.next.extend_from_slice(&self.keys[before * d..][..d]);
                    self.next.push(*value);
                }
            }
            std::mem::swap(&mut self.keys, &mut self.next);
        }
        Ok(())
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
