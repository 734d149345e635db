//! Each request of the page and its answer, field by field.

use serde_json::{Value, json};
use tallygrid::{Error, GridColumn, GridColumnKind, GridRead};

use super::{World, told};

fn world() -> World {
    World::new([
        GridColumn::new("summary", GridColumnKind::String).required(),
        GridColumn::new("status", GridColumnKind::single_select(["Open", "In Progress", "Done"])),
        GridColumn::new("user", GridColumnKind::UserList),
    ])
}

/// The rows of the page.
fn three(world: &World) -> Vec<String> {
    let row = |summary: &str, status: &str, user: &str| json!({"summary": summary, "status": status, "user": user});
    let rows = json!([
        row("Prepare", "Done", "LeBron James"),
        row("Implement", "In Progress", "Odell Beckham Jr"),
        row("Validate", "Open", "Tom Brady"),
    ]);
    world.add(&rows).unwrap()
}

fn row(id: &str, summary: &str, status: &str, user: &str, order: u32) -> Value {
    let user = json!({"value": user, "avatar": "{avatar url}"});
    json!({"rowId": id, "columns": {"summary": summary, "status": status, "user": user}, "order": order})
}

#[test]
fn read() {
    let world = world();
    let ids = three(&world);
    let rows = [
        row(&ids[0], "Prepare", "Done", "LeBron James", 0),
        row(&ids[1], "Implement", "In Progress", "Odell Beckham Jr", 1),
        row(&ids[2], "Validate", "Open", "Tom Brady", 2),
    ];
    let page = json!({"customFieldId": "12345", "description": "This is grid custom field", "rows": rows});
    assert_eq!(world.read(&GridRead::all()), page);
    assert_eq!(world.read(&GridRead::all().column_ids("")), page);
}

#[test]
fn read_some_columns() {
    let world = world();
    three(&world);
    let page = world.read(&GridRead::all().column_ids("status, summary"));
    assert_eq!(page["rows"][1]["columns"], json!({"summary": "Implement", "status": "In Progress"}));
    let error = world.rows().read(&GridRead::all().column_ids("sumary,status,nix")).unwrap_err();
    assert_eq!(told(&error), (400, json!(["No column 'sumary'", "No column 'nix'"])));
}

#[test]
fn add() {
    let world = world();
    let ids = world.add(&json!([{"status": "Open", "user": "Stephen Curry", "summary": "New row"}])).unwrap();
    assert_eq!(serde_json::to_value(&ids).unwrap(), json!(["row_1"]));
    let user = json!({"key": "curry", "username": "steph", "value": "Stephen Curry"});
    assert_eq!(world.columns(), json!([{"summary": "New row", "status": "Open", "user": user}]));
    let error = world.add(&json!([{"status": "Open", "user": "Stephen Curry"}])).unwrap_err();
    assert_eq!(told(&error), (400, json!(["Column 'summary' is required"])));
}

#[test]
fn update() {
    let world = world();
    let ids = three(&world);
    let columns = json!({"status": "Open", "user": "Blake Griffin", "summary": "Updated value"});
    world.update(&json!([{"rowId": ids[1], "columns": columns}])).unwrap();
    let user = json!({"key": "griffin", "value": "Blake Griffin"});
    let changed = json!({"summary": "Updated value", "status": "Open", "user": user});
    let page = world.read(&GridRead::all());
    assert_eq!(page["rows"][1], json!({"rowId": ids[1], "columns": changed, "order": 1}));
    assert_eq!(page["rows"][2], row(&ids[2], "Validate", "Open", "Tom Brady", 2));
    for empty in [json!(null), json!(""), json!([])] {
        let error = world.update(&json!([{"rowId": ids[1], "columns": {"summary": empty}}])).unwrap_err();
        assert_eq!(told(&error), (400, json!(["Column 'summary' is required"])));
    }
}

#[test]
fn delete() {
    let world = world();
    let ids = three(&world);
    world.delete(&json!([ids[0], ids[2]])).unwrap();
    assert_eq!(
        world.read(&GridRead::all())["rows"],
        json!([row(&ids[1], "Implement", "In Progress", "Odell Beckham Jr", 0)])
    );
}

#[test]
fn who_may_not_is_told_nothing_else() {
    let world = world();
    assert_eq!(told(&Error::unauthenticated()), (401, json!(["The request has no valid credentials"])));
    let ask = |issue, ctx| world.grid.issue(issue, &world.engine, &super::Tracker, ctx).map(drop).unwrap_err();
    let told_of = |issue| told(&ask(issue, &world.ctx));
    assert_eq!(told_of("TIS-9"), (404, json!(["No such issue or grid"])));
    let none = tallygrid::Context::new(chrono::DateTime::UNIX_EPOCH, tallygrid::Access::none());
    assert_eq!(told(&ask("TIS-1", &none)), told_of("TIS-9"));
    // A host that fails: what it said is not for those who ask.
    assert_eq!(told_of("TIS-0"), (500, json!(["An internal error occurred"])));
}
