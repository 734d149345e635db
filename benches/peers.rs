//! The workload that other engines are compared with: rows of a generated data set, read as dictionary codes, and the
//! queries whose counts must agree with theirs. Prints a line of JSON for each query: median and least milliseconds, groups
//! and rows counted.
//!
//! `TALLYGRID_BENCH=DIR TALLYGRID_THREADS=2 cargo bench --bench peers`, where DIR holds `raw/*.bin`, `dict/*.txt` and
//! `params.json`; `TALLYGRID_QUERIES=Q1,Q8` asks only those, `TALLYGRID_RUNS` how often (12). Without a folder it says so and
//! ends. How it compares is told in `docs/performance.md`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench that cannot run should stop"
)]

mod generated;

use std::path::Path;
use std::time::Instant;

use generated::{Data, schema};
use tallygrid::{
    Access, Catalog, Context, Engine, Field, GroupBy, Index, Kind, Period, Query, ResultValue, Results, Rows, Schema,
    StatusCounts, Value, Zone,
};

fn main() {
    let Some(dir) = std::env::var_os("TALLYGRID_BENCH") else {
        println!("0 queries: no folder given in TALLYGRID_BENCH");
        return;
    };
    let number = |name: &str, default: usize| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (threads, runs_each) = (number("TALLYGRID_THREADS", 2), number("TALLYGRID_RUNS", 12).max(2));
    let dir = Path::new(&dir);
    let data = Data::read(dir);
    let params = serde_json::from_str(&std::fs::read_to_string(dir.join("params.json")).unwrap()).unwrap();
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    let engine = Engine::builder(Catalog::new([schema()]).unwrap()).threads(threads).build().unwrap();
    let start = Instant::now();
    data.load(&engine, &ctx);
    let load_s = start.elapsed().as_secs_f64();
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &ctx).unwrap();
    let memory = runs.memory();
    let per_row = |bytes: usize| bytes as f64 / memory.rows as f64;
    println!(r#"{{"load_s": {load_s:.1}, "rows": {}, "bytes_per_row": {:.1}}}"#, memory.rows, per_row(memory.total()));
    for field in &memory.fields {
        let (codes, dictionary) = (per_row(field.codes), per_row(field.dictionary));
        println!(r#"{{"field": "{}", "codes": {codes:.2}, "dictionary": {dictionary:.2}}}"#, field.field);
    }
    println!("{}", identities(&ctx));
    let chosen = std::env::var("TALLYGRID_QUERIES").ok();
    let chosen: Option<Vec<&str>> = chosen.as_deref().map(|names| names.split(',').collect());
    for (name, ask) in questions(&params) {
        if chosen.as_ref().is_some_and(|chosen| !chosen.contains(&name)) {
            continue;
        }
        let mut times = Vec::new();
        let mut result = (0, 0);
        for _ in 0..runs_each {
            let start = Instant::now();
            result = ask(&runs, &ctx);
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        // The first run warms the caches.
        times.remove(0);
        times.sort_by(f64::total_cmp);
        let (median, least) = (times[times.len() / 2], times[0]);
        println!(
            r#"{{"query": "{name}", "threads": {threads}, "med_ms": {median:.3}, "min_ms": {least:.3}, "groups": {}, "rows": {}}}"#,
            result.0, result.1
        );
    }
}

/// What a unique id costs, which the rows above lack: its column and the writer's table from keys to rows.
fn identities(ctx: &Context) -> String {
    let schema = Schema::builder("Run").key("Id").field(Field::new("Id", Kind::Guid)).build().unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).build().unwrap();
    let n_rows = 1_000_000u128;
    let mut tx = engine.transaction(ctx).unwrap();
    let mut rows = Rows::new(["Id"]);
    // An odd factor visits every GUID once, in no order.
    (1..=n_rows).for_each(|n| rows.push([Value::Guid(n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))]));
    tx.append("Run", &rows).unwrap();
    tx.commit().unwrap();
    let keys: usize = engine.transaction(ctx).unwrap().key_bytes().iter().sum();
    let column = engine.snapshot().index("Run", ctx).unwrap().memory().total();
    let per_row = |bytes: usize| bytes as f64 / n_rows as f64;
    format!(r#"{{"id_rows": {n_rows}, "column": {:.1}, "key_table": {:.1}}}"#, per_row(column), per_row(keys))
}

type Ask = Box<dyn Fn(&Index<'_>, &Context) -> (usize, i128)>;

/// The queries, each answering its groups and the rows counted in them.
fn questions(params: &serde_json::Value) -> Vec<(&'static str, Ask)> {
    let text = |key: &str| params[key].as_str().unwrap_or_default().to_owned();
    let (one, heavy, project, tag) = (text("asg_sel"), text("asg_heavy"), text("project"), text("tag"));
    let users = params["users"].as_array().cloned().unwrap_or_default();
    let users: Vec<String> = users.iter().filter_map(|user| user.as_str().map(|u| format!("'{u}'"))).collect();
    let by = |field: &'static str, tql: String| grouped(GroupBy::field(field), tql);
    let or_tree = "(Type = AgileRun OR (NOT Environment IN [Prod, Staging])) AND (RunBy IS EMPTY OR DurationMs > 60000) \
                   AND (NOT (Status = Passed AND Config = Chrome/Win11))";
    let by_day: Ask = {
        let zone = Zone::named("America/New_York").unwrap();
        Box::new(move |runs, ctx| {
            let ctx = ctx.clone().time_zone(zone.clone());
            counted(&runs.group(&GroupBy::period("CreatedAt", Period::Day), &Query::all(), &ctx).unwrap().body)
        })
    };
    let newest: Ask = {
        let tql = format!("ProjectId = {project} AND Status = Failed ORDER BY CreatedAt DESC");
        Box::new(move |runs, ctx| {
            let page = runs.rows(&Query::tql(tql.as_str()).top(100), ctx).unwrap().body;
            (page.rows.len(), page.total.into())
        })
    };
    let count: Ask = {
        let tql = "Type = AutomatedTestRun AND Environment = QA AND DurationMs IN [1000, 5000]";
        Box::new(move |runs, ctx| (1, runs.count(&Query::tql(tql), ctx).unwrap().body.into()))
    };
    let latest: Ask = Box::new(move |runs, ctx| {
        counted(&runs.group(&GroupBy::field("Environment"), &Query::all().latest(), ctx).unwrap().body)
    });
    vec![
        ("Q1", by("RunNumber", String::new())),
        ("Q2", by("RunBy", String::new())),
        ("Q3", by("RunNumber", format!("AssignmentId = {one}"))),
        ("Q3h", by("RunNumber", format!("AssignmentId = {heavy}"))),
        ("Q4", by("Config", format!("ProjectId = {project} AND CreatedAt >= 2025-01-01 AND CreatedAt < 2025-07-01"))),
        ("Q5", by("Type", "CreatedAt >= 2025-01-01 AND CreatedAt < 2026-01-01".to_owned())),
        ("Q6", by("Environment", format!("RunBy IN [{}]", users.join(", ")))),
        ("Q7 (word)", by("Environment", "Name ~ login".to_owned())),
        ("Q8", by("ProjectId", or_tree.to_owned())),
        ("Q9", by_day),
        ("Q10", by("AssignmentId", String::new())),
        ("Q11", by("RunNumber", format!("Tags = {tag}"))),
        ("Q14", newest),
        ("Q15", count),
        ("A1", aggregated(&format!("GROUP BY ProjectId {{ GROUP BY Environment {{ {NUMBERS} }} }}"))),
        ("A2", aggregated(&format!("GROUP BY RunNumber {{ GROUP BY Status {{ {NUMBERS} }} }}"))),
        ("A3", aggregated("GROUP BY Environment { COUNT, PERCENTILE(DurationMs, 95) }")),
        ("A4", aggregated("GROUP BY RunNumber { COUNT, PERCENTILE(DurationMs, 95) }")),
        ("A5", aggregated("GROUP BY RunNumber { COUNT, COUNTDISTINCT(RunBy) }")),
        ("Q16", latest),
    ]
}

/// What is asked of each innermost group.
const NUMBERS: &str = "COUNT, MIN(DurationMs), MAX(DurationMs), AVG(DurationMs)";

/// An aggregate query: its innermost groups, and the rows counted in them.
fn aggregated(tql: &str) -> Ask {
    fn counted(results: &Results, groups: &mut usize, rows: &mut i128) {
        for (name, value) in results.iter() {
            match value {
                ResultValue::Groups { groups: inner, .. } => {
                    inner.iter().for_each(|group| counted(&group.results, groups, rows));
                }
                ResultValue::Value(Value::Integer(n)) if name == "COUNT" => {
                    *groups += 1;
                    *rows += i128::from(*n);
                }
                _ => {}
            }
        }
    }
    let query = Query::tql(tql);
    Box::new(move |runs, ctx| {
        let (mut groups, mut rows) = (0, 0);
        counted(&runs.aggregate(&query, ctx).unwrap().body.results, &mut groups, &mut rows);
        (groups, rows)
    })
}

fn grouped(by: GroupBy, tql: String) -> Ask {
    Box::new(move |runs, ctx| counted(&runs.group(&by, &Query::tql(tql.as_str()), ctx).unwrap().body))
}

fn counted(groups: &StatusCounts) -> (usize, i128) {
    (groups.rows.len(), groups.totals.iter().sum())
}
