//! One step of an evaluation: what an act makes of the columns of its operands.

use crate::exec::eval::act::Act;
use crate::exec::eval::arithmetic;
use crate::exec::eval::cast::cast;
use crate::exec::eval::column::{Cells, Column, zip};
use crate::exec::eval::compare::{Members, compare};
use crate::exec::eval::moment;
use crate::exec::eval::quotient;
use crate::exec::eval::round;
use crate::exec::eval::select::select;
use crate::exec::eval::state;
use crate::exec::eval::text;
use crate::model::time::Zone;
use crate::query::predicate::expr::Type;

/// What an act makes of its operands, which have these types, as a column of type `ty`.
pub(crate) fn apply<'a>(act: &Act, operands: &[&Column<'a>], types: &[Type], ty: Type, zone: &Zone) -> Column<'a> {
    match (act, operands, types) {
        (Act::Not, [a], _) => truths(a, state::not),
        (Act::IsTrue, [a], _) => truths(a, |truth| if truth == state::NULL { state::FALSE } else { truth }),
        (Act::And, [a, b], _) => both(a, b, state::and),
        (Act::Or, [a, b], _) => both(a, b, state::or),
        (Act::Compare { order, both_null, collation }, [a, b], [of, ..]) => {
            compare(*order, [a, b], *both_null, *collation, *of)
        }
        (Act::CompareQuotient { order, both_null }, [n, d, to], _) => quotient::compare(*order, [n, d, to], *both_null),
        (Act::OneOf { values, collation }, [a], [of]) => Members::new(values, *of, *collation).contain(a),
        (Act::Negate, [a], _) => arithmetic::negate(a),
        (Act::Arithmetic(op), [a, b], [left, right]) => arithmetic::compute(*op, [a, b], [*left, *right], ty),
        (Act::Call(call), [first, ..], [of, ..]) => {
            let found = text::call(call, operands).or_else(|| round::call(call, first));
            found.or_else(|| moment::call(call, first, *of, zone)).unwrap_or_else(|| unknown(first, ty))
        }
        (Act::Append, [a, b], _) => text::append((*a).clone(), b),
        (Act::Select, [rest, condition, value], _) => select(rest, condition, value, ty),
        (Act::Cast, [a], [from]) => cast(a, *from, ty, zone),
        _ => unknown(operands.first().copied().unwrap_or(&Column::filled(1, state::NULL, ty)), ty),
    }
}

/// The binder makes no act without its operands.
fn unknown<'a>(like: &Column<'_>, ty: Type) -> Column<'a> {
    debug_assert!(false, "an act without its operands");
    Column::filled(like.len(), state::NULL, ty)
}

fn truths<'a>(column: &Column<'_>, f: impl Fn(u8) -> u8) -> Column<'a> {
    let truths = zip(column.truths(), column.truths(), |truth, _| f(truth));
    Column::new(column.len(), Cells::Truths(truths), Vec::new())
}

fn both<'a>(a: &Column<'_>, b: &Column<'_>, f: impl Fn(u8, u8) -> u8) -> Column<'a> {
    Column::new(a.len(), Cells::Truths(zip(a.truths(), b.truths(), f)), Vec::new())
}
