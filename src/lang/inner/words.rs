//! The search language behind `~`: words, phrases and wildcards, with the boolean forms of Lucene's classic syntax. What is
//! read here is a tree of words; asking it of a text is `query::search`.
//!
//! Our choices where Lucene's syntax leaves them open: a word with punctuation in it (`foo-bar`) stands for any of its parts;
//! stop words are dropped from phrases and texts alike; wildcards work outside phrases only.

use std::borrow::Cow;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::limits::Limits;
use crate::lang::tql::ast::Word;

/// Lucene's classic English stop words, ascending.
const STOP_WORDS: [&str; 33] = [
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of",
    "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
];

/// Most words of one search, and of one phrase: a search is asked of every distinct text of a field.
const MOST_WORDS: usize = 1000;
const MOST_PHRASE_WORDS: usize = 100;
/// Most characters of a word with wildcards.
const MOST_PATTERN: usize = 200;

/// A search as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Words {
    /// No word was left to look for.
    Nothing,
    /// A folded word.
    Word(String),
    /// A folded word with `*` and `?` in it.
    Pattern(String),
    /// Folded words in a row.
    Phrase(Vec<String>),
    /// Clauses: every required one, no prohibited one and, if none is required, some optional one.
    Clauses(Vec<(Occurs, Words)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Occurs {
    Required,
    Optional,
    Prohibited,
}

/// Whether a folded word is too common to be searched for.
pub(crate) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// The words of a folded text, stop words left out: runs of letters and digits, with the accents that combine with them.
pub(crate) fn words_of(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !is_of_word(c)).filter(|word| !word.is_empty() && !is_stop_word(word))
}

/// Whether a character is of a word. Combining accents are: some letters fold to a letter and its accent, such as `ΐ`, and
/// their words must not fall apart.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}

/// What stands for every spelling of a text.
pub(crate) type Fold = fn(&str) -> Cow<'_, str>;

/// Reads the search in a string of a query; `fold` is what its words and those of texts are compared by.
pub(crate) fn parse(word: &Word, fold: Fold, limits: &Limits) -> (Words, Vec<Diagnostic>) {
    let mut parser = Parser { word, rest: &word.text, depth: 0, n_words: 0, fold, limits, diagnostics: Vec::new() };
    let mut words = parser.clauses();
    if !parser.rest.is_empty() && parser.diagnostics.is_empty() {
        parser.wrong(1, "`)` closes nothing in the search");
    }
    let mut diagnostics = parser.diagnostics;
    if diagnostics.is_empty() {
        let only_excludes = matches!(&words, Words::Clauses(clauses)
            if clauses.iter().all(|(occurs, _)| *occurs == Occurs::Prohibited));
        if only_excludes {
            let message = "a search that only excludes words matches nothing";
            diagnostics.push(
                Diagnostic::warning(Code::WrongSearch, word.span, message).help("`!~` excludes rows with a word"),
            );
            words = Words::Nothing;
        } else if words == Words::Nothing {
            let message = "no word is left to search for, so nothing matches";
            let warning = Diagnostic::warning(Code::StopWordsOnly, word.span, message);
            diagnostics.push(warning.help("common words such as `the` and punctuation are not searched"));
        }
    }
    (words, diagnostics)
}

struct Parser<'a> {
    word: &'a Word,
    rest: &'a str,
    depth: usize,
    n_words: usize,
    fold: Fold,
    limits: &'a Limits,
    diagnostics: Vec<Diagnostic>,
}

impl Parser<'_> {
    /// Clauses to the end or a closing parenthesis.
    fn clauses(&mut self) -> Words {
        let mut clauses: Vec<(Occurs, Words)> = Vec::new();
        let mut n_written = 0;
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() || self.rest.starts_with(')') || !self.diagnostics.is_empty() {
                break;
            }
            let joiner = self.rest;
            let joined_by_and = self.take("&&") || self.take_keyword("AND");
            if joined_by_and || self.take("||") || self.take_keyword("OR") {
                if n_written == 0 {
                    let length = joiner.len() - self.rest.len();
                    self.rest = joiner;
                    self.wrong(length, "a search begins with AND or OR");
                    break;
                }
                self.rest = self.rest.trim_start();
                if self.rest.is_empty() || self.rest.starts_with(')') {
                    self.wrong(0, "a word is missing behind AND or OR in the search");
                    break;
                }
            }
            let required = self.take("+");
            let prohibited = !required && (self.take("-") || self.take("!") || self.take_keyword("NOT"));
            let Some(words) = self.primary() else { break };
            n_written += 1;
            // Lucene: AND makes both its sides required, unless they are prohibited.
            if joined_by_and && let Some((occurs @ Occurs::Optional, _)) = clauses.last_mut() {
                *occurs = Occurs::Required;
            }
            let occurs = match (prohibited, required || joined_by_and) {
                (true, _) => Occurs::Prohibited,
                (false, true) => Occurs::Required,
                (false, false) => Occurs::Optional,
            };
            if words != Words::Nothing {
                clauses.push((occurs, words));
            }
        }
        match clauses.len() {
            0 => Words::Nothing,
            1 if clauses[0].0 != Occurs::Prohibited => clauses.swap_remove(0).1,
            _ => Words::Clauses(clauses),
        }
    }

    /// A word, a phrase or a group.
    fn primary(&mut self) -> Option<Words> {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else {
            self.wrong(0, "a word is missing at the end of the search");
            return None;
        };
        match first {
            '(' => {
                if self.depth >= self.limits.nesting {
                    let limit = self.limits.nesting;
                    self.report(Code::LimitReached, 1, &format!("limit `nesting` is {limit}, {} needed", limit + 1));
                    return None;
                }
                let opening = self.rest;
                self.advance(1);
                self.depth += 1;
                let inner = self.clauses();
                self.depth -= 1;
                if !self.take(")") && self.diagnostics.is_empty() {
                    self.rest = opening;
                    self.wrong(1, "`(` is not closed in the search");
                    return None;
                }
                Some(inner)
            }
            ')' => {
                self.wrong(1, "a word is missing before `)` in the search");
                None
            }
            quote @ ('"' | '\'') => {
                let opening = self.rest;
                self.advance(1);
                let Some(end) = self.rest.find(quote) else {
                    self.rest = opening;
                    self.wrong(1, "a phrase in the search is not closed");
                    return None;
                };
                let phrase = (self.fold)(self.rest.get(..end).unwrap_or("")).into_owned();
                self.advance(end + 1);
                let mut words: Vec<String> = words_of(&phrase).map(str::to_owned).collect();
                if !self.admit(words.len(), words.len(), 0) {
                    return None;
                }
                Some(match words.len() {
                    0 => Words::Nothing,
                    1 => Words::Word(words.swap_remove(0)),
                    _ => Words::Phrase(words),
                })
            }
            _ => self.term(),
        }
    }

    /// A run without blanks, quotes and parentheses: any of the words in it.
    fn term(&mut self) -> Option<Words> {
        let (mut term, mut end) = (String::new(), 0);
        let mut chars = self.rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c == '\\' {
                // What is escaped is punctuation, and punctuation parts words; only wildcards lose a meaning.
                if let Some((_, escaped)) = chars.next() {
                    term.push(if is_of_word(escaped) { escaped } else { ' ' });
                    end = at + 1 + escaped.len_utf8();
                    continue;
                }
            }
            if c.is_whitespace() || "\"()".contains(c) {
                break;
            }
            term.push(c);
            end = at + c.len_utf8();
        }
        self.advance(end.max(1));
        let is_wild = |c: char| c == '*' || c == '?';
        let folded = (self.fold)(&term);
        let parts = folded.split(|c: char| !is_of_word(c) && !is_wild(c)).filter(|part| !part.is_empty());
        let mut words: Vec<(Occurs, Words)> = parts
            .filter(|part| !is_stop_word(part))
            .map(|part| {
                let words = if part.contains(is_wild) { Words::Pattern(part.into()) } else { Words::Word(part.into()) };
                (Occurs::Optional, words)
            })
            .collect();
        let longest = |(_, words): &(Occurs, Words)| match words {
            Words::Pattern(pattern) => pattern.chars().count(),
            _ => 0,
        };
        let longest_pattern = words.iter().map(longest).max().unwrap_or(0);
        self.admit(words.len(), 0, longest_pattern).then(|| match words.len() {
            0 => Words::Nothing,
            1 => words.swap_remove(0).1,
            _ => Words::Clauses(words),
        })
    }

    /// Whether that many more words keep the search within its limits; reports it if not.
    fn admit(&mut self, n_words: usize, in_phrase: usize, pattern: usize) -> bool {
        self.n_words += n_words;
        let limits = [
            ("words of a search", MOST_WORDS, self.n_words),
            ("words of a phrase", MOST_PHRASE_WORDS, in_phrase),
            ("characters of a pattern", MOST_PATTERN, pattern),
        ];
        match limits.into_iter().find(|(_, limit, need)| need > limit) {
            None => true,
            Some((name, limit, need)) => {
                self.report(Code::LimitReached, 0, &format!("limit `{name}` is {limit}, {need} needed"));
                false
            }
        }
    }

    fn advance(&mut self, n: usize) {
        self.rest = self.rest.get(n..).unwrap_or("");
    }

    fn take(&mut self, mark: &str) -> bool {
        let found = self.rest.strip_prefix(mark);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    /// A keyword in capitals with a blank or parenthesis behind it; in lower case it is a word.
    fn take_keyword(&mut self, keyword: &str) -> bool {
        let rest = self.rest.strip_prefix(keyword);
        let Some(rest) = rest.filter(|r| r.is_empty() || r.starts_with(|c: char| c.is_whitespace() || c == '(')) else {
            return false;
        };
        self.rest = rest;
        true
    }

    fn wrong(&mut self, length: usize, message: &str) {
        self.report(Code::WrongSearch, length, message);
    }

    fn report(&mut self, code: Code, length: usize, message: &str) {
        let start = self.word.text.len() - self.rest.len();
        let span = self.word.source_span(start, (start + length).min(self.word.text.len()));
        self.diagnostics.push(Diagnostic::error(code, span, message));
    }
}
