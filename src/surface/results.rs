//! Status counts as `{"Data": {"Results": [{"Key", counters…}]}}`, under whatever statuses the data has.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::engine::answer::{GroupRow, StatusCounts};

/// Status counts for the wire: an object a group, its key first, then each status in order. Serializing fails if a status is
/// called like a member that rows have beside them, `Key` or `Query`.
///
/// ```
/// # use tallygrid::{Access, Catalog, Context, Engine, Field, GroupBy, Kind, Query, Rows, Schema};
/// use tallygrid::GroupResults;
/// # let schema = Schema::builder("Run")
/// #     .fields([Field::new("Suite", Kind::Keyword), Field::new("Status", Kind::Keyword)]).build()?;
/// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
/// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// # let mut tx = engine.transaction(&ctx)?;
/// # tx.append("Run", &Rows::new(["Suite", "Status"]).row(["a".into(), "ok".into()]))?;
/// # tx.commit()?;
/// # let snapshot = engine.snapshot();
/// let groups = snapshot.index("Run", &ctx)?.group(&GroupBy::field("Suite"), &Query::all(), &ctx)?.body;
/// let json = serde_json::to_string(&GroupResults(&groups)).unwrap();
/// assert_eq!(json, r#"{"Data":{"Results":[{"Key":"a","ok":1}]}}"#);
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GroupResults<'a>(pub &'a StatusCounts);

impl Serialize for GroupResults<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("Data", &Data(self.0))?;
        map.end()
    }
}

struct Data<'a>(&'a StatusCounts);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let with_queries = self.0.rows.iter().any(|row| row.query.is_some());
        let taken = |status: &&String| *status == KEY || (with_queries && *status == QUERY);
        if let Some(status) = self.0.statuses.iter().find(taken) {
            let message = format!("the status `{status}` is called like a member that every row has");
            return Err(serde::ser::Error::custom(message));
        }
        let rows: Vec<Row<'_>> = self.0.rows.iter().map(|row| Row { statuses: &self.0.statuses, row }).collect();
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("Results", &rows)?;
        map.end()
    }
}

/// Members of every row beside its statuses.
const KEY: &str = "Key";
const QUERY: &str = "Query";

struct Row<'a> {
    statuses: &'a [String],
    row: &'a GroupRow,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(KEY, &*self.row.key)?;
        for (status, count) in self.statuses.iter().zip(&self.row.counts) {
            map.serialize_entry(status, count)?;
        }
        if let Some(query) = &self.row.query {
            map.serialize_entry(QUERY, query)?;
        }
        map.end()
    }
}
