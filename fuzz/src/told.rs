//! What holds of everything that is said about a text: mistakes have places, fixes lead to texts that can be asked again.

use tallygrid::{Check, Code, Context, Diagnostic, Index, Query, Rule, check_tql, render};

/// A text read without rows.
pub(crate) fn checked(text: &str, rule: Rule, ctx: &Context) -> Check {
    check_tql(text, rule, None, ctx).unwrap()
}

/// What holds of every diagnostic.
pub(crate) fn check_diagnostics(diagnostics: &[Diagnostic], text: &str) {
    let slice = |span: tallygrid::Span| text.get(span.start as usize..span.end as usize);
    for diagnostic in diagnostics {
        match diagnostic.span() {
            Some(place) => assert!(slice(place).is_some(), "{diagnostic:?} in {text:?}"),
            None => assert!(is_of_answer(diagnostic.code()), "{diagnostic:?} of {text:?} has no place in it"),
        }
        for line in [Some(diagnostic.message()), diagnostic.help_text()].into_iter().flatten() {
            assert!(!line.is_empty() && !line.contains('\n') && !line.ends_with('.'), "{diagnostic:?}");
        }
        for fix in diagnostic.fixes() {
            assert!(slice(fix.span).is_some(), "{diagnostic:?} in {text:?}");
        }
    }
    let rendered = render(diagnostics, text);
    let n_placed = diagnostics.iter().filter(|diagnostic| diagnostic.span().is_some()).count();
    assert!(rendered.lines().count() >= diagnostics.len() + 2 * n_placed, "{rendered}");
}

/// Whether a mistake or warning may be about an answer, of which no place in a text is the cause.
fn is_of_answer(code: Code) -> bool {
    matches!(code, Code::LimitReached | Code::Overflow | Code::NoGroupQuery | Code::MisplacedAggregate)
}

/// Every fix leads to a text that can be asked again.
pub(crate) fn fix_all(text: &str, diagnostics: &[Diagnostic], index: &Index<'_>, ctx: &Context) {
    for fix in diagnostics.iter().flat_map(Diagnostic::fixes).take(3) {
        let mut fixed = text.to_owned();
        fixed.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        if let Err(error) = index.count(&Query::tql(fixed.as_str()), ctx) {
            check_diagnostics(error.diagnostics(), &fixed);
        }
    }
}
