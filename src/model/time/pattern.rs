//! Custom date and time patterns, `yyyy-MM`, and the standard ones of a single letter: those that .NET has, with the names
//! and separators of its invariant culture. A time is shown as .NET shows one that carries its offset, so `K` is the offset and
//! never `Z`. Patterns only write; reading of dates is in [`parse`](super::parse).

use std::fmt::Write as _;

use crate::model::time::calendar::date_of;
use crate::model::time::{DAY, SECOND};

/// A pattern, read once and then filled in for each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    parts: Vec<Part>,
    /// Whether the time is shown in UTC, as `r`, `u` and `U` do.
    in_utc: bool,
}

/// Most characters of a pattern. Each group of an answer repeats its text, so it must not be as long as a query may be.
const MOST_CHARACTERS: usize = 100;

/// Most letters of a fraction of a second: 100 nanoseconds are one tick of .NET's clock.
const MOST_DIGITS: usize = 7;

/// What a run of one letter stands for; the number is how often the letter stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Era,
    Year(usize),
    Month(usize),
    Day(usize),
    /// From 0 to 23.
    Hour(usize),
    /// From 1 to 12.
    ClockHour(usize),
    Minute(usize),
    Second(usize),
    Fraction(usize),
    /// Without zeros at its end, and without the point before it if nothing is left.
    ShortFraction(usize),
    /// `AM` or `PM`.
    HalfDay(usize),
    Offset(usize),
}

impl Pattern {
    /// The pattern of that text: of one letter a standard pattern, of several characters a custom one. Else what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut chars = text.chars();
        let custom = match (chars.next(), chars.next()) {
            (None, _) => return Err("the pattern is empty".to_owned()),
            (Some(letter), None) => standard(letter).ok_or_else(|| format!("`{letter}` alone is no pattern"))?,
            _ if text.chars().nth(MOST_CHARACTERS).is_some() => {
                return Err(format!("a pattern has at most {MOST_CHARACTERS} characters"));
            }
            _ => text,
        };
        let in_utc = matches!(text, "r" | "R" | "u" | "U");
        Ok(Self { text: text.to_owned(), parts: custom_parts(custom)?, in_utc })
    }

    /// The text that it was read from.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether every time shows as the same text, though it was not put in quotes.
    pub(crate) fn shows_nothing(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_))) && !self.text.contains(['\'', '"', '\\'])
    }

    /// Whether some times may show as the empty text.
    pub(crate) fn may_be_empty(&self) -> bool {
        // Half a second shows in a short fraction, a whole one does not and takes a point with it.
        self.parts.iter().all(|part| match part {
            Part::ShortFraction(_) => true,
            Part::Text(text) => text.chars().all(|c| c == '.'),
            _ => false,
        })
    }

    /// A time by the wall clock (microseconds since 1970 local) and the seconds that this clock is ahead of UTC.
    pub(crate) fn format(&self, local: i64, offset_seconds: i32) -> String {
        let shown = match self.in_utc {
            true => Shown::new(local - i64::from(offset_seconds) * SECOND, 0),
            false => Shown::new(local, offset_seconds),
        };
        let mut out = String::new();
        for part in &self.parts {
            shown.push(part, &mut out);
        }
        out
    }

    /// A day of a field that has no time: its midnight in UTC.
    pub(crate) fn format_day(&self, day: i32) -> String {
        self.format(i64::from(day) * DAY, 0)
    }
}

/// The custom pattern that a single letter is short for.
fn standard(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "MM/dd/yyyy",
        'D' => "dddd, dd MMMM yyyy",
        'f' => "dddd, dd MMMM yyyy HH:mm",
        'F' | 'U' => "dddd, dd MMMM yyyy HH:mm:ss",
        'g' => "MM/dd/yyyy HH:mm",
        'G' => "MM/dd/yyyy HH:mm:ss",
        'm' | 'M' => "MMMM dd",
        'o' | 'O' => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        'r' | 'R' => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        's' => "yyyy-MM-ddTHH:mm:ss",
        't' => "HH:mm",
        'T' => "HH:mm:ss",
        'u' => "yyyy-MM-dd HH:mm:ssZ",
        'y' | 'Y' => "yyyy MMMM",
        _ => return None,
    })
}

/// A custom pattern in parts. What is no letter of a pattern stands for itself; in the invariant culture so do `/` and `:`.
fn custom_parts(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' | '"' => loop {
                match rest.next() {
                    Some(end) if end == c => break,
                    Some('\\') => push_text(&mut parts, escaped(rest.next())?),
                    Some(other) => push_text(&mut parts, other),
                    None => return Err(format!("`{c}` is not closed")),
                }
            },
            '\\' => push_text(&mut parts, escaped(rest.next())?),
            // Makes one letter a custom pattern; more of the same letter behind it are another one.
            '%' => match rest.next() {
                Some(letter) if !matches!(letter, '%' | '\'' | '"' | '\\') => push(&mut parts, letter, 1)?,
                _ => return Err("`%` needs a letter behind it".to_owned()),
            },
            'K' => push(&mut parts, c, 1)?,
            _ => {
                let mut length = 1;
                while rest.next_if_eq(&c).is_some() {
                    length += 1;
                }
                push(&mut parts, c, length)?;
            }
        }
    }
    Ok(parts)
}

fn escaped(next: Option<char>) -> Result<char, String> {
    next.ok_or_else(|| "`\\` needs a character behind it".to_owned())
}

/// Adds what a run of one character stands for.
fn push(parts: &mut Vec<Part>, c: char, length: usize) -> Result<(), String> {
    parts.push(match c {
        'f' | 'F' if length > MOST_DIGITS => return Err(format!("at most {MOST_DIGITS} `{c}` stand in a row")),
        'g' => Part::Era,
        'y' => Part::Year(length),
        'M' => Part::Month(length),
        'd' => Part::Day(length),
        'H' => Part::Hour(length),
        'h' => Part::ClockHour(length),
        'm' => Part::Minute(length),
        's' => Part::Second(length),
        'f' => Part::Fraction(length),
        'F' => Part::ShortFraction(length),
        't' => Part::HalfDay(length),
        'z' => Part::Offset(length),
        // An offset as RFC 3339 has it.
        'K' => Part::Offset(3),
        _ => {
            (0..length).for_each(|_| push_text(parts, c));
            return Ok(());
        }
    });
    Ok(())
}

fn push_text(parts: &mut Vec<Part>, c: char) {
    match parts.last_mut() {
        Some(Part::Text(text)) => text.push(c),
        _ => parts.push(Part::Text(c.into())),
    }
}

/// The numbers of a time that patterns show.
struct Shown {
    year: i32,
    month: u32,
    day: u32,
    /// From Sunday.
    weekday: usize,
    /// Microseconds since midnight.
    of_day: i64,
    offset_seconds: i32,
}

impl Shown {
    fn new(local: i64, offset_seconds: i32) -> Self {
        let day_number = local.div_euclid(DAY) as i32;
        let (year, month, day) = date_of(day_number);
        // Day 0 was a Thursday.
        let weekday = (day_number + 4).rem_euclid(7) as usize;
        Self { year, month, day, weekday, of_day: local.rem_euclid(DAY), offset_seconds }
    }

    fn push(&self, part: &Part, out: &mut String) {
        let seconds = self.of_day / SECOND;
        let hour = seconds / 3600;
        match *part {
            Part::Text(ref text) => out.push_str(text),
            Part::Era => out.push_str("A.D."),
            Part::Year(length @ 1..=2) => push_number(out, self.year.rem_euclid(100).into(), length),
            Part::Year(length) => push_number(out, self.year.into(), length),
            Part::Month(length @ 1..=2) => push_number(out, self.month.into(), length),
            Part::Month(length) => push_name(out, MONTHS[self.month as usize - 1], length),
            Part::Day(length @ 1..=2) => push_number(out, self.day.into(), length),
            Part::Day(length) => push_name(out, WEEKDAYS[self.weekday], length),
            Part::Hour(length) => push_number(out, hour, length.min(2)),
            Part::ClockHour(length) => push_number(out, (hour + 11) % 12 + 1, length.min(2)),
            Part::Minute(length) => push_number(out, seconds / 60 % 60, length.min(2)),
            Part::Second(length) => push_number(out, seconds % 60, length.min(2)),
            Part::Fraction(length) => out.extend(self.ticks().chars().take(length)),
            Part::ShortFraction(length) => {
                let ticks = self.ticks();
                let digits = ticks.get(..length).unwrap_or(&ticks).trim_end_matches('0');
                out.push_str(digits);
                if digits.is_empty() && out.ends_with('.') {
                    out.pop();
                }
            }
            Part::HalfDay(length) => {
                let name = if hour < 12 { "AM" } else { "PM" };
                out.extend(name.chars().take(length));
            }
            Part::Offset(length) => self.push_offset(out, length),
        }
    }

    /// The seven digits of the fraction of a second.
    fn ticks(&self) -> String {
        format!("{:06}0", self.of_day % SECOND)
    }

    /// `+1`, `+01` or `+01:00`; seconds, which offsets had before zones were set by law, are left out.
    fn push_offset(&self, out: &mut String, length: usize) {
        out.push(if self.offset_seconds < 0 { '-' } else { '+' });
        let minutes = i64::from(self.offset_seconds.abs() / 60);
        push_number(out, minutes / 60, length.min(2));
        if length > 2 {
            out.push(':');
            push_number(out, minutes % 60, 2);
        }
    }
}

fn push_number(out: &mut String, number: i64, width: usize) {
    let _ = write!(out, "{number:0width$}");
}

/// Three letters of a name, or all of it.
fn push_name(out: &mut String, name: &str, length: usize) {
    out.extend(name.chars().take(if length == 3 { 3 } else { usize::MAX }));
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

#[cfg(test)]
mod tests;
