//! Two-valued tests of rows, as an arena: children stand before their parents, so that any walk is a loop and no query,
//! however long its chain, can overflow a stack.

pub(crate) mod expr;

use std::hash::{BuildHasher as _, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use crate::base::hash::State;
use crate::model::catalog::IndexId;
use crate::model::schema::FieldId;
use crate::model::time::Zone;
use crate::model::time::calendar::Span;
use crate::model::value::Value;
use crate::query::predicate::expr::Expr;
use crate::query::search::Search;

/// The number of a node within its predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(u32);

impl NodeId {
    pub(crate) fn idx(self) -> usize {
        self.0 as usize
    }
}

/// A test of rows. For every predicate p: rows(p) and rows(NOT p) part the rows without rest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Predicate {
    nodes: Vec<Node>,
    root: NodeId,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// Every row, or none.
    Const(bool),
    Leaf(Leaf),
    Not(NodeId),
    /// At least two children; the first may be a deep chain, the others nest at most to the limit `nesting`.
    And(Vec<NodeId>),
    /// As `And`.
    Or(Vec<NodeId>),
}

/// A test of one field, but for `AllEmpty`, `MatchesAny`, `Compare` and `IsTrue`. Values are typed by the field's kind and never empty;
/// an empty cell matches only `IsEmpty`. A multi-valued cell matches if any of its values does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Leaf {
    /// Equal, under the field's collation, to one of the values.
    OneOf { field: FieldId, values: Arc<[Value]> },
    /// Between the bounds, on a number-like field.
    Range { field: FieldId, low: Bound, high: Bound },
    /// Null, blank or an empty list.
    IsEmpty { field: FieldId },
    /// All the fields are empty.
    AllEmpty { fields: Arc<[FieldId]> },
    /// The text's words satisfy the search.
    Matches { field: FieldId, search: Arc<Search> },
    /// The words of all the fields together satisfy the search: each term is found in any value of any of them.
    MatchesAny { fields: Arc<[FieldId]>, search: Arc<Search> },
    /// A path field: the cell is one of the containers named (by id, name or path), or with `ancestors` lies anywhere
    /// under one. Resolved against the catalog's package index when the query runs: against all of it in a permission, else
    /// against the packages that the caller may see.
    Within { field: FieldId, ancestors: bool, containers: Arc<[Arc<str>]>, in_permission: bool },
    /// One field of the row against another. Where either is empty, nothing holds.
    Compare { left: Side, order: Order, right: Side },
    /// A relation field: some row that the sub-select takes is led to. In a row that holds nothing there, its `own_key`
    /// counts instead, if the relation leads back.
    Semi { field: FieldId, own_key: Option<FieldId>, sub: Arc<Subselect> },
    /// A relation that leads back: nothing is held there, and no row that the sub-select takes has the row's `own_key`.
    LeadsNowhere { field: FieldId, own_key: FieldId, sub: Arc<Subselect> },
    /// What the expression comes to is true; `negated`: it is not, so that null passes. A row for which it fails fails, unless
    /// the rest of the predicate decides without it.
    IsTrue { expr: Arc<Expr>, negated: bool },
    /// Some value of a multi-valued field makes the expression true, which asks nothing else of the row. Decided per distinct
    /// value.
    Element { field: FieldId, expr: Arc<Expr> },
}

/// Rows of an index, asked for the values of one field. Within a permission of all rows, else of those that the caller may
/// see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subselect {
    /// Of all that follows: braces nest, and each is hashed once however deep it stands.
    hash: u64,
    pub(crate) index: IndexId,
    pub(crate) key: FieldId,
    pub(crate) predicate: Predicate,
    pub(crate) in_permission: bool,
}

impl Subselect {
    pub(crate) fn new(index: IndexId, key: FieldId, predicate: Predicate, in_permission: bool) -> Self {
        static STATE: LazyLock<State> = LazyLock::new(State::default);
        let hash = STATE.hash_one((index, key, &predicate, in_permission));
        Self { hash, index, key, predicate, in_permission }
    }
}

impl Hash for Subselect {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

/// What is compared: a field, perhaps moved in time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Side {
    pub(crate) field: FieldId,
    pub(crate) shift: Option<Shift>,
}

/// By how much an instant or day is moved.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shift {
    /// A span of the calendar in a zone, which keeps the wall clock.
    Span(Span, Zone),
    /// A duration field, added or subtracted.
    Field { field: FieldId, negative: bool },
}

/// How two values may lie to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    /// How the right one then lies to the left.
    pub(crate) fn turned(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }

    /// Whether `left` and `right` lie so.
    pub(crate) fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// One end of a range.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Bound {
    Open,
    Inclusive(Value),
    Exclusive(Value),
}

impl Node {
    /// The query in braces, if it is a leaf that has one.
    pub(crate) fn subselect(&self) -> Option<&Arc<Subselect>> {
        match self {
            Self::Leaf(leaf) => leaf.subselect(),
            _ => None,
        }
    }
}

impl Leaf {
    /// The query in braces, if there is one.
    pub(crate) fn subselect(&self) -> Option<&Arc<Subselect>> {
        match self {
            Self::Semi { sub, .. } | Self::LeadsNowhere { sub, .. } => Some(sub),
            _ => None,
        }
    }

    /// The field that is asked; none if several are asked together.
    pub(crate) fn field(&self) -> Option<FieldId> {
        match self {
            Self::AllEmpty { .. } | Self::MatchesAny { .. } | Self::Compare { .. } | Self::IsTrue { .. } => None,
            Self::OneOf { field, .. }
            | Self::Range { field, .. }
            | Self::IsEmpty { field }
            | Self::Matches { field, .. }
            | Self::Within { field, .. }
            | Self::Semi { field, .. }
            | Self::LeadsNowhere { field, .. }
            | Self::Element { field, .. } => Some(*field),
        }
    }
}

impl Predicate {
    /// Every row, or none.
    pub(crate) fn constant(value: bool) -> Self {
        Self { nodes: vec![Node::Const(value)], root: NodeId(0) }
    }

    /// One test.
    pub(crate) fn leaf(leaf: Leaf) -> Self {
        Self { nodes: vec![Node::Leaf(leaf)], root: NodeId(0) }
    }

    /// Rows that satisfy every one of `parts`; all rows if there is none.
    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts = parts.into_iter().filter(|part| !part.is_const(true));
        Self::join(parts, true, Node::And)
    }

    /// Rows that satisfy some of `parts`; no row if there is none.
    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts = parts.into_iter().filter(|part| !part.is_const(false));
        Self::join(parts, false, Node::Or)
    }

    /// Rows that do not satisfy it.
    pub(crate) fn not(self) -> Self {
        let mut builder = Builder::default();
        let inner = builder.graft(self);
        let root = builder.push(Node::Not(inner));
        builder.finish(root)
    }

    fn join(parts: impl Iterator<Item = Self>, of_none: bool, joiner: fn(Vec<NodeId>) -> Node) -> Self {
        let mut builder = Builder::default();
        let mut ids: Vec<NodeId> = parts.map(|part| builder.graft(part)).collect();
        let root = match ids.len() {
            0 => builder.push(Node::Const(of_none)),
            1 => ids.swap_remove(0),
            _ => builder.push(joiner(ids)),
        };
        builder.finish(root)
    }

    /// All nodes, children before parents.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.idx()]
    }

    pub(crate) fn root(&self) -> NodeId {
        self.root
    }

    pub(crate) fn is_const(&self, value: bool) -> bool {
        matches!(self.node(self.root), Node::Const(b) if *b == value)
    }
}

/// Builds a predicate bottom-up.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    nodes: Vec<Node>,
}

impl Builder {
    /// Adds a node whose children were added before.
    pub(crate) fn push(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    /// Adds a whole predicate; answers its root's new number.
    pub(crate) fn graft(&mut self, part: Predicate) -> NodeId {
        let shift = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let moved = |id: NodeId| NodeId(id.0 + shift);
        let root = moved(part.root);
        self.nodes.extend(part.nodes.into_iter().map(|node| match node {
            Node::Not(child) => Node::Not(moved(child)),
            Node::And(children) => Node::And(children.into_iter().map(moved).collect()),
            Node::Or(children) => Node::Or(children.into_iter().map(moved).collect()),
            leaf => leaf,
        }));
        root
    }

    /// The predicate whose root is `root`; nodes that it does not reach are left out.
    pub(crate) fn finish(mut self, root: NodeId) -> Predicate {
        let mut reached = vec![false; self.nodes.len()];
        reached[root.idx()] = true;
        for at in (0..self.nodes.len()).rev().filter(|at| *at <= root.idx()) {
            if reached[at] {
                match &self.nodes[at] {
                    Node::Const(_) | Node::Leaf(_) => {}
                    Node::Not(child) => reached[child.idx()] = true,
                    Node::And(children) | Node::Or(children) => children.iter().for_each(|c| reached[c.idx()] = true),
                }
            }
        }
        if reached.iter().all(|reached| *reached) {
            return Predicate { nodes: self.nodes, root };
        }
        let mut moved = vec![NodeId(0); self.nodes.len()];
        let mut nodes = Vec::new();
        for (at, mut node) in self.nodes.drain(..).enumerate().filter(|(at, _)| reached[*at]) {
            match &mut node {
                Node::Const(_) | Node::Leaf(_) => {}
                Node::Not(child) => *child = moved[child.idx()],
                Node::And(children) | Node::Or(children) => children.iter_mut().for_each(|c| *c = moved[c.idx()]),
            }
            moved[at] = NodeId(nodes.len() as u32);
            nodes.push(node);
        }
        Predicate { nodes, root: moved[root.idx()] }
    }
}
