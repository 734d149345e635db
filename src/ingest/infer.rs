//! The kind of a column, from all of its cells: each narrows down what the column can be, and the first kind that is left
//! over is taken.

use crate::ingest::raw::Raw;
use crate::model::decimal::{Decimal, MAX_WHOLE_DIGITS};
use crate::model::field::Field;
use crate::model::kind::Kind;
use crate::model::time::Zone;
use crate::model::time::parse::{parse_clock_duration, parse_date, parse_instant};

/// Kinds that a cell, and so its column, can have beside keyword, which every cell can.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Kinds(u8);

impl Kinds {
    const INTEGER: Self = Self(1);
    const DECIMAL: Self = Self(2);
    const BOOLEAN: Self = Self(4);
    const DATE: Self = Self(8);
    const INSTANT: Self = Self(16);
    const DURATION: Self = Self(32);
    const NUMBER: Self = Self(1 | 2);
    /// A JSON number of whatever length; no kind of its own.
    const JSON_NUMBER: Self = Self(64);
    /// A day is also the instant of its start.
    const DAY: Self = Self(8 | 16);
    const TIME: Self = Self(8 | 16 | 32);
    const ALL: Self = Self(127);
    const NONE: Self = Self(0);

    /// In order of preference.
    const NAMED: [(Self, Kind); 6] = [
        (Self::INTEGER, Kind::Integer),
        (Self::DECIMAL, Kind::Decimal),
        (Self::BOOLEAN, Kind::Boolean),
        (Self::DATE, Kind::Date),
        (Self::INSTANT, Kind::DateTime),
        (Self::DURATION, Kind::Duration),
    ];

    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn any_of(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What the cells of a column have told so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence {
    kinds: Kinds,
    /// Whether any cell had something in it.
    seen: bool,
    multi: bool,
}

impl Evidence {
    pub(super) fn none() -> Self {
        Self { kinds: Kinds::ALL, seen: false, multi: false }
    }

    /// Takes a cell into account.
    pub(super) fn see(&mut self, cell: &Raw<'_>) {
        if let Raw::List(items) = cell {
            self.multi = true;
            let filled = |item: &&Raw<'_>| !matches!(item, Raw::Null) && **item != Raw::Text("".into());
            for item in items.iter().filter(filled) {
                let kinds = match item {
                    Raw::Integer(_) => Kinds::INTEGER.or(Kinds::JSON_NUMBER),
                    Raw::Number(_) => Kinds::JSON_NUMBER,
                    _ => Kinds::NONE,
                };
                self.narrow(kinds);
            }
            return;
        }
        let kinds = match cell {
            Raw::Null | Raw::Plain("") => return,
            Raw::Boolean(_) => Kinds::BOOLEAN,
            Raw::Integer(n) if n.unsigned_abs() < 10u64.pow(MAX_WHOLE_DIGITS) => Kinds::NUMBER.or(Kinds::JSON_NUMBER),
            Raw::Integer(_) => Kinds::INTEGER.or(Kinds::JSON_NUMBER),
            Raw::Number(text) if text.parse::<Decimal>().is_ok() => Kinds::DECIMAL.or(Kinds::JSON_NUMBER),
            Raw::Number(_) => Kinds::JSON_NUMBER,
            Raw::List(_) => Kinds::NONE,
            Raw::Text(text) if text.is_empty() => return,
            Raw::Text(text) => time_kinds(text, self.kinds),
            Raw::Plain(text) => plain_kinds(text, self.kinds),
        };
        self.narrow(kinds);
    }

    fn narrow(&mut self, kinds: Kinds) {
        self.seen = true;
        self.kinds = self.kinds.and(kinds);
    }

    /// Whether every cell seen is a JSON number, and yet no field of numbers holds them all.
    pub(super) fn are_long_numbers(self) -> bool {
        self.seen && self.kinds == Kinds::JSON_NUMBER
    }

    /// The field that holds every cell seen.
    pub(super) fn field(self, name: &str) -> Field {
        if self.multi {
            let integers = self.seen && self.kinds.any_of(Kinds::INTEGER);
            return Field::new(name, if integers { Kind::Integer } else { Kind::Keyword }).multi();
        }
        let kind = Kinds::NAMED.iter().find(|(kinds, _)| self.seen && self.kinds.any_of(*kinds));
        Field::new(name, kind.map_or(Kind::Keyword, |(_, kind)| *kind))
    }
}

/// The kinds of time that a text can be, of those that its column still can.
fn time_kinds(text: &str, open: Kinds) -> Kinds {
    if !open.any_of(Kinds::TIME) || !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        Kinds::NONE
    } else if open.any_of(Kinds::DAY) && parse_date(text).is_some() {
        Kinds::DAY
    } else if open.any_of(Kinds::INSTANT) && parse_instant(text, &Zone::utc()).is_some() {
        Kinds::INSTANT
    } else if open.any_of(Kinds::DURATION) && parse_clock_duration(text).is_some() {
        Kinds::DURATION
    } else {
        Kinds::NONE
    }
}

/// The kinds that a text without a type of its own can be, of those that its column still can.
fn plain_kinds(text: &str, open: Kinds) -> Kinds {
    if open.any_of(Kinds::NUMBER) && is_plain_number(text) {
        let decimal = if text.parse::<Decimal>().is_ok() { Kinds::DECIMAL } else { Kinds::NONE };
        let is_integer = text.parse::<i64>().is_ok_and(|n| n > i64::MIN);
        return Kinds(decimal.0 | if is_integer { Kinds::INTEGER.0 } else { 0 });
    }
    if open.any_of(Kinds::BOOLEAN) && (text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")) {
        return Kinds::BOOLEAN;
    }
    time_kinds(text, open)
}

/// A number as people write one: no `+`, no leading zero, no exponent. Anything else may be a code in which they count.
fn is_plain_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

#[cfg(test)]
#[cfg(all(feature = "csv", feature = "ndjson"))]
mod tests {
    use super::{Evidence, is_plain_number};
    use crate::ingest::raw::Raw;
    use crate::model::kind::Kind;

    fn kind_of<'a>(cells: impl IntoIterator<Item = Raw<'a>>) -> Kind {
        let mut evidence = Evidence::none();
        cells.into_iter().for_each(|cell| evidence.see(&cell));
        evidence.field("F").kind()
    }

    #[test]
    fn json_texts_are_times_or_keywords() {
        let kind = |texts: &[&'static str]| kind_of(texts.iter().map(|text| Raw::Text((*text).into())));
        assert_eq!(kind(&["2024-01-31", "", "2024-02-29"]), Kind::Date);
        assert_eq!(kind(&["2024-01-31", "2024-02-29T10:00:00Z"]), Kind::DateTime);
        assert_eq!(kind(&["2024-02-29 10:00:00.123"]), Kind::DateTime);
        assert_eq!(kind(&["01:00:00", "-1:00:00.5", "100:00:00"]), Kind::Duration);
        assert_eq!(kind(&["01:00:00", "2024-01-31"]), Kind::Keyword);
        assert_eq!(kind(&["2024-01-31", "2024-02-30"]), Kind::Keyword);
        assert_eq!(kind(&["2024-02-29T10:00:00Z", "soon", "2024-02-29T10:00:00Z"]), Kind::Keyword);
        assert_eq!(kind(&["5"]), Kind::Keyword);
        assert_eq!(kind(&["true"]), Kind::Keyword);
        assert_eq!(kind(&["5m"]), Kind::Keyword);
        assert_eq!(kind(&["", ""]), Kind::Keyword);
        assert_eq!(kind(&[]), Kind::Keyword);
    }

    #[test]
    fn json_numbers_and_booleans_are_what_they_are() {
        assert_eq!(kind_of([Raw::Integer(1), Raw::Null, Raw::Integer(2)]), Kind::Integer);
        assert_eq!(kind_of([Raw::Integer(1), Raw::Number("0.5")]), Kind::Decimal);
        assert_eq!(kind_of([Raw::Boolean(true), Raw::Boolean(false)]), Kind::Boolean);
        assert_eq!(kind_of([Raw::Integer(100_000_000_000_000), Raw::Integer(1)]), Kind::Integer);
        // More digits than decimals have, though none may be lost.
        assert_eq!(kind_of([Raw::Integer(100_000_000_000_000), Raw::Number("0.5")]), Kind::Keyword);
        assert_eq!(kind_of([Raw::Number("1e20")]), Kind::Keyword);
        assert_eq!(kind_of([Raw::Boolean(true), Raw::Integer(0)]), Kind::Keyword);
        assert_eq!(kind_of([Raw::Integer(1), Raw::Text("x".into())]), Kind::Keyword);
    }

    #[test]
    fn lists_are_multi() {
        let field = |cells: &[Raw<'static>]| {
            let mut evidence = Evidence::none();
            for cell in cells {
                evidence.see(cell);
            }
            let field = evidence.field("F");
            (field.kind(), field.is_multi())
        };
        let integers = Raw::List(vec![Raw::Integer(1), Raw::Null, Raw::Integer(2)]);
        assert_eq!(field(&[integers.clone(), Raw::List(vec![])]), (Kind::Integer, true));
        assert_eq!(field(&[integers.clone(), Raw::Integer(3)]), (Kind::Integer, true));
        assert_eq!(field(&[integers.clone(), Raw::List(vec![Raw::Number("0.5")])]), (Kind::Keyword, true));
        assert_eq!(field(&[integers, Raw::Text("a".into())]), (Kind::Keyword, true));
        assert_eq!(field(&[Raw::List(vec![])]), (Kind::Keyword, true));
        assert_eq!(field(&[Raw::List(vec![Raw::Text("2024-01-31".into())])]), (Kind::Keyword, true));
    }

    #[test]
    fn csv_cells_are_whatever_all_of_them_can_be() {
        let kind = |texts: &[&'static str]| kind_of(texts.iter().map(|text| Raw::Plain(text)));
        assert_eq!(kind(&["0", "-3", "", "12"]), Kind::Integer);
        assert_eq!(kind(&["0", "0.5", "-0.25"]), Kind::Decimal);
        assert_eq!(kind(&["true", "False"]), Kind::Boolean);
        assert_eq!(kind(&["2015-02-13 16:13:00", "2020-07-24 04:45:01.571"]), Kind::DateTime);
        assert_eq!(kind(&["2015-02-13"]), Kind::Date);
        assert_eq!(kind(&["1:00:00"]), Kind::Duration);
        assert_eq!(kind(&["9007199254740993", "9223372036854775807"]), Kind::Integer);
        for texts in [
            &["007"][..],
            &["+1"],
            &["1e5"],
            &["1", "x"],
            &["yes"],
            &["1", "true"],
            &["1.5", "99999999999999999999"],
            &["9007199254740993", "0.5"],
            &["[]"],
            &[""],
        ] {
            assert_eq!(kind(texts), Kind::Keyword, "{texts:?}");
        }
    }

    #[test]
    fn plain_numbers() {
        for text in ["0", "0.5", "-3", "10.50", "-0"] {
            assert!(is_plain_number(text), "{text}");
        }
        for text in ["", "-", ".5", "5.", "00", "01.5", "1.2.3", "1 ", "1e1", "٣", "--1", "1.-2"] {
            assert!(!is_plain_number(text), "{text}");
        }
    }
}
