//! Numbered questions asked of every distinct text of a field: one pass over its dictionary for all of them, in pieces on the
//! pool. Where the questions come from is [`search`](crate::exec::search) and [`within`](crate::exec::within).

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::base::pool::Pool;
use crate::data::block::FIRST_ID;
use crate::data::domain::Domain;
use crate::exec::test::{FEW, Test};

/// The texts that answer a question with yes, by the question's number; questions that none does are left out.
type Ids = HashMap<u32, Vec<u32>>;

/// Texts of one piece of work: whatever the number of threads, so that it cannot decide whether a limit is reached.
const PIECE_TEXTS: u32 = 1024;

/// Texts between two looks at the budget.
const TEXTS_PER_CHECK: u32 = 64;

/// Tests for every question that some text answers with yes, by the question's number. `ask` calls back with the numbers of
/// those that a text does, each once; `start` makes what it keeps from text to text.
pub(crate) fn decide<'b, S>(
    domain: &Domain,
    (pool, budget): (&Pool, &'b Budget),
    memory: &mut Vec<Reservation<'b>>,
    start: impl Fn() -> S + Sync + Send,
    ask: impl Fn(&str, &mut S, &mut dyn FnMut(u32)) + Sync + Send,
) -> Result<Vec<(u32, Test)>> {
    let n_pieces = (domain.len() - FIRST_ID).div_ceil(PIECE_TEXTS);
    let pieces = pool.map(n_pieces as usize, budget, |piece| {
        let (mut ids, mut state, mut reserved) = (Ids::default(), start(), Vec::new());
        let first = FIRST_ID + piece as u32 * PIECE_TEXTS;
        let end = domain.len().min(first + PIECE_TEXTS);
        for from in (first..end).step_by(TEXTS_PER_CHECK as usize) {
            budget.check()?;
            let mut n_ids = 0;
            for id in from..end.min(from + TEXTS_PER_CHECK) {
                ask(domain.text(id), &mut state, &mut |question| {
                    ids.entry(question).or_default().push(id);
                    n_ids += 1;
                });
            }
            reserved.push(budget.reserve(n_ids * size_of::<u32>())?);
        }
        Ok((ids, reserved))
    })?;
    // Released once the tests are there, which are on the account themselves.
    let mut found_memory = Vec::new();
    let mut all = Ids::default();
    for (ids, reserved) in pieces {
        found_memory.extend(reserved);
        for (question, ids) in ids {
            all.entry(question).or_default().extend(ids);
        }
    }
    let n_tables = all.values().filter(|ids| ids.len() > FEW).count();
    memory.push(budget.reserve(n_tables * domain.len() as usize + all.len() * size_of::<(u32, Test)>())?);
    Ok(all.into_iter().map(|(question, ids)| (question, Test::of_ids(ids, domain.len()))).collect())
}
