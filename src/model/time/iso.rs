//! Durations and times of day as ISO 8601 and OData write them.

use crate::model::time::parse::Parsed;
use crate::model::time::{DAY, HOUR, SECOND};

/// `[+-]P[nD][T[nH][nM][n[.n]S]]` in microseconds; no years, months or weeks, and some part.
pub(crate) fn parse_iso_duration(text: &str) -> Option<Parsed> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.strip_prefix('P')?;
    let (days, clock) = text.split_once('T').map_or((text, None), |(days, clock)| (days, Some(clock)));
    let (mut total, mut cut) = (0i128, false);
    let mut has_part = false;
    if !days.is_empty() {
        total += whole(days.strip_suffix('D')?)? * i128::from(DAY);
        has_part = true;
    }
    let mut rest = match clock {
        Some("") => return None,
        clock => clock.unwrap_or(""),
    };
    for (letter, unit) in [('H', HOUR), ('M', 60 * SECOND)] {
        if let Some((amount, behind)) = rest.split_once(letter) {
            total += whole(amount)? * i128::from(unit);
            rest = behind;
            has_part = true;
        }
    }
    if !rest.is_empty() {
        let seconds = rest.strip_suffix('S')?;
        let (micros, is_cut) = seconds_of(seconds)?;
        total += micros;
        cut = is_cut;
        has_part = true;
    }
    let micros = i64::try_from(if negative { -total } else { total }).ok()?;
    has_part.then_some(Parsed { micros, cut })
}

/// `hh:mm[:ss[.f]]` in microseconds since midnight.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next().unwrap_or("00"));
    let two = |text: &str, most: i128| whole(text).filter(|n| text.len() == 2 && *n <= most);
    let (hours, minutes) = (two(hours, 23)?, two(minutes, 59)?);
    two(seconds.split_once('.').map_or(seconds, |(whole, _)| whole), 59)?;
    let (micros, _) = seconds_of(seconds)?;
    let rest = parts.next();
    i64::try_from(hours * i128::from(HOUR) + minutes * i128::from(60 * SECOND) + micros).ok().filter(|_| rest.is_none())
}

/// Digits as a number; so few that sums of such numbers of days fit 128 bits.
fn whole(digits: &str) -> Option<i128> {
    let is_number = (1..=18).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// `n[.n]` in microseconds, and whether finer digits were cut.
fn seconds_of(text: &str) -> Option<(i128, bool)> {
    let (seconds, fraction) = text.split_once('.').map_or((text, "0"), |(seconds, fraction)| (seconds, fraction));
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (kept, rest) = fraction.split_at_checked(6).unwrap_or((fraction, ""));
    let micros = whole(kept)? * 10i128.pow(6 - kept.len() as u32);
    Some((whole(seconds)? * i128::from(SECOND) + micros, rest.bytes().any(|b| b != b'0')))
}

/// `[-]PnDTnHnMn.nS`.
pub(crate) fn format_iso_duration(micros: i64) -> String {
    let (sign, rest) = if micros < 0 { ("-", micros.unsigned_abs()) } else { ("", micros.unsigned_abs()) };
    let unit = |n: i64| n.unsigned_abs();
    let (days, rest) = (rest / unit(DAY), rest % unit(DAY));
    let (hours, rest) = (rest / unit(HOUR), rest % unit(HOUR));
    let (minutes, rest) = (rest / unit(60 * SECOND), rest % unit(60 * SECOND));
    let (seconds, fraction) = (rest / unit(SECOND), rest % unit(SECOND));
    let fraction = match fraction {
        0 => String::new(),
        n => format!(".{n:06}").trim_end_matches('0').to_owned(),
    };
    format!("{sign}P{days}DT{hours}H{minutes}M{seconds}{fraction}S")
}

#[cfg(test)]
mod tests {
    use super::{format_iso_duration, parse_iso_duration, parse_time};

    #[test]
    fn durations_have_days_and_a_clock() {
        let micros = |text: &str| parse_iso_duration(text).map(|parsed| (parsed.micros, parsed.cut));
        assert_eq!(micros("P12DT23H59M59.9S"), Some((1_123_199_900_000, false)));
        assert_eq!(micros("-PT1H"), Some((-3_600_000_000, false)));
        assert_eq!(micros("PT0.0000001S"), Some((0, true)));
        assert_eq!(micros("P1D"), Some((86_400_000_000, false)));
        for wrong in ["", "P", "PT", "P1", "P1Y", "P1M", "P1W", "PT1", "1D", "P-1D", "PT1S1M", "PT.5S", "PT1.S", "P1DT"]
        {
            assert_eq!(micros(wrong), None, "{wrong}");
        }
        assert_eq!(micros("P999999999999D"), None);
        assert_eq!(format_iso_duration(-90_000_500_000), "-P1DT1H0M0.5S");
        for n in [0, 1, -1, i64::MAX, i64::MIN] {
            assert_eq!(micros(&format_iso_duration(n)), Some((n, false)));
        }
    }

    #[test]
    fn times_of_day_end_before_midnight() {
        assert_eq!(parse_time("07:59:59.999"), Some(28_799_999_000));
        assert_eq!(parse_time("00:00"), Some(0));
        for wrong in ["24:00", "7:00", "07:60", "07:00:60", "07:00:00.", "07:00:00:00", "07"] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
    }
}
