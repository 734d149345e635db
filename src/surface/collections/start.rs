//! Starting a script run: the one of its assignment that is not finished, or a new one with a result to come for each step.
//!
//! Our choices where the page is silent: a run is finished if its status is declared final; of several unfinished ones the newest
//! that the caller may see is taken; its body has no effect then. The answer names every expansion, also those that it
//! holds, as the page shows it; the results of its steps have its id.

use serde::{Serialize, Serializer};

use crate::base::error::{Error, ErrorKind, Result, both};
use crate::engine::access::Access;
use crate::engine::ask::Query;
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::snapshot::Snapshot;
use crate::engine::transaction::Transaction;
use crate::model::guid::{format_guid, parse_guid};
use crate::model::schema::Schema;
use crate::model::table::Rows;
use crate::model::value::Value;
use crate::surface::body::wrong_body;
use crate::surface::collections::body::{ScriptRunRequest, value_of};
use crate::surface::collections::expand::Expander;
use crate::surface::collections::item::{Row, RunItem};
use crate::surface::collections::kind::RunKind;
use crate::surface::collections::list::not_found;
use crate::surface::collections::options::RunQuery;
use crate::surface::collections::request::RunCollection;
use crate::surface::ids::Ids;

/// The status of a run that has begun.
const BEGUN: &str = "InProgress";

/// A script run that was started, or found.
#[derive(Clone, Debug, PartialEq)]
pub struct StartedRun {
    item: RunItem,
    location: String,
    is_new: bool,
}

/// What a new run takes over, and from whom.
struct Origin<'a> {
    id: &'a str,
    /// Of the assignment.
    schema: &'a Schema,
    cells: Vec<Value>,
    by: Option<u128>,
    tester: Option<u128>,
}

impl StartedRun {
    /// 201 if the run is new, 200 if it was there.
    #[must_use]
    pub fn status(&self) -> u16 {
        if self.is_new { 201 } else { 200 }
    }

    /// The link of the run, for the header `Location`.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.location
    }
}

impl Serialize for StartedRun {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.item.serialize(serializer)
    }
}

impl Transaction {
    /// The unfinished run of the collection's script assignment, or a new one. Of the query only expansions count. Nobody else
    /// sees the run before the transaction is committed; two requests never make two runs, since there is one transaction at a time.
    ///
    /// ```
    /// use tallygrid::{Access, Context, Engine, Ids, Rows, RunCollection, RunKind, RunQuery, ScriptRunRequest, presets::execution};
    /// # let engine = Engine::builder(execution::catalog()?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// # let mut tx = engine.transaction(&ctx)?;
    /// let id = "2264a622-2869-4ef8-8183-a0040106ca9d";
    /// tx.append("Assignment", &Rows::new(["Id", "Type"]).row([id.into(), "scriptassignment".into()]))?;
    /// let runs = RunCollection::of(RunKind::Script).assignment(id).base("https://host/");
    /// let (query, request) = (RunQuery::odata(""), ScriptRunRequest::from_json(b"")?);
    /// let first = tx.start_script_run(&runs, &query, &request, &Ids::random(), &ctx)?;
    /// let again = tx.start_script_run(&runs, &query, &request, &Ids::random(), &ctx)?;
    /// assert_eq!((first.status(), again.status()), (201, 200));
    /// assert_eq!(first.location(), again.location());
    /// tx.commit()?;
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Forbidden` if the caller may see no runs, or not the one that would be made; `NotFound` if there is no script assignment of that id that the caller may
    /// see; `Query` with every mistake in the body and the expansions. Whether the caller may run tests is the host's to say. After an
    /// error the transaction can only be dropped.
    pub fn start_script_run(
        &mut self,
        collection: &RunCollection,
        query: &RunQuery,
        request: &ScriptRunRequest,
        ids: &Ids,
        ctx: &Context,
    ) -> Result<StartedRun> {
        let snapshot = self.snapshot()?;
        let index = snapshot.open_collection(collection, ctx)?;
        let assignment = collection.assignment.as_deref().unwrap_or("");
        let (schema, cells) = assigned(&snapshot, assignment, ctx)?;
        let expander = Expander { snapshot: &snapshot, schema: index.schema(), base: &collection.base, ctx };
        let (wanted, ()) = both(expander.wanted(&[RunKind::Script], &query.expand), query.checked())?;
        let unfinished =
            collection.conditions().into_iter().fold(Query::tql("ORDER BY CreatedAt DESC").top(1), Query::scope);
        let found = index.rows(&unfinished.scope(is_unfinished(index.schema())), ctx)?.body.rows.pop();
        let is_new = found.is_none();
        let cells = match found {
            Some(cells) => cells,
            None => {
                let origin = Origin { id: assignment, schema: &schema, cells, by: request.by, tester: request.tester };
                let has_widgets = snapshot.catalog().find("RunWidget").is_some() || request.widgets.is_empty();
                let widgets = has_widgets
                    .then_some(())
                    .ok_or_else(|| wrong_in_body("$.WidgetValues", "values of widgets are not kept"));
                let (fields, ()) = both(request.cells(index.schema()), widgets)?;
                let run = self.new_run(&snapshot, &origin, &fields, ids, ctx)?;
                self.new_members(&snapshot, &origin, run, request, ids, ctx)?;
                self.held_to_sight(run, ctx)?;
                self.row("Run", &Value::Guid(run))?.ok_or_else(|| Error::internal("a new run is not there"))?
            }
        };
        let snapshot = self.snapshot()?;
        let expander = Expander { snapshot: &snapshot, ..expander };
        let row = Row { schema: index.schema(), cells: &cells };
        let contents = expander.contents(&[(row, RunKind::Script)], &wanted)?.pop().unwrap_or_default();
        let item = RunItem::new(row, RunKind::Script, &expander.names(RunKind::Script), contents, &collection.base);
        let location = format!("{}{}{}", collection.base, RunKind::Script.path(), row.id());
        Ok(StartedRun { item, location, is_new })
    }

    /// That the caller may see the new run: else each request would make another, and none could be found again.
    fn held_to_sight(&mut self, run: u128, ctx: &Context) -> Result<()> {
        let itself = Query::all().scope(Condition::is_in("Id", [Value::Guid(run)]));
        match self.snapshot()?.index("Run", ctx)?.count(&itself, ctx)?.body {
            0 => Err(Error::forbidden()),
            _ => Ok(()),
        }
    }

    /// Adds a run of an assignment.
    fn new_run(
        &mut self,
        snapshot: &Snapshot,
        origin: &Origin<'_>,
        fields: &[(String, Value)],
        ids: &Ids,
        ctx: &Context,
    ) -> Result<u128> {
        let of_all = ctx.with_access(Access::unrestricted());
        let assignment = Row { schema: origin.schema, cells: &origin.cells };
        let by = origin.by.map_or(Ok(None), |id| user_name(snapshot, id, &of_all))?;
        let tester = match origin.tester {
            // Of a user whom the caller may not see nothing is told.
            Some(id) => match user_name(snapshot, id, ctx)? {
                None if snapshot.catalog().find("User").is_some() => return Err(unknown_tester(id)),
                name => name,
            },
            None => by.clone(),
        };
        let run = new_guid(ids)?;
        let (now, guid) = (Value::Instant(ctx.now()), |id: Option<u128>| id.map_or(Value::Null, Value::Guid));
        let (by_id, tester_id) = (guid(origin.by), guid(origin.tester.or(origin.by)));
        let mut cells = vec![
            ("Id", Value::Guid(run)),
            ("Type", RunKind::Script.type_name().into()),
            ("Status", BEGUN.into()),
            ("AssignmentId", origin.id.into()),
            ("CreatedAt", now.clone()),
            ("LastUpdatedAt", now),
            ("CreatedById", by_id.clone()),
            ("CreatedBy", by.clone().into()),
            ("RunById", tester_id),
            ("RunBy", tester.into()),
            ("LastUpdatedById", by_id),
            ("LastUpdatedBy", by.into()),
        ];
        for name in ["ScriptId", "ScriptVersion", "ProjectId", "Project", "Package", "Name"] {
            cells.extend(assignment.get(name).map(|cell| (name, cell.clone())));
        }
        let added = fields.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let (names, values): (Vec<&str>, Vec<Value>) = cells.into_iter().chain(added).unzip();
        self.append("Run", &Rows::new(names).row(values))?;
        Ok(run)
    }

    /// Adds what belongs to a new run: a result to come for each step of its script, and the values of widgets.
    fn new_members(
        &mut self,
        snapshot: &Snapshot,
        origin: &Origin<'_>,
        run: u128,
        request: &ScriptRunRequest,
        ids: &Ids,
        ctx: &Context,
    ) -> Result<()> {
        let has = |index: &str| snapshot.catalog().find(index).is_some();
        // What there is to do is known to whoever may start the run.
        let ctx = &ctx.with_access(Access::unrestricted());
        let script = Row { schema: origin.schema, cells: &origin.cells }.get("ScriptId").filter(|id| !id.is_empty());
        if let Some(script) = script.filter(|_| has("ScriptStep") && has("StepResult")) {
            let steps = snapshot.index("ScriptStep", ctx)?;
            let query = Query::tql("ORDER BY Position").top(u64::MAX);
            let query = query.scope(Condition::is_in("ScriptId", [script.clone()]));
            let of_step = ["Position", "Description", "Data", "Notes", "ExpectedResult"];
            let mut results = Rows::new(["Id", "RunId", "Outcome"].into_iter().chain(of_step));
            for cells in steps.rows(&query, ctx)?.body.rows {
                let step = Row { schema: steps.schema(), cells: &cells };
                let own = [Value::Guid(new_guid(ids)?), Value::Guid(run), "NotRun".into()];
                let copies = of_step.iter().map(|name| step.get(name).cloned().unwrap_or(Value::Null));
                results.push(own.into_iter().chain(copies));
            }
            self.append("StepResult", &results)?;
        }
        if request.widgets.is_empty() {
            return Ok(());
        }
        let mut rows = Rows::new(["Id", "RunId", "Name", "Value"]);
        for (name, json) in &request.widgets {
            let value = value_of(json).map_or_else(|| json.to_string(), |value| value.to_string());
            rows.push([Value::Guid(new_guid(ids)?), Value::Guid(run), name.as_str().into(), value.into()]);
        }
        self.append("RunWidget", &rows)
    }
}

/// The script assignment of that id.
fn assigned(snapshot: &Snapshot, id: &str, ctx: &Context) -> Result<(Schema, Vec<Value>)> {
    let no_assignment = || not_found("script assignment", id);
    let guid = parse_guid(id).ok_or_else(no_assignment)?;
    let index = snapshot.index("Assignment", ctx).map_err(|_| no_assignment())?;
    let query = Query::all().top(1).scope(Condition::is_in("Id", [Value::Guid(guid)]));
    let cells = index.rows(&query, ctx)?.body.rows.pop().ok_or_else(no_assignment)?;
    let of_test = Row { schema: index.schema(), cells: &cells }
        .get("Type")
        .is_some_and(|kind| *kind == "automatedtestassignment".into());
    if of_test { Err(no_assignment()) } else { Ok((index.schema().clone(), cells)) }
}

/// Runs whose status ends nothing.
fn is_unfinished(schema: &Schema) -> Condition {
    let status = schema.field_named("Status").map(|id| schema.field(id).declared_values());
    let open = status
        .unwrap_or_default()
        .iter()
        .filter(|status| !status.flags().is_final)
        .map(|status| status.name().to_owned());
    Condition::any_of([Condition::is_in("Status", open), Condition::tql("Status IS EMPTY")])
}

/// The name of a user that the context may see.
fn user_name(snapshot: &Snapshot, id: u128, ctx: &Context) -> Result<Option<String>> {
    if snapshot.catalog().find("User").is_none() || !ctx.access().sees("User") {
        return Ok(None);
    }
    let users = snapshot.index("User", ctx)?;
    let query = Query::all().top(1).scope(Condition::is_in("Id", [Value::Guid(id)]));
    let found = users.rows(&query, ctx)?.body.rows.pop();
    Ok(found.and_then(|cells| Row { schema: users.schema(), cells: &cells }.get("UserName").map(Value::to_string)))
}

fn unknown_tester(id: u128) -> Error {
    wrong_in_body("$.TesterId", &format!("no user has the id `{}`", format_guid(id)))
}

fn wrong_in_body(at: &str, message: &str) -> Error {
    Error::one(ErrorKind::Query, wrong_body(at, message))
}

/// A new id, which has to be a guid.
fn new_guid(ids: &Ids) -> Result<u128> {
    parse_guid(&ids.next()?).ok_or_else(|| Error::internal("the host's ids of runs and steps are no guids"))
}
