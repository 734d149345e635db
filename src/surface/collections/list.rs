//! Listing a collection, and one run of it.
//!
//! Our choices where the page is silent: without `$orderby` or ORDER BY runs come in load order; without `$top` an OData
//! collection has all its runs, since nothing in its answer would tell of more; a run says of itself that something can be expanded
//! only if there is an index for it that the caller may see.

use crate::base::code::Code;
use crate::base::error::{Error, ErrorKind, Result, both};
use crate::engine::answer::Answer;
use crate::engine::ask::Query;
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::odata::ask::ODataQuery;
use crate::engine::odata::record::{Property, RecordPage};
use crate::engine::snapshot::{Index, Snapshot};
use crate::model::guid::parse_guid;
use crate::model::schema::Schema;
use crate::model::value::Value;
use crate::surface::body::shown;
use crate::surface::collections::expand::Expander;
use crate::surface::collections::item::{Row, RunItem, RunItems};
use crate::surface::collections::kind::RunKind;
use crate::surface::collections::options::{Asked, RunQuery};
use crate::surface::collections::request::RunCollection;

/// Rows that were found, and what the answer says of the page.
struct Found {
    rows: Vec<Vec<Value>>,
    skip: u64,
    top: u64,
    total: Option<u64>,
}

impl Snapshot {
    /// The runs of a collection that a request asks for.
    ///
    /// ```
    /// # use tallygrid::{Access, Context, Engine, Rows, RunCollection, RunKind, RunQuery, presets};
    /// # let engine = Engine::builder(presets::catalog()?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// # let mut tx = engine.transaction(&ctx)?;
    /// let id = "eb6b327c-df59-4f26-aa8d-a089009f0d1b";
    /// let row = [id.into(), "AutomatedTestRun".into(), "InProgress".into()];
    /// tx.append("Run", &Rows::new(["Id", "Type", "Status"]).row(row))?;
    /// # tx.commit()?;
    /// let runs = RunCollection::of(RunKind::Automated).base("https://host/");
    /// let query = RunQuery::odata("$filter=Status eq 'In Progress'&$inlinecount=allpages");
    /// let items = engine.snapshot().run_collection(&runs, &query, &ctx)?.body;
    /// let body = serde_json::to_value(items).unwrap();
    /// assert_eq!((&body["Total"], &body["Items"][0]["Status"]), (&1.into(), &"In Progress".into()));
    /// assert_eq!(body["Items"][0]["Self"], format!("https://host/api/automatedtestrun/{id}"));
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Forbidden` if the caller may see no runs; `NotFound` if there is no assignment of that id that the caller may see; `Query`
    /// with every mistake in the request; `Unsupported`, `Limit`, `Deadline`, `Cancelled`.
    pub fn run_collection(
        &self,
        collection: &RunCollection,
        query: &RunQuery,
        ctx: &Context,
    ) -> Result<Answer<RunItems>> {
        let index = self.open_collection(collection, ctx)?;
        let zoned = query.zone.as_ref().map(|zone| ctx.clone().time_zone(zone.clone()));
        let ctx = zoned.as_ref().unwrap_or(ctx);
        let expander = Expander { snapshot: self, schema: index.schema(), base: &collection.base, ctx };
        let wanted = expander.wanted(collection.kinds(), &query.expand);
        let ((wanted, ()), found) = both(both(wanted, query.checked()), found(&index, collection, &query.asked, ctx))?;
        let rows: Vec<(Row<'_>, RunKind)> =
            found.body.rows.iter().map(|cells| collection.run(index.schema(), cells)).collect();
        let contents = expander.contents(&rows, &wanted)?;
        let item = |((row, kind), contents): (&(Row<'_>, RunKind), Vec<(&'static str, Property)>)| {
            let mut names = expander.names(*kind);
            names.retain(|name| !wanted.contains(name));
            RunItem::new(*row, *kind, &names, contents, &collection.base)
        };
        let items = rows.iter().zip(contents).map(item).collect();
        let Found { skip, top, total, .. } = found.body;
        let body = RunItems { skip: total.map(|_| skip), top: total.map(|_| top), total, items };
        Ok(found.map(|_| body))
    }

    /// One run of a collection, whose id is given as it stands in the path; of the request only expansions count.
    ///
    /// # Errors
    /// As [`Snapshot::run_collection`]; `NotFound` if the collection has no run of that id that the caller may see.
    pub fn run_item(
        &self,
        collection: &RunCollection,
        id: &str,
        query: &RunQuery,
        ctx: &Context,
    ) -> Result<Answer<RunItem>> {
        let no_run = || not_found("run", id);
        let guid = parse_guid(id).ok_or_else(no_run)?;
        let one = collection.clone().scope(Condition::is_in("Id", [Value::Guid(guid)]));
        let alone = RunQuery { asked: Asked::OData("$top=1".to_owned()), ..query.clone() };
        let answer = self.run_collection(&one, &alone, ctx)?;
        let item = answer.body.items.first().cloned().ok_or_else(no_run)?;
        Ok(answer.map(|_| item))
    }

    /// The index of runs, if the caller may see runs and the assignment that they are of.
    pub(super) fn open_collection(&self, collection: &RunCollection, ctx: &Context) -> Result<Index<'_>> {
        if !ctx.access().sees("Run") {
            return Err(Error::forbidden());
        }
        let index = self.index("Run", ctx)?;
        let Some(id) = &collection.assignment else { return Ok(index) };
        let no_assignment = || not_found("assignment", id);
        let guid = parse_guid(id).ok_or_else(no_assignment)?;
        // Where assignments are not kept, whether there is one is the host's to say.
        if self.catalog().find("Assignment").is_some() {
            let query = Query::all().scope(Condition::is_in("Id", [Value::Guid(guid)]));
            let assignments = self.index("Assignment", ctx).map_err(|_| no_assignment())?;
            if assignments.count(&query, ctx)?.body == 0 {
                return Err(no_assignment());
            }
        }
        Ok(index)
    }
}

impl RunCollection {
    /// The kinds that its runs can be of.
    pub(super) fn kinds(&self) -> &[RunKind] {
        match &self.kind {
            Some(kind) => std::slice::from_ref(kind),
            None => &RunKind::ALL,
        }
    }

    /// What holds its runs together.
    pub(super) fn conditions(&self) -> Vec<Condition> {
        let kinds = Condition::is_in("Type", self.kinds().iter().map(|kind| kind.type_name()));
        let guid = self.assignment.as_deref().and_then(parse_guid);
        let assignment = guid.map(|guid| Condition::is_in("AssignmentId", [Value::Guid(guid)]));
        std::iter::once(kinds).chain(assignment).chain(self.scope.iter().cloned()).collect()
    }

    /// A row with its kind.
    pub(super) fn run<'r>(&self, schema: &'r Schema, cells: &'r [Value]) -> (Row<'r>, RunKind) {
        let row = Row { schema, cells };
        let kind = self.kind.or_else(|| row.kind()).unwrap_or(RunKind::Script);
        (row, kind)
    }
}

/// The rows that are asked for.
fn found(index: &Index<'_>, collection: &RunCollection, asked: &Asked, ctx: &Context) -> Result<Answer<Found>> {
    let conditions = collection.conditions();
    match asked {
        Asked::OData(text) => {
            let query = conditions.into_iter().fold(ODataQuery::new(text), ODataQuery::scope);
            Ok(index.odata(&query, ctx)?.map(|page| of_records(&page, index.schema())))
        }
        Asked::Tql { text, skip, top, with_total } => {
            let query = Query::tql(text).told_as("tql").skip(*skip).top(*top);
            let answer = index.rows(&conditions.into_iter().fold(query, Query::scope), ctx)?;
            Ok(answer.map(|page| {
                let (skip, top, total) = (page.skip, page.top, with_total.then_some(page.total));
                Found { rows: page.rows, skip, top, total }
            }))
        }
    }
}

/// Rows that OData found, as cells.
fn of_records(page: &RecordPage, schema: &Schema) -> Found {
    let cell = |property: Option<&Property>| match property {
        Some(Property::Value(value)) => value.clone(),
        _ => Value::Null,
    };
    let rows =
        page.records.iter().map(|record| schema.fields().iter().map(|field| cell(record.get(field.name()))).collect());
    Found { rows: rows.collect(), skip: page.skip, top: page.top.or(page.total).unwrap_or(0), total: page.total }
}

/// That there is none, or that it may not be seen.
pub(super) fn not_found(what: &str, id: &str) -> Error {
    Error::request(ErrorKind::NotFound, Code::UnknownKey, format!("no {what} has the id `{}`", shown(id)))
}
