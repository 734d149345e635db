//! Any text as a part of OData.

use tallygrid::{Access, Limits, ODataMode, ODataNames, ODataRule, check_odata};

use crate::bed;
use crate::told::check_diagnostics;

const RULES: [&str; 16] = [
    "options",
    "filter",
    "orderby",
    "select",
    "expand",
    "compute",
    "search",
    "apply",
    "literal",
    "commonExpr",
    "firstMemberExpr",
    "functionParameter",
    "anyExpr",
    "resourcePath",
    "primitiveValue",
    "queryOption",
];

/// The first byte chooses the part; the rest is the text.
pub fn odata_parse(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let name = RULES[usize::from(*choice) % RULES.len()];
    let rule = ODataRule::named(name).unwrap();
    let ctx = bed::context(Access::unrestricted());
    let names = ODataNames::default().with("entityColNavigationProperty", "Items").with("primitiveKeyProperty", "Id");
    let check = |text: &str, mode, nesting| {
        let ctx = ctx.clone().limits(Limits::default().with_nesting(nesting));
        check_odata(text, rule, mode, &names, &ctx)
    };
    let is_ok = [ODataMode::Strict, ODataMode::Lenient].map(|mode| {
        let read = check(&text, mode, 30);
        check_diagnostics(&read.diagnostics, &text);
        if let (Some(printed), Some(grouped)) = (&read.printed, &read.parenthesised) {
            let again = check(printed, mode, 30);
            assert_eq!((&again.printed, &again.parenthesised), (&read.printed, &read.parenthesised), "{name} {text:?}");
            // Parentheses nest deeper than the text did.
            assert_eq!(check(grouped, mode, 2000).parenthesised.as_ref(), Some(grouped), "{name} {text:?}");
        }
        read.ok
    });
    assert!(!is_ok[0] || is_ok[1], "{name} {text:?} is strict and not lenient");
}
