//! `$search`, whose words are other tokens than those of expressions.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::lang::odata::ast::search::Search;
use crate::lang::odata::mode::Habit;
use crate::lang::odata::parse::Parser;

/// A piece of a search: its text with a phrase's quotes, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Parser<'a> {
    /// A search, from the place of the next token on: to the end of the text, a `;` of options, or a `)` that it does not open.
    pub(super) fn search(&mut self) -> Search {
        // Blanks may stand before a search.
        let mut at = self.token.start;
        let start = at;
        let found = match self.text().get(at..).is_some_and(|rest| rest.starts_with('\'')).then(|| self.foreign(at)) {
            Some(Some((found, end))) => {
                at = end;
                found
            }
            _ => {
                let found = self.search_or(&mut at);
                match found {
                    Some(found) => found,
                    None => {
                        self.no_search(at);
                        at = self.text().len();
                        Search::Error(self.source.span(start, at))
                    }
                }
            }
        };
        self.last = at;
        self.lex(at);
        found
    }

    fn no_search(&mut self, at: usize) {
        let rest = self.text().get(at..).unwrap_or("").trim_start();
        let at = self.text().len() - rest.len();
        let span = self.source.span(at, at + rest.chars().next().map_or(0, char::len_utf8));
        let wrong = match rest.chars().next() {
            None => {
                Diagnostic::error(Code::UnexpectedEnd, span, "the text ends where a word to search for was expected")
            }
            Some('"') => Diagnostic::error(Code::UnclosedString, span, "a phrase has no words or no closing `\"`"),
            Some(c) => {
                let wrong = format!("`{c}` stands where a word to search for was expected");
                Diagnostic::error(Code::UnexpectedToken, span, wrong)
            }
        };
        self.report(wrong.help("a search is words and phrases in double quotes, with AND, OR, NOT and parentheses"));
        self.ended = true;
    }

    /// `'…'`: a search in another grammar.
    fn foreign(&mut self, at: usize) -> Option<(Search, usize)> {
        let token = crate::lang::odata::lex::next(self.text(), at, false);
        let is_string = self.slice(token.end.saturating_sub(1), token.end) == "'" && token.end > at + 1;
        if !is_string {
            return None;
        }
        let text = self.slice(at + 1, token.end - 1).replace("''", "'").into();
        Some((Search::Foreign { text, span: self.source.span(at, token.end) }, token.end))
    }

    fn search_or(&mut self, at: &mut usize) -> Option<Search> {
        let mut operands = vec![self.search_and(at)?];
        while self.operator_at(*at, "OR") {
            let behind = self.piece(*at)?.end;
            *at = behind;
            operands.push(self.search_and(at)?);
            self.member(operands.len());
        }
        Some(one_or(operands, Search::Or))
    }

    fn search_and(&mut self, at: &mut usize) -> Option<Search> {
        let mut operands = vec![self.search_not(at)?];
        while !self.stopped {
            if self.operator_at(*at, "OR") {
                break;
            }
            if self.operator_at(*at, "AND") {
                *at = self.piece(*at)?.end;
            } else {
                match self.piece(*at) {
                    Some(piece) if piece.text != ")" => {
                        // Two terms have a blank between them.
                        if piece.start == *at {
                            return None;
                        }
                    }
                    _ if self.rest_is_open(*at) => return None,
                    _ => break,
                }
            }
            operands.push(self.search_not(at)?);
            self.member(operands.len());
        }
        Some(one_or(operands, Search::And))
    }

    /// `NOT` before something to search for is an operator, elsewhere a word.
    fn search_not(&mut self, at: &mut usize) -> Option<Search> {
        let mut nots = Vec::new();
        while let Some(piece) = self.piece(*at).filter(|piece| piece.text == "NOT") {
            if self.piece(piece.end).is_none_or(|next| next.text == ")" || next.start == piece.end) {
                break;
            }
            nots.push(self.source.span(piece.start, piece.end));
            *at = piece.end;
            self.node();
            if self.depth + nots.len() > self.limits.nesting {
                self.too_deep(self.depth + nots.len());
                return None;
            }
        }
        let operand = self.search_term(at)?;
        Some(nots.into_iter().rev().fold(operand, |operand, span| Search::Not(Box::new(operand), span)))
    }

    fn search_term(&mut self, at: &mut usize) -> Option<Search> {
        let piece = self.piece(*at)?;
        self.node();
        if piece.text == ")" || self.stopped {
            return None;
        }
        if piece.text == "(" {
            if self.depth >= self.limits.nesting {
                self.too_deep(self.depth + 1);
                return None;
            }
            self.depth += 1;
            *at = piece.end;
            let inside = self.search_or(at);
            self.depth -= 1;
            let closing = self.piece(*at).filter(|piece| piece.text == ")")?;
            *at = closing.end;
            return Some(Search::Group(Box::new(inside?), self.source.span(piece.start, closing.end)));
        }
        let span = self.source.span(piece.start, piece.end);
        *at = piece.end;
        if let Some(phrase) = piece.text.strip_prefix('"') {
            let text = phrase.strip_suffix('"').unwrap_or(phrase).replace("\\\"", "\"").replace("\\\\", "\\");
            return Some(Search::Term { text: text.into(), phrase: true, span });
        }
        self.search_characters(piece);
        Some(Search::Term { text: piece.text.into(), phrase: false, span })
    }

    /// Holds a word against the characters that stand in one as they are.
    fn search_characters(&mut self, piece: Piece<'_>) {
        let fits = |c: char| c.is_alphanumeric() || "-._~!*+,:@/?$='".contains(c);
        let wrong = piece.text.char_indices().find(|(_, c)| !fits(*c)).map(|(at, c)| (piece.start + at, c));
        if let Some((at, c)) = wrong
            && !self.source.is_encoded(at)
        {
            self.habit(Habit::SearchCharacter, self.source.span(at, at + c.len_utf8()), None);
        }
    }

    /// Whether AND or OR stands here with something to search for behind it.
    fn operator_at(&self, at: usize, operator: &str) -> bool {
        self.piece(at)
            .filter(|piece| piece.text == operator)
            .is_some_and(|piece| self.piece(piece.end).is_some_and(|next| next.text != ")" && next.start > piece.end))
    }

    /// Whether a phrase without an end stands here.
    fn rest_is_open(&self, at: usize) -> bool {
        self.text().get(at..).is_some_and(|rest| rest.trim_start().starts_with('"')) && self.piece(at).is_none()
    }

    /// The next parenthesis, phrase or word; `None` at the end, at a `;` that parts options, or at a phrase without an end.
    fn piece(&self, at: usize) -> Option<Piece<'a>> {
        let rest = self.text().get(at..)?;
        let body = rest.trim_start();
        let start = self.text().len() - body.len();
        let first = body.chars().next()?;
        let parts = |at: usize| self.in_options && !self.source.is_encoded(at);
        let len = match first {
            '(' | ')' => 1,
            ';' if parts(start) => return None,
            '"' => phrase(body)?,
            _ => body
                .char_indices()
                .find(|(at, c)| c.is_whitespace() || "()\"".contains(*c) || (*c == ';' && parts(start + at)))
                .map_or(body.len(), |(at, _)| at),
        };
        Some(Piece { text: body.get(..len)?, start, end: start + len })
    }
}

/// How long the phrase is that a text begins with; `None` if it is empty or has no end.
fn phrase(body: &str) -> Option<usize> {
    let mut is_escaped = false;
    let is_end = |(at, c): &(usize, char)| {
        let is_quote = *c == '"' && !is_escaped && *at > 0;
        is_escaped = *c == '\\' && !is_escaped;
        is_quote
    };
    body.char_indices().find(is_end).map(|(at, _)| at + 1).filter(|len| *len > 2)
}

/// The only one, or all.
fn one_or(mut operands: Vec<Search>, all: fn(Vec<Search>) -> Search) -> Search {
    match (operands.pop(), operands.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            operands.extend(last);
            all(operands)
        }
    }
}
