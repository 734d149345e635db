//! Groups found by the texts of their keys, so that groupings over different rows can be laid side by side.

use std::ops::Range;

use crate::base::hash::HashMap;
use crate::exec::groups::Groups;
use crate::exec::labels::{Labels, Meaning};

/// A key's text, none for the remainder.
pub(crate) type Step<'g> = Option<&'g str>;

/// The groups of one grouping by their keys.
#[derive(Debug)]
pub(crate) struct Paths<'g> {
    groups: &'g Groups,
    /// By key: its labels in order.
    steps: Vec<Vec<Step<'g>>>,
    /// By key.
    positions: Vec<HashMap<Step<'g>, u32>>,
}

impl<'g> Paths<'g> {
    pub(crate) fn new(groups: &'g Groups) -> Self {
        let steps: Vec<Vec<Step<'g>>> = groups.keys.iter().map(Labels::steps).collect();
        let positions = steps.iter().map(|steps| steps.iter().copied().zip(0..).collect()).collect();
        Self { groups, steps, positions }
    }

    /// The labels of a key, in order.
    pub(crate) fn steps(&self, key: usize) -> &[Step<'g>] {
        &self.steps[key]
    }

    /// What the rows under a label of a key have in common.
    pub(crate) fn meaning(&self, key: usize, step: Step<'_>) -> Option<&'g Meaning> {
        let position = *self.positions[key].get(&step)?;
        self.groups.keys[key].meanings().get(position as usize)
    }

    /// The groups of a range by the positions of a key that they are ordered by within it.
    pub(crate) fn runs(&self, range: Range<usize>, key: usize) -> Vec<(u32, Range<usize>)> {
        let n_keys = self.groups.keys.len();
        let position = |group: usize| self.groups.positions[group * n_keys + key];
        let mut runs: Vec<(u32, Range<usize>)> = Vec::new();
        for group in range {
            match runs.last_mut().filter(|(last, _)| *last == position(group)) {
                Some((_, run)) => run.end = group + 1,
                None => runs.push((position(group), group..group + 1)),
            }
        }
        runs
    }

    /// The positions of the first keys; none if one of them has no such label.
    pub(crate) fn positions(&self, steps: &[Step<'_>]) -> Option<Vec<u32>> {
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
