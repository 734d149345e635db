//! What an expression can come to over many rows at once, where no more is known of each field than its least and its greatest
//! number: which truths, which failures, which numbers at most. What is told is never too little; where every field has one
//! number, it is exactly what a row with these comes to.
//!
//! With it the rows of a block or a segment are decided without a look at them, and a condition on one number becomes ranges of
//! that number. Texts, GUIDs and binary numbers are not followed: they can be anything.

mod held;
mod moment;
mod number;

use crate::base::hash::HashMap;
use crate::data::block::Summary;
use crate::data::version::IndexVersion;
use crate::exec::eval::act::{Act, Source};
use crate::exec::eval::apply::apply;
use crate::exec::eval::column::{Column, UNIT_SCALE};
use crate::exec::eval::exact::Exact;
use crate::exec::eval::graph::{Graph, Vertex, VertexId};
use crate::exec::eval::reach::held::Held;
use crate::exec::eval::state::{self, FAILED, FALSE, NULL, TRUE, VALUE};
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::model::time::Zone;
use crate::model::value::Value;
use crate::query::predicate::Order;
use crate::query::predicate::expr::{Arithmetic, Expr, Type};

/// Members of a list that are compared one by one; longer lists can be anything.
const MOST_MEMBERS: usize = 64;

/// What some rows come to at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reach {
    pub(crate) states: States,
    /// The least and the greatest number of those that have one; none if they are not followed.
    numbers: Option<[Exact; 2]>,
}

/// Which states occur, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct States(u8);

impl States {
    const ANY: Self = Self(u8::MAX);

    pub(crate) const fn of(state: u8) -> Self {
        Self(1 << state)
    }

    pub(crate) fn has(self, state: u8) -> bool {
        self.0 & (1 << state) != 0
    }

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The failures among them.
    fn failed(self) -> Self {
        Self(self.0 >> FAILED << FAILED)
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = u8> {
        (0..u8::BITS as u8).filter(move |state| self.has(*state))
    }

    fn map(self, f: impl Fn(u8) -> u8) -> Self {
        self.iter().fold(Self::default(), |all, state| all.or(Self::of(f(state))))
    }

    fn pairs(self, other: Self, f: impl Fn(u8, u8) -> u8) -> Self {
        self.iter().fold(Self::default(), |all, a| all.or(other.map(|b| f(a, b))))
    }

    fn single(self) -> Option<u8> {
        self.0.is_power_of_two().then(|| self.0.trailing_zeros() as u8)
    }
}

impl Reach {
    const ANYTHING: Self = Self { states: States::ANY, numbers: None };
    const A_VALUE: Self = Self { states: States::of(VALUE), numbers: None };

    fn of_states(states: States) -> Self {
        Self { states, numbers: None }
    }

    fn between(low: Exact, high: Exact) -> Self {
        Self { states: States::of(VALUE), numbers: Some([low, high]) }
    }

    fn integers([low, high]: [i128; 2]) -> Self {
        Self::between(Exact::new(low, 0), Exact::new(high, 0))
    }

    /// With the states of operands of which some have no value.
    fn beside(self, states: States) -> Self {
        let others =
            states.iter().filter(|state| *state != VALUE).fold(States::default(), |all, s| all.or(States::of(s)));
        match states.has(VALUE) {
            true => Self { states: self.states.or(others), ..self },
            false => Self::of_states(others),
        }
    }

    fn or(self, other: Self) -> Self {
        let numbers = match (self.numbers, other.numbers) {
            (Some([a, b]), Some([c, d])) => Some([a.min(c), b.max(d)]),
            // What has no value has no say.
            (a, b) => match (self.states.has(VALUE), other.states.has(VALUE)) {
                (true, false) => a,
                (false, true) => b,
                _ => None,
            },
        };
        Self { states: self.states.or(other.states), numbers }
    }

    /// One cell, if every row has the same.
    fn point(&self, ty: Type) -> Option<Column<'static>> {
        let state = self.states.single()?;
        if ty == Type::Boolean || state != VALUE {
            return Some(Column::filled(1, state, ty));
        }
        let [number, _] = self.numbers.filter(|[low, high]| low == high)?;
        let whole = || i64::try_from(number.truncated()).unwrap_or_default();
        let value = match ty {
            Type::Integer => Value::Integer(whole()),
            Type::Decimal => Value::Decimal(number.into()),
            Type::Instant => Value::Instant(whole()),
            Type::Date => Value::Date(whole().try_into().unwrap_or_default()),
            Type::Time => Value::Time(whole()),
            Type::Duration => Value::Duration(whole()),
            Type::Boolean | Type::Real | Type::Text | Type::Guid => return None,
        };
        Some(Column::constant(1, &value, ty))
    }

    fn of_point(column: &Column<'_>, ty: Type) -> Self {
        if ty == Type::Boolean {
            return Self::of_states(States::of(column.truths().get(0)));
        }
        match (column.state(0), ty) {
            (VALUE, Type::Text | Type::Guid | Type::Real) => Self::A_VALUE,
            (VALUE, _) => Self::between(column.exact(0), column.exact(0)),
            (state, _) => Self::of_states(States::of(state)),
        }
    }

    /// The cells of a number field between two of its numbers, or empty.
    fn of_field(summary: Summary, kind: Kind) -> Self {
        let of_null = if summary.has_empty { States::of(NULL) } else { States::default() };
        let Some((low, high)) = summary.bounds else { return Self::of_states(States::of(NULL)) };
        let scale = match kind {
            Kind::Integer | Kind::DateTime | Kind::Date | Kind::Duration => 0,
            Kind::Decimal => UNIT_SCALE,
            Kind::Boolean => {
                let truth = |n: i128| States::of((n != 0).into());
                return Self::of_states(truth(low).or(truth(high)).or(of_null));
            }
            _ => return Self::of_states(States::of(VALUE).or(States::of(NULL))),
        };
        let numbers = Self::between(Exact::new(low, scale), Exact::new(high, scale));
        Self { states: numbers.states.or(of_null), ..numbers }
    }
}

/// An expression of which can be asked what it comes to at most.
#[derive(Debug)]
pub(crate) struct Extent<'a> {
    index: &'a IndexVersion,
    graph: Graph<'a>,
    root: VertexId,
    /// The predicates within it.
    held: HashMap<VertexId, Held>,
}

impl<'a> Extent<'a> {
    pub(crate) fn new(expr: &Expr, index: &'a IndexVersion, zone: &Zone) -> Self {
        let (graph, root) = Graph::new(expr, Some(index), None, zone);
        let held = (0..=root).filter_map(|id| match &graph.vertex(id).act {
            Act::Load(Source::Holds(predicate)) => Some((id, Held::new(predicate, index))),
            _ => None,
        });
        Self { index, root, held: held.collect(), graph }
    }

    /// How many steps it has.
    pub(crate) fn n_steps(&self) -> usize {
        self.root + 1
    }

    /// Whether some of a row's numbers are asked, without which nothing can be told.
    pub(crate) fn asks_a_number(&self) -> bool {
        (0..=self.root).any(|id| match &self.graph.vertex(id).act {
            Act::Load(Source::Field(field)) => self.index.domain(*field).is_none(),
            Act::Load(Source::Holds(_)) => true,
            _ => false,
        })
    }

    /// What it comes to where this is known of number fields. `found` is room for what its steps come to.
    pub(crate) fn reach(&self, summary: &dyn Fn(FieldId) -> Summary, found: &mut Vec<Reach>) -> Reach {
        found.clear();
        for id in 0..=self.root {
            let vertex = self.graph.vertex(id);
            let reach = match (&vertex.act, self.graph.constant(id)) {
                (_, Some(constant)) => Reach::of_point(&constant, vertex.ty),
                (Act::Load(Source::Field(field)), _) => match self.index.domain(*field) {
                    None => Reach::of_field(summary(*field), self.index.schema.field(*field).kind),
                    Some(_) => Reach::ANYTHING,
                },
                (Act::Load(Source::Holds(_)), _) => match self.held.get(&id) {
                    Some(held) => Reach::of_states(held.states(summary)),
                    None => Reach::ANYTHING,
                },
                (Act::Load(_), _) => Reach::ANYTHING,
                _ => of_act(vertex, &self.graph, found),
            };
            found.push(reach);
        }
        found.last().copied().unwrap_or(Reach::ANYTHING)
    }
}

fn of_act(vertex: &Vertex, graph: &Graph<'_>, found: &[Reach]) -> Reach {
    let ty = vertex.ty;
    let mut operands = [(Reach::ANYTHING, ty); 3];
    let n = vertex.operands.len();
    if n > operands.len() {
        return Reach::ANYTHING;
    }
    for (operand, id) in operands.iter_mut().zip(&vertex.operands) {
        *operand = (found[*id], graph.vertex(*id).ty);
    }
    let operands = &operands[..n];
    if let Act::OneOf { values, .. } = &vertex.act
        && values.len() > MOST_MEMBERS
    {
        let of_value = Reach::of_states(States::of(FALSE).or(States::of(TRUE)));
        return of_value.beside(operands.iter().fold(States::default(), |all, (a, _)| all.or(a.states.failed())));
    }
    // A row is worked out as rows are.
    let points: Option<Vec<Column<'_>>> = operands.iter().map(|(reach, ty)| reach.point(*ty)).collect();
    if let Some(points) = points {
        let types: Vec<Type> = operands.iter().map(|(_, ty)| *ty).collect();
        return Reach::of_point(&apply(&vertex.act, &points.iter().collect::<Vec<_>>(), &types, ty, graph.zone()), ty);
    }
    of_many(&vertex.act, operands, ty, graph.zone())
}

fn of_many(act: &Act, operands: &[(Reach, Type)], ty: Type, zone: &Zone) -> Reach {
    let truths = |f: fn(u8) -> u8, a: Reach| Reach::of_states(a.states.map(f));
    match (act, operands) {
        (Act::Not, [(a, _)]) => truths(state::not, *a),
        (Act::IsTrue, [(a, _)]) => truths(|truth| if truth == NULL { FALSE } else { truth }, *a),
        (Act::And, [(a, _), (b, _)]) => Reach::of_states(a.states.pairs(b.states, state::and)),
        (Act::Or, [(a, _), (b, _)]) => Reach::of_states(a.states.pairs(b.states, state::or)),
        (Act::Compare { order, both_null, .. }, [(a, of), (b, _)]) => compare(*order, *both_null, (*a, *b), *of),
        (Act::CompareQuotient { order, both_null }, [(n, of), (d, by), (to, _)]) => {
            let divided = &[(*n, *of), (*d, *by)];
            let quotient = of_many(&Act::Arithmetic(Arithmetic::Divide), divided, Type::Decimal, zone);
            compare(*order, *both_null, (quotient, *to), Type::Decimal)
        }
        (Act::OneOf { values, .. }, [(a, of)]) => one_of(values, *a, *of),
        (Act::Select, [(rest, _), (condition, _), (value, _)]) => {
            let states = condition.states;
            let mut all = Reach::of_states(states.failed());
            if states.has(TRUE) {
                all = all.or(*value);
            }
            if states.has(FALSE) || states.has(NULL) { all.or(*rest) } else { all }
        }
        (Act::Negate, [(a, _)]) => {
            let negated = a.numbers.map(|[low, high]| number::clipped([high.negate(), low.negate()], ty));
            negated.unwrap_or(Reach::ANYTHING).beside(a.states)
        }
        (Act::Arithmetic(op), [(a, left), (b, right)]) => {
            let states = a.states.pairs(b.states, u8::max);
            match a.numbers.zip(b.numbers) {
                Some(numbers) => number::compute(*op, numbers, [*left, *right], ty).beside(states),
                None => Reach::ANYTHING,
            }
        }
        (Act::Call(call), [(a, of)]) => match a.numbers {
            Some(numbers) => {
                let found = number::call(call, numbers).or_else(|| moment::call(call, numbers, *of, zone));
                found.unwrap_or(Reach::ANYTHING).beside(a.states)
            }
            None => Reach::ANYTHING,
        },
        (Act::Cast, [(a, from)]) => cast(*a, *from, ty, zone),
        _ => Reach::ANYTHING,
    }
}

fn compare(order: Order, both_null: bool, (a, b): (Reach, Reach), ty: Type) -> Reach {
    let of_values = match (ty, a.numbers, b.numbers) {
        (Type::Boolean, ..) | (_, None, _) | (_, _, None) => States::of(FALSE).or(States::of(TRUE)),
        (_, Some(a), Some(b)) => compared(order, a, b),
    };
    let of_nulls = match order {
        Order::Equal => true,
        Order::LessOrEqual | Order::GreaterOrEqual => both_null,
        Order::Less | Order::Greater => false,
    };
    let state = |truth: u8| if ty == Type::Boolean { state::of_truth(truth) } else { truth };
    let mut states = States::default();
    for (a, b) in a.states.iter().flat_map(|a| b.states.iter().map(move |b| (state(a), state(b)))) {
        states = states.or(match (a, b) {
            (VALUE, VALUE) => of_values,
            (NULL, NULL) => States::of(of_nulls.into()),
            (a, b) if a.max(b) >= FAILED => States::of(a.max(b)),
            _ => States::of(FALSE),
        });
    }
    Reach::of_states(states)
}

fn compared(order: Order, a: [Exact; 2], b: [Exact; 2]) -> States {
    let both = || States::of(FALSE).or(States::of(TRUE));
    let known = |is: bool, is_not: bool| match (is, is_not) {
        (true, _) => States::of(TRUE),
        (_, true) => States::of(FALSE),
        _ => both(),
    };
    match order {
        Order::Equal => known(a[0] == a[1] && a == b, a[1] < b[0] || b[1] < a[0]),
        Order::Less => known(a[1] < b[0], a[0] >= b[1]),
        Order::LessOrEqual => known(a[1] <= b[0], a[0] > b[1]),
        Order::Greater => known(b[1] < a[0], b[0] >= a[1]),
        Order::GreaterOrEqual => known(b[1] <= a[0], b[0] > a[1]),
    }
}

fn one_of(values: &[Value], a: Reach, ty: Type) -> Reach {
    let member = |value: &Value| Column::constant(1, value, ty).exact(0);
    let may_be = |value: &Value| match a.numbers {
        Some([low, high]) if !matches!(value, Value::Null) => (low..=high).contains(&member(value)),
        _ => true,
    };
    let states = a.states.iter().map(|state| match (ty, state) {
        (_, failed) if failed >= FAILED => States::of(failed),
        (_, NULL) => States::of(values.contains(&Value::Null).into()),
        (Type::Boolean, _) => States::of(FALSE).or(States::of(TRUE)),
        _ if values.iter().any(may_be) => States::of(FALSE).or(States::of(TRUE)),
        _ => States::of(FALSE),
    });
    Reach::of_states(states.fold(States::default(), States::or))
}

fn cast(a: Reach, from: Type, to: Type, zone: &Zone) -> Reach {
    // What has no counterpart is null.
    let anything = Reach { states: States::of(VALUE).or(States::of(NULL)), numbers: None };
    if to == Type::Boolean || from == Type::Boolean {
        return Reach::ANYTHING;
    }
    let found = match (a.numbers, from, to) {
        (Some([low, high]), Type::Integer, Type::Decimal) => Reach::between(low, high),
        (Some([low, high]), Type::Decimal, Type::Integer) => {
            let whole = [low, high].map(Exact::truncated);
            match whole.iter().all(|n| i64::try_from(*n).is_ok()) {
                true => Reach::integers(whole),
                false => anything,
            }
        }
        (Some(numbers), Type::Instant, Type::Date) => moment::days(numbers, zone),
        _ => anything,
    };
    found.beside(a.states)
}

#[cfg(test)]
mod tests;
