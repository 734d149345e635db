//! Help for those who write queries: [`check`] says what is wrong with a text and how it was read, without running it;
//! [`complete`] says how it can go on at a cursor; [`format`](mod@format) lays it out over several lines.

pub(crate) mod check;
pub(crate) mod check_odata;
pub(crate) mod complete;
pub(crate) mod format;
