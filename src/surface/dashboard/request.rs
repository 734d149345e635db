//! What a request says of a widget. Which of it has to be said is decided in [`change`](super::change).

use serde_json::{Map, Value};

use crate::base::error::Result;
use crate::surface::body::Reader;
use crate::surface::dashboard::widget::{SemanticVersion, WidgetPosition, WidgetSize};

/// The body of POST, PATCH and PUT of a widget, or an entry of a list of them. Members that are null count as absent; members
/// of other names, such as the links that a client sends back with what it read, have no effect.
///
/// ```
/// use tallygrid::WidgetRequest;
/// let request = WidgetRequest::from_json(br#"{"name": "Links", "position": {"row": 1, "column": 2}}"#)?;
/// assert_eq!((request.name.as_deref(), request.position.unwrap().column), (Some("Links"), 2));
///
/// let wrong = WidgetRequest::from_json(br#"{"eTag": 1, "size": {"rowSpan": 0}}"#).unwrap_err();
/// let told: Vec<String> = wrong.diagnostics().iter().map(ToString::to_string).collect();
/// assert_eq!(told[0], "$.eTag: a text is expected here, not a number");
/// assert_eq!(told[1], "$.size.rowSpan: `0` is no whole number from 1 to 4294967295");
/// assert_eq!(told[2], "$.size: `columnSpan` is missing");
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WidgetRequest {
    /// The widget's id.
    pub id: Option<String>,
    /// The version of the widget that the caller saw.
    pub e_tag: Option<String>,
    /// The widget's name.
    pub name: Option<String>,
    /// Its first cell.
    pub position: Option<WidgetPosition>,
    /// Its cells.
    pub size: Option<WidgetSize>,
    /// Its configuration.
    pub settings: Option<String>,
    /// The version of its configuration.
    pub settings_version: Option<SemanticVersion>,
    /// What draws it.
    pub contribution_id: Option<String>,
    /// The version of the dashboard that the caller saw: `dashboard.eTag`.
    pub dashboard: Option<String>,
}

impl WidgetRequest {
    /// The request in a body.
    ///
    /// # Errors
    /// `Query`: no JSON, or every mistake in it with its JSON path.
    pub fn from_json(body: &[u8]) -> Result<Self> {
        Reader::body(body, |reader, value| Self::read(reader, value, "$"))
    }

    /// The requests in the body of a list.
    ///
    /// # Errors
    /// As [`WidgetRequest::from_json`].
    pub fn list_from_json(body: &[u8]) -> Result<Vec<Self>> {
        Reader::body(body, |reader, value| {
            let list = reader.list(value, "$")?;
            let read: Vec<Option<Self>> =
                (0..).zip(list).map(|(at, value)| Self::read(reader, value, &format!("$[{at}]"))).collect();
            read.into_iter().collect()
        })
    }

    fn read(reader: &mut Reader, value: &Value, at: &str) -> Option<Self> {
        let map = reader.object(value, at)?;
        let text = |reader: &mut Reader, name| reader.member(map, at, name, Reader::text).map(str::to_owned);
        let name = |reader: &mut Reader, name| reader.member(map, at, name, Reader::name).map(str::to_owned);
        Some(Self {
            id: name(reader, "id"),
            e_tag: text(reader, "eTag"),
            name: name(reader, "name"),
            position: reader.member(map, at, "position", position),
            size: reader.member(map, at, "size", size),
            settings: text(reader, "settings"),
            settings_version: reader.member(map, at, "settingsVersion", version),
            contribution_id: name(reader, "contributionId"),
            dashboard: reader.member(map, at, "dashboard", |reader, dashboard, at| {
                let map = reader.object(dashboard, at)?;
                reader.member(map, at, "eTag", Reader::text).map(str::to_owned)
            }),
        })
    }
}

fn position(reader: &mut Reader, value: &Value, at: &str) -> Option<WidgetPosition> {
    let map = reader.object(value, at)?;
    let [row, column] = ["row", "column"].map(|name| number(reader, map, at, name, 1));
    Some(WidgetPosition { row: row?, column: column? })
}

fn size(reader: &mut Reader, value: &Value, at: &str) -> Option<WidgetSize> {
    let map = reader.object(value, at)?;
    let [row_span, column_span] = ["rowSpan", "columnSpan"].map(|name| number(reader, map, at, name, 1));
    Some(WidgetSize { row_span: row_span?, column_span: column_span? })
}

fn version(reader: &mut Reader, value: &Value, at: &str) -> Option<SemanticVersion> {
    let map = reader.object(value, at)?;
    let [major, minor, patch] = ["major", "minor", "patch"].map(|name| number(reader, map, at, name, 0));
    Some(SemanticVersion { major: major?, minor: minor?, patch: patch? })
}

fn number(reader: &mut Reader, map: &Map<String, Value>, at: &str, name: &str, least: u32) -> Option<u32> {
    let value = reader.required(map, at, name)?;
    reader.number(value, &format!("{at}.{name}"), least)
}
