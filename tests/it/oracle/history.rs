//! Random histories of changes against a plain list: what is refused and why, what failed or was dropped leaves nothing
//! behind, and snapshots go on showing what was committed when they were taken.

use proptest::prelude::*;
use tallygrid::{
    Access, Catalog, Code, Context, Diagnostic, Engine, Error, GroupBy, Kind, Place, Query, Rows, Schema, Snapshot,
    Transaction, Value,
};

use crate::oracle::choices::{Choices, choices};
use crate::oracle::column::{Class, Column, atoms};
use crate::properties::cases;

const INDEXES: [&str; 2] = ["Run", "Plan"];

/// What an index holds.
#[derive(Clone, Debug)]
struct Model {
    /// The key's position among the columns, if there is one.
    key: Option<usize>,
    columns: Vec<Column>,
    /// In load order, each with its running number from 1.
    rows: Vec<(i64, Vec<Value>)>,
    last: i64,
}

/// A change of one index.
#[derive(Clone, Debug)]
enum Change {
    Append(Batch),
    Upsert(Batch),
    Patch(Value, Vec<(String, Value)>),
    Delete(Value),
    AddField(Column),
}

#[derive(Clone, Debug)]
struct Batch {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// Why a change is refused: a code, and the row and field where it is about one.
#[derive(Clone, Debug, PartialEq)]
struct Fault {
    code: Code,
    at: Option<(usize, String)>,
    /// The row that had the key before.
    earlier: Option<usize>,
}

impl Model {
    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The position of the row with a key.
    fn find(&self, key: &Value) -> Option<usize> {
        match self.key {
            None => self.rows.iter().position(|(number, _)| Value::Integer(*number) == *key),
            Some(at) => {
                let class = key_class(&self.columns[at], key)?;
                self.rows
                    .iter()
                    .position(|(_, cells)| key_class(&self.columns[at], &cells[at]).as_ref() == Some(&class))
            }
        }
    }

    /// Makes the change, or says everything that is wrong with it and is then good for nothing.
    fn apply(&mut self, change: &Change) -> Result<(), Vec<Fault>> {
        let missing = || vec![Fault { code: Code::UnknownKey, at: None, earlier: None }];
        match change {
            Change::Append(batch) => self.write(batch, false),
            Change::Upsert(batch) => self.write(batch, true),
            Change::Patch(key, cells) => {
                let at = self.find(key).ok_or_else(missing)?;
                let mut faults = Vec::new();
                for (name, value) in cells {
                    match self.column(name) {
                        None => faults.push(fault(Code::UnknownField, 0, name)),
                        column if column == self.key => faults.push(fault(Code::WrongCell, 0, name)),
                        Some(column) if !fits(&self.columns[column], value) => {
                            faults.push(fault(Code::WrongCell, 0, &self.columns[column].name));
                        }
                        Some(column) => self.rows[at].1[column] = self.columns[column].stored(value),
                    }
                }
                none_or(faults)
            }
            Change::Delete(key) => {
                let at = self.find(key).ok_or_else(missing)?;
                self.rows.remove(at);
                Ok(())
            }
            Change::AddField(column) => {
                if self.column(&column.name).is_some() {
                    return Err(vec![Fault { code: Code::InvalidSchema, at: None, earlier: None }]);
                }
                self.columns.push(column.clone());
                self.rows.iter_mut().for_each(|(_, cells)| cells.push(Value::Null));
                Ok(())
            }
        }
    }

    fn write(&mut self, batch: &Batch, upsert: bool) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if upsert && self.key.is_none() {
            faults.push(fault(Code::MissingKey, 0, ""));
        }
        let mut columns = Vec::new();
        for name in &batch.columns {
            match self.column(name) {
                Some(column) if !columns.contains(&column) => columns.push(column),
                _ => faults.push(fault(Code::UnknownField, 0, name)),
            }
        }
        none_or(faults)?;
        let mut faults = Vec::new();
        // Rows of the batch by the position they went to.
        let mut written: Vec<(usize, usize)> = Vec::new();
        for (n, row) in batch.rows.iter().enumerate() {
            let mut cells = vec![Value::Null; self.columns.len()];
            let n_before = faults.len();
            for (column, value) in columns.iter().zip(row) {
                if fits(&self.columns[*column], value) {
                    cells[*column] = self.columns[*column].stored(value);
                } else {
                    faults.push(fault(Code::WrongCell, n, &self.columns[*column].name));
                }
            }
            let key_name = |key: usize| self.columns[key].name.clone();
            let is_wrong = |key: usize| faults[n_before..].iter().any(|f| f.at.as_ref().unwrap().1 == key_name(key));
            let is_no_key = |cell: &Value| cell.is_empty() || *cell == Value::Guid(u128::MAX);
            if let Some(key) = self.key.filter(|key| is_no_key(&cells[*key]) && !is_wrong(*key)) {
                faults.push(fault(Code::MissingKey, n, &key_name(key)));
            }
            if faults.len() > n_before {
                continue;
            }
            let there = self.key.and_then(|key| self.find(&cells[key]));
            let earlier = there.and_then(|at| written.iter().find(|(_, own)| *own == at)).map(|(row, _)| *row);
            match (there, earlier) {
                (Some(_), None) if !upsert => faults.push(fault(Code::DuplicateKey, n, &key_name(self.key.unwrap()))),
                (Some(_), Some(_)) => {
                    faults.push(Fault { earlier, ..fault(Code::DuplicateKey, n, &key_name(self.key.unwrap())) });
                }
                (Some(at), None) => {
                    // The key keeps the spelling it had.
                    let key = self.key.unwrap();
                    cells[key] = self.rows[at].1[key].clone();
                    self.rows[at].1 = cells;
                    written.push((n, at));
                }
                (None, _) => {
                    self.last += 1;
                    self.rows.push((self.last, cells));
                    written.push((n, self.rows.len() - 1));
                }
            }
        }
        none_or(faults)
    }
}

fn none_or(faults: Vec<Fault>) -> Result<(), Vec<Fault>> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn fault(code: Code, row: usize, field: &str) -> Fault {
    Fault { code, at: Some((row, field.to_owned())), earlier: None }
}

fn key_class(column: &Column, cell: &Value) -> Option<Class> {
    atoms(cell).first().map(|atom| column.class(atom))
}

/// Whether a field can hold a value: the draws below know three ways to be wrong.
fn fits(column: &Column, value: &Value) -> bool {
    match value {
        Value::List(items) => column.multi && !items.iter().any(|item| matches!(item, Value::List(_))),
        Value::Text(text) => text.is_empty() || !matches!(column.kind, Kind::Integer | Kind::Guid),
        _ => true,
    }
}

/// What the library says, in the terms of the model.
fn told(error: &Error) -> Vec<Fault> {
    let one = |d: &Diagnostic| {
        let at = match d.place() {
            Place::Cell { row, field, .. } if d.code() != Code::UnknownKey => Some((*row, field.to_string())),
            _ => None,
        };
        let same_batch = d.message().split_once("is that of row ");
        let earlier = same_batch.map(|(_, rest)| rest.split(' ').next().unwrap().parse().unwrap());
        Fault { code: d.code(), at, earlier }
    };
    error.diagnostics().iter().map(one).collect()
}

fn column(name: &str, kind: Kind, multi: bool) -> Column {
    Column { name: name.to_owned(), kind, multi, exact: false, declared: Vec::new() }
}

fn model(c: &mut Choices) -> Model {
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

fn engine(models: &[Model], segment_rows: u32) -> Engine {
    let schemas = models.iter().zip(INDEXES).map(|(model, name)| {
        let schema = Schema::builder(name).fields(model.columns.iter().map(Column::field));
        if model.key.is_some() { schema.key("id") } else { schema }.build().unwrap()
    });
    Engine::builder(Catalog::new(schemas).unwrap()).threads(1).segment_rows(segment_rows).build().unwrap()
}

fn change(c: &mut Choices, model: &Model) -> Change {
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

fn make(tx: &mut Transaction, index: &str, change: &Change) -> Result<(), Error> {
    let table = |batch: &Batch| {
        let mut rows = Rows::new(batch.columns.iter().map(String::as_str));
        batch.rows.iter().for_each(|row| rows.push(row.iter().cloned()));
        rows
    };
    match change {
        Change::Append(batch) => tx.append(index, &table(batch)),
        Change::Upsert(batch) => tx.upsert(index, &table(batch)),
        Change::Patch(key, cells) => {
            tx.patch(index, key, cells.iter().map(|(name, value)| (name.as_str(), value.clone())))
        }
        Change::Delete(key) => tx.delete(index, key),
        Change::AddField(column) => tx.add_field(index, column.field()),
    }
}

/// A snapshot shows the rows of the models, and counts them.
fn shows(snapshot: &Snapshot, models: &[Model], ctx: &Context) -> Result<(), TestCaseError> {
    for (model, name) in models.iter().zip(INDEXES) {
        let index = snapshot.index(name, ctx).unwrap();
        let rows = index.rows(&Query::all().top(10_000), ctx).unwrap().body.rows;
        let expected: Vec<&Vec<Value>> = model.rows.iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(rows.iter().collect::<Vec<_>>(), expected);
        let tags = model.column("Tags").unwrap();
        let n_tagged = model.rows.iter().filter(|(_, cells)| !atoms(&cells[tags]).is_empty()).count();
        prop_assert_eq!(index.count(&Query::tql("Tags IS NOT EMPTY"), ctx).unwrap().body as usize, n_tagged);
        let groups = index.group(&GroupBy::field("Tags"), &Query::all(), ctx).unwrap().body;
        prop_assert_eq!(groups.totals.iter().sum::<i128>() as usize, model.rows.len());
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn histories_agree_with_a_list(mut c in choices(1500)) {
        let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
        let mut committed = [model(&mut c), model(&mut c)];
        let engine = engine(&committed, c.pick(&[1, 3, 65_536]));
        let mut seen = vec![(engine.snapshot(), committed.clone())];
        for _ in 0..c.below(12) {
            let mut draft = committed.clone();
            let mut tx = engine.transaction(&ctx).unwrap();
            let mut failed: Option<Error> = None;
            for _ in 0..c.below(6) {
                let at = c.below(2);
                let change = change(&mut c, &draft[at]);
                let done = make(&mut tx, &INDEXES[at].to_uppercase(), &change);
                if let Some(first) = &failed {
                    // What failed once goes on saying so.
                    let again = done.unwrap_err();
                    prop_assert_eq!(again.diagnostics(), first.diagnostics());
                    continue;
                }
                let expected = draft[at].apply(&change);
                prop_assert_eq!(done.as_ref().map_err(told), expected.as_ref().map(|()| &()).map_err(Clone::clone), "{:?}", change);
                failed = done.err();
            }
            let (before, keep) = (engine.snapshot().version(), !c.once_in(4));
            if keep {
                let done = tx.commit();
                prop_assert_eq!(done.as_ref().map(|done| done.version).ok(), failed.is_none().then_some(before + 1));
                if let (Err(error), Some(first)) = (&done, &failed) {
                    prop_assert_eq!(error.diagnostics(), first.diagnostics());
                }
            } else {
                drop(tx);
            }
            if keep && failed.is_none() {
                committed = draft;
            }
            seen.push((engine.snapshot(), committed.clone()));
        }
        for (snapshot, models) in &seen {
            shows(snapshot, models, &ctx)?;
        }
    }
}
