//! One field against another, row by row. What values of different dictionaries have in common is looked up once per
//! distinct value, and the cells of a field are read once a block, however many comparisons ask for them.

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::base::pool::Pool;
use crate::data::block::Block;
use crate::data::codes::{Code, each_width};
use crate::data::segment::Segment;
use crate::data::version::IndexVersion;
use crate::exec::eval::related::Groups;
use crate::exec::meeting::Meeting;
use crate::model::decimal::MAX_SCALE;
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::model::time::{DAY, calendar::in_calendar};
use crate::query::predicate::{Order, Shift, Side};

/// The comparisons of a filter, made ready for one version of an index.
#[derive(Debug, Default)]
pub(crate) struct Comparisons {
    columns: Vec<Column>,
    places: HashMap<Asked, usize>,
}

/// Two columns and how their values are to lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison {
    left: usize,
    order: Order,
    right: usize,
}

/// What makes a column: the side, whether it is widened, and the two fields whose dictionaries meet.
type Asked = (Side, bool, Option<(FieldId, FieldId)>);

/// One side: every value as a number that can be compared with the other side's.
#[derive(Debug)]
struct Column {
    side: Side,
    is_day: bool,
    /// Integers compared with decimals are brought to their unit.
    factor: i128,
    /// Values of a dictionary that equal values of the other have their group.
    groups: Option<Groups>,
}

/// The columns' cells of one block, as far as they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    kept: Vec<(bool, Vec<i128>)>,
    /// Of columns that are too many to be kept.
    spare: [Vec<i128>; 2],
}

/// Most columns whose cells are kept: four mebibytes a thread.
const MOST_KEPT: usize = 64;

/// What an empty cell has: nothing lies in any order to it.
const EMPTY: i128 = i128::MIN;

impl Comparisons {
    pub(crate) fn add<'b>(
        &mut self,
        (left, order, right): (&Side, Order, &Side),
        index: &IndexVersion,
        (pool, budget): (&Pool, &'b Budget),
        memory: &mut Vec<Reservation<'b>>,
    ) -> Result<Comparison> {
        let kind = |side: &Side| index.schema.field(side.field).kind;
        let widened = |side: &Side, other: &Side| kind(side) == Kind::Integer && kind(other) == Kind::Decimal;
        // The same meeting whichever stands left, so that groups are the same too.
        let (one, other) = (left.field.min(right.field), left.field.max(right.field));
        let meets = index.domain(one).is_some() && index.domain(other).is_some();
        let asked = |side: &Side, other_side| (side.clone(), widened(side, other_side), meets.then_some((one, other)));
        let sides = [asked(left, right), asked(right, left)];
        if meets && sides.iter().any(|side| !self.places.contains_key(side)) {
            let meeting = Meeting::new((index, one), (index, other), pool, budget, memory)?;
            let groups = |side: &Side| if side.field == one { &meeting.outer } else { &meeting.inner };
            sides.iter().for_each(|side| self.put(side, kind(&side.0), Some(groups(&side.0).clone())));
        } else {
            sides.iter().for_each(|side| self.put(side, kind(&side.0), None));
        }
        let [left, right] = sides.map(|side| self.places.get(&side).copied().unwrap_or(0));
        Ok(Comparison { left, order, right })
    }

    fn put(&mut self, asked: &Asked, kind: Kind, groups: Option<Groups>) {
        let (side, widened, _) = asked;
        if !self.places.contains_key(asked) {
            self.places.insert(asked.clone(), self.columns.len());
            let factor = if *widened { 10i128.pow(MAX_SCALE.into()) } else { 1 };
            self.columns.push(Column { side: side.clone(), is_day: kind == Kind::Date, factor, groups });
        }
    }

    /// One byte a row of a block. `cells` holds what was read of this block before.
    pub(crate) fn run(
        &self,
        Comparison { left, order, right }: Comparison,
        (segment, block): (&Segment, usize),
        cells: &mut Cells,
        into: &mut [u8],
    ) {
        cells.kept.resize_with(self.columns.len().min(MOST_KEPT), Default::default);
        for (at, spare) in [left, right].into_iter().zip(&mut cells.spare) {
            match cells.kept.get_mut(at) {
                Some((true, _)) => {}
                Some((known, numbers)) => {
                    *known = true;
                    self.columns[at].read(segment, block, into.len(), numbers);
                }
                None => self.columns[at].read(segment, block, into.len(), spare),
            }
        }
        let of = |at: usize, spare: usize| cells.kept.get(at).map_or(&cells.spare[spare], |(_, numbers)| numbers);
        let (left, right) = (of(left, 0), of(right, 1));
        match order {
            Order::Equal => each(left, right, into, |a, b| a == b),
            Order::Less => each(left, right, into, |a, b| a < b),
            Order::LessOrEqual => each(left, right, into, |a, b| a <= b),
            Order::Greater => each(left, right, into, |a, b| a > b),
            Order::GreaterOrEqual => each(left, right, into, |a, b| a >= b),
        }
    }
}

impl Cells {
    /// Forgets the block.
    pub(crate) fn clear(&mut self) {
        self.kept.iter_mut().for_each(|(known, _)| *known = false);
    }
}

/// A loop for each order, so that it is chosen once a block.
fn each(left: &[i128], right: &[i128], into: &mut [u8], holds: impl Fn(i128, i128) -> bool) {
    for (byte, (a, b)) in into.iter_mut().zip(left.iter().zip(right)) {
        *byte = u8::from(holds(*a, *b)) & u8::from(*a != EMPTY) & u8::from(*b != EMPTY);
    }
}

impl Column {
    /// Reads the `n` cells of a block.
    fn read(&self, segment: &Segment, block: usize, n: usize, into: &mut Vec<i128>) {
        into.clear();
        match segment.block(self.side.field, block) {
            None => into.resize(n, EMPTY),
            Some(cells) => match &self.groups {
                Some(groups) => {
                    into.extend(
                        groups.of_block(cells).into_iter().map(|group| if group == 0 { EMPTY } else { group.into() }),
                    );
                }
                None => numbers(cells, into),
            },
        }
        if self.factor != 1 {
            // An integer that has no place among decimals lies beyond them all, and is not empty.
            let widen = |n: &mut i128| *n = n.saturating_mul(self.factor).max(EMPTY + 1);
            into.iter_mut().filter(|n| **n != EMPTY).for_each(widen);
        }
        match &self.side.shift {
            None => {}
            Some(Shift::Field { field, negative }) => {
                let mut by = Vec::new();
                match segment.block(*field, block) {
                    None => by.resize(n, EMPTY),
                    Some(cells) => numbers(cells, &mut by),
                }
                for (n, by) in into.iter_mut().zip(by) {
                    *n = match (*n, by) {
                        (EMPTY, _) | (_, EMPTY) => EMPTY,
                        (n, by) if *negative => n - by,
                        (n, by) => n + by,
                    };
                }
            }
            Some(Shift::Span(span, zone)) => {
                let shift = |n: i128| {
                    if !self.is_day {
                        return span.shift(i64::try_from(n).ok()?, zone);
                    }
                    let day = span.shift(i64::try_from(n).ok()?.checked_mul(DAY)?, zone)?.div_euclid(DAY);
                    Some(in_calendar(i32::try_from(day).ok()?)?.into())
                };
                into.iter_mut().filter(|n| **n != EMPTY).for_each(|n| *n = shift(*n).map_or(EMPTY, i128::from));
            }
        }
    }
}

/// The numbers of a block's cells.
fn numbers(block: &Block, into: &mut Vec<i128>) {
    let Some(frame) = block.frame() else { return into.resize(block.codes().len(), EMPTY) };
    let number = |code: u128| if code == 0 { EMPTY } else { frame.number(code) };
    each_width!(block.codes(), codes => into.extend(codes.iter().map(|code| number(code.wide()))));
}
