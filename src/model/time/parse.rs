//! Text to days, instants, durations and spans; shared by data and by literals of queries.

use crate::model::time::calendar::{Span, Unit, day_number, instant_in_calendar};
use crate::model::time::zone::Zone;
use crate::model::time::{DAY, HOUR, SECOND};

/// An instant or duration as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) micros: i64,
    /// Whether digits below a microsecond were cut.
    pub(crate) cut: bool,
}

/// `2011-1-1` or `2011-01-01`: a day of years 1 to 9999 in days since 1970.
pub(crate) fn parse_date(text: &str) -> Option<i32> {
    let mut parts = text.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?;
    let (month, day) = (parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    day_number(number(year, 4)? as i32, number(month, 2)? as u32, number(day, 2)? as u32)
}

/// An ISO 8601 date and time, `T` or one blank between them; seconds, fraction and offset optional. Without an offset it is
/// local time of `zone`.
pub(crate) fn parse_instant(text: &str, zone: &Zone) -> Option<Parsed> {
    let at = text.find(['T', 't', ' '])?;
    let (date, clock) = (text.get(..at)?, text.get(at + 1..)?);
    let day = parse_date(date)?;
    let (clock, offset) = split_offset(clock)?;
    let clock = parse_clock(clock, false)?;
    let of_day = i64::try_from(clock.micros).ok().filter(|micros| *micros < DAY)?;
    let local = i64::from(day) * DAY + of_day;
    let micros = offset.map_or_else(|| zone.to_instant(local), |offset| local - offset * SECOND);
    Some(Parsed { micros: instant_in_calendar(micros)?, cut: clock.cut })
}

/// `[-]h:mm:ss[.f]` with any number of hours: the only text that data takes for a duration by itself.
pub(crate) fn parse_clock_duration(text: &str) -> Option<Parsed> {
    let (negative, clock) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let clock = parse_clock(clock, true)?;
    let micros = i64::try_from(if negative { -clock.micros } else { clock.micros }).ok()?;
    Some(Parsed { micros, cut: clock.cut })
}

/// A clock duration, or amounts of weeks, days, hours and minutes: `2 weeks`, `2d 4h`, `4d,2h`. A day is 24 hours and `m` is
/// minutes.
pub(crate) fn parse_duration(text: &str) -> Option<Parsed> {
    if let Some(parsed) = parse_clock_duration(text) {
        return Some(parsed);
    }
    let (negative, amounts) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut total = 0i64;
    for (amount, unit) in parse_amounts(amounts)? {
        let micros = match unit {
            Unit::Minute => 60 * SECOND,
            Unit::Hour => HOUR,
            Unit::Day => DAY,
            Unit::Week => 7 * DAY,
            Unit::Second | Unit::Month | Unit::Year => return None,
        };
        total = total.checked_add(amount.checked_mul(micros)?)?;
    }
    Some(Parsed { micros: if negative { -total } else { total }, cut: false })
}

/// A sign, then amounts with units: `-1 week`, `+2d 4h`, `-3mo`.
pub(crate) fn parse_span(text: &str) -> Option<Span> {
    let negative = text.starts_with('-');
    let amounts = text.strip_prefix(['-', '+'])?;
    Some(Span { negative, parts: parse_amounts(amounts)? })
}

/// Amount and unit pairs, apart by blanks or commas or nothing.
fn parse_amounts(text: &str) -> Option<Vec<(i64, Unit)>> {
    let mut rest = text.trim();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, behind) =
            rest.split_at_checked(n_digits).filter(|(digits, _)| (1..=18).contains(&digits.len()))?;
        let behind = behind.trim_start();
        let n_letters = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (letters, behind) = behind.split_at_checked(n_letters)?;
        parts.push((digits.parse().ok()?, unit(letters)?));
        rest = behind.trim_start_matches([' ', '\t', '\n', '\r', ',']);
        if rest.is_empty() && behind.trim_end().ends_with(',') {
            return None;
        }
    }
    (!parts.is_empty()).then_some(parts)
}

/// The unit that a word shortens; `m` is minutes, months need `mo`.
fn unit(word: &str) -> Option<Unit> {
    let units = [
        ("minutes", Unit::Minute),
        ("months", Unit::Month),
        ("weeks", Unit::Week),
        ("days", Unit::Day),
        ("hours", Unit::Hour),
        ("seconds", Unit::Second),
        ("years", Unit::Year),
    ];
    let word = word.to_ascii_lowercase();
    units.into_iter().find(|(name, _)| !word.is_empty() && name.starts_with(&word)).map(|(_, unit)| unit)
}

/// What a clock shows, as yet without the sign of a duration: the least duration is one longer than the greatest.
struct Clock {
    micros: i128,
    cut: bool,
}

/// Digits in the hours of the longest duration.
const MOST_HOUR_DIGITS: usize = 10;

/// `hh:mm[:ss[.f]]`; a duration needs its seconds and may have more than two digits of hours.
fn parse_clock(text: &str, is_duration: bool) -> Option<Clock> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() || minutes.len() != 2 || (is_duration && seconds.is_none()) {
        return None;
    }
    let hours = number(hours, if is_duration { MOST_HOUR_DIGITS } else { 2 })?;
    let minutes = number(minutes, 2).filter(|minutes| *minutes < 60)?;
    let (seconds, fraction) =
        seconds.map_or(("00", None), |s| s.split_once('.').map_or((s, None), |(s, f)| (s, Some(f))));
    let seconds = number(seconds, 2).filter(|s| *s < 60 && seconds.len() == 2)?;
    let (mut micros, mut cut) = (0, false);
    if let Some(fraction) = fraction {
        if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (kept, rest) = fraction.split_at_checked(6).unwrap_or((fraction, ""));
        micros = kept.parse::<i64>().ok()? * 10i64.pow(6 - kept.len() as u32);
        cut = rest.bytes().any(|b| b != b'0');
    }
    let below_hour = minutes * 60 * SECOND + seconds * SECOND + micros;
    Some(Clock { micros: i128::from(hours) * i128::from(HOUR) + i128::from(below_hour), cut })
}

/// The clock and the offset in seconds: `Z`, `±hh:mm`, `±hhmm`, `±hh`, or none.
fn split_offset(text: &str) -> Option<(&str, Option<i64>)> {
    let text = text.trim_end_matches(' ');
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, Some(0)));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, None)) };
    let (clock, offset) = text.split_at_checked(at)?;
    let (negative, digits) = (offset.starts_with('-'), offset.get(1..)?);
    let (hours, minutes) = match digits.len() {
        2 => (digits, "00"),
        4 => digits.split_at_checked(2)?,
        5 => digits.split_once(':')?,
        _ => return None,
    };
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2).filter(|m| *m < 60 && minutes.len() == 2)?);
    let seconds = hours * 3600 + minutes * 60;
    if hours > 23 {
        return None;
    }
    Some((clock.trim_end_matches(' '), Some(if negative { -seconds } else { seconds })))
}

/// Up to `most` digits and nothing else.
fn number(text: &str, most: usize) -> Option<i64> {
    let fits = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{parse_clock_duration, parse_date, parse_duration, parse_instant, parse_span};
    use crate::model::time::calendar::Unit;
    use crate::model::time::format::{format_date, format_duration, format_instant};
    use crate::model::time::zone::Zone;
    use proptest::prelude::*;

    #[test]
    fn dates_need_a_real_day() {
        assert_eq!(parse_date("1970-1-1"), Some(0));
        assert_eq!(parse_date("2024-02-29").map(format_date).as_deref(), Some("2024-02-29"));
        for text in ["2023-02-29", "70-1-1", "2024-13-1", "2024-1-1-1", "2024-1", "2024-001-1", "+2024-1-1", "0000-1-1"]
        {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn instants_in_every_accepted_form() {
        let utc = Zone::utc();
        for (text, shown) in [
            ("2015-02-13 16:13:00", "2015-02-13T16:13:00Z"),
            ("2015-02-13T16:13", "2015-02-13T16:13:00Z"),
            ("2015-02-13t16:13:00.500Z", "2015-02-13T16:13:00.5Z"),
            ("2015-09-07T14:53:09-04:00", "2015-09-07T18:53:09Z"),
            ("2015-09-07T14:53:09+0530", "2015-09-07T09:23:09Z"),
            ("2015-09-07T14:53:09 +05", "2015-09-07T09:53:09Z"),
        ] {
            assert_eq!(parse_instant(text, &utc).map(|p| format_instant(p.micros)).as_deref(), Some(shown), "{text}");
        }
        assert!(parse_instant("2015-02-13T16:13:00.1234567Z", &utc).unwrap().cut);
        assert!(!parse_instant("2015-02-13T16:13:00.1234560Z", &utc).unwrap().cut);
        for text in [
            "2015-02-13",
            "2015-02-13T24:00:00Z",
            "2015-02-13T1:2",
            "2015-02-13T16:60Z",
            "2015-02-13T16:13:00+25:00",
            "T",
        ] {
            assert_eq!(parse_instant(text, &utc), None, "{text}");
        }
    }

    #[test]
    fn local_times_in_gaps_and_folds() {
        let zone = Zone::named("America/New_York").unwrap();
        let shown = |text| format_instant(parse_instant(text, &zone).unwrap().micros);
        assert_eq!(shown("2024-03-10T02:30"), "2024-03-10T07:00:00Z");
        assert_eq!(shown("2024-11-03T01:30"), "2024-11-03T05:30:00Z");
    }

    #[test]
    fn durations_and_spans() {
        let hours = |text| parse_duration(text).map(|p| p.micros / 1_000_000);
        assert_eq!(hours("2 weeks"), Some(14 * 86_400));
        assert_eq!(hours("2d 4h"), Some(2 * 86_400 + 4 * 3600));
        assert_eq!(hours("4d,2h"), Some(4 * 86_400 + 2 * 3600));
        assert_eq!(hours("5m"), Some(300));
        assert_eq!(hours("-1 hou"), Some(-3600));
        assert_eq!(hours("100:00:01"), Some(360_001));
        for text in ["5", "m", "5mo", "5 x", "", "1:2:3", "5m,", "99999999999999999999m"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
        assert_eq!(parse_clock_duration("5m"), None);
        assert_eq!(parse_clock_duration("20000000:00:00"), parse_duration("20000000h"));
        for extreme in [i64::MIN, i64::MAX] {
            assert_eq!(parse_clock_duration(&format_duration(extreme)).map(|p| p.micros), Some(extreme));
        }
        for text in ["2562047788:00:54.775808", "9999999999:59:59", "00000000001:00:00"] {
            assert_eq!(parse_clock_duration(text), None, "{text}");
        }
        assert_eq!(parse_span("-1mo 2 years").unwrap().parts, [(1, Unit::Month), (2, Unit::Year)]);
        assert_eq!(parse_span("1 week"), None);
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(micros in -62_135_596_800_000_000i64..253_402_300_800_000_000, day in -719_162..=2_932_896i32, duration in any::<i64>()) {
            prop_assert_eq!(parse_instant(&format_instant(micros), &Zone::utc()).map(|p| p.micros), Some(micros));
            prop_assert_eq!(parse_date(&format_date(day)), Some(day));
            prop_assert_eq!(parse_clock_duration(&format_duration(duration)).map(|p| p.micros), Some(duration));
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,24}") {
            let _ = (parse_date(&text), parse_instant(&text, &Zone::utc()), parse_duration(&text), parse_span(&text));
        }
    }
}
