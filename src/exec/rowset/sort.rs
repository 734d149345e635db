//! Rows in an order of values.

use std::cmp::Ordering;

use crate::base::error::Result;
use crate::exec::rowset::lots::Lots;
use crate::exec::rowset::ranks::Ranks;
use crate::exec::rowset::set::RowSet;
use crate::exec::rowset::steps::Steps;
use crate::query::pipeline::OrderKey;

impl<'a> Steps<'_, 'a> {
    /// The rows' numbers in the order of the keys, lot by lot, ties as they were; of each lot no more than the first
    /// `wanted`. `O(n)` and `O(k log k)` for the `k` wanted.
    pub(crate) fn order_of(
        &self,
        set: &RowSet<'a>,
        lots: &Lots,
        order: &[OrderKey],
        wanted: usize,
    ) -> Result<Vec<u32>> {
        let budget = self.request.budget;
        let mut memory = budget.reserve(set.n() * size_of::<u32>())?;
        let mut keys: Vec<(Ranks, bool)> = Vec::with_capacity(order.len());
        for key in order {
            budget.check()?;
            memory.grow(set.n() * size_of::<u32>())?;
            keys.push((self.ranks(set, &key.value)?, key.descending));
        }
        let compare = |a: &u32, b: &u32| {
            let of = |(ranks, descending): &(Ranks, bool)| {
                let ordering = ranks.of_rows[*a as usize].cmp(&ranks.of_rows[*b as usize]);
                if *descending { ordering.reverse() } else { ordering }
            };
            keys.iter().map(of).find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal).then(a.cmp(b))
        };
        let mut all = Vec::with_capacity(lots.len().saturating_mul(wanted).min(set.n()));
        for range in lots.ranges() {
            budget.check()?;
            let mut rows: Vec<u32> = (range.start as u32..range.end as u32).collect();
            if wanted == 0 {
                continue;
            }
            if rows.len() / 2 > wanted {
                rows.select_nth_unstable_by(wanted - 1, compare);
                rows.truncate(wanted);
            }
            rows.sort_unstable_by(compare);
            rows.truncate(wanted);
            all.append(&mut rows);
        }
        Ok(all)
    }
}
