//! Engine and oracle on random worlds: lists, groups, latest rows, scope, histories; the same in every layout.
//!
//! Each property draws a world and several questions, since engines in nine layouts cost more than questions to them.
//! `PROPTEST_CASES` raises the number of worlds.

use proptest::prelude::*;

use crate::judge;
use crate::oracle::choices::Choices;
use crate::oracle::draw::world::world;
use crate::oracle::world::{LAYOUTS, Layout};

/// For more rows than one block of columns holds: whole blocks, and segments that end within one.
const BIG_LAYOUTS: [Layout; 4] = [(1, 65_536), (8, 65_536), (2, 4_500), (8, 333)];

/// Of trees, whose levels are as many scans.
const TREE_LAYOUTS: [Layout; 4] = [(1, 65_536), (4, 65_536), (1, 7), (4, 1)];

/// Two blocks of 4,096 rows and a piece of a third.
const MANY_ROWS: usize = 8_500;

/// As many cases unless the environment says otherwise. Failures are not kept as seeds, which mean something else after any
/// change to what is drawn: a find becomes a case in `tests/cases`.
fn cases(n: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { n };
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 500, ..default }
}

/// Up to `most` decisions.
fn choices(most: usize) -> impl Strategy<Value = Choices> {
    proptest::collection::vec(any::<u32>(), most / 4..most).prop_map(Choices::new)
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn lists_agree(mut of_world in choices(1200), mut c in choices(400)) {
        judge::lists::lists(&world(&mut of_world), &LAYOUTS, &mut c)?;
    }

    #[test]
    fn groups_agree(mut of_world in choices(1200), mut c in choices(400)) {
        judge::groups::groups(&world(&mut of_world), &LAYOUTS, &mut c)?;
    }

    #[test]
    fn both_languages_agree(mut of_world in choices(1200), mut c in choices(400)) {
        judge::doors::doors(&world(&mut of_world), &TREE_LAYOUTS, &mut c)?;
    }

    #[test]
    fn the_latest_agree(mut of_world in choices(1200), mut c in choices(400)) {
        judge::latest::latest(&world(&mut of_world), &LAYOUTS, &mut c)?;
    }

    #[test]
    fn what_is_printed_means_the_same(mut of_world in choices(800), mut c in choices(400)) {
        judge::lists::printed(&world(&mut of_world), (1, 7), &mut c)?;
    }

    #[test]
    fn no_text_leaves_its_scope(mut of_world in choices(800), mut c in choices(600)) {
        let world = world(&mut of_world);
        let layout = c.pick(&LAYOUTS);
        judge::scope::scope(&world, layout, &mut c)?;
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn completions_go_on_and_stay_in_scope(mut of_world in choices(800), mut c in choices(600)) {
        let world = world(&mut of_world);
        let layout = c.pick(&LAYOUTS);
        judge::completion::completion(&world, layout, &mut c)?;
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn histories_agree_with_a_list(mut c in choices(1500)) {
        judge::history::history(&mut c)?;
    }
}

proptest! {
    #![proptest_config(cases(6))]

    #[test]
    fn many_rows_agree(mut of_world in choices(800), mut c in choices(300), mut of_trees in choices(500)) {
        let world = world(&mut of_world).tiled(MANY_ROWS);
        judge::lists::lists(&world, &BIG_LAYOUTS, &mut c)?;
        judge::groups::groups(&world, &BIG_LAYOUTS, &mut c)?;
        judge::trees::trees(&world, &BIG_LAYOUTS[1..3], &mut of_trees)?;
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn trees_agree(mut of_world in choices(1200), mut c in choices(600)) {
        judge::trees::trees(&world(&mut of_world), &TREE_LAYOUTS, &mut c)?;
    }

    #[test]
    fn lists_of_groups_agree(mut of_world in choices(1200), mut c in choices(400)) {
        judge::pages::pages(&world(&mut of_world), &TREE_LAYOUTS, &mut c)?;
    }
}
