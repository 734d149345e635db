//! What the example programs share: options, files, output. Not an example itself.

pub(crate) mod args;
pub(crate) mod files;
pub(crate) mod output;
pub(crate) mod table;
