//! The keys of groups as answers name them, all texts of one dimension in one piece of memory.

use crate::base::error::{Error, Result};
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Schema};
use crate::model::time::calendar::{in_calendar, instant_in_calendar};
use crate::model::value::Value;
use crate::query::predicate::{Bound, Leaf, Predicate};

/// What rows of a group have in common.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    Empty,
    /// The text that the key is shown as.
    Text,
    Equal(Value),
    /// From the first to before the second, in one of these: microseconds, or days of a date field. Ascending and apart.
    Periods(Vec<(i64, i64)>),
    /// From the first to before the second; open where there is none.
    Range(Option<Value>, Option<Value>),
    /// None of the other groups of its parent.
    Rest,
}

impl Meaning {
    /// The value that the rows of a group with that text have in common, if it is one.
    pub(crate) fn value(&self, text: &str) -> Option<Value> {
        match self {
            Self::Text => Some(Value::Text(text.into())),
            Self::Equal(value) => Some(value.clone()),
            Self::Empty | Self::Periods(_) | Self::Range(..) | Self::Rest => None,
        }
    }

    /// The test that the rows of a group with that text satisfy, and no others.
    pub(crate) fn predicate(&self, text: &str, field: FieldId, schema: &Schema) -> Predicate {
        let is_day = schema.field(field).kind == Kind::Date;
        // No value lies beyond the calendar, and no literal can name such an edge.
        let edge = |n: i64| match is_day {
            true => in_calendar(n as i32).map(Value::Date),
            false => instant_in_calendar(n).map(Value::Instant),
        };
        let high_bound = |high| match high {
            // Two clauses could be true of two values; a list is of one.
            Value::Integer(high) if schema.field(field).multi => {
                Bound::Inclusive(Value::Integer(high.saturating_sub(1)))
            }
            high => Bound::Exclusive(high),
        };
        let range = |low: Option<Value>, high: Option<Value>| Leaf::Range {
            field,
            low: low.map_or(Bound::Open, Bound::Inclusive),
            high: high.map_or(Bound::Open, high_bound),
        };
        match self {
            Self::Empty => Predicate::leaf(Leaf::IsEmpty { field }),
            Self::Text | Self::Equal(_) => {
                Predicate::leaf(Leaf::OneOf { field, values: self.value(text).into_iter().collect() })
            }
            Self::Periods(periods) => {
                Predicate::any(periods.iter().map(|(start, end)| Predicate::leaf(range(edge(*start), edge(*end)))))
            }
            Self::Range(low, high) => Predicate::leaf(range(low.clone(), high.clone())),
            // Only its siblings tell; whoever asks of a remainder asks them.
            Self::Rest => Predicate::constant(true),
        }
    }
}

/// Keys in order.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    texts: String,
    /// By key: where its text ends.
    ends: Vec<usize>,
    meanings: Vec<Meaning>,
}

impl Labels {
    /// Keys with their texts one behind the other, where each ends, and what each means.
    pub(crate) fn new(texts: Vec<u8>, ends: Vec<usize>, meanings: Vec<Meaning>) -> Result<Self> {
        let texts = String::from_utf8(texts).map_err(|_| Error::internal("labels are no text"))?;
        Ok(Self { texts, ends, meanings })
    }

    /// One more key.
    pub(crate) fn push(&mut self, meaning: Meaning, text: &str) {
        self.texts.push_str(text);
        self.ends.push(self.texts.len());
        self.meanings.push(meaning);
    }

    /// One more period of a key that has others before it.
    pub(crate) fn add_period(&mut self, key: u32, (start, end): (i64, i64)) {
        if let Some(Meaning::Periods(periods)) = self.meanings.get_mut(key as usize) {
            match periods.last_mut().filter(|last| last.1 == start) {
                Some(last) => last.1 = end,
                None => periods.push((start, end)),
            }
        }
    }

    /// Adds the remainder as last key; answers its position.
    pub(crate) fn push_rest(&mut self) -> u32 {
        self.push(Meaning::Rest, "");
        self.len() as u32 - 1
    }

    /// The texts of all keys, none for the remainder.
    pub(crate) fn steps(&self) -> Vec<Option<&str>> {
        let text = |(text, meaning): (_, &Meaning)| if *meaning == Meaning::Rest { None } else { Some(text) };
        self.texts().zip(&self.meanings).map(text).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let text = self.texts.get(start..*end).unwrap_or("");
            start = *end;
            text
        })
    }

    pub(crate) fn meanings(&self) -> &[Meaning] {
        &self.meanings
    }

    /// All texts one behind the other, and where each ends.
    pub(crate) fn into_texts(self) -> (String, Vec<usize>) {
        (self.texts, self.ends)
    }
}

impl FromIterator<Self> for Labels {
    /// Pieces, one behind the other.
    fn from_iter<I: IntoIterator<Item = Self>>(pieces: I) -> Self {
        pieces.into_iter().fold(Self::default(), |mut all, piece| {
            let start = all.texts.len();
            all.texts.push_str(&piece.texts);
            all.ends.extend(piece.ends.iter().map(|end| start + end));
            all.meanings.extend(piece.meanings);
            all
        })
    }
}
