//! The files of the dashboard, as they are: no build step, nothing from elsewhere.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::get;

use crate::reply;

/// Path, kind and text of each.
const FILES: [(&str, &str, &str); 9] = [
    ("/", "text/html; charset=utf-8", include_str!("../page/index.html")),
    ("/page.css", "text/css; charset=utf-8", include_str!("../page/page.css")),
    ("/main.js", "text/javascript; charset=utf-8", include_str!("../page/main.js")),
    ("/api.js", "text/javascript; charset=utf-8", include_str!("../page/api.js")),
    ("/query.js", "text/javascript; charset=utf-8", include_str!("../page/query.js")),
    ("/bars.js", "text/javascript; charset=utf-8", include_str!("../page/bars.js")),
    ("/statuses.js", "text/javascript; charset=utf-8", include_str!("../page/statuses.js")),
    ("/trend.js", "text/javascript; charset=utf-8", include_str!("../page/trend.js")),
    ("/rows.js", "text/javascript; charset=utf-8", include_str!("../page/rows.js")),
];

/// Nothing is loaded from elsewhere, and no script stands in the page.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'");

/// The paths of the files.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(move || async move { file(kind, text) }))
    })
}

fn file(kind: &'static str, text: &'static str) -> Response<Body> {
    let mut response =
        reply::typed(StatusCode::OK, HeaderValue::from_static(kind), Bytes::from_static(text.as_bytes()));
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
