//! Groupings that are counted give what working them out row by row gives.

use chrono::DateTime;
use proptest::prelude::*;
use proptest::sample::{Index as Pick, select, subsequence};

use crate::engine::access::Access;
use crate::engine::context::Context;
use crate::engine::core::Engine;
use crate::engine::odata::ask::{Dialect, ODataQuery};
use crate::exec::rowset::lots::Lots;
use crate::exec::rowset::set::{Computed, RowSet};
use crate::exec::run::Run;
use crate::model::catalog::Catalog;
use crate::model::field::Field;
use crate::model::kind::Kind;
use crate::model::schema::Schema;
use crate::model::table::Rows;
use crate::model::value::Value;
use crate::plan::stage::Plan;
use crate::query::pipeline::Step;
use crate::query::rel::{Rel, Role};

const KEYS: [&str; 7] = ["Suite", "Outcome", "Ms", "IsFlaky", "Run/Name", "Run/Took", "rollup(Day,Suite2)"];

const AGGREGATES: [&str; 18] = [
    "$count as N",
    "Ms with sum as S",
    "Ms with average as A",
    "Ms with min as Mn",
    "Ms with max as Mx",
    "Ms with countdistinct as D",
    "Cost with sum as CS",
    "Cost with average as CA",
    "Cost with max as CM",
    "Day with max as Last",
    "Suite with countdistinct as Suites",
    "cast(Outcome eq 'Passed', Edm.Int32) with sum as P",
    "cast(Outcome ne 'passed' and IsFlaky, Edm.Int32) with sum as F",
    "Run/Took with sum as Took",
    "Run/Took mul 2 with sum as Twice",
    "Run/Name with countdistinct as Names",
    "Run/Name with max as Name",
    "Outcome with min as Least",
];

fn schemas() -> Vec<Schema> {
    let run = Schema::builder("Run").key("Id").fields([
        Field::new("Id", Kind::Keyword),
        Field::new("Name", Kind::Keyword),
        Field::new("Took", Kind::Integer),
    ]);
    let result = Schema::builder("Result").fields([
        Field::new("Suite", Kind::Keyword),
        Field::new("Suite2", Kind::Keyword),
        Field::new("Outcome", Kind::Keyword),
        Field::new("Ms", Kind::Integer),
        Field::new("Cost", Kind::Decimal),
        Field::new("IsFlaky", Kind::Boolean),
        Field::new("Day", Kind::Date),
        Field::relation("Run", "Run", "Id", false),
    ]);
    [run, result].into_iter().map(|builder| builder.build().unwrap()).collect()
}

fn context() -> Context {
    Context::new(DateTime::UNIX_EPOCH, Access::unrestricted())
}

fn cell(values: &[&str]) -> impl Strategy<Value = Value> + use<> {
    let values: Vec<Value> =
        values.iter().map(|text| if *text == "null" { Value::Null } else { Value::from(*text) }).collect();
    select(values)
}

fn row() -> impl Strategy<Value = Vec<Value>> {
    (
        cell(&["a", "A", "b", "", "null", "B", "c"]),
        cell(&["x", "X", "null", "y"]),
        cell(&["Passed", "passed", "Failed", "null", ""]),
        cell(&["null", "1", "2", "3000000", "-7"]),
        cell(&["null", "0.1", "2.25", "-3", "1000000"]),
        cell(&["null", "true", "false"]),
        cell(&["null", "2020-01-01", "2020-01-02"]),
        cell(&["null", "r1", "R1", "r2", "r3", "nowhere"]),
    )
        .prop_map(|(a, b, c, d, e, f, g, h)| vec![a, b, c, d, e, f, g, h])
}

fn engine(rows: &[Vec<Value>], segment_rows: u32, threads: usize) -> Engine {
    let catalog = Catalog::new(schemas()).unwrap();
    let engine = Engine::builder(catalog).threads(threads).segment_rows(segment_rows).build().unwrap();
    let ctx = context();
    let mut tx = engine.transaction(&ctx).unwrap();
    let mut runs = Rows::new(["Id", "Name", "Took"]);
    runs.push(["r1".into(), "Night".into(), 5.into()]);
    runs.push(["r2".into(), "night".into(), Value::Null]);
    runs.push(["r3".into(), Value::Null, 9.into()]);
    tx.append("Run", &runs).unwrap();
    let mut table = Rows::new(["Suite", "Suite2", "Outcome", "Ms", "Cost", "IsFlaky", "Day", "Run"]);
    rows.iter().for_each(|row| table.push(row.clone()));
    tx.append("Result", &table).unwrap();
    tx.commit().unwrap();
    engine
}

fn shown(rows: &Computed<'_>) -> Cells {
    (0..rows.n).map(|row| rows.columns.iter().map(|column| column.value(row).unwrap()).collect()).collect()
}

/// Rows of cells; none where a row does not have the column.
type Cells = Vec<Vec<Option<Value>>>;

/// Rows by counting, if that can be, and rows worked out.
fn answers(engine: &Engine, text: &str) -> (Option<Cells>, Cells) {
    let (snapshot, ctx) = (engine.snapshot(), context());
    let index = snapshot.index("Result", &ctx).unwrap();
    let query = ODataQuery::new(text).dialect(Dialect::V4);
    let around = index.around(query.around(), &ctx).unwrap();
    let (bound, _) = index.bound(&query, None, &ctx).unwrap();
    let (predicate, steps) = bound.rows.leading();
    let plan = Plan::new(&Rel::Filter { input: around.into(), role: Role::Query, predicate }).unwrap();
    let budget = ctx.budget();
    let request = index.request(&ctx, &budget);
    let run = Run { plan: &plan, request: &request };
    let [Step::Group(grouping)] = steps else { panic!("{text} is no grouping alone") };
    let counted = run.counted(grouping).unwrap().map(|(rows, _)| shown(&rows));
    let places = run.page(&[], 0, u64::MAX).unwrap().places;
    let lots = Lots::one(places.len()).unwrap();
    let (set, _) = run.steps().run(RowSet::Rows(places), lots, steps).unwrap();
    let RowSet::Computed(rows) = set else { panic!("groups are computed") };
    (counted, shown(&rows))
}

proptest! {
    #[test]
    fn counting_and_working_out_agree(
        rows in prop::collection::vec(row(), 0..60),
        keys in subsequence(&KEYS[..], 0..3),
        aggregates in subsequence(&AGGREGATES[..], 1..5),
        filter in select(vec!["", "filter(Ms gt 1)/", "filter(Suite ne 'a')/", "filter(Ms gt 5000000)/"]),
        segment_rows in select(vec![1u32, 7, 4096]),
        order in any::<Pick>(),
    ) {
        let aggregate = format!("aggregate({})", aggregates.join(","));
        let text = match keys.is_empty() {
            true => format!("$apply={filter}{aggregate}"),
            false => format!("$apply={filter}groupby(({}),{aggregate})", keys.join(",")),
        };
        let (counted, worked_out) = answers(&engine(&rows, segment_rows, 2), &text);
        if let Some(counted) = &counted {
            prop_assert_eq!(counted, &worked_out, "{}", text);
        }
        // Neither threads nor segments nor, but for ties, the order of rows has a say.
        let (_, alone) = answers(&engine(&rows, 5, 1), &text);
        prop_assert_eq!(&alone, &worked_out, "{}", text);
        let at = order.index(rows.len().max(1)).min(rows.len());
        let turned = [&rows[at..], &rows[..at]].concat();
        let (_, turned) = answers(&engine(&turned, 5, 1), &text);
        prop_assert_eq!(turned, worked_out, "{}", text);
    }
}

#[test]
fn usual_groupings_are_counted() {
    let rows: Vec<Vec<Value>> = (0..40)
        .map(|n| {
            let text = |n: i32| Value::from(n.to_string());
            vec![
                text(n % 3),
                text(n % 2),
                "Passed".into(),
                n.into(),
                Value::Null,
                true.into(),
                Value::Null,
                "r1".into(),
            ]
        })
        .collect();
    let engine = engine(&rows, 7, 2);
    for text in [
        "$apply=aggregate($count as N,Ms with average as A)",
        "$apply=filter(Ms gt 3)/groupby((Suite,Run/Name),aggregate(cast(Outcome eq 'Passed', Edm.Int32) with sum as P))",
        "$apply=groupby((rollup(Suite,Suite2)),aggregate(Suite2 with countdistinct as D,Ms with max as M))",
    ] {
        let (counted, worked_out) = answers(&engine, text);
        assert_eq!(counted.unwrap(), worked_out, "{text}");
    }
}

/// Where all rows of a piece of work are null, its column has no dictionary; the others' spellings are one group all the same.
#[test]
fn rows_without_a_text_do_not_part_spellings() {
    let row = |suite: Value| {
        let mut row = vec![Value::Null; 8];
        row[0] = suite;
        row
    };
    let rows: Vec<Vec<Value>> =
        (0..18).map(|n| row(if n < 16 { ["b", "B"][usize::from(n == 3)].into() } else { Value::Null })).collect();
    let (_, worked_out) = answers(&engine(&rows, 1, 2), "$apply=groupby((Suite),aggregate($count as N))");
    assert_eq!(worked_out, [[Some(Value::Null), Some(2.into())], [Some("b".into()), Some(16.into())]]);
}
