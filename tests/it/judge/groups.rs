//! Groups by value and by calendar period, of counts and of sums; and the query that each group gives for its rows.

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use tallygrid::{Access, Code, Condition, Context, GroupBy, GroupRow, Index, Kind, Limits, Query, StatusCounts};

use super::ask::shown;
use crate::oracle::answer::{Groups, Key, Measured, group, select};
use crate::oracle::choices::Choices;
use crate::oracle::draw::world::Seen;
use crate::oracle::world::{Layout, World};
use crate::oracle::{draw, write};

/// Groups of what a caller may see.
pub(crate) fn groups(world: &World, layouts: &[Layout], c: &mut Choices) -> Result<(), TestCaseError> {
    // Rows that the caller may not see have no say in how keys are spelled.
    let permission = draw::query::filter(c, world, 1);
    let permitted = Condition::tql(write::filter(world, &permission, c));
    let Seen { packages, other, world: seen } = draw::world::seen(c, world);
    let is_open = !c.once_in(2);
    let (access, seen) = match is_open {
        false => (Access::none().allow("run", permitted).allow("package", packages).allow("other", other), seen),
        true => (Access::unrestricted(), world.clone()),
    };
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
            if n % layouts.len() != n_layout {
                continue;
            }
            let is_told = |row: &GroupRow| row.query.is_some() || holds_several_places(world, *key);
            prop_assert!(groups.rows.iter().all(is_told), "{:?} {}", groups.rows, why());
            asked_again(&runs, &by, &groups, &ctx)?;
            if is_open {
                under_limits(&runs, &by, text, &ctx, !holds_several_places(world, *key))?;
            }
        }
    }
    Ok(())
}

/// The query of each group counts what the group counts.
fn asked_again(runs: &Index<'_>, by: &GroupBy, groups: &StatusCounts, ctx: &Context) -> Result<(), TestCaseError> {
    for (row, text) in groups.rows.iter().filter_map(|row| Some((row, row.query.as_deref()?))).take(50) {
        let again = runs.group(by, &Query::tql(text), ctx);
        prop_assert!(again.is_ok(), "{}", again.unwrap_err().render(text));
        let (again, sum) = (again.unwrap().body.totals, row.counts.iter().sum::<i128>());
        prop_assert_eq!(again.iter().sum::<i128>(), sum, "{:?} of {:?}", text, by);
    }
    Ok(())
}

/// Where the query itself is as deep as it may be, a group has no query or one that may be asked; with a little more room each
/// has one.
fn under_limits(runs: &Index<'_>, by: &GroupBy, text: &str, ctx: &Context, all: bool) -> Result<(), TestCaseError> {
    let within = |nesting: usize| ctx.clone().limits(Limits::default().with_nesting(nesting));
    let least = (0..200).find(|n| runs.count(&Query::tql(text), &within(*n)).is_ok()).unwrap();
    for (more, all) in [(0, false), (MORE_ROOM, all)] {
        let ctx = within(least + more);
        let groups = runs.group(by, &Query::tql(text), &ctx).unwrap();
        let n_without = groups.body.rows.iter().filter(|row| row.query.is_none()).count();
        let is_told = groups.warnings.iter().any(|warning| warning.code() == Code::NoGroupQuery);
        prop_assert_eq!(is_told, n_without > 0, "{}", text);
        prop_assert!(n_without == 0 || !all, "{} of {:?} within {}: {:?}", text, by, least + more, groups.body);
        asked_again(runs, by, &groups.body, &ctx)?;
    }
    Ok(())
}

/// What a clause may stand for at most: `Text IS NOT EMPTY` in front of an OR is `(NOT (… AND …))`, and a list more.
const MORE_ROOM: usize = 3;

/// Whether rows may be in several groups whose places go by one name.
fn holds_several_places(world: &World, key: Key) -> bool {
    let Key::Value(column) = key else { return false };
    world.columns[column].kind == Kind::Path && world.columns[column].multi
}

pub(super) fn by(world: &World, key: Key, measured: &Measured) -> GroupBy {
    let name = |column: usize| world.columns[column].name.to_lowercase();
    let by = match key {
        Key::Value(column) => GroupBy::field(name(column)),
        Key::Period(column, period) => GroupBy::period(name(column), period),
    };
    let by = by.with_queries();
    match measured {
        Measured::Rows(status) => by.status(name(*status)),
        Measured::Sums(columns) => by.totals(columns.iter().map(|c| (world.columns[*c].name.clone(), name(*c)))),
    }
}

pub(super) fn found(groups: &StatusCounts) -> Groups {
    Groups {
        counters: groups.statuses.clone(),
        rows: groups.rows.iter().map(|row| (row.key.to_string(), row.counts.to_vec())).collect(),
        totals: groups.totals.clone(),
    }
}
