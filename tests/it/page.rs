//! `docs/tql.md`: every query on it can be read, and those with an answer get it from the rows on the page.

use std::io::Cursor;

use tallygrid::{
    Access, Catalog, Context, DeclaredValue, Engine, Field, Format, Input, Kind, Load, Query, Reply, ResultsBody, Rule,
    Schema, Snapshot, check_tql,
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
