//! That nothing which can be sent breaks the parser, that its time is linear in the text, and that places are those of the
//! raw text. What texts mean stands in `tests/cases/odata`.

use proptest::prelude::*;

use super::{read_expr, read_option, read_request};
use crate::base::limits::Limits;
use crate::lang::odata::ast::Expr;
use crate::lang::odata::mode::Mode;
use crate::lang::odata::start::PARTS;
use crate::lang::odata::system::SystemOption;

/// What texts of the language are made of.
const PIECES: [&str; 64] = [
    "a",
    "Name",
    "Ns.T",
    "$it",
    "$count",
    "$filter",
    "@p",
    "@Ns.T",
    "1",
    "-5",
    "4.5",
    "2021-09-01",
    "10:20",
    "'x'",
    "'",
    "\"",
    "\"y\"",
    "null",
    "true",
    "duration'P1D'",
    "guid'",
    "eq",
    "and",
    "or",
    "not",
    "in",
    "has",
    "add",
    "-",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    "/",
    "=",
    "&",
    "?",
    "*",
    "+",
    "%",
    "%20",
    "%27",
    "%zz",
    "%FF",
    " ",
    "\n",
    "any(x:",
    "contains(",
    "case(",
    "cast(",
    "aggregate(",
    "groupby((",
    "concat(",
    "$expand=",
    "$apply=",
    "$select=",
    "search(",
    "as",
    "with",
];

#[test]
fn steps_are_linear_in_the_text() {
    let limits = Limits::default().with_nodes(10_000_000).with_list_members(1_000_000).with_query_bytes(1 << 24);
    let texts: [(&str, String); 16] = [
        ("filter", "(".repeat(10_000) + "a" + &")".repeat(10_000)),
        ("filter", format!("a{}", " and a eq 'b'".repeat(100_000))),
        ("filter", format!("a in ('a'{})", ",'b'".repeat(100_000))),
        ("filter", format!("a{}", "/b".repeat(100_000))),
        ("filter", format!("'{}'", "''".repeat(200_000))),
        ("filter", "'".repeat(200_001)),
        ("filter", format!("a{}", " or not -a".repeat(50_000))),
        ("filter", "a b ".repeat(50_000)),
        ("filter", "1111111111".repeat(50_000)),
        ("filter", "eq ".repeat(100_000)),
        ("filter", format!("case(a:1{})", ",10:20 eq b:10:20".repeat(20_000))),
        ("search", "word ".repeat(50_000) + "x"),
        ("search", "\"".repeat(100_001)),
        ("expand", format!("A{}", ",B($top=1;$filter=a)".repeat(20_000))),
        ("apply", format!("identity{}", "/groupby((A,B),aggregate(C with sum as D))".repeat(20_000))),
        ("orderby", "a%20desc%2C".repeat(31) + "b"),
    ];
    for (name, text) in &texts {
        let parsed = read_option(text, SystemOption::named(name), Mode::Lenient, &limits);
        let (steps, shown) = (parsed.n_steps, text.chars().take(40).collect::<String>());
        assert!(steps <= 4 * text.len() + 100, "{name} {shown}: {steps} steps for {} bytes", text.len());
        assert!(parsed.n_nodes <= text.len() + 1, "{name} {shown}");
    }
}

#[test]
fn places_are_those_of_the_raw_text() {
    let text = "Sets?$top=1&%24filter=Name%20eq%20%27%C3%A9%27%20and%20(b%20eq%20";
    let parsed = read_request(text, Mode::Lenient, &Limits::default());
    let [wrong] = parsed.diagnostics.as_slice() else { panic!("{:?}", parsed.diagnostics) };
    assert_eq!(wrong.span().map(|span| span.start as usize), Some(text.len() - 3));
    let option = &parsed.tree.options[1];
    assert_eq!(text.get(12..), Some(option.span.of(text)));
    let crate::lang::odata::ast::option::OptionValue::Filter(Expr::Chain(chain)) = &option.value else {
        panic!("{option:?}")
    };
    assert_eq!(chain.first.span().of(text), "Name%20eq%20%27%C3%A9%27");
}

#[test]
fn the_limit_of_nesting_counts_brackets_and_prefixes_alike() {
    let limits = Limits::default().with_nesting(4);
    for (text, is_fine) in [
        ("((((a))))", true),
        ("(((((a)))))", false),
        ("not not not not a", true),
        ("not not not not not a", false),
        ("(not (-a))", true),
        ("(not (not (a)))", false),
        ("not a and not b and not c and not d and not e", true),
        ("[[[[1]]]]", true),
        ("[[[[[1]]]]]", false),
        ("toupper(toupper(toupper(toupper(a))))", true),
        ("x/any(x:x/any(x:x/any(x:(x))))", true),
        ("x/any(x:x/any(x:x/any(x:((x)))))", false),
    ] {
        let parsed = read_expr(text, Mode::Lenient, &limits);
        assert_eq!(parsed.diagnostics.is_empty(), is_fine, "{text}: {:?}", parsed.diagnostics);
    }
}

/// Reads a text as every part of the language, in both modes: places are in the text, and what has no mistake prints as
/// something that has none and prints as itself.
fn read_everywhere(text: &str) {
    for (name, start) in PARTS {
        for mode in [Mode::Lenient, Mode::Strict] {
            let limits = Limits::default().with_nesting(20);
            let reading = start.read(text, mode, &limits);
            for span in reading.diagnostics.iter().filter_map(crate::base::diagnostic::Diagnostic::span) {
                assert!(text.get(span.start as usize..span.end as usize).is_some(), "{name} {text:?}: {span:?}");
            }
            if reading.diagnostics.is_empty() {
                let again = start.read(&reading.printed, mode, &limits);
                assert_eq!(again.printed, reading.printed, "{name} {text:?}: {:?}", again.diagnostics);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_breaks_the_parser(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24)) {
        read_everywhere(&pieces.concat());
        read_everywhere(&pieces.join(" "));
    }

    #[test]
    fn no_characters_break_the_parser(text in "\\PC{0,40}") {
        read_everywhere(&text);
    }
}
