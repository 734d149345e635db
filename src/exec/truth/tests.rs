//! Filters whose leaves ask expressions against single values: which rows pass, and which end a request.

use std::sync::Arc;

use crate::base::error::Result;
use crate::data::block::BLOCK_ROWS;
use crate::data::segment::Segment;
use crate::data::version::IndexVersion;
use crate::exec::eval::tests::scalar::{self, Stop};
use crate::exec::eval::tests::world::{Bench, Dice, Drawer, index_of, rows, schema};
use crate::exec::filter::{Filter, Known, Scratch, Selection};
use crate::exec::package::Packages;
use crate::exec::semi::Decided;
use crate::model::value::Value;
use crate::query::predicate::expr::{Arithmetic, ExprBuilder, Input, Op, Type};
use crate::query::predicate::{Leaf, Order, Predicate};

/// The rows that pass, or the message of the error that ends it.
fn passing(predicate: &Predicate, index: &IndexVersion, bench: &Bench) -> Result<Vec<usize>> {
    let Bench { zone, pool, budget, inputs } = bench;
    let (packages, subselects) = (Packages { all: None, visible: None }, Decided::default());
    let known = Known { packages, subselects: &subselects, inputs, zone, pool, budget };
    let filter = Filter::new(predicate, index, &known)?;
    let (mut passed, mut scratch) = (Vec::new(), Scratch::default());
    for (at, segment) in index.segments.iter().enumerate() {
        let outcome = filter.outcome(segment, &mut scratch);
        for block in 0..segment.n_blocks() {
            let first = at * index.segment_rows as usize + block * BLOCK_ROWS;
            let n_before = passed.len();
            match filter.select((at, segment), block, &mut scratch)? {
                Selection::Nothing => {}
                Selection::Everything => passed.extend(first..first + segment.block_rows(block)),
                Selection::Rows(mask) => {
                    passed.extend((0..mask.len()).filter(|row| mask[*row] == 1).map(|r| first + r));
                }
            }
            let n_live =
                segment.live(block).map_or(segment.block_rows(block), |live| live.iter().filter(|l| **l == 1).count());
            match outcome {
                crate::exec::test::Outcome::NoRow => assert_eq!(passed.len(), n_before),
                crate::exec::test::Outcome::EveryRow => assert_eq!(passed.len() - n_before, n_live),
                crate::exec::test::Outcome::SomeRows => {}
            }
        }
    }
    Ok(passed)
}

/// Deletes some rows; answers which are left.
fn with_holes(index: &mut IndexVersion, dice: &mut Dice) -> Vec<bool> {
    let mut alive = Vec::new();
    for segment in &mut index.segments {
        let n = segment.n_rows as usize;
        let live: Vec<bool> = (0..n).map(|_| dice.below(5) > 0).collect();
        let bytes: Vec<u8> = live.iter().map(|live| u8::from(*live)).collect();
        let live_blocks = bytes.chunks(BLOCK_ROWS).map(|block| Some(Arc::from(block))).collect();
        let n_deleted = live.iter().filter(|live| !**live).count() as u32;
        *segment = Arc::new(Segment { live: live_blocks, n_deleted, ..Segment::clone(segment) });
        alive.extend(live);
    }
    alive
}

#[test]
fn filters_pass_what_single_values_do_and_fail_where_a_row_that_counts_does() {
    let bench = Bench::new("Europe/Berlin");
    let (mut n_passed, mut n_answers, mut n_failed) = (0, 0, 0);
    for seed in 0..120 {
        let mut dice = Dice::new(seed * 7 + 1);
        let n = *dice.pick(&[1usize, 30, 200, 1500]);
        let rows = rows(&mut dice, n);
        let segment_rows = *dice.pick(&[17usize, 64, 1 << 16]);
        let mut index = index_of(&rows, segment_rows);
        let alive = if dice.below(2) == 0 { with_holes(&mut index, &mut dice) } else { vec![true; n] };
        for _ in 0..6 {
            let predicate = Drawer::predicate(&mut dice, 2);
            let expected: Vec<_> = rows.iter().map(|row| scalar::holds(&predicate, row, &bench.zone)).collect();
            let of_live = || expected.iter().zip(&alive).filter(|(_, live)| **live).map(|(found, _)| found);
            if of_live().any(|found| *found == Err(Stop::Beyond)) {
                continue;
            }
            let found = passing(&predicate, &index, &bench);
            let first = of_live().find_map(|found| found.as_ref().err());
            match (found, first) {
                (Ok(found), None) => {
                    let passes = |row: &usize| alive[*row] && expected[*row] == Ok(Value::Boolean(true));
                    let wanted: Vec<usize> = (0..n).filter(passes).collect();
                    assert_eq!(found, wanted, "seed {seed}: {predicate:#?}");
                    n_passed += found.len();
                    n_answers += 1;
                }
                (Err(error), Some(Stop::Failed(failure))) => {
                    assert_eq!(error.to_string(), failure.error().to_string(), "seed {seed}: {predicate:#?}");
                    n_failed += 1;
                }
                (found, first) => panic!("seed {seed}: {found:?} for {first:?}, {predicate:#?}"),
            }
        }
    }
    assert!(n_passed > 20_000 && n_answers > 300 && n_failed > 30, "{n_passed} {n_answers} {n_failed}");
}

#[test]
fn numbers_of_many_rows_become_tests_of_numbers() {
    let bench = Bench::new("UTC");
    let rows = rows(&mut Dice::new(5), 2000);
    let index = index_of(&rows, 1 << 16);
    let few = schema().field_named("Few").unwrap();
    let leaf = |op, by: i64, order, value: i64| {
        let mut builder = ExprBuilder::default();
        let field = builder.push(Op::Input(Input::Field(few)), Type::Integer);
        let by = builder.push(Op::Const(by.into()), Type::Integer);
        let computed = builder.push(Op::Arithmetic(op, [field, by]), Type::Integer);
        let value = builder.push(Op::Const(value.into()), Type::Integer);
        let collation = crate::model::fold::Collation::Exact;
        let compared = Op::Compare { order, sides: [computed, value], both_null: true, collation };
        let root = builder.push(compared, Type::Boolean);
        builder.expr(root)
    };
    let tests = |expr, negated| {
        let mut memory = Vec::new();
        match super::Truth::new(&Arc::new(expr), negated, &index, &bench.means(&index), &mut memory).unwrap() {
            super::Truth::Tests(field, tests) => {
                assert_eq!(field, few);
                format!("{tests:?}")
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(tests(leaf(Arithmetic::Add, 3, Order::Less, 0), false), "[(Between(-10, -4), 1)]");
    // Null is no more true than false.
    assert_eq!(
        tests(leaf(Arithmetic::Multiply, 2, Order::Equal, 8), true),
        "[(Null, 1), (Ranges([(-10, 3), (5, 19)]), 1)]"
    );
    assert!(tests(leaf(Arithmetic::Remainder, 2, Order::Equal, 0), false).starts_with("[(Set("));
    assert_eq!(tests(leaf(Arithmetic::Divide, 0, Order::Equal, 0), false), "[(Between(-10, 19), 4)]");
    let even =
        Predicate::leaf(Leaf::IsTrue { expr: leaf(Arithmetic::Remainder, 2, Order::Equal, 0).into(), negated: false });
    let is_even = |row: &usize| matches!(rows[*row][few.idx()], Value::Integer(n) if n % 2 == 0);
    assert_eq!(passing(&even, &index, &bench).unwrap(), (0..2000).filter(is_even).collect::<Vec<_>>());
}
