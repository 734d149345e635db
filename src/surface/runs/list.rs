//! `GET /projects/{project_id}/runs` and `GET /runs/{run_id}`.
//!
//! Our choices where the page is silent: the bounds of `…_after` and `…_before` are exclusive; runs of one instant are in the
//! order of their numbers; open runs count as closed before all others. A parameter that there is not is a mistake, one without
//! a value is none. Of statuses those are expanded that a run of the answer has tests with.

use std::collections::BTreeMap;

use crate::base::error::{Error, Result};
use crate::engine::answer::{Answer, RowPage};
use crate::engine::ask::Query;
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::snapshot::{Index, Snapshot};
use crate::model::time::format::format_instant;
use crate::model::value::Value;
use crate::surface::runs::expands::{Expands, expanded};
use crate::surface::runs::object::{Object, Table};
use crate::surface::runs::page::{CountedPage, CountedRun};
use crate::surface::runs::parameters::{Paging, Parameters, choice, instant, number, path_id, truth, unknown};
use crate::surface::runs::statuses::{Counts, Statuses, counter_names, visible_counts};

/// What may be asked of a list of runs.
const PARAMETERS: [&str; 15] = [
    "page",
    "per_page",
    "sort",
    "order",
    "closed_after",
    "closed_before",
    "config_id",
    "created_after",
    "created_before",
    "created_by",
    "is_closed",
    "milestone_id",
    "state_id",
    "tags",
    "expands",
];

/// What a run refers to.
const EXPANDS: [&str; 6] = ["configs", "issues", "milestones", "states", "statuses", "users"];

/// Lists of numbers by which runs are filtered, each a field.
const LISTS: [&str; 4] = ["config_id", "created_by", "milestone_id", "state_id"];

/// Bounds of instants, each with its field and the side on which runs lie.
const BOUNDS: [(&str, &str, char); 4] = [
    ("created_after", "created_at", '>'),
    ("created_before", "created_at", '<'),
    ("closed_after", "closed_at", '>'),
    ("closed_before", "closed_at", '<'),
];

/// What is asked of the runs of a project.
///
/// ```
/// use tallygrid::RunsRequest;
/// assert!(RunsRequest::from_pairs([("is_closed", "1"), ("sort", "runs:closed_at"), ("created_by", "2,5")]).is_ok());
/// let error = RunsRequest::from_pairs([("page", "0"), ("expands", "cases")]).unwrap_err();
/// assert_eq!(error.diagnostics().len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RunsRequest {
    paging: Paging,
    sort: &'static str,
    order: &'static str,
    /// All of them hold.
    conditions: Vec<Condition>,
    expands: Vec<&'static str>,
}

/// What is asked of a single run.
///
/// ```
/// use tallygrid::RunRequest;
/// assert!(RunRequest::from_pairs([("expands", "configs,issues,users")]).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RunRequest {
    expands: Vec<&'static str>,
}

impl RunsRequest {
    /// Of the names and values of a query string, decoded.
    ///
    /// # Errors
    /// `Query` with every mistake, each in its parameter.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self> {
        let mut given = Parameters::new(pairs, &PARAMETERS);
        let paging = given.paging();
        let sorts = [("runs:created_at", "created_at"), ("runs:closed_at", "closed_at")];
        let sort = given.read("sort", |text| choice(text, &sorts));
        let order = given.read("order", |text| choice(text, &[("asc", "ASC"), ("desc", "DESC")]));
        let mut conditions = Vec::new();
        for (name, field, side) in BOUNDS {
            let bound = given.read(name, instant);
            conditions.extend(bound.map(|at| Condition::tql(format!("{field} {side} \"{}\"", format_instant(at)))));
        }
        for name in LISTS {
            conditions.extend(given.list(name, number).map(|numbers| Condition::is_in(name, numbers)));
        }
        let tags = given.list("tags", |tag| Ok(tag.to_owned()));
        conditions.extend(tags.map(|tags| Condition::is_in("tags", tags)));
        conditions.extend(given.read("is_closed", truth).map(|is_closed| match is_closed {
            true => Condition::is_in("is_closed", [true]),
            false => Condition::tql("is_closed = false OR is_closed IS EMPTY"),
        }));
        let expands = given.names("expands", &EXPANDS);
        given.finish()?;
        let (sort, order) = (sort.unwrap_or("created_at"), order.unwrap_or("DESC"));
        Ok(Self { paging, sort, order, conditions, expands })
    }
}

impl RunRequest {
    /// Of the names and values of a query string, decoded.
    ///
    /// # Errors
    /// `Query` with every mistake, each in its parameter.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self> {
        let mut given = Parameters::new(pairs, &["expands"]);
        let expands = given.names("expands", &EXPANDS);
        given.finish().map(|()| Self { expands })
    }
}

impl Snapshot {
    /// A page of the runs of a project, whose number is given as it stands in the path.
    ///
    /// ```
    /// use tallygrid::RunsRequest;
    /// # use tallygrid::{Access, Context, Engine, RunChanges, Rows, presets::counted};
    /// # let engine = Engine::builder(counted::catalog(&counted::statuses())?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// # let mut tx = engine.transaction(&ctx)?;
    /// let runs = Rows::new(["id", "project_id"]).row([1.into(), 5.into()]).row([2.into(), 5.into()]);
    /// RunChanges::of(&mut tx, &ctx)?.add_runs(&runs)?;
    /// # tx.commit()?;
    /// let request = RunsRequest::from_pairs([("per_page", "15"), ("is_closed", "0")])?;
    /// let page = engine.snapshot().counted_runs("5", &request, &ctx)?.body;
    /// let body = serde_json::to_value(page).unwrap();
    /// assert_eq!((&body["total"], &body["last_page"], &body["result"][0]["id"]), (&2.into(), &1.into(), &2.into()));
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Forbidden` if the caller may see no runs; `Query` for a path that is no number. That a project is there, and that the
    /// caller may know of it, is the host's to say: of one without runs the page is empty.
    pub fn counted_runs(&self, project: &str, request: &RunsRequest, ctx: &Context) -> Result<Answer<CountedPage>> {
        let runs = self.open_runs(ctx)?;
        let project = path_id("project", project)?;
        let RunsRequest { paging, sort, order, .. } = request;
        let query = Query::tql(format!("ORDER BY {sort} {order}, id {order}"));
        let query = query.skip(paging.skip()).top(paging.per_page).scope(Condition::is_in("project_id", [project]));
        let query = request.conditions.iter().cloned().fold(query, Query::scope);
        let answer = runs.rows(&query, ctx)?;
        let total = answer.body.total;
        let (objects, expands) = self.run_objects(&runs, answer.body.clone(), &request.expands, ctx)?;
        Ok(answer.map(|_| CountedPage::new(*paging, total, objects, expands)))
    }

    /// A single run, whose number is given as it stands in the path.
    ///
    /// # Errors
    /// `Forbidden` if the caller may see no runs; `NotFound` if there is none of that number that the caller may see; `Query`
    /// for a path that is no number.
    pub fn counted_run(&self, id: &str, request: &RunRequest, ctx: &Context) -> Result<Answer<CountedRun>> {
        let runs = self.open_runs(ctx)?;
        let number = path_id("run", id)?;
        let answer = runs.rows(&Query::all().scope(Condition::is_in("id", [number])).top(1), ctx)?;
        let (mut objects, expands) = self.run_objects(&runs, answer.body.clone(), &request.expands, ctx)?;
        let result = objects.pop().ok_or_else(|| unknown("run", id))?;
        Ok(answer.map(|_| CountedRun { result, expands }))
    }

    /// The index of runs.
    pub(super) fn open_runs(&self, ctx: &Context) -> Result<Index<'_>> {
        if !ctx.access().sees("runs") {
            return Err(Error::forbidden());
        }
        self.index("runs", ctx)
    }

    /// Runs with the counters of the tests that the caller may see, and what they refer to.
    fn run_objects(
        &self,
        index: &Index<'_>,
        page: RowPage,
        expands: &[&'static str],
        ctx: &Context,
    ) -> Result<(Vec<Object>, Expands)> {
        let table = Table::new(page, index.schema());
        let ids: Vec<Value> = table.values("id").cloned().collect();
        let visible = visible_counts(self, &ids, ctx)?;
        let statuses = match &visible {
            Some(_) => Some(Statuses::of(self.catalog())?),
            None => None,
        };
        let of_run = |(object, id): (Object, &Value)| {
            let counts = visible.as_ref().map(|by_run| counts_of(by_run, id));
            object.run(counts.zip(statuses.as_ref()))
        };
        let fields = |name: &str| -> &'static [&'static str] {
            match name {
                "configs" => &["config_id"],
                "issues" => &["issues"],
                "milestones" => &["milestone_id"],
                "states" => &["state_id"],
                _ => &["created_by", "updated_by", "closed_by"],
            }
        };
        let objects: Vec<Object> = table.objects().zip(&ids).map(of_run).collect();
        // Of the counters of the answer, not of those that are kept.
        let has_tests = |name: &str| objects.iter().any(|run| run.get(name).is_some_and(|n| *n != 0.into()));
        let places = counter_names().iter().enumerate().filter(|(_, name)| has_tests(name)).map(|(n, _)| n).collect();
        let expands = expanded(self, expands, fields, &table, &places, ctx)?;
        Ok((objects, expands))
    }
}

fn counts_of(by_run: &BTreeMap<i64, Counts>, id: &Value) -> Counts {
    match id {
        Value::Integer(id) => by_run.get(id).copied().unwrap_or_default(),
        _ => Counts::default(),
    }
}
