//! Changes: all or nothing, every mistake named. Random histories of them are `judge::history`'s part.

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
        .row([7.into(), 8.into()])
        .row([2.into(), 9.into()])
        .row([7.into(), "ten".into()])
        .row(["x".into(), 11.into()]);
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
            "Run row 5, field Id: the key `2` is that of row 1 of the same batch",
            "Run row 6, field N: `ten` is no integer",
            "Run row 6, field Id: the key `7` is there already",
            "Run row 7, field Id: `x` is no integer",
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
fn an_unknown_column_hides_no_other_mistake() {
    let engine = engine(4, Kind::Integer);
    let ctx = context();
    let told = |rows: &Rows| {
        let error = engine.transaction(&ctx).unwrap().append("Run", rows).unwrap_err();
        error.diagnostics().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let cells = |id: Value, n: Value| [Value::from("x"), id, n, Value::from(1)];
    let rows = Rows::new(["Nn", "Id", "N", "n"])
        .row(cells(1.into(), "one".into()))
        .row(cells(Value::Null, 2.into()))
        .row(cells(1.into(), 3.into()));
    assert_eq!(
        told(&rows),
        [
            "Run row 0, field Nn: no field `Nn`; did you mean `N`?",
            "Run row 0, field n: two columns are for `N`",
            "Run row 0, field N: `one` is no integer",
            "Run row 1, field Id: the key is empty",
            "Run row 2, field Id: the key `1` is that of row 0 of the same batch",
        ]
    );
    // The key may be in the column that is misspelt.
    let misspelt = Rows::new(["Idd", "N"]).row([1.into(), "one".into()]);
    assert_eq!(
        told(&misspelt),
        ["Run row 0, field Idd: no field `Idd`; did you mean `Id`?", "Run row 0, field N: `one` is no integer"]
    );
    let mut tx = engine.transaction(&ctx).unwrap();
    let error = tx.patch("Run", &9.into(), [("N", "one".into()), ("M", 1.into())]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.diagnostics().len(), 3);
    assert_eq!(all_rows(&engine.snapshot()).len(), 0);
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

#[test]
fn a_panic_in_the_middle_of_changes_leaves_rows_and_keys_alone() {
    let engine = engine(2, Kind::Keyword);
    let ctx = context();
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Run", &Rows::new(["Id"]).row(["a".into()]).row(["b".into()]).row(["c".into()])).unwrap();
    tx.commit().unwrap();
    let before = all_rows(&engine.snapshot());
    let changes = std::panic::AssertUnwindSafe(|| {
        let mut tx = engine.transaction(&ctx).unwrap();
        tx.delete("Run", &"B".into()).unwrap();
        tx.append("Run", &Rows::new(["Id"]).row(["b".into()]).row(["d".into()])).unwrap();
        let cells = (0..2).map(|n| if n == 0 { ("N", Value::from(1)) } else { panic!("the host's own cells panic") });
        let _ = tx.patch("Run", &"a".into(), cells);
    });
    assert!(std::panic::catch_unwind(changes).is_err());
    assert_eq!(all_rows(&engine.snapshot()), before);
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Run", &Rows::new(["Id"]).row(["D".into()])).unwrap();
    tx.delete("Run", &"b".into()).unwrap();
    let there = tx.append("Run", &Rows::new(["Id"]).row(["a".into()])).unwrap_err();
    assert_eq!(there.diagnostics()[0].code().as_str(), "duplicate-key");
}

#[test]
fn looking_at_what_is_not_yet_committed_changes_nothing() {
    let history = |looks: bool, segment_rows: u32, key: Kind| {
        let engine = engine(segment_rows, key);
        let ctx = context();
        let mut seen = Vec::new();
        for round in 0..3i64 {
            let mut tx = engine.transaction(&ctx).unwrap();
            let mut look = |tx: &mut tallygrid::Transaction| {
                if looks {
                    seen.push(all_rows(&tx.snapshot().unwrap()));
                    assert_eq!(tx.row("Run", &(round * 10 + 99).into()).unwrap(), None);
                }
            };
            look(&mut tx);
            let rows = |first: i64, tag: &str| {
                (first..first + 5).fold(Rows::new(["Id", "Status", "Tags"]), |rows, id| {
                    rows.row([(round * 10 + id).into(), format!("s{id}").into(), vec![tag, "x"].into()])
                })
            };
            tx.append("Run", &rows(0, "a")).unwrap();
            look(&mut tx);
            tx.delete("Run", &(round * 10 + 1).into()).unwrap();
            tx.patch("Run", &(round * 10 + 2).into(), [("N", round.into())]).unwrap();
            look(&mut tx);
            tx.upsert("Run", &rows(1, "b")).unwrap();
            look(&mut tx);
            tx.add_field("Run", Field::new(format!("F{round}"), Kind::Keyword)).unwrap();
            tx.patch("Run", &(round * 10 + 5).into(), [(&*format!("F{round}"), "new".into())]).unwrap();
            look(&mut tx);
            assert_eq!(tx.commit().unwrap().version, round as u64 + 1);
        }
        let n_seen: Vec<usize> = seen.iter().map(Vec::len).collect();
        (all_rows(&engine.snapshot()), n_seen)
    };
    for (segment_rows, key) in [(1, Kind::Integer), (3, Kind::Keyword), (65_536, Kind::Integer)] {
        let (looked, n_seen) = history(true, segment_rows, key);
        assert_eq!(looked, history(false, segment_rows, key).0);
        assert_eq!(n_seen, [0, 5, 4, 6, 6, 6, 11, 10, 12, 12, 12, 17, 16, 18, 18]);
    }
}

#[test]
fn a_row_is_looked_up_as_the_transaction_leaves_it() {
    let engine = engine(4, Kind::Integer);
    let ctx = context();
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Run", &Rows::new(["Id", "Status"]).row([7.into(), "a".into()])).unwrap();
    let row = |status: &str, n: Value| Some(vec![7.into(), status.into(), Value::Null, n]);
    assert_eq!(tx.row("Run", &"7".into()).unwrap(), row("a", Value::Null));
    tx.patch("Run", &7.into(), [("N", 3.into())]).unwrap();
    assert_eq!(tx.row("run", &7.into()).unwrap(), row("a", 3.into()));
    tx.delete("Run", &7.into()).unwrap();
    assert_eq!(tx.row("Run", &7.into()).unwrap(), None);
    assert_eq!(tx.row("Runs", &7.into()).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(tx.delete("Run", &7.into()).is_err());
    assert!(tx.row("Run", &7.into()).is_err() && tx.snapshot().is_err(), "what has failed can only be dropped");
}
