//! Grid rows: typed rows of a grid, read and changed through requests, and an index like any other.
//!
//! Reading order: [`column`] (what a column holds) → [`user`] (what the host knows) → [`mistakes`] → [`cell`] (JSON to cells
//! and back) → [`formula`] → [`grid`] (columns together) → [`request`] → [`rows`] (reading and writing) → [`wire`].

mod cell;
pub(crate) mod column;
mod formula;
pub(crate) mod grid;
mod mistakes;
pub(crate) mod request;
pub(crate) mod rows;
pub(crate) mod user;
pub(crate) mod wire;
