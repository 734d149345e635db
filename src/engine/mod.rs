//! The library's own face: an engine that holds indexes, transactions that change them, snapshots that answer.
//!
//! Reading order: [`shared`] (version, threads, the writer's place) → [`core`] (engine and builder) → [`context`] (who asks, when, under which limits) → [`access`] (what a caller
//! may see) → [`condition`] (predicates that hosts state) → [`permitted`] (which rows of each index a caller sees)
//! → [`ask`] (queries) → [`snapshot`] (answering) → [`drill`] (texts that select the
//! rows of groups) → [`groups`] (status counts by group) → [`aggregate`] (aggregate queries, answered by [`results`]) → [`list`] (groups as a list, paged by [`cursor`]) → [`values`] (how often each value of a field occurs) → [`answer`] (what comes back) → [`transaction`] (changing). Wire shapes are in `surface`.

pub(crate) mod access;
pub(crate) mod aggregate;
pub(crate) mod answer;
pub(crate) mod ask;
pub(crate) mod condition;
pub(crate) mod context;
pub(crate) mod core;
pub(crate) mod cursor;
pub(crate) mod drill;
pub(crate) mod groups;
pub(crate) mod list;
pub(crate) mod odata;
pub(crate) mod permitted;
pub(crate) mod results;
pub(crate) mod shared;
pub(crate) mod snapshot;
pub(crate) mod transaction;
pub(crate) mod values;
