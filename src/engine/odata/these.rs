//! `$these`: aggregates of the whole collection as it is at some step, which expressions behind it ask for. A text is bound
//! once to learn which there are, and again with the values of those that are known, from the first step to the last.

use crate::base::diagnostic::Diagnostic;
use crate::base::error::Result;
use crate::engine::context::Context;
use crate::engine::odata::ask::ODataQuery;
use crate::engine::snapshot::Index;
use crate::exec::run::Run;
use crate::model::value::Value;
use crate::plan::stage::Plan;
use crate::query::odata::request::Bound;
use crate::query::pipeline::{OfThese, Step};
use crate::query::rel::{Rel, Role};

impl Index<'_> {
    /// What a text asks with nothing left open, and the warnings about it, from what it was bound to without the values.
    pub(super) fn bound_with_these(
        &self,
        (mut bound, mut warnings): (Bound, Vec<Diagnostic>),
        around: &Rel,
        query: &ODataQuery,
        ctx: &Context,
    ) -> Result<(Bound, Vec<Diagnostic>)> {
        let mut known: Vec<Value> = Vec::new();
        while known.len() < bound.these.len() {
            // Aggregates of one step are of the same rows, and what comes before that step is known.
            let wanted = known.len();
            let Some(n_steps) = bound.these.get(wanted).map(|these| these.n_steps) else { break };
            let same = bound.these.iter().skip(wanted).take_while(|these| these.n_steps == n_steps);
            let same: Vec<OfThese> = same.cloned().collect();
            known.append(&mut self.these(around, bound.rows.steps.get(..n_steps).unwrap_or(&[]), &same, ctx)?);
            (bound, warnings) = self.bound(query, Some(&known), ctx)?;
        }
        Ok((bound, warnings))
    }

    /// Aggregates of what the steps make of all rows.
    fn these(&self, around: &Rel, steps: &[Step], wanted: &[OfThese], ctx: &Context) -> Result<Vec<Value>> {
        let (predicate, steps) = Step::leading(steps);
        let plan = Plan::new(&Rel::Filter { input: around.clone().into(), role: Role::Query, predicate })?;
        let budget = ctx.budget();
        let request = self.request(ctx, &budget);
        Run { plan: &plan, request: &request }.whole(steps, wanted.iter().map(|these| &these.aggregated))
    }
}
