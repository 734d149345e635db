//! Expressions evaluated, a batch of rows at a time.
//!
//! Reading order: [`state`] (value, null, failed) → [`exact`] (decimals without loss) → [`column`] (typed values of many rows)
//! → [`kernel`] (functions of cells to functions of columns) → [`arithmetic`], [`compare`], [`select`], [`text`], [`moment`],
//! [`round`], [`cast`], [`quotient`] (one operation each) → [`act`] and [`apply`] (which of them) → [`load`] (blocks to columns) →
//! [`related`] (what keys lead to) → [`reduce`] (many values to one) → [`graph`] (an expression taken apart) → [`reach`] (what it can come to at most) → [`program`] (put in order, tabulated, run).
//!
//! Nothing here ends a request because a row fails: failures are values, and whoever asks for a row decides.

pub(crate) mod act;
pub(crate) mod apply;
pub(crate) mod arithmetic;
pub(crate) mod cast;
pub(crate) mod column;
pub(crate) mod compare;
pub(crate) mod exact;
pub(crate) mod graph;
pub(crate) mod kernel;
pub(crate) mod load;
pub(crate) mod moment;
pub(crate) mod program;
pub(crate) mod quotient;
pub(crate) mod reach;
pub(crate) mod reduce;
pub(crate) mod related;
pub(crate) mod round;
pub(crate) mod select;
pub(crate) mod state;
pub(crate) mod text;

#[cfg(test)]
pub(crate) mod tests;
