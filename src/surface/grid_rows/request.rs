//! Requests of grid rows as they come in. What the cells may say depends on the grid and is checked there.

use serde_json::{Map, Value};

use crate::base::error::Result;
use crate::surface::body::Reader;

/// What is read of a grid.
///
/// ```
/// use tallygrid::GridRead;
/// let read = GridRead::all().column_ids("summary,status").tql("status = Open").start_at(20).max_results(10);
/// assert_ne!(read, GridRead::all());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GridRead {
    pub(super) columns: Vec<String>,
    pub(super) tql: String,
    pub(super) start_at: Option<u64>,
    pub(super) max_results: Option<u64>,
}

impl GridRead {
    /// Every row with every column.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Only these columns: `columnIds`, ids with commas between them. An empty text is all of them.
    #[must_use]
    pub fn column_ids(mut self, ids: &str) -> Self {
        self.columns = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
        self
    }

    /// Only rows that the query selects, in its order.
    #[must_use]
    pub fn tql(mut self, text: impl Into<String>) -> Self {
        self.tql = text.into();
        self
    }

    /// Without the first `n` rows; the answer says which page it is.
    #[must_use]
    pub fn start_at(mut self, n: u64) -> Self {
        self.start_at = Some(n);
        self
    }

    /// At most `n` rows; the answer says which page it is.
    #[must_use]
    pub fn max_results(mut self, n: u64) -> Self {
        self.max_results = Some(n);
        self
    }
}

/// Rows to add: `{"rows": [{column: value, …}, …]}`.
///
/// ```
/// use tallygrid::GridAdd;
/// assert!(GridAdd::from_json(br#"{"rows": [{"summary": "New row"}]}"#).is_ok());
/// let error = GridAdd::from_json(br#"{"rows": [{}, 5]}"#).unwrap_err();
/// assert_eq!(error.to_string(), "$.rows[1]: an object is expected here, not a number");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GridAdd {
    pub(super) rows: Vec<Map<String, Value>>,
}

/// Rows to change: `{"rows": [{"rowId", "columns": {column: value, …}}, …]}`.
///
/// ```
/// use tallygrid::GridUpdate;
/// let body = br#"{"rows": [{"rowId": "row_1", "columns": {"summary": "Updated value"}}]}"#;
/// assert!(GridUpdate::from_json(body).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GridUpdate {
    pub(super) rows: Vec<(String, Map<String, Value>)>,
}

/// Rows to delete: `{"rows": [id, …]}`.
///
/// ```
/// use tallygrid::GridDelete;
/// assert!(GridDelete::from_json(br#"{"rows": ["row_1", "row_2"]}"#).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridDelete {
    pub(super) rows: Vec<String>,
}

impl GridAdd {
    /// The request in a body.
    ///
    /// # Errors
    /// `Query`: no JSON, or every part that is not as it should be, with its path.
    pub fn from_json(body: &[u8]) -> Result<Self> {
        let rows = rows(body, |reader, row, at| reader.object(row, at).cloned())?;
        Ok(Self { rows })
    }
}

impl GridUpdate {
    /// The request in a body.
    ///
    /// # Errors
    /// As [`GridAdd::from_json`].
    pub fn from_json(body: &[u8]) -> Result<Self> {
        let rows = rows(body, |reader, row, at| {
            let map = reader.object(row, at)?;
            let id = reader.required(map, at, "rowId").and_then(|id| reader.text(id, &format!("{at}.rowId")));
            let columns = reader.required(map, at, "columns");
            let columns = columns.and_then(|columns| reader.object(columns, &format!("{at}.columns")));
            Some((id?.to_owned(), columns?.clone()))
        })?;
        Ok(Self { rows })
    }
}

impl GridDelete {
    /// The request in a body.
    ///
    /// # Errors
    /// As [`GridAdd::from_json`].
    pub fn from_json(body: &[u8]) -> Result<Self> {
        let rows = rows(body, |reader, row, at| reader.text(row, at).map(str::to_owned))?;
        Ok(Self { rows })
    }
}

/// The entries of `rows`.
fn rows<T>(body: &[u8], read: impl Fn(&mut Reader, &Value, &str) -> Option<T>) -> Result<Vec<T>> {
    Reader::body(body, |reader, value| {
        let map = reader.object(value, "$")?;
        let list = reader.required(map, "$", "rows").and_then(|rows| reader.list(rows, "$.rows"))?;
        let entries: Vec<Option<T>> =
            (0..).zip(list).map(|(at, row)| read(reader, row, &format!("$.rows[{at}]"))).collect();
        entries.into_iter().collect()
    })
}
