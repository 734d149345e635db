//! Embedded, in-process query and aggregation engine for test-management data.
#![expect(dead_code, reason = "the layers that use these are being written")]

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

pub use assist::check::{Check, Rule, check_tql};
pub use base::budget::Cancel;
pub use base::code::Code;
pub use base::diagnostic::{Diagnostic, Fix, Place, Severity};
pub use base::error::{Error, ErrorKind, Result};
pub use base::limits::Limits;
pub use base::render::render;
pub use base::span::Span;
pub use data::memory::{FieldMemory, MemoryReport};
pub use engine::access::Access;
pub use engine::answer::{Answer, GroupRow, RowPage, Stats, StatusCounts};
pub use engine::ask::{DEFAULT_TOP, GroupBy, Query};
pub use engine::condition::Condition;
pub use engine::context::Context;
pub use engine::core::{Engine, EngineBuilder};
pub use engine::snapshot::{Index, Snapshot};
pub use engine::transaction::{Commit, Transaction};
#[cfg(any(feature = "csv", feature = "junit", feature = "ndjson"))]
pub use ingest::input::{Format, Input};
#[cfg(any(feature = "csv", feature = "junit", feature = "ndjson"))]
pub use ingest::load::{Load, Loaded};
#[cfg(any(feature = "csv", feature = "junit", feature = "ndjson"))]
pub use ingest::report::{FileReport, LoadReport, Progress};
pub use model::catalog::Catalog;
pub use model::decimal::{Decimal, DecimalError};
pub use model::field::{DeclaredValue, Field, Relation, StatusFlags};
pub use model::fold::Collation;
pub use model::kind::Kind;
pub use model::presets;
pub use model::schema::{Schema, SchemaBuilder};
pub use model::table::Rows;
pub use model::time::calendar::Period;
pub use model::time::zone::Zone;
pub use model::value::Value;
pub use query::context::Facts;
pub use surface::collection::Collection;
pub use surface::diagnostics::{ErrorBody, WireDiagnostic};
pub use surface::grid_widget::{
    GridWidgetData, GridWidgetField, GridWidgetParameters, GridWidgetRequest, GridWidgetRow, GridWidgetSet, Selection,
};
pub use surface::results::GroupResults;
