//! Sums of numbers by group: exact in 128 bits, an error beyond them.

use crate::base::code::Code;
use crate::base::error::{Error, ErrorKind, Result};
use crate::data::block::Block;
use crate::exec::scan::Passed;
use crate::model::schema::FieldId;

/// Adds a row's numbers to its group's sums, one a field.
pub(crate) fn add(sums: &mut [i128], passed: &Passed<'_>, summed: &[FieldId], row: usize) -> Result<()> {
    for (sum, field) in sums.iter_mut().zip(summed) {
        if let Some(n) = passed.segment.block(*field, passed.block).and_then(|block| number(block, row)) {
            *sum = sum.checked_add(n).ok_or_else(overflow)?;
        }
    }
    Ok(())
}

/// Adds sums to others.
pub(crate) fn merge(into: &mut [i128], from: &[i128]) -> Result<()> {
    for (sum, more) in into.iter_mut().zip(from) {
        *sum = sum.checked_add(*more).ok_or_else(overflow)?;
    }
    Ok(())
}

/// The number in a single-valued cell.
fn number(block: &Block, row: usize) -> Option<i128> {
    let code = Some(block.codes().get(row)).filter(|code| *code != 0)?;
    Some(block.frame()?.number(code))
}

fn overflow() -> Error {
    Error::request(ErrorKind::Query, Code::Overflow, "a sum left the range of 128 bits")
}
