//! What engines answer, in the terms of the oracle.

use proptest::test_runner::TestCaseError;
use tallygrid::{Context, Engine, Kind, Query, Value};

use crate::oracle::world::World;

/// What a failure has to show.
pub(super) fn shown(world: &World) -> String {
    let World { zone, now, packages, users, keyed, .. } = world;
    let (own, other) = (table(world), table(world.there()));
    format!("\nzone {zone}, now {now}, users {users:?}, keyed {keyed}, {packages:?}\n{own}\nOther\n{other}\n")
}

fn table(world: &World) -> String {
    let columns = world.columns.iter().map(|column| {
        let multi = if column.multi { " multi" } else { "" };
        let exact = if column.exact { " exact" } else { "" };
        let leads = if column.kind == Kind::Relation { column.leads_by } else { "" };
        format!("{}: {}{multi}{exact} {leads} {:?}", column.name, column.kind, column.declared)
    });
    // Behind these, rows repeat.
    let rows = world.rows.iter().take(30).map(|row| format!("{row:?}"));
    columns.chain(rows).collect::<Vec<_>>().join("\n")
}

/// Positions of the rows that a query selects.
pub(super) fn rows(engine: &Engine, query: &Query, ctx: &Context) -> Result<Vec<usize>, TestCaseError> {
    let snapshot = engine.snapshot();
    let page = snapshot.index("Run", ctx).and_then(|runs| runs.rows(query, ctx));
    let page = page.map_err(|error| TestCaseError::fail(error.render(query.text())))?;
    Ok(page.body.rows.iter().map(|row| position(&row[0])).collect())
}

/// How many rows a text selects.
pub(super) fn count(engine: &Engine, text: &str, ctx: &Context) -> Result<usize, TestCaseError> {
    let snapshot = engine.snapshot();
    let n = snapshot.index("Run", ctx).and_then(|runs| runs.count(&Query::tql(text), ctx));
    Ok(n.map_err(|error| TestCaseError::fail(error.render(text)))?.body as usize)
}

/// A row's position by its id.
pub(super) fn position(id: &Value) -> usize {
    match id {
        Value::Integer(n) => usize::try_from(*n).unwrap() - 1,
        other => panic!("{other:?} is no id"),
    }
}

/// Every row on one page.
pub(super) fn all(text: impl Into<String>) -> Query {
    Query::tql(text).top(1000)
}
