//! Embedded, in-process query and aggregation engine for **test-management data**: feed it test runs, and it answers every
//! dashboard widget, list and grid from memory, filtered by the TQL that users type and the OData that API clients send.
//!
//! # Ten lines that work
//!
//! ```
//! use tallygrid::{Access, Catalog, Context, Engine, Field, GroupBy, Kind, Query, Rows, Schema};
//!
//! let fields = [Field::new("Suite", Kind::Keyword), Field::new("Status", Kind::Keyword)];
//! let engine = Engine::builder(Catalog::new([Schema::builder("Run").fields(fields).build()?])?).build()?;
//! let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
//! let mut tx = engine.transaction(&ctx)?;
//! tx.append("Run", &Rows::new(["Suite", "Status"]).row(["Login".into(), "Passed".into()]))?;
//! tx.commit()?;
//! let groups = engine.snapshot().index("Run", &ctx)?.group(&GroupBy::field("Suite"), &Query::tql("Suite ~ login"), &ctx)?;
//! assert_eq!((&*groups.body.rows[0].key, groups.body.rows[0].counts[0]), ("Login", 1));
//! # Ok::<(), tallygrid::Error>(())
//! ```
//!
//! # A tour
//!
//! - **Describe the data**: a [`Schema`] of [`Field`]s of some [`Kind`], a [`Catalog`] of schemas; or read either from JSON
//!   ([`Schema::from_json`], [`Catalog::from_json`]). Status sets, aliases and collation are declared there.
//! - **Feed it**: [`Engine::transaction`] gives the one writer a [`Transaction`] that appends, upserts, patches and deletes rows
//!   of any index and publishes them together. [`Load`] reads NDJSON, CSV and JUnit XML files.
//! - **Ask it**: [`Engine::snapshot`] is one moment of the data; [`Snapshot::index`] one index of it as a caller may see it.
//!   [`Index::rows`] lists, [`Index::count`] counts, [`Index::group`] counts statuses by field or calendar period,
//!   [`Index::aggregate`] answers groups within groups, facets and numbers, [`Index::ask`] whatever a text asks for,
//!   [`Index::odata`] answers an [`ODataQuery`], [`Index::explain`] and [`Index::explain_odata`] say how.
//! - **Say who asks**: a [`Context`] holds the time, the zone, the [`Access`], [`Limits`], a deadline and a [`Cancel`] switch.
//!   Scope goes into a [`Query`] as [`Condition`]s, which no user text can widen; [`Query::latest`] counts one row of each test,
//!   as its schema's [`Latest`] says.
//! - **Speak the wire**: [`Snapshot::grid_widget`], [`Collection`], [`GroupResults`], [`ResultsBody`], [`ODataBody`],
//!   [`ErrorBody`], [`ODataErrorBody`].
//! - **List runs and start them**: [`Snapshot::run_collection`] answers a [`RunCollection`] in OData or TQL with items, links and
//!   expansions; [`Transaction::start_script_run`] gets or makes a run.
//! - **List runs with counters**: [`Snapshot::counted_runs`] and its like answer pages of [`presets::counted`], and [`RunChanges`]
//!   keeps the counters as results arrive.
//! - **Keep dashboards**: a [`Dashboard`] holds widgets with their versions, and [`Snapshot::dashboard`] runs all their queries.
//! - **Keep grids**: a [`Grid`] checks, orders and counts typed rows that live in an index like any other.
//! - **Keep widgets beside grids**: [`WidgetPositions`] holds what each user has left and right of a grid.
//! - **Help people write**: every mistake is a [`Diagnostic`] with code, place, help and fixes; [`render`] shows it;
//!   [`check_tql`] and [`check_odata`] check a text without rows, [`format_tql`] lays it out over several lines,
//!   [`Index::complete_tql`] and [`Index::complete_odata`] say how one can go on at a cursor.
//!
//! Aggregates stand in front of a text's filter; their answer is a tree of results by name:
//!
//! ```
//! # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Query, Rows, Schema};
//! use tallygrid::ResultsBody;
//! # let fields = [Field::new("Suite", Kind::Keyword), Field::new("Status", Kind::Keyword), Field::new("Ms", Kind::Integer)];
//! # let engine = Engine::builder(Catalog::new([Schema::builder("Run").fields(fields).build()?])?).build()?;
//! # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
//! # let mut tx = engine.transaction(&ctx)?;
//! # let rows = Rows::new(["Suite", "Status", "Ms"]).row(["Login".into(), "Passed".into(), 3.into()]);
//! # tx.append("Run", &rows.row(["Login".into(), "Failed".into(), 5.into()]).row(["Pay".into(), "Passed".into(), 4.into()]))?;
//! # tx.commit()?;
//! # let snapshot = engine.snapshot();
//! # let runs = snapshot.index("Run", &ctx)?;
//! let query = Query::tql("GROUP BY Suite { AVG(Ms), FACETED Equal(Status, Failed) AS failed { COUNT } } AS suites");
//! let answer = runs.aggregate(&query, &ctx)?;
//! assert_eq!(
//!     serde_json::to_value(ResultsBody(&answer.body)).unwrap()["Results"]["suites"]["Login"],
//!     serde_json::json!({"Avg(Ms)": 4, "Faceted": {"failed": {"COUNT": 1}}})
//! );
//! # Ok::<(), tallygrid::Error>(())
//! ```
//!
//! # Under an async server
//!
//! Calls compute; they never wait for anything but (a writer) the writer before it. Run them on a blocking thread, with a
//! deadline in the context, and throw its [`Cancel`] switch when the client goes away.
//!
//! # What it does not do
//!
//! No storage, no network, no SQL. Of OData no `$root`, `$crossjoin`, joins, hierarchies, geography, functions of a model.

mod assist;
mod base;
mod data;
mod engine;
mod exec;
#[cfg(any(feature = "csv", feature = "junit", feature = "ndjson"))]
mod ingest;
mod lang;
mod model;
mod plan;
mod query;
mod surface;

/// The examples of the guide and of the README are tested as this library's own.
#[cfg(doctest)]
#[doc = include_str!("../docs/embedding.md")]
#[doc = include_str!("../README.md")]
mod guides {}

pub use assist::check::{Check, Rule, check_tql};
pub use assist::check_odata::{ODataMode, ODataRule, check_odata};
pub use assist::complete::{Completion, CompletionKind};
pub use assist::format::{Formatted, format_tql};
pub use base::budget::Cancel;
pub use base::code::Code;
pub use base::diagnostic::{Diagnostic, Fix, Place, Severity};
pub use base::error::{Error, ErrorKind, Result};
pub use base::limits::Limits;
pub use base::render::render;
pub use base::span::Span;
pub use data::memory::{FieldMemory, MemoryReport};
pub use engine::access::Access;
pub use engine::answer::{Answer, Counts, GroupRow, Key, RowPage, Stats, StatusCounts};
pub use engine::ask::{DEFAULT_TOP, GroupBy, Query};
pub use engine::condition::Condition;
pub use engine::context::Context;
pub use engine::core::{Engine, EngineBuilder};
pub use engine::list::{Comparison, GroupList, GroupPage, ListedGroup, Metric};
pub use engine::odata::ask::{Dialect, ODataQuery};
pub use engine::odata::record::{Property, Record, RecordPage};
pub use engine::results::{Aggregation, Reply, ResultGroup, ResultValue, Results};
pub use engine::snapshot::{Index, Snapshot};
pub use engine::transaction::{Commit, Transaction};
#[cfg(any(feature = "csv", feature = "junit", feature = "ndjson"))]
pub use ingest::input::{Format, Input};
#[cfg(any(feature = "csv", feature = "junit", feature = "ndjson"))]
pub use ingest::load::{Load, Loaded};
#[cfg(any(feature = "csv", feature = "junit", feature = "ndjson"))]
pub use ingest::report::{FileReport, LoadReport, Progress};
pub use lang::odata::names::ODataNames;
pub use model::catalog::Catalog;
pub use model::decimal::{Decimal, DecimalError};
pub use model::field::{DeclaredValue, Field, Relation, StatusFlags};
pub use model::fold::Collation;
pub use model::kind::Kind;
pub use model::latest::Latest;
pub use model::measure::Measure;
pub use model::presets;
pub use model::real::Real;
pub use model::schema::{Schema, SchemaBuilder};
pub use model::table::Rows;
pub use model::time::calendar::Period;
pub use model::time::zone::Zone;
pub use model::value::Value;
pub use query::context::Facts;
pub use surface::aggregation::ResultsBody;
pub use surface::collection::Collection;
pub use surface::collections::body::ScriptRunRequest;
pub use surface::collections::item::{RunItem, RunItems};
pub use surface::collections::kind::RunKind;
pub use surface::collections::options::RunQuery;
pub use surface::collections::request::RunCollection;
pub use surface::collections::start::StartedRun;
pub use surface::completions::WireCompletion;
pub use surface::dashboard::board::Dashboard;
pub use surface::dashboard::request::WidgetRequest;
pub use surface::dashboard::run::{DashboardRun, WidgetAnswer, WidgetRun};
pub use surface::dashboard::widget::{
    DashboardTag, SemanticVersion, Widget, WidgetList, WidgetOnBoard, WidgetPosition, WidgetSize,
};
pub use surface::dashboard::wire::{WidgetBody, WidgetLinks, WidgetListBody};
pub use surface::diagnostics::{ErrorBody, WireDiagnostic};
pub use surface::grid_rows::column::{GridColumn, GridColumnKind, Returns};
pub use surface::grid_rows::grid::Grid;
pub use surface::grid_rows::request::{GridAdd, GridDelete, GridRead, GridUpdate};
pub use surface::grid_rows::rows::IssueGrid;
pub use surface::grid_rows::user::{GridHost, GridUser};
pub use surface::grid_rows::wire::{GridErrorBody, GridPage, GridPaging, GridRow};
pub use surface::grid_widget::{
    GridWidgetData, GridWidgetField, GridWidgetParameters, GridWidgetRequest, GridWidgetRow, GridWidgetSet, Selection,
};
pub use surface::ids::Ids;
pub use surface::odata::{ODataBody, ODataErrorBody};
pub use surface::results::GroupResults;
pub use surface::runs::changes::RunChanges;
pub use surface::runs::errors::RunsErrorBody;
pub use surface::runs::list::{RunRequest, RunsRequest};
pub use surface::runs::page::{CountedPage, CountedRun};
pub use surface::runs::results::ResultsRequest;
pub use surface::widget_positions::{
    PositionBody, PositionState, PositionsBody, UserPositions, WidgetPositions, WidgetState, WidgetStateRequest,
};
