//! A cell as a file writes it, before its field is known.

use std::borrow::Cow;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use crate::base::hash::State;
use crate::model::value::Value;

/// A cell of a file. What it can be told apart from is the format's: JSON knows a number from a text that looks like one,
/// CSV and XML do not.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    not(feature = "ndjson"),
    expect(dead_code, reason = "a build without a format has its kinds of cells, but nothing that makes them")
)]
pub(super) enum Raw<'a> {
    Null,
    Boolean(bool),
    /// A JSON number without point and exponent that an integer field can hold.
    Integer(i64),
    /// Any other JSON number, as written: no digit is lost.
    Number(&'a str),
    /// A text that is a text.
    Text(Cow<'a, str>),
    List(Vec<Raw<'a>>),
    /// A text that may stand for anything; nothing if it is empty.
    Plain(&'a str),
}

impl<'a> Raw<'a> {
    /// The values that one text stands for, apart by `separator`. Formats that have lists write them as such.
    pub(super) fn parts(&self, separator: &str) -> Cow<'_, Raw<'a>> {
        match self {
            Self::Plain(text) if !text.is_empty() => {
                Cow::Owned(Self::List(text.split(separator).map(|part| Self::Plain(part.trim())).collect()))
            }
            other => Cow::Borrowed(other),
        }
    }

    /// The cell as a value. Numbers that are no plain integers stay texts until their column's kind is known.
    pub(super) fn value(&self, texts: &mut Texts) -> Value {
        match self {
            Self::Null | Self::Plain("") => Value::Null,
            Self::Boolean(b) => Value::Boolean(*b),
            Self::Integer(n) => Value::Integer(*n),
            Self::Number(text) | Self::Plain(text) => Value::Text(texts.shared(text)),
            Self::Text(text) => Value::Text(texts.shared(text)),
            Self::List(items) => Value::List(items.iter().map(|item| item.value(texts)).collect()),
        }
    }
}

/// Texts seen lately, so that a value that comes again and again is stored once. Of fixed size: a text takes the place of
/// another with the same hash, which costs a copy and nothing else.
#[derive(Debug)]
pub(super) struct Texts {
    hasher: State,
    recent: Vec<Option<Arc<str>>>,
}

/// Places for recent texts; a power of two.
const N_RECENT: usize = 4096;

/// Longer texts are seldom repeated, and dear to compare.
const MOST_SHARED_BYTES: usize = 128;

impl Texts {
    pub(super) fn new() -> Self {
        Self { hasher: State::default(), recent: vec![None; N_RECENT] }
    }

    fn shared(&mut self, text: &str) -> Arc<str> {
        if text.len() > MOST_SHARED_BYTES {
            return text.into();
        }
        let slot = &mut self.recent[self.hasher.hash_one(text) as usize % N_RECENT];
        match slot {
            Some(known) if **known == *text => known.clone(),
            _ => slot.insert(text.into()).clone(),
        }
    }
}
