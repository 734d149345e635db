//! Grid widgets, as their page has them.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Response, Uri};
use axum::routing::post;
use tallygrid::GridWidgetRequest;

use crate::body::json;
use crate::problem::Problem;
use crate::reply::written;
use crate::state::State;
use crate::work::{Asked, Whole};

pub(super) fn router() -> Router<Arc<State>> {
    Router::new().route("/api/gridwidget/{widgetType}/data/{dataName}", post(data))
}

async fn data(
    asked: Asked,
    Path((widget_type, data_name)): Path<(String, String)>,
    uri: Uri,
    Whole(body): Whole,
) -> Result<Response<Body>, Problem> {
    asked
        .answer(uri.to_string(), body.clone(), move |snapshot, ctx| {
            let request: GridWidgetRequest = json(&body)?;
            let text = request.query.clone().unwrap_or_default();
            let answer = snapshot
                .grid_widget(&widget_type, &data_name, &request, ctx)
                .map_err(|error| Problem::Engine(error, text))?;
            written(&answer.body)
        })
        .await
}
