//! Runs with counters: each request of the page and its answer field by field, what is wrong with requests, and what callers
//! may not see. Random histories are `histories`' part.

mod changes;
mod histories;
mod permissions;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tallygrid::{
    Access, Context, Engine, Error, ResultsRequest, Rows, RunChanges, RunRequest, RunsErrorBody, RunsRequest, Value,
    presets::counted,
};

const DAY: i64 = 86_400_000_000;

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

fn engine() -> Engine {
    Engine::builder(counted::catalog(&counted::statuses()).unwrap()).threads(1).build().unwrap()
}

fn change(engine: &Engine, change: impl FnOnce(&mut RunChanges<'_>)) {
    let ctx = context();
    let mut tx = engine.transaction(&ctx).unwrap();
    change(&mut RunChanges::of(&mut tx, &ctx).unwrap());
    tx.commit().unwrap();
}

/// The page's project 1 with 150 runs, and project 5 with one. Run `n` of the 150 was created `n` days before 2023-06-01; the
/// second is closed, with 75 of its 100 tests untested, 20 passed and 5 failed; the first has 100 untested tests.
fn page() -> Engine {
    let engine = engine();
    let created = |n: i64| Value::Instant(19_509 * DAY - n * DAY);
    change(&engine, |changes| {
        let columns =
            ["id", "project_id", "name", "config_id", "tags", "issues", "is_closed", "created_at", "created_by"];
        let mut runs = Rows::new(columns);
        for n in 1..=150 {
            let name = Value::from(format!("Run {n}"));
            let (config, tags, issues): (Value, Value, Value) = match n {
                1 => (3.into(), vec!["smoke", "ui"].into(), vec![8, 9].into()),
                2 => (4.into(), vec!["ui"].into(), Value::Null),
                _ => (Value::Null, Value::Null, Value::Null),
            };
            runs.push([n.into(), 1.into(), name, config, tags, issues, false.into(), created(n), 2.into()]);
        }
        runs.push([151.into(), 5.into(), "Other".into()]);
        changes.add_runs(&runs).unwrap();
        let mut tests = Rows::new(["id", "run_id"]);
        (1..=200).for_each(|n| tests.push([n.into(), (1 + (n - 1) / 100).into()]));
        changes.add_tests(&tests).unwrap();
        let mut results = Rows::new(["id", "test_id", "status", "assignee_id", "created_at", "created_by"]);
        for n in 101..=125 {
            let status = if n <= 120 { "Passed" } else { "Failed" };
            let (who, by): (Value, i64) = if n % 2 == 0 { (2.into(), 1) } else { (Value::Null, 2) };
            results.push([n.into(), n.into(), status.into(), who, created(200 - n), by.into()]);
        }
        changes.add_results(&results).unwrap();
        let closed = [("is_closed", true.into()), ("closed_at", created(1)), ("closed_by", 1.into())];
        changes.patch_run(2, closed).unwrap();
    });
    let ctx = context();
    let mut tx = engine.transaction(&ctx).unwrap();
    let named = |rows: &[(i64, &str)]| {
        rows.iter().fold(Rows::new(["id", "name"]), |all, (id, name)| all.row([(*id).into(), (*name).into()]))
    };
    tx.append("configs", &named(&[(3, "Chrome"), (4, "Firefox"), (5, "Safari")])).unwrap();
    tx.append("issues", &named(&[(8, "JIRA-8"), (9, "JIRA-9"), (10, "JIRA-10")])).unwrap();
    tx.append("users", &named(&[(1, "Ada"), (2, "Bob"), (3, "Cem")])).unwrap();
    tx.commit().unwrap();
    engine
}

fn list(engine: &Engine, project: &str, query: &[(&str, &str)], ctx: &Context) -> Result<Json, Error> {
    let request = RunsRequest::from_pairs(query.iter().copied())?;
    let answer = engine.snapshot().counted_runs(project, &request, ctx)?;
    Ok(serde_json::to_value(answer.body).unwrap())
}

fn one(engine: &Engine, run: &str, query: &[(&str, &str)], ctx: &Context) -> Result<Json, Error> {
    let request = RunRequest::from_pairs(query.iter().copied())?;
    let answer = engine.snapshot().counted_run(run, &request, ctx)?;
    Ok(serde_json::to_value(answer.body).unwrap())
}

fn results(engine: &Engine, run: &str, query: &[(&str, &str)], ctx: &Context) -> Result<Json, Error> {
    let request = ResultsRequest::from_pairs(query.iter().copied())?;
    let answer = engine.snapshot().counted_results(run, &request, ctx)?;
    Ok(serde_json::to_value(answer.body).unwrap())
}

fn ids(body: &Json) -> Vec<i64> {
    body["result"].as_array().unwrap().iter().map(|run| run["id"].as_i64().unwrap()).collect()
}

/// The status of an error and its body.
fn told<T>(result: Result<T, Error>) -> (u16, Json) {
    let Err(error) = result else { panic!("this is no error") };
    let body = RunsErrorBody::from(&error);
    (body.status(), serde_json::to_value(&body).unwrap())
}

/// The counters of a run whose first three have these tests.
fn counters(untested: i64, passed: i64, failed: i64) -> String {
    let rest = (3..=24).map(|n| format!(r#""status{n}_count":0,"#)).collect::<Vec<_>>().concat();
    format!(
        r#""untested_count":{untested},"status1_count":{passed},"status2_count":{failed},{rest}"success_count":{passed},"failure_count":{failed},"completed_count":{},"total_count":{},"#,
        passed + failed,
        untested + passed + failed
    )
}

/// The first two runs of the page as texts.
fn first_two() -> [String; 2] {
    [
        format!(
            r#"{{"id":1,"project_id":1,"name":"Run 1","config_id":3,"milestone_id":null,"state_id":null,"tags":["smoke","ui"],"issues":[8,9],"is_closed":false,{}"created_at":"2023-05-31T00:00:00Z","created_by":2,"updated_at":null,"updated_by":null,"closed_at":null,"closed_by":null}}"#,
            counters(100, 0, 0)
        ),
        format!(
            r#"{{"id":2,"project_id":1,"name":"Run 2","config_id":4,"milestone_id":null,"state_id":null,"tags":["ui"],"issues":[],"is_closed":true,{}"created_at":"2023-05-30T00:00:00Z","created_by":2,"updated_at":null,"updated_by":null,"closed_at":"2023-05-31T00:00:00Z","closed_by":1}}"#,
            counters(75, 20, 5)
        ),
    ]
}

#[test]
fn the_runs_of_a_project() {
    let engine = page();
    let answer = engine.snapshot().counted_runs("1", &RunsRequest::from_pairs([("page", ""); 0]).unwrap(), &context());
    let body = serde_json::to_string(&answer.unwrap().body).unwrap();
    let [first, second] = first_two();
    let begin = format!(
        r#"{{"page":1,"prev_page":null,"next_page":2,"last_page":2,"per_page":100,"total":150,"result":[{first},{second},{{"id":3,"#
    );
    assert!(body.starts_with(&begin), "{body}\n{begin}");
    assert!(body.ends_with(r#"],"expands":{}}"#), "{body}");
    let body: Json = serde_json::from_str(&body).unwrap();
    assert_eq!(ids(&body), (1..=100).collect::<Vec<_>>());
}

#[test]
fn a_single_run() {
    let answer = page().snapshot().counted_run("1", &RunRequest::default(), &context()).unwrap();
    let body = serde_json::to_string(&answer.body).unwrap();
    assert_eq!(body, format!(r#"{{"result":{},"expands":{{}}}}"#, first_two()[0]));
}

#[test]
fn every_example_of_the_page() {
    let (engine, ctx) = (page(), context());
    // Get latest 100 runs for project with ID 5
    assert_eq!(ids(&list(&engine, "5", &[], &ctx).unwrap()), [151]);
    // Get second result page (pagination)
    let second = list(&engine, "1", &[("page", "2")], &ctx).unwrap();
    assert_eq!(ids(&second), (101..=150).collect::<Vec<_>>());
    assert_eq!((&second["prev_page"], &second["next_page"], &second["last_page"]), (&json!(1), &Json::Null, &json!(2)));
    // Get latest 100 active runs
    let active = list(&engine, "1", &[("is_closed", "0")], &ctx).unwrap();
    assert_eq!((&active["total"], ids(&active)[1]), (&json!(149), 3));
    assert_eq!(list(&engine, "5", &[("is_closed", "false")], &ctx).unwrap()["total"], 1, "nothing said is open");
    // Get latest 100 closed runs, ordered by close date
    let closed = list(&engine, "1", &[("is_closed", "1"), ("sort", "runs:closed_at")], &ctx).unwrap();
    assert_eq!((ids(&closed), &closed["last_page"]), (vec![2], &json!(1)));
    // Get latest runs created after a certain date & time
    let after = list(&engine, "1", &[("created_after", "2023-02-15T00:00:00.000Z")], &ctx).unwrap();
    assert_eq!(after["total"], 105, "the bound itself is not after it");
    // Get runs and include expands
    let expands = list(&engine, "1", &[("expands", "configs,issues,users"), ("per_page", "15")], &ctx).unwrap();
    assert_eq!(
        expands["expands"],
        json!({
            "configs": [{"id": 3, "name": "Chrome"}, {"id": 4, "name": "Firefox"}],
            "issues": [{"id": 8, "name": "JIRA-8"}, {"id": 9, "name": "JIRA-9"}],
            "users": [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}],
        })
    );
    // Get a run and include expands
    let run = one(&engine, "1", &[("expands", "configs,issues,users")], &ctx).unwrap();
    assert_eq!(run["expands"]["users"], json!([{"id": 2, "name": "Bob"}]));
    let run = one(&engine, "2", &[("expands", "statuses,milestones,states,statuses")], &ctx).unwrap();
    let status = |id: i64, name: &str, flags: [bool; 4]| {
        let [passed, failed, is_final, untested] = flags;
        json!({"id": id, "name": name, "is_passed": passed, "is_failed": failed, "is_final": is_final, "is_untested": untested})
    };
    let statuses = [
        status(1, "Untested", [false, false, false, true]),
        status(2, "Passed", [true, false, true, false]),
        status(3, "Failed", [false, true, true, false]),
    ];
    assert_eq!(run["expands"], json!({"statuses": statuses, "milestones": [], "states": []}));
}

#[test]
fn filters_hold_together_and_values_of_a_list_are_alternatives() {
    let (engine, ctx) = (page(), context());
    for (query, expected) in [
        (&[("config_id", "3,4")][..], vec![1, 2]),
        (&[("config_id", "3,4"), ("tags", "smoke")], vec![1]),
        (&[("tags", "Smoke,UI")], vec![1, 2]),
        (&[("created_by", "2"), ("config_id", "4,77")], vec![2]),
        (&[("milestone_id", "1")], vec![]),
        (&[("state_id", "1")], vec![]),
        (&[("closed_before", "2023-05-31")], vec![]),
        (&[("closed_before", "2023-05-31T00:00:00.000001Z")], vec![2]),
        (&[("closed_after", "2023-05-30T23:59:59Z"), ("created_before", "2023-05-30T00:00:01")], vec![2]),
        (&[("config_id", "3,4"), ("order", "asc")], vec![2, 1]),
        (&[("config_id", "3,4"), ("order", "asc"), ("sort", "runs:closed_at")], vec![1, 2]),
        (&[("config_id", "3,4"), ("order", "desc"), ("sort", "runs:closed_at")], vec![2, 1]),
        (&[("config_id", ""), ("created_after", "2023-05-30")], vec![1]),
    ] {
        assert_eq!(ids(&list(&engine, "1", query, &ctx).unwrap()), expected, "{query:?}");
    }
}

#[test]
fn pages_past_the_end_and_lists_of_nothing() {
    let (engine, ctx) = (page(), context());
    let block = |body: &Json| {
        let part = |name: &str| (name.to_owned(), body[name].clone());
        Json::Object(
            ["page", "prev_page", "next_page", "last_page", "per_page", "total", "result"]
                .map(part)
                .into_iter()
                .collect(),
        )
    };
    let past = list(&engine, "1", &[("page", "9"), ("per_page", "50")], &ctx).unwrap();
    let none = Json::Null;
    assert_eq!(
        block(&past),
        json!({"page": 9, "prev_page": 3, "next_page": none, "last_page": 3, "per_page": 50, "total": 150, "result": []})
    );
    let far = list(&engine, "1", &[("page", "18446744073709551615")], &ctx).unwrap();
    assert_eq!((&far["prev_page"], &far["result"]), (&json!(2), &json!([])));
    for query in [&[("page", "1")][..], &[("page", "4"), ("per_page", "100")]] {
        let empty = list(&engine, "77", query, &ctx).unwrap();
        assert_eq!(
            block(&empty),
            json!({"page": none, "prev_page": none, "next_page": none, "last_page": none, "per_page": 100, "total": 0, "result": []})
        );
        assert_eq!(empty["expands"], json!({}));
    }
    // The pages together are all runs.
    let pages = |per_page| {
        let page =
            |n: i64| ids(&list(&engine, "1", &[("page", &n.to_string()), ("per_page", per_page)], &ctx).unwrap());
        (1..=10).flat_map(page).collect::<Vec<_>>()
    };
    assert_eq!(["15", "25", "50", "100"].map(pages), [15, 25, 50, 100].map(|_| (1..=150).collect::<Vec<i64>>()));
}

#[test]
fn what_is_wrong_is_told_by_parameter_all_at_once() {
    let (engine, ctx) = (page(), context());
    let query = [
        ("per_page", "20"),
        ("page", "0"),
        ("sort", "runs:name"),
        ("order", "down"),
        ("created_after", "yesterday"),
        ("config_id", "3,x,-4"),
        ("is_closed", "maybe"),
        ("expands", "configs,cases"),
        ("creatd_by", "2"),
        ("order", "asc"),
    ];
    let errors = json!({
        "creatd_by": ["no such parameter; did you mean `created_by`?"],
        "order": ["is given twice", "cannot be `down`; it is one of asc, desc"],
        "page": ["`0` is no page; pages count from 1"],
        "per_page": ["`20` is no size of a page; it is one of 15, 25, 50, 100"],
        "sort": ["cannot be `runs:name`; it is one of runs:created_at, runs:closed_at"],
        "created_after": ["`yesterday` is no date and time such as 2023-02-15T00:00:00Z"],
        "config_id": ["`x` is no number of one"],
        "is_closed": ["`maybe` is neither true nor false; write 1 or 0"],
        "expands": ["no `cases`; there are configs, issues, milestones, states, statuses, users"],
    });
    let body = json!({"message": "some parameters are wrong", "errors": errors});
    assert_eq!(told(list(&engine, "1", &query, &ctx)), (422, body));
    assert_eq!(told(one(&engine, "1", &[("expands", "runs")], &ctx)).0, 422);
    assert_eq!(told(results(&engine, "1", &[("per_page", "20"), ("expands", "configs")], &ctx)).0, 422);
}

#[test]
fn paths_and_callers_that_are_wrong() {
    let (engine, ctx) = (page(), context());
    let body = |message: &str| json!({"message": message, "errors": {}});
    for spelling in ["x", "-1", "+1", "1.0", "1e0", "", " 1", "0x1", "١"] {
        let told = told(one(&engine, spelling, &[], &ctx));
        assert_eq!(told, (400, body(&format!("`{spelling}` is no number of a run"))), "{spelling}");
    }
    assert_eq!(told(list(&engine, "one", &[], &ctx)), (400, body("`one` is no number of a project")));
    assert_eq!(ids(&list(&engine, "005", &[], &ctx).unwrap()), [151], "zeros in front are the same number");
    for missing in ["152", "0", "99999999999999999999"] {
        let not_there = body(&format!("no run has the number `{missing}`"));
        assert_eq!(told(one(&engine, missing, &[], &ctx)), (404, not_there.clone()));
        assert_eq!(told(results(&engine, missing, &[], &ctx)), (404, not_there));
    }
    let nobody = Context::new(chrono::DateTime::UNIX_EPOCH, Access::none());
    assert_eq!(told(list(&engine, "1", &[], &nobody)), (403, body("the caller may not do this")));
    assert_eq!(told(one(&engine, "1", &[], &nobody)), (403, body("the caller may not do this")));
    let unknown: Result<(), Error> = Err(Error::unauthenticated());
    assert_eq!(told(unknown), (401, body("the request has no valid credentials")));
}

#[test]
fn the_results_of_a_run() {
    let (engine, ctx) = (page(), context());
    let all = results(&engine, "2", &[], &ctx).unwrap();
    assert_eq!((ids(&all), &all["total"]), ((101..=125).rev().collect(), &json!(25)));
    assert_eq!(
        all["result"][0],
        json!({
            "id": 125, "project_id": 1, "run_id": 2, "test_id": 125, "status_id": 3, "assignee_id": null, "note": null, "issues": [],
            "created_at": "2023-03-18T00:00:00Z", "created_by": 2,
        })
    );
    for (query, expected) in [
        (&[("status_id", "3")][..], vec![125, 124, 123, 122, 121]),
        (&[("status_id", "3,6"), ("assignee_id", "0")], vec![125, 123, 121]),
        (&[("status_id", "3"), ("assignee_id", "2,0"), ("created_by", "1")], vec![124, 122]),
        (&[("status_id", "25")], vec![]),
        (&[("assignee_id", "9")], vec![]),
        (&[("created_after", "2023-03-17T00:00:00Z")], vec![125]),
        (&[("created_after", "2023-03-15"), ("created_before", "2023-03-17")], vec![123]),
    ] {
        assert_eq!(ids(&results(&engine, "2", query, &ctx).unwrap()), expected, "{query:?}");
    }
    let expanded = results(&engine, "2", &[("status_id", "3"), ("expands", "statuses,users")], &ctx).unwrap();
    assert_eq!(expanded["expands"]["statuses"][0]["name"], "Failed");
    assert_eq!(expanded["expands"]["users"], json!([{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}]));
    let empty = results(&engine, "1", &[], &ctx).unwrap();
    assert_eq!((&empty["page"], &empty["total"]), (&Json::Null, &json!(0)));
}

#[test]
fn only_the_latest_results_are_asked_if_that_is_wanted() {
    let engine = page();
    change(&engine, |changes| {
        let retried = Rows::new(["id", "test_id", "status", "created_at"])
            .row([901.into(), 125.into(), "Passed".into(), "2023-06-01".into()])
            // Arrives late, and was there before the other.
            .row([902.into(), 125.into(), "Blocked".into(), "2020-01-01".into()]);
        changes.add_results(&retried).unwrap();
    });
    let ctx = context();
    let of = |query: &[(&str, &str)]| ids(&results(&engine, "2", query, &ctx).unwrap());
    assert_eq!(of(&[("status_id", "3")]), [125, 124, 123, 122, 121]);
    assert_eq!(of(&[("status_id", "3"), ("get_latest_result", "1")]), [124, 123, 122, 121]);
    assert_eq!(
        of(&[("status_id", "3,5"), ("get_latest_result", "true"), ("created_before", "2023-03-16T00:00:01")]),
        [123, 122, 121]
    );
    assert_eq!(of(&[("get_latest_result", "0")]).len(), 27);
    let run = &one(&engine, "2", &[], &ctx).unwrap()["result"];
    assert_eq!(
        (&run["status1_count"], &run["status2_count"], &run["status4_count"]),
        (&json!(21), &json!(4), &json!(0))
    );
}

#[test]
fn wrong_fields_of_rows_are_told_by_field() {
    let (engine, ctx) = (page(), context());
    let mut tx = engine.transaction(&ctx).unwrap();
    let rows = Rows::new(["id", "test_id", "status"]).row([901.into(), 101.into(), "Passed".into()]).row([
        902.into(),
        999.into(),
        "Nonsense".into(),
    ]);
    let refused = RunChanges::of(&mut tx, &ctx).unwrap().add_results(&rows);
    let errors =
        json!({"test_id": ["row 1: no row has the number `999`"], "status": ["row 1: `Nonsense` is no status"]});
    assert_eq!(told(refused), (422, json!({"message": "some fields are wrong", "errors": errors})));
    let unknown = RunChanges::of(&mut tx, &ctx).unwrap().delete_result(999);
    assert_eq!(told(unknown).0, 404);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_sent_gets_a_page_or_an_error_of_the_client(
        path in "\\PC{0,4}|[0-9]{1,3}",
        pairs in prop::collection::vec(("[a-z_]{0,3}|page|per_page|tags|created_after|status_id|config_id|expands|sort", "\\PC{0,8}|[0-9,]{0,6}|15|100"), 0..5),
    ) {
        let (engine, ctx) = (small(), context());
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        for answer in [list(&engine, &path, &pairs, &ctx), one(&engine, &path, &pairs, &ctx), results(&engine, &path, &pairs, &ctx)] {
            match answer {
                Ok(body) => prop_assert!(body["result"].is_array() || body["result"].is_object()),
                Err(error) => {
                    let status = RunsErrorBody::from(&error).status();
                    prop_assert!([400, 404, 422].contains(&status), "{}: {}", status, error);
                }
            }
        }
    }
}

/// Three runs, the first with a test.
fn small() -> Engine {
    let engine = engine();
    change(&engine, |changes| {
        let runs = (1..=3).fold(Rows::new(["id", "project_id"]), |rows, n| rows.row([n.into(), n.into()]));
        changes.add_runs(&runs).unwrap();
        changes.add_tests(&Rows::new(["id", "run_id"]).row([1.into(), 1.into()])).unwrap();
    });
    engine
}
