//! Answers of grid rows as they go out.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::base::diagnostic::Severity;
use crate::base::error::{Error, ErrorKind};

/// Rows of a grid: `{"customFieldId", "description", "rows": [{"rowId", "columns", "order"}]}`; of a page also `startAt`,
/// `maxResults` and `total`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GridPage {
    /// The id of the grid field.
    pub custom_field_id: String,
    /// What users read about it.
    pub description: Option<String>,
    /// The rows.
    pub rows: Vec<GridRow>,
    /// Which page it is, if one was asked for.
    #[serde(flatten)]
    pub paging: Option<GridPaging>,
}

/// Where a page lies among all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GridPaging {
    /// Rows before it.
    pub start_at: u64,
    /// Most rows of it; none if there is no bound.
    pub max_results: Option<u64>,
    /// Rows on all pages.
    pub total: u64,
}

/// A row of a grid.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GridRow {
    /// The row's id.
    pub row_id: String,
    /// What each column that was asked for holds; null if it is empty.
    pub columns: Map<String, Value>,
    /// The row's place in the grid, from 0.
    pub order: i64,
}

/// Every mistake of a request as `{"errorMessages": ["Column 'summary' is required", …]}`, also of those that are not of the
/// grid, such as [`Error::unauthenticated`].
#[derive(Clone, Copy, Debug)]
pub struct GridErrorBody<'a>(pub &'a Error);

impl Serialize for GridErrorBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // What an internal error says is for the host's log, not for those who asked.
        let messages = match self.0.kind() {
            ErrorKind::Internal => vec!["An internal error occurred".to_owned()],
            _ => self
                .0
                .diagnostics()
                .iter()
                .filter(|d| d.severity() == Severity::Error)
                .map(|d| sentence(&d.headline()))
                .collect(),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("errorMessages", &messages)?;
        map.end()
    }
}

/// A message in the page's manner: a capital first, names in apostrophes.
fn sentence(message: &str) -> String {
    let mut rest = message.chars();
    let first = rest.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(rest).map(|c| if c == '`' { '\'' } else { c }).collect()
}
