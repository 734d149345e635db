//! `GET /runs/{run_id}/results`.
//!
//! Our choices: newest first; with `get_latest_result` the latest result of each test that the caller may see is asked for what
//! the other parameters say, not the latest of those that satisfy them.

use std::fmt::Write as _;

use crate::base::error::{Error, Result, both};
use crate::engine::answer::Answer;
use crate::engine::ask::Query;
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::snapshot::Snapshot;
use crate::model::time::format::format_instant;
use crate::surface::runs::expands::expanded;
use crate::surface::runs::object::{Object, Table};
use crate::surface::runs::page::CountedPage;
use crate::surface::runs::parameters::{Paging, Parameters, instant, number, path_id, truth, unknown};
use crate::surface::runs::statuses::Statuses;

/// What may be asked of a list of results.
const PARAMETERS: [&str; 9] = [
    "page",
    "per_page",
    "status_id",
    "assignee_id",
    "created_by",
    "created_after",
    "created_before",
    "get_latest_result",
    "expands",
];

/// What a result refers to.
const EXPANDS: [&str; 3] = ["issues", "statuses", "users"];

/// What is asked of the results of a run.
///
/// ```
/// use tallygrid::ResultsRequest;
/// assert!(ResultsRequest::from_pairs([("status_id", "3,4"), ("assignee_id", "0"), ("get_latest_result", "1")]).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultsRequest {
    paging: Paging,
    statuses: Option<Vec<i64>>,
    assignees: Option<Vec<i64>>,
    authors: Option<Vec<i64>>,
    after: Option<i64>,
    before: Option<i64>,
    latest: bool,
    expands: Vec<&'static str>,
}

impl ResultsRequest {
    /// Of the names and values of a query string, decoded.
    ///
    /// # Errors
    /// `Query` with every mistake, each in its parameter.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self> {
        let mut given = Parameters::new(pairs, &PARAMETERS);
        let request = Self {
            paging: given.paging(),
            statuses: given.list("status_id", number),
            assignees: given.list("assignee_id", number),
            authors: given.list("created_by", number),
            after: given.read("created_after", instant),
            before: given.read("created_before", instant),
            latest: given.read("get_latest_result", truth).unwrap_or(false),
            expands: given.names("expands", &EXPANDS),
        };
        given.finish().map(|()| request)
    }

    /// The filter in TQL: what is asked of the latest results must stand behind the choice of these, where scopes do not.
    fn filter(&self, statuses: &Statuses) -> String {
        let mut text = String::new();
        let mut and = |term: String| {
            let joiner = if text.is_empty() { "" } else { " AND " };
            let _ = write!(text, "{joiner}({term})");
        };
        if let Some(numbers) = &self.statuses {
            let named = numbers.iter().filter_map(|n| statuses.at(statuses.place(&(*n).into())?));
            // Of numbers that no status has there are no results.
            and(either("status", named.map(|status| quoted(status.name()))).unwrap_or("id IS EMPTY".to_owned()));
        }
        for (field, numbers) in [("assignee_id", &self.assignees), ("created_by", &self.authors)] {
            let Some(numbers) = numbers else { continue };
            let or_nobody =
                if field == "assignee_id" && numbers.contains(&0) { " OR assignee_id IS EMPTY" } else { "" };
            and(either(field, numbers.iter().map(i64::to_string)).unwrap_or_default() + or_nobody);
        }
        for (bound, side) in [(self.after, '>'), (self.before, '<')] {
            if let Some(at) = bound {
                and(format!("created_at {side} \"{}\"", format_instant(at)));
            }
        }
        text
    }
}

impl Snapshot {
    /// A page of the results of a run, whose number is given as it stands in the path.
    ///
    /// ```
    /// use tallygrid::ResultsRequest;
    /// # use tallygrid::{Access, Context, Engine, RunChanges, Rows, presets::counted};
    /// # let engine = Engine::builder(counted::catalog(&counted::statuses())?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// # let mut tx = engine.transaction(&ctx)?;
    /// let mut changes = RunChanges::of(&mut tx, &ctx)?;
    /// changes.add_runs(&Rows::new(["id"]).row([1.into()]))?;
    /// changes.add_tests(&Rows::new(["id", "run_id"]).row([7.into(), 1.into()]))?;
    /// let retried = Rows::new(["id", "test_id", "status"]).row([20.into(), 7.into(), "Failed".into()]);
    /// changes.add_results(&retried.row([21.into(), 7.into(), "Passed".into()]))?;
    /// # tx.commit()?;
    /// let request = ResultsRequest::from_pairs([("get_latest_result", "1")])?;
    /// let body = serde_json::to_value(engine.snapshot().counted_results("1", &request, &ctx)?.body).unwrap();
    /// assert_eq!((&body["total"], &body["result"][0]["status_id"]), (&1.into(), &2.into()));
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Forbidden` if the caller may see no runs or no results; `NotFound` if there is no run of that number that the caller may
    /// see; `Query` for a path that is no number.
    pub fn counted_results(&self, run: &str, request: &ResultsRequest, ctx: &Context) -> Result<Answer<CountedPage>> {
        let runs = self.open_runs(ctx)?;
        let number = path_id("run", run)?;
        if !ctx.access().sees("results") {
            return Err(Error::forbidden());
        }
        if runs.count(&Query::all().scope(Condition::is_in("id", [number])), ctx)?.body == 0 {
            return Err(unknown("run", run));
        }
        let (index, statuses) = both(self.index("results", ctx), Statuses::of(self.catalog()))?;
        let query = Query::tql(format!("{} ORDER BY created_at DESC, id DESC", request.filter(&statuses)));
        let query = query.scope(Condition::is_in("run_id", [number]));
        let query = query.skip(request.paging.skip()).top(request.paging.per_page);
        let answer = index.rows(&if request.latest { query.latest() } else { query }, ctx)?;
        let total = answer.body.total;
        let table = Table::new(answer.body.clone(), index.schema());
        let places = table.values("status").filter_map(|status| statuses.place(status)).collect();
        let fields = |name: &str| -> &'static [&'static str] {
            match name {
                "issues" => &["issues"],
                _ => &["assignee_id", "created_by"],
            }
        };
        let expands = expanded(self, &request.expands, fields, &table, &places, ctx)?;
        let objects = table.objects().map(|result: Object| result.result(&statuses)).collect();
        Ok(answer.map(|_| CountedPage::new(request.paging, total, objects, expands)))
    }
}

/// That a field has one of some values; none if there are no values.
fn either(field: &str, values: impl Iterator<Item = String>) -> Option<String> {
    values.map(|value| format!("{field} = {value}")).reduce(|all, one| all + " OR " + &one)
}

/// A text as TQL has it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
