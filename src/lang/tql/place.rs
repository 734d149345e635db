//! What may stand behind a row of tokens, be they a text that is unfinished or wrong. What the names in it mean, and so which
//! fields and functions fit, is not known here; that is `query`.

mod machine;

use crate::lang::tql::ast::{Op, Word};
use crate::lang::tql::lex::Token;
use machine::Machine;

/// What may come next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expect {
    /// The text begins: a clause, NOT, an aggregate or ORDER BY.
    Start,
    /// A clause, or NOT.
    Operand,
    /// An aggregate is complete, and has a name or may get one: another may follow it, or the filter, WHERE before it or not.
    Filter { named: bool },
    /// An operator for the field of that name.
    Operator { field: String },
    /// A value to compare the field with, perhaps as a member of a list.
    Value { field: String, op: Op, listed: bool },
    /// A field that rows are ordered by.
    OrderField,
    /// A measure, GROUP BY or FACETED.
    Aggregate,
    /// An argument of the last of these calls; where there are none, the part itself.
    Argument { part: Part, calls: Vec<OpenCall> },
    /// One of these keywords and marks.
    Words(&'static [&'static str]),
    /// Nothing that has a name: a free text.
    Nothing,
}

/// What calls stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `MIN(…)`.
    Measure,
    /// What GROUP BY groups by.
    Selector,
    /// A facet of FACETED.
    Facet,
    /// A filter.
    Clause,
    /// What stands behind an operator.
    Value,
}

/// A call whose parentheses are open, and the arguments in front of the one that comes or is open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OpenCall {
    pub(crate) function: String,
    pub(crate) arguments: Vec<Given>,
}

/// A complete argument.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Given {
    Word(Word),
    /// With its first argument, if that is a word.
    Call {
        function: String,
        first: Option<Word>,
    },
    List,
}

/// What may come next, and in which sub-select.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) expect: Expect,
    /// The fields whose braces are open, outermost first.
    pub(crate) relations: Vec<String>,
}

/// What may come behind the tokens. Linear.
pub(crate) fn place_behind(tokens: &[Token]) -> Place {
    Machine::read(tokens).place()
}
