//! The rows are an index like any other: TQL, OData, grouping and paging.

use serde_json::{Value, json};
use tallygrid::{
    Condition, Dialect, GridColumn, GridColumnKind, GridRead, GroupBy, GroupResults, ODataBody, ODataQuery, Period,
    Query, ResultsBody,
};

use super::{World, told};

fn world() -> World {
    let world = World::new([
        GridColumn::new("summary", GridColumnKind::String),
        GridColumn::new("status", GridColumnKind::single_select(["Open", "In Progress", "Done"])),
        GridColumn::new("tags", GridColumnKind::multi_select(["ui", "api"])),
        GridColumn::new("cost", GridColumnKind::Number),
        GridColumn::new("day", GridColumnKind::Date),
        GridColumn::new("user", GridColumnKind::UserList),
    ]);
    let day = |n: i64| json!(n * 86_400_000);
    let rows = json!([
        {"summary": "Prepare the login", "status": "Done", "tags": ["ui"], "cost": 0.1, "day": day(0), "user": "curry"},
        {"summary": "Implement", "status": "In Progress", "tags": ["ui", "api"], "cost": 0.2, "day": day(2), "user": "griffin"},
        {"summary": "Validate", "status": "Open", "cost": 3, "day": day(2), "user": "Stephen Curry"},
        {"summary": "Ship", "status": "Open"},
    ]);
    world.add(&rows).unwrap();
    let other = tallygrid::GridAdd::from_json(br#"{"rows": [{"summary": "Elsewhere", "status": "Open"}]}"#).unwrap();
    world.rows_of("TIS-2").add(&other).unwrap();
    world
}

fn summaries(page: &Value) -> Vec<&str> {
    page["rows"].as_array().unwrap().iter().map(|row| row["columns"]["summary"].as_str().unwrap()).collect()
}

#[test]
fn tql_selects_and_orders_rows_of_one_issue_and_of_all() {
    let world = world();
    let select = |text: &str| world.read(&GridRead::all().tql(text));
    let found = select("user.key = curry AND cost < 5 ORDER BY cost DESC");
    assert_eq!(summaries(&found), ["Validate", "Prepare the login"]);
    // Where a row stands in the grid does not depend on what is asked.
    assert_eq!(found["rows"][0]["order"], 2);
    assert_eq!(summaries(&select("tags = api OR summary ~ login")), ["Prepare the login", "Implement"]);
    assert_eq!(summaries(&select(r#"user = "Stephen Curry" ORDER BY status"#)), ["Validate", "Prepare the login"]);
    assert_eq!(summaries(&select("day = 1970-01-03")), ["Implement", "Validate"]);
    let error = world.rows().read(&GridRead::all().tql("stauts = Open")).unwrap_err();
    assert_eq!(told(&error), (400, json!(["In 'tql': 'Tasks' has no field 'stauts'"])));

    let tasks = world.engine.snapshot();
    let tasks = tasks.index("Tasks", &world.ctx).unwrap();
    assert_eq!(tasks.count(&Query::tql("status = Open"), &world.ctx).unwrap().body, 3);
    assert_eq!(tasks.count(&Query::tql("issue = TIS-2"), &world.ctx).unwrap().body, 1);
}

#[test]
fn odata_filters_orders_and_computes() {
    let world = world();
    let snapshot = world.engine.snapshot();
    let query = ODataQuery::new(
        "$filter=issue eq 'TIS-1' and cost add 1 gt 1.1&$orderby=cost desc&$select=summary,order&$count=true",
    )
    .dialect(Dialect::V4);
    let page = snapshot.index("Tasks", &world.ctx).unwrap().odata(&query, &world.ctx).unwrap().body;
    let body = serde_json::to_value(ODataBody { page: &page, dialect: Dialect::V4, base: "" }).unwrap();
    assert_eq!(body["@odata.count"], 2);
    assert_eq!(body["value"], json!([{"summary": "Validate", "order": 2}, {"summary": "Implement", "order": 1}]));
}

#[test]
fn rows_are_grouped_and_measured() {
    let world = world();
    let snapshot = world.engine.snapshot();
    let tasks = snapshot.index("Tasks", &world.ctx).unwrap();
    let of_issue = || Query::all().scope(Condition::is_in("issue", ["TIS-1"]));
    let groups = |by: &GroupBy| {
        let groups = tasks.group(by, &of_issue(), &world.ctx).unwrap().body;
        serde_json::to_value(GroupResults(&groups)).unwrap()["Data"]["Results"].clone()
    };
    // A row with two tags is in two groups.
    let counts = |key: &str, counts: [u32; 3]| json!({"Key": key, "Open": counts[0], "In Progress": counts[1], "Done": counts[2]});
    assert_eq!(
        groups(&GroupBy::field("tags")),
        json!([counts("", [2, 0, 0]), counts("ui", [0, 1, 1]), counts("api", [0, 1, 0])])
    );
    let days = groups(&GroupBy::period("day", Period::Day));
    let keys: Vec<&str> = days.as_array().unwrap().iter().map(|row| row["Key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["", "1970-01-01", "1970-01-02", "1970-01-03"]);
    let sums =
        Query::tql("GROUP BY user.key { SUM(cost) AS cost } AS users").scope(Condition::is_in("issue", ["TIS-1"]));
    let sums = tasks.aggregate(&sums, &world.ctx).unwrap().body;
    assert_eq!(serde_json::to_value(ResultsBody(&sums)).unwrap()["Results"]["users"]["curry"], json!({"cost": 3.1}));
}

#[test]
fn pages_together_are_all_rows() {
    let world = world();
    let page = |start, max| world.read(&GridRead::all().start_at(start).max_results(max).column_ids("summary"));
    let all: Vec<Value> =
        [page(0, 3), page(3, 3)].iter().flat_map(|page| page["rows"].as_array().unwrap().clone()).collect();
    assert_eq!(json!(all), world.read(&GridRead::all().column_ids("summary"))["rows"]);
    let second = page(3, 3);
    let place = ["startAt", "maxResults", "total"].map(|name| second[name].as_u64().unwrap());
    assert_eq!(place, [3, 3, 4]);
    assert_eq!(page(9, 3)["rows"], json!([]));
    let rest = world.read(&GridRead::all().start_at(2));
    assert_eq!((rest["rows"].as_array().unwrap().len(), &rest["maxResults"]), (2, &Value::Null));
}
