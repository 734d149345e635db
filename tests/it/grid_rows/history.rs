//! Random histories of a grid against a list in memory: what was written is read, in its order, numbered without repeats; what
//! is refused changes nothing; and the index has the same rows.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use tallygrid::{GridColumn, GridColumnKind, GridRead, Query, Returns};

use super::World;

/// What is asked, and the rows that it is about: which, and what they say.
type Step = (u8, Vec<(u8, u8)>);

/// One row of the list.
#[derive(Clone, Debug)]
struct Row {
    id: String,
    number: u64,
    name: String,
    size: Option<u8>,
}

fn world() -> World {
    let twice = GridColumnKind::Formula { expression: "size * 2".into(), returns: Returns::Number };
    World::new([
        GridColumn::new("name", GridColumnKind::String).required(),
        GridColumn::new("size", GridColumnKind::Integer),
        GridColumn::new("no", GridColumnKind::Sequence),
        GridColumn::new("twice", twice),
    ])
}

/// A row's size: none, one that is refused, or a number.
fn size_of(said: u8) -> Value {
    match said % 8 {
        0 => Value::Null,
        1 => json!("big"),
        _ => json!(said),
    }
}

fn is_right(rows: &[(u8, u8)]) -> bool {
    rows.iter().all(|(_, said)| said % 8 != 1)
}

/// Asks, and does the same to the list if it is done: whether it was, and whether it should have been. `given` is the last
/// number of the sequence.
fn ask(world: &World, list: &mut Vec<Row>, given: &mut u64, (what, rows): &Step) -> (bool, bool) {
    let n_before = list.len();
    let at = |pick: u8| usize::from(pick) % (n_before + 1);
    let id = |pick: u8| list.get(at(pick)).map_or_else(|| "row_gone".to_owned(), |row| row.id.clone());
    let mut ids: Vec<String> = rows.iter().map(|(pick, _)| id(*pick)).collect();
    match what % 4 {
        0 | 1 => {
            let body: Value =
                rows.iter().map(|(pick, said)| json!({"name": format!("n{pick}"), "size": size_of(*said)})).collect();
            let Ok(ids) = world.add(&body) else { return (false, is_right(rows)) };
            for (id, (pick, said)) in ids.into_iter().zip(rows) {
                *given += 1;
                list.push(Row {
                    id,
                    number: *given,
                    name: format!("n{pick}"),
                    size: size_of(*said).as_u64().map(|n| n as u8),
                });
            }
            (true, is_right(rows))
        }
        2 => {
            let body: Value = ids
                .iter()
                .zip(rows)
                .map(|(id, (_, said))| json!({"rowId": id, "columns": {"size": size_of(*said)}}))
                .collect();
            let all_there = ids.iter().all(|id| id != "row_gone");
            let done = world.update(&body).is_ok();
            ids.sort();
            let n = ids.len();
            ids.dedup();
            if done {
                for (pick, said) in rows {
                    let at = at(*pick);
                    list[at].size = size_of(*said).as_u64().map(|n| n as u8);
                }
            }
            (done, all_there && ids.len() == n && is_right(rows))
        }
        _ => {
            let all_there = ids.iter().all(|id| id != "row_gone");
            let done = world.delete(&json!(ids)).is_ok();
            if done {
                list.retain(|row| !ids.contains(&row.id));
            }
            (done, all_there)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn a_grid_is_a_list(steps in vec((any::<u8>(), vec((any::<u8>(), any::<u8>()), 0..4)), 1..25)) {
        let world = world();
        let (mut list, mut given) = (Vec::new(), 0);
        for step in &steps {
            let (done, expected) = ask(&world, &mut list, &mut given, step);
            prop_assert_eq!(done, expected, "{:?}", step);
            let rows: Vec<Value> = (0..)
                .zip(&list)
                .map(|(order, row): (u32, &Row)| {
                    let twice = row.size.map(|size| u32::from(size) * 2);
                    let columns = json!({"name": row.name, "size": row.size, "no": row.number.to_string(), "twice": twice});
                    json!({"rowId": row.id, "columns": columns, "order": order})
                })
                .collect();
            prop_assert_eq!(&world.read(&GridRead::all())["rows"], &json!(rows));
            let snapshot = world.engine.snapshot();
            let large = snapshot.index("Tasks", &world.ctx).unwrap().count(&Query::tql("twice > 100"), &world.ctx).unwrap();
            let expected = list.iter().filter(|row| row.size.is_some_and(|size| size > 50)).count();
            prop_assert_eq!(large.body, expected as u64);
        }
    }
}
