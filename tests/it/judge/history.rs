//! Histories of changes: what is refused and why, what failed or was dropped leaves nothing behind, and snapshots go on
//! showing what was committed when they were taken.

use proptest::prop_assert_eq;
use proptest::test_runner::TestCaseError;
use tallygrid::{
    Access, Catalog, Code, Context, Diagnostic, Engine, Error, GroupBy, Place, Query, Rows, Schema, Snapshot,
    Transaction, Value,
};

use crate::oracle::choices::Choices;
use crate::oracle::column::{Column, atoms};
use crate::oracle::draw;
use crate::oracle::history::{Batch, Change, Fault, Model};

const INDEXES: [&str; 2] = ["Run", "Plan"];

/// Transactions of two indexes, each kept or dropped.
pub(crate) fn history(c: &mut Choices) -> Result<(), TestCaseError> {
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    let mut committed = [draw::history::model(c), draw::history::model(c)];
    let engine = engine(&committed, c.pick(&[1, 3, 65_536]));
    let mut seen = vec![(engine.snapshot(), committed.clone())];
    for _ in 0..c.below(12) {
        let mut draft = committed.clone();
        let mut tx = engine.transaction(&ctx).unwrap();
        let mut failed: Option<Error> = None;
        for _ in 0..c.below(6) {
            let at = c.below(2);
            let change = draw::history::change(c, &draft[at]);
            let done = make(&mut tx, &INDEXES[at].to_uppercase(), &change);
            if let Some(first) = &failed {
                // What failed once goes on saying so.
                let again = done.unwrap_err();
                prop_assert_eq!(again.diagnostics(), first.diagnostics());
                continue;
            }
            let expected = draft[at].apply(&change);
            let found = done.as_ref().copied().map_err(told);
            prop_assert_eq!(found, expected, "{:?}", change);
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
    Ok(())
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

fn engine(models: &[Model], segment_rows: u32) -> Engine {
    let schemas = models.iter().zip(INDEXES).map(|(model, name)| {
        let schema = Schema::builder(name).fields(model.columns.iter().map(Column::field));
        if model.key.is_some() { schema.key("id") } else { schema }.build().unwrap()
    });
    Engine::builder(Catalog::new(schemas).unwrap()).threads(1).segment_rows(segment_rows).build().unwrap()
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
