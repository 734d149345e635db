//! Rows in groups: by value, range or calendar period, which groups there are, in what order, and what they are called.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate};
use tallygrid::{Kind, Period};

use super::answer::{Spellings, period_key, periods_between};
use super::column::{Class, atoms, number_key, number_of};
use super::tree::{By, Format, Selector};
use super::world::World;

/// The groups of a selector.
pub(crate) struct Partition<'w> {
    world: &'w World,
    selector: &'w Selector,
    /// By what rows have there: the place of their group.
    places: BTreeMap<Class, usize>,
    /// In order: the key, and whether it is there without rows.
    groups: Vec<(String, bool)>,
}

/// Rows that have a say in which groups there are.
pub(crate) struct Around<'a> {
    /// That reach the selector within any group around it.
    pub(crate) level: &'a [usize],
    /// In scope, whether asked for or not.
    pub(crate) scope: &'a [usize],
    /// That the caller may see: they decide how keys are spelled.
    pub(crate) visible: &'a [usize],
}

impl<'w> Partition<'w> {
    pub(crate) fn new(world: &'w World, selector: &'w Selector, around: &Around<'_>) -> Self {
        let mut partition = Self { world, selector, places: BTreeMap::new(), groups: Vec::new() };
        partition.add(Class::Empty, String::new(), false);
        match &selector.by {
            By::Value => partition.values(around),
            By::Bucket(edges) => {
                let kind = world.columns[selector.column].kind;
                let edges: Vec<String> = edges.iter().map(|edge| number_key(kind, edge.number())).collect();
                let inner = edges.windows(2).map(|pair| format!("{}..<{}", pair[0], pair[1]));
                let first = std::iter::once(format!("<{}", edges[0]));
                let ranges: Vec<String> = first.chain(inner).chain([format!(">={}", edges[edges.len() - 1])]).collect();
                for (at, name) in (0..).zip(ranges) {
                    partition.add(Class::Number(at), name, selector.fill);
                }
            }
            By::Period { period, format, range } => {
                let range = range.as_ref().map(|(from, to)| (from.number(), to.number()));
                partition.periods(*period, *format, range, around.level);
            }
        }
        partition
    }

    /// Each group's key and rows, in order; those without rows only if they are wanted.
    pub(crate) fn groups(&self, rows: &[usize]) -> Vec<(String, Vec<usize>)> {
        let mut found: Vec<(String, Vec<usize>)> =
            self.groups.iter().map(|(key, _)| (key.clone(), Vec::new())).collect();
        for row in rows {
            let classes = self.selector.classes(self.world, *row);
            for place in classes.iter().map(|class| self.places[class]).collect::<BTreeSet<usize>>() {
                found[place].1.push(*row);
            }
        }
        let is_there =
            |((_, rows), (_, is_filled)): &((String, Vec<usize>), &(String, bool))| *is_filled || !rows.is_empty();
        found.into_iter().zip(&self.groups).filter(is_there).map(|(group, _)| group).collect()
    }

    fn add(&mut self, class: Class, key: String, is_filled: bool) {
        self.places.insert(class, self.groups.len());
        self.groups.push((key, is_filled));
    }

    fn values(&mut self, around: &Around<'_>) {
        let Selector { column: at, fill, .. } = *self.selector;
        let column = &self.world.columns[at];
        let rows = if fill { around.scope } else { around.level };
        let mut classes: BTreeSet<Class> =
            rows.iter().flat_map(|row| column.classes(&self.world.rows[*row][at])).collect();
        if fill {
            classes.extend((0..column.declared.len()).map(Class::Declared));
        }
        if fill && column.kind == Kind::Boolean {
            classes.extend([0, 1].map(Class::Number));
        }
        let spellings = Spellings::of(self.world, at, around.visible);
        for class in classes.into_iter().filter(|class| *class != Class::Empty) {
            let key = spellings.key(&class);
            self.add(class, key, fill);
        }
    }

    /// In time, those of one name together at the place of the first.
    fn periods(&mut self, period: Period, format: Option<Format>, range: Option<(i128, i128)>, level: &[usize]) {
        let at = self.selector.column;
        let mut numbers: Vec<i128> =
            level.iter().flat_map(|row| atoms(&self.world.rows[*row][at])).map(|atom| number_of(&atom)).collect();
        numbers.sort_unstable();
        let ends = range.or_else(|| numbers.first().copied().zip(numbers.last().copied()));
        let keys: Vec<String> = match ends.filter(|_| self.selector.fill) {
            Some((low, high)) => periods_between(self.world, at, period, (low, high)),
            None => numbers.iter().map(|n| period_key(self.world, at, period, *n)).collect(),
        };
        for key in keys {
            let name = format.map_or_else(|| key.clone(), |format| named(&key, format));
            match self.groups.iter().skip(1).position(|(known, _)| *known == name) {
                Some(known) => drop(self.places.insert(Class::Text(key), known + 1)),
                None => self.add(Class::Text(key), name, self.selector.fill),
            }
        }
    }
}

impl Selector {
    /// Whether a row is in some group.
    pub(crate) fn takes(&self, world: &World, row: usize) -> bool {
        let By::Period { period, range: Some((from, to)), .. } = &self.by else { return true };
        let key = |n: i128| period_key(world, self.column, *period, n);
        let (from, to) = (from.number(), to.number());
        let is_within = |n: i128| (from <= n && n <= to) || key(n) == key(from) || key(n) == key(to);
        atoms(&world.rows[row][self.column]).first().is_some_and(|atom| is_within(number_of(atom)))
    }

    /// What tells the groups of a row.
    fn classes(&self, world: &World, row: usize) -> Vec<Class> {
        let cell = &world.rows[row][self.column];
        let numbers = || atoms(cell).into_iter().map(|atom| number_of(&atom));
        let classes: Vec<Class> = match &self.by {
            By::Value => world.columns[self.column].classes(cell),
            By::Bucket(edges) => {
                let range = |n: i128| edges.iter().filter(|edge| edge.number() <= n).count();
                numbers().map(|n| Class::Number(range(n) as i128)).collect()
            }
            By::Period { period, .. } => {
                numbers().map(|n| Class::Text(period_key(world, self.column, *period, n))).collect()
            }
        };
        if classes.is_empty() { vec![Class::Empty] } else { classes }
    }
}

/// A period's name by a pattern: that of its first moment.
fn named(key: &str, format: Format) -> String {
    match key.parse::<NaiveDate>() {
        Ok(day) => day.and_hms_opt(0, 0, 0).unwrap().format(format.strftime).to_string(),
        Err(_) => DateTime::parse_from_rfc3339(key).unwrap().format(format.strftime).to_string(),
    }
}
