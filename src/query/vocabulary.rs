//! The distinct words of many texts, in one piece of memory: a pattern is looked for in all of them at once, and never again
//! in the texts.

use std::hash::BuildHasher as _;

use hashbrown::HashTable;
use memchr::memmem;

use crate::base::error::Result;
use crate::base::hash::State;
use crate::lang::inner::words::words_of;
use crate::model::fold::fold_case;
use crate::query::wildcard::{Pattern, SEPARATOR};

/// Bytes of words that are looked at between two polls.
const BYTES_PER_POLL: usize = 1 << 16;

/// Folded words, numbered as they are met; stop words are not among them.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// Every word, with a separator before and behind it.
    words: String,
    /// By word: where it ends.
    ends: Vec<usize>,
    numbers: HashTable<u32>,
    hasher: State,
}

impl Default for Vocabulary {
    fn default() -> Self {
        let words = String::from(SEPARATOR);
        Self { words, ends: Vec::new(), numbers: HashTable::new(), hasher: State::default() }
    }
}

impl Vocabulary {
    /// Adds the words of a text.
    pub(crate) fn read(&mut self, text: &str) {
        words_of(&fold_case(text)).for_each(|word| self.add(word));
    }

    /// Adds the words of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        other.iter().for_each(|word| self.add(word));
    }

    fn add(&mut self, word: &str) {
        let Self { words, ends, numbers, hasher } = self;
        let hash = hasher.hash_one(word);
        let known = |number: &u32| word_at(words, ends, *number as usize);
        if numbers.find(hash, |number| known(number) == word).is_some() {
            return;
        }
        let number = u32::try_from(ends.len()).unwrap_or(u32::MAX);
        ends.push(words.len() + word.len());
        words.push_str(word);
        words.push(SEPARATOR);
        numbers.insert_unique(hash, number, |number| hasher.hash_one(word_at(words, ends, *number as usize)));
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|number| word_at(&self.words, &self.ends, number))
    }

    pub(crate) fn word(&self, number: u32) -> &str {
        word_at(&self.words, &self.ends, number as usize)
    }

    /// Memory of words and tables.
    pub(crate) fn bytes(&self) -> usize {
        self.words.len() + self.ends.len() * size_of::<usize>() + self.numbers.allocation_size()
    }

    /// The numbers of the words that match, ascending. Linear in all words where a look for the pattern's longest run of
    /// letters is enough; else the words that have it are each looked at, and `poll` is called now and then.
    pub(super) fn matching(&self, pattern: &Pattern<'_>, mut poll: impl FnMut() -> Result<()>) -> Result<Vec<u32>> {
        poll()?;
        let mut found = Vec::new();
        let mut n_bytes = 0;
        let mut look = |number: u32| {
            let word = self.word(number);
            n_bytes += word.len();
            if n_bytes > BYTES_PER_POLL {
                n_bytes = 0;
                poll()?;
            }
            if pattern.is_enough || pattern.matches(word) {
                found.push(number);
            }
            Ok(())
        };
        if pattern.needle.is_empty() {
            (0..self.ends.len() as u32).try_for_each(&mut look)?;
            return Ok(found);
        }
        let mut last = None;
        for at in memmem::find_iter(self.words.as_bytes(), pattern.needle.as_bytes()) {
            // A needle that begins with a separator begins before its word.
            let number = self.ends.partition_point(|end| *end <= at) as u32;
            if last != Some(number) {
                last = Some(number);
                look(number)?;
            }
        }
        Ok(found)
    }
}

fn word_at<'a>(words: &'a str, ends: &[usize], number: usize) -> &'a str {
    let before = number.checked_sub(1).map_or(0, |before| ends[before]);
    words.get(before + SEPARATOR.len_utf8()..ends[number]).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::{Pattern, Vocabulary};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn patterns_find_the_words_that_match(
            words in prop::collection::vec("[abß]{1,6}", 0..30),
            pattern in "[abß*?]{1,6}",
        ) {
            prop_assume!(pattern.contains(['*', '?']));
            let (mut vocabulary, mut more) = (Vocabulary::default(), Vocabulary::default());
            let (first, rest) = words.split_at(words.len() / 2);
            vocabulary.read(&first.join(" "));
            rest.iter().for_each(|word| more.read(word));
            vocabulary.merge(&more);
            let pattern = Pattern::new(&pattern);
            let found = vocabulary.matching(&pattern, || Ok(())).unwrap();
            let found: Vec<&str> = found.into_iter().map(|number| vocabulary.word(number)).collect();
            let mut known: Vec<&str> = Vec::new();
            let folded: Vec<String> = words.iter().map(|word| word.replace('ß', "ss")).collect();
            for word in folded.iter().map(String::as_str).filter(|word| *word != "a") {
                if !known.contains(&word) {
                    known.push(word);
                }
            }
            prop_assert_eq!(vocabulary.iter().collect::<Vec<_>>(), known.clone());
            known.retain(|word| pattern.matches(word));
            prop_assert_eq!(found, known);
        }
    }
}
