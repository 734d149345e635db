//! What went wrong with a request, and how each surface says it: one status, and the surface's own body.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;
use serde_json::json;
use std::sync::Arc;
use tallygrid::{Dialect, Error, ErrorBody, GridErrorBody, ODataErrorBody, RunsErrorBody};

use crate::reply;

/// Why a request was refused.
#[derive(Clone, Debug)]
pub(crate) enum Problem {
    /// The engine's word, and the text that it speaks of.
    Engine(Error, String),
    /// The server's own.
    Server { status: StatusCode, code: &'static str, message: String },
}

/// The families of requests, which differ in how they tell errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// Widgets, lists and the dashboard's own requests: `{"diagnostics": […]}`.
    Native,
    /// `{"error": {…}}`, `{"odata.error": {…}}`.
    OData(Dialect),
    /// `{"message": …, "errors": {…}}`.
    Runs,
    /// `{"errorMessages": […]}`.
    GridRows,
}

impl Problem {
    /// A mistake of the request that the server found.
    pub(crate) fn request(code: &'static str, message: impl Into<String>) -> Self {
        Self::server(StatusCode::BAD_REQUEST, code, message)
    }

    /// Nothing is there.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::server(StatusCode::NOT_FOUND, "not-found", message)
    }

    /// A body of more bytes than are read.
    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("the body has more than {limit} bytes, which are all that is read");
        Self::server(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", message)
    }

    /// No place became free before the deadline.
    pub(crate) fn busy() -> Self {
        let message = "too many requests are running, and none ended before the deadline";
        Self::server(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
    }

    /// A fault of the server.
    pub(crate) fn internal() -> Self {
        Self::server(StatusCode::INTERNAL_SERVER_ERROR, "internal", "an internal error occurred")
    }

    pub(crate) fn server(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::Server { status, code, message: message.into() }
    }

    /// The status that it is told with.
    fn status(&self, surface: Surface) -> StatusCode {
        let code = match (self, surface) {
            (Self::Server { status, .. }, _) => return *status,
            (Self::Engine(error, _), Surface::Runs) => RunsErrorBody::from(error).status(),
            (Self::Engine(error, _), _) => error.http_status(),
        };
        StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The response of a surface.
    pub(crate) fn response(&self, surface: Surface) -> Response<Body> {
        let status = self.status(surface);
        let mut response = reply::json(status, &self.body(surface));
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response
    }

    fn body(&self, surface: Surface) -> serde_json::Value {
        let told = match (self, surface) {
            (Self::Engine(error, _), Surface::Native) => serde_json::to_value(ErrorBody::from(error)),
            (Self::Engine(error, text), Surface::OData(dialect)) => {
                serde_json::to_value(ODataErrorBody { error, text, dialect })
            }
            (Self::Engine(error, _), Surface::Runs) => serde_json::to_value(RunsErrorBody::from(error)),
            (Self::Engine(error, _), Surface::GridRows) => serde_json::to_value(GridErrorBody(error)),
            (Self::Server { code, message, .. }, surface) => Ok(own(surface, code, message)),
        };
        told.unwrap_or_default()
    }
}

/// The same shapes for what the engine has no part in.
fn own(surface: Surface, code: &str, message: &str) -> serde_json::Value {
    let verbose = || json!({ "code": code, "message": { "lang": "en-US", "value": message } });
    match surface {
        Surface::Native | Surface::OData(Dialect::Seed) => json!({ "diagnostics": [{
            "code": code, "severity": "error", "message": message, "start": null, "end": null, "help": null, "fixes": [],
        }] }),
        Surface::Runs => json!({ "message": message, "errors": {} }),
        Surface::GridRows => json!({ "errorMessages": [message] }),
        Surface::OData(Dialect::V2) => json!({ "error": verbose() }),
        Surface::OData(Dialect::V3) => json!({ "odata.error": verbose() }),
        Surface::OData(_) => json!({ "error": { "code": code, "message": message } }),
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Engine(error, String::new())
    }
}

/// A handler does not know its surface: the problem travels beside an empty body, and the surface's layer says it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
