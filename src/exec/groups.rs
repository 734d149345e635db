//! What comes of a grouping: keys in order, and what was counted and measured under them.

use crate::exec::labels::Labels;
use crate::exec::scan::Touched;
use crate::exec::stats::Total;

/// Groups in order, with their counts and measures.
#[derive(Debug)]
pub(crate) struct Groups {
    /// By dimension: its keys that occur, in order.
    pub(crate) keys: Vec<Labels>,
    /// By group and dimension: position of the key in `keys`. Ascending.
    pub(crate) positions: Vec<u32>,
    /// Values of the field that counts are split by, in order, the empty one last; one unnamed if there is no such field.
    pub(crate) split: Labels,
    /// How many counts each group has: one for each split value.
    pub(crate) n_split: usize,
    /// By group and split value.
    pub(crate) counts: Vec<u64>,
    /// By group and field of which stats were wanted.
    pub(crate) totals: Vec<Total>,
    /// By group as it was counted: its number here.
    pub(crate) numbers: Vec<u32>,
    pub(crate) touched: Touched,
}

impl Groups {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.counts.len().checked_div(self.n_split).unwrap_or(0)
    }
}
