//! What is fuzzed: each target is a plain function from bytes that panics when something does not hold. The binaries in
//! `fuzz_targets` hand it to libFuzzer; the test `replay` runs it over the committed corpus.
//!
//! Reading order: `bed` (an engine to ask) → `told` (what holds of mistakes) → `parse` (any bytes as a query) → `statement` (other
//! forms of a query) → `aggregate` (results) → `complete` (how a text goes on) → `scope` (what a query must not reach) → `engine`
//! (random rows, changes and queries, by the test suite's `judge` and `oracle`) → `load` (any bytes as files) → `odata_parse` (any text as a part of
//! OData) → `odata_engine` (any text asked in OData).

mod aggregate;
mod bed;
mod complete;
mod engine;
#[path = "../../tests/it/judge/mod.rs"]
mod judge;
mod load;
mod odata_engine;
mod odata_parse;
#[path = "../../tests/it/oracle/mod.rs"]
#[expect(dead_code, reason = "the test suite asks more of it")]
mod oracle;
mod parse;
mod scope;
mod statement;
mod told;

pub use aggregate::aggregate;
pub use complete::complete;
pub use engine::engine;
pub use load::load;
pub use odata_engine::odata_engine;
pub use odata_parse::odata_parse;
pub use parse::parse;
pub use scope::scope;
pub use statement::statement;

/// What is done with an input.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its corpus folder too.
pub const TARGETS: [(&str, Target); 9] = [
    ("parse", parse),
    ("statement", statement),
    ("aggregate", aggregate),
    ("complete", complete),
    ("scope", scope),
    ("engine", engine),
    ("load", load),
    ("odata_parse", odata_parse),
    ("odata_engine", odata_engine),
];
