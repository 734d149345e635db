//! What OData's filters cost beside the nearest plain one, and its aggregation beside the same TQL, over the rows that
//! `peers` has. Each pair is asked in turns, so that what else the machine does meets both; prints a line of JSON for each:
//! least and median milliseconds of both, their ratio by the least and by the medians, rows counted.
//!
//! `TALLYGRID_BENCH=DIR TALLYGRID_THREADS=2 cargo bench --bench odata`; `TALLYGRID_RUNS` how often (15),
//! `TALLYGRID_QUERIES=add,year` asks only those. Without a folder it says so and ends.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot run should stop")]

mod generated;

use std::path::Path;
use std::time::Instant;

use generated::{Data, schema};
use tallygrid::{Access, Catalog, Context, Engine, Index, ODataQuery, Query};

/// A plain filter, then the filters that are held against it.
const FILTERS: [(&str, &[(&str, &str)]); 6] = [
    (
        "DurationMs gt 60000",
        &[
            ("add", "DurationMs add 5 gt 60000"),
            ("mul", "DurationMs mul 2 gt 120000"),
            ("div", "DurationMs div 1000 gt 60"),
            ("divby", "DurationMs divby 1000 gt 60.5"),
            ("mod", "DurationMs mod 1000 gt 500"),
            ("round", "round(DurationMs divby 1000) mul 3 sub 7 gt 60"),
            ("cast", "cast(DurationMs,Edm.Double) div 1000 gt 60.5"),
            ("case", "case(DurationMs gt 50000:DurationMs sub 50000,true:0) gt 10000"),
        ],
    ),
    (
        "DurationMs gt RunNumber",
        &[
            ("add two", "DurationMs add RunNumber gt 60000"),
            ("sub two", "DurationMs sub RunNumber mul 20 gt 0"),
            ("mul two", "DurationMs mul RunNumber gt 60000000"),
            ("divby two", "DurationMs divby RunNumber gt 20"),
            ("div two", "RunNumber ne 0 and DurationMs div RunNumber gt 20"),
            ("mod two", "RunNumber ne 0 and DurationMs mod RunNumber gt 20"),
        ],
    ),
    (
        "CreatedAt ge 2025-01-01T00:00:00Z and CreatedAt lt 2025-07-01T00:00:00Z",
        &[
            ("year", "year(CreatedAt) eq 2025"),
            ("month", "month(CreatedAt) eq 3"),
            ("day", "day(CreatedAt) eq 1"),
            ("hour", "hour(CreatedAt) eq 3"),
            ("date", "date(CreatedAt) eq 2025-03-01"),
            ("since", "now() sub CreatedAt lt duration'P30D'"),
        ],
    ),
    (
        "Environment eq 'QA'",
        &[
            ("contains", "contains(Name,'Login')"),
            ("length", "length(Name) gt 30"),
            ("tolower", "tolower(RunBy) eq 'user0017@example.com'"),
            ("concat", "concat(concat(Environment,'/'),Config) eq 'QA/Chrome/Win11'"),
            ("substring two", "substring(Name,0,3) eq substring(RunBy,0,3)"),
        ],
    ),
    ("Tags/any(t:t eq 'tag003')", &[("any", "Tags/any(t:endswith(t,'3'))"), ("all", "Tags/all(t:endswith(t,'3'))")]),
    (
        "RunNumber eq 5",
        &[
            ("in two", "(RunNumber add DurationMs) in (5,100,60000)"),
            ("any two", "Tags/any(t:endswith(t,'3') and DurationMs mul 2 gt 120000)"),
        ],
    ),
];

/// The same asked in TQL and as `$apply`.
const AGGREGATES: [(&str, &str, &str); 3] = [
    (
        "apply",
        "GROUP BY Environment { COUNT, SUM(DurationMs), MAX(DurationMs) } WHERE DurationMs > 60000",
        "$apply=filter(DurationMs gt 60000)/groupby((Environment),aggregate($count as N,DurationMs with sum as S,DurationMs with max as M))",
    ),
    (
        "apply by number",
        "GROUP BY RunNumber { COUNT, AVG(DurationMs) } WHERE Status = Failed",
        "$apply=filter(Status eq 'Failed')/groupby((RunNumber),aggregate($count as N,DurationMs with average as A))",
    ),
    (
        "apply by two",
        "GROUP BY ProjectId { GROUP BY Environment { COUNT, MIN(DurationMs) } } WHERE CreatedAt >= 2025-01-01",
        "$apply=filter(CreatedAt ge 2025-01-01T00:00:00Z)/groupby((ProjectId,Environment),aggregate($count as N,DurationMs with min as M))",
    ),
];

fn main() {
    let Some(dir) = std::env::var_os("TALLYGRID_BENCH") else {
        println!("0 queries: no folder given in TALLYGRID_BENCH");
        return;
    };
    let number = |name: &str, default: usize| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (threads, n_runs) = (number("TALLYGRID_THREADS", 2), number("TALLYGRID_RUNS", 15).max(2));
    let data = Data::read(Path::new(&dir));
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    let engine = Engine::builder(Catalog::new([schema()]).unwrap()).threads(threads).build().unwrap();
    data.load(&engine, &ctx);
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &ctx).unwrap();
    let chosen = std::env::var("TALLYGRID_QUERIES").ok();
    let is_chosen = |name: &str| chosen.as_ref().is_none_or(|chosen| chosen.split(',').any(|one| one == name));
    for (plain, rich) in FILTERS {
        for (name, filter) in rich.iter().filter(|(name, _)| is_chosen(name)) {
            let count = |filter: &str| counted(&runs, filter, &ctx);
            compare(name, n_runs, || count(plain), || count(filter));
        }
    }
    for (name, tql, apply) in AGGREGATES.into_iter().filter(|(name, ..)| is_chosen(name)) {
        let (tql, apply) = (Query::tql(tql), ODataQuery::new(apply));
        let groups = || runs.aggregate(&tql, &ctx).unwrap().body.results.iter().count() as u64;
        compare(name, n_runs, groups, || runs.odata(&apply, &ctx).unwrap().body.records.len() as u64);
    }
}

/// How many rows a filter leaves.
fn counted(runs: &Index<'_>, filter: &str, ctx: &Context) -> u64 {
    let query = ODataQuery::new(format!("$filter={filter}&$top=0&$inlinecount=allpages"));
    runs.odata(&query, ctx).unwrap().body.total.unwrap_or_default()
}

fn compare(name: &str, n_runs: usize, plain: impl Fn() -> u64, rich: impl Fn() -> u64) {
    let (mut plains, mut riches, mut found) = (Vec::new(), Vec::new(), 0);
    for _ in 0..n_runs {
        plains.push(timed(&plain).0);
        let (ms, n) = timed(&rich);
        riches.push(ms);
        found = n;
    }
    let of = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        (times[0], times[times.len() / 2])
    };
    let ((least, median), (rich_least, rich_median)) = (of(&mut plains), of(&mut riches));
    println!(
        r#"{{"query": "{name}", "plain_ms": [{least:.2}, {median:.2}], "ms": [{rich_least:.2}, {rich_median:.2}], "times": [{:.2}, {:.2}], "found": {found}}}"#,
        rich_least / least,
        rich_median / median,
    );
}

fn timed(ask: &impl Fn() -> u64) -> (f64, u64) {
    let start = Instant::now();
    let found = ask();
    (start.elapsed().as_secs_f64() * 1e3, found)
}
