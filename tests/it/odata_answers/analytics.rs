//! Published queries of an analytics service over test results: all but the malformed one run as they are written, and what
//! they come to is checked where it can be said in a line.

use serde_json::Value as Json;
use tallygrid::{Access, Catalog, Context, Dialect, Engine, ErrorKind, Field, Kind, ODataQuery, Rows, Schema, Value};

use super::record::to_json;

/// An index with a key and fields of some kinds.
fn index(name: &str, kinds: &[(Kind, &[&str])], relations: &[(&str, &str)], back: &[(&str, &str, &str)]) -> Schema {
    let fields = kinds.iter().flat_map(|(kind, names)| names.iter().map(|name| Field::new(*name, *kind)));
    let relations = relations.iter().map(|(name, to)| Field::relation(*name, *to, "Id", false));
    let back = back.iter().map(|(name, to, key)| Field::relation(*name, *to, *key, true));
    let all = std::iter::once(Field::new("Id", Kind::Keyword)).chain(fields).chain(relations).chain(back);
    Schema::builder(name).key("Id").fields(all).build().unwrap()
}

const COUNTS: [&str; 10] = [
    "ResultCount",
    "ResultPassCount",
    "ResultFailCount",
    "ResultNotExecutedCount",
    "ResultNotImpactedCount",
    "ResultFlakyCount",
    "ResultAbortedCount",
    "ResultErrorCount",
    "ResultInconclusiveCount",
    "TestSK",
];

fn schemas() -> Vec<Schema> {
    use Kind::{Date, DateTime, Decimal, Integer, Keyword};
    vec![
        index("Pipelines", &[(Keyword, &["PipelineName"])], &[], &[]),
        index("Dates", &[(Date, &["Date"])], &[], &[]),
        index("Tests", &[(Keyword, &["TestName", "ContainerName"])], &[], &[]),
        index("Branches", &[(Keyword, &["BranchName"])], &[], &[]),
        index("Suites", &[(Keyword, &["TestPlanTitle", "TitleLevel3"]), (Integer, &["IdLevel3"])], &[], &[]),
        index("Areas", &[(Keyword, &["AreaPath"])], &[], &[]),
        index("Iterations", &[(Keyword, &["IterationPath"]), (DateTime, &["StartDate", "EndDate"])], &[], &[]),
        index("Users", &[(Keyword, &["UserName"])], &[], &[]),
        index("Teams", &[(Keyword, &["TeamName"])], &[], &[]),
        index(
            "TestRuns",
            &[(Integer, &COUNTS), (Keyword, &["Workflow"])],
            &[("Pipeline", "Pipelines"), ("CompletedOn", "Dates")],
            &[],
        ),
        index(
            "TestResultsDaily",
            &[(Integer, &COUNTS), (Decimal, &["ResultDurationSeconds"]), (Keyword, &["Workflow"])],
            &[("Pipeline", "Pipelines"), ("Date", "Dates"), ("Test", "Tests"), ("Branch", "Branches")],
            &[],
        ),
        index("TestPoints", &[(Keyword, &["LastResultOutcome"])], &[("TestSuite", "Suites")], &[]),
        index(
            "TestPointHistorySnapshot",
            &[(Keyword, &["ResultOutcome"]), (Integer, &["DateSK"])],
            &[("TestSuite", "Suites")],
            &[],
        ),
        index(
            "PipelineRunActivityResults",
            &[
                (Keyword, &["PipelineRunOutcome", "TaskDisplayName"]),
                (Integer, &["CanceledCount", "SkippedCount", "AbandonedCount"]),
                (Decimal, &["ActivityDurationSeconds"]),
            ],
            &[("Pipeline", "Pipelines"), ("PipelineRunCompletedOn", "Dates")],
            &[],
        ),
        index(
            "WorkItemSnapshot",
            &[
                (Keyword, &["WorkItemType", "StateCategory", "State"]),
                (Integer, &["Priority", "StoryPoints"]),
                (DateTime, &["DateValue"]),
            ],
            &[("Area", "Areas"), ("Iteration", "Iterations")],
            &[],
        ),
        index(
            "WorkItemLinks",
            &[(Keyword, &["LinkTypeName"])],
            &[("Source", "WorkItems"), ("TargetWorkItem", "WorkItems")],
            &[],
        ),
        index(
            "WorkItems",
            &[
                (Keyword, &["WorkItemType", "StateCategory", "State", "Title"]),
                (Integer, &["WorkItemId", "AreaSK", "StoryPoints"]),
                (DateTime, &["CompletedDate"]),
            ],
            &[("Area", "Areas"), ("Iteration", "Iterations"), ("AssignedTo", "Users"), ("Parent", "WorkItems")],
            &[("Descendants", "WorkItems", "Parent"), ("Links", "WorkItemLinks", "Source")],
        ),
    ]
}

fn context() -> Context {
    let now = chrono::DateTime::parse_from_rfc3339("2021-09-15T12:00:00Z").unwrap();
    Context::new(now.to_utc(), Access::unrestricted())
}

#[expect(clippy::too_many_lines, reason = "a schema is as long as it is")]
fn engine() -> Engine {
    let engine = Engine::builder(Catalog::new(schemas()).unwrap()).threads(2).segment_rows(3).build().unwrap();
    let mut tx = engine.transaction(&context()).unwrap();
    let mut add = |index: &str, columns: &[&str], rows: &[&[&str]]| {
        let mut table = Rows::new(columns.iter().copied());
        rows.iter().for_each(|row| table.push(row.iter().map(|cell| Value::from(*cell)).collect::<Vec<_>>()));
        tx.append(index, &table).unwrap();
    };
    add("Pipelines", &["Id", "PipelineName"], &[&["p", "contoso.ci"], &["q", "Other"]]);
    add("Dates", &["Id", "Date"], &[&["d1", "2021-09-02"], &["d2", "2021-09-03"], &["d0", "2020-01-01"]]);
    add(
        "Tests",
        &["Id", "TestName", "ContainerName"],
        &[&["t1", "Contoso.Tests.Login.It's_ok", "a.dll"], &["t2", "Other", "b.dll"]],
    );
    add("Branches", &["Id", "BranchName"], &[&["b", "main"]]);
    add(
        "Suites",
        &["Id", "TestPlanTitle", "IdLevel3", "TitleLevel3"],
        &[&["s", "Sprint 12", "3", "Smoke"], &["o", "Sprint 11", "4", "Old"]],
    );
    add("Areas", &["Id", "AreaPath"], &[&["a", "Contoso\\Web\\Shop"]]);
    add(
        "Iterations",
        &["Id", "IterationPath", "StartDate", "EndDate"],
        &[&["i", "It 1", "2021-09-01T00:00:00Z", "2021-09-30T00:00:00Z"]],
    );
    add("Users", &["Id", "UserName"], &[&["u", "Ada"]]);
    let daily = ["Id", "Pipeline", "Date", "Test", "Branch", "Workflow", "TestSK", "ResultDurationSeconds"];
    let daily: Vec<&str> = daily.into_iter().chain(COUNTS.into_iter().take(6)).collect();
    add(
        "TestResultsDaily",
        &daily,
        &[
            &["1", "p", "d1", "t1", "b", "Build", "1", "2.5", "4", "2", "1", "1", "0", "1"],
            &["2", "p", "d2", "t1", "b", "Build", "1", "1.5", "2", "2", "0", "0", "0", "0"],
            &["3", "p", "d2", "t2", "b", "Build", "2", "1", "1", "0", "0", "1", "0", "0"],
            &["4", "q", "d2", "t2", "b", "Build", "2", "9", "9", "0", "9", "0", "0", "9"],
        ],
    );
    let runs: Vec<&str> =
        ["Id", "Pipeline", "CompletedOn", "Workflow"].into_iter().chain(COUNTS.into_iter().take(6)).collect();
    add(
        "TestRuns",
        &runs,
        &[
            &["1", "p", "d1", "Build", "4", "2", "1", "1", "1", "0"],
            &["2", "p", "d2", "Build", "1", "0", "0", "1", "0", "0"],
        ],
    );
    add(
        "TestPoints",
        &["Id", "TestSuite", "LastResultOutcome"],
        &[
            &["1", "s", "Passed"],
            &["2", "s", "passed"],
            &["3", "s", "None"],
            &["4", "s", "Failed"],
            &["5", "o", "Failed"],
        ],
    );
    add(
        "TestPointHistorySnapshot",
        &["Id", "TestSuite", "ResultOutcome", "DateSK"],
        &[&["1", "s", "Passed", "20210902"], &["2", "s", "None", "20210902"], &["3", "s", "Passed", "20211001"]],
    );
    add(
        "PipelineRunActivityResults",
        &[
            "Id",
            "Pipeline",
            "PipelineRunCompletedOn",
            "PipelineRunOutcome",
            "TaskDisplayName",
            "CanceledCount",
            "SkippedCount",
            "AbandonedCount",
            "ActivityDurationSeconds",
        ],
        &[
            &["1", "p", "d1", "Succeed", "Build", "0", "0", "0", "10"],
            &["2", "p", "d1", "Succeed", "Build", "0", "0", "0", "20"],
            &["3", "p", "d1", "Succeed", "Test", "0", "0", "0", "40"],
            &["4", "p", "d1", "Failed", "Test", "0", "0", "0", "80"],
        ],
    );
    add(
        "WorkItemSnapshot",
        &["Id", "WorkItemType", "StateCategory", "State", "Priority", "StoryPoints", "DateValue", "Area", "Iteration"],
        &[&["1", "User Story", "InProgress", "Active", "1", "5", "2021-09-10T00:00:00Z", "a", "i"]],
    );
    add(
        "WorkItems",
        &[
            "Id",
            "WorkItemType",
            "State",
            "Title",
            "WorkItemId",
            "AreaSK",
            "StoryPoints",
            "Area",
            "Iteration",
            "AssignedTo",
            "Parent",
        ],
        &[
            &["f", "Feature", "Active", "Shop", "1", "7", "", "a", "i", "u", ""],
            &["s1", "User Story", "Active", "Cart", "2", "7", "3", "a", "i", "u", "f"],
            &["s2", "User Story", "Active", "Pay", "3", "7", "5", "a", "i", "u", "f"],
            &["b1", "Bug", "Active", "Oops", "4", "7", "8", "a", "i", "u", "f"],
        ],
    );
    add(
        "WorkItemLinks",
        &["Id", "LinkTypeName", "Source", "TargetWorkItem"],
        &[&["1", "Child", "f", "s1"], &["2", "Related", "f", "s2"]],
    );
    tx.commit().unwrap();
    engine
}

/// What some of the queries come to.
const EXPECTED: [(&str, &str); 7] = [
    (
        "test summary trend, build",
        r#"[{"CompletedOn":{"Date":"2021-09-02"},"ResultCount":4.0,"ResultPassCount":2.0,"ResultNotExecutedCount":1.0,"ResultNotImpactedCount":1.0,"ResultFailCount":1.0,"PassRate":100.0},{"CompletedOn":{"Date":"2021-09-03"},"ResultCount":1.0,"ResultPassCount":0.0,"ResultNotExecutedCount":1.0,"ResultNotImpactedCount":0.0,"ResultFailCount":0.0,"PassRate":0.0}]"#,
    ),
    (
        "failed tests",
        r#"[{"TestSK":1.0,"Test":{"TestName":"Contoso.Tests.Login.It's_ok"},"TotalCount":6.0,"PassedCount":4.0,"FailedCount":1.0,"NotExecutedCount":1.0,"NotImpactedCount":0.0,"FlakyCount":1.0,"PassRate":80.0}]"#,
    ),
    (
        "progress status",
        r#"[{"TotalCount":4.0,"Passed":2.0,"Failed":1.0,"Blocked":0.0,"NotApplicable":0.0,"NotExecuted":1.0,"Executed":3.0,"ExecPct":75.0,"PassedPct":66.0}]"#,
    ),
    (
        "execution trend",
        r#"[{"DateSK":20210902.0,"TotalCount":2.0,"Passed":1.0,"Failed":0.0,"Blocked":0.0,"NotApplicable":0.0,"NotExecuted":1.0,"Executed":1.0}]"#,
    ),
    (
        "task duration",
        r#"[{"TaskDuration50thPercentileInSeconds":40.0,"TaskDuration80thPercentileInSeconds":40.0,"TaskDuration95thPercentileInSeconds":40.0,"TaskDisplayName":"Test"},{"TaskDuration50thPercentileInSeconds":15.0,"TaskDuration80thPercentileInSeconds":18.0,"TaskDuration95thPercentileInSeconds":19.5,"TaskDisplayName":"Build"}]"#,
    ),
    (
        "rollup of child stories",
        r#"[{"Title":"Shop","WorkItemType":"Feature","State":"Active","WorkItemId":1.0,"AreaSK":7.0,"Area":{"AreaPath":"Contoso\\Web\\Shop"},"Iteration":{"IterationPath":"It 1"},"AssignedTo":{"UserName":"Ada"},"Descendants":[{"CountOfUserStories":2.0,"TotalStoryPoints":8.0}]}]"#,
    ),
    (
        "child list",
        r#"[{"Title":"Shop","WorkItemType":"Feature","State":"Active","WorkItemId":1.0,"AreaSK":7.0,"Area":{"AreaPath":"Contoso\\Web\\Shop"},"Iteration":{"IterationPath":"It 1"},"AssignedTo":{"UserName":"Ada"},"Links":[{"LinkTypeName":"Child","TargetWorkItem":{"WorkItemType":"User Story","State":"Active","Title":"Cart","WorkItemId":2.0}}]}]"#,
    ),
];

#[test]
fn every_published_query_runs() {
    let Some(cases) = super::cases("analytics-given.jsonl") else {
        println!("0 cases: folder not given");
        return;
    };
    let (engine, ctx) = (engine(), context());
    let snapshot = engine.snapshot();
    let mut wrong = Vec::new();
    for case in &cases {
        let text = |key: &str| case[key].as_str().unwrap();
        let query = ODataQuery::new(text("instance")).dialect(Dialect::V4);
        let answer = snapshot.index(text("set"), &ctx).unwrap().odata(&query, &ctx);
        match (text("expect"), answer) {
            ("reject", Err(error)) if error.kind() == ErrorKind::Query => {}
            ("reject", _) => wrong.push(format!("{} is taken", text("name"))),
            (_, Err(error)) => wrong.push(format!("{}: {}", text("name"), error.render(text("instance")))),
            (_, Ok(answer)) => {
                let rows: Json = answer.body.records.iter().map(to_json).collect();
                let expected = EXPECTED.iter().find(|(name, _)| *name == text("name"));
                if rows == Json::Array(Vec::new()) {
                    wrong.push(format!("{}: no rows", text("name")));
                }
                if let Some((name, expected)) = expected
                    && !same(&serde_json::from_str(expected).unwrap(), &rows)
                {
                    wrong.push(format!("{name}: {rows}"));
                }
            }
        }
    }
    println!("{} cases: {} passed, {} failed", cases.len(), cases.len() - wrong.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same JSON, whatever the order of properties.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (a, b) => a == b,
    }
}
