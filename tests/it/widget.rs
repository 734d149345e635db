//! The grid widget's request and answer, against the shapes of the page that the project was founded on.

use tallygrid::{
    Access, Catalog, Context, DeclaredValue, Engine, ErrorKind, Field, GridWidgetRequest, GridWidgetSet, Kind, Rows,
    Schema, Value, presets,
};

const PROJECT: &str = "cdd1a0cf-2cd1-4f9a-8513-a9a2fc74d133";
const ASSIGNMENT: &str = "2d8d6b25-0203-4595-9903-1325bcd85948";
const RUN: &str = "482c3531-1781-42ae-b084-7369964e674a";
const PACKAGE: &str = "df3097c2-0777-4156-9186-d321e9611481";

fn engine() -> (Engine, Context) {
    let statuses = ["In Progress", "Failed", "Passed", "Skipped"].map(DeclaredValue::new);
    let totals =
        ["Failed", "Passed", "Skipped", "Errors", "NotRun", "Warnings", "InProgress", "Undetermined", "Blocked"];
    let runs = Schema::builder("Run")
        .key("Id")
        .fields([
            Field::new("Id", Kind::Guid),
            Field::new("Type", Kind::Keyword),
            Field::new("AssignmentId", Kind::Guid),
        ])
        .fields([
            Field::new("ProjectId", Kind::Guid),
            Field::new("Package", Kind::Path),
            Field::new("RunNumber", Kind::Integer),
            Field::relation("Container", "Package", "Id", false),
        ])
        .fields([Field::new("Status", Kind::Status).values(statuses), Field::new("CreatedAt", Kind::DateTime)])
        .fields(totals.map(|name| Field::new(format!("Totals.{name}"), Kind::Integer)))
        .build()
        .unwrap();
    let packages = Schema::builder("Package")
        .key("Id")
        .fields([
            Field::new("Id", Kind::Keyword),
            Field::new("Name", Kind::Keyword),
            Field::new("Parent", Kind::Keyword),
        ])
        .build()
        .unwrap();
    let engine = Engine::builder(Catalog::new([runs, packages]).unwrap()).threads(1).build().unwrap();
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append(
        "Package",
        &Rows::new(["Id", "Name", "Parent"]).row([PACKAGE.into(), "Top".into(), Value::Null]).row([
            "aaaaaaaa-0777-4156-9186-d321e9611481".into(),
            "Below".into(),
            PACKAGE.to_uppercase().into(),
        ]),
    )
    .unwrap();
    let columns = [
        "Id",
        "Type",
        "AssignmentId",
        "ProjectId",
        "Package",
        "RunNumber",
        "Status",
        "CreatedAt",
        "Totals.Failed",
        "Totals.Passed",
        "Totals.Skipped",
    ];
    let id = |n: u32| Value::from(format!("{n:08x}-0000-0000-0000-000000000000"));
    let below = "aaaaaaaa-0777-4156-9186-d321e9611481";
    let row = |id: Value, kind: &str, package: &str, number: i64, status: &str, at: &str, totals: [Value; 3]| {
        let head = [
            id,
            kind.into(),
            ASSIGNMENT.into(),
            PROJECT.into(),
            package.into(),
            number.into(),
            status.into(),
            at.into(),
        ];
        head.into_iter().chain(totals).collect::<Vec<Value>>()
    };
    let none = || [Value::Null, Value::Null, Value::Null];
    let rows = Rows::new(columns)
        .row(row(
            RUN.into(),
            "AutomatedTestRun",
            below,
            1,
            "Passed",
            "2024-03-09T12:00:00Z",
            [160.into(), 2500.into(), 3.into()],
        ))
        .row(row(
            id(2),
            "AutomatedTestRun",
            PACKAGE,
            1,
            "Failed",
            "2024-03-11T03:59:59Z",
            [7.into(), 88.into(), Value::Null],
        ))
        .row(row(id(3), "ScriptRun", "/elsewhere", 2, "inprogress", "2024-03-11T04:00:00Z", none()))
        .row(row(id(4), "Other", PACKAGE, 3, "Skipped", "2024-03-11T04:00:00Z", none()));
    tx.append("Run", &rows).unwrap();
    tx.commit().unwrap();
    (engine, ctx)
}

fn ask(widget: &str, name: &str, body: &str) -> Result<String, tallygrid::Error> {
    let (engine, ctx) = engine();
    let request: GridWidgetRequest = serde_json::from_str(body).unwrap();
    let answer = engine.snapshot().grid_widget(widget, name, &request, &ctx)?;
    Ok(serde_json::to_string(&answer.body).unwrap())
}

#[test]
fn the_founding_page() {
    let body = format!(
        r#"{{"IndexName": "Run", "AllowableTypes": ["AutomatedTestRun", "ScriptRun", "AgileRun"],
            "BaseQuery": "AssignmentID = {ASSIGNMENT}", "ProjectId": "{PROJECT}", "PackageId": "{PACKAGE}",
            "PackageType": "ExecutionPackage", "Query": "ORDER BY CreatedAt DESC",
            "Selections": [{{"Id": "{RUN}", "Type": "AutomatedTestRun"}},
                           {{"Id": "00000002-0000-0000-0000-000000000000", "Type": "AutomatedTestRun"}}],
            "TimeZone": "America/New_York", "Parameters": {{"groupingType": "Field", "groupingField": "RunNumber"}}}}"#
    );
    assert_eq!(
        ask("RunStatusesGroupedByFieldForAutomatedRuns", "results", &body).unwrap(),
        r#"{"Data":{"Results":[{"Key":"1","InProgress":0,"Undetermined":0,"Errors":0,"Failed":167,"NotRun":0,"Passed":2588,"Skipped":3,"Warnings":0,"Blocked":0}]}}"#
    );
    assert_eq!(
        ask("RunStatusesGroupedByField", "results", &body).unwrap(),
        r#"{"Data":{"Results":[{"Key":"1","InProgress":0,"Undetermined":0,"Errors":0,"Failed":1,"NotRun":0,"Passed":1,"Skipped":0,"Warnings":0,"Blocked":0}]}}"#
    );
}

#[test]
fn days_of_the_requests_zone_with_gaps_filled() {
    let body = r#"{"TimeZone": "America/New_York", "AllowableTypes": ["AutomatedTestRun", "ScriptRun"],
                   "Parameters": {"groupingField": "CreatedAt", "withQueries": true}}"#;
    let answer: serde_json::Value = serde_json::from_str(&ask("RunStatusOverTime", "results", body).unwrap()).unwrap();
    let rows = answer["Data"]["Results"].as_array().unwrap();
    let keys: Vec<&str> = rows.iter().map(|row| row["Key"].as_str().unwrap()).collect();
    // The clocks went forward on the 10th: it ends at 04:00 UTC, an hour before the others.
    assert_eq!(keys, ["2024-03-09", "2024-03-10", "2024-03-11"]);
    assert_eq!((&rows[1]["Failed"], &rows[2]["InProgress"]), (&1.into(), &1.into()));
    assert_eq!(rows[1]["Query"], r#"CreatedAt >= "2024-03-10T05:00:00Z" AND CreatedAt < "2024-03-11T04:00:00Z""#);
}

#[test]
fn parts_that_restrict_and_parts_that_do_not() {
    let rows = |body: &str| {
        let answer: serde_json::Value =
            serde_json::from_str(&ask("RunStatusesGroupedByField", "results", body).unwrap()).unwrap();
        answer["Data"]["Results"].as_array().unwrap().len()
    };
    let with = |part: &str| format!(r#"{{{part} "Parameters": {{"groupingField": "RunNumber"}}}}"#);
    assert_eq!(rows(&with("")), 3);
    assert_eq!(rows(&with(r#""Selections": [], "BaseQuery": null, "#)), 3);
    assert_eq!(rows(&with(r#""AllowableTypes": [], "#)), 0);
    assert_eq!(rows(&with(&format!(r#""PackageId": "{PACKAGE}", "#))), 2);
    assert_eq!(rows(&with(r#""ProjectId": "00000000-2cd1-4f9a-8513-a9a2fc74d133", "#)), 0);
    assert_eq!(rows(&with(r#""BaseQuery": "RunNumber = 1", "Query": "RunNumber = 2 OR RunNumber = 1", "#)), 1);
}

#[test]
fn types_of_entities_go_by_each_of_their_names() {
    let engine = Engine::builder(presets::catalog().unwrap()).threads(1).build().unwrap();
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    let mut tx = engine.transaction(&ctx).unwrap();
    let types = ["Script", "TESTSCRIPT", "scripts", "TestScriptAssignment", "Requirement", "Odd"];
    let mut rows = Rows::new(["Id", "EntityType", "Status"]);
    (1..).zip(types).for_each(|(n, name)| rows.push([Value::Guid(n), name.into(), "Passed".into()]));
    tx.append("Entity", &rows).unwrap();
    tx.commit().unwrap();
    let snapshot = engine.snapshot();
    let ask = |scope: &str| {
        let body = format!(r#"{{"IndexName": "Entity", {scope}, "Parameters": {{"groupingField": "EntityType"}}}}"#);
        let request: GridWidgetRequest = serde_json::from_str(&body).unwrap();
        let answer = snapshot.grid_widget("RunStatusesGroupedByField", "results", &request, &ctx).unwrap();
        let GridWidgetSet::Results(rows) = answer.body.data else { panic!("{body}") };
        let warnings: Vec<_> = answer.warnings.iter().map(|warning| warning.message().to_owned()).collect();
        assert_eq!(warnings, [""; 0], "{body}");
        rows.into_iter().map(|row| (row.key, row.passed)).collect::<Vec<_>>()
    };
    let scripts = [("script".to_owned(), 3)];
    for scope in [
        r#""AllowableTypes": ["TestScript"]"#,
        r#""AllowableTypes": ["SCRIPTS"]"#,
        r#""Query": "EntityType = testScript""#,
        r#""Query": "Type IN [Script]""#,
        r#""BaseQuery": "EntityType != ScriptAssignment", "AllowableTypes": ["scripts", "ScriptAssignment"]"#,
    ] {
        assert_eq!(ask(scope), scripts, "{scope}");
    }
    let id = Value::Guid(2);
    assert_eq!(ask(&format!(r#""Selections": [{{"Id": "{id}", "Type": "Script"}}]"#)), [("script".to_owned(), 1)]);
    let all = ask(r#""Query": "EntityType IS NOT EMPTY""#);
    assert_eq!(
        all.iter().map(|(key, _)| &**key).collect::<Vec<_>>(),
        ["requirement", "script", "scriptassignment", "Odd"]
    );
}

#[test]
fn fields_for_the_configuration() {
    let answer = ask("RunStatusesGroupedByField", "fields", "{}").unwrap();
    assert!(
        answer.starts_with(r#"{"Data":{"Fields":[{"Name":"Id","Label":"Id","Kind":"guid","Collation":"exact"},"#),
        "{answer}"
    );
    let kinds = |answer: String| {
        answer.split(r#""Kind":""#).skip(1).map(|k| k.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let by_value = kinds(answer);
    assert!(!by_value.iter().any(|kind| kind == "text" || kind == "relation"), "{by_value:?}");
    let over_time = kinds(ask("RunStatusOverTime", "fields", "{}").unwrap());
    assert!(
        !over_time.is_empty() && over_time.iter().all(|kind| kind == "datetime" || kind == "date"),
        "{over_time:?}"
    );
}

/// The answer of an index with a few statuses, one row each.
fn ask_statuses(values: impl IntoIterator<Item = DeclaredValue>) -> Result<String, tallygrid::Error> {
    let values: Vec<DeclaredValue> = values.into_iter().collect();
    let names: Vec<Value> = values.iter().map(|value| value.name().into()).collect();
    let status = Field::new("Status", Kind::Status).values(values);
    let schema = Schema::builder("Run").fields([status, Field::new("Suite", Kind::Keyword)]).build().unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(1).build().unwrap();
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Run", &names.into_iter().fold(Rows::new(["Status"]), |rows, name| rows.row([name]))).unwrap();
    tx.commit().unwrap();
    let request = serde_json::from_str(r#"{"Parameters": {"groupingField": "Suite"}}"#).unwrap();
    let answer = engine.snapshot().grid_widget("RunStatusesGroupedByField", "results", &request, &ctx)?;
    Ok(serde_json::to_string(&answer.body).unwrap())
}

#[test]
fn a_status_counts_under_its_name_or_else_under_another_spelling() {
    let answer = ask_statuses([
        DeclaredValue::new("Pass").alias("ok").alias("Passed"),
        DeclaredValue::new("not run"),
        // Its name counts before its other spellings.
        DeclaredValue::new("Errors").alias("Failed"),
    ]);
    assert_eq!(
        answer.unwrap(),
        r#"{"Data":{"Results":[{"Key":"","InProgress":0,"Undetermined":0,"Errors":1,"Failed":0,"NotRun":1,"Passed":1,"Skipped":0,"Warnings":0,"Blocked":0}]}}"#
    );
    let error = ask_statuses(["Passed", "Flaky", "Aborted"].map(DeclaredValue::new)).unwrap_err();
    let told: Vec<&str> = error.diagnostics().iter().map(tallygrid::Diagnostic::message).collect();
    assert_eq!(
        told,
        ["Flaky", "Aborted"].map(|name| format!("the status `{name}` is none of the nine that the widget counts"))
    );
}

#[test]
fn every_mistake_says_which_part_of_the_request_it_is_in() {
    let told = |body: &str| {
        let error = ask("RunStatusOverTime", "results", body).unwrap_err();
        let told = |d: &tallygrid::Diagnostic| format!("{d}; {}", d.help_text().unwrap_or("-"));
        error.diagnostics().iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(
        told(
            r#"{"TimeZone": "Europe/Berlim", "BaseQuery": "Statu = Passed", "ProjectId": "p", "Query": "RunNumbr = 1",
                "Selections": [{"Id": "1"}, {"Id": "2", "Type": "ScriptRun"}],
                "Parameters": {"groupingField": "CreatedAd"}}"#
        ),
        [
            "in `TimeZone`: no time zone `Europe/Berlim`; did you mean `Europe/Berlin`?",
            "in `groupingField`: `Run` has no field `CreatedAd`; did you mean `CreatedAt`?",
            "in `BaseQuery`: `Run` has no field `Statu`; did you mean `Status`?",
            "in `ProjectId`: `ProjectId` in the scope: `p` is no guid; -",
            "in `Selections`: `Id` in the scope: `1` is no guid; -",
            "in `Selections`: `Id` in the scope: `2` is no guid; -",
            "in `Query` at 0..8: `Run` has no field `RunNumbr`; did you mean `RunNumber`?",
        ]
    );
    assert_eq!(
        told(r#"{"Query": "RunNumbr = 1", "Parameters": {"groupingType": "Decade"}}"#),
        [
            "`groupingField` is missing; name the field to group by",
            "`groupingType` cannot be `Decade`; it is one of Day, Week, Month, Quarter, Year",
            "in `Query` at 0..8: `Run` has no field `RunNumbr`; did you mean `RunNumber`?",
        ]
    );
    assert_eq!(told(r#"{"IndexName": "Rum"}"#), ["in `IndexName`: no index `Rum`; did you mean `Run`?"]);
    // The wire tells the part in words; offsets are those of the query that was typed.
    let body = r#"{"Query": "Statu = 1", "BaseQuery": "Stat = 1", "Parameters": {"groupingField": "CreatedAt"}}"#;
    let error = ask("RunStatusOverTime", "results", body).unwrap_err();
    let wire = serde_json::to_value(tallygrid::ErrorBody::from(&error)).unwrap();
    assert_eq!(wire["diagnostics"][0]["message"], "in `BaseQuery`: `Run` has no field `Stat`");
    assert_eq!(wire["diagnostics"][0]["start"], serde_json::Value::Null);
    assert_eq!(wire["diagnostics"][1]["message"], "in `Query`: `Run` has no field `Statu`");
    assert_eq!((&wire["diagnostics"][1]["start"], &wire["diagnostics"][1]["end"]), (&0.into(), &5.into()));
}

#[test]
fn what_the_base_query_says_is_not_told() {
    for base in [
        "RunNumber = hunter2",
        "RunNumber = \"hunter2",
        "CreatedAt > hunter2",
        "Id IN [hunter2]",
        "Status = Pass hunter2",
        "Status hunter2",
        "hunter2(Status)",
        "Package ~ 'hunter2 AND ('",
        "Status = StartOfDay(hunter2)",
        "Status == \\hunter2",
        "Status = Passed; hunter2",
    ] {
        let body = serde_json::json!({ "BaseQuery": base, "Parameters": { "groupingField": "RunNumber" } });
        let error = ask("RunStatusesGroupedByField", "results", &body.to_string()).unwrap_err();
        let wire = serde_json::to_string(&tallygrid::ErrorBody::from(&error)).unwrap();
        // The name of a function is no value.
        assert!(!wire.contains("hunter2") || wire.contains("is called `hunter2`"), "{base}: {wire}");
        assert!(error.diagnostics().iter().all(|d| d.fixes().is_empty()), "{base}");
        assert!(error.diagnostics().iter().all(|d| d.to_string().starts_with("in `BaseQuery`: ")), "{base}: {wire}");
    }
}

#[test]
fn mistakes() {
    let grouped = r#""Parameters": {"groupingField": "RunNumber"}"#;
    for (widget, name, body, kind, code) in [
        ("Pie", "results", "{}".to_owned(), ErrorKind::NotFound, "unknown-widget"),
        ("RunStatusOverTime", "result", "{}".to_owned(), ErrorKind::NotFound, "unknown-widget"),
        (
            "RunStatusOverTime",
            "results",
            format!(r#"{{"IndexName": "Rum", {grouped}}}"#),
            ErrorKind::NotFound,
            "unknown-index",
        ),
        ("RunStatusesGroupedByField", "results", "{}".to_owned(), ErrorKind::Query, "wrong-parameter"),
        ("RunStatusOverTime", "results", format!("{{{grouped}}}"), ErrorKind::Query, "not-groupable"),
        (
            "RunStatusesGroupedByField",
            "results",
            format!(r#"{{"TimeZone": "Mars/Base", {grouped}}}"#),
            ErrorKind::Query,
            "unknown-zone",
        ),
        (
            "RunStatusesGroupedByField",
            "results",
            format!(r#"{{"Query": "COUNT", {grouped}}}"#),
            ErrorKind::Query,
            "misplaced-aggregate",
        ),
        (
            "RunStatusesGroupedByField",
            "results",
            format!(r#"{{"Query": "Statu = 1", {grouped}}}"#),
            ErrorKind::Query,
            "unknown-field",
        ),
        (
            "RunStatusesGroupedByField",
            "results",
            format!(r#"{{"ProjectId": "p", {grouped}}}"#),
            ErrorKind::Query,
            "wrong-parameter",
        ),
        (
            "RunStatusesGroupedByField",
            "results",
            r#"{"Parameters": {"groupingField": "RunNumber", "groupingType": "Decade"}}"#.to_owned(),
            ErrorKind::Query,
            "wrong-parameter",
        ),
        (
            "RunStatusesGroupedByField",
            "results",
            r#"{"Parameters": {"groupingField": "Container"}}"#.to_owned(),
            ErrorKind::Query,
            "not-groupable",
        ),
    ] {
        let error = ask(widget, name, &body).unwrap_err();
        assert_eq!((error.kind(), error.diagnostics()[0].code().as_str()), (kind, code), "{body}");
    }
}
