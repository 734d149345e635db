//! Numbers kept one by one, with the slot of each: for what cannot be merged from parts, such as percentiles and distinct
//! values, and for the rows of groups themselves. In the end they are sorted by group, each piece of the scan on its own.

use crate::base::budget::Budget;
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::block::{BLOCK_ROWS, Block, FIRST_ID};
use crate::data::codes::{Code, each_width};
use crate::data::version::IndexVersion;
use crate::exec::lane::{Lane, Track};
use crate::exec::scan::Passed;
use crate::model::ratio::Fraction;
use crate::model::schema::FieldId;

/// Where the numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The numbers of a field, empties left out; of lists every element.
    Numbers(Lane),
    /// The same of a field with a dictionary: classes of ids.
    Classes(FieldId),
    /// The places of the rows.
    Places,
}

/// What one piece of a scan kept.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(crate) slots: Vec<u32>,
    numbers: Numbers,
}

#[derive(Debug)]
enum Numbers {
    U32(Vec<u32>),
    U64(Vec<u64>),
    U128(Vec<u128>),
}

/// Runs one body for whichever width the numbers have.
macro_rules! each_numbers {
    ($numbers:expr, $vec:ident => $body:expr) => {
        match $numbers {
            Numbers::U32($vec) => $body,
            Numbers::U64($vec) => $body,
            Numbers::U128($vec) => $body,
        }
    };
}

impl Gathered {
    pub(crate) fn new(source: Source) -> Self {
        let numbers = match source {
            Source::Classes(_) => Numbers::U32(Vec::new()),
            Source::Places => Numbers::U64(Vec::new()),
            Source::Numbers(lane) => match lane.widest {
                widest if widest < u128::from(u32::MAX) => Numbers::U32(Vec::new()),
                widest if widest < u128::from(u64::MAX) => Numbers::U64(Vec::new()),
                _ => Numbers::U128(Vec::new()),
            },
        };
        Self { slots: Vec::new(), numbers }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.slots.len() * size_of::<u32>() + each_numbers!(&self.numbers, numbers => size_of_val(&**numbers))
    }

    /// Keeps the numbers of a block, each with its slot: of all rows, or of the rows listed.
    pub(crate) fn add(
        &mut self,
        source: Source,
        passed: &Passed<'_>,
        index: &IndexVersion,
        slots: &[u32],
        rows: Option<&[u16]>,
    ) {
        match source {
            Source::Places => {
                let first = passed.segment_idx as u64 * u64::from(index.segment_rows);
                let first = first + (passed.block * BLOCK_ROWS) as u64;
                self.slots.extend_from_slice(slots);
                let Numbers::U64(places) = &mut self.numbers else { return };
                match rows {
                    None => places.extend((first..).take(slots.len())),
                    Some(rows) => places.extend(rows.iter().map(|row| first + u64::from(*row))),
                }
            }
            Source::Numbers(lane) if index.schema.field(lane.field).multi => {
                let Some(block) = passed.segment.block(lane.field, passed.block) else { return };
                let Some(Track { first, factor }) = block.frame().map(|frame| lane.track(frame)) else { return };
                let number = |code: u128| Some(first.wrapping_add(code.wrapping_mul(factor))).filter(|_| code != 0);
                each_numbers!(&mut self.numbers, numbers => elements(&mut self.slots, numbers, slots, rows, block, number));
            }
            Source::Classes(field) => {
                let Some(block) = passed.segment.block(field, passed.block) else { return };
                let Some(domain) = index.domain(field) else { return };
                let class =
                    |code: u128| Some(code as u32).filter(|id| *id >= FIRST_ID).map(|id| u128::from(domain.class(id)));
                each_numbers!(&mut self.numbers, numbers => elements(&mut self.slots, numbers, slots, rows, block, class));
            }
            Source::Numbers(lane) => {
                let Some(block) = passed.segment.block(lane.field, passed.block) else { return };
                let Some(track) = block.frame().map(|frame| lane.track(frame)) else { return };
                each_numbers!(&mut self.numbers, numbers => each_width!(block.codes(), codes => {
                    keep(&mut self.slots, numbers, slots, rows, codes, track);
                }));
            }
        }
    }
}

fn keep<N: Code, C: Code>(
    into: &mut Vec<u32>,
    numbers: &mut Vec<N>,
    slots: &[u32],
    rows: Option<&[u16]>,
    codes: &[C],
    Track { first, factor }: Track,
) {
    let mut one = |slot: u32, code: C| {
        if code != C::default() {
            into.push(slot);
            numbers.push(N::narrow(first.wrapping_add(code.wide().wrapping_mul(factor))));
        }
    };
    match rows {
        None => slots.iter().zip(codes).for_each(|(slot, code)| one(*slot, *code)),
        Some(rows) => slots.iter().zip(rows).for_each(|(slot, row)| one(*slot, codes[usize::from(*row)])),
    }
}

/// Keeps what `number` makes of the elements of rows.
fn elements<N: Code>(
    into: &mut Vec<u32>,
    numbers: &mut Vec<N>,
    slots: &[u32],
    rows: Option<&[u16]>,
    block: &Block,
    number: impl Fn(u128) -> Option<u128>,
) {
    for (at, slot) in slots.iter().enumerate() {
        let row = rows.map_or(at, |rows| usize::from(rows[at]));
        for number in block.range(row).filter_map(|at| number(block.codes().get(at))) {
            into.push(*slot);
            numbers.push(N::narrow(number));
        }
    }
}

/// All that was kept, by group.
#[derive(Debug)]
pub(crate) struct ByGroup {
    parts: Vec<Part>,
}

/// One piece's numbers, group behind group.
#[derive(Debug)]
struct Part {
    /// By group: where its numbers begin; one more than groups.
    starts: Vec<u32>,
    numbers: Numbers,
}

impl ByGroup {
    /// Sorts by group; the pieces' slots stand for groups as `group_of` says.
    pub(crate) fn new(
        pieces: &[Gathered],
        group_of: impl Fn(u32) -> u32 + Sync + Send,
        n_groups: usize,
        pool: &Pool,
        budget: &Budget,
    ) -> Result<Self> {
        let parts = pool.map(pieces.len(), budget, |piece| {
            let Gathered { slots, numbers } = &pieces[piece];
            let mut starts = vec![0u32; n_groups + 1];
            slots.iter().for_each(|slot| starts[group_of(*slot) as usize + 1] += 1);
            let mut sum = 0;
            starts.iter_mut().for_each(|start| {
                sum += *start;
                *start = sum;
            });
            let mut next = starts.clone();
            let numbers = match numbers {
                Numbers::U32(numbers) => Numbers::U32(sorted(slots, numbers, &group_of, &mut next)),
                Numbers::U64(numbers) => Numbers::U64(sorted(slots, numbers, &group_of, &mut next)),
                Numbers::U128(numbers) => Numbers::U128(sorted(slots, numbers, &group_of, &mut next)),
            };
            Ok(Part { starts, numbers })
        })?;
        Ok(Self { parts })
    }

    /// The places of one group's rows, in the order of rows.
    pub(crate) fn places(&self, group: usize) -> Vec<u64> {
        let mut places = Vec::new();
        self.of_group(group, &mut places);
        places
    }

    /// For one group and each fraction of the way from its least to its greatest number: the two neighbours between which
    /// that place lies, and how far it is from the first to the second. None if the group has no numbers.
    pub(crate) fn ranks(&self, group: usize, fractions: &[Fraction]) -> Option<Vec<Rank>> {
        match self.parts.first().map(|part| &part.numbers)? {
            Numbers::U32(_) => self.ranks_in::<u32>(group, fractions),
            Numbers::U64(_) => self.ranks_in::<u64>(group, fractions),
            Numbers::U128(_) => self.ranks_in::<u128>(group, fractions),
        }
    }

    /// How many distinct numbers one group has.
    pub(crate) fn distinct(&self, group: usize) -> u64 {
        fn of<N: Kept>(by_group: &ByGroup, group: usize) -> u64 {
            let mut numbers: Vec<N> = Vec::new();
            by_group.of_group(group, &mut numbers);
            let largest = numbers.iter().max().map_or(0, |n| n.wide());
            // A bit for each number there can be is quicker than sorting, unless there are far more than rows.
            if largest / 64 <= numbers.len() as u128 {
                let mut seen = vec![0u64; largest as usize / 64 + 1];
                numbers.iter().for_each(|n| seen[n.idx() / 64] |= 1 << (n.idx() % 64));
                return seen.iter().map(|word| u64::from(word.count_ones())).sum();
            }
            numbers.sort_unstable();
            numbers.dedup();
            numbers.len() as u64
        }
        match self.parts.first().map(|part| &part.numbers) {
            None => 0,
            Some(Numbers::U32(_)) => of::<u32>(self, group),
            Some(Numbers::U64(_)) => of::<u64>(self, group),
            Some(Numbers::U128(_)) => of::<u128>(self, group),
        }
    }

    fn ranks_in<N: Kept>(&self, group: usize, fractions: &[Fraction]) -> Option<Vec<Rank>> {
        let slices: Vec<&[N]> = self.slices(group).collect();
        let last = slices.iter().map(|slice| slice.len()).sum::<usize>().checked_sub(1)?;
        let mut counts: Vec<u32> = Vec::new();
        // Few numbers are selected from as they are.
        for number in slices.iter().flat_map(|slice| *slice).filter(|_| last >= MANY) {
            let bucket = bucket(*number);
            if bucket >= counts.len() {
                counts.resize(bucket + 1, 0);
            }
            counts[bucket] += 1;
        }
        let mut numbers: Vec<N> = Vec::new();
        let rank = |fraction: &Fraction| {
            // Fractions have few digits and rows fit the memory, so this stays far inside 128 bits.
            let place = last as u128 * fraction.part;
            let (below, rest) = ((place / fraction.whole) as usize, place % fraction.whole);
            let above = below + usize::from(rest > 0);
            // Only the numbers of the buckets that hold both places are looked at one by one.
            let (mut n_before, mut first, mut end) = (0, 0, usize::MAX);
            let mut so_far = 0;
            for (bucket, count) in counts.iter().enumerate() {
                let next = so_far + *count as usize;
                if so_far <= below && below < next {
                    (n_before, first) = (so_far, bucket);
                }
                if so_far <= above && above < next {
                    end = bucket;
                    break;
                }
                so_far = next;
            }
            numbers.clear();
            let wanted = |number: &&N| (first..=end).contains(&bucket(**number));
            numbers.extend(slices.iter().flat_map(|slice| *slice).filter(wanted));
            let (_, low, higher) = numbers.select_nth_unstable(below - n_before);
            let low = *low;
            let high = if rest == 0 { low } else { higher.iter().min().copied().unwrap_or(low) };
            Rank { low: low.wide(), high: high.wide(), rest: Fraction { part: rest, whole: fraction.whole } }
        };
        Some(fractions.iter().map(rank).collect())
    }

    /// The numbers of one group, piece by piece.
    fn slices<N: Kept>(&self, group: usize) -> impl Iterator<Item = &[N]> {
        self.parts.iter().map(move |Part { starts, numbers }| {
            N::of(numbers).get(starts[group] as usize..starts[group + 1] as usize).unwrap_or(&[])
        })
    }

    fn of_group<N: Kept>(&self, group: usize, into: &mut Vec<N>) {
        self.slices(group).for_each(|slice| into.extend_from_slice(slice));
    }
}

/// So many numbers are counted into buckets before those of one bucket are looked at.
const MANY: usize = 1 << 16;

/// Bits of a number below its highest that a bucket tells apart.
const BUCKET_BITS: u32 = 10;

/// Buckets that ascend with the numbers: one a number at first, then ever wider ones, so that outliers cost few.
fn bucket<N: Code>(number: N) -> usize {
    let wide = number.wide();
    let above = (u128::BITS - wide.leading_zeros()).saturating_sub(BUCKET_BITS + 1);
    ((above as usize) << BUCKET_BITS) + (wide >> above) as usize
}

/// A place between two neighbours of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rank {
    pub(crate) low: u128,
    pub(crate) high: u128,
    /// How far from the first to the second.
    pub(crate) rest: Fraction,
}

/// A width that numbers are kept in.
trait Kept: Code + 'static {
    /// The numbers, if they have that width.
    fn of(numbers: &Numbers) -> &[Self];
}

impl Kept for u32 {
    fn of(numbers: &Numbers) -> &[Self] {
        if let Numbers::U32(numbers) = numbers { numbers } else { &[] }
    }
}

impl Kept for u64 {
    fn of(numbers: &Numbers) -> &[Self] {
        if let Numbers::U64(numbers) = numbers { numbers } else { &[] }
    }
}

impl Kept for u128 {
    fn of(numbers: &Numbers) -> &[Self] {
        if let Numbers::U128(numbers) = numbers { numbers } else { &[] }
    }
}

fn sorted<N: Code>(slots: &[u32], numbers: &[N], group_of: impl Fn(u32) -> u32, next: &mut [u32]) -> Vec<N> {
    let mut sorted = vec![N::default(); numbers.len()];
    for (slot, number) in slots.iter().zip(numbers) {
        let at = &mut next[group_of(*slot) as usize];
        sorted[*at as usize] = *number;
        *at += 1;
    }
    sorted
}
