//! The latest row of each test beyond what cases can say: aggregates, explains, widgets, limits.

use tallygrid::{
    Access, Cancel, Catalog, Condition, Context, DeclaredValue, Engine, ErrorBody, ErrorKind, Field, GridWidgetRequest,
    GroupBy, Kind, Latest, Limits, Query, ResultValue, Results, ResultsBody, Rows, Schema, Value,
};

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

fn schema() -> Schema {
    let statuses = [DeclaredValue::new("Passed").passed(), DeclaredValue::new("Failed").failed()];
    Schema::builder("Run")
        .fields([Field::new("Id", Kind::Guid), Field::new("Test", Kind::Integer), Field::new("Config", Kind::Keyword)])
        .fields([Field::new("At", Kind::DateTime), Field::new("Status", Kind::Status).values(statuses)])
        .fields([Field::new("Suite", Kind::Keyword), Field::new("Ms", Kind::Integer)])
        .key("Id")
        .latest(Latest::per(["test", "CONFIG"]).by(["at", "id"]).worst("status"))
        .build()
        .unwrap()
}

/// Runs of `n_tests` tests, one after the other and over again.
fn engine(schema: Schema, n_rows: u32, n_tests: u32, threads: usize) -> Engine {
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(threads).segment_rows(5000).build().unwrap();
    let mut rows = Rows::new(["Id", "Test", "Config", "At", "Status", "Suite", "Ms"]);
    for n in 0..n_rows {
        let test = n % n_tests;
        rows.push([
            // Far apart: more than 64 bits tell them from one another.
            Value::Guid(u128::from(n + 1) << 100 | 7),
            (i64::from(test) * 1_000_003).into(),
            ["win", "Win", "mac"][(n / n_tests % 3) as usize].into(),
            Value::Instant(i64::from(n / n_tests / 6) * 60_000_000),
            ["Passed", "Failed", "Passed"][(n % 7 % 3) as usize].into(),
            format!("suite {}", test % 5).into(),
            i64::from(n).into(),
        ]);
    }
    let ctx = context();
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Run", &rows).unwrap();
    tx.commit().unwrap();
    engine
}

#[test]
fn aggregates_and_their_drill_down_count_the_latest() {
    let engine = engine(schema(), 9000, 300, 2);
    let (snapshot, ctx) = (engine.snapshot(), context());
    let runs = snapshot.index("Run", &ctx).unwrap();
    let text = "COUNT, SUM(Ms) AS ms, GROUP BY Suite { COUNT, GROUP BY Status { COUNT, MAX(Ms) AS newest } }, \
                FACETED GreaterThan(Ms, 8000) AS recent { COUNT } WHERE Ms > 100";
    let query = Query::tql(text).scope(Condition::tql("Suite != \"suite 4\"")).latest().with_queries();
    let answer = runs.aggregate(&query, &ctx);
    let answer = answer.unwrap_or_else(|error| panic!("{}", error.render(text))).body;
    // Two configurations of the 240 tests in scope, whose last rows are all behind the first hundred.
    assert_eq!(answer.results.get("COUNT"), Some(&ResultValue::Value(480.into())));
    let again = |text: &str| {
        let query = Query::tql(text).scope(Condition::tql("Suite != \"suite 4\"")).latest();
        i64::try_from(runs.count(&query, &ctx).unwrap().body).unwrap()
    };
    let mut n_groups = 0;
    check(&answer.results, &mut |query, count| {
        n_groups += 1;
        assert_eq!(again(query), count, "{query}");
    });
    // Four suites, one status in each, a facet.
    assert_eq!(n_groups, 9, "{}", serde_json::to_string(&ResultsBody(&answer)).unwrap());
}

/// Calls `each` with the query and the count of every group.
fn check(results: &Results, each: &mut impl FnMut(&str, i64)) {
    for (_, value) in results.iter() {
        let ResultValue::Groups { groups, .. } = value else { continue };
        for group in groups {
            let count = group.results.get("COUNT");
            let Some(ResultValue::Value(Value::Integer(count))) = count else { panic!("{group:?}") };
            each(group.query.as_deref().unwrap(), *count);
            check(&group.results, each);
        }
    }
}

#[test]
fn explains_say_what_is_latest() {
    let engine = engine(schema(), 600, 100, 1);
    let snapshot = engine.snapshot();
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::none().allow("Run", Condition::tql("Ms < 500")));
    let runs = snapshot.index("Run", &ctx).unwrap();
    let explain = |query: &Query| runs.explain(query, &ctx).unwrap().body;
    assert_eq!(
        explain(&Query::tql("Status = Failed").scope(Condition::tql("Test > 0")).latest()),
        "slice: skip 0, top 25\norder: load order\nfilter: Status = \"Failed\"\n\
         latest: per Test, Config, by At, Id, worst of Status\nscope: 2 terms\nscan: Run\nrows: 198 in scope, 127 passed\n"
    );
    assert!(!explain(&Query::all()).contains("latest"));
    let by = runs.explain_group(&GroupBy::field("Suite"), &Query::all().latest(), &ctx).unwrap().body;
    assert!(by.contains("\nlatest: per Test, Config, by At, Id, worst of Status\n"), "{by}");
}

#[test]
fn widgets_ask_for_it_in_their_requests() {
    let ask = |schema: Schema, latest: &str| {
        let body = format!(r#"{{"Latest": {latest}, "Parameters": {{"groupingField": "Suite"}}}}"#);
        let request: GridWidgetRequest = serde_json::from_str(&body).unwrap();
        let answer = engine(schema, 900, 10, 1).snapshot().grid_widget(
            "RunStatusesGroupedByField",
            "results",
            &request,
            &context(),
        );
        answer.map(|answer| serde_json::to_value(&answer.body).unwrap()["Data"]["Results"].clone())
    };
    let total = |rows: &serde_json::Value| -> u64 {
        let rows = rows.as_array().unwrap();
        rows.iter().map(|row| row["Passed"].as_u64().unwrap() + row["Failed"].as_u64().unwrap()).sum()
    };
    assert_eq!(total(&ask(schema(), "true").unwrap()), 20);
    assert_eq!(total(&ask(schema(), "false").unwrap()), 900);
    assert_eq!(total(&ask(schema(), "null").unwrap()), 900);
    let plain = Schema::builder("Run").fields(schema().fields().iter().cloned()).key("Id").build().unwrap();
    let refused = ask(plain, "true").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Query);
    let told = serde_json::to_string(&ErrorBody::from(&refused)).unwrap();
    assert!(told.contains("in `Latest`: the scope wants the latest row of each test"), "{told}");
}

#[test]
fn memory_and_cancelling_end_it_whatever_the_threads() {
    let mut outcomes = Vec::new();
    for threads in [1, 2, 8] {
        let engine = engine(schema(), 60_000, 20_000, threads);
        let snapshot = engine.snapshot();
        for bytes in [10_000, 1_000_000, 2_000_000, 200_000_000] {
            let ctx = context().limits(Limits::default().with_memory_bytes(bytes));
            let count = snapshot.index("Run", &ctx).unwrap().count(&Query::all().latest(), &ctx);
            outcomes.push((threads, count.map(|answer| answer.body).map_err(|error| error.kind())));
        }
        let cancel = Cancel::new();
        cancel.cancel();
        let ctx = context().cancel(cancel);
        let ended = snapshot.index("Run", &ctx).unwrap().count(&Query::all().latest(), &ctx).unwrap_err();
        assert_eq!(ended.kind(), ErrorKind::Cancelled);
    }
    let of = |threads| outcomes.iter().filter(move |o| o.0 == threads).map(|o| o.1).collect::<Vec<_>>();
    assert_eq!((of(1)[0], of(1)[3]), (Err(ErrorKind::Limit), Ok(40_000)));
    assert_eq!((of(2), of(8)), (of(1), of(1)));
}

#[test]
fn added_fields_leave_the_declaration_as_it_is() {
    let (engine, ctx) = (engine(schema(), 60, 10, 1), context());
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.add_field("Run", Field::new("Browser", Kind::Keyword)).unwrap();
    tx.commit().unwrap();
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &ctx).unwrap();
    assert_eq!(runs.schema().latest(), schema().latest());
    assert_eq!(runs.count(&Query::tql("Browser IS EMPTY").latest(), &ctx).unwrap().body, 20);
}
