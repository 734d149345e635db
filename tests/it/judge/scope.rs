//! Scope and permissions: whatever a user types, it selects rows inside them or is refused.

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use tallygrid::{Access, Condition, GroupBy, Value};

use super::ask::{all, rows, shown};
use crate::oracle::answer::select;
use crate::oracle::choices::Choices;
use crate::oracle::draw::world::Seen;
use crate::oracle::world::{Layout, World};
use crate::oracle::{draw, write};

/// A host's condition, and the rows that satisfy it.
pub(super) fn condition(c: &mut Choices, world: &World, depth: usize) -> (Condition, Vec<usize>) {
    let all = || (0..world.rows.len()).collect::<Vec<usize>>();
    let parts = |c: &mut Choices| -> (Vec<Condition>, Vec<Vec<usize>>) {
        c.several(0, 3, |c| condition(c, world, depth - 1)).into_iter().unzip()
    };
    match c.below(if depth == 0 { 3 } else { 5 }) {
        0 => {
            let filter = draw::query::filter(c, world, 2);
            (Condition::tql(write::filter(world, &filter, c)), select(world, &[&filter]))
        }
        1 => {
            let some: Vec<usize> = all().into_iter().filter(|_| c.once_in(3)).collect();
            let values: Vec<Value> = some.iter().map(|row| world.rows[*row][0].clone()).collect();
            (Condition::is_in("ID", values), some)
        }
        2 => {
            if c.once_in(2) {
                (Condition::all(), all())
            } else {
                (Condition::none(), Vec::new())
            }
        }
        3 => {
            let (conditions, rows) = parts(c);
            (Condition::all_of(conditions), all().into_iter().filter(|n| rows.iter().all(|r| r.contains(n))).collect())
        }
        _ => {
            let (conditions, rows) = parts(c);
            (Condition::any_of(conditions), all().into_iter().filter(|n| rows.iter().any(|r| r.contains(n))).collect())
        }
    }
}

/// Pieces of texts, put together with no sense.
const NOISE: [&str; 34] = [
    "[", "]", "(", ")", "{", "}", "'", "\"", "=", "!", "<", ">", "~", ",", "\\", " ", "\0", "\n", "AND", "OR", "NOT",
    "IN", "IS", "Id", "id ", "1", "2.5", "-", "ö", "😀", "\u{2028}", "ORDER BY", "EMPTY", "*",
];

/// Texts that try to get out of whatever stands around them.
fn hostile(c: &mut Choices, world: &World) -> String {
    let own = |c: &mut Choices| {
        let filter = draw::query::filter(c, world, 1);
        write::filter(world, &filter, c)
    };
    let everything = "(Id IS EMPTY OR Id IS NOT EMPTY)";
    match c.below(12) {
        0 => everything.to_owned(),
        1 => format!(") OR {everything} OR ("),
        2 => format!("{}) OR {everything}", own(c)),
        3 => format!("{} OR {everything} --", own(c)),
        4 => format!("{} OR {everything} /* ", own(c)),
        5 => format!("'{everything}"),
        6 => format!("{}\" OR {everything}", own(c)),
        7 => format!("NOT NOT {everything} ORDER BY Id) OR (Id > 0"),
        8 => format!("Id IN [1, 2] }} OR {everything}"),
        9 => format!("{}\0 OR {everything}", own(c)),
        10 => c.several(0, 24, |c| c.pick(&NOISE)).concat(),
        _ => {
            // A right text with a piece of it put where it does not belong.
            let text = format!("{} OR {}", own(c), own(c));
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let (from, to) = (c.pick(&ends), c.pick(&ends));
            format!("{}{}", &text[..from], &text[to..])
        }
    }
}

/// Permissions and scopes around right texts and hostile ones.
pub(crate) fn scope(world: &World, layout: Layout, c: &mut Choices) -> Result<(), TestCaseError> {
    let engine = world.engine(layout);
    let snapshot = engine.snapshot();
    for _ in 0..6 {
        let (permitted, may_see) = condition(c, world, 2);
        let Seen { packages, other, world: seen } = draw::world::seen(c, world);
        let (scope, in_scope) = condition(c, &seen, 2);
        let inside: Vec<usize> = may_see.into_iter().filter(|row| in_scope.contains(row)).collect();
        let ctx =
            world.context(Access::none().allow("RUN", permitted).allow("Package", packages).allow("Other", other));
        let scoped = |text: &str| all(text).scope(scope.clone());

        let own = draw::query::filter(c, world, 2);
        let text = write::filter(world, &own, c);
        let expected = select(&seen, &[&own]).into_iter().filter(|row| inside.contains(row)).collect::<Vec<_>>();
        prop_assert_eq!(rows(&engine, &scoped(&text), &ctx)?, expected, "{:?} in {:?}{}", text, layout, shown(world));

        let text = hostile(c, world);
        let runs = snapshot.index("Run", &ctx).unwrap();
        if let Ok(found) = rows(&engine, &scoped(&text), &ctx) {
            prop_assert!(found.iter().all(|row| inside.contains(row)), "{text:?} found {found:?}{}", shown(world));
            let n = runs.count(&scoped(&text), &ctx).unwrap().body;
            prop_assert_eq!(n as usize, found.len());
            let groups = runs.group(&GroupBy::field("Id").status("Id"), &scoped(&text), &ctx).unwrap().body;
            prop_assert_eq!(groups.totals.iter().sum::<i128>() as usize, found.len());
        } else {
            prop_assert!(runs.count(&scoped(&text), &ctx).is_err(), "{text:?}");
        }
    }
    Ok(())
}
