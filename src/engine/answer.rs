//! What comes back from a snapshot.

use std::sync::Arc;

use crate::base::diagnostic::Diagnostic;
use crate::exec::scan::Touched;
use crate::model::value::Value;

/// An answer with what a caller should know about it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answer<T> {
    /// The answer itself.
    pub body: T,
    /// Warnings about the query text.
    pub warnings: Vec<Diagnostic>,
    /// The version of the data that was asked.
    pub version: u64,
    /// What was touched.
    pub stats: Stats,
}

/// How much work an answer was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Segments of the index.
    pub segments: u64,
    /// Segments that their zone maps ruled out.
    pub segments_pruned: u64,
    /// Rows whose codes were looked at or taken as a whole.
    pub rows: u64,
    /// Rows that passed the filter.
    pub rows_passed: u64,
}

/// One page of rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowPage {
    /// The fields' names, in the schema's order.
    pub columns: Vec<Arc<str>>,
    /// A cell for every field.
    pub rows: Vec<Vec<Value>>,
    /// Rows left out before this page.
    pub skip: u64,
    /// Most rows of the page.
    pub top: u64,
    /// Rows on all pages.
    pub total: u64,
}

/// Status counts by group.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StatusCounts {
    /// The name of the field grouped by.
    pub field: Arc<str>,
    /// The counters' names: statuses in their order, rows without one under `""` last; or the totals' names.
    pub statuses: Vec<String>,
    /// The groups in order; the one of empty values first, under the key `""`.
    pub rows: Vec<GroupRow>,
    /// The counters over all rows, each row counted once even where it is in several groups.
    pub totals: Vec<i128>,
}

/// One group.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GroupRow {
    /// The value or period, as text.
    pub key: String,
    /// A number for each of [`StatusCounts::statuses`].
    pub counts: Vec<i128>,
    /// The TQL that selects the group's rows in the same scope, if asked for.
    pub query: Option<String>,
}

impl<T> Answer<T> {
    /// The same answer with another body.
    pub(crate) fn map<U>(self, body: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { body: body(self.body), warnings: self.warnings, version: self.version, stats: self.stats }
    }
}

impl From<Touched> for Stats {
    fn from(touched: Touched) -> Self {
        let Touched { segments, segments_pruned, rows, passed } = touched;
        Self { segments, segments_pruned, rows, rows_passed: passed }
    }
}
