//! What the example programs share: options, files, sources of rows, lines of stdin, output. Not an example itself.

pub(crate) mod args;
pub(crate) mod files;
pub(crate) mod lines;
pub(crate) mod output;
pub(crate) mod sources;
pub(crate) mod table;
pub(crate) mod tree;
