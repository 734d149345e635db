//! Starting script runs: each request of the page and its answer field by field, bodies, and that there is one unfinished run.

use std::sync::Mutex;

use serde_json::{Value as Json, json};
use tallygrid::{
    Access, Condition, Context, Engine, Error, ErrorKind, Field, Ids, Kind, Query, Rows, RunQuery, ScriptRunRequest,
    StartedRun, Value, presets, presets::execution,
};

use crate::collections::{
    ASSIGNMENT, JOE, RUN, SCRIPT, SECOND, append, context, engine, engine_with, item, of_assignment, script_run,
    script_runs,
};

/// The ids of the page, one after the other, then others.
fn page_ids() -> Ids {
    let first = [RUN, "68efb707-e4d1-4616-af1c-54cb519de480", "8423fe61-bcf3-466c-841c-9ac19b6a4a4b"];
    let left = Mutex::new(first.map(str::to_owned).into_iter().rev().collect::<Vec<String>>());
    Ids::from_fn(move || {
        left.lock().unwrap().pop().unwrap_or_else(|| "ffffffff-0000-0000-0000-000000000000".to_owned())
    })
}

/// The page's assignment, whose script has two steps.
fn page() -> Engine {
    let engine = engine();
    let step = |n: i64, what: &str, expected: &str| {
        let id = format!("{n:08x}-1111-1111-1111-111111111111");
        [id.into(), SCRIPT.into(), n.into(), what.into(), expected.into()]
    };
    let steps = Rows::new(["Id", "ScriptId", "Position", "Description", "ExpectedResult"])
        .row(step(2, "And then Do this", "And then Expect that"))
        .row(step(1, "Do this", "Expect that"));
    append(&engine, "ScriptStep", &steps);
    engine
}

fn start(engine: &Engine, query: &str, body: &str, ids: &Ids, ctx: &Context) -> Result<StartedRun, Error> {
    let request = ScriptRunRequest::from_json(body.as_bytes())?.by(JOE);
    let mut tx = engine.transaction(ctx)?;
    let started = tx.start_script_run(&of_assignment(), &RunQuery::odata(query), &request, ids, ctx)?;
    tx.commit()?;
    Ok(started)
}

fn count(engine: &Engine, index: &str, query: &str) -> u64 {
    engine.snapshot().index(index, &context()).unwrap().count(&Query::tql(query), &context()).unwrap().body
}

#[test]
fn a_new_run_without_a_body() {
    let engine = page();
    script_runs(&engine, [script_run(SECOND, "2012-01-01T00:00:00Z", "Passed", Value::Null)]);
    let started = start(&engine, "", "", &page_ids(), &context()).unwrap();
    assert_eq!((started.status(), started.location()), (201, &*format!("http://localhost/api/scriptrun/{RUN}")));
    assert_eq!(serde_json::to_string(&started).unwrap(), item(RUN, "", 2, "2012-01-01T14:04:05Z", "In Progress"));
    assert_eq!(count(&engine, "StepResult", "Outcome = NotRun"), 2);
}

#[test]
fn a_new_run_with_a_tester_and_its_steps() {
    let body = format!(r#"{{ "TesterId": "{JOE}", "WidgetValues": null, "FieldValues": null }}"#);
    let started = start(&page(), "$expand=StepResults", &body, &page_ids(), &context()).unwrap();
    assert_eq!(started.status(), 201);
    let step = |id: &str, what: &str, expected: &str| {
        format!(
            r#"{{"RunId":"{RUN}","Id":"{id}","Description":"{what}","Data":null,"Notes":null,"ExpectedResult":"{expected}","ActualResult":null,"Outcome":"NotRun","HasIncidents":false,"HasAttachments":false,"Self":"http://localhost/api/stepresult/{id}"}}"#
        )
    };
    let first = step("68efb707-e4d1-4616-af1c-54cb519de480", "Do this", "Expect that");
    let second = step("8423fe61-bcf3-466c-841c-9ac19b6a4a4b", "And then Do this", "And then Expect that");
    let run = item(RUN, "", 2, "2012-01-01T14:04:05Z", "In Progress");
    let names = r#""Expands":["Assignment","StepResults"],"#;
    let with_steps = run.replace(names, &format!(r#"{names}"StepResults":[{first},{second}],"#));
    assert_eq!(serde_json::to_string(&started).unwrap(), with_steps);
}

#[test]
fn the_run_in_progress_is_found() {
    let engine = page();
    let first = start(&engine, "", "", &page_ids(), &context()).unwrap();
    let again = start(&engine, "", "", &Ids::random(), &context()).unwrap();
    assert_eq!((again.status(), again.location()), (200, first.location()));
    assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&first).unwrap());
    assert_eq!(count(&engine, "Run", ""), 1);
    // Once it is finished, a new one follows.
    let mut tx = engine.transaction(&context()).unwrap();
    tx.patch("Run", &RUN.into(), [("Status", "Blocked".into())]).unwrap();
    tx.commit().unwrap();
    let next = start(&engine, "$expand=StepResults,Assignment", "", &Ids::random(), &context()).unwrap();
    assert_eq!((next.status(), count(&engine, "Run", ""), count(&engine, "StepResult", "")), (201, 2, 4));
    let body = serde_json::to_value(&next).unwrap();
    assert_eq!((&body["Assignment"]["Id"], body["StepResults"].as_array().unwrap().len()), (&json!(ASSIGNMENT), 2));
    // The newest of several.
    script_runs(&engine, [script_run(SECOND, "2013-01-01T00:00:00Z", "Not Run", Value::Null)]);
    let newest = start(&engine, "", "", &Ids::random(), &context()).unwrap();
    assert_eq!((newest.status(), serde_json::to_value(&newest).unwrap()["Status"].clone()), (200, json!("Not Run")));
}

#[test]
fn simultaneous_requests_start_one_run() {
    let engine = page();
    let ids = std::thread::scope(|scope| {
        let request = || start(&engine, "", "", &Ids::random(), &context()).unwrap();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(request)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(ids.iter().filter(|started| started.status() == 201).count(), 1);
    assert!(ids.iter().all(|started| started.location() == ids[0].location()));
    assert_eq!(count(&engine, "Run", ""), 1);
}

#[test]
fn values_of_fields_and_widgets_are_kept() {
    let run = presets::run().field(Field::new("Browser", Kind::Keyword)).field(Field::new("Cost", Kind::Decimal));
    let engine = engine_with(run, vec![execution::run_widget()]);
    let body = r#"{"FieldValues": {"Browser": "Firefox", "cost": 0.1}, "WidgetValues": {"Notes": "fine", "Stars": 4}}"#;
    let started = start(&engine, "$expand=FieldValues,Widgets", body, &Ids::random(), &context()).unwrap();
    let body = serde_json::to_value(&started).unwrap();
    assert_eq!(body["FieldValues"], json!([{"Name": "Browser", "Value": "Firefox"}, {"Name": "Cost", "Value": 0.1}]));
    assert_eq!(body["Widgets"], json!([{"Name": "Notes", "Value": "fine"}, {"Name": "Stars", "Value": "4"}]));
    assert_eq!(count(&engine, "Run", "Cost = 0.1"), 1);
}

#[test]
fn a_body_that_is_wrong_starts_nothing() {
    let engine = page();
    let told = |body: &str| {
        let error = start(&engine, "", body, &Ids::random(), &context()).unwrap_err();
        assert_eq!((error.kind(), of_assignment().status_of(&error)), (ErrorKind::Query, 400), "{body}");
        assert_eq!((count(&engine, "Run", ""), count(&engine, "StepResult", "")), (0, 0));
        error.diagnostics().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(told(r#"{"TesterId": "joe", "Tester": 1, "FieldValues": []}"#).len(), 3);
    assert_eq!(told(r#"{"TesterId": 5}"#), ["$.TesterId: a text is expected here, not a number"]);
    assert_eq!(told(&format!(r#"{{"TesterId": "{SECOND}"}}"#)), [format!("$.TesterId: no user has the id `{SECOND}`")]);
    assert_eq!(
        told(r#"{"FieldValues": {"Browser": "x", "Status": "Passed"}, "WidgetValues": {"a": 1}}"#),
        [
            "$.FieldValues.Browser: runs have no such field of the host's own",
            "$.FieldValues.Status: runs have no such field of the host's own",
            "$.WidgetValues: values of widgets are not kept",
        ]
    );
    for body in ["[]", "7", "{", "{} {}", "nonsense", &"[".repeat(10_000)] {
        assert_eq!(told(body).len(), 1, "{body:.20}");
    }
    for body in ["", " \n", "null", "{}", r#"{"TesterId": null, "FieldValues": {}}"#] {
        assert!(ScriptRunRequest::from_json(body.as_bytes()).is_ok(), "{body}");
    }
    let error = start(&engine, "$expand=Steps", "", &Ids::random(), &context()).unwrap_err();
    assert_eq!((error.http_status(), count(&engine, "Run", "")), (400, 0));
    let error = start(&engine, "", "", &Ids::from_fn(|| "run 1".to_owned()), &context()).unwrap_err();
    assert_eq!((error.http_status(), count(&engine, "Run", "")), (500, 0));
}

#[test]
fn only_script_assignments_that_the_caller_may_see_have_runs_to_start() {
    let engine = page();
    let other = "2264a622-2869-4ef8-8183-a0040106ca9e";
    let rows = Rows::new(["Id", "Type"]).row([other.into(), "automatedtestassignment".into()]);
    append(&engine, "Assignment", &rows);
    let at = |id: &str, access: Access| {
        let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, access);
        let mut tx = engine.transaction(&ctx).unwrap();
        let runs = of_assignment().assignment(id);
        let request = ScriptRunRequest::default();
        let error = tx.start_script_run(&runs, &RunQuery::odata(""), &request, &Ids::random(), &ctx).unwrap_err();
        (error.http_status(), error.to_string().replace(id, "N"))
    };
    let missing = at("00000000-0000-0000-0000-000000000001", Access::unrestricted());
    assert_eq!(missing.0, 404);
    assert_eq!(at("joe", Access::unrestricted()), missing);
    assert_eq!(at(other, Access::unrestricted()), (404, "no script assignment has the id `N`".to_owned()));
    let hidden = Access::none().allow("Run", Condition::all()).allow("Assignment", Condition::tql("ProjectId = p2"));
    assert_eq!(at(ASSIGNMENT, hidden), missing);
    assert_eq!(at(ASSIGNMENT, Access::none().allow("Assignment", Condition::all())).0, 403);
}

#[test]
fn a_run_that_the_caller_may_not_see_is_not_found() {
    let engine = page();
    script_runs(&engine, [script_run(SECOND, "2012-01-01T00:00:00Z", "In Progress", Value::Null)]);
    let access = Access::none()
        .allow("Run", Condition::tql(format!("Id != {SECOND}")))
        .allow("Assignment", Condition::all())
        .allow("User", Condition::tql("UserName != joeb"));
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, access);
    let body: Json = serde_json::to_value(start(&engine, "", "", &page_ids(), &ctx).unwrap()).unwrap();
    assert_eq!(
        (&body["Id"], &body["CreatedBy"]),
        (&json!(RUN), &json!("joeb")),
        "its own name is the caller's to know"
    );
    assert_eq!(body["Expands"], json!(["Assignment"]));
    // A hidden tester is told like one that is not there.
    let tester = |id: &str| {
        let mut tx = engine.transaction(&ctx).unwrap();
        tx.patch("Run", &RUN.into(), [("Status", "Passed".into())]).unwrap();
        let request = ScriptRunRequest::from_json(format!(r#"{{"TesterId": "{id}"}}"#).as_bytes()).unwrap();
        let error = tx.start_script_run(&of_assignment(), &RunQuery::odata(""), &request, &Ids::random(), &ctx);
        error.unwrap_err().to_string().replace(id, "N")
    };
    assert_eq!(tester(JOE), tester(SECOND));
}
