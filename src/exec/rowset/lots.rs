//! Rows that fall into lots: runs of rows that transformations treat one apart from the other. All rows are one lot until a
//! grouping has transformations of its own for each group; then the groups are lots, and all of them are worked on together.

use std::ops::Range;

use crate::base::error::{Error, Result};

/// Where each lot ends; the first begins at row 0. There is at least one unless rows were grouped into none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lots {
    ends: Vec<u32>,
}

impl Lots {
    /// All rows together.
    pub(crate) fn one(n_rows: usize) -> Result<Self> {
        Self::of_sizes([n_rows])
    }

    /// Lots of so many rows each, one after the other.
    pub(crate) fn of_sizes(sizes: impl IntoIterator<Item = usize>) -> Result<Self> {
        let mut end = 0usize;
        let mut ends = Vec::new();
        for size in sizes {
            end = end.saturating_add(size);
            ends.push(u32::try_from(end).map_err(|_| too_many(end))?);
        }
        Ok(Self { ends })
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The rows of all lots.
    pub(crate) fn n_rows(&self) -> usize {
        self.ends.last().map_or(0, |end| *end as usize)
    }

    /// The rows of each lot.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| *start as usize..*end as usize)
    }

    /// By row: its lot.
    pub(crate) fn of_rows(&self) -> Vec<u32> {
        let mut of_rows = Vec::with_capacity(self.n_rows());
        for (lot, range) in (0..).zip(self.ranges()) {
            of_rows.extend(std::iter::repeat_n(lot, range.len()));
        }
        of_rows
    }

    /// What is left of the lots if only these rows are, ascending within each lot or not.
    pub(crate) fn left(&self, rows: &[u32]) -> Result<Self> {
        let mut sizes = vec![0; self.len()];
        let mut lot = 0;
        for row in rows {
            // Lots are runs, so that the next row is of this lot or of one behind it.
            while self.ends.get(lot).is_some_and(|end| *end <= *row) {
                lot += 1;
            }
            sizes[lot] += 1;
        }
        Self::of_sizes(sizes)
    }
}

fn too_many(need: usize) -> Error {
    Error::fixed_limit("computed rows", u32::MAX.into(), need, "put fewer rows together")
}

#[cfg(test)]
mod tests {
    use super::Lots;

    #[test]
    fn lots_are_runs_and_keep_their_rows() {
        let lots = Lots::of_sizes([2, 0, 3]).unwrap();
        assert_eq!((lots.len(), lots.n_rows()), (3, 5));
        assert_eq!(lots.ranges().collect::<Vec<_>>(), [0..2, 2..2, 2..5]);
        assert_eq!(lots.of_rows(), [0, 0, 2, 2, 2]);
        assert_eq!(lots.left(&[1, 4, 2]).unwrap(), Lots::of_sizes([1, 0, 2]).unwrap());
        assert_eq!(lots.left(&[]).unwrap(), Lots::of_sizes([0, 0, 0]).unwrap());
    }

    #[test]
    fn more_rows_than_numbers_are_refused() {
        assert!(Lots::of_sizes([u32::MAX as usize, 1]).unwrap_err().to_string().contains("computed rows"));
    }
}
