//! No text reaches beyond what stands around it: not in rows, counts, group keys, explains or the words of a mistake.

use tallygrid::{Context, GroupBy, Index, Period, Query};

use crate::bed;

/// The first byte chooses how the rows of the other tenant are kept away and which index is asked; the rest is a user's text.
pub fn scope(data: &[u8]) {
    let Some((&choice, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let (ctx, query, name) = bed::guarded(choice, &text);
    let index = bed::snapshot().index(name, &ctx).unwrap();
    let said = ask(&index, &query.top(1000), &ctx);
    bed::check_secret(&text, &said);
    if choice % 4 == 0 {
        let packages = bed::snapshot().index("Package", &ctx);
        assert!(packages.is_err(), "an index that is not named is denied");
    }
}

/// Everything that the caller gets to read.
fn ask(index: &Index<'_>, query: &Query, ctx: &Context) -> String {
    let rows = match index.rows(query, ctx) {
        Ok(answer) => answer,
        Err(error) => return error.render(query.text()),
    };
    let column = rows.body.columns.iter().position(|name| &**name == "ProjectId").unwrap();
    assert!(rows.body.rows.iter().all(|row| row[column] == "own".into()), "{:?}", query.text());
    assert!(rows.body.total <= bed::N_OWN && rows.body.rows.len() as u64 == rows.body.total);
    let count = index.count(query, ctx).unwrap();
    assert_eq!(count.body, rows.body.total);
    let by_name = index.group(&GroupBy::field("Name").status("Package").with_queries(), query, ctx).unwrap();
    assert_eq!(by_name.body.totals.iter().sum::<i128>(), count.body.into());
    let by_day = GroupBy::period("CreatedAt", Period::Day).status("ProjectId").with_queries();
    let by_day = index.group(&by_day, query, ctx).unwrap();
    assert_eq!(by_day.body.totals.iter().sum::<i128>(), count.body.into());
    let explain = index.explain(query, ctx).unwrap();
    format!("{rows:?}{count:?}{by_name:?}{by_day:?}{explain:?}")
}
