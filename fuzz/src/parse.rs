//! Any bytes as a query text: nothing panics, every mistake has a place in the text, canonical forms mean the same, and a
//! filter and its negation part the rows in two.

use tallygrid::{Access, Check, Context, ErrorKind, GroupBy, Index, Limits, Period, Query, Rule, Severity, format_tql};

use crate::bed;
use crate::told::{check_diagnostics, checked, fix_all};

/// Asks the bed everything that a text can be asked.
pub fn parse(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let ctx = bed::context(Access::unrestricted());
    let tight = Limits::default().with_nesting(4).with_nodes(20).with_list_members(3).with_order_items(2);
    for rule in [Rule::Query, Rule::Filter, Rule::OrderBy] {
        check(&text, rule, &ctx);
        check_diagnostics(&checked(&text, rule, &ctx.clone().limits(tight)).diagnostics, &text);
    }
    let by_day = GroupBy::period("CreatedAt", Period::Day);
    for (name, by) in [("Run", by_day), ("Entity", GroupBy::field("Name"))] {
        let index = bed::snapshot().index(name, &ctx).unwrap();
        ask(&index, &text, &by.status("Package").with_queries(), &ctx);
        let _ = index.count(&Query::tql(text.as_ref()), &ctx.clone().limits(tight));
    }
}

/// A text and its two canonical forms.
fn check(text: &str, rule: Rule, ctx: &Context) {
    let first = checked(text, rule, ctx);
    check_diagnostics(&first.diagnostics, text);
    laid_out(text, rule, &first, ctx);
    let (Some(printed), Some(parenthesised)) = (first.printed, first.parenthesised) else {
        assert!(first.diagnostics.iter().any(|d| d.severity() == Severity::Error));
        return;
    };
    let again = checked(&printed, rule, ctx);
    assert_eq!(again.printed.as_deref(), Some(&*printed), "{text:?}");
    // Parentheses nest deeper than the text did, and may reach the limit.
    let grouped = checked(&parenthesised, rule, &ctx.clone().limits(Limits::default().with_nesting(2000)));
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
    let after = checked(&formatted.text, rule, ctx);
    assert_eq!((&after.printed, &after.parenthesised), (&before.printed, &before.parenthesised), "{text:?}");
    assert_eq!(format_tql(&formatted.text, rule, &limits).text, formatted.text, "{text:?}");
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
    let Some(filter) = checked(text, Rule::Filter, ctx).printed.filter(|filter| !filter.is_empty()) else {
        return;
    };
    let all = index.count(&Query::all(), ctx).unwrap().body;
    match index.count(&Query::tql(format!("NOT ({filter})")), ctx) {
        Ok(others) => assert_eq!(n + others.body, all, "{text:?}"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Limit, "{text:?}: {error:?}"),
    }
}
