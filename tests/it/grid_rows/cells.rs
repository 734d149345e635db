//! Every kind of column: what it takes, in which shape it comes back, what it refuses.

use serde_json::{Value, json};
use tallygrid::{Grid, GridColumn, GridColumnKind, GridRead, Ids};

use super::{World, told};

fn world() -> World {
    let column = GridColumn::new;
    World::new([
        column("done", GridColumnKind::Checkbox),
        column("size", GridColumnKind::Integer),
        column("cost", GridColumnKind::Number),
        column("day", GridColumnKind::Date),
        column("at", GridColumnKind::DateTime),
        column("alarm", GridColumnKind::Time),
        column("title", GridColumnKind::String),
        column("notes", GridColumnKind::TextArea),
        column("state", GridColumnKind::single_select(["Open", "Done"])),
        column("tags", GridColumnKind::multi_select(["a", "b", "c"])),
        column("no", GridColumnKind::Sequence),
        column("owner", GridColumnKind::UserList),
        column("source", GridColumnKind::String).read_only(),
    ])
}

#[test]
fn values_come_back_as_they_went_in() {
    let world = world();
    let user = json!({"key": "curry", "username": "steph", "value": "Stephen Curry"});
    let full = json!({
        "done": false, "size": -3, "cost": 0.1, "day": 1_709_942_400_000_i64, "at": -1, "alarm": 86_399_999,
        "title": "a\nb", "notes": "long", "state": "Done", "tags": ["c", "a"], "owner": user,
    });
    world.add(&json!([full, {}])).unwrap();
    let mut first = full;
    (first["no"], first["source"]) = (json!("1"), json!(null));
    let mut second = first.clone();
    second.as_object_mut().unwrap().values_mut().for_each(|value| *value = Value::Null);
    second["no"] = json!("2");
    assert_eq!(world.columns(), json!([first, second]));
    // Empty values clear, all others stay.
    let ids = world.read(&GridRead::all());
    let cleared = json!({"done": null, "title": "", "tags": [], "owner": null, "size": 4.0});
    world.update(&json!([{"rowId": ids["rows"][0]["rowId"], "columns": cleared}])).unwrap();
    (first["done"], first["title"], first["tags"], first["owner"]) = Default::default();
    first["size"] = json!(4);
    assert_eq!(world.columns()[0], first);
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let world = world();
    let refused = |column: &str, value: Value| {
        let (status, told) = told(&world.add(&json!([{column: value}])).unwrap_err());
        assert_eq!((status, told.as_array().unwrap().len()), (400, 1), "{column}");
        told[0].as_str().unwrap().to_owned()
    };
    for (column, value, message) in [
        ("done", json!("true"), "Column 'done' takes true or false, not a text"),
        ("size", json!(1.5), "Column 'size' takes a whole number, not '1.5'"),
        ("size", json!("1"), "Column 'size' takes a whole number, not a text"),
        ("size", json!(1e300), "Column 'size' takes a whole number, not '1e+300'"),
        ("size", json!(i64::MIN), "Column 'size': -9223372036854775808 is outside the range of integers"),
        ("cost", json!({}), "Column 'cost' takes a number, not an object"),
        ("cost", json!(1e15), "Column 'cost': '1000000000000000.0': more than 14 digits before or 24 after the point"),
        (
            "day",
            json!(1_709_942_400_001_i64),
            "Column 'day' takes a day's midnight in UTC in milliseconds, not '1709942400001'",
        ),
        ("day", json!(86_400_000_i64 * 4_000_000), "Column 'day': a day outside years 1 to 9999"),
        ("at", json!("2024-01-01"), "Column 'at' takes an instant in milliseconds since 1970, not a text"),
        ("at", json!(i64::MAX), "Column 'at' takes an instant in milliseconds since 1970, not '9223372036854775807'"),
        ("at", json!(i64::MAX / 1000), "Column 'at': an instant outside years 1 to 9999"),
        (
            "alarm",
            json!(86_400_000),
            "Column 'alarm' takes a time of day in milliseconds since midnight, not '86400000'",
        ),
        ("alarm", json!(-1), "Column 'alarm' takes a time of day in milliseconds since midnight, not '-1'"),
        ("title", json!(5), "Column 'title' takes a text, not '5'"),
        ("notes", json!(["a"]), "Column 'notes' takes a text, not a list"),
        ("state", json!("open"), "Column 'state' has no option 'open'"),
        ("state", json!(["Open"]), "Column 'state' takes the title of an option, not a list"),
        ("tags", json!("a"), "Column 'tags' takes a list of titles, not a text"),
        ("tags", json!(["a", "d"]), "Column 'tags' has no option 'd'"),
        ("tags", json!(["a", null]), "Column 'tags' takes a list of titles, not a list"),
        ("no", json!("7"), "Column 'no' is read-only"),
        ("source", json!(null), "Column 'source' is read-only"),
        ("owner", json!("Nobody"), "Column 'owner': no user 'Nobody'"),
        ("owner", json!({"key": "nobody"}), "Column 'owner': no user 'nobody'"),
        ("owner", json!({"key": "Stephen Curry"}), "Column 'owner': no user 'Stephen Curry'"),
        ("owner", json!({"value": "Stephen Curry"}), "Column 'owner' takes a user with a 'key'"),
        (
            "owner",
            json!({"key": "curry", "avatar": 5}),
            "Column 'owner': the 'avatar' of a user is a text, not a number",
        ),
        ("owner", json!(5), "Column 'owner' takes a user, not '5'"),
        ("Title", json!("x"), "No column 'Title'"),
    ] {
        assert_eq!(refused(column, value), message);
    }
    assert_eq!(world.columns(), json!([]));
    assert_eq!(told(&world.add(&json!([{"owner": "crash"}])).unwrap_err()).0, 500);
}

#[test]
fn sequences_go_on_whatever_happens_to_rows() {
    let world = world();
    let numbers = || {
        let page = world.columns();
        page.as_array().unwrap().iter().map(|columns| columns["no"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let ids = world.add(&json!([{}, {}])).unwrap();
    world.add(&json!([{"size": "wrong"}])).unwrap_err();
    world.delete(&json!(ids)).unwrap();
    world.add(&json!([{}])).unwrap();
    assert_eq!(numbers(), ["3"]);
    // Each issue counts by itself.
    let other = tallygrid::GridAdd::from_json(br#"{"rows": [{}]}"#).unwrap();
    world.rows_of("TIS-2").add(&other).unwrap();
    assert_eq!(
        world.grid.counters_by_issue().into_iter().collect::<Vec<_>>(),
        [("TIS-1".into(), 3), ("TIS-2".into(), 1)]
    );

    // A grid made anew over the same rows goes on behind the greatest, or where its host says.
    let anew = || Grid::new("Tasks", "12345", world.grid.columns().to_vec(), Ids::random()).unwrap();
    for (grid, last) in [(anew(), "4"), (anew().with_counters([("TIS-1".to_owned(), 9)]), "10")] {
        grid.issue("TIS-1", &world.engine, &super::Tracker, &world.ctx).unwrap().add(&other).unwrap();
        assert_eq!(numbers().pop().unwrap(), last);
    }
}

#[test]
fn grids_that_cannot_be() {
    let wrong = |columns: Vec<GridColumn>| {
        let error = Grid::new("Tasks", "1", columns, Ids::random()).unwrap_err();
        error.diagnostics().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let column = GridColumn::new;
    let told = wrong(vec![
        column("Order", GridColumnKind::Integer),
        column("a", GridColumnKind::SingleSelect(Vec::new())),
        column("b", GridColumnKind::Sequence).required(),
        column("c", GridColumnKind::String).read_only().required(),
    ]);
    assert_eq!(
        told,
        [
            "Tasks.fields[3]: the name `Order` is taken (case is ignored)",
            "column a: it has no options",
            "column b: it is required, and no request may write it",
            "column c: it is required, and no request may write it",
        ]
    );
}
