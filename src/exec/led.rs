//! Where relations lead: for every key the row that the caller may see, and what stands there. Worked out once per distinct
//! key and not per row, however many hops a path has.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::block::BLOCK_ROWS;
use crate::data::version::IndexVersion;
use crate::exec::eval::column::Column;
use crate::exec::eval::load;
use crate::exec::eval::related::Related;
use crate::exec::filter::Filter;
use crate::exec::meeting::Meeting;
use crate::exec::scan::{Passed, scan};
use crate::model::schema::FieldId;
use crate::query::predicate::expr::Type;

/// No row.
const NOWHERE: u32 = u32::MAX;

/// Groups of one piece of work.
const PIECE_GROUPS: usize = 1 << 14;

/// One hop: which row each key leads to.
#[derive(Debug)]
pub(crate) struct Led<'a> {
    index: &'a IndexVersion,
    pub(crate) meeting: Meeting,
    /// By group: the first row in load order that has the key, of those that may be seen.
    rows: Vec<u32>,
    _memory: Vec<Reservation<'a>>,
}

impl<'a> Led<'a> {
    /// Looks for the rows of `index` that pass the filter and hold, in `key`, what `from` of another index does.
    pub(crate) fn new(
        from: (&IndexVersion, FieldId),
        (index, key): (&'a IndexVersion, FieldId),
        filter: &Filter<'_>,
        pool: &Pool,
        budget: &'a Budget,
    ) -> Result<Self> {
        let mut memory = Vec::new();
        let meeting = Meeting::new(from, (index, key), pool, budget, &mut memory)?;
        memory.push(budget.reserve(meeting.n * size_of::<u32>())?);
        let rows: Vec<AtomicU32> = (0..meeting.n).map(|_| AtomicU32::new(NOWHERE)).collect();
        let see = |(): &mut (), passed: &Passed<'_>| {
            let Some(cells) = passed.segment.block(key, passed.block) else { return Ok(()) };
            let groups = meeting.inner.of_block(cells);
            let first = passed.segment_idx * index.segment_rows as usize + passed.block * BLOCK_ROWS;
            passed.each_row(|row| {
                for group in groups.get(cells.range(row)).unwrap_or(&[]).iter().filter(|group| **group > 0) {
                    rows[*group as usize].fetch_min((first + row) as u32, Ordering::Relaxed);
                }
            });
            Ok(())
        };
        scan(index, filter, pool, budget, usize::MAX, || Ok(()), see)?;
        let rows = rows.into_iter().map(AtomicU32::into_inner).collect();
        Ok(Self { index, meeting, rows, _memory: memory })
    }

    /// By group: the value of a field of the row it leads to, null where it leads nowhere.
    fn values(&self, field: FieldId, pool: &Pool, budget: &Budget) -> Result<Column<'a>> {
        let kind = self.index.schema.field(field).kind;
        let pieces = pool.map(self.rows.len().div_ceil(PIECE_GROUPS), budget, |piece| {
            let rows = self.rows.iter().skip(piece * PIECE_GROUPS).take(PIECE_GROUPS);
            let numbers = rows.map(|row| self.number(*row, field));
            Ok(match self.index.domain(field) {
                Some(domain) => load::of_ids(domain, numbers.map(|id| id.map_or(0, |id| id as u32)).collect(), kind),
                None => load::of_numbers(&numbers.collect::<Vec<_>>(), kind),
            })
        })?;
        Ok(Column::concat(pieces, Type::of_kind(kind)))
    }

    /// By group: the group of another hop that begins where this one ends.
    fn onward(&self, field: FieldId, next: &Self) -> Vec<u32> {
        let has_ids = self.index.domain(field).is_some();
        let group = |row: &u32| match self.number(*row, field) {
            None => 0,
            Some(id) if has_ids => next.meeting.outer.of_id(id as u32),
            Some(number) => next.meeting.outer.of_number(number),
        };
        self.rows.iter().map(group).collect()
    }

    /// The id or number of a field in a row.
    fn number(&self, row: u32, field: FieldId) -> Option<i128> {
        let (segment, block, row) = self.index.locate(Some(row).filter(|row| *row != NOWHERE)?);
        self.index.segments.get(segment)?.number(field, block, row)
    }
}

/// The values at the end of a path: of the field there, for the keys in the first hop's own field. Each hop but the first begins
/// in the field named beside it.
pub(crate) fn path<'a>(
    from: FieldId,
    hops: &[(FieldId, Arc<Led<'a>>)],
    field: FieldId,
    pool: &Pool,
    budget: &'a Budget,
) -> Result<Option<Related<'a>>> {
    let (Some((_, first)), Some((_, last))) = (hops.first(), hops.last()) else { return Ok(None) };
    let mut values = last.values(field, pool, budget)?;
    for pair in hops.windows(2).rev() {
        budget.check()?;
        if let [(_, led), (begins, next)] = pair {
            values = values.gather(&led.onward(*begins, next));
        }
    }
    let values = values.shared();
    let memory = vec![budget.reserve(values.bytes())?];
    Ok(Some(Related { field: from, groups: first.meeting.outer.clone(), values, _memory: memory }))
}
