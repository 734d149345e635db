//! Calendar periods laid out side by side, so that rows find theirs by comparing numbers: the calendar is asked once a period
//! and never once a row.

use crate::model::time::calendar::Period;
use crate::model::time::format::{format_date, format_local_hour};
use crate::model::time::zone::Zone;
use crate::model::time::{DAY, HOUR};

/// Whole periods without gap or overlap. Period i holds what lies from `starts[i]` to before the next start: microseconds,
/// or days of a date field. A day that a zone skipped (Apia, 2011-12-30) has no period.
#[derive(Debug)]
pub(crate) struct Buckets {
    starts: Vec<i64>,
    end: i64,
    /// By period: for hours the local hour and its offset in seconds, else the first day.
    names: Names,
}

#[derive(Debug)]
enum Names {
    FirstDays(Vec<i32>),
    Hours(Vec<(i64, i32)>),
}

impl Buckets {
    /// The periods that hold the instants from `low` to `high`; the number needed if there are more than `most`.
    pub(crate) fn of_instants(zone: &Zone, period: Period, low: i64, high: i64, most: usize) -> Result<Self, u64> {
        if period == Period::Hour {
            return Self::of_hours(zone, low, high, most);
        }
        let day = |instant| zone.to_local(instant).div_euclid(DAY) as i32;
        // A midnight that shows twice belongs to the later day from its first showing on, so a day may begin before
        // some instants that the clock gives to the day before it.
        let mut buckets = Self::of_days(period, day(low), day(high) + 1, most.saturating_add(1))?;
        let Names::FirstDays(days) = &mut buckets.names else { return Ok(buckets) };
        let start = |day: i32| zone.to_instant(i64::from(day) * DAY);
        let end = start(buckets.end as i32);
        let mut starts: Vec<i64> = days.iter().map(|day| start(*day)).collect();
        let mut keep: Vec<bool> =
            (0..starts.len()).map(|i| starts.get(i + 1).copied().unwrap_or(end) > starts[i]).collect();
        // The periods asked for, not those that only might have been needed.
        for i in 0..starts.len() {
            let next = starts.get(i + 1).copied().unwrap_or(end);
            keep[i] &= next > low && starts[i] <= high;
        }
        let end = (0..starts.len()).rev().find(|i| keep[*i]).map_or(end, |i| starts.get(i + 1).copied().unwrap_or(end));
        let mut kept = keep.iter();
        days.retain(|_| kept.next() == Some(&true));
        let mut kept = keep.iter();
        starts.retain(|_| kept.next() == Some(&true));
        if starts.len() > most {
            return Err(starts.len() as u64);
        }
        Ok(Self { starts, end, names: buckets.names })
    }

    /// The periods that hold the days from `low` to `high`, in days; an hour is a day here.
    pub(crate) fn of_days(period: Period, low: i32, high: i32, most: usize) -> Result<Self, u64> {
        let mut days = Vec::new();
        let mut first = period.first_day(low);
        while first <= high {
            if days.len() >= most {
                let shortest = match period {
                    Period::Hour | Period::Day => 1,
                    Period::Week => 7,
                    Period::Month => 31,
                    Period::Quarter => 92,
                    Period::Year => 366,
                };
                return Err(days.len() as u64 + (high - first) as u64 / shortest + 1);
            }
            days.push(first);
            first = period.next_first_day(first);
        }
        let starts = days.iter().map(|day| i64::from(*day)).collect();
        Ok(Self { starts, end: first.into(), names: Names::FirstDays(days) })
    }

    /// Local hours, cut where the offset changes so that each has one name.
    fn of_hours(zone: &Zone, low: i64, high: i64, most: usize) -> Result<Self, u64> {
        let need = (high - low) as u64 / HOUR as u64;
        if need > most as u64 {
            return Err(need);
        }
        let (mut starts, mut names) = (Vec::new(), Vec::new());
        let offset = |instant| i64::from(zone.offset_seconds_at(instant)) * super::SECOND;
        let floor = |instant: i64| (instant + offset(low)).div_euclid(HOUR) * HOUR - offset(low);
        let mut at = floor(low);
        if offset(at) != offset(low) {
            at = zone.change_between(at, low);
        }
        let mut change = zone.change_after(at);
        while at <= high {
            if starts.len() >= most {
                return Err(need + 1);
            }
            let ahead = offset(at);
            let hour = (at + ahead).div_euclid(HOUR) * HOUR;
            starts.push(at);
            names.push((hour, (ahead / super::SECOND) as i32));
            at = hour + HOUR - ahead;
            if let Some(cut) = change.filter(|change| *change <= at) {
                at = cut;
                change = zone.change_after(at);
            }
        }
        Ok(Self { starts, end: at, names: Names::Hours(names) })
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Where each period begins, ascending.
    pub(crate) fn starts(&self) -> &[i64] {
        &self.starts
    }

    /// Where the last period ends.
    pub(crate) fn end(&self) -> i64 {
        self.end
    }

    /// What clocks show where the period begins, in microseconds since 1970: midnight of its first day, or its hour.
    pub(crate) fn local_start(&self, i: usize) -> i64 {
        match &self.names {
            Names::FirstDays(days) => i64::from(days[i]) * DAY,
            Names::Hours(hours) => hours[i].0,
        }
    }

    /// The period's name: its first day, or the local hour with its offset.
    pub(crate) fn key(&self, i: usize) -> String {
        match &self.names {
            Names::FirstDays(days) => format_date(days[i]),
            Names::Hours(hours) => format_local_hour(hours[i].0, hours[i].1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Buckets;
    use crate::model::time::calendar::Period;
    use crate::model::time::parse::parse_instant;
    use crate::model::time::zone::Zone;

    fn keys(zone: &str, period: Period, low: &str, high: &str) -> Vec<String> {
        let zone = Zone::named(zone).unwrap();
        let at = |text| parse_instant(text, &zone).unwrap().micros;
        let buckets = Buckets::of_instants(&zone, period, at(low), at(high), 1000).unwrap();
        assert!(buckets.starts()[0] <= at(low) && buckets.end() > at(high));
        assert!(buckets.starts().windows(2).all(|pair| pair[0] < pair[1]));
        (0..buckets.len()).map(|i| buckets.key(i)).collect()
    }

    #[test]
    fn a_skipped_day_has_no_bucket() {
        let days = keys("Pacific/Apia", Period::Day, "2011-12-29T10:00", "2011-12-31T10:00");
        assert_eq!(days, ["2011-12-29", "2011-12-31"]);
    }

    #[test]
    fn repeated_hours_are_told_apart() {
        let hours = keys("Europe/Berlin", Period::Hour, "2024-10-27T01:30", "2024-10-27T03:30");
        assert_eq!(
            hours,
            [
                "2024-10-27T01:00:00+02:00",
                "2024-10-27T02:00:00+02:00",
                "2024-10-27T02:00:00+01:00",
                "2024-10-27T03:00:00+01:00"
            ]
        );
        // Half an hour back at 02:00, on Lord Howe.
        let hours = keys("Australia/Lord_Howe", Period::Hour, "2024-04-07T01:10+11:00", "2024-04-07T02:10");
        assert_eq!(hours, ["2024-04-07T01:00:00+11:00", "2024-04-07T01:00:00+10:30", "2024-04-07T02:00:00+10:30"]);
    }

    #[test]
    fn weeks_and_months_are_whole() {
        assert_eq!(keys("UTC", Period::Week, "2024-01-03T00:00", "2024-01-09T00:00"), ["2024-01-01", "2024-01-08"]);
        assert_eq!(
            keys("UTC", Period::Month, "2023-12-31T23:59", "2024-02-01T00:00"),
            ["2023-12-01", "2024-01-01", "2024-02-01"]
        );
    }

    #[test]
    fn values_at_the_ends_of_the_calendar_have_their_local_period() {
        let (first, last) = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z");
        for (zone, period, at, key) in [
            ("UTC", Period::Year, last, "9999-01-01"),
            ("UTC", Period::Month, "9999-11-30T12:00Z", "9999-11-01"),
            ("America/New_York", Period::Year, first, "0000-01-01"),
            ("America/New_York", Period::Quarter, first, "0000-10-01"),
            ("America/New_York", Period::Month, first, "0000-12-01"),
            ("America/New_York", Period::Week, first, "0000-12-25"),
            ("America/New_York", Period::Day, first, "0000-12-31"),
            ("America/New_York", Period::Hour, first, "0000-12-31T19:00:00-04:56:02"),
            ("Europe/Berlin", Period::Day, last, "10000-01-01"),
            ("Europe/Berlin", Period::Week, last, "9999-12-27"),
            ("Pacific/Kiritimati", Period::Year, last, "10000-01-01"),
            ("Pacific/Kiritimati", Period::Hour, last, "10000-01-01T13:00:00+14:00"),
        ] {
            assert_eq!(keys(zone, period, at, at), [key], "{zone} {period:?}");
        }
    }

    #[test]
    fn too_many_periods_say_how_many() {
        let days = Buckets::of_days(Period::Day, 0, 99_999, 1000);
        assert_eq!(days.err(), Some(100_000));
        let hours = Buckets::of_instants(&Zone::utc(), Period::Hour, 0, i64::MAX / 4, 1000);
        assert!(hours.is_err_and(|need| need > 1000));
    }
}
