//! `$search`: NOT before AND before OR, blanks mean AND. Which words match what is the binder's.

use crate::base::span::Span;

/// A search.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Search {
    /// A word, or a phrase in double quotes; decoded.
    Term { text: Box<str>, phrase: bool, span: Span },
    /// `'…'`: a search in a grammar of the service's own.
    Foreign { text: Box<str>, span: Span },
    /// `NOT term`; the span is the keyword's.
    Not(Box<Search>, Span),
    /// Two or more.
    And(Vec<Search>),
    /// Two or more.
    Or(Vec<Search>),
    /// `( … )`; the span includes the parentheses.
    Group(Box<Search>, Span),
    /// Text that could not be read; a diagnostic says why.
    Error(Span),
}
