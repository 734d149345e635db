//! `$apply`: sequences of transformations.

use crate::base::span::Span;
use crate::lang::odata::ast::search::Search;
use crate::lang::odata::ast::{Expr, Invoke, Name, OrderItem, Path};

/// `t/t/t`; at least one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sequence {
    pub(crate) steps: Vec<Transformation>,
}

/// One transformation; its span is from its word to its closing parenthesis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Transformation {
    pub(crate) kind: Transform,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Transform {
    Identity,
    /// `aggregate(a,…)`.
    Aggregate(Vec<Aggregate>),
    /// `groupby((k,…),sequence)`.
    GroupBy {
        keys: Vec<GroupKey>,
        then: Option<Sequence>,
    },
    Filter(Expr),
    Search(Search),
    OrderBy(Vec<OrderItem>),
    Skip(Count),
    Top(Count),
    /// `topcount(n,e)` and its five siblings.
    Ranked {
        ranking: Ranking,
        limit: Expr,
        by: Expr,
    },
    /// `compute(e as A,…)`.
    Compute(Vec<Computed>),
    /// `concat(sequence,…)`; two or more.
    Concat(Vec<Sequence>),
    /// `nest(sequence as A,…)`. Recognised, not supported.
    Nest(Vec<Nested>),
    /// `addnested(path,sequence as A,…)`. Recognised, not supported.
    AddNested {
        path: Path,
        nested: Vec<Nested>,
    },
    /// `join(path as A,sequence)`, `outerjoin(…)`. Recognised, not supported.
    Join {
        outer: bool,
        path: Path,
        alias: Name,
        then: Option<Sequence>,
    },
    /// `ancestors(hierarchy,sequence,distance,keep start)`, `descendants(…)`. Recognised, not supported.
    Kin {
        ancestors: bool,
        hierarchy: Hierarchy,
        start: Sequence,
        distance: Option<Count>,
        keep_start: bool,
    },
    /// `traverse(hierarchy,preorder,order)`. Recognised, not supported.
    Traverse {
        hierarchy: Hierarchy,
        postorder: bool,
        order: Vec<OrderItem>,
    },
    /// `Ns.Function(…)`. Recognised, not supported.
    Custom(Invoke),
    /// Text that could not be read; a diagnostic says why.
    Error,
}

/// A non-negative whole number as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Count {
    pub(crate) digits: Box<str>,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ranking {
    TopCount,
    TopPercent,
    TopSum,
    BottomCount,
    BottomPercent,
    BottomSum,
}

/// `operand [with method] [from p,… [with method]]* [as alias]`. The operand is `$count`, a path that ends in `$count`, a
/// custom aggregate or a path to one, or an expression with a method.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Aggregate {
    pub(crate) operand: Expr,
    /// `sum`, `min`, `max`, `average`, `countdistinct`, or a custom method with dots.
    pub(crate) method: Option<Name>,
    pub(crate) from: Vec<From>,
    pub(crate) alias: Option<Name>,
    pub(crate) span: Span,
}

/// `from p1,p2 with method`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct From {
    pub(crate) keys: Vec<Path>,
    pub(crate) method: Option<Name>,
    pub(crate) span: Span,
}

/// What a group is made by.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum GroupKey {
    Path(Path),
    /// `rollup(p1,…,pk)`; one name alone is a levelled hierarchy's. `all` if `$all` stood first, which older drafts have.
    Rollup {
        all: bool,
        paths: Vec<Path>,
        span: Span,
    },
    /// `rolluprecursive(hierarchy,sequence)`. Recognised, not supported.
    Recursive {
        hierarchy: Hierarchy,
        then: Option<Sequence>,
        span: Span,
    },
}

/// `e as Name`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Computed {
    pub(crate) value: Expr,
    pub(crate) alias: Name,
    pub(crate) span: Span,
}

/// `sequence as Name`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Nested {
    pub(crate) sequence: Sequence,
    pub(crate) alias: Name,
}

/// `$root/Set,Qualifier,Path/To/Node`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hierarchy {
    pub(crate) nodes: Path,
    pub(crate) qualifier: Name,
    pub(crate) node: Path,
}

impl Ranking {
    /// Every ranking.
    pub(crate) const ALL: [Self; 6] =
        [Self::TopCount, Self::TopPercent, Self::TopSum, Self::BottomCount, Self::BottomPercent, Self::BottomSum];

    /// Its spelling.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::TopCount => "topcount",
            Self::TopPercent => "toppercent",
            Self::TopSum => "topsum",
            Self::BottomCount => "bottomcount",
            Self::BottomPercent => "bottompercent",
            Self::BottomSum => "bottomsum",
        }
    }
}
