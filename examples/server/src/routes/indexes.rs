//! What there is to ask: the indexes that the caller may see, with their fields.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Response, Uri};
use axum::routing::get;
use serde::Serialize;
use tallygrid::{Context, Error, Field, Query, Schema, Snapshot};

use crate::problem::Problem;
use crate::reply::written;
use crate::state::State;
use crate::work::Asked;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Indexes<'a> {
    /// The one that the dashboard opens.
    main: &'a str,
    items: Vec<Index<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Index<'a> {
    name: &'a str,
    key: Option<&'a str>,
    status_field: Option<&'a str>,
    /// Whether rows can be retries of one test, of which the latest counts.
    latest: bool,
    /// Rows that the caller may see.
    rows: u64,
    fields: Vec<FieldOf<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FieldOf<'a> {
    name: &'a str,
    kind: &'static str,
    multi: bool,
}

pub(super) fn router() -> Router<Arc<State>> {
    Router::new().route("/api/indexes", get(indexes))
}

async fn indexes(asked: Asked, uri: Uri) -> Result<Response<Body>, Problem> {
    let (main, access) = (asked.state.main_index.clone(), asked.caller.access.clone());
    asked
        .answer(uri.path().to_owned(), Bytes::new(), move |snapshot, ctx| {
            let seen = snapshot.catalog().schemas().filter(|schema| access.sees(schema.name()));
            let items: Result<Vec<Index<'_>>, Error> = seen.map(|schema| described(schema, snapshot, ctx)).collect();
            written(&Indexes { main: &main, items: items? })
        })
        .await
}

fn described<'s>(schema: &'s Schema, snapshot: &Snapshot, ctx: &Context) -> Result<Index<'s>, Error> {
    let field = |field: &'s Field| FieldOf { name: field.name(), kind: field.kind().as_str(), multi: field.is_multi() };
    let rows = snapshot.index(schema.name(), ctx)?.count(&Query::all(), ctx)?.body;
    Ok(Index {
        name: schema.name(),
        key: schema.key().map(Field::name),
        status_field: status_field(schema).map(Field::name),
        latest: schema.latest().is_some(),
        rows,
        fields: schema.fields().iter().map(field).collect(),
    })
}

/// The field that statuses are counted in where none is named, as the engine finds it.
pub(crate) fn status_field(schema: &Schema) -> Option<&Field> {
    let named = |name: &str| schema.fields().iter().find(|field| field.name().eq_ignore_ascii_case(name));
    ["status", "outcome", "result", "verdict", "state"].into_iter().find_map(named)
}
