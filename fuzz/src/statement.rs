//! Any bytes as a statement: what is printed of it, and the text over several lines, is answered the same as the text itself.

use tallygrid::{Access, Limits, Query, Rule, format_tql};

use crate::bed;
use crate::told::{check_diagnostics, checked};

/// The first byte chooses the index; the rest is the text.
pub fn statement(data: &[u8]) {
    let Some((&choice, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let ctx = bed::context(Access::unrestricted()).limits(bed::limits());
    // Parentheses nest deeper than the text did, and may reach the limit.
    let deep = ctx.clone().limits(bed::limits().with_nesting(2000));
    let index = bed::snapshot().index(if choice & 1 == 0 { "Run" } else { "Entity" }, &ctx).unwrap();
    let query = |text: &str| Query::tql(text).top(100).with_queries();
    let check = checked(&text, Rule::Query, &ctx);
    let laid_out = format_tql(&text, Rule::Query, &Limits::default()).text;
    let others = [check.printed, check.parenthesised, Some(laid_out)].into_iter().flatten();
    match index.ask(&query(&text), &ctx) {
        Err(error) => {
            assert!(error.is_client(), "{error:?}");
            check_diagnostics(error.diagnostics(), &text);
            for other in others {
                let again = index.ask(&query(&other), &deep).expect_err("other words for a mistake are right");
                assert_eq!(again.kind(), error.kind(), "{text:?} as {other:?}");
            }
        }
        Ok(answer) => {
            check_diagnostics(&answer.warnings, &text);
            for other in others {
                let again =
                    index.ask(&query(&other), &deep).unwrap_or_else(|e| panic!("{text:?}: {}", e.render(&other)));
                assert_eq!(again.body, answer.body, "{text:?} as {other:?}");
            }
        }
    }
}
