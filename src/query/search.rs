//! Word queries, ready to be asked of a text (stub, being written).

/// A word query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Search {}
