//! The keys of one dimension: which occur, in what order, which of them are one group, and what each is called. Groups over
//! several dimensions are [`label`](crate::exec::label).

use crate::base::budget::Budget;
use crate::base::error::{Error, Result};
use crate::base::hash::HashMap;
use crate::base::pool::Pool;
use crate::data::block::FIRST_ID;
use crate::data::domain::Domain;
use crate::data::version::{IndexVersion, number_value};
use crate::exec::counted::Column;
use crate::exec::labels::{Labels, Meaning};
use crate::exec::slot::{Dimension, Fill, Format, NULL_VALUE, Numbering};
use crate::model::cell::text_of;
use crate::model::kind::Kind;
use crate::model::time::Buckets;
use crate::model::value::Value;

/// With more slots than this for each key, sorting keys costs less than tables of slots.
const SPARSE_SLOTS: usize = 16;

/// Keys that are named in one piece of work.
const PIECE_KEYS: usize = 1 << 13;

/// What naming needs to know besides the keys.
pub(crate) struct Namer<'a> {
    pub(crate) index: &'a IndexVersion,
    /// How often each id of a dimension occurs among the rows that the caller may see: what decides between spellings.
    pub(crate) spellings: &'a dyn Fn(&Dimension) -> Result<Vec<u64>>,
    pub(crate) pool: &'a Pool,
    pub(crate) budget: &'a Budget,
}

impl Namer<'_> {
    /// The labels of the keys that occur, in order, and for every group the position of its label.
    pub(crate) fn labels(
        &self,
        keys: Column<'_>,
        dimension: &Dimension,
        empty_last: bool,
    ) -> Result<(Labels, Vec<u32>)> {
        let domain = self.index.domain(dimension.field).map(|domain| &**domain);
        let Ordered { firsts, mut positions } = order(keys, dimension, empty_last, domain, self.budget)?;
        let kind = self.index.schema.field(dimension.field).kind;
        let labels = match (&dimension.numbering, &dimension.format, domain) {
            (Numbering::Ids { .. }, _, Some(domain)) => named_ids(&self.shown(&firsts, dimension, domain)?, domain)?,
            (Numbering::Periods(buckets), Some(format), _) => {
                let (labels, merged) = formatted(&firsts, buckets, format, kind == Kind::Date);
                positions.iter_mut().for_each(|position| *position = merged[*position as usize]);
                labels
            }
            (numbering, ..) => {
                let pieces: Vec<&[i128]> = firsts.chunks(PIECE_KEYS).collect();
                let named = |piece: usize| {
                    let mut labels = Labels::default();
                    pieces[piece].iter().for_each(|key| name(*key, numbering, kind, &mut labels));
                    Ok(labels)
                };
                self.pool.map(pieces.len(), self.budget, named)?.into_iter().collect()
            }
        };
        Ok((labels, positions))
    }

    /// For each key that is a dictionary id the id of the spelling that it is shown in.
    fn shown(&self, keys: &[i128], dimension: &Dimension, domain: &Domain) -> Result<Vec<u32>> {
        let classes = keys.iter().map(|key| domain.class(*key as u32));
        if !domain.has_classes() || classes.clone().all(|class| class < FIRST_ID || domain.is_declared(class)) {
            return Ok(classes.collect());
        }
        let best = best_spellings(domain, &(self.spellings)(dimension)?);
        Ok(classes.map(|class| if domain.is_declared(class) { class } else { best[class as usize] }).collect())
    }
}

/// The keys that occur or are named all the same.
struct Ordered {
    /// In the order of groups; of those that are one group the first.
    firsts: Vec<i128>,
    /// By counted group: which of them its key is.
    positions: Vec<u32>,
}

fn order(
    keys: Column<'_>,
    dimension: &Dimension,
    empty_last: bool,
    domain: Option<&Domain>,
    budget: &Budget,
) -> Result<Ordered> {
    let places = Places::new(dimension, empty_last, domain);
    match dimension.n_slots() {
        Some(n) if dimension.fill != Fill::None || n as usize <= keys.size_hint().0 * SPARSE_SLOTS => {
            let _memory = budget.reserve(n as usize * (size_of::<bool>() + 2 * size_of::<u32>()))?;
            let mut occurs = vec![false; n as usize];
            keys.clone().for_each(|slot| occurs[slot as usize] = true);
            fill(&mut occurs, dimension.fill, domain, budget)?;
            Ok(order_slots(keys, &occurs, &places))
        }
        _ => Ok(sort_keys(&keys, &places)),
    }
}

/// Orders slots in time linear in them.
fn order_slots(keys: Column<'_>, occurs: &[bool], places: &Places<'_>) -> Ordered {
    let slots = || (0u32..).zip(occurs).filter(|(_, occurs)| **occurs).map(|(slot, _)| slot);
    let place = |slot: u32| places.of(slot.into()) as usize;
    // One place more than slots, for empty ones that come last. First the lowest slot of each, then its position.
    let mut by_place = vec![u32::MAX; occurs.len() + 1];
    slots().for_each(|slot| by_place[place(slot)] = slot.min(by_place[place(slot)]));
    let (mut firsts, mut next) = (Vec::new(), 0);
    for at_place in by_place.iter_mut().filter(|slot| **slot != u32::MAX) {
        firsts.push(std::mem::replace(at_place, next).into());
        next += 1;
    }
    let mut by_slot = vec![0; occurs.len()];
    slots().for_each(|slot| by_slot[slot as usize] = by_place[place(slot)]);
    let mut positions = Vec::with_capacity(keys.size_hint().0);
    keys.for_each(|slot| positions.push(by_slot[slot as usize]));
    Ordered { firsts, positions }
}

/// Orders any keys, with time for sorting them.
fn sort_keys(keys: &Column<'_>, places: &Places<'_>) -> Ordered {
    let mut order: Vec<(i128, i128)> = keys.clone().map(|key| (places.of(key), key)).collect();
    order.sort_unstable();
    order.dedup();
    let (mut firsts, mut by_key) = (Vec::new(), HashMap::default());
    for (position, same) in (0u32..).zip(order.chunk_by(|a, b| a.0 == b.0)) {
        firsts.push(same[0].1);
        by_key.extend(same.iter().map(|(_, key)| (*key, position)));
    }
    let positions = keys.clone().map(|key| by_key.get(&key).copied().unwrap_or(0)).collect();
    Ordered { firsts, positions }
}

/// Where each key comes: equal for keys that are one group, ascending in the order of groups.
struct Places<'a> {
    /// Of dictionary ids.
    ranks: Option<&'a [u32]>,
    /// Keys from here on are not empty.
    first: i128,
    /// Where the empty key comes: below all others, or above.
    empty: i128,
}

impl<'a> Places<'a> {
    fn new(dimension: &Dimension, empty_last: bool, domain: Option<&'a Domain>) -> Self {
        let (ranks, first, lowest) = match dimension.numbering {
            Numbering::Ids { .. } => (domain.map(|domain| &**domain.ranks()), FIRST_ID.into(), 0),
            Numbering::Hashed => (None, NULL_VALUE + 1, NULL_VALUE),
            _ => (None, 1, 0),
        };
        let highest = dimension.n_slots().map_or(i128::MAX, i128::from);
        Self { ranks, first, empty: if empty_last { highest } else { lowest } }
    }

    fn of(&self, key: i128) -> i128 {
        match self.ranks {
            _ if key < self.first => self.empty,
            Some(ranks) => ranks[key as usize].into(),
            None => key,
        }
    }
}

/// Lets slots occur that are named without rows too.
fn fill(occurs: &mut [bool], fill: Fill, domain: Option<&Domain>, budget: &Budget) -> Result<()> {
    let n_slots = occurs.len() as u32;
    let values = occurs.get_mut(1..).unwrap_or(&mut []);
    let between = match fill {
        Fill::Every => values,
        Fill::Between => {
            let first = values.iter().position(|occurs| *occurs).unwrap_or(0);
            let end = values.iter().rposition(|occurs| *occurs).map_or(first, |last| last + 1);
            &mut values[first..end]
        }
        Fill::Declared => {
            let is_declared = |id: &u32| domain.is_some_and(|domain| domain.is_declared(*id));
            (FIRST_ID..n_slots).filter(is_declared).for_each(|id| occurs[id as usize] = true);
            return Ok(());
        }
        Fill::None => return Ok(()),
    };
    let limit = budget.limits().groups;
    if between.len() > limit {
        return Err(Error::limit("groups", limit as u64, between.len()));
    }
    between.fill(true);
    Ok(())
}

/// For each class the id of its most frequent spelling, ties by code point.
pub(crate) fn best_spellings(domain: &Domain, counts: &[u64]) -> Vec<u32> {
    let n = |id: u32| counts.get(id as usize).copied().unwrap_or(0);
    let mut best: Vec<u32> = (0..domain.len()).collect();
    for id in FIRST_ID..domain.len() {
        let best = &mut best[domain.class(id) as usize];
        if n(id).cmp(&n(*best)).then_with(|| domain.text(*best).cmp(domain.text(id))).is_gt() {
            *best = id;
        }
    }
    best
}

/// Labels of dictionary ids, whose texts are the canonical ones of every kind.
///
/// Texts are read in the order of ids, in which they lie in memory, and written where they belong, which is little memory:
/// in the order of labels each read would wait for memory.
fn named_ids(ids: &[u32], domain: &Domain) -> Result<Labels> {
    let n_ids = domain.len() as usize;
    if n_ids > ids.len() * SPARSE_SLOTS {
        let mut labels = Labels::default();
        for id in ids {
            labels.push(if *id < FIRST_ID { Meaning::Empty } else { Meaning::Text }, domain.text(*id));
        }
        return Ok(labels);
    }
    let mut by_id = vec![u32::MAX; n_ids];
    (0u32..).zip(ids).for_each(|(position, id)| by_id[*id as usize] = position);
    let shown = || domain.iter().map(|(id, text)| (by_id[id as usize], text)).filter(|(at, _)| *at != u32::MAX);
    let mut ends = vec![0; ids.len()];
    shown().for_each(|(position, text)| ends[position as usize] = text.len());
    let mut end = 0;
    ends.iter_mut().for_each(|length| {
        end += *length;
        *length = end;
    });
    let mut texts = vec![0; end];
    shown().for_each(|(position, text)| {
        texts[ends[position as usize] - text.len()..][..text.len()].copy_from_slice(text.as_bytes());
    });
    let meaning = |id: &u32| if *id < FIRST_ID { Meaning::Empty } else { Meaning::Text };
    Labels::new(texts, ends, ids.iter().map(meaning).collect())
}

/// Labels of periods by their names, the empty one left without; and for each key its label, since periods of one name are
/// one group.
fn formatted(keys: &[i128], buckets: &Buckets, format: &Format, is_day: bool) -> (Labels, Vec<u32>) {
    let (mut labels, mut positions) = (Labels::default(), Vec::with_capacity(keys.len()));
    let mut by_name: HashMap<String, u32> = HashMap::default();
    for key in keys {
        let mut position = labels.len() as u32;
        match usize::try_from(*key - 1) {
            Err(_) => labels.push(Meaning::Empty, ""),
            Ok(number) => {
                let (name, period) = (format.name(buckets, number, is_day), period(buckets, number));
                match by_name.get(&name) {
                    Some(known) => {
                        position = *known;
                        labels.add_period(position, period);
                    }
                    None => {
                        labels.push(Meaning::Periods(vec![period]), &name);
                        by_name.insert(name, position);
                    }
                }
            }
        }
        positions.push(position);
    }
    (labels, positions)
}

/// Adds the label of a key that is no dictionary id.
fn name(key: i128, numbering: &Numbering, kind: Kind, labels: &mut Labels) {
    let equal = |value: Value, labels: &mut Labels| {
        let text = text_of(&value);
        labels.push(Meaning::Equal(value), &text);
    };
    match numbering {
        Numbering::Hashed if key == NULL_VALUE => labels.push(Meaning::Empty, ""),
        Numbering::Hashed => equal(number_value(key, kind), labels),
        _ if key == 0 => labels.push(Meaning::Empty, ""),
        Numbering::Ids { .. } => labels.push(Meaning::Empty, ""),
        Numbering::Numbers { low, .. } => equal(number_value(low + key - 1, kind), labels),
        Numbering::Periods(buckets) => {
            let number = key as usize - 1;
            labels.push(Meaning::Periods(vec![period(buckets, number)]), &buckets.key(number));
        }
        Numbering::Ranges(starts) => {
            let edge = |at: usize| starts.get(at).map(|start| number_value(*start, kind));
            let at = key as usize - 1;
            let low = if at == 0 { None } else { edge(at) };
            let high = edge(at + 1);
            let text = match (low.as_ref().map(text_of), high.as_ref().map(text_of)) {
                (Some(low), Some(high)) => format!("{low}..<{high}"),
                (Some(low), None) => format!(">={low}"),
                (None, high) => format!("<{}", high.unwrap_or_default()),
            };
            labels.push(Meaning::Range(low, high), &text);
        }
    }
}

/// From its start to before the next.
fn period(buckets: &Buckets, number: usize) -> (i64, i64) {
    (buckets.starts()[number], buckets.starts().get(number + 1).copied().unwrap_or(buckets.end()))
}

#[cfg(test)]
mod tests {
    use super::{Ordered, Places, named_ids, order_slots, sort_keys};
    use crate::data::block::FIRST_ID;
    use crate::data::domain::{Domain, DomainDraft};
    use crate::exec::counted::Keys;
    use crate::model::field::Field;
    use crate::model::kind::Kind;
    use proptest::prelude::*;

    fn domain(texts: &[String]) -> Domain {
        let mut draft = DomainDraft::new(Domain::of_field(&Field::new("F", Kind::Keyword)));
        for text in texts {
            draft.intern(&text.as_str().into());
        }
        draft.finish()
    }

    proptest! {
        #[test]
        fn tables_and_sorting_order_alike(
            texts in prop::collection::vec("[abAB]{1,3}", 1..40),
            picks in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
            empty_last in any::<bool>(),
        ) {
            let domain = domain(&texts);
            let n = domain.len() as usize;
            let empty = if empty_last { n as i128 } else { 0 };
            let places = Places { ranks: Some(domain.ranks()), first: FIRST_ID.into(), empty };
            let slots: Vec<usize> = picks.iter().map(|pick| pick.index(n)).collect();
            let mut occurs = vec![false; n];
            slots.iter().for_each(|slot| occurs[*slot] = true);
            let keys = Keys::Numbers(slots.iter().map(|slot| *slot as i128).collect(), 1);
            let Ordered { firsts, positions } = order_slots(keys.column(0), &occurs, &places);
            let sorted = sort_keys(&keys.column(0), &places);
            prop_assert_eq!(&firsts, &sorted.firsts);
            prop_assert_eq!(&positions, &sorted.positions);
            prop_assert!(firsts.windows(2).all(|pair| places.of(pair[0]) < places.of(pair[1])));
            for (slot, position) in slots.iter().zip(positions) {
                prop_assert_eq!(places.of(*slot as i128), places.of(firsts[position as usize]));
            }
        }

        #[test]
        fn ids_are_named_by_their_texts(
            texts in prop::collection::vec("\\PC{0,4}", 1..80),
            picks in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        ) {
            let domain = domain(&texts);
            let mut ids: Vec<u32> = picks.iter().map(|pick| pick.index(domain.len() as usize) as u32).collect();
            ids.sort_unstable();
            ids.dedup();
            ids.reverse();
            let labels = named_ids(&ids, &domain).unwrap();
            let expected: Vec<&str> = ids.iter().map(|id| domain.text(*id)).collect();
            prop_assert_eq!(labels.texts().collect::<Vec<_>>(), expected);
        }
    }
}
