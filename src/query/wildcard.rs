//! Words with wildcards: `*` for any run of characters, `?` for one. Which of many words match is
//! [`vocabulary`](crate::query::vocabulary).

/// What parts words that stand one behind the other; no word has it.
pub(super) const SEPARATOR: char = '\n';

/// A word with wildcards, taken apart.
#[derive(Debug)]
pub(super) struct Pattern<'a> {
    text: &'a str,
    /// What the text of every matching word has in it, with a separator where that is the word's beginning or end; empty if
    /// there is no such thing.
    pub(super) needle: String,
    /// Whether words that have the needle in them need no further look: so it is with `abc*`, `*abc` and `*abc*`.
    pub(super) is_enough: bool,
}

impl<'a> Pattern<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let runs: Vec<&str> = text.split(['*', '?']).collect();
        let last = runs.len() - 1;
        let needle = |(at, run): (usize, &&str)| {
            let (before, behind) = (at == 0 && !run.is_empty(), at == last && !run.is_empty());
            let mut needle = String::with_capacity(run.len() + 2);
            needle.extend(before.then_some(SEPARATOR));
            needle.push_str(run);
            needle.extend(behind.then_some(SEPARATOR));
            needle
        };
        let needle = runs.iter().enumerate().map(needle).max_by_key(String::len).unwrap_or_default();
        let n_literal = runs.iter().filter(|run| !run.is_empty()).count();
        Self { text, needle, is_enough: n_literal == 1 && !text.contains('?') }
    }

    /// Whether a word matches. On a mismatch only the last `*` takes one more character, so the time is bounded by the
    /// product of the lengths.
    pub(super) fn matches(&self, word: &str) -> bool {
        let (mut pattern_rest, mut word_rest) = (self.text.chars(), word.chars());
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
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use proptest::prelude::*;

    #[test]
    fn needles_are_the_longest_runs() {
        for (text, needle, is_enough) in [
            ("abc*", "\nabc", true),
            ("*abc", "abc\n", true),
            ("**abc*", "abc", true),
            ("a*bc", "bc\n", false),
            ("ab*c", "\nab", false),
            ("*abc?", "abc", false),
            ("*ab*c*", "ab", false),
            ("*", "", false),
            ("??", "", false),
        ] {
            let pattern = Pattern::new(text);
            assert_eq!((&*pattern.needle, pattern.is_enough), (needle, is_enough), "{text}");
        }
    }

    #[test]
    fn hostile_patterns_stay_quick() {
        let pattern = "*a".repeat(500) + "b";
        assert!(!Pattern::new(&pattern).matches(&"a".repeat(20_000)));
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
            prop_assert_eq!(Pattern::new(&pattern).matches(&word), brute(&chars(&pattern), &chars(&word)));
        }
    }
}
