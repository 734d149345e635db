//! Many searches asked of a text at once: its words are read once, looked up among the words of all searches, and only searches
//! that hold a word found are looked at further. Time is linear in the text for words and phrases, and bounded by pattern times
//! word for wildcards; nothing backtracks without end.

use std::borrow::Cow;

use crate::base::hash::HashMap;
use crate::lang::inner::words::{Words, words_of};
use crate::model::fold::fold_case;
use crate::query::search::{Formula, Part};

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
    patterns: Vec<(&'a str, u32)>,
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
            Words::Pattern(pattern) => self.patterns.push((pattern, id)),
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

    pub(crate) fn start(&self) -> Found {
        let none = |n| vec![0; n];
        Found { text: 0, term_in: none(self.users.len()), part_in: none(self.formulas.len()), terms: Vec::new() }
    }

    /// Calls `each` with the number of every part that the text satisfies, in no order.
    pub(crate) fn find(&self, text: &str, found: &mut Found, mut each: impl FnMut(u32)) {
        found.text += 1;
        found.terms.clear();
        let folded: Cow<'_, str> = fold_case(text);
        let words: Vec<&str> = words_of(&folded).collect();
        for (at, word) in words.iter().enumerate() {
            if let Some(term) = self.words.get(word) {
                found.mark(*term);
            }
            for (phrase, term) in self.phrases.get(word).into_iter().flatten() {
                if words.get(at..at + phrase.len()).is_some_and(|run| run.iter().eq(phrase.iter())) {
                    found.mark(*term);
                }
            }
            for (pattern, term) in &self.patterns {
                if !found.holds(*term) && wildcard(pattern, word) {
                    found.mark(*term);
                }
            }
        }
        for at in 0..found.terms.len() {
            for part in &self.users[found.terms[at] as usize] {
                if found.part_in[*part as usize] == found.text {
                    continue;
                }
                found.part_in[*part as usize] = found.text;
                if self.formulas[*part as usize].holds(&|term| found.holds(*term)) {
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

/// `*` any run, `?` one character. On a mismatch only the last `*` takes one more character, so the time is bounded by the
/// product of the lengths.
fn wildcard(pattern: &str, word: &str) -> bool {
    let (mut pattern_rest, mut word_rest) = (pattern.chars(), word.chars());
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let before = word_rest.clone();
        match (pattern_rest.next(), word_rest.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                word_rest = before;
                retry = Some((pattern_rest.clone(), word_rest.clone()));
            }
            (Some(p), Some(w)) if p == '?' || p == w => {}
            _ => {
                let Some((after_star, taken)) = &mut retry else { return false };
                if taken.next().is_none() {
                    return false;
                }
                (pattern_rest, word_rest) = (after_star.clone(), taken.clone());
            }
        }
    }
}

#[cfg(test)]
pub(in crate::query) mod tests {
    use super::{Finder, wildcard};
    use crate::lang::inner::words::{Words, words_of};
    use crate::model::fold::fold_case;
    use crate::query::search::{Part, Search};
    use proptest::prelude::*;

    /// Whether a text satisfies a search.
    pub(in crate::query) fn finds(search: &Search, text: &str) -> bool {
        let mut finder = Finder::default();
        let (wanted, mut n) = (finder.add(search.whole()), 0);
        finder.find(text, &mut finder.start(), |part| n += u32::from(part == wanted));
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
        let mut found = finder.start();
        for (text, expected) in
            [("Login: BUG", vec![0, 1, 2]), ("bug login", vec![0, 2]), ("", vec![]), ("big", vec![2])]
        {
            let mut parts = Vec::new();
            finder.find(text, &mut found, |part| parts.push(part));
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

    #[test]
    fn hostile_patterns_stay_quick() {
        let pattern = "*a".repeat(500) + "b";
        assert!(!wildcard(&pattern, &"a".repeat(20_000)));
    }

    fn brute(pattern: &[char], word: &[char]) -> bool {
        match pattern.split_first() {
            None => word.is_empty(),
            Some(('*', rest)) => (0..=word.len()).any(|n| brute(rest, &word[n..])),
            Some((p, rest)) => word.split_first().is_some_and(|(w, tail)| (*p == '?' || p == w) && brute(rest, tail)),
        }
    }

    proptest! {
        #[test]
        fn wildcards_agree_with_brute_force(pattern in "[ab*?]{0,8}", word in "[ab]{0,10}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(wildcard(&pattern, &word), brute(&chars(&pattern), &chars(&word)));
        }
    }
}
