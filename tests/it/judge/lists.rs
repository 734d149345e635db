//! Filters, orders and pages; and what is printed of a filter means the same.

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use tallygrid::{Access, Code, Diagnostic, Query, Rule, check_tql};

use super::ask::{all, count, position, rows, shown};
use crate::oracle::answer::{select, sort};
use crate::oracle::choices::Choices;
use crate::oracle::world::{Layout, World};
use crate::oracle::{draw, write};

/// Pages, counts and the complement of each filter.
pub(crate) fn lists(world: &World, layouts: &[Layout], c: &mut Choices) -> Result<(), TestCaseError> {
    let ctx = world.context(Access::unrestricted());
    let questions = c.several(1, 6, |c| {
        let filter = draw::query::filter(c, world, 3);
        let order = draw::query::order(c, world);
        let text = write::query(world, Some(&filter), &order, c);
        let not = format!("NOT ({})", write::filter(world, &filter, c));
        let mut expected = select(world, &[&filter]);
        sort(world, &mut expected, &order);
        (text, not, expected, c.below(8.max(world.rows.len())), c.below(40))
    });
    for layout in layouts {
        let engine = world.engine(*layout);
        let snapshot = engine.snapshot();
        let runs = snapshot.index("Run", &ctx).unwrap();
        for (text, not, expected, skip, top) in &questions {
            let query = Query::tql(text.as_str()).skip(*skip as u64).top(*top as u64);
            let page = runs.rows(&query, &ctx);
            prop_assert!(page.is_ok(), "{}{}", page.unwrap_err().render(text), shown(world));
            let page = page.unwrap().body;
            let part: Vec<usize> = expected.iter().skip(*skip).take(*top).copied().collect();
            let found: Vec<usize> = page.rows.iter().map(|row| position(&row[0])).collect();
            let why = || format!("{text:?} {skip} {top} in {layout:?}{}", shown(world));
            prop_assert_eq!((page.total as usize, &found), (expected.len(), &part), "{}", why());
            for (cells, row) in page.rows.iter().zip(&found) {
                prop_assert_eq!(cells, &world.stored(*row), "{}", why());
            }
            prop_assert_eq!(count(&engine, text, &ctx)?, expected.len(), "{}", why());
            prop_assert_eq!(count(&engine, not, &ctx)?, world.rows.len() - expected.len(), "{:?} {}", not, why());
        }
    }
    Ok(())
}

/// Both printed forms and the fixes of warnings select the same rows.
pub(crate) fn printed(world: &World, layout: Layout, c: &mut Choices) -> Result<(), TestCaseError> {
    let ctx = world.context(Access::unrestricted());
    let engine = world.engine(layout);
    let snapshot = engine.snapshot();
    for _ in 0..6 {
        let filter = draw::query::filter(c, world, 3);
        let expected = select(world, &[&filter]);
        let text = write::filter(world, &filter, c);
        let check = check_tql(&text, Rule::Query, Some((snapshot.catalog(), "Run")), &ctx).unwrap();
        prop_assert!(check.ok, "{text:?} {:?}", check.diagnostics);
        for printed in [check.printed.unwrap(), check.parenthesised.unwrap()] {
            let found = rows(&engine, &all(printed.as_str()), &ctx)?;
            prop_assert_eq!(&found, &expected, "{:?} printed as {:?}{}", text, printed, shown(world));
        }
        // A fix that adds parentheses changes nothing but the text.
        let mixed = check.diagnostics.iter().filter(|d| d.code() == Code::MixedOperators);
        for fix in mixed.flat_map(Diagnostic::fixes) {
            let mut edited = text.clone();
            edited.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
            let found = rows(&engine, &all(edited.as_str()), &ctx)?;
            prop_assert_eq!(&found, &expected, "{:?} mended to {:?}{}", text, edited, shown(world));
        }
    }
    Ok(())
}
