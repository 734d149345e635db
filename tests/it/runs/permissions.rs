//! Rows that a caller may not see leave no trace in runs with counters.

use serde_json::{Value as Json, json};
use tallygrid::{Access, Condition, Context, Rows};

use crate::runs::{change, ids, list, one, page, results, told};

/// Who sees project 1 but not run 1, and of the tests of run 2 those up to 110 and from 121 on.
fn caller() -> Context {
    let access = Access::none()
        .allow("runs", Condition::tql("project_id = 1 AND id != 1"))
        .allow("tests", Condition::tql("id <= 110 OR id > 120"))
        .allow("results", Condition::tql("test_id <= 110 OR test_id > 122"))
        .allow("users", Condition::tql("name != Ada"))
        .allow("configs", Condition::none());
    Context::new(chrono::DateTime::UNIX_EPOCH, access)
}

#[test]
fn totals_pages_and_counters_are_those_of_visible_rows() {
    let engine = page();
    let body = list(&engine, "1", &[("per_page", "50")], &caller()).unwrap();
    assert_eq!((&body["total"], &body["last_page"], ids(&body)[0]), (&json!(149), &json!(3), 2));
    let run = &body["result"][0];
    let count = |name: &str| run[name].as_i64().unwrap();
    assert_eq!([count("untested_count"), count("status1_count"), count("status2_count")], [75, 10, 5]);
    let sums = ["success_count", "failure_count", "completed_count", "total_count"].map(count);
    assert_eq!(sums, [10, 5, 15, 90]);
    assert_eq!(list(&engine, "5", &[], &caller()).unwrap()["page"], Json::Null);
}

#[test]
fn who_sees_no_tests_counts_none() {
    let engine = page();
    let runs_only = Context::new(chrono::DateTime::UNIX_EPOCH, Access::none().allow("runs", Condition::all()));
    let body = one(&engine, "2", &[("expands", "statuses,users,configs")], &runs_only).unwrap();
    assert_eq!((&body["result"]["total_count"], &body["result"]["untested_count"]), (&json!(0), &json!(0)));
    assert_eq!(body["expands"], json!({"statuses": [], "users": [], "configs": []}));
    assert_eq!(told(results(&engine, "2", &[], &runs_only)).0, 403);
}

#[test]
fn a_hidden_run_is_told_like_one_that_is_not_there() {
    let engine = page();
    let at = |run: &str| {
        let (hidden, there) = (told(one(&engine, run, &[], &caller())), told(results(&engine, run, &[], &caller())));
        assert_eq!(hidden, there);
        (hidden.0, hidden.1.to_string().replace(run, "N"))
    };
    assert_eq!(at("1"), at("900"));
    assert_eq!(at("1").0, 404);
}

#[test]
fn expands_hold_no_hidden_rows_nor_what_only_they_refer_to() {
    let engine = page();
    let all = [("expands", "configs,users,statuses,issues,milestones")];
    let body = one(&engine, "2", &all, &caller()).unwrap();
    let names: Vec<&Json> = body["expands"]["statuses"].as_array().unwrap().iter().map(|s| &s["name"]).collect();
    assert_eq!(names, ["Untested", "Passed", "Failed"]);
    // Of the two users of the run one is hidden, and all configs are; of issues and milestones nothing is allowed.
    assert_eq!(body["expands"]["users"], json!([{"id": 2, "name": "Bob"}]));
    assert_eq!([&body["expands"]["configs"], &body["expands"]["issues"]], [&json!([]), &json!([])]);
    // A status that only hidden tests have is not there.
    change(&engine, |changes| {
        let rows = Rows::new(["id", "test_id", "status", "created_at"]);
        changes.add_results(&rows.row([990.into(), 115.into(), "Blocked".into(), "2024-01-01".into()])).unwrap();
    });
    let statuses =
        |ctx: &Context| one(&engine, "2", &all, ctx).unwrap()["expands"]["statuses"].as_array().unwrap().len();
    assert_eq!((statuses(&caller()), statuses(&crate::runs::context())), (3, 4));
}

#[test]
fn results_are_those_of_visible_rows_also_the_latest() {
    let engine = page();
    let body = results(&engine, "2", &[("status_id", "3")], &caller()).unwrap();
    assert_eq!((ids(&body), &body["total"]), (vec![125, 124, 123], &json!(3)));
    // Hidden, and later than all others.
    change(&engine, |changes| {
        let rows = Rows::new(["id", "test_id", "status", "created_at"]).row([
            991.into(),
            121.into(),
            "Passed".into(),
            "2024-01-01".into(),
        ]);
        changes.add_results(&rows).unwrap();
    });
    let body = results(&engine, "2", &[("get_latest_result", "1"), ("expands", "statuses,users")], &caller()).unwrap();
    assert_eq!((ids(&body)[0], &body["total"]), (125, &json!(13)));
    assert_eq!(body["expands"]["users"], json!([{"id": 2, "name": "Bob"}]));
}

#[test]
fn no_filter_reaches_a_hidden_row() {
    let engine = page();
    for query in [
        &[("config_id", "3")][..],
        &[("tags", "smoke")],
        &[("tags", "smoke\" OR id = 1 OR name = \"")],
        &[("created_after", "2023-05-30T12:00:00Z")],
    ] {
        assert_eq!(list(&engine, "1", query, &caller()).unwrap()["total"], 0, "{query:?}");
    }
}
