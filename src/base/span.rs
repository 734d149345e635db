//! A range of bytes in a query text. Not a line and column: those are worked out when something is shown.

/// A half-open range of UTF-8 bytes, `start..end`, in the text that a diagnostic or a tree node speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`; offsets past 4 GiB saturate (query texts are limited far below).
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: clip(start), end: clip(end) }
    }

    /// The empty range at `offset`.
    pub(crate) fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// The smallest range that covers both.
    pub(crate) fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The part of `text` that this range covers; empty where it does not fall on character boundaries of `text`.
    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}
