//! Decisions drawn from a list of numbers, random ones or a fuzzer's. Once the numbers run out every decision is the first and simplest one, so
//! that dropping and lessening numbers, which proptest does by itself, makes whatever was built from them smaller.

use std::fmt;

/// Decisions still to be made.
#[derive(Clone)]
pub(crate) struct Choices {
    numbers: Vec<u32>,
    at: usize,
}

impl fmt::Debug for Choices {
    /// What failed shows what was built from them; the numbers say nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} choices", self.numbers.len())
    }
}

impl Choices {
    pub(crate) fn new(numbers: Vec<u32>) -> Self {
        Self { numbers, at: 0 }
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        number as usize % n
    }

    /// True once in `n` times; false when nothing is left to decide.
    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    /// From `low` to `high`.
    pub(crate) fn within(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(usize::try_from(high - low + 1).unwrap()) as i64
    }

    /// One of several.
    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// From `low` to `high` things.
    pub(crate) fn several<T>(&mut self, low: usize, high: usize, mut draw: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let n = low + self.below(high - low + 1);
        (0..n).map(|_| draw(self)).collect()
    }
}
