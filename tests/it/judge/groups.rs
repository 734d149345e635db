//! Groups by value and by calendar period, of counts and of sums; and the query that each group gives for its rows.

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use tallygrid::{Access, Condition, GroupBy, Kind, Query, StatusCounts};

use super::ask::{count, shown};
use crate::oracle::answer::{Groups, Key, Measured, group, select};
use crate::oracle::choices::Choices;
use crate::oracle::world::{Layout, World};
use crate::oracle::{draw, write};

/// Groups of what a caller may see.
pub(crate) fn groups(world: &World, layouts: &[Layout], c: &mut Choices) -> Result<(), TestCaseError> {
    // Rows that the caller may not see have no say in how keys are spelled.
    let permission = draw::query::filter(c, world, 1);
    let permitted = Condition::tql(write::filter(world, &permission, c));
    let (packages, seen) = draw::world::seen(c, world);
    let (access, seen) = match c.once_in(2) {
        true => (Access::none().allow("run", permitted).allow("package", packages), seen),
        false => (Access::unrestricted(), world.clone()),
    };
    let is_open = access.sees("Other");
    let ctx = world.context(access);
    let visible = if is_open { (0..world.rows.len()).collect() } else { select(world, &[&permission]) };
    let questions = c.several(1, 5, |c| {
        let filter = draw::query::filter(c, world, 2);
        let (key, measured) = draw::query::grouping(c, world);
        let text = write::filter(world, &filter, c);
        let selected: Vec<usize> =
            visible.iter().filter(|row| filter.passes(&seen, &seen.rows[**row])).copied().collect();
        (text, key, measured.clone(), group(world, &selected, &visible, key, &measured))
    });
    for (n_layout, layout) in layouts.iter().enumerate() {
        let engine = world.engine(*layout);
        let snapshot = engine.snapshot();
        let runs = snapshot.index("Run", &ctx).unwrap();
        for (n, (text, key, measured, expected)) in questions.iter().enumerate() {
            let by = by(world, *key, measured);
            let why = || format!("{text:?} {by:?} in {layout:?}{}", shown(world));
            let groups = runs.group(&by, &Query::tql(text.as_str()), &ctx);
            prop_assert!(groups.is_ok(), "{:?} {}", groups, why());
            let groups = groups.unwrap().body;
            prop_assert_eq!(&found(&groups), expected, "{}", why());
            // Answers are the same everywhere; one layout each is enough for asking again.
            let asked = groups.rows.iter().filter(|row| row.query.is_some() && n % layouts.len() == n_layout);
            for row in asked.take(50) {
                let text = row.query.as_deref().unwrap();
                if let Measured::Rows(_) = measured {
                    let n = count(&engine, text, &ctx)?;
                    prop_assert_eq!(n as i128, row.counts.iter().sum::<i128>(), "{:?} {}", text, why());
                } else {
                    let again = runs.group(&by, &Query::tql(text), &ctx).unwrap().body.totals;
                    prop_assert_eq!(&again[..], &row.counts[..], "{:?} {}", text, why());
                }
            }
        }
    }
    Ok(())
}

fn by(world: &World, key: Key, measured: &Measured) -> GroupBy {
    let name = |column: usize| world.columns[column].name.to_lowercase();
    let by = match key {
        Key::Value(column) => GroupBy::field(name(column)),
        Key::Period(column, period) => GroupBy::period(name(column), period),
    };
    let by = match key {
        // A place names everything that may be meant by it, and so more than the rows with its spelling.
        Key::Value(column) if world.columns[column].kind == Kind::Path => by,
        _ => by.with_queries(),
    };
    match measured {
        Measured::Rows(status) => by.status(name(*status)),
        Measured::Sums(columns) => by.totals(columns.iter().map(|c| (world.columns[*c].name.clone(), name(*c)))),
    }
}

fn found(groups: &StatusCounts) -> Groups {
    Groups {
        counters: groups.statuses.clone(),
        rows: groups.rows.iter().map(|row| (row.key.to_string(), row.counts.to_vec())).collect(),
        totals: groups.totals.clone(),
    }
}
