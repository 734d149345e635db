//! A bound query as a tree of operators over rows. It holds values, never codes, so that it outlives any snapshot.

use std::sync::Arc;

use crate::model::catalog::IndexId;
use crate::model::latest::Retries;
use crate::model::ratio::Fraction;
use crate::model::schema::FieldId;
use crate::model::time::Period;
use crate::model::time::pattern::Pattern;
use crate::model::value::Value;
use crate::query::predicate::Predicate;

/// Rows in, rows or groups out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rel {
    /// Every row of an index in load order.
    Scan { index: IndexId },
    /// The rows that satisfy the predicate.
    Filter { input: Box<Rel>, role: Role, predicate: Predicate },
    /// Of rows that are retries of one another the one that counts.
    Latest { input: Box<Rel>, retries: Retries<FieldId> },
    /// One row for each combination of keys that occurs.
    Group { input: Box<Rel>, keys: Vec<Selector>, measures: Vec<Measure> },
    /// Rows by these keys, ties in load order.
    Sort { input: Box<Rel>, keys: Vec<SortKey> },
    /// `top` rows after the first `skip`.
    Slice { input: Box<Rel>, skip: u64, top: u64 },
}

/// Whose filter it is. Explains for callers never show what permissions and scope say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Permission,
    Scope,
    Query,
}

/// A group key and which of its groups are wanted, under which names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Selector {
    pub(crate) key: GroupKey,
    /// Whether groups without rows are wanted too, as far as they are known: declared values, periods between others.
    pub(crate) fill: bool,
    /// Least and greatest number of a field of dates whose periods are wanted.
    pub(crate) range: Option<(i64, i64)>,
    /// How periods are named; those of one name are one group.
    pub(crate) format: Option<Arc<Pattern>>,
    /// Only so many groups, those with most rows; the rest together.
    pub(crate) top: Option<u32>,
}

/// What rows are grouped by. A multi-valued field counts a row once for each of its values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum GroupKey {
    /// The value, under the field's collation.
    Field(FieldId),
    /// The calendar period of an instant or day, in the request's zone.
    Period(FieldId, Period),
    /// The range between two neighbouring edges, ascending: the lower one belongs to it.
    Bucket(FieldId, Arc<[Value]>),
}

impl GroupKey {
    pub(crate) fn field(&self) -> FieldId {
        match self {
            Self::Field(field) | Self::Period(field, _) | Self::Bucket(field, _) => *field,
        }
    }
}

impl From<GroupKey> for Selector {
    /// Every group that has rows, under its usual name.
    fn from(key: GroupKey) -> Self {
        Self { key, fill: false, range: None, format: None, top: None }
    }
}

/// What is computed for each group beside the number of its rows. Empties are left out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Measure {
    /// Number of rows for each value of a field; at most one of these in a group.
    CountBy(FieldId),
    /// How many numbers of a field there are, their sum, the least and the greatest.
    Numbers(FieldId),
    /// The numbers at these parts of the way from the least to the greatest, between neighbours in proportion.
    Ranks(FieldId, Arc<[Fraction]>),
    /// How many distinct values of a field there are.
    Distinct(FieldId),
    /// The rows themselves.
    Rows,
}

/// One key of an order. Empties come first ascending, last descending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SortKey {
    pub(crate) field: FieldId,
    pub(crate) descending: bool,
}
