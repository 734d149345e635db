//! Instants, days, durations and zones. Microseconds and days since 1970 are the only stored forms; rules of zones come from
//! one table (see [`zone`]).

pub(crate) mod zone;

pub(crate) use zone::{Period, Zone};

/// Days from 0001-01-01 to 1970-01-01, plus one: what chrono calls the epoch's day number.
pub(crate) const UNIX_EPOCH_FROM_CE: i32 = 719_163;
