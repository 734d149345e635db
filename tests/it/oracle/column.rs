//! A field and what its cells mean: which values are the same, which comes first, how the key of a group reads.

use std::cmp::Ordering;

use chrono::DateTime;
use tallygrid::{Collation, DeclaredValue, Field, Kind, Value};

/// A field as declared.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) multi: bool,
    pub(crate) exact: bool,
    /// Declared values, each a name with its aliases. `Passed` and `Failed` are what they say.
    pub(crate) declared: Vec<(String, Vec<String>)>,
    /// Of a relation: the field of `Other` that holds its keys.
    pub(crate) leads_by: &'static str,
}

/// A value out of a cell that is not empty. Numbers of all kinds are counts of their kind's smallest unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Atom {
    Text(String),
    Number(i128),
}

/// All values that are equal for the field; ascends as groups and rows do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Empty,
    Declared(usize),
    Number(i128),
    Text(String),
}

/// Units of a whole number, so that literals with a fraction have their place between two.
pub(crate) const INTEGER_UNIT: i128 = 1_000_000;

/// Units of a decimal one: 10^24.
const DECIMAL_SCALE: u32 = 24;

impl Column {
    /// A field of that kind with nothing else to it.
    pub(crate) fn new(name: &str, kind: Kind) -> Self {
        Self { name: name.to_owned(), kind, multi: false, exact: false, declared: Vec::new(), leads_by: "Id" }
    }

    pub(crate) fn field(&self) -> Field {
        let values = self.declared.iter().map(|(name, aliases)| {
            let value = match name.as_str() {
                "Passed" => DeclaredValue::new("Passed").passed(),
                "Failed" => DeclaredValue::new("Failed").failed(),
                other => DeclaredValue::new(other),
            };
            aliases.iter().fold(value, |value, alias| value.alias(alias.as_str()))
        });
        let field = match self.kind {
            Kind::Relation => Field::relation(self.name.as_str(), "Other", self.leads_by, self.multi),
            kind if self.multi => Field::new(self.name.as_str(), kind).multi(),
            kind => Field::new(self.name.as_str(), kind),
        };
        let field = if self.exact { field.collation(Collation::Exact) } else { field };
        if self.declared.is_empty() { field } else { field.values(values) }
    }

    /// Whether cells hold texts rather than numbers.
    pub(crate) fn is_textual(&self) -> bool {
        matches!(
            self.kind,
            Kind::Text | Kind::Keyword | Kind::Status | Kind::User | Kind::Path | Kind::Relation | Kind::Guid
        )
    }

    /// Whether rows can be grouped by it.
    pub(crate) fn gives_groups(&self) -> bool {
        !matches!(self.kind, Kind::Text | Kind::Relation)
    }

    /// Whether rows can be ordered by it.
    pub(crate) fn gives_order(&self) -> bool {
        !self.multi && self.kind != Kind::Text
    }

    /// The classes of a cell: [`Class::Empty`] alone if it has no value.
    pub(crate) fn classes(&self, cell: &Value) -> Vec<Class> {
        let mut classes: Vec<Class> = atoms(cell).iter().map(|atom| self.class(atom)).collect();
        classes.sort();
        classes.dedup();
        if classes.is_empty() { vec![Class::Empty] } else { classes }
    }

    pub(crate) fn class(&self, atom: &Atom) -> Class {
        let text = match atom {
            Atom::Number(n) => return Class::Number(*n),
            Atom::Text(text) => self.fold(text),
        };
        let is_spelling = |name: &String| self.fold(name) == text;
        let declared =
            self.declared.iter().position(|(name, aliases)| is_spelling(name) || aliases.iter().any(is_spelling));
        declared.map_or(Class::Text(text), Class::Declared)
    }

    /// The cell as the index keeps it: lists lose blanks and repeats, and what is no text has one way to be empty.
    pub(crate) fn stored(&self, cell: &Value) -> Value {
        let is_blank = |value: &Value| matches!(value, Value::Null) || *value == Value::from("");
        match cell {
            Value::List(items) if self.multi => {
                let mut kept: Vec<Value> = Vec::new();
                for item in items {
                    if !is_blank(item) && !kept.contains(item) {
                        kept.push(item.clone());
                    }
                }
                Value::List(kept)
            }
            blank if is_blank(blank) && (self.multi || !self.is_textual() || self.kind == Kind::Guid) => Value::Null,
            one if self.multi => Value::List(vec![one.clone()]),
            one => one.clone(),
        }
    }

    /// A text's canonical spelling under the field's collation.
    fn fold(&self, text: &str) -> String {
        match self.kind {
            Kind::Guid => text.to_owned(),
            Kind::Path => folded_place(text),
            Kind::Status => fold_case(&text.split_whitespace().collect::<String>()),
            _ if self.exact => text.to_owned(),
            _ => fold_case(text),
        }
    }

    /// A group's key, if the class does not need to look at rows for it.
    pub(crate) fn key(&self, class: &Class) -> Option<String> {
        match class {
            Class::Empty => Some(String::new()),
            Class::Declared(n) => Some(self.declared[*n].0.clone()),
            Class::Number(n) => Some(number_key(self.kind, *n)),
            Class::Text(_) => None,
        }
    }
}

/// The values of a cell, none if it is empty.
pub(crate) fn atoms(cell: &Value) -> Vec<Atom> {
    match cell {
        Value::List(items) => items.iter().flat_map(atoms).collect(),
        Value::Text(text) if text.is_empty() => Vec::new(),
        Value::Text(text) => vec![Atom::Text(text.to_string())],
        Value::Guid(guid) => vec![Atom::Text(guid_text(*guid))],
        Value::Boolean(b) => vec![Atom::Number((*b).into())],
        Value::Integer(n) => vec![Atom::Number(i128::from(*n) * INTEGER_UNIT)],
        Value::Decimal(d) => {
            vec![Atom::Number(d.mantissa() * 10i128.pow(DECIMAL_SCALE - u32::from(d.scale())))]
        }
        Value::Instant(n) | Value::Duration(n) => vec![Atom::Number((*n).into())],
        Value::Date(n) => vec![Atom::Number((*n).into())],
        _ => Vec::new(),
    }
}

/// A value that is a number.
pub(crate) fn number_of(atom: &Atom) -> i128 {
    match atom {
        Atom::Number(n) => *n,
        Atom::Text(text) => panic!("{text} is no number"),
    }
}

/// Full case folding, one character at a time: capitals of it in small letters.
pub(crate) fn fold_case(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// The spelling under which places are compared: case and a slash at the end ignored, GUIDs with dashes.
pub(crate) fn folded_place(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    let is_guid = digits.len() == 32 && text.chars().all(|c| c.is_ascii_hexdigit() || "-{}".contains(c));
    if is_guid {
        return guid_text(u128::from_str_radix(&digits, 16).unwrap());
    }
    match text.trim_end_matches('/') {
        "" if !text.is_empty() => "/".to_owned(),
        trimmed => fold_case(trimmed),
    }
}

pub(crate) fn guid_text(guid: u128) -> String {
    let digits = format!("{guid:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// The key of a number, and its text anywhere.
pub(crate) fn number_key(kind: Kind, n: i128) -> String {
    match kind {
        Kind::Boolean => (n == 1).to_string(),
        Kind::Integer => (n / INTEGER_UNIT).to_string(),
        Kind::Decimal => decimal_text(n, DECIMAL_SCALE),
        Kind::Date => date_text(n),
        Kind::DateTime => instant_text(i64::try_from(n).unwrap()),
        Kind::Duration => {
            let seconds = n.abs() / 1_000_000;
            let sign = if n < 0 { "-" } else { "" };
            let clock = format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            clock + &fraction_text(n.abs() % 1_000_000)
        }
        other => panic!("{other} has no numbers"),
    }
}

pub(crate) fn decimal_text(units: i128, scale: u32) -> String {
    let unit = 10i128.pow(scale);
    let fraction = format!("{:0width$}", units.abs() % unit, width = scale as usize);
    let sign = if units < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{fraction}", units.abs() / unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(crate) fn date_text(days: i128) -> String {
    chrono::NaiveDate::from_epoch_days(i32::try_from(days).unwrap()).unwrap().format("%Y-%m-%d").to_string()
}

pub(crate) fn instant_text(micros: i64) -> String {
    let at = DateTime::from_timestamp_micros(micros).unwrap();
    let fraction = fraction_text(at.timestamp_subsec_micros().into());
    format!("{}{fraction}Z", at.format("%Y-%m-%dT%H:%M:%S"))
}

/// `.5` of half a million microseconds; nothing of none.
fn fraction_text(micros: i128) -> String {
    match micros {
        0 => String::new(),
        _ => format!(".{micros:06}").trim_end_matches('0').to_owned(),
    }
}

/// Which of two classes comes first in a list.
pub(crate) fn compare(a: &Class, b: &Class, descending: bool) -> Ordering {
    if descending { b.cmp(a) } else { a.cmp(b) }
}
