//! Completions: whatever is offered leaves no mistake before its own end, and values are those of rows that may be seen.

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use tallygrid::{Access, Code, CompletionKind, Condition, Diagnostic, Kind, Query, Rule, Severity, check_tql};

use super::ask::shown;
use super::scope::condition;
use crate::oracle::choices::Choices;
use crate::oracle::world::{Layout, World};
use crate::oracle::{draw, write};

/// Random cursors in right texts, and the values of every field.
pub(crate) fn completion(world: &World, layout: Layout, c: &mut Choices) -> Result<(), TestCaseError> {
    let engine = world.engine(layout);
    let snapshot = engine.snapshot();
    let (permitted, _) = condition(c, world, 2);
    let ctx = world.context(
        Access::none().allow("Run", permitted).allow("Package", Condition::all()).allow("Other", Condition::all()),
    );
    let runs = snapshot.index("Run", &ctx).unwrap();
    let mistakes = |text: &str| -> Vec<(String, usize, usize)> {
        let check = check_tql(text, Rule::Query, Some((snapshot.catalog(), "Run")), &ctx).unwrap();
        // A relation's operators are right, but only before braces; and braces with a mere word in them may be a list.
        let is_braces = |d: &Diagnostic| d.code() == Code::WrongSubselect || d.message().starts_with("`{` stands");
        let errors = check.diagnostics.into_iter().filter(|d| d.severity() == Severity::Error && !is_braces(d));
        // What is not closed is missing where its fix would put it.
        let place = |d: &Diagnostic| match d.code() {
            Code::UnclosedBracket => d.fixes().first().map(|fix| fix.span),
            _ => d.span(),
        };
        let at = |d: &Diagnostic| place(d).map_or((0, 0), |span| (span.start as usize, span.end as usize));
        errors.map(|d| (d.to_string(), at(&d).0, at(&d).1)).collect()
    };
    for _ in 0..4 {
        let filter = draw::query::filter(c, world, 2);
        let order = draw::query::order(c, world);
        let text = write::query(world, Some(&filter), &order, c);
        let offset = c.below(text.len() + 1);
        for found in runs.complete_tql(&text, offset, &ctx).unwrap() {
            let (start, end) = (found.span.start as usize, found.span.end as usize);
            let mut longer = text.clone();
            longer.replace_range(start..end, &found.insert);
            let end = start + found.insert.len();
            for (told, from, to) in mistakes(&longer) {
                let is_before = to < end || (to == end && from < end);
                let world = || shown(world);
                prop_assert!(!is_before, "{text:?} at {offset}: {longer:?}: {told}{}", world());
            }
        }
    }
    for column in world.columns.iter().filter(|column| column.kind != Kind::Path) {
        let text = format!("\"{}\" = ", column.name.replace('\\', r"\\").replace('"', r#"\""#));
        let field = column.field();
        for found in runs.complete_tql(&text, text.len(), &ctx).unwrap() {
            if found.kind != CompletionKind::Value {
                continue;
            }
            let n = runs.count(&Query::tql(format!("{text}{}", found.insert)), &ctx).unwrap().body;
            prop_assert_eq!(found.count, Some(n), "{} {:?}{}", text, found.insert, shown(world));
            let is_declared = field.declared_values().iter().any(|value| value.name() == found.label);
            prop_assert!(n > 0 || is_declared || column.kind == Kind::Boolean, "{text:?}: {}", found.label);
        }
    }
    Ok(())
}
