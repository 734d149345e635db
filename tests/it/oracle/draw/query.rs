//! Filters, searches, orders and groupings that fit a world.

use tallygrid::{Kind, Period};

use super::literal::literal;
use super::world::search_term;
use crate::oracle::answer::{Key, Measured, SortKey};
use crate::oracle::choices::Choices;
use crate::oracle::query::{Asks, Filter, Op, Target, Test};
use crate::oracle::search::{Clause, Item, Joiner, Mark, Search};
use crate::oracle::world::World;

/// A filter of some depth.
pub(crate) fn filter(c: &mut Choices, world: &World, depth: usize) -> Filter {
    let parts = |c: &mut Choices| c.several(2, 4, |c| filter(c, world, depth - 1));
    match c.below(if depth == 0 { 1 } else { 6 }) {
        2 => Filter::Not(filter(c, world, depth - 1).into()),
        3 => Filter::And(parts(c)),
        4 | 5 => Filter::Or(parts(c)),
        _ => Filter::Test(test(c, world, depth)),
    }
}

/// One clause; braces in it are no deeper than that.
pub(crate) fn test(c: &mut Choices, world: &World, depth: usize) -> Test {
    let negated = c.once_in(3);
    if c.once_in(10) {
        let asks = if c.once_in(4) { Asks::Empty } else { Asks::Search(search(c, 2)) };
        return Test { target: Target::Text, negated, asks };
    }
    let at = c.below(world.columns.len());
    let column = &world.columns[at];
    let target = if column.kind == Kind::Path && c.once_in(2) { Target::Ancestors(at) } else { Target::Column(at) };
    if column.kind == Kind::Relation && !c.once_in(4) {
        let filter = (depth > 0 && !c.once_in(3)).then(|| Box::new(filter(c, world.there(), depth.min(2) - 1)));
        return Test { target, negated, asks: Asks::Leads(filter) };
    }
    if c.once_in(6) || column.kind == Kind::Relation {
        return Test { target, negated, asks: Asks::Empty };
    }
    let value = |c: &mut Choices| literal(c, world, column);
    let asks = match (column.kind, c.below(3)) {
        (Kind::Text, _) | (Kind::Keyword | Kind::Status | Kind::User, 0) => Asks::Search(search(c, 2)),
        (Kind::Boolean, _) => Asks::OneOf(vec![value(c)]),
        (Kind::Keyword | Kind::Status | Kind::User | Kind::Guid | Kind::Path, _) => Asks::OneOf(c.several(1, 3, value)),
        (_, 0) => {
            let op = c.pick(&[Op::Less, Op::LessOrEqual, Op::Greater, Op::GreaterOrEqual]);
            return Test { target, negated: false, asks: Asks::Ordered(op, value(c)) };
        }
        (_, 1) => Asks::Between(value(c), value(c)),
        // Two would be a range.
        _ => {
            let n = c.pick(&[1, 3, 4]);
            Asks::OneOf(c.several(n, n, value))
        }
    };
    Test { target, negated, asks }
}

/// A word search; may find nothing, where it only excludes.
fn search(c: &mut Choices, depth: usize) -> Search {
    let mut clauses = c.several(1, 3, |c| Clause {
        joiner: c.pick(&[Joiner::Blank, Joiner::Blank, Joiner::And, Joiner::Or]),
        mark: c.pick(&[Mark::Plain, Mark::Plain, Mark::Plus, Mark::Minus]),
        item: match c.below(if depth == 0 { 5 } else { 6 }) {
            3 | 4 => Item::Phrase(c.several(1, 3, |c| c.pick(&["login", "bug", "the", "Fix", "7"])).join(" ")),
            5 => Item::Group(search(c, depth - 1)),
            _ => Item::Term(search_term(c)),
        },
    });
    clauses[0].joiner = Joiner::Blank;
    Search(clauses)
}

/// Up to three keys of an order.
pub(crate) fn order(c: &mut Choices, world: &World) -> Vec<SortKey> {
    let sortable: Vec<usize> = (0..world.columns.len()).filter(|at| world.columns[*at].gives_order()).collect();
    c.several(0, 3, |c| SortKey { column: c.pick(&sortable), descending: c.once_in(2) })
}

/// A key to group by, and what to say of groups.
pub(crate) fn grouping(c: &mut Choices, world: &World) -> (Key, Measured) {
    let columns = |fits: fn(&crate::oracle::column::Column) -> bool| -> Vec<usize> {
        (0..world.columns.len()).filter(|at| fits(&world.columns[*at])).collect()
    };
    let column = c.pick(&columns(crate::oracle::column::Column::gives_groups));
    let is_time = matches!(world.columns[column].kind, Kind::DateTime | Kind::Date);
    let key = if is_time && !c.once_in(4) { Key::Period(column, period(c, world, column)) } else { Key::Value(column) };
    let integers = columns(|column| column.kind == Kind::Integer && !column.multi);
    let mut statuses = columns(|column| column.gives_groups() && !column.multi);
    if world.rows.len() > 100 {
        // Not a counter for each row.
        statuses.retain(|at| *at != 0);
    }
    let measured = if c.once_in(5) || statuses.is_empty() {
        Measured::Sums(c.several(1, 2, |c| c.pick(&integers)))
    } else {
        Measured::Rows(c.pick(&statuses))
    };
    (key, measured)
}

fn period(c: &mut Choices, world: &World, column: usize) -> Period {
    let periods = [Period::Day, Period::Hour, Period::Week, Period::Month, Period::Quarter, Period::Year];
    match c.pick(&periods) {
        // An hour of a date is not a thing, and years of hours take the oracle long.
        Period::Hour if world.columns[column].kind == Kind::Date || world.reach > 100 => Period::Day,
        period => period,
    }
}
