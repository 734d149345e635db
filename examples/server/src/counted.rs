//! Runs with counters out of rows that were loaded: each value of a field is a run, each row with it a test of that run, with
//! one result. So that files that know nothing of runs show that surface too.

use std::collections::HashMap;

use tallygrid::{Context, DeclaredValue, Engine, Error, Query, RowPage, Rows, RunChanges, Value};

use crate::routes::status_field;

/// Only so many rows become tests, and it is said where there are more.
const MOST: u64 = 200_000;

#[expect(clippy::print_stderr, reason = "a program speaks through it")]
fn say_cut(total: u64) {
    eprintln!("warning: --runs-by makes tests of the first {MOST} rows, and there are {total}");
}

/// Makes runs of an index's rows.
pub(crate) fn fill(engine: &Engine, index: &str, by: &str, ctx: &Context) -> Result<(), Error> {
    let snapshot = engine.snapshot();
    let index = snapshot.index(index, ctx)?;
    // Also says whether there is such a field.
    index.count(&Query::tql(format!("{by} IS EMPTY")), ctx)?;
    let statuses = status_field(index.schema());
    let page = index.rows(&Query::all().top(MOST), ctx)?.body;
    if page.total > MOST {
        say_cut(page.total);
    }
    let cells = Cells::of(&page, by, statuses.map(tallygrid::Field::name));
    let declared = statuses.map_or(&[][..], tallygrid::Field::declared_values);

    let mut numbers: HashMap<String, i64> = HashMap::new();
    let mut runs = Rows::new(["id", "project_id", "name", "created_at"]);
    let mut tests = Rows::new(["id", "run_id", "name"]);
    let mut results = Rows::new(["id", "test_id", "status", "created_at"]);
    for (row, n) in page.rows.iter().zip(1_i64..) {
        let name = cells.by(row);
        let at = cells.at(row);
        let next = numbers.len() as i64 + 1;
        let run = *numbers.entry(name.clone()).or_insert_with(|| {
            runs.push([next.into(), 1.into(), name.into(), at.clone()]);
            next
        });
        tests.push([n.into(), run.into(), cells.name(row)]);
        if let Some(status) = outcome(&cells.status(row), declared) {
            results.push([n.into(), n.into(), status.into(), at]);
        }
    }
    let mut tx = engine.transaction(ctx)?;
    let mut changes = RunChanges::of(&mut tx, ctx)?;
    changes.add_runs(&runs)?;
    changes.add_tests(&tests)?;
    changes.add_results(&results)?;
    tx.commit().map(drop)
}

/// Where what is needed stands in a row.
struct Cells {
    by: Option<usize>,
    status: Option<usize>,
    name: Option<usize>,
    at: Option<usize>,
}

impl Cells {
    fn of(page: &RowPage, by: &str, status: Option<&str>) -> Self {
        let place = |name: &str| page.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        let first = |names: &[&str]| names.iter().find_map(|name| place(name));
        Self {
            by: place(by),
            status: status.and_then(place),
            name: first(&["name", "test", "id"]),
            at: first(&["timestamp", "FinishedAt", "CreatedAt"]),
        }
    }

    fn by(&self, row: &[Value]) -> String {
        cell(self.by, row).to_string()
    }

    fn status(&self, row: &[Value]) -> String {
        cell(self.status, row).to_string()
    }

    fn name(&self, row: &[Value]) -> Value {
        cell(self.name, row).to_string().into()
    }

    fn at(&self, row: &[Value]) -> Value {
        cell(self.at, row)
    }
}

fn cell(place: Option<usize>, row: &[Value]) -> Value {
    place.and_then(|place| row.get(place)).cloned().unwrap_or(Value::Null)
}

/// The status among those that are counted; none for a test without a result.
fn outcome(status: &str, declared: &[DeclaredValue]) -> Option<&'static str> {
    let flags = declared.iter().find(|value| value.name() == status).map(DeclaredValue::flags);
    match (status.to_lowercase().as_str(), flags) {
        (_, Some(flags)) if flags.passed => Some("Passed"),
        (_, Some(flags)) if flags.failed => Some("Failed"),
        (_, Some(flags)) if flags.untested => None,
        (name, _) if name.starts_with("pass") => Some("Passed"),
        (name, _) if name.starts_with("fail") || name.starts_with("error") => Some("Failed"),
        (name, _) if name.starts_with("skip") => Some("Skipped"),
        ("blocked", _) => Some("Blocked"),
        _ => None,
    }
}
