//! What data is: values, kinds, time, schemas, catalogs, and cells as text.
//!
//! Reading order: [`decimal`], [`real`] → [`guid`] → [`value`] → [`fold`] (collation) → [`kind`] → [`time`] → [`field`] → [`latest`], [`measure`] → [`schema`] →
//! [`catalog`] → [`document`] (schemas as JSON) → [`cell`] (text to value and back, by field) → [`table`] (rows on their way
//! in) → [`presets`]. No query, no column and no file format is known here.

pub(crate) mod catalog;
pub(crate) mod cell;
pub(crate) mod decimal;
pub(crate) mod document;
pub(crate) mod field;
pub(crate) mod fold;
pub(crate) mod guid;
pub(crate) mod kind;
pub(crate) mod latest;
pub(crate) mod measure;
pub mod presets;
pub(crate) mod ratio;
pub(crate) mod real;
pub(crate) mod schema;
pub(crate) mod table;
pub(crate) mod time;
pub(crate) mod value;
