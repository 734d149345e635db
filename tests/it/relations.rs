//! Sub-selects over several indexes: what changes between snapshots, depth and width, limits, explains. Their answers are in
//! `tests/cases/relations`.

use std::time::Instant;

use tallygrid::{
    Access, Catalog, Condition, Context, Engine, ErrorKind, Field, GroupBy, Kind, Limits, Query, Rows, Rule, Schema,
    Value, check_tql, presets,
};

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

/// People who know one another, each by text.
fn people(threads: usize) -> Engine {
    let schema = Schema::builder("Person")
        .key("Name")
        .field(Field::new("Name", Kind::Keyword))
        .field(Field::relation("Knows", "Person", "Name", false))
        .field(Field::relation("KnownBy", "Person", "Knows", true))
        .build()
        .unwrap();
    Engine::builder(Catalog::new([schema]).unwrap()).threads(threads).segment_rows(100).build().unwrap()
}

fn add(engine: &Engine, people: impl IntoIterator<Item = (String, String)>) {
    let mut rows = Rows::new(["Name", "Knows"]);
    people.into_iter().for_each(|(name, knows)| rows.push([Value::from(name), knows.into()]));
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append("Person", &rows).unwrap();
    tx.commit().unwrap();
}

fn pair(name: &str, knows: &str) -> (String, String) {
    (name.to_owned(), knows.to_owned())
}

fn count(engine: &Engine, text: &str) -> u64 {
    let (snapshot, ctx) = (engine.snapshot(), context());
    snapshot.index("Person", &ctx).unwrap().count(&Query::tql(text), &ctx).unwrap().body
}

#[test]
fn every_snapshot_keeps_its_own_answer() {
    for threads in [1, 2] {
        let engine = people(threads);
        add(&engine, [pair("ada", "BOB"), pair("bob", "cy")]);
        let before = engine.snapshot();
        assert_eq!((count(&engine, "Knows IN { }"), count(&engine, "KnownBy IN { }")), (1, 1));
        // Texts that the dictionaries did not have, then a row less, then another key in a row.
        add(&engine, [pair("cy", "ada"), pair("Cy2", "cy2")]);
        assert_eq!((count(&engine, "Knows IN { }"), count(&engine, "KnownBy IN { }")), (4, 4));
        let mut tx = engine.transaction(&context()).unwrap();
        tx.delete("Person", &"bob".into()).unwrap();
        tx.patch("Person", &"cy".into(), [("Knows", Value::Null)]).unwrap();
        tx.commit().unwrap();
        assert_eq!((count(&engine, "Knows IN { }"), count(&engine, "KnownBy IN { }")), (1, 1));
        let (ctx, known) = (context(), Query::tql("KnownBy IN { Name = ada }"));
        assert_eq!(before.index("Person", &ctx).unwrap().count(&known, &ctx).unwrap().body, 1);
        assert_eq!(count(&engine, known.text()), 0);
    }
}

#[test]
fn braces_nest_as_deep_as_the_limit_and_stand_as_wide_as_a_text() {
    // On a stack as small as those that threads get.
    let small = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        let engine = people(2);
        let name = |n: usize| format!("p{n}");
        add(&engine, (0..300).map(|n| (name(n), name(n + 1))));
        let nested = |depth: usize| "Knows IN { ".repeat(depth) + "Name = p250" + &" }".repeat(depth);
        assert_eq!(count(&engine, &nested(200)), 1);
        let (snapshot, ctx) = (engine.snapshot(), context());
        let persons = snapshot.index("Person", &ctx).unwrap();
        let error = persons.count(&Query::tql(nested(201)), &ctx).unwrap_err();
        assert_eq!(error.diagnostics()[0].message(), "limit `nesting` is 200, 201 needed");
        let check = check_tql(&nested(200), Rule::Query, Some((snapshot.catalog(), "Person")), &ctx).unwrap();
        assert_eq!(check.printed, Some(nested(200)));
        let explained = persons.explain(&Query::tql(nested(150)), &ctx).unwrap().body;
        assert_eq!(explained.matches("sub-select: Name of Person\n").count(), 150);
        let groups =
            persons.group(&GroupBy::field("Name").status("Name").with_queries(), &Query::tql(nested(150)), &ctx);
        let query = groups.unwrap().body.rows[0].query.clone().unwrap();
        assert_eq!(persons.count(&Query::tql(query), &ctx).unwrap().body, 1);

        // Each different, each the same.
        let wide = |clause: fn(usize) -> String| (0..5000).map(clause).collect::<Vec<_>>().join(" OR ");
        assert_eq!(count(&engine, &wide(|n| format!("Knows IN {{ Name = p{} }}", n % 400))), 299);
        assert_eq!(count(&engine, &wide(|_| "Knows IN { Name = p7 }".to_owned())), 1);
        let alternating = "Knows IN { Name = p1 } OR Name = p2 AND ".repeat(5000) + "Name = p2";
        assert_eq!(count(&engine, &alternating), 1);
    });
    small.unwrap().join().unwrap();
}

#[test]
fn what_sub_selects_keep_is_on_the_account_whatever_the_threads() {
    for threads in [1, 8] {
        let engine = people(threads);
        add(&engine, (0..5000).map(|n| (format!("p{n}"), format!("p{}", n + 1))));
        let (snapshot, ctx) = (engine.snapshot(), context());
        let persons = snapshot.index("Person", &ctx).unwrap();
        let asked = |memory: usize, text: &str| {
            let ctx = context().limits(Limits::default().with_memory_bytes(memory));
            persons.count(&Query::tql(text), &ctx).map(|answer| answer.body).map_err(|error| error.kind())
        };
        // Both dictionaries have a byte for each text.
        assert_eq!(asked(10_100, "Knows IN { }"), Ok(4999));
        assert_eq!(asked(9_900, "Knows IN { }"), Err(ErrorKind::Limit));
        assert_eq!(asked(4_900, "Knows IN { Name = p1 }"), Err(ErrorKind::Limit));
        let late = context().deadline(Instant::now());
        assert_eq!(persons.count(&Query::tql("Knows IN { }"), &late).unwrap_err().kind(), ErrorKind::Deadline);
    }
}

#[test]
fn an_explain_shows_the_sub_selects_that_were_asked_and_no_others() {
    let engine = Engine::builder(presets::catalog().unwrap()).threads(1).build().unwrap();
    let id = |n: u128| Value::Guid(n << 100);
    let mut tx = engine.transaction(&context()).unwrap();
    let entities = Rows::new(["Id", "EntityType", "Name"])
        .row([id(1), "Script".into(), "Log in".into()])
        .row([id(2), "Requirement".into(), "Greets".into()])
        .row([id(3), "Incident".into(), "Crash".into()]);
    tx.append("Entity", &entities).unwrap();
    let text = |n: u128| Value::from(id(n).to_string().to_uppercase());
    let relationships = Rows::new(["Id", "SourceId", "Destination", "Depth", "Direction"])
        .row([id(10), id(1), text(2), 1.into(), "->".into()])
        .row([id(11), id(1), text(3), 2.into(), "<->".into()]);
    tx.append("Relationship", &relationships).unwrap();
    tx.commit().unwrap();

    let secret = Condition::tql("Relationships IN { Type = hidden } OR Number != hidden");
    let access = Access::none().allow("Entity", secret).allow("Relationship", Condition::tql("Type != hidden"));
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, access);
    let (snapshot, query) = (engine.snapshot(), Query::tql("DirectlyRelatedTo IN { EntityType = requirement }"));
    let entities = snapshot.index("Entity", &ctx).unwrap();
    assert_eq!(
        entities.explain(&query, &ctx).unwrap().body,
        "slice: skip 0, top 25\norder: load order\n\
         filter: Relationships IN { Depth = 1 AND Destination IN { EntityType = \"requirement\" } }\n\
         scope: 2 terms\nscan: Entity\n\
         sub-select: Id of Entity\nsub-select: SourceId of Relationship\n\
         rows: 3 in scope, 1 passed\n"
    );
    let named = |text: &str| entities.rows(&Query::tql(text), &ctx).unwrap().body.rows.len();
    assert_eq!(named("RelatedTo IN { Name ~ crash } AND NOT DirectlyRelatedTo IN { Name ~ crash }"), 1);
    assert_eq!(named("Relationships IN { Direction = Both } AND Relationships IN { Direction = '=>' }"), 1);
    assert_eq!(named("RelatedTo IS EMPTY"), 2);
}
