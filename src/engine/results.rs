//! What comes back from an aggregate query: results by name, groups within groups.

use std::sync::Arc;

use crate::engine::answer::RowPage;
use crate::model::value::Value;
pub(crate) use crate::query::aggregate::REMAINDER;

/// The results of one group, or of all rows: names and values in the order in which they were asked for.
pub type Results = Vec<(Arc<str>, ResultValue)>;

/// The answer of a query that may be either.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reply {
    /// A page of rows: the query has no aggregates.
    Rows(RowPage),
    /// What the aggregates say.
    Results(Aggregation),
}

/// The answer of an aggregate query.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Aggregation {
    /// What was asked of all rows together.
    pub results: Results,
    /// The names of the cells of listed rows, in the schema's order.
    pub columns: Vec<Arc<str>>,
}

/// One result.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ResultValue {
    /// A number, instant, day or duration; null if there were no values to compute it from.
    Value(Value),
    /// `ENTITIES`: the rows, a cell for each of [`Aggregation::columns`].
    Rows(Vec<Vec<Value>>),
    /// GROUP BY or FACETED.
    Groups {
        /// The groups in order: that of the field, of the facets, or for `Top` the largest first.
        groups: Vec<ResultGroup>,
        /// The rows that are in none of the groups of a `Top`; none if there are no such rows.
        remainder: Option<Box<ResultGroup>>,
    },
}

/// A group or facet.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResultGroup {
    /// The value or period as text, or the facet's name; empty for rows without a value, and for a remainder.
    pub key: Arc<str>,
    /// What was asked of its rows.
    pub results: Results,
    /// The TQL that selects its rows in the same scope, if asked for.
    pub query: Option<String>,
}
