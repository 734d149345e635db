//! The trees of OData: what was written, where. Names are not resolved and no literal is typed here; that is `query`. Here are
//! expressions, paths and literals; then [`search`] (`$search`) → [`apply`] (transformations) → [`option`] (a whole request).
//! Which name is a property, a navigation, a type or a range variable is for the binder: `x/Name` reads the same for all.
//!
//! Spans are of the raw text, percent-encoded as it came; texts are decoded. Chains of operators are flat lists, one a level
//! of precedence, so that 100,000 terms joined by `and` are one node; only what stands in brackets or behind a prefix nests,
//! to the limit `nesting`. An `Error` node is text that could not be read; a diagnostic says why.

pub(crate) mod apply;
pub(crate) mod option;
pub(crate) mod search;

use crate::base::span::Span;
use crate::lang::odata::ast::apply::Aggregate;
use crate::lang::odata::ast::option::QueryOption;
use crate::lang::odata::function::Function;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Literal(Literal),
    Path(Path),
    /// A function of the language: `contains(Name,'x')`, `now()`.
    Call(Call),
    /// `cast(e,T)`, `isof(T)`.
    Typed(Box<Typed>),
    /// `case(c1:v1,c2:v2)`.
    Case(Case),
    Not(Box<Prefix>),
    Negate(Box<Prefix>),
    /// Operators of one level of precedence.
    Chain(Box<Chain>),
    /// `( e )`; the span includes the parentheses.
    Group(Box<Expr>, Span),
    /// `('a','b')` behind `in`; the span includes the parentheses. Has any number of members, none and one too.
    List(Vec<Expr>, Span),
    /// `[1,2]`; the span includes the brackets.
    Array(Vec<Expr>, Span),
    /// `{"a":1}`; the span includes the braces.
    Object(Vec<Member>, Span),
    /// Text that could not be read; a diagnostic says why.
    Error(Span),
}

/// `first (op operand)*`: operators of one level, which group to the left.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chain {
    pub(crate) first: Expr,
    /// At least one.
    pub(crate) rest: Vec<(Op, Expr)>,
}

/// An operator between operands and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Op {
    pub(crate) kind: Binary,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Binary {
    Or,
    And,
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Add,
    Sub,
    Mul,
    Div,
    DivBy,
    Mod,
    Has,
    In,
}

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Or,
    And,
    Equality,
    Relational,
    Additive,
    Multiplicative,
    /// `not` and `-`.
    Prefix,
    /// `has` and `in`.
    Primary,
}

/// `not e` or `-e`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prefix {
    /// The operator alone.
    pub(crate) span: Span,
    pub(crate) operand: Expr,
}

/// `name(arguments)` of a function that the language has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// As written; functions are found in any case.
    pub(crate) name: Name,
    pub(crate) function: Function,
    pub(crate) arguments: Vec<Expr>,
    /// From the name to the closing parenthesis.
    pub(crate) span: Span,
}

/// `cast(e,T)`, `isof(e,T)`; without an operand it is the current row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Typed {
    pub(crate) kind: TypedKind,
    pub(crate) operand: Option<Expr>,
    pub(crate) target: TypeName,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypedKind {
    Cast,
    IsOf,
}

/// `Edm.Int32`, `Model.Customer`, `Collection(Edm.String)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TypeName {
    pub(crate) name: Name,
    pub(crate) collection: bool,
    pub(crate) span: Span,
}

/// `case(condition:value,…)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    /// Conditions with their values; at least one.
    pub(crate) branches: Vec<(Expr, Expr)>,
    pub(crate) span: Span,
}

/// `"name":value` of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: Name,
    pub(crate) value: Expr,
}

/// `head/step/step`, such as `Test/Name`, `$it/Cost`, `Runs/any(r:r/Ok)`, `$root/Sets('a')/Name`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    /// At least one.
    pub(crate) steps: Vec<Step>,
    pub(crate) span: Span,
}

/// What stands between two `/`, or a part of it: a key is a step of its own behind its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// A property, a navigation, a type (a qualified one has dots), a range variable.
    Name(Name),
    /// `$it`, `$this`, `$these`, `$root`, as a first step.
    Variable(Variable, Span),
    /// `@p`, as a first step.
    Alias(Name),
    /// `@Ns.Term#Qualifier`; the name is without `@`, with the qualifier.
    Annotation(Name),
    /// `name(…)` of no function that the language has: a key behind a name, or a function of the model.
    Invoke(Invoke),
    /// `$count`, with the options of `$count($filter=…)`.
    Count(Vec<QueryOption>, Span),
    /// `$filter(…)`.
    Filter(Box<Expr>, Span),
    /// `any(…)`, `all(…)`.
    Lambda(Box<Lambda>),
    /// `aggregate(…)` as a step of an expression.
    Aggregate(Box<Aggregate>, Span),
    /// `*` in `$select` and `$expand`; `Ns.*` has a name.
    Star(Option<Name>, Span),
    /// `$ref`, `$value`, `$each`, `$query` and what else a resource path may hold, as written.
    System(Name),
    /// `Set/1`: a segment of a resource path that is no name; decoded.
    Key(Name),
    /// Text that could not be read; a diagnostic says why.
    Error(Span),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Variable {
    It,
    This,
    These,
    Root,
}

/// `Sales(4711)`, `Plan(Id=1,Year=2)`, `Model.Best(Size=3)`, `$crossjoin(A,B)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Invoke {
    pub(crate) name: Name,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) span: Span,
}

/// `name=value` or a value alone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Argument {
    pub(crate) name: Option<Name>,
    pub(crate) value: Expr,
}

/// `any(x:predicate)`, `all(x:predicate)`, `any()`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lambda {
    pub(crate) kind: LambdaKind,
    /// The range variable and what is asked of it; `any` may lack both.
    pub(crate) predicate: Option<(Name, Expr)>,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LambdaKind {
    Any,
    All,
}

/// A name, decoded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name {
    pub(crate) text: Box<str>,
    pub(crate) span: Span,
}

/// A literal as written: its class and its text without quotes, prefix and suffix, `''` resolved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Literal {
    pub(crate) kind: LiteralKind,
    pub(crate) text: Box<str>,
    pub(crate) span: Span,
}

/// The class of a literal. The text of most has been held against its grammar; ranges and the calendar are the binder's.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LiteralKind {
    Null,
    /// `true`, `false`; the text is in lower case.
    Boolean,
    /// `'…'`; may be meant as a member of an enumeration or, as `'P1D'`, as a duration.
    String,
    /// `"…"` in arrays and objects, escapes resolved.
    JsonString,
    /// `-42`.
    Integer,
    /// `3.14`, `1e3`, `NaN`, `INF`, `-INF`.
    Number,
    /// `64L`, `4.5m`, `4.5d`, `4.5f` of v2/v3.
    Suffixed(Suffix),
    /// Bare, or `guid'…'` of v2/v3.
    Guid(Form),
    /// `2011-12-31`.
    Date,
    /// `2021-09-01Z`, which the standard does not have; the text is without `Z`.
    DateZ,
    /// `2011-12-31T10:00:00Z`, or `datetimeoffset'…'` of v2/v3.
    DateTimeOffset(Form),
    /// `datetime'2011-01-01T00:00:00'` of v2/v3, without a zone.
    DateTime,
    /// `07:59:59.9`.
    TimeOfDay,
    /// `duration'P1D'`.
    Duration,
    /// `time'PT1H'` of v2/v3, a duration.
    Time,
    /// `binary'…'`: base64url in v4; of v2/v3, hexadecimal.
    Binary,
    /// `X'…'` of v2/v3, hexadecimal.
    HexBinary,
    /// `Ns.Color'Red,Blue'`; the text is the members.
    Enum(Name),
    /// `geography'…'`, `geometry'…'`.
    Geo(Geo),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Geo {
    Geography,
    Geometry,
}

/// Whether a literal is bare, as v4 has it, or in quotes behind a prefix, as v2/v3 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    Bare,
    Prefixed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Suffix {
    /// `L`, 64 bits.
    Long,
    /// `m`.
    Decimal,
    /// `d`.
    Double,
    /// `f`.
    Single,
}

/// `e [asc|desc]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OrderItem {
    pub(crate) value: Expr,
    pub(crate) descending: bool,
    pub(crate) span: Span,
}

/// Operators with their spellings and levels, in the order of their declaration.
const SPELLINGS: [(Binary, &str, Level); 16] = [
    (Binary::Or, "or", Level::Or),
    (Binary::And, "and", Level::And),
    (Binary::Eq, "eq", Level::Equality),
    (Binary::Ne, "ne", Level::Equality),
    (Binary::Gt, "gt", Level::Relational),
    (Binary::Ge, "ge", Level::Relational),
    (Binary::Lt, "lt", Level::Relational),
    (Binary::Le, "le", Level::Relational),
    (Binary::Add, "add", Level::Additive),
    (Binary::Sub, "sub", Level::Additive),
    (Binary::Mul, "mul", Level::Multiplicative),
    (Binary::Div, "div", Level::Multiplicative),
    (Binary::DivBy, "divby", Level::Multiplicative),
    (Binary::Mod, "mod", Level::Multiplicative),
    (Binary::Has, "has", Level::Primary),
    (Binary::In, "in", Level::Primary),
];

impl Binary {
    /// The operator of that spelling, in any case.
    pub(crate) fn named(word: &str) -> Option<Self> {
        SPELLINGS.iter().find(|(_, spelling, _)| spelling.eq_ignore_ascii_case(word)).map(|(op, ..)| *op)
    }

    /// Its spelling.
    pub(crate) fn as_str(self) -> &'static str {
        self.row().1
    }

    /// How tightly it binds.
    pub(crate) fn level(self) -> Level {
        self.row().2
    }

    fn row(self) -> (Self, &'static str, Level) {
        SPELLINGS[self as usize]
    }
}

impl Variable {
    /// Its spelling.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::It => "$it",
            Self::This => "$this",
            Self::These => "$these",
            Self::Root => "$root",
        }
    }
}

impl Expr {
    /// The text it covers.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Literal(literal) => literal.span,
            Self::Path(path) => path.span,
            Self::Call(call) => call.span,
            Self::Typed(typed) => typed.span,
            Self::Case(case) => case.span,
            Self::Not(prefix) | Self::Negate(prefix) => prefix.span.to(prefix.operand.span()),
            Self::Chain(chain) => {
                chain.first.span().to(chain.rest.last().map_or(chain.first.span(), |(_, e)| e.span()))
            }
            Self::Group(_, span)
            | Self::List(_, span)
            | Self::Array(_, span)
            | Self::Object(_, span)
            | Self::Error(span) => *span,
        }
    }
}
