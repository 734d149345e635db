//! A leaf of a predicate, decided once for every distinct value: what is left to ask of a row is a look at its code.

use std::sync::Arc;

use crate::data::block::{BLANK, Block, Frame, NULL, Summary};
use crate::data::domain::Domain;
use crate::data::version::{IndexVersion, dictionary_text, number_of};
use crate::exec::number_set::NumberSet;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::predicate::{Bound, Leaf};

/// What a leaf asks of the values of its field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    /// No row.
    Never,
    /// Rows that are empty.
    Empty,
    /// Rows that are null, though not blank.
    Null,
    /// Rows that are blank, though not null.
    Blank,
    /// Rows with this dictionary id.
    Id(u32),
    /// Rows with one of these few dictionary ids.
    FewIds(Box<[u32]>),
    /// Rows whose dictionary id has a 1 here; ids are positions.
    Ids(Box<[u8]>),
    /// Rows with a number from the first to the second.
    Between(i128, i128),
    /// Rows with a number from the first to the second of one of these pairs, which ascend and do not meet.
    Ranges(Box<[(i128, i128)]>),
    /// Rows with one of these numbers, which ascend.
    Numbers(Box<[i128]>),
    /// Rows with one of these many numbers.
    Set(Arc<NumberSet>),
}

/// A test in terms of one block's codes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CodeTest<'a> {
    Never,
    /// From the first to the second code.
    Between(u128, u128),
    /// From the first to the second of one of these pairs, which ascend and do not meet.
    Ranges(Vec<(u128, u128)>),
    /// Codes that have a 1 here.
    Table(&'a [u8]),
    /// One of these codes, which ascend.
    Members(Vec<u128>),
    /// Codes whose numbers in the frame are in the set.
    Set(&'a NumberSet, Frame),
}

/// What is known of a test before any row is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    NoRow,
    EveryRow,
    SomeRows,
}

impl Outcome {
    pub(crate) fn not(self) -> Self {
        match self {
            Self::NoRow => Self::EveryRow,
            Self::EveryRow => Self::NoRow,
            Self::SomeRows => Self::SomeRows,
        }
    }

    /// AND or OR: `decisive` as soon as one is, `neutral` if all are.
    pub(crate) fn join(outcomes: impl Iterator<Item = Self>, decisive: Self, neutral: Self) -> Self {
        let mut all = neutral;
        for outcome in outcomes {
            if outcome == decisive {
                return decisive;
            }
            if outcome != neutral {
                all = Self::SomeRows;
            }
        }
        all
    }
}

/// Up to this many ids or numbers a code is compared with each, which vectorises; beyond, it is looked up.
pub(crate) const FEW: usize = 8;

/// Widest span of ids that pruning looks through in a table; beyond, looking costs more than it saves.
const PRUNED_SPAN: i128 = 64;

impl Test {
    /// Decides a leaf against the dictionary of its field. Linear in the values that it names and their spellings. Word
    /// searches are decided together, by [`search`](crate::exec::search), places by [`within`](crate::exec::within), fields against fields by
    /// [`compare`](crate::exec::compare), semi-joins by [`semi`](crate::exec::semi).
    pub(crate) fn decide(leaf: &Leaf, field: FieldId, index: &IndexVersion) -> Self {
        let domain = index.domain(field).map(|domain| &**domain);
        match (leaf, domain) {
            (Leaf::IsEmpty { .. }, _) => Self::Empty,
            (Leaf::OneOf { values, .. }, Some(domain)) => Self::of_classes(values, domain),
            (Leaf::OneOf { values, .. }, None) => Self::of_numbers(values.iter().filter_map(number_of).collect()),
            (Leaf::Range { low, high, .. }, None) => between(low, high),
            // The binder makes no such leaf; a row that cannot be asked does not match.
            (Leaf::Range { .. }, Some(_))
            | (
                Leaf::AllEmpty { .. }
                | Leaf::Within { .. }
                | Leaf::Matches { .. }
                | Leaf::MatchesAny { .. }
                | Leaf::Compare { .. }
                | Leaf::Semi { .. }
                | Leaf::LeadsNowhere { .. }
                | Leaf::IsTrue { .. }
                | Leaf::Element { .. },
                _,
            ) => Self::Never,
        }
    }

    fn of_classes(values: &[Value], domain: &Domain) -> Self {
        let classes = values.iter().filter_map(|v| domain.find(&dictionary_text(v)?));
        let mut ids: Vec<u32> = classes.flat_map(|class| domain.members(class)).collect();
        ids.sort_unstable();
        ids.dedup();
        Self::of_ids(ids, domain.len())
    }

    /// A test for these numbers.
    pub(crate) fn of_numbers(mut numbers: Vec<i128>) -> Self {
        numbers.sort_unstable();
        numbers.dedup();
        match numbers[..] {
            [] => Self::Never,
            [one] => Self::Between(one, one),
            _ => Self::Numbers(numbers.into()),
        }
    }

    /// A test for these ranges of numbers, which ascend and do not meet.
    pub(crate) fn of_ranges(ranges: Vec<(i128, i128)>) -> Self {
        match ranges[..] {
            [] => Self::Never,
            [(from, to)] => Self::Between(from, to),
            _ => Self::Ranges(ranges.into()),
        }
    }

    /// Whether codes are looked up in ranges rather than compared with each.
    pub(crate) fn has_many_ranges(&self) -> bool {
        matches!(self, Self::Ranges(ranges) if ranges.len() > FEW)
    }

    /// A test for the ids that have a 1.
    pub(crate) fn of_table(wanted: Vec<u8>) -> Self {
        let ids: Vec<u32> = (0..).zip(&wanted).filter(|(_, w)| **w == 1).map(|(id, _)| id).take(FEW + 1).collect();
        if ids.len() > FEW { Self::Ids(wanted.into()) } else { Self::of_ids(ids, 0) }
    }

    /// A test for ids that ascend, in a dictionary of `n`.
    pub(crate) fn of_ids(ids: Vec<u32>, n: u32) -> Self {
        match ids[..] {
            [] => Self::Never,
            [one] => Self::Id(one),
            _ if ids.len() <= FEW => Self::FewIds(ids.into()),
            _ => {
                let mut wanted = vec![0u8; n as usize];
                ids.iter().for_each(|id| wanted[*id as usize] = 1);
                Self::Ids(wanted.into())
            }
        }
    }

    /// Memory of ids, numbers and tables.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::FewIds(ids) => size_of_val(&**ids),
            Self::Ids(wanted) => size_of_val(&**wanted),
            Self::Ranges(ranges) => size_of_val(&**ranges),
            Self::Numbers(numbers) => size_of_val(&**numbers),
            // Sets are on the account of what they were made from.
            Self::Never | Self::Empty | Self::Null | Self::Blank | Self::Id(_) | Self::Between(..) | Self::Set(_) => 0,
        }
    }

    /// What the least and greatest value already tell: pruning of segments and blocks.
    pub(crate) fn outcome(&self, summary: Summary) -> Outcome {
        let Some((low, high)) = summary.bounds else {
            return match self {
                Self::Empty if summary.has_empty => Outcome::EveryRow,
                Self::Null | Self::Blank if summary.has_empty => Outcome::SomeRows,
                _ => Outcome::NoRow,
            };
        };
        let (meets, covers) = match self {
            Self::Never => (false, false),
            Self::Empty | Self::Null | Self::Blank => {
                return if summary.has_empty { Outcome::SomeRows } else { Outcome::NoRow };
            }
            Self::Id(id) => between_outcome((*id).into(), (*id).into(), low, high),
            Self::Between(from, to) => between_outcome(*from, *to, low, high),
            Self::Ranges(ranges) => {
                let first = ranges.get(ranges.partition_point(|(_, to)| *to < low));
                first.map_or((false, false), |(from, to)| between_outcome(*from, *to, low, high))
            }
            Self::Numbers(numbers) => {
                let meets = numbers.get(numbers.partition_point(|n| *n < low)).is_some_and(|n| *n <= high);
                (meets, meets && low == high)
            }
            Self::Set(numbers) => (between_outcome(numbers.low(), numbers.high(), low, high).0, false),
            Self::FewIds(ids) => {
                let meets = ids.iter().any(|id| (low..=high).contains(&(*id).into()));
                (meets, meets && (low..=high).all(|id| ids.iter().any(|wanted| i128::from(*wanted) == id)))
            }
            Self::Ids(_) if high - low > PRUNED_SPAN => (true, false),
            Self::Ids(wanted) => {
                let seen = wanted.get(low as usize..=high as usize).unwrap_or(&[]);
                (seen.contains(&1), !seen.contains(&0) && !seen.is_empty())
            }
        };
        match (meets, covers && !summary.has_empty) {
            (false, _) => Outcome::NoRow,
            (true, true) => Outcome::EveryRow,
            (true, false) => Outcome::SomeRows,
        }
    }

    /// What is known of a block before its codes are looked at; an absent one is all null.
    pub(crate) fn block_outcome(&self, block: Option<&Block>) -> Outcome {
        let Some(block) = block else {
            return match self {
                Self::Null => Outcome::EveryRow,
                Self::Blank => Outcome::NoRow,
                _ => self.outcome(Summary::ABSENT),
            };
        };
        let may_meet = match self {
            Self::Id(id) => block.may_hold(*id),
            Self::FewIds(ids) => ids.iter().any(|id| block.may_hold(*id)),
            _ => true,
        };
        if may_meet { self.outcome(block.summary()) } else { Outcome::NoRow }
    }

    /// The test in terms of a block's codes.
    pub(crate) fn for_codes<'a>(&'a self, block: &Block) -> CodeTest<'a> {
        match (self, block.frame()) {
            (Self::Never, _) | (Self::Set(_), None) | (Self::Blank, Some(_)) => CodeTest::Never,
            (Self::Empty, None) => CodeTest::Between(NULL.into(), BLANK.into()),
            (Self::Empty, Some(_)) | (Self::Null, _) => CodeTest::Between(NULL.into(), NULL.into()),
            (Self::Blank, None) => CodeTest::Between(BLANK.into(), BLANK.into()),
            (Self::Id(id), _) => CodeTest::Between((*id).into(), (*id).into()),
            (Self::FewIds(ids), _) => CodeTest::Members(ids.iter().map(|id| (*id).into()).collect()),
            (Self::Ids(wanted), _) => CodeTest::Table(wanted),
            (Self::Between(from, to), frame) => {
                let (Some(frame), Some((low, high))) = (frame, block.summary().bounds) else { return CodeTest::Never };
                if *from > high || *to < low {
                    return CodeTest::Never;
                }
                let (first, last) = codes_between((*from, *to), (low, high), frame);
                if first > last { CodeTest::Never } else { CodeTest::Between(first, last) }
            }
            (Self::Ranges(ranges), frame) => {
                let (Some(frame), Some((low, high))) = (frame, block.summary().bounds) else { return CodeTest::Never };
                let first = ranges.partition_point(|(_, to)| *to < low);
                let meeting = ranges.iter().skip(first).take_while(|(from, _)| *from <= high);
                let codes = meeting.map(|range| codes_between(*range, (low, high), frame));
                CodeTest::of_ranges(codes.filter(|(first, last)| first <= last).collect())
            }
            (Self::Set(numbers), Some(frame)) => CodeTest::Set(numbers, frame),
            (Self::Numbers(numbers), frame) => {
                let (Some(frame), Some((low, high))) = (frame, block.summary().bounds) else { return CodeTest::Never };
                let from = numbers.partition_point(|n| *n < low);
                let within = numbers.iter().skip(from).take_while(|n| **n <= high);
                let distances = within.map(|n| n.wrapping_sub(frame.base) as u128);
                CodeTest::Members(distances.filter(|d| d % frame.step == 0).map(|d| d / frame.step + 1).collect())
            }
        }
    }
}

impl CodeTest<'_> {
    fn of_ranges(ranges: Vec<(u128, u128)>) -> Self {
        match ranges[..] {
            [] => Self::Never,
            [(first, last)] => Self::Between(first, last),
            _ => Self::Ranges(ranges),
        }
    }
}

/// The first and the last code of a frame whose numbers lie in a range that meets those of its block.
fn codes_between((from, to): (i128, i128), (low, high): (i128, i128), frame: Frame) -> (u128, u128) {
    let distance = |n: i128| n.wrapping_sub(frame.base) as u128;
    (distance(from.max(low)).div_ceil(frame.step) + 1, distance(to.min(high)) / frame.step + 1)
}

/// Whether `from..=to` meets, and whether it covers, what lies between `low` and `high`.
fn between_outcome(from: i128, to: i128, low: i128, high: i128) -> (bool, bool) {
    (from <= high && to >= low, from <= low && to >= high)
}

fn between(low: &Bound, high: &Bound) -> Test {
    let edge = |bound: &Bound, open: i128, inward: i128| match bound {
        Bound::Open => Some(open),
        Bound::Inclusive(value) => number_of(value),
        Bound::Exclusive(value) => number_of(value).map(|n| n.saturating_add(inward)),
    };
    match (edge(low, i128::MIN, 1), edge(high, i128::MAX, -1)) {
        (Some(from), Some(to)) if from <= to => Test::Between(from, to),
        _ => Test::Never,
    }
}
