//! Data files to rows: NDJSON, CSV and JUnit XML, typed by a schema or by inference.
//!
//! Reading order: [`load`] (what callers use) → [`input`] (a file and its format) → [`report`] (what was read) → [`intake`]
//! (where every reader puts its cells: columns by name, mistakes with their places) → [`raw`] (a cell as a file writes it) →
//! [`infer`] (the kind of a column) → [`keys`] (keys that are missing or there twice) → the readers [`ndjson`], [`csv`] and
//! [`junit`]. Decompression, paths and the engine are the caller's.

#[cfg(feature = "csv")]
mod csv;
mod infer;
pub(crate) mod input;
mod intake;
#[cfg(feature = "junit")]
mod junit;
mod keys;
pub(crate) mod load;
#[cfg(feature = "ndjson")]
mod ndjson;
mod raw;
pub(crate) mod report;

#[cfg(test)]
#[cfg(all(feature = "csv", feature = "junit", feature = "ndjson"))]
mod tests;
