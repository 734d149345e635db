//! Tests in the form of functions: what operators say of a field and a value, and one field compared with another.

use tallygrid::{Kind, Value};

use super::clock::{Clock, Unit};
use super::column::{Atom, INTEGER_UNIT, atoms, number_of};
use super::measure::Number;
use super::query::Test;
use super::world::World;

/// A test of a row. `All` and `Any` have one part or more.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    Test(Test),
    Compare(Side, Order, Side),
    Not(Box<Check>),
    All(Vec<Check>),
    Any(Vec<Check>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Order {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A field, perhaps moved in time.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub(crate) column: usize,
    pub(crate) shift: Option<Shift>,
}

#[derive(Clone, Debug)]
pub(crate) struct Shift {
    pub(crate) is_back: bool,
    pub(crate) by: By,
}

/// By what a field is moved.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// Amounts one after the other, and how they are written.
    Span(Vec<(i64, Unit)>, String),
    /// The durations of a column.
    Column(usize),
}

impl Check {
    pub(crate) fn passes(&self, world: &World, row: &[Value]) -> bool {
        match self {
            Self::Test(test) => test.passes(world, row),
            Self::Not(inner) => !inner.passes(world, row),
            Self::All(parts) => parts.iter().all(|part| part.passes(world, row)),
            Self::Any(parts) => parts.iter().any(|part| part.passes(world, row)),
            Self::Compare(left, Order::NotEqual, right) => !compare(world, row, left, Order::Equal, right),
            Self::Compare(left, order, right) => compare(world, row, left, *order, right),
        }
    }
}

/// False where either is empty.
fn compare(world: &World, row: &[Value], left: &Side, order: Order, right: &Side) -> bool {
    let (Some(a), Some(b)) = (left.atom(world, row), right.atom(world, row)) else { return false };
    if let (Atom::Text(_), Atom::Text(_)) = (&a, &b) {
        // Under the collations of both.
        let same = |side: &Side| world.columns[side.column].class(&a) == world.columns[side.column].class(&b);
        return same(left) && same(right);
    }
    let number = |side: &Side, atom: &Atom| match world.columns[side.column].kind {
        Kind::Integer => Number { whole: number_of(atom) / INTEGER_UNIT, part: 0 },
        kind => Number::of_units(kind, number_of(atom)),
    };
    let (a, b) = (number(left, &a), number(right, &b));
    match order {
        Order::Equal => a == b,
        Order::NotEqual => a != b,
        Order::Less => a < b,
        Order::LessOrEqual => a <= b,
        Order::Greater => a > b,
        Order::GreaterOrEqual => a >= b,
    }
}

impl Side {
    fn atom(&self, world: &World, row: &[Value]) -> Option<Atom> {
        let value = atoms(&row[self.column]).pop()?;
        let Some(Shift { is_back, by }) = &self.shift else { return Some(value) };
        let sign = if *is_back { -1 } else { 1 };
        let n = number_of(&value);
        Some(Atom::Number(match by {
            By::Column(column) => n + i128::from(sign) * number_of(atoms(&row[*column]).first()?),
            By::Span(parts, _) => {
                let moved = |clock: Clock, from: i64| {
                    parts.iter().fold(from, |at, (amount, unit)| clock.shifted(at, amount * sign, *unit))
                };
                match world.columns[self.column].kind {
                    // A day is its midnight somewhere without summer time.
                    Kind::Date => moved(Clock::of("UTC"), n as i64 * DAY).div_euclid(DAY).into(),
                    _ => moved(Clock::of(world.zone), n as i64).into(),
                }
            }
        }))
    }
}

const DAY: i64 = 86_400_000_000;
