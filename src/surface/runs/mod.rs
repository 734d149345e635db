//! Runs with counters: the lists `runs` and `results` and the single run, as requests and answers; and changes that keep the
//! counters. The schemas are [`presets::counted`](crate::model::presets::counted).
//!
//! Reading order: [`parameters`] (what a query string says) → [`errors`] → [`statuses`] (numbers and counters of statuses)
//! → [`object`] → [`expands`] → [`page`] → [`list`] and [`results`]; [`rows`] → [`changes`].

pub(crate) mod changes;
pub(crate) mod errors;
mod expands;
pub(crate) mod list;
mod object;
pub(crate) mod page;
mod parameters;
pub(crate) mod results;
mod rows;
mod statuses;
