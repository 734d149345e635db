//! One aggregate of groups: of their rows, or in stages of what finer groups come to.

use crate::base::error::{Error, Result};
use crate::exec::eval::column::Column;
use crate::exec::rowset::group::Groups;
use crate::exec::rowset::lots::Lots;
use crate::exec::rowset::ranks::{Ranks, ranks};
use crate::exec::rowset::reduce::{Grouped, Reduced, count, firsts, reduce};
use crate::exec::rowset::set::{Computed, Named, RowSet};
use crate::exec::rowset::steps::Steps;
use crate::query::pipeline::Aggregated;
use crate::query::predicate::expr::Expr;

impl<'a> Steps<'_, 'a> {
    /// What an aggregate comes to for each group. `O(n)`, and `O(n log n)` of distinct values.
    pub(crate) fn aggregated(&self, set: &RowSet<'a>, groups: &Groups, aggregated: &Aggregated) -> Result<Named<'a>> {
        let Aggregated { method, operand, once_per, from } = aggregated;
        if from.is_empty() {
            return self.reduced(set, groups.rows(None), aggregated);
        }
        // By all keys first, then by those of the stages behind, one after the other.
        let mut keys: Vec<Ranks> = Vec::new();
        let mut n_keys = Vec::new();
        for stage in from.iter().rev() {
            for key in &stage.keys {
                keys.push(self.ranks(set, key)?);
            }
            n_keys.push(keys.len());
        }
        n_keys.reverse();
        let mut finer = self.within(groups, keys.iter().collect::<Vec<_>>().as_slice())?;
        let first =
            Aggregated { method: *method, operand: operand.clone(), once_per: once_per.clone(), from: Vec::new() };
        let mut values = self.reduced(set, finer.rows(None), &first)?;
        for (n, stage) in from.iter().enumerate() {
            let left = n_keys.get(n + 1).copied().unwrap_or(0);
            let coarser = self.within(groups, keys.iter().take(left).collect::<Vec<_>>().as_slice())?;
            // One value for each finer group: which coarser one that is part of.
            let mut part_of = vec![0u32; finer.n];
            for (finer, coarse) in finer.of_rows.iter().zip(&coarser.of_rows) {
                part_of[*finer as usize] = *coarse;
            }
            let reduced = Reduced { values: &values.values, ty: values.ty, by_dictionary: true };
            values = reduce(stage.method, reduced, Grouped { of_rows: &part_of, n: coarser.n, weights: None })?;
            finer = coarser;
        }
        Ok(values)
    }

    /// The rows with one column more: what an aggregate of all rows of their lot comes to.
    pub(crate) fn with_total(&self, set: RowSet<'a>, lots: &Lots, aggregated: &Aggregated) -> Result<Computed<'a>> {
        let groups = Groups::new(lots, &[]);
        let total = self.aggregated(&set, &groups, aggregated)?;
        let RowSet::Computed(mut computed) = set else {
            return Err(Error::internal("a total of rows that are not computed"));
        };
        computed.columns.push(Named::new(total.values.gather(&groups.of_rows), total.ty));
        Ok(computed)
    }

    /// What an aggregate without stages comes to for each group.
    fn reduced(&self, set: &RowSet<'a>, groups: Grouped<'_>, aggregated: &Aggregated) -> Result<Named<'a>> {
        let column = |expr: &Expr| self.values(expr, set);
        let once = aggregated.once_per.as_ref().map(column).transpose()?;
        let values = aggregated.operand.as_ref().map(column).transpose()?;
        self.reduce(groups, aggregated, values, once)
    }

    /// The same of the values of its operand and of what counts once.
    pub(crate) fn reduce(
        &self,
        groups: Grouped<'_>,
        aggregated: &Aggregated,
        values: Option<Column<'a>>,
        once: Option<Column<'a>>,
    ) -> Result<Named<'a>> {
        let once = match (&aggregated.once_per, once) {
            (Some(expr), Some(once)) => Some(firsts(&ranks(&once, self.by_dictionary(expr), None)?, groups)),
            _ => None,
        };
        let groups = Grouped { weights: once.as_deref().or(groups.weights), ..groups };
        let (Some(operand), Some(values)) = (&aggregated.operand, values) else { return Ok(count(groups)) };
        let _memory = self.request.budget.reserve(values.bytes())?;
        let reduced = Reduced { values: &values, ty: operand.ty(), by_dictionary: self.by_dictionary(operand) };
        reduce(aggregated.method, reduced, groups)
    }

    pub(crate) fn ranks(&self, set: &RowSet<'a>, expr: &Expr) -> Result<Ranks> {
        ranks(&self.values(expr, set)?, self.by_dictionary(expr), None)
    }

    /// The same groups, each apart by further keys.
    fn within(&self, groups: &Groups, keys: &[&Ranks]) -> Result<Groups> {
        if keys.is_empty() {
            return Ok(groups.clone());
        }
        let _memory = self.request.budget.reserve(groups.of_rows.len() * 2 * size_of::<u32>())?;
        Ok(Groups::of_lots(&groups.of_rows, keys))
    }
}
