//! Collections of runs in OData and TQL, and the start of script runs, as their page has them.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query as Parameters};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use axum::routing::get;
use tallygrid::{Ids, RunCollection, RunKind, RunQuery, ScriptRunRequest};

use super::host;
use crate::problem::Problem;
use crate::reply;
use crate::state::State;
use crate::work::{Asked, Whole};

/// Kinds with the paths of their runs: of an assignment, one run, all runs.
const PATHS: [(RunKind, Option<&str>, &str, &str); 3] = [
    (RunKind::Script, Some("scriptassignment"), "scriptrun", "scriptruns"),
    (RunKind::Automated, Some("automatedtestassignment"), "automatedtestrun", "automatedtestruns"),
    (RunKind::Agile, None, "agilerun", "agileruns"),
];

pub(super) fn router() -> Router<Arc<State>> {
    let mut router = Router::new();
    for (kind, assignment, one, all) in PATHS {
        let item = move |asked: Asked, Path(id), uri, headers: HeaderMap| item(kind, id, asked, uri, headers);
        let whole = move |asked: Asked, uri, headers: HeaderMap, pairs| {
            list(RunCollection::of(kind), asked, uri, headers, pairs)
        };
        router = router.route(&format!("/api/{one}/{{id}}"), get(item)).route(&format!("/api/{all}"), get(whole));
        if let Some(assignment) = assignment {
            let part = move |asked: Asked, Path(id): Path<String>, uri, headers: HeaderMap, pairs| {
                list(RunCollection::of(kind).assignment(id), asked, uri, headers, pairs)
            };
            let methods = if kind == RunKind::Script { get(part).post(start) } else { get(part) };
            router = router.route(&format!("/api/{assignment}/{{id}}/runs"), methods);
        }
    }
    router
}

/// A text in `tql` asks in TQL, anything else in OData.
fn query(uri: &Uri, pairs: &[(String, String)]) -> RunQuery {
    if pairs.iter().any(|(name, _)| name == "tql") {
        RunQuery::tql(pairs.iter().map(|(name, value)| (name, value)))
    } else {
        RunQuery::odata(uri.query().unwrap_or(""))
    }
}

async fn list(
    runs: RunCollection,
    asked: Asked,
    uri: Uri,
    headers: HeaderMap,
    Parameters(pairs): Parameters<Vec<(String, String)>>,
) -> Result<Response<Body>, Problem> {
    let base = base(&headers);
    let (query, runs) = (query(&uri, &pairs), runs.base(&base));
    asked
        .answer(format!("{base} {uri}"), Bytes::new(), move |snapshot, ctx| {
            reply::written(&snapshot.run_collection(&runs, &query, ctx)?.body)
        })
        .await
}

async fn item(
    kind: RunKind,
    id: String,
    asked: Asked,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let base = base(&headers);
    let (query, runs) = (RunQuery::odata(uri.query().unwrap_or("")), RunCollection::of(kind).base(&base));
    asked
        .answer(format!("{base} {uri}"), Bytes::new(), move |snapshot, ctx| {
            reply::written(&snapshot.run_item(&runs, &id, &query, ctx)?.body)
        })
        .await
}

/// Gets the unfinished run of a script assignment, or makes one.
async fn start(
    asked: Asked,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Response<Body>, Problem> {
    let runs = RunCollection::of(RunKind::Script).assignment(id).base(base(&headers));
    let query = RunQuery::odata(uri.query().unwrap_or(""));
    let user = asked.caller.user.clone();
    let (started, _) = asked
        .write(move |tx, ctx| {
            let request = ScriptRunRequest::from_json(&body)?;
            let request = user.iter().fold(request, |request, user| request.by(user));
            tx.start_script_run(&runs, &query, &request, &Ids::random(), ctx)
        })
        .await?;
    let status = StatusCode::from_u16(started.status()).unwrap_or(StatusCode::OK);
    let mut response = reply::json(status, &started);
    if let Ok(location) = HeaderValue::from_str(started.location()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

fn base(headers: &HeaderMap) -> String {
    format!("http://{}/", host(headers))
}
