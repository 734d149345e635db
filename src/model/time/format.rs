//! Instants, days and durations as text: the keys of groups and the cells of answers.

use std::fmt::Write as _;

use crate::model::time::calendar::date_of;
use crate::model::time::{DAY, SECOND};

/// `YYYY-MM-DD`.
pub(crate) fn format_date(day: i32) -> String {
    let (year, month, day) = date_of(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// RFC 3339 with `Z`, with a fraction only if it is not zero and then without zeros at its end.
pub(crate) fn format_instant(micros: i64) -> String {
    let mut out = format_date(micros.div_euclid(DAY) as i32);
    out.push('T');
    push_clock(&mut out, micros.rem_euclid(DAY).unsigned_abs());
    out.push('Z');
    out
}

/// RFC 3339 of a local hour with its offset.
pub(crate) fn format_local_hour(local: i64, offset_seconds: i32) -> String {
    let mut out = format_date(local.div_euclid(DAY) as i32);
    out.push('T');
    push_clock(&mut out, local.rem_euclid(DAY).unsigned_abs());
    let (sign, ahead) = if offset_seconds < 0 { ('-', -offset_seconds) } else { ('+', offset_seconds) };
    let _ = write!(out, "{sign}{:02}:{:02}", ahead / 3600, ahead / 60 % 60);
    // Before zones were set by law, offsets had seconds.
    if ahead % 60 != 0 {
        let _ = write!(out, ":{:02}", ahead % 60);
    }
    out
}

/// `[-]hh:mm:ss[.f]`; hours may go beyond 24.
pub(crate) fn format_duration(micros: i64) -> String {
    let mut out = String::new();
    if micros < 0 {
        out.push('-');
    }
    push_clock(&mut out, micros.unsigned_abs());
    out
}

/// `hh:mm:ss[.f]`.
pub(crate) fn format_time(micros: i64) -> String {
    let mut out = String::new();
    push_clock(&mut out, micros.unsigned_abs());
    out
}

fn push_clock(out: &mut String, micros: u64) {
    let (seconds, fraction) = (micros / SECOND.unsigned_abs(), micros % SECOND.unsigned_abs());
    let _ = write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction != 0 {
        let digits = format!("{fraction:06}");
        let _ = write!(out, ".{}", digits.trim_end_matches('0'));
    }
}
