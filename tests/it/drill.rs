//! Queries that groups give for their rows: askable as long as the query before them was, and exact in groups within groups.

use tallygrid::{
    Access, Catalog, Code, Context, Diagnostic, Engine, Field, GroupBy, Index, Kind, Limits, Query, ResultGroup,
    ResultValue, Results, Rows, Schema, Value,
};

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

fn engine() -> Engine {
    let schema = Schema::builder("Run")
        .fields([
            Field::new("N", Kind::Integer),
            Field::new("Status", Kind::Keyword),
            Field::new("Package", Kind::Path),
        ])
        .fields([Field::new("Areas", Kind::Path).multi(), Field::new("Marks", Kind::Integer).multi()])
        .build()
        .unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(1).build().unwrap();
    let mut rows = Rows::new(["N", "Status", "Package", "Areas", "Marks"]);
    for (n, place) in (1..).zip(["smoke", "/x/smoke", "/y/smoke", "smoke/", "/x", "", "x", "/y/smoke"]) {
        rows.push([
            n.into(),
            ["ok", "no"][n as usize % 2].into(),
            place.into(),
            vec![place].into(),
            vec![n, n + 4].into(),
        ]);
    }
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append("Run", &rows).unwrap();
    tx.commit().unwrap();
    engine
}

/// How many groups have a query, which is asked again under the same limits; and what is told of those that have none.
fn n_told(runs: &Index<'_>, by: &GroupBy, text: &str, limits: Limits) -> (usize, Vec<String>) {
    let ctx = context().limits(limits);
    let groups = runs.group(&by.clone().with_queries(), &Query::tql(text), &ctx).unwrap();
    let told = groups.body.rows.iter().filter_map(|row| Some((row, row.query.as_deref()?)));
    let n_told = told
        .map(|(row, query)| {
            let n = runs.count(&Query::tql(query), &ctx).unwrap_or_else(|error| panic!("{}", error.render(query))).body;
            assert_eq!(i128::from(n), row.counts.iter().sum::<i128>(), "{query}");
        })
        .count();
    let of_groups = |warning: &&Diagnostic| warning.code() == Code::NoGroupQuery;
    (n_told, groups.warnings.iter().filter(of_groups).map(ToString::to_string).collect())
}

#[test]
fn a_query_at_the_limit_of_nesting_has_groups_with_queries() {
    let engine = engine();
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &context()).unwrap();
    for text in [
        format!("{}N < 5{}", "(".repeat(200), ")".repeat(200)),
        format!("{}N < 5", "NOT ".repeat(200)),
        format!("N = 1 OR {}N < 5{}", "(N < 7 AND NOT ".repeat(100), ")".repeat(100)),
        format!("{}N = 1 OR N = 2{}", "N > 0 AND NOT (N = 77 OR ".repeat(100), ")".repeat(100)),
        format!("{}N = 1 AND N < 3{}", "N < 9 AND (N = 77 OR ".repeat(200), ")".repeat(200)),
        format!("{}NOT (N = 3 OR N = 4){}", "NOT (N = 8) AND (N = 77 OR ".repeat(198), ")".repeat(198)),
        format!("{}Status IN [ok, no]{}", "NOT N = 88 OR NOT (N > 0 AND ".repeat(66) + "(", ")".repeat(67)),
        format!("Status ~ '{}ok-no{}' OR N = 1", "(".repeat(199), ")".repeat(199)),
    ] {
        let n_groups =
            runs.group(&GroupBy::field("N"), &Query::tql(text.as_str()), &context()).unwrap().body.rows.len();
        assert!(n_groups > 0, "{text}");
        assert_eq!(n_told(&runs, &GroupBy::field("N"), &text, Limits::default()), (n_groups, Vec::new()), "{text}");
    }
}

#[test]
fn a_group_has_no_query_rather_than_one_beyond_the_limits() {
    let engine = engine();
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &context()).unwrap();
    let (by, text, limits) = (GroupBy::field("N"), "N IN [2, 3] OR N = 5", Limits::default());
    let told = |n| vec![format!("{n} no query: its text would go beyond the limits of a query")];
    assert_eq!(n_told(&runs, &by, text, limits), (3, Vec::new()));
    for (limits, n) in [(limits.with_query_bytes(29), 0), (limits.with_query_bytes(32), 3), (limits.with_nodes(8), 0)] {
        let missing = if n == 0 { told("3 groups have") } else { Vec::new() };
        assert_eq!(n_told(&runs, &by, text, limits), (n, missing), "{limits:?}");
    }
    // `smoke` leaves two places out, `x` one.
    let by = GroupBy::field("Package");
    assert_eq!(n_told(&runs, &by, "", limits), (6, Vec::new()));
    assert_eq!(n_told(&runs, &by, "", limits.with_list_members(1)), (5, told("1 group has")));
    assert_eq!(n_told(&runs, &by, "", limits.with_nesting(0)), (5, told("1 group has")));
}

#[test]
fn where_rows_hold_several_places_only_their_own_texts_are_told() {
    let engine = engine();
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &context()).unwrap();
    let (n_told, told) = n_told(&runs, &GroupBy::field("Areas"), "", Limits::default());
    assert_eq!((n_told, told.len()), (4, 1), "{told:?}");
}

/// Every group within some results.
fn groups_within(results: &Results) -> Vec<&ResultGroup> {
    let mut found = Vec::new();
    for (_, value) in results.iter() {
        if let ResultValue::Groups { groups, remainder } = value {
            for group in groups.iter().chain(remainder.as_deref()) {
                found.push(group);
                found.extend(groups_within(&group.results));
            }
        }
    }
    found
}

#[test]
fn groups_within_groups_are_told_apart() {
    let engine = engine();
    let (snapshot, ctx) = (engine.snapshot(), context());
    let runs = snapshot.index("Run", &ctx).unwrap();
    for (text, n_groups) in [
        ("GROUP BY Package { COUNT, GROUP BY Status { COUNT } }", 6 + 8),
        ("GROUP BY Status { COUNT, GROUP BY Package { COUNT } } WHERE Package IN [smoke, x] OR N = 3", 2 + 7),
        ("GROUP BY Top(Package, 1) { COUNT, GROUP BY Package { COUNT } }", 2 + 6),
        ("FACETED Equal(Package, smoke) AS a, Unmatched() AS b { COUNT, GROUP BY Fill(Package) { COUNT } }", 2 + 11),
        // A row with the marks 1 and 5 is not between.
        ("GROUP BY Bucket(Marks, 2, 4) { COUNT }", 3),
        ("GROUP BY Bucket(N, 2, 5) { COUNT, GROUP BY Top(Package, 2) { COUNT } }", 3 + 7),
    ] {
        let answer = runs.aggregate(&Query::tql(text).with_queries(), &ctx).unwrap();
        let groups = groups_within(&answer.body.results);
        assert_eq!(groups.len(), n_groups, "{text}");
        for group in groups {
            let query = group.query.as_deref().unwrap();
            let n = runs.count(&Query::tql(query), &ctx).unwrap_or_else(|error| panic!("{}", error.render(query))).body;
            let count = ResultValue::Value(Value::Integer(n as i64));
            assert_eq!(group.results.get("COUNT"), Some(&count), "{text}: {query}");
        }
    }
    let deep = format!("GROUP BY Areas {{ COUNT, GROUP BY Status {{ COUNT }} }} WHERE {}N > 0", "NOT ".repeat(200));
    let answer = runs.aggregate(&Query::tql(deep).with_queries(), &ctx).unwrap();
    let missing = groups_within(&answer.body.results).iter().filter(|group| group.query.is_none()).count();
    let told: Vec<String> = answer.warnings.iter().map(ToString::to_string).collect();
    assert!(told.len() == 1 && told[0].starts_with(&format!("{missing} groups have no query: ")), "{missing} {told:?}");
}
