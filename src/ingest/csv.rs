//! CSV: a header, then a record a row. Records are the `csv` crate's affair; what is added here is the separator, recognised
//! in the header, and the line and column of a cell.

mod scan;
mod tee;

use std::io::{Cursor, Read};

use ::csv::{ByteRecord, ReaderBuilder};

use self::scan::Scan;
use self::tee::Tee;
use crate::base::hash::HashSet;
use crate::ingest::intake::{ColumnId, Intake, Spot};
use crate::ingest::raw::Raw;

/// Bytes asked of a file at a time; the separator is recognised in the first of them.
const BUFFER_BYTES: usize = 1 << 16;

/// Separators that are recognised; the first of those that occur equally often counts.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Reads a file to its end; says how many bytes it had.
pub(super) fn read(mut bytes: impl Read, intake: &mut Intake) -> u64 {
    let mut head = Vec::new();
    if let Err(error) = bytes.by_ref().take(BUFFER_BYTES as u64).read_to_end(&mut head) {
        intake.broken(Spot { line: 1, column: 0 }, format!("cannot be read: {error}"), None);
        return 0;
    }
    let mark = "\u{feff}".as_bytes();
    let n_mark = if head.starts_with(mark) { mark.len() } else { 0 };
    head.drain(..n_mark);
    let separator = separator_of(&head);
    let reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(BUFFER_BYTES)
        .from_reader(Tee::new(Cursor::new(head).chain(bytes)));
    let mut file = File { reader, separator, start: Scan::at(0, 1), intake };
    file.read();
    n_mark as u64 + file.reader.position().byte()
}

/// The separator that occurs most often in the header, quoted names left out.
fn separator_of(head: &[u8]) -> u8 {
    let (mut counts, mut quoted) = ([0usize; SEPARATORS.len()], false);
    for b in head {
        match b {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some(s) = SEPARATORS.iter().position(|separator| separator == b) {
                    counts[s] += 1;
                }
            }
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let first = SEPARATORS.iter().zip(counts).find(|(_, count)| *count == most);
    first.map_or(b',', |(separator, _)| *separator)
}

struct File<'f, R: Read> {
    reader: ::csv::Reader<Tee<R>>,
    separator: u8,
    /// Where the last record begins.
    start: Scan,
    intake: &'f mut Intake,
}

impl<R: Read> File<'_, R> {
    fn read(&mut self) {
        let mut record = ByteRecord::new();
        let Some(columns) = self.header(&mut record) else { return };
        while self.next(&mut record) {
            if record.len() != columns.len() {
                let message = format!("the row has {} cells, the header has {}", record.len(), columns.len());
                self.intake.broken(self.start.spot(), message, None);
                continue;
            }
            self.intake.begin_row(self.start.spot().line);
            for (i, (cell, column)) in record.iter().zip(&columns).enumerate() {
                let Some(column) = column else {
                    self.intake.stray_cell();
                    continue;
                };
                let tee = self.reader.get_ref();
                let at = || self.start.cell(tee, self.separator, i);
                match std::str::from_utf8(cell) {
                    Ok(text) => self.intake.cell(*column, &Raw::Plain(text), at),
                    Err(_) => self.intake.broken(at(), "not UTF-8 text", None),
                }
            }
            self.intake.end_row();
            self.intake.progress(self.reader.position().byte(), 0);
        }
        if let Some(quote) = self.start.open_quote(self.reader.get_ref(), self.separator) {
            self.intake.broken(quote, "a quoted cell that is not closed", None);
        }
    }

    /// The columns that the first record names, nothing for one that cannot be used; none at all if there is no record.
    fn header(&mut self, record: &mut ByteRecord) -> Option<Vec<Option<ColumnId>>> {
        if !self.next(record) {
            return None;
        }
        let (mut columns, mut fields) = (Vec::with_capacity(record.len()), HashSet::default());
        for (i, name) in record.iter().enumerate() {
            let at = self.start.cell(self.reader.get_ref(), self.separator, i);
            let Ok(name) = std::str::from_utf8(name) else {
                self.intake.broken(at, "not UTF-8 text", None);
                columns.push(None);
                continue;
            };
            let column = self.intake.column(name, at);
            let is_second = self.intake.field_of(column).is_some_and(|field| !fields.insert(field));
            if is_second {
                self.intake.second_column(at, column);
            }
            columns.push((!is_second).then_some(column));
        }
        Some(columns)
    }

    /// The next record, if there is one and it can be read.
    fn next(&mut self, record: &mut ByteRecord) -> bool {
        // The last record may be asked for once more when it turns out to be the last of all.
        self.reader.get_mut().forget_before(self.start.offset());
        let position = self.reader.position();
        let start = Scan::at(position.byte(), position.line());
        match self.reader.read_byte_record(record) {
            Ok(true) => {
                self.start = start.behind_line_ends(self.reader.get_ref());
                true
            }
            Ok(false) => false,
            Err(error) => {
                let line = self.reader.position().line();
                self.intake.broken(Spot { line, column: 0 }, format!("cannot be read: {error}"), None);
                false
            }
        }
    }
}

#[cfg(test)]
#[cfg(all(feature = "csv", feature = "junit", feature = "ndjson"))]
mod tests;
