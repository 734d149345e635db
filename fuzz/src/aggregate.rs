//! Any bytes as an aggregate query: every layout answers the same, each group's query counts the group, and nothing is told of
//! rows outside the scope.

use tallygrid::{Context, ErrorKind, Index, Query, ResultGroup, ResultValue, Results, Rule, Value};

use crate::bed;
use crate::told::{check_diagnostics, checked, fix_all};

/// Most groups whose queries are run.
const MOST_ASKED: usize = 50;

/// The first byte chooses how the rows of the other tenant are kept away and which index is asked; the rest is a user's text.
pub fn aggregate(data: &[u8]) {
    let Some((&choice, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let (ctx, query, name) = bed::guarded(choice, &text);
    let (ctx, query) = (ctx.limits(bed::limits()), query.with_queries());
    let index = bed::snapshot().index(name, &ctx).unwrap();
    let answer = index.aggregate(&query, &ctx);
    let other = bed::other_snapshot().index(name, &ctx).unwrap().aggregate(&query, &ctx);
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            assert!(error.is_client(), "{error:?}");
            assert_eq!(other.unwrap_err().diagnostics(), error.diagnostics(), "{text:?}");
            check_diagnostics(error.diagnostics(), &text);
            bed::check_secret(&text, &error.render(&text));
            fix_all(&text, error.diagnostics(), &index, &ctx);
            return;
        }
    };
    assert_eq!(other.unwrap().body, answer.body, "{text:?}");
    check_diagnostics(&answer.warnings, &text);
    fix_all(&text, &answer.warnings, &index, &ctx);
    let explain = index.explain(&query, &ctx).unwrap();
    bed::check_secret(&text, &format!("{answer:?}{explain:?}"));
    // With an alias, something else may be called so.
    let is_plain = checked(&text, Rule::Query, &ctx).printed.is_some_and(|printed| !printed.contains(" AS "));
    if is_plain {
        let scoped = |group: &str| bed::guarded(choice, group).1;
        counted(&index, &answer.body.results, &scoped, &ctx);
    }
}

/// The query of each group that says its count selects so many rows.
fn counted(index: &Index<'_>, results: &Results, scoped: &dyn Fn(&str) -> Query, ctx: &Context) {
    let mut groups: Vec<&ResultGroup> = Vec::new();
    gather(results, &mut groups);
    for group in groups {
        let (Some(text), Some(ResultValue::Value(Value::Integer(n)))) = (&group.query, group.results.get("COUNT"))
        else {
            continue;
        };
        match index.count(&scoped(text), ctx) {
            Ok(counted) => assert_eq!(i128::from(counted.body), i128::from(*n), "{text:?}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Limit, "{text:?}: {error:?}"),
        }
    }
}

/// The first groups, each with those within it.
fn gather<'a>(results: &'a Results, into: &mut Vec<&'a ResultGroup>) {
    for (_, value) in results.iter() {
        if let ResultValue::Groups { groups, remainder } = value {
            for group in groups.iter().chain(remainder.as_deref()) {
                if into.len() < MOST_ASKED {
                    into.push(group);
                    gather(&group.results, into);
                }
            }
        }
    }
}
