//! Widgets and lists of them as they are stored.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A widget. What its settings say is its own business, but for [`Snapshot::dashboard`](crate::Snapshot::dashboard).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Widget {
    /// Unique on its dashboard; the case of ASCII letters makes no difference.
    pub id: String,
    /// Its version; a decimal text on the wire.
    #[serde(with = "decimal")]
    pub e_tag: u64,
    /// What users read.
    pub name: String,
    /// Where its first cell lies.
    pub position: WidgetPosition,
    /// How many cells it takes.
    pub size: WidgetSize,
    /// Its configuration; null if it has none.
    #[serde(default)]
    pub settings: Option<String>,
    /// The version of what its settings may say.
    #[serde(default)]
    pub settings_version: SemanticVersion,
    /// What draws it.
    pub contribution_id: String,
}

/// A cell of a dashboard, rows and columns counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
pub struct WidgetPosition {
    pub row: u32,
    pub column: u32,
}

/// Cells of a widget, at least one each way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
pub struct WidgetSize {
    pub row_span: u32,
    pub column_span: u32,
}

/// The version of a widget's settings; 1.0.0 unless a request says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
pub struct SemanticVersion {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Default for SemanticVersion {
    fn default() -> Self {
        Self { major: 1, minor: 0, patch: 0 }
    }
}

/// All widgets of a dashboard at one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WidgetList {
    /// The dashboard's version; the `ETag` header of a list.
    pub e_tag: u64,
    /// The widgets in the order in which they came.
    pub widgets: Vec<Arc<Widget>>,
}

/// A widget and the version of the dashboard that it is on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WidgetOnBoard {
    /// The dashboard's version.
    pub e_tag: u64,
    /// The widget.
    pub widget: Arc<Widget>,
}

/// A dashboard of which only the version is told: `{"eTag": "19"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DashboardTag {
    /// The dashboard's version.
    #[serde(with = "decimal")]
    pub e_tag: u64,
}

/// Tags are numbers that the wire writes as texts.
mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    pub(super) fn serialize<S: Serializer>(tag: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(tag)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom("an eTag is a whole number as a text"))
    }
}
