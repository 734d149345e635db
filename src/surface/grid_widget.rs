//! Grid widget data: the request and response of `POST /api/gridwidget/{widgetType}/data/{dataName}`.
//!
//! Our choices where the page is silent: runs are counted by `RunStatusesGroupedByField` and `RunStatusOverTime`, totals
//! summed by `RunStatusesGroupedByFieldForAutomatedRuns`; an empty list of types allows nothing, an empty list of selections
//! selects nothing and so does not restrict; ORDER BY in the query is checked and has no effect. A status counts under the
//! counter of its name, else of one of its declared aliases. Mistakes of all parts are told together, each with its part;
//! what the base query says is the host's and is not told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result, all, both};
use crate::base::suggest::nearest;
use crate::engine::answer::{Answer, StatusCounts};
use crate::engine::ask::{GroupBy, Query};
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::snapshot::{Index, Snapshot};
use crate::model::field::DeclaredValue;
use crate::model::fold::Collation;
use crate::model::kind::Kind;
use crate::model::time::{Period, Zone};

/// The counters of a row, in their order on the wire.
const COUNTERS: [&str; 9] =
    ["InProgress", "Undetermined", "Errors", "Failed", "NotRun", "Passed", "Skipped", "Warnings", "Blocked"];

/// The widget types that answer `results`.
const WIDGETS: [&str; 3] = ["RunStatusesGroupedByField", TOTALS, OVER_TIME];

/// The widget that sums the totals of automated runs.
const TOTALS: &str = "RunStatusesGroupedByFieldForAutomatedRuns";

/// The widget that groups by calendar periods alone.
const OVER_TIME: &str = "RunStatusOverTime";

/// Grouping types that stand for calendar periods.
pub(super) const PERIODS: [(&str, Period); 5] = [
    ("Day", Period::Day),
    ("Week", Period::Week),
    ("Month", Period::Month),
    ("Quarter", Period::Quarter),
    ("Year", Period::Year),
];

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
    /// Whether only the latest row of each test counts, as the index's schema declares it.
    pub latest: Option<bool>,
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
    /// The field whose values are counted; the index's own status field if absent. Totals have none.
    pub status_field: Option<String>,
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
    /// The TQL that selects the group in the same scope; none where a warning of the answer says why.
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
        let zone = request.time_zone.as_deref().map(|name| in_parameter("TimeZone", Zone::require(name))).transpose();
        let zoned = zone.as_ref().ok().and_then(Option::as_ref).map(|zone| ctx.clone().time_zone(zone.clone()));
        let ctx = zoned.as_ref().unwrap_or(ctx);
        let index = in_parameter("IndexName", self.index(request.index_name.as_deref().unwrap_or("Run"), ctx))?;
        if data_name == "fields" {
            zone?;
            let answer = index.count(&Query::all(), ctx)?;
            return Ok(answer.map(|_| GridWidgetData { data: GridWidgetSet::Fields(fields(widget_type, &index)) }));
        }
        let (limit, n_selected) = (ctx.limits_ref().list_members, request.selections.as_ref().map_or(0, Vec::len));
        if n_selected > limit {
            return Err(Error::limit("list_members", limit as u64, n_selected));
        }
        let query = query(request, &index);
        let by = grouping(widget_type, request, &index);
        // Running finds every other mistake; where it cannot run, they are told all the same.
        let others = match (&zone, &by) {
            (Ok(_), Ok(_)) => Ok(()),
            (_, Ok(by)) => index.check_group(by, &query, ctx),
            (_, Err(_)) => index.ready(&query, ctx).map(drop),
        };
        let ((_, by), ()) = both(both(zone, by), others)?;
        let answer = index.group(&by, &query, ctx)?;
        let status = request.parameters.as_ref().and_then(|parameters| parameters.status_field.as_deref());
        let declared = index.status_field(status).map_or(&[][..], |id| &index.schema().field(id).values);
        let rows = rows(&answer.body, declared)?;
        Ok(answer.map(|_| GridWidgetData { data: GridWidgetSet::Results(rows) }))
    }
}

/// Mistakes in a part of the request say which part that is.
fn in_parameter<T>(name: &str, result: Result<T>) -> Result<T> {
    result.map_err(|error| error.in_parameter(&name.into()))
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

fn wrong_parameter(message: String, help: String) -> Error {
    let wrong = Diagnostic::new(Code::WrongParameter, Severity::Error, Place::Request, message);
    Error::one(ErrorKind::Query, wrong.help(help))
}

fn grouping(widget_type: &str, request: &GridWidgetRequest, index: &Index<'_>) -> Result<GroupBy> {
    let parameters = request.parameters.clone().unwrap_or_default();
    if widget_type == TOTALS && !COUNTERS.iter().any(|name| index.schema().field_named(&total(name)).is_some()) {
        let message = format!("runs of `{}` carry no totals that `{TOTALS}` could sum", index.schema().name());
        return Err(wrong_parameter(message, format!("`{}` counts the runs themselves", WIDGETS[0])));
    }
    if widget_type == TOTALS && parameters.status_field.is_some() {
        let message = format!("`{TOTALS}` sums totals, which stand under no `statusField`");
        return Err(wrong_parameter(message, "leave `statusField` out".to_owned()));
    }
    let field = parameters.grouping_field.ok_or_else(|| {
        wrong_parameter("`groupingField` is missing".to_owned(), "name the field to group by".to_owned())
    });
    let over_time = widget_type == OVER_TIME;
    let default = if over_time { "Day" } else { "Field" };
    let named = parameters.grouping_type.as_deref().unwrap_or(default);
    let period = match PERIODS.iter().find(|(name, _)| *name == named) {
        Some((_, period)) => Ok(Some(*period)),
        None if named == "Field" && !over_time => Ok(None),
        None => {
            let shown: String = named.chars().take(60).collect();
            let known = PERIODS.map(|(name, _)| name).join(", ");
            let help = if over_time { known } else { format!("Field, {known}") };
            Err(wrong_parameter(format!("`groupingType` cannot be `{shown}`"), format!("it is one of {help}")))
        }
    };
    let (field, period) = both(field, period)?;
    let by = period.map_or_else(|| GroupBy::field(&*field), |period| GroupBy::period(&*field, period));
    let by = match widget_type {
        TOTALS => by.totals(COUNTERS.map(|name| (name, total(name)))),
        _ => parameters.status_field.iter().fold(by, GroupBy::status),
    };
    let by = by.told_as("groupingField");
    Ok(if parameters.with_queries == Some(true) { by.with_queries() } else { by })
}

/// The field that holds how many tests of a run ended so.
fn total(counter: &str) -> String {
    format!("Totals.{counter}")
}

/// The user's query inside every part of the scope.
fn query(request: &GridWidgetRequest, index: &Index<'_>) -> Query {
    let types = request.allowable_types.as_ref();
    let selections = request.selections.as_deref().filter(|selections| !selections.is_empty());
    let scope = [
        ("AllowableTypes", types.map(|types| Condition::is_in("Type", types.iter().map(String::as_str)))),
        ("BaseQuery", request.base_query.as_ref().map(Condition::tql)),
        ("ProjectId", request.project_id.as_deref().map(|project| Condition::is_in("ProjectId", [project]))),
        ("PackageId", request.package_id.as_ref().map(|package| Condition::under(path_field(request, index), package))),
        ("Selections", selections.map(selected)),
    ];
    let query = Query::tql(request.query.as_deref().unwrap_or("")).told_as("Query");
    let given = scope.into_iter().filter_map(|(name, condition)| condition.map(|condition| condition.told_as(name)));
    let query = given.fold(query, Query::scope);
    if request.latest == Some(true) { query.latest_as("Latest") } else { query }
}

/// The selected rows: one list of ids for each type, since every part of an OR is asked of every row.
fn selected(selections: &[Selection]) -> Condition {
    let mut by_type: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
    for selection in selections {
        by_type.entry(selection.r#type.as_deref()).or_default().push(&selection.id);
    }
    let of_type = |(r#type, ids): (Option<&str>, Vec<&str>)| {
        let r#type = r#type.map(|r#type| Condition::is_in("Type", [r#type]));
        Condition::all_of(std::iter::once(Condition::is_in("Id", ids)).chain(r#type))
    };
    Condition::any_of(by_type.into_iter().map(of_type))
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

fn rows(counts: &StatusCounts, declared: &[DeclaredValue]) -> Result<Vec<GridWidgetRow>> {
    let counters: Vec<Option<usize>> = counts.statuses.iter().map(|status| counter_of(status, declared)).collect();
    let mut unmapped = vec![false; counters.len()];
    let mut rows = Vec::with_capacity(counts.rows.len());
    for group in &counts.rows {
        let mut row =
            GridWidgetRow { key: group.key.to_string(), query: group.query.clone(), ..GridWidgetRow::default() };
        for ((count, counter), unmapped) in group.counts.iter().zip(&counters).zip(&mut unmapped) {
            match counter {
                Some(counter) => *row.counter(*counter) += count,
                None => *unmapped |= *count != 0,
            }
        }
        rows.push(row);
    }
    let told = counts.statuses.iter().zip(&unmapped).filter(|(_, unmapped)| **unmapped);
    all(told.map(|(status, _)| Err::<(), _>(no_counter(status))))?;
    Ok(rows)
}

/// The counter that a status stands for: the one of its name, else of one of its other spellings.
fn counter_of(status: &str, declared: &[DeclaredValue]) -> Option<usize> {
    let named = |name: &str| {
        let folded = Collation::Status.fold(name);
        COUNTERS.iter().position(|counter| Collation::Status.fold(counter) == folded)
    };
    let aliases = || declared.iter().find(|value| value.name() == status).map(DeclaredValue::aliases);
    named(status).or_else(|| aliases()?.iter().find_map(|alias| named(alias)))
}

fn no_counter(status: &str) -> Error {
    let message = match status {
        "" => "some rows have no status, and no counter stands for that".to_owned(),
        status => format!("the status `{status}` is none of the nine that the widget counts"),
    };
    let help = match status {
        "" => "leave them out with `IS NOT EMPTY` on the status field".to_owned(),
        _ => format!("in the schema, give it the counter as an alias: {}", COUNTERS.join(", ")),
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
