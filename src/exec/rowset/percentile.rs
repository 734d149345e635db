//! The number at a part of the way through the values of the rows with equal keys, as a further column.

use crate::base::error::{Error, Result};
use crate::exec::eval::column::{Cells, Column};
use crate::exec::eval::exact::Exact;
use crate::exec::eval::state::{Failure, VALUE};
use crate::exec::rowset::group::Groups;
use crate::exec::rowset::lots::Lots;
use crate::exec::rowset::ranks::{Ranks, no_failure};
use crate::exec::rowset::set::{Computed, Named, RowSet};
use crate::exec::rowset::steps::Steps;
use crate::exec::rowset::values::column_of;
use crate::model::decimal::Decimal;
use crate::model::ratio::Fraction;
use crate::model::real::Real;
use crate::model::value::Value;
use crate::query::predicate::expr::{Expr, Type};

impl<'a> Steps<'_, 'a> {
    /// The rows with one column more. `O(n log n)`.
    pub(crate) fn with_percentile(
        &self,
        set: RowSet<'a>,
        lots: &Lots,
        value: &Expr,
        (part, partition): (Fraction, &[Expr]),
    ) -> Result<Computed<'a>> {
        let ty = value.ty();
        let numbers = self.values(value, &set)?;
        no_failure(&numbers)?;
        let keys: Vec<Ranks> = partition.iter().map(|key| self.ranks(&set, key)).collect::<Result<_>>()?;
        let RowSet::Computed(mut computed) = set else {
            return Err(Error::internal("a percentile of rows that are not computed"));
        };
        let n_bytes = computed.n * size_of::<u32>() * (keys.len() + 3) + numbers.bytes();
        let _memory = self.request.budget.reserve(n_bytes)?;
        let groups = Groups::new(lots, &keys.iter().collect::<Vec<_>>());
        let mut rows: Vec<u32> = (0..computed.n as u32).filter(|row| numbers.state(*row as usize) == VALUE).collect();
        sort(&mut rows, &groups.of_rows, &numbers);
        let mut found = vec![Value::Null; groups.n];
        for run in rows.chunk_by(|a, b| groups.of_rows[*a as usize] == groups.of_rows[*b as usize]) {
            self.request.budget.check()?;
            if let Some(first) = run.first() {
                found[groups.of_rows[*first as usize] as usize] = at(run, part, &numbers, ty)?;
            }
        }
        let gives = if ty == Type::Integer { Type::Decimal } else { ty };
        let of_rows = column_of(&found, gives).gather(&groups.of_rows);
        computed.columns.push(Named::new(of_rows, gives));
        Ok(computed)
    }
}

/// By group, then by number.
fn sort(rows: &mut [u32], group_of: &[u32], numbers: &Column<'_>) {
    let group = |row: &u32| group_of[*row as usize];
    match numbers.cells() {
        Cells::Reals(_) => {
            rows.sort_unstable_by_key(|row| (group(row), Real::from(numbers.reals().get(*row as usize))));
        }
        Cells::Integers(_) => rows.sort_unstable_by_key(|row| (group(row), numbers.integers().get(*row as usize))),
        _ => rows.sort_unstable_by_key(|row| (group(row), numbers.exact(*row as usize))),
    }
}

/// The number at a part of the way from the first to the last row, between neighbours in proportion.
#[expect(clippy::cast_precision_loss, reason = "a place between two binary numbers is one")]
fn at(sorted: &[u32], part: Fraction, numbers: &Column<'_>, ty: Type) -> Result<Value> {
    let Some(last) = sorted.len().checked_sub(1) else { return Ok(Value::Null) };
    // Fractions have few digits and rows fit the memory, so this stays far inside 128 bits.
    let over = part.part * last as u128;
    let (below, rest) = ((over / part.whole) as usize, over % part.whole);
    let (low, high) = (sorted[below] as usize, sorted[(below + 1).min(last)] as usize);
    if ty == Type::Real {
        let (low, high) = (numbers.reals().get(low), numbers.reals().get(high));
        let way = rest as f64 / part.whole as f64;
        return Ok(Value::Real(Real::from(if rest == 0 { low } else { low + (high - low) * way })));
    }
    let (low, high) = (numbers.exact(low), numbers.exact(high));
    let way = |n: u128| Some(Exact::new(i128::try_from(n).ok()?, 0));
    let between = || {
        let part = high.subtract(low)?.multiply(way(rest)?)?.divide(way(part.whole)?)?;
        low.add(part)
    };
    let number = if rest == 0 { low } else { between().ok_or_else(|| Failure::Overflow.error())? };
    Ok(match ty {
        Type::Duration => Value::Duration(i64::try_from(number.round().truncated()).unwrap_or_default()),
        _ => Value::Decimal(Decimal::from(number)),
    })
}
