//! Where rows live: dictionary-coded columns in immutable blocks and segments, versions that readers share, and the drafts
//! that a writer turns into the next version.
//!
//! Reading order: [`codes`] (narrow arrays) → [`sketch`] (which ids may occur) → [`block`] (4,096 rows of one column) → [`domain`]
//! (the dictionary of a field) → [`segment`] (64K rows of all columns) → [`version`] (what a snapshot sees) → [`editor`] (a
//! block being written) → [`keys`] (row of a key) → [`draft`] (one index being changed) → [`memory`] (bytes by structure). No
//! query is known here: a block can say what it holds, never what matches.

pub(crate) mod block;
pub(crate) mod codes;
pub(crate) mod domain;
pub(crate) mod draft;
pub(crate) mod editor;
pub(crate) mod keys;
pub(crate) mod memory;
pub(crate) mod segment;
pub(crate) mod sketch;
pub(crate) mod version;
