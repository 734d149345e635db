//! The shapes of literals, with nom: what a token or the inside of a quoted literal must look like. Ranges of numbers and the
//! calendar are not held here.

use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case, take_while, take_while_m_n, take_while1};
use nom::character::complete::{char, digit1, one_of};
use nom::combinator::{opt, recognize, verify};
use nom::multi::separated_list1;
use nom::{IResult, Parser};

/// A shape: what of a text it covers, and what follows.
pub(crate) type Scan<'a> = IResult<&'a str, &'a str>;

/// Most characters of an identifier.
pub(crate) const MOST_OF_NAME: usize = 128;

/// Whether a whole text has a shape.
pub(crate) fn is(text: &str, shape: impl Fn(&str) -> Scan<'_>) -> bool {
    shape(text).is_ok_and(|(rest, _)| rest.is_empty())
}

/// Whether a name may begin with a character.
pub(crate) fn begins_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Whether a name may go on with a character.
pub(crate) fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || ('\u{300}'..='\u{36f}').contains(&c)
}

/// `Name`.
pub(crate) fn identifier(rest: &str) -> Scan<'_> {
    recognize((take_while_m_n(1, 1, begins_name), take_while(is_of_name))).parse(rest)
}

/// `Ns.Sub.Name`, with dots or without.
pub(crate) fn dotted(rest: &str) -> Scan<'_> {
    recognize(separated_list1(char('.'), identifier)).parse(rest)
}

fn digits(n: usize, rest: &str) -> Scan<'_> {
    take_while_m_n(n, n, |c: char| c.is_ascii_digit()).parse(rest)
}

/// Two digits of a value within bounds.
fn two(low: u8, high: u8) -> impl Fn(&str) -> Scan<'_> {
    move |rest| {
        verify(|rest| digits(2, rest), |two: &str| two.parse().is_ok_and(|n| (low..=high).contains(&n))).parse(rest)
    }
}

fn sign(rest: &str) -> IResult<&str, char> {
    one_of("+-").parse(rest)
}

/// `-42`, `3.14`, `1e-3`.
pub(crate) fn number(rest: &str) -> Scan<'_> {
    let fraction = (char('.'), digit1);
    let exponent = (one_of("eE"), opt(sign), digit1);
    recognize((opt(sign), digit1, opt(fraction), opt(exponent))).parse(rest)
}

/// `-42`, of at most so many digits.
pub(crate) fn integer(most: usize) -> impl Fn(&str) -> Scan<'_> {
    move |rest| recognize((opt(sign), take_while_m_n(1, most, |c: char| c.is_ascii_digit()))).parse(rest)
}

/// `NaN`, `INF`, `-INF`.
pub(crate) fn nan_or_infinity(rest: &str) -> Scan<'_> {
    alt((tag("NaN"), tag("-INF"), tag("INF"))).parse(rest)
}

/// Eight, four, four, four and twelve hexadecimal digits.
pub(crate) fn guid(rest: &str) -> Scan<'_> {
    let hex = |n: usize| take_while_m_n(n, n, |c: char| c.is_ascii_hexdigit());
    recognize((hex(8), char('-'), hex(4), char('-'), hex(4), char('-'), hex(4), char('-'), hex(12))).parse(rest)
}

/// `2011-12-31`.
pub(crate) fn date(rest: &str) -> Scan<'_> {
    // More than four digits begin with none that could be left out.
    let year = verify(digit1, |year: &str| year.len() == 4 || (year.len() > 4 && !year.starts_with('0')));
    recognize((opt(char('-')), year, char('-'), two(1, 12), char('-'), two(1, 31))).parse(rest)
}

/// `07:59`, `07:59:59.9`.
pub(crate) fn time_of_day(rest: &str) -> Scan<'_> {
    let fraction = (char('.'), take_while_m_n(1, 12, |c: char| c.is_ascii_digit()));
    recognize((hour_and_minute, opt((char(':'), two(0, 60), opt(fraction))))).parse(rest)
}

/// `07:59`.
pub(crate) fn hour_and_minute(rest: &str) -> Scan<'_> {
    recognize((two(0, 23), char(':'), two(0, 59))).parse(rest)
}

/// `Z`, `+05:30`.
pub(crate) fn offset(rest: &str) -> Scan<'_> {
    alt((tag_no_case("Z"), recognize((sign, hour_and_minute)))).parse(rest)
}

/// `2012-12-03T07:16:23`, without an offset.
pub(crate) fn local_date_time(rest: &str) -> Scan<'_> {
    recognize((date, tag_no_case("T"), time_of_day)).parse(rest)
}

/// `2012-12-03T07:16:23Z`.
pub(crate) fn date_time_offset(rest: &str) -> Scan<'_> {
    recognize((local_date_time, offset)).parse(rest)
}

/// `-P12DT23H59M59.9S`, with one part at least.
pub(crate) fn duration(rest: &str) -> Scan<'_> {
    let part = |unit: &'static str| opt((digit1, tag_no_case(unit)));
    let seconds = opt((digit1, opt((char('.'), digit1)), tag_no_case("S")));
    let time = (tag_no_case("T"), verify(recognize((part("H"), part("M"), seconds)), |time: &str| !time.is_empty()));
    let parts = verify(recognize((part("D"), opt(time))), |parts: &str| !parts.is_empty());
    recognize((opt(char('-')), tag_no_case("P"), parts)).parse(rest)
}

/// `true`, `false`, in any case.
pub(crate) fn boolean(rest: &str) -> Scan<'_> {
    alt((tag_no_case("true"), tag_no_case("false"))).parse(rest)
}

/// Members and numbers of an enumeration, with commas between.
pub(crate) fn members(rest: &str) -> Scan<'_> {
    recognize(separated_list1(char(','), alt((identifier, integer(19))))).parse(rest)
}

/// base64url, padded or not.
pub(crate) fn base64(rest: &str) -> Scan<'_> {
    let (behind, body) = take_while(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_').parse(rest)?;
    // The bits that are left over in the last character are zero.
    let (is_whole, padding) = match body.len() % 4 {
        0 => (true, ""),
        2 => (body.ends_with(['A', 'Q', 'g', 'w']), "=="),
        3 => (body.ends_with(|c| "AEIMQUYcgkosw048".contains(c)), "="),
        _ => (false, ""),
    };
    if !is_whole {
        return Err(nom::Err::Error(nom::error::Error::new(rest, nom::error::ErrorKind::Verify)));
    }
    let behind = behind.strip_prefix(padding).unwrap_or(behind);
    Ok((behind, rest.get(..rest.len() - behind.len()).unwrap_or("")))
}

/// Pairs of hexadecimal digits, as v2/v3 write bytes.
pub(crate) fn hex(rest: &str) -> Scan<'_> {
    verify(take_while(|c: char| c.is_ascii_hexdigit()), |digits: &str| digits.len().is_multiple_of(2)).parse(rest)
}

/// `SRID=0;Point(1 2)`: the frame of it, since geography is not supported. Nesting is counted, not descended into.
pub(crate) fn geo(rest: &str) -> Scan<'_> {
    let srid = (tag_no_case("SRID="), take_while_m_n(1, 5, |c: char| c.is_ascii_digit()), char(';'));
    let shape = take_while1(|c: char| c.is_ascii_alphabetic());
    recognize((srid, shape, balanced)).parse(rest)
}

/// Numbers, names, blanks and commas in parentheses that match.
fn balanced(rest: &str) -> Scan<'_> {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || "+-., ()".contains(c);
    let matches = |text: &&str| {
        let mut open = 0usize;
        let closes = |(at, c): (usize, char)| {
            open = if c == '(' { open + 1 } else { open.saturating_sub(usize::from(c == ')')) };
            // Nothing follows the parenthesis that closes the first.
            open > 0 || at + 1 == text.len()
        };
        text.starts_with('(') && text.char_indices().all(closes) && open == 0
    };
    verify(take_while1(is_inside), |text: &str| matches(&text)).parse(rest)
}

#[cfg(test)]
mod tests {
    use super::{
        Scan, base64, date, date_time_offset, dotted, duration, geo, guid, hex, is, members, number, time_of_day,
    };

    #[test]
    fn shapes_hold_what_the_standard_says() {
        type Shape = fn(&str) -> Scan<'_>;
        let rows: [(Shape, &[&str], &[&str]); 11] = [
            (number, &["1", "-0.314e1", "+42", "1E+3", "007"], &["42.", ".1", "1e", "--1", "0x1", ""]),
            (guid, &["01234567-89ab-CDEF-0123-456789abcdef"], &["01234567-89ab-cdef-0123-456789abcde"]),
            (
                date,
                &["2011-12-31", "0000-01-01", "-0001-02-30", "12345-01-01"],
                &["02011-01-01", "2011-13-01", "2011-1-1"],
            ),
            (time_of_day, &["07:59", "23:59:60", "07:59:59.123456789012"], &["24:00", "7:59", "07:60", "07:59:59."]),
            (
                date_time_offset,
                &["2012-09-03T13:52Z", "2012-09-03t23:59:60+01:00"],
                &["2012-09-03T13:52", "2012-09-03"],
            ),
            (duration, &["P1D", "-PT0.5S", "P6DT23H59M59.9999S"], &["P", "P1DT", "P1Y", "PT1D", "+P1D", "1D"]),
            (members, &["Red", "Red,Blue", "Solid,+42"], &["", "Red,", "Red Blue", "1.5"]),
            (base64, &["", "Zg", "Zg==", "Zm8=", "Zm8", "Zm9v", "a-_0"], &["Z", "Zh", "Zm9=", "Zm9v=", "a b"]),
            (hex, &["", "ff", "0A"], &["f", "fg"]),
            (dotted, &["Edm.Int32", "_a1", "ä"], &["1a", "a.", ".a", "a..b", ""]),
            (
                geo,
                &["SRID=0;Point(1 2)", "SRID=4326;Polygon((1 2,3 4),(5 6,7 8))"],
                &["Point(1 2)", "SRID=0;Point(1 2", "SRID=0;Point(1)2)"],
            ),
        ];
        for (shape, good, bad) in rows {
            good.iter().for_each(|text| assert!(is(text, shape), "{text}"));
            bad.iter().for_each(|text| assert!(!is(text, shape), "{text}"));
        }
        assert!(!is(&"SRID=0;P((".repeat(1000), geo));
    }
}
