//! Runs with counters, as their page has them, and the results that move the counters.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query as Parameters};
use axum::http::{Response, StatusCode, Uri};
use axum::routing::{get, post};
use tallygrid::{
    Context, Error, Format, Input, Load, ResultsRequest, RunChanges, RunRequest, RunsRequest, Schema, Snapshot,
};

use crate::problem::Problem;
use crate::reply;
use crate::state::State;
use crate::work::{Asked, Whole};

type Pairs = Parameters<Vec<(String, String)>>;

pub(super) fn router() -> Router<Arc<State>> {
    Router::new()
        .route("/api/v1/projects/{project_id}/runs", get(list))
        .route("/api/v1/runs/{run_id}", get(one))
        .route("/api/v1/runs/{run_id}/results", get(results))
        .route("/api/v1/results", post(add_results))
}

async fn list(asked: Asked, Path(project): Path<String>, uri: Uri, pairs: Pairs) -> Result<Response<Body>, Problem> {
    answer(asked, &uri, move |snapshot, ctx| {
        let request = RunsRequest::from_pairs(pairs.0)?;
        Ok(reply::written(&snapshot.counted_runs(&project, &request, ctx)?.body))
    })
    .await
}

async fn one(asked: Asked, Path(run): Path<String>, uri: Uri, pairs: Pairs) -> Result<Response<Body>, Problem> {
    answer(asked, &uri, move |snapshot, ctx| {
        let request = RunRequest::from_pairs(pairs.0)?;
        Ok(reply::written(&snapshot.counted_run(&run, &request, ctx)?.body))
    })
    .await
}

async fn results(asked: Asked, Path(run): Path<String>, uri: Uri, pairs: Pairs) -> Result<Response<Body>, Problem> {
    answer(asked, &uri, move |snapshot, ctx| {
        let request = ResultsRequest::from_pairs(pairs.0)?;
        Ok(reply::written(&snapshot.counted_results(&run, &request, ctx)?.body))
    })
    .await
}

async fn answer(
    asked: Asked,
    uri: &Uri,
    work: impl FnOnce(&Snapshot, &Context) -> Result<Result<Bytes, Problem>, Error> + Send + 'static,
) -> Result<Response<Body>, Problem> {
    asked.answer(uri.to_string(), Bytes::new(), move |snapshot, ctx| work(snapshot, ctx)?).await
}

/// What a result has from its test, and so nobody says.
const FOLLOW: [&str; 2] = ["project_id", "run_id"];

/// Results as NDJSON, a line each; their tests' runs count them at once.
async fn add_results(asked: Asked, Whole(body): Whole) -> Result<Response<Body>, Problem> {
    asked.caller.owns()?;
    let snapshot = asked.state.engine.snapshot();
    let (n, version) = asked
        .write(move |tx, ctx| {
            let fields = snapshot.index("results", ctx)?.schema().fields();
            let given = fields.iter().filter(|field| !FOLLOW.contains(&field.name())).cloned();
            let schema = Schema::builder("results").fields(given).build()?;
            let input = Input::new("body", Format::Ndjson, std::io::Cursor::new(body));
            let rows = Load::new().schema(schema).read([input])?.into_rows();
            RunChanges::of(tx, ctx)?.add_results(&rows)?;
            Ok(rows.len())
        })
        .await?;
    Ok(reply::json(StatusCode::CREATED, &serde_json::json!({ "results": n, "version": version })))
}
