//! Help for those who write queries: [`check`] says what is wrong with a text and how it was read, without running it.

pub(crate) mod check;
