//! A pipeline of a plan, and pages in an order of values.

use crate::base::error::{Error, Result};
use crate::data::version::IndexVersion;
use crate::exec::eval::state::Failure;
use crate::exec::request::Request;
use crate::exec::rows::{MOST_KEYS, Page};
use crate::exec::rowset::group::Groups;
use crate::exec::rowset::lots::Lots;
use crate::exec::rowset::set::RowSet;
use crate::exec::rowset::steps::Steps;
use crate::exec::run::Run;
use crate::exec::scan::Touched;
use crate::model::value::Value;
use crate::query::pipeline::{Aggregated, OrderKey, Step};
use crate::query::predicate::expr::{Expr, Input, Op};
use crate::query::rel::SortKey;

impl<'a> Run<'_, 'a> {
    /// One page of the rows that pass, in an order of values: those of fields are compared as they are stored, others are
    /// computed for every row that passes.
    pub(crate) fn page_by(&self, order: &[OrderKey], skip: u64, top: u64) -> Result<Page> {
        if let Some(order) = plain(order).filter(|order| order.len() <= MOST_KEYS) {
            return self.page(&order, skip, top);
        }
        let Page { places, total, touched } = self.page(&[], 0, u64::MAX)?;
        let set = RowSet::Rows(places);
        let places = self.steps().page(&set, order, skip, top)?;
        Ok(Page { places, total, touched })
    }

    /// What steps make of the rows that pass, and what finding those touched.
    pub(crate) fn pipeline(&self, steps: &[Step]) -> Result<(RowSet<'a>, Touched)> {
        if let [Step::Group(grouping), rest @ ..] = steps
            && let Some((rows, touched)) = self.counted(grouping)?
        {
            let lots = Lots::one(rows.n)?;
            let (set, _) = self.steps().run(RowSet::Computed(rows), lots, rest)?;
            return Ok((set, touched));
        }
        let Page { places, touched, .. } = self.page(&[], 0, u64::MAX)?;
        let lots = Lots::one(places.len())?;
        let (set, _) = self.steps().run(RowSet::Rows(places), lots, steps)?;
        Ok((set, touched))
    }

    /// Aggregates of all that steps make of the rows that pass.
    pub(crate) fn whole<'w>(&self, steps: &[Step], wanted: impl Iterator<Item = &'w Aggregated>) -> Result<Vec<Value>> {
        let (set, _) = self.pipeline(steps)?;
        let groups = Groups::new(&Lots::one(set.n())?, &[]);
        let one = |aggregated| Ok(self.steps().aggregated(&set, &groups, aggregated)?.value(0)?.unwrap_or(Value::Null));
        wanted.map(one).collect()
    }

    pub(crate) fn steps(&self) -> Steps<'_, 'a> {
        Steps { request: self.request, index: self.request.version.index(self.plan.index) }
    }
}

impl<'a> Steps<'_, 'a> {
    /// Places of a page of rows.
    fn page(&self, set: &RowSet<'a>, order: &[OrderKey], skip: u64, top: u64) -> Result<Vec<u64>> {
        match self.sliced(set, order, skip, top)? {
            RowSet::Rows(places) => Ok(places),
            RowSet::Computed(_) => Err(Error::internal("rows of an index became computed ones")),
        }
    }

    /// `top` rows after the first `skip`, in an order.
    pub(crate) fn sliced(&self, set: &RowSet<'a>, order: &[OrderKey], skip: u64, top: u64) -> Result<RowSet<'a>> {
        let wanted = usize::try_from(skip.saturating_add(top)).unwrap_or(usize::MAX);
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let rows: Vec<u32> = match order.is_empty() {
            true => (0..set.n() as u32).take(wanted).skip(skip).collect(),
            false => {
                let rows = self.order_of(set, &Lots::one(set.n())?, order, wanted)?;
                rows.into_iter().skip(skip).collect()
            }
        };
        Ok(set.take(&rows))
    }
}

impl<'a> Request<'a> {
    /// What an expression comes to at some places; a row that fails ends the request.
    pub(crate) fn values(&self, expr: &Expr, index: &'a IndexVersion, places: &[u64]) -> Result<Vec<Value>> {
        let steps = Steps { request: self, index };
        let column = steps.values(expr, &RowSet::Rows(places.to_vec()))?;
        (0..column.len()).map(|row| column.value(row, expr.ty()).map_err(Failure::error)).collect()
    }
}

/// An order by nothing but fields.
fn plain(order: &[OrderKey]) -> Option<Vec<SortKey>> {
    let key = |key: &OrderKey| match key.value.node(key.value.root()).op {
        Op::Input(Input::Field(field)) => Some(SortKey { field, descending: key.descending }),
        _ => None,
    };
    order.iter().map(key).collect()
}
