//! Any text asked in OData: every layout answers the same, and nothing is told of rows outside.

use tallygrid::{Access, Dialect, ErrorKind, Limits, ODataQuery};

use crate::bed;
use crate::told::check_diagnostics;

const DIALECTS: [Dialect; 4] = [Dialect::Seed, Dialect::V2, Dialect::V3, Dialect::V4];

/// The first byte chooses the dialect, how the other tenant's rows are kept away, and the index; the rest is the text.
pub fn odata_engine(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let query = ODataQuery::new(&*text).dialect(DIALECTS[usize::from(choice % 4)]);
    let query = if choice & 4 == 0 { query } else { query.strict() };
    let (access, query) = match choice & 8 {
        0 => (Access::none().allow("Run", bed::own()).allow("Entity", bed::own()), query),
        _ => (Access::unrestricted(), query.scope(bed::own())),
    };
    let index = if choice & 16 == 0 { "Run" } else { "Entity" };
    let ctx = bed::context(access).limits(Limits::default().with_groups(5_000).with_memory_bytes(64 << 20));
    let [first, other] = [bed::snapshot(), bed::other_snapshot()].map(|snapshot| {
        let answer = snapshot.index(index, &ctx).unwrap().odata(&query, &ctx);
        answer.map(|answer| (answer.body, answer.warnings))
    });
    match (first, other) {
        (Ok(first), Ok(other)) => {
            // What a next link holds differs with the engine.
            assert_eq!((&first.0.records, first.0.total), (&other.0.records, other.0.total), "{text:?} of {index}");
            check_diagnostics(&first.1, &text);
            // A relation may lead out of the scope, but not out of what may be seen.
            if choice & 8 == 0 {
                bed::check_secret(&text, &format!("{:?}", first.0.records));
            }
        }
        (Err(first), Err(other)) => {
            assert_eq!(first.kind(), other.kind(), "{text:?} of {index}: {first} and {other}");
            if choice & 8 == 0 {
                bed::check_secret(&text, &first.to_string());
            }
        }
        // How much memory an answer takes depends on how rows are kept.
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => {
            assert_eq!(error.kind(), ErrorKind::Limit, "{text:?} of {index} is answered in one layout alone: {error}");
        }
    }
}
