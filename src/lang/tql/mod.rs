//! TQL. Reading order: [`ast`] (the tree) → [`lex`] (text to tokens, with nom) → [`parse`] (tokens to tree, with recovery) →
//! [`print`](mod@print) (tree to text, and to text with every grouping shown) → [`format`](mod@format) (text broken into
//! lines); [`place`] (what may stand behind tokens) → [`cursor`] (the same for a place in a text).

pub(crate) mod ast;
pub(crate) mod cursor;
pub(crate) mod format;
pub(crate) mod lex;
pub(crate) mod parse;
pub(crate) mod place;
pub(crate) mod print;
