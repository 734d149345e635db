//! Rows that a caller may not see leave no trace in collections of runs.

use serde_json::json;
use tallygrid::{Access, Condition, Context, ErrorKind, Rows, RunQuery, Value};

use crate::collections::{
    ASSIGNMENT, RUN, SECOND, THIRD, append, context, ids, list, of_assignment, page, script_run, script_runs,
};

/// Who sees all runs of the page but the second, and their results of steps but one.
fn caller() -> Context {
    let access = Access::none()
        .allow("Run", Condition::tql(format!("Id != {SECOND}")))
        .allow("Assignment", Condition::all())
        .allow("StepResult", Condition::tql("Description !~ secret"));
    Context::new(chrono::DateTime::UNIX_EPOCH, access)
}

#[test]
fn totals_count_visible_rows_and_no_filter_reaches_others() {
    let engine = page();
    for text in [
        "$inlinecount=allpages",
        "$inlinecount=allpages&$filter=Status eq 'Failed' or true",
        "$inlinecount=allpages&$filter=Status ne 'x'&$skip=0&$top=1",
        "$count=true&$orderby=ActualDuration desc",
    ] {
        let body = list(&engine, &of_assignment(), &RunQuery::odata(text), &caller()).unwrap();
        assert_eq!((ids(&body), &body["Total"]), (vec![RUN], &json!(1)), "{text}");
    }
    let tql = |text: &str| list(&engine, &of_assignment(), &RunQuery::tql([("tql", text)]), &caller()).unwrap();
    for (text, total) in
        [("", 1), ("Status = Failed", 0), ("Status = Failed OR Status != Failed", 1), ("NOT Id IS EMPTY", 1)]
    {
        assert_eq!(tql(text)["Total"], total, "{text}");
    }
}

#[test]
fn a_division_by_zero_in_a_hidden_row_fails_nothing() {
    let engine = page();
    let mut tx = engine.transaction(&context()).unwrap();
    tx.patch("Run", &SECOND.into(), [("ScriptVersion", 0.into())]).unwrap();
    tx.commit().unwrap();
    let query = RunQuery::odata("$filter=1 div ScriptVersion eq 1");
    assert_eq!(list(&engine, &of_assignment(), &query, &context()).unwrap_err().kind(), ErrorKind::Query);
    assert_eq!(ids(&list(&engine, &of_assignment(), &query, &caller()).unwrap()), [RUN]);
}

#[test]
fn expansions_hold_visible_rows_of_visible_indexes() {
    let engine = page();
    let steps = Rows::new(["Id", "RunId", "Description"]).row([RUN.into(), RUN.into(), "open".into()]).row([
        SECOND.into(),
        RUN.into(),
        "secret".into(),
    ]);
    append(&engine, "StepResult", &steps);
    let query = RunQuery::odata("$expand=StepResults");
    let body = list(&engine, &of_assignment(), &query, &caller()).unwrap();
    let results = body["Items"][0]["StepResults"].as_array().unwrap();
    assert_eq!((results.len(), &results[0]["Description"]), (1, &json!("open")));
    // Of an index that the caller may not see there is nothing to expand, as if there were none.
    let access = Access::none().allow("Run", Condition::all()).allow("Assignment", Condition::all());
    let blind = Context::new(chrono::DateTime::UNIX_EPOCH, access);
    let body = list(&engine, &of_assignment(), &RunQuery::odata(""), &blind).unwrap();
    assert_eq!(body["Items"][0]["Expands"], json!(["Assignment"]));
    let told = |name: &str| {
        let query = RunQuery::odata(&format!("$expand={name}"));
        let error = list(&engine, &of_assignment(), &query, &blind).unwrap_err();
        let mistake = error.diagnostics()[0].clone();
        (mistake.message().replace(name, "N"), mistake.help_text().map(str::to_owned))
    };
    assert_eq!(told("StepResults"), told("Nonsense"));
    // A hidden assignment is null where all runs are listed.
    let access = Access::none().allow("Run", Condition::all()).allow("Assignment", Condition::none());
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, access);
    let all = tallygrid::RunCollection::all();
    let body = list(&engine, &all, &RunQuery::odata("$expand=Assignment"), &ctx).unwrap();
    assert_eq!(body["Items"][0]["Assignment"], json!(null));
}

#[test]
fn hidden_assignments_and_runs_are_told_like_missing_ones() {
    let engine = page();
    let of = |id: &str, access: Access| {
        let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, access);
        let error = list(&engine, &of_assignment().assignment(id), &RunQuery::odata(""), &ctx).unwrap_err();
        (error.http_status(), error.to_string().replace(id, "N"))
    };
    let runs = || Access::none().allow("Run", Condition::all());
    let missing = of(THIRD, Access::unrestricted());
    assert_eq!(missing, (404, "no assignment has the id `N`".to_owned()));
    assert_eq!(of("nonsense", Access::unrestricted()), missing);
    assert_eq!(of(ASSIGNMENT, runs().allow("Assignment", Condition::tql("ProjectId = p2"))), missing);
    assert_eq!(of(ASSIGNMENT, runs()), missing);
    assert_eq!(of(ASSIGNMENT, Access::none()).0, 403);
    assert_eq!(of(THIRD, Access::none()).0, 403);
    let one = |id: &str| {
        let error = engine.snapshot().run_item(&of_assignment(), id, &RunQuery::odata(""), &caller()).unwrap_err();
        (error.http_status(), error.to_string().replace(id, "N"))
    };
    assert_eq!([one(SECOND), one("x")], [one(THIRD), one(THIRD)]);
    assert_eq!(one(SECOND).0, 404);
}

#[test]
fn suggestions_and_messages_name_no_hidden_value() {
    let engine = page();
    script_runs(&engine, [script_run(THIRD, "2012-01-01T00:00:00Z", "Zurückgestellt", Value::Null)]);
    let access =
        Access::none().allow("Run", Condition::tql("Status != Zurückgestellt")).allow("Assignment", Condition::all());
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, access);
    for text in ["Status = Zurückgestelt", "Status ~ (", "Statsu = Passed"] {
        let told = match list(&engine, &of_assignment(), &RunQuery::tql([("tql", text)]), &ctx) {
            Ok(body) => body.to_string(),
            Err(error) => format!("{error:?}"),
        };
        assert!(!told.contains("Zurückgestellt"), "{text}: {told}");
    }
}
