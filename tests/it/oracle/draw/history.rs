//! Indexes with and without keys, and changes of them, right and wrong.

use tallygrid::{Kind, Value};

use crate::oracle::choices::Choices;
use crate::oracle::column::Column;
use crate::oracle::history::{Batch, Change, Model};

fn column(name: &str, kind: Kind, multi: bool) -> Column {
    Column { multi, ..Column::new(name, kind) }
}

/// An index without rows.
pub(crate) fn model(c: &mut Choices) -> Model {
    let kind = c.pick(&[Some(Kind::Integer), Some(Kind::Keyword), Some(Kind::Guid), None]);
    let mut columns = vec![column("Status", Kind::Keyword, false), column("Tags", Kind::Keyword, true)];
    let key = kind.map(|kind| {
        let at = c.below(3);
        columns.insert(at, column("Id", kind, false));
        at
    });
    columns.push(column("N", Kind::Integer, false));
    Model { key, columns, rows: Vec::new(), last: 0 }
}

/// A change, now and then one that cannot be made.
pub(crate) fn change(c: &mut Choices, model: &Model) -> Change {
    match c.below(12) {
        0..=3 => Change::Append(batch(c, model)),
        4 | 5 => Change::Upsert(batch(c, model)),
        6..=8 => {
            let cells = c.several(0, 3, |c| {
                let (name, column) = name(c, model);
                (name, cell(c, column))
            });
            Change::Patch(key(c, model), cells)
        }
        9 | 10 => Change::Delete(key(c, model)),
        _ => {
            let name = c.pick(&["Browser", "Owner", "status"]);
            Change::AddField(column(name, c.pick(&[Kind::Keyword, Kind::Integer]), false))
        }
    }
}

fn batch(c: &mut Choices, model: &Model) -> Batch {
    let mut named: Vec<(String, &Column)> = Vec::new();
    for column in &model.columns {
        if column.name == "Id" || !c.once_in(4) {
            named.push((column.name.to_lowercase(), column));
        }
    }
    if c.once_in(12) {
        named.push(name(c, model));
    }
    // Keys of one batch mostly differ, else hardly a batch would be right.
    let mut next = c.below(9);
    let rows = c.several(0, 6, |c| {
        let cells = named.iter().map(|(_, column)| match column.name.as_str() {
            "Id" if !c.once_in(12) => {
                next += 1 + usize::from(c.once_in(2));
                key_value(column.kind, next)
            }
            _ => cell(c, column),
        });
        cells.collect()
    });
    Batch { columns: named.into_iter().map(|(name, _)| name).collect(), rows }
}

/// The name of a column, or now and then of none.
fn name<'m>(c: &mut Choices, model: &'m Model) -> (String, &'m Column) {
    let column = &model.columns[c.below(model.columns.len())];
    (if c.once_in(12) { "Nowhere".to_owned() } else { column.name.clone() }, column)
}

/// The key of a row that is there, or may be.
fn key(c: &mut Choices, model: &Model) -> Value {
    let n = c.below(16);
    match (model.key, model.rows.get(n)) {
        (None, Some((number, _))) => (*number).into(),
        (Some(key), Some((_, cells))) => cells[key].clone(),
        (None, None) => (n as i64 - 1).into(),
        (Some(key), None) => key_value(model.columns[key].kind, n),
    }
}

fn key_value(kind: Kind, n: usize) -> Value {
    match kind {
        Kind::Integer => (n as i64 - 3).into(),
        Kind::Guid => Value::Guid(n as u128 * (u128::MAX / 32)),
        // Two spellings of most.
        _ => format!("{}{}", if n.is_multiple_of(3) { "KEY" } else { "key" }, n / 2).into(),
    }
}

/// A cell, now and then one that the field cannot hold.
fn cell(c: &mut Choices, column: &Column) -> Value {
    if c.once_in(25) {
        return match (column.kind, column.multi) {
            (_, true) => Value::List(vec!["x".into(), Value::List(Vec::new())]),
            (Kind::Keyword, _) => Value::List(vec!["x".into()]),
            _ => "no such value".into(),
        };
    }
    let word = |c: &mut Choices| Value::from(c.pick(&["a", "A", "b", "", "c\0"]));
    match column.kind {
        _ if c.once_in(6) => c.pick(&[Value::Null, "".into()]),
        Kind::Integer => c.within(-2, 2).into(),
        Kind::Guid => Value::Guid(c.pick(&[7, u128::MAX])),
        _ if column.multi => Value::List(c.several(0, 3, word)),
        _ => word(c),
    }
}
