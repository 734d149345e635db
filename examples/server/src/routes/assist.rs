//! Help for those who type: how a text goes on at a cursor, and what is wrong with it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Response, Uri};
use axum::routing::post;
use serde::{Deserialize, Serialize};
use tallygrid::{Query, Rule, WireCompletion, WireDiagnostic, check_tql};

use crate::body::json;
use crate::problem::Problem;
use crate::reply::written;
use crate::state::State;
use crate::work::{Asked, Whole};

/// Completions that are answered: more than a list shows.
const COMPLETIONS: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    tql: String,
    /// In bytes of UTF-8.
    offset: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    tql: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Completions {
    items: Vec<WireCompletion>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Checked {
    ok: bool,
    diagnostics: Vec<WireDiagnostic>,
    printed: Option<String>,
    parenthesised: Option<String>,
}

pub(super) fn router() -> Router<Arc<State>> {
    Router::new().route("/api/complete/{index}", post(complete)).route("/api/check/{index}", post(check))
}

async fn complete(
    asked: Asked,
    Path(index): Path<String>,
    uri: Uri,
    Whole(body): Whole,
) -> Result<Response<Body>, Problem> {
    asked
        .answer(uri.to_string(), body.clone(), move |snapshot, ctx| {
            let cursor: Cursor = json(&body)?;
            let found = snapshot.index(&index, ctx)?.complete_tql(&Query::tql(cursor.tql), cursor.offset, ctx)?;
            written(&Completions { items: found.iter().take(COMPLETIONS).map(WireCompletion::from).collect() })
        })
        .await
}

async fn check(
    asked: Asked,
    Path(index): Path<String>,
    uri: Uri,
    Whole(body): Whole,
) -> Result<Response<Body>, Problem> {
    asked
        .answer(uri.to_string(), body.clone(), move |snapshot, ctx| {
            let text: Text = json(&body)?;
            let check = check_tql(&text.tql, Rule::Query, Some((snapshot.catalog(), &index)), ctx)?;
            written(&Checked {
                ok: check.ok,
                diagnostics: check.diagnostics.iter().map(WireDiagnostic::from).collect(),
                printed: check.printed,
                parenthesised: check.parenthesised,
            })
        })
        .await
}
