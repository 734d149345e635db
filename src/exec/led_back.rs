//! What becomes of the rows that lead back to a key: one scan of their index for all keys.

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::version::IndexVersion;
use crate::exec::eval::column::Column;
use crate::exec::eval::program::{Batch, Program};
use crate::exec::eval::reduce::{ByGroup, Reduction};
use crate::exec::eval::related::Related;
use crate::exec::eval::state::Failure;
use crate::exec::filter::Filter;
use crate::exec::meeting::Meeting;
use crate::exec::scan::{Passed, scan};
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::predicate::expr::Type;

/// Groups of one piece of work.
const PIECE_GROUPS: usize = 256;

/// Rows of an index and what is reduced of them.
#[derive(Debug)]
pub(crate) struct LedBack<'x, 'a> {
    pub(crate) index: &'a IndexVersion,
    /// The field that leads back, perhaps to several rows.
    pub(crate) key: FieldId,
    pub(crate) filter: &'x Filter<'a>,
    /// What is reduced; without it rows are counted.
    pub(crate) operand: Option<(&'x Program<'a>, Reduction)>,
}

/// Groups and values of some rows that passed.
type Piece<'a> = (Vec<u32>, Vec<Column<'a>>, Vec<Reservation<'a>>);

impl<'a> LedBack<'_, 'a> {
    /// The result for each key in a field of another index.
    pub(crate) fn reduced(
        &self,
        from: (&IndexVersion, FieldId),
        pool: &Pool,
        budget: &'a Budget,
    ) -> Result<Related<'a>> {
        let mut memory = Vec::new();
        let meeting = Meeting::new(from, (self.index, self.key), pool, budget, &mut memory)?;
        let see = |(groups, columns, memory): &mut Piece<'a>, passed: &Passed<'_>| {
            let Some(cells) = passed.segment.block(self.key, passed.block) else { return Ok(()) };
            let of_cells = meeting.inner.of_block(cells);
            let (mut rows, n_before) = (Vec::new(), groups.len());
            passed.each_row(|row| {
                let first = groups.len();
                for group in of_cells.get(cells.range(row)).unwrap_or(&[]) {
                    // Two values of a list may be one key.
                    if *group > 0 && !groups.get(first..).unwrap_or(&[]).contains(group) {
                        groups.push(*group);
                        rows.push(row as u32);
                    }
                }
            });
            let n_found = groups.len() - n_before;
            let mut bytes = n_found * size_of::<u32>();
            if let Some((program, _)) = self.operand.filter(|_| n_found > 0) {
                let column = program.run(&Batch::Block(passed.segment, passed.block))?.gather(&rows);
                bytes += column.bytes();
                columns.push(column);
            }
            memory.push(budget.reserve(bytes)?);
            Ok(())
        };
        let start = || Ok((Vec::new(), Vec::new(), Vec::new()));
        let (pieces, _) = scan(self.index, self.filter, pool, budget, usize::MAX, start, see)?;
        let (mut group_of, mut columns, mut taken) = (Vec::new(), Vec::new(), Vec::new());
        for (groups, values, reserved) in pieces {
            group_of.extend(groups);
            columns.extend(values);
            taken.extend(reserved);
        }
        let values = match self.operand {
            None => {
                let mut numbers = vec![0i64; meeting.n];
                group_of.iter().for_each(|group| numbers[*group as usize] += 1);
                let numbers: Vec<_> = numbers.into_iter().map(|n| Ok(Value::Integer(n))).collect();
                Column::of_values(&numbers, Type::Integer)
            }
            Some((_, reduction)) => {
                let column = Column::concat(columns, reduction.of);
                taken.push(budget.reserve(column.bytes() + group_of.len() * size_of::<u32>())?);
                let by_group = ByGroup::new(&group_of, meeting.n);
                let reduce = |group| reduction.of_rows(&column, by_group.rows(group));
                let pieces = pool.map(meeting.n.div_ceil(PIECE_GROUPS), budget, |piece| {
                    let groups = piece * PIECE_GROUPS..meeting.n.min((piece + 1) * PIECE_GROUPS);
                    Ok(groups.map(reduce).collect::<Vec<Result<Value, Failure>>>())
                })?;
                Column::of_values(&pieces.concat(), reduction.to)
            }
        };
        let values = values.shared();
        memory.push(budget.reserve(values.bytes())?);
        Ok(Related { field: from.1, groups: meeting.outer, values, _memory: memory })
    }
}

#[cfg(test)]
mod tests;
