//! Plans against the columns of one version.
//!
//! Reading order: [`test`] (a leaf decided on distinct values) → [`search`] (word searches, all at once, asked of [`distinct`] texts) → [`compare`]
//! (field against field) → [`mask`] (kernels: codes to one byte a row) → [`filter`] (a whole predicate on a block) →
//! [`scan`] (segments over threads) → [`table`], [`packing`], [`latest`] (the row of each test that counts; all together the
//! rows [`chosen`], which filters keep to) → [`slot`] (rows to group slots), [`layout`] (slots of several dimensions in one) →
//! [`group`] (counting, over [`dense`] with the kernels of [`tally`], or [`hashed`]; [`combinations`] for lists) →
//! [`measured`] ([`stats`] over the [`lane`] of a field, [`gathered`] for what cannot be merged) → [`counted`] (what was
//! found) → [`naming`] (slots back to keys in order, as [`labels`]) → [`label`] (which gives [`groups`]; [`top`] moves
//! small groups to a remainder, [`paths`] finds groups by their keys) → [`rows`] (order, slice, fetch) → [`package`] (places
//! of the catalog's package index; [`namesakes`] where one text stands for several) → [`number_set`], [`marks`], [`semi`] (keys of a sub-select to a test) → [`subselect`]
//! (rows to keys) → [`kept`] (rows for several questions) → [`request`] (what is decided once) → [`run`] (a plan against a version). Answers depend on the rows and
//! the plan alone: not on threads, segments or hash seeds.

pub(crate) mod chosen;
pub(crate) mod combinations;
pub(crate) mod compare;
pub(crate) mod counted;
pub(crate) mod dense;
pub(crate) mod distinct;
pub(crate) mod eval;
pub(crate) mod filter;
pub(crate) mod gathered;
pub(crate) mod group;
pub(crate) mod groups;
pub(crate) mod hashed;
pub(crate) mod kept;
pub(crate) mod label;
pub(crate) mod labels;
pub(crate) mod lane;
pub(crate) mod latest;
pub(crate) mod layout;
pub(crate) mod led;
pub(crate) mod led_back;
pub(crate) mod marks;
pub(crate) mod mask;
pub(crate) mod measured;
pub(crate) mod meeting;
pub(crate) mod namesakes;
pub(crate) mod naming;
pub(crate) mod needs;
pub(crate) mod number_set;
pub(crate) mod package;
pub(crate) mod packing;
pub(crate) mod paths;
pub(crate) mod request;
pub(crate) mod rows;
pub(crate) mod rowset;
pub(crate) mod run;
pub(crate) mod scan;
pub(crate) mod search;
pub(crate) mod semi;
pub(crate) mod slot;
pub(crate) mod stats;
pub(crate) mod subselect;
pub(crate) mod table;
pub(crate) mod tally;
pub(crate) mod test;
pub(crate) mod top;
pub(crate) mod truth;
pub(crate) mod within;
