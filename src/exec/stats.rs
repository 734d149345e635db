//! Number, sum, least and greatest of a field's numbers by group: exact, in 64 bits where those provably suffice and in 128
//! where not.

use crate::data::block::Block;
use crate::data::codes::{Code, each_width};
use crate::exec::lane::{Lane, Track};

/// A number type that stats are kept in.
pub(crate) trait Number: Code {
    /// A float that tells how often a sum wrapped around; nothing where none can.
    type About: Copy + Default + Send + Sync;
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn add_about(self, about: &mut Self::About);
    fn join_about(a: &mut Self::About, b: Self::About);
    fn about(about: Self::About) -> Option<f64>;
}

impl Number for u64 {
    type About = ();
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    fn times(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }
    fn add_about(self, (): &mut ()) {}
    fn join_about((): &mut (), (): ()) {}
    fn about((): ()) -> Option<f64> {
        None
    }
}

impl Number for u128 {
    type About = f64;
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    fn times(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }
    #[expect(clippy::cast_precision_loss, reason = "the float only tells how often the sum wrapped")]
    fn add_about(self, about: &mut f64) {
        *about += self as f64;
    }
    fn join_about(a: &mut f64, b: f64) {
        *a += b;
    }
    fn about(about: f64) -> Option<f64> {
        Some(about)
    }
}

/// What is kept of one group: numbers of a lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stat<N: Number> {
    n: u64,
    sum: N,
    /// Of no numbers: the greatest there can be.
    min: N,
    max: N,
    about: N::About,
}

impl<N: Number> Default for Stat<N> {
    fn default() -> Self {
        let (zero, largest) = (N::default(), N::narrow(N::LARGEST));
        Self { n: 0, sum: zero, min: largest, max: zero, about: N::About::default() }
    }
}

impl<N: Number> Stat<N> {
    fn see(&mut self, number: N) {
        self.n += 1;
        self.sum = self.sum.plus(number);
        self.min = self.min.min(number);
        self.max = self.max.max(number);
        number.add_about(&mut self.about);
    }

    fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.sum = self.sum.plus(other.sum);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        N::join_about(&mut self.about, other.about);
    }

    fn total(&self, lane: &Lane) -> Total {
        if self.n == 0 {
            return Total::default();
        }
        Total {
            n: self.n,
            sum: lane.sum(self.n, self.sum.wide(), N::about(self.about)),
            bounds: Some((lane.number(self.min.wide()), lane.number(self.max.wide()))),
        }
    }
}

/// What is known of a group's numbers, in the field's own terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Total {
    /// How many there are, empties left out.
    pub(crate) n: u64,
    /// None if it left 128 bits.
    pub(crate) sum: Option<i128>,
    /// Least and greatest, if there are any.
    pub(crate) bounds: Option<(i128, i128)>,
}

impl Default for Total {
    fn default() -> Self {
        Self { n: 0, sum: Some(0), bounds: None }
    }
}

impl Total {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.sum = self.sum.zip(other.sum).and_then(|(a, b)| a.checked_add(b));
        self.bounds = match (self.bounds, other.bounds) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, None) | (None, one) => one,
        };
    }
}

/// The stats of one field, by slot.
#[derive(Debug)]
pub(crate) enum Stats {
    Narrow(Vec<Stat<u64>>),
    Wide(Vec<Stat<u128>>),
}

impl Stats {
    /// For `n` slots; no slot sees more than `most_rows`.
    pub(crate) fn new(lane: &Lane, n: usize, most_rows: u64) -> Self {
        match lane.widest.checked_mul(most_rows.into()).is_some_and(|most| most < u128::from(u64::MAX)) {
            true => Self::Narrow(vec![Stat::default(); n]),
            false => Self::Wide(vec![Stat::default(); n]),
        }
    }

    /// Most bytes of a slot.
    pub(crate) const SLOT_BYTES: usize = size_of::<Stat<u128>>();

    /// Room for `n` slots.
    pub(crate) fn grow(&mut self, n: usize) {
        match self {
            Self::Narrow(stats) => stats.resize(n, Stat::default()),
            Self::Wide(stats) => stats.resize(n, Stat::default()),
        }
    }

    /// Adds a block's numbers, each at its slot: of all rows, or of the rows listed.
    pub(crate) fn add(&mut self, lane: &Lane, block: &Block, slots: &[u32], rows: Option<&[u16]>) {
        let Some(track) = block.frame().map(|frame| lane.track(frame)) else { return };
        match self {
            Self::Narrow(stats) => each_width!(block.codes(), codes => see(stats, slots, rows, codes, track)),
            Self::Wide(stats) => each_width!(block.codes(), codes => see(stats, slots, rows, codes, track)),
        }
    }

    /// Adds what another piece of the scan saw; its slot s is this one's `slot_of(s)`.
    pub(crate) fn merge(&mut self, piece: &Self, slot_of: impl Fn(usize) -> usize) {
        fn each<N: Number>(into: &mut [Stat<N>], from: &[Stat<N>], slot_of: impl Fn(usize) -> usize) {
            from.iter().enumerate().filter(|(_, stat)| stat.n > 0).for_each(|(s, stat)| into[slot_of(s)].merge(stat));
        }
        match (self, piece) {
            (Self::Narrow(into), Self::Narrow(from)) => each(into, from, slot_of),
            (Self::Wide(into), Self::Wide(from)) => each(into, from, slot_of),
            // The form follows from the lane, which all pieces share.
            _ => {}
        }
    }

    pub(crate) fn total(&self, lane: &Lane, slot: usize) -> Total {
        match self {
            Self::Narrow(stats) => stats[slot].total(lane),
            Self::Wide(stats) => stats[slot].total(lane),
        }
    }
}

fn see<N: Number, C: Code>(
    stats: &mut [Stat<N>],
    slots: &[u32],
    rows: Option<&[u16]>,
    codes: &[C],
    Track { first, factor }: Track,
) {
    let (first, factor, null) = (N::narrow(first), N::narrow(factor), C::default());
    let mut one = |slot: u32, code: C| {
        if code != null {
            stats[slot as usize].see(first.plus(N::narrow(code.wide()).times(factor)));
        }
    };
    match rows {
        None => slots.iter().zip(codes).for_each(|(slot, code)| one(*slot, *code)),
        Some(rows) => slots.iter().zip(rows).for_each(|(slot, row)| one(*slot, codes[usize::from(*row)])),
    }
}
