//! Many searches asked of a text at once: its words are read once, looked up among the words of all searches, and only searches
//! that hold a word found are looked at further. Time is linear in the text: wildcards are decided before, on the distinct
//! words of all texts.

use std::borrow::Cow;

use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::lang::inner::words::{Words, words_of};
use crate::model::fold::fold_case;
use crate::query::search::{Formula, Part};
use crate::query::vocabulary::Vocabulary;
use crate::query::wildcard::Pattern;

/// Parts of searches, numbered as they are added; equal ones are one.
#[derive(Debug, Default)]
pub(crate) struct Finder<'a> {
    numbers: HashMap<Part<'a>, u32>,
    /// By part: what it asks of the terms.
    formulas: Vec<Formula<u32>>,
    terms: HashMap<Part<'a>, u32>,
    /// By term: the parts that hold it.
    users: Vec<Vec<u32>>,
    words: HashMap<&'a str, u32>,
    /// By their first word.
    phrases: HashMap<&'a str, Vec<(&'a [String], u32)>>,
    patterns: Vec<(Pattern<'a>, u32)>,
}

/// A finder for texts whose words are known.
#[derive(Debug)]
pub(crate) struct Reader<'f> {
    finder: &'f Finder<'f>,
    /// By word: the terms whose patterns it matches.
    matching: HashMap<&'f str, Vec<u32>>,
}

/// What one thread keeps from text to text.
#[derive(Debug)]
pub(crate) struct Found {
    /// Number of the text, for marks that need no clearing.
    text: u32,
    /// By term: the last text that held it.
    term_in: Vec<u32>,
    /// By part: the last text that was asked for it.
    part_in: Vec<u32>,
    /// Terms of this text.
    terms: Vec<u32>,
}

impl<'a> Finder<'a> {
    /// Adds a part; answers its number.
    pub(crate) fn add(&mut self, part: Part<'a>) -> u32 {
        if let Some(number) = self.number(part) {
            return number;
        }
        let number = numbered(self.formulas.len());
        let formula = part.formula(&mut |term| {
            let term = self.term(term);
            let users = &mut self.users[term as usize];
            if users.last() != Some(&number) {
                users.push(number);
            }
            term
        });
        self.formulas.push(formula);
        self.numbers.insert(part, number);
        number
    }

    /// The number of a part that was added.
    pub(crate) fn number(&self, part: Part<'a>) -> Option<u32> {
        self.numbers.get(&part).copied()
    }

    fn term(&mut self, term: Part<'a>) -> u32 {
        if let Some(known) = self.terms.get(&term) {
            return *known;
        }
        let id = numbered(self.users.len());
        self.users.push(Vec::new());
        self.terms.insert(term, id);
        match term.0 {
            Words::Word(word) => {
                self.words.insert(word, id);
            }
            Words::Pattern(pattern) => self.patterns.push((Pattern::new(pattern), id)),
            Words::Phrase(phrase) => {
                if let Some(first) = phrase.first() {
                    self.phrases.entry(first).or_default().push((phrase, id));
                }
            }
            // No term.
            Words::Nothing | Words::Clauses(_) => {}
        }
        id
    }

    /// How many patterns there are. Only with some, readers need the words of their texts beforehand.
    pub(crate) fn n_patterns(&self) -> usize {
        self.patterns.len()
    }

    /// The words that match a pattern.
    pub(crate) fn matching(
        &self,
        pattern: usize,
        words: &Vocabulary,
        poll: impl FnMut() -> Result<()>,
    ) -> Result<Vec<u32>> {
        words.matching(&self.patterns[pattern].0, poll)
    }

    /// A finder for texts of these words, which match the patterns as `matching` says by pattern.
    pub(crate) fn reader<'f>(&'f self, words: &'f Vocabulary, matching: &[Vec<u32>]) -> Reader<'f> {
        let mut by_word: HashMap<&str, Vec<u32>> = HashMap::default();
        for ((_, term), numbers) in self.patterns.iter().zip(matching) {
            numbers.iter().for_each(|number| by_word.entry(words.word(*number)).or_default().push(*term));
        }
        Reader { finder: self, matching: by_word }
    }
}

impl Reader<'_> {
    pub(crate) fn start(&self) -> Found {
        let none = |n| vec![0; n];
        let (n_terms, n_parts) = (self.finder.users.len(), self.finder.formulas.len());
        Found { text: 0, term_in: none(n_terms), part_in: none(n_parts), terms: Vec::new() }
    }

    /// Calls `each` with the number of every part that the text satisfies, in no order.
    pub(crate) fn find(&self, text: &str, found: &mut Found, mut each: impl FnMut(u32)) {
        let Finder { words: terms, phrases, users, formulas, .. } = self.finder;
        found.text += 1;
        found.terms.clear();
        let folded: Cow<'_, str> = fold_case(text);
        let words: Vec<&str> = words_of(&folded).collect();
        for (at, word) in words.iter().enumerate() {
            if let Some(term) = terms.get(word) {
                found.mark(*term);
            }
            for (phrase, term) in phrases.get(word).into_iter().flatten() {
                if words.get(at..at + phrase.len()).is_some_and(|run| run.iter().eq(phrase.iter())) {
                    found.mark(*term);
                }
            }
            self.matching.get(word).into_iter().flatten().for_each(|term| found.mark(*term));
        }
        for at in 0..found.terms.len() {
            for part in &users[found.terms[at] as usize] {
                if found.part_in[*part as usize] == found.text {
                    continue;
                }
                found.part_in[*part as usize] = found.text;
                if formulas[*part as usize].holds(&|term| found.holds(*term)) {
                    each(*part);
                }
            }
        }
    }
}

impl Found {
    fn holds(&self, term: u32) -> bool {
        self.term_in[term as usize] == self.text
    }

    fn mark(&mut self, term: u32) {
        if !self.holds(term) {
            self.term_in[term as usize] = self.text;
            self.terms.push(term);
        }
    }
}

/// Numbers fit: a search has a bounded number of words, and a query a bounded number of bytes.
fn numbered(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
pub(in crate::query) mod tests {
    use super::{Finder, Reader};
    use crate::lang::inner::words::{Words, words_of};
    use crate::model::fold::fold_case;
    use crate::query::search::{Part, Search};
    use crate::query::vocabulary::Vocabulary;

    /// A finder for texts of these words.
    fn reader<'f>(finder: &'f Finder<'f>, words: &'f Vocabulary) -> Reader<'f> {
        let matching = |pattern| finder.matching(pattern, words, || Ok(())).unwrap();
        finder.reader(words, &(0..finder.n_patterns()).map(matching).collect::<Vec<_>>())
    }

    /// Whether a text satisfies a search.
    pub(in crate::query) fn finds(search: &Search, text: &str) -> bool {
        let mut finder = Finder::default();
        let (wanted, mut n) = (finder.add(search.whole()), 0);
        let mut words = Vocabulary::default();
        words.read(text);
        let reader = reader(&finder, &words);
        reader.find(text, &mut reader.start(), |part| n += u32::from(part == wanted));
        assert!(n <= 1, "told twice");
        n == 1
    }

    #[test]
    fn many_searches_share_one_reading() {
        let word = |text: &str| Words::Word(text.to_owned());
        let searches = [word("login"), Words::Phrase(vec!["login".into(), "bug".into()]), Words::Pattern("b*g".into())];
        let (again, absent) = (word("login"), word("absent"));
        let mut finder = Finder::default();
        let numbers = searches.each_ref().map(|words| finder.add(Part(words)));
        assert_eq!((numbers, finder.add(Part(&again)), finder.number(Part(&absent))), ([0, 1, 2], 0, None));
        let texts = [("Login: BUG", vec![0, 1, 2]), ("bug login", vec![0, 2]), ("", vec![]), ("big", vec![2])];
        let mut words = Vocabulary::default();
        texts.iter().for_each(|(text, _)| words.read(text));
        let reader = reader(&finder, &words);
        let mut found = reader.start();
        for (text, expected) in texts {
            let mut parts = Vec::new();
            reader.find(text, &mut found, |part| parts.push(part));
            parts.sort_unstable();
            assert_eq!(parts, expected, "{text}");
        }
    }

    #[test]
    fn folding_neither_parts_nor_joins_words() {
        for c in '\0'..=char::MAX {
            let text = format!("x{c}x");
            let folded = fold_case(&text);
            assert_eq!(words_of(&text).count(), words_of(&folded).count(), "{c:?}");
            assert_eq!(fold_case(&folded), folded, "{c:?}");
        }
    }
}
