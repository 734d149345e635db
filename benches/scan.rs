//! Filters and groups over a million rows, with one thread and two.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run should stop")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tallygrid::{Access, Catalog, Context, Engine, Field, GroupBy, Kind, Period, Query, Rows, Schema, Value, Zone};

const N_ROWS: u64 = 1_000_000;

/// The same numbers on every machine and run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn engine(threads: usize) -> (Engine, Context) {
    let schema = Schema::builder("Run")
        .fields(["Status", "Environment", "RunBy"].map(|name| Field::new(name, Kind::Keyword)))
        .fields([Field::new("RunNumber", Kind::Integer), Field::new("DurationMs", Kind::Integer)])
        .fields([Field::new("CreatedAt", Kind::DateTime), Field::new("Tags", Kind::Keyword).multi()])
        .build()
        .unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(threads).build().unwrap();
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
        .time_zone(Zone::named("America/New_York").unwrap());
    let words = |prefix: &str, n: u64| -> Vec<Value> { (0..n).map(|i| Value::from(format!("{prefix}{i}"))).collect() };
    let (statuses, environments, users, tags) =
        (words("status", 9), words("env", 8), words("user", 2000), words("tag", 200));
    let mut random = Random(88_172_645_463_325_252);
    let mut pick = |values: &[Value]| values[random.below(values.len() as u64) as usize].clone();
    let mut numbers = Random(1_234_567);
    let mut tx = engine.transaction(&ctx).unwrap();
    for start in (0..N_ROWS).step_by(100_000) {
        let mut rows = Rows::new(["Status", "Environment", "RunBy", "RunNumber", "DurationMs", "CreatedAt", "Tags"]);
        for row in start..start + 100_000 {
            let user = if numbers.below(33) == 0 { Value::Null } else { pick(&users) };
            let of_row: Vec<Value> = (0..numbers.below(3)).map(|_| pick(&tags)).collect();
            rows.push([
                pick(&statuses),
                pick(&environments),
                user,
                (numbers.below(3000) as i64).into(),
                (numbers.below(200_000) as i64).into(),
                Value::Instant(1_690_000_000_000_000 + row as i64 * 90_000_000),
                of_row.into(),
            ]);
        }
        tx.append("Run", &rows).unwrap();
    }
    tx.commit().unwrap();
    (engine, ctx)
}

fn benches(c: &mut Criterion) {
    for threads in [1, 2] {
        let (engine, ctx) = engine(threads);
        let snapshot = engine.snapshot();
        let runs = snapshot.index("Run", &ctx).unwrap();
        let mut filters = c.benchmark_group("filter");
        filters.throughput(Throughput::Elements(N_ROWS));
        for (name, text) in [
            ("equality", "RunBy = user77"),
            ("range", "DurationMs IN [1000, 5000]"),
            (
                "or tree",
                "(Environment = env1 OR (NOT Environment IN [env2, env3])) AND (RunBy IS EMPTY OR DurationMs > 60000)",
            ),
            ("list of values", "Tags IN [tag1, tag2]"),
            ("word search", "RunBy ~ \"user7*\""),
        ] {
            filters.bench_with_input(BenchmarkId::new(name, threads), text, |b, text| {
                b.iter(|| runs.count(&Query::tql(black_box(text)), &ctx).unwrap());
            });
        }
        filters.finish();
        let mut groups = c.benchmark_group("group");
        groups.throughput(Throughput::Elements(N_ROWS));
        for (name, by) in [
            ("3,000 numbers", GroupBy::field("RunNumber")),
            ("2,000 users", GroupBy::field("RunBy")),
            ("days in New York", GroupBy::period("CreatedAt", Period::Day)),
            ("tags of lists", GroupBy::field("Tags")),
        ] {
            groups.bench_with_input(BenchmarkId::new(name, threads), &by, |b, by| {
                b.iter(|| runs.group(black_box(by), &Query::all(), &ctx).unwrap());
            });
        }
        groups.finish();
    }
}

criterion_group!(all, benches);
criterion_main!(all);
