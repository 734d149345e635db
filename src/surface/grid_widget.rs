//! Grid widget data: the request and response of `POST /api/gridwidget/{widgetType}/data/{dataName}`.
//!
//! Our choices where the page is silent: runs are counted by `RunStatusesGroupedByField` and `RunStatusOverTime`, totals
//! summed by `RunStatusesGroupedByFieldForAutomatedRuns`; an empty list of types allows nothing, an empty list of selections
//! selects nothing and so does not restrict; ORDER BY in the query is checked and has no effect.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::suggest::nearest;
use crate::engine::answer::{Answer, StatusCounts};
use crate::engine::ask::{GroupBy, Query};
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::snapshot::{Index, Snapshot};
use crate::model::fold::Collation;
use crate::model::kind::Kind;
use crate::model::time::{Period, Zone};

/// The counters of a row, in their order on the wire.
const COUNTERS: [&str; 9] =
    ["InProgress", "Undetermined", "Errors", "Failed", "NotRun", "Passed", "Skipped", "Warnings", "Blocked"];

/// The widget types that answer `results`.
const WIDGETS: [&str; 3] = ["RunStatusesGroupedByField", "RunStatusesGroupedByFieldForAutomatedRuns", OVER_TIME];

/// The widget that groups by calendar periods alone.
const OVER_TIME: &str = "RunStatusOverTime";

/// The data sets of each widget.
const DATA_NAMES: [&str; 2] = ["results", "fields"];

/// The body of a request. Absent and null parts do not restrict; a part that the index has no field for is an error, and so
/// is a part of another name.
///
/// ```
/// use tallygrid::GridWidgetRequest;
/// let body = r#"{"IndexName": "Run", "Query": "ORDER BY CreatedAt DESC", "TimeZone": "America/New_York",
///                "Parameters": {"groupingType": "Field", "groupingField": "RunNumber"}}"#;
/// let request: GridWidgetRequest = serde_json::from_str(body).unwrap();
/// assert_eq!(request.parameters.unwrap().grouping_field.as_deref(), Some("RunNumber"));
/// assert!(serde_json::from_str::<GridWidgetRequest>(r#"{"ProjectID": "1"}"#).is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct GridWidgetRequest {
    /// The index that is asked; `Run` if absent.
    pub index_name: Option<String>,
    /// Run types that may be counted.
    pub allowable_types: Option<Vec<String>>,
    /// A TQL filter around the user's.
    pub base_query: Option<String>,
    /// The project.
    pub project_id: Option<String>,
    /// The package whose subtree is counted.
    pub package_id: Option<String>,
    /// The kind of package: names the path field if the index has one of that name.
    pub package_type: Option<String>,
    /// What the user typed.
    pub query: Option<String>,
    /// The rows that the user selected.
    pub selections: Option<Vec<Selection>>,
    /// The IANA zone of the request.
    pub time_zone: Option<String>,
    /// How to group.
    pub parameters: Option<GridWidgetParameters>,
}

/// A selected row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Selection {
    /// The row's id.
    pub id: String,
    /// The row's type.
    pub r#type: Option<String>,
}

/// How a widget groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct GridWidgetParameters {
    /// `Field`, or a calendar period of a date field: `Day`, `Week`, `Month`, `Quarter`, `Year`.
    pub grouping_type: Option<String>,
    /// The field grouped by.
    pub grouping_field: Option<String>,
    /// Whether each row ends with the TQL that selects it.
    pub with_queries: Option<bool>,
}

/// `{"Data": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GridWidgetData {
    /// The data set that was named.
    pub data: GridWidgetSet,
}

/// A data set of a widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum GridWidgetSet {
    /// `results`: a row a group.
    Results(Vec<GridWidgetRow>),
    /// `fields`: what can be grouped by.
    Fields(Vec<GridWidgetField>),
}

/// One group with all nine counters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the counters say what they count")]
#[non_exhaustive]
pub struct GridWidgetRow {
    /// The group's key as text.
    pub key: String,
    pub in_progress: i128,
    pub undetermined: i128,
    pub errors: i128,
    pub failed: i128,
    pub not_run: i128,
    pub passed: i128,
    pub skipped: i128,
    pub warnings: i128,
    pub blocked: i128,
    /// The TQL that selects the group in the same scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
}

/// A field that can be grouped by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GridWidgetField {
    /// The field's name.
    pub name: String,
    /// What users read.
    pub label: String,
    /// The field's kind.
    pub kind: &'static str,
    /// `ignore_case`, `exact`, `status` or `path`.
    pub collation: &'static str,
}

impl Snapshot {
    /// Answers a grid widget.
    ///
    /// # Errors
    /// `NotFound` for an unknown widget type, data name or index; `Query` for mistakes in queries and parameters, for scope
    /// parts that the index has no field for, and for statuses that none of the nine counters stands for.
    pub fn grid_widget(
        &self,
        widget_type: &str,
        data_name: &str,
        request: &GridWidgetRequest,
        ctx: &Context,
    ) -> Result<Answer<GridWidgetData>> {
        known("widget type", widget_type, &WIDGETS)?;
        known("data name", data_name, &DATA_NAMES)?;
        let ctx = match &request.time_zone {
            Some(zone) => ctx.clone().time_zone(Zone::require(zone)?),
            None => ctx.clone(),
        };
        let index = self.index(request.index_name.as_deref().unwrap_or("Run"), &ctx)?;
        if data_name == "fields" {
            let answer = index.count(&Query::all(), &ctx)?;
            return Ok(answer.map(|_| GridWidgetData { data: GridWidgetSet::Fields(fields(widget_type, &index)) }));
        }
        let (limit, n_selected) = (ctx.limits_ref().list_members, request.selections.as_ref().map_or(0, Vec::len));
        if n_selected > limit {
            return Err(Error::limit("list_members", limit as u64, n_selected));
        }
        let by = grouping(widget_type, request)?;
        let answer = index.group(&by, &query(request, &index), &ctx)?;
        let rows = rows(&answer.body)?;
        Ok(answer.map(|_| GridWidgetData { data: GridWidgetSet::Results(rows) }))
    }
}

fn known(what: &str, name: &str, names: &[&'static str]) -> Result<()> {
    if names.contains(&name) {
        return Ok(());
    }
    let shown: String = name.chars().take(60).collect();
    let wrong = Diagnostic::new(Code::UnknownWidget, Severity::Error, Place::Request, format!("no {what} `{shown}`"));
    let help = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", names.join(", ")),
    };
    Err(Error::one(ErrorKind::NotFound, wrong.help(help)))
}

fn wrong_parameter(message: String, help: &str) -> Error {
    let wrong = Diagnostic::new(Code::WrongParameter, Severity::Error, Place::Request, message);
    Error::one(ErrorKind::Query, wrong.help(help))
}

fn grouping(widget_type: &str, request: &GridWidgetRequest) -> Result<GroupBy> {
    let parameters = request.parameters.clone().unwrap_or_default();
    let Some(field) = parameters.grouping_field else {
        return Err(wrong_parameter("`groupingField` is missing".to_owned(), "name the field to group by"));
    };
    let over_time = widget_type == OVER_TIME;
    let default = if over_time { "Day" } else { "Field" };
    let by = match parameters.grouping_type.as_deref().unwrap_or(default) {
        "Field" if !over_time => GroupBy::field(field),
        "Day" => GroupBy::period(field, Period::Day),
        "Week" => GroupBy::period(field, Period::Week),
        "Month" => GroupBy::period(field, Period::Month),
        "Quarter" => GroupBy::period(field, Period::Quarter),
        "Year" => GroupBy::period(field, Period::Year),
        other => {
            let shown: String = other.chars().take(60).collect();
            let help = if over_time {
                "Day, Week, Month, Quarter or Year"
            } else {
                "Field, Day, Week, Month, Quarter or Year"
            };
            return Err(wrong_parameter(format!("`groupingType` cannot be `{shown}`"), help));
        }
    };
    let by = match widget_type {
        "RunStatusesGroupedByFieldForAutomatedRuns" => by.totals(COUNTERS.map(|name| (name, format!("Totals.{name}")))),
        _ => by,
    };
    Ok(if parameters.with_queries == Some(true) { by.with_queries() } else { by })
}

/// The user's query inside every part of the scope.
fn query(request: &GridWidgetRequest, index: &Index<'_>) -> Query {
    let mut query = Query::tql(request.query.as_deref().unwrap_or(""));
    if let Some(types) = &request.allowable_types {
        query = query.scope(Condition::is_in("Type", types.iter().map(String::as_str)));
    }
    if let Some(base) = &request.base_query {
        query = query.scope(Condition::tql(base));
    }
    if let Some(project) = &request.project_id {
        query = query.scope(Condition::is_in("ProjectId", [project.as_str()]));
    }
    if let Some(package) = &request.package_id {
        query = query.scope(Condition::under(path_field(request, index), package));
    }
    if let Some(selections) = request.selections.as_ref().filter(|selections| !selections.is_empty()) {
        // One list of ids for each type, since every part of an OR is asked of every row.
        let mut by_type: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
        for selection in selections {
            by_type.entry(selection.r#type.as_deref()).or_default().push(&selection.id);
        }
        let of_type = |(r#type, ids): (Option<&str>, Vec<&str>)| {
            let r#type = r#type.map(|r#type| Condition::is_in("Type", [r#type]));
            Condition::all_of(std::iter::once(Condition::is_in("Id", ids)).chain(r#type))
        };
        query = query.scope(Condition::any_of(by_type.into_iter().map(of_type)));
    }
    query
}

/// The path field that holds a run's package: the one named by the package's type, else `Package`.
fn path_field(request: &GridWidgetRequest, index: &Index<'_>) -> String {
    let is_path = |name: &&str| {
        let field = index.schema().field_named(name).map(|id| index.schema().field(id));
        field.is_some_and(|field| field.kind() == Kind::Path)
    };
    let named = request.package_type.as_deref().filter(is_path);
    named.or(["PackageId"].into_iter().find(is_path)).unwrap_or("Package").to_owned()
}

/// The fields that the widget can group by.
fn fields(widget_type: &str, index: &Index<'_>) -> Vec<GridWidgetField> {
    let has_periods = |kind| matches!(kind, Kind::DateTime | Kind::Date);
    let groupable = index.schema().fields().iter().filter(|field| match widget_type {
        OVER_TIME => has_periods(field.kind()),
        _ => field.is_groupable(),
    });
    let field = |field: &crate::model::field::Field| GridWidgetField {
        name: field.name().to_owned(),
        label: field.name().to_owned(),
        kind: field.kind().as_str(),
        collation: match field.effective_collation() {
            Collation::IgnoreCase => "ignore_case",
            Collation::Exact => "exact",
            Collation::Status => "status",
            Collation::Path => "path",
        },
    };
    groupable.map(field).collect()
}

fn rows(counts: &StatusCounts) -> Result<Vec<GridWidgetRow>> {
    let counters: Vec<Option<usize>> = counts
        .statuses
        .iter()
        .map(|status| {
            let folded = Collation::Status.fold(status);
            COUNTERS.iter().position(|counter| Collation::Status.fold(counter) == folded)
        })
        .collect();
    let mut rows = Vec::with_capacity(counts.rows.len());
    for group in &counts.rows {
        let mut row =
            GridWidgetRow { key: group.key.to_string(), query: group.query.clone(), ..GridWidgetRow::default() };
        for ((count, counter), status) in group.counts.iter().zip(&counters).zip(&counts.statuses) {
            match counter {
                Some(counter) => *row.counter(*counter) += count,
                None if *count == 0 => {}
                None => return Err(unmapped(status)),
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

fn unmapped(status: &str) -> Error {
    let message = match status {
        "" => "some rows have no status, and no counter stands for that".to_owned(),
        status => format!("the status `{status}` is none of the nine that the widget counts"),
    };
    let help = match status {
        "" => "leave them out with `IS NOT EMPTY` on the status field".to_owned(),
        _ => {
            format!("declare it an alias of a counter's status in the schema; the counters are {}", COUNTERS.join(", "))
        }
    };
    let wrong = Diagnostic::new(Code::UnmappedStatus, Severity::Error, Place::Request, message);
    Error::one(ErrorKind::Query, wrong.help(help))
}

impl GridWidgetRow {
    /// The counter at a place of their order on the wire.
    fn counter(&mut self, at: usize) -> &mut i128 {
        match at {
            0 => &mut self.in_progress,
            1 => &mut self.undetermined,
            2 => &mut self.errors,
            3 => &mut self.failed,
            4 => &mut self.not_run,
            5 => &mut self.passed,
            6 => &mut self.skipped,
            7 => &mut self.warnings,
            _ => &mut self.blocked,
        }
    }
}
