//! Values as people write them, with what they mean.

use chrono::{DateTime, NaiveDate, TimeDelta};
use tallygrid::{Kind, Period};

use super::world;
use crate::oracle::choices::Choices;
use crate::oracle::clock::{Clock, Unit};
use crate::oracle::column::{Atom, Column, INTEGER_UNIT, instant_text};
use crate::oracle::query::{Literal, Written};
use crate::oracle::world::World;

/// A value for a field.
pub(crate) fn literal(c: &mut Choices, world: &World, column: &Column) -> Literal {
    let number = |text: String, n: i128| Literal::word(text, Atom::Number(n));
    match column.kind {
        Kind::Integer => integer(c),
        Kind::Decimal => decimal(c),
        Kind::Boolean => {
            let (text, is) = c.pick(&[("Yes", 1), ("no", 0), ("TRUE", 1), ("False", 0)]);
            number(text.to_owned(), is)
        }
        Kind::Duration => duration(c),
        Kind::DateTime => instant(c, world),
        Kind::Date => day(c, world),
        Kind::Guid => {
            let guid = world::guid(c);
            let plain = format!("{guid:032X}");
            let dashed = crate::oracle::column::guid_text(guid);
            let text = c.pick(&[dashed.clone(), dashed.to_uppercase(), plain, format!("{{{dashed}}}")]);
            Literal::word(text, Atom::Text(dashed))
        }
        Kind::User if c.once_in(4) => Literal {
            written: Written::Call(c.pick(&["Me()", "CurrentUser( )", "me()"]).to_owned()),
            meant: world.users.iter().map(|user| Atom::Text(user.clone())).collect(),
        },
        _ if c.once_in(12) => Literal::word("", Atom::Text(String::new())),
        kind => {
            let text = match kind {
                Kind::Status => c.pick(&world::STATUSES),
                Kind::User => c.pick(&world::USERS),
                Kind::Path if c.once_in(2) => c.pick(&["top", "MID", "leaf X", "nowhere"]),
                Kind::Path => c.pick(&world::PLACES_IN_TREE),
                _ => c.pick(&world::KEYWORDS),
            };
            let text = recased(c, text);
            Literal::word(text.clone(), Atom::Text(text))
        }
    }
}

fn recased(c: &mut Choices, text: &str) -> String {
    match c.below(4) {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        _ => text.to_owned(),
    }
}

fn integer(c: &mut Choices) -> Literal {
    let n = i128::from(world::integer(c));
    let (text, units) = match c.below(8) {
        4 => (format!("{n}.0"), n * INTEGER_UNIT),
        5 => (format!("{}.5", n % 100), n % 100 * INTEGER_UNIT + if n % 100 < 0 { -500_000 } else { 500_000 }),
        6 => c.pick(&[
            ("99999999999999999999".to_owned(), 99_999_999_999_999_999_999 * INTEGER_UNIT),
            ("-99999999999999999999".to_owned(), -99_999_999_999_999_999_999 * INTEGER_UNIT),
        ]),
        7 => (format!("{}e1", n % 100), n % 100 * 10 * INTEGER_UNIT),
        _ => (n.to_string(), n * INTEGER_UNIT),
    };
    Literal::word(text, Atom::Number(units))
}

fn decimal(c: &mut Choices) -> Literal {
    let hundredths = world::decimal_hundredths(c);
    let text = match c.below(3) {
        0 => format!("{hundredths}e-2"),
        _ => {
            let sign = if hundredths < 0 { "-" } else { c.pick(&["", "", "+"]) };
            format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
        }
    };
    Literal::word(text, Atom::Number(hundredths * 10i128.pow(22)))
}

fn duration(c: &mut Choices) -> Literal {
    let n = c.within(0, 9);
    let (text, seconds) = match c.below(6) {
        0 => (format!("{n}m"), n * 60),
        1 => (format!("{n} hours"), n * 3600),
        2 => (format!("{n}d,2h"), n * 86_400 + 7200),
        3 => (format!("{n}w 1 d"), n * 7 * 86_400 + 86_400),
        4 => (format!("{n:02}:30:01"), n * 3600 + 1801),
        _ => (format!("00:00:0{n}"), n),
    };
    let (half, micros) = match text.contains(':') && c.once_in(2) {
        true => (".5", 500_000),
        false => ("", 0),
    };
    let (sign, factor) = if c.once_in(3) { ("-", -1) } else { ("", 1) };
    Literal::word(format!("{sign}{text}{half}"), Atom::Number(i128::from((seconds * 1_000_000 + micros) * factor)))
}

fn instant(c: &mut Choices, world: &World) -> Literal {
    let clock = Clock::of(world.zone);
    let at = world::instant(c, world);
    let utc = DateTime::from_timestamp_micros(at).unwrap();
    let (text, meant) = match c.below(8) {
        0 => {
            let date = date_within(c, at);
            (written_date(c, date), clock.midnight(date))
        }
        1 => (instant_text(at), at),
        2 => {
            let ahead = c.pick(&[(19_800, "+05:30"), (-14_400, "-0400"), (0, "+00")]);
            let shown = (utc + TimeDelta::seconds(ahead.0)).naive_utc();
            (format!("{}{}", shown.format("%Y-%m-%dT%H:%M:%S%.6f"), ahead.1), at)
        }
        3 | 4 => {
            let whole = at.div_euclid(1_000_000) * 1_000_000;
            let local = DateTime::from_timestamp_micros(whole).unwrap().naive_utc();
            let form = c.pick(&["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]);
            (local.format(form).to_string(), clock.instant(local))
        }
        5 => span(c, world.now, clock),
        _ => return call(c, world, clock),
    };
    Literal::word(text, Atom::Number(meant.into()))
}

fn day(c: &mut Choices, world: &World) -> Literal {
    let clock = Clock::of(world.zone);
    let days = |date: NaiveDate| Atom::Number(date.to_epoch_days().into());
    if c.once_in(4) {
        let (text, at) = span(c, world.now, clock);
        return Literal::word(text, days(clock.local(at).date()));
    }
    let date = NaiveDate::from_epoch_days(i32::try_from(world::day(c, world)).unwrap()).unwrap();
    Literal::word(written_date(c, date), days(date))
}

fn date_within(c: &mut Choices, at: i64) -> NaiveDate {
    let date = DateTime::from_timestamp_micros(at).unwrap().date_naive();
    if c.once_in(4) { date.pred_opt().unwrap() } else { date }
}

/// With or without leading zeros.
fn written_date(c: &mut Choices, date: NaiveDate) -> String {
    let form = c.pick(&["%Y-%m-%d", "%Y-%-m-%-d"]);
    date.format(form).to_string()
}

/// A span from now, and where it leads.
fn span(c: &mut Choices, now: i64, clock: Clock) -> (String, i64) {
    let (sign, factor) = c.pick(&[("-", -1), ("+", 1)]);
    let (parts, amounts) = span_parts(c);
    let at = parts.iter().fold(now, |at, (n, unit)| clock.shifted(at, n * factor, *unit));
    (format!("{sign}{amounts}"), at)
}

/// Amounts of units, and how they are written.
pub(crate) fn span_parts(c: &mut Choices) -> (Vec<(i64, Unit)>, String) {
    let units = [
        ("d", Unit::Day),
        ("h", Unit::Hour),
        ("week", Unit::Week),
        ("m", Unit::Minute),
        ("mo", Unit::Month),
        ("seconds", Unit::Second),
        ("y", Unit::Year),
    ];
    let parts = c.several(1, 2, |c| (c.within(0, 5), c.pick(&units)));
    let blank = c.pick(&["", " "]);
    let amounts: Vec<String> = parts.iter().map(|(n, (name, _))| format!("{n}{blank}{name}")).collect();
    (parts.into_iter().map(|(n, (_, unit))| (n, unit)).collect(), amounts.join(" "))
}

/// `Now()`, `Today()`, `StartOfWeek('-1d')` and their kin.
fn call(c: &mut Choices, world: &World, clock: Clock) -> Literal {
    let periods = [
        ("Day", Period::Day),
        ("Week", Period::Week),
        ("Month", Period::Month),
        ("Quarter", Period::Quarter),
        ("Year", Period::Year),
    ];
    let (text, at) = match c.below(4) {
        0 => ("Now()".to_owned(), world.now),
        1 => ("today()".to_owned(), clock.period(Period::Day, world.now).0),
        n => {
            let (name, period) = c.pick(&periods);
            let (argument, at) = if c.once_in(2) { span(c, world.now, clock) } else { (String::new(), world.now) };
            let argument = if argument.is_empty() { argument } else { format!("'{argument}'") };
            let (start, end) = clock.period(period, at);
            if n == 2 {
                (format!("StartOf{name}({argument})"), start)
            } else {
                (format!("EndOf{name}({argument})"), end)
            }
        }
    };
    Literal { written: Written::Call(text), meant: vec![Atom::Number(at.into())] }
}
