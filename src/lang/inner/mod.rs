//! Languages inside the strings of a query: [`words`] is what stands behind `~`.

pub(crate) mod words;
