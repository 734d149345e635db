//! From slots back to keys: groups that the collation holds equal become one, keys get their spelling and their order.

use crate::base::budget::Budget;
use crate::base::error::{Error, Result};
use crate::base::hash::HashMap;
use crate::data::block::FIRST_ID;
use crate::data::domain::Domain;
use crate::data::version::{IndexVersion, number_value};
use crate::exec::counted::{Column, Counted};
use crate::exec::groups::Groups;
use crate::exec::labels::{Labels, Meaning};
use crate::exec::slot::{Dimension, Fill, NULL_VALUE, Numbering};
use crate::exec::stats::Total;
use crate::exec::top::{Stay, remain};
use crate::model::cell::text_of;
use crate::model::kind::Kind;
use crate::model::time::Buckets;
use crate::model::value::Value;

/// How often each id of a field occurs among the rows that the caller may see: what decides between spellings.
pub(crate) type Spellings<'a> = dyn Fn(&Dimension) -> Result<Vec<u64>> + 'a;

/// Orders, merges and names the groups. With `split`, the last dimension is the one that counts are split by; where a
/// dimension is filled, `keys` names values and periods too that no group has.
pub(crate) fn label(
    counted: &Counted,
    dimensions: &[Dimension],
    stay: &[Stay<'_>],
    split: bool,
    index: &IndexVersion,
    spellings: &Spellings<'_>,
    budget: &Budget,
) -> Result<Groups> {
    let n_dimensions = dimensions.len();
    let n_keys = n_dimensions - usize::from(split);
    let mut keys = Vec::with_capacity(n_dimensions);
    let mut positions = Vec::with_capacity(n_dimensions);
    for (d, dimension) in dimensions.iter().enumerate() {
        let empty_last = d >= n_keys;
        let column = counted.keys.column(d);
        let (labels, position) = labels_of(column, dimension, empty_last, index, spellings, budget)?;
        keys.push(labels);
        positions.push(position);
    }
    remain(stay, &mut keys, &mut positions, &counted.counts)?;
    let split_labels = if split { keys.pop().unwrap_or_default() } else { Labels::default() };
    let n_split = if split { split_labels.len() } else { 1 };
    let split_position = |group: usize| if split { positions[n_keys][group] as usize } else { 0 };
    let n_counted = counted.counts.len();
    let n_totals = counted.totals.len().checked_div(n_counted).unwrap_or(0);
    let group_bytes = n_split * size_of::<u64>() + n_totals * size_of::<Total>();
    let _memory = budget.reserve(keys.iter().map(Labels::len).product::<usize>().min(n_counted) * group_bytes)?;
    let group_of = number_groups(&positions[..n_keys], keys.first().map_or(1, Labels::len), n_counted);
    let n_groups = group_of.positions.len() / n_keys.max(1);
    let n_groups = if n_keys == 0 { usize::from(n_counted > 0) } else { n_groups };
    let limit = budget.limits().groups;
    if n_groups > limit {
        return Err(Error::limit("groups", limit as u64, n_groups));
    }
    let mut groups = Groups {
        keys,
        positions: group_of.positions,
        split: split_labels,
        n_split,
        counts: vec![0; n_groups * n_split],
        totals: vec![Total::default(); n_groups * n_totals],
        numbers: group_of.numbers,
        touched: counted.touched,
    };
    for (from, group) in groups.numbers.iter().enumerate() {
        let group = *group as usize;
        groups.counts[group * n_split + split_position(from)] += counted.counts[from];
        let totals = &mut groups.totals[group * n_totals..][..n_totals];
        totals.iter_mut().zip(&counted.totals[from * n_totals..]).for_each(|(total, more)| total.merge(more));
    }
    Ok(groups)
}

/// Groups that have the same key in every dimension, numbered in order.
struct Numbered {
    /// By counted group: its number.
    numbers: Vec<u32>,
    /// By number and dimension: the position of the key.
    positions: Vec<u32>,
}

fn number_groups(positions: &[Vec<u32>], n_first: usize, n_counted: usize) -> Numbered {
    match positions {
        [] => Numbered { numbers: vec![0; n_counted], positions: Vec::new() },
        // One dimension: positions are in order already, but for those that only have a name.
        [only] => {
            let mut number = vec![u32::MAX; n_first];
            only.iter().for_each(|position| number[*position as usize] = 0);
            let mut used = Vec::with_capacity(n_first);
            for (position, number) in (0u32..).zip(&mut number).filter(|(_, number)| **number == 0) {
                *number = used.len() as u32;
                used.push(position);
            }
            Numbered { numbers: only.iter().map(|position| number[*position as usize]).collect(), positions: used }
        }
        _ => {
            let key_of = |group: &u32| {
                let group = *group as usize;
                positions.iter().map(move |position| position[group])
            };
            let mut order: Vec<u32> = (0..n_counted as u32).collect();
            order.sort_unstable_by(|a, b| key_of(a).cmp(key_of(b)));
            let mut numbered = Numbered { numbers: vec![0; n_counted], positions: Vec::new() };
            for (number, same) in (0u32..).zip(order.chunk_by(|a, b| key_of(a).eq(key_of(b)))) {
                numbered.positions.extend(key_of(&same[0]));
                same.iter().for_each(|group| numbered.numbers[*group as usize] = number);
            }
            numbered
        }
    }
}

/// The labels of the keys that occur, in order, and for every group the position of its label.
fn labels_of(
    keys: Column<'_>,
    dimension: &Dimension,
    empty_last: bool,
    index: &IndexVersion,
    spellings: &Spellings<'_>,
    budget: &Budget,
) -> Result<(Labels, Vec<u32>)> {
    let domain = index.domain(dimension.field).map(|domain| &**domain);
    let ranks = domain.map(Domain::ranks);
    // Equal for keys that are one group, and ascending in the order of groups.
    let rank = |key: i128| {
        let (rank, is_empty) = match (&dimension.numbering, ranks) {
            (Numbering::Ids { .. }, Some(ranks)) => (i128::from(ranks[key as usize]), key < i128::from(FIRST_ID)),
            (Numbering::Hashed, _) => (key, key == NULL_VALUE),
            _ => (key, key == 0),
        };
        if is_empty && empty_last { i128::MAX } else { rank }
    };
    let mut order: Vec<(i128, i128)> =
        distinct(keys.clone(), dimension, domain, budget)?.into_iter().map(|key| (rank(key), key)).collect();
    order.sort_unstable();
    let needs_spelling = |(_, key): &(i128, i128)| {
        domain.is_some_and(|domain| domain.has_classes() && !domain.is_declared(domain.class(*key as u32)))
    };
    let spelled = match domain {
        Some(domain) if matches!(dimension.numbering, Numbering::Ids { .. }) && order.iter().any(needs_spelling) => {
            best_spellings(domain, &spellings(dimension)?)
        }
        _ => HashMap::default(),
    };
    let mut labels = Labels::default();
    let mut positions = Positions::new(dimension);
    // Periods of one name are one group.
    let mut by_name: HashMap<String, u32> = HashMap::default();
    for same in order.chunk_by(|a, b| a.0 == b.0) {
        let key = same[0].1;
        let mut position = labels.len() as u32;
        match period_named(key, dimension, index) {
            Some((name, period)) => match by_name.get(&name) {
                Some(known) => {
                    position = *known;
                    labels.add_period(position, period);
                }
                None => {
                    labels.push(Meaning::Periods(vec![period]), &name);
                    by_name.insert(name, position);
                }
            },
            None => name(key, dimension, index, &spelled, &mut labels),
        }
        same.iter().for_each(|(_, key)| positions.set(*key, position));
    }
    let mut by_group = Vec::with_capacity(keys.size_hint().0);
    keys.for_each(|key| by_group.push(positions.get(key)));
    Ok((labels, by_group))
}

/// The keys that occur, and where the dimension is filled the known ones that do not.
fn distinct(keys: Column<'_>, dimension: &Dimension, domain: Option<&Domain>, budget: &Budget) -> Result<Vec<i128>> {
    let Some(n_slots) = dimension.n_slots() else {
        let mut distinct: Vec<i128> = keys.collect();
        distinct.sort_unstable();
        distinct.dedup();
        return Ok(distinct);
    };
    let mut occurs = vec![false; n_slots as usize];
    keys.for_each(|key| occurs[key as usize] = true);
    let values = occurs.get_mut(1..).unwrap_or(&mut []);
    let first = values.iter().position(|occurs| *occurs);
    match (dimension.fill, first) {
        (Fill::Every, _) => fill(values, budget)?,
        (Fill::Between, Some(first)) => {
            let end = values.iter().rposition(|occurs| *occurs).map_or(first, |last| last + 1);
            fill(&mut values[first..end], budget)?;
        }
        (Fill::Declared, _) => {
            let is_declared = |id: &u32| domain.is_some_and(|domain| domain.is_declared(*id));
            (FIRST_ID..n_slots).filter(is_declared).for_each(|id| occurs[id as usize] = true);
        }
        (Fill::None | Fill::Between, _) => {}
    }
    Ok((0..).zip(occurs).filter(|(_, occurs)| *occurs).map(|(key, _)| key).collect())
}

fn fill(values: &mut [bool], budget: &Budget) -> Result<()> {
    let limit = budget.limits().groups;
    if values.len() > limit {
        return Err(Error::limit("groups", limit as u64, values.len()));
    }
    values.fill(true);
    Ok(())
}

/// The position of each key's label.
enum Positions {
    BySlot(Vec<u32>),
    ByNumber(HashMap<i128, u32>),
}

impl Positions {
    fn new(dimension: &Dimension) -> Self {
        match dimension.n_slots() {
            Some(n) => Self::BySlot(vec![0; n as usize]),
            None => Self::ByNumber(HashMap::default()),
        }
    }

    fn set(&mut self, key: i128, position: u32) {
        match self {
            Self::BySlot(positions) => positions[key as usize] = position,
            Self::ByNumber(positions) => {
                positions.insert(key, position);
            }
        }
    }

    fn get(&self, key: i128) -> u32 {
        match self {
            Self::BySlot(positions) => positions[key as usize],
            Self::ByNumber(positions) => positions.get(&key).copied().unwrap_or(0),
        }
    }
}

/// For each class the id of its most frequent spelling, ties by code point.
fn best_spellings(domain: &Domain, counts: &[u64]) -> HashMap<u32, u32> {
    let mut best: HashMap<u32, u32> = HashMap::default();
    for id in FIRST_ID..domain.len() {
        let n = |id: u32| counts.get(id as usize).copied().unwrap_or(0);
        let entry = best.entry(domain.class(id)).or_insert(id);
        if n(id).cmp(&n(*entry)).then_with(|| domain.text(*entry).cmp(domain.text(id))).is_gt() {
            *entry = id;
        }
    }
    best
}

/// Adds the label of a key.
fn name(key: i128, dimension: &Dimension, index: &IndexVersion, spelled: &HashMap<u32, u32>, labels: &mut Labels) {
    let kind = index.schema.field(dimension.field).kind;
    let equal = |value: Value, labels: &mut Labels| match &value {
        Value::Text(text) => labels.push(Meaning::Equal(value.clone()), text),
        other => labels.push(Meaning::Equal(other.clone()), &text_of(other)),
    };
    match (&dimension.numbering, index.domain(dimension.field)) {
        (Numbering::Ids { .. }, Some(domain)) if key >= i128::from(FIRST_ID) => {
            let class = domain.class(key as u32);
            let id = if domain.is_declared(class) { class } else { spelled.get(&class).copied().unwrap_or(class) };
            // The dictionary's text is the canonical one of every kind.
            match domain.shared_text(id) {
                Some(text) => equal(Value::Text(text.clone()), labels),
                None => labels.push(Meaning::Empty, ""),
            }
        }
        (Numbering::Ids { .. }, _) => labels.push(Meaning::Empty, ""),
        (Numbering::Hashed, _) if key == NULL_VALUE => labels.push(Meaning::Empty, ""),
        (Numbering::Hashed, _) => equal(number_value(key, kind), labels),
        (_, _) if key == 0 => labels.push(Meaning::Empty, ""),
        (Numbering::Numbers { low, .. }, _) => equal(number_value(low + key - 1, kind), labels),
        (Numbering::Periods(buckets), _) => {
            let number = key as usize - 1;
            labels.push(Meaning::Periods(vec![period(buckets, number)]), &buckets.key(number));
        }
        (Numbering::Ranges(starts), _) => {
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

/// The name of a period by the dimension's pattern, if it has one.
fn period_named(key: i128, dimension: &Dimension, index: &IndexVersion) -> Option<(String, (i64, i64))> {
    let (Numbering::Periods(buckets), Some(format)) = (&dimension.numbering, &dimension.format) else { return None };
    let number = usize::try_from(key).ok()?.checked_sub(1)?;
    let is_day = index.schema.field(dimension.field).kind == Kind::Date;
    Some((format.name(buckets, number, is_day), period(buckets, number)))
}
