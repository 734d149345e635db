//! Whole answers over plain rows: lists in order, counts by group, sums by group.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use tallygrid::{Kind, Period, Value};

use super::clock::{Clock, first_day, next_first_day};
use super::column::{Atom, Class, Column, INTEGER_UNIT, atoms, compare, date_text, number_of};
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
pub(crate) fn sort(world: &World, rows: &mut Vec<usize>, keys: &[SortKey]) {
    let class = |row: usize, key: &SortKey| world.columns[key.column].classes(&world.rows[row][key.column]).remove(0);
    let with_classes = |row| (keys.iter().map(|key| class(row, key)).collect(), row);
    let mut decorated: Vec<(Vec<Class>, usize)> = rows.drain(..).map(with_classes).collect();
    decorated.sort_by(|(a, _), (b, _)| {
        let orders = keys.iter().zip(a.iter().zip(b)).map(|(key, (a, b))| compare(a, b, key.descending));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    rows.extend(decorated.into_iter().map(|(_, row)| row));
}

/// Groups `selected` rows; `visible` ones decide how keys are spelled.
pub(crate) fn group(world: &World, selected: &[usize], visible: &[usize], key: Key, measured: &Measured) -> Groups {
    match measured {
        Measured::Rows(status) => {
            let class = |row: usize| world.columns[*status].classes(&world.rows[row][*status]).remove(0);
            let mut present: Vec<Class> = selected.iter().map(|row| class(*row)).collect();
            present.sort_by(|a, b| (*a == Class::Empty).cmp(&(*b == Class::Empty)).then_with(|| a.cmp(b)));
            present.dedup();
            let spellings = Spellings::of(world, *status, visible);
            let counters: Vec<String> = present.iter().map(|class| spellings.key(class)).collect();
            let one = |row: usize| {
                let own = class(row);
                present.iter().map(|class| i128::from(*class == own)).collect()
            };
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
    let labels = Labels::of(world, (selected, visible), key);
    let mut groups: BTreeMap<Label, Vec<i128>> = labels.periods().map(|label| (label, none())).collect();
    let mut totals = none();
    for row in selected {
        let numbers = numbers(*row);
        add(&mut totals, &numbers);
        for label in labels.of_row(*row) {
            add(groups.entry(label).or_insert_with(none), &numbers);
        }
    }
    Groups { counters, rows: groups.into_iter().map(|((_, key), numbers)| (key, numbers)).collect(), totals }
}

fn add(to: &mut [i128], numbers: &[i128]) {
    to.iter_mut().zip(numbers).for_each(|(to, n)| *to += n);
}

/// How the groups of a key are labelled.
enum Labels<'w> {
    Values(Spellings<'w>),
    /// With the place of each period in time by its key.
    Periods(&'w World, usize, Period, BTreeMap<String, Class>),
}

impl<'w> Labels<'w> {
    fn of(world: &'w World, (selected, visible): (&[usize], &[usize]), key: Key) -> Self {
        match key {
            Key::Value(column) => Self::Values(Spellings::of(world, column, visible)),
            Key::Period(column, period) => {
                let keys = periods_of(world, selected, column, period);
                Self::Periods(world, column, period, keys.into_iter().zip((0..).map(Class::Number)).collect())
            }
        }
    }

    /// Those there are without a row.
    fn periods(&self) -> impl Iterator<Item = Label> {
        let places = if let Self::Periods(.., places) = self { Some(places) } else { None };
        places.into_iter().flatten().map(|(key, place)| (place.clone(), key.clone()))
    }

    fn of_row(&self, row: usize) -> Vec<Label> {
        match self {
            Self::Values(spellings) => {
                let classes = spellings.column.classes(&spellings.world.rows[row][spellings.at]);
                classes.into_iter().map(|class| (class.clone(), spellings.key(&class))).collect()
            }
            Self::Periods(world, column, period, places) => vec![match atoms(&world.rows[row][*column])[..] {
                [Atom::Number(n)] => {
                    let key = period_key(world, *column, *period, n);
                    (places[&key].clone(), key)
                }
                _ => (Class::Empty, String::new()),
            }],
        }
    }
}

/// The key of the period that holds a number of a column.
pub(crate) fn period_key(world: &World, column: usize, period: Period, n: i128) -> String {
    if world.columns[column].kind == Kind::Date {
        return first_day(period, date_text(n).parse().unwrap()).to_string();
    }
    Clock::of(world.zone).key(period, i64::try_from(n).unwrap())
}

/// The keys of the periods from the first to the last that has a row.
fn periods_of(world: &World, selected: &[usize], column: usize, period: Period) -> Vec<String> {
    let cells = selected.iter().flat_map(|row| atoms(&world.rows[*row][column]));
    let numbers: BTreeSet<i128> = cells.map(|atom| number_of(&atom)).collect();
    let (Some(low), Some(high)) = (numbers.first(), numbers.last()) else { return Vec::new() };
    periods_between(world, column, period, (*low, *high))
}

/// The keys of the periods from the one that holds a number of a column to the one that holds another.
pub(crate) fn periods_between(world: &World, column: usize, period: Period, (low, high): (i128, i128)) -> Vec<String> {
    if world.columns[column].kind == Kind::Date {
        let first = first_day(period, date_text(low).parse().unwrap());
        let last = first_day(period, date_text(high).parse().unwrap());
        let days = std::iter::successors(Some(first), |day| Some(next_first_day(period, *day)));
        return days.take_while(|day| *day <= last).map(|day| day.to_string()).collect();
    }
    Clock::of(world.zone).keys(period, low as i64, high as i64)
}

/// How often visible rows spell each class of a column in each way.
pub(crate) struct Spellings<'w> {
    world: &'w World,
    column: &'w Column,
    at: usize,
    counts: BTreeMap<Class, BTreeMap<String, usize>>,
}

impl<'w> Spellings<'w> {
    pub(crate) fn of(world: &'w World, at: usize, visible: &[usize]) -> Self {
        let column = &world.columns[at];
        let mut counts: BTreeMap<Class, BTreeMap<String, usize>> = BTreeMap::new();
        for row in visible {
            let texts = atoms(&world.rows[*row][at]).into_iter();
            let texts: BTreeSet<String> =
                texts.filter_map(|atom| if let Atom::Text(text) = atom { Some(text) } else { None }).collect();
            for text in texts {
                let class = column.class(&Atom::Text(text.clone()));
                *counts.entry(class).or_default().entry(text).or_insert(0) += 1;
            }
        }
        Self { world, column, at, counts }
    }

    /// A group's key: the declared spelling, else the most frequent one, ties by code point.
    pub(crate) fn key(&self, class: &Class) -> String {
        self.column.key(class).unwrap_or_else(|| {
            let counts = &self.counts[class];
            let most = counts.values().max().unwrap();
            counts.iter().find(|(_, n)| *n == most).unwrap().0.clone()
        })
    }
}
