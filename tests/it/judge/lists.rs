//! Filters, orders and pages.

use proptest::prelude::*;
use tallygrid::{Access, Code, Diagnostic, Query, Rule, check_tql};

use super::{all, cases, ids, position, shown};
use crate::oracle::answer::{select, sort};
use crate::oracle::choices::choices;
use crate::oracle::{draw, write};

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn lists_agree(mut of_world in choices(1200), mut c in choices(400)) {
        let world = draw::world::world(&mut of_world);
        let ctx = world.context(Access::unrestricted());
        let questions = c.several(1, 6, |c| {
            let filter = draw::query::filter(c, &world, 3);
            let order = draw::query::order(c, &world);
            let text = write::query(&world, Some(&filter), &order, c);
            let not = format!("NOT ({})", write::filter(&world, &filter, c));
            let mut expected = select(&world, &[&filter]);
            sort(&world, &mut expected, &order);
            (text, not, expected, c.below(8), c.below(40))
        });
        for (layout, engine) in world.engines() {
            let snapshot = engine.snapshot();
            let runs = snapshot.index("Run", &ctx).unwrap();
            for (text, not, expected, skip, top) in &questions {
                let query = Query::tql(text.as_str()).skip(*skip as u64).top(*top as u64);
                let page = runs.rows(&query, &ctx);
                prop_assert!(page.is_ok(), "{}{}", page.unwrap_err().render(text), shown(&world));
                let page = page.unwrap().body;
                let part: Vec<usize> = expected.iter().skip(*skip).take(*top).copied().collect();
                let found: Vec<usize> = page.rows.iter().map(|row| position(&row[0])).collect();
                let why = || format!("{text:?} {skip} {top} in {layout:?}{}", shown(&world));
                prop_assert_eq!((page.total as usize, &found), (expected.len(), &part), "{}", why());
                for (cells, row) in page.rows.iter().zip(&found) {
                    prop_assert_eq!(cells, &world.stored(*row), "{}", why());
                }
                let n = runs.count(&Query::tql(text.as_str()), &ctx).unwrap().body;
                let others = ids(&engine, &all(not.as_str()), &ctx)?;
                prop_assert_eq!(n as usize, expected.len());
                prop_assert_eq!(others.len(), world.rows.len() - expected.len(), "{:?} {}", not, why());
            }
        }
    }

    #[test]
    fn what_is_printed_means_the_same(mut of_world in choices(800), mut c in choices(400)) {
        let world = draw::world::world(&mut of_world);
        let ctx = world.context(Access::unrestricted());
        let engine = world.engine((1, 7));
        let snapshot = engine.snapshot();
        for _ in 0..6 {
            let filter = draw::query::filter(&mut c, &world, 3);
            let expected = select(&world, &[&filter]);
            let text = write::filter(&world, &filter, &mut c);
            let check = check_tql(&text, Rule::Query, Some((snapshot.catalog(), "Run")), &ctx).unwrap();
            prop_assert!(check.ok && check.supported, "{text:?} {:?}", check.diagnostics);
            for printed in [check.printed.unwrap(), check.parenthesised.unwrap()] {
                let found = ids(&engine, &all(printed.as_str()), &ctx)?;
                prop_assert_eq!(&found, &expected, "{:?} printed as {:?}{}", text, printed, shown(&world));
            }
            // A fix that adds parentheses changes nothing but the text.
            let mixed = check.diagnostics.iter().filter(|d| d.code() == Code::MixedOperators);
            for fix in mixed.flat_map(Diagnostic::fixes) {
                let mut edited = text.clone();
                edited.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
                let found = ids(&engine, &all(edited.as_str()), &ctx)?;
                prop_assert_eq!(&found, &expected, "{:?} mended to {:?}{}", text, edited, shown(&world));
            }
        }
    }
}
