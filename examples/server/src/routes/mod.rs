//! The paths, a file a surface, and what surrounds every request: it is counted, and its mistakes are told in the surface's
//! words.

mod assist;
mod changes;
mod collections;
mod dashboards;
mod grid_rows;
mod grid_widget;
mod indexes;
mod lists;
mod odata;
mod positions;
mod runs;
mod service;
mod status_counts;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State as Extract};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use tallygrid::Dialect;

use crate::body;
use crate::page;
use crate::problem::{Problem, Surface};
use crate::state::State;

pub(crate) use indexes::status_field;

/// The names that requests are counted under.
pub(crate) const NAMES: [&str; 11] =
    ["page", "widgets", "lists", "collections", "odata", "runs", "grids", "dashboards", "assist", "changes", "other"];

/// Every path.
pub(crate) fn router(state: Arc<State>) -> Router {
    let odata = [Dialect::V2, Dialect::V3, Dialect::V4]
        .map(|dialect| ("odata", Surface::OData(dialect), odata::router(dialect)));
    let native = [
        ("page", page::router()),
        ("widgets", grid_widget::router().merge(status_counts::router()).merge(positions::router())),
        ("lists", lists::router().merge(indexes::router())),
        ("collections", collections::router()),
        ("dashboards", dashboards::router()),
        ("assist", assist::router()),
        ("changes", changes::router()),
        ("other", service::router().fallback(nothing)),
    ]
    .map(|(name, router)| (name, Surface::Native, router));
    let others = [("runs", Surface::Runs, runs::router()), ("grids", Surface::GridRows, grid_rows::router())];
    let surfaces = native.into_iter().chain(odata).chain(others);
    surfaces
        .fold(Router::new(), |all, (name, surface, router): (_, _, Router<Arc<State>>)| {
            all.merge(router.layer(from_fn_with_state((state.clone(), name, surface), surround)))
        })
        .with_state(state)
}

/// The host as the client named it: what links begin with.
fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost")
}

async fn nothing() -> Problem {
    Problem::not_found("there is nothing at this path; /openapi.json lists those there are")
}

/// Counts a request, and says what went wrong as its surface does.
async fn surround(
    Extract((state, name, surface)): Extract<(Arc<State>, &'static str, Surface)>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let running = state.metrics.begin(name);
    let mut response = next.run(request).await;
    let response = match response.extensions_mut().remove::<Arc<Problem>>() {
        Some(problem) => problem.response(surface),
        // The framework's own refusals: a method, a path or a query string that no handler takes.
        None if response.status().is_client_error() => {
            refused(response.status(), response.into_body()).await.response(surface)
        }
        None => response,
    };
    running.end(response.status());
    response
}

/// The framework's refusal in our words: its body is one line of text, or empty.
async fn refused(status: StatusCode, body: Body) -> Problem {
    let text = body::bytes(body, 1 << 16).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let message = if text.is_empty() { status.canonical_reason().unwrap_or("refused") } else { &text };
    Problem::server(status, "refused", message)
}
