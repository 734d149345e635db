//! Semi-joins: the keys of the rows that a sub-select takes, and what they ask of a relation's cells. Every distinct key is
//! looked up once, on the smaller side where that can be chosen; no row's text ever is.
//!
//! Two texts are the same key if both fields hold them equal. A text beside a number or GUID is read as one.

use std::borrow::Cow;
use std::sync::Arc;

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::base::pool::Pool;
use crate::data::block::{FIRST_ID, NULL};
use crate::data::domain::Domain;
use crate::data::version::{IndexVersion, dictionary_text, id_value, number_of, number_value};
use crate::exec::marks::Marks;
use crate::exec::number_set::NumberSet;
use crate::exec::test::{FEW, Test};
use crate::model::cell::coerce;
use crate::model::field::Field;
use crate::model::guid::parse_guid;
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::predicate::Subselect;

/// Keys of one piece of work: whatever the number of threads, so that it cannot decide whether a limit is reached.
const PIECE_KEYS: u32 = 1024;

/// With more keys than one in this many of all texts, all are looked up and kept.
const WORTH_ALL: usize = 8;

/// Widest span of numbers that always has a table.
const SMALL_SPAN: u64 = 1 << 16;

/// Most entries of a larger table for each row that it is for.
const SPAN_PER_ROW: u64 = 4;

/// The distinct values of a field among the rows that passed.
#[derive(Debug)]
pub(crate) struct Keys<'b> {
    index: &'b IndexVersion,
    field: FieldId,
    found: Found,
    _memory: Vec<Reservation<'b>>,
}

/// The keys of each sub-select.
pub(crate) type Decided<'b> = HashMap<Arc<Subselect>, Keys<'b>>;

/// The keys by how their field is coded.
#[derive(Debug)]
pub(crate) enum Found {
    /// 1 for each id that occurs, and how many do.
    Ids(Vec<u8>, usize),
    Numbers(Option<Arc<NumberSet>>),
}

impl<'b> Keys<'b> {
    /// The keys of some rows of an index; `memory` is what they have on the account.
    pub(crate) fn new(index: &'b IndexVersion, field: FieldId, found: Found, memory: Vec<Reservation<'b>>) -> Self {
        Self { index, field, found, _memory: memory }
    }

    /// What the keys ask of the cells of a field of another index. The table it may need stays on the account in `memory`.
    pub(crate) fn test<'m>(
        &self,
        outer: &IndexVersion,
        field: FieldId,
        (pool, budget): (&Pool, &'m Budget),
        memory: &mut Vec<Reservation<'m>>,
    ) -> Result<Test> {
        let (inner_field, outer_field) = (self.index.schema.field(self.field), outer.schema.field(field));
        match (outer.domain(field), &self.found) {
            (None, Found::Numbers(numbers)) if inner_field.kind == outer_field.kind => {
                let Some(numbers) = numbers else { return Ok(Test::Never) };
                let table = numbers.to_table(most_entries(outer));
                memory.push(budget.reserve(table.as_ref().map_or(0, NumberSet::bytes))?);
                Ok(Test::Set(table.map_or_else(|| numbers.clone(), Arc::new)))
            }
            (None, _) => {
                let as_number = |value: Value| number_of(&coerce(&value, outer_field).ok()?.value);
                let numbers = self.each_value((pool, budget), as_number)?;
                if numbers.len() <= FEW {
                    return Ok(Test::of_numbers(numbers));
                }
                let set = NumberSet::of_numbers(&numbers, most_entries(outer));
                memory.push(budget.reserve(set.as_ref().map_or(0, NumberSet::bytes))?);
                Ok(set.map_or(Test::Never, |set| Test::Set(set.into())))
            }
            (Some(domain), found) => {
                let marks = Marks::new(domain.len() as usize, budget, memory)?;
                match (found, self.index.domain(self.field)) {
                    (Found::Ids(ids, n_found), Some(inner)) if !is_typed(inner_field) => {
                        // An alias is known to its own field alone, so that the side would matter.
                        let has_aliases = |field: &Field| field.values.iter().any(|value| !value.aliases.is_empty());
                        let may_choose = !has_aliases(inner_field) && !has_aliases(outer_field);
                        TextJoin { ids, n_found: *n_found, inner, outer: domain, may_choose }
                            .mark(&marks, pool, budget)?;
                    }
                    _ => in_pieces(domain.len(), pool, budget, |id| {
                        if self.holds(domain.text(id), inner_field) {
                            marks.set(id as usize);
                        }
                    })?,
                }
                Ok(Test::of_table(marks.into_bytes()))
            }
        }
    }

    /// Every key, brought into another form where it has one.
    fn each_value(
        &self,
        (pool, budget): (&Pool, &Budget),
        form: impl Fn(Value) -> Option<i128> + Sync + Send,
    ) -> Result<Vec<i128>> {
        let kind = self.index.schema.field(self.field).kind;
        let (ids, domain) = match (&self.found, self.index.domain(self.field)) {
            (Found::Numbers(Some(numbers)), _) => {
                return Ok(numbers.iter().filter_map(|n| form(number_value(n, kind))).collect());
            }
            (Found::Ids(ids, _), Some(domain)) => (ids, domain),
            _ => return Ok(Vec::new()),
        };
        let pieces = pool.map(ids.len().div_ceil(PIECE_KEYS as usize), budget, |piece| {
            let first = piece as u32 * PIECE_KEYS;
            let found = (first..).zip(ids.iter().skip(first as usize).take(PIECE_KEYS as usize));
            let values = found.filter(|(_, found)| **found == 1).map(|(id, _)| id_value(domain, id, kind));
            let numbers: Vec<i128> = values.filter_map(&form).collect();
            let memory = budget.reserve(size_of_val(&*numbers))?;
            Ok((numbers, memory))
        })?;
        Ok(pieces.iter().flat_map(|(numbers, _)| numbers).copied().collect())
    }

    /// Whether a text, read as a value of the field whose keys these are, is one of them.
    fn holds(&self, text: &str, inner_field: &Field) -> bool {
        let Some(value) = read_as(text, inner_field) else { return false };
        match (&self.found, self.index.domain(self.field)) {
            (Found::Numbers(numbers), _) => {
                numbers.as_ref().zip(number_of(&value)).is_some_and(|(numbers, n)| numbers.contains(n))
            }
            (Found::Ids(ids, _), Some(domain)) => {
                let class = dictionary_text(&value).and_then(|text| domain.find(&text));
                class.is_some_and(|class| ids.get(class as usize) == Some(&1))
            }
            (Found::Ids(..), None) => false,
        }
    }
}

/// Keys that are texts on both sides.
#[derive(Clone, Copy)]
struct TextJoin<'a> {
    /// 1 for each id of `inner` that is a key, and how many are.
    ids: &'a [u8],
    n_found: usize,
    inner: &'a Domain,
    outer: &'a Domain,
    /// Whether each side gives the same answer.
    may_choose: bool,
}

impl TextJoin<'_> {
    /// Marks the ids of `outer` that are keys: by looking up the texts of the side that has fewer to look up.
    fn mark(self, marks: &Marks, pool: &Pool, budget: &Budget) -> Result<()> {
        let may_ask_inner = self.may_choose && self.inner.collation().implies(self.outer.collation());
        let n_outer = self.outer.len() as usize;
        match (self.inner.translation(self.outer), self.outer.translation(self.inner)) {
            (Some(into_outer), _) => self.by_keys(Some(&into_outer), marks, pool, budget),
            (None, Some(into_inner)) if may_ask_inner => self.by_cells(&into_inner, marks, budget),
            _ if may_ask_inner && n_outer < self.n_found => {
                let into_inner = translate(self.outer, self.inner, pool, budget)?;
                self.by_cells(&into_inner, marks, budget)
            }
            _ if self.n_found > self.ids.len() / WORTH_ALL => {
                let into_outer = translate(self.inner, self.outer, pool, budget)?;
                self.by_keys(Some(&into_outer), marks, pool, budget)
            }
            _ => self.by_keys(None, marks, pool, budget),
        }
    }

    /// Every id of `outer` whose class in `inner` has a key.
    fn by_cells(self, into_inner: &[u32], marks: &Marks, budget: &Budget) -> Result<()> {
        let (classes, _memory) = (self.classes(), budget.reserve(self.ids.len())?);
        let is_key = |class: &u32| classes.get(*class as usize) == Some(&1);
        let keys = into_inner.iter().enumerate().filter(|(_, class)| is_key(class));
        keys.for_each(|(id, _)| marks.set(id));
        Ok(())
    }

    /// The class of every key in `outer`, looked up where there is no translation.
    fn by_keys(self, into_outer: Option<&[u32]>, marks: &Marks, pool: &Pool, budget: &Budget) -> Result<()> {
        let (inner, outer) = (self.inner, self.outer);
        let is_key = |id: u32| self.ids.get(id as usize) == Some(&1);
        match into_outer {
            Some(classes) => {
                let keys = self.ids.iter().zip(classes).filter(|(is_key, class)| **is_key == 1 && **class >= FIRST_ID);
                keys.for_each(|(_, class)| marks.set(*class as usize));
            }
            None => in_pieces(inner.len(), pool, budget, |id| {
                if let Some(class) = is_key(id).then(|| outer.find(inner.text(id))).flatten() {
                    marks.set(class as usize);
                }
            })?,
        }
        let others =
            (FIRST_ID..outer.len()).filter(|id| outer.has_classes() && marks.is_set(outer.class(*id) as usize));
        others.for_each(|id| marks.set(id as usize));
        if outer.collation().implies(inner.collation()) {
            return Ok(());
        }
        // What is equal for `outer` need not be for `inner`.
        let (classes, _memory) = (self.classes(), budget.reserve(self.ids.len())?);
        in_pieces(outer.len(), pool, budget, |id| {
            let is_key = |class: u32| classes.get(class as usize) == Some(&1);
            if marks.is_set(id as usize) && !inner.find(outer.text(id)).is_some_and(is_key) {
                marks.clear(id as usize);
            }
        })
    }

    /// 1 for each class of `inner` that has a key.
    fn classes(&self) -> Cow<'_, [u8]> {
        if !self.inner.has_classes() {
            return Cow::Borrowed(self.ids);
        }
        let mut classes = vec![0; self.ids.len()];
        let keys = (0..).zip(self.ids).filter(|(_, is_key)| **is_key == 1);
        keys.for_each(|(id, _)| classes[self.inner.class(id) as usize] = 1);
        Cow::Owned(classes)
    }
}

/// Looks every text of one dictionary up in another, which is kept for the next semi-join between the two: it belongs to the
/// data, not to the request.
pub(crate) fn translate(from: &Domain, into: &Domain, pool: &Pool, budget: &Budget) -> Result<Arc<[u32]>> {
    let n_pieces = (from.len() - FIRST_ID).div_ceil(PIECE_KEYS) as usize;
    let pieces = pool.map(n_pieces, budget, |piece| {
        let first = FIRST_ID + piece as u32 * PIECE_KEYS;
        let texts = (first..from.len().min(first + PIECE_KEYS)).map(|id| from.text(id));
        Ok(texts.map(|text| into.find(text).unwrap_or(NULL)).collect::<Vec<u32>>())
    })?;
    let classes: Arc<[u32]> = [NULL; FIRST_ID as usize].into_iter().chain(pieces.into_iter().flatten()).collect();
    from.keep_translation(into, classes.clone());
    Ok(classes)
}

/// A text beside the values of a field, as one of them.
pub(crate) fn read_as(text: &str, field: &Field) -> Option<Value> {
    match field.kind {
        Kind::Guid => parse_guid(text).map(Value::Guid),
        _ => coerce(&Value::from(text), field).ok().map(|cell| cell.value),
    }
}

/// Whether texts beside the field's values are read as such values.
pub(crate) fn is_typed(field: &Field) -> bool {
    field.kind.is_number() || field.kind == Kind::Guid
}

/// Most entries that a table of numbers may have for the rows of an index.
pub(crate) fn most_entries(index: &IndexVersion) -> u64 {
    SMALL_SPAN.max(index.n_live().saturating_mul(SPAN_PER_ROW))
}

/// Calls `each` with every id of a dictionary of `n`, in pieces over the pool.
fn in_pieces(n: u32, pool: &Pool, budget: &Budget, each: impl Fn(u32) + Sync + Send) -> Result<()> {
    pool.map((n - FIRST_ID).div_ceil(PIECE_KEYS) as usize, budget, |piece| {
        let first = FIRST_ID + piece as u32 * PIECE_KEYS;
        (first..n.min(first + PIECE_KEYS)).for_each(&each);
        Ok(())
    })?;
    Ok(())
}
