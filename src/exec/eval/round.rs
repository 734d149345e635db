//! Numbers to whole ones, which are of the same type.

use crate::exec::eval::column::{Arg, Cells, Column, Decimals};
use crate::exec::eval::exact::{Exact, unit};
use crate::exec::eval::kernel::by_cell;
use crate::query::predicate::expr::Call;

/// Rounded half away from zero, down or up; none if the call is another.
pub(crate) fn call<'a>(call: &Call, arg: &Column<'a>) -> Option<Column<'a>> {
    let of_exact = match call {
        Call::Round => Exact::round,
        Call::Floor => Exact::floor,
        Call::Ceiling => Exact::ceiling,
        _ => return None,
    };
    let of_real = match call {
        Call::Round => f64::round,
        Call::Floor => f64::floor,
        _ => f64::ceil,
    };
    Some(match arg.cells() {
        Cells::Decimals(Decimals::Narrow(cells, scale)) => {
            let cells = match i64::try_from(unit(*scale)) {
                Ok(unit) => cells.iter().map(|n| narrow(call, *n, unit)).collect(),
                // All lie between -1 and 1.
                Err(_) => cells.iter().map(|n| of_exact(Exact::new((*n).into(), *scale)).mantissa as i64).collect(),
            };
            Column::new(arg.len(), Cells::Decimals(Decimals::Narrow(cells, 0)), arg.states().into_owned())
        }
        Cells::Decimals(Decimals::Wide(_)) => {
            let wide = |cells| Cells::Decimals(Decimals::Wide(cells));
            by_cell(&[arg], arg.len(), |at| Ok(of_exact(arg.exact(at))), wide)
        }
        Cells::Reals(cells) => {
            let cells = Arg::new(cells);
            by_cell(&[arg], arg.len(), |at| Ok(of_real(cells.get(at)) + 0.0), Cells::Reals)
        }
        _ => arg.clone(),
    })
}

fn narrow(call: &Call, n: i64, unit: i64) -> i64 {
    match call {
        Call::Floor => n.div_euclid(unit),
        Call::Ceiling => n.div_euclid(unit) + i64::from(n.rem_euclid(unit) > 0),
        _ => {
            let (whole, rest) = (n / unit, n % unit);
            // Of the same sign as the number.
            whole + i64::from(rest.unsigned_abs() * 2 >= unit.unsigned_abs()) * rest.signum()
        }
    }
}
