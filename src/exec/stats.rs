//! Sum, least and greatest of a field's numbers by group: exact, in as few bits as provably suffice. How many numbers there
//! are follows from the number of rows, less those that have none.

use crate::data::block::Block;
use crate::data::codes::{Code, each_width};
use crate::exec::lane::{ExactSum, Lane, Track};

/// A number type that stats are kept in.
pub(crate) trait Number: Code {
    /// What its sums are kept in.
    type Sum: Sum<Self> + Copy + Default + Send + Sync;
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
}

/// A sum of numbers.
pub(crate) trait Sum<N> {
    fn add(&mut self, number: N);
    fn join(&mut self, other: Self);
    /// The sum, which may have wrapped, and then about how large it is.
    fn exact(&self) -> (u128, Option<f64>);
}

/// Implements [`Number`] for unsigned integers with the type of their sums.
macro_rules! number {
    ($($number:ty: $sum:ty),+) => { $(
        impl Number for $number {
            type Sum = $sum;
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn times(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
        }
    )+ };
}

number!(u32: u64, u64: u64, u128: Wrapping);

impl<N: Into<Self>> Sum<N> for u64 {
    fn add(&mut self, number: N) {
        *self += number.into();
    }
    fn join(&mut self, other: Self) {
        *self += other;
    }
    fn exact(&self) -> (u128, Option<f64>) {
        ((*self).into(), None)
    }
}

/// A sum that may wrap around, with a float that tells how often it did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wrapping {
    sum: u128,
    about: f64,
}

impl Sum<u128> for Wrapping {
    #[expect(clippy::cast_precision_loss, reason = "the float only tells how often the sum wrapped")]
    fn add(&mut self, number: u128) {
        self.join(Self { sum: number, about: number as f64 });
    }
    fn join(&mut self, other: Self) {
        self.sum = self.sum.wrapping_add(other.sum);
        self.about += other.about;
    }
    fn exact(&self) -> (u128, Option<f64>) {
        (self.sum, Some(self.about))
    }
}

/// What is kept of one group: numbers of a lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stat<N: Number> {
    sum: N::Sum,
    /// Of no numbers: the greatest there can be.
    min: N,
    max: N,
}

impl<N: Number> Default for Stat<N> {
    fn default() -> Self {
        Self { sum: N::Sum::default(), min: N::narrow(N::LARGEST), max: N::default() }
    }
}

impl<N: Number> Stat<N> {
    fn see(&mut self, number: N) {
        self.sum.add(number);
        self.min = self.min.min(number);
        self.max = self.max.max(number);
    }

    fn merge(&mut self, other: &Self) {
        self.sum.join(other.sum);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    fn total(&self, lane: &Lane, n: u64) -> Total {
        if n == 0 {
            return Total::default();
        }
        let (sum, about) = self.sum.exact();
        let bounds = (lane.number(self.min.wide()), lane.number(self.max.wide()));
        Total { n, sum: lane.sum(n, sum, about), bounds: Some(bounds) }
    }
}

/// What is known of a group's numbers, in the field's own terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    /// How many there are, empties left out.
    pub(crate) n: u64,
    pub(crate) sum: ExactSum,
    /// Least and greatest, if there are any.
    pub(crate) bounds: Option<(i128, i128)>,
}

impl Total {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.sum = self.sum.plus(other.sum);
        self.bounds = match (self.bounds, other.bounds) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, None) | (None, one) => one,
        };
    }
}

/// The stats of one field, by slot.
#[derive(Debug)]
pub(crate) struct Stats {
    kept: Kept,
    /// By slot: rows without a number.
    empties: Vec<u32>,
}

#[derive(Debug)]
enum Kept {
    U32(Vec<Stat<u32>>),
    U64(Vec<Stat<u64>>),
    U128(Vec<Stat<u128>>),
}

/// Runs one body for whichever width the stats are kept in.
macro_rules! each_kept {
    ($kept:expr, $stats:ident => $body:expr) => {
        match $kept {
            Kept::U32($stats) => $body,
            Kept::U64($stats) => $body,
            Kept::U128($stats) => $body,
        }
    };
}

impl Stats {
    /// For `n` slots; no slot sees more than `most_rows`.
    pub(crate) fn new(lane: &Lane, n: usize, most_rows: u64) -> Self {
        let has_room = lane.widest.checked_mul(most_rows.into()).is_some_and(|most| most < u128::from(u64::MAX));
        let kept = match has_room {
            true if lane.widest < u128::from(u32::MAX) => Kept::U32(vec![Stat::default(); n]),
            true => Kept::U64(vec![Stat::default(); n]),
            false => Kept::U128(vec![Stat::default(); n]),
        };
        Self { kept, empties: vec![0; n] }
    }

    /// Most bytes of a slot.
    pub(crate) const SLOT_BYTES: usize = size_of::<Stat<u128>>() + size_of::<u32>();

    /// Room for `n` slots.
    pub(crate) fn grow(&mut self, n: usize) {
        each_kept!(&mut self.kept, stats => stats.resize(n, Stat::default()));
        self.empties.resize(n, 0);
    }

    /// Adds a block's numbers, each at its slot: of all rows, or of the rows listed. Without a block no row has any.
    pub(crate) fn add(&mut self, lane: &Lane, block: Option<&Block>, slots: &[u32], rows: Option<&[u16]>) {
        let empties = &mut self.empties;
        let Some((block, frame)) = block.and_then(|block| Some((block, block.frame()?))) else {
            return slots.iter().for_each(|slot| empties[*slot as usize] += 1);
        };
        let track = lane.track(frame);
        each_kept!(&mut self.kept, stats => each_width!(block.codes(), codes => {
            see(stats, empties, slots, rows, codes, track);
        }));
    }

    /// Adds what another piece of the scan saw; its slot s is this one's `slot_of(s)`.
    pub(crate) fn merge(&mut self, piece: &Self, slot_of: impl Fn(usize) -> usize) {
        fn each<N: Number>(into: &mut [Stat<N>], from: &[Stat<N>], slot_of: impl Fn(usize) -> usize) {
            from.iter().enumerate().for_each(|(s, stat)| into[slot_of(s)].merge(stat));
        }
        match (&mut self.kept, &piece.kept) {
            (Kept::U32(into), Kept::U32(from)) => each(into, from, &slot_of),
            (Kept::U64(into), Kept::U64(from)) => each(into, from, &slot_of),
            (Kept::U128(into), Kept::U128(from)) => each(into, from, &slot_of),
            // The width follows from the lane, which all pieces share.
            _ => {}
        }
        piece.empties.iter().enumerate().for_each(|(s, n)| self.empties[slot_of(s)] += n);
    }

    /// What is known of a slot with so many rows.
    pub(crate) fn total(&self, lane: &Lane, slot: usize, n_rows: u64) -> Total {
        let n = n_rows - u64::from(self.empties[slot]);
        each_kept!(&self.kept, stats => stats[slot].total(lane, n))
    }
}

fn see<N: Number, C: Code>(
    stats: &mut [Stat<N>],
    empties: &mut [u32],
    slots: &[u32],
    rows: Option<&[u16]>,
    codes: &[C],
    Track { first, factor }: Track,
) {
    let (first, factor, null) = (N::narrow(first), N::narrow(factor), C::default());
    let mut one = |slot: u32, code: C| {
        if code == null {
            empties[slot as usize] += 1;
        } else {
            stats[slot as usize].see(first.plus(N::narrow(code.wide()).times(factor)));
        }
    };
    match rows {
        None => slots.iter().zip(codes).for_each(|(slot, code)| one(*slot, *code)),
        Some(rows) => slots.iter().zip(rows).for_each(|(slot, row)| one(*slot, codes[usize::from(*row)])),
    }
}
