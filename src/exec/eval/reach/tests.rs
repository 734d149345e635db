//! What is said of many rows against what each of them comes to, on random expressions and rows.

use crate::data::block::{Block, Summary};
use crate::exec::eval::program::{Batch, Program};
use crate::exec::eval::reach::Extent;
use crate::exec::eval::state::VALUE;
use crate::exec::eval::tests::world::{Bench, Dice, Drawer, index_of, rows};
use crate::query::predicate::expr::Type;

#[test]
fn no_row_comes_to_what_is_not_said_of_all() {
    let (mut n_decided, mut n_bounded, mut n_cells) = (0, 0, 0);
    for seed in 0..600 {
        let mut dice = Dice::new(seed * 3 + 1);
        let bench = Bench::new(dice.pick::<&str>(&["Europe/Berlin", "America/New_York", "UTC"]));
        let n = *dice.pick(&[1, 2, 3, 30]);
        let rows = rows(&mut dice, n);
        let index = index_of(&rows, 1 << 16);
        for _ in 0..8 {
            let expr = Drawer::any(&mut dice, 3);
            let extent = Extent::new(&expr, &index, &bench.zone);
            let segment = &index.segments[0];
            let summary = |field| segment.block(field, 0).map_or(Summary::ABSENT, Block::summary);
            let found = extent.reach(&summary, &mut Vec::new());
            n_decided += u32::from(expr.ty() == Type::Boolean && found.states.single().is_some());
            n_bounded += u32::from(found.numbers.is_some());
            let program = Program::untabulated(&expr, None, &bench.means(&index)).unwrap().0;
            let column = program.run(&Batch::Block(segment, 0)).unwrap();
            for (row, cells) in rows.iter().enumerate() {
                let state = if expr.ty() == Type::Boolean {
                    column.truths().get(row.min(column.n_cells() - 1))
                } else {
                    column.state(row)
                };
                assert!(found.states.has(state), "seed {seed}: {state} of {row} {cells:?}, {found:?}: {expr:#?}");
                if let (Some([low, high]), VALUE, true) = (found.numbers, state, expr.ty() != Type::Boolean) {
                    let number = column.exact(row);
                    assert!(
                        low <= number && number <= high,
                        "seed {seed}: {number:?} in {low:?}..={high:?}: {expr:#?}"
                    );
                }
                n_cells += 1;
            }
        }
    }
    assert!(n_decided > 120 && n_bounded > 1000 && n_cells > 20_000, "{n_decided} {n_bounded} {n_cells}");
}
