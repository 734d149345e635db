//! What is fuzzed: each target is a plain function from bytes that panics when something does not hold. The binaries in
//! `fuzz_targets` hand it to libFuzzer; the test `replay` runs it over the committed corpus.
//!
//! Reading order: `bed` (an engine to ask) → `parse` (any bytes as a query) → `scope` (what a query must not reach) → `draw`
//! and `engine` (random rows, changes and queries beside the test suite's oracle) → `load` (any bytes as files).

mod bed;
mod draw;
mod engine;
mod load;
#[path = "../../tests/it/oracle.rs"]
mod oracle;
mod parse;
mod scope;

pub use engine::engine;
pub use load::load;
pub use parse::parse;
pub use scope::scope;

/// What is done with an input.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its corpus folder too.
pub const TARGETS: [(&str, Target); 4] = [("parse", parse), ("scope", scope), ("engine", engine), ("load", load)];
