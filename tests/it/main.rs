//! Integration tests: one binary, a module a concern.

#![expect(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "a test that cannot go on fails")]

mod api;
mod cases;
mod collections;
mod completion;
mod dashboard;
mod data;
mod diagnostics;
mod drill;
mod examples;
mod grid_rows;
mod judge;
mod latest;
mod layers;
mod limits;
mod lists;
mod odata;
mod odata_answers;
mod oracle;
mod page;
mod properties;
mod relations;
mod runs;
mod transactions;
mod widget;
mod widget_positions;
