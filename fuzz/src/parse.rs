//! Any bytes as a query text: nothing panics, every mistake has a place in the text, canonical forms mean the same, and a
//! filter and its negation part the rows in two.

use tallygrid::{
    Access, Check, Context, Diagnostic, ErrorKind, GroupBy, Index, Limits, Period, Query, Rule, Severity, check_tql,
    format_tql, render,
};

use crate::bed;

/// Asks the bed everything that a text can be asked.
pub fn parse(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let ctx = bed::context(Access::unrestricted());
    let tight = Limits::default().with_nesting(4).with_nodes(20).with_list_members(3).with_order_items(2);
    for rule in [Rule::Query, Rule::Filter, Rule::OrderBy] {
        check(&text, rule, &ctx);
        check_diagnostics(&checked(&text, rule, None, &ctx.clone().limits(tight)).diagnostics, &text);
    }
    let by_day = GroupBy::period("CreatedAt", Period::Day);
    for (name, by) in [("Run", by_day), ("Entity", GroupBy::field("Name"))] {
        let index = bed::snapshot().index(name, &ctx).unwrap();
        ask(&index, &text, &by.status("Package").with_queries(), &ctx);
        let _ = index.count(&Query::tql(text.as_ref()), &ctx.clone().limits(tight));
    }
}

fn checked(text: &str, rule: Rule, index: Option<&str>, ctx: &Context) -> Check {
    check_tql(text, rule, index.map(|index| (bed::catalog(), index)), ctx).unwrap()
}

/// A text and its two canonical forms.
fn check(text: &str, rule: Rule, ctx: &Context) {
    let first = checked(text, rule, None, ctx);
    check_diagnostics(&first.diagnostics, text);
    laid_out(text, rule, &first, ctx);
    let (Some(printed), Some(parenthesised)) = (first.printed, first.parenthesised) else {
        assert!(first.diagnostics.iter().any(|d| d.severity() == Severity::Error));
        return;
    };
    let again = checked(&printed, rule, None, ctx);
    assert_eq!(again.printed.as_deref(), Some(&*printed), "{text:?}");
    // Parentheses nest deeper than the text did, and may reach the limit.
    let grouped = checked(&parenthesised, rule, None, &ctx.clone().limits(Limits::default().with_nesting(2000)));
    assert_eq!(grouped.parenthesised.as_deref(), Some(&*parenthesised), "{text:?}");
}

/// A text over several lines.
fn laid_out(text: &str, rule: Rule, before: &Check, ctx: &Context) {
    let limits = Limits::default();
    let formatted = format_tql(text, rule, &limits);
    assert_eq!(formatted.diagnostics, before.diagnostics);
    if before.printed.is_none() {
        assert_eq!(formatted.text, text);
    }
    let after = checked(&formatted.text, rule, None, ctx);
    assert_eq!((&after.printed, &after.parenthesised), (&before.printed, &before.parenthesised), "{text:?}");
    assert_eq!(format_tql(&formatted.text, rule, &limits).text, formatted.text, "{text:?}");
}

/// What holds of every diagnostic.
pub(crate) fn check_diagnostics(diagnostics: &[Diagnostic], text: &str) {
    let slice = |span: tallygrid::Span| text.get(span.start as usize..span.end as usize);
    for diagnostic in diagnostics {
        let place = diagnostic.span().expect("a mistake of a text has its place in the text");
        assert!(slice(place).is_some(), "{diagnostic:?} in {text:?}");
        for line in [Some(diagnostic.message()), diagnostic.help_text()].into_iter().flatten() {
            assert!(!line.is_empty() && !line.contains('\n') && !line.ends_with('.'), "{diagnostic:?}");
        }
        for fix in diagnostic.fixes() {
            assert!(slice(fix.span).is_some(), "{diagnostic:?} in {text:?}");
        }
    }
    let rendered = render(diagnostics, text);
    assert!(rendered.lines().count() >= 3 * diagnostics.len(), "{rendered}");
}

/// One text, asked of one index.
fn ask(index: &Index<'_>, text: &str, by: &GroupBy, ctx: &Context) {
    let query = Query::tql(text).top(5);
    let answer = match index.rows(&query, ctx) {
        Ok(answer) => answer,
        Err(error) => {
            assert!(error.is_client(), "{error:?}");
            check_diagnostics(error.diagnostics(), text);
            fix_all(text, error.diagnostics(), index, ctx);
            let counted = index.count(&query, ctx).expect_err("a text is right or wrong for all questions");
            assert_eq!(counted.diagnostics(), error.diagnostics());
            return;
        }
    };
    check_diagnostics(&answer.warnings, text);
    fix_all(text, &answer.warnings, index, ctx);
    let n = index.count(&query, ctx).unwrap().body;
    assert_eq!(answer.body.total, n);
    assert_eq!(answer.body.rows.len() as u64, n.min(5));
    index.explain(&query, ctx).unwrap();
    let groups = index.group(by, &query, ctx).unwrap().body;
    assert_eq!(groups.totals.iter().sum::<i128>(), n.into());
    for row in groups.rows.into_iter().filter(|row| row.counts.iter().any(|n| *n > 0)) {
        // Each group says the query that selects its rows.
        let own = row.query.unwrap();
        match index.count(&Query::tql(own.as_str()), ctx) {
            Ok(counted) => assert_eq!(i128::from(counted.body), row.counts.iter().sum(), "{own:?} of {text:?}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Limit, "{own:?} of {text:?}: {error:?}"),
        }
    }
    complement(index, text, n, ctx);
}

/// `count(f) + count(NOT (f)) = count of all`.
fn complement(index: &Index<'_>, text: &str, n: u64, ctx: &Context) {
    let Some(filter) = checked(text, Rule::Filter, None, ctx).printed.filter(|filter| !filter.is_empty()) else {
        return;
    };
    let all = index.count(&Query::all(), ctx).unwrap().body;
    match index.count(&Query::tql(format!("NOT ({filter})")), ctx) {
        Ok(others) => assert_eq!(n + others.body, all, "{text:?}"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Limit, "{text:?}: {error:?}"),
    }
}

/// Every fix leads to a text that can be asked again.
fn fix_all(text: &str, diagnostics: &[Diagnostic], index: &Index<'_>, ctx: &Context) {
    for fix in diagnostics.iter().flat_map(Diagnostic::fixes).take(3) {
        let mut fixed = text.to_owned();
        fixed.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        if let Err(error) = index.count(&Query::tql(fixed.as_str()), ctx) {
            check_diagnostics(error.diagnostics(), &fixed);
        }
    }
}
