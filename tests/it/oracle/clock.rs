//! Local time by another crate's tables: literals, spans from now, and the calendar periods of instants.

use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike,
};
use chrono_tz::Tz;
use tallygrid::Period;

/// A zone's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    zone: Tz,
}

/// A unit of a span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Clock {
    pub(crate) fn of(zone: &str) -> Self {
        Self { zone: zone.parse().unwrap() }
    }

    /// What the clock shows at an instant.
    pub(crate) fn local(self, micros: i64) -> NaiveDateTime {
        self.zone.from_utc_datetime(&utc(micros)).naive_local()
    }

    /// The instant at which the clock shows a time: the earlier of two, the first after a gap.
    pub(crate) fn instant(self, local: NaiveDateTime) -> i64 {
        if let Some(at) = self.zone.from_local_datetime(&local).earliest() {
            return at.timestamp_micros();
        }
        // Zones of the tests change their clocks at whole minutes.
        let mut after = local.with_second(0).unwrap().with_nanosecond(0).unwrap();
        loop {
            after += TimeDelta::minutes(1);
            if let Some(at) = self.zone.from_local_datetime(&after).earliest() {
                return at.timestamp_micros();
            }
        }
    }

    /// When a day begins.
    pub(crate) fn midnight(self, day: NaiveDate) -> i64 {
        self.instant(day.and_time(NaiveTime::MIN))
    }

    /// The day that an instant lies in: the last that has begun.
    pub(crate) fn day(self, micros: i64) -> NaiveDate {
        let shown = self.local(micros).date();
        let next = shown.succ_opt().unwrap();
        if self.midnight(next) <= micros { next } else { shown }
    }

    /// The instant some units away; days and longer ones keep what the clock shows.
    pub(crate) fn shifted(self, micros: i64, amount: i64, unit: Unit) -> i64 {
        let months = match unit {
            Unit::Second => return micros + amount * 1_000_000,
            Unit::Minute => return micros + amount * 60_000_000,
            Unit::Hour => return micros + amount * 3_600_000_000,
            Unit::Day | Unit::Week => {
                let days = if unit == Unit::Week { amount * 7 } else { amount };
                return self.instant(self.local(micros) + TimeDelta::days(days));
            }
            Unit::Month => amount,
            Unit::Year => amount * 12,
        };
        let (local, by) = (self.local(micros), Months::new(u32::try_from(months.abs()).unwrap()));
        let moved = if months < 0 { local.checked_sub_months(by) } else { local.checked_add_months(by) };
        self.instant(moved.unwrap())
    }

    /// First and last instant of the period that holds an instant.
    pub(crate) fn period(self, period: Period, micros: i64) -> (i64, i64) {
        let first = first_day(period, self.day(micros));
        (self.midnight(first), self.midnight(next_first_day(period, first)) - 1)
    }

    /// The key of the period that holds an instant.
    pub(crate) fn key(self, period: Period, micros: i64) -> String {
        if period != Period::Hour {
            return first_day(period, self.day(micros)).to_string();
        }
        let at = self.zone.from_utc_datetime(&utc(micros));
        let ahead = at.offset().fix().local_minus_utc();
        let (sign, off) = if ahead < 0 { ('-', -ahead) } else { ('+', ahead) };
        format!("{}{sign}{:02}:{:02}", at.format("%Y-%m-%dT%H:00:00"), off / 3600, off / 60 % 60)
    }

    /// The keys of all periods from one instant to another. Looks every quarter of an hour: no offset of the tests' zones
    /// is finer.
    pub(crate) fn keys(self, period: Period, low: i64, high: i64) -> Vec<String> {
        let minutes = if period == Period::Hour { 15 } else { 6 * 60 };
        let step = minutes * 60_000_000;
        let mut keys = vec![self.key(period, low)];
        let mut at = low.div_euclid(step) * step + step;
        while at < high {
            push_new(&mut keys, self.key(period, at));
            at += step;
        }
        push_new(&mut keys, self.key(period, high));
        keys
    }
}

fn push_new(keys: &mut Vec<String>, key: String) {
    if keys.last() != Some(&key) {
        keys.push(key);
    }
}

/// First day of the period that holds a day.
pub(crate) fn first_day(period: Period, day: NaiveDate) -> NaiveDate {
    match period {
        Period::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
        Period::Month => day.with_day(1).unwrap(),
        Period::Quarter => NaiveDate::from_ymd_opt(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).unwrap(),
        Period::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap(),
        _ => day,
    }
}

/// First day of the next period.
pub(crate) fn next_first_day(period: Period, first: NaiveDate) -> NaiveDate {
    match period {
        Period::Week => first + Days::new(7),
        Period::Month => first + Months::new(1),
        Period::Quarter => first + Months::new(3),
        Period::Year => first + Months::new(12),
        _ => first + Days::new(1),
    }
}

fn utc(micros: i64) -> NaiveDateTime {
    DateTime::from_timestamp_micros(micros).unwrap().naive_utc()
}
