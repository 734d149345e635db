//! Status counts by field or period under whatever statuses the data has: what the dashboard draws. Grid widgets have nine
//! fixed counters instead.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{Response, Uri};
use axum::routing::post;
use serde::{Deserialize, Serialize};
use tallygrid::{Context, GroupBy, GroupRow, Period, Query, Snapshot, WireDiagnostic};

use super::indexes::status_field;
use super::lists::in_zone;
use crate::body::json;
use crate::problem::Problem;
use crate::reply::written;
use crate::state::State;
use crate::work::{Asked, Whole};

/// Groups that are answered unless more are asked for.
const DEFAULT_GROUPS: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(default)]
    tql: String,
    #[serde(rename = "timeZone")]
    time_zone: Option<String>,
    #[serde(default)]
    latest: bool,
    /// The field grouped by.
    by: String,
    /// Of a date field: the calendar period.
    period: Option<Span>,
    #[serde(default)]
    order: Order,
    #[serde(rename = "$top")]
    top: Option<usize>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Span {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// The groups' own order.
    #[default]
    Key,
    /// The largest first.
    Count,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    field: &'a str,
    status_field: Option<&'a str>,
    statuses: Vec<Status<'a>>,
    groups: Vec<Group<'a>>,
    /// How many groups there are, also those that are not among `Groups`.
    n_groups: usize,
    totals: &'a [i128],
    warnings: Vec<WireDiagnostic>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Status<'a> {
    name: &'a str,
    passed: bool,
    failed: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Group<'a> {
    key: &'a str,
    counts: &'a [i128],
    query: Option<&'a str>,
}

pub(super) fn router() -> Router<Arc<State>> {
    Router::new().route("/api/statuscounts/{index}", post(counts))
}

async fn counts(
    asked: Asked,
    Path(index): Path<String>,
    uri: Uri,
    Whole(body): Whole,
) -> Result<Response<Body>, Problem> {
    asked
        .answer(uri.to_string(), body.clone(), move |snapshot, ctx| counted(&json(&body)?, &index, snapshot, ctx))
        .await
}

fn counted(request: &Request, index: &str, snapshot: &Snapshot, ctx: &Context) -> Result<Bytes, Problem> {
    let ctx = in_zone(ctx, request.time_zone.as_deref())?;
    let by = match request.period {
        Some(span) => GroupBy::period(&request.by, span.into()),
        None => GroupBy::field(&request.by),
    };
    let query = Query::tql(&request.tql);
    let query = if request.latest { query.latest() } else { query };
    let index = snapshot.index(index, &ctx)?;
    let answer =
        index.group(&by.with_queries(), &query, &ctx).map_err(|error| Problem::Engine(error, request.tql.clone()))?;
    let counts = &answer.body;
    let mut rows: Vec<&GroupRow> = counts.rows.iter().collect();
    if let Order::Count = request.order {
        // Stable: equal ones stay in the order of their keys.
        rows.sort_by_key(|row| std::cmp::Reverse(row.counts.iter().sum::<i128>()));
    }
    rows.truncate(request.top.unwrap_or(DEFAULT_GROUPS));
    let statuses = status_field(index.schema());
    let flags = |name: &str| {
        let declared = statuses.map_or(&[][..], tallygrid::Field::declared_values);
        declared.iter().find(|value| value.name() == name).map(tallygrid::DeclaredValue::flags)
    };
    written(&Answer {
        field: &counts.field,
        status_field: statuses.map(tallygrid::Field::name),
        statuses: counts
            .statuses
            .iter()
            .map(|name| Status {
                name,
                passed: flags(name).is_some_and(|flags| flags.passed),
                failed: flags(name).is_some_and(|flags| flags.failed),
            })
            .collect(),
        groups: rows
            .iter()
            .map(|row| Group { key: &row.key, counts: &row.counts, query: row.query.as_deref() })
            .collect(),
        n_groups: counts.rows.len(),
        totals: &counts.totals,
        warnings: answer.warnings.iter().map(WireDiagnostic::from).collect(),
    })
}

impl From<Span> for Period {
    fn from(span: Span) -> Self {
        match span {
            Span::Day => Self::Day,
            Span::Week => Self::Week,
            Span::Month => Self::Month,
            Span::Quarter => Self::Quarter,
            Span::Year => Self::Year,
        }
    }
}
