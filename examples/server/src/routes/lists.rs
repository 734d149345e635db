//! TQL over any index: rows as `{Skip, Top, Total, Items}`, or, where the text has aggregates, `{Results}`.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query as Parameters};
use axum::http::{Response, Uri};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use tallygrid::{Collection, Condition, Context, DEFAULT_TOP, Query, Reply, ResultsBody, Snapshot, Zone};

use crate::body::json;
use crate::problem::Problem;
use crate::reply::written;
use crate::state::State;
use crate::work::{Asked, Whole};

/// What is asked: parameters of a GET, or the body of a POST for longer texts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Search {
    tql: String,
    #[serde(rename = "timeZone")]
    time_zone: Option<String>,
    /// Whether only the latest row of each test counts.
    latest: bool,
    /// Only rows with that status, in the field that it is of.
    status: Option<(String, String)>,
    #[serde(rename = "$top")]
    top: Option<u64>,
    #[serde(rename = "$skip")]
    skip: u64,
}

pub(super) fn router() -> Router<Arc<State>> {
    Router::new().route("/api/search/{index}", get(by_parameters).post(by_body))
}

async fn by_parameters(
    asked: Asked,
    Path(index): Path<String>,
    uri: Uri,
    Parameters(search): Parameters<Search>,
) -> Result<Response<Body>, Problem> {
    answer(asked, index, uri.to_string(), Bytes::new(), move || Ok(search)).await
}

async fn by_body(
    asked: Asked,
    Path(index): Path<String>,
    uri: Uri,
    Whole(body): Whole,
) -> Result<Response<Body>, Problem> {
    // Without a body it is not the question that the same address asks by GET.
    answer(asked, index, format!("POST {uri}"), body.clone(), move || json(&body)).await
}

async fn answer(
    asked: Asked,
    index: String,
    question: String,
    body: Bytes,
    read: impl FnOnce() -> Result<Search, Problem> + Send + 'static,
) -> Result<Response<Body>, Problem> {
    asked.answer(question, body, move |snapshot, ctx| found(&read()?, &index, snapshot, ctx)).await
}

fn found(search: &Search, index: &str, snapshot: &Snapshot, ctx: &Context) -> Result<Bytes, Problem> {
    let ctx = in_zone(ctx, search.time_zone.as_deref())?;
    let mut query = Query::tql(&search.tql).skip(search.skip).top(search.top.unwrap_or(DEFAULT_TOP));
    if search.latest {
        query = query.latest();
    }
    if let Some((field, status)) = &search.status {
        query = query.scope(Condition::is_in(field, [status.as_str()]));
    }
    let index = snapshot.index(index, &ctx)?;
    let answer = index.ask(&query, &ctx).map_err(|error| Problem::Engine(error, search.tql.clone()))?;
    match &answer.body {
        Reply::Rows(page) => written(&Collection(page)),
        Reply::Results(results) => written(&ResultsBody(results)),
        _ => Err(Problem::internal()),
    }
}

/// The circumstances in the zone of a request.
pub(super) fn in_zone(ctx: &Context, zone: Option<&str>) -> Result<Context, Problem> {
    let zone: Option<Zone> = zone.filter(|name| !name.is_empty()).map(str::parse).transpose()?;
    Ok(zone.map_or_else(|| ctx.clone(), |zone| ctx.clone().time_zone(zone)))
}
