//! What operators and tools ask: counters, health, and the description of the paths.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State as Extract;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::routing::get;
use tallygrid::{Access, Context};

use crate::problem::Problem;
use crate::reply;
use crate::state::State;

/// The description of every path, written by hand; a test asks each of them.
const DESCRIPTION: &str = include_str!("../../openapi.json");

pub(super) fn router() -> Router<Arc<State>> {
    Router::new().route("/health", get(health)).route("/metrics", get(metrics)).route("/openapi.json", get(description))
}

async fn health() -> &'static str {
    "ok\n"
}

async fn description() -> Response<Body> {
    reply::of_bytes(StatusCode::OK, Bytes::from_static(DESCRIPTION.as_bytes()))
}

async fn metrics(Extract(state): Extract<Arc<State>>) -> Result<Response<Body>, Problem> {
    let snapshot = state.engine.snapshot();
    let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    let (mut rows, mut bytes) = (0, 0);
    for schema in snapshot.catalog().schemas() {
        let memory = snapshot.index(schema.name(), &ctx)?.memory();
        rows += memory.rows;
        bytes += memory.total() as u64;
    }
    let text = state.metrics.text(&[("version", snapshot.version()), ("rows", rows), ("engine_bytes", bytes)]);
    Ok(reply::typed(StatusCode::OK, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"), text.into()))
}
