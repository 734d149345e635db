//! Changes of rows: how whoever owns the data keeps the engine in step. Each request is one commit, all of it or nothing.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Response, StatusCode};
use axum::routing::put;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use tallygrid::{Decimal, Format, Input, Load, Value};

use crate::body::json;
use crate::problem::Problem;
use crate::reply;
use crate::state::State;
use crate::work::{Asked, VERSION, Whole};

/// Some cells of one row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Patch {
    key: Json,
    cells: Map<String, Json>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Done {
    version: u64,
    rows: usize,
}

pub(super) fn router() -> Router<Arc<State>> {
    Router::new().route("/api/indexes/{index}/rows", put(upsert).patch(patch).delete(delete))
}

/// Whole rows as NDJSON: those with a new key are added, the others replaced.
async fn upsert(asked: Asked, Path(index): Path<String>, Whole(body): Whole) -> Result<Response<Body>, Problem> {
    asked.caller.owns()?;
    let snapshot = asked.state.engine.snapshot();
    done(asked.write(move |tx, ctx| {
        let schema = snapshot.index(&index, ctx)?.schema().clone();
        let input = Input::new("body", Format::Ndjson, std::io::Cursor::new(body));
        let rows = Load::new().schema(schema).read([input])?.into_rows();
        tx.upsert(&index, &rows)?;
        Ok(rows.len())
    }))
    .await
}

/// `[{"Key": …, "Cells": {"Status": "Failed"}}]`.
async fn patch(asked: Asked, Path(index): Path<String>, Whole(body): Whole) -> Result<Response<Body>, Problem> {
    asked.caller.owns()?;
    let patches: Vec<Patch> = json(&body)?;
    done(asked.write(move |tx, _| {
        for Patch { key, cells } in &patches {
            tx.patch(&index, &value(key), cells.iter().map(|(name, cell)| (name.as_str(), value(cell))))?;
        }
        Ok(patches.len())
    }))
    .await
}

/// `["key", …]`.
async fn delete(asked: Asked, Path(index): Path<String>, Whole(body): Whole) -> Result<Response<Body>, Problem> {
    asked.caller.owns()?;
    let keys: Vec<Json> = json(&body)?;
    done(asked.write(move |tx, _| {
        keys.iter().try_for_each(|key| tx.delete(&index, &value(key)))?;
        Ok(keys.len())
    }))
    .await
}

async fn done(writing: impl Future<Output = Result<(usize, u64), Problem>>) -> Result<Response<Body>, Problem> {
    let (rows, version) = writing.await?;
    let mut response = reply::json(StatusCode::OK, &Done { version, rows });
    response.headers_mut().insert(VERSION, version.into());
    Ok(response)
}

/// A cell as it came. The engine types it by its field.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => (*b).into(),
        Json::Number(n) => match (n.as_i64(), n.to_string().parse::<Decimal>()) {
            (Some(n), _) => n.into(),
            (None, Ok(n)) => n.into(),
            (None, Err(_)) => n.to_string().into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(value).collect::<Vec<_>>().into(),
        // No field holds an object: the engine says so, with the field's name.
        Json::Object(_) => json.to_string().into(),
    }
}
