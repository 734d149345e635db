//! Trees of aggregates that fit a world.

use tallygrid::{Kind, Period};

use super::facet::facets;
use super::literal::literal;
use crate::oracle::answer::periods_between;
use crate::oracle::choices::Choices;
use crate::oracle::column::{Column, INTEGER_UNIT, atoms, number_of};
use crate::oracle::measure::{Measure, Percent};
use crate::oracle::query::Literal;
use crate::oracle::tree::{Alias, By, Entry, Format, Selector, What};
use crate::oracle::world::World;

/// Most aggregates of a tree.
const MOST_ENTRIES: usize = 14;

/// Most periods that are filled in: groups within groups multiply.
const MOST_FILLED: usize = 40;

const ALIASES: [&str; 8] = ["n", "COUNT", "the least", "", "Größe", "by", "a\"b\\", "x.Remainder"];

const PERCENTS: [Percent; 7] = [
    Percent { written: "75", shown: "75", part: 75_000_000 },
    Percent { written: "0", shown: "0", part: 0 },
    Percent { written: "1e2", shown: "100", part: 100_000_000 },
    Percent { written: "33.333333", shown: "33.333333", part: 33_333_333 },
    Percent { written: "50.0", shown: "50", part: 50_000_000 },
    Percent { written: "12.50", shown: "12.5", part: 12_500_000 },
    Percent { written: "0.000001", shown: "0.000001", part: 1 },
];

const FORMATS: [Format; 9] = [
    Format { pattern: "yyyy-MM", strftime: "%Y-%m" },
    Format { pattern: "MMM yy", strftime: "%b %y" },
    Format { pattern: "dddd", strftime: "%A" },
    Format { pattern: "ddd d. MMMM", strftime: "%a %-d. %B" },
    Format { pattern: "'week of' dd/MM", strftime: "week of %d/%m" },
    Format { pattern: "yyyy", strftime: "%Y" },
    Format { pattern: "HH:mm", strftime: "%H:%M" },
    Format { pattern: "d", strftime: "%m/%d/%Y" },
    Format { pattern: "\\'all\\'", strftime: "'all'" },
];

/// A tree of up to four levels; of many rows two, since the oracle looks at them all for each group.
pub(crate) fn tree(c: &mut Choices, world: &World) -> Vec<Entry> {
    let mut room = Room { entries: MOST_ENTRIES, fills: 2 };
    block(c, world, if world.rows.len() > 100 { 1 } else { 3 }, &mut room)
}

/// What may still be added to a tree.
struct Room {
    entries: usize,
    fills: usize,
}

fn block(c: &mut Choices, world: &World, depth: usize, room: &mut Room) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..=c.below(3) {
        if room.entries == 0 && !entries.is_empty() {
            break;
        }
        room.entries = room.entries.saturating_sub(1);
        let deeper = if room.entries == 0 { 0 } else { depth };
        entries.push(entry(c, world, deeper, room, &entries));
    }
    entries
}

fn entry(c: &mut Choices, world: &World, depth: usize, room: &mut Room, before: &[Entry]) -> Entry {
    let (default, what) = match c.below(if depth == 0 { 5 } else { 11 }) {
        0 | 1 => ("COUNT".to_owned(), What::Count),
        2 => ("ENTITIES".to_owned(), What::Entities),
        3 | 4 => {
            let (measure, column) = measure(c, world);
            (measure.name(&world.columns[column].name), What::Measure(measure, column))
        }
        5 | 6 => {
            let (facets, block) = (facets(c, world), block(c, world, depth - 1, room));
            ("Faceted".to_owned(), What::Facets(facets, block))
        }
        _ => {
            let selector = selector(c, world, room.fills > 0);
            let fills = room.fills;
            room.fills -= usize::from(selector.fill);
            let block = block(c, world, depth - 1, room);
            room.fills = fills;
            (format!("GroupBy{}", selector.name(&world.columns[selector.column].name)), What::Groups(selector, block))
        }
    };
    let is_group = matches!(what, What::Groups(..));
    let alias = match c.below(8) {
        5 => Alias::Behind,
        6 if is_group => Alias::InFront,
        7 if is_group => Alias::Both(c.pick(&ALIASES).to_owned()),
        _ => Alias::None,
    };
    let name = if let Alias::None = alias { default } else { c.pick(&ALIASES).to_owned() };
    named(name, alias, what, before)
}

/// With a name that no other result has, nor the remainder of one.
fn named(name: String, alias: Alias, what: What, before: &[Entry]) -> Entry {
    let names = |name: &str, what: &What| {
        let has_rest = matches!(what, What::Groups(selector, _) if selector.top.is_some());
        let rest = if has_rest { Some(format!("{name}.Remainder")) } else { None };
        std::iter::once(name.to_owned()).chain(rest).collect::<Vec<String>>()
    };
    let taken: Vec<String> = before.iter().flat_map(|entry| names(&entry.name, &entry.what)).collect();
    if !names(&name, &what).iter().any(|name| taken.contains(name)) {
        return Entry { name, alias, what };
    }
    let alias = if let Alias::None = alias { Alias::Behind } else { alias };
    Entry { name: format!("{} of them", before.len()), alias, what }
}

/// A measure and a column that has it.
pub(crate) fn measure(c: &mut Choices, world: &World) -> (Measure, usize) {
    let percent = c.pick(&PERCENTS);
    let measure = c.pick(&[
        Measure::Sum,
        Measure::Min,
        Measure::Max,
        Measure::Average,
        Measure::Median,
        Measure::Percentile(percent),
        Measure::Distinct,
        Measure::Sum,
    ]);
    let is_measured = |column: &Column| match (&measure, column.kind) {
        (Measure::Distinct, _) => column.gives_groups(),
        (_, Kind::Integer | Kind::Decimal | Kind::Duration) => !column.multi,
        (Measure::Sum, _) => false,
        (_, kind) => matches!(kind, Kind::DateTime | Kind::Date),
    };
    let fitting: Vec<usize> = (0..world.columns.len()).filter(|at| is_measured(&world.columns[*at])).collect();
    let column = mostly_not_id(c, &fitting);
    (measure, column)
}

/// What rows can be grouped by.
pub(crate) fn selector(c: &mut Choices, world: &World, may_fill: bool) -> Selector {
    let groupable: Vec<usize> = (0..world.columns.len()).filter(|at| world.columns[*at].gives_groups()).collect();
    let column = mostly_not_id(c, &groupable);
    let declared = &world.columns[column];
    let by = match (declared.kind, c.below(4)) {
        (Kind::DateTime | Kind::Date, 1..) => period(c, world, column),
        (Kind::DateTime | Kind::Date, 0) if c.once_in(2) => bucket(c, world, column),
        (Kind::Integer | Kind::Decimal | Kind::Duration, 2..) => bucket(c, world, column),
        _ => By::Value,
    };
    let top =
        (!declared.multi && c.once_in(if matches!(by, By::Value) { 5 } else { 3 })).then(|| c.pick(&[1, 2, 3, 99]));
    let mut selector = Selector { column, by, fill: false, top };
    selector.fill = may_fill && top.is_none() && c.once_in(3) && is_fillable(world, &selector);
    selector
}

/// One of some columns, of which the first is the id: it makes groups of one row, and numbers like one another.
fn mostly_not_id(c: &mut Choices, columns: &[usize]) -> usize {
    if columns.len() > 1 && !c.once_in(6) { c.pick(&columns[1..]) } else { c.pick(columns) }
}

fn bucket(c: &mut Choices, world: &World, column: usize) -> By {
    let declared = &world.columns[column];
    let mut edges = c.several(1, 4, |c| literal(c, world, declared));
    if declared.kind == Kind::Integer {
        // No other numbers can be told apart from these by rows.
        let is_stored = |n: i128| n % INTEGER_UNIT == 0 && i64::try_from(n / INTEGER_UNIT).is_ok();
        edges.retain(|edge| is_stored(edge.number()));
    }
    edges.sort_by_key(Literal::number);
    edges.dedup_by_key(|edge| edge.number());
    if edges.is_empty() { By::Value } else { By::Bucket(edges) }
}

fn period(c: &mut Choices, world: &World, column: usize) -> By {
    let periods = [Period::Day, Period::Hour, Period::Week, Period::Month, Period::Quarter, Period::Year];
    let (period, format) = (c.pick(&periods), c.once_in(2).then(|| c.pick(&FORMATS)));
    let range = c.once_in(3).then(|| {
        let (a, b) = (literal(c, world, &world.columns[column]), literal(c, world, &world.columns[column]));
        if a.number() <= b.number() { (a, b) } else { (b, a) }
    });
    By::Period { period, format, range }
}

/// Whether filling in makes no more groups than one can look at.
fn is_fillable(world: &World, selector: &Selector) -> bool {
    let By::Period { period, range, .. } = &selector.by else { return true };
    let column = selector.column;
    let mut numbers: Vec<i128> =
        world.rows.iter().flat_map(|row| atoms(&row[column])).map(|atom| number_of(&atom)).collect();
    if let Some((from, to)) = range {
        numbers = vec![from.number(), to.number()];
    }
    let (Some(low), Some(high)) = (numbers.iter().min(), numbers.iter().max()) else { return true };
    let is_day = world.columns[column].kind == Kind::Date;
    let n_hours = (high - low) / if is_day { 1 } else { 3_600_000_000 } * if is_day { 24 } else { 1 };
    let most_hours = MOST_FILLED as i128 * if *period == Period::Hour { 1 } else { 24 * 366 };
    n_hours <= most_hours && periods_between(world, column, *period, (*low, *high)).len() <= MOST_FILLED
}
