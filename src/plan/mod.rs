//! How a bound query will be answered, decided without reading a row. [`simplify`] reduces predicates, [`stage`] brings a
//! tree of operators into the one shape that `exec` runs, [`explain`] shows it.

pub(crate) mod explain;
pub(crate) mod levels;
pub(crate) mod simplify;
pub(crate) mod stage;
