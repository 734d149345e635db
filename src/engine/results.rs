//! What comes back from an aggregate query: results by name, groups within groups.

use std::sync::Arc;

use crate::engine::answer::RowPage;
use crate::model::value::Value;
pub(crate) use crate::query::aggregate::REMAINDER;

/// The results of one group, or of all rows, in the order in which they were asked for. Groups of one kind share the names.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    names: Arc<[Arc<str>]>,
    values: Vec<ResultValue>,
}

impl Results {
    pub(crate) fn new(names: Arc<[Arc<str>]>, values: Vec<ResultValue>) -> Self {
        Self { names, values }
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ResultValue)> {
        self.names.iter().map(|name| &**name).zip(&self.values)
    }

    /// The result of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ResultValue> {
        self.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
    }
}

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
    /// The TQL that selects its rows in the same scope, if asked for. Where there is none, a warning of the answer says why.
    pub query: Option<String>,
}
