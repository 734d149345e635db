//! What servers put on the wire: request and response types with exact shapes, and the status code that goes with an error.
//! No HTTP. The only layer that derives serde.
//!
//! Reading order: [`diagnostics`] → [`completions`] → [`collection`] (rows) → [`results`] (status counts) → [`grid_widget`] →
//! [`body`] (reading requests) → [`dashboard`] → [`grid_rows`] → [`widget_positions`] → [`runs`] (with
//! counters) → [`collections`] (of runs).

pub(crate) mod aggregation;
mod body;
pub(crate) mod collection;
pub(crate) mod collections;
pub(crate) mod completions;
pub(crate) mod dashboard;
pub(crate) mod diagnostics;
pub(crate) mod grid_rows;
pub(crate) mod grid_widget;
pub(crate) mod ids;
pub(crate) mod odata;
pub(crate) mod results;
pub(crate) mod runs;
pub(crate) mod widget_positions;
