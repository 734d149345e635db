//! Changes of runs, tests and results that keep what follows from them: each test's latest result, and the counters of each
//! run. They always equal a recount of the tests by their latest results.
//!
//! A result that arrives is held against the latest one of its test alone, so that its cost does not depend on how many there
//! are. Only where a result is changed or taken away, the others of its test are looked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::code::Code;
use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::access::Access;
use crate::engine::ask::Query;
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::transaction::Transaction;
use crate::model::presets::counted::SUMS;
use crate::model::schema::Schema;
use crate::model::table::Rows;
use crate::model::value::Value;
use crate::surface::runs::rows::{Given, Mistakes, Row, names};
use crate::surface::runs::statuses::{Counts, Statuses, counter_names};

/// Fields of a test that follow from its run and its results.
const OF_TESTS: [&str; 4] = ["project_id", "status", "latest_result_id", "latest_result_at"];

/// Fields of a result that follow from its test.
const OF_RESULTS: [&str; 2] = ["project_id", "run_id"];

/// Changes within a transaction. Runs, tests and results of [`presets::counted`](crate::presets::counted) change through this
/// alone: what is written past it is not counted.
///
/// A status is given by its name or its number. After an error the transaction can only be dropped.
///
/// ```
/// use tallygrid::{Access, Context, Engine, RunChanges, RunRequest, Rows, presets::counted};
/// let engine = Engine::builder(counted::catalog(&counted::statuses())?).build()?;
/// let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// let mut tx = engine.transaction(&ctx)?;
/// let mut changes = RunChanges::of(&mut tx, &ctx)?;
/// changes.add_runs(&Rows::new(["id", "project_id", "name"]).row([1.into(), 1.into(), "Run 1".into()]))?;
/// changes.add_tests(&Rows::new(["id", "run_id"]).row([10.into(), 1.into()]).row([11.into(), 1.into()]))?;
/// changes.add_results(&Rows::new(["id", "test_id", "status"]).row([100.into(), 10.into(), "Passed".into()]))?;
/// tx.commit()?;
/// let run = engine.snapshot().counted_run("1", &RunRequest::default(), &ctx)?;
/// let body = serde_json::to_value(run.body).unwrap();
/// assert_eq!((&body["result"]["untested_count"], &body["result"]["status1_count"]), (&1.into(), &1.into()));
/// assert_eq!(body["result"]["total_count"], 2);
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Debug)]
pub struct RunChanges<'t> {
    tx: &'t mut Transaction,
    /// Whoever holds a transaction may change every row, and so sees every row.
    ctx: Context,
    statuses: Statuses,
    runs: Arc<Schema>,
    tests: Arc<Schema>,
    results: Arc<Schema>,
}

/// A test as far as it counts.
#[derive(Clone, Debug, PartialEq)]
struct Counted {
    run: Value,
    project: Value,
    /// The place of its status.
    status: usize,
    /// The number and the time of its latest result, if there is one.
    latest: Option<(i64, Option<i64>)>,
}

impl<'t> RunChanges<'t> {
    /// Changes of that transaction. Of the context the limits, the deadline and the cancel switch count.
    ///
    /// # Errors
    /// `NotFound` if the catalog lacks one of the three indexes, `Schema` if the statuses cannot be counted.
    pub fn of(tx: &'t mut Transaction, ctx: &Context) -> Result<Self> {
        let snapshot = tx.snapshot()?;
        let catalog = snapshot.catalog();
        let schema = |name| catalog.require(name).map(|id| catalog.schema(id).clone());
        let (runs, tests, results) = (schema("runs")?, schema("tests")?, schema("results")?);
        let statuses = Statuses::of(catalog)?;
        Ok(Self { tx, ctx: ctx.with_access(Access::unrestricted()), statuses, runs, tests, results })
    }

    /// Adds runs, which have no tests yet.
    ///
    /// # Errors
    /// As [`Transaction::append`]; also for columns of counters.
    pub fn add_runs(&mut self, rows: &Rows) -> Result<()> {
        let counters = counters();
        let columns: Vec<&str> = rows.columns().iter().map(|name| &**name).collect();
        kept(&self.runs, &columns, &counters, "is counted")?;
        let mut written = Given { rows, schema: &self.runs }.with_columns(counters.iter().map(String::as_str));
        for row in 0..rows.len() {
            written.push(rows.cells(row).iter().cloned().chain(counters.iter().map(|_| 0.into())));
        }
        self.tx.append("runs", &written)
    }

    /// Changes cells of a run.
    ///
    /// # Errors
    /// As [`Transaction::patch`]; also for counters, and for the project, which its tests share.
    pub fn patch_run<'n>(&mut self, id: i64, cells: impl IntoIterator<Item = (&'n str, Value)>) -> Result<()> {
        let cells: Vec<(&str, Value)> = cells.into_iter().collect();
        let columns: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
        kept(&self.runs, &columns, &counters(), "is counted")?;
        kept(&self.runs, &columns, &["project_id"], "cannot change")?;
        self.tx.patch("runs", &id.into(), cells)
    }

    /// Takes a run out, with its tests and their results. `O(tests + results)` of all runs.
    ///
    /// # Errors
    /// An unknown run.
    pub fn delete_run(&mut self, id: i64) -> Result<()> {
        self.delete_those("results", "run_id", id)?;
        self.delete_those("tests", "run_id", id)?;
        self.tx.delete("runs", &id.into())
    }

    /// Adds tests to runs, untested.
    ///
    /// # Errors
    /// As [`Transaction::append`]; also for tests of a run that is not there, and for columns that follow from the run and the
    /// results.
    pub fn add_tests(&mut self, rows: &Rows) -> Result<()> {
        let schema = self.tests.clone();
        let columns: Vec<&str> = rows.columns().iter().map(|name| &**name).collect();
        kept(&schema, &columns, &OF_TESTS, "follows from the run and the results")?;
        let given = Given { rows, schema: &schema };
        let mut mistakes = Mistakes::new(&schema);
        let mut written = given.with_columns(["project_id", "status"]);
        let mut projects: BTreeMap<i64, Value> = BTreeMap::new();
        let mut deltas: BTreeMap<i64, Counts> = BTreeMap::new();
        for row in 0..rows.len() {
            let run = given.number(row, "run_id");
            if let Some(id) = run.filter(|id| !projects.contains_key(id))
                && let Some(found) = self.found("runs", id)?
            {
                projects.insert(id, found.get("project_id"));
            }
            let Some((run, project)) = run.and_then(|id| Some((id, projects.get(&id)?))) else {
                mistakes.missing(row, "run_id", &given.cell(row, "run_id"));
                continue;
            };
            deltas.entry(run).or_default()[0] += 1;
            written.push(rows.cells(row).iter().cloned().chain([project.clone(), self.statuses.name(0)]));
        }
        mistakes.finish()?;
        self.tx.append("tests", &written)?;
        self.count(deltas)
    }

    /// Changes cells of a test.
    ///
    /// # Errors
    /// As [`Transaction::patch`]; also for its run, and for what follows from the run and the results.
    pub fn patch_test<'n>(&mut self, id: i64, cells: impl IntoIterator<Item = (&'n str, Value)>) -> Result<()> {
        let cells: Vec<(&str, Value)> = cells.into_iter().collect();
        let columns: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
        kept(&self.tests, &columns, &OF_TESTS, "follows from the run and the results")?;
        kept(&self.tests, &columns, &["run_id"], "cannot change")?;
        self.tx.patch("tests", &id.into(), cells)
    }

    /// Takes a test out, with its results. `O(results)` of all tests.
    ///
    /// # Errors
    /// An unknown test.
    pub fn delete_test(&mut self, id: i64) -> Result<()> {
        let test = self.test(id)?;
        self.delete_those("results", "test_id", id)?;
        self.tx.delete("tests", &id.into())?;
        match test {
            Some(Counted { run: Value::Integer(run), status, .. }) => {
                let mut delta = Counts::default();
                delta[status] = -1;
                self.count(BTreeMap::from([(run, delta)]))
            }
            _ => Ok(()),
        }
    }

    /// Adds results of tests. One becomes the latest of its test unless the latest so far was created later.
    /// `O(results given)`, however many there are.
    ///
    /// # Errors
    /// As [`Transaction::append`]; also for results of a test that is not there, with a status that is not declared, and for
    /// columns that follow from the test.
    pub fn add_results(&mut self, rows: &Rows) -> Result<()> {
        let schema = self.results.clone();
        let columns: Vec<&str> = rows.columns().iter().map(|name| &**name).collect();
        kept(&schema, &columns, &OF_RESULTS, "follows from the test")?;
        let given = Given { rows, schema: &schema };
        let mut mistakes = Mistakes::new(&schema);
        // By number: each test before and after.
        let mut tests: BTreeMap<i64, (Counted, Counted)> = BTreeMap::new();
        let mut written = given.with_columns(OF_RESULTS);
        let status_column = given.column("status");
        for row in 0..rows.len() {
            let test = given.number(row, "test_id");
            if let Some(id) = test.filter(|id| !tests.contains_key(id))
                && let Some(found) = self.test(id)?
            {
                tests.insert(id, (found.clone(), found));
            }
            let test = test.and_then(|id| tests.get_mut(&id));
            if test.is_none() {
                mistakes.missing(row, "test_id", &given.cell(row, "test_id"));
            }
            let status = self.statuses.place(&given.cell(row, "status"));
            if status.is_none() {
                mistakes.no_status(row, &given.cell(row, "status"));
            }
            let (Some((_, test)), Some(status)) = (test, status) else { continue };
            let mut cells = rows.cells(row).to_vec();
            if let Some(cell) = status_column.and_then(|at| cells.get_mut(at)) {
                *cell = self.statuses.name(status);
            }
            written.push(cells.into_iter().chain([test.project.clone(), test.run.clone()]));
            let created = given.instant(row, "created_at");
            if let Some(id) = given.number(row, "id")
                && test.latest.is_none_or(|(_, latest)| created >= latest)
            {
                (test.status, test.latest) = (status, Some((id, created)));
            }
        }
        mistakes.finish()?;
        self.tx.append("results", &written)?;
        let mut deltas = BTreeMap::new();
        for (id, (before, after)) in &tests {
            self.settle(*id, before, after, &mut deltas)?;
        }
        self.count(deltas)
    }

    /// Changes cells of a result. `O(results)` of all tests.
    ///
    /// # Errors
    /// As [`Transaction::patch`]; also for its test and what follows from that, and for a status that is not declared.
    pub fn patch_result<'n>(&mut self, id: i64, cells: impl IntoIterator<Item = (&'n str, Value)>) -> Result<()> {
        let mut cells: Vec<(&str, Value)> = cells.into_iter().collect();
        let columns: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
        kept(&self.results, &columns, &OF_RESULTS, "follows from the test")?;
        kept(&self.results, &columns, &["test_id"], "cannot change")?;
        let mut mistakes = Mistakes::new(&self.results);
        for (_, value) in cells.iter_mut().filter(|(name, _)| names(&self.results, name, "status")) {
            match self.statuses.place(value) {
                Some(place) => *value = self.statuses.name(place),
                None => mistakes.no_status(0, value),
            }
        }
        mistakes.finish()?;
        self.tx.patch("results", &id.into(), cells)?;
        match self.found("results", id)?.and_then(|row| row.number("test_id")) {
            Some(test) => self.look_again(test),
            None => Ok(()),
        }
    }

    /// Takes a result out. `O(results)` of all tests if it was the latest of its own.
    ///
    /// # Errors
    /// An unknown result.
    pub fn delete_result(&mut self, id: i64) -> Result<()> {
        let test = self.found("results", id)?.and_then(|row| row.number("test_id"));
        self.tx.delete("results", &id.into())?;
        let Some(test) = test else { return Ok(()) };
        match self.test(test)?.and_then(|counted| counted.latest) {
            Some((latest, _)) if latest == id => self.look_again(test),
            _ => Ok(()),
        }
    }

    /// Looks for the latest result of a test among all.
    fn look_again(&mut self, id: i64) -> Result<()> {
        let Some(before) = self.test(id)? else { return Ok(()) };
        let snapshot = self.tx.snapshot()?;
        let query = Query::all().scope(Condition::is_in("test_id", [id])).latest().top(1);
        let found = snapshot.index("results", &self.ctx)?.rows(&query, &self.ctx)?.body.rows.into_iter().next();
        let mut after = Counted { status: 0, latest: None, ..before.clone() };
        if let Some(cells) = found {
            let row = Row { schema: self.results.clone(), cells };
            after.status = self.statuses.place(&row.get("status")).unwrap_or(0);
            after.latest = row.number("id").map(|id| (id, row.instant("created_at")));
        }
        let mut deltas = BTreeMap::new();
        self.settle(id, &before, &after, &mut deltas)?;
        self.count(deltas)
    }

    /// Writes what a test has become, and how that changes its run.
    fn settle(&mut self, id: i64, before: &Counted, after: &Counted, deltas: &mut BTreeMap<i64, Counts>) -> Result<()> {
        if before == after {
            return Ok(());
        }
        let cells = [
            ("status", self.statuses.name(after.status)),
            ("latest_result_id", after.latest.map(|(id, _)| id).into()),
            ("latest_result_at", after.latest.and_then(|(_, at)| at).map_or(Value::Null, Value::Instant)),
        ];
        self.tx.patch("tests", &id.into(), cells)?;
        if let Value::Integer(run) = after.run {
            let delta = deltas.entry(run).or_default();
            delta[before.status] -= 1;
            delta[after.status] += 1;
        }
        Ok(())
    }

    /// Adds to the counters of runs.
    fn count(&mut self, deltas: BTreeMap<i64, Counts>) -> Result<()> {
        let names = counter_names();
        let mut counted = Vec::with_capacity(deltas.len());
        // Looking between two changes would gather what is changed each time.
        for (run, delta) in deltas.into_iter().filter(|(_, delta)| delta.iter().any(|n| *n != 0)) {
            let Some(row) = self.found("runs", run)? else { continue };
            let mut counts = delta;
            for (count, name) in counts.iter_mut().zip(&names) {
                *count += row.number(name).unwrap_or(0);
            }
            counted.push((run, counts));
        }
        for (run, counts) in counted {
            let sums = SUMS.into_iter().zip(self.statuses.sums(&counts));
            let cells = names.iter().map(String::as_str).zip(counts).chain(sums);
            self.tx.patch("runs", &run.into(), cells.map(|(name, n)| (name, n.into())))?;
        }
        Ok(())
    }

    /// A test as it is now.
    fn test(&mut self, id: i64) -> Result<Option<Counted>> {
        let Some(row) = self.found("tests", id)? else { return Ok(None) };
        let latest = row.number("latest_result_id").map(|id| (id, row.instant("latest_result_at")));
        let (run, project) = (row.get("run_id"), row.get("project_id"));
        let status = row.get("status");
        Ok(Some(Counted { run, project, status: self.statuses.place(&status).unwrap_or(0), latest }))
    }

    /// A row as it is now.
    fn found(&mut self, index: &str, id: i64) -> Result<Option<Row>> {
        let schema = match index {
            "runs" => &self.runs,
            "tests" => &self.tests,
            _ => &self.results,
        };
        let cells = self.tx.row(index, &id.into())?;
        Ok(cells.map(|cells| Row { schema: schema.clone(), cells }))
    }

    /// Takes out the rows whose field holds that number.
    fn delete_those(&mut self, index: &str, field: &str, id: i64) -> Result<()> {
        let snapshot = self.tx.snapshot()?;
        let query = Query::all().scope(Condition::is_in(field, [id])).top(u64::MAX);
        let index_there = snapshot.index(index, &self.ctx)?;
        let schema = index_there.schema();
        for cells in index_there.rows(&query, &self.ctx)?.body.rows {
            let key = schema.key_id().and_then(|key| cells.get(key.idx()).cloned());
            let key =
                key.ok_or_else(|| Error::request(ErrorKind::Schema, Code::InvalidSchema, "an index has no key"))?;
            self.tx.delete(index, &key)?;
        }
        Ok(())
    }
}

/// The names of all counters and sums.
fn counters() -> Vec<String> {
    counter_names().into_iter().chain(SUMS.map(str::to_owned)).collect()
}

/// Holds columns to those that a caller may write.
fn kept<S: AsRef<str>>(schema: &Schema, columns: &[&str], kept: &[S], why: &str) -> Result<()> {
    let mut mistakes = Mistakes::new(schema);
    mistakes.kept(columns, &kept.iter().map(AsRef::as_ref).collect::<Vec<_>>(), why);
    mistakes.finish()
}
