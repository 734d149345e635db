//! Where keys of two fields meet: cells of one that lead to cells of the other have the same group. Two texts are the same key
//! if both fields hold them equal, and a text beside a number or GUID is read as one, as [`semi`](super::semi) has it.

use std::sync::Arc;

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::hash::{HashMap, HashSet};
use crate::base::pool::Pool;
use crate::data::block::FIRST_ID;
use crate::data::domain::Domain;
use crate::data::version::{IndexVersion, dictionary_text, id_value, number_of, number_value};
use crate::exec::eval::related::Groups;
use crate::exec::semi::{is_typed, read_as, translate};
use crate::model::cell::coerce;
use crate::model::schema::FieldId;

/// Groups of the keys of two fields. Group 0 is that of keys without a counterpart, and of what is empty.
#[derive(Debug)]
pub(crate) struct Meeting {
    pub(crate) outer: Groups,
    pub(crate) inner: Groups,
    /// One more than the largest.
    pub(crate) n: usize,
}

/// Texts of one piece of work.
const PIECE_TEXTS: u32 = 1024;

/// A field of an index.
pub(crate) type Place<'a> = (&'a IndexVersion, FieldId);

impl Meeting {
    /// Linear in the distinct keys of both sides.
    pub(crate) fn new<'b>(
        (outer, from): Place<'_>,
        (inner, key): Place<'_>,
        pool: &Pool,
        budget: &'b Budget,
        memory: &mut Vec<Reservation<'b>>,
    ) -> Result<Self> {
        let (outer_field, inner_field) = (outer.schema.field(from), inner.schema.field(key));
        let as_outer = |value| number_of(&coerce(&value, outer_field).ok()?.value);
        let meeting = match (outer.domain(from), inner.domain(key)) {
            (Some(outer), Some(inner)) if !is_typed(inner_field) => Self::of_texts(outer, inner, pool, budget)?,
            (Some(outer), Some(inner)) => {
                let class = |text: &str| inner.find(&dictionary_text(&read_as(text, inner_field)?)?);
                let outer = each_text(outer, pool, budget, |text| class(text).unwrap_or(0))?;
                Self { outer: by_id(outer), inner: by_id(classes(inner)), n: inner.len() as usize }
            }
            (Some(outer), None) => {
                let number = |text: &str| number_of(&read_as(text, inner_field)?);
                let numbers = each_text(outer, pool, budget, number)?;
                let groups = numbered(numbers.iter().flatten().copied());
                let of = |number: &Option<i128>| number.and_then(|number| groups.get(&number).copied()).unwrap_or(0);
                let n = groups.len() + 1;
                Self { outer: by_id(numbers.iter().map(of).collect()), inner: by_number(groups), n }
            }
            (None, Some(inner)) => {
                let kind = inner_field.kind;
                let ids = FIRST_ID..inner.len();
                let numbers: Vec<Option<i128>> = ids.map(|id| as_outer(id_value(inner, id, kind))).collect();
                let groups = numbered(numbers.iter().flatten().copied());
                let of = |number: &Option<i128>| number.and_then(|number| groups.get(&number).copied()).unwrap_or(0);
                let empty = [0; FIRST_ID as usize];
                let by_inner = empty.into_iter().chain(numbers.iter().map(of)).collect();
                Self { n: groups.len() + 1, outer: by_number(groups), inner: by_id(by_inner) }
            }
            (None, None) => {
                let numbers = distinct_numbers(inner, key, pool, budget)?;
                if inner_field.kind == outer_field.kind {
                    let groups = Arc::new(numbered(numbers.into_iter()));
                    let n = groups.len() + 1;
                    Self { outer: Groups::ByNumber(groups.clone()), inner: Groups::ByNumber(groups), n }
                } else {
                    let pairs =
                        numbers.iter().filter_map(|n| Some((*n, as_outer(number_value(*n, inner_field.kind))?)));
                    let pairs: Vec<(i128, i128)> = pairs.collect();
                    let groups = numbered(pairs.iter().map(|(_, outer)| *outer));
                    let by_inner = pairs.iter().filter_map(|(inner, outer)| Some((*inner, *groups.get(outer)?)));
                    let by_inner = by_inner.collect();
                    Self { n: groups.len() + 1, outer: by_number(groups), inner: by_number(by_inner) }
                }
            }
        };
        memory.push(budget.reserve(meeting.outer.bytes() + meeting.inner.bytes())?);
        Ok(meeting)
    }

    fn of_texts(outer: &Domain, inner: &Domain, pool: &Pool, budget: &Budget) -> Result<Self> {
        let into_outer = match inner.translation(outer) {
            Some(known) => known,
            None => translate(inner, outer, pool, budget)?,
        };
        if outer.collation().implies(inner.collation()) {
            return Ok(Self { outer: by_id(classes(outer)), inner: Groups::ById(into_outer), n: outer.len() as usize });
        }
        // What is equal for one need not be for the other: keys are the same if both their classes are.
        let mut groups: HashMap<(u32, u32), u32> = HashMap::default();
        let mut by_inner = vec![0; inner.len() as usize];
        let mut has_keys = vec![false; outer.len() as usize];
        for id in FIRST_ID..inner.len() {
            let class = into_outer[id as usize];
            if class >= FIRST_ID {
                let next = groups.len() as u32 + 1;
                by_inner[id as usize] = *groups.entry((class, inner.class(id))).or_insert(next);
                has_keys[class as usize] = true;
            }
        }
        let mut by_outer = vec![0; outer.len() as usize];
        for id in (FIRST_ID..outer.len()).filter(|id| has_keys[outer.class(*id) as usize]) {
            let class = inner.find(outer.text(id)).unwrap_or(0);
            by_outer[id as usize] = groups.get(&(outer.class(id), class)).copied().unwrap_or(0);
        }
        Ok(Self { outer: by_id(by_outer), inner: by_id(by_inner), n: groups.len() + 1 })
    }
}

fn by_id(groups: Vec<u32>) -> Groups {
    Groups::ById(groups.into())
}

fn by_number(groups: HashMap<i128, u32>) -> Groups {
    Groups::ByNumber(Arc::new(groups))
}

/// Every id's class, but for what is empty.
fn classes(domain: &Domain) -> Vec<u32> {
    (0..domain.len()).map(|id| if id < FIRST_ID { 0 } else { domain.class(id) }).collect()
}

/// Groups from 1 on, in the order of the numbers' first places.
fn numbered(numbers: impl Iterator<Item = i128>) -> HashMap<i128, u32> {
    let mut groups = HashMap::default();
    for number in numbers {
        let next = groups.len() as u32 + 1;
        groups.entry(number).or_insert(next);
    }
    groups
}

/// What `f` makes of every text of a dictionary, by id, in pieces over the pool; the default for what is empty.
fn each_text<T: Default + Send>(
    domain: &Domain,
    pool: &Pool,
    budget: &Budget,
    f: impl Fn(&str) -> T + Sync + Send,
) -> Result<Vec<T>> {
    let n_pieces = (domain.len() - FIRST_ID).div_ceil(PIECE_TEXTS) as usize;
    let pieces = pool.map(n_pieces, budget, |piece| {
        let first = FIRST_ID + piece as u32 * PIECE_TEXTS;
        Ok((first..domain.len().min(first + PIECE_TEXTS)).map(|id| f(domain.text(id))).collect::<Vec<T>>())
    })?;
    let empty = (0..FIRST_ID).map(|_| T::default());
    Ok(empty.chain(pieces.into_iter().flatten()).collect())
}

/// The numbers of a field, each once, in load order.
fn distinct_numbers(index: &IndexVersion, field: FieldId, pool: &Pool, budget: &Budget) -> Result<Vec<i128>> {
    let pieces = pool.map(index.segments.len(), budget, |segment| {
        let segment = &index.segments[segment];
        let mut seen = HashSet::default();
        let mut numbers = Vec::new();
        for block in (0..segment.n_blocks()).filter_map(|block| segment.block(field, block)) {
            let Some(frame) = block.frame() else { continue };
            let codes = (0..block.codes().len()).map(|at| block.codes().get(at)).filter(|code| *code > 0);
            numbers.extend(codes.map(|code| frame.number(code)).filter(|number| seen.insert(*number)));
        }
        let memory = budget.reserve(size_of_val(&*numbers))?;
        Ok((numbers, memory))
    })?;
    let mut seen = HashSet::default();
    Ok(pieces.iter().flat_map(|(numbers, _)| numbers).copied().filter(|number| seen.insert(*number)).collect())
}
