//! Semi-joins: ten million runs that hold one of 200,000 GUIDs as text, related to a million links that hold the same. Prints
//! a line of JSON for each query: median and least milliseconds, those of the first time, and rows counted.
//!
//! `TALLYGRID_ROWS=10000000 TALLYGRID_THREADS=2 cargo bench --bench semi`; `TALLYGRID_RUNS` says how often each is asked (12).
//! Without a number of rows it takes 100,000. Another engine gets the same rows from:
//!
//! ```sql
//! CREATE MACRO guid(k) AS printf('%08x-0000-4000-8000-%012x', k * 2654435761 % 4294967296, k);
//! CREATE TABLE run AS SELECT i AS Id, guid((i * 1103515245 + 12345) % 2147483648 // 256 % 200000) AS Link,
//!   's' || i % 9 AS Status FROM range(10000000) t(i);
//! CREATE TABLE link AS SELECT j AS Id, guid((j * 22695477 + 1) % 4294967296 // 4096 % 200000) AS Key,
//!   't' || j % 10 AS Type, (j * 1103515245 + 12345) % 2147483648 // 256 % 10000000 AS Run FROM range(1000000) t(j);
//! ```
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot run should stop, and speaks")]

use std::time::Instant;

use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Query, Rows, Schema, Value};

/// GUIDs that relations hold.
const N_KEYS: i64 = 200_000;

/// Rows of one batch.
const BATCH: i64 = 65_536;

fn main() {
    let number = |name: &str, default: i64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (n_rows, threads) = (number("TALLYGRID_ROWS", 100_000), number("TALLYGRID_THREADS", 2));
    let runs_each = number("TALLYGRID_RUNS", 12).max(2);
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    let engine = Engine::builder(catalog()).threads(usize::try_from(threads).unwrap()).build().unwrap();
    let keys: Vec<Value> = (0..N_KEYS).map(key).collect();
    let key = |n: i64| keys[usize::try_from(n % N_KEYS).unwrap()].clone();
    fill(&engine, &ctx, "Run", ["Id", "Link", "Status"], n_rows, |i| {
        vec![i.into(), key((i * 1_103_515_245 + 12_345) % (1 << 31) / 256), format!("s{}", i % 9).into()]
    });
    fill(&engine, &ctx, "Link", ["Id", "Key", "Type", "Run"], n_rows / 10, |j| {
        let run = (j * 1_103_515_245 + 12_345) % (1 << 31) / 256 % n_rows;
        vec![j.into(), key((j * 22_695_477 + 1) % (1 << 32) / 4096), format!("t{}", j % 10).into(), run.into()]
    });
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &ctx).unwrap();
    for (name, text) in [
        ("every key", "Link IN { }"),
        ("half of the rows", "Link IN { Type IN [t0, t1, t2, t3, t4] }"),
        ("one tenth of the rows", "Link IN { Type = t3 }"),
        ("none of them", "Link NOT IN { Type = t3 }"),
        ("one of them", "Link IN { Id = 77 }"),
        ("back by number", "Links IN { Type = t3 }"),
        ("nested", "Link IN { Key IN { Type = t3 AND Id < 500000 } AND Type = t4 }"),
    ] {
        let mut times = Vec::new();
        let mut n_found = 0;
        for _ in 0..runs_each {
            let start = Instant::now();
            n_found = runs.count(&Query::tql(text), &ctx).unwrap().body;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        // The first run looks keys up that later ones know.
        let first = times.remove(0);
        times.sort_by(f64::total_cmp);
        let (median, least) = (times[times.len() / 2], times[0]);
        println!(
            r#"{{"query": "{name}", "threads": {threads}, "med_ms": {median:.2}, "min_ms": {least:.2}, "first_ms": {first:.2}, "rows": {n_found}}}"#
        );
    }
}

fn catalog() -> Catalog {
    let run = Schema::builder("Run")
        .key("Id")
        .field(Field::new("Id", Kind::Integer))
        .field(Field::relation("Link", "Link", "Key", false))
        .field(Field::new("Status", Kind::Keyword))
        .field(Field::relation("Links", "Link", "Run", true));
    let link = Schema::builder("Link")
        .key("Id")
        .field(Field::new("Id", Kind::Integer))
        .field(Field::relation("Key", "Link", "Key", false))
        .fields([Field::new("Type", Kind::Keyword), Field::new("Run", Kind::Integer)]);
    Catalog::new([run.build().unwrap(), link.build().unwrap()]).unwrap()
}

fn key(k: i64) -> Value {
    format!("{:08x}-0000-4000-8000-{k:012x}", k * 2_654_435_761 % (1 << 32)).into()
}

fn fill<const N: usize>(
    engine: &Engine,
    ctx: &Context,
    index: &str,
    names: [&'static str; N],
    n: i64,
    row: impl Fn(i64) -> Vec<Value>,
) {
    let mut tx = engine.transaction(ctx).unwrap();
    for start in (0..n).step_by(BATCH as usize) {
        let mut rows = Rows::new(names);
        (start..n.min(start + BATCH)).for_each(|i| rows.push(row(i)));
        tx.append(index, &rows).unwrap();
    }
    tx.commit().unwrap();
}
