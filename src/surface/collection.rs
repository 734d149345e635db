//! A page of rows as `{"Skip", "Top", "Total", "Items"}`.

use std::sync::Arc;

use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::engine::answer::RowPage;
use crate::model::cell::text_of;
use crate::model::value::Value;

/// A page of rows for the wire: an object a row with every field in the schema's order. Empty cells are null, instants
/// RFC 3339 in UTC, decimals exact numbers, durations `hh:mm:ss`.
///
/// ```
/// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Query, Rows, Schema};
/// use tallygrid::Collection;
/// # let schema = Schema::builder("Run")
/// #     .fields([Field::new("Id", Kind::Integer), Field::new("Tags", Kind::Keyword).multi()]).build()?;
/// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
/// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// # let mut tx = engine.transaction(&ctx)?;
/// # tx.append("Run", &Rows::new(["Id", "Tags"]).row([1.into(), vec!["a"].into()]).row([2.into()]))?;
/// # tx.commit()?;
/// # let snapshot = engine.snapshot();
/// let page = snapshot.index("Run", &ctx)?.rows(&Query::all(), &ctx)?.body;
/// assert_eq!(
///     serde_json::to_string(&Collection(&page)).unwrap(),
///     r#"{"Skip":0,"Top":25,"Total":2,"Items":[{"Id":1,"Tags":["a"]},{"Id":2,"Tags":null}]}"#
/// );
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Collection<'a>(pub &'a RowPage);

impl Serialize for Collection<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let page = self.0;
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("Skip", &page.skip)?;
        map.serialize_entry("Top", &page.top)?;
        map.serialize_entry("Total", &page.total)?;
        map.serialize_entry("Items", &Items { columns: &page.columns, rows: &page.rows })?;
        map.end()
    }
}

/// Rows as a list of objects.
pub(super) struct Items<'a> {
    pub(super) columns: &'a [Arc<str>],
    pub(super) rows: &'a [Vec<Value>],
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.rows.len()))?;
        for cells in self.rows {
            items.serialize_element(&Item { columns: self.columns, cells })?;
        }
        items.end()
    }
}

struct Item<'a> {
    columns: &'a [Arc<str>],
    cells: &'a [Value],
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.cells) {
            map.serialize_entry(&**column, &Cell(cell))?;
        }
        map.end()
    }
}

/// A cell's value.
pub(super) struct Cell<'a>(pub(super) &'a Value);

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            empty if empty.is_empty() => serializer.serialize_unit(),
            Value::Boolean(b) => serializer.serialize_bool(*b),
            Value::Integer(n) => serializer.serialize_i64(*n),
            // A binary float would lose digits.
            Value::Decimal(d) => {
                serde_json::value::RawValue::from_string(d.to_string()).map_err(S::Error::custom)?.serialize(serializer)
            }
            Value::Real(x) if x.get().is_finite() => {
                serde_json::value::RawValue::from_string(x.to_string()).map_err(S::Error::custom)?.serialize(serializer)
            }
            Value::List(items) => serializer.collect_seq(items.iter().map(Cell)),
            other => serializer.serialize_str(&text_of(other)),
        }
    }
}
