//! CSV with a header line. The separator is the one of `,`, `;` and TAB that stands most often in the header outside quotes.
//! Cells are text until the whole column is known; an empty cell is null.

use std::io::{BufRead, BufReader, Read};

use crate::base::error::Result;
use crate::ingest::input::{FileReport, Input, broken};
use crate::ingest::raw::RawRows;
use crate::model::value::Value;

/// Most bytes looked at for the header line.
const HEADER_BYTES: usize = 1 << 16;

/// Reads every record of a file.
pub(crate) fn read(input: Input, rows: &mut RawRows) -> Result<FileReport> {
    let Input { name, reader, .. } = input;
    let mut reader = BufReader::with_capacity(HEADER_BYTES, reader);
    let start = reader.fill_buf().map_err(|e| broken(&name, 1, 0, e.to_string()))?;
    let bom = usize::from(start.starts_with(b"\xEF\xBB\xBF")) * 3;
    let separator = separator(start.get(bom..).unwrap_or(&[]));
    reader.consume(bom);
    let mut csv = csv::ReaderBuilder::new().delimiter(separator).has_headers(true).from_reader(reader.by_ref());
    let failed = |e: csv::Error| {
        let line = e.position().map_or(1, csv::Position::line);
        let reason = match e.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("the row has {len} cells, the header has {expected_len}")
            }
            csv::ErrorKind::Utf8 { .. } => "the row is no UTF-8 text".to_owned(),
            _ => e.to_string(),
        };
        broken(&name, line, 0, reason)
    };
    let header = csv.headers().map_err(failed)?.clone();
    let mut columns = Vec::with_capacity(header.len());
    for title in &header {
        let column = rows.column(title, true, 1)?;
        if columns.contains(&column) {
            return Err(broken(&name, 1, 0, format!("two columns are called `{title}`")));
        }
        columns.push(column);
    }
    let mut report = FileReport { name: name.clone(), bytes: 0, rows: 0 };
    let mut record = csv::StringRecord::new();
    while csv.read_record(&mut record).map_err(failed)? {
        for (cell, column) in record.iter().zip(&columns) {
            if !cell.is_empty() {
                rows.cell(*column, Value::from(cell));
            }
        }
        report.bytes = csv.position().byte() + bom as u64;
        report.rows += 1;
        rows.end_row(record.position().map_or(0, csv::Position::line), report.bytes);
    }
    report.bytes = csv.position().byte() + bom as u64;
    Ok(report)
}

/// The separator of a header line.
fn separator(start: &[u8]) -> u8 {
    let (mut counts, mut quoted) = ([0usize; 3], false);
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            b',' if !quoted => counts[0] += 1,
            b';' if !quoted => counts[1] += 1,
            b'\t' if !quoted => counts[2] += 1,
            _ => {}
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    match counts.iter().position(|count| *count == most) {
        Some(1) => b';',
        Some(2) => b'\t',
        _ => b',',
    }
}
