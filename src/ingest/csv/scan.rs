//! Where the cells of a record are in its text: worked out again, and only for a cell in which something is wrong.

use crate::ingest::csv::tee::Tee;
use crate::ingest::intake::Spot;

/// A place in the text from which cells are found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan {
    offset: u64,
    line: u64,
}

impl Scan {
    pub(super) fn at(offset: u64, line: u64) -> Self {
        Self { offset, line }
    }

    pub(super) fn offset(self) -> u64 {
        self.offset
    }

    pub(super) fn spot(self) -> Spot {
        Spot { line: self.line, column: 1 }
    }

    /// The first byte that ends no line: blank lines, and what is left of the line end before, belong to no record.
    pub(super) fn behind_line_ends<R>(mut self, text: &Tee<R>) -> Self {
        for b in text.bytes_from(self.offset).iter().take_while(|b| matches!(b, b'\r' | b'\n')) {
            self.offset += 1;
            self.line += u64::from(*b == b'\n');
        }
        self
    }

    /// The place of the cell `i` of the record that begins here.
    pub(super) fn cell<R>(self, text: &Tee<R>, separator: u8, i: usize) -> Spot {
        self.walk(text, separator, i).0
    }

    /// The quote that opens the last cell of the record that begins here, if it is not closed before the text ends.
    pub(super) fn open_quote<R>(self, text: &Tee<R>, separator: u8) -> Option<Spot> {
        let (spot, is_open) = self.walk(text, separator, usize::MAX);
        is_open.then_some(spot)
    }

    /// The start of the cell `i`, or of the last one of the record, and whether the text ends within its quotes.
    fn walk<R>(self, text: &Tee<R>, separator: u8, i: usize) -> (Spot, bool) {
        let (mut here, mut start) = (self.spot(), self.spot());
        let (mut n_cells, mut state) = (0, State::Start);
        for b in text.bytes_from(self.offset) {
            if state == State::Start && n_cells == i {
                break;
            }
            state = match (state, *b) {
                (State::Quoted, b'"') => State::Closing,
                (State::Quoted, _) | (State::Start | State::Closing, b'"') => State::Quoted,
                (_, b'\r' | b'\n') => break,
                (_, b) if b == separator => State::Start,
                _ => State::Bare,
            };
            match *b {
                b'\n' => here = Spot { line: here.line + 1, column: 1 },
                // Bytes that continue a character are no column of their own.
                b => here.column += u64::from(b & 0xC0 != 0x80),
            }
            if state == State::Start {
                n_cells += 1;
                start = here;
            }
        }
        (start, state == State::Quoted)
    }
}

/// Where in a cell a byte is.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Start,
    Bare,
    Quoted,
    /// Behind a quote that closes the cell, or is the first of two that stand for one.
    Closing,
}
