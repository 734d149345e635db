//! Tokens to a tree. Never fails: a part that cannot be read becomes an error node with one diagnostic, and reading goes on
//! at the next AND, OR, comma or closing bracket. Descends only where the text nests, to the limit `nesting`.
//!
//! [`lex`](super::lex) is nom's part; the grammar is written out here, since recovery at a chosen token and one diagnostic a
//! mistake are what it is about.

mod aggregate;
mod clause;
mod filter;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Severity, push};
use crate::base::limits::Limits;
use crate::base::span::Span;
use crate::lang::tql::ast::{OrderItem, Query, Word};
use crate::lang::tql::lex::{Token, TokenKind, lex};
use crate::lang::tql::print::parenthesised_filter;

/// A tree and what is wrong with its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parsed {
    pub(crate) query: Query,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Reads a whole query.
pub(crate) fn parse(text: &str, limits: &Limits) -> Parsed {
    Parser::run(text, limits, Parser::query)
}

/// Reads a filter alone.
pub(crate) fn parse_filter(text: &str, limits: &Limits) -> Parsed {
    Parser::run(text, limits, |parser| {
        let filter = (!parser.at_end()).then(|| parser.filter());
        Query { filter, ..Query::default() }
    })
}

/// Reads the items of an order, with or without ORDER BY before them.
pub(crate) fn parse_order(text: &str, limits: &Limits) -> Parsed {
    Parser::run(text, limits, |parser| {
        if parser.at_order_by() {
            return Query { order: parser.order(), ..Query::default() };
        }
        Query { order: parser.order_items(), ..Query::default() }
    })
}

/// Longest filter of which a warning shows how it was read.
const SHOWN_READING: u32 = 2000;

struct Parser<'a> {
    text: &'a str,
    limits: &'a Limits,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    n_nodes: usize,
    /// A limit was reached: nothing is read any more, and what is missing is no mistake of the text.
    stopped: bool,
    /// AND met OR, or NOT met OR, without parentheses.
    mixed: bool,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    fn run(text: &'a str, limits: &'a Limits, read: impl FnOnce(&mut Self) -> Query) -> Parsed {
        let mut diagnostics = Vec::new();
        let fits = text.len() <= limits.query_bytes;
        let tokens = if fits { lex(text, &mut diagnostics) } else { Vec::new() };
        let mut parser =
            Self { text, limits, tokens, at: 0, depth: 0, n_nodes: 0, stopped: false, mixed: false, diagnostics };
        if !fits {
            let cut = (0..=limits.query_bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            parser.stop("query_bytes", limits.query_bytes, text.len(), Span::new(cut, text.len()));
        }
        let query = read(&mut parser);
        if !parser.at_end() {
            parser.leftover();
        }
        if let Some(filter) = query.filter.as_ref().filter(|_| parser.mixed && !parser.stopped) {
            let span = filter.span();
            let message = "AND, OR and NOT are mixed without parentheses and were read from left to right";
            let mut warning = Diagnostic::warning(Code::MixedOperators, span, message);
            // What could not be read has no reading to show, and none to put in its place.
            let is_whole = parser.diagnostics.iter().all(|d| d.severity() != Severity::Error);
            if is_whole && span.end - span.start <= SHOWN_READING {
                let reading = parenthesised_filter(filter);
                warning = warning.help(format!("read as `{reading}`")).fix("add the parentheses", span, reading);
            }
            parser.diagnostics.push(warning);
        }
        parser.diagnostics.sort_by_key(crate::base::diagnostic::Diagnostic::span);
        Parsed { query, diagnostics: parser.diagnostics }
    }

    fn query(&mut self) -> Query {
        let aggregates = if self.at_aggregate() { self.aggregates() } else { Vec::new() };
        if self.at_word("WHERE") && !self.operator_follows() {
            if aggregates.is_empty() {
                let span = self.span();
                let wrong = Diagnostic::error(Code::UnexpectedToken, span, "WHERE belongs behind an aggregate");
                self.report(wrong.fix("drop WHERE", span, ""));
            }
            self.at += 1;
        }
        let filter = (!self.at_end() && !self.at_order_by() && !self.at_mark('}')).then(|| self.filter());
        let order = if self.at_order_by() { self.order() } else { Vec::new() };
        Query { aggregates, filter, order }
    }

    /// `ORDER BY items`.
    fn order(&mut self) -> Vec<OrderItem> {
        self.at += 2;
        self.order_items()
    }

    fn order_items(&mut self) -> Vec<OrderItem> {
        let mut items: Vec<OrderItem> = Vec::new();
        loop {
            let Some(field) = self.take_word() else {
                self.expected("a field to order by");
                self.skip_to_end_of_part();
                break;
            };
            let mut span = field.span;
            let descending = self.at_word("DESC");
            if descending || self.at_word("ASC") {
                span = span.to(self.span());
                self.at += 1;
            }
            self.node();
            items.push(OrderItem { field, descending, span });
            if items.len() > self.limits.order_items {
                let need =
                    items.len() + self.tokens[self.at..].iter().filter(|t| t.kind == TokenKind::Mark(',')).count();
                self.stop("order_items", self.limits.order_items, need, span);
            }
            if !self.take_mark(',') {
                break;
            }
        }
        items
    }

    /// What stands behind a complete query.
    fn leftover(&mut self) {
        let span = self.span();
        if self.diagnostics.last().is_some_and(|last| last.span() == Some(span)) {
            self.at = self.tokens.len();
            return;
        }
        let text = self.shown(span);
        let wrong = match &self.tokens[self.at].kind {
            TokenKind::Mark(mark @ (')' | ']' | '}')) => {
                let message = format!("`{mark}` closes nothing");
                Diagnostic::error(Code::UnopenedBracket, span, message).fix(format!("drop `{mark}`"), span, "")
            }
            _ => Diagnostic::error(Code::UnexpectedToken, span, format!("`{text}` was not expected here"))
                .help("the query could have ended before it; clauses are joined by AND or OR"),
        };
        self.report(wrong);
        self.at = self.tokens.len();
    }

    // Tokens.

    fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn peek(&self, ahead: usize) -> Option<&TokenKind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    /// The place of the next token; behind the last one at the end.
    fn span(&self) -> Span {
        match self.tokens.get(self.at) {
            Some(token) => token.span,
            None => Span::at(self.tokens.last().map_or(0, |last| last.span.end as usize)),
        }
    }

    /// The place of the token just taken.
    fn last_span(&self) -> Span {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(Span::at(0), |token| token.span)
    }

    fn is_word(&self, ahead: usize, keyword: &str) -> bool {
        matches!(self.peek(ahead), Some(TokenKind::Word(word)) if !word.quoted && word.text.eq_ignore_ascii_case(keyword))
    }

    fn at_word(&self, keyword: &str) -> bool {
        self.is_word(0, keyword)
    }

    fn at_mark(&self, mark: char) -> bool {
        self.peek(0) == Some(&TokenKind::Mark(mark))
    }

    fn take_mark(&mut self, mark: char) -> bool {
        let found = self.at_mark(mark);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self) -> Option<Word> {
        let Some(TokenKind::Word(word)) = self.peek(0) else { return None };
        let word = word.clone();
        self.at += 1;
        Some(word)
    }

    fn at_order_by(&self) -> bool {
        self.at_word("ORDER") && self.is_word(1, "BY")
    }

    /// Whether the token after the next one is an operator, so that the next one is a field's name.
    fn operator_follows(&self) -> bool {
        match self.peek(1) {
            Some(TokenKind::Op(_)) => true,
            Some(TokenKind::Word(_)) => {
                ["IS", "IN", "CONTAINS"].iter().any(|keyword| self.is_word(1, keyword))
                    || (self.is_word(1, "NOT") && self.is_word(2, "IN"))
                    || (self.is_word(1, "DOES") && self.is_word(2, "NOT"))
            }
            _ => false,
        }
    }

    /// The text of a span for a message, at most 40 characters of it.
    fn shown(&self, span: Span) -> String {
        let text = span.of(self.text);
        match text.char_indices().nth(40) {
            Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("")),
            None => text.to_owned(),
        }
    }

    // Mistakes and limits.

    fn report(&mut self, diagnostic: Diagnostic) {
        if !self.stopped {
            push(&mut self.diagnostics, diagnostic);
        }
    }

    /// Something else was expected here.
    fn expected(&mut self, what: &str) {
        let span = self.span();
        let wrong = if self.at_end() {
            Diagnostic::error(Code::UnexpectedEnd, span, format!("the text ends where {what} was expected"))
        } else {
            let found = self.shown(span);
            Diagnostic::error(Code::UnexpectedToken, span, format!("`{found}` stands where {what} was expected"))
        };
        self.report(wrong);
    }

    /// Reports a limit and reads no further.
    fn stop(&mut self, name: &str, limit: usize, need: usize, span: Span) {
        let message = format!("limit `{name}` is {limit}, {need} needed");
        let help = format!("ask for less, or let the host raise `{name}`");
        self.report(Diagnostic::error(Code::LimitReached, span, message).help(help));
        self.stopped = true;
        self.at = self.tokens.len();
    }

    /// Counts a node of the tree.
    fn node(&mut self) {
        self.n_nodes += 1;
        if self.n_nodes > self.limits.nodes && !self.stopped {
            let need = self.n_nodes + (self.tokens.len() - self.at.min(self.tokens.len()));
            self.stop("nodes", self.limits.nodes, need, self.last_span());
        }
    }

    /// Reads something one level deeper; `None` beyond the limit.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= self.limits.nesting {
            if !self.stopped {
                self.stop("nesting", self.limits.nesting, self.depth + 1, self.last_span());
            }
            return None;
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        Some(read)
    }

    /// Takes the closing bracket of what was opened at `opening`.
    fn close(&mut self, mark: char, opening: Span) {
        if self.take_mark(mark) {
            return;
        }
        let open = self.shown(opening);
        let wrong = Diagnostic::error(Code::UnclosedBracket, opening, format!("`{open}` is not closed by `{mark}`"));
        let place = Span::at(self.last_span().end as usize);
        self.report(wrong.fix(format!("insert `{mark}`"), place, mark));
    }

    /// Leaves out tokens to the next AND, OR or closing bracket of this level, or ORDER BY.
    fn skip_to_end_of_part(&mut self) {
        let mut open = 0usize;
        while let Some(kind) = self.peek(0) {
            match kind {
                TokenKind::Mark('(' | '[' | '{') => open += 1,
                TokenKind::Mark(')' | ']' | '}') if open == 0 => return,
                TokenKind::Mark(')' | ']' | '}') => open -= 1,
                TokenKind::Word(_)
                    if open == 0 && (self.at_word("AND") || self.at_word("OR") || self.at_order_by()) =>
                {
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests;
