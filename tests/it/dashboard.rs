//! Dashboard widgets: every request of the page that the surface was founded on with its answer, versions, bad input.

mod bad;
mod history;
mod page;
mod run;

use serde_json::{Value, json};
use tallygrid::{Dashboard, Ids, Widget, WidgetLinks, WidgetListBody, WidgetOnBoard, WidgetRequest};

pub(crate) const OTHER_LINKS: &str = "69f6c5b7-0eb0-4067-b75f-6edff74d0fcf";
pub(crate) const TEAM_MEMBERS: &str = "456afb86-ecf6-49cf-bbcc-1ab7d0fc14b2";

/// What a client sends of a widget; null where it says nothing.
pub(crate) fn sent(
    id: impl Into<Value>,
    tag: impl Into<Value>,
    name: &str,
    (row, column): (u32, u32),
    (rows, columns): (u32, u32),
) -> Value {
    json!({
        "id": id.into(), "eTag": tag.into(), "name": name,
        "position": {"row": row, "column": column}, "size": {"rowSpan": rows, "columnSpan": columns},
        "settings": null, "settingsVersion": {"major": 1, "minor": 0, "patch": 0},
        "contributionId": format!("ms.vss-dashboards-web.Microsoft.VisualStudioOnline.Dashboards.{}Widget", name.replace(' ', "")),
    })
}

/// The same with the dashboard's tag.
pub(crate) fn on(tag: &str, mut widget: Value) -> Value {
    widget["dashboard"] = json!({"eTag": tag});
    widget
}

pub(crate) fn request(body: &Value) -> WidgetRequest {
    WidgetRequest::from_json(body.to_string().as_bytes()).unwrap()
}

pub(crate) fn requests(body: &Value) -> Vec<WidgetRequest> {
    WidgetRequest::list_from_json(body.to_string().as_bytes()).unwrap()
}

/// A dashboard at a version with these widgets.
pub(crate) fn dashboard(version: u64, widgets: impl IntoIterator<Item = Value>) -> Dashboard {
    let widgets: Vec<Widget> = widgets.into_iter().map(|widget| serde_json::from_value(widget).unwrap()).collect();
    let next = std::sync::atomic::AtomicU32::new(1);
    let ids = Ids::from_fn(move || format!("new-{}", next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)));
    Dashboard::restore(version, widgets, ids).unwrap()
}

/// Each widget's id and tag, behind the dashboard's.
pub(crate) fn tags(dashboard: &Dashboard) -> (u64, Vec<(String, u64)>) {
    let list = dashboard.list();
    (list.e_tag, list.widgets.iter().map(|widget| (widget.id.clone(), widget.e_tag)).collect())
}

#[test]
fn of_a_hundred_writers_who_saw_the_same_tag_one_wins() {
    let dashboard = dashboard(18, [sent("a", "4", "Links", (1, 1), (1, 2))]);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..100)
            .map(|n| {
                let change = request(&json!({"name": format!("Links {n}"), "eTag": "4"}));
                let dashboard = &dashboard;
                scope.spawn(move || dashboard.patch("a", &change))
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 99));
    assert!(lost.into_iter().all(|lost| lost.unwrap_err().http_status() == 409));
    let stored = dashboard.widget("a").unwrap();
    assert_eq!((stored.e_tag, stored.widget.e_tag), (19, 5));
    assert_eq!(won.into_iter().next().unwrap().unwrap(), stored);
}

#[test]
fn a_kept_dashboard_goes_on_where_it_was() {
    let first = dashboard(18, [sent("a", "4", "Links", (1, 1), (1, 2))]);
    first.patch("a", &request(&json!({"settings": "{}"}))).unwrap();
    let kept: Vec<Value> = first.list().widgets.iter().map(|widget| serde_json::to_value(&**widget).unwrap()).collect();
    let second = dashboard(first.list().e_tag, kept);
    assert_eq!(second.list(), first.list());
}

#[test]
fn batches_move_the_tags_of_what_they_change() {
    let two = || {
        let [a, b] = [("a", 1), ("b", 3)].map(|(id, column)| sent(id, "5", id, (1, column), (1, 2)));
        dashboard(7, [a, b])
    };
    // Two widgets change places, and nothing else: only the dashboard moves.
    let board = two();
    let places = |id: &str, column: u32| json!({"id": id, "position": {"row": 1, "column": column}});
    let answer = board.patch_list(&requests(&json!([places("b", 1), places("a", 3)])), Some("7")).unwrap();
    assert_eq!(tags(&board), (8, vec![("a".into(), 5), ("b".into(), 5)]));
    let order: Vec<&str> = answer.widgets.iter().map(|widget| &*widget.id).collect();
    assert_eq!((answer.e_tag, order), (8, vec!["b", "a"]));
    // The same values again are no change; another name is one.
    board.patch_list(&requests(&json!([{"id": "A", "name": "a"}, {"id": "b", "name": "c"}])), None).unwrap();
    assert_eq!(tags(&board), (9, vec![("a".into(), 5), ("b".into(), 6)]));
    // Single changes always move the widget's tag.
    board.patch("a", &request(&places("a", 5))).unwrap();
    assert_eq!(tags(&board), (10, vec![("a".into(), 6), ("b".into(), 6)]));

    // PUT keeps what it names, adds what has no id, drops the rest.
    let board = two();
    let new = || sent(Value::Null, Value::Null, "New", (2, 1), (1, 1));
    let kept = sent("B", "5", "b", (1, 1), (1, 2));
    let list = board.replace_list(&requests(&json!([new(), kept])), Some("\"7\"")).unwrap();
    assert_eq!(tags(&board), (8, vec![("new-1".into(), 1), ("b".into(), 6)]));
    assert_eq!(*list, *board.list());
    assert_eq!(board.replace_list(&[], Some("W/\"8\"")).unwrap().widgets.len(), 0);
}

#[test]
fn patch_of_null_changes_nothing_and_put_of_null_clears() {
    let mut widget = sent("a", "1", "Links", (1, 1), (1, 2));
    widget["settings"] = json!("{\"colour\": 3}");
    let board = dashboard(1, [widget]);
    let null = json!({"id": null, "eTag": null, "name": null, "position": null, "size": null, "settings": null,
        "settingsVersion": null, "contributionId": null, "dashboard": null});
    let before = board.widget("a").unwrap().widget;
    let patched = board.patch("a", &request(&null)).unwrap();
    assert_eq!((patched.e_tag, patched.widget.e_tag), (2, 2));
    let mut but_for_its_tag = (*patched.widget).clone();
    but_for_its_tag.e_tag = 1;
    assert_eq!(but_for_its_tag, *before);

    let mut put = sent(Value::Null, "2", "Links", (1, 1), (1, 2));
    put["settingsVersion"] = Value::Null;
    let replaced = board.replace("a", &request(&put)).unwrap();
    assert_eq!((replaced.widget.e_tag, &replaced.widget.settings), (3, &None));
}

/// As a server shows it.
pub(crate) fn shown(widget: &WidgetOnBoard, links: &WidgetLinks) -> Value {
    serde_json::to_value(tallygrid::WidgetBody { widget, links }).unwrap()
}

pub(crate) fn shown_list(list: &tallygrid::WidgetList, links: &WidgetLinks) -> Value {
    serde_json::to_value(WidgetListBody { list, links }).unwrap()
}
