//! One bound meaning for every language: names resolved, literals typed, no text left.
//!
//! Reading order: [`predicate`] with [`expr`](predicate::expr), [`rel`] and [`pipeline`] (the meaning) → [`search`] (word queries) → [`finder`] (many of them
//! asked of a text at once, [`wildcard`] words of a whole [`vocabulary`]) → [`context`] (what a binding needs
//! to know of the request) → [`bind`] (TQL tree to meaning) → [`print`](mod@print) (meaning back to TQL). No row is read here;
//! what a predicate answers for given columns is `exec`.

pub(crate) mod aggregate;
pub(crate) mod bind;
pub(crate) mod context;
pub(crate) mod finder;
pub(crate) mod odata;
pub(crate) mod pipeline;
pub(crate) mod predicate;
pub(crate) mod print;
pub(crate) mod rel;
pub(crate) mod search;
pub(crate) mod vocabulary;
pub(crate) mod wildcard;
