//! Worlds and queries out of choices. [`world`](mod@world) draws schemas and rows, [`query`] filters and orders, [`literal`]
//! values as people write them, [`history`] changes.

pub(crate) mod history;
pub(crate) mod literal;
pub(crate) mod query;
pub(crate) mod world;
