//! Running a dashboard: all widgets whose settings name a query, answered from one snapshot, equal questions once, and of several
//! groupings of the same rows the filter once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::base::error::{Error, Result};
use crate::engine::answer::{Answer, StatusCounts};
use crate::engine::context::Context;
use crate::engine::results::Reply;
use crate::engine::snapshot::Snapshot;
use crate::surface::aggregation::ResultsBody;
use crate::surface::collection::Collection;
use crate::surface::dashboard::settings::{INDEX, Question};
use crate::surface::dashboard::widget::{Widget, WidgetList};
use crate::surface::diagnostics::{ErrorBody, WireDiagnostic};
use crate::surface::results::GroupResults;

/// The answers of a dashboard's query widgets, in the order of its list; those of other widgets are not among them.
///
/// As JSON `{"version", "widgets": [{"id", "status", "answer", "diagnostics"}]}`: `status` is the HTTP status that the widget
/// would have got by itself, `answer` is null where there are only mistakes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DashboardRun {
    /// The version of the data that all of them were asked of.
    pub version: u64,
    /// The answers.
    pub widgets: Vec<WidgetRun>,
}

/// What came of one query widget.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WidgetRun {
    /// The widget's id.
    pub id: String,
    /// Its answer, which widgets with the same question share; or its own mistakes.
    pub answer: Result<Arc<Answer<WidgetAnswer>>>,
}

/// An answer in the shape that its question asked for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WidgetAnswer {
    /// `groupBy` was given: status counts, on the wire as [`GroupResults`].
    Groups(StatusCounts),
    /// Aggregates or rows, as the text asks: on the wire as [`ResultsBody`] or [`Collection`].
    Reply(Reply),
}

/// An answer for every widget with the same question.
type Shared = Result<Arc<Answer<WidgetAnswer>>>;

impl Snapshot {
    /// Answers all query widgets of a dashboard.
    ///
    /// A query widget is one whose settings are a JSON object with a text `tql`. Beside it they may have `index` (else `Run`),
    /// `groupBy` (a field; then the answer is status counts), `period` (of a date field: `Day`, `Week`, `Month`, `Quarter`,
    /// `Year`), `latest`, `withQueries` and `top`; other members are the widget's own. Without `groupBy` the text itself says
    /// whether it wants aggregates or rows. A widget that cannot be answered tells its own mistakes and hinders no other.
    ///
    /// `O(questions × rows)`. A question that several widgets ask is asked once; of several groupings of the same query's rows
    /// the filter is run once.
    ///
    /// ```
    /// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Rows, Schema};
    /// use tallygrid::{Dashboard, Ids, WidgetRequest};
    /// # let fields = [Field::new("Suite", Kind::Keyword), Field::new("Status", Kind::Keyword)];
    /// # let engine = Engine::builder(Catalog::new([Schema::builder("Run").fields(fields).build()?])?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// # let mut tx = engine.transaction(&ctx)?;
    /// # tx.append("Run", &Rows::new(["Suite", "Status"]).row(["Login".into(), "Passed".into()]))?;
    /// # tx.commit()?;
    /// let dashboard = Dashboard::new(Ids::from_fn(|| "w1".to_owned()));
    /// let widget = br#"{"name": "Suites", "position": {"row": 1, "column": 1}, "size": {"rowSpan": 1, "columnSpan": 2},
    ///     "contributionId": "bars", "settings": "{\"tql\": \"Suite ~ login\", \"groupBy\": \"Suite\"}"}"#;
    /// dashboard.add(&WidgetRequest::from_json(widget)?)?;
    /// let run = engine.snapshot().dashboard(&dashboard.list(), &ctx);
    /// assert_eq!(
    ///     serde_json::to_value(&run).unwrap()["widgets"][0]["answer"],
    ///     serde_json::json!({"Data": {"Results": [{"Key": "Login", "Passed": 1}]}})
    /// );
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    #[must_use]
    pub fn dashboard(&self, list: &WidgetList, ctx: &Context) -> DashboardRun {
        let asked = |widget: &Arc<Widget>| Some((widget.id.clone(), Question::read(widget.settings.as_deref()?)?));
        let asked: Vec<(String, Result<Question>)> = list.widgets.iter().filter_map(asked).collect();
        let mut by_rows: BTreeMap<Question, BTreeSet<&Question>> = BTreeMap::new();
        for question in asked.iter().filter_map(|(_, question)| question.as_ref().ok()) {
            by_rows.entry(question.rows()).or_default().insert(question);
        }
        let mut answers: BTreeMap<&Question, Shared> = BTreeMap::new();
        for (rows, questions) in &by_rows {
            answers.extend(self.answers_about(rows, questions, ctx));
        }
        let run = |(id, question): &(String, Result<Question>)| {
            let known = |question| answers.get(question).cloned();
            let answer = question.as_ref().map_err(Clone::clone).and_then(|question| {
                known(question).unwrap_or_else(|| Err(Error::internal("a question was not asked")))
            });
            WidgetRun { id: id.clone(), answer }
        };
        DashboardRun { version: self.version(), widgets: asked.iter().map(run).collect() }
    }

    /// The answers of several questions about the same rows; their groupings share one run of the filter.
    fn answers_about<'q>(
        &self,
        rows: &Question,
        questions: &BTreeSet<&'q Question>,
        ctx: &Context,
    ) -> Vec<(&'q Question, Shared)> {
        let index = match self.index(&rows.index, ctx) {
            Ok(index) => index,
            Err(error) => {
                let error = error.in_parameter(&INDEX.into());
                return questions.iter().map(|question| (*question, Err(error.clone()))).collect();
            }
        };
        let (mut grouped, mut by, mut answers) = (Vec::new(), Vec::new(), Vec::with_capacity(questions.len()));
        for question in questions {
            if let Some(grouping) = question.grouping() {
                grouped.push(*question);
                by.push(grouping);
            } else {
                let reply = index.ask(&question.query(), ctx).map(|answer| answer.map(WidgetAnswer::Reply));
                answers.push((*question, reply.map(Arc::new)));
            }
        }
        let groups = index.group_each(&by, &rows.query(), ctx).into_iter();
        let groups = groups.map(|groups| groups.map(|answer| Arc::new(answer.map(WidgetAnswer::Groups))));
        answers.extend(grouped.into_iter().zip(groups));
        answers
    }
}

impl Serialize for DashboardRun {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("version", &self.version)?;
        map.serialize_entry("widgets", &self.widgets)?;
        map.end()
    }
}

impl Serialize for WidgetRun {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("id", &self.id)?;
        match &self.answer {
            Ok(answer) => {
                map.serialize_entry("status", &200)?;
                match &answer.body {
                    WidgetAnswer::Groups(groups) => map.serialize_entry("answer", &GroupResults(groups))?,
                    WidgetAnswer::Reply(Reply::Rows(rows)) => map.serialize_entry("answer", &Collection(rows))?,
                    WidgetAnswer::Reply(Reply::Results(found)) => map.serialize_entry("answer", &ResultsBody(found))?,
                }
                let warnings: Vec<WireDiagnostic> = answer.warnings.iter().map(WireDiagnostic::from).collect();
                map.serialize_entry("diagnostics", &warnings)?;
            }
            Err(error) => {
                map.serialize_entry("status", &error.http_status())?;
                map.serialize_entry("answer", &())?;
                map.serialize_entry("diagnostics", ErrorBody::from(error).diagnostics())?;
            }
        }
        map.end()
    }
}
