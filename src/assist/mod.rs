//! Help for those who write queries: [`check`] says what is wrong with a text and how it was read, without running it;
//! [`complete`] says how it can go on at a cursor.

pub(crate) mod check;
pub(crate) mod complete;
