//! OData over any index: lists, counts, the service document and the metadata that client libraries ask for first.
//!
//! Left out: single rows by key, batches, changes.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri};
use axum::routing::get;
use serde_json::json;
use tallygrid::{Context, Dialect, ODataBody, ODataQuery, RecordPage, Schema, Snapshot};

use super::host;
use crate::metadata;
use crate::problem::Problem;
use crate::reply;
use crate::state::State;
use crate::work::Asked;

/// Rows of a page; the next one's link stands at its end.
const PAGE: u64 = 100;

/// The paths of one version, below `/odata/v2/`, `/odata/v3/` or `/odata/v4/`.
pub(super) fn router(dialect: Dialect) -> Router<Arc<State>> {
    let list = move |asked: Asked, Path(index), uri, headers: HeaderMap| list(dialect, asked, index, uri, headers);
    let count = move |asked: Asked, Path(index), uri: Uri| count(dialect, asked, index, uri);
    let service = move |asked: Asked, headers: HeaderMap| async move { service(dialect, &asked, &headers) };
    let model = move |asked: Asked| async move { model(dialect, &asked) };
    let base = format!("/odata/{}/", dialect.as_str());
    Router::new()
        .route(&base, get(service))
        .route(&format!("{base}$metadata"), get(model))
        .route(&format!("{base}{{index}}"), get(list))
        .route(&format!("{base}{{index}}/$count"), get(count))
}

async fn list(
    dialect: Dialect,
    asked: Asked,
    index: String,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let base = base(dialect, &headers);
    let text = uri.query().unwrap_or("").to_owned();
    // The base is part of the question: links in the answer begin with it.
    let question = format!("{base} {uri}");
    let response = asked
        .answer(question, Bytes::new(), move |snapshot, ctx| {
            let page = page(dialect, &index, &text, snapshot, ctx)?;
            reply::written(&ODataBody { page: &page, dialect, base: &base })
        })
        .await?;
    Ok(versioned(dialect, response))
}

/// How many rows there are, as a number in plain text.
async fn count(dialect: Dialect, asked: Asked, index: String, uri: Uri) -> Result<Response<Body>, Problem> {
    let counted = if dialect == Dialect::V4 { "$count=true" } else { "$inlinecount=allpages" };
    let asked_for = uri.query().filter(|text| !text.is_empty()).map_or_else(String::new, |text| format!("{text}&"));
    let text = format!("{asked_for}$top=0&{counted}");
    let snapshot = asked.state.engine.snapshot();
    let total =
        asked.read(snapshot, move |snapshot, ctx| Ok(page(dialect, &index, &text, snapshot, ctx)?.total)).await?;
    let total = total.ok_or_else(Problem::internal)?.to_string();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    Ok(versioned(dialect, reply::typed(StatusCode::OK, plain, total.into())))
}

fn page(dialect: Dialect, index: &str, text: &str, snapshot: &Snapshot, ctx: &Context) -> Result<RecordPage, Problem> {
    let query = ODataQuery::new(text).dialect(dialect).page(PAGE);
    let told = |error| Problem::Engine(error, text.to_owned());
    Ok(snapshot.index(index, ctx).map_err(told)?.odata(&query, ctx).map_err(told)?.body)
}

/// The sets there are.
fn service(dialect: Dialect, asked: &Asked, headers: &HeaderMap) -> Response<Body> {
    let base = base(dialect, headers);
    let schemas = asked.schemas();
    let names = schemas.iter().map(Schema::name);
    let sets: Vec<_> = match dialect {
        Dialect::V4 => names.map(|name| json!({ "name": name, "kind": "EntitySet", "url": name })).collect(),
        Dialect::V3 => names.map(|name| json!({ "name": name, "url": name })).collect(),
        _ => names.map(|name| json!(name)).collect(),
    };
    let body = match dialect {
        Dialect::V4 => json!({ "@odata.context": format!("{base}$metadata"), "value": sets }),
        Dialect::V3 => json!({ "odata.metadata": format!("{base}$metadata"), "value": sets }),
        _ => json!({ "d": { "EntitySets": sets } }),
    };
    versioned(dialect, reply::json(StatusCode::OK, &body))
}

fn model(dialect: Dialect, asked: &Asked) -> Response<Body> {
    let xml = HeaderValue::from_static("application/xml; charset=utf-8");
    versioned(dialect, reply::typed(StatusCode::OK, xml, metadata::document(dialect, &asked.schemas()).into()))
}

impl Asked {
    /// The indexes that the caller may see.
    fn schemas(&self) -> Vec<Schema> {
        let snapshot = self.state.engine.snapshot();
        snapshot.catalog().schemas().filter(|schema| self.caller.access.sees(schema.name())).cloned().collect()
    }
}

/// What links begin with.
fn base(dialect: Dialect, headers: &HeaderMap) -> String {
    format!("http://{}/odata/{}/", host(headers), dialect.as_str())
}

/// The response with the version of the standard that it follows.
fn versioned(dialect: Dialect, mut response: Response<Body>) -> Response<Body> {
    let (name, version) = match dialect {
        Dialect::V4 => ("odata-version", "4.0"),
        Dialect::V3 => ("dataserviceversion", "3.0"),
        _ => ("dataserviceversion", "2.0"),
    };
    response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(version));
    response
}
