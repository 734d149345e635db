//! Limits, deadlines and cancelling: errors that say what was reached; and readers beside a writer.

use std::time::{Duration, Instant};

use tallygrid::{
    Access, Cancel, Catalog, Condition, Context, Engine, ErrorKind, Field, GroupBy, Index, Kind, Limits, Period, Query,
    Rows, Rule, Schema, check_tql,
};

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

fn engine(n_rows: i64) -> Engine {
    let schema = Schema::builder("Run")
        .fields([Field::new("N", Kind::Integer), Field::new("At", Kind::DateTime), Field::new("Status", Kind::Keyword)])
        .build()
        .unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(2).segment_rows(100).build().unwrap();
    let mut rows = Rows::new(["N", "At", "Status"]);
    (0..n_rows).for_each(|n| rows.push([n.into(), tallygrid::Value::Instant(n * 86_400_000_000), "ok".into()]));
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append("Run", &rows).unwrap();
    tx.commit().unwrap();
    engine
}

#[test]
fn each_limit_is_an_error_with_name_value_and_need() {
    let engine = engine(1);
    let refused = |limits: Limits, text: &str| {
        let ctx = context().limits(limits);
        let error = engine.snapshot().index("Run", &ctx).unwrap().count(&Query::tql(text), &ctx).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{error:?}");
        error.diagnostics()[0].message().to_owned()
    };
    let limits = Limits::default;
    assert_eq!(refused(limits().with_query_bytes(9), "N = 123456"), "limit `query_bytes` is 9, 10 needed");
    assert_eq!(refused(limits().with_nesting(2), "(((N = 1)))"), "limit `nesting` is 2, 3 needed");
    assert_eq!(refused(limits().with_nodes(2), "N = 1 AND N = 2"), "limit `nodes` is 2, 6 needed");
    let ids: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
    let ctx = context();
    let longest = Query::tql(format!("N IN [{}]", ids.join(",")));
    assert_eq!(engine.snapshot().index("Run", &ctx).unwrap().count(&longest, &ctx).unwrap().body, 1);
    assert_eq!(refused(limits().with_list_members(2), "N IN [1, 2, 3]"), "limit `list_members` is 2, 3 needed");
    assert_eq!(refused(limits().with_order_items(1), "ORDER BY N, At"), "limit `order_items` is 1, 2 needed");
}

/// Every way to ask, each with nothing but the kind of its error.
fn ask_all(runs: &Index<'_>, ctx: &Context) -> Vec<Option<ErrorKind>> {
    let query = Query::tql("N > 5 ORDER BY At DESC");
    let by_day = GroupBy::period("At", Period::Day);
    vec![
        runs.rows(&query, ctx).err().map(|error| error.kind()),
        runs.count(&query, ctx).err().map(|error| error.kind()),
        runs.explain(&query, ctx).err().map(|error| error.kind()),
        runs.group(&GroupBy::field("N"), &query, ctx).err().map(|error| error.kind()),
        runs.group(&by_day, &Query::all(), ctx).err().map(|error| error.kind()),
        runs.explain_group(&by_day, &query, ctx).err().map(|error| error.kind()),
    ]
}

#[test]
fn an_engine_has_no_more_threads_than_can_be_started() {
    let catalog =
        || Catalog::new([Schema::builder("Run").field(Field::new("N", Kind::Integer)).build().unwrap()]).unwrap();
    let error = Engine::builder(catalog()).threads(100_000).build().unwrap_err();
    assert_eq!((error.kind(), error.diagnostics()[0].message().contains("1024")), (ErrorKind::Limit, true), "{error}");
    assert!(Engine::builder(catalog()).threads(3).build().is_ok());
}

#[test]
fn more_fields_are_compared_than_a_thread_keeps() {
    let schema = Schema::builder("Run").fields((0..140).map(|n| Field::new(format!("N{n}"), Kind::Integer)));
    let engine = Engine::builder(Catalog::new([schema.build().unwrap()]).unwrap()).threads(1).build().unwrap();
    let mut rows = Rows::new((0..140).map(|n| format!("N{n}")));
    // In row 100 k the fields 2 k and 2 k + 1 are equal, and in no other row.
    (0..7000).for_each(|row: i64| rows.push((0..140).map(|n| if n % 2 == 0 { row } else { n / 2 * 100 }.into())));
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append("Run", &rows).unwrap();
    tx.commit().unwrap();
    let terms: Vec<String> = (0..70).map(|k| format!("Equal(N{}, N{})", 2 * k, 2 * k + 1)).collect();
    let query = Query::tql(terms.join(" OR "));
    assert_eq!(engine.snapshot().index("Run", &context()).unwrap().count(&query, &context()).unwrap().body, 70);
}

#[test]
fn passed_deadlines_and_thrown_switches_end_every_request() {
    let snapshot = engine(1000).snapshot();
    let late = context().deadline(Instant::now());
    let runs = snapshot.index("Run", &late).unwrap();
    assert_eq!(ask_all(&runs, &late), [Some(ErrorKind::Deadline); 6]);
    let cancel = Cancel::new();
    let cancelled = context().cancel(cancel.clone());
    assert_eq!(ask_all(&runs, &cancelled), [None; 6]);
    cancel.cancel();
    assert_eq!(ask_all(&runs, &cancelled), [Some(ErrorKind::Cancelled); 6]);
    // Both may be tried again, and neither is the client's fault.
    let error = runs.count(&Query::all(), &late).unwrap_err();
    assert!(error.is_transient() && !error.is_client());
}

#[test]
fn a_switch_ends_a_request_from_another_thread() {
    let engine = engine(20_000);
    let cancel = Cancel::new();
    let ctx = context().cancel(cancel.clone());
    let (started, has_started) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let snapshot = engine.snapshot();
            let runs = snapshot.index("Run", &ctx).unwrap();
            loop {
                if let Err(error) = runs.group(&GroupBy::field("N"), &Query::all(), &ctx) {
                    return error.kind();
                }
                let _ = started.send(());
            }
        });
        has_started.recv().unwrap();
        cancel.cancel();
        assert_eq!(asking.join().unwrap(), ErrorKind::Cancelled);
    });
}

#[test]
fn a_second_writer_waits_until_its_deadline_and_readers_never_do() {
    let engine = engine(10);
    let open = engine.transaction(&context()).unwrap();
    let soon = context().deadline(Instant::now() + Duration::from_millis(60));
    assert_eq!(engine.transaction(&soon).unwrap_err().kind(), ErrorKind::Deadline);
    let ctx = context();
    assert_eq!(engine.snapshot().index("Run", &ctx).unwrap().count(&Query::all(), &ctx).unwrap().body, 10);
    drop(open);
    assert!(engine.transaction(&ctx).is_ok());
}

#[test]
fn readers_beside_a_writer_see_whole_commits() {
    let engine = engine(0);
    let writer = engine.clone();
    let ctx = context();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let ctx = context();
            for _ in 0..50 {
                let mut tx = writer.transaction(&ctx).unwrap();
                let mut rows = Rows::new(["N", "Status"]);
                (0..10i64).for_each(|n| rows.push([n.into(), "ok".into()]));
                tx.append("Run", &rows).unwrap();
                tx.commit().unwrap();
            }
        });
        let mut last = 0;
        while last < 500 {
            let snapshot = engine.snapshot();
            let n = snapshot.index("Run", &ctx).unwrap().count(&Query::tql("Status = ok"), &ctx).unwrap().body;
            assert!(n >= last && n.is_multiple_of(10), "{n} after {last}");
            last = n;
        }
    });
}

#[test]
fn a_waiting_writer_ends_when_its_switch_is_thrown() {
    let engine = engine(1);
    let open = engine.transaction(&context()).unwrap();
    let cancel = Cancel::new();
    let ctx = context().cancel(cancel.clone());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| engine.transaction(&ctx).map(drop).unwrap_err().kind());
        cancel.cancel();
        assert_eq!(waiting.join().unwrap(), ErrorKind::Cancelled);
    });
    drop(open);
}

#[test]
fn writers_take_turns_and_lose_nothing() {
    let engine = engine(0);
    std::thread::scope(|scope| {
        for writer in 0..4i64 {
            let engine = engine.clone();
            scope.spawn(move || {
                let ctx = context();
                for n in 0..25 {
                    let mut tx = engine.transaction(&ctx).unwrap();
                    tx.append("Run", &Rows::new(["N"]).row([(writer * 1000 + n).into()])).unwrap();
                    // Every third is thought better of.
                    if n % 3 != 0 {
                        tx.commit().unwrap();
                    }
                }
            });
        }
    });
    let (snapshot, ctx) = (engine.snapshot(), context());
    let runs = snapshot.index("Run", &ctx).unwrap();
    let n = |text: &str| runs.count(&Query::tql(text), &ctx).unwrap().body;
    assert_eq!((n(""), n("N < 1000"), n("N >= 3000")), (64, 16, 16));
    assert_eq!(snapshot.version(), 1 + 64);
}

#[test]
fn a_writer_that_panics_leaves_its_place() {
    let engine = engine(3);
    let writer = engine.clone();
    let panicked = std::thread::spawn(move || {
        let mut tx = writer.transaction(&context()).unwrap();
        tx.append("Run", &Rows::new(["N"]).row([77.into()])).unwrap();
        // Without the hook's message: unwinding is what it is about.
        std::panic::resume_unwind(Box::new("the host's own fault"));
    });
    assert!(panicked.join().is_err());
    let ctx = context();
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Run", &Rows::new(["N"]).row([78.into()])).unwrap();
    tx.commit().unwrap();
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &ctx).unwrap();
    assert_eq!(runs.count(&Query::tql("N IN [77, 78]"), &ctx).unwrap().body, 1);
}

#[test]
fn a_snapshot_outlives_its_engine() {
    let snapshot = engine(300).snapshot();
    let ctx = context();
    assert_eq!(snapshot.index("run", &ctx).unwrap().count(&Query::tql("N >= 100"), &ctx).unwrap().body, 200);
}

#[test]
fn the_deepest_texts_fit_a_small_stack() {
    let engine = engine(1);
    let texts = [
        format!("{}N = 1{}", "(".repeat(200), ")".repeat(200)),
        format!("{}N = 1", "NOT ".repeat(200)),
        format!("N = 1 OR {}N = 2{}", "(N = 3 AND NOT ".repeat(100), ")".repeat(100)),
        format!("Status ~ '{}a{}'", "(".repeat(200), ")".repeat(200)),
        format!("At > {}{}", "StartOfDay(".repeat(199), ")".repeat(199)),
        format!("N IN {}{}", "{ N IN ".repeat(199), "}".repeat(199)),
        "(".repeat(100_000),
        format!("N = 1{}", " AND N = 1".repeat(30_000)),
        format!("N = 1{}", " AND N = 2 OR N = 1".repeat(15_000)),
        format!("N IN [{}1]", "1,".repeat(90_000)),
    ];
    // Less than a thread gets by default, and frames are several times larger here than with optimisation. Much less would
    // be no test: the system hands out again the larger stack of a thread that has ended.
    let small = std::thread::Builder::new().stack_size(1536 * 1024).spawn(move || {
        let (snapshot, ctx) = (engine.snapshot(), context());
        let runs = snapshot.index("Run", &ctx).unwrap();
        for text in texts {
            let _ = runs.count(&Query::tql(text.as_str()), &ctx);
            let checked = check_tql(&text, Rule::Query, Some((snapshot.catalog(), "Run")), &ctx).unwrap();
            assert!(checked.diagnostics.len() <= 101, "{} diagnostics", checked.diagnostics.len());
            let by = GroupBy::field("N").with_queries();
            if let Ok(groups) = runs.group(&by, &Query::tql(text), &ctx) {
                for row in groups.body.rows {
                    assert_eq!(runs.count(&Query::tql(row.query.unwrap()), &ctx).unwrap().body, 1);
                }
            }
        }
    });
    small.unwrap().join().unwrap();
}

#[test]
fn what_access_does_not_name_is_not_there() {
    let engine = engine(10);
    let nothing = Context::new(chrono::DateTime::UNIX_EPOCH, Access::none());
    let error = engine.snapshot().index("Run", &nothing).unwrap_err();
    assert_eq!((error.kind(), error.diagnostics()[0].help_text()), (ErrorKind::NotFound, None));
    let some = Context::new(chrono::DateTime::UNIX_EPOCH, Access::none().allow("run", Condition::is_in("N", [1, 2])));
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &some).unwrap();
    assert_eq!(runs.count(&Query::tql("N >= 0"), &some).unwrap().body, 2);
    let explained = runs.explain(&Query::tql("N >= 0"), &some).unwrap().body;
    assert_eq!(
        explained,
        "slice: skip 0, top 25\norder: load order\nfilter: N >= 0\nscope: 1 terms\nscan: Run\n\
         rows: 2 in scope, 2 passed\n"
    );
    let lacking = Query::all().scope(Condition::is_in("Project", ["p"]));
    assert_eq!(runs.count(&lacking, &some).unwrap_err().diagnostics()[0].code().as_str(), "scope-needs-field");
}

#[test]
fn explains_of_aggregates_show_the_levels() {
    let snapshot = engine(3).snapshot();
    let ctx = context();
    let runs = snapshot.index("Run", &ctx).unwrap();
    let text = "COUNT, GROUP BY Top(Status, 1) { SUM(N), FACETED GreaterThan(N, 1) AS late, Unmatched() { MEDIAN(N) } }, \
        GROUP BY Fill(Status) { COUNT } AS \"every status\" WHERE N < 3";
    let filled = r#"Results/"every status""#;
    assert_eq!(
        runs.explain(&Query::tql(text), &ctx).unwrap().body,
        format!(
            "level 1: Results\n  group by: nothing\n  measures: count\n  rows: every row\n\
             level 2: Results/GroupByTopStatus\n  group by: Top(Status, 1) and the rest\n  measures: count, numbers of N\n  rows: every row\n\
             level 3: Results/GroupByTopStatus/Faceted/late\n  group by: Top(Status, 1) and the rest as in level 2\n  \
             measures: count, percentiles 50 of N\n  rows: N > 1\n\
             level 4: Results/GroupByTopStatus/Faceted/Unmatched()\n  group by: Top(Status, 1) and the rest as in level 2\n  \
             measures: count, percentiles 50 of N\n  rows: NOT N > 1\n\
             level 5: keys of {filled}\n  group by: Fill(Status)\n  measures: keys alone\n  rows: whatever the filter says\n\
             level 6: {filled}\n  group by: Fill(Status)\n  measures: count\n  rows: every row\n\
             filter: N < 3\nscope: 0 terms\nscan: Run\nsegments: 1, 0 pruned\nrows: 3 looked at, 3 passed\n"
        )
    );
    let scoped = Query::tql("COUNT").scope(Condition::tql("N > 0"));
    assert_eq!(
        runs.explain(&scoped, &ctx).unwrap().body,
        "level 1: Results\n  group by: nothing\n  measures: count\n  rows: every row\n\
         filter: every row\nscope: 1 terms\nscan: Run\nrows: 2 in scope, 2 passed\n"
    );
}

/// Facets inside one another multiply: planning them all took time and memory without end.
#[test]
fn too_many_levels_are_refused_before_they_are_planned() {
    let (snapshot, ctx) = (engine(1).snapshot(), context());
    let runs = snapshot.index("Run", &ctx).unwrap();
    let n = 50;
    let facets = "FACETED Equal(N, 1) AS a, Equal(N, 2) AS b { ".repeat(n) + "COUNT" + &" }".repeat(n);
    let query = Query::tql(facets);
    for error in [runs.aggregate(&query, &ctx).err(), runs.explain(&query, &ctx).err()] {
        assert_eq!(error.unwrap().to_string(), "limit `levels` is 1000, 1001 needed");
    }
}

#[test]
fn too_many_groups_are_refused() {
    let snapshot = engine(1000).snapshot();
    let ctx = context().limits(Limits::default().with_groups(100));
    let runs = snapshot.index("Run", &ctx).unwrap();
    let by_number = runs.group(&GroupBy::field("N"), &Query::all(), &ctx).unwrap_err();
    assert_eq!(by_number.to_string(), "limit `groups` is 100, 1000 needed");
    let by_day = runs.group(&GroupBy::period("At", Period::Day), &Query::tql("N IN [0, 0, 999]"), &ctx).unwrap_err();
    assert_eq!(by_day.to_string(), "limit `groups` is 100, 1000 needed");
    let tight = context().limits(Limits::default().with_memory_bytes(100));
    assert_eq!(runs.group(&GroupBy::field("N"), &Query::all(), &tight).unwrap_err().kind(), ErrorKind::Limit);
}

/// Words times fields were leaves once: 1.9 GB for a query of 904 kB, and a text of its groups too long to be asked again.
#[test]
fn searches_of_all_texts_stay_as_small_as_they_are_written() {
    let fields = (0..20).map(|n| Field::new(format!("F{n}"), if n % 2 == 0 { Kind::Keyword } else { Kind::Text }));
    let schema = Schema::builder("Run").fields(fields).field(Field::new("Status", Kind::Status)).build().unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(2).build().unwrap();
    let ctx = context();
    let mut tx = engine.transaction(&ctx).unwrap();
    let rows = Rows::new(["F0", "F19"]).row(["c7w7".into(), "c8w8".into()]).row(["other".into()]);
    tx.append("Run", &rows).unwrap();
    tx.commit().unwrap();
    let words = |clause: u32| (0..100).map(|n| format!("c{clause}w{n}")).collect::<Vec<_>>().join(" ");
    let mut text = (0..300).map(|clause| format!("Text ~ '{}'", words(clause))).collect::<Vec<_>>().join(" OR ");
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &ctx).unwrap();
    let explained = runs.explain(&Query::all().scope(Condition::tql(text.as_str())), &ctx).unwrap().body;
    assert!(explained.contains("\nscope: 300 terms\n"), "{explained}");
    text += " OR Text IS EMPTY";
    let ctx = ctx.limits(Limits::default().with_nodes(1000));
    let groups = runs.group(&GroupBy::field("F0").with_queries(), &Query::tql(text), &ctx).unwrap().body;
    let again = groups.rows[0].query.clone().unwrap();
    assert_eq!((groups.rows.len(), runs.count(&Query::tql(again), &ctx).unwrap().body), (1, 1));
}

#[test]
fn what_searches_and_lists_find_is_on_the_account() {
    let (snapshot, ctx) = (engine(0).snapshot(), context());
    let runs = snapshot.index("Run", &ctx).unwrap();
    let tight = context().limits(Limits::default().with_memory_bytes(3));
    assert_eq!(runs.count(&Query::tql("Status ~ o*"), &tight).unwrap().body, 0);
    let snapshot = engine(1).snapshot();
    let runs = snapshot.index("Run", &ctx).unwrap();
    for text in ["Status ~ ok", "Status ~ o*", "N IN [1, 3, 7]"] {
        let refused = runs.count(&Query::tql(text), &tight).unwrap_err();
        assert!(refused.to_string().starts_with("limit `memory_bytes` is 3, "), "{text}: {refused}");
    }
}

#[test]
fn what_places_find_is_on_the_account() {
    let packages = Schema::builder("Package").fields(["Id", "Name"].map(|name| Field::new(name, Kind::Keyword)));
    let runs = Schema::builder("Run").field(Field::new("Package", Kind::Path));
    let catalog = Catalog::new([packages.build().unwrap(), runs.build().unwrap()]).unwrap();
    let (engine, ctx) = (Engine::builder(catalog).threads(2).build().unwrap(), context());
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Package", &Rows::new(["Id", "Name"]).row(["p".into(), "Smoke".into()])).unwrap();
    tx.append("Run", &Rows::new(["Package"]).row(["p".into()]).row(["/a/smoke".into()])).unwrap();
    tx.commit().unwrap();
    let snapshot = engine.snapshot();
    let index = snapshot.index("Run", &ctx).unwrap();
    let asked = Query::tql("Package = smoke");
    assert_eq!(index.count(&asked, &ctx).unwrap().body, 2);
    let tight = context().limits(Limits::default().with_memory_bytes(3));
    let refused = index.count(&asked, &tight).unwrap_err();
    assert!(refused.to_string().starts_with("limit `memory_bytes` is 3, "), "{refused}");
}

/// A package that the caller may not see was once found by its name, through the rows that lie in it.
#[test]
fn hidden_packages_are_not_found_by_name_yet_bind_permissions() {
    let runs = Schema::builder("Run").field(Field::new("Package", Kind::Path)).build().unwrap();
    let texts = ["Id", "Name", "Parent"].map(|name| Field::new(name, Kind::Keyword));
    let packages = Schema::builder("Package").key("Id").fields(texts).build().unwrap();
    let engine = Engine::builder(Catalog::new([runs, packages]).unwrap()).threads(1).build().unwrap();
    let mut tx = engine.transaction(&context()).unwrap();
    let rows = Rows::new(["Id", "Name", "Parent"]).row(["p1".into(), "Open".into()]).row([
        "p2".into(),
        "Secret".into(),
        "p1".into(),
    ]);
    tx.append("Package", &rows).unwrap();
    tx.append("Run", &Rows::new(["Package"]).row(["p1".into()]).row(["p2".into()]).row(["p2".into()])).unwrap();
    tx.commit().unwrap();
    let snapshot = engine.snapshot();
    let count = |access: Access, text: &str| {
        let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, access);
        snapshot.index("Run", &ctx).unwrap().count(&Query::tql(text), &ctx).unwrap().body
    };
    let all = || Access::none().allow("Run", Condition::all());
    let with = |rows: Condition| all().allow("Package", rows);
    assert_eq!(count(with(Condition::all()), "Package = Secret"), 2);
    assert_eq!(count(with(Condition::all()), "AllPackages = Open"), 3);
    assert_eq!(count(all(), "Package = Secret"), 0);
    assert_eq!(count(with(Condition::is_in("Name", ["Open"])), "Package = Secret"), 0);
    assert_eq!(count(with(Condition::is_in("Name", ["Open"])), "AllPackages = Open"), 1);
    // The host's own permission sees every package, or naming a hidden one would hide nothing.
    let not_secret = Access::none().allow("Run", Condition::tql("Package != Secret"));
    assert_eq!(count(not_secret, ""), 1);
}

#[test]
fn more_mistakes_than_are_shown_are_still_the_querys() {
    let engine = engine(1);
    let snapshot = engine.snapshot();
    let text = vec!["Lacking = 1"; 101].join(" AND ");
    let error = snapshot.index("Run", &context()).unwrap().count(&Query::tql(text), &context()).unwrap_err();
    assert_eq!((error.kind(), error.diagnostics().len()), (ErrorKind::Query, 101));
}

#[test]
fn the_memory_limit_is_met_whatever_the_threads() {
    let schema = Schema::builder("Run").field(Field::new("N", Kind::Integer)).build().unwrap();
    let mut outcomes = Vec::new();
    for threads in [1, 2, 8] {
        let catalog = Catalog::new([schema.clone()]).unwrap();
        let engine = Engine::builder(catalog).threads(threads).segment_rows(500).build().unwrap();
        let mut tx = engine.transaction(&context()).unwrap();
        // Far apart, so that no number has a slot of its own.
        let rows = (0..20_000i64).fold(Rows::new(["N"]), |rows, n| rows.row([(n * 1_000_003).into()]));
        tx.append("Run", &rows).unwrap();
        tx.commit().unwrap();
        let snapshot = engine.snapshot();
        for bytes in [100_000, 700_000, 200_000_000] {
            let ctx = context().limits(Limits::default().with_memory_bytes(bytes));
            let runs = snapshot.index("Run", &ctx).unwrap();
            let grouped = runs.group(&GroupBy::field("N").status("N"), &Query::tql("N < 20000"), &ctx);
            let listed = runs.rows(&Query::tql("ORDER BY N").top(20_000), &ctx);
            outcomes.push((threads, bytes, grouped.err().map(|e| e.kind()), listed.err().map(|e| e.kind())));
        }
    }
    let of = |threads| outcomes.iter().filter(move |o| o.0 == threads).map(|o| (o.1, o.2, o.3)).collect::<Vec<_>>();
    assert_eq!(of(1)[0].2, Some(ErrorKind::Limit));
    assert_eq!((of(1)[2].1, of(1)[2].2), (None, None));
    assert_eq!((of(2), of(8)), (of(1), of(1)));
}

#[test]
fn what_a_permission_says_stays_with_the_host() {
    let engine = engine(3);
    let snapshot = engine.snapshot();
    let access = Access::none().allow("Run", Condition::tql("N > 'secret value'"));
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, access);
    let error = snapshot.index("Run", &ctx).unwrap().count(&Query::all(), &ctx).unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Internal, 500));
    assert!(error.to_string().contains("secret value"), "the host reads what is wrong");
    let sent = serde_json::to_string(&tallygrid::ErrorBody::from(&error)).unwrap();
    assert!(!sent.contains("secret") && sent.contains("internal"), "{sent}");
}

#[test]
fn checking_a_text_tells_of_no_hidden_index() {
    let catalog = Catalog::new(
        ["Run", "Defect"]
            .map(|name| Schema::builder(name).field(Field::new("SecretField", Kind::Keyword)).build().unwrap()),
    );
    let catalog = catalog.unwrap();
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::none().allow("Run", Condition::all()));
    let check =
        |index: &str| tallygrid::check_tql("SecretFeild = 1", tallygrid::Rule::Query, Some((&catalog, index)), &ctx);
    assert_eq!(check("Run").unwrap().diagnostics[0].help_text(), Some("did you mean `SecretField`?"));
    for hidden in ["Defect", "Defekt"] {
        let error = check(hidden).unwrap_err();
        assert_eq!((error.kind(), error.diagnostics()[0].help_text()), (ErrorKind::NotFound, None), "{hidden}");
    }
}

#[test]
fn no_totals_are_a_mistake_and_a_status_is_not_called_like_a_member() {
    let schema = Schema::builder("Run").field(Field::new("Status", Kind::Keyword)).build().unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).build().unwrap();
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append("Run", &Rows::new(["Status"]).row(["Query".into()])).unwrap();
    tx.commit().unwrap();
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &context()).unwrap();
    let none = GroupBy::field("Status").totals::<&str, &str>([]);
    let error = runs.group(&none, &Query::all(), &context()).unwrap_err();
    assert_eq!(error.diagnostics()[0].code().as_str(), "wrong-parameter");
    let by = GroupBy::field("Status");
    let json = |by: &GroupBy| {
        let counts = runs.group(by, &Query::all(), &context()).unwrap().body;
        serde_json::to_string(&tallygrid::GroupResults(&counts)).map_err(|e| e.to_string())
    };
    assert_eq!(json(&by).unwrap(), r#"{"Data":{"Results":[{"Key":"Query","Query":1}]}}"#);
    assert!(json(&by.clone().with_queries()).unwrap_err().contains("`Query`"));
}
