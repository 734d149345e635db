//! A second opinion: rows as plain values and queries as trees, answered one row at a time. Shares no code with the library
//! but the values of cells; even clocks and case folding are another crate's.
//!
//! Reading order: [`choices`] (decisions that shrink) → [`column`] (what a field's cells mean) → [`clock`] (zones) →
//! [`query`] (trees, and whether a row passes) → [`search`] (`~`) → [`package`] (paths) → [`relation`] (queries in braces) →
//! [`answer`] (groups and order) → [`latest`] (retries) → [`tree`] (aggregates) → [`facet`] (tests as functions) → [`measure`] (exact
//! numbers) → [`partition`] (which groups) → [`results`] (what a tree says) →
//! [`write`] (trees as TQL text) → [`world`] (an index with rows, and engines that hold it) → [`history`] (rows
//! that change) → [`draw`] (worlds, queries and changes out of choices).

pub(crate) mod answer;
pub(crate) mod choices;
pub(crate) mod clock;
pub(crate) mod column;
pub(crate) mod draw;
pub(crate) mod facet;
pub(crate) mod history;
pub(crate) mod latest;
pub(crate) mod measure;
pub(crate) mod package;
pub(crate) mod partition;
pub(crate) mod query;
pub(crate) mod relation;
pub(crate) mod results;
pub(crate) mod search;
pub(crate) mod tree;
pub(crate) mod world;
pub(crate) mod write;
