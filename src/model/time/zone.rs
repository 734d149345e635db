//! Time zones (stub, being written).

/// A time zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {}

/// A calendar period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Period {
    /// A clock hour.
    Hour,
    /// A calendar day.
    Day,
    /// A week from Monday (ISO 8601).
    Week,
    /// A calendar month.
    Month,
    /// A quarter of a year.
    Quarter,
    /// A calendar year.
    Year,
}
