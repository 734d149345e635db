//! Changes: all or nothing, seen by later snapshots only, against a plain list.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tallygrid::{
    Access, Catalog, Context, Engine, ErrorKind, Field, GroupBy, Kind, Query, Rows, Schema, Snapshot, Value,
};

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

fn engine(segment_rows: u32, key: Kind) -> Engine {
    let schema = Schema::builder("Run")
        .key("Id")
        .field(Field::new("Id", key))
        .field(Field::new("Status", Kind::Keyword))
        .field(Field::new("Tags", Kind::Keyword).multi())
        .field(Field::new("N", Kind::Integer))
        .build()
        .unwrap();
    Engine::builder(Catalog::new([schema]).unwrap()).threads(1).segment_rows(segment_rows).build().unwrap()
}

fn all_rows(snapshot: &Snapshot) -> Vec<Vec<Value>> {
    let ctx = context();
    snapshot.index("Run", &ctx).unwrap().rows(&Query::all().top(10_000), &ctx).unwrap().body.rows
}

#[test]
fn a_bad_batch_names_every_mistake_and_changes_nothing() {
    let engine = engine(4, Kind::Integer);
    let ctx = context();
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Run", &Rows::new(["Id", "Status"]).row([7.into(), "a".into()])).unwrap();
    tx.commit().unwrap();
    let rows = Rows::new(["Id", "N"])
        .row([1.into(), 5.into()])
        .row([2.into(), "five".into()])
        .row([1.into(), 6.into()])
        .row([Value::Null, 7.into()])
        .row([7.into(), 8.into()]);
    let mut tx = engine.transaction(&ctx).unwrap();
    let error = tx.append("Run", &rows).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    let told: Vec<String> = error.diagnostics().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "Run row 1, field N: `five` is no integer",
            "Run row 2, field Id: the key `1` is that of row 0 of the same batch",
            "Run row 3, field Id: the key is empty",
            "Run row 4, field Id: the key `7` is there already",
        ]
    );
    assert_eq!(tx.commit().unwrap_err().to_string(), error.to_string());
    assert_eq!(all_rows(&engine.snapshot()).len(), 1);
    // The keys of the failed batch are free.
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Run", &Rows::new(["Id"]).row([1.into()]).row([2.into()])).unwrap();
    tx.commit().unwrap();
    assert_eq!(all_rows(&engine.snapshot()).len(), 3);
}

#[test]
fn a_field_added_later_is_empty_in_earlier_rows() {
    let engine = engine(2, Kind::Keyword);
    let ctx = context();
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Run", &Rows::new(["Id"]).row(["a".into()]).row(["b".into()]).row(["c".into()])).unwrap();
    tx.add_field("Run", Field::new("Browser", Kind::Keyword)).unwrap();
    tx.append("Run", &Rows::new(["Id", "Browser"]).row(["d".into(), "Firefox".into()])).unwrap();
    tx.patch("Run", &"B".into(), [("Browser", "Chrome".into())]).unwrap();
    tx.commit().unwrap();
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &ctx).unwrap();
    assert_eq!(runs.count(&Query::tql("Browser IS EMPTY"), &ctx).unwrap().body, 2);
    let groups = runs.group(&GroupBy::field("Browser").status("Status"), &Query::all(), &ctx).unwrap().body;
    assert_eq!(groups.rows.iter().map(|row| &*row.key).collect::<Vec<_>>(), ["", "Chrome", "Firefox"]);
    assert!(engine.transaction(&ctx).unwrap().add_field("Run", Field::new("browser", Kind::Text)).is_err());
}

#[test]
fn rows_without_a_key_go_by_their_running_number() {
    let schema = Schema::builder("Run").field(Field::new("Status", Kind::Keyword)).build().unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).build().unwrap();
    let ctx = context();
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Run", &Rows::new(["Status"]).row(["a".into()]).row(["b".into()])).unwrap();
    tx.patch("Run", &2.into(), [("Status", "c".into())]).unwrap();
    tx.delete("Run", &1.into()).unwrap();
    let gone = tx.delete("Run", &1.into()).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    drop(tx);
    assert_eq!(all_rows(&engine.snapshot()).len(), 0);
}

/// A change of the model and of the engine.
#[derive(Clone, Debug)]
enum Change {
    Append(Vec<(i64, &'static str)>),
    Upsert(Vec<(i64, &'static str)>),
    Patch(i64, Option<&'static str>, Vec<&'static str>),
    Delete(i64),
    /// Ends the transaction, keeping it or not.
    End(bool),
}

fn change() -> impl Strategy<Value = Change> {
    let status = || proptest::sample::select(&["a", "b", "B", ""][..]);
    let rows = || proptest::collection::vec((0i64..30, status()), 1..12);
    let tags = proptest::collection::vec(proptest::sample::select(&["x", "y"][..]), 0..3);
    prop_oneof![
        3 => rows().prop_map(Change::Append),
        2 => rows().prop_map(Change::Upsert),
        3 => (0i64..30, proptest::option::of(status()), tags).prop_map(|(id, s, t)| Change::Patch(id, s, t)),
        2 => (0i64..30).prop_map(Change::Delete),
        3 => any::<bool>().prop_map(Change::End),
    ]
}

type Model = BTreeMap<usize, (i64, Value, Value)>;

/// Applies a change to the model; false if it must be refused.
fn apply(model: &mut Model, next: &mut usize, change: &Change) -> bool {
    let place = |model: &Model, id: i64| model.iter().find(|(_, row)| row.0 == id).map(|(place, _)| *place);
    match change {
        Change::Append(rows) | Change::Upsert(rows) => {
            let upsert = matches!(change, Change::Upsert(_));
            let mut seen = Vec::new();
            for (id, _) in rows {
                if seen.contains(id) || (!upsert && place(model, *id).is_some()) {
                    return false;
                }
                seen.push(*id);
            }
            for (id, status) in rows {
                let at = place(model, *id).unwrap_or_else(|| {
                    *next += 1;
                    *next
                });
                model.insert(at, (*id, (*status).into(), Value::Null));
            }
            true
        }
        Change::Patch(id, status, tags) => match place(model, *id) {
            None => false,
            Some(at) => {
                let row = model.get_mut(&at).unwrap();
                if let Some(status) = status {
                    row.1 = (*status).into();
                }
                let mut set: Vec<&str> = Vec::new();
                tags.iter().for_each(|tag| {
                    if !set.contains(tag) {
                        set.push(tag);
                    }
                });
                row.2 = Value::from(set);
                true
            }
        },
        Change::Delete(id) => place(model, *id).is_some_and(|at| model.remove(&at).is_some()),
        Change::End(_) => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn histories_agree_with_a_list(changes in proptest::collection::vec(change(), 1..40), segment_rows in proptest::sample::select(&[1u32, 3, 65_536][..])) {
        let engine = engine(segment_rows, Kind::Integer);
        let ctx = context();
        let (mut committed, mut next) = (Model::new(), 0usize);
        let (mut draft, mut draft_next) = (committed.clone(), next);
        let mut tx = engine.transaction(&ctx).unwrap();
        let mut old: Vec<(Snapshot, Model)> = Vec::new();
        for change in changes.iter().chain([&Change::End(true)]) {
            let accepted = match change {
                Change::Append(rows) | Change::Upsert(rows) => {
                    let mut table = Rows::new(["Id", "Status"]);
                    rows.iter().for_each(|(id, status)| table.push([(*id).into(), (*status).into()]));
                    if matches!(change, Change::Append(_)) { tx.append("Run", &table) } else { tx.upsert("Run", &table) }
                }
                Change::Patch(id, status, tags) => {
                    let status = status.map(|status| ("Status", status.into()));
                    tx.patch("Run", &(*id).into(), status.into_iter().chain([("Tags", tags.clone().into())]))
                }
                Change::Delete(id) => tx.delete("Run", &(*id).into()),
                Change::End(_) => Ok(()),
            };
            let expected = apply(&mut draft, &mut draft_next, change);
            prop_assert_eq!(accepted.is_ok(), expected, "{:?}", change);
            let keep = match change {
                Change::End(keep) => *keep,
                _ if !expected => false,
                _ => continue,
            };
            if keep {
                tx.commit().unwrap();
                (committed, next) = (draft.clone(), draft_next);
            } else {
                drop(tx);
                (draft, draft_next) = (committed.clone(), next);
            }
            old.push((engine.snapshot(), committed.clone()));
            tx = engine.transaction(&ctx).unwrap();
        }
        // Every snapshot still shows what was committed when it was taken.
        for (snapshot, model) in &old {
            let expected: Vec<Vec<Value>> =
                model.values().map(|(id, status, tags)| vec![(*id).into(), status.clone(), tags.clone(), Value::Null]).collect();
            prop_assert_eq!(all_rows(snapshot), expected);
            let runs = snapshot.index("Run", &ctx).unwrap();
            let groups = runs.group(&GroupBy::field("Tags"), &Query::all(), &ctx).unwrap().body;
            prop_assert_eq!(groups.totals.iter().sum::<i128>() as usize, model.len());
        }
    }
}

#[test]
fn a_row_added_behind_a_deleted_one_can_be_found_by_its_number() {
    // Fuzzing: the mask of deleted rows, made when one row was there, was asked for the row added after.
    let schema = Schema::builder("Run").field(Field::new("N", Kind::Integer)).build().unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(1).build().unwrap();
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append("Run", &Rows::new(["N"]).row([1.into()])).unwrap();
    tx.delete("Run", &1.into()).unwrap();
    tx.append("Run", &Rows::new(["N"]).row([2.into()]).row([3.into()])).unwrap();
    tx.patch("Run", &3.into(), [("N", 4.into())]).unwrap();
    tx.delete("Run", &2.into()).unwrap();
    tx.commit().unwrap();
    assert_eq!(all_rows(&engine.snapshot()), [[Value::from(4)]]);
}
