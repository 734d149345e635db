//! Rows on their way in: a header of field names and cells under it, resolved once for all rows. Checked when a transaction
//! takes them, not here.

use std::sync::Arc;

use crate::model::value::Value;

/// Rows with named columns. Fields of the index that have no column are null.
///
/// ```
/// use tallygrid::Rows;
/// let rows = Rows::new(["Id", "Status"]).row([1.into(), "Passed".into()]).row([2.into(), "Failed".into()]);
/// assert_eq!(rows.len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    columns: Vec<Arc<str>>,
    cells: Vec<Value>,
    n_rows: usize,
}

impl Rows {
    /// No rows yet, with these columns.
    #[must_use]
    pub fn new<S: Into<Arc<str>>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), cells: Vec::new(), n_rows: 0 }
    }

    /// Rows whose cells lie one row after the other, each as wide as the columns are.
    #[cfg(any(feature = "csv", feature = "junit", feature = "ndjson"))]
    pub(crate) fn from_cells(columns: Vec<Arc<str>>, cells: Vec<Value>, n_rows: usize) -> Self {
        debug_assert_eq!(cells.len(), columns.len() * n_rows, "cells that fill no whole rows");
        Self { columns, cells, n_rows }
    }

    /// With one more row, as [`Rows::push`] adds it.
    #[must_use]
    pub fn row(mut self, cells: impl IntoIterator<Item = Value>) -> Self {
        self.push(cells);
        self
    }

    /// Adds a row: one cell a column in the columns' order; missing ones are null.
    ///
    /// # Panics
    /// When there are more cells than columns: a fault of the calling program, which would lose data.
    pub fn push(&mut self, cells: impl IntoIterator<Item = Value>) {
        self.cells.extend(cells);
        self.n_rows += 1;
        let end = self.n_rows * self.columns.len();
        assert!(self.cells.len() <= end, "a row with more cells than columns");
        self.cells.resize(end, Value::Null);
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n_rows
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_rows == 0
    }

    /// The columns' names.
    #[must_use]
    pub fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    /// The cells of one row.
    pub(crate) fn cells(&self, row: usize) -> &[Value] {
        let width = self.columns.len();
        &self.cells[row * width..(row + 1) * width]
    }
}
