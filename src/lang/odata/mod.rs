//! OData: v2/v3 and v4/4.01 in one grammar. Reading order: [`ast`] (the trees) → [`function`] (what the language can call).

pub(crate) mod ast;
pub(crate) mod function;
