//! Civil dates as day numbers, calendar periods, and spans that keep the wall clock across changes of offset.

use crate::model::time::zone::Zone;
use crate::model::time::{DAY, HOUR, SECOND};

/// A calendar period of the request's zone. Values lie in years 1 to 9999 of UTC, so a period of the first or last hours is
/// named by year 0000 or 10000 where the zone's clocks show that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Period {
    /// A clock hour; hours that a change of offset repeats are told apart by it.
    Hour,
    /// A calendar day. It begins at its first local midnight, and has 23 or 25 hours where clocks change.
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

/// First day of year 1 and last day of year 9999, in days since 1970: the calendar that data and queries live in.
pub(crate) const FIRST_DAY: i32 = -719_162;
pub(crate) const LAST_DAY: i32 = 2_932_896;

/// Days since 1970 of a date of the proleptic Gregorian calendar; none if there is no such date from year 1 to 9999.
pub(crate) fn day_number(year: i32, month: u32, day: u32) -> Option<i32> {
    let date = chrono::NaiveDate::from_ymd_opt(year, month, day)?;
    in_calendar(date.to_epoch_days())
}

/// The day if it lies in years 1 to 9999.
pub(crate) fn in_calendar(day: i32) -> Option<i32> {
    (FIRST_DAY..=LAST_DAY).contains(&day).then_some(day)
}

/// The instant if it lies in years 1 to 9999 of UTC.
pub(crate) fn instant_in_calendar(micros: i64) -> Option<i64> {
    in_calendar(i32::try_from(micros.div_euclid(DAY)).ok()?).map(|_| micros)
}

/// Year, month and day of a day number.
pub(crate) fn date_of(day: i32) -> (i32, u32, u32) {
    use chrono::Datelike as _;
    let date = chrono::NaiveDate::from_epoch_days(day).unwrap_or_default();
    (date.year(), date.month(), date.day())
}

impl Period {
    /// First day of the period that holds a day; the day itself for hours. Reached by counting days and not by naming a date,
    /// since periods at the ends of the calendar begin or end outside of it.
    pub(crate) fn first_day(self, day: i32) -> i32 {
        let (_, month, of_month) = date_of(day);
        // The day before the first of a month is the last of another, so its number is that month's length.
        let months_before = |n| (0..n).fold(day - of_month as i32 + 1, |first, _| first - date_of(first - 1).2 as i32);
        match self {
            Self::Hour | Self::Day => day,
            // Day 0 was a Thursday.
            Self::Week => day - (day + 3).rem_euclid(7),
            Self::Month => months_before(0),
            Self::Quarter => months_before((month - 1) % 3),
            Self::Year => months_before(month - 1),
        }
    }

    /// First day of the period after the one that begins on a day; always a later day.
    pub(crate) fn next_first_day(self, first: i32) -> i32 {
        match self {
            Self::Hour | Self::Day => first + 1,
            Self::Week => first + 7,
            Self::Month => self.first_day(first + 31),
            Self::Quarter => self.first_day(first + 92),
            Self::Year => self.first_day(first + 366),
        }
    }
}

/// The day that an instant lies in: of the minutes that show the earlier date again after the first midnight of a day, that day.
fn day_of(instant: i64, zone: &Zone) -> i32 {
    let day = zone.to_local(instant).div_euclid(DAY) as i32;
    if zone.to_instant(i64::from(day + 1) * DAY) <= instant { day + 1 } else { day }
}

/// The first instant of the period that holds an instant.
pub(crate) fn start_of(period: Period, instant: i64, zone: &Zone) -> i64 {
    let local = zone.to_local(instant);
    match period {
        Period::Hour => zone.to_instant(local.div_euclid(HOUR) * HOUR),
        _ => zone.to_instant(i64::from(period.first_day(day_of(instant, zone))) * DAY),
    }
}

/// The last microsecond of the period that holds an instant; like its start it may lie outside the calendar.
pub(crate) fn end_of(period: Period, instant: i64, zone: &Zone) -> i64 {
    let local = zone.to_local(instant);
    let next = match period {
        Period::Hour => (local.div_euclid(HOUR) + 1) * HOUR,
        _ => {
            let first = period.first_day(day_of(instant, zone));
            i64::from(period.next_first_day(first)) * DAY
        }
    };
    zone.to_instant(next) - 1
}

/// A unit of a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    /// The name that texts have for several of it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Second => "seconds",
            Self::Minute => "minutes",
            Self::Hour => "hours",
            Self::Day => "days",
            Self::Week => "weeks",
            Self::Month => "months",
            Self::Year => "years",
        }
    }
}

/// A signed span of calendar units, such as `-1 week`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    pub(crate) negative: bool,
    pub(crate) parts: Vec<(i64, Unit)>,
}

impl Span {
    /// The instant that lies the span away. Days and longer units keep the wall clock; months end at the last day of a
    /// shorter month; hours and shorter units are exact. None outside years 1 to 9999.
    pub(crate) fn shift(&self, instant: i64, zone: &Zone) -> Option<i64> {
        let mut at = instant;
        for (amount, unit) in &self.parts {
            let amount = if self.negative { -*amount } else { *amount };
            at = match unit {
                Unit::Second => at.checked_add(amount.checked_mul(SECOND)?)?,
                Unit::Minute => at.checked_add(amount.checked_mul(60 * SECOND)?)?,
                Unit::Hour => at.checked_add(amount.checked_mul(HOUR)?)?,
                Unit::Day => by_days(at, amount, zone)?,
                Unit::Week => by_days(at, amount.checked_mul(7)?, zone)?,
                Unit::Month => by_months(at, amount, zone)?,
                Unit::Year => by_months(at, amount.checked_mul(12)?, zone)?,
            };
            instant_in_calendar(at)?;
        }
        Some(at)
    }
}

fn by_days(instant: i64, days: i64, zone: &Zone) -> Option<i64> {
    let local = zone.to_local(instant);
    let day = local.div_euclid(DAY).checked_add(days)?;
    in_calendar(i32::try_from(day).ok()?)?;
    Some(zone.to_instant(day * DAY + local.rem_euclid(DAY)))
}

fn by_months(instant: i64, months: i64, zone: &Zone) -> Option<i64> {
    let local = zone.to_local(instant);
    let (year, month, day) = date_of(i32::try_from(local.div_euclid(DAY)).ok()?);
    let month_number = (i64::from(year) * 12 + i64::from(month) - 1).checked_add(months)?;
    let (year, month) = (i32::try_from(month_number.div_euclid(12)).ok()?, month_number.rem_euclid(12) as u32 + 1);
    let day = (0..4).find_map(|less| day_number(year, month, day.saturating_sub(less)))?;
    Some(zone.to_instant(i64::from(day) * DAY + local.rem_euclid(DAY)))
}

#[cfg(test)]
mod tests {
    use super::{FIRST_DAY, LAST_DAY, Period, Span, Unit, day_number, end_of, start_of};
    use crate::model::time::parse::parse_instant;
    use crate::model::time::zone::Zone;

    fn at(text: &str) -> i64 {
        parse_instant(text, &Zone::utc()).unwrap().micros
    }

    #[test]
    fn periods_begin_where_calendars_say() {
        let day = |y, m, d| day_number(y, m, d).unwrap();
        assert_eq!(Period::Week.first_day(day(2024, 1, 7)), day(2024, 1, 1));
        assert_eq!(Period::Week.first_day(day(1969, 12, 31)), day(1969, 12, 29));
        assert_eq!(Period::Quarter.first_day(day(2024, 6, 30)), day(2024, 4, 1));
        assert_eq!(Period::Quarter.next_first_day(day(2024, 10, 1)), day(2025, 1, 1));
        assert_eq!(Period::Month.next_first_day(day(2024, 2, 1)), day(2024, 3, 1));
        assert_eq!(Period::Year.next_first_day(day(2023, 1, 1)), day(2024, 1, 1));
        assert_eq!(day_number(2023, 2, 29), None);
        assert_eq!(day_number(0, 1, 1), None);
    }

    #[test]
    fn the_period_after_the_last_one_is_later() {
        let day = |y, m, d| day_number(y, m, d).unwrap();
        for period in [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year] {
            for last in [day(9999, 12, 31), LAST_DAY + 1, day(1, 1, 1), FIRST_DAY - 1] {
                let first = period.first_day(last);
                assert!(first <= last && last < period.next_first_day(first), "{period:?} of {last}");
            }
        }
        assert_eq!(Period::Year.next_first_day(day(9999, 1, 1)), LAST_DAY + 1);
        assert_eq!(Period::Quarter.first_day(FIRST_DAY - 1), FIRST_DAY - 92);
        let last_of_all = at("9999-12-31T23:59:59.999999Z");
        assert_eq!(end_of(Period::Year, last_of_all, &Zone::utc()), last_of_all);
    }

    #[test]
    fn a_day_of_a_clock_change_has_23_hours() {
        let zone = Zone::named("America/New_York").unwrap();
        let noon = at("2024-03-10T16:00:00Z");
        assert_eq!(start_of(Period::Day, noon, &zone), at("2024-03-10T05:00:00Z"));
        assert_eq!(end_of(Period::Day, noon, &zone), at("2024-03-11T04:00:00Z") - 1);
    }

    #[test]
    fn calendar_units_keep_the_wall_clock() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let span = |negative, amount, unit| Span { negative, parts: vec![(amount, unit)] };
        // Clocks went forward on 2024-03-31.
        let now = at("2024-04-01T10:00:00Z");
        assert_eq!(span(true, 1, Unit::Week).shift(now, &zone), Some(at("2024-03-25T11:00:00Z")));
        assert_eq!(span(true, 168, Unit::Hour).shift(now, &zone), Some(at("2024-03-25T10:00:00Z")));
        let end_of_may = at("2024-05-31T10:00:00Z");
        assert_eq!(span(true, 3, Unit::Month).shift(end_of_may, &zone), Some(at("2024-02-29T11:00:00Z")));
        assert_eq!(span(false, 9000, Unit::Year).shift(now, &zone), None);
        assert_eq!(span(false, i64::MAX, Unit::Second).shift(now, &zone), None);
    }

    #[test]
    fn minutes_before_a_midnight_that_comes_again_are_of_the_day_that_has_begun() {
        // 23:32 again, an hour after the day had begun at 00:00.
        let zone: Zone = "America/St_Johns".parse().unwrap();
        let now = at("2010-11-07T03:02:00Z");
        assert_eq!(start_of(Period::Day, now, &zone), at("2010-11-07T02:30:00Z"));
        assert!(end_of(Period::Day, now, &zone) > at("2010-11-08T03:00:00Z"));
    }
}
