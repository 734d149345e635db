//! Word searches decided on dictionaries: one pass over a field's texts for all searches that the same fields are asked, in
//! pieces on the pool. What the found ids mean for rows is [`filter`](crate::exec::filter).

use std::collections::BTreeMap;
use std::slice;

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::base::pool::Pool;
use crate::data::block::FIRST_ID;
use crate::data::domain::Domain;
use crate::data::version::IndexVersion;
use crate::exec::test::{FEW, Test};
use crate::model::schema::FieldId;
use crate::query::finder::Finder;
use crate::query::predicate::{Leaf, Node, Predicate};

/// All that a predicate looks for, by the fields that are asked for it; in their order, so that what is on the account at a
/// time is always the same.
pub(crate) type Finders<'a> = BTreeMap<&'a [FieldId], Finder<'a>>;

/// The texts of one field that satisfy a part, by the part's number; parts that none satisfies are left out.
pub(crate) type Ids = HashMap<u32, Vec<u32>>;

/// Texts of one piece of work: whatever the number of threads, so that it cannot decide whether a limit is reached.
const PIECE_TEXTS: u32 = 1024;

/// Texts between two looks at the budget.
const TEXTS_PER_CHECK: u32 = 64;

/// Gathers what the leaves look for: a whole search in one field, the terms of a search in fields together.
pub(crate) fn finders(predicate: &Predicate) -> Finders<'_> {
    let mut finders = Finders::default();
    for node in predicate.nodes() {
        match node {
            Node::Leaf(Leaf::Matches { field, search }) => {
                finders.entry(slice::from_ref(field)).or_default().add(search.whole());
            }
            Node::Leaf(Leaf::MatchesAny { fields, search }) => {
                let finder = finders.entry(&**fields).or_default();
                search.whole().formula(&mut |term| finder.add(term));
            }
            _ => {}
        }
    }
    finders
}

/// Tests of one field for every part of a finder that some text satisfies, by the part's number.
pub(crate) fn decide<'b>(
    finder: &Finder<'_>,
    field: FieldId,
    index: &IndexVersion,
    pool: &Pool,
    budget: &'b Budget,
    memory: &mut Vec<Reservation<'b>>,
) -> Result<Vec<(u32, Test)>> {
    let Some(domain) = index.domain(field) else { return Ok(Vec::new()) };
    // Released once the tests are there, which are on the account themselves.
    let (ids, _ids_memory) = find(finder, domain, pool, budget)?;
    let n_tables = ids.values().filter(|ids| ids.len() > FEW).count();
    memory.push(budget.reserve(n_tables * domain.len() as usize + ids.len() * size_of::<(u32, Test)>())?);
    Ok(ids.into_iter().map(|(part, ids)| (part, Test::of_ids(ids, domain.len()))).collect())
}

/// One pass over the texts of a dictionary.
fn find<'b>(
    finder: &Finder<'_>,
    domain: &Domain,
    pool: &Pool,
    budget: &'b Budget,
) -> Result<(Ids, Vec<Reservation<'b>>)> {
    let n_pieces = (domain.len() - FIRST_ID).div_ceil(PIECE_TEXTS);
    let pieces = pool.map(n_pieces as usize, budget, |piece| {
        let (mut ids, mut found, mut n_ids) = (Ids::default(), finder.start(), 0);
        let first = FIRST_ID + piece as u32 * PIECE_TEXTS;
        for id in first..domain.len().min(first + PIECE_TEXTS) {
            if id % TEXTS_PER_CHECK == 0 {
                budget.check()?;
            }
            finder.find(domain.text(id), &mut found, |part| {
                ids.entry(part).or_default().push(id);
                n_ids += 1;
            });
        }
        Ok((ids, budget.reserve(n_ids * size_of::<u32>())?))
    })?;
    let (mut all, mut memory) = (Ids::default(), Vec::new());
    for (ids, reserved) in pieces {
        memory.push(reserved);
        for (part, ids) in ids {
            all.entry(part).or_default().extend(ids);
        }
    }
    Ok((all, memory))
}
