//! More rows than one block of columns holds, so that masks, codes and counts meet the edges between blocks and segments.

use proptest::prelude::*;
use tallygrid::{Access, Query};

use super::groups::{by, found};
use super::{cases, position};
use crate::oracle::answer::{Measured, group, select, sort};
use crate::oracle::choices::choices;
use crate::oracle::world::Layout;
use crate::oracle::{draw, write};

/// Whole blocks, and segments that end within one.
const LAYOUTS: [Layout; 4] = [(1, 65_536), (8, 65_536), (2, 4_500), (8, 333)];

/// Two blocks of 4,096 rows and a piece of a third.
const ROWS: usize = 8_500;

proptest! {
    #![proptest_config(cases(6))]

    #[test]
    fn many_rows_agree(mut of_world in choices(800), mut c in choices(300)) {
        let world = draw::world::world(&mut of_world).tiled(ROWS);
        let ctx = world.context(Access::unrestricted());
        let all: Vec<usize> = (0..world.rows.len()).collect();
        let questions = c.several(1, 4, |c| {
            let filter = draw::query::filter(c, &world, 2);
            let order = draw::query::order(c, &world);
            let (key, measured) = match draw::query::grouping(c, &world) {
                // Not a counter for each row.
                (key, Measured::Rows(0)) => (key, Measured::Sums(vec![0])),
                drawn => drawn,
            };
            let text = write::query(&world, Some(&filter), &order, c);
            let selected = select(&world, &[&filter]);
            let groups = group(&world, &selected, &all, key, &measured);
            let mut expected = selected;
            sort(&world, &mut expected, &order);
            let skip = c.pick(&[0, 30, 4_090, 8_000]);
            (text, by(&world, key, &measured), groups, expected, skip)
        });
        for layout in LAYOUTS {
            let engine = world.engine(layout);
            let snapshot = engine.snapshot();
            let runs = snapshot.index("Run", &ctx).unwrap();
            for (text, by, groups, expected, skip) in &questions {
                let query = Query::tql(text.as_str()).skip(*skip as u64).top(100);
                let page = runs.rows(&query, &ctx).unwrap().body;
                let listed: Vec<usize> = page.rows.iter().map(|row| position(&row[0])).collect();
                let part: Vec<usize> = expected.iter().skip(*skip).take(100).copied().collect();
                prop_assert_eq!((page.total as usize, listed), (expected.len(), part), "{:?} in {:?}", text, layout);
                let counted = runs.group(by, &query, &ctx).unwrap().body;
                prop_assert_eq!(&found(&counted), groups, "{:?} {:?} in {:?}", text, by, layout);
            }
        }
    }
}
