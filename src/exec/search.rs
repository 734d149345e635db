//! Word searches decided on dictionaries: together all that the same fields are asked. Words with wildcards are decided on the
//! distinct words of a dictionary, then all searches in one pass over its texts. What the found ids mean for rows is
//! [`filter`](crate::exec::filter).

use std::collections::BTreeMap;
use std::slice;

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::block::FIRST_ID;
use crate::data::domain::Domain;
use crate::data::version::IndexVersion;
use crate::exec::distinct;
use crate::exec::test::Test;
use crate::model::schema::FieldId;
use crate::query::finder::{Finder, Found};
use crate::query::predicate::{Leaf, Node, Predicate};
use crate::query::vocabulary::Vocabulary;

/// All that a predicate looks for, by the fields that are asked for it; in their order, so that what is on the account at a
/// time is always the same.
pub(crate) type Finders<'a> = BTreeMap<&'a [FieldId], Finder<'a>>;

/// Most pieces that a dictionary is read in for its words, and the fewest texts of one: whatever the number of threads, so
/// that it cannot decide whether a limit is reached.
const MOST_PIECES: u32 = 64;
const PIECE_TEXTS: u32 = 1024;

/// Texts between two looks at the budget.
const TEXTS_PER_CHECK: u32 = 64;

/// Words with wildcards that are decided in one piece of work.
const PIECE_PATTERNS: usize = 16;

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
    let mut words_memory = Vec::new();
    let words = match finder.n_patterns() {
        0 => Vocabulary::default(),
        _ => vocabulary(domain, pool, budget, &mut words_memory)?,
    };
    let matching = matching(finder, &words, pool, budget, &mut words_memory)?;
    let reader = finder.reader(&words, &matching);
    let ask = |text: &str, found: &mut Found, each: &mut dyn FnMut(u32)| reader.find(text, found, each);
    distinct::decide(domain, (pool, budget), memory, || reader.start(), ask)
}

/// The distinct words of a dictionary.
fn vocabulary<'b>(
    domain: &Domain,
    pool: &Pool,
    budget: &'b Budget,
    memory: &mut Vec<Reservation<'b>>,
) -> Result<Vocabulary> {
    let texts = (domain.len() - FIRST_ID).div_ceil(MOST_PIECES).max(PIECE_TEXTS);
    let n_pieces = (domain.len() - FIRST_ID).div_ceil(texts);
    let pieces = pool.map(n_pieces as usize, budget, |piece| {
        let mut words = Vocabulary::default();
        let first = FIRST_ID + piece as u32 * texts;
        for id in first..domain.len().min(first + texts) {
            if id % TEXTS_PER_CHECK == 0 {
                budget.check()?;
            }
            words.read(domain.text(id));
        }
        let reserved = budget.reserve(words.bytes())?;
        Ok((words, reserved))
    })?;
    let mut pieces = pieces.into_iter();
    let Some((mut all, _own)) = pieces.next() else { return Ok(Vocabulary::default()) };
    for (words, _reserved) in pieces {
        budget.check()?;
        all.merge(&words);
    }
    memory.push(budget.reserve(all.bytes())?);
    Ok(all)
}

/// By pattern of a finder: the words that match.
fn matching<'b>(
    finder: &Finder<'_>,
    words: &Vocabulary,
    pool: &Pool,
    budget: &'b Budget,
    memory: &mut Vec<Reservation<'b>>,
) -> Result<Vec<Vec<u32>>> {
    let n = finder.n_patterns();
    let pieces = pool.map(n.div_ceil(PIECE_PATTERNS), budget, |piece| {
        let patterns = piece * PIECE_PATTERNS..n.min((piece + 1) * PIECE_PATTERNS);
        let one = |pattern| {
            let numbers = finder.matching(pattern, words, || budget.check())?;
            // As often again by word, for whoever reads texts.
            let reserved = budget.reserve(2 * size_of_val(&*numbers))?;
            Ok((numbers, reserved))
        };
        patterns.map(one).collect::<Result<Vec<_>>>()
    })?;
    let (matching, reserved): (Vec<_>, Vec<_>) = pieces.into_iter().flatten().unzip();
    memory.extend(reserved);
    Ok(matching)
}
