//! Statuses and durations as people read them.

use crate::model::time::{DAY, HOUR, SECOND};

/// `In Progress` of `InProgress`: a blank before a capital behind a small letter.
pub(super) fn in_words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            out.push(' ');
        }
        out.push(c);
        before = c;
    }
    out
}

/// `5 minutes`, `1 hour 30 minutes`, `2 days`, `-1.5 seconds`: the units that there are some of, the largest first.
pub(super) fn duration(micros: i64) -> String {
    let mut rest = micros.unsigned_abs();
    let mut parts = Vec::new();
    for (unit, name) in [(DAY, "day"), (HOUR, "hour"), (60 * SECOND, "minute")] {
        let n = rest / unit.unsigned_abs();
        rest %= unit.unsigned_abs();
        if n > 0 {
            parts.push(format!("{n} {name}{}", if n == 1 { "" } else { "s" }));
        }
    }
    let (seconds, fraction) = (rest / SECOND.unsigned_abs(), rest % SECOND.unsigned_abs());
    match fraction {
        0 if seconds == 0 && parts.is_empty() => parts.push("0 minutes".to_owned()),
        0 if seconds == 0 => {}
        0 if seconds == 1 => parts.push("1 second".to_owned()),
        0 => parts.push(format!("{seconds} seconds")),
        _ => parts.push(format!("{seconds}.{} seconds", format!("{fraction:06}").trim_end_matches('0'))),
    }
    let sign = if micros < 0 { "-" } else { "" };
    format!("{sign}{}", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{duration, in_words};
    use crate::model::time::parse::parse_duration;
    use crate::model::time::{DAY, HOUR, SECOND};

    #[test]
    fn statuses_get_blanks_once() {
        for (name, shown) in [
            ("InProgress", "In Progress"),
            ("In Progress", "In Progress"),
            ("NotRun", "Not Run"),
            ("Failed", "Failed"),
            ("QA", "QA"),
            ("", ""),
            ("éÉ", "é É"),
        ] {
            assert_eq!(in_words(name), shown);
        }
    }

    #[test]
    fn durations_read_back_where_they_have_no_seconds() {
        let minute = 60 * SECOND;
        for (micros, shown) in [
            (5 * minute, "5 minutes"),
            (minute, "1 minute"),
            (HOUR + 30 * minute, "1 hour 30 minutes"),
            (2 * DAY + minute, "2 days 1 minute"),
            (-5 * minute, "-5 minutes"),
            (0, "0 minutes"),
        ] {
            assert_eq!(duration(micros), shown);
            assert_eq!(parse_duration(shown).map(|parsed| parsed.micros), Some(micros), "{shown}");
        }
        assert_eq!([SECOND, 1_500_000, 61 * SECOND].map(duration), ["1 second", "1.5 seconds", "1 minute 1 second"]);
        assert!(duration(i64::MIN).starts_with("-106751991 days 4 hours"));
    }
}
