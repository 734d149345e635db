//! Engine and oracle on random rows and queries; and what must hold of any query text whatever.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use tallygrid::{
    Access, Catalog, Condition, Context, Decimal, Engine, GroupBy, Period, Query, Rows, Snapshot, Value, Zone,
};

use crate::oracle::{COLUMNS, Filter, Leaf, Link, Row, grouped, ordered, passes, same, schema, stored, text};

/// Every layout and number of threads that answers must not depend on.
const LAYOUTS: [(usize, u32); 4] = [(1, 65_536), (2, 7), (8, 1), (2, 65_536)];

fn context() -> Context {
    Context::new(chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap(), Access::unrestricted())
        .time_zone(Zone::named("America/New_York").unwrap())
}

fn engine(rows: &[Row], (threads, segment_rows): (usize, u32)) -> Engine {
    let engine =
        Engine::builder(Catalog::new([schema()]).unwrap()).threads(threads).segment_rows(segment_rows).build().unwrap();
    // Two commits, so that blocks are reopened and dictionaries merged.
    for part in rows.chunks(rows.len().div_ceil(2).max(1)) {
        let mut tx = engine.transaction(&context()).unwrap();
        let mut table = Rows::new(COLUMNS);
        part.iter().for_each(|row| table.push(row.iter().cloned()));
        tx.append("Run", &table).unwrap();
        tx.commit().unwrap();
    }
    engine
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec(row(), 0..40)
}

fn row() -> impl Strategy<Value = Row> {
    let word = |words: &'static [&'static str]| prop_oneof![6 => select(words).prop_map(Value::from), 1 => Just(Value::Null), 1 => Just(Value::from(""))];
    let suites = word(&["alpha", "Alpha", "ALPHA beta", "beta\0", " beta", "the gamma-ray", "δέλτα", "ΔΈΛΤΑ"]);
    let statuses = word(&["Passed", "ok", "InProgress", "in progress", "Failed", "Blocked"]);
    let notes = word(&["the login bug", "Login failed", "bug of the day", "a b"]);
    let tags = prop_oneof![
        1 => Just(Value::Null),
        5 => proptest::collection::vec(select(&["x", "X", "y", "z z", ""][..]), 0..4).prop_map(Value::from),
    ];
    let number = prop_oneof![5 => (-5i64..5).prop_map(Value::from), 1 => any::<i64>().prop_map(|n| n.max(-i64::MAX).into()), 1 => Just(Value::Null)];
    let score = prop_oneof![
        5 => (-300i64..300).prop_map(|n| Value::from(Decimal::new(n.into(), 2).unwrap())),
        1 => Just(Value::from("0.000001".parse::<Decimal>().unwrap())),
        1 => Just(Value::Null)
    ];
    let flaky = prop_oneof![any::<bool>().prop_map(Value::from), Just(Value::Null)];
    // Around the clock changes of New York in 2024, in steps that hit both sides.
    let at = prop_oneof![
        5 => (0i64..400).prop_map(|n| Value::Instant((1_710_000_000 + n * 1700) * 1_000_000)),
        2 => (0i64..400).prop_map(|n| Value::Instant((1_730_600_000 + n * 300) * 1_000_000)),
        1 => Just(Value::Null)
    ];
    let day = prop_oneof![(19_700i32..19_800).prop_map(Value::Date), Just(Value::Null)];
    let took = prop_oneof![(-9i64..9).prop_map(|n| Value::Duration(n * 1_500_000)), Just(Value::Null)];
    let exact = word(&["e", "E", "é"]);
    (suites, statuses, notes, tags, number, score, flaky, at, (day, took, exact))
        .prop_map(|(a, b, c, d, e, f, g, h, (i, j, k))| vec![a, b, c, d, e, f, g, h, i, j, k])
}

fn leaf() -> impl Strategy<Value = Leaf> {
    let op = || select(&["=", "<", "<=", ">", ">="][..]);
    let texts = select(
        &["alpha", "ALPHA", "beta\0", " beta", "passed", "OK", "In Progress", "x", "z z", "e", "É", "ΔΈΛΤΑ"][..],
    );
    prop_oneof![
        (
            select(&[0usize, 1, 3, 10][..]),
            proptest::collection::vec(texts.prop_map(str::to_owned), 1..4),
            any::<bool>()
        )
            .prop_map(|(column, texts, negated)| Leaf::OneOf { column, texts, negated }),
        (op(), -6i64..6).prop_map(|(op, number)| Leaf::Number { op, number }),
        (-6i64..6, 0i64..6, any::<bool>()).prop_map(|(low, n, negated)| Leaf::Between { low, high: low + n, negated }),
        (op(), -300i64..300).prop_map(|(op, hundredths)| Leaf::Score { op, hundredths }),
        (any::<bool>(), any::<bool>()).prop_map(|(is, negated)| Leaf::Flaky { is, negated }),
        (op(), 0i64..400).prop_map(|(op, n)| Leaf::At { op, seconds: 1_710_000_000 + n * 1700 }),
        (op(), 19_690i32..19_810).prop_map(|(op, day)| Leaf::Day { op, day }),
        (op(), -150i64..150).prop_map(|(op, tenths)| Leaf::Took { op, tenths }),
        (0..COLUMNS.len(), any::<bool>()).prop_map(|(column, negated)| Leaf::Empty { column, negated }),
        (
            select(&[0usize, 2, 3][..]),
            proptest::collection::vec(
                select(&["login", "bug", "alpha", "be*", "z", "ray", "δέλτα"][..]).prop_map(str::to_owned),
                1..3
            ),
            any::<bool>()
        )
            .prop_map(|(column, words, negated)| Leaf::Words { column, words, negated }),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    leaf().prop_map(Filter::Leaf).prop_recursive(3, 12, 4, |inner| {
        let link = (any::<bool>(), any::<bool>(), inner).prop_map(|(is_and, negated, operand)| Link {
            is_and,
            negated,
            operand,
        });
        proptest::collection::vec(link, 1..5).prop_map(Filter::Chain)
    })
}

fn count(snapshot: &Snapshot, query: &Query) -> u64 {
    let ctx = context();
    snapshot
        .index("Run", &ctx)
        .unwrap()
        .count(query, &ctx)
        .unwrap_or_else(|e| panic!("{}", e.render(query.text())))
        .body
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn engine_and_oracle_agree(rows in rows(), filter in filter()) {
        let tql = text(&filter);
        let expected: Vec<usize> = (0..rows.len()).filter(|i| passes(&filter, &rows[*i])).collect();
        let ctx = context();
        for layout in LAYOUTS {
            let snapshot = engine(&rows, layout).snapshot();
            let runs = snapshot.index("Run", &ctx).unwrap();
            let page = runs.rows(&Query::tql(tql.as_str()).top(100), &ctx).unwrap_or_else(|e| panic!("{}", e.render(&tql))).body;
            prop_assert_eq!(page.total as usize, expected.len(), "{} in {:?}", tql, layout);
            for (cells, i) in page.rows.iter().zip(&expected) {
                prop_assert_eq!(cells, &rows[*i].iter().map(stored).collect::<Row>());
            }
            let not = format!("NOT ({tql})");
            prop_assert_eq!(count(&snapshot, &Query::tql(not)) as usize, rows.len() - expected.len(), "{}", tql);
        }
    }

    #[test]
    fn groups_agree_and_each_says_its_query(rows in rows(), filter in filter(), column in select(&[0usize, 3, 10][..])) {
        let tql = text(&filter);
        let passing: Vec<&Row> = rows.iter().filter(|row| passes(&filter, row)).collect();
        let expected = grouped(&passing, &rows, column);
        let ctx = context();
        let mut first = None;
        for layout in LAYOUTS {
            let snapshot = engine(&rows, layout).snapshot();
            let runs = snapshot.index("Run", &ctx).unwrap();
            let by = GroupBy::field(COLUMNS[column]).with_queries();
            let groups = runs.group(&by, &Query::tql(tql.as_str()), &ctx).unwrap().body;
            prop_assert_eq!(groups.rows.len(), expected.len(), "{} by {}", tql, COLUMNS[column]);
            for row in &groups.rows {
                let counts = &expected[&*row.key];
                for (status, n) in groups.statuses.iter().zip(&row.counts) {
                    prop_assert_eq!(*n, counts.get(&same(1, status)).copied().unwrap_or(0), "{} {}", row.key, status);
                }
                let total: i128 = row.counts.iter().sum();
                let query = row.query.clone().unwrap();
                prop_assert_eq!(i128::from(count(&snapshot, &Query::tql(query.as_str()))), total, "{}", query);
            }
            prop_assert_eq!(groups.totals.iter().sum::<i128>() as usize, passing.len());
            let first = first.get_or_insert_with(|| groups.clone());
            prop_assert_eq!(&*first, &groups);
        }
    }

    #[test]
    fn days_agree_with_the_local_calendar(rows in rows()) {
        let mut expected: BTreeMap<String, i128> = BTreeMap::new();
        for row in &rows {
            let key = match &row[7] {
                Value::Instant(t) => local_day(*t),
                _ => String::new(),
            };
            *expected.entry(key).or_insert(0) += 1;
        }
        let ctx = context();
        for layout in LAYOUTS {
            let snapshot = engine(&rows, layout).snapshot();
            let by = GroupBy::period("At", Period::Day).with_queries();
            let groups = snapshot.index("Run", &ctx).unwrap().group(&by, &Query::all(), &ctx).unwrap().body;
            let mut days: Vec<&str> = groups.rows.iter().map(|row| &*row.key).filter(|key| !key.is_empty()).collect();
            let n_days = days.len();
            days.dedup();
            prop_assert_eq!(days.len(), n_days);
            prop_assert!(days.is_sorted());
            for row in &groups.rows {
                let total: i128 = row.counts.iter().sum();
                prop_assert_eq!(total, expected.get(&*row.key).copied().unwrap_or(0), "{}", row.key);
                prop_assert_eq!(i128::from(count(&snapshot, &Query::tql(row.query.clone().unwrap()))), total);
            }
            prop_assert!(expected.keys().all(|key| groups.rows.iter().any(|row| *row.key == **key)));
        }
    }

    #[test]
    fn orders_agree(rows in rows(), column in select(&[0usize, 1, 4, 5, 6, 7, 8, 9, 10][..]), descending in any::<bool>(), skip in 0u64..5, top in 0u64..50) {
        let ctx = context();
        let tql = format!("ORDER BY {}{}", COLUMNS[column], if descending { " DESC" } else { "" });
        let mut pages = Vec::new();
        for layout in LAYOUTS {
            let snapshot = engine(&rows, layout).snapshot();
            let runs = snapshot.index("Run", &ctx).unwrap();
            let page = runs.rows(&Query::tql(tql.as_str()).skip(skip).top(top), &ctx).unwrap().body;
            let whole = runs.rows(&Query::tql(tql.as_str()).top(1000), &ctx).unwrap().body.rows;
            let part: Vec<_> = whole.iter().skip(skip as usize).take(top as usize).cloned().collect();
            prop_assert_eq!(&page.rows, &part);
            let all: Vec<&Row> = rows.iter().collect();
            let expected = ordered(&all, &[(column, descending)]);
            prop_assert_eq!(&whole, &expected.iter().map(|row| row.iter().map(stored).collect()).collect::<Vec<Row>>());
            pages.push(whole);
        }
        prop_assert!(pages.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn no_text_widens_the_scope(rows in rows(), base in filter(), user in hostile()) {
        let snapshot = engine(&rows, (2, 7)).snapshot();
        let ctx = context();
        let inside = rows.iter().filter(|row| passes(&base, row)).count() as u64;
        let base = text(&base);
        let by_scope = Query::tql(user.as_str()).scope(Condition::tql(base.as_str())).top(1000);
        let allowed = Context::new(chrono::DateTime::UNIX_EPOCH, Access::none().allow("Run", Condition::tql(base.as_str())));
        let runs = snapshot.index("Run", &ctx).unwrap();
        if let Ok(answer) = runs.rows(&by_scope, &ctx) {
            prop_assert!(answer.body.total <= inside, "{user}");
            let within = Query::tql(format!("({base})")).top(1000);
            let all = runs.rows(&within, &ctx).unwrap().body.rows;
            prop_assert!(answer.body.rows.iter().all(|row| all.contains(row)));
        }
        if let Ok(answer) = snapshot.index("Run", &allowed).unwrap().count(&Query::tql(user.as_str()), &allowed) {
            prop_assert!(answer.body <= inside, "{user}");
        }
    }
}

/// The local day in New York, by another library's clock arithmetic.
fn local_day(micros: i64) -> String {
    use chrono::TimeZone as _;
    let zone: chrono_tz::Tz = "America/New_York".parse().unwrap();
    zone.timestamp_micros(micros).unwrap().date_naive().to_string()
}

/// Texts that try to get out of whatever stands around them.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        filter().prop_map(|filter| text(&filter)),
        filter().prop_map(|filter| format!(") OR ({}", text(&filter))),
        filter().prop_map(|filter| format!("{}) OR (Suite IS EMPTY OR Suite IS NOT EMPTY", text(&filter))),
        "[()'\"\\]\\[{}, ]{0,6}(OR|AND|NOT)?[()'\" ]{0,4}(Runs = 1|Suite IS NOT EMPTY)?[()'\"]{0,3}",
        Just("Suite IS EMPTY OR Suite IS NOT EMPTY".to_owned()),
        Just("NOT Runs = 99999".to_owned()),
        "\\PC{0,30}",
    ]
}
