//! The steps that an expression is made of once it is taken apart.

use std::sync::Arc;

use crate::model::fold::Collation;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::predicate::expr::{Arithmetic, Call, Path, Reduced};
use crate::query::predicate::{Order, Predicate};

/// What a vertex does with its operands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    Constant(Value),
    /// In every row, for one reason.
    Failed(u8),
    Load(Source),
    Not,
    And,
    Or,
    IsTrue,
    Compare {
        order: Order,
        both_null: bool,
        collation: Collation,
    },
    /// The quotient of the first two, which are decimals, against the third.
    CompareQuotient {
        order: Order,
        both_null: bool,
    },
    OneOf {
        values: Arc<[Value]>,
        collation: Collation,
    },
    Negate,
    Arithmetic(Arithmetic),
    Call(Call),
    /// The second text behind the first.
    Append,
    /// What stands if nothing else does, a condition, and what stands if that is true.
    Select,
    Cast,
}

/// Where values come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    Field(FieldId),
    NumberOfValues(FieldId),
    Holds(Arc<Predicate>),
    Path(Arc<Path>),
    Reduced(Arc<Reduced>),
    Column(u32),
    /// By the id of a field: one of the tables made beforehand.
    Table(FieldId, usize),
}
