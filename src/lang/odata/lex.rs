//! The next token of a decoded text. Never fails: what is no token is one of its own kind. Tokens are read one by one, since
//! what stands behind `$search=` has other ones, and a colon in `case` may end a number.

use nom::character::complete::satisfy;
use nom::combinator::recognize;
use nom::sequence::preceded;
use nom::{IResult, Parser};

use crate::lang::odata::ast::Suffix;
use crate::lang::odata::literal::{
    begins_name, date, dotted, guid, hour_and_minute, identifier, is_of_name, local_date_time, nan_or_infinity, number,
    offset, time_of_day,
};

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where the blanks before it begin.
    pub(super) blanks: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The end of the text.
    End,
    /// `Name`, `Ns.Name`.
    Name,
    /// `$it`, `$count`.
    Dollar,
    /// `@p`, `@Ns.Term`.
    At,
    Literal(Shape),
    /// A string in `'` or `"` without its end.
    Unclosed(char),
    /// `( ) [ ] { } , : ; / = * . - #` and what begins no token.
    Mark(char),
}

/// What a literal looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `'…'`.
    String,
    /// `"…"`.
    Json,
    /// `datetime'…'`, `Ns.Color'…'`.
    Prefixed,
    Integer,
    Number,
    Suffixed(Suffix),
    Guid,
    Date,
    DateZ,
    DateTimeOffset,
    /// With a blank where `+` of the offset was, which a form decoded.
    BlankOffset,
    /// Without an offset, which the standard asks for.
    LocalDateTime,
    TimeOfDay,
}

/// Words that a quote may follow at once.
const PREFIXES: [&str; 9] =
    ["binary", "datetime", "datetimeoffset", "duration", "geography", "geometry", "guid", "time", "x"];

/// The token at or behind a place. `ends_at_colon`: a colon behind a number may end the condition of a `case`.
pub(super) fn next(text: &str, at: usize, ends_at_colon: bool) -> Token {
    let rest = text.get(at..).unwrap_or("");
    let body = rest.trim_start();
    let start = text.len() - body.len();
    let (kind, after) = token(body, ends_at_colon);
    Token { kind, blanks: at, start, end: text.len() - after.len() }
}

fn token(body: &str, ends_at_colon: bool) -> (Kind, &str) {
    let Some(first) = body.chars().next() else { return (Kind::End, body) };
    match first {
        '\'' => string(body, Kind::Literal(Shape::String)),
        '"' => json_string(body),
        '$' => prefixed(body, '$', Kind::Dollar),
        '@' => prefixed(body, '@', Kind::At),
        '0'..='9' | '+' | '-' => numeric(body, ends_at_colon),
        c if begins_name(c) => match guid(body).ok().filter(|(after, _)| !after.starts_with(is_of_name)) {
            Some((after, _)) => (Kind::Literal(Shape::Guid), after),
            None => word(body),
        },
        c => mark(body, c),
    }
}

fn mark(body: &str, c: char) -> (Kind, &str) {
    (Kind::Mark(c), body.get(c.len_utf8()..).unwrap_or(""))
}

/// A name, or a literal in quotes that begins with one.
fn word(body: &str) -> (Kind, &str) {
    let Ok((after, name)) = dotted(body) else { return (Kind::End, body) };
    let is_prefix = || name.contains('.') || PREFIXES.iter().any(|prefix| prefix.eq_ignore_ascii_case(name));
    match after.starts_with('\'') && is_prefix() {
        true => string(after, Kind::Literal(Shape::Prefixed)),
        false => (Kind::Name, after),
    }
}

/// A string and what follows it; `''` in it is a quote.
fn string(body: &str, kind: Kind) -> (Kind, &str) {
    let mut rest = body.get(1..).unwrap_or("");
    while let Some((_, after)) = rest.split_once('\'') {
        match after.strip_prefix('\'') {
            Some(more) => rest = more,
            None => return (kind, after),
        }
    }
    (Kind::Unclosed('\''), "")
}

fn json_string(body: &str) -> (Kind, &str) {
    let mut is_escaped = true;
    for (at, c) in body.char_indices() {
        match c {
            '"' if !is_escaped => return (Kind::Literal(Shape::Json), body.get(at + 1..).unwrap_or("")),
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    (Kind::Unclosed('"'), "")
}

fn prefixed(body: &str, sign: char, kind: Kind) -> (Kind, &str) {
    let named: IResult<&str, &str> = preceded(satisfy(|c| c == sign), dotted).parse(body);
    named.map_or_else(|_| mark(body, sign), |(after, _)| (kind, after))
}

/// Whether nothing follows that would belong to a number.
fn ends(after: &str) -> bool {
    !after.starts_with(is_of_name)
}

/// The longest of what a digit or a sign begins.
fn numeric(body: &str, ends_at_colon: bool) -> (Kind, &str) {
    if let Some((after, _)) = guid(body).ok().filter(|(after, _)| ends(after)) {
        return (Kind::Literal(Shape::Guid), after);
    }
    if let Some(found) = dated(body) {
        return found;
    }
    if let Some(after) = time(body, ends_at_colon) {
        return (Kind::Literal(Shape::TimeOfDay), after);
    }
    if let Ok((after, text)) = number(body) {
        let suffix = after.chars().next().and_then(suffix).filter(|_| after.get(1..).is_none_or(ends));
        return match suffix {
            Some(suffix) => (Kind::Literal(Shape::Suffixed(suffix)), after.get(1..).unwrap_or("")),
            None if text.contains(['.', 'e', 'E']) => (Kind::Literal(Shape::Number), after),
            None => (Kind::Literal(Shape::Integer), after),
        };
    }
    if let Some((after, _)) = nan_or_infinity(body).ok().filter(|(after, _)| ends(after)) {
        return (Kind::Literal(Shape::Number), after);
    }
    let c = if body.starts_with('+') { '+' } else { '-' };
    mark(body, c)
}

fn suffix(c: char) -> Option<Suffix> {
    match c.to_ascii_lowercase() {
        'l' => Some(Suffix::Long),
        'm' => Some(Suffix::Decimal),
        'd' => Some(Suffix::Double),
        'f' => Some(Suffix::Single),
        _ => None,
    }
}

/// A date, perhaps with a time.
fn dated(body: &str) -> Option<(Kind, &str)> {
    let of = |shape, after| Some((Kind::Literal(shape), after));
    if let Ok((after, _)) = local_date_time(body) {
        if let Some((after, _)) = offset(after).ok().filter(|(after, _)| ends(after)) {
            return of(Shape::DateTimeOffset, after);
        }
        let blank = preceded(satisfy(|c| c == ' '), recognize(hour_and_minute)).parse(after).ok();
        if let Some((after, _)) = blank.filter(|(after, _): &(&str, &str)| ends(after)) {
            return of(Shape::BlankOffset, after);
        }
        if ends(after) {
            return of(Shape::LocalDateTime, after);
        }
    }
    let (after, _) = date(body).ok()?;
    let zone = after.strip_prefix(['Z', 'z']).filter(|after| ends(after));
    match zone {
        Some(after) => of(Shape::DateZ, after),
        None => of(Shape::Date, after).filter(|_| ends(after)),
    }
}

/// A time of day. Where a colon may end it, one that a colon or an operator follows; else it is a number, a colon and a
/// number, as in `case(A eq 10:20)`.
fn time(body: &str, ends_at_colon: bool) -> Option<&str> {
    let whole = time_of_day(body).ok().map(|(after, _)| after).filter(|after| ends(after))?;
    let behind = whole.trim_start();
    let goes_on = behind.starts_with(':') || (behind.len() < whole.len() && behind.starts_with(char::is_alphabetic));
    if !ends_at_colon || goes_on {
        return Some(whole);
    }
    let (short, _) = hour_and_minute(body).ok()?;
    short.trim_start().starts_with(':').then_some(short)
}

/// `name` or `name#qualifier` behind an `@`, whose token ends at `end`: where the qualifier ends, if there is one.
pub(super) fn qualifier(text: &str, end: usize) -> Option<usize> {
    let rest = text.get(end..)?.strip_prefix('#')?;
    let (after, _) = identifier(rest).ok()?;
    Some(text.len() - after.len())
}
