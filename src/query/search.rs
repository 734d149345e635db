//! Word searches as meaning: what is looked for in one text, and the formula over single words, phrases and patterns. Asking
//! texts is [`finder`](crate::query::finder).

use std::fmt;

use crate::lang::inner::words::{Occurs, Words};

/// A search that texts can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Search {
    words: Words,
}

/// What one text is asked for: a whole search, or one term of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Part<'a>(pub(super) &'a Words);

/// AND, OR and NOT of tests. True only if some test is: no search finds what holds none of its terms.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Formula<T> {
    Is(T),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Search {
    pub(crate) fn new(words: Words) -> Self {
        Self { words }
    }

    /// How deep parentheses stand in one another where it is printed.
    pub(crate) fn nesting(&self) -> usize {
        nesting(&self.words)
    }

    /// The search as something that one text satisfies.
    pub(crate) fn whole(&self) -> Part<'_> {
        Part(&self.words)
    }
}

impl<'a> Part<'a> {
    /// The formula over the terms, each given as what `of_term` makes of it.
    pub(crate) fn formula<T>(self, of_term: &mut impl FnMut(Part<'a>) -> T) -> Formula<T> {
        let clauses = match self.0 {
            Words::Nothing => return Formula::Any(Vec::new()),
            Words::Word(_) | Words::Pattern(_) | Words::Phrase(_) => return Formula::Is(of_term(self)),
            Words::Clauses(clauses) => clauses,
        };
        let is_required = clauses.iter().any(|(occurs, _)| *occurs == Occurs::Required);
        let (mut all, mut any) = (Vec::new(), Vec::new());
        for (occurs, clause) in clauses {
            match occurs {
                Occurs::Required => all.push(Part(clause).formula(of_term)),
                Occurs::Prohibited => all.push(Formula::Not(Part(clause).formula(of_term).into())),
                // Beside a required clause an optional one decides nothing.
                Occurs::Optional if is_required => {}
                Occurs::Optional => any.push(Part(clause).formula(of_term)),
            }
        }
        match (is_required, all.is_empty()) {
            (true, _) => Formula::All(all),
            (false, true) => Formula::Any(any),
            (false, false) => {
                all.push(Formula::Any(any));
                Formula::All(all)
            }
        }
    }
}

impl<T> Formula<T> {
    /// Whether it holds, where `is` tells of the tests.
    pub(crate) fn holds(&self, is: &impl Fn(&T) -> bool) -> bool {
        match self {
            Self::Is(test) => is(test),
            Self::Not(part) => !part.holds(is),
            Self::All(parts) => parts.iter().all(|part| part.holds(is)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(is)),
        }
    }
}

fn nesting(words: &Words) -> usize {
    let Words::Clauses(clauses) = words else { return 0 };
    let deeper = |clause: &Words| usize::from(matches!(clause, Words::Clauses(_))) + nesting(clause);
    clauses.iter().map(|(_, clause)| deeper(clause)).max().unwrap_or(0)
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
    use super::Search;
    use crate::base::limits::Limits;
    use crate::base::span::Span;
    use crate::lang::inner::words::parse;
    use crate::lang::tql::ast::Word;
    use crate::model::fold::fold_case;
    use crate::query::finder::tests::finds;
    use proptest::prelude::*;

    fn search(text: &str) -> (Search, Vec<&'static str>) {
        let word = Word { span: Span::new(0, text.len() + 2), text: text.into(), quoted: true, shifts: Vec::new() };
        let (words, diagnostics) = parse(&word, fold_case, &Limits::default());
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
            assert_eq!(finds(&search, text), found, "{query}");
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
            assert!(code == "wrong-search" || !finds(&search, "the of bug"), "{query}");
        }
        for text in ["(".repeat(100_000), "word ".repeat(2000), format!("\"{}\"", "a1 ".repeat(200)), "*a".repeat(150)]
        {
            assert_eq!(search(&text).1, ["limit-reached"]);
        }
    }

    proptest! {
        #[test]
        fn any_search_reads_and_prints_back(query in "[ab*?+!&|() \"'-]{0,16}|\\PC{0,16}", text in "[ab ]{0,12}") {
            let (first, diagnostics) = search(&query);
            finds(&first, &text);
            if diagnostics.is_empty() {
                prop_assert_eq!(search(&first.to_string()).0, first);
            }
        }
    }
}
