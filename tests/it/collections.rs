//! Collections of runs: each request of the page and its answer field by field; TQL, paging, expansions and the other kinds of
//! runs. Starting a run is `start`'s part, what callers may not see `permissions`', mistakes `mistakes`'.

mod mistakes;
mod permissions;
mod start;

use serde_json::{Value as Json, json};
use tallygrid::{
    Access, Catalog, Context, Engine, Error, Field, Kind, Rows, RunCollection, RunKind, RunQuery, SchemaBuilder, Value,
    presets, presets::execution,
};

const ASSIGNMENT: &str = "2264a622-2869-4ef8-8183-a0040106ca9d";
const SCRIPT: &str = "3503ada7-6f77-46ba-a083-a84747d53b2c";
const RUN: &str = "eb6b327c-df59-4f26-aa8d-a089009f0d1b";
const SECOND: &str = "eb6b327c-df59-4f26-aa8d-a089009f0d1c";
const THIRD: &str = "eb6b327c-df59-4f26-aa8d-a089009f0d1d";
const JOE: &str = "e7157154-5f93-4ec4-bde3-0a3e5c66b04a";

fn context() -> Context {
    let now = chrono::DateTime::parse_from_rfc3339("2012-01-01T14:04:05Z").unwrap();
    Context::new(now, Access::unrestricted())
}

/// The indexes of the page: nothing there expands widgets or fields of a host's own.
fn engine_with(run: SchemaBuilder, others: Vec<SchemaBuilder>) -> Engine {
    let own = [run, execution::assignment(), execution::script_step(), execution::step_result(), execution::user()];
    let schemas = own.into_iter().chain(others).map(|builder| builder.build().unwrap());
    let engine = Engine::builder(Catalog::new(schemas).unwrap()).threads(1).build().unwrap();
    let assignment = Rows::new(["Id", "Type", "Name", "ScriptId", "ScriptVersion", "ProjectId"]).row([
        ASSIGNMENT.into(),
        "scriptassignment".into(),
        "Login".into(),
        SCRIPT.into(),
        2.into(),
        "p1".into(),
    ]);
    append(&engine, "Assignment", &assignment);
    append(&engine, "User", &Rows::new(["Id", "UserName"]).row([JOE.into(), "joeb".into()]));
    engine
}

fn engine() -> Engine {
    engine_with(presets::run(), Vec::new())
}

fn append(engine: &Engine, index: &str, rows: &Rows) {
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append(index, rows).unwrap();
    tx.commit().unwrap();
}

/// A script run of the page by joeb.
fn script_run(id: &str, at: &str, status: &str, duration: Value) -> Vec<Value> {
    let head = [id.into(), "ScriptRun".into(), ASSIGNMENT.into(), SCRIPT.into(), 1.into(), status.into(), duration];
    head.into_iter().chain([at.into(), at.into()]).chain([JOE, "joeb"].repeat(3).into_iter().map(Value::from)).collect()
}

fn script_runs(engine: &Engine, runs: impl IntoIterator<Item = Vec<Value>>) {
    let columns = ["Id", "Type", "AssignmentId", "ScriptId", "ScriptVersion", "Status", "ActualDuration", "CreatedAt"];
    let people = ["CreatedById", "CreatedBy", "RunById", "RunBy", "LastUpdatedById", "LastUpdatedBy"];
    let rows = Rows::new(columns.into_iter().chain(["LastUpdatedAt"]).chain(people));
    append(engine, "Run", &runs.into_iter().fold(rows, Rows::row));
}

/// The two runs of the page's first answer.
fn page() -> Engine {
    let engine = engine();
    let runs = [
        script_run(RUN, "2012-02-02T15:05:06Z", "InProgress", Value::Null),
        script_run(SECOND, "2012-01-01T14:04:05Z", "Failed", "5 minutes".into()),
    ];
    script_runs(&engine, runs);
    engine
}

fn of_assignment() -> RunCollection {
    RunCollection::of(RunKind::Script).assignment(ASSIGNMENT).base("http://localhost/")
}

fn list(engine: &Engine, runs: &RunCollection, query: &RunQuery, ctx: &Context) -> Result<Json, Error> {
    Ok(serde_json::to_value(engine.snapshot().run_collection(runs, query, ctx)?.body).unwrap())
}

fn odata(engine: &Engine, query: &str) -> Json {
    list(engine, &of_assignment(), &RunQuery::odata(query), &context()).unwrap()
}

fn tql(engine: &Engine, pairs: &[(&str, &str)]) -> Json {
    list(engine, &of_assignment(), &RunQuery::tql(pairs.iter().copied()), &context()).unwrap()
}

fn ids(body: &Json) -> Vec<&str> {
    body["Items"].as_array().unwrap().iter().map(|run| run["Id"].as_str().unwrap()).collect()
}

/// A run of the page as a text.
fn item(id: &str, duration: &str, version: i64, at: &str, status: &str) -> String {
    format!(
        r#"{{"Id":"{id}",{duration}"ScriptId":"{SCRIPT}","ScriptVersion":{version},"AssignmentId":"{ASSIGNMENT}","CreatedAt":"{at}","LastUpdatedAt":"{at}","CreatedById":"{JOE}","CreatedBy":"joeb","RunById":"{JOE}","RunBy":"joeb","LastUpdatedById":"{JOE}","LastUpdatedBy":"joeb","Status":"{status}","Expands":["Assignment","StepResults"],"Self":"http://localhost/api/scriptrun/{id}"}}"#
    )
}

#[test]
fn all_runs_of_an_assignment() {
    let answer = page().snapshot().run_collection(&of_assignment(), &RunQuery::odata(""), &context()).unwrap();
    let first = item(RUN, "", 1, "2012-02-02T15:05:06Z", "In Progress");
    let second = item(SECOND, r#""ActualDuration":"5 minutes","#, 1, "2012-01-01T14:04:05Z", "Failed");
    assert_eq!(serde_json::to_string(&answer.body).unwrap(), format!(r#"{{"Items":[{first},{second}]}}"#));
}

#[test]
fn runs_filtered_by_year() {
    let engine = page();
    script_runs(&engine, [script_run(THIRD, "2011-01-01T14:04:05Z", "Failed", "5 minutes".into())]);
    for text in ["$filter=year(CreatedAt) eq 2011", "%24filter=year%28CreatedAt%29+eq%202011"] {
        let answer = engine.snapshot().run_collection(&of_assignment(), &RunQuery::odata(text), &context()).unwrap();
        let found = item(THIRD, r#""ActualDuration":"5 minutes","#, 1, "2011-01-01T14:04:05Z", "Failed");
        assert_eq!(serde_json::to_string(&answer.body).unwrap(), format!(r#"{{"Items":[{found}]}}"#));
    }
}

#[test]
fn options_of_odata() {
    let engine = page();
    for (query, expected) in [
        ("$top=1", vec![RUN]),
        ("$take=1", vec![RUN]),
        ("$take=1&$top=1", vec![RUN]),
        ("$top=0", vec![]),
        ("$skip=1", vec![SECOND]),
        ("$skip=9", vec![]),
        ("$orderby=CreatedAt", vec![SECOND, RUN]),
        ("$orderby=CreatedAt desc&$skip=1&$top=5", vec![SECOND]),
        ("$filter=Status eq 'In Progress'", vec![RUN]),
        ("$filter=Status eq 'inprogress'", vec![RUN]),
        ("$filter=substringof('joe',RunBy) eq true and ScriptVersion lt 2", vec![RUN, SECOND]),
        ("$filter=Id eq guid'EB6B327C-DF59-4F26-AA8D-A089009F0D1C'", vec![SECOND]),
        ("$filter=ActualDuration eq null", vec![RUN]),
        ("$filter=CreatedAt lt datetime'2012-02-01T00:00:00'&$inlinecount=none", vec![SECOND]),
    ] {
        let body = odata(&engine, query);
        assert_eq!((ids(&body), body.as_object().unwrap().len()), (expected, 1), "{query}");
    }
    let counted = odata(&engine, "$inlinecount=allpages&$top=1&$skip=1");
    let keys: Vec<&String> = counted.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["Skip", "Top", "Total", "Items"]);
    assert_eq!((&counted["Skip"], &counted["Top"], &counted["Total"]), (&json!(1), &json!(1), &json!(2)));
    assert_eq!(ids(&counted), [SECOND]);
    assert_eq!(odata(&engine, "$inlinecount=allpages&$filter=Status eq 'Blocked'")["Total"], 0);
}

#[test]
fn an_odata_collection_is_whole_and_a_tql_collection_has_25_runs() {
    let engine = engine();
    let id = |n: u32| format!("{n:08x}-0000-0000-0000-000000000000");
    script_runs(&engine, (0..30).map(|n| script_run(&id(n), "2012-01-01T00:00:00Z", "Passed", Value::Null)));
    assert_eq!(ids(&odata(&engine, "")).len(), 30);
    let body = tql(&engine, &[]);
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["Skip", "Top", "Total", "Items"]);
    assert_eq!(
        (&body["Skip"], &body["Top"], &body["Total"], ids(&body).len()),
        (&json!(0), &json!(25), &json!(30), 25)
    );
    let rest = tql(&engine, &[("$skip", "25"), ("$top", "10")]);
    assert_eq!((&rest["Total"], ids(&rest).len(), ids(&rest)[0]), (&json!(30), 5, &*id(25)));
    assert_eq!(tql(&engine, &[("$inlinecount", "none"), ("$TAKE", "2")]).as_object().unwrap().len(), 1);
    let past = tql(&engine, &[("$skip", "99"), ("$inlinecount", "allpages")]);
    assert_eq!((&past["Total"], &past["Items"]), (&json!(30), &json!([])));
}

#[test]
fn a_tql_collection_is_asked_in_its_time_zone() {
    let engine = page();
    script_runs(&engine, [script_run(THIRD, "2012-02-03T23:30:00Z", "Passed", Value::Null)]);
    let on = |zone: &str| {
        tql(&engine, &[("tql", "CreatedAt >= 2012-02-04 ORDER BY CreatedAt"), ("timeZone", zone)])["Total"].clone()
    };
    assert_eq!([on("UTC"), on("Europe/Berlin"), on("America/New_York")], [0, 1, 0]);
    let body =
        tql(&engine, &[("tql", "Status IN [Failed, Passed] ORDER BY CreatedAt DESC"), ("timeZone", "Europe/Berlin")]);
    assert_eq!((ids(&body), &body["Items"][0]["CreatedAt"]), (vec![THIRD, SECOND], &json!("2012-02-03T23:30:00Z")));
}

#[test]
fn what_is_expanded_moves_out_of_the_names() {
    let engine = page();
    let step = |n: u32, run: &str, at: i64, outcome: Value| {
        let id = format!("{n:08x}-e4d1-4616-af1c-54cb519de480");
        [id.into(), run.into(), at.into(), "Do this".into(), "Expect that".into(), outcome]
    };
    let steps = Rows::new(["Id", "RunId", "Position", "Description", "ExpectedResult", "Outcome"])
        .row(step(2, RUN, 2, Value::Null))
        .row(step(1, &RUN.to_uppercase(), 1, "Passed".into()))
        .row(step(3, THIRD, 1, Value::Null));
    append(&engine, "StepResult", &steps);
    let body = odata(&engine, "$expand=StepResults");
    let run = &body["Items"][0];
    let keys: Vec<&String> = run.as_object().unwrap().keys().collect();
    assert_eq!(keys[keys.len() - 4..], ["Status", "Expands", "StepResults", "Self"]);
    assert_eq!(run["Expands"], json!(["Assignment"]));
    assert_eq!(
        serde_json::to_string(&run["StepResults"][0]).unwrap(),
        format!(
            r#"{{"RunId":"{RUN}","Id":"00000001-e4d1-4616-af1c-54cb519de480","Description":"Do this","Data":null,"Notes":null,"ExpectedResult":"Expect that","ActualResult":null,"Outcome":"Passed","HasIncidents":false,"HasAttachments":false,"Self":"http://localhost/api/stepresult/00000001-e4d1-4616-af1c-54cb519de480"}}"#
        )
    );
    assert_eq!(
        (&run["StepResults"][1]["Outcome"], run["StepResults"].as_array().unwrap().len()),
        (&json!("NotRun"), 2)
    );
    assert_eq!(body["Items"][1]["StepResults"], json!([]), "a run without results has an empty list");
    let both = odata(&engine, "$filter=Status eq 'Failed'&$expand=stepresults,Assignment, StepResults");
    let run = &both["Items"][0];
    assert_eq!((&run["Expands"], &run["StepResults"]), (&json!([]), &json!([])));
    let assignment = &run["Assignment"];
    assert_eq!(
        (&assignment["Id"], &assignment["Name"], &assignment["ScriptVersion"]),
        (&json!(ASSIGNMENT), &json!("Login"), &json!(2))
    );
    assert_eq!(assignment["Self"], format!("http://localhost/api/scriptassignment/{ASSIGNMENT}"));
    assert_eq!(tql(&engine, &[("$expand", "Assignment,StepResults")])["Items"][1], *run);
}

#[test]
fn a_host_may_keep_widgets_and_fields_of_its_own() {
    let run = presets::run().field(Field::new("Browser", Kind::Keyword)).field(Field::new("Cost", Kind::Decimal));
    let engine = engine_with(run, vec![execution::run_widget()]);
    script_runs(&engine, [script_run(RUN, "2012-01-01T00:00:00Z", "Passed", Value::Null)]);
    let mut tx = engine.transaction(&context()).unwrap();
    tx.patch("Run", &RUN.into(), [("Browser", "Firefox".into()), ("Cost", "12345678901234.000000000001".into())])
        .unwrap();
    tx.append(
        "RunWidget",
        &Rows::new(["Id", "RunId", "Name", "Value"]).row([SECOND.into(), RUN.into(), "Notes".into(), "fine".into()]),
    )
    .unwrap();
    tx.commit().unwrap();
    assert_eq!(
        odata(&engine, "")["Items"][0]["Expands"],
        json!(["Assignment", "StepResults", "Widgets", "FieldValues"])
    );
    let query = RunQuery::odata("$expand=FieldValues,Widgets");
    let answer = engine.snapshot().run_collection(&of_assignment(), &query, &context()).unwrap();
    let text = serde_json::to_string(&answer.body).unwrap();
    let expanded = r#""Expands":["Assignment","StepResults"],"Widgets":[{"Name":"Notes","Value":"fine"}],"FieldValues":[{"Name":"Browser","Value":"Firefox"},{"Name":"Cost","Value":12345678901234.000000000001}],"Self""#;
    assert!(text.contains(expanded), "{text}");
}

#[test]
fn automated_and_agile_runs_have_their_own_fields() {
    let run = presets::run().fields(["Notes", "Objective"].map(|name| Field::new(name, Kind::Text)));
    let engine = engine_with(run.field(Field::new("Priority", Kind::Keyword)), Vec::new());
    let rows = Rows::new([
        "Id",
        "Type",
        "Status",
        "RunBy",
        "RunByDisplayName",
        "ImportedAt",
        "StartedAt",
        "FinishedAt",
        "Totals.Passed",
        "Totals.Failed",
    ])
    .row([
        RUN.into(),
        "AutomatedTestRun".into(),
        "NotRun".into(),
        "joeb".into(),
        "Joe".into(),
        "2012-01-02T00:00:00.5Z".into(),
        "2012-01-01T00:00:10Z".into(),
        // Before its start, as real data has it.
        "2012-01-01T00:00:05Z".into(),
        3.into(),
        1.into(),
    ]);
    append(&engine, "Run", &rows);
    let agile =
        Rows::new(["Id", "Type", "Name", "RunNumber", "ProjectId", "Project", "Status", "ActualDuration", "Objective"]);
    let row = [
        SECOND.into(),
        "AgileRun".into(),
        "Explore".into(),
        7.into(),
        "p1".into(),
        "Web".into(),
        "Passed".into(),
        "1h 30m".into(),
        "find bugs".into(),
    ];
    append(&engine, "Run", &agile.row(row));
    let all = RunCollection::all().base("/");
    let of = |query: &str| list(&engine, &all, &RunQuery::odata(query), &context()).unwrap();
    let body = of("$expand=Totals,Project,Status,Steps");
    assert_eq!(
        serde_json::to_string(&body["Items"][0]).unwrap(),
        format!(
            r#"{{"Id":"{RUN}","Status":"Not Run","RunBy":"joeb","RunById":null,"RunByDisplayName":"Joe","AssignmentId":null,"ImportedAt":"2012-01-02T00:00:00.5Z","StartedAt":"2012-01-01T00:00:10Z","FinishedAt":"2012-01-01T00:00:05Z","Expands":["Assignment"],"Totals":{{"Errors":0,"Failed":1,"NotRun":0,"Passed":3,"Skipped":0,"Warnings":0,"InProgress":0,"Undetermined":0,"Blocked":0}},"Self":"/api/automatedtestrun/{RUN}"}}"#
        )
    );
    assert_eq!(
        serde_json::to_string(&body["Items"][1]).unwrap(),
        format!(
            r#"{{"Id":"{SECOND}","AssignedToId":null,"AssignedTo":null,"Name":"Explore","Notes":null,"Number":7,"Objective":"find bugs","PackageId":null,"ProjectId":"p1","ProjectName":"Web","ActualDuration":"1 hour 30 minutes","ExecutionStatus":"Passed","Expands":["Priority"],"Steps":[],"Project":{{"Id":"p1","Name":"Web"}},"Status":{{"Id":null,"Name":"Passed"}},"Self":"/api/agilerun/{SECOND}"}}"#
        )
    );
    let automated = RunCollection::of(RunKind::Automated);
    assert_eq!(ids(&list(&engine, &automated, &RunQuery::odata(""), &context()).unwrap()), [RUN]);
    assert_eq!(ids(&of("$filter=Type eq 'AgileRun'")), [SECOND]);
}

#[test]
fn one_run_by_its_id_in_any_spelling() {
    let (engine, runs) = (page(), of_assignment());
    let bare: String = SECOND.chars().filter(|c| *c != '-').collect();
    for spelling in [SECOND, &*SECOND.to_uppercase(), &format!("{{{SECOND}}}"), &bare] {
        let item =
            engine.snapshot().run_item(&runs, spelling, &RunQuery::odata("$expand=Assignment"), &context()).unwrap();
        let body = serde_json::to_value(item.body).unwrap();
        assert_eq!((&body["Id"], &body["Expands"]), (&json!(SECOND), &json!(["StepResults"])));
        let collection = RunCollection::of(RunKind::Script).assignment(spelling.replace(SECOND, ASSIGNMENT));
        assert!(list(&engine, &collection, &RunQuery::odata(""), &context()).is_ok() || !spelling.contains(SECOND));
    }
    let assignment = format!("{{{}}}", ASSIGNMENT.to_uppercase());
    let collection = RunCollection::of(RunKind::Script).assignment(assignment);
    assert_eq!(ids(&list(&engine, &collection, &RunQuery::odata(""), &context()).unwrap()).len(), 2);
}
