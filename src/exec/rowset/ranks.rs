//! Values as small numbers that lie to one another as the values do: what rows are grouped, ordered and told apart by.

use std::cmp::Reverse;
use std::hash::Hash;

use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::data::block::FIRST_ID;
use crate::data::domain::Domain;
use crate::exec::eval::column::{Cells, Column, Decimals, Texts};
use crate::exec::eval::state::{Failure, NULL, TRUE, VALUE};
use crate::model::real::Real;
use crate::query::predicate::expr::Type;

/// Numbers of the values of a column.
#[derive(Clone, Debug)]
pub(crate) struct Ranks {
    /// By row: 0 for null, the same for equal values, a greater one for a greater value.
    pub(crate) of_rows: Vec<u32>,
    shown: Shown,
}

/// How the value of a rank is shown.
#[derive(Clone, Debug)]
enum Shown {
    /// By rank: a row that has it; none has null if that is rank 0 and no row has that.
    Rows(Vec<u32>),
    /// By rank: an id. Of texts that are held equal it is the one that the schema declares, else the one that most rows have,
    /// of several such the least by code point.
    Ids(Vec<u32>),
}

impl Ranks {
    /// How many ranks there are, that of null included.
    pub(crate) fn n(&self) -> usize {
        match &self.shown {
            Shown::Rows(shown) | Shown::Ids(shown) => shown.len(),
        }
    }

    /// The values of some ranks of the column that they are of.
    pub(crate) fn values<'a>(&self, column: &Column<'a>, ty: Type, ranks: impl Iterator<Item = u32>) -> Column<'a> {
        match (&self.shown, column.cells()) {
            (Shown::Ids(shown), Cells::Texts(Texts::Ids(domain, _))) => {
                let ids: Vec<u32> = ranks.map(|rank| shown[rank as usize]).collect();
                let states = ids.iter().map(|id| if *id == 0 { NULL } else { VALUE }).collect();
                Column::new(ids.len(), Cells::Texts(Texts::Ids(domain, ids)), states)
            }
            (Shown::Rows(shown) | Shown::Ids(shown), _) => {
                let rows: Vec<Option<u32>> = ranks.map(|rank| (rank > 0).then(|| shown[rank as usize])).collect();
                picked(column, ty, &rows)
            }
        }
    }
}

/// Rows of a column by their numbers, null where there is none.
pub(crate) fn picked<'a>(column: &Column<'a>, ty: Type, rows: &[Option<u32>]) -> Column<'a> {
    if column.len() == 0 {
        return Column::filled(rows.len(), NULL, ty);
    }
    let all: Vec<u32> = rows.iter().map(|row| row.unwrap_or(0)).collect();
    let taken = column.gather(&all);
    if rows.iter().all(Option::is_some) {
        return taken;
    }
    if ty == Type::Boolean {
        let truths = taken.into_truths();
        let truths = truths.into_iter().zip(rows).map(|(truth, row)| if row.is_some() { truth } else { NULL });
        return Column::new(rows.len(), Cells::Truths(truths.collect()), Vec::new());
    }
    // A single cell that stands for all rows does so no more.
    let wide = match taken.n_cells() == rows.len() {
        true => taken,
        false => Column::concat((0..rows.len()).map(|_| taken.slice(0, 1)).collect(), ty),
    };
    let states = rows.iter().enumerate().map(|(at, row)| if row.is_some() { wide.state(at) } else { NULL }).collect();
    Column::new(rows.len(), wide.into_cells(), states)
}

/// The ranks of a column's values; a row that failed ends the request. Texts of a dictionary are equal and ordered as its
/// field has it if `by_dictionary`, all others by code point. A row stands for so many as its weight says, if there are
/// weights. `O(n)` and `O(n log n)` of the distinct values.
pub(crate) fn ranks(column: &Column<'_>, by_dictionary: bool, weights: Option<&[u64]>) -> Result<Ranks> {
    let n = column.len();
    no_failure(column)?;
    if column.n_cells() == 1 && n > 1 {
        let one = ranks(&column.slice(0, 1), by_dictionary, None)?;
        let rank = one.of_rows.first().copied().unwrap_or(0);
        return Ok(Ranks { of_rows: vec![rank; n], shown: one.shown });
    }
    let states = column.states();
    let is_value = |row: usize| states.get(row).is_none_or(|state| *state == VALUE);
    Ok(match column.cells() {
        Cells::Truths(truths) => {
            let rank = |truth: &u8| if *truth == NULL { 0 } else { 1 + u32::from(*truth == TRUE) };
            ranked(n, |row| Some(rank(&truths[row])).filter(|rank| *rank > 0))
        }
        Cells::Integers(cells) | Cells::Decimals(Decimals::Narrow(cells, _)) => {
            ranked(n, |row| is_value(row).then(|| cells[row]))
        }
        Cells::Decimals(Decimals::Wide(cells)) => ranked(n, |row| is_value(row).then(|| cells[row].parts())),
        Cells::Reals(cells) => ranked(n, |row| is_value(row).then(|| Real::from(cells[row]))),
        Cells::Guids(cells) => ranked(n, |row| is_value(row).then(|| cells[row])),
        Cells::Texts(Texts::Ids(domain, ids)) if by_dictionary => of_ids(domain, ids, weights),
        Cells::Texts(texts) => ranked(n, |row| is_value(row).then(|| texts.get(row))),
    })
}

/// An error if some row failed: that of the first.
pub(crate) fn no_failure(column: &Column<'_>) -> Result<()> {
    let failure = column.states().iter().find_map(|state| Failure::of_state(*state));
    failure.map_or(Ok(()), |failure| Err(failure.error()))
}

/// Ranks by keys; rows without one are null.
fn ranked<K: Copy + Eq + Hash + Ord>(n: usize, key: impl Fn(usize) -> Option<K>) -> Ranks {
    let mut numbers: HashMap<K, u32> = HashMap::default();
    let mut firsts: Vec<(K, u32)> = Vec::new();
    // The number of a key is one more than its place among the first rows.
    let mut of_rows = Vec::with_capacity(n);
    let mut last: Option<(K, u32)> = None;
    for row in 0..n {
        let Some(key) = key(row) else {
            of_rows.push(0);
            continue;
        };
        let number = match last {
            Some((same, number)) if same == key => number,
            _ => *numbers.entry(key).or_insert_with(|| {
                firsts.push((key, row as u32));
                firsts.len() as u32
            }),
        };
        last = Some((key, number));
        of_rows.push(number);
    }
    let mut order: Vec<u32> = (0..firsts.len() as u32).collect();
    order.sort_unstable_by(|a, b| firsts[*a as usize].0.cmp(&firsts[*b as usize].0));
    let (mut rank_of, mut shown) = (vec![0; firsts.len() + 1], vec![0; firsts.len() + 1]);
    for (rank, number) in (1..).zip(order) {
        rank_of[number as usize + 1] = rank;
        shown[rank as usize] = firsts[number as usize].1;
    }
    of_rows.iter_mut().for_each(|number| *number = rank_of[*number as usize]);
    Ranks { of_rows, shown: Shown::Rows(shown) }
}

/// Ranks of dictionary ids: nothing is hashed.
fn of_ids(domain: &Domain, ids: &[u32], weights: Option<&[u64]>) -> Ranks {
    let order = domain.ranks();
    // Null and the empty text are no values of a dictionary, and come before them in this order.
    let place = |id: u32| if id < FIRST_ID { id } else { order[id as usize] };
    let mut counts: Vec<u64> = vec![0; domain.len() as usize];
    let weight = |row: usize| weights.and_then(|weights| weights.get(row)).copied().unwrap_or(1);
    ids.iter().enumerate().for_each(|(row, id)| counts[*id as usize] += weight(row));
    let mut occurring: Vec<u32> = (1..domain.len()).filter(|id| counts[*id as usize] > 0).collect();
    occurring.sort_unstable_by_key(|id| (place(*id), Reverse(counts[*id as usize]), domain.text(*id)));
    let mut rank_of = vec![0; domain.len() as usize];
    let mut shown = vec![0];
    let mut last = 0;
    for id in occurring {
        if place(id) != last {
            last = place(id);
            let class = domain.class(id);
            shown.push(if domain.is_declared(class) { class } else { id });
        }
        rank_of[id as usize] = shown.len() as u32 - 1;
    }
    Ranks { of_rows: ids.iter().map(|id| rank_of[*id as usize]).collect(), shown: Shown::Ids(shown) }
}

#[cfg(test)]
mod tests {
    use super::{picked, ranks};
    use crate::data::domain::{Domain, DomainDraft};
    use crate::exec::eval::column::{Cells, Column, Decimals, Texts};
    use crate::exec::eval::exact::Exact;
    use crate::exec::eval::state::{Failure, NULL, VALUE};
    use crate::exec::rowset::values::column_of;
    use crate::model::field::Field;
    use crate::model::kind::Kind;
    use crate::model::value::Value;
    use crate::query::predicate::expr::Type;

    fn texts(column: &Column<'_>) -> Vec<String> {
        (0..column.len()).map(|row| column.value(row, Type::Text).unwrap().to_string()).collect()
    }

    #[test]
    fn ranks_lie_to_one_another_as_values_do() {
        let column = column_of(&[5.into(), Value::Null, (-2).into(), 5.into()], Type::Integer);
        let found = ranks(&column, false, None).unwrap();
        assert_eq!(found.of_rows, [2, 0, 1, 2]);
        let shown = found.values(&column, Type::Integer, [1, 2, 0].into_iter());
        let shown: Vec<Value> = (0..3).map(|row| shown.value(row, Type::Integer).unwrap()).collect();
        assert_eq!(shown, [(-2).into(), 5.into(), Value::Null]);
        // Scales do not matter, nor do signs.
        let wide = vec![Exact::new(150, 2), Exact::new(15, 1), Exact::new(-5, 1), Exact::new(3, 1)];
        let wide = Column::new(4, Cells::Decimals(Decimals::Wide(wide)), Vec::new());
        assert_eq!(ranks(&wide, false, None).unwrap().of_rows, [3, 3, 1, 2]);
        let constant = Column::constant(3, &7.into(), Type::Integer);
        assert_eq!(ranks(&constant, false, None).unwrap().of_rows, [1, 1, 1]);
    }

    #[test]
    fn texts_of_a_field_are_one_where_it_holds_them_equal() {
        let mut draft = DomainDraft::new(Domain::of_field(&Field::new("F", Kind::Keyword)));
        let ids: Vec<u32> = ["b", "A", "a", "B", "a"].iter().map(|text| draft.intern(&(*text).into())).collect();
        let domain = draft.finish();
        // The empty text comes behind null and before all others.
        let ids: Vec<u32> = ids.into_iter().chain([0, 1]).collect();
        let states = ids.iter().map(|id| if *id == 0 { NULL } else { VALUE }).collect();
        let column = Column::new(ids.len(), Cells::Texts(Texts::Ids(&domain, ids)), states);
        let found = ranks(&column, true, None).unwrap();
        assert_eq!(found.of_rows, [3, 2, 2, 3, 2, 0, 1]);
        // The spelling of most rows; of as many rows the least.
        assert_eq!(texts(&found.values(&column, Type::Text, 1..4)), ["", "a", "B"]);
        let weighted = ranks(&column, true, Some(&[1, 9, 1, 0, 1, 1, 1])).unwrap();
        assert_eq!(texts(&weighted.values(&column, Type::Text, 1..4)), ["", "A", "b"]);
        // Computed texts are told apart to the letter.
        assert_eq!(ranks(&column, false, None).unwrap().n(), 6);
    }

    #[test]
    fn a_row_that_failed_ends_the_request() {
        let failed = Column::new(2, Cells::Integers(vec![1, 0]), vec![VALUE, Failure::DivisionByZero.state()]);
        assert!(ranks(&failed, false, None).is_err());
    }

    #[test]
    fn rows_that_are_not_there_are_null() {
        let column = column_of(&[true.into(), false.into()], Type::Boolean);
        let taken = picked(&column, Type::Boolean, &[Some(1), None, Some(0)]);
        let taken: Vec<Value> = (0..3).map(|row| taken.value(row, Type::Boolean).unwrap()).collect();
        assert_eq!(taken, [false.into(), Value::Null, true.into()]);
        let constant = Column::constant(2, &"x".into(), Type::Text);
        assert_eq!(texts(&picked(&constant, Type::Text, &[None, Some(1)])), [Value::Null.to_string(), "x".into()]);
        assert_eq!(picked(&Column::concat(Vec::new(), Type::Text), Type::Text, &[None]).len(), 1);
    }
}
