//! Worlds and queries out of choices. [`world`](mod@world) draws schemas and rows, [`query`] filters and orders, [`literal`]
//! values as people write them, [`tree`](mod@tree) aggregates with their
//! [`facet`]s, [`history`] changes.

pub(crate) mod facet;
pub(crate) mod history;
pub(crate) mod literal;
pub(crate) mod query;
pub(crate) mod tree;
pub(crate) mod world;
