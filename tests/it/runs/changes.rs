//! What changes of runs with counters refuse, and that nothing of a refused batch stays.

use serde_json::json;
use tallygrid::{ErrorKind, Rows, RunChanges, Value, presets::counted};

use crate::runs::{change, context, engine, one, page};

/// What a change is told, if it fails.
fn refused(attempt: impl FnOnce(&mut RunChanges<'_>) -> Result<(), tallygrid::Error>) -> Vec<String> {
    let (engine, ctx) = (page(), context());
    let mut tx = engine.transaction(&ctx).unwrap();
    let error = attempt(&mut RunChanges::of(&mut tx, &ctx).unwrap()).unwrap_err();
    drop(tx);
    let run = one(&engine, "2", &[], &ctx).unwrap();
    assert_eq!((&run["result"]["untested_count"], &run["result"]["total_count"]), (&json!(75), &json!(100)));
    error.diagnostics().iter().map(ToString::to_string).collect()
}

#[test]
fn what_follows_from_other_rows_cannot_be_written() {
    let row = |columns: [&'static str; 2]| Rows::new(columns).row([7.into(), 7.into()]);
    assert_eq!(
        refused(|changes| changes.add_runs(&row(["id", "Total_Count"]))),
        ["runs row 0, field Total_Count: `Total_Count` is counted"]
    );
    assert_eq!(
        refused(|changes| changes.patch_run(2, [("status1_count", 7.into())])),
        ["runs row 0, field status1_count: `status1_count` is counted"]
    );
    assert_eq!(refused(|changes| changes.patch_run(2, [("project_id", 7.into())])).len(), 1);
    assert_eq!(
        refused(|changes| changes.add_tests(&row(["run_id", "status"]))),
        ["tests row 0, field status: `status` follows from the run and the results"]
    );
    assert_eq!(refused(|changes| changes.patch_test(101, [("status", "Passed".into())])).len(), 1);
    assert_eq!(refused(|changes| changes.patch_test(101, [("run_id", 1.into())])).len(), 1);
    assert_eq!(
        refused(|changes| changes.add_results(&row(["test_id", "run_id"]))),
        ["results row 0, field run_id: `run_id` follows from the test"]
    );
    assert_eq!(refused(|changes| changes.patch_result(101, [("test_id", 102.into())])).len(), 1);
}

#[test]
fn every_row_that_leads_nowhere_is_named() {
    let tests = Rows::new(["id", "run_id"]).row([901.into(), 1.into()]).row([902.into(), 999.into()]).row([903.into()]);
    assert_eq!(
        refused(|changes| changes.add_tests(&tests)),
        ["tests row 1, field run_id: no row has the number `999`", "tests row 2, field run_id: the number is missing"]
    );
    let results = Rows::new(["id", "test_id", "status"])
        .row([901.into(), 101.into(), "Passed".into()])
        .row([902.into(), 999.into(), "Pased".into()])
        .row([903.into(), 101.into(), 26.into()])
        .row([904.into(), "x".into(), Value::Null]);
    assert_eq!(
        refused(|changes| changes.add_results(&results)),
        [
            "results row 1, field test_id: no row has the number `999`",
            "results row 1, field status: `Pased` is no status",
            "results row 2, field status: `26` is no status",
            "results row 3, field test_id: no row has the number `x`",
            "results row 3, field status: the status is missing",
        ]
    );
    let twice = Rows::new(["id", "test_id", "status"]).row([101.into(), 101.into(), "Passed".into()]);
    assert_eq!(
        refused(|changes| changes.add_results(&twice)),
        ["results row 0, field id: the key `101` is there already"]
    );
    for unknown in [
        refused(|changes| changes.delete_result(999)),
        refused(|changes| changes.delete_test(999)),
        refused(|changes| changes.delete_run(999)),
        refused(|changes| changes.patch_result(999, [("note", "x".into())])),
    ] {
        assert!(unknown[0].contains("no row has the key `999`"), "{unknown:?}");
    }
}

#[test]
fn a_host_may_have_25_statuses_and_no_more() {
    let with = |n: usize| {
        let own = (6..n).map(|n| tallygrid::DeclaredValue::new(format!("Custom {n}")).failed());
        let statuses: Vec<_> = counted::statuses().into_iter().chain(own).collect();
        tallygrid::Engine::builder(counted::catalog(&statuses).unwrap()).threads(1).build().unwrap()
    };
    let (engine, ctx) = (with(25), context());
    change(&engine, |changes| {
        changes.add_runs(&Rows::new(["id"]).row([1.into()])).unwrap();
        changes.add_tests(&Rows::new(["id", "run_id"]).row([1.into(), 1.into()])).unwrap();
        changes.add_results(&Rows::new(["id", "test_id", "status"]).row([1.into(), 1.into(), 25.into()])).unwrap();
    });
    let run = one(&engine, "1", &[("expands", "statuses")], &ctx).unwrap();
    assert_eq!((&run["result"]["status24_count"], &run["result"]["failure_count"]), (&json!(1), &json!(1)));
    assert_eq!((&run["result"]["completed_count"], &run["expands"]["statuses"][0]["id"]), (&json!(0), &json!(25)));
    let mut tx = with(26).transaction(&ctx).unwrap();
    assert_eq!(RunChanges::of(&mut tx, &ctx).unwrap_err().kind(), ErrorKind::Schema);
}

#[test]
fn fields_that_a_host_adds_stand_before_the_counters() {
    let runs = counted::runs().field(tallygrid::Field::new("note", tallygrid::Kind::Text)).build().unwrap();
    let tests = counted::tests(&counted::statuses()).build().unwrap();
    let results = counted::results(&counted::statuses()).build().unwrap();
    let catalog = tallygrid::Catalog::new([runs, tests, results]).unwrap();
    let engine = tallygrid::Engine::builder(catalog).threads(1).build().unwrap();
    change(&engine, |changes| changes.add_runs(&Rows::new(["id", "note"]).row([1.into(), "first".into()])).unwrap());
    let run = one(&engine, "1", &[("expands", "configs")], &context()).unwrap();
    let names: Vec<&String> = run["result"].as_object().unwrap().keys().collect();
    assert_eq!(
        names[..10],
        ["id", "project_id", "name", "config_id", "milestone_id", "state_id", "tags", "issues", "note", "is_closed"]
    );
    assert_eq!((&run["result"]["is_closed"], &run["expands"]), (&json!(false), &json!({"configs": []})));
}

#[test]
fn an_engine_without_these_indexes_has_no_runs() {
    let catalog = tallygrid::presets::catalog().unwrap();
    let engine = tallygrid::Engine::builder(catalog).threads(1).build().unwrap();
    let ctx = context();
    assert_eq!(one(&engine, "1", &[], &ctx).unwrap_err().kind(), ErrorKind::NotFound);
    let mut tx = engine.transaction(&ctx).unwrap();
    assert_eq!(RunChanges::of(&mut tx, &ctx).unwrap_err().kind(), ErrorKind::NotFound);
    drop(tx);
    assert_eq!(engine_is_usable_after(), 0);
}

/// A dropped transaction leaves nothing behind.
fn engine_is_usable_after() -> u64 {
    let (engine, ctx) = (engine(), context());
    let mut tx = engine.transaction(&ctx).unwrap();
    RunChanges::of(&mut tx, &ctx).unwrap().add_runs(&Rows::new(["id"]).row([1.into()])).unwrap();
    drop(tx);
    let snapshot = engine.snapshot();
    snapshot.index("runs", &ctx).unwrap().count(&tallygrid::Query::all(), &ctx).unwrap().body
}
