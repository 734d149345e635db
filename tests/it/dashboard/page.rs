//! Each request of the page and its answer, field by field.

use serde_json::{Value, json};
use tallygrid::WidgetLinks;

use super::{OTHER_LINKS, TEAM_MEMBERS, dashboard, on, request, requests, sent, shown, shown_list};

const API: &str = "https://localhost:8080/tfs/DefaultCollection/6c9633e5-5633-4b1d-8081-02b35e39258e/8b69d2eb-2e18-4c75-a1ca-4c1820800e2e/_apis/Dashboard";

fn address() -> String {
    format!("{API}/Dashboards/e17c2ae9-c35c-4ddd-9d4b-6aa47aa4d01a")
}

fn links() -> WidgetLinks {
    WidgetLinks::new(address())
}

/// With the addresses that every answer has.
fn linked(mut widget: Value, dashboard: &str, widgets: &str) -> Value {
    let own = format!("{}/{}", widgets.trim_end_matches('/'), widget["id"].as_str().unwrap());
    widget["url"] = json!(own);
    widget["_links"] = json!({"self": {"href": own}, "group": {"href": widgets}, "dashboard": {"href": dashboard}});
    widget
}

fn answer(widget: Value) -> Value {
    linked(widget, &address(), &format!("{}/widgets", address()))
}

fn other_links(tag: &str, column: u32) -> Value {
    sent(OTHER_LINKS, tag, "Other Links", (1, column), (1, 2))
}

#[test]
fn add() {
    let board = tallygrid::Dashboard::restore(18, [], tallygrid::Ids::from_fn(|| OTHER_LINKS.to_owned())).unwrap();
    let mut body = on("18", other_links("1", 1));
    body.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "eTag");
    let added = board.add(&request(&body)).unwrap();
    assert_eq!(shown(&added, &links()), answer(on("19", other_links("1", 1))));
}

#[test]
fn get() {
    let board = dashboard(18, [other_links("5", 1)]);
    for spelling in [OTHER_LINKS.to_owned(), OTHER_LINKS.to_uppercase()] {
        let got = shown(&board.widget(&spelling).unwrap(), &links());
        assert_eq!(got, answer(on("18", other_links("5", 1))));
    }
    assert_eq!(board.list().e_tag, 18);
}

#[test]
fn update() {
    // The page's path names another widget than its body, which we refuse: see `bad`.
    let members = |tag: &str| sent(TEAM_MEMBERS, tag, "Team Members", (2, 6), (1, 2));
    let board = dashboard(6, [members("2")]);
    let patched = board.patch(TEAM_MEMBERS, &request(&on("6", members("2")))).unwrap();
    assert_eq!(shown(&patched, &links()), answer(on("7", members("3"))));
}

#[test]
fn replace() {
    let board = dashboard(18, [other_links("2", 1)]);
    let replaced = board.replace(OTHER_LINKS, &request(&on("18", other_links("2", 1)))).unwrap();
    assert_eq!(shown(&replaced, &links()), answer(on("19", other_links("3", 1))));
}

#[test]
fn delete() {
    let board = dashboard(18, [other_links("2", 1)]);
    let gone = board.delete(OTHER_LINKS, None).unwrap();
    assert_eq!(serde_json::to_value(gone).unwrap(), json!({"eTag": "19"}));
    assert_eq!(board.widget(OTHER_LINKS).unwrap_err().http_status(), 404);
}

#[test]
fn get_the_list() {
    let place = "https://localhost:8080/tfs/DefaultCollection/99755c45-cb33-4ab4-9f36-e5920cec7ba9/dc0d32d0-be95-4385-9df6-1176d698be22/_apis/Dashboard";
    let id = "29653dd2-c18a-4d19-8333-e556c5b8d025";
    let (own, list) = (format!("{place}/Dashboards/{id}"), format!("{place}/dashboards/{id}/Widgets/"));
    let queried = |id: &str, name: &str, place, size, settings: &str| {
        let mut widget = sent(id, "1", name, place, size);
        widget["settings"] = json!(settings);
        widget
    };
    let stories = r#"{"queryId":"e98c0831-1acb-458e-b2ac-1e7f841e0007", "queryName": "Open User Stories"}"#;
    let widgets = [
        sent(TEAM_MEMBERS, "2", "Team Members", (2, 6), (1, 2)),
        sent("15baf28a-2745-46eb-9597-3d5e512798a1", "1", "New Work Item", (3, 3), (1, 2)),
        queried("4b96050d-b065-4b68-9a38-4701aeca15f4", "Open User Stories", (3, 5), (1, 1), stories),
        sent("1b124d3a-ebad-413a-aca4-af14f7af87b6", "1", "Sprint Burndown", (3, 1), (1, 2)),
        sent("a5095720-c007-42df-8041-b50077b85313", "1", "Welcome", (1, 1), (2, 2)),
        sent("6bbef381-e10d-4cd1-884f-b7455acaae13", "2", "Visual Studio Shortcuts", (1, 7), (1, 2)),
        queried(
            "9dca1328-6811-4639-ba39-c20618731f73",
            "Open User Stories",
            (1, 3),
            (2, 3),
            &format!(r#"{{"query":{stories}}}"#),
        ),
        sent("5e419d89-3e9d-4cfd-a101-ffa5453e657c", "2", "Work Links", (3, 6), (1, 2)),
    ];
    let board = dashboard(18, widgets.clone());
    let links = WidgetLinks::new(&*own).widgets(&*list);
    let value: Vec<Value> = widgets.into_iter().map(|widget| linked(widget, &own, &list)).collect();
    assert_eq!(shown_list(&board.list(), &links), json!({"count": 8, "value": value}));
    assert_eq!(board.list().e_tag, 18);
}

#[test]
fn update_the_list() {
    let board = dashboard(18, [other_links("5", 1)]);
    // It only moves, so its own tag stays.
    let list = board.patch_list(&requests(&json!([other_links("5", 2)])), Some("18")).unwrap();
    assert_eq!(shown_list(&list, &links()), json!({"count": 1, "value": [answer(other_links("5", 2))]}));
    assert_eq!(list.e_tag, 19);
}

#[test]
fn replace_the_list() {
    let board = dashboard(18, [other_links("1", 1)]);
    let list = board.replace_list(&requests(&json!([other_links("1", 2)])), Some("18")).unwrap();
    assert_eq!(shown_list(&list, &links()), json!({"count": 1, "value": [answer(other_links("2", 2))]}));
    assert_eq!(list.e_tag, 19);
}
