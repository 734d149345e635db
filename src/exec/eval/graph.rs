//! An expression taken apart: steps of at most three operands, each there once however often it was written, with what of a
//! row it depends on. Chains become steps of two, so that an operand is used up as soon as it is there.

use crate::base::hash::HashMap;
use crate::data::version::IndexVersion;
use crate::exec::eval::act::{Act, Source};
use crate::exec::eval::apply::apply;
use crate::exec::eval::column::Column;
use crate::model::schema::FieldId;
use crate::model::time::Zone;
use crate::model::value::Value;
use crate::query::predicate::expr::{Arithmetic, Call, Expr, ExprId, Input, Op, Type};
use crate::query::predicate::{Leaf, Node, Order, Predicate};

/// The number of a vertex; operands have smaller ones.
pub(crate) type VertexId = usize;

#[derive(Clone, Debug)]
pub(crate) struct Vertex {
    pub(crate) act: Act,
    pub(crate) operands: Vec<VertexId>,
    pub(crate) ty: Type,
    pub(crate) asks: Asks,
}

/// What of a row something depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asks {
    Nothing,
    /// The dictionary id of one field.
    Id(FieldId),
    /// The dictionary ids of two fields.
    Ids(FieldId, FieldId),
    /// The number of one field.
    Number(FieldId),
    Anything,
}

impl Asks {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, one) | (one, Self::Nothing) => one,
            (one, other) if one == other => one,
            (Self::Id(a), Self::Id(b)) => Self::Ids(a.min(b), a.max(b)),
            (Self::Ids(a, b), Self::Id(one)) | (Self::Id(one), Self::Ids(a, b)) if one == a || one == b => {
                Self::Ids(a, b)
            }
            _ => Self::Anything,
        }
    }
}

/// All vertices of an expression.
#[derive(Debug)]
pub(crate) struct Graph<'a> {
    index: Option<&'a IndexVersion>,
    /// The field that [`Input::Element`] is a value of.
    element: Option<FieldId>,
    zone: Zone,
    vertices: Vec<Vertex>,
    known: HashMap<(Act, Vec<VertexId>, Type), VertexId>,
}

impl<'a> Graph<'a> {
    /// The vertices of an expression over rows of an index, or over computed rows, and which is the whole. Linear.
    pub(crate) fn new(
        expr: &Expr,
        index: Option<&'a IndexVersion>,
        element: Option<FieldId>,
        zone: &Zone,
    ) -> (Self, VertexId) {
        let mut graph = Self { index, element, zone: zone.clone(), vertices: Vec::new(), known: HashMap::default() };
        let mut became: Vec<VertexId> = Vec::with_capacity(expr.nodes().len());
        for node in expr.nodes() {
            let of = |id: &ExprId| became[id.idx()];
            let all = |ids: &[ExprId]| ids.iter().map(of).collect::<Vec<_>>();
            let (act, operands) = match &node.op {
                Op::Const(value) => (Act::Constant(value.clone()), Vec::new()),
                Op::Input(input) => (Act::Load(graph.source(input)), Vec::new()),
                Op::Holds(predicate) => (Act::Load(Source::Holds(predicate.clone())), Vec::new()),
                Op::Not(one) => (Act::Not, vec![of(one)]),
                Op::IsTrue(one) => (Act::IsTrue, vec![of(one)]),
                Op::Negate(one) => (Act::Negate, vec![of(one)]),
                Op::Cast(one) => (Act::Cast, vec![of(one)]),
                Op::Compare { order, sides, both_null, collation } => {
                    let (order, both_null) = (*order, *both_null);
                    match graph.quotient(order, sides.map(|side| of(&side))) {
                        Some((order, operands)) => (Act::CompareQuotient { order, both_null }, operands),
                        None => (Act::Compare { order, both_null, collation: *collation }, all(sides)),
                    }
                }
                Op::OneOf { operand, values, collation } => {
                    (Act::OneOf { values: values.clone(), collation: *collation }, vec![of(operand)])
                }
                Op::Arithmetic(op, sides) => (Act::Arithmetic(*op), all(sides)),
                Op::And(operands) => {
                    became.push(graph.junction(&Act::And, &all(operands)));
                    continue;
                }
                Op::Or(operands) => {
                    became.push(graph.junction(&Act::Or, &all(operands)));
                    continue;
                }
                Op::Call(Call::Concat, args) => {
                    became.push(graph.chain(&Act::Append, &all(args), Type::Text));
                    continue;
                }
                Op::Call(call, args) => (Act::Call(call.clone()), all(args)),
                Op::Case(branches) => {
                    let branches: Vec<_> = branches.iter().map(|(when, then)| (of(when), of(then))).collect();
                    let nothing = graph.push(Act::Constant(Value::Null), Vec::new(), node.ty);
                    // From the last on, so that each is used up as soon as it is there.
                    let case = branches
                        .into_iter()
                        .rev()
                        .fold(nothing, |rest, (when, then)| graph.push(Act::Select, vec![rest, when, then], node.ty));
                    became.push(case);
                    continue;
                }
            };
            became.push(graph.push(act, operands, node.ty));
        }
        let root =
            became.last().copied().unwrap_or_else(|| graph.push(Act::Constant(Value::Null), Vec::new(), Type::Boolean));
        (graph, root)
    }

    /// Dividend, divisor and what their quotient is compared with, if a side is a quotient of decimals.
    fn quotient(&self, order: Order, [left, right]: [VertexId; 2]) -> Option<(Order, Vec<VertexId>)> {
        let divided = |id: VertexId| match (&self.vertices[id], &self.vertices[id].operands[..]) {
            (Vertex { act: Act::Arithmetic(Arithmetic::Divide), ty: Type::Decimal, .. }, [n, d]) => Some((*n, *d)),
            _ => None,
        };
        match (divided(left), divided(right)) {
            (Some((n, d)), _) => Some((order, vec![n, d, right])),
            (None, Some((n, d))) => Some((order.turned(), vec![n, d, left])),
            (None, None) => None,
        }
    }

    pub(crate) fn vertex(&self, id: VertexId) -> &Vertex {
        &self.vertices[id]
    }

    pub(crate) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Puts a table in the place of a vertex.
    pub(crate) fn tabulated(&mut self, id: VertexId, field: FieldId, table: usize) {
        let vertex = &mut self.vertices[id];
        (vertex.act, vertex.operands) = (Act::Load(Source::Table(field, table)), Vec::new());
    }

    /// AND or OR: terms that ask the same field come together, since they can be decided together.
    fn junction(&mut self, act: &Act, operands: &[VertexId]) -> VertexId {
        let mut groups: Vec<(Asks, Vec<VertexId>)> = Vec::new();
        for operand in operands {
            let asks = self.vertices[*operand].asks;
            match groups.iter_mut().find(|(of, _)| *of == asks) {
                Some((_, group)) => group.push(*operand),
                None => groups.push((asks, vec![*operand])),
            }
        }
        let groups: Vec<VertexId> = groups.iter().map(|(_, group)| self.chain(act, group, Type::Boolean)).collect();
        self.chain(act, &groups, Type::Boolean)
    }

    /// Steps of two operands, the first of each the step before.
    fn chain(&mut self, act: &Act, operands: &[VertexId], ty: Type) -> VertexId {
        let mut operands = operands.iter().copied();
        let Some(first) = operands.next() else { return self.push(Act::Constant(Value::Null), Vec::new(), ty) };
        operands.fold(first, |chain, operand| self.push(act.clone(), vec![chain, operand], ty))
    }

    fn push(&mut self, act: Act, operands: Vec<VertexId>, ty: Type) -> VertexId {
        let key = (act, operands, ty);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let (act, operands, ty) = key.clone();
        let vertex = match self.folded(&act, &operands, ty) {
            Some(act) => Vertex { act, operands: Vec::new(), ty, asks: Asks::Nothing },
            None => {
                let of_operands = operands.iter().map(|operand| self.vertices[*operand].asks);
                let asks = of_operands.fold(self.asks(&act), Asks::and);
                Vertex { act, operands, ty, asks }
            }
        };
        self.vertices.push(vertex);
        self.known.insert(key, self.vertices.len() - 1);
        self.vertices.len() - 1
    }

    /// What an act on constants comes to.
    fn folded(&self, act: &Act, operands: &[VertexId], ty: Type) -> Option<Act> {
        if operands.is_empty() {
            return None;
        }
        let constant = |id: &VertexId| {
            let vertex = &self.vertices[*id];
            match &vertex.act {
                Act::Constant(value) => Some((Column::constant(1, value, vertex.ty), vertex.ty)),
                Act::Failed(state) => Some((Column::filled(1, *state, vertex.ty), vertex.ty)),
                _ => None,
            }
        };
        let constants = operands.iter().map(constant).collect::<Option<Vec<_>>>()?;
        let columns: Vec<&Column<'_>> = constants.iter().map(|(column, _)| column).collect();
        let types: Vec<Type> = constants.iter().map(|(_, ty)| *ty).collect();
        let found = apply(act, &columns, &types, ty, &self.zone);
        Some(match found.value(0, ty) {
            Ok(value) => Act::Constant(value),
            Err(failure) => Act::Failed(failure.state()),
        })
    }

    fn source(&self, input: &Input) -> Source {
        match input {
            Input::Field(field) => Source::Field(*field),
            Input::Element => Source::Field(self.element.unwrap_or(FieldId(u16::MAX))),
            Input::NumberOfValues(field) => Source::NumberOfValues(*field),
            Input::Path(path) => Source::Path(path.clone()),
            Input::Reduced(reduced) => Source::Reduced(reduced.clone()),
            Input::Column(column) => Source::Column(*column),
        }
    }

    fn asks(&self, act: &Act) -> Asks {
        let Act::Load(source) = act else { return Asks::Nothing };
        match source {
            Source::Field(field) | Source::Table(field, _) => self.code_of(*field),
            Source::Path(path) => path.hops.first().map_or(Asks::Nothing, |hop| self.code_of(hop.from)),
            Source::Reduced(reduced) => self.code_of(reduced.hop.from),
            Source::Holds(predicate) => self.asked_by(predicate),
            Source::NumberOfValues(_) | Source::Column(_) => Asks::Anything,
        }
    }

    fn code_of(&self, field: FieldId) -> Asks {
        let Some(index) = self.index.filter(|index| field.idx() < index.domains.len()) else { return Asks::Anything };
        if index.domain(field).is_some() { Asks::Id(field) } else { Asks::Number(field) }
    }

    fn asked_by(&self, predicate: &Predicate) -> Asks {
        let asked = predicate.nodes().iter().map(|node| match node {
            Node::Leaf(
                Leaf::OneOf { field, .. }
                | Leaf::Range { field, .. }
                | Leaf::IsEmpty { field }
                | Leaf::Matches { field, .. }
                | Leaf::Within { field, .. }
                | Leaf::Semi { field, own_key: None, .. },
            ) if self.index.is_some_and(|index| !index.schema.field(*field).multi) => self.code_of(*field),
            Node::Leaf(_) => Asks::Anything,
            Node::Const(_) | Node::Not(_) | Node::And(_) | Node::Or(_) => Asks::Nothing,
        });
        asked.fold(Asks::Nothing, Asks::and)
    }

    /// A column of one row for a vertex without operands that is the same in all.
    pub(crate) fn constant(&self, id: VertexId) -> Option<Column<'static>> {
        let vertex = &self.vertices[id];
        match &vertex.act {
            Act::Constant(value) => Some(Column::constant(1, value, vertex.ty)),
            Act::Failed(state) => Some(Column::filled(1, *state, vertex.ty)),
            _ => None,
        }
    }
}
