//! What every layer stands on: places in text, diagnostics as data, errors, limits and the thread pool.
//!
//! Reading order: [`span`] → [`code`] → [`diagnostic`] → [`render`] → [`error`] → [`suggest`] → [`limits`] → [`budget`] →
//! [`pool`] → [`hash`]. Nothing here knows a schema, a language or a row.

pub(crate) mod budget;
pub(crate) mod code;
pub(crate) mod diagnostic;
pub(crate) mod error;
pub(crate) mod hash;
pub(crate) mod limits;
pub(crate) mod pool;
pub(crate) mod render;
pub(crate) mod span;
pub(crate) mod suggest;
