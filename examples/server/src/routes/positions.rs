//! What each user has left and right of a grid.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::get;
use serde::Deserialize;
use tallygrid::{Condition, Error, PositionBody, PositionsBody, Query, UserPositions, WidgetStateRequest};

use super::host;
use crate::problem::Problem;
use crate::reply;
use crate::state::State;
use crate::work::{Asked, Whole};

/// A project that is always there.
const DEMO: &str = "demo";

/// Where the positions of a host and a project are.
const PLACE: &str = "/api/gridwidgethost/{hostId}/project/{projectId}";

#[derive(Deserialize)]
struct Names {
    #[serde(rename = "hostId")]
    host: String,
    #[serde(rename = "projectId")]
    project: String,
    position: Option<String>,
}

pub(super) fn router() -> Router<Arc<State>> {
    let one = || get(position).put(put);
    Router::new()
        .route(&format!("{PLACE}/positions"), get(positions))
        .route(&format!("{PLACE}/position"), one())
        .route(&format!("{PLACE}/position/"), one())
        .route(&format!("{PLACE}/position/{{position}}"), one())
}

async fn positions(asked: Asked, Path(names): Path<Names>, headers: HeaderMap) -> Result<Response<Body>, Problem> {
    let base = names.base(&headers);
    let positions = names.of(&asked).await?;
    Ok(reply::json(StatusCode::OK, &PositionsBody { positions: &positions, base: &base }))
}

async fn position(asked: Asked, Path(names): Path<Names>, headers: HeaderMap) -> Result<Response<Body>, Problem> {
    let state = names.of(&asked).await?.position(names.position.as_deref())?;
    Ok(reply::json(StatusCode::OK, &PositionBody { state: &state, base: &names.base(&headers) }))
}

/// What a user has there is the user's own, so that who may only read the data may change it all the same.
async fn put(
    asked: Asked,
    Path(names): Path<Names>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Response<Body>, Problem> {
    let request = WidgetStateRequest::from_json(&body)?;
    let state = names.of(&asked).await?.put(names.position.as_deref(), &request)?;
    Ok(reply::json(StatusCode::OK, &PositionBody { state: &state, base: &names.base(&headers) }))
}

impl Names {
    fn base(&self, headers: &HeaderMap) -> String {
        format!("http://{}/api/gridwidgethost/{}/project/{}", host(headers), self.host, self.project)
    }

    /// The caller's positions, if the project is there: if the caller may see a run of it.
    async fn of<'s>(&self, asked: &'s Asked) -> Result<UserPositions<'s>, Problem> {
        let project = self.project.clone();
        let is_known = project == DEMO
            || asked
                .read(asked.state.engine.snapshot(), move |snapshot, ctx| {
                    let of_project = Query::all().scope(Condition::is_in("ProjectId", [project.as_str()]));
                    match snapshot.index("Run", ctx).and_then(|runs| runs.count(&of_project, ctx)) {
                        Ok(n_runs) => Ok(n_runs.body > 0),
                        Err(error) if error.is_transient() => Err(error.into()),
                        Err(_) => Ok(false),
                    }
                })
                .await?;
        if !is_known {
            return Err(Error::not_found("project").into());
        }
        let user = asked.caller.user.as_deref().unwrap_or("");
        Ok(asked.state.positions.of(user, &self.host, &self.project))
    }
}
