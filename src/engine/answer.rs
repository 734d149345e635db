//! What comes back from a snapshot.

use std::fmt;
use std::ops::Deref;
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
    /// What was touched. For the host's own logs and metrics, not for who asked; see [`Stats`].
    pub stats: Stats,
}

/// How much work an answer was. All but `rows_passed` counts over the whole index, rows that the caller may not see included:
/// handed to end users it would tell how many those are. [`Index::explain`](crate::Index::explain) says what callers may know.
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
    pub key: Key,
    /// A number for each of [`StatusCounts::statuses`].
    pub counts: Counts,
    /// The TQL that selects the group's rows in the same scope, if asked for. Where there is none, a warning of the answer
    /// says why.
    pub query: Option<String>,
}

/// The key of one group: a text `str`. The rows of an answer share its memory.
#[derive(Clone)]
pub struct Key {
    // Not `Arc<str>`: that would copy the texts once more.
    all: Arc<String>,
    start: usize,
    end: usize,
}

impl Key {
    /// Of texts one behind the other that end there.
    pub(crate) fn rows((texts, ends): (String, Vec<usize>)) -> impl Iterator<Item = Self> {
        let all = Arc::new(texts);
        let mut start = 0;
        ends.into_iter().map(move |end| Self { all: all.clone(), start: std::mem::replace(&mut start, end), end })
    }
}

impl Deref for Key {
    type Target = str;

    fn deref(&self) -> &str {
        self.all.get(self.start..self.end).unwrap_or("")
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl PartialEq<str> for Key {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Key {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

/// The numbers of one group: a slice `[i128]`. The rows of an answer share their memory.
#[derive(Clone)]
pub struct Counts {
    // Not `Arc<[i128]>`: that would copy the numbers once more.
    all: Arc<Vec<i128>>,
    start: usize,
    end: usize,
}

impl Counts {
    /// Of consecutive rows of `n` numbers each; what is left over at the end belongs to no row.
    pub(crate) fn rows(all: Vec<i128>, n: usize) -> impl Iterator<Item = Self> {
        let n_rows = all.len().checked_div(n).unwrap_or(0);
        let all = Arc::new(all);
        (0..n_rows).map(move |row| Self { all: all.clone(), start: row * n, end: (row + 1) * n })
    }
}

impl Deref for Counts {
    type Target = [i128];

    fn deref(&self) -> &[i128] {
        self.all.get(self.start..self.end).unwrap_or(&[])
    }
}

impl<'a> IntoIterator for &'a Counts {
    type Item = &'a i128;
    type IntoIter = std::slice::Iter<'a, i128>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Counts {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<const N: usize> PartialEq<[i128; N]> for Counts {
    fn eq(&self, other: &[i128; N]) -> bool {
        **self == *other
    }
}

impl fmt::Debug for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> Answer<T> {
    /// The same answer with another body.
    pub(crate) fn map<U>(self, body: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { body: body(self.body), warnings: self.warnings, version: self.version, stats: self.stats }
    }
}

impl Stats {
    /// The work of another scan on top.
    pub(crate) fn add(&mut self, other: Self) {
        self.segments += other.segments;
        self.segments_pruned += other.segments_pruned;
        self.rows += other.rows;
        self.rows_passed += other.rows_passed;
    }
}

impl From<Touched> for Stats {
    fn from(touched: Touched) -> Self {
        let Touched { segments, segments_pruned, rows, passed } = touched;
        Self { segments, segments_pruned, rows, rows_passed: passed }
    }
}
