//! The values of groups of rows to one value each: exact, nulls left out, and null where nothing is left.

use crate::base::error::Result;
use crate::base::hash::HashSet;
use crate::exec::eval::column::{Cells, Column, Decimals};
use crate::exec::eval::exact::Exact;
use crate::exec::eval::state::{TRUE, VALUE};
use crate::exec::rowset::ranks::{Ranks, no_failure, picked, ranks};
use crate::exec::rowset::set::Named;
use crate::exec::rowset::total::total;
use crate::exec::rowset::values::column_of;
use crate::model::real::Real;
use crate::model::value::Value;
use crate::query::predicate::expr::{Method, Type};

/// Rows in groups.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grouped<'x> {
    /// By row its group.
    pub(crate) of_rows: &'x [u32],
    pub(crate) n: usize,
    /// By row: for how many it counts; for one where nothing is said.
    pub(crate) weights: Option<&'x [u64]>,
}

impl Grouped<'_> {
    fn weight(&self, row: usize) -> u64 {
        self.weights.and_then(|weights| weights.get(row)).copied().unwrap_or(1)
    }
}

/// What is reduced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reduced<'x, 'a> {
    pub(crate) values: &'x Column<'a>,
    pub(crate) ty: Type,
    /// Whether texts are those of a field; see [`ranks`].
    pub(crate) by_dictionary: bool,
}

/// Weights that let one row count, of those in its group that have the same value, and none that has none.
pub(crate) fn firsts(once: &Ranks, groups: Grouped<'_>) -> Vec<u64> {
    let mut seen: HashSet<(u32, u32)> = HashSet::default();
    let counts = |(rank, group): (&u32, &u32)| u64::from(*rank > 0 && seen.insert((*group, *rank)));
    once.of_rows.iter().zip(groups.of_rows).map(counts).collect()
}

/// How many rows each group has.
pub(crate) fn count<'a>(groups: Grouped<'_>) -> Named<'a> {
    let mut numbers = vec![0u64; groups.n];
    for (row, group) in groups.of_rows.iter().enumerate() {
        numbers[*group as usize] += groups.weight(row);
    }
    integers(numbers.into_iter().map(|n| i64::try_from(n).unwrap_or(i64::MAX)).collect())
}

/// What a method makes of the values of each group.
pub(crate) fn reduce<'a>(method: Method, reduced: Reduced<'_, 'a>, groups: Grouped<'_>) -> Result<Named<'a>> {
    let Reduced { values, ty, by_dictionary } = reduced;
    no_failure(values)?;
    match method {
        Method::Count | Method::CountDistinct => {
            let distinct = firsts(&ranks(values, by_dictionary, None)?, groups);
            Ok(count(Grouped { weights: Some(&distinct), ..groups }))
        }
        Method::Min | Method::Max => least(method == Method::Max, reduced, groups),
        Method::Sum | Method::Average if ty == Type::Real => Ok(of_reals(method, values, groups)),
        Method::Sum | Method::Average => {
            let sums = sums(values, groups);
            let totals: Vec<Value> =
                sums.into_iter().map(|(sum, n)| total(method, sum, n, ty)).collect::<Result<_>>()?;
            let gives = method.gives(Some(ty)).unwrap_or(ty);
            Ok(Named::new(column_of(&totals, gives), gives))
        }
    }
}

fn integers<'a>(numbers: Vec<i64>) -> Named<'a> {
    Named::new(Column::new(numbers.len(), Cells::Integers(numbers), Vec::new()), Type::Integer)
}

/// Calls `each` with every row that counts and has a value, and the cell and group of it.
fn each_value(values: &Column<'_>, groups: Grouped<'_>, mut each: impl FnMut(usize, usize, usize)) {
    let states = values.states();
    let one_cell = values.n_cells() == 1;
    for (row, group) in groups.of_rows.iter().enumerate() {
        let cell = if one_cell { 0 } else { row };
        let is_value = states.get(cell).is_none_or(|state| *state == VALUE);
        if is_value && groups.weight(row) > 0 {
            each(row, cell, *group as usize);
        }
    }
}

/// The least or greatest value of each group.
fn least<'a>(greatest: bool, reduced: Reduced<'_, 'a>, groups: Grouped<'_>) -> Result<Named<'a>> {
    let Reduced { values, ty, by_dictionary } = reduced;
    let best = match values.cells() {
        Cells::Integers(cells) | Cells::Decimals(Decimals::Narrow(cells, _)) => {
            best(values, groups, greatest, |cell| cells[cell])
        }
        Cells::Decimals(Decimals::Wide(cells)) => best(values, groups, greatest, |cell| cells[cell]),
        Cells::Reals(cells) => best(values, groups, greatest, |cell| Real::from(cells[cell])),
        Cells::Guids(cells) => best(values, groups, greatest, |cell| cells[cell]),
        Cells::Truths(truths) => best(values, groups, greatest, |cell| truths[cell] == TRUE),
        Cells::Texts(_) => {
            let ranks = ranks(values, by_dictionary, groups.weights)?;
            let mut best = vec![0; groups.n];
            for (rank, group) in ranks.of_rows.iter().zip(groups.of_rows).filter(|(rank, _)| **rank > 0) {
                let best = &mut best[*group as usize];
                *best = if *best == 0 || (*rank > *best) == greatest { *rank } else { *best };
            }
            return Ok(Named::new(ranks.values(values, ty, best.into_iter()), ty));
        }
    };
    Ok(Named::new(picked(values, ty, &best), ty))
}

/// By group the first row of those with the least or greatest key.
fn best<K: Copy + Ord>(
    values: &Column<'_>,
    groups: Grouped<'_>,
    greatest: bool,
    key: impl Fn(usize) -> K,
) -> Vec<Option<u32>> {
    let mut best: Vec<Option<(K, u32)>> = vec![None; groups.n];
    each_value(values, groups, |row, cell, group| {
        let key = key(cell);
        let is_better = |(other, _)| if greatest { key > other } else { key < other };
        if best[group].is_none_or(is_better) {
            best[group] = Some((key, row as u32));
        }
    });
    best.into_iter().map(|best| best.map(|(_, row)| row)).collect()
}

/// The sum of each group, none where it leaves its range, and how many values it is of.
fn sums(values: &Column<'_>, groups: Grouped<'_>) -> Vec<(Option<Exact>, u64)> {
    let mut numbers = vec![0u64; groups.n];
    let mut narrow = |cells: &[i64], scale: u8| {
        // As many numbers of 64 bits as there are rows stay within 128.
        let mut sums = vec![0i128; groups.n];
        each_value(values, groups, |row, cell, group| {
            sums[group] += i128::from(cells[cell]) * i128::from(groups.weight(row));
            numbers[group] += groups.weight(row);
        });
        sums.into_iter().map(|sum| Some(Exact::new(sum, scale))).collect()
    };
    let sums: Vec<Option<Exact>> = match values.cells() {
        Cells::Integers(cells) => narrow(cells, 0),
        Cells::Decimals(Decimals::Narrow(cells, scale)) => narrow(cells, *scale),
        _ => {
            let mut sums = vec![Some(Exact::default()); groups.n];
            each_value(values, groups, |row, _, group| {
                let weight = groups.weight(row);
                let all = values.exact(row).multiply(Exact::new(weight.into(), 0));
                sums[group] = sums[group].and_then(|sum| sum.add(all?));
                numbers[group] += weight;
            });
            sums
        }
    };
    sums.into_iter().zip(numbers).collect()
}

#[expect(clippy::cast_precision_loss, reason = "an average of binary numbers is one")]
fn of_reals<'a>(method: Method, values: &Column<'_>, groups: Grouped<'_>) -> Named<'a> {
    let (mut sums, mut numbers) = (vec![0.0; groups.n], vec![0u64; groups.n]);
    if let Cells::Reals(cells) = values.cells() {
        each_value(values, groups, |row, cell, group| {
            sums[group] += cells[cell] * groups.weight(row) as f64;
            numbers[group] += groups.weight(row);
        });
    }
    let total = |(sum, n): (f64, u64)| match (n, method) {
        (0, _) => Value::Null,
        (n, Method::Average) => Value::Real(Real::from(sum / n as f64)),
        _ => Value::Real(Real::from(sum)),
    };
    let totals: Vec<Value> = sums.into_iter().zip(numbers).map(total).collect();
    Named::new(column_of(&totals, Type::Real), Type::Real)
}
