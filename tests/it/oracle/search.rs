//! What follows `~`: words, phrases, wildcards, and Lucene's classic marks and joiners.

use super::column::fold_case;

/// Clauses side by side.
#[derive(Clone, Debug)]
pub(crate) struct Search(pub(crate) Vec<Clause>);

#[derive(Clone, Debug)]
pub(crate) struct Clause {
    pub(crate) joiner: Joiner,
    pub(crate) mark: Mark,
    pub(crate) item: Item,
}

/// What stands between a clause and the one before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Joiner {
    Blank,
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mark {
    Plain,
    Plus,
    Minus,
}

#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A run without blanks: any of the words in it.
    Term(String),
    Phrase(String),
    Group(Search),
}

/// What can be looked for in one text.
#[derive(Debug)]
pub(crate) enum Leaf {
    Word(String),
    Phrase(Vec<String>),
}

const STOP_WORDS: &str = "a an and are as at be but by for if in into is it no not of on or such that the their then \
                          there these they this to was will with";

/// The words of a text: runs of letters, digits and accents, whatever their case, without the most common ones.
pub(crate) fn words_of(text: &str) -> Vec<String> {
    let folded = fold_case(text);
    let runs = folded.split(|c| !is_of_word(c)).filter(|run| !run.is_empty());
    runs.filter(|run| !is_stop_word(run)).map(str::to_owned).collect()
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(u32::from(c), 0x300..0x370)
}

fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.split_whitespace().any(|stop| stop == word)
}

impl Search {
    /// Whether it matches, where `found` says so of single words and phrases.
    pub(crate) fn finds(&self, found: &dyn Fn(&Leaf) -> bool) -> bool {
        self.verdict(found) == Some(true)
    }

    /// None if no word is left in it; it then counts for nothing.
    fn verdict(&self, found: &dyn Fn(&Leaf) -> bool) -> Option<bool> {
        let mut kept: Vec<(Mark, bool)> = Vec::new();
        for clause in &self.0 {
            let verdict = clause.item.verdict(found);
            // AND makes the clauses on both its sides required, but for those that are excluded.
            if clause.joiner == Joiner::And
                && let Some((mark @ Mark::Plain, _)) = kept.last_mut()
            {
                *mark = Mark::Plus;
            }
            let mark = match clause.mark {
                Mark::Plain if clause.joiner == Joiner::And => Mark::Plus,
                mark => mark,
            };
            kept.extend(verdict.map(|verdict| (mark, verdict)));
        }
        if kept.is_empty() {
            return None;
        }
        let of = |mark| kept.iter().filter(move |(own, _)| *own == mark).map(|(_, verdict)| *verdict);
        let some = if of(Mark::Plus).next().is_some() { of(Mark::Plus).all(|v| v) } else { of(Mark::Plain).any(|v| v) };
        Some(some && !of(Mark::Minus).any(|v| v))
    }
}

impl Item {
    fn verdict(&self, found: &dyn Fn(&Leaf) -> bool) -> Option<bool> {
        match self {
            Self::Group(search) => search.verdict(found),
            Self::Phrase(text) => match words_of(text) {
                words if words.is_empty() => None,
                words => Some(found(&Leaf::Phrase(words))),
            },
            Self::Term(text) => {
                let folded = fold_case(text);
                let parts = folded.split(|c| !is_of_word(c) && c != '*' && c != '?');
                let words = parts.filter(|part| !part.is_empty() && !is_stop_word(part));
                words.map(|word| found(&Leaf::Word(word.to_owned()))).reduce(|a, b| a || b)
            }
        }
    }
}

impl Leaf {
    pub(crate) fn is_in(&self, words: &[String]) -> bool {
        match self {
            Self::Phrase(phrase) => words.windows(phrase.len()).any(|run| run == phrase),
            Self::Word(pattern) => {
                let pattern: Vec<char> = pattern.chars().collect();
                words.iter().any(|word| is_like(&pattern, &word.chars().collect::<Vec<_>>()))
            }
        }
    }
}

/// `*` any run, `?` any one character; by trying every length of every run.
fn is_like(pattern: &[char], word: &[char]) -> bool {
    match pattern.split_first() {
        None => word.is_empty(),
        Some(('*', rest)) => (0..=word.len()).any(|n| is_like(rest, &word[n..])),
        Some((c, rest)) => word.split_first().is_some_and(|(w, word)| (*c == '?' || c == w) && is_like(rest, word)),
    }
}
