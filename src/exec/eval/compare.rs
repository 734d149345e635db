//! Two columns compared, and a column against a list of values: never null.

use std::cmp::Ordering;

use crate::base::hash::HashSet;
use crate::exec::eval::arithmetic::{narrow, rescaled};
use crate::exec::eval::column::{Arg, Cells, Column, zip};
use crate::exec::eval::exact::Exact;
use crate::exec::eval::kernel::{joined, n_cells};
use crate::exec::eval::state::{FAILED, FALSE, NULL, TRUE, VALUE};
use crate::exec::test::FEW;
use crate::model::fold::Collation;
use crate::model::value::Value;
use crate::query::predicate::Order;
use crate::query::predicate::expr::Type;

/// Whether the rows of two columns of one type lie so to one another.
pub(crate) fn compare<'a>(
    order: Order,
    [a, b]: [&Column<'_>; 2],
    both_null: bool,
    collation: Collation,
    ty: Type,
) -> Column<'a> {
    let mut truths = match ty {
        Type::Boolean => ordered(order, a.truths(), b.truths()),
        Type::Decimal => decimals(order, a, b),
        // Nothing lies to a NaN, which is what comparing binary numbers says already.
        Type::Real => ordered(order, a.reals(), b.reals()),
        Type::Guid => ordered(order, a.guids(), b.guids()),
        Type::Text => texts(order, a, b, collation),
        _ => ordered(order, a.integers(), b.integers()),
    };
    if !joined(truths.len(), &[a, b]).is_empty() {
        let of_nulls = match order {
            Order::Equal => true,
            Order::LessOrEqual | Order::GreaterOrEqual => both_null,
            Order::Less | Order::Greater => false,
        };
        for (row, truth) in truths.iter_mut().enumerate() {
            *truth = match (a.state(row), b.state(row)) {
                (VALUE, VALUE) => *truth,
                (NULL, NULL) => of_nulls.into(),
                (a, b) if a.max(b) >= FAILED => a.max(b),
                _ => FALSE,
            };
        }
    }
    Column::new(a.len(), Cells::Truths(truths), Vec::new())
}

fn ordered<T: Copy + PartialOrd>(order: Order, a: Arg<'_, T>, b: Arg<'_, T>) -> Vec<u8> {
    match order {
        Order::Equal => zip(a, b, |a, b| u8::from(a == b)),
        Order::Less => zip(a, b, |a, b| u8::from(a < b)),
        Order::LessOrEqual => zip(a, b, |a, b| u8::from(a <= b)),
        Order::Greater => zip(a, b, |a, b| u8::from(a > b)),
        Order::GreaterOrEqual => zip(a, b, |a, b| u8::from(a >= b)),
    }
}

fn decimals(order: Order, a: &Column<'_>, b: &Column<'_>) -> Vec<u8> {
    let aligned = || {
        let (a, b) = (narrow(a)?, narrow(b)?);
        let scale = a.1.max(b.1);
        rescaled(a, scale).zip(rescaled(b, scale))
    };
    if let Some((a, b)) = aligned() {
        return ordered(order, Arg::new(&a), Arg::new(&b));
    }
    (0..n_cells(&[a, b])).map(|row| order.holds(&a.exact(row), &b.exact(row)).into()).collect()
}

fn texts(order: Order, a: &Column<'_>, b: &Column<'_>, collation: Collation) -> Vec<u8> {
    let n_cells = n_cells(&[a, b]);
    // What stands for all rows is folded once.
    let folded = |column: &Column<'_>| (column.n_cells() == 1).then(|| collation.fold(column.text(0)).into_owned());
    let (a_folded, b_folded) = (folded(a), folded(b));
    let holds = |row| {
        let a = a_folded.as_deref().map_or_else(|| collation.fold(a.text(row)), Into::into);
        let b = b_folded.as_deref().map_or_else(|| collation.fold(b.text(row)), Into::into);
        u8::from(order.holds(&a, &b))
    };
    (0..n_cells).map(holds).collect()
}

/// Values that cells are looked up in.
#[derive(Clone, Debug)]
pub(crate) struct Members {
    has_null: bool,
    collation: Collation,
    of: Listed,
}

#[derive(Clone, Debug)]
enum Listed {
    /// 1 for false and for true, if it is a member.
    Truths([u8; 2]),
    Integers(HashSet<i64>),
    /// So few that each is compared with, which is vector code.
    FewIntegers(Vec<i64>),
    /// Ascending.
    Decimals(Vec<Exact>),
    /// Ascending, without NaN.
    Reals(Vec<f64>),
    Guids(HashSet<u128>),
    /// Folded.
    Texts(HashSet<Box<str>>),
}

impl Members {
    /// The values of that type and whether null is among them.
    pub(crate) fn new(values: &[Value], ty: Type, collation: Collation) -> Self {
        let columns: Vec<Column<'_>> = values.iter().map(|value| Column::constant(1, value, ty)).collect();
        let has_null = columns.iter().any(|column| column.state(0) == NULL);
        let known = || columns.iter().filter(|column| column.state(0) == VALUE);
        let of = match ty {
            Type::Boolean => Listed::Truths([FALSE, TRUE].map(|b| known().any(|c| c.truths().get(0) == b).into())),
            Type::Decimal => {
                let mut decimals: Vec<Exact> = known().map(|column| column.exact(0)).collect();
                decimals.sort_unstable();
                Listed::Decimals(decimals)
            }
            Type::Real => {
                let mut reals: Vec<f64> = known().map(|c| c.reals().get(0)).filter(|x| !x.is_nan()).collect();
                reals.sort_unstable_by(f64::total_cmp);
                Listed::Reals(reals)
            }
            Type::Guid => Listed::Guids(known().map(|column| column.guids().get(0)).collect()),
            Type::Text => Listed::Texts(known().map(|column| collation.fold(column.text(0)).into()).collect()),
            _ => {
                let integers: Vec<i64> = known().map(|column| column.integers().get(0)).collect();
                match integers.len() <= FEW {
                    true => Listed::FewIntegers(integers),
                    false => Listed::Integers(integers.into_iter().collect()),
                }
            }
        };
        Self { has_null, collation, of }
    }

    /// Which rows of a column are members.
    pub(crate) fn contain<'a>(&self, column: &Column<'_>) -> Column<'a> {
        if let (Listed::FewIntegers(few), Cells::Integers(cells), true) =
            (&self.of, column.cells(), column.states().is_empty())
        {
            let mut truths = vec![FALSE; cells.len()];
            for wanted in few {
                truths.iter_mut().zip(cells).for_each(|(truth, n)| *truth |= u8::from(n == wanted));
            }
            return Column::new(column.len(), Cells::Truths(truths), Vec::new());
        }
        let is_member = |row: usize| match &self.of {
            Listed::Truths(members) => members.get(usize::from(column.truths().get(row))) == Some(&1),
            Listed::Integers(members) => members.contains(&column.integers().get(row)),
            Listed::FewIntegers(members) => members.contains(&column.integers().get(row)),
            Listed::Decimals(members) => members.binary_search(&column.exact(row)).is_ok(),
            Listed::Reals(members) => {
                let x = column.reals().get(row);
                members.binary_search_by(|member| member.partial_cmp(&x).unwrap_or(Ordering::Less)).is_ok()
            }
            Listed::Guids(members) => members.contains(&column.guids().get(row)),
            Listed::Texts(members) => members.contains(&*self.collation.fold(column.text(row))),
        };
        let truth = |row| match column.state(row) {
            VALUE => is_member(row).into(),
            NULL => self.has_null.into(),
            failed => failed,
        };
        Column::new(column.len(), Cells::Truths((0..column.n_cells()).map(truth).collect()), Vec::new())
    }
}
