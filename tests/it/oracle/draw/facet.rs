//! Facets that fit a world: tests of a field and a value, of two fields, and of several such.

use tallygrid::Kind;

use super::literal::span_parts;
use super::query::test;
use crate::oracle::choices::Choices;
use crate::oracle::clock::Unit;
use crate::oracle::column::Column;
use crate::oracle::facet::{By, Check, Order, Shift, Side};
use crate::oracle::query::{Asks, Target, Test};
use crate::oracle::tree::Facet;
use crate::oracle::world::World;
use crate::oracle::write::facet::{name, tokens, unmatched};

/// The tests of one FACETED, no name twice.
pub(crate) fn facets(c: &mut Choices, world: &World) -> Vec<Facet> {
    let mut facets: Vec<Facet> = Vec::new();
    for n in 0..=c.below(4) {
        let test = (!c.once_in(4)).then(|| check(c, world, 2));
        let written = match &test {
            Some(test) => tokens(world, test, c),
            None => unmatched(c),
        };
        let default = name(&written).filter(|name| !facets.iter().any(|facet| facet.name == *name));
        let own = default.filter(|_| !c.once_in(3));
        let has_alias = own.is_none();
        let name = own.unwrap_or_else(|| format!("facet {n}"));
        facets.push(Facet { name, has_alias, written, test });
    }
    facets
}

fn check(c: &mut Choices, world: &World, depth: usize) -> Check {
    let parts = |c: &mut Choices| c.several(1, 3, |c| check(c, world, depth - 1));
    match c.below(if depth == 0 { 5 } else { 8 }) {
        3 | 4 => comparison(c, world),
        5 => Check::Not(check(c, world, depth - 1).into()),
        6 => Check::All(parts(c)),
        7 => Check::Any(parts(c)),
        _ => Check::Test(simple(c, world)),
    }
}

/// A test that functions can say.
fn simple(c: &mut Choices, world: &World) -> Test {
    match test(c, world, 0) {
        Test { asks: Asks::Leads(_), target, negated } => Test { asks: Asks::Empty, target, negated },
        Test { target: Target::Ancestors(_), negated, asks: Asks::Empty } => {
            Test { target: Target::Text, negated, asks: Asks::Empty }
        }
        test => test,
    }
}

/// Two fields that can be compared, or one with itself.
fn comparison(c: &mut Choices, world: &World) -> Check {
    let fitting: Vec<usize> = (0..world.columns.len()).filter(|at| family(&world.columns[*at]).is_some()).collect();
    let left = c.pick(&fitting);
    let alike = |at: &usize| family(&world.columns[*at]) == family(&world.columns[left]);
    let right = c.pick(&fitting.into_iter().filter(alike).collect::<Vec<_>>());
    let has_order = world.columns[left].kind != Kind::Boolean && !world.columns[left].is_textual();
    let orders =
        [Order::Equal, Order::NotEqual, Order::Less, Order::LessOrEqual, Order::Greater, Order::GreaterOrEqual];
    let order = c.pick(if has_order { &orders } else { &orders[..2] });
    let (left, right) = (side(c, world, left), side(c, world, right));
    Check::Compare(left, order, right)
}

/// Equal for columns that can be compared; none for those that cannot be.
fn family(column: &Column) -> Option<Kind> {
    match column.kind {
        _ if column.multi => None,
        Kind::Text | Kind::Relation | Kind::Path => None,
        Kind::Status | Kind::User => Some(Kind::Keyword),
        Kind::Decimal => Some(Kind::Integer),
        kind => Some(kind),
    }
}

fn side(c: &mut Choices, world: &World, column: usize) -> Side {
    let kind = world.columns[column].kind;
    if !matches!(kind, Kind::DateTime | Kind::Date) || c.once_in(3) {
        return Side { column, shift: None };
    }
    let is_duration = |at: &usize| world.columns[*at].kind == Kind::Duration;
    let durations: Vec<usize> = (0..world.columns.len()).filter(is_duration).collect();
    let by = if kind == Kind::DateTime && !durations.is_empty() && c.once_in(2) {
        By::Column(c.pick(&durations))
    } else {
        let (parts, written): (Vec<(i64, Unit)>, String) = span_parts(c);
        By::Span(parts, written)
    };
    Side { column, shift: Some(Shift { is_back: c.once_in(2), by }) }
}
