//! Marks of ids or numbers that any thread may set: no piece of a scan needs a table of its own, and nothing is merged.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;

/// One byte for each id or number: 1 if it is set.
#[derive(Debug)]
pub(crate) struct Marks(Vec<AtomicU8>);

impl Marks {
    pub(crate) fn new<'b>(n: usize, budget: &'b Budget, memory: &mut Vec<Reservation<'b>>) -> Result<Self> {
        memory.push(budget.reserve(n)?);
        Ok(Self(std::iter::repeat_with(AtomicU8::default).take(n).collect()))
    }

    pub(crate) fn set(&self, at: usize) {
        // Most are set already, and reading leaves the line with the other threads.
        if let Some(mark) = self.0.get(at).filter(|mark| mark.load(Ordering::Relaxed) == 0) {
            mark.store(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn clear(&self, at: usize) {
        if let Some(mark) = self.0.get(at) {
            mark.store(0, Ordering::Relaxed);
        }
    }

    pub(crate) fn is_set(&self, at: usize) -> bool {
        self.0.get(at).is_some_and(|mark| mark.load(Ordering::Relaxed) == 1)
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0.into_iter().map(AtomicU8::into_inner).collect()
    }
}
