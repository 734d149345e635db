//! Pipelines over rows: what `$apply` asks beyond one pass of counting.
//!
//! Reading order: [`set`] (rows of an index at places, or columns of computed values; [`lots`] of rows that are treated one
//! apart from the other) → [`values`] (an expression over them) → [`ranks`] (values as numbers that compare as they do) →
//! [`sort`], [`rank`], [`percentile`], [`group`] with [`reduce`] and [`aggregate`] → [`steps`] (a pipeline, step by step) →
//! [`run`] (a pipeline of a plan, and pages in an order of values). A grouping that stands first is answered without rows
//! where that can be: [`counted`] counts its [`cells`], each of which stands for many rows.

pub(crate) mod aggregate;
pub(crate) mod cells;
pub(crate) mod counted;
pub(crate) mod group;
pub(crate) mod lots;
pub(crate) mod percentile;
pub(crate) mod rank;
pub(crate) mod ranks;
pub(crate) mod reduce;
pub(crate) mod run;
pub(crate) mod set;
pub(crate) mod sort;
pub(crate) mod steps;
pub(crate) mod total;
pub(crate) mod values;
