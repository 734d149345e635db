//! Time zones by IANA name. The rules are those of the bundled tz database that `jiff` keeps up to date: `chrono-tz` names
//! the same zones, but its tables are older and end their daylight-saving rules in 2100, so only its names are taken.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::suggest::nearest;
use crate::model::time::SECOND;

/// A time zone. Cloning is cheap; equal names are equal zones.
///
/// ```
/// use tallygrid::Zone;
/// let zone = Zone::named("america/new_york").unwrap();
/// assert_eq!(zone.name(), "America/New_York");
/// assert_eq!(zone.offset_seconds_at(0), -5 * 3600);
/// assert!(Zone::named("Mars/Olympus").is_none());
/// ```
#[derive(Clone)]
pub struct Zone {
    rules: TimeZone,
}

impl Zone {
    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self { rules: TimeZone::UTC }
    }

    /// The zone of that IANA name, case ignored.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("utc") {
            return Some(Self::utc());
        }
        TimeZone::get(name).ok().filter(|rules| rules.iana_name().is_some()).map(|rules| Self { rules })
    }

    /// The zone's name in its usual spelling.
    #[must_use]
    pub fn name(&self) -> &str {
        self.rules.iana_name().unwrap_or("UTC")
    }

    /// Seconds that local time is ahead of UTC at an instant (microseconds since 1970).
    #[must_use]
    pub fn offset_seconds_at(&self, instant: i64) -> i32 {
        self.rules.to_offset(timestamp(instant)).seconds()
    }

    /// The zone of that name.
    pub(crate) fn require(name: &str) -> Result<Self> {
        Self::named(name).ok_or_else(|| {
            let message = format!("no time zone `{}`", shortened(name));
            let diagnostic = Diagnostic::new(Code::UnknownZone, Severity::Error, Place::Request, message);
            let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
            let help = match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "zones have IANA names, such as `Europe/Berlin`".to_owned(),
            };
            Error::one(ErrorKind::Query, diagnostic.help(help))
        })
    }

    /// Wall-clock microseconds since 1970-01-01T00:00 local.
    pub(crate) fn to_local(&self, instant: i64) -> i64 {
        instant + i64::from(self.offset_seconds_at(instant)) * SECOND
    }

    /// The instant at which a wall clock shows that time: in a gap the first instant after it, in a fold the earlier one.
    pub(crate) fn to_instant(&self, local: i64) -> i64 {
        let at = |offset: jiff::tz::Offset| local - i64::from(offset.seconds()) * SECOND;
        match self.rules.to_ambiguous_timestamp(civil(local)).offset() {
            AmbiguousOffset::Unambiguous { offset } => at(offset),
            AmbiguousOffset::Fold { before, .. } => at(before),
            // Read with the offset before the gap the time lies behind the change, and with the other one before it.
            AmbiguousOffset::Gap { before, after } => self.change_between(at(after), at(before)),
        }
    }

    /// The change of offset that lies after `from` and not after `to`, which have different offsets and one change between
    /// them.
    pub(crate) fn change_between(&self, from: i64, to: i64) -> i64 {
        let before = self.offset_seconds_at(from);
        let (mut low, mut high) = (from, to);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.offset_seconds_at(middle) == before { low = middle } else { high = middle }
        }
        high
    }

    /// The first change of offset after an instant.
    pub(crate) fn change_after(&self, instant: i64) -> Option<i64> {
        let offset = self.offset_seconds_at(instant);
        let changes = self.rules.following(timestamp(instant)).map(|change| change.timestamp().as_microsecond());
        changes.take(MOST_RENAMES).find(|at| self.offset_seconds_at(*at) != offset)
    }
}

/// Transitions in a row that change a zone's abbreviation only; no zone has nearly as many.
const MOST_RENAMES: usize = 64;

/// The instant as the rules take it; beyond the calendar the nearest end.
fn timestamp(instant: i64) -> Timestamp {
    Timestamp::from_microsecond(instant).unwrap_or(if instant < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The wall-clock time as the rules take it.
fn civil(local: i64) -> DateTime {
    TimeZone::UTC.to_datetime(timestamp(local))
}

/// User text in a message, at most 60 characters of it.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

impl FromStr for Zone {
    type Err = Error;

    /// The zone of that IANA name.
    fn from_str(name: &str) -> Result<Self> {
        Self::require(name)
    }
}

impl TryFrom<chrono_tz::Tz> for Zone {
    type Error = Error;

    /// The zone of the same name, with today's rules.
    fn try_from(zone: chrono_tz::Tz) -> Result<Self> {
        Self::require(zone.name())
    }
}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

#[cfg(test)]
mod tests;
