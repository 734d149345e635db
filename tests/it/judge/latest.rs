//! The latest row of each test: of those inside permissions and scope, whatever is asked of them.

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use tallygrid::{Access, Condition};

use super::ask::{all, rows, shown};
use super::groups::{by, found};
use super::scope::condition;
use crate::oracle::answer::{group, select, sort};
use crate::oracle::choices::Choices;
use crate::oracle::world::{Layout, World};
use crate::oracle::{draw, write};

/// Lists, counts and groups.
pub(crate) fn latest(world: &World, layouts: &[Layout], c: &mut Choices) -> Result<(), TestCaseError> {
    let questions = c.several(1, 4, |c| {
        let everything = || (Condition::all(), (0..world.rows.len()).collect());
        let (permitted, visible) = if c.once_in(2) { condition(c, world, 1) } else { everything() };
        let (scope, in_scope) = if c.once_in(2) { condition(c, world, 1) } else { everything() };
        let inside: Vec<usize> = visible.iter().filter(|row| in_scope.contains(row)).copied().collect();
        let counting = world.latest.latest(world, &inside);
        let filter = draw::query::filter(c, world, 1);
        let asked = select(world, &[&filter]);
        let asked: Vec<usize> = counting.into_iter().filter(|row| asked.contains(row)).collect();
        let order = draw::query::order(c, world);
        let text = write::query(world, Some(&filter), &order, c);
        let mut listed = asked.clone();
        sort(world, &mut listed, &order);
        let (key, measured) = draw::query::grouping(c, world);
        let groups = group(world, &asked, &visible, key, &measured);
        let access = Access::none().allow("Run", permitted).allow("Package", Condition::all());
        (access.allow("Other", Condition::all()), scope, text, listed, by(world, key, &measured), groups)
    });
    for layout in layouts {
        let engine = world.engine(*layout);
        let snapshot = engine.snapshot();
        for (access, scope, text, listed, by, groups) in &questions {
            let why = || format!("{text:?} of {:?} in {layout:?}{}", world.latest, shown(world));
            let ctx = world.context(access.clone());
            let query = all(text.as_str()).top(10_000).scope(scope.clone()).latest();
            prop_assert_eq!(&rows(&engine, &query, &ctx)?, listed, "{}", why());
            let runs = snapshot.index("Run", &ctx).unwrap();
            prop_assert_eq!(runs.count(&query, &ctx).unwrap().body as usize, listed.len(), "{}", why());
            let grouped = runs.group(by, &query, &ctx);
            prop_assert!(grouped.is_ok(), "{:?} {}", grouped, why());
            prop_assert_eq!(&found(&grouped.unwrap().body), groups, "{:?} {}", by, why());
        }
    }
    Ok(())
}
