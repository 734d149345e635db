//! Patterns as tables: what each letter shows, what is copied, what is refused.

use super::Pattern;
use crate::model::time::parse::{parse_date, parse_instant};
use crate::model::time::zone::Zone;

/// The text for a local time with a number of minutes ahead of UTC.
fn shown(pattern: &str, local: &str, minutes: i32) -> String {
    let local = parse_instant(local, &Zone::utc()).unwrap().micros;
    Pattern::parse(pattern).unwrap().format(local, minutes * 60)
}

#[test]
fn letters_of_custom_patterns() {
    // A Monday afternoon.
    let at = "2009-06-15T13:05:07.0617250";
    for (pattern, expected) in [
        ("yyyy-MM", "2009-06"),
        ("%d", "15"),
        ("dd", "15"),
        ("ddd", "Mon"),
        ("dddd", "Monday"),
        ("dddddd", "Monday"),
        ("%M", "6"),
        ("MM", "06"),
        ("MMM", "Jun"),
        ("MMMM", "June"),
        ("MMMMM", "June"),
        ("%y", "9"),
        ("yy", "09"),
        ("yyy", "2009"),
        ("yyyy", "2009"),
        ("yyyyy", "02009"),
        ("yyyyyyyyyyyyyyyyyy", "000000000000002009"),
        ("%h", "1"),
        ("hh", "01"),
        ("hhhh", "01"),
        ("%H", "13"),
        ("HH", "13"),
        ("%m", "5"),
        ("mm", "05"),
        ("%s", "7"),
        ("ss", "07"),
        ("sss", "07"),
        ("%f", "0"),
        ("ff", "06"),
        ("fff", "061"),
        ("ffffff", "061725"),
        ("fffffff", "0617250"),
        ("%F", ""),
        ("FF", "06"),
        ("FFFFFFF", "061725"),
        ("ss.F", "07"),
        ("ss.FF", "07.06"),
        ("ss.f", "07.0"),
        ("ss'.'F", "07"),
        ("%t", "P"),
        ("tt", "PM"),
        ("ttt", "PM"),
        ("gg", "A.D."),
        ("yyyy g", "2009 A.D."),
        ("d/M/yyyy H:m:s", "15/6/2009 13:5:7"),
    ] {
        assert_eq!(shown(pattern, at, 0), expected, "{pattern}");
    }
}

#[test]
fn what_is_no_letter_of_a_pattern_is_copied() {
    for (pattern, expected) in [
        ("yyyy.MM", "2024.03"),
        ("yyyy-Qx", "2024-Qx"),
        ("yyyy 'week of' dd", "2024 week of 01"),
        ("\"day\" d", "day 1"),
        ("'it\\'s' yyyy", "it's 2024"),
        ("'\"'yyyy", "\"2024"),
        ("\\d\\\\d", "d\\1"),
        ("''yy", "24"),
        ("%dd", "11"),
        ("%-", "-"),
        ("yyyy年M月", "2024年3月"),
        (" d", " 1"),
    ] {
        assert_eq!(shown(pattern, "2024-03-01T00:00", 0), expected, "{pattern}");
    }
}

#[test]
fn a_single_letter_is_a_standard_pattern() {
    let at = "2009-06-15T13:45:30.5";
    for (pattern, expected) in [
        ("d", "06/15/2009"),
        ("D", "Monday, 15 June 2009"),
        ("f", "Monday, 15 June 2009 13:45"),
        ("F", "Monday, 15 June 2009 13:45:30"),
        ("g", "06/15/2009 13:45"),
        ("G", "06/15/2009 13:45:30"),
        ("m", "June 15"),
        ("M", "June 15"),
        ("o", "2009-06-15T13:45:30.5000000-07:00"),
        ("O", "2009-06-15T13:45:30.5000000-07:00"),
        ("r", "Mon, 15 Jun 2009 20:45:30 GMT"),
        ("R", "Mon, 15 Jun 2009 20:45:30 GMT"),
        ("s", "2009-06-15T13:45:30"),
        ("t", "13:45"),
        ("T", "13:45:30"),
        ("u", "2009-06-15 20:45:30Z"),
        ("U", "Monday, 15 June 2009 20:45:30"),
        ("y", "2009 June"),
        ("Y", "2009 June"),
    ] {
        assert_eq!(shown(pattern, at, -7 * 60), expected, "{pattern}");
    }
}

#[test]
fn offsets_have_a_sign_and_hours() {
    for (minutes, pattern, expected) in [
        (60, "%z", "+1"),
        (60, "zz", "+01"),
        (60, "zzz", "+01:00"),
        (60, "zzzz", "+01:00"),
        (60, "%K", "+01:00"),
        (0, "%K", "+00:00"),
        (0, "KK", "+00:00+00:00"),
        (-30, "zzz", "-00:30"),
        (-570, "%z", "-9"),
        (-570, "%K", "-09:30"),
        (14 * 60, "%z", "+14"),
    ] {
        assert_eq!(shown(pattern, "2024-01-01T00:00", minutes), expected, "{minutes} {pattern}");
    }
}

#[test]
fn clocks_of_twelve_hours_begin_at_twelve() {
    for (at, expected) in [("00:30", "12 AM"), ("01:00", "1 AM"), ("12:00", "12 PM"), ("23:59", "11 PM")] {
        assert_eq!(shown("h tt", &format!("2024-01-01T{at}"), 0), expected);
    }
}

#[test]
fn days_have_midnight_and_years_beyond_the_calendar_are_numbers() {
    let pattern = Pattern::parse("ddd yyyy-MM-dd HH:mm:ss").unwrap();
    assert_eq!(pattern.format_day(parse_date("1969-12-28").unwrap()), "Sun 1969-12-28 00:00:00");
    assert_eq!(pattern.format_day(crate::model::time::calendar::LAST_DAY + 1), "Sat 10000-01-01 00:00:00");
    assert_eq!(pattern.format_day(crate::model::time::calendar::FIRST_DAY - 1), "Sun 0000-12-31 00:00:00");
}

#[test]
fn whole_seconds_may_show_as_nothing() {
    let may_be_empty = |pattern| Pattern::parse(pattern).unwrap().may_be_empty();
    assert!(["''", "%F", "'.'FF", "\"\".FFF"].into_iter().all(may_be_empty));
    assert!(!["%f", "%s", "F", "ss.F", "'-'F", "%t"].into_iter().any(may_be_empty));
}

#[test]
fn what_is_no_pattern_says_why() {
    for (pattern, reason) in [
        ("", "the pattern is empty"),
        ("Q", "`Q` alone is no pattern"),
        ("-", "`-` alone is no pattern"),
        ("%", "`%` alone is no pattern"),
        ("yyyy'", "`'` is not closed"),
        ("\"yyyy'", "`\"` is not closed"),
        ("'yyyy\\'", "`'` is not closed"),
        ("yyyy\\", "`\\` needs a character behind it"),
        ("'yyyy\\", "`\\` needs a character behind it"),
        ("yyyy%", "`%` needs a letter behind it"),
        ("%%d", "`%` needs a letter behind it"),
        ("%'d'", "`%` needs a letter behind it"),
        ("ffffffff", "at most 7 `f` stand in a row"),
        ("ss.FFFFFFFF", "at most 7 `F` stand in a row"),
    ] {
        assert_eq!(Pattern::parse(pattern), Err(reason.to_owned()), "{pattern}");
    }
    assert!(Pattern::parse(&"-".repeat(100)).is_ok());
    assert_eq!(Pattern::parse(&"-".repeat(101)), Err("a pattern has at most 100 characters".to_owned()));
}
