//! What is asked: a query text, the host's scope around it, a page; and by what rows are grouped.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::condition::Condition;
use crate::model::latest::Retries;
use crate::model::schema::{FieldId, Schema};
use crate::model::time::Period;

/// Rows of an answer unless a query says otherwise.
pub const DEFAULT_TOP: u64 = 25;

/// A TQL query inside a scope.
///
/// ```
/// use tallygrid::{Condition, Query};
/// let query = Query::tql("Status = Failed ORDER BY CreatedAt DESC").scope(Condition::is_in("ProjectId", ["p1"])).top(100);
/// assert_eq!(query.text(), "Status = Failed ORDER BY CreatedAt DESC");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    text: String,
    scope: Vec<Condition>,
    latest: bool,
    latest_parameter: Option<Arc<str>>,
    skip: u64,
    top: u64,
    with_queries: bool,
    parameter: Option<Arc<str>>,
}

impl Query {
    /// A query that a user typed; may be empty, or ORDER BY alone.
    #[must_use]
    pub fn tql(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            scope: Vec::new(),
            latest: false,
            latest_parameter: None,
            skip: 0,
            top: DEFAULT_TOP,
            with_queries: false,
            parameter: None,
        }
    }

    /// Every row.
    #[must_use]
    pub fn all() -> Self {
        Self::tql("")
    }

    /// Inside a condition that the text cannot widen; several hold together.
    #[must_use]
    pub fn scope(mut self, condition: Condition) -> Self {
        self.scope.push(condition);
        self
    }

    /// Counts of the rows that permissions and scope leave only the latest of each test, as the schema declares it
    /// ([`Latest`](crate::Latest)): what the text asks, it asks of those. An error where the schema declares nothing.
    ///
    /// ```
    /// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Query, Rows, Schema};
    /// use tallygrid::Latest;
    /// let fields = [Field::new("Test", Kind::Keyword), Field::new("At", Kind::Integer), Field::new("Status", Kind::Keyword)];
    /// let schema = Schema::builder("Run").fields(fields).latest(Latest::per(["Test"]).by(["At"])).build()?;
    /// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// # let mut tx = engine.transaction(&ctx)?;
    /// let retried = Rows::new(["Test", "At", "Status"])
    ///     .row(["Login".into(), 1.into(), "Failed".into()])
    ///     .row(["Login".into(), 2.into(), "Passed".into()]);
    /// # tx.append("Run", &retried)?;
    /// # tx.commit()?;
    /// # let snapshot = engine.snapshot();
    /// # let runs = snapshot.index("Run", &ctx)?;
    /// assert_eq!(runs.count(&Query::tql("Status = Failed"), &ctx)?.body, 1);
    /// assert_eq!(runs.count(&Query::tql("Status = Failed").latest(), &ctx)?.body, 0);
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    #[must_use]
    pub fn latest(mut self) -> Self {
        self.latest = true;
        self
    }

    /// Leaves out the first `n` rows of a list.
    #[must_use]
    pub fn skip(mut self, n: u64) -> Self {
        self.skip = n;
        self
    }

    /// Lists at most `n` rows instead of 25.
    #[must_use]
    pub fn top(mut self, n: u64) -> Self {
        self.top = n;
        self
    }

    /// Of an aggregate query, also answers for each group the TQL that selects its rows, to be run in the same scope.
    #[must_use]
    pub fn with_queries(mut self) -> Self {
        self.with_queries = true;
        self
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Mistakes in the text are told to be in that part of the request.
    pub(crate) fn told_as(mut self, parameter: &str) -> Self {
        self.parameter = Some(parameter.into());
        self
    }

    /// Every row of its scope: the same but for the text.
    pub(crate) fn whole_scope(&self) -> Self {
        Self { text: String::new(), ..self.clone() }
    }

    /// As [`Query::latest`]; that there are none is told to be the fault of that part of the request.
    pub(crate) fn latest_as(mut self, parameter: &str) -> Self {
        self.latest_parameter = Some(parameter.into());
        self.latest()
    }

    pub(crate) fn parameter(&self) -> Option<&Arc<str>> {
        self.parameter.as_ref()
    }

    pub(crate) fn conditions(&self) -> &[Condition] {
        &self.scope
    }

    /// Of which rows only one counts, if that is wanted.
    ///
    /// # Errors
    /// It is, and the schema does not say.
    pub(crate) fn retries(&self, schema: &Schema) -> Result<Option<Retries<FieldId>>> {
        if !self.latest || schema.retries().is_some() {
            return Ok(schema.retries().filter(|_| self.latest).cloned());
        }
        let index = schema.name();
        let message =
            format!("the scope wants the latest row of each test, which the index `{index}` does not declare");
        let wrong = Diagnostic::new(Code::ScopeNeedsField, Severity::Error, Place::Request, message)
            .help("declare `latest` in its schema: which fields tell tests apart, which order their rows");
        let error = Error::one(ErrorKind::Query, wrong);
        Err(self.latest_parameter.as_ref().map_or(error.clone(), |parameter| error.in_parameter(parameter)))
    }

    pub(crate) fn wants_queries(&self) -> bool {
        self.with_queries
    }

    pub(crate) fn slice(&self) -> (u64, u64) {
        (self.skip, self.top)
    }
}

/// By what rows are grouped, and what is counted in each group.
///
/// ```
/// use tallygrid::{GroupBy, Period};
/// let by_day = GroupBy::period("CreatedAt", Period::Day).status("Verdict").with_queries();
/// assert_ne!(by_day, GroupBy::field("CreatedAt"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GroupBy {
    pub(crate) field: String,
    pub(crate) period: Option<Period>,
    pub(crate) counted: Counted,
    pub(crate) with_queries: bool,
    pub(crate) parameter: Option<Arc<str>>,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Counted {
    /// Rows by the field of that name; by the index's status field if there is none.
    Statuses(Option<String>),
    /// The sums of these number fields, under these names; rows that have none of them are left out.
    Totals(Vec<(String, String)>),
}

impl GroupBy {
    /// By the values of a field.
    #[must_use]
    pub fn field(name: impl Into<String>) -> Self {
        Self {
            field: name.into(),
            period: None,
            counted: Counted::Statuses(None),
            with_queries: false,
            parameter: None,
        }
    }

    /// By calendar periods of a date or date-time field in the request's zone, periods without rows included.
    #[must_use]
    pub fn period(name: impl Into<String>, period: Period) -> Self {
        Self { period: Some(period), ..Self::field(name) }
    }

    /// Counts rows for each value of this field. Without it: the first field named status, outcome, result, verdict or
    /// state.
    #[must_use]
    pub fn status(mut self, field: impl Into<String>) -> Self {
        self.counted = Counted::Statuses(Some(field.into()));
        self
    }

    /// Sums number fields instead of counting rows: pairs of a name for the answer and a field. Rows in which all of
    /// them are empty are left out.
    #[must_use]
    pub fn totals<N: Into<String>, F: Into<String>>(mut self, fields: impl IntoIterator<Item = (N, F)>) -> Self {
        self.counted = Counted::Totals(fields.into_iter().map(|(name, field)| (name.into(), field.into())).collect());
        self
    }

    /// Mistakes in the field that rows are grouped by are told to be in that part of the request.
    pub(crate) fn told_as(mut self, parameter: &str) -> Self {
        self.parameter = Some(parameter.into());
        self
    }

    /// Also answers for each group the TQL that selects its rows, to be run in the same scope.
    #[must_use]
    pub fn with_queries(mut self) -> Self {
        self.with_queries = true;
        self
    }
}
