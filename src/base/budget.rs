//! What a running request may still spend: time, memory, and whether anyone still waits for it. The only reader of the
//! monotonic clock; nothing in the crate reads the wall clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use crate::base::code::Code;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::limits::Limits;

/// A switch that ends a running request from another thread. Clones share the switch.
///
/// ```
/// use tallygrid::Cancel;
/// let cancel = Cancel::new();
/// let other = cancel.clone();
/// other.cancel();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    cancelled: Arc<AtomicBool>,
}

impl Cancel {
    /// A switch that is not thrown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Throws the switch; it cannot be reset.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it was thrown.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// One request's limits, deadline, cancel switch and account of working memory.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    deadline: Option<Instant>,
    cancel: Cancel,
    reserved: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(limits: Limits, deadline: Option<Instant>, cancel: Cancel) -> Self {
        Self { limits, deadline, cancel, reserved: AtomicUsize::new(0) }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Polled between pieces of work: an error once the request is cancelled or late.
    pub(crate) fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::request(ErrorKind::Cancelled, Code::Cancelled, "the request was cancelled"));
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Error::request(ErrorKind::Deadline, Code::DeadlineExceeded, "the deadline has passed"));
        }
        Ok(())
    }

    /// Takes `bytes` of working memory off the account until the guard is dropped.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<Reservation<'_>> {
        let before = self.reserved.fetch_add(bytes, Ordering::Relaxed);
        let guard = Reservation { budget: self, bytes };
        let need = before.saturating_add(bytes);
        if need > self.limits.memory_bytes {
            return Err(Error::limit("memory_bytes", self.limits.memory_bytes as u64, format_args!("{need} bytes")));
        }
        Ok(guard)
    }
}

/// Working memory on the account; given back when dropped.
#[derive(Debug)]
pub(crate) struct Reservation<'a> {
    budget: &'a Budget,
    bytes: usize,
}

impl Reservation<'_> {
    /// Takes so many bytes more.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<()> {
        let mut more = self.budget.reserve(bytes)?;
        self.bytes += std::mem::take(&mut more.bytes);
        Ok(())
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.budget.reserved.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
