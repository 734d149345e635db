//! Transformations of rows, one after the other. Rows begin as those of an index, whose fields expressions read; grouped rows
//! and those put together from several have columns alone, which expressions read by number. What `compute` gives a name
//! is an expression like any other, so it is no step. No name is left in a step: names are the columns of what comes out.

use std::sync::Arc;

use crate::model::catalog::IndexId;
use crate::model::ratio::Fraction;
use crate::query::predicate::Predicate;
use crate::query::predicate::expr::{Expr, Method, Type};

/// Transformations in their order, and what comes out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pipeline {
    pub(crate) steps: Vec<Step>,
    /// The index whose rows they still are; all its fields stand before the columns.
    pub(crate) index: Option<IndexId>,
    pub(crate) columns: Vec<Column>,
}

impl Pipeline {
    /// What the rows of the index satisfy that the other steps begin with, and those steps.
    pub(crate) fn leading(&self) -> (Predicate, &[Step]) {
        Step::leading(&self.steps)
    }
}

impl Step {
    /// What rows of an index satisfy that steps begin with, and the other steps.
    pub(crate) fn leading(steps: &[Self]) -> (Predicate, &[Self]) {
        let mut rest = steps;
        let mut conditions = Vec::new();
        while let [Self::Where(predicate), behind @ ..] = rest {
            conditions.push(predicate.clone());
            rest = behind;
        }
        (Predicate::all(conditions), rest)
    }
}

/// A named value of each row, and the path that answers show it at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) path: Vec<Arc<str>>,
    pub(crate) value: Expr,
}

/// One transformation. The columns of its rows, as [`Input::Column`](super::predicate::expr::Input) counts them, are those of the last
/// step that made columns; there are none before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// The rows of the index that pass; before any other step.
    Where(Predicate),
    /// The rows for which a truth value is true.
    Filter(Expr),
    /// Columns: those that there are, and one more. Of the rows with equal `partition` the number at a part of the way from
    /// the least to the greatest of a value, between neighbours in proportion.
    Percentile { value: Expr, part: Fraction, partition: Vec<Expr> },
    /// Columns: the keys, then what `then` makes.
    Group(Grouping),
    /// A further column: what an aggregate of all rows of the group or part comes to.
    Total(Aggregated),
    /// Rows in this order, ties as they were.
    Sort(Vec<OrderKey>),
    /// `top` rows after the first `skip`.
    Slice { skip: u64, top: u64 },
    /// The rows that a ranking takes, in the order in which they were. The limit is a number that is the same in all rows.
    Ranked { ranking: Ranking, limit: Expr, by: Expr },
    /// Columns: those of the whole. The rows of each part, all of the same input, one after the other.
    Concat(Vec<Part>),
}

/// One of several pipelines whose rows are put together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) steps: Vec<Step>,
    /// By column of the whole: its value in the rows of this part; absent if there is none.
    pub(crate) columns: Vec<Option<Expr>>,
    /// By column of the whole.
    pub(crate) types: Vec<Type>,
}

/// Rows by keys, and what becomes of each group. Groups come in the order of their keys, nulls first, sets one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grouping {
    pub(crate) keys: Vec<Expr>,
    /// Which keys groups are made by: all of them, or with rollup several lists. Those left out are absent in the groups of
    /// a list. By the empty list there is one group, be there rows or not.
    pub(crate) sets: Vec<Vec<usize>>,
    pub(crate) then: Then,
}

/// What becomes of a group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Then {
    /// One row with these.
    Aggregate(Vec<Aggregated>),
    /// The rows that transformations make of it.
    Each(Part),
}

/// An aggregate of all rows as they are behind the first `n_steps` steps of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OfThese {
    pub(crate) n_steps: usize,
    pub(crate) aggregated: Aggregated,
}

/// One aggregate of a group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Aggregated {
    pub(crate) method: Method,
    /// None for a number of rows.
    pub(crate) operand: Option<Expr>,
    /// What is counted once: rows with the same value of this count as one, and none where it is null.
    pub(crate) once_per: Option<Expr>,
    /// Not of the rows themselves but of what these come to: first by all of the keys, then with each method by those of
    /// the stages behind it.
    pub(crate) from: Vec<From>,
}

/// `from keys with method`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct From {
    pub(crate) keys: Vec<Expr>,
    pub(crate) method: Method,
}

/// What a ranking takes, of rows from the greatest value down, or with `bottom` from the least up: so many rows; as many as
/// it takes to reach a sum, or a share of the sum of all in percent. Nulls are the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ranking {
    pub(crate) bottom: bool,
    pub(crate) until: Until,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Until {
    Count,
    Percent,
    Sum,
}

/// One key of an order: a value of each row. Nulls come first ascending, last descending; texts are ordered as their field has
/// it, or by code point.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OrderKey {
    pub(crate) value: Expr,
    pub(crate) descending: bool,
}
