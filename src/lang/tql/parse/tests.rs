//! Readings, mistakes and limits, as tables; and that nothing that can be typed breaks the parser.

use super::{parse, parse_order};
use crate::base::limits::Limits;
use crate::lang::tql::print::{parenthesised, print};
use proptest::prelude::*;

fn codes(text: &str) -> Vec<&'static str> {
    parse(text, &Limits::default()).diagnostics.iter().map(|d| d.code().as_str()).collect()
}

fn reading(text: &str) -> String {
    parenthesised(&parse(text, &Limits::default()).query)
}

#[test]
fn chains_fold_from_the_left_and_not_reaches_over_or() {
    for (text, read) in [
        ("p=1 OR q=1 AND r=1", "((p = 1 OR q = 1) AND r = 1)"),
        ("p=1 AND q=1 OR r=1", "((p = 1 AND q = 1) OR r = 1)"),
        ("NOT p=1 OR q=1 AND r=1", "((NOT (p = 1 OR q = 1)) AND r = 1)"),
        ("NOT p=1 AND q=1", "((NOT p = 1) AND q = 1)"),
        ("(NOT (p=1)) OR q=1 AND r=1", "(((NOT p = 1) OR q = 1) AND r = 1)"),
        ("p=1 OR NOT q=1 OR r=1 AND s=1", "((p = 1 OR (NOT (q = 1 OR r = 1))) AND s = 1)"),
        ("NOT NOT p=1", "(NOT (NOT p = 1))"),
        ("NOT In(a, b)", "(NOT In(a, b))"),
    ] {
        assert_eq!(reading(text), read, "{text}");
    }
}

#[test]
fn keywords_are_reserved_by_position_only() {
    for text in [
        "Status = \"Empty\"",
        "Status IS EMPTY",
        "status is not null",
        "'Due date' >= 2011-1-1",
        "Name~'x'",
        "Id IN [2d8d6b25-0203-4595-9903-1325bcd85948, a]",
        "Count = 5 AND In IN [1, 5]",
        "Name DOES NOT CONTAIN 'a' AND Tag NOT IN [x] OR Tag CONTAINS y",
        "ORDER BY CreatedAt DESC, Name",
        "Order = 1 ORDER BY Order",
        "RunBy = Me() AND Package IN Packages('/a/b')",
        "GROUP BY Status { COUNT, GROUP BY Type AS t { AVG(Duration) AS 'mean', ENTITIES } } AS x WHERE a = 1",
        "FACETED Equal(Status, Passed) AS ok, Unmatched() { COUNT } AS f",
        "Relationships IN { Destination IN { Status = Open } }",
        "GreaterThan(FinishedAt, DateAdd(StartedAt, '2d'))",
        "",
    ] {
        let parsed = parse(text, &Limits::default());
        let wrong: Vec<_> = parsed.diagnostics.iter().filter(|d| d.code().as_str() != "mixed-operators").collect();
        assert!(wrong.is_empty(), "{text}: {wrong:?}");
        let printed = print(&parsed.query);
        assert_eq!(print(&parse(&printed, &Limits::default()).query), printed, "{text}");
    }
}

#[test]
fn one_mistake_one_diagnostic() {
    for (text, expected) in [
        ("Status = 'Passed", "unclosed-string"),
        ("(Status = a", "unclosed-bracket"),
        ("Status IN [a, b", "unclosed-bracket"),
        ("R IN { a = 1", "unclosed-bracket"),
        ("Status = a)", "unopened-bracket"),
        ("Status = In Progress", "unquoted-words"),
        ("Status IN [In Progress, b]", "unquoted-words"),
        ("Due Date = 1", "unquoted-words"),
        ("Status = [a]", "list-needs-in"),
        ("Status IN []", "empty-list"),
        ("Status == a", "unexpected-token"),
        ("Status <> a", "unexpected-token"),
        ("Status LIKE a", "unexpected-token"),
        ("a = 1 && b = 2", "unexpected-token"),
        ("Status IN (a, b)", "unexpected-token"),
        ("Status", "unexpected-end"),
        ("Status =", "unexpected-end"),
        ("Status = AND b = 1", "unexpected-token"),
        ("a = 1 AND", "unexpected-end"),
        ("NOT", "unexpected-end"),
        ("= 1", "unexpected-token"),
        ("a = 1 b = 2", "unexpected-token"),
        ("a ! b", "unexpected-character"),
        (r#"a = "\q""#, "invalid-escape"),
        (r#"a = "\ud800""#, "invalid-escape"),
        ("()", "unexpected-token"),
        ("ORDER BY", "unexpected-end"),
        ("GROUP BY Status", "unexpected-end"),
        ("a IS b", "unexpected-token"),
        ("WHERE a = 1", "unexpected-token"),
    ] {
        assert!(codes(text).contains(&expected), "{text}: {:?}", codes(text));
        assert_eq!(codes(text).len(), 1, "{text}: {:?}", codes(text));
    }
    assert_eq!(codes("a = AND b = [1] OR c ="), ["unexpected-token", "list-needs-in", "unexpected-end"]);
}

#[test]
fn fixes_lead_out() {
    for (text, fixed) in [
        ("Status = In Progress OR a = 1", "Status = \"In Progress\" OR a = 1"),
        ("Status IN (a, b)", "Status IN [a, b]"),
        ("a = 1 OR b = 2 AND c = 3", "(a = 1 OR b = 2) AND c = 3"),
        ("NOT a = 1 OR b = 2", "NOT (a = 1 OR b = 2)"),
        ("a = 1 && b = 2", "a = 1 AND b = 2"),
        ("(a = 1", "(a = 1)"),
        ("a != [1]", "a  NOT IN  [1]"),
    ] {
        let parsed = parse(text, &Limits::default());
        let fix = &parsed.diagnostics[0].fixes()[0];
        let mut edited = text.to_owned();
        edited.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        assert_eq!(edited, fixed, "{text}");
        assert_eq!(codes(&edited), [""; 0], "{edited}");
    }
}

#[test]
fn limits_end_in_one_diagnostic() {
    let deep = format!("{}a = 1{}", "(".repeat(100_000), ")".repeat(100_000));
    for text in [
        deep,
        "(".repeat(100_000),
        "NOT ".repeat(100_000),
        "f(".repeat(100_000),
        "a IN {".repeat(100_000),
        "GROUP BY a { ".repeat(100_000),
        "a = 1 AND ".repeat(100_000),
        format!("a IN [{}]", "1,".repeat(100_001)),
        "x".repeat((1 << 20) + 1),
        format!("ORDER BY {}", "a,".repeat(40)),
    ] {
        let shown: String = text.chars().take(20).collect();
        assert_eq!(codes(&text), ["limit-reached"], "{shown}");
    }
    assert_eq!(codes(&format!("a = 1{}", " AND a = 1".repeat(30_000))), [""; 0]);
}

#[test]
fn a_megabyte_of_slips_is_told_a_hundred_times() {
    let repeated = |part: &str| part.repeat((1 << 20) / part.len());
    for text in ["!", "a = b c AND ", "FACETED f(1) ", "COUNT GROUP BY ", "COUNT, x ", "MAX((a AS b "].map(repeated) {
        let diagnostics = parse(&text, &Limits::default()).diagnostics;
        assert!((100..=102).contains(&diagnostics.len()), "{}", diagnostics.len());
        assert!(diagnostics.iter().any(|d| d.message().contains("not shown")));
    }
}

#[test]
fn orders_stand_alone() {
    let order = parse_order("CreatedAt DESC, 'Due date'", &Limits::default());
    assert!(order.diagnostics.is_empty() && order.query.order[0].descending);
    assert_eq!(order.query.order[1].field.text.as_ref(), "Due date");
}

#[test]
fn escapes_map_back_to_the_text() {
    let text = r#"a = "x\u0041\"y😀z""#;
    let parsed = parse(text, &Limits::default());
    assert_eq!(parsed.diagnostics, []);
    let crate::lang::tql::ast::Operand::Clause(crate::lang::tql::ast::Clause::Compare { value, .. }) =
        &parsed.query.filter.as_ref().unwrap().first
    else {
        panic!("no clause");
    };
    let crate::lang::tql::ast::Argument::Word(word) = value else { panic!("no word") };
    assert_eq!(word.text.as_ref(), "xA\"y😀z");
    assert_eq!(text.get(word.source_offset(3)..=word.source_offset(3)), Some("y"));
    assert_eq!(text.get(word.source_offset(8)..), Some("z\""));
}

proptest! {
    #[test]
    fn any_text_gets_a_tree_and_places_inside_the_text(text in "\\PC{0,40}|[a-c=!<>~\\[\\]{}()',\" ANDORNTIXSYBUGP\\\\u0-9]{0,60}") {
        let parsed = parse(&text, &Limits::default());
        for d in &parsed.diagnostics {
            let span = d.span().unwrap();
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{d:?}");
            for fix in d.fixes() {
                prop_assert!(text.get(fix.span.start as usize..fix.span.end as usize).is_some(), "{d:?}");
            }
        }
        if !parsed.diagnostics.iter().any(|d| d.severity() == crate::Severity::Error) {
            let printed = print(&parsed.query);
            let again = parse(&printed, &Limits::default());
            prop_assert_eq!(print(&again.query), printed.clone());
            prop_assert_eq!(parenthesised(&again.query), parenthesised(&parsed.query));
            let grouped = parenthesised(&parsed.query);
            prop_assert_eq!(parenthesised(&parse(&grouped, &Limits::default()).query), grouped.clone());
        }
    }
}
