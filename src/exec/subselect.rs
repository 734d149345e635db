//! The keys of the rows that pass a filter: what a sub-select comes to. What they ask of other rows is [`semi`](super::semi).

use std::sync::Arc;

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::block::{Block, FIRST_ID, NULL};
use crate::data::codes::{Code, each_width};
use crate::data::version::IndexVersion;
use crate::exec::filter::Filter;
use crate::exec::marks::Marks;
use crate::exec::mask;
use crate::exec::number_set::NumberSet;
use crate::exec::scan::{Passed, scan};
use crate::exec::semi::{Found, Keys, most_entries};
use crate::model::schema::FieldId;

/// Gathers the distinct values of a field among the rows that pass.
pub(crate) fn keys<'b>(
    index: &'b IndexVersion,
    field: FieldId,
    filter: &Filter<'_>,
    pool: &Pool,
    budget: &'b Budget,
) -> Result<Keys<'b>> {
    let mut memory = Vec::new();
    let found = match index.domain(field) {
        Some(domain) => {
            let marks = Marks::new(domain.len() as usize, budget, &mut memory)?;
            scan_blocks(index, field, filter, (pool, budget), |(): &mut (), block, passed| {
                each_width!(block.codes(), codes => each_code(codes, block, passed, |code| marks.set(code.idx())));
                Ok(())
            })?;
            let mut ids = marks.into_bytes();
            ids.iter_mut().take(FIRST_ID as usize).for_each(|empty| *empty = 0);
            let n_found = ids.iter().filter(|found| **found == 1).count();
            Found::Ids(ids, n_found)
        }
        None => Found::Numbers(numbers(index, field, filter, (pool, budget), &mut memory)?.map(Arc::new)),
    };
    Ok(Keys::new(index, field, found, memory))
}

/// The numbers of a field among the rows that pass.
fn numbers<'b>(
    index: &IndexVersion,
    field: FieldId,
    filter: &Filter<'_>,
    (pool, budget): (&Pool, &'b Budget),
    memory: &mut Vec<Reservation<'b>>,
) -> Result<Option<NumberSet>> {
    let Some((low, high)) = index.summary(field).bounds else { return Ok(None) };
    if let Some(span) = usize::try_from(high.abs_diff(low)).ok().filter(|span| (*span as u64) < most_entries(index)) {
        let marks = Marks::new(span + 1, budget, memory)?;
        scan_blocks(index, field, filter, (pool, budget), |(): &mut (), block, passed| {
            each_number(block, passed, |n| marks.set(n.abs_diff(low) as usize));
            Ok(())
        })?;
        return Ok(NumberSet::of_table(low, marks.into_bytes()));
    }
    let pieces = scan_blocks(index, field, filter, (pool, budget), |found: &mut Vec<_>, block, passed| {
        let mut numbers = Vec::with_capacity(passed.n_passed as usize);
        each_number(block, passed, |n| numbers.push(n));
        let memory = budget.reserve(size_of_val(&*numbers))?;
        found.push((numbers, memory));
        Ok(())
    })?;
    let numbers: Vec<i128> = pieces.iter().flatten().flat_map(|(numbers, _)| numbers).copied().collect();
    let _memory = budget.reserve(size_of_val(&*numbers))?;
    drop(pieces);
    let set = NumberSet::of_numbers(&numbers, 0);
    memory.push(budget.reserve(set.as_ref().map_or(0, NumberSet::bytes))?);
    Ok(set)
}

/// Runs `each` over every block of a field with rows that pass.
fn scan_blocks<T: Default + Send>(
    index: &IndexVersion,
    field: FieldId,
    filter: &Filter<'_>,
    (pool, budget): (&Pool, &Budget),
    each: impl Fn(&mut T, &Block, &Passed<'_>) -> Result<()> + Sync + Send,
) -> Result<Vec<T>> {
    let each = |state: &mut T, passed: &Passed<'_>| match passed.segment.block(field, passed.block) {
        Some(block) => each(state, block, passed),
        None => Ok(()),
    };
    let (states, _) = scan(index, filter, pool, budget, usize::MAX, || Ok(T::default()), each)?;
    Ok(states)
}

/// Calls `each` with the codes of the rows that passed, one a row or one an element.
fn each_code<C: Code>(codes: &[C], block: &Block, passed: &Passed<'_>, mut each: impl FnMut(C)) {
    match (passed.mask, block.offsets()) {
        (None, _) => codes.iter().for_each(|code| each(*code)),
        (Some(mask), None) => mask::for_each_row(mask, |row| each(codes[row])),
        (Some(mask), Some(_)) => {
            mask::for_each_row(mask, |row| codes[block.range(row)].iter().for_each(|code| each(*code)));
        }
    }
}

/// Calls `each` with the numbers of the rows that passed.
fn each_number(block: &Block, passed: &Passed<'_>, mut each: impl FnMut(i128)) {
    let Some(frame) = block.frame() else { return };
    each_width!(block.codes(), codes => each_code(codes, block, passed, |code| {
        if code.wide() != u128::from(NULL) {
            each(frame.number(code.wide()));
        }
    }));
}
