//! From rows to group slots: each group key gives every row a small number, and the numbers of all keys together make the
//! slot where the row is counted.

use std::iter;
use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::data::block::{Block, FIRST_ID, NULL};
use crate::data::codes::{Code, Codes, each_width};
use crate::data::version::{Coding, IndexVersion, coding, number_of};
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::model::time::pattern::Pattern;
use crate::model::time::{Buckets, SECOND, Zone};
use crate::query::rel::{GroupKey, Selector};

/// Widest range of numbers that gets a slot each.
const DENSE_NUMBERS: i128 = 1 << 20;
/// Most calendar periods that are laid out; a range of dates that needs more is refused.
const MOST_PERIODS: usize = 1 << 22;
/// Where the whole index needs more periods than this, those of the rows that pass are laid out, at the cost of one more
/// scan: one row dated in year 9999 would else cost millions of days in every answer.
const MOST_PERIODS_UNASKED: usize = 1 << 16;

/// How one group key numbers rows. Slot 0 is the empty group where not said otherwise.
#[derive(Debug)]
pub(crate) struct Dimension {
    pub(crate) field: FieldId,
    pub(crate) numbering: Numbering,
    /// Whether a row may be in several groups.
    pub(crate) multi: bool,
    /// Whether spellings are told apart, even two of one value in one row.
    pub(crate) by_spelling: bool,
    /// Which groups without rows are named too.
    pub(crate) fill: Fill,
    /// How periods are named, if not by their first day.
    pub(crate) format: Option<Format>,
}

/// Groups without rows that are named all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    None,
    /// Values that the schema declares.
    Declared,
    /// Periods between others.
    Between,
    /// Every slot but the empty one.
    Every,
}

impl Fill {
    fn of(selector: &Selector, kind: Kind) -> Self {
        match &selector.key {
            _ if !selector.fill => Self::None,
            GroupKey::Period(..) if selector.range.is_none() => Self::Between,
            GroupKey::Period(..) | GroupKey::Bucket(..) => Self::Every,
            GroupKey::Field(_) if kind == Kind::Boolean => Self::Every,
            GroupKey::Field(_) => Self::Declared,
        }
    }
}

/// Names of periods by a pattern, in the request's zone.
#[derive(Debug)]
pub(crate) struct Format {
    pattern: Arc<Pattern>,
    zone: Zone,
}

impl Format {
    /// The name of a period.
    pub(crate) fn name(&self, buckets: &Buckets, period: usize, is_day: bool) -> String {
        let start = buckets.starts()[period];
        if is_day {
            return self.pattern.format_day(start as i32);
        }
        self.pattern.format(buckets.local_start(period), ((self.zone.to_local(start) - start) / SECOND) as i32)
    }
}

#[derive(Debug)]
pub(crate) enum Numbering {
    /// Slots are dictionary ids; those below FIRST_ID are empty. There are `n`.
    Ids { n: u32 },
    /// Slot s > 0 is the number `low + s - 1`. There are `n`.
    Numbers { low: i128, n: u32 },
    /// Slot s > 0 is the calendar period s - 1.
    Periods(Buckets),
    /// Slot s > 0 is what lies from its start to before the next: the first of these begins below every number.
    Ranges(Vec<i128>),
    /// Too many numbers for a slot each: groups are found by hashing the number itself.
    Hashed,
}

impl Dimension {
    /// Chooses a numbering for a key from what the index holds of its field; `passing` tells the least and greatest number
    /// of a field among the rows that are asked for.
    pub(crate) fn new(
        selector: &Selector,
        index: &IndexVersion,
        zone: &Zone,
        passing: impl Fn(FieldId) -> Result<Option<(i128, i128)>>,
    ) -> Result<Self> {
        let (key, field) = (&selector.key, selector.key.field());
        let declared = index.schema.field(field);
        let numbering = match (coding(&index.schema, field), key) {
            (Coding::Ids, _) => Numbering::Ids { n: index.domain(field).map_or(FIRST_ID, |domain| domain.len()) },
            (Coding::Numbers, GroupKey::Period(_, period)) => {
                let of_bounds = |bounds: Option<(i128, i128)>, most: usize| {
                    let (low, high) = match (bounds, selector.range) {
                        // What lies outside was left out by the filter, and all within is wanted.
                        (_, Some(range)) if selector.fill => range,
                        (Some((low, high)), None) => (low as i64, high as i64),
                        (Some((low, high)), Some(range)) => ((low as i64).max(range.0), (high as i64).min(range.1)),
                        (None, _) => (0, 0),
                    };
                    if declared.kind == Kind::Date {
                        Buckets::of_days(*period, low as i32, high as i32, most)
                    } else {
                        Buckets::of_instants(zone, *period, low, high, most)
                    }
                };
                // Rows that are deleted, hidden or not asked for may lie far out: no reason to fail, nor to be told of.
                let buckets = of_bounds(index.summary(field).bounds, MOST_PERIODS_UNASKED).or_else(|_| {
                    let too_many = |need| {
                        let help = "ask for longer periods or a shorter time";
                        Error::fixed_limit("calendar periods", MOST_PERIODS as u64, need, help)
                    };
                    of_bounds(passing(field)?, MOST_PERIODS).map_err(too_many)
                });
                Numbering::Periods(buckets?)
            }
            (Coding::Numbers, GroupKey::Bucket(_, edges)) => {
                Numbering::Ranges(iter::once(i128::MIN).chain(edges.iter().filter_map(number_of)).collect())
            }
            (Coding::Numbers, GroupKey::Field(_)) if declared.kind == Kind::Boolean => {
                Numbering::Numbers { low: 0, n: 3 }
            }
            (Coding::Numbers, GroupKey::Field(_)) => match index.summary(field).bounds {
                None => Numbering::Numbers { low: 0, n: 1 },
                Some((low, high)) if high.checked_sub(low).is_some_and(|width| width < DENSE_NUMBERS) => {
                    Numbering::Numbers { low, n: (high - low) as u32 + 2 }
                }
                Some(_) => Numbering::Hashed,
            },
        };
        let format = selector.format.as_ref().map(|pattern| Format { pattern: pattern.clone(), zone: zone.clone() });
        let fill = Fill::of(selector, declared.kind);
        Ok(Self { field, numbering, multi: declared.multi, by_spelling: false, fill, format })
    }

    /// The spellings of a field's values, each apart.
    pub(crate) fn of_spellings(field: FieldId, n: u32, multi: bool) -> Self {
        let numbering = Numbering::Ids { n };
        Self { field, numbering, multi, by_spelling: true, fill: Fill::None, format: None }
    }

    /// How many slots there are, if each value has one.
    pub(crate) fn n_slots(&self) -> Option<u32> {
        match &self.numbering {
            Numbering::Ids { n } | Numbering::Numbers { n, .. } => Some(*n),
            Numbering::Periods(buckets) => Some(buckets.len() as u32 + 1),
            Numbering::Ranges(starts) => Some(starts.len() as u32 + 1),
            Numbering::Hashed => None,
        }
    }

    /// The codes of a block's rows and what makes each a slot by adding it, where that is all it takes.
    pub(crate) fn shifted_codes<'b>(&self, block: Option<&'b Block>) -> Option<(&'b Codes, usize)> {
        let block = block?;
        let offset = match &self.numbering {
            Numbering::Ids { .. } => 0,
            Numbering::Numbers { low, .. } => {
                let frame = block.frame().filter(|frame| frame.step == 1)?;
                frame.base.wrapping_sub(*low) as usize
            }
            Numbering::Periods(_) | Numbering::Ranges(_) | Numbering::Hashed => return None,
        };
        // Null is slot 0 in every block.
        (offset == 0 || !block.summary().has_empty).then_some((block.codes(), offset))
    }

    /// Adds each row's slot, shifted to its place, to `slots`: of all rows of the block, or of the rows listed. For blocks
    /// without lists.
    pub(crate) fn add_slots(&self, block: Option<&Block>, shift: u32, rows: Option<&[u16]>, slots: &mut [u32]) {
        // An absent block is all null, and null is slot 0.
        let Some(block) = block else { return };
        if let Some((codes, offset)) = self.shifted_codes(Some(block)) {
            let offset = offset as u32;
            return each_width!(codes, codes => {
                add_each(codes, rows, slots, |code| (code.idx() as u32 + offset) << shift);
            });
        }
        match &self.numbering {
            Numbering::Numbers { low, .. } => {
                let Some(frame) = block.frame() else { return };
                // Slot of code c > 0: (base - low) + (c - 1) * step + 1, in wrapping arithmetic.
                let step = frame.step as u32;
                let first = (frame.base.wrapping_sub(*low) as u32).wrapping_add(1).wrapping_sub(step);
                each_width!(block.codes(), codes => add_each(codes, rows, slots, |code| {
                    let code = code.idx() as u32;
                    if code == NULL { 0 } else { first.wrapping_add(code.wrapping_mul(step)) << shift }
                }));
            }
            Numbering::Periods(buckets) => add_ranges(buckets.starts(), block, shift, rows, slots),
            Numbering::Ranges(starts) => add_ranges(starts, block, shift, rows, slots),
            // Ids are slots as they are, and hashed keys have none.
            Numbering::Ids { .. } | Numbering::Hashed => {}
        }
    }

    /// The value by which hashing tells groups apart: the slot, or the number itself; NULL_VALUE for an empty number.
    pub(crate) fn value(&self, block: Option<&Block>, at: usize) -> i128 {
        let code = block.map_or(0, |block| block.codes().get(at));
        let number = |code| block.and_then(Block::frame).filter(|_| code != 0).map(|frame| frame.number(code));
        match &self.numbering {
            Numbering::Ids { .. } => code as i128,
            Numbering::Numbers { low, .. } => number(code).map_or(0, |n| n - low + 1),
            Numbering::Periods(buckets) => number(code).map_or(0, |n| range_slot(buckets.starts(), n).into()),
            Numbering::Ranges(starts) => number(code).map_or(0, |n| range_slot(starts, n).into()),
            Numbering::Hashed => number(code).unwrap_or(NULL_VALUE),
        }
    }
}

/// Stands for an empty number where groups are found by hashing; no column holds it.
pub(crate) const NULL_VALUE: i128 = i128::MIN;

/// Slot of the range that holds a number. The ranges hold those of all rows that pass; what is said of others is not
/// counted.
fn range_slot<S: Copy + Into<i128>>(starts: &[S], number: i128) -> u32 {
    starts.partition_point(|start| (*start).into() <= number) as u32
}

/// Adds a number for each row's code: of all rows, or of those listed.
fn add_each<C: Code>(codes: &[C], rows: Option<&[u16]>, slots: &mut [u32], slot_of: impl Fn(C) -> u32) {
    match rows {
        None => slots.iter_mut().zip(codes).for_each(|(slot, code)| *slot += slot_of(*code)),
        Some(rows) => slots.iter_mut().zip(rows).for_each(|(slot, row)| *slot += slot_of(codes[usize::from(*row)])),
    }
}

/// Above this many edges in a block a binary search is quicker than comparing with each.
const FEW_EDGES: usize = 16;

/// Ranges of a block's rows: the few boundaries that lie in the block's range are brought into the terms of its codes once,
/// so that no calendar is asked per row.
fn add_ranges<S: Copy + Into<i128>>(starts: &[S], block: &Block, shift: u32, rows: Option<&[u16]>, slots: &mut [u32]) {
    let (Some(frame), Some((low, high))) = (block.frame(), block.summary().bounds) else { return };
    let (first, last) = (range_slot(starts, low), range_slot(starts, high));
    // The first code of each range after the block's first one.
    let edges: Vec<u128> = starts[first as usize..last as usize]
        .iter()
        .map(|start| ((*start).into().wrapping_sub(frame.base) as u128).div_ceil(frame.step) + 1)
        .collect();
    each_width!(block.codes(), codes => {
        // Edges lie at or below the block's greatest code, so they fit its width.
        let edges: Vec<_> = edges.iter().map(|edge| Code::narrow(*edge)).collect();
        count_edges(codes, &edges, first, shift, rows, slots);
    });
}

fn count_edges<C: Code>(codes: &[C], edges: &[C], first: u32, shift: u32, rows: Option<&[u16]>, slots: &mut [u32]) {
    let null = C::default();
    let slot_of = |code, passed: u32| if code == null { 0 } else { (first + passed) << shift };
    match edges {
        [] => add_each(codes, rows, slots, |code| slot_of(code, 0)),
        [edge] => add_each(codes, rows, slots, |code| slot_of(code, u32::from(*edge <= code))),
        _ if edges.len() <= FEW_EDGES => {
            add_each(codes, rows, slots, |code| slot_of(code, edges.iter().map(|edge| u32::from(*edge <= code)).sum()));
        }
        _ => add_each(codes, rows, slots, |code| slot_of(code, edges.partition_point(|edge| *edge <= code) as u32)),
    }
}
