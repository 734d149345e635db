//! What is fuzzed: each target is a plain function from bytes that panics when something does not hold. The binaries in
//! `fuzz_targets` hand it to libFuzzer; the test `replay` runs it over the committed corpus.
//!
//! Reading order: `bed` (an engine to ask) → `parse` (any bytes as a query) → `scope` (what a query must not reach) →
//! `engine` (random rows, changes and queries, by the test suite's `judge` and `oracle`) → `load` (any bytes as files).

mod bed;
mod engine;
#[path = "../../tests/it/judge/mod.rs"]
mod judge;
mod load;
#[path = "../../tests/it/oracle/mod.rs"]
#[expect(dead_code, reason = "the test suite asks more of it")]
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
