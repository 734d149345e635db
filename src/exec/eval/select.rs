//! One of two columns by row, as a condition says: what a case is made of.

use crate::exec::eval::arithmetic::{narrow, rescaled};
use crate::exec::eval::column::{Arg, Cells, Column, Decimals, Texts};
use crate::exec::eval::state::{FAILED, TRUE, VALUE};
use crate::query::predicate::expr::Type;

/// `value` where the condition is true, else `rest`; a condition that failed fails. What stands in the branch that is not
/// taken has no say.
pub(crate) fn select<'a>(rest: &Column<'a>, condition: &Column<'a>, value: &Column<'a>, ty: Type) -> Column<'a> {
    let n = condition.len();
    let truths = condition.truths();
    if let Arg::One(truth) = truths {
        return match truth {
            TRUE => value.clone(),
            failed if failed >= FAILED => Column::filled(n, failed, ty),
            _ => rest.clone(),
        };
    }
    let takes = |row: usize| truths.get(row) == TRUE;
    let one_of = |row: usize| if takes(row) { value } else { rest };
    let cells = match ty {
        Type::Boolean => {
            let truth = |row: usize| match truths.get(row) {
                failed if failed >= FAILED => failed,
                _ => one_of(row).truths().get(row),
            };
            return Column::new(n, Cells::Truths((0..n).map(truth).collect()), Vec::new());
        }
        Type::Decimal => Cells::Decimals(decimals(n, rest, value, takes)),
        Type::Real => Cells::Reals(merged(n, rest.reals(), value.reals(), takes)),
        Type::Guid => Cells::Guids(merged(n, rest.guids(), value.guids(), takes)),
        Type::Text => Cells::Texts(texts(n, rest, value, takes)),
        _ => Cells::Integers(merged(n, rest.integers(), value.integers(), takes)),
    };
    let state = |row: usize| match truths.get(row) {
        failed if failed >= FAILED => failed,
        _ => one_of(row).state(row),
    };
    let states: Vec<u8> = (0..n).map(state).collect();
    let all_values = states.iter().all(|state| *state == VALUE);
    Column::new(n, cells, if all_values { Vec::new() } else { states })
}

/// The cell of one or the other by row.
fn merged<T: Copy>(n: usize, rest: Arg<'_, T>, value: Arg<'_, T>, takes: impl Fn(usize) -> bool) -> Vec<T> {
    (0..n).map(|row| if takes(row) { value.get(row) } else { rest.get(row) }).collect()
}

fn decimals(n: usize, rest: &Column<'_>, value: &Column<'_>, takes: impl Fn(usize) -> bool) -> Decimals {
    let aligned = || {
        let (rest, value) = (narrow(rest)?, narrow(value)?);
        let scale = rest.1.max(value.1);
        Some((rescaled(rest, scale)?, rescaled(value, scale)?, scale))
    };
    match aligned() {
        Some((rest, value, scale)) => {
            let (rest, value) = (Arg::new(&rest), Arg::new(&value));
            let cells = (0..n).map(|row| if takes(row) { value.get(row) } else { rest.get(row) });
            Decimals::Narrow(cells.collect(), scale)
        }
        None => Decimals::Wide((0..n).map(|row| if takes(row) { value.exact(row) } else { rest.exact(row) }).collect()),
    }
}

fn texts<'a>(n: usize, rest: &Column<'a>, value: &Column<'a>, takes: impl Fn(usize) -> bool) -> Texts<'a> {
    match (rest.cells(), value.cells()) {
        (Cells::Texts(Texts::Ids(domain, rest)), Cells::Texts(Texts::Ids(other, value)))
            if std::ptr::eq(*domain, *other) && rest.len() == n && value.len() == n =>
        {
            Texts::Ids(domain, (0..n).map(|row| if takes(row) { value[row] } else { rest[row] }).collect())
        }
        _ => Texts::Own(
            (0..n).map(|row| if takes(row) { value.text(row) } else { rest.text(row) }).map(Into::into).collect(),
        ),
    }
}
