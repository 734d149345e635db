//! The keys of groups as answers name them, all texts of one dimension in one piece of memory.

use crate::model::value::Value;

/// What rows of a group have in common.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    Empty,
    Equal(Value),
    /// From the first to before the second: microseconds, or days of a date field.
    Period {
        start: i64,
        end: i64,
    },
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
    /// One more key.
    pub(crate) fn push(&mut self, meaning: Meaning, text: &str) {
        self.texts.push_str(text);
        self.ends.push(self.texts.len());
        self.meanings.push(meaning);
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
