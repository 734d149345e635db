//! TQL. Reading order: [`ast`] (the tree) → [`lex`] (text to tokens, with nom) → [`parse`] (tokens to tree, with recovery) →
//! [`print`](mod@print) (tree to text, and to text with every grouping shown).

pub(crate) mod ast;
pub(crate) mod lex;
pub(crate) mod parse;
pub(crate) mod print;
