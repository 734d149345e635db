//! Rows of grid fields, as their page has them.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query as Parameters};
use axum::http::{Response, StatusCode};
use axum::routing::get;
use serde::Deserialize;
use tallygrid::{Error, Grid, GridAdd, GridDelete, GridRead, GridUpdate};

use crate::grids::Host;
use crate::problem::Problem;
use crate::reply;
use crate::state::State;
use crate::work::{Asked, Whole};

/// Field and issue.
type Names = Path<(String, String)>;

/// What to read. Those beside `columnIds` are not on the page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Read {
    column_ids: Option<String>,
    tql: Option<String>,
    start_at: Option<u64>,
    max_results: Option<u64>,
}

pub(super) fn router() -> Router<Arc<State>> {
    let path = "/rest/idalko-grid/1.0/api/grid/{gridCustomFieldId}/issue/{issueIdOrKey}";
    Router::new().route(path, get(read).post(add).put(update).delete(delete))
}

async fn read(asked: Asked, Path((field, issue)): Names, what: Parameters<Read>) -> Result<Response<Body>, Problem> {
    let Parameters(Read { column_ids, tql, start_at, max_results }) = what;
    asked
        .look(move |state, ctx| {
            let mut read = GridRead::all();
            if let Some(ids) = &column_ids {
                read = read.column_ids(ids);
            }
            if let Some(text) = tql {
                read = read.tql(text);
            }
            if let Some(n) = start_at {
                read = read.start_at(n);
            }
            if let Some(n) = max_results {
                read = read.max_results(n);
            }
            let page = grid(state, &field)?.issue(&issue, &state.engine, &Host, ctx)?.read(&read)?;
            Ok(reply::json(StatusCode::OK, &page))
        })
        .await
}

async fn add(asked: Asked, Path((field, issue)): Names, Whole(body): Whole) -> Result<Response<Body>, Problem> {
    asked
        .alter(move |state, ctx| {
            let request = GridAdd::from_json(&body)?;
            let ids = grid(state, &field)?.issue(&issue, &state.engine, &Host, ctx)?.add(&request)?;
            Ok(reply::json(StatusCode::OK, &ids))
        })
        .await
}

async fn update(asked: Asked, Path((field, issue)): Names, Whole(body): Whole) -> Result<StatusCode, Problem> {
    asked
        .alter(move |state, ctx| {
            let request = GridUpdate::from_json(&body)?;
            grid(state, &field)?.issue(&issue, &state.engine, &Host, ctx)?.update(&request)?;
            Ok(StatusCode::OK)
        })
        .await
}

async fn delete(asked: Asked, Path((field, issue)): Names, Whole(body): Whole) -> Result<StatusCode, Problem> {
    asked
        .alter(move |state, ctx| {
            let request = GridDelete::from_json(&body)?;
            grid(state, &field)?.issue(&issue, &state.engine, &Host, ctx)?.delete(&request)?;
            Ok(StatusCode::OK)
        })
        .await
}

fn grid<'s>(state: &'s State, field: &str) -> Result<&'s Grid, Error> {
    state.grids.get(field).ok_or_else(|| Error::not_found("grid"))
}
