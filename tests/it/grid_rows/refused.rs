//! Requests that are refused whole: all mistakes at once, and nothing written.

use serde_json::{Value, json};
use tallygrid::{
    Access, Cancel, Condition, Context, GridAdd, GridColumn, GridColumnKind, GridDelete, GridRead, GridUpdate,
};

use super::{Tracker, World, told};

fn world() -> (World, Vec<String>) {
    let world = World::new([
        GridColumn::new("summary", GridColumnKind::String).required(),
        GridColumn::new("size", GridColumnKind::Integer),
        GridColumn::new("no", GridColumnKind::Sequence),
    ]);
    let ids = world.add(&json!([{"summary": "a"}, {"summary": "b", "size": 2}, {"summary": "c"}])).unwrap();
    (world, ids)
}

#[test]
fn every_mistake_of_a_request_is_told_at_once() {
    let (world, ids) = world();
    let before = world.read(&GridRead::all());
    let rows = json!([{"summary": "d"}, {"sumary": "e", "size": "big"}, {"summary": "", "no": "1"}]);
    let messages = json!([
        "No column 'sumary' (row 2)",
        "Column 'size' takes a whole number, not a text (row 2)",
        "Column 'summary' is required (row 2)",
        "Column 'summary' is required (row 3)",
        "Column 'no' is read-only (row 3)",
    ]);
    assert_eq!(told(&world.add(&rows).unwrap_err()), (400, messages));
    let rows = json!([
        {"rowId": ids[0], "columns": {"size": 5}},
        {"rowId": ids[1], "columns": {"summary": null, "size": 1.5}},
        {"rowId": ids[0], "columns": {}},
    ]);
    let messages = json!([
        "Column 'summary' is required (row row_2)",
        "Column 'size' takes a whole number, not '1.5' (row row_2)",
        "The row 'row_1' occurs twice (row row_1)",
    ]);
    assert_eq!(told(&world.update(&rows).unwrap_err()), (400, messages));
    assert_eq!(world.read(&GridRead::all()), before);
}

#[test]
fn one_unknown_row_leaves_all_others_alone() {
    let (world, ids) = world();
    let before = world.read(&GridRead::all());
    let messages = (404, json!(["No row 'row_9'", "No row 'row_8'"]));
    assert_eq!(told(&world.delete(&json!([ids[0], "row_9", ids[1], "row_8"])).unwrap_err()), messages);
    let change = |id: &str| json!({"rowId": id, "columns": {"size": 7}});
    let rows = json!([change(&ids[0]), change("row_9"), change("row_8")]);
    assert_eq!(told(&world.update(&rows).unwrap_err()), messages);
    // A row of another issue is no row of this one.
    let other = GridDelete::from_json(json!({"rows": [ids[0]]}).to_string().as_bytes()).unwrap();
    assert_eq!(told(&world.rows_of("TIS-2").delete(&other).unwrap_err()).0, 404);
    assert_eq!(world.read(&GridRead::all()), before);
    // Said twice it is deleted once; those behind move up.
    world.delete(&json!([ids[0], ids[0]])).unwrap();
    let page = world.read(&GridRead::all());
    let left: Vec<_> = page["rows"].as_array().unwrap().iter().map(|row| (&row["rowId"], &row["order"])).collect();
    assert_eq!(left, [(&json!(ids[1]), &json!(0)), (&json!(ids[2]), &json!(1))]);
    world.add(&json!([{"summary": "d"}])).unwrap();
    assert_eq!(world.read(&GridRead::all())["rows"][2]["order"], 2);
}

#[test]
fn bodies_that_are_no_requests() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let nested = format!(r#"{{"rows": [{{"summary": {deep}}}]}}"#);
    let errors = |body: &[u8]| {
        [GridAdd::from_json(body).err(), GridUpdate::from_json(body).err(), GridDelete::from_json(body).err()]
    };
    for body in ["", "rows", "[]", "{}", r#"{"rows": 5}"#, r#"{"rows": [null]}"#, &deep, &nested] {
        assert_eq!(errors(body.as_bytes()).map(|error| error.unwrap().http_status()), [400; 3], "{body}");
    }
    assert!(errors(b"\"\xff\"").iter().all(Option::is_some));
    let error = GridUpdate::from_json(br#"{"rows": [{"columns": []}, {"rowId": 5}]}"#).unwrap_err();
    let messages = [
        "$.rows[0]: 'rowId' is missing",
        "$.rows[0].columns: an object is expected here, not a list",
        "$.rows[1].rowId: a text is expected here, not a number",
        "$.rows[1]: 'columns' is missing",
    ];
    assert_eq!(told(&error), (400, json!(messages)));
}

#[test]
fn rows_that_the_caller_may_not_see_are_not_there() {
    let (world, ids) = world();
    let access = Access::none().allow("Tasks", Condition::is_in("summary", ["b"]));
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, access);
    let rows = world.grid.issue("10001", &world.engine, &Tracker, &ctx).unwrap();
    let seen = serde_json::to_value(rows.read(&GridRead::all()).unwrap()).unwrap();
    assert_eq!(seen["rows"].as_array().unwrap().len(), 1);
    let delete = |id: &str| GridDelete::from_json(json!({"rows": [id]}).to_string().as_bytes()).unwrap();
    assert_eq!(told(&rows.delete(&delete(&ids[0])).unwrap_err()), (404, json!(["No row 'row_1'"])));
    rows.delete(&delete(&ids[1])).unwrap();
    // Those that it may not see moved up all the same.
    let page = world.read(&GridRead::all().column_ids("summary"));
    let left: Vec<Value> = page["rows"].as_array().unwrap().iter().map(|row| row["order"].clone()).collect();
    assert_eq!(left, [json!(0), json!(1)]);
}

#[test]
fn a_cancelled_write_writes_nothing() {
    let (world, _) = world();
    let cancel = Cancel::new();
    cancel.cancel();
    let ctx = world.ctx.clone().cancel(cancel);
    let rows = world.grid.issue("TIS-1", &world.engine, &Tracker, &ctx).unwrap();
    let add = GridAdd::from_json(br#"{"rows": [{"summary": "d"}]}"#).unwrap();
    assert_eq!(told(&rows.add(&add).unwrap_err()).0, 499);
    assert_eq!(world.columns().as_array().unwrap().len(), 3);
}

#[test]
fn writers_at_once_number_their_rows_apart() {
    let (world, _) = world();
    let add = GridAdd::from_json(br#"{"rows": [{"summary": "x"}, {"summary": "y"}]}"#).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| world.rows().add(&add).unwrap());
        }
    });
    let page = world.read(&GridRead::all().column_ids("no"));
    let rows = page["rows"].as_array().unwrap();
    let numbered =
        (0u32..).zip(rows).all(|(at, row)| row["order"] == at && row["columns"]["no"] == json!((at + 1).to_string()));
    assert!(numbered && rows.len() == 19, "{rows:?}");
}
