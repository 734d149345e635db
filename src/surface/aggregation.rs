//! Answers of aggregate queries as `{"Results": {…}}`.

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};

use crate::engine::results::{Aggregation, REMAINDER, ResultGroup, ResultValue, Results};
use crate::surface::collection::{Cell, Items};

/// The results of an aggregate query for the wire: an object of names and values; groups are objects by key, in order. The
/// remainder of a `Top` stands beside its groups under their name and `.Remainder`. With queries, each group ends with
/// `"Query"`; serializing fails if a result has that name.
///
/// ```
/// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Query, Rows, Schema};
/// use tallygrid::ResultsBody;
/// # let schema = Schema::builder("Run").field(Field::new("Suite", Kind::Keyword)).build()?;
/// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
/// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// # let mut tx = engine.transaction(&ctx)?;
/// # tx.append("Run", &Rows::new(["Suite"]).row(["a".into()]).row(["b".into()]).row(["b".into()]))?;
/// # tx.commit()?;
/// # let snapshot = engine.snapshot();
/// let query = Query::tql("GROUP BY Top(Suite, 1) { COUNT } AS suites");
/// let answer = snapshot.index("Run", &ctx)?.aggregate(&query, &ctx)?;
/// assert_eq!(
///     serde_json::to_string(&ResultsBody(&answer.body)).unwrap(),
///     r#"{"Results":{"suites":{"b":{"COUNT":2}},"suites.Remainder":{"COUNT":1}}}"#
/// );
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ResultsBody<'a>(pub &'a Aggregation);

impl Serialize for ResultsBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("Results", &Block { answer: self.0, results: &self.0.results, query: None })?;
        map.end()
    }
}

/// The member of every group that says its query.
const QUERY: &str = "Query";

/// The results of one group.
struct Block<'a> {
    answer: &'a Aggregation,
    results: &'a Results,
    query: Option<&'a str>,
}

impl<'a> Block<'a> {
    fn of(answer: &'a Aggregation, group: &'a ResultGroup) -> Self {
        Self { answer, results: &group.results, query: group.query.as_deref() }
    }
}

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.results.iter() {
            if self.query.is_some() && name == QUERY {
                return Err(S::Error::custom("a result is called `Query`, like the member that every group has"));
            }
            match value {
                ResultValue::Value(value) => map.serialize_entry(name, &Cell(value))?,
                ResultValue::Rows(rows) => {
                    map.serialize_entry(name, &Items { columns: &self.answer.columns, rows })?;
                }
                ResultValue::Groups { groups, remainder } => {
                    map.serialize_entry(name, &Groups { answer: self.answer, groups })?;
                    if let Some(rest) = remainder {
                        map.serialize_entry(&format!("{name}{REMAINDER}"), &Self::of(self.answer, rest))?;
                    }
                }
            }
        }
        if let Some(query) = self.query {
            map.serialize_entry(QUERY, query)?;
        }
        map.end()
    }
}

struct Groups<'a> {
    answer: &'a Aggregation,
    groups: &'a [ResultGroup],
}

impl Serialize for Groups<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.groups.iter().map(|group| (&*group.key, Block::of(self.answer, group))))
    }
}
