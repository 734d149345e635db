//! Files of rows: NDJSON, CSV and JUnit XML, typed by a schema or by what is in them.
//!
//! Reading order: [`input`] (formats, files, reports) → [`raw`] (untyped rows with their places) → `ndjson`, `csv`, `junit`
//! (one reader a format, each a cargo feature) → [`infer`] (untyped rows to a schema) → [`load`] (the whole way). Servers
//! that have rows already hand them to a transaction and need nothing of this.

#[cfg(feature = "csv")]
pub(crate) mod csv;
pub(crate) mod infer;
pub(crate) mod input;
#[cfg(feature = "junit")]
pub(crate) mod junit;
pub(crate) mod load;
#[cfg(feature = "ndjson")]
pub(crate) mod ndjson;
pub(crate) mod raw;
