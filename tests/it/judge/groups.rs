//! Groups by value and by calendar period, of counts and of sums; and the query that each group gives for its rows.

use proptest::prelude::*;
use tallygrid::{Access, Condition, GroupBy, Kind, Query, StatusCounts};

use super::{all, cases, ids, shown};
use crate::oracle::answer::{Groups, Key, Measured, group, select};
use crate::oracle::choices::choices;
use crate::oracle::world::{LAYOUTS, World};
use crate::oracle::{draw, write};

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn groups_agree(mut of_world in choices(1200), mut c in choices(400)) {
        let world = draw::world::world(&mut of_world);
        // Rows that the caller may not see have no say in how keys are spelled.
        let permission = draw::query::filter(&mut c, &world, 1);
        let permitted = Condition::tql(write::filter(&world, &permission, &mut c));
        let (packages, seen) = draw::world::seen(&mut c, &world);
        let (access, seen) = match c.once_in(2) {
            true => (Access::none().allow("run", permitted).allow("package", packages), seen),
            false => (Access::unrestricted(), world.clone()),
        };
        let is_open = access.sees("Other");
        let ctx = world.context(access);
        let visible = if is_open { (0..world.rows.len()).collect() } else { select(&world, &[&permission]) };
        let questions = c.several(1, 5, |c| {
            let filter = draw::query::filter(c, &world, 2);
            let (key, measured) = draw::query::grouping(c, &world);
            let text = write::filter(&world, &filter, c);
            let selected: Vec<usize> =
                visible.iter().filter(|row| filter.passes(&seen, &seen.rows[**row])).copied().collect();
            (text, key, measured.clone(), group(&world, &selected, &visible, key, &measured))
        });
        for (n_layout, (layout, engine)) in world.engines().enumerate() {
            let snapshot = engine.snapshot();
            let runs = snapshot.index("Run", &ctx).unwrap();
            for (n, (text, key, measured, expected)) in questions.iter().enumerate() {
                let by = by(&world, *key, measured);
                let why = || format!("{text:?} {by:?} in {layout:?}{}", shown(&world));
                let groups = runs.group(&by, &Query::tql(text.as_str()), &ctx);
                prop_assert!(groups.is_ok(), "{:?} {}", groups, why());
                let groups = groups.unwrap().body;
                prop_assert_eq!(&found(&groups), expected, "{}", why());
                // Answers are the same everywhere; one layout each is enough for asking again.
                let asked = groups.rows.iter().filter(|row| row.query.is_some() && n % LAYOUTS.len() == n_layout);
                for row in asked.take(50) {
                    let query = all(row.query.clone().unwrap());
                    if let Measured::Rows(_) = measured {
                        let n = ids(&engine, &query, &ctx)?.len();
                        prop_assert_eq!(n as i128, row.counts.iter().sum::<i128>(), "{:?} {}", query, why());
                    } else {
                        let again = runs.group(&by, &query, &ctx).unwrap().body.totals;
                        prop_assert_eq!(&again, &row.counts, "{:?} {}", query, why());
                    }
                }
            }
        }
    }
}

pub(super) fn by(world: &World, key: Key, measured: &Measured) -> GroupBy {
    let name = |column: usize| world.columns[column].name.to_lowercase();
    let by = match key {
        Key::Value(column) => GroupBy::field(name(column)),
        Key::Period(column, period) => GroupBy::period(name(column), period),
    };
    let by = match key {
        // A relation is asked with a sub-select, which is not answered yet; a place names everything that may be meant
        // by it, and so more than the rows with its spelling.
        Key::Value(column) if matches!(world.columns[column].kind, Kind::Relation | Kind::Path) => by,
        _ => by.with_queries(),
    };
    match measured {
        Measured::Rows(status) => by.status(name(*status)),
        Measured::Sums(columns) => by.totals(columns.iter().map(|c| (world.columns[*c].name.clone(), name(*c)))),
    }
}

pub(super) fn found(groups: &StatusCounts) -> Groups {
    Groups {
        counters: groups.statuses.clone(),
        rows: groups.rows.iter().map(|row| (row.key.clone(), row.counts.clone())).collect(),
        totals: groups.totals.clone(),
    }
}
