//! The tree of a TQL query: what was written, where. No names are resolved and no literal is typed here; that is `query`.
//!
//! AND/OR chains are flat lists, as the language folds them from the left: a chain of 100,000 terms is one node with
//! 100,000 members, and only parentheses, NOT, calls and blocks nest (to the limit `nesting`).

use crate::base::span::Span;

/// A whole query. Every part may be missing; an empty text is a query for everything.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Query {
    /// The aggregates before the filter.
    pub(crate) aggregates: Vec<Aggregate>,
    /// The filter.
    pub(crate) filter: Option<Filter>,
    /// ORDER BY.
    pub(crate) order: Vec<OrderItem>,
}

/// `first (AND|OR operand)*`, folded strictly from the left.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filter {
    pub(crate) first: Operand,
    pub(crate) rest: Vec<(Joiner, Operand)>,
}

/// How an operand joins what stands to its left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Joiner {
    pub(crate) kind: Junction,
    /// The keyword.
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Junction {
    And,
    Or,
}

/// One member of a chain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    Clause(Clause),
    Not(Box<Not>),
    /// `( filter )`; the span includes the parentheses.
    Group(Box<Filter>, Span),
    /// Text that could not be read; a diagnostic says why.
    Error(Span),
}

/// `NOT first (OR operand)*`: NOT reaches over every operand joined by OR, up to the next AND.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Not {
    /// The keyword alone.
    pub(crate) span: Span,
    pub(crate) first: Operand,
    /// Operands joined to the first by OR, with the span of each OR.
    pub(crate) rest: Vec<(Span, Operand)>,
}

/// One test of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Clause {
    /// `field op value`.
    Compare { field: Word, op: Op, op_span: Span, value: Argument },
    /// `field IS [NOT] EMPTY|NULL`; the span covers the whole clause.
    IsEmpty { field: Word, negated: bool, span: Span },
    /// A boolean facet function standing as a clause.
    Call(Call),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Contains,
    NotContains,
    In,
    NotIn,
}

/// A name or value as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Word {
    /// Raw text including quotes.
    pub(crate) span: Span,
    /// The text meant: without quotes, escapes resolved.
    pub(crate) text: Box<str>,
    /// Whether it stood in quotes.
    pub(crate) quoted: bool,
    /// Where escapes shifted offsets: `(offset in text, offset in source)` after each escape, ascending; empty if none.
    pub(crate) shifts: Vec<(u32, u32)>,
}

/// What stands behind an operator, in a list or in a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Argument {
    Word(Word),
    Call(Call),
    /// `[a, b]`; the span includes the brackets.
    List(Vec<Argument>, Span),
    /// `{ query }`; the span includes the braces.
    Subselect(Box<Query>, Span),
    /// Text that could not be read; a diagnostic says why.
    Error(Span),
}

/// `name(arguments)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: Word,
    pub(crate) arguments: Vec<Argument>,
    /// From the name to the closing parenthesis.
    pub(crate) span: Span,
}

impl Call {
    /// Whether some argument could not be read, which is told.
    pub(crate) fn has_mistakes(&self) -> bool {
        self.arguments.iter().any(|argument| matches!(argument, Argument::Error(_)))
    }
}

/// One result of an aggregate query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Aggregate {
    /// `COUNT`, `ENTITIES`, `MIN(f)` and the like; no arguments where the measure is a bare one.
    Measure { name: Word, arguments: Vec<Argument>, alias: Option<Word>, span: Span },
    /// `GROUP BY selector [AS inner] { block } [AS alias]`.
    GroupBy { selector: Argument, inner_alias: Option<Word>, block: Vec<Aggregate>, alias: Option<Word>, span: Span },
    /// `FACETED facet [AS name], … { block } [AS alias]`.
    Faceted { facets: Vec<Facet>, block: Vec<Aggregate>, alias: Option<Word>, span: Span },
}

/// One facet and the name of its key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Facet {
    pub(crate) test: Call,
    pub(crate) alias: Option<Word>,
}

/// `field [ASC|DESC]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OrderItem {
    pub(crate) field: Word,
    pub(crate) descending: bool,
    /// The field and its direction.
    pub(crate) span: Span,
}

/// Measures that stand without parentheses.
pub(crate) const BARE_MEASURES: [&str; 2] = ["COUNT", "ENTITIES"];

/// Measures of a field, which stands in parentheses.
pub(crate) const CALLED_MEASURES: [&str; 7] = ["MIN", "MAX", "SUM", "AVG", "COUNTDISTINCT", "MEDIAN", "PERCENTILE"];

/// Whether a name is that of a measure without parentheses.
pub(crate) fn is_bare_measure(name: &str) -> bool {
    BARE_MEASURES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a name is that of a measure of a field.
pub(crate) fn is_called_measure(name: &str) -> bool {
    CALLED_MEASURES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

impl Op {
    /// The spelling that the printer uses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Contains => "~",
            Self::NotContains => "!~",
            Self::In => "IN",
            Self::NotIn => "NOT IN",
        }
    }

    /// Whether it is the exact complement of another operator (`!=` of `=`).
    pub(crate) fn is_negative(self) -> bool {
        matches!(self, Self::Ne | Self::NotContains | Self::NotIn)
    }
}

impl Operand {
    /// The text it covers.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Clause(clause) => clause.span(),
            Self::Not(not) => not.span.to(not.rest.last().map_or(not.first.span(), |(_, operand)| operand.span())),
            Self::Group(_, span) | Self::Error(span) => *span,
        }
    }
}

impl Clause {
    /// The text it covers.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Compare { field, value, .. } => field.span.to(value.span()),
            Self::IsEmpty { span, .. } => *span,
            Self::Call(call) => call.span,
        }
    }
}

impl Aggregate {
    /// The text it covers.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Measure { span, .. } | Self::GroupBy { span, .. } | Self::Faceted { span, .. } => *span,
        }
    }
}

impl Argument {
    /// The text it covers.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Word(word) => word.span,
            Self::Call(call) => call.span,
            Self::List(_, span) | Self::Subselect(_, span) | Self::Error(span) => *span,
        }
    }
}

impl Filter {
    /// The text it covers.
    pub(crate) fn span(&self) -> Span {
        self.first.span().to(self.rest.last().map_or(self.first.span(), |(_, operand)| operand.span()))
    }
}

impl Word {
    /// Where a byte of the text meant stands in the query.
    pub(crate) fn source_offset(&self, offset: usize) -> usize {
        let offset = offset as u32;
        let at = self.shifts.partition_point(|(meant, _)| *meant <= offset);
        let (meant, source) = match at.checked_sub(1) {
            Some(at) => self.shifts[at],
            None => (0, self.span.start + u32::from(self.quoted)),
        };
        (source + (offset - meant)) as usize
    }

    /// The part of the query that a range of the text meant stands for.
    pub(crate) fn source_span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source_offset(start), self.source_offset(end).max(self.source_offset(start)))
    }
}
