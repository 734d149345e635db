//! What the example programs share, as far as a server needs it. The files are those of the other examples.

#[path = "../../common/args.rs"]
pub(crate) mod args;
#[path = "../../common/files.rs"]
pub(crate) mod files;
#[path = "../../common/output.rs"]
pub(crate) mod output;
#[path = "../../common/sources.rs"]
pub(crate) mod sources;
