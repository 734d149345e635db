//! The dashboards there are: one at the start, with widgets that ask the first index. Which there are, and where, is a host's
//! to keep; this one keeps them in memory.

use std::collections::BTreeMap;

use serde_json::json;
use tallygrid::{Dashboard, Error, Field, Ids, Schema, WidgetRequest};

use crate::routes::status_field;

/// Dashboards by id.
#[derive(Debug)]
pub(crate) struct Boards(BTreeMap<&'static str, Dashboard>);

impl Boards {
    /// `overview` with widgets for that index, and `blank`.
    pub(crate) fn new(schema: Option<&Schema>) -> Result<Self, Error> {
        let overview = Dashboard::new(Ids::random());
        if let Some(schema) = schema {
            for request in widgets(schema) {
                overview.add(&WidgetRequest::from_json(request.to_string().as_bytes())?)?;
            }
        }
        Ok(Self(BTreeMap::from([("overview", overview), ("blank", Dashboard::new(Ids::random()))])))
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Dashboard> {
        self.0.get(id)
    }
}

fn widgets(schema: &Schema) -> Vec<serde_json::Value> {
    let widget = |name: &str, row: u32, settings: &serde_json::Value| {
        json!({
            "name": name, "position": {"row": row, "column": 1}, "size": {"rowSpan": 1, "columnSpan": 2},
            "settings": settings.to_string(), "contributionId": "tallygrid.query",
        })
    };
    let index = schema.name();
    let mut all = vec![widget("Rows", 1, &json!({"tql": "COUNT", "index": index}))];
    if let Some(status) = status_field(schema).map(Field::name) {
        all.push(widget("By status", 2, &json!({"tql": "", "index": index, "groupBy": status})));
        all.push(widget(
            "Rows with a status",
            3,
            &json!({"tql": format!("{status} IS NOT EMPTY"), "index": index, "top": 5}),
        ));
    }
    all
}
