//! The rows that a ranking takes, in the order in which they were.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::exec::eval::column::{Cells, Column};
use crate::exec::eval::exact::Exact;
use crate::exec::eval::state::{Failure, VALUE};
use crate::exec::rowset::lots::Lots;
use crate::exec::rowset::ranks::ranks;
use crate::exec::rowset::set::RowSet;
use crate::exec::rowset::steps::Steps;
use crate::exec::rowset::total::exact_of;
use crate::model::value::Value;
use crate::query::pipeline::{Ranking, Until};
use crate::query::predicate::expr::{Expr, Op};

/// When enough rows were taken.
enum Enough {
    Rows(usize),
    Sum(Exact),
    Percent(Exact),
    /// The same of binary numbers.
    RealSum(f64),
    RealPercent(f64),
}

impl<'a> Steps<'_, 'a> {
    /// Of each lot the rows from the greatest value down, or from the least up, until so many were taken or their sum is
    /// reached, equal ones as they were: their numbers, ascending. `O(n log n)`.
    pub(crate) fn ranked(
        &self,
        set: &RowSet<'a>,
        lots: &Lots,
        ranking: Ranking,
        (limit, by): (&Expr, &Expr),
    ) -> Result<Vec<u32>> {
        let budget = self.request.budget;
        let values = self.values(by, set)?;
        let _memory = budget.reserve(values.bytes() + set.n() * 2 * size_of::<u32>())?;
        let ranks = ranks(&values, self.by_dictionary(by), None)?.of_rows;
        let is_real = matches!(values.cells(), Cells::Reals(_));
        // A total of a lot is the same in all its rows, and of no use where there are none.
        let is_total = limit.nodes().iter().any(|node| matches!(node.op, Op::Input(_)));
        let limits = if is_total { Some(self.values(limit, set)?) } else { None };
        let of_all = if is_total { Enough::Rows(0) } else { enough(ranking.until, &self.constant(limit)?, is_real)? };
        let mut taken = Vec::new();
        for range in lots.ranges() {
            budget.check()?;
            let mut rows: Vec<u32> = (range.start as u32..range.end as u32).collect();
            match ranking.bottom {
                true => rows.sort_by_key(|row| ranks[*row as usize]),
                false => rows.sort_by_key(|row| std::cmp::Reverse(ranks[*row as usize])),
            }
            let of_lot = limits.as_ref().filter(|_| !rows.is_empty()).map(|limits| {
                let limit = limits.value(range.start, limit.ty()).map_err(Failure::error)?;
                enough(ranking.until, &limit, is_real)
            });
            let n = n_taken(of_lot.transpose()?.as_ref().unwrap_or(&of_all), &values, &rows)?;
            rows.truncate(n);
            rows.sort_unstable();
            taken.append(&mut rows);
        }
        Ok(taken)
    }
}

fn enough(until: Until, limit: &Value, is_real: bool) -> Result<Enough> {
    let number = || match limit {
        Value::Real(x) => Some(x.get()),
        other => exact_of(other).map(Exact::to_f64),
    };
    match until {
        // Null, as of no rows at all, takes none.
        _ if *limit == Value::Null => Ok(Enough::Rows(0)),
        Until::Count => {
            let n = exact_of(limit).filter(|n| n.floor() == *n).map(Exact::truncated);
            let n = n.and_then(|n| u64::try_from(n).ok()).ok_or_else(|| wrong("a number of rows from 0 on"))?;
            Ok(Enough::Rows(usize::try_from(n).unwrap_or(usize::MAX)))
        }
        Until::Sum | Until::Percent if is_real || matches!(limit, Value::Real(_)) => {
            let number = number().ok_or_else(|| wrong("a number"))?;
            Ok(if until == Until::Sum { Enough::RealSum(number) } else { Enough::RealPercent(number) })
        }
        Until::Sum => exact_of(limit).map(Enough::Sum).ok_or_else(|| wrong("a number")),
        Until::Percent => exact_of(limit).map(Enough::Percent).ok_or_else(|| wrong("a number")),
    }
}

/// How many of the rows it takes, in their order; all if there is never enough.
fn n_taken(enough: &Enough, values: &Column<'_>, rows: &[u32]) -> Result<usize> {
    let overflow = || Failure::Overflow.error();
    match enough {
        Enough::Rows(n) => Ok(*n),
        Enough::Sum(wanted) => reaching(values, rows, *wanted),
        Enough::Percent(percent) => {
            let sum = rows.iter().try_fold(Exact::default(), |sum, row| sum.add(exact(values, *row)));
            let share = sum.and_then(|sum| sum.multiply(*percent)?.divide(Exact::new(100, 0)));
            reaching(values, rows, share.ok_or_else(overflow)?)
        }
        Enough::RealSum(wanted) => Ok(reaching_real(values, rows, *wanted)),
        Enough::RealPercent(percent) => {
            let sum: f64 = rows.iter().map(|row| real(values, *row)).sum();
            Ok(reaching_real(values, rows, sum * percent / 100.0))
        }
    }
}

/// How many rows it takes until their values reach a sum.
fn reaching(values: &Column<'_>, rows: &[u32], wanted: Exact) -> Result<usize> {
    let mut sum = Exact::default();
    for (n, row) in rows.iter().enumerate() {
        if sum >= wanted {
            return Ok(n);
        }
        sum = sum.add(exact(values, *row)).ok_or_else(|| Failure::Overflow.error())?;
    }
    Ok(rows.len())
}

fn reaching_real(values: &Column<'_>, rows: &[u32], wanted: f64) -> usize {
    let mut sum = 0.0;
    for (n, row) in rows.iter().enumerate() {
        if sum >= wanted {
            return n;
        }
        sum += real(values, *row);
    }
    rows.len()
}

/// The number of a row; null adds nothing.
fn exact(values: &Column<'_>, row: u32) -> Exact {
    if values.state(row as usize) == VALUE { values.exact(row as usize) } else { Exact::default() }
}

fn real(values: &Column<'_>, row: u32) -> f64 {
    match values.state(row as usize) {
        VALUE if matches!(values.cells(), Cells::Reals(_)) => values.reals().get(row as usize),
        VALUE => values.exact(row as usize).to_f64(),
        _ => 0.0,
    }
}

fn wrong(what: &str) -> Error {
    let message = format!("a ranking takes {what}");
    Error::one(ErrorKind::Query, Diagnostic::new(Code::WrongArgument, Severity::Error, Place::Request, message))
}
