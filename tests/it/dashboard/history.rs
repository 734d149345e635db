//! Random histories of a dashboard: whatever is asked, versions move as they should, cells are taken once, and a request that is
//! refused changes nothing.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use tallygrid::{Dashboard, Error, Ids, WidgetList};

use super::{request, requests};

/// What is asked, on which widget and with which tag, and what the request says of it.
type Step = (u8, u8, u8, Vec<(u8, u8, u8)>);

/// A widget of the list, by a number; sometimes one that is not there.
fn id_of(list: &WidgetList, pick: u8) -> String {
    let found = list.widgets.get(usize::from(pick) % (list.widgets.len() + 1));
    found.map_or_else(|| "gone".to_owned(), |widget| widget.id.clone())
}

/// A tag for a request: none, the right one or a stale one.
fn tag_of(right: u64, pick: u8) -> Option<String> {
    [None, Some(right), Some(right + 7)][usize::from(pick) % 3].map(|tag| tag.to_string())
}

/// What a request says of a widget: its place, perhaps its name.
fn said(id: Option<&str>, (column, row, named): (u8, u8, u8), whole: bool) -> Value {
    let mut said = json!({"id": id, "position": {"row": row % 4 + 1, "column": column % 4 + 1}});
    if whole || named % 2 == 0 {
        said["name"] = json!(format!("n{}", named % 4));
    }
    if whole {
        said["size"] = json!({"rowSpan": 1, "columnSpan": 1});
        said["contributionId"] = json!("x");
    }
    said
}

fn ask(board: &Dashboard, (what, pick, tag, said_of): &Step) -> Result<(), Error> {
    let list = board.list();
    let (id, tag) = (id_of(&list, *pick), tag_of(list.e_tag, *tag));
    let first = said_of[0];
    let entries = |whole: bool| -> Value {
        let entry = |(n, of): (usize, &(u8, u8, u8))| {
            let id = id_of(&list, of.2.wrapping_add(n as u8));
            said(Some(&id).filter(|id| !whole || *id != "gone").map(String::as_str), *of, whole)
        };
        said_of.iter().enumerate().map(entry).collect()
    };
    let one = |whole| {
        let mut said = said(None, first, whole);
        said["dashboard"] = json!({"eTag": tag});
        request(&said)
    };
    match what % 6 {
        0 | 1 => board.add(&one(true)).map(drop),
        2 => board.patch(&id, &one(false)).map(drop),
        3 => board.replace(&id, &one(true)).map(drop),
        4 if first.0 % 2 == 0 => board.delete(&id, tag.as_deref()).map(drop),
        4 => board.replace_list(&requests(&entries(true)), tag.as_deref()).map(drop),
        _ => board.patch_list(&requests(&entries(false)), tag.as_deref()).map(drop),
    }
}

fn overlaps(list: &WidgetList) -> bool {
    let mut cells: Vec<(u32, u32)> = list.widgets.iter().map(|w| (w.position.row, w.position.column)).collect();
    let n = cells.len();
    cells.sort_unstable();
    cells.dedup();
    cells.len() < n
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn versions_move_with_what_changes(
        steps in vec((any::<u8>(), any::<u8>(), any::<u8>(), vec((any::<u8>(), any::<u8>(), any::<u8>()), 1..4)), 1..40),
    ) {
        let board = Dashboard::new(Ids::random());
        for step in &steps {
            let before = board.list();
            let done = ask(&board, step);
            let after = board.list();
            if let Err(error) = done {
                prop_assert_eq!(&before, &after);
                prop_assert!([400, 404, 409].contains(&error.http_status()), "{}", error);
                continue;
            }
            prop_assert_eq!(after.e_tag, before.e_tag + 1);
            prop_assert!(!overlaps(&after));
            for widget in &after.widgets {
                let Some(old) = before.widgets.iter().find(|old| old.id == widget.id) else {
                    prop_assert_eq!(widget.e_tag, 1);
                    continue;
                };
                let moved = widget.e_tag - old.e_tag;
                prop_assert!(moved <= 1);
                let is_other = (&widget.name, &widget.contribution_id) != (&old.name, &old.contribution_id);
                prop_assert!(moved == 1 || !is_other, "a change that no tag tells");
            }
        }
    }
}
