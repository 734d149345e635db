//! Whole answers over plain rows: lists in order, counts by group, sums by group.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use tallygrid::{Kind, Period, Value};

use super::clock::{Clock, first_day, next_first_day};
use super::column::{Atom, Class, INTEGER_UNIT, atoms, compare, date_text};
use super::query::Filter;
use super::world::World;

/// A key of ORDER BY.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SortKey {
    pub(crate) column: usize,
    pub(crate) descending: bool,
}

/// Groups in order: each with its key and a number for each of `counters`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Groups {
    pub(crate) counters: Vec<String>,
    pub(crate) rows: Vec<(String, Vec<i128>)>,
    pub(crate) totals: Vec<i128>,
}

/// By what rows are grouped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Value(usize),
    Period(usize, Period),
}

/// What is said of each group.
#[derive(Clone, Debug)]
pub(crate) enum Measured {
    /// Rows by the classes of this column.
    Rows(usize),
    /// Sums of these columns over the rows that have one of them.
    Sums(Vec<usize>),
}

/// Positions of the rows that pass all filters, in load order.
pub(crate) fn select(world: &World, filters: &[&Filter]) -> Vec<usize> {
    let passes = |row: &Vec<Value>| filters.iter().all(|filter| filter.passes(world, row));
    (0..world.rows.len()).filter(|i| passes(&world.rows[*i])).collect()
}

/// Puts rows in order; ties stay in load order.
pub(crate) fn sort(world: &World, rows: &mut [usize], keys: &[SortKey]) {
    rows.sort_by(|a, b| {
        let class =
            |row: usize, key: &SortKey| world.columns[key.column].classes(&world.rows[row][key.column]).remove(0);
        let orders = keys.iter().map(|key| compare(&class(*a, key), &class(*b, key), key.descending));
        orders.fold(Ordering::Equal, Ordering::then)
    });
}

/// Groups `selected` rows; `visible` ones decide how keys are spelled.
pub(crate) fn group(world: &World, selected: &[usize], visible: &[usize], key: Key, measured: &Measured) -> Groups {
    match measured {
        Measured::Rows(status) => {
            let class = |row: usize| world.columns[*status].classes(&world.rows[row][*status]).remove(0);
            let mut present: Vec<Class> = selected.iter().map(|row| class(*row)).collect();
            present.sort_by(|a, b| (*a == Class::Empty).cmp(&(*b == Class::Empty)).then_with(|| a.cmp(b)));
            present.dedup();
            let counters: Vec<String> = present.iter().map(|class| spelled(world, *status, class, visible)).collect();
            let one = |row: usize| present.iter().map(|own| i128::from(*own == class(row))).collect();
            gather(world, counters, (selected, visible), key, one)
        }
        Measured::Sums(columns) => {
            let cell = |row: usize, column: &usize| atoms(&world.rows[row][*column]);
            let has_some = |row: &&usize| columns.iter().any(|column| !cell(**row, column).is_empty());
            let some: Vec<usize> = selected.iter().filter(has_some).copied().collect();
            let counters = columns.iter().map(|column| world.columns[*column].name.clone()).collect();
            let numbers = |row: usize| {
                let number = |column: &usize| match cell(row, column)[..] {
                    [Atom::Number(n)] => n / INTEGER_UNIT,
                    _ => 0,
                };
                columns.iter().map(number).collect()
            };
            gather(world, counters, (&some, visible), key, numbers)
        }
    }
}

/// A group's place in the order and its key.
type Label = (Class, String);

fn gather(
    world: &World,
    counters: Vec<String>,
    (selected, visible): (&[usize], &[usize]),
    key: Key,
    numbers: impl Fn(usize) -> Vec<i128>,
) -> Groups {
    let none = || vec![0i128; counters.len()];
    let periods = periods_of(world, selected, key);
    let mut groups: BTreeMap<Label, Vec<i128>> = periods.iter().map(|label| (label.clone(), none())).collect();
    let mut totals = none();
    for row in selected {
        add(&mut totals, &numbers(*row));
        for label in labels_of(world, *row, visible, key, &periods) {
            add(groups.entry(label).or_insert_with(none), &numbers(*row));
        }
    }
    Groups { counters, rows: groups.into_iter().map(|((_, key), numbers)| (key, numbers)).collect(), totals }
}

fn add(to: &mut [i128], numbers: &[i128]) {
    to.iter_mut().zip(numbers).for_each(|(to, n)| *to += n);
}

fn labels_of(world: &World, row: usize, visible: &[usize], key: Key, periods: &[Label]) -> Vec<Label> {
    match key {
        Key::Value(column) => {
            let classes = world.columns[column].classes(&world.rows[row][column]);
            classes.into_iter().map(|class| (class.clone(), spelled(world, column, &class, visible))).collect()
        }
        Key::Period(column, period) => vec![match atoms(&world.rows[row][column])[..] {
            [Atom::Number(n)] => {
                let own = period_key(world, column, period, n);
                periods.iter().find(|(_, key)| *key == own).unwrap().clone()
            }
            _ => (Class::Empty, String::new()),
        }],
    }
}

fn period_key(world: &World, column: usize, period: Period, n: i128) -> String {
    if world.columns[column].kind == Kind::Date {
        return first_day(period, date_text(n).parse().unwrap()).to_string();
    }
    Clock::of(world.zone).key(period, i64::try_from(n).unwrap())
}

/// The periods from the first to the last that has a row; their places are their order in time.
fn periods_of(world: &World, selected: &[usize], key: Key) -> Vec<Label> {
    let labels = |keys: Vec<String>| (0..).map(Class::Number).zip(keys).collect();
    let Key::Period(column, period) = key else { return Vec::new() };
    let numbers: BTreeSet<i128> = selected
        .iter()
        .flat_map(|row| atoms(&world.rows[*row][column]))
        .filter_map(|atom| if let Atom::Number(n) = atom { Some(n) } else { None })
        .collect();
    let (Some(low), Some(high)) = (numbers.first(), numbers.last()) else { return Vec::new() };
    if world.columns[column].kind == Kind::Date {
        let first = first_day(period, date_text(*low).parse().unwrap());
        let last = first_day(period, date_text(*high).parse().unwrap());
        let days = std::iter::successors(Some(first), |day| Some(next_first_day(period, *day)));
        return labels(days.take_while(|day| *day <= last).map(|day| day.to_string()).collect());
    }
    let edge = |n: &i128| i64::try_from(*n).unwrap();
    labels(Clock::of(world.zone).keys(period, edge(low), edge(high)))
}

/// A group's key: the declared spelling, else the one most frequent among visible rows, ties by code point.
fn spelled(world: &World, column: usize, class: &Class, visible: &[usize]) -> String {
    let declared = &world.columns[column];
    if let Some(key) = declared.key(class) {
        return key;
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for row in visible {
        let spellings: BTreeSet<String> = atoms(&world.rows[*row][column])
            .into_iter()
            .filter(|atom| declared.class(atom) == *class)
            .filter_map(|atom| if let Atom::Text(text) = atom { Some(text) } else { None })
            .collect();
        spellings.into_iter().for_each(|text| *counts.entry(text).or_insert(0) += 1);
    }
    let most = counts.values().max().unwrap();
    counts.iter().find(|(_, n)| *n == most).unwrap().0.clone()
}
