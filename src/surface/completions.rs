//! Completions as JSON.

use serde::Serialize;

use crate::assist::complete::Completion;

/// `{label, insert, start, end, kind, detail, count}`; offsets are UTF-8 bytes of the text that was completed.
///
/// ```
/// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Schema};
/// use tallygrid::{Query, WireCompletion};
/// # let schema = Schema::builder("Run").field(Field::new("Test Name", Kind::Keyword)).build()?;
/// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
/// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// let snapshot = engine.snapshot();
/// let found = snapshot.index("Run", &ctx)?.complete_tql(&Query::tql("test"), 4, &ctx)?;
/// let json = serde_json::to_value(WireCompletion::from(&found[0])).unwrap();
/// assert_eq!(json["label"], "Test Name");
/// assert_eq!(json["insert"], "\"Test Name\"");
/// assert_eq!((&json["start"], &json["end"]), (&0.into(), &4.into()));
/// assert_eq!((&json["kind"], &json["detail"]), (&"field".into(), &"keyword".into()));
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WireCompletion {
    label: String,
    insert: String,
    start: u32,
    end: u32,
    kind: &'static str,
    detail: Option<String>,
    count: Option<u64>,
}

impl From<&Completion> for WireCompletion {
    fn from(completion: &Completion) -> Self {
        let Completion { label, insert, span, kind, detail, count } = completion.clone();
        Self { label, insert, start: span.start, end: span.end, kind: kind.as_str(), detail, count }
    }
}
