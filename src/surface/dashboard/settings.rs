//! Settings of a widget that name a query. All others are opaque, JSON or not.

use serde_json::{Map, Value};

use crate::base::error::Result;
use crate::engine::ask::{GroupBy, Query};
use crate::model::document::json::tree;
use crate::surface::body::{Reader, shown};
use crate::surface::grid_widget::PERIODS;

/// The member that makes settings a query.
pub(super) const TQL: &str = "tql";
pub(super) const INDEX: &str = "index";
const GROUP_BY: &str = "groupBy";

/// What a widget asks: equal questions have equal answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Question {
    pub(super) index: String,
    tql: String,
    group_by: Option<String>,
    /// A place in the table of periods.
    period: Option<usize>,
    latest: bool,
    with_queries: bool,
    top: Option<u32>,
}

impl Question {
    /// The question in settings; none if they are not about a query.
    pub(super) fn read(settings: &str) -> Option<Result<Self>> {
        let tree = tree(settings.as_bytes()).ok()?;
        let map = tree.as_object().filter(|map| map.get(TQL).is_some_and(|tql| !tql.is_null()))?;
        let read = Reader::tree(&tree, |reader, _| Self::of(reader, map));
        Some(read.map_err(|error| error.in_document("settings")))
    }

    fn of(reader: &mut Reader, map: &Map<String, Value>) -> Option<Self> {
        let text = |reader: &mut Reader, name| reader.member(map, "$", name, Reader::text);
        let flag = |reader: &mut Reader, name| reader.member(map, "$", name, Reader::flag).unwrap_or(false);
        let tql = text(reader, TQL);
        let group_by = text(reader, GROUP_BY).map(str::to_owned);
        let period = reader.member(map, "$", "period", period);
        if period.is_some() && group_by.is_none() {
            reader
                .wrong("$.period", format!("a period is one of the field that `{GROUP_BY}` names, and none is named"));
        }
        Some(Self {
            index: text(reader, INDEX).unwrap_or("Run").to_owned(),
            group_by,
            period,
            latest: flag(reader, "latest"),
            with_queries: flag(reader, "withQueries"),
            top: reader.member(map, "$", "top", |reader, value, at| reader.number(value, at, 0)),
            tql: tql?.trim().to_owned(),
        })
    }

    /// The question which rows they are that this one is about.
    pub(super) fn rows(&self) -> Self {
        let Self { index, tql, latest, .. } = self.clone();
        Self { index, tql, latest, ..Self::default() }
    }

    pub(super) fn query(&self) -> Query {
        let query = Query::tql(&*self.tql).told_as(TQL);
        let query = if self.latest { query.latest_as("latest") } else { query };
        let query = if self.with_queries { query.with_queries() } else { query };
        self.top.map_or(query.clone(), |top| query.top(top.into()))
    }

    /// How rows are grouped, unless the text says that itself.
    pub(super) fn grouping(&self) -> Option<GroupBy> {
        let field = self.group_by.as_deref()?;
        let period = self.period.and_then(|at| PERIODS.get(at));
        let by = period.map_or_else(|| GroupBy::field(field), |(_, period)| GroupBy::period(field, *period));
        let by = by.told_as(GROUP_BY);
        Some(if self.with_queries { by.with_queries() } else { by })
    }
}

fn period(reader: &mut Reader, value: &Value, at: &str) -> Option<usize> {
    let named = reader.text(value, at)?;
    let found = PERIODS.iter().position(|(name, _)| *name == named);
    if found.is_none() {
        let known = PERIODS.map(|(name, _)| name).join(", ");
        reader.wrong(at, format!("no period `{}`; there are {known}", shown(named)));
    }
    found
}
