//! Engine and oracle on random worlds: lists, groups, scope; the same in every layout.
//!
//! Each property draws a world and several questions, since engines in nine layouts cost more than questions to them.
//! `PROPTEST_CASES` raises the number of worlds.

mod blocks;
mod groups;
mod lists;
mod scope;

use proptest::prelude::*;
use tallygrid::{Context, Engine, Query, Value};

use crate::oracle::world::World;

/// As many cases unless the environment says otherwise. Failures are not kept as seeds, which mean something else after any
/// change to what is drawn: a find becomes a case in `tests/cases`.
pub(crate) fn cases(n: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { n };
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 500, ..default }
}

/// What a failure has to show.
fn shown(world: &World) -> String {
    let columns: Vec<String> = world
        .columns
        .iter()
        .map(|column| {
            let multi = if column.multi { " multi" } else { "" };
            let exact = if column.exact { " exact" } else { "" };
            format!("{}: {}{multi}{exact} {:?}", column.name, column.kind, column.declared)
        })
        .collect();
    let rows: Vec<String> = world.rows.iter().map(|row| format!("{row:?}")).collect();
    let World { zone, now, packages, users, .. } = world;
    format!("\nzone {zone}, now {now}, users {users:?}, {packages:?}\n{}\n{}\n", columns.join("\n"), rows.join("\n"))
}

/// Ids of the rows that a query selects.
fn ids(engine: &Engine, query: &Query, ctx: &Context) -> Result<Vec<usize>, TestCaseError> {
    let snapshot = engine.snapshot();
    let page = snapshot.index("Run", ctx).and_then(|runs| runs.rows(query, ctx));
    let page = page.map_err(|error| TestCaseError::fail(error.render(query.text())))?;
    Ok(page.body.rows.iter().map(|row| position(&row[0])).collect())
}

/// A row's position by its id.
fn position(id: &Value) -> usize {
    match id {
        Value::Integer(n) => usize::try_from(*n).unwrap() - 1,
        other => panic!("{other:?} is no id"),
    }
}

/// Every row on one page.
fn all(text: impl Into<String>) -> Query {
    Query::tql(text).top(1000)
}
