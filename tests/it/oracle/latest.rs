//! Retries of one test, and which of them counts: one row compared with every other.

use std::cmp::Ordering;

use tallygrid::{Kind, Latest};

use super::column::{Class, Column};
use super::world::World;

/// A declaration by columns.
#[derive(Clone, Debug)]
pub(crate) struct Retries {
    /// The first names the test.
    pub(crate) per: Vec<usize>,
    pub(crate) by: Vec<usize>,
    pub(crate) rule: Rule,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    Last,
    Worst(usize),
    AnyPassed(usize),
}

impl Retries {
    /// As a schema declares it.
    pub(crate) fn declared(&self, columns: &[Column]) -> Latest {
        let name = |column: &usize| columns[*column].name.to_uppercase();
        let latest = Latest::per(self.per.iter().map(name)).by(self.by.iter().map(name));
        match self.rule {
            Rule::Last => latest,
            Rule::Worst(status) => latest.worst(name(&status)),
            Rule::AnyPassed(status) => latest.any_passed(name(&status)),
        }
    }

    /// Of these rows, in load order, those that count.
    pub(crate) fn latest(&self, world: &World, among: &[usize]) -> Vec<usize> {
        let class = |row: usize, column: &usize| world.columns[*column].classes(&world.rows[row][*column]).remove(0);
        let test = |row: usize| -> Vec<Class> { self.per.iter().map(|column| class(row, column)).collect() };
        let rank = |row: usize| -> (u8, Vec<Class>, usize) {
            (self.preference(world, row), self.by.iter().map(|column| class(row, column)).collect(), row)
        };
        let counts = |row: usize| {
            let own = test(row);
            let is_better = |other: usize| rank(other).cmp(&rank(row)) == Ordering::Greater;
            own[0] == Class::Empty || !among.iter().any(|other| is_better(*other) && test(*other) == own)
        };
        among.iter().copied().filter(|row| counts(*row)).collect()
    }

    fn preference(&self, world: &World, row: usize) -> u8 {
        let is = |column: usize, name: &str| {
            let class = world.columns[column].classes(&world.rows[row][column]).remove(0);
            matches!(class, Class::Declared(n) if world.columns[column].declared[n].0 == name)
        };
        match self.rule {
            Rule::Last => 0,
            Rule::Worst(status) if is(status, "Failed") => 2,
            Rule::Worst(status) => u8::from(!is(status, "Passed")),
            Rule::AnyPassed(status) => is(status, "Passed").into(),
        }
    }
}

/// Whether the flags of a column's values are declared.
pub(crate) fn has_flags(column: &Column) -> bool {
    column.kind == Kind::Status && !column.declared.is_empty()
}
