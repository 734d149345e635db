//! `docs/diagnostics.md`: every code has its section in order, and every example gets its code.

use tallygrid::{Access, Catalog, Code, Context, DeclaredValue, Field, Kind, Rule, Schema, check_tql};

fn catalog() -> Catalog {
    let statuses = ["Passed", "Failed", "In Progress"].map(DeclaredValue::new);
    let schema = Schema::builder("Run")
        .key("Id")
        .fields([
            Field::new("Id", Kind::Integer),
            Field::new("RunNumber", Kind::Integer),
            Field::new("Name", Kind::Text),
        ])
        .fields([Field::new("Description", Kind::Text), Field::new("Status", Kind::Status).values(statuses)])
        .fields([Field::new("RunBy", Kind::User), Field::new("CreatedAt", Kind::DateTime)])
        .fields(["a", "b", "c"].map(|name| Field::new(name, Kind::Keyword)))
        .build()
        .unwrap();
    Catalog::new([schema]).unwrap()
}

#[test]
fn every_code_is_documented_and_every_example_gets_its_code() {
    let text = include_str!("../../docs/diagnostics.md");
    let sections: Vec<&str> = text.split("\n## ").skip(1).collect();
    let titles: Vec<&str> = sections.iter().map(|section| section.lines().next().unwrap()).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(titles, codes);
    let (catalog, ctx) = (catalog(), Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted()));
    let mut n_examples = 0;
    for (section, code) in sections.iter().zip(codes) {
        let Some(example) = section.split("```tql\n").nth(1).and_then(|rest| rest.split("\n```").next()) else {
            continue;
        };
        let check = check_tql(example, Rule::Query, Some((&catalog, "Run")), &ctx).unwrap();
        let found: Vec<&str> = check.diagnostics.iter().map(|d| d.code().as_str()).collect();
        assert_eq!(found, [code], "{example}");
        n_examples += 1;
    }
    assert!(n_examples > 20, "{n_examples}");
}

#[test]
fn a_line_break_in_quoted_text_breaks_no_message() {
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    let check = check_tql("Status = In\nProgress", Rule::Query, None, &ctx).unwrap();
    assert_eq!(check.diagnostics[0].message(), "`In·Progress` needs quotes");
    assert_eq!(check.diagnostics[0].fixes()[0].replacement, r#""In\nProgress""#);
}

#[test]
fn places_in_a_search_are_places_in_the_query() {
    // Fuzzing: without quotes around it, or out of a function, a search has its text elsewhere than behind a quote.
    let catalog = catalog();
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted()).user("ada lovelace +");
    for (text, code, marked) in [
        ("Name ~ 'x (y'", "wrong-search", "("),
        ("Name ~ x y +", "wrong-search", ""),
        ("Name ~ Me()", "wrong-search", "Me()"),
        ("Name ~ Nobody()", "unknown-function", "Nobody"),
    ] {
        let check = check_tql(text, Rule::Query, Some((&catalog, "Run")), &ctx).unwrap();
        let last = check.diagnostics.last().unwrap();
        let span = last.span().unwrap();
        let found = (last.code().as_str(), text.get(span.start as usize..span.end as usize));
        assert_eq!(found, (code, Some(marked)), "{text}: {:?}", check.diagnostics);
    }
}
