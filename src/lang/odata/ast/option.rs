//! A whole request: a resource path and query options; `$select` and `$expand`.

use crate::base::span::Span;
use crate::lang::odata::ast::apply::{Computed, Count, Sequence};
use crate::lang::odata::ast::search::Search;
use crate::lang::odata::ast::{Expr, Name, OrderItem, Path};

/// `path?option&option`.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Request {
    /// What stands before `?`.
    pub(crate) path: Option<Path>,
    /// In the order of the text.
    pub(crate) options: Vec<QueryOption>,
}

/// `name=value`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QueryOption {
    /// As written, with `$` or `@` if it has one.
    pub(crate) name: Name,
    pub(crate) value: OptionValue,
    /// The name and the value.
    pub(crate) span: Span,
}

/// The value of an option, by what the option is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum OptionValue {
    Filter(Expr),
    OrderBy(Vec<OrderItem>),
    /// `$top`, and `$take` of the seed, which is told by the option's name.
    Top(Count),
    Skip(Count),
    /// `$count=true`, and `$inlinecount=allpages` of v2/v3.
    Count(bool),
    Select(Vec<SelectItem>),
    Expand(Vec<ExpandItem>),
    Compute(Vec<Computed>),
    Search(Search),
    Apply(Sequence),
    /// `$levels` within `$expand`; `None` is `max`.
    Levels(Option<Count>),
    /// `@name=value`.
    Alias(Expr),
    /// `$skiptoken`, `$deltatoken`, `$format`, `$schemaversion`, `$index`, `$id`, and options that are not of the language;
    /// decoded. `None` where there is no `=`.
    Text(Option<Box<str>>),
    /// Text that could not be read; a diagnostic says why.
    Error,
}

/// `Path`, `Path(options)`, `*`, `Ns.*`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SelectItem {
    pub(crate) path: Path,
    pub(crate) options: Vec<QueryOption>,
    pub(crate) span: Span,
}

/// `Path(options)`; the path may end in `*`, `$ref`, `$count`, or be `$value`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExpandItem {
    pub(crate) path: Path,
    pub(crate) options: Vec<QueryOption>,
    pub(crate) span: Span,
}
