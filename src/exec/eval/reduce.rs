//! Many values to one for each group: nulls are left out, a failed value makes its group fail, and order has no say but where
//! binary numbers are added, which are taken as they come.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::base::hash::HashSet;
use crate::exec::eval::column::Column;
use crate::exec::eval::exact::{Exact, ratio, unit};
use crate::exec::eval::state::{FAILED, Failure, VALUE};
use crate::model::decimal::{Decimal, MAX_SCALE};
use crate::model::fold::Collation;
use crate::model::real::Real;
use crate::model::value::Value;
use crate::query::predicate::expr::{Method, Type};

/// What is reduced, and to what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reduction {
    pub(crate) method: Method,
    /// Of the values.
    pub(crate) of: Type,
    /// Of what comes out.
    pub(crate) to: Type,
    pub(crate) collation: Collation,
}

/// The rows of each group, side by side.
#[derive(Debug)]
pub(crate) struct ByGroup {
    rows: Vec<u32>,
    /// Where each group begins, and one more.
    starts: Vec<usize>,
}

impl ByGroup {
    /// Rows in their order by the group that each has. Linear.
    pub(crate) fn new(group_of: &[u32], n_groups: usize) -> Self {
        let mut starts = vec![0; n_groups + 1];
        group_of.iter().for_each(|group| starts[*group as usize + 1] += 1);
        (0..n_groups).for_each(|group| starts[group + 1] += starts[group]);
        let mut next = starts.clone();
        let mut rows = vec![0; group_of.len()];
        for (row, group) in (0..).zip(group_of) {
            let at = &mut next[*group as usize];
            rows[*at] = row;
            *at += 1;
        }
        Self { rows, starts }
    }

    pub(crate) fn rows(&self, group: usize) -> &[u32] {
        self.rows.get(self.starts[group]..self.starts[group + 1]).unwrap_or(&[])
    }
}

impl Reduction {
    /// What the values of some rows come to; of no value null, but for numbers of them.
    pub(crate) fn of_rows(self, column: &Column<'_>, rows: &[u32]) -> Result<Value, Failure> {
        let state = rows.iter().map(|row| column.state(*row as usize)).filter(|state| *state >= FAILED).max();
        if let Some(failure) = state.and_then(Failure::of_state) {
            return Err(failure);
        }
        let rows: Vec<usize> = rows.iter().map(|row| *row as usize).filter(|row| column.state(*row) == VALUE).collect();
        let n = rows.len() as i64;
        match self.method {
            Method::Count => return Ok(Value::Integer(n)),
            Method::CountDistinct => return Ok(Value::Integer(self.n_distinct(column, &rows))),
            _ if rows.is_empty() => return Ok(Value::Null),
            Method::Min => return self.extreme(column, &rows, Ordering::Less),
            Method::Max => return self.extreme(column, &rows, Ordering::Greater),
            Method::Sum | Method::Average => {}
        }
        let is_average = self.method == Method::Average;
        #[expect(clippy::cast_precision_loss, reason = "binary numbers are asked for")]
        if self.of == Type::Real {
            let sum: f64 = rows.iter().map(|row| column.reals().get(at(column, *row))).sum();
            return Ok(Value::Real(Real::from(if is_average { sum / n as f64 } else { sum })));
        }
        let sum = exact_sum(column, &rows).ok_or(Failure::Overflow)?;
        let number = match (is_average, self.to) {
            (false, _) => sum,
            (true, Type::Decimal) => sum.divide(Exact::new(n.into(), 0)).ok_or(Failure::Overflow)?,
            // To the nearest microsecond or day.
            (true, _) => {
                Exact::new(ratio((sum.mantissa, 1), i128::from(n) * unit(sum.scale)).ok_or(Failure::Overflow)?, 0)
            }
        };
        let narrow = || i64::try_from(number.truncated()).map_err(|_| Failure::Overflow);
        Ok(match self.to {
            Type::Decimal => Value::Decimal(Decimal::from(number)),
            Type::Duration => Value::Duration(narrow()?),
            Type::Instant => Value::Instant(narrow()?),
            Type::Time => Value::Time(narrow()?),
            Type::Date => Value::Date(i32::try_from(narrow()?).map_err(|_| Failure::Overflow)?),
            _ => Value::Integer(narrow()?),
        })
    }

    fn extreme(self, column: &Column<'_>, rows: &[usize], wanted: Ordering) -> Result<Value, Failure> {
        let mut best = rows.first().copied().unwrap_or(0);
        for row in rows {
            if self.order(column, *row, best) == wanted {
                best = *row;
            }
        }
        column.value(best, self.of)
    }

    /// A total order; spellings of one text are told apart by code points.
    fn order(self, column: &Column<'_>, a: usize, b: usize) -> Ordering {
        match self.of {
            Type::Boolean => column.truths().get(at(column, a)).cmp(&column.truths().get(at(column, b))),
            Type::Decimal => column.exact(a).cmp(&column.exact(b)),
            Type::Real => {
                Real::from(column.reals().get(at(column, a))).cmp(&Real::from(column.reals().get(at(column, b))))
            }
            Type::Guid => column.guids().get(at(column, a)).cmp(&column.guids().get(at(column, b))),
            Type::Text => {
                let (a, b) = (column.text(a), column.text(b));
                self.collation.fold(a).cmp(&self.collation.fold(b)).then_with(|| a.cmp(b))
            }
            _ => column.integers().get(at(column, a)).cmp(&column.integers().get(at(column, b))),
        }
    }

    fn n_distinct(self, column: &Column<'_>, rows: &[usize]) -> i64 {
        match self.of {
            Type::Text => {
                let texts: HashSet<Cow<'_, str>> =
                    rows.iter().map(|row| self.collation.fold(column.text(*row))).collect();
                texts.len() as i64
            }
            _ => {
                let mut rows = rows.to_vec();
                rows.sort_unstable_by(|a, b| self.order(column, *a, *b));
                let is_new = |pair: &&[usize]| self.order(column, pair[0], pair[1]) != Ordering::Equal;
                rows.windows(2).filter(is_new).count() as i64 + i64::from(!rows.is_empty())
            }
        }
    }
}

fn at(column: &Column<'_>, row: usize) -> usize {
    if column.n_cells() == 1 { 0 } else { row }
}

/// Whole numbers and fractions apart, so that no sum on the way is longer than the last.
fn exact_sum(column: &Column<'_>, rows: &[usize]) -> Option<Exact> {
    let (mut whole, mut units) = (0i128, 0i128);
    for row in rows {
        let exact = column.exact(*row);
        let truncated = exact.truncated();
        whole = whole.checked_add(truncated)?;
        let rest = exact.mantissa - truncated * unit(exact.scale);
        units += rest * unit(MAX_SCALE - exact.scale);
    }
    Exact::new(whole, 0).add(Exact::new(units, MAX_SCALE))
}
