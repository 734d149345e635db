//! Dashboards and their widgets, as their page has them; its samples spell the fixed parts of the path in several ways, so case
//! does not count there.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::get;
use serde::Deserialize;
use tallygrid::{Dashboard, WidgetBody, WidgetLinks, WidgetList, WidgetListBody, WidgetOnBoard, WidgetRequest};

use super::host;
use crate::problem::Problem;
use crate::reply;
use crate::state::State;
use crate::work::{Asked, Whole};

/// Up to the dashboard.
const BOARD: &str = "/{collection}/{project}/{team}/_apis/{area}/{boards}/{dashboardId}";

pub(super) fn router() -> Router<Arc<State>> {
    let list = || get(list).post(add).patch(patch_list).put(replace_list);
    Router::new()
        .route(&format!("{BOARD}/data"), get(data))
        .route(&format!("{BOARD}/{{widgets}}"), list())
        .route(&format!("{BOARD}/{{widgets}}/"), list())
        .route(&format!("{BOARD}/{{widgets}}/{{widgetId}}"), get(widget).patch(patch).put(replace).delete(delete))
}

/// The dashboard that a path names.
struct Board {
    asked: Asked,
    id: String,
    widget: String,
    links: WidgetLinks,
}

#[derive(Deserialize)]
struct Names {
    collection: String,
    project: String,
    team: String,
    area: String,
    boards: String,
    #[serde(rename = "dashboardId")]
    dashboard: String,
    widgets: Option<String>,
    #[serde(rename = "widgetId")]
    widget: Option<String>,
}

impl FromRequestParts<Arc<State>> for Board {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Self, Problem> {
        let asked = Asked::from_request_parts(parts, state).await?;
        let names = Path::<Names>::from_request_parts(parts, state).await;
        let Path(names) = names.map_err(|error| Problem::request("wrong-path", error.to_string()))?;
        let is_fixed = names.area.eq_ignore_ascii_case("dashboard")
            && names.boards.eq_ignore_ascii_case("dashboards")
            && names.widgets.as_deref().is_none_or(|widgets| widgets.eq_ignore_ascii_case("widgets"));
        if !is_fixed || state.boards.get(&names.dashboard).is_none() {
            return Err(Problem::not_found("there is no such dashboard"));
        }
        let host = host(&parts.headers);
        let Names { collection, project, team, dashboard, .. } = &names;
        let links = format!("http://{host}/{collection}/{project}/{team}/_apis/Dashboard/Dashboards/{dashboard}");
        Ok(Self {
            asked,
            id: names.dashboard,
            widget: names.widget.unwrap_or_default(),
            links: WidgetLinks::new(links),
        })
    }
}

impl Board {
    fn dashboard(&self) -> Result<&Dashboard, Problem> {
        self.asked.state.boards.get(&self.id).ok_or_else(Problem::internal)
    }

    /// The dashboard, for those who may change it.
    fn to_change(&self) -> Result<&Dashboard, Problem> {
        self.asked.caller.writes()?;
        self.dashboard()
    }

    fn one(&self, widget: &WidgetOnBoard) -> Response<Body> {
        reply::json(StatusCode::OK, &WidgetBody { widget, links: &self.links })
    }

    fn list(&self, list: &WidgetList) -> Response<Body> {
        let mut response = reply::json(StatusCode::OK, &WidgetListBody { list, links: &self.links });
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", list.e_tag)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

async fn list(board: Board) -> Result<Response<Body>, Problem> {
    Ok(board.list(&board.dashboard()?.list()))
}

async fn widget(board: Board) -> Result<Response<Body>, Problem> {
    Ok(board.one(&board.dashboard()?.widget(&board.widget)?))
}

async fn add(board: Board, Whole(body): Whole) -> Result<Response<Body>, Problem> {
    Ok(board.one(&board.to_change()?.add(&WidgetRequest::from_json(&body)?)?))
}

async fn patch(board: Board, Whole(body): Whole) -> Result<Response<Body>, Problem> {
    Ok(board.one(&board.to_change()?.patch(&board.widget, &WidgetRequest::from_json(&body)?)?))
}

async fn replace(board: Board, Whole(body): Whole) -> Result<Response<Body>, Problem> {
    Ok(board.one(&board.to_change()?.replace(&board.widget, &WidgetRequest::from_json(&body)?)?))
}

async fn delete(board: Board, headers: HeaderMap) -> Result<Response<Body>, Problem> {
    Ok(reply::json(StatusCode::OK, &board.to_change()?.delete(&board.widget, tag(&headers).as_deref())?))
}

async fn patch_list(board: Board, headers: HeaderMap, Whole(body): Whole) -> Result<Response<Body>, Problem> {
    Ok(board.list(&board.to_change()?.patch_list(&WidgetRequest::list_from_json(&body)?, tag(&headers).as_deref())?))
}

async fn replace_list(board: Board, headers: HeaderMap, Whole(body): Whole) -> Result<Response<Body>, Problem> {
    Ok(board.list(&*board.to_change()?.replace_list(&WidgetRequest::list_from_json(&body)?, tag(&headers).as_deref())?))
}

/// The version of the dashboard that a request was written for: in the header that its page names, or the one of HTTP, where
/// `*` is any. What cannot be read is a version that there never was, and no leave to change any.
fn tag(headers: &HeaderMap) -> Option<String> {
    let named = headers.get(header::ETAG);
    let of_http = || headers.get(header::IF_MATCH).filter(|tag| tag.as_bytes() != b"*");
    Some(String::from_utf8_lossy(named.or_else(of_http)?.as_bytes()).into_owned())
}

/// The answers of all query widgets, from one snapshot.
async fn data(board: Board) -> Result<Response<Body>, Problem> {
    let list = board.dashboard()?.list();
    let question = format!("{}/data {}", board.id, list.e_tag);
    board
        .asked
        .answer(question, Bytes::new(), move |snapshot, ctx| {
            let run = snapshot.dashboard(&list, ctx);
            // What ran out of time is no answer that others could share.
            let failed =
                run.widgets.iter().find_map(|widget| widget.answer.as_ref().err().filter(|e| e.is_transient()));
            match failed {
                Some(error) => Err(error.clone().into()),
                None => reply::written(&run),
            }
        })
        .await
}
