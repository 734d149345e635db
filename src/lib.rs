//! Embedded, in-process query and aggregation engine for test-management data.
#![expect(dead_code, reason = "the layers that use these are being written")]

mod base;
mod data;
mod lang;
mod model;
mod query;

pub use base::budget::Cancel;
pub use base::code::Code;
pub use base::diagnostic::{Diagnostic, Fix, Place, Severity};
pub use base::error::{Error, ErrorKind, Result};
pub use base::limits::Limits;
pub use base::span::Span;
pub use data::memory::{FieldMemory, MemoryReport};
pub use model::catalog::Catalog;
pub use model::decimal::{Decimal, DecimalError};
pub use model::field::{DeclaredValue, Field, Relation, StatusFlags};
pub use model::fold::Collation;
pub use model::kind::Kind;
pub use model::schema::{Schema, SchemaBuilder};
pub use model::table::Rows;
pub use model::time::calendar::Period;
pub use model::time::zone::Zone;
pub use model::value::Value;
pub use query::context::Facts;
