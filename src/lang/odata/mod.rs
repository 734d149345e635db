//! OData: v2/v3 and v4/4.01 in one grammar, strict and lenient. Reading order: [`ast`] (the trees) → [`function`] and
//! [`system`] (what the language can call and be asked) → [`text`] (percent-decoding) → [`literal`] and [`lex`] (text to
//! tokens, with nom) → [`mode`] (what only lenient reading takes) → [`parse`] (tokens to trees, with recovery) →
//! [`print`](mod@print) (trees to text, and to text with every grouping shown) → [`start`] (parts of the language by name);
//! [`names`] (what is known of names without a schema).

pub(crate) mod ast;
pub(crate) mod cursor;
pub(crate) mod function;
pub(crate) mod lex;
pub(crate) mod literal;
pub(crate) mod mode;
pub(crate) mod names;
pub(crate) mod parse;
pub(crate) mod print;
pub(crate) mod start;
pub(crate) mod system;
pub(crate) mod text;
