//! A cursor in a text: the word under it, what stands around, and what may stand there. Never fails.

use crate::base::span::Span;
use crate::lang::tql::ast::Word;
use crate::lang::tql::lex::{Lexed, Token, TokenKind, is_bare, lex};
use crate::lang::tql::place::{Expect, Place, place_behind};

/// Where a text would go on, and what would be replaced.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cursor {
    pub(crate) place: Place,
    /// The word or operator under the cursor, quotes included; empty where there is none.
    pub(crate) replaced: Span,
    /// What of it stands before the cursor, without quotes.
    pub(crate) typed: String,
    /// Whether the cursor is in a string.
    pub(crate) in_quotes: bool,
    pub(crate) next: Next,
    /// Whether what follows at once would run into a word put here.
    pub(crate) touches_word: bool,
    /// The next words behind the one under the cursor, as far as an operator's words may reach.
    following: Vec<(String, u32)>,
}

/// What follows the cursor's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// One of `( ) [ ] { } ,`; a name before `(` is a function's.
    Mark(char),
    /// An operator: a word before it is a field's name.
    Operator,
    Other,
}

/// Words of the longest operator, but for its first.
const MOST_FOLLOWING: usize = 2;

impl Cursor {
    /// The cursor at a byte of the text; beyond its end or inside a character, at the boundary before. Linear.
    pub(crate) fn at(text: &str, offset: usize) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let Lexed { tokens, lost } = lex(text, &mut Vec::new());
        let is_open = |word: &Word| lost.is_some() && tokens.last().is_some_and(|last| last.span == word.span);
        let first = tokens.partition_point(|token| (token.span.end as usize) < offset);
        let under = under(&tokens, first, offset);
        let n_before = match under {
            Some(at) => at,
            None => tokens.partition_point(|token| token.span.end as usize <= offset),
        };
        let place = place_behind(tokens.get(..n_before).unwrap_or(&[]));
        let takes_operator = matches!(place.expect, Expect::Operator { .. });
        let under = under.and_then(|at| tokens.get(at)).filter(|token| match token.kind {
            TokenKind::Word(_) => true,
            _ => takes_operator,
        });
        let before = |start: usize| text.get(start..offset).unwrap_or("");
        let (mut replaced, mut typed, mut in_quotes) = (Span::at(offset), String::new(), false);
        match under.map(|token| (&token.kind, token.span)) {
            Some((TokenKind::Word(word), span)) if word.quoted => {
                in_quotes = true;
                // What a string without an end swallowed is the rest of the query.
                replaced = if is_open(word) { Span::new(span.start as usize, offset) } else { span };
                let read = lex(before(span.start as usize), &mut Vec::new());
                if let Some(TokenKind::Word(word)) = read.tokens.into_iter().next().map(|token| token.kind) {
                    typed = word.text.into();
                }
            }
            Some((_, span)) => (replaced, typed) = (span, before(span.start as usize).to_owned()),
            // The lexer leaves a lone `!` out.
            None if takes_operator && before(0).ends_with('!') => {
                (replaced, typed) = (Span::new(offset - 1, offset), "!".to_owned());
            }
            None => {}
        }
        let behind = tokens.partition_point(|token| token.span.start < replaced.end);
        let behind = tokens.get(behind..).unwrap_or(&[]);
        let rest = text.get(replaced.end as usize..).unwrap_or("");
        let bare = |token: &Token| match &token.kind {
            TokenKind::Word(word) if !word.quoted => Some((word.text.to_ascii_uppercase(), token.span.end)),
            _ => None,
        };
        Self {
            place,
            replaced,
            typed,
            in_quotes,
            next: next(behind),
            touches_word: rest.starts_with(is_bare),
            following: behind.iter().take(MOST_FOLLOWING).map_while(bare).collect(),
        }
    }

    /// What a keyword or operator of one or more words replaces: words of it that stand behind the cursor too.
    pub(crate) fn replaced_by(&self, words: &str) -> Span {
        let mut rest = words;
        while let Some((_, tail)) = rest.split_once(' ') {
            let tail_words = || tail.split(' ');
            let found = self.following.get(..tail_words().count()).unwrap_or(&[]);
            if let Some((_, end)) = found.last().filter(|_| found.iter().map(|(word, _)| &**word).eq(tail_words())) {
                return Span { end: *end, ..self.replaced };
            }
            rest = tail;
        }
        self.replaced
    }
}

/// What the first token says of a word before it.
fn next(tokens: &[Token]) -> Next {
    let mark = |at: usize| match tokens.get(at).map(|token| &token.kind) {
        Some(TokenKind::Mark(mark)) => Some(*mark),
        _ => None,
    };
    let is = |at: usize, keyword: &str| match tokens.get(at).map(|token| &token.kind) {
        Some(TokenKind::Word(word)) => !word.quoted && word.text.eq_ignore_ascii_case(keyword),
        _ => false,
    };
    // In front of `(` they are the tests of that name.
    let is_operator = |at: usize, keyword: &str| is(at, keyword) && mark(at + 1) != Some('(');
    match tokens.first().map(|token| &token.kind) {
        Some(TokenKind::Mark(mark)) => Next::Mark(*mark),
        Some(TokenKind::Op(_)) => Next::Operator,
        _ if is(0, "IS") || is(0, "DOES") => Next::Operator,
        _ if is_operator(0, "IN") || is_operator(0, "CONTAINS") => Next::Operator,
        _ if is(0, "NOT") && is_operator(1, "IN") => Next::Operator,
        _ => Next::Other,
    }
}

/// The token under the cursor: a word that it is in or touches, the one before it rather than the one behind; or an operator
/// that it is in or stands before. `first` is the first token that does not end before the cursor.
fn under(tokens: &[Token], first: usize, offset: usize) -> Option<usize> {
    let is_under = |at: &usize| {
        tokens.get(*at).is_some_and(|token| {
            let (start, end) = (token.span.start as usize, token.span.end as usize);
            match token.kind {
                TokenKind::Word(_) => start <= offset && offset <= end,
                TokenKind::Op(_) => start <= offset && offset < end,
                TokenKind::Mark(_) => false,
            }
        })
    };
    [first, first + 1].into_iter().find(is_under)
}
