//! `docs/tql.md` and `docs/odata.md`: every query on them can be read, and those with an answer get it from the rows on the page.

use std::io::Cursor;

use tallygrid::{
    Access, Catalog, Context, DeclaredValue, Dialect, Engine, Field, Format, Input, Kind, Load, Measure, ODataBody,
    ODataQuery, Query, Reply, ResultsBody, Rule, Schema, Snapshot, check_tql,
};

/// The page, whose answers are rewritten with `UPDATE=1`.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tql.md");

/// What a block of the page ends with.
const END: &str = "```\n";

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

#[test]
fn queries_of_the_page_can_be_read_and_get_their_answers() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (_, rows) = page.split_once("```ndjson\n").unwrap();
    let snapshot = loaded(rows.split_once(END).unwrap().0);
    let mut parts = page.split("```tql\n");
    let mut expected = parts.next().unwrap().to_owned();
    let mut n_answers = 0;
    for part in parts {
        let (query, behind) = part.split_once(END).unwrap();
        let check = check_tql(query, Rule::Query, None, &context()).unwrap();
        assert!(check.ok, "{query}: {:?}", check.diagnostics);
        expected += &format!("```tql\n{query}{END}");
        match behind.strip_prefix("\n```json\n") {
            Some(answer) => {
                n_answers += 1;
                let behind = answer.split_once(END).unwrap().1;
                expected += &format!("\n```json\n{}\n{END}{behind}", answered(&snapshot, query));
            }
            None => expected += behind,
        }
    }
    assert!(n_answers > 5, "the page has {n_answers} answers");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PAGE, expected).unwrap();
    } else {
        assert!(page == expected, "docs/tql.md should read, written by UPDATE=1:\n{expected}");
    }
}

fn answered(snapshot: &Snapshot, query: &str) -> String {
    let ctx = context();
    let answer = snapshot.index("Run", &ctx).unwrap().ask(&Query::tql(query), &ctx).unwrap();
    assert_eq!(answer.warnings, [], "{query}");
    match &answer.body {
        Reply::Results(results) => serde_json::to_string(&ResultsBody(results)).unwrap(),
        Reply::Rows(page) => {
            let ids: Vec<String> = page.rows.iter().map(|row| row[0].to_string()).collect();
            format!("[{}]", ids.join(","))
        }
        other => panic!("{other:?}"),
    }
}

fn loaded(rows: &str) -> Snapshot {
    let statuses = ["Passed", "Failed", "Blocked"].map(DeclaredValue::new);
    let schema = Schema::builder("Run")
        .key("Id")
        .fields([Field::new("Id", Kind::Integer), Field::new("Name", Kind::Text), Field::new("Suite", Kind::Keyword)])
        .fields([Field::new("Status", Kind::Status).values(statuses), Field::new("Tags", Kind::Keyword).multi()])
        .fields([Field::new("Runs", Kind::Integer), Field::new("Took", Kind::Duration)])
        .fields(["StartedAt", "FinishedAt"].map(|name| Field::new(name, Kind::DateTime)))
        .build()
        .unwrap();
    let input = Input::new("runs.ndjson", Format::Ndjson, Cursor::new(rows.to_owned().into_bytes()));
    let loaded = Load::new().schema(schema.clone()).read([input]).unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(1).build().unwrap();
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append("Run", &loaded.into_rows()).unwrap();
    tx.commit().unwrap();
    engine.snapshot()
}

/// The page of OData, whose answers are rewritten with `UPDATE=1`.
const ODATA_PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/odata.md");

#[test]
fn requests_of_the_odata_page_get_their_answers() {
    let page = std::fs::read_to_string(ODATA_PAGE).unwrap();
    let rows: Vec<&str> = page.split("```ndjson\n").skip(1).map(|block| block.split_once(END).unwrap().0).collect();
    let [runs, suites] = rows[..] else { panic!("two indexes stand on the page") };
    let snapshot = related(runs, suites);
    let mut parts = page.split("```odata");
    let mut expected = parts.next().unwrap().to_owned();
    let mut n_answers = 0;
    for part in parts {
        let (head, behind) = part.split_once('\n').unwrap();
        let (query, behind) = behind.split_once(END).unwrap();
        let behind = behind.strip_prefix("\n```json\n").unwrap().split_once(END).unwrap().1;
        let (index, dialect) = match head.trim() {
            "v4" => ("Run", Dialect::V4),
            "" => ("Run", Dialect::Seed),
            index => (index, Dialect::Seed),
        };
        let query_text = query.trim_end();
        let asked = ODataQuery::new(query_text).dialect(dialect);
        let answer = snapshot.index(index, &context()).unwrap().odata(&asked, &context()).unwrap();
        let body = serde_json::to_string(&ODataBody { page: &answer.body, dialect, base: "" }).unwrap();
        expected += &format!("```odata{head}\n{query}{END}\n```json\n{body}\n{END}{behind}");
        n_answers += 1;
    }
    assert!(n_answers >= 5, "the page has {n_answers} answers");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(ODATA_PAGE, expected).unwrap();
    } else {
        assert!(page == expected, "docs/odata.md should read, written by UPDATE=1:\n{expected}");
    }
}

/// The two indexes of the page, related both ways.
fn related(runs: &str, suites: &str) -> Snapshot {
    let statuses = ["Passed", "Failed", "Blocked"].map(DeclaredValue::new);
    let run = Schema::builder("Run").key("Id").fields([
        Field::new("Id", Kind::Integer),
        Field::new("Name", Kind::Keyword),
        Field::relation("Suite", "Suite", "Id", false),
        Field::new("Status", Kind::Status).values(statuses),
        Field::new("Took", Kind::Integer),
        Field::new("Tags", Kind::Keyword).multi(),
        Field::new("At", Kind::DateTime),
    ]);
    let run = run.aggregate("TimeSpent", Measure::Sum, "Took");
    let suite = Schema::builder("Suite").key("Id").fields([
        Field::new("Id", Kind::Keyword),
        Field::new("Title", Kind::Keyword),
        Field::new("Owner", Kind::Keyword),
        Field::relation("Runs", "Run", "Suite", true),
    ]);
    let schemas = [run.build().unwrap(), suite.build().unwrap()];
    let engine = Engine::builder(Catalog::new(schemas.clone()).unwrap()).threads(1).build().unwrap();
    let mut tx = engine.transaction(&context()).unwrap();
    for (schema, rows) in schemas.iter().zip([runs, suites]) {
        let input = Input::new("rows.ndjson", Format::Ndjson, Cursor::new(rows.to_owned().into_bytes()));
        let loaded = Load::new().schema(schema.clone()).read([input]).unwrap();
        tx.append(schema.name(), &loaded.into_rows()).unwrap();
    }
    tx.commit().unwrap();
    engine.snapshot()
}

/// The page of limits gives those of a request by name and default, and no others.
#[test]
fn the_page_of_limits_has_the_defaults() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/limits.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let told: Vec<String> = rows.map(|(name, rest)| format!("{name}: {}", rest.split(' ').next().unwrap())).collect();
    let limits = format!("{:?}", tallygrid::Limits::default());
    assert_eq!(limits, format!("Limits {{ {} }}", told.join(", ")));
}
