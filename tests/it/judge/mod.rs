//! Engines beside the oracle: each function draws questions or changes, asks engines in several layouts, and says where they
//! differ from plain rows. The properties give it random choices, the fuzz target `engine` those of its input.
//!
//! Reading order: [`ask`] (answers in the oracle's terms) → [`lists`] (filters, orders, pages, printed forms) → [`groups`]
//! → [`doors`] (both languages) → [`scope`] (what a text must not reach) → [`latest`] (retries) → [`setting`] (who asks) → [`trees`] (aggregates) →
//! [`pages`] (groups as lists) → [`completion`] (how texts go on, those of [`pieces`] among them) → [`history`]
//! (transactions and snapshots).

pub(crate) mod ask;
pub(crate) mod completion;
pub(crate) mod doors;
pub(crate) mod groups;
pub(crate) mod history;
pub(crate) mod latest;
pub(crate) mod lists;
pub(crate) mod pages;
mod pieces;
pub(crate) mod scope;
pub(crate) mod setting;
pub(crate) mod trees;
