//! Requests that are refused: with which status, in which words, and that nothing changes.

use serde_json::{Value, json};
use tallygrid::{Dashboard, Error, ErrorBody, WidgetRequest};

use super::{OTHER_LINKS, TEAM_MEMBERS, dashboard, on, request, requests, sent, tags};

fn two() -> Dashboard {
    let [a, b] = [("a", 1), ("b", 3)].map(|(id, column)| sent(id, "5", id, (1, column), (1, 2)));
    dashboard(7, [a, b])
}

/// What a request is refused with, after making sure that it changed nothing.
fn refused<T: std::fmt::Debug>(ask: impl FnOnce(&Dashboard) -> Result<T, Error>) -> (u16, Vec<String>) {
    let board = two();
    let before = board.list();
    let error = ask(&board).unwrap_err();
    assert_eq!(board.list(), before);
    (error.http_status(), error.diagnostics().iter().map(ToString::to_string).collect())
}

#[test]
fn stale_tags_are_conflicts_and_absent_ones_are_not_checked() {
    let told = ["the dashboard has the tag `7`, not `6`", "the widget `a` has the tag `5`, not `4`"];
    let stale = request(&on("6", json!({"name": "x", "eTag": "4"})));
    assert_eq!(refused(|board| board.patch("a", &stale)), (409, told.map(str::to_owned).to_vec()));
    let whole = request(&on("7", sent("a", "6", "x", (1, 1), (1, 2))));
    assert_eq!(refused(|board| board.replace("a", &whole)).0, 409);
    let new = request(&on("8", sent(Value::Null, Value::Null, "x", (2, 1), (1, 2))));
    assert_eq!(refused(|board| board.add(&new)).0, 409);
    assert_eq!(refused(|board| board.delete("a", Some("six"))).0, 409);
    let entry = requests(&json!([{"id": "a", "eTag": "4"}, {"id": "b", "eTag": "4"}]));
    let told = ["the dashboard has the tag `7`, not `\"6\"`", told[1], "the widget `b` has the tag `5`, not `4`"];
    assert_eq!(refused(|board| board.patch_list(&entry, Some("\"6\""))), (409, told.map(str::to_owned).to_vec()));
    let whole = requests(&json!([sent("a", "4", "x", (1, 1), (1, 2))]));
    assert_eq!(refused(|board| board.replace_list(&whole, None)).0, 409);

    let board = two();
    board.patch("a", &request(&json!({"name": "x"}))).unwrap();
    board.delete("b", None).unwrap();
    assert_eq!(tags(&board), (9, vec![("a".into(), 6)]));
}

#[test]
fn unknown_widgets_are_all_named() {
    let rename = request(&json!({"name": "x"}));
    let told = |id: &str| format!("no widget `{id}` on the dashboard");
    assert_eq!(refused(|board| board.patch("c", &rename)), (404, vec![told("c")]));
    assert_eq!(refused(|board| board.widget("c")), (404, vec![told("c")]));
    assert_eq!(refused(|board| board.delete("c", None)), (404, vec![told("c")]));
    let some = requests(&json!([{"id": "c"}, {"id": "a", "name": "x"}, {"id": "d"}]));
    assert_eq!(refused(|board| board.patch_list(&some, None)), (404, vec![told("c"), told("d")]));
    let whole = |id: &str, column| sent(id, Value::Null, id, (1, column), (1, 1));
    let some = requests(&json!([whole("a", 1), whole("c", 2), whole("d", 3)]));
    assert_eq!(refused(|board| board.replace_list(&some, None)), (404, vec![told("c"), told("d")]));
}

#[test]
fn ids_are_said_where_they_belong() {
    let with_id = request(&sent("c", Value::Null, "x", (2, 1), (1, 1)));
    let told = "$.id: a new widget has no id of its own".to_owned();
    assert_eq!(refused(|board| board.add(&with_id)), (400, vec![told]));
    // The page's own example: its path names one widget, its body another.
    let members = sent(TEAM_MEMBERS, "2", "Team Members", (2, 6), (1, 2));
    let told = format!("$.id: the id `{TEAM_MEMBERS}` is not the `{OTHER_LINKS}` that the path names");
    assert_eq!(refused(|board| board.patch(OTHER_LINKS, &request(&members))), (400, vec![told]));
    let some = requests(&json!([{"name": "x"}, {"id": "a"}, {"id": "A"}]));
    let told = vec!["$[0]: `id` is missing".to_owned(), "$[2].id: the widget `A` occurs twice".to_owned()];
    assert_eq!(refused(|board| board.patch_list(&some, None)), (400, told));
}

#[test]
fn what_a_whole_widget_needs_is_told_at_once() {
    let told = |at: &str, names: &[&str]| names.iter().map(|name| format!("{at}: `{name}` is missing")).collect();
    let needed = ["name", "position", "size", "contributionId"];
    assert_eq!(refused(|board| board.add(&request(&json!({})))), (400, told("$", &needed)));
    let named = request(&json!({"name": "x", "contributionId": "y"}));
    assert_eq!(refused(|board| board.replace("a", &named)), (400, told("$", &needed[1..3])));
    let list = requests(&json!([sent("a", Value::Null, "x", (1, 1), (1, 1)), {}]));
    assert_eq!(refused(|board| board.replace_list(&list, None)), (400, told("$[1]", &needed)));
}

#[test]
fn cells_are_taken_once() {
    let told = |names: [&str; 2]| vec![format!("the widgets `{}` and `{}` share row 1, column 3", names[0], names[1])];
    let onto = request(&json!({"position": {"row": 1, "column": 2}}));
    assert_eq!(refused(|board| board.patch("a", &onto)), (409, told(["a", "b"])));
    let new = request(&sent(Value::Null, Value::Null, "c", (1, 3), (9, 9)));
    assert_eq!(refused(|board| board.add(&new)), (409, told(["b", "c"])));
    let wider = requests(&json!([{"id": "a", "size": {"rowSpan": 1, "columnSpan": 3}}]));
    assert_eq!(refused(|board| board.patch_list(&wider, None)), (409, told(["a", "b"])));
    let both = requests(&json!(["c", "d"].map(|name| sent(Value::Null, Value::Null, name, (1, 3), (1, 1)))));
    assert_eq!(refused(|board| board.replace_list(&both, None)), (409, told(["c", "d"])));
}

#[test]
fn bodies_that_are_no_widgets() {
    let told = |body: &str| {
        let error = WidgetRequest::from_json(body.as_bytes()).unwrap_err();
        assert_eq!(error.http_status(), 400, "{body}");
        error.diagnostics().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(told("{name: 1}"), ["line 1, column 2: the body is not JSON: key must be a string"]);
    assert_eq!(told("[]"), ["$: an object is expected here, not a list"]);
    assert_eq!(
        told(r#"{"id": "a", "id": "b"}"#),
        ["line 1, column 16: the body is not JSON: the key `id` occurs twice"]
    );
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [deep.clone(), format!(r#"{{"_links": {deep}}}"#), deep.replace('[', "{\"a\":").replace(']', "}")] {
        assert!(told(&body)[0].ends_with("the body is not JSON: recursion limit exceeded"));
    }
    assert_eq!(
        WidgetRequest::list_from_json(b"{}").unwrap_err().to_string(),
        "$: a list is expected here, not an object"
    );
    assert!(WidgetRequest::from_json(b"\"\xff\"").is_err());
    let wrong = r#"[{"position": {"row": 1.5, "column": -1}, "settings": {}, "name": ""}, null,
                    {"size": [], "settingsVersion": {"major": 4294967296}, "dashboard": {"eTag": 18}}]"#;
    let error = WidgetRequest::list_from_json(wrong.as_bytes()).unwrap_err();
    let body = serde_json::to_value(ErrorBody::from(&error)).unwrap();
    let told: Vec<&str> =
        body["diagnostics"].as_array().unwrap().iter().map(|told| told["message"].as_str().unwrap()).collect();
    assert_eq!(
        told,
        [
            "$[0].name: the text is empty",
            "$[0].position.row: `1.5` is no whole number from 1 to 4294967295",
            "$[0].position.column: `-1` is no whole number from 1 to 4294967295",
            "$[0].settings: a text is expected here, not an object",
            "$[1]: an object is expected here, not null",
            "$[2].size: an object is expected here, not a list",
            "$[2].settingsVersion.major: `4294967296` is no whole number from 0 to 4294967295",
            "$[2].settingsVersion: `minor` is missing",
            "$[2].settingsVersion: `patch` is missing",
            "$[2].dashboard.eTag: a text is expected here, not a number",
        ]
    );
}

#[test]
fn kept_dashboards_are_checked_too() {
    let restored = |widgets: [Value; 2]| {
        let widgets = widgets.map(|widget| serde_json::from_value(widget).unwrap());
        Dashboard::restore(1, widgets, tallygrid::Ids::random()).unwrap_err().to_string()
    };
    let widget = |id: &str, column| sent(id, "1", id, (1, column), (1, 1));
    assert_eq!(restored([widget("a", 1), widget("A", 2)]), "two widgets have the id `A`");
    assert_eq!(restored([widget("a", 1), widget("b", 1)]), "the widgets `a` and `b` share row 1, column 1");
    assert_eq!(restored([widget("a", 1), widget("b", 0)]), "the widget `b` has no cell: rows and columns count from 1");
}

#[test]
fn a_source_of_ids_that_fails_changes_nothing() {
    let new = |name: &str, row| request(&sent(Value::Null, Value::Null, name, (row, 1), (1, 1)));
    let board = Dashboard::new(tallygrid::Ids::from_fn(|| "one".to_owned()));
    board.add(&new("a", 1)).unwrap();
    assert_eq!(board.add(&new("b", 2)).unwrap_err().http_status(), 500);
    let board = Dashboard::new(tallygrid::Ids::from_fn(|| panic!("out of ids")));
    assert_eq!(board.add(&new("a", 1)).unwrap_err().to_string(), "a computation failed: out of ids");
    assert_eq!(board.list().e_tag, 1);
}
