//! Tokens to a tree. Never fails: a part that cannot be read becomes an error node with one diagnostic, and reading goes on
//! at the next AND, OR, comma or closing bracket. Descends only where the text nests, to the limit `nesting`.
//!
//! [`lex`](super::lex) is nom's part; the grammar is written out here, since recovery at a chosen token and one diagnostic a
//! mistake are what it is about.

mod aggregate;
mod clause;
mod filter;
mod list;
mod operator;
mod recover;
mod slips;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::limits::Limits;
use crate::base::span::Span;
use crate::lang::tql::ast::{OrderItem, Query, Word};
use crate::lang::tql::lex::{Lexed, Token, TokenKind, lex};
use crate::lang::tql::parse::aggregate::Within;
pub(crate) use crate::lang::tql::parse::clause::aggregate_in_filter;

/// A tree and what is wrong with its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parsed {
    pub(crate) query: Query,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What counts for the limit `nodes`.
    pub(crate) n_nodes: usize,
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

struct Parser<'a> {
    text: &'a str,
    limits: &'a Limits,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    n_nodes: usize,
    /// How many brackets wait for each of `)`, `]` and `}`.
    awaited: [usize; 3],
    /// A limit was reached: nothing is read any more, and what is missing is no mistake of the text.
    stopped: bool,
    /// That the text ends too early was told; brackets that are open then are no further mistake.
    ended: bool,
    /// In this chain AND met OR, or NOT met OR, without parentheses.
    mixed: bool,
    /// Where a string begins that never ends: what follows may be part of it.
    lost: Option<u32>,
    diagnostics: Vec<Diagnostic>,
    /// How many of them, at the beginning, the lexer made.
    n_lexed: usize,
    /// Mistakes so far, told or not.
    n_errors: usize,
}

impl<'a> Parser<'a> {
    fn run(text: &'a str, limits: &'a Limits, read: impl FnOnce(&mut Self) -> Query) -> Parsed {
        let mut diagnostics = Vec::new();
        let fits = text.len() <= limits.query_bytes;
        let Lexed { tokens, lost } = if fits { lex(text, &mut diagnostics) } else { Lexed::default() };
        let n_lexed = diagnostics.len();
        let mut parser = Self {
            text,
            limits,
            tokens,
            at: 0,
            depth: 0,
            n_nodes: 0,
            awaited: [0; 3],
            stopped: false,
            ended: false,
            mixed: false,
            lost,
            diagnostics,
            n_lexed,
            n_errors: 0,
        };
        if !fits {
            let cut = (0..=limits.query_bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            parser.stop("query_bytes", limits.query_bytes, text.len(), Span::new(cut, text.len()));
        }
        let query = read(&mut parser);
        if !parser.at_end() {
            parser.leftover();
        }
        parser.diagnostics.sort_by_key(Diagnostic::span);
        Parsed { query, diagnostics: parser.diagnostics, n_nodes: parser.n_nodes }
    }

    fn query(&mut self) -> Query {
        let begins = self.aggregate_at(0) || self.misspelt_aggregate_at_start();
        let has_aggregates = begins && !self.compared_measure_at_start();
        let aggregates = if has_aggregates { self.aggregates(Within::Query) } else { Vec::new() };
        if self.at_word("WHERE") && !self.operator_follows() {
            self.take_where(!has_aggregates);
        }
        let filter = (!self.at_end() && !self.at_order_by() && !self.at_mark('}')).then(|| self.filter());
        let order = if self.at_order_by() { self.order() } else { Vec::new() };
        Query { aggregates, filter, order }
    }

    /// WHERE, which stands behind aggregates only.
    fn take_where(&mut self, is_stray: bool) {
        if is_stray {
            let span = self.span();
            let wrong = Diagnostic::error(Code::UnexpectedToken, span, "WHERE belongs behind an aggregate");
            self.report(wrong.fix("drop WHERE", span, ""));
        }
        self.at += 1;
    }

    /// `ORDER BY items`.
    fn order(&mut self) -> Vec<OrderItem> {
        self.at += 2;
        self.by_twice();
        self.order_items()
    }

    fn order_items(&mut self) -> Vec<OrderItem> {
        let mut items: Vec<OrderItem> = Vec::new();
        loop {
            if self.plain_aggregate_at(0) {
                // Told as what stands behind the query.
                break;
            }
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
        self.operator_at(1)
    }

    fn operator_at(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            Some(TokenKind::Op(_)) => true,
            Some(TokenKind::Word(_)) => {
                // In front of `(` they are the tests of that name.
                let is_operator = |ahead, keyword| {
                    self.is_word(ahead, keyword) && self.peek(ahead + 1) != Some(&TokenKind::Mark('('))
                };
                self.is_word(ahead, "IS")
                    || is_operator(ahead, "IN")
                    || is_operator(ahead, "CONTAINS")
                    || (self.is_word(ahead, "NOT") && is_operator(ahead + 1, "IN"))
                    || (self.is_word(ahead, "DOES") && self.is_word(ahead + 1, "NOT"))
            }
            _ => false,
        }
    }

    /// Whether a clause begins so many tokens ahead: a field with its operator, perhaps behind NOT, a call or a group.
    fn clause_at(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            Some(TokenKind::Word(_)) => {
                self.operator_at(ahead + 1)
                    || self.peek(ahead + 1) == Some(&TokenKind::Mark('('))
                    || (self.is_word(ahead, "NOT") && self.operator_at(ahead + 2))
            }
            Some(TokenKind::Mark(mark)) => *mark == '(',
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
}

#[cfg(test)]
mod tests;
