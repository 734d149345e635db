//! Limits, deadlines and cancelling: errors that say what was reached; and readers beside a writer.

use std::time::{Duration, Instant};

use tallygrid::{
    Access, Cancel, Catalog, Condition, Context, Engine, ErrorKind, Field, GroupBy, Kind, Limits, Period, Query, Rows,
    Schema,
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
    assert_eq!(refused(limits().with_list_members(2), "N IN [1, 2, 3]"), "limit `list_members` is 2, 3 needed");
    assert_eq!(refused(limits().with_order_items(1), "ORDER BY N, At"), "limit `order_items` is 1, 2 needed");
}

#[test]
fn passed_deadlines_and_thrown_switches_end_a_request() {
    let snapshot = engine(1000).snapshot();
    let late = context().deadline(Instant::now());
    let runs = snapshot.index("Run", &late).unwrap();
    assert_eq!(runs.count(&Query::tql("N > 5"), &late).unwrap_err().kind(), ErrorKind::Deadline);
    let cancel = Cancel::new();
    let cancelled = context().cancel(cancel.clone());
    cancel.cancel();
    assert_eq!(runs.group(&GroupBy::field("N"), &Query::all(), &cancelled).unwrap_err().kind(), ErrorKind::Cancelled);
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
