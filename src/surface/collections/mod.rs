//! Collections of runs: script runs, automated test runs and agile runs, listed by OData or TQL, each with its own fields, links
//! and expansions; and starting a script run. The schemas are those of [`presets`](crate::model::presets).
//!
//! Reading order: [`kind`] (fields and expansions of each kind of run) → [`options`] (what a request asks) → [`request`] →
//! [`wording`] (statuses and durations as people read them) → [`expand`] → [`item`] → [`list`] → [`body`] and [`start`].

pub(crate) mod body;
mod expand;
pub(crate) mod item;
pub(crate) mod kind;
pub(crate) mod list;
pub(crate) mod options;
pub(crate) mod request;
pub(crate) mod start;
mod wording;
