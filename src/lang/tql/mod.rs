//! TQL. Reading order: [`ast`] (the tree) → [`lex`] (tokens) → [`parse`] (tokens to tree, with recovery) → [`print`] (tree
//! to text, and to text with every grouping shown).

pub(crate) mod ast;
