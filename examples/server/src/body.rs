//! Bodies of requests: bounded, and read as JSON.

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// So much of a body that is too large is still taken from the line, and dropped: a client that is busy sending would not read
/// the refusal, and a connection that is closed on unread bytes loses it.
const DRAINED: usize = 256 << 20;

/// All bytes of a body.
pub(crate) async fn bytes(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let (mut body, mut kept, mut n_seen) = (body, Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::request("broken-body", "the body ended before its end"))?;
        let Ok(data) = frame.into_data() else { continue };
        n_seen = n_seen.saturating_add(data.len());
        if n_seen <= limit {
            kept.extend_from_slice(&data);
        } else if n_seen > DRAINED {
            break;
        } else {
            kept = Vec::new();
        }
    }
    if n_seen > limit { Err(Problem::too_large(limit)) } else { Ok(kept.into()) }
}

/// JSON of that type. The reader goes 128 levels deep, so that no nesting exhausts the stack.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let code = if error.is_data() { "wrong-parameter" } else { "no-json" };
        Problem::request(code, format!("the body cannot be read: {error}"))
    })
}
