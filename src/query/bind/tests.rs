//! Operators by kind, literals, functions and warnings, as tables; and that meaning survives being printed.

use super::{Bound, bind_text};
use crate::base::limits::Limits;
use crate::lang::tql::parse::parse;
use crate::model::catalog::Catalog;
use crate::model::field::{DeclaredValue, Field};
use crate::model::kind::Kind;
use crate::model::schema::Schema;
use crate::model::time::Zone;
use crate::model::time::parse::parse_instant;
use crate::plan::simplify::simplify;
use crate::query::context::{Env, Facts, Sight};
use crate::query::predicate::{Node, Predicate};
use crate::query::print::{Style, print_filter, print_first};
use crate::{Diagnostic, Severity};
use proptest::prelude::*;

#[derive(Debug)]
struct Host;

impl Sight for Host {
    fn sees(&self, _: &str) -> bool {
        true
    }
}

impl Facts for Host {
    fn current_user(&self) -> Option<Vec<String>> {
        Some(vec!["ada".into(), "Ada L.".into()])
    }
    fn packages(&self, name: &str) -> Option<Vec<String>> {
        Some(vec![format!("/p/{name}"), "/q".into()])
    }
    fn call(&self, name: &str, arguments: &[String]) -> Option<Result<Vec<String>, String>> {
        match name {
            "Team" => Some(Ok(arguments.to_vec())),
            "Broken" => panic!("host fault"),
            _ => None,
        }
    }
    fn function_names(&self) -> Vec<String> {
        vec!["Team".into()]
    }
}

fn catalog() -> Catalog {
    let status =
        [DeclaredValue::new("In Progress"), DeclaredValue::new("Passed").alias("OK"), DeclaredValue::new("Failed")];
    let schema = Schema::builder("Run")
        .key("Id")
        .field(Field::new("Id", Kind::Integer))
        .field(Field::new("Name", Kind::Text))
        .field(Field::new("Suite", Kind::Keyword))
        .field(Field::new("Status", Kind::Status).values(status))
        .field(Field::new("Tags", Kind::Keyword).multi().alias("Labels"))
        .field(Field::new("Retries", Kind::Integer))
        .field(Field::new("Score", Kind::Decimal))
        .field(Field::new("Flaky", Kind::Boolean))
        .field(Field::new("CreatedAt", Kind::DateTime))
        .field(Field::new("Due Date", Kind::Date))
        .field(Field::new("Took", Kind::Duration))
        .field(Field::new("Guid", Kind::Guid))
        .field(Field::new("RunBy", Kind::User))
        .field(Field::new("Package", Kind::Path))
        .field(Field::relation("Self", "Run", "Id", false))
        .build()
        .unwrap();
    Catalog::new([schema]).unwrap()
}

fn with_env<T>(ask: impl FnOnce(&Env<'_>) -> T) -> T {
    let (catalog, zone, limits) = (catalog(), Zone::named("Europe/Berlin").unwrap(), Limits::default());
    let now = parse_instant("2024-05-15T12:30:00Z", &zone).unwrap().micros;
    let schema = catalog.schemas().next().unwrap();
    ask(&Env {
        schema,
        catalog: &catalog,
        sight: &Host,
        now,
        zone: &zone,
        facts: &Host,
        limits: &limits,
        in_permission: false,
    })
}

fn bound(text: &str) -> (Bound, Vec<Diagnostic>) {
    with_env(|env| {
        let mut diagnostics = Vec::new();
        (bind_text(text, env, &mut diagnostics), diagnostics)
    })
}

fn codes(text: &str) -> Vec<&'static str> {
    bound(text).1.iter().map(|d| d.code().as_str()).collect()
}

/// The meaning of a query as TQL with everything resolved.
fn meaning(text: &str) -> String {
    let (bound, diagnostics) = bound(text);
    assert!(diagnostics.iter().all(|d| d.severity() != Severity::Error), "{text}: {diagnostics:?}");
    with_env(|env| print_filter(&bound.predicate, env.schema, env.catalog))
}

#[test]
fn meanings() {
    for (text, expected) in [
        ("name ~ 'Login  bug'", r#"Name ~ "login bug""#),
        ("Suite = smoke", r#"Suite = "smoke""#),
        ("Status = inprogress", r#"Status = "In Progress""#),
        ("Status IN [ok, failed, OK]", r#"Status IN ["Passed", "Failed"]"#),
        ("Labels NOT IN [a, b]", r#"Tags NOT IN ["a", "b"]"#),
        ("Retries IN [1, 5]", "Retries IN [1, 5]"),
        ("Retries IN [1]", "Retries = 1"),
        ("Retries IN 1", "Retries = 1"),
        ("Retries IN [1, 5, 9]", "Retries IN [1, 5, 9]"),
        ("Retries > 1.5", "Retries >= 2"),
        ("Retries < 1.5 AND Retries <= -0.5", "Retries <= 1 AND Retries <= -1"),
        ("Retries < 99999999999999999999", "Retries IS NOT EMPTY"),
        ("Score >= 10.50", r#"Score >= "10.5""#),
        ("Flaky = yes OR Flaky != False", "Flaky = Yes OR Flaky != No"),
        ("CreatedAt >= 2024-1-1", r#"CreatedAt >= "2023-12-31T23:00:00Z""#),
        ("CreatedAt < '2024-03-31T02:30'", r#"CreatedAt < "2024-03-31T01:00:00Z""#),
        ("CreatedAt > '-1 week'", r#"CreatedAt > "2024-05-08T12:30:00Z""#),
        ("CreatedAt > -1w", r#"CreatedAt > "2024-05-08T12:30:00Z""#),
        ("CreatedAt >= StartOfDay('-1d')", r#"CreatedAt >= "2024-05-13T22:00:00Z""#),
        ("CreatedAt <= EndOfYear()", r#"CreatedAt <= "2024-12-31T22:59:59.999999Z""#),
        ("'Due Date' = Today()", r#""Due Date" = "2024-05-15""#),
        ("Took IN [5m, '1h 30m']", r#"Took IN ["00:05:00", "01:30:00"]"#),
        ("Guid = {", ""),
        ("Guid = CDD1A0CF2CD14F9A8513A9A2FC74D133", r#"Guid = "cdd1a0cf-2cd1-4f9a-8513-a9a2fc74d133""#),
        ("RunBy = Me()", r#"RunBy IN ["ada", "Ada L."]"#),
        ("RunBy IN [Team(x, Team(y)), z]", r#"RunBy IN ["x", "y", "z"]"#),
        ("Package = /a/b", r#"Package = "/a/b""#),
        ("AllPackages IN Packages(tools)", r#"AllPackages IN ["/p/tools", "/q"]"#),
        ("Suite = ''", "Suite IS EMPTY"),
        ("NOT Suite = a OR Suite = b AND Suite = c", r#"NOT (Suite = "a" OR Suite = "b") AND Suite = "c""#),
        ("", "(Id IS EMPTY OR Id IS NOT EMPTY)"),
    ] {
        if !expected.is_empty() {
            assert_eq!(meaning(text), expected, "{text}");
        }
    }
}

#[test]
fn mistakes() {
    for (text, expected) in [
        ("Statsu = a", "unknown-field"),
        ("Name = a", "wrong-operator"),
        ("Name < a", "wrong-operator"),
        ("Suite < a", "wrong-operator"),
        ("Retries ~ a", "wrong-operator"),
        ("Flaky IN [Yes]", "wrong-operator"),
        ("Package ~ a", "wrong-operator"),
        ("Self ~ a", "wrong-operator"),
        ("Self < { Suite = a }", "wrong-operator"),
        ("Self = a", "wrong-subselect"),
        ("Text = a", "wrong-operator"),
        ("Retries = many", "wrong-literal"),
        ("Score = 1e-99", "wrong-literal"),
        ("Flaky = maybe", "wrong-literal"),
        ("CreatedAt > yesterday", "wrong-literal"),
        ("'Due Date' = 2024-02-30", "wrong-literal"),
        ("Took = 5", "wrong-literal"),
        ("Guid = 7", "wrong-literal"),
        ("Retries < Me()", "wrong-literal"),
        ("Suite IN { Suite = a }", "wrong-subselect"),
        ("Self IN { Name = a }", "wrong-operator"),
        ("Self IN { COUNT WHERE Suite = a }", "misplaced-aggregate"),
        ("Self IN { Suite = a ORDER BY Id }", "wrong-subselect"),
        ("MAX(Suite)", "wrong-aggregate"),
        ("SUM(CreatedAt)", "wrong-aggregate"),
        ("Suite = a AND MAX(Retries)", "misplaced-aggregate"),
        ("COUNT, COUNT", "repeated-name"),
        ("GROUP BY Bucket(Retries, 5, 1) { COUNT }", "wrong-argument"),
        ("GROUP BY Top(Tags, 5) { COUNT }", "wrong-argument"),
        ("GROUP BY Month(CreatedAt, Format('')) { COUNT }", "wrong-argument"),
        ("GROUP BY Month(Suite) { COUNT }", "not-groupable"),
        ("PERCENTILE(Retries, 101)", "wrong-argument"),
        ("Unmatched()", "wrong-argument"),
        ("GreaterThan(Retries, CreatedAt)", "wrong-argument"),
        ("Equals(Suite, a)", "unknown-function"),
        ("RunBy = Mee()", "unknown-function"),
        ("RunBy = Temm()", "unknown-function"),
        ("RunBy = Me(x)", "wrong-argument"),
        ("RunBy = ProjectManager(x)", "no-fact"),
        ("RunBy = Broken()", "wrong-literal"),
        ("CreatedAt > StartOfDay(x)", "wrong-argument"),
        ("ORDER BY Name", "not-groupable"),
        ("ORDER BY Tags", "not-groupable"),
        ("ORDER BY Text", "not-groupable"),
        ("Status = Pased", "unknown-value"),
        ("Retries IN [5, 1]", "empty-range"),
        ("Id IN [1, 5]", "range-on-key"),
        ("CreatedAt <= 2024-1-31", "date-upper-bound"),
        ("CreatedAt IN [2024-1-1, 2024-1-31]", "date-upper-bound"),
        ("Retries = 1.5", "unknown-value"),
        ("Name ~ 'the'", "stop-words-only"),
        ("Suite = []", "list-needs-in"),
        ("Suite = ", "unexpected-end"),
    ] {
        if text == "RunBy = Broken()" {
            // The panic of host code is told as what it is.
            assert_eq!(codes(text), ["internal"], "{text}");
        } else {
            assert_eq!(codes(text), [expected], "{text}");
        }
    }
}

#[test]
fn fixes_lead_out() {
    for (text, fixed) in [
        ("Statsu = Passed", "Status = Passed"),
        ("Name != x", "Name !~ x"),
        ("CreatedAt <= 2024-1-31", "CreatedAt < 2024-02-01"),
        ("CreatedAt IN [2024-1-1, 2024-1-31]", "CreatedAt IN [2024-1-1, 2024-02-01]"),
        ("Status = Pased", "Status = \"Passed\""),
        ("RunBy = Mee()", "RunBy = Me()"),
    ] {
        let (_, diagnostics) = bound(text);
        let fix = &diagnostics[0].fixes()[0];
        let mut edited = text.to_owned();
        edited.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        assert_eq!(edited, fixed, "{text}");
    }
}

#[test]
fn long_chains_bind_in_a_loop() {
    let text = format!("Suite = a{}", " AND Suite = b OR Suite = c".repeat(12_000));
    let (bound, diagnostics) = bound(&text);
    assert_eq!(diagnostics.iter().map(|d| d.code().as_str()).collect::<Vec<_>>(), ["mixed-operators"]);
    let printed = with_env(|env| print_filter(&bound.predicate, env.schema, env.catalog));
    assert!(printed.ends_with(r#"OR Suite = "c""#));
    let mut mistakes = Vec::new();
    let again =
        with_env(|env| print_filter(&bind_text(&printed, env, &mut mistakes).predicate, env.schema, env.catalog));
    assert_eq!(again, printed);
}

#[test]
fn what_is_asked_of_all_texts_is_one_leaf_and_prints_as_written() {
    let text = r#"Text ~ "+x -(b c*) +\"d e\"" AND Text !~ "f" AND Text IS EMPTY AND Text IS NOT EMPTY"#;
    let (bound, diagnostics) = bound(text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(bound.predicate.nodes().iter().filter(|node| matches!(node, Node::Leaf(_))).count(), 4);
    assert_eq!(with_env(|env| print_filter(&bound.predicate, env.schema, env.catalog)), text);
}

proptest! {
    #[test]
    fn meaning_survives_printing(text in query()) {
        let (first, diagnostics) = bound(&text);
        prop_assume!(diagnostics.iter().all(|d| d.severity() != Severity::Error));
        // Constants come back as a test that says as much.
        prop_assume!(!first.predicate.nodes().iter().any(|node| matches!(node, Node::Const(_))));
        let printed = with_env(|env| print_filter(&first.predicate, env.schema, env.catalog));
        let (again, mistakes) = bound(&printed);
        prop_assert!(mistakes.iter().all(|d| d.severity() != Severity::Error), "{printed}: {mistakes:?}");
        prop_assert_eq!(with_env(|env| print_filter(&again.predicate, env.schema, env.catalog)), printed);
    }

    #[test]
    fn a_flat_text_means_the_same_and_is_no_deeper(text in query()) {
        let (first, diagnostics) = bound(&text);
        prop_assume!(diagnostics.iter().all(|d| d.severity() != Severity::Error));
        let first = simplify(&first.predicate);
        prop_assume!(!first.nodes().iter().any(|node| matches!(node, Node::Const(_))));
        let flat = with_env(|env| print_first(&first, Style::Flat, env.schema, env.catalog)) + " AND Id = 1";
        let (again, mistakes) = bound(&flat);
        prop_assert!(mistakes.iter().all(|d| d.severity() != Severity::Error), "{flat}: {mistakes:?}");
        let expected = Predicate::all([first, bound("Id = 1").0.predicate]);
        let clear = |p: &Predicate| with_env(|env| print_filter(&simplify(p), env.schema, env.catalog));
        prop_assert_eq!(clear(&again.predicate), clear(&expected), "{}", flat);
        // One clause about `Text` stands for a chain of others.
        prop_assert!(text.contains("Text IS") || depth(&flat) <= depth(&text), "{text} became {flat}");
    }

    #[test]
    fn no_text_breaks_the_binder(text in "[A-Za-z =<>~!\\[\\]{}()',\"0-9-]{0,40}") {
        let (_, diagnostics) = bound(&text);
        for d in &diagnostics {
            let span = d.span().unwrap();
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
        }
    }
}

/// The least limit `nesting` under which a text can be read.
fn depth(text: &str) -> usize {
    let is_read = |n: &usize| {
        let parsed = parse(text, &Limits::default().with_nesting(*n));
        parsed.diagnostics.iter().all(|d| d.severity() != Severity::Error)
    };
    (0..200).find(is_read).unwrap()
}

/// Queries over the fields above, most of them right.
fn query() -> impl Strategy<Value = String> {
    let clause = prop_oneof![
        ("(Suite|Status|Tags|RunBy|AllPackages)", "(=|!=|IN)", "[a-cA-C ]{0,3}")
            .prop_map(|(f, o, v)| format!("{f} {o} '{v}'")),
        ("(Name|Suite|Tags|Text)", "(~|!~)", "[a-c*?+ -]{1,5}").prop_map(|(f, o, v)| format!("{f} {o} '{v}'")),
        ("(Retries|Score|Id)", "(=|!=|<|<=|>|>=|IN|NOT IN)", -9i32..9).prop_map(|(f, o, v)| format!("{f} {o} {v}")),
        ("(Retries|Score)", "(IN|NOT IN)", -9i32..9, -9i32..9).prop_map(|(f, o, a, b)| format!("{f} {o} [{a}, {b}]")),
        ("(CreatedAt|\"Due Date\")", "(<|>=|=)", 1u8..13, 1u8..29)
            .prop_map(|(f, o, m, d)| format!("{f} {o} 2024-{m}-{d}")),
        "(Suite|CreatedAt|Text|Tags) IS (NOT )?EMPTY".prop_map(|s| s),
    ];
    clause.prop_recursive(3, 12, 4, |inner| {
        (
            proptest::collection::vec(inner, 1..4),
            proptest::collection::vec("( AND | OR | AND NOT | OR NOT )", 3),
            any::<bool>(),
        )
            .prop_map(|(parts, joiners, negated)| {
                let mut text = if negated { "NOT (".to_owned() } else { "(".to_owned() };
                for (i, part) in parts.iter().enumerate() {
                    if i > 0 {
                        text.push_str(&joiners[i - 1]);
                    }
                    text.push_str(part);
                }
                text + ")"
            })
    })
}
