//! Rows that lead back: aggregates of them for each group, the number of rows led to, and what is shown of them.

use tallygrid::{Access, Catalog, Context, Dialect, Engine, Field, Kind, Measure, ODataQuery, Rows, Schema, Value};

use super::record::to_json;

fn engine() -> Engine {
    let run = Schema::builder("Run").key("Id").aggregate("TimeSpent", Measure::Sum, "Took").fields([
        Field::new("Id", Kind::Integer),
        Field::relation("Suite", "Suite", "Id", false),
        Field::new("Took", Kind::Integer),
    ]);
    let suite = Schema::builder("Suite").key("Id").fields([
        Field::new("Id", Kind::Keyword),
        Field::new("Title", Kind::Keyword),
        Field::new("Owner", Kind::Keyword),
        Field::relation("Runs", "Run", "Suite", true),
    ]);
    let catalog = Catalog::new([run.build().unwrap(), suite.build().unwrap()]).unwrap();
    let engine = Engine::builder(catalog).threads(2).segment_rows(2).build().unwrap();
    let mut suites = Rows::new(["Id", "Title", "Owner"]);
    for (id, title, owner) in [("L", "Login", "ada"), ("S", "Search", "ada"), ("E", "Export", "bob")] {
        suites.push([id.into(), title.into(), owner.into()]);
    }
    let mut runs = Rows::new(["Id", "Suite", "Took"]);
    for (id, suite, took) in
        [(1, "L", Some(4)), (2, "L", Some(7)), (3, "S", None), (4, "S", Some(2)), (5, "X", Some(9))]
    {
        runs.push([id.into(), suite.into(), took.map_or(Value::Null, Value::from)]);
    }
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append("Suite", &suites).unwrap();
    tx.append("Run", &runs).unwrap();
    tx.commit().unwrap();
    engine
}

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

#[test]
fn rows_that_lead_back_are_reduced_and_shown() {
    let (engine, ctx) = (engine(), context());
    let snapshot = engine.snapshot();
    for (index, text, expected) in [
        (
            "Suite",
            "$apply=groupby((Owner),aggregate(Runs/$count as N,Runs/Took with sum as T,Runs/Took with max as M))",
            r#"{"Owner":"ada","N":4.0,"T":13.0,"M":7.0} {"Owner":"bob","N":0.0,"T":null,"M":null}"#,
        ),
        // Of the values, not of the means of the rows.
        (
            "Suite",
            "$apply=aggregate(Runs/Took with average as A)/compute(A mul 3 as B)/filter(B ge 12.9)&$select=A",
            r#"{"A":4.333333333333333}"#,
        ),
        (
            "Suite",
            "$apply=groupby((Title),aggregate(Runs/Took with average as A,$count as N))&$orderby=A desc&$top=2",
            r#"{"Title":"Login","A":5.5,"N":1.0} {"Title":"Search","A":2.0,"N":1.0}"#,
        ),
        (
            "Suite",
            "$apply=groupby((Owner),aggregate(Runs/TimeSpent))&$top=1",
            r#"{"Owner":"ada","Runs":{"TimeSpent":13.0}}"#,
        ),
        ("Suite", "$apply=filter(Runs/any(r:r/Took gt 3))/aggregate(Runs/$count as N)", r#"{"N":2.0}"#),
        // Of the rows that a path leads to each counts once.
        ("Run", "$apply=filter(Id lt 5)/aggregate(Suite/$count as N)", r#"{"N":2.0}"#),
        (
            "Run",
            "$select=Id,Suite/Title&$filter=Id in (2,5)",
            r#"{"Id":2.0,"Suite":{"Title":"Login"}} {"Id":5.0,"Suite":null}"#,
        ),
        (
            "Suite",
            "$select=Title,Runs/Took&$expand=Runs($filter=Took gt 3)&$top=1",
            r#"{"Title":"Login","Runs":[{"Took":4.0},{"Took":7.0}]}"#,
        ),
        (
            "Suite",
            "$select=Runs/Suite/Owner&$filter=Id eq 'S'",
            r#"{"Runs":[{"Suite":{"Owner":"ada"}},{"Suite":{"Owner":"ada"}}]}"#,
        ),
    ] {
        let query = ODataQuery::new(text).dialect(Dialect::V4);
        let page = snapshot.index(index, &ctx).unwrap().odata(&query, &ctx);
        let page = page.unwrap_or_else(|error| panic!("{}", error.render(text))).body;
        let found: Vec<String> = page.records.iter().map(|record| to_json(record).to_string()).collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }
}

#[test]
fn what_cannot_be_reduced_is_told() {
    let (engine, ctx) = (engine(), context());
    let snapshot = engine.snapshot();
    for (text, message) in [
        ("$apply=aggregate(Runs/Took with countdistinct as N)", "not supported: this aggregate of rows that lead back"),
        ("$apply=aggregate(Runs/Took as N)", "an aggregate of values needs a method, such as `with sum`"),
        ("$apply=aggregate(Runs/Nothing with sum as N)", "`Run` has no field `Nothing`"),
        ("$select=Runs/Suite/Runs/Suite/Runs/Suite", "limit `expand_depth` is 4, 5 needed"),
        ("$apply=topcount(Title,1)", "rankings go by numbers"),
    ] {
        let query = ODataQuery::new(text).dialect(Dialect::V4);
        let error = snapshot.index("Suite", &ctx).unwrap().odata(&query, &ctx).unwrap_err();
        assert_eq!(error.diagnostics()[0].message(), message, "{text}");
    }
}
