//! What transformations come to where the standard's own data says nothing: nulls and empty texts, groups with
//! transformations of their own, the whole collection, limits, pages.

use tallygrid::{
    Access, Catalog, Context, Dialect, Engine, ErrorKind, Field, Kind, Limits, Measure, ODataQuery, RecordPage, Result,
    Rows, Schema, Value,
};

use super::record::to_json;

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

fn engine() -> Engine {
    let schema = Schema::builder("Result")
        .key("Id")
        .field(Field::new("Id", Kind::Integer))
        .field(Field::new("Suite", Kind::Keyword))
        .field(Field::new("Ms", Kind::Integer))
        .field(Field::new("Cost", Kind::Decimal))
        .aggregate("Spent", Measure::Sum, "Cost")
        .aggregate("Ms", Measure::Average, "Ms")
        .build()
        .unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(2).segment_rows(2).build().unwrap();
    let mut rows = Rows::new(["Id", "Suite", "Ms", "Cost"]);
    let mut push = |id: i64, suite: Value, ms: Value, cost: &str| rows.push([id.into(), suite, ms, cost.into()]);
    push(1, "web".into(), 30.into(), "0.1");
    push(2, "WEB".into(), 10.into(), "0.2");
    push(3, "".into(), 20.into(), "");
    push(4, Value::Null, Value::Null, "1");
    push(5, "db".into(), 50.into(), "2.5");
    push(6, "web".into(), 40.into(), "");
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append("Result", &rows).unwrap();
    tx.commit().unwrap();
    engine
}

fn page(engine: &Engine, query: &ODataQuery, ctx: &Context) -> Result<RecordPage> {
    Ok(engine.snapshot().index("Result", ctx)?.odata(query, ctx)?.body)
}

fn rows(engine: &Engine, text: &str) -> String {
    let page = page(engine, &ODataQuery::new(text).dialect(Dialect::V4), &context());
    let page = page.unwrap_or_else(|error| panic!("{}", error.render(text)));
    page.records.iter().map(|record| to_json(record).to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn transformations_come_to_their_rows() {
    let engine = engine();
    for (text, expected) in [
        // Null and the empty text are groups of their own; spellings that the field holds equal are one.
        (
            "$apply=groupby((Suite),aggregate($count as N,Ms with sum as S))",
            r#"{"Suite":null,"N":1.0,"S":null} {"Suite":"","N":1.0,"S":20.0} {"Suite":"db","N":1.0,"S":50.0} {"Suite":"web","N":3.0,"S":80.0}"#,
        ),
        // Transformations of each group: a ranking keeps the order of rows, pages count within the group.
        (
            "$apply=groupby((Suite),topcount(2,Ms)/aggregate(Ms with min as M))",
            r#"{"Suite":null,"M":null} {"Suite":"","M":20.0} {"Suite":"db","M":50.0} {"Suite":"web","M":30.0}"#,
        ),
        ("$apply=groupby((Suite),orderby(Ms desc)/skip(1)/top(1))&$select=Suite,Id", r#"{"Suite":"web","Id":1.0}"#),
        (
            "$apply=groupby((Suite),filter(Ms gt 1000)/aggregate($count as N))/aggregate(N with sum as All,$count as Groups)",
            r#"{"All":0.0,"Groups":4.0}"#,
        ),
        (
            "$apply=filter(Suite eq 'web')/groupby((Suite),groupby((Id),aggregate(Ms with sum as T))/topcount(1,T))",
            r#"{"Suite":"web","Id":6.0,"T":40.0}"#,
        ),
        // The collection of a group is the group; two nulls lie to one another as `ge` says.
        (
            "$apply=groupby((Suite),filter(Ms ge $these/aggregate(Ms with average))/aggregate($count as N,Ms with min as M))",
            r#"{"Suite":null,"N":1.0,"M":null} {"Suite":"","N":1.0,"M":20.0} {"Suite":"db","N":1.0,"M":50.0} {"Suite":"web","N":2.0,"M":30.0}"#,
        ),
        ("$apply=groupby((Suite),topcount($these/$count div 2,Ms))&$select=Suite,Id", r#"{"Suite":"web","Id":6.0}"#),
        (
            "$apply=groupby((Suite),compute(Ms mul 100 div $these/aggregate(Ms with sum) as Share)/filter(Share gt 40)/top(1))&$select=Suite,Id,Share",
            r#"{"Suite":"","Id":3.0,"Share":100.0} {"Suite":"db","Id":5.0,"Share":100.0} {"Suite":"web","Id":6.0,"Share":50.0}"#,
        ),
        (
            "$apply=concat(filter(Ms gt 25)/filter(Ms lt $these/aggregate(Ms with average)),aggregate(Ms with average as A))&$select=Id,A",
            r#"{"Id":1.0} {"A":30.0}"#,
        ),
        // Aggregates that the schema names, under their own name or another; a field may have the same name.
        ("$apply=aggregate(Spent,Ms as Mean)", r#"{"Spent":3.8,"Mean":30.0}"#),
        ("$apply=groupby((Suite),aggregate(Ms))/filter(Ms gt 40)", r#"{"Suite":"db","Ms":50.0}"#),
        ("$apply=aggregate(Spent from Suite with max as Most)", r#"{"Most":2.5}"#),
        // Stages: the mean of each suite's total.
        ("$apply=aggregate(Ms with sum from Suite with average as A)", r#"{"A":50.0}"#),
        // Rows that lack a column leave it out, and read as null in what is computed of it.
        (
            "$apply=concat(filter(Id eq 5),aggregate(Cost with sum as C))/compute(C add 1 as D)&$select=Id,C,D",
            r#"{"Id":5.0,"D":null} {"C":3.8,"D":4.8}"#,
        ),
        // Decimals are summed exactly, and means of nothing are null.
        ("$apply=filter(Id le 2)/aggregate(Cost with sum as C)", r#"{"C":0.3}"#),
        (
            "$apply=filter(Id eq 3)/aggregate(Cost with average as C,Cost with countdistinct as N)",
            r#"{"C":null,"N":0.0}"#,
        ),
        // The whole collection, as it is where it is asked for.
        ("$apply=topcount($these/$count div 3,Ms)&$select=Id", r#"{"Id":5.0} {"Id":6.0}"#),
        (
            "$apply=filter(Ms gt 10)/filter(Ms ge $these/aggregate(Ms with average))&$select=Id",
            r#"{"Id":5.0} {"Id":6.0}"#,
        ),
        // Orders of values: null first, last if descending.
        ("$orderby=Ms mul -1&$select=Id&$top=3", r#"{"Id":4.0} {"Id":5.0} {"Id":6.0}"#),
        ("$orderby=Ms mul -1 desc,Id&$select=Id&$skip=4", r#"{"Id":5.0} {"Id":4.0}"#),
        ("$orderby=tolower(Suite) desc,Id desc&$select=Id&$top=4", r#"{"Id":6.0} {"Id":2.0} {"Id":1.0} {"Id":5.0}"#),
        // A condition behind a page asks the rows of the page.
        ("$apply=orderby(Ms desc)/top(3)/filter(Ms lt 45)&$select=Id", r#"{"Id":6.0} {"Id":1.0}"#),
        ("$apply=bottomsum(25,Ms)&$select=Id", r#"{"Id":2.0} {"Id":3.0} {"Id":4.0}"#),
        ("$apply=toppercent(50,Ms)&$select=Id", r#"{"Id":5.0} {"Id":6.0}"#),
        (
            "$apply=compute(percentile_cont(Ms,0.5,Suite) as P)/groupby((Suite,P))",
            r#"{"Suite":null,"P":null} {"Suite":"","P":20.0} {"Suite":"db","P":50.0} {"Suite":"web","P":30.0}"#,
        ),
        ("$apply=groupby((Suite))&$count=true&$top=1&$orderby=Suite desc", r#"{"Suite":"web"}"#),
    ] {
        assert_eq!(rows(&engine, text), expected, "{text}");
    }
}

#[test]
fn what_leaves_its_range_or_fails_ends_the_request() {
    let engine = engine();
    for (text, expected) in [
        (
            "$apply=compute(Ms mul 92233720368547758 as B)/aggregate(B with sum as S)",
            "a computed number leaves the range of its type",
        ),
        ("$apply=compute(1 div (Ms sub 10) as B)/aggregate(B with sum as S)", "a number is divided by zero"),
        ("$orderby=1 div (Ms sub 10)", "a number is divided by zero"),
        ("$apply=topcount(-1,Ms)", "a ranking takes a number of rows from 0 on"),
    ] {
        let error = page(&engine, &ODataQuery::new(text).dialect(Dialect::V4), &context()).unwrap_err();
        assert_eq!((error.kind(), error.diagnostics()[0].message()), (ErrorKind::Query, expected), "{text}");
    }
    // Rows that do not count do not fail.
    assert_eq!(
        rows(&engine, "$apply=filter(Ms ne 10)/compute(1 div (Ms sub 10) as B)/aggregate(B with max as S)"),
        r#"{"S":0.0}"#
    );
}

#[test]
fn limits_are_named() {
    let engine = engine();
    let limits = |limits: Limits| context().limits(limits);
    let doubled = format!("$apply={}", vec!["concat(identity,identity)"; 40].join("/"));
    for (text, ctx, named) in [
        ("$apply=groupby((Id))", limits(Limits::default().with_groups(5)), "groups"),
        ("$apply=groupby((Id),aggregate(Ms add 1 with sum as S))", limits(Limits::default().with_groups(5)), "groups"),
        ("$apply=groupby((rollup(Suite,Ms)))", limits(Limits::default().with_groups(5)), "groups"),
        (&*doubled, limits(Limits::default().with_memory_bytes(1 << 20)), "memory_bytes"),
    ] {
        let error = page(&engine, &ODataQuery::new(text).dialect(Dialect::V4), &ctx).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{text}");
        assert!(error.diagnostics()[0].message().contains(named), "{text}: {error}");
    }
}

#[test]
fn pages_follow_one_another() {
    let engine = engine();
    let mut text = "$apply=groupby((Suite),aggregate($count as N))&$orderby=N desc".to_owned();
    let mut shown = Vec::new();
    loop {
        let page = page(&engine, &ODataQuery::new(&*text).dialect(Dialect::V4).page(3), &context()).unwrap();
        shown.extend(page.records.iter().map(|record| to_json(record)["Suite"].clone()));
        match page.next {
            Some(next) => text = next,
            None => break,
        }
    }
    assert_eq!(shown, ["web".into(), serde_json::Value::Null, "".into(), "db".into()]);
}
