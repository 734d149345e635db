//! Completion in both languages at any cursor of any bytes: what is offered fits the text, goes on to one that can be completed again, and tells
//! of no rows outside the permissions.

use tallygrid::{ODataQuery, Rule};

use crate::bed;
use crate::told::{check_diagnostics, checked};

/// The first byte chooses how the rows of the other tenant are kept away and which index is asked, the next two where the cursor
/// stands; the rest is a user's text.
pub fn complete(data: &[u8]) {
    let [choice, low, high, text @ ..] = data else { return };
    let text = String::from_utf8_lossy(text);
    let (ctx, query, name) = bed::guarded(*choice, &text);
    // A scope is one of the outermost rows; what braces lead to has permissions alone.
    let is_guarded = !(matches!(choice % 4, 1 | 2) && text.contains('{'));
    let index = bed::snapshot().index(name, &ctx).unwrap();
    let offset = usize::from(u16::from_le_bytes([*low, *high])) % (text.len() + 2);
    let found = index.complete_tql(&query, offset, &ctx).unwrap();
    for (at, offered) in found.iter().enumerate() {
        let (start, end) = (offered.span.start as usize, offered.span.end as usize);
        assert!(text.get(start..end).is_some() && start <= offset, "{text:?} at {offset}: {offered:?}");
        assert!(!offered.insert.is_empty() && !offered.label.is_empty(), "{text:?} at {offset}: {offered:?}");
        if is_guarded {
            assert!(offered.count.is_none_or(|n| n <= bed::N_OWN), "{text:?} at {offset}: {offered:?}");
            bed::check_secret(&text, &format!("{offered:?}"));
        }
        if at % 8 == 0 {
            let mut longer = text.clone().into_owned();
            longer.replace_range(start..end, &offered.insert);
            check_diagnostics(&checked(&longer, Rule::Query, &ctx).diagnostics, &longer);
            let (ctx, query, _) = bed::guarded(*choice, &longer);
            index.complete_tql(&query, start + offered.insert.len(), &ctx).unwrap();
        }
    }
    for offered in index.complete_odata(&ODataQuery::new(&*text), offset, &ctx).unwrap() {
        let (start, end) = (offered.span.start as usize, offered.span.end as usize);
        assert!(text.get(start..end).is_some() && start <= offset, "{text:?} at {offset}: {offered:?}");
        let mut longer = text.clone().into_owned();
        longer.replace_range(start..end, &offered.insert);
        index.complete_odata(&ODataQuery::new(longer), start + offered.insert.len(), &ctx).unwrap();
    }
}
