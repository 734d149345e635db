//! How a function of cells becomes one of columns: states come together, what fails gets its own.

use crate::exec::eval::column::{Arg, Cells, Column, zip};
use crate::exec::eval::state::{Failure, VALUE};

/// The states of a computation that needs all of these, for as many cells; empty if all are values.
pub(crate) fn joined(n_cells: usize, operands: &[&Column<'_>]) -> Vec<u8> {
    let mut all: Vec<u8> = Vec::new();
    for operand in operands {
        let states = operand.states();
        if states.iter().all(|state| *state == VALUE) {
            continue;
        }
        if all.is_empty() {
            all = vec![VALUE; n_cells];
        }
        match Arg::new(&states) {
            Arg::One(state) => all.iter_mut().for_each(|a| *a = (*a).max(state)),
            Arg::Many(states) => all.iter_mut().zip(states).for_each(|(a, state)| *a = (*a).max(*state)),
        }
    }
    all
}

/// How many cells a result of these has.
pub(crate) fn n_cells(operands: &[&Column<'_>]) -> usize {
    operands.iter().map(|operand| operand.n_cells()).find(|n| *n != 1).unwrap_or(1)
}

/// A column of what `f` makes of two operands that are both values, cell by cell; what fails is zero.
pub(crate) fn pairwise<'a, A: Copy, B: Copy, R: Default>(
    (a, b): (&Column<'_>, &Column<'_>),
    (left, right): (Arg<'_, A>, Arg<'_, B>),
    f: impl Fn(A, B) -> Result<R, Failure>,
    cells: impl FnOnce(Vec<R>) -> Cells<'a>,
) -> Column<'a> {
    let n_cells = n_cells(&[a, b]);
    let mut states = joined(n_cells, &[a, b]);
    let mut failed: Vec<(usize, u8)> = Vec::new();
    let mut at = 0;
    let found = zip(left, right, |left, right| {
        let is_value = states.get(at).is_none_or(|state| *state == VALUE);
        at += 1;
        match is_value.then(|| f(left, right)) {
            Some(Ok(found)) => found,
            Some(Err(failure)) => {
                failed.push((at - 1, failure.state()));
                R::default()
            }
            None => R::default(),
        }
    });
    if !failed.is_empty() {
        states.resize(n_cells, VALUE);
        failed.into_iter().for_each(|(at, state)| states[at] = state);
    }
    Column::new(a.len(), cells(found), states)
}

/// A column of what `f` makes of each integer that is a value, which cannot fail; it is asked of what stands elsewhere too.
pub(crate) fn each_integer<'a, R>(
    operand: &Column<'_>,
    f: impl Fn(i64) -> R,
    cells: impl FnOnce(Vec<R>) -> Cells<'a>,
) -> Column<'a> {
    let found = match operand.cells() {
        Cells::Integers(integers) => integers.iter().map(|n| f(*n)).collect(),
        _ => (0..operand.n_cells()).map(|_| f(0)).collect(),
    };
    Column::new(operand.len(), cells(found), operand.states().into_owned())
}

/// A column of what `f` makes of operands that are all values: it gets the number of a row that shows them and answers a value or the state in its place.
pub(crate) fn by_cell<'a, R: Default>(
    operands: &[&Column<'_>],
    n: usize,
    f: impl Fn(usize) -> Result<R, u8>,
    cells: impl FnOnce(Vec<R>) -> Cells<'a>,
) -> Column<'a> {
    let n_cells = n_cells(operands);
    let mut states = joined(n_cells, operands);
    let mut found = Vec::with_capacity(n_cells);
    for at in 0..n_cells {
        if states.get(at).is_some_and(|state| *state != VALUE) {
            found.push(R::default());
            continue;
        }
        found.push(f(at).unwrap_or_else(|state| {
            states.resize(n_cells, VALUE);
            states[at] = state;
            R::default()
        }));
    }
    Column::new(n, cells(found), states)
}
