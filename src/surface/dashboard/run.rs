//! Running a dashboard: all widgets whose settings name a query, answered from one snapshot, equal questions once.

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::engine::answer::{Answer, StatusCounts};
use crate::engine::context::Context;
use crate::engine::results::Reply;
use crate::engine::snapshot::Snapshot;
use crate::surface::aggregation::ResultsBody;
use crate::surface::collection::Collection;
use crate::surface::dashboard::settings::{INDEX, Question};
use crate::surface::dashboard::widget::WidgetList;
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

impl Snapshot {
    /// Answers all query widgets of a dashboard.
    ///
    /// A query widget is one whose settings are a JSON object with a text `tql`. Beside it they may have `index` (else `Run`),
    /// `groupBy` (a field; then the answer is status counts), `period` (of a date field: `Day`, `Week`, `Month`, `Quarter`,
    /// `Year`), `latest`, `withQueries` and `top`; other members are the widget's own. Without `groupBy` the text itself says
    /// whether it wants aggregates or rows. A widget that cannot be answered tells its own mistakes and hinders no other.
    ///
    /// `O(questions × rows)`; a question that several widgets ask is asked once.
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
        let mut answered: HashMap<Question, Result<Arc<Answer<WidgetAnswer>>>> = HashMap::default();
        let questions = list
            .widgets
            .iter()
            .filter_map(|widget| Some((widget.id.clone(), Question::read(widget.settings.as_deref()?)?)));
        let mut run = |(id, question): (String, Result<Question>)| {
            let answer = question.and_then(|question| {
                if let Some(known) = answered.get(&question) {
                    return known.clone();
                }
                let answer = self.answer_question(&question, ctx).map(Arc::new);
                answered.insert(question, answer.clone());
                answer
            });
            WidgetRun { id, answer }
        };
        DashboardRun { version: self.version(), widgets: questions.map(&mut run).collect() }
    }

    fn answer_question(&self, question: &Question, ctx: &Context) -> Result<Answer<WidgetAnswer>> {
        let index = self.index(&question.index, ctx).map_err(|error| error.in_parameter(&INDEX.into()))?;
        Ok(match question.grouping() {
            Some(by) => index.group(&by, &question.query(), ctx)?.map(WidgetAnswer::Groups),
            None => index.ask(&question.query(), ctx)?.map(WidgetAnswer::Reply),
        })
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
