//! Responses.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::problem::Problem;

/// How JSON is announced, as the pages of the surfaces have it.
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// A body as JSON text.
pub(crate) fn written(body: &impl Serialize) -> Result<Bytes, Problem> {
    serde_json::to_vec(body).map(Bytes::from).map_err(|_| Problem::internal())
}

/// JSON with a status.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    match written(body) {
        Ok(bytes) => of_bytes(status, bytes),
        Err(_) => of_bytes(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new()),
    }
}

/// JSON that is text already.
pub(crate) fn of_bytes(status: StatusCode, bytes: Bytes) -> Response<Body> {
    typed(status, JSON, bytes)
}

/// A body of another kind.
pub(crate) fn typed(status: StatusCode, kind: HeaderValue, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
