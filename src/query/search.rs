//! Word searches, asked of texts. Time is linear in the text for words and phrases, and bounded by pattern times word for
//! wildcards; nothing backtracks without end.

use std::fmt;

use crate::lang::inner::words::{Occurs, Words, words_of};

/// A search that texts can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    words: Words,
}

impl Search {
    pub(crate) fn new(words: Words) -> Self {
        Self { words }
    }

    /// Whether the text's words satisfy the search.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        let words: Vec<&str> = words_of(&lower).collect();
        matches(&self.words, &words)
    }
}

fn matches(search: &Words, words: &[&str]) -> bool {
    match search {
        Words::Nothing => false,
        Words::Word(word) => words.contains(&word.as_str()),
        Words::Pattern(pattern) => words.iter().any(|word| wildcard(pattern, word)),
        Words::Phrase(phrase) => words.windows(phrase.len()).any(|run| run.iter().eq(phrase.iter())),
        Words::Clauses(clauses) => {
            let mut optional = None;
            for (occurs, clause) in clauses {
                let found = matches(clause, words);
                match occurs {
                    Occurs::Required if !found => return false,
                    Occurs::Prohibited if found => return false,
                    Occurs::Required => optional = Some(true),
                    Occurs::Optional => optional = Some(optional.unwrap_or(false) || found),
                    Occurs::Prohibited => {}
                }
            }
            optional.unwrap_or(false)
        }
    }
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

impl fmt::Display for Search {
    /// A search text that reads back to the same search.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.words, f, true)
    }
}

fn show(words: &Words, f: &mut fmt::Formatter<'_>, outermost: bool) -> fmt::Result {
    match words {
        // A lone stop word finds nothing either.
        Words::Nothing => f.write_str("the"),
        Words::Word(word) | Words::Pattern(word) => f.write_str(word),
        Words::Phrase(phrase) => write!(f, "\"{}\"", phrase.join(" ")),
        Words::Clauses(clauses) => {
            if !outermost {
                f.write_str("(")?;
            }
            for (i, (occurs, clause)) in clauses.iter().enumerate() {
                if i > 0 {
                    f.write_str(" ")?;
                }
                f.write_str(match occurs {
                    Occurs::Required => "+",
                    Occurs::Optional => "",
                    Occurs::Prohibited => "-",
                })?;
                show(clause, f, false)?;
            }
            if outermost { Ok(()) } else { f.write_str(")") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Search, wildcard};
    use crate::base::limits::Limits;
    use crate::base::span::Span;
    use crate::lang::inner::words::parse;
    use crate::lang::tql::ast::Word;
    use proptest::prelude::*;

    fn search(text: &str) -> (Search, Vec<&'static str>) {
        let word = Word { span: Span::new(0, text.len() + 2), text: text.into(), quoted: true, shifts: Vec::new() };
        let (words, diagnostics) = parse(&word, &Limits::default());
        (Search::new(words), diagnostics.iter().map(|d| d.code().as_str()).collect())
    }

    #[test]
    fn words_phrases_wildcards_and_boolean_forms() {
        let text = "The Login-bug: user's password was REJECTED in Straße 7";
        for (query, found) in [
            ("login", true),
            ("LOGIN", true),
            ("logi", false),
            ("logi*", true),
            ("l?gin", true),
            ("*ject*", true),
            ("missing bug", true),
            ("missing absent", false),
            ("\"login bug\"", true),
            ("'bug login'", false),
            ("\"password was rejected\"", true),
            ("login && bug", true),
            ("login AND absent", false),
            ("login && !bug", false),
            ("login -absent", true),
            ("+login +absent", false),
            ("+login absent", true),
            ("absent || bug", true),
            ("(absent || bug) && login", true),
            ("login NOT bug", false),
            ("straße", true),
            ("foo-bug", true),
            ("login and absent", true),
        ] {
            let (search, diagnostics) = search(query);
            assert_eq!(diagnostics, [""; 0], "{query}");
            assert_eq!(search.matches(text), found, "{query}");
        }
    }

    #[test]
    fn searches_for_nothing_say_so() {
        for (query, code) in [
            ("the of", "stop-words-only"),
            ("...", "stop-words-only"),
            ("", "stop-words-only"),
            ("-bug", "wrong-search"),
            ("\"open", "wrong-search"),
            ("(open", "wrong-search"),
            ("close)", "wrong-search"),
            ("AND a", "wrong-search"),
            ("login &&", "wrong-search"),
        ] {
            let (search, diagnostics) = search(query);
            assert_eq!(diagnostics, [code], "{query}");
            assert!(code == "wrong-search" || !search.matches("the of bug"), "{query}");
        }
        for text in ["(".repeat(100_000), "word ".repeat(2000), format!("\"{}\"", "a1 ".repeat(200)), "*a".repeat(150)]
        {
            assert_eq!(search(&text).1, ["limit-reached"]);
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

        #[test]
        fn any_search_reads_and_prints_back(query in "[ab*?+!&|() \"'-]{0,16}|\\PC{0,16}", text in "[ab ]{0,12}") {
            let (first, diagnostics) = search(&query);
            let _ = first.matches(&text);
            if diagnostics.is_empty() {
                prop_assert_eq!(search(&first.to_string()).0, first);
            }
        }
    }
}
