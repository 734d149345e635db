//! Instants, days, durations and zones. Microseconds and days since 1970 are the only stored forms; the rules of zones come
//! from one table.
//!
//! Reading order: [`zone`] → [`calendar`] (civil dates, periods, spans that keep wall time) → [`bucket`] (periods laid out
//! for grouping) → [`parse`] and [`format`] (text), [`pattern`] (text as a query asks for it).

pub(crate) mod bucket;
pub(crate) mod calendar;
pub(crate) mod format;
pub(crate) mod iso;
pub(crate) mod parse;
pub(crate) mod pattern;
pub(crate) mod zone;

pub(crate) use bucket::Buckets;
pub(crate) use calendar::Period;
pub(crate) use zone::Zone;

/// Microseconds in a second.
pub(crate) const SECOND: i64 = 1_000_000;
/// Microseconds in an hour.
pub(crate) const HOUR: i64 = 3600 * SECOND;
/// Microseconds in a day of 24 hours.
pub(crate) const DAY: i64 = 24 * HOUR;
