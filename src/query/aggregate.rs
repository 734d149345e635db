//! What a query asks of all its rows together: a tree of named results, groups and facets. How the tree is answered is
//! [`plan`](crate::plan)'s affair.

use std::sync::Arc;

use crate::model::ratio::Fraction;
use crate::model::schema::FieldId;
use crate::query::predicate::Predicate;
use crate::query::rel::Selector;

/// A result and its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: Arc<str>,
    pub(crate) what: What,
}

impl Entry {
    /// Whether it lists rows, itself or somewhere inside it.
    pub(crate) fn lists_rows(&self) -> bool {
        match &self.what {
            What::Rows => true,
            What::Groups { block, .. } | What::Facets { block, .. } => block.iter().any(Self::lists_rows),
            What::Count | What::Number(..) => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// How many rows.
    Count,
    /// The rows.
    Rows,
    /// A number over a field of the rows.
    Number(Function, FieldId),
    /// The rows by a key, and results of each group. Rows outside `within` are in no group.
    Groups { selector: Selector, within: Option<Predicate>, block: Vec<Entry> },
    /// The rows that pass each test, and results of each such set.
    Facets { facets: Vec<Facet>, block: Vec<Entry> },
}

/// A function over the numbers, or for `Distinct` the values, of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Function {
    Min,
    Max,
    Sum,
    Average,
    /// How many distinct values.
    Distinct,
    /// The number at that part of the way from the least to the greatest.
    Rank(Fraction),
}

/// One test of a FACETED and the name of its rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Facet {
    pub(crate) name: Arc<str>,
    pub(crate) predicate: Predicate,
}

/// What the name of a remainder of `Top` adds to that of the groups.
pub(crate) const REMAINDER: &str = ".Remainder";
