//! Values computed from a row, as an arena: children stand before their parents. An expression is nullable where a
//! [`Predicate`] is two-valued; they meet in [`Op::Holds`] and in the leaves of predicates that ask whether an expression is
//! true. No text is left in it and every node is typed; what rows hold is none of its business.
//!
//! **Errors are values.** Arithmetic that leaves its range fails for the row alone, and a failed value makes what is computed
//! from it fail, with two exceptions that need no order of evaluation: AND with a false operand is false, OR with a true one
//! is true, whatever the others are; and a case looks at no branch but the one it takes. So an answer or its error depends on
//! the rows that count and on nothing else: not on pruning, not on the order of the terms.

use std::sync::Arc;

use crate::base::hash::HashMap;
use crate::model::catalog::IndexId;
use crate::model::fold::Collation;
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::predicate::{Order, Predicate};

/// The number of a node within its expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ExprId(pub(crate) u32);

impl ExprId {
    pub(crate) fn idx(self) -> usize {
        self.0 as usize
    }
}

/// A typed value of each row; null where it has none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Expr {
    nodes: Vec<Node>,
}

/// What a node computes, and the type of what comes out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) ty: Type,
}

/// What values of an expression are. The kinds of fields come down to these: every kind of short or running text is `Text`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Type {
    Boolean,
    /// 64 bits.
    Integer,
    /// Units of 10^-24 in 128 bits.
    Decimal,
    /// Binary, 64 bits, with infinities and NaN.
    Real,
    Text,
    Guid,
    /// Microseconds since 1970 in UTC.
    Instant,
    /// Days since 1970.
    Date,
    /// Microseconds since midnight.
    Time,
    /// Microseconds.
    Duration,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    /// Null, or a value of the node's type.
    Const(Value),
    Input(Input),
    /// Whether the row passes: never null.
    Holds(Arc<Predicate>),
    /// Kleene: null stays null.
    Not(ExprId),
    /// Kleene; at least two operands, the first may be a deep chain.
    And(Vec<ExprId>),
    /// As `And`.
    Or(Vec<ExprId>),
    /// True where the operand is true, else false: null as the older versions of OData read it.
    IsTrue(ExprId),
    /// Two operands of one type, numbers promoted before; never null. Null equals null and nothing else; of order, null
    /// has none but that two nulls are `both_null` for `LessOrEqual` and `GreaterOrEqual`. NaN lies to nothing. Texts are
    /// compared under the collation: equal if it holds them equal, else by its order.
    Compare {
        order: Order,
        sides: [ExprId; 2],
        both_null: bool,
        collation: Collation,
    },
    /// Equal, as `Compare` has it, to one of the values, of which one may be null; never null.
    OneOf {
        operand: ExprId,
        values: Arc<[Value]>,
        collation: Collation,
    },
    /// Of a number or duration.
    Negate(ExprId),
    Arithmetic(Arithmetic, [ExprId; 2]),
    /// Null where an argument is null.
    Call(Call, Vec<ExprId>),
    /// The value behind the first condition that is true; null if none is.
    Case(Vec<(ExprId, ExprId)>),
    /// To the node's type; null where the value has no counterpart there. An integer that becomes a decimal or a real cannot
    /// fail; a real that becomes a decimal is the shortest that denotes it; fractions that become integers are cut.
    Cast(ExprId),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Input {
    /// A single-valued field of the row. A blank text is a text, not null.
    Field(FieldId),
    /// A field of the row that relations to one lead to, one after the other; null where there is none that the caller may
    /// see.
    Path(Arc<Path>),
    /// The value that is looked at, of a field that has several: within [`Leaf::Element`](super::Leaf).
    Element,
    /// How many values a multi-valued field has.
    NumberOfValues(FieldId),
    /// What becomes of the rows that lead back to this one, of those the caller may see.
    Reduced(Arc<Reduced>),
    /// A column of rows that were computed.
    Column(u32),
}

/// A way over relations to one row each, and the field that is read there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Path {
    /// At least one.
    pub(crate) hops: Vec<Hop>,
    pub(crate) field: FieldId,
}

/// From a field of one index to the rows of another whose `key` is the same value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Hop {
    pub(crate) from: FieldId,
    pub(crate) index: IndexId,
    pub(crate) key: FieldId,
}

/// Rows of an index that hold, in one of its fields, this row's own key: how many there are, or what one of their values
/// comes to. Without such rows a number of rows is 0 and all else is null.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reduced {
    pub(crate) hop: Hop,
    /// Which of them count.
    pub(crate) predicate: Predicate,
    pub(crate) method: Method,
    /// What is reduced; none for a number of rows.
    pub(crate) operand: Option<Expr>,
}

/// How the values of many rows become one. Nulls are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Method {
    /// Number of rows.
    Count,
    Sum,
    Min,
    Max,
    Average,
    CountDistinct,
}

/// An operation of two operands. Of two numbers both are of the node's type; null with anything is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Arithmetic {
    /// Numbers; an instant, a day or a duration and a duration.
    Add,
    /// As `Add`; two instants or two days give a duration.
    Subtract,
    /// Numbers; a duration and a number.
    Multiply,
    /// Integers: towards zero. Decimals: rounded half away from zero to 24 places. A duration by a number. By zero it fails,
    /// but for reals.
    Divide,
    /// With the sign of the left operand.
    Remainder,
}

/// A function of the language that is not an operator. Texts are ordinal: by code point, case-sensitive. Positions and lengths
/// count characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    Concat,
    Contains,
    StartsWith,
    EndsWith,
    /// -1 if it is not there.
    IndexOf,
    Length,
    /// Text and first position, from 0 and at least that; perhaps a length. A negative length fails.
    Substring,
    ToLower,
    ToUpper,
    Trim,
    /// All occurrences of the second in the first become the third.
    Replace,
    /// A regular expression, compiled when the query was bound, is found anywhere.
    Matches(Pattern),
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    /// Of a second, as a decimal.
    FractionalSeconds,
    /// Of a duration, as a decimal.
    TotalSeconds,
    /// The day of an instant.
    Date,
    /// The time of day of an instant.
    Time,
    /// By how many minutes the zone is ahead of UTC then.
    OffsetMinutes,
    /// To a whole number, half away from zero.
    Round,
    Floor,
    Ceiling,
}

/// A compiled regular expression. Two are the same if their texts are.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(pub(crate) Arc<regex::Regex>);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl std::hash::Hash for Pattern {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

impl Method {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Count, "$count"),
        (Self::Sum, "sum"),
        (Self::Min, "min"),
        (Self::Max, "max"),
        (Self::Average, "average"),
        (Self::CountDistinct, "countdistinct"),
    ];

    /// The method of that name; these have a case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().skip(1).find(|(_, known)| *known == name).map(|(method, _)| *method)
    }

    pub(crate) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(method, _)| *method == self).map_or("", |(_, name)| name)
    }

    /// The type of what comes out for values of a type; none if it has no meaning for them.
    pub(crate) fn gives(self, of: Option<Type>) -> Option<Type> {
        match (self, of) {
            (Self::Count | Self::CountDistinct, _) => Some(Type::Integer),
            (Self::Sum | Self::Average, Some(Type::Duration)) => Some(Type::Duration),
            (Self::Average, Some(Type::Integer)) => Some(Type::Decimal),
            (Self::Sum | Self::Average, Some(ty)) if ty.is_number() => Some(ty),
            (Self::Min | Self::Max, Some(ty)) => Some(ty),
            _ => None,
        }
    }
}

impl Type {
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Real)
    }

    /// What the values of a field are.
    pub(crate) fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Boolean => Self::Boolean,
            Kind::Integer => Self::Integer,
            Kind::Decimal => Self::Decimal,
            Kind::Guid => Self::Guid,
            Kind::DateTime => Self::Instant,
            Kind::Date => Self::Date,
            Kind::Duration => Self::Duration,
            Kind::Text | Kind::Keyword | Kind::Status | Kind::User | Kind::Path | Kind::Relation => Self::Text,
        }
    }
}

impl Expr {
    /// All nodes, children before parents; the last is the whole.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(crate) fn node(&self, id: ExprId) -> &Node {
        &self.nodes[id.idx()]
    }

    pub(crate) fn root(&self) -> ExprId {
        ExprId((self.nodes.len() - 1) as u32)
    }

    pub(crate) fn ty(&self) -> Type {
        self.node(self.root()).ty
    }

    /// The part of which a node is the root. `O(nodes of it)` where it is small against the whole.
    pub(crate) fn part(&self, root: ExprId) -> Self {
        part(&self.nodes, root)
    }
}

/// Builds an expression bottom-up.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExprBuilder {
    nodes: Vec<Node>,
}

impl ExprBuilder {
    /// Adds a node whose operands were added before.
    pub(crate) fn push(&mut self, op: Op, ty: Type) -> ExprId {
        let id = ExprId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { op, ty });
        id
    }

    pub(crate) fn node(&self, id: ExprId) -> &Node {
        &self.nodes[id.idx()]
    }

    /// One that goes on from an expression.
    pub(crate) fn of(expr: &Expr) -> Self {
        Self { nodes: expr.nodes.clone() }
    }

    /// The expression whose root is `root`; nodes that it does not reach are left out.
    pub(crate) fn expr(&self, root: ExprId) -> Expr {
        part(&self.nodes, root)
    }
}

/// What a node reaches, as an expression of its own: operands in the order in which they are named, so that equal expressions
/// are equal whatever they were built beside. `O(n)` of that alone, in loops.
fn part(nodes: &[Node], root: ExprId) -> Expr {
    let mut moved: HashMap<ExprId, ExprId> = HashMap::default();
    let mut copies = Vec::new();
    // A node is copied when it is met behind its operands.
    let mut open = vec![(root, false)];
    while let Some((id, is_behind)) = open.pop() {
        if moved.contains_key(&id) {
            continue;
        }
        if is_behind {
            let mut node = nodes[id.idx()].clone();
            node.op.operands_mut(&mut |operand| *operand = moved.get(operand).copied().unwrap_or(*operand));
            moved.insert(id, ExprId(copies.len() as u32));
            copies.push(node);
            continue;
        }
        open.push((id, true));
        let first = open.len();
        nodes[id.idx()].op.operands(&mut |operand| open.push((operand, false)));
        open[first..].reverse();
    }
    Expr { nodes: copies }
}

impl Op {
    /// Calls `each` with every operand, in their order.
    pub(crate) fn operands(&self, each: &mut dyn FnMut(ExprId)) {
        match self {
            Self::Const(_) | Self::Input(_) | Self::Holds(_) => {}
            Self::Not(one) | Self::IsTrue(one) | Self::Negate(one) | Self::Cast(one) => each(*one),
            Self::OneOf { operand, .. } => each(*operand),
            Self::And(all) | Self::Or(all) | Self::Call(_, all) => all.iter().copied().for_each(each),
            Self::Compare { sides, .. } | Self::Arithmetic(_, sides) => sides.iter().copied().for_each(each),
            Self::Case(branches) => branches.iter().for_each(|(condition, value)| {
                each(*condition);
                each(*value);
            }),
        }
    }

    fn operands_mut(&mut self, each: &mut dyn FnMut(&mut ExprId)) {
        match self {
            Self::Const(_) | Self::Input(_) | Self::Holds(_) => {}
            Self::Not(one) | Self::IsTrue(one) | Self::Negate(one) | Self::Cast(one) => each(one),
            Self::OneOf { operand, .. } => each(operand),
            Self::And(all) | Self::Or(all) | Self::Call(_, all) => all.iter_mut().for_each(each),
            Self::Compare { sides, .. } | Self::Arithmetic(_, sides) => sides.iter_mut().for_each(each),
            Self::Case(branches) => branches.iter_mut().for_each(|(condition, value)| {
                each(condition);
                each(value);
            }),
        }
    }
}
