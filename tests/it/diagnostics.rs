//! `docs/diagnostics.md`: every code has its section in order, with its meaning, an example that gets the code and a way out;
//! what else holds of messages.

use std::sync::Arc;
use std::time::Instant;

use tallygrid::{
    Access, Cancel, Catalog, Code, Context, Dashboard, DeclaredValue, Diagnostic, Engine, Error, Facts, Field, Format,
    GridWidgetRequest, GroupBy, GroupList, Ids, Input, Kind, Limits, Load, ODataMode, ODataNames, ODataQuery,
    ODataRule, Query, Rows, Rule, Schema, Value, WidgetRequest, check_odata, check_tql, render,
};

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
        .field(Field::new("Cost", Kind::Decimal))
        .fields(["a", "b", "c"].map(|name| Field::new(name, Kind::Keyword)))
        .field(Field::new("Areas", Kind::Path).multi())
        .field(Field::relation("Parent", "Run", "Id", false))
        .build()
        .unwrap();
    Catalog::new([schema]).unwrap()
}

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

/// `docs/diagnostics.md`, whose examples are rewritten with `UPDATE=1`.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/diagnostics.md");

#[test]
fn every_code_is_documented_and_every_example_shows_what_comes_of_it() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let meanings = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/base/code.rs")).unwrap();
    let (head, sections) = page.split_once("\n## ").unwrap();
    let mut expected = head.to_owned();
    let mut titles = Vec::new();
    for section in sections.split("\n## ") {
        let (title, body) = section.split_once("\n\n").unwrap();
        titles.push(title);
        let (meaning, body) = body.split_once("\n\n").unwrap();
        assert!(
            meanings.contains(&format!("    /// {meaning}\n    {} = \"{title}\";\n", variant(title))),
            "{title}: {meaning}"
        );
        let (query, body) = block(body, "```tql\n");
        let (odata, body) = block(body, "```odata\n");
        let (_, way_out) = block(body, "```text\n");
        let rendered = match (query, odata) {
            (Some(query), _) => rendered_query(title, query),
            (None, Some(request)) => rendered_request(title, request),
            (None, None) => rendered_situation(title),
        };
        let is_sentence = way_out.starts_with(char::is_uppercase) && way_out.trim_end().ends_with('.');
        assert!(is_sentence, "{title} has no way out: {way_out}");
        let shown = |language: &str, text: &str| format!("```{language}\n{text}\n```\n\n");
        let query = query.map(|query| shown("tql", query)).or(odata.map(|odata| shown("odata", odata)));
        let query = query.unwrap_or_default();
        expected += &format!("\n## {title}\n\n{meaning}\n\n{query}```text\n{rendered}```\n\n{way_out}");
    }
    assert_eq!(titles, Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PAGE, expected).unwrap();
    } else {
        assert!(page == expected, "docs/diagnostics.md should read, written by UPDATE=1:\n{expected}");
    }
}

/// How the code is called within the library: `UnknownField` for `unknown-field`.
fn variant(code: &str) -> String {
    let capital = |word: &str| {
        let mut rest = word.chars();
        rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
    };
    code.split('-').map(capital).collect()
}

/// The content of the block that a text begins with, and what follows it.
fn block<'a>(text: &'a str, opening: &str) -> (Option<&'a str>, &'a str) {
    let Some(rest) = text.strip_prefix(opening) else { return (None, text) };
    let (content, rest) = rest.split_once("\n```\n\n").unwrap();
    (Some(content), rest)
}

/// What a query text gets: that diagnostic and no other.
fn rendered_query(code: &str, text: &str) -> String {
    let check = check_tql(text, Rule::Query, Some((&catalog(), "Run")), &context()).unwrap();
    let found: Vec<&str> = check.diagnostics.iter().map(|d| d.code().as_str()).collect();
    assert_eq!(found, [code], "{text}");
    render(&check.diagnostics, text)
}

/// What an OData request gets in lenient reading: that diagnostic and no other.
fn rendered_request(code: &str, text: &str) -> String {
    let rule = ODataRule::default();
    let check = check_odata(text, rule, ODataMode::Lenient, &ODataNames::default(), &context());
    let found: Vec<&str> = check.diagnostics.iter().map(|d| d.code().as_str()).collect();
    assert_eq!(found, [code], "{text}");
    render(&check.diagnostics, text)
}

/// What requests, schemas, rows and files get.
fn rendered_situation(code: &str) -> String {
    let (text, diagnostics) = situation(code);
    assert_eq!(diagnostics[0].code().as_str(), code);
    render(&diagnostics, text)
}

/// The query text, empty if there is none, and what was wrong.
fn situation(code: &str) -> (&'static str, Vec<Diagnostic>) {
    let engine = Engine::builder(catalog()).threads(1).build().unwrap();
    let (ctx, snapshot) = (context(), engine.snapshot());
    let failed = |text: &'static str, ctx: &Context| {
        let query = Query::tql(text);
        (text, snapshot.index("Run", ctx).unwrap().count(&query, ctx).unwrap_err().diagnostics().to_vec())
    };
    let widget = |name: &str, body: &str| {
        let request: GridWidgetRequest = serde_json::from_str(body).unwrap();
        engine.snapshot().grid_widget(name, "results", &request, &ctx).unwrap_err()
    };
    let append = |rows: Rows| engine.transaction(&ctx).unwrap().append("Run", &rows);
    let file = |bytes: &'static str| Load::new().read([Input::new("runs.ndjson", Format::Ndjson, bytes.as_bytes())]);
    let error = match code {
        "unknown-index" => snapshot.index("Runs", &ctx).unwrap_err(),
        "unknown-zone" => {
            let zone = r#""TimeZone": "Europe/Berlni""#;
            widget("RunStatusOverTime", &format!(r#"{{{zone}, "Parameters": {{"groupingField": "CreatedAt"}}}}"#))
        }
        "scope-needs-field" => {
            widget("RunStatusOverTime", r#"{"ProjectId": "p1", "Parameters": {"groupingField": "CreatedAt"}}"#)
        }
        "unknown-widget" => widget("RunStatusByField", "{}"),
        "wrong-parameter" => {
            widget("RunStatusOverTime", r#"{"Parameters": {"groupingType": "Decade", "groupingField": "CreatedAt"}}"#)
        }
        "no-group-query" => {
            let mut tx = engine.transaction(&ctx).unwrap();
            let areas = Value::from(vec!["smoke", "/x/smoke"]);
            tx.append("Run", &Rows::new(["Id", "Areas"]).row([1.into(), areas])).unwrap();
            tx.commit().unwrap();
            let (snapshot, by) = (engine.snapshot(), GroupBy::field("Areas").with_queries());
            let groups = snapshot.index("Run", &ctx).unwrap().group(&by, &Query::all(), &ctx).unwrap();
            return ("", groups.warnings);
        }
        "wrong-body" => WidgetRequest::from_json(br#"{"name": "Links", "size": {"rowSpan": 0}}"#).unwrap_err(),
        "stale-tag" => {
            let change = br#"{"name": "Links", "dashboard": {"eTag": "4"}}"#;
            dashboard().patch("a", &WidgetRequest::from_json(change).unwrap()).unwrap_err()
        }
        "overlap" => {
            let change = br#"{"position": {"row": 1, "column": 2}}"#;
            dashboard().patch("a", &WidgetRequest::from_json(change).unwrap()).unwrap_err()
        }
        "unauthenticated" => Error::unauthenticated(),
        "forbidden" => Error::forbidden(),
        "stale-cursor" => {
            let snapshot = engine.snapshot();
            let list = GroupList::by("Status").after("3.0123456789abcdef.19");
            snapshot.index("Run", &ctx).unwrap().list_groups(&list, &Query::all(), &ctx).unwrap_err()
        }
        "unmapped-status" => {
            let mut tx = engine.transaction(&ctx).unwrap();
            tx.append("Run", &Rows::new(["Id", "Status"]).row([1.into(), "Retest".into()])).unwrap();
            tx.commit().unwrap();
            widget("RunStatusesGroupedByField", r#"{"Parameters": {"groupingField": "RunNumber"}}"#)
        }
        "invalid-schema" => {
            Schema::builder("Run").key("Nr").field(Field::new("Id", Kind::Integer)).build().unwrap_err()
        }
        "invalid-document" => Schema::from_json(r#"{"name": "Run", "feilds": []}"#).unwrap_err(),
        "wrong-cell" => append(Rows::new(["Id", "RunNumber"]).row([1.into(), "five".into()])).unwrap_err(),
        "missing-key" => append(Rows::new(["Id"]).row([Value::Null])).unwrap_err(),
        "duplicate-key" => append(Rows::new(["Id"]).row([7.into()]).row([7.into()])).unwrap_err(),
        "unknown-key" => engine.transaction(&ctx).unwrap().delete("Run", &7.into()).unwrap_err(),
        "broken-file" => file("{\"Id\": 1}\n{\"Id\": 2").unwrap_err(),
        "cut-precision" => {
            let mut tx = engine.transaction(&ctx).unwrap();
            let at = "2024-01-31T16:00:00.1234567Z";
            tx.append("Run", &Rows::new(["Id", "CreatedAt"]).row([1.into(), at.into()])).unwrap();
            return ("", tx.commit().unwrap().notes);
        }
        "kept-as-text" => return ("", file("{\"Build\": 123456789012345678901234}").unwrap().report().notes.clone()),
        "limit-reached" => return failed("(((a = 1)))", &ctx.clone().limits(Limits::default().with_nesting(2))),
        "overflow" => {
            let mut tx = engine.transaction(&ctx).unwrap();
            let cost = || Value::from("99999999999999");
            tx.append("Run", &Rows::new(["Id", "Cost"]).row([1.into(), cost()]).row([2.into(), cost()])).unwrap();
            tx.commit().unwrap();
            engine.snapshot().index("Run", &ctx).unwrap().aggregate(&Query::tql("SUM(Cost)"), &ctx).unwrap_err()
        }
        "failed-expression" => {
            let mut tx = engine.transaction(&ctx).unwrap();
            tx.append("Run", &Rows::new(["Id", "RunNumber"]).row([1.into(), 0.into()])).unwrap();
            tx.commit().unwrap();
            let query = ODataQuery::new("$filter=10 div RunNumber gt 1");
            engine.snapshot().index("Run", &ctx).unwrap().odata(&query, &ctx).unwrap_err()
        }
        "deadline-exceeded" => return failed("a = 1", &ctx.clone().deadline(Instant::now())),
        "cancelled" => {
            let cancel = Cancel::new();
            cancel.cancel();
            return failed("a = 1", &ctx.clone().cancel(cancel));
        }
        "internal" => return failed("RunBy = Me()", &ctx.clone().facts(Arc::new(Broken))),
        other => panic!("no situation gives `{other}`"),
    };
    ("", error.diagnostics().to_vec())
}

/// Two widgets side by side.
fn dashboard() -> Dashboard {
    let widget = |id: &str, column: u32| {
        let place =
            format!(r#""position": {{"row": 1, "column": {column}}}, "size": {{"rowSpan": 1, "columnSpan": 1}}"#);
        let kept = format!(r#"{{"id": "{id}", "eTag": "1", "name": "{id}", {place}, "contributionId": "x"}}"#);
        serde_json::from_str(&kept).unwrap()
    };
    Dashboard::restore(5, [widget("a", 1), widget("b", 2)], Ids::random()).unwrap()
}

/// A host whose directory of users fails.
#[derive(Debug)]
struct Broken;

impl Facts for Broken {
    fn current_user(&self) -> Option<Vec<String>> {
        panic!("the directory is down")
    }
}

#[test]
fn a_line_break_in_quoted_text_breaks_no_message() {
    let check = check_tql("Status = In\nProgress", Rule::Query, None, &context()).unwrap();
    assert_eq!(check.diagnostics[0].message(), "`In·Progress` needs quotes");
    assert_eq!(check.diagnostics[0].fixes()[0].replacement, r#""In\nProgress""#);
}

#[test]
fn places_in_a_search_are_places_in_the_query() {
    // Fuzzing: without quotes around it, or out of a function, a search has its text elsewhere than behind a quote.
    let catalog = catalog();
    let ctx = context().user("ada lovelace +");
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
