//! Groups found by the texts of their keys, so that groupings over different rows can be laid side by side.

use std::ops::Range;

use crate::base::hash::HashMap;
use crate::exec::groups::Groups;

/// The groups of one grouping by their keys. A step is a key's text, none for the remainder.
#[derive(Debug)]
pub(crate) struct Paths<'g> {
    groups: &'g Groups,
    /// By key.
    positions: Vec<HashMap<Option<&'g str>, u32>>,
}

impl<'g> Paths<'g> {
    pub(crate) fn new(groups: &'g Groups) -> Self {
        let positions = groups.keys.iter().map(|labels| labels.steps().into_iter().zip(0..).collect()).collect();
        Self { groups, positions }
    }

    /// The positions of the first keys; none if one of them has no such label.
    pub(crate) fn positions(&self, steps: &[Option<&str>]) -> Option<Vec<u32>> {
        steps.iter().zip(&self.positions).map(|(step, positions)| positions.get(step).copied()).collect()
    }

    /// The groups whose first keys are at these positions.
    pub(crate) fn range(&self, path: &[u32]) -> Range<usize> {
        let n_keys = self.groups.keys.len();
        if n_keys == 0 {
            return 0..self.groups.len();
        }
        let first = |at: usize| &self.groups.positions[at * n_keys..][..path.len()];
        let start = partition_point(self.groups.len(), |at| first(at) < path);
        let end = start + partition_point(self.groups.len() - start, |at| first(start + at) <= path);
        start..end
    }
}

/// How many of the first `n` satisfy the test, which none does behind one that does not.
fn partition_point(n: usize, test: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if test(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
