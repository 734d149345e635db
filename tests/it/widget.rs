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
    assert_eq!(rows[1]["Query"], r#"(CreatedAt >= "2024-03-10T05:00:00Z" AND CreatedAt < "2024-03-11T04:00:00Z")"#);
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
