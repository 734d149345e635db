//! Quotients of decimals compared: multiplied out rather than divided to 24 places, where that decides the same.

use crate::exec::eval::arithmetic::{self, narrow};
use crate::exec::eval::column::{Arg, Cells, Column};
use crate::exec::eval::compare::compare as compare_columns;
use crate::exec::eval::exact::unit;
use crate::exec::eval::kernel::{joined, n_cells};
use crate::exec::eval::state::{FALSE, Failure, NULL, VALUE};
use crate::model::decimal::MAX_SCALE;
use crate::model::fold::Collation;
use crate::query::predicate::Order;
use crate::query::predicate::expr::{Arithmetic, Type};

/// A quotient with fewer digits before its point has a mantissa of 128 bits.
const WHOLE_DIGITS: u8 = 14;

/// Whether dividend by divisor, as decimals, lies so to a number.
pub(crate) fn compare<'a>(order: Order, [n, d, to]: [&Column<'_>; 3], both_null: bool) -> Column<'a> {
    if let Some(truths) = multiplied_out(order, [n, d, to]) {
        return Column::new(n.len(), Cells::Truths(truths), Vec::new());
    }
    let quotient = arithmetic::compute(Arithmetic::Divide, [n, d], [Type::Decimal; 2], Type::Decimal);
    compare_columns(order, [&quotient, to], both_null, Collation::Exact, Type::Decimal)
}

/// None unless `to` is one number in all rows, and the numbers are short enough for both products and for what follows.
///
/// With integers `n`, `d`, `to` and powers of ten for their places, `n / d` and `to` differ by nothing or by at least one part in
/// `d` times those powers. Where that is no less than the last place of a quotient, rounding half away from zero cannot bring
/// the quotient to the other side of `to` or onto it.
fn multiplied_out(order: Order, [n, d, to]: [&Column<'_>; 3]) -> Option<Vec<u8>> {
    let ((n_cells_of, n_scale), (d_cells, d_scale), (to_cell, to_scale)) = (narrow(n)?, narrow(d)?, narrow(to)?);
    let Arg::One(to_cell) = to_cell else { return None };
    if to.state(0) != VALUE || n_scale.max(d_scale).max(to_scale) > MAX_SCALE / 4 {
        return None;
    }
    let factor = i64::try_from(unit(d_scale + to_scale)).ok()?;
    let bound = i64::try_from(i128::from(to_cell) * unit(n_scale)).ok()?;
    let (most_n, most_d) = (most(n_cells_of), most(d_cells));
    let is_short = u128::from(most_n) * unit(d_scale).unsigned_abs() < unit(WHOLE_DIGITS + n_scale).unsigned_abs();
    let is_apart = u128::from(most_d) * unit(n_scale + to_scale).unsigned_abs() <= unit(MAX_SCALE).unsigned_abs();
    if !is_short || !is_apart {
        return None;
    }
    let holds = |n: i64, d: i64| {
        let (n, bound) = (i128::from(n) * i128::from(factor), i128::from(bound) * i128::from(d));
        u8::from(if d < 0 { order.holds(&bound, &n) } else { order.holds(&n, &bound) })
    };
    let n_cells = n_cells(&[n, d]);
    let states = joined(n_cells, &[n, d]);
    let truth = |row: usize| match (states.get(row).copied().unwrap_or(VALUE), d_cells.get(row)) {
        (VALUE, 0) => Failure::DivisionByZero.state(),
        (VALUE, by) => holds(n_cells_of.get(row), by),
        (NULL, _) => FALSE,
        (failed, _) => failed,
    };
    Some((0..n_cells).map(truth).collect())
}

fn most(cells: Arg<'_, i64>) -> u64 {
    match cells {
        Arg::One(n) => n.unsigned_abs(),
        Arg::Many(cells) => cells.iter().map(|n| n.unsigned_abs()).max().unwrap_or(0),
    }
}
