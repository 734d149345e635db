//! One moment of the data, and the questions it answers. Cheap to take and to clone; it holds its version as long as it
//! lives.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::base::budget::Budget;
use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::error::{Error, ErrorKind, Result, all, both};
use crate::base::pool::Pool;
use crate::data::memory::{MemoryReport, measure};
use crate::data::version::{IndexVersion, Version};
use crate::engine::answer::{Answer, RowPage};
use crate::engine::ask::Query;
use crate::engine::context::Context;
use crate::engine::permitted::{Permitted, env_of};
use crate::exec::request::{Permissions, Request};
use crate::exec::rows::{MOST_KEYS, fetch};
use crate::exec::run::Run;
use crate::exec::scan::Touched;
use crate::model::catalog::{Catalog, IndexId};
use crate::model::schema::Schema;
use crate::model::value::Value;
use crate::plan::explain::explain;
use crate::plan::stage::{Output, Plan};
use crate::query::bind::{Bound, bind_text, misplaced_aggregates};
use crate::query::context::Env;
use crate::query::rel::{Rel, Role};

/// Everything that was committed when it was taken.
#[derive(Clone, Debug)]
pub struct Snapshot {
    version: Arc<Version>,
    pool: Pool,
}

/// One index of a snapshot. Opening it needs access to it; after that the context given to each call decides what that call
/// sees, so one handle can serve callers with different rights.
///
/// ```
/// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Query, Rows, Schema};
/// # let schema = Schema::builder("Run").field(Field::new("Status", Kind::Keyword)).build()?;
/// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
/// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// let mut tx = engine.transaction(&ctx)?;
/// tx.append("Run", &Rows::new(["Status"]).row(["Passed".into()]).row(["Failed".into()]))?;
/// tx.commit()?;
/// let snapshot = engine.snapshot();
/// let runs = snapshot.index("Run", &ctx)?;
/// assert_eq!(runs.count(&Query::tql("Status = failed"), &ctx)?.body, 1);
/// let page = runs.rows(&Query::tql("ORDER BY Status").top(1), &ctx)?.body;
/// assert_eq!((page.total, &page.rows[0][0]), (2, &"Failed".into()));
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Index<'a> {
    snapshot: &'a Snapshot,
    id: IndexId,
}

/// A query made ready to run.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) bound: Bound,
    pub(crate) warnings: Vec<Diagnostic>,
    /// Scan, permissions, scope, perhaps the latest rows, and the query's filter.
    pub(crate) rel: Rel,
}

impl Snapshot {
    pub(crate) fn new(version: Arc<Version>, pool: Pool) -> Self {
        Self { version, pool }
    }

    /// The number of the commit that it shows; 0 before the first.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.number
    }

    /// The schemas of all indexes at that moment.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.version.catalog
    }

    /// The index of that name, case ignored.
    ///
    /// # Errors
    /// `NotFound` if there is none or the context's access does not name it; the two are told alike, so that nothing leaks.
    pub fn index(&self, name: &str, ctx: &Context) -> Result<Index<'_>> {
        let visible = |id: &IndexId| ctx.access().sees(self.version.catalog.schema(*id).name());
        match self.version.catalog.find(name).filter(visible) {
            Some(id) => Ok(Index { snapshot: self, id }),
            None => {
                let seen = self.version.catalog.schemas().map(Schema::name).filter(|name| ctx.access().sees(name));
                Err(crate::model::catalog::no_index(name, seen))
            }
        }
    }
}

impl<'a> Index<'a> {
    /// The index's schema.
    #[must_use]
    pub fn schema(&self) -> &'a Schema {
        self.snapshot.version.catalog.schema(self.id)
    }

    /// What the index holds in memory, by field. `O(blocks + distinct values)`.
    #[must_use]
    pub fn memory(&self) -> MemoryReport {
        measure(self.data())
    }

    /// One page of the rows that the query selects.
    ///
    /// # Errors
    /// `Query` with every mistake in the text; `Limit`, `Deadline`, `Cancelled`.
    pub fn rows(&self, query: &Query, ctx: &Context) -> Result<Answer<RowPage>> {
        self.listed(self.ready(query, ctx)?, query, ctx)
    }

    pub(crate) fn listed(&self, ready: Ready, query: &Query, ctx: &Context) -> Result<Answer<RowPage>> {
        let (skip, top) = query.slice();
        let rel = Rel::Sort { input: ready.rel.into(), keys: ready.bound.order.clone() };
        let plan = Plan::new(&Rel::Slice { input: rel.into(), skip, top })?;
        let Output::Rows { order, skip, top } = &plan.output else { return Err(Error::internal("rows became groups")) };
        let budget = ctx.budget();
        let request = self.request(ctx, &budget);
        let page = Run { plan: &plan, request: &request }.page(order, *skip, *top)?;
        let data = self.data();
        let _memory = budget.reserve(page.places.len() * data.schema.fields().len() * size_of::<Value>())?;
        let body = RowPage {
            columns: data.schema.fields().iter().map(|field| field.name.clone()).collect(),
            rows: page.places.iter().map(|place| fetch(data, *place)).collect(),
            skip: *skip,
            top: *top,
            total: page.total,
        };
        Ok(self.answer(body, ready.warnings, page.touched))
    }

    /// How many rows the query selects.
    ///
    /// # Errors
    /// As [`Index::rows`].
    pub fn count(&self, query: &Query, ctx: &Context) -> Result<Answer<u64>> {
        let ready = self.ready(query, ctx)?;
        let plan = Plan::new(&ready.rel)?;
        let budget = ctx.budget();
        let request = self.request(ctx, &budget);
        let touched = Run { plan: &plan, request: &request }.count(&plan.predicate)?;
        Ok(self.answer(touched.passed, ready.warnings, touched))
    }

    /// How the query's rows are found, and what that touched: one stage a line, in words that do not change between
    /// versions without notice. Of an aggregate query, also the levels that it is answered by, each a pass over these rows:
    /// what they are grouped by, what is measured, which rows take part, and which results come from it. Shows how many terms permissions and scope have and how many rows they leave, never what they
    /// say nor how many rows there are besides.
    ///
    /// # Errors
    /// As [`Index::rows`].
    pub fn explain(&self, query: &Query, ctx: &Context) -> Result<Answer<String>> {
        let ready = self.ready_any(query, ctx)?;
        if !ready.bound.aggregates.is_empty() {
            return self.explain_aggregates(ready, ctx);
        }
        let (skip, top) = query.slice();
        let rel = Rel::Sort { input: ready.rel.into(), keys: ready.bound.order.clone() };
        let plan = Plan::new(&Rel::Slice { input: rel.into(), skip, top })?;
        self.explained(explain(&plan, self.catalog()), &plan, ready.warnings, ctx)
    }

    /// The text of a plan, and what its scan touches.
    pub(crate) fn explained(
        &self,
        mut body: String,
        plan: &Plan,
        warnings: Vec<Diagnostic>,
        ctx: &Context,
    ) -> Result<Answer<String>> {
        let budget = ctx.budget();
        let request = self.request(ctx, &budget);
        let run = Run { plan, request: &request };
        let touched = run.count(&plan.predicate)?;
        let Touched { segments, segments_pruned, rows, passed } = touched;
        if plan.hidden.is_const(true) && plan.latest.is_none() {
            let _ = writeln!(body, "segments: {segments}, {segments_pruned} pruned");
            let _ = writeln!(body, "rows: {rows} looked at, {passed} passed");
        } else {
            // How many rows and segments there are would tell of rows that the caller may not see.
            let _ = writeln!(body, "rows: {} in scope, {passed} passed", run.count(&plan.hidden)?.passed);
        }
        Ok(self.answer(body, warnings, touched))
    }

    pub(crate) fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    pub(crate) fn data(&self) -> &'a IndexVersion {
        self.snapshot.version.index(self.id)
    }

    pub(crate) fn env<'c>(&self, ctx: &'c Context) -> Env<'c>
    where
        'a: 'c,
    {
        env_of(self.schema(), self.catalog(), ctx)
    }

    /// As [`Index::ready_any`], for questions that aggregates have no place in.
    pub(crate) fn ready(&self, query: &Query, ctx: &Context) -> Result<Ready> {
        self.made_ready(query, ctx, false)
    }

    /// Binds permissions, scope and text, in that order and apart from one another; where the latest rows are wanted, the text
    /// asks of those what it asks. Mistakes in scope and text are told together.
    pub(crate) fn ready_any(&self, query: &Query, ctx: &Context) -> Result<Ready> {
        self.made_ready(query, ctx, true)
    }

    fn made_ready(&self, query: &Query, ctx: &Context, may_aggregate: bool) -> Result<Ready> {
        let bound = bound_text(query, &self.env(ctx), may_aggregate);
        let (rel, (bound, warnings)) = both(self.around(query, ctx), bound)?;
        let rel = Rel::Filter { input: rel.into(), role: Role::Query, predicate: bound.predicate.clone() };
        Ok(Ready { bound, warnings, rel })
    }

    /// The rows that permissions and scope leave, or the latest of them, for a text to ask what it asks.
    pub(crate) fn around(&self, query: &Query, ctx: &Context) -> Result<Rel> {
        let env = self.env(ctx);
        let filter = |input: Rel, role, predicate| Rel::Filter { input: input.into(), role, predicate };
        let permitted = Permitted { catalog: self.catalog(), ctx }.rows_of(self.id)?;
        let rel = filter(Rel::Scan { index: self.id }, Role::Permission, permitted);
        let scope = all(query.conditions().iter().map(|condition| condition.bind(&env)));
        let (scope, retries) = both(scope, query.retries(self.schema()))?;
        let rel = scope.into_iter().fold(rel, |rel, predicate| filter(rel, Role::Scope, predicate));
        Ok(match retries {
            Some(retries) => Rel::Latest { input: rel.into(), retries },
            None => rel,
        })
    }

    pub(crate) fn id(&self) -> IndexId {
        self.id
    }

    /// Another index of the same snapshot, which the caller was found to have access to.
    pub(crate) fn other(&self, id: IndexId) -> Self {
        Self { snapshot: self.snapshot, id }
    }

    /// What one request runs on; all that is run for it shares what is decided once.
    pub(crate) fn request<'r>(&self, ctx: &'r Context, budget: &'r Budget) -> Request<'r>
    where
        'a: 'r,
    {
        let permissions = Permitted { catalog: self.catalog(), ctx };
        Request::new(&self.snapshot.version, permissions, ctx.zone(), &self.snapshot.pool, budget)
    }

    pub(crate) fn catalog(&self) -> &'a Catalog {
        self.snapshot.catalog()
    }

    pub(crate) fn answer<T>(&self, body: T, warnings: Vec<Diagnostic>, touched: Touched) -> Answer<T> {
        Answer { body, warnings, version: self.snapshot.version(), stats: touched.into() }
    }
}

/// What the query's text means, and the warnings about it.
fn bound_text(query: &Query, env: &Env<'_>, may_aggregate: bool) -> Result<(Bound, Vec<Diagnostic>)> {
    let mut diagnostics = Vec::new();
    let bound = bind_text(query.text(), env, &mut diagnostics);
    diagnostics.extend(bound.aggregates_span.filter(|_| !may_aggregate).map(misplaced_aggregates));
    if let Some(parameter) = query.parameter() {
        diagnostics = diagnostics.into_iter().map(|diagnostic| diagnostic.in_parameter(parameter)).collect();
    }
    let is_error = |d: &Diagnostic| d.severity() == Severity::Error;
    if diagnostics.iter().any(is_error) {
        // That there are more mistakes than are shown is told by a note of the same code.
        let is_limit = diagnostics.iter().any(|d| is_error(d) && d.code() == Code::LimitReached);
        return Err(Error::new(if is_limit { ErrorKind::Limit } else { ErrorKind::Query }, diagnostics));
    }
    if bound.order.len() > MOST_KEYS {
        let help = "order by fewer fields";
        return Err(Error::fixed_limit("order_items", MOST_KEYS as u64, bound.order.len(), help));
    }
    Ok((bound, diagnostics))
}
