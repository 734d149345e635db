//! The latest row of each test among the rows that pass a filter, One scan finds in each of its
//! pieces the row that counts of each test; pieces are merged in load order, so that of equals the one loaded last stays.

use std::cmp::Ordering;

use crate::base::budget::{Budget, Reservation};
use crate::base::error::{Error, Result};
use crate::base::pool::Pool;
use crate::data::block::{BLOCK_ROWS, FIRST_ID};
use crate::data::version::IndexVersion;
use crate::exec::chosen::{Chosen, Masks};
use crate::exec::filter::Filter;
use crate::exec::mask::{self, Mask};
use crate::exec::packing::{Packed, Packing};
use crate::exec::scan::{Passed, scan};
use crate::exec::table::Table;
use crate::exec::test::{Outcome, Test};
use crate::model::field::StatusFlags;
use crate::model::latest::{Retries, Rule};
use crate::model::schema::FieldId;

/// Most keys that have a slot each. 4 M slots are 64 MiB a piece: past the caches, but still cheaper than hashing.
const DENSE_SLOTS: usize = 1 << 22;

/// Most slots that stay in a core's own cache.
const CACHED_SLOTS: usize = 1 << 14;

/// Slots take at most one part in this many of the memory that a request may use, in all pieces.
const DENSE_SHARE: usize = 4;

/// Merged keys between two looks at the clock.
const KEYS_TOGETHER: usize = 1 << 16;

/// Chooses of the rows that pass the latest of each test.
pub(crate) fn latest<'b>(
    retries: &Retries<FieldId>,
    index: &IndexVersion,
    among: &Filter<'_>,
    pool: &Pool,
    budget: &'b Budget,
) -> Result<Chosen<'b>> {
    let Some(test) = retries.per.first().copied() else { return Err(Error::internal("retries of no test")) };
    let keys = Packing::new(retries.per.iter().map(|field| (*field, Packed::classes(*field, index))));
    let by = retries.by.iter().map(|field| (*field, Packed::ranks(*field, index)));
    let order = Packing::new(preferences(retries.rule, index).into_iter().chain(by));
    let _tables = budget.reserve(keys.bytes() + order.bytes())?;
    let n_slots = keys.n_slots().filter(|n| *n <= DENSE_SLOTS);
    let mut race = Race { test, keys, order, n_slots, segment_rows: index.segment_rows.into() };
    let most_pieces = match n_slots {
        None => usize::MAX,
        Some(n) => match budget.limits().memory_bytes / DENSE_SHARE / (n * race.slot_bytes()) {
            0 => {
                race.n_slots = None;
                usize::MAX
            }
            affordable if n > CACHED_SLOTS => affordable.min(pool.n_threads()),
            affordable => affordable,
        },
    };
    let start = || Piece::new(&race, budget);
    let (pieces, _) = scan(index, among, pool, budget, most_pieces, start, Piece::add)?;
    let mut pieces = pieces.into_iter();
    let mut all = pieces.next().map_or_else(start, Ok)?;
    for piece in pieces {
        all.merge(piece)?;
    }
    all.finish(index)
}

/// A rule as a number by status: retries with a higher one are preferred to newer ones.
fn preferences(rule: Rule<FieldId>, index: &IndexVersion) -> Option<(FieldId, Packed)> {
    let status = *rule.status()?;
    let domain = index.domain(status)?;
    let values = &index.schema.field(status).values;
    let preference = |id| {
        let class = domain.class(id);
        let declared = if domain.is_declared(class) { values.get((class - FIRST_ID) as usize) } else { None };
        let flags = declared.map_or_else(StatusFlags::default, |value| value.flags);
        match rule {
            Rule::Worst(_) if flags.failed => 2,
            Rule::Worst(_) => u32::from(!flags.passed),
            Rule::Last | Rule::AnyPassed(_) => flags.passed.into(),
        }
    };
    Some((status, Packed::Table((0..domain.len()).map(preference).collect())))
}

/// What all pieces of a scan share.
#[derive(Debug)]
struct Race {
    /// The field that names the test.
    test: FieldId,
    /// Equal for retries of one test.
    keys: Packing,
    /// Ascends to the row that counts.
    order: Packing,
    /// Where keys are slots as they are: how many.
    n_slots: Option<usize>,
    segment_rows: u64,
}

/// Stands for no row.
const NOWHERE: u64 = u64::MAX;

/// What one piece of the scan found, and those merged into it.
#[derive(Debug)]
struct Piece<'a, 'b> {
    race: &'a Race,
    leaders: Leaders,
    /// Rows that name no test, by segment and block.
    alone: Vec<(usize, usize, Box<[u8]>)>,
    /// Memory of all that grows.
    bytes: usize,
    of_block: Scratch,
    budget: &'b Budget,
    /// What slots take from the start.
    _memory: Reservation<'b>,
}

/// By slot, the row that counts so far.
#[derive(Debug)]
struct Leaders {
    /// Slots of keys that are none themselves.
    table: Option<Table<u64>>,
    places: Vec<u64>,
    /// By word of the order.
    orders: Vec<Vec<u64>>,
}

/// Of the rows of one block.
#[derive(Debug, Default)]
struct Scratch {
    testless: Mask,
    rows: Vec<u16>,
    keys: Vec<Vec<u64>>,
    orders: Vec<Vec<u64>>,
    slots: Vec<u32>,
}

impl<'a, 'b> Piece<'a, 'b> {
    fn new(race: &'a Race, budget: &'b Budget) -> Result<Self> {
        let n = race.n_slots.unwrap_or(0);
        let memory = budget.reserve(n * race.slot_bytes())?;
        let leaders = Leaders {
            table: race.n_slots.is_none().then(|| Table::new(race.keys.n_words())),
            places: vec![NOWHERE; n],
            orders: vec![vec![0; n]; race.order.n_words()],
        };
        let (alone, of_block) = (Vec::new(), Scratch::default());
        Ok(Self { race, leaders, alone, bytes: 0, of_block, budget, _memory: memory })
    }

    /// Lets the rows of a block take part.
    fn add(&mut self, passed: &Passed<'_>) -> Result<()> {
        let Scratch { testless, rows, keys, orders, slots } = &mut self.of_block;
        let alone = alone(passed, self.race.test, testless);
        let rows = if passed.mask.is_none() && alone.is_none() {
            None
        } else {
            rows.clear();
            passed.each_row(|row| rows.push(row as u16));
            rows.retain(|row| alone.is_none_or(|alone| alone[usize::from(*row)] == 0));
            Some(&**rows)
        };
        if let Some(alone) = alone {
            self.bytes += alone.len();
            self.alone.push((passed.segment_idx, passed.block, alone.into()));
        }
        let n_before = self.leaders.places.len();
        let block = (passed.segment, passed.block);
        self.race.keys.fill(keys, block, (passed.n_rows, rows));
        self.race.order.fill(orders, block, (passed.n_rows, rows));
        self.leaders.find(keys, slots);
        let first = passed.segment_idx as u64 * self.race.segment_rows + (passed.block * BLOCK_ROWS) as u64;
        match rows {
            None => self.leaders.add(slots, orders, |i| first + i as u64),
            Some(rows) => self.leaders.add(slots, orders, |i| first + u64::from(rows[i])),
        }
        self.bytes += (self.leaders.places.len() - n_before) * self.race.slot_bytes();
        // No piece needs more than all do together, so that the limit is met or not whatever the pieces are.
        self.budget.reserve(self.bytes).map(drop)
    }

    /// Takes over what a later piece of the scan found.
    fn merge(&mut self, later: Self) -> Result<()> {
        self.alone.extend(later.alone);
        let n_before = self.leaders.places.len();
        self.leaders.merge(&later.leaders, self.budget)?;
        self.bytes += (self.leaders.places.len() - n_before) * self.race.slot_bytes();
        Ok(())
    }

    /// The rows that are left.
    fn finish(self, index: &IndexVersion) -> Result<Chosen<'b>> {
        let _memory = self.budget.reserve(self.bytes)?;
        let mut masks = Masks::new(index);
        self.alone.into_iter().for_each(|(segment_idx, block, rows)| masks.set(segment_idx, block, rows));
        for places in self.leaders.places.chunks(KEYS_TOGETHER) {
            self.budget.check()?;
            places.iter().filter(|place| **place != NOWHERE).for_each(|place| masks.add(*place, index));
        }
        let memory = self.budget.reserve(masks.bytes())?;
        Ok(masks.finish(memory))
    }
}

impl Race {
    /// Most bytes that a slot takes.
    fn slot_bytes(&self) -> usize {
        // Of a hashed key itself and its place in the table.
        let key = if self.n_slots.is_some() { 0 } else { self.keys.n_words() + 1 };
        size_of::<u64>() * (1 + self.order.n_words() + key)
    }
}

impl Leaders {
    /// The slots of a block's rows by the words of their keys.
    fn find(&mut self, keys: &[Vec<u64>], slots: &mut Vec<u32>) {
        slots.clear();
        let Some(table) = &mut self.table else {
            return slots.extend(keys.iter().take(1).flatten().map(|key| *key as u32));
        };
        let mut key = vec![0; keys.len()];
        for i in 0..keys.first().map_or(0, Vec::len) {
            key.iter_mut().zip(keys).for_each(|(own, word)| *own = word[i]);
            slots.push(table.number(&key));
        }
        self.make_room();
    }

    /// A slot for every key.
    fn make_room(&mut self) {
        if let Some(table) = &self.table {
            self.places.resize(table.len(), NOWHERE);
            self.orders.iter_mut().for_each(|order| order.resize(table.len(), 0));
        }
    }

    /// Lets rows take part in ascending order, each with its slot and the words of its order.
    fn add(&mut self, slots: &[u32], orders: &[Vec<u64>], place_of: impl Fn(usize) -> u64) {
        for (i, slot) in slots.iter().enumerate() {
            self.offer(*slot as usize, place_of(i), |word| orders[word][i]);
        }
    }

    /// The row leads unless the one that leads is ordered behind it: that of no row is the least there is.
    fn offer(&mut self, slot: usize, place: u64, order: impl Fn(usize) -> u64) {
        for (word, leading) in self.orders.iter().enumerate() {
            match order(word).cmp(&leading[slot]) {
                Ordering::Less => return,
                Ordering::Equal => {}
                Ordering::Greater => break,
            }
        }
        self.orders.iter_mut().enumerate().for_each(|(word, leading)| leading[slot] = order(word));
        self.places[slot] = place;
    }

    fn merge(&mut self, later: &Self, budget: &Budget) -> Result<()> {
        for (first, places) in (0..).step_by(KEYS_TOGETHER).zip(later.places.chunks(KEYS_TOGETHER)) {
            budget.check()?;
            for (theirs, place) in (first..).zip(places).filter(|(_, place)| **place != NOWHERE) {
                let own = match (&mut self.table, &later.table) {
                    (Some(table), Some(later)) => table.number(later.key(theirs)) as usize,
                    _ => theirs,
                };
                self.make_room();
                self.offer(own, *place, |word| later.orders[word][theirs]);
            }
        }
        Ok(())
    }
}

/// A byte a row, 1 for those that passed and name no test; none if none does.
fn alone<'m>(passed: &Passed<'_>, test: FieldId, testless: &'m mut Mask) -> Option<&'m [u8]> {
    let cells = passed.segment.block(test, passed.block);
    if Test::Empty.block_outcome(cells) == Outcome::NoRow {
        return None;
    }
    let rows = testless.rows_mut(passed.n_rows);
    match cells {
        Some(cells) => mask::run(&Test::Empty, cells, rows),
        None => rows.fill(1),
    }
    if let Some(passed) = passed.mask {
        mask::and(rows, passed);
    }
    rows.contains(&1).then_some(rows)
}
