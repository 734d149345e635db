//! Running a dashboard: one snapshot, equal questions once, each widget's mistakes its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tallygrid::{Access, Cancel, Catalog, Condition, Context, Dashboard, Engine, Facts, Field, Kind, Rows, Schema};

use super::{dashboard, sent};

fn engine() -> (Engine, Context) {
    let run = Schema::builder("Run")
        .fields(["Suite", "RunBy", "Status", "Project"].map(|name| Field::new(name, Kind::Keyword)))
        .field(Field::new("At", Kind::Date))
        .build()
        .unwrap();
    let defect = Schema::builder("Defect").field(Field::new("State", Kind::Keyword)).build().unwrap();
    let engine = Engine::builder(Catalog::new([run, defect]).unwrap()).threads(1).build().unwrap();
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    let mut tx = engine.transaction(&ctx).unwrap();
    let mut rows = Rows::new(["Suite", "RunBy", "Status", "Project", "At"]);
    for (suite, by, status, project, at) in [
        ("Login", "ada", "Passed", "p1", "2026-01-01"),
        ("Login", "bob", "Failed", "p1", "2026-01-03"),
        ("Pay", "ada", "Failed", "p2", "2026-01-03"),
    ] {
        rows = rows.row([suite, by, status, project, at].map(tallygrid::Value::from));
    }
    tx.append("Run", &rows).unwrap();
    tx.append("Defect", &Rows::new(["State"]).row(["Open".into()])).unwrap();
    tx.commit().unwrap();
    (engine, ctx)
}

/// A dashboard with a widget for each settings, called after their places.
fn of(settings: &[&str]) -> Dashboard {
    dashboard(
        1,
        (1..).zip(settings).map(|(n, settings)| {
            let mut widget = sent(n.to_string(), "1", "Query", (n, 1), (1, 1));
            widget["settings"] = json!(settings);
            widget
        }),
    )
}

fn answers(engine: &Engine, ctx: &Context, settings: &[&str]) -> Value {
    serde_json::to_value(engine.snapshot().dashboard(&of(settings).list(), ctx)).unwrap()
}

#[test]
fn every_query_widget_answers_in_its_own_shape() {
    let (engine, ctx) = engine();
    let got = answers(
        &engine,
        &ctx,
        &[
            r#"{"tql": "Status = Failed", "groupBy": "Suite", "withQueries": true, "colour": "red"}"#,
            "not JSON",
            r#"{"queryId": "e98c0831"}"#,
            r#"{"tql": "COUNT, GROUP BY RunBy { COUNT } AS by"}"#,
            r#"{"index": "defect", "tql": "", "top": 1}"#,
            r#"{"tql": "", "groupBy": "At", "period": "Day"}"#,
        ],
    );
    let ok = |id: &str, answer: Value| json!({"id": id, "status": 200, "answer": answer, "diagnostics": []});
    let failed = |suite: &str| json!({"Key": suite, "Failed": 1, "Query": format!(r#"Status = "Failed" AND Suite = "{suite}""#)});
    let day = |day: &str, failed: u32, passed: u32| json!({"Key": day, "Failed": failed, "Passed": passed});
    let days = [day("2026-01-01", 0, 1), day("2026-01-02", 0, 0), day("2026-01-03", 2, 0)];
    let expected = [
        ok("1", json!({"Data": {"Results": [failed("Login"), failed("Pay")]}})),
        ok("4", json!({"Results": {"COUNT": 3, "by": {"ada": {"COUNT": 2}, "bob": {"COUNT": 1}}}})),
        ok("5", json!({"Skip": 0, "Top": 1, "Total": 1, "Items": [{"State": "Open"}]})),
        ok("6", json!({"Data": {"Results": days}})),
    ];
    assert_eq!(got, json!({"version": 1, "widgets": expected}));
}

#[test]
fn a_broken_widget_hinders_no_other() {
    let (engine, ctx) = engine();
    let got = answers(
        &engine,
        &ctx,
        &[
            r#"{"tql": "Statsu = Failed", "groupBy": "Siute"}"#,
            r#"{"tql": "COUNT"}"#,
            r#"{"tql": 5, "period": "Decade", "latest": "yes", "top": -1}"#,
            r#"{"index": "Runs", "tql": ""}"#,
            r#"{"tql": "", "latest": true}"#,
        ],
    );
    let told: Vec<(u64, Vec<&str>)> = got["widgets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|widget| {
            let told = widget["diagnostics"].as_array().unwrap().iter();
            (widget["status"].as_u64().unwrap(), told.map(|told| told["message"].as_str().unwrap()).collect())
        })
        .collect();
    assert_eq!(
        told[0],
        (400, vec!["in `groupBy`: `Run` has no field `Siute`", "in `tql`: `Run` has no field `Statsu`"])
    );
    assert_eq!((&told[1], &got["widgets"][1]["answer"]), (&(200, vec![]), &json!({"Results": {"COUNT": 3}})));
    assert_eq!(
        told[2],
        (
            400,
            vec![
                "settings: $.tql: a text is expected here, not a number",
                "settings: $.period: no period `Decade`; there are Day, Week, Month, Quarter, Year",
                "settings: $.latest: true or false is expected here, not a text",
                "settings: $.top: `-1` is no whole number from 0 to 4294967295",
            ]
        )
    );
    assert_eq!(told[3].0, 404);
    assert_eq!(told[4].0, 400);
    assert_eq!(got["widgets"][0]["answer"], Value::Null);
}

/// Counts how often it is asked who asks: once for each question that is bound.
#[derive(Debug, Default)]
struct Asked(AtomicUsize);

impl Facts for Asked {
    fn current_user(&self) -> Option<Vec<String>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Some(vec!["ada".to_owned()])
    }
}

#[test]
fn equal_questions_are_asked_once() {
    let (engine, ctx) = engine();
    let facts = Arc::new(Asked::default());
    let ctx = ctx.facts(facts.clone());
    let mine = r#"{"tql": "RunBy = Me()", "groupBy": "Suite"}"#;
    let asked_of = |settings: &[&str]| {
        let before = facts.0.load(Ordering::Relaxed);
        let run = engine.snapshot().dashboard(&of(settings).list(), &ctx);
        (run, facts.0.load(Ordering::Relaxed) - before)
    };
    let (_, once) = asked_of(&[mine]);
    assert!(once > 0);
    // Other members and the spaces around the query make it no other question.
    let same = r#"{"groupBy": "Suite", "tql": " RunBy = Me() ", "colour": "red"}"#;
    let (run, again) = asked_of(&[mine, same, mine]);
    assert_eq!(again, once);
    let shared: Vec<_> = run.widgets.iter().map(|widget| widget.answer.as_ref().unwrap()).collect();
    assert!(shared.iter().all(|answer| Arc::ptr_eq(answer, shared[0])));
}

#[test]
fn permissions_and_cancelling_hold_for_every_widget() {
    let (engine, ctx) = engine();
    let settings = [r#"{"tql": "COUNT"}"#, r#"{"index": "Defect", "tql": "COUNT"}"#, r#"{"index": "Nix", "tql": ""}"#];
    let access = Access::none().allow("Run", Condition::is_in("Project", ["p1"]));
    let mine = Context::new(chrono::DateTime::UNIX_EPOCH, access);
    let got = answers(&engine, &mine, &settings);
    assert_eq!(got["widgets"][0]["answer"], json!({"Results": {"COUNT": 2}}));
    // What may not be seen and what is not there are told alike.
    let told = |at: usize| {
        got["widgets"][at]["diagnostics"][0]["message"].as_str().unwrap().replace("Defect", "_").replace("Nix", "_")
    };
    assert_eq!((told(1), &got["widgets"][1]["status"]), (told(2), &json!(404)));

    let cancel = Cancel::new();
    cancel.cancel();
    let got = answers(&engine, &ctx.cancel(cancel), &settings[..1]);
    assert_eq!(got["widgets"][0]["status"], 499);
}
