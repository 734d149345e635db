//! What a query costs before any row is looked at: parsing, binding, planning, deciding leaves, on an index of few rows.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run should stop")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Query, Rule, Schema, Snapshot, check_tql};

fn snapshot() -> (Snapshot, Context) {
    let schema = Schema::builder("Run")
        .fields(["Type", "Status", "Config", "RunBy"].map(|name| Field::new(name, Kind::Keyword)))
        .fields([Field::new("CreatedAt", Kind::DateTime), Field::new("DurationMs", Kind::Integer)])
        .build()
        .unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(1).build().unwrap();
    (engine.snapshot(), Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted()))
}

fn benches(c: &mut Criterion) {
    let (snapshot, ctx) = snapshot();
    let runs = snapshot.index("Run", &ctx).unwrap();
    let five = "Type = AgileRun AND Status IN [Failed, Errors] AND (RunBy IS EMPTY OR DurationMs > 60000) \
                AND CreatedAt >= 2025-01-01";
    c.bench_function("five terms: parse", |b| b.iter(|| check_tql(black_box(five), Rule::Query, None, &ctx).unwrap()));
    c.bench_function("five terms: parse, bind, plan, no rows", |b| {
        b.iter(|| runs.count(&Query::tql(black_box(five)), &ctx).unwrap());
    });
    let mut group = c.benchmark_group("chain of AND: parse, bind, plan");
    for n in [10, 100, 1000, 10_000] {
        let text = vec!["Status = Failed"; n].join(" AND ");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(n), &text, |b, text| {
            b.iter(|| runs.count(&Query::tql(black_box(text.as_str())), &ctx).unwrap());
        });
    }
    group.finish();
    let list = format!("RunBy IN [{}]", (0..10_000).map(|n| format!("user{n}")).collect::<Vec<_>>().join(", "));
    c.bench_function("list of 10,000: parse, bind, plan", |b| {
        b.iter(|| runs.count(&Query::tql(black_box(list.as_str())), &ctx).unwrap());
    });
}

criterion_group!(all, benches);
criterion_main!(all);
