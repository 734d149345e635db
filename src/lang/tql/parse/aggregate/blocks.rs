//! What may be wrong between GROUP BY or FACETED and the end of its block, told once each, and where reading goes on.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Severity, is_full};
use crate::base::span::Span;
use crate::lang::tql::ast::{Aggregate, Argument, Word};
use crate::lang::tql::lex::TokenKind;
use crate::lang::tql::parse::Parser;
use crate::lang::tql::parse::aggregate::Within;

const BLOCK: &str = "a block such as `{ COUNT }`";
const FACET: &str = "a facet function such as `Equal(Status, Passed)`";
const ONE_FIELD: &str = "GROUP BY takes one field; groups nest, as in `GROUP BY a { GROUP BY b { COUNT } }`";

impl Parser<'_> {
    /// BY BY.
    pub(in crate::lang::tql::parse) fn by_twice(&mut self) {
        let is_behind_field = |parser: &Self| ["AS", "ASC", "DESC"].iter().any(|word| parser.is_word(1, word));
        while self.at_word("BY") && matches!(self.peek(1), Some(TokenKind::Word(_))) && !is_behind_field(self) {
            let span = self.span();
            let wrong = Diagnostic::error(Code::UnexpectedToken, span, "BY stands here twice");
            self.report(wrong.fix("drop BY", span, ""));
            self.at += 1;
        }
    }

    /// Whether a word follows what rows are grouped by that can be neither alias nor aggregate nor the rest of the query.
    pub(super) fn at_word_of_selector(&self) -> bool {
        matches!(self.peek(0), Some(TokenKind::Word(_)))
            && !self.at_word("AS")
            && !self.at_rest(Within::Query)
            && !self.aggregate_at(0)
    }

    /// Bare words between GROUP BY and its block: one name that lacks its quotes.
    pub(super) fn selector_of_several_words(&mut self, first: Word) -> Word {
        let n = self.run_of_names();
        let is_direction = |ahead| self.is_word(ahead, "ASC") || self.is_word(ahead, "DESC");
        if n == 0 || (0..n).any(is_direction) || self.peek(n) != Some(&TokenKind::Mark('{')) {
            return first;
        }
        self.at += n;
        self.unquoted(first.span.to(self.last_span()))
    }

    /// Bare words behind AS: one name that lacks its quotes, unless a clause begins among them.
    pub(super) fn alias_of_several_words(&mut self, first: Word) -> Word {
        let n = self.run_of_names();
        let ends = match self.peek(n) {
            Some(TokenKind::Mark(mark)) => matches!(mark, ',' | '{' | '}'),
            Some(_) => !matches!(self.peek(n), Some(TokenKind::Op(_))),
            None => true,
        };
        if n == 0 || !ends || (0..n).any(|ahead| self.clause_at(ahead)) {
            return first;
        }
        self.at += n;
        self.unquoted(first.span.to(self.last_span()))
    }

    /// How many bare words come next that are no words of the language.
    fn run_of_names(&self) -> usize {
        let is_name = |ahead: &usize| {
            let ends = ["AS", "AND", "OR", "NOT", "WHERE"].iter().any(|word| self.is_word(*ahead, word))
                || (self.is_word(*ahead, "ORDER") && self.is_word(*ahead + 1, "BY"))
                || self.aggregate_at(*ahead);
            matches!(self.peek(*ahead), Some(TokenKind::Word(word)) if !word.quoted) && !ends
        };
        (0..self.tokens.len()).take_while(is_name).count()
    }

    /// `(field)` or `[field]` behind GROUP BY.
    pub(super) fn bracketed_selector(&mut self) -> Option<Argument> {
        if !matches!(self.peek(0), Some(TokenKind::Mark('(' | '['))) {
            return None;
        }
        let opening = self.span();
        let one = self.peek(2).is_some_and(|kind| matches!(kind, TokenKind::Mark(')' | ']')));
        let inner = self.tokens.get(self.at + 1).map(|token| token.span.of(self.text)).filter(|_| one);
        self.skip_brackets();
        let span = opening.to(self.last_span());
        let wrong = Diagnostic::error(Code::UnexpectedToken, span, "what rows are grouped by stands in no brackets");
        self.report(match inner {
            Some(inner) => wrong.fix("drop the brackets", span, inner),
            None => wrong.help(ONE_FIELD),
        });
        Some(Argument::Error(span))
    }

    /// Tells that a comma is missing between facets, if another one begins.
    pub(super) fn facet_without_comma(&mut self) -> bool {
        let is_joiner = self.at_word("AND") || self.at_word("OR");
        if is_joiner || !self.called_at(0) {
            return false;
        }
        let (span, last) = (self.span(), self.last_span());
        let wrong = format!("`{}` stands where `,` or `{{` was expected", self.shown(span));
        let wrong = Diagnostic::error(Code::UnexpectedToken, span, wrong);
        self.report(wrong.fix("insert `,`", Span::at(last.end as usize), ","));
        true
    }

    /// Tells that a facet is missing, or that something stands in its place.
    pub(super) fn end_of_facets(&mut self, is_empty: bool) {
        let last = self.last_span();
        let is_behind_comma = !is_empty && self.last_is_comma();
        if is_empty || is_behind_comma {
            let wrong = self.unexpected(FACET);
            let wrong = if is_behind_comma { wrong.fix("drop `,`", last, "") } else { wrong };
            self.expected_here(wrong);
        } else if (self.at_word("AND") || self.at_word("OR")) && self.called_at(1) {
            let span = self.span();
            let wrong = format!("`{}` joins no facets", self.shown(span));
            let wrong = Diagnostic::error(Code::UnexpectedToken, span, wrong);
            self.report(wrong.help("a comma parts facets; `AndArgs(…)` and `OrArgs(…)` make one test of several"));
        }
    }

    /// Where a block should begin and none does. Reads the one that was meant, if there is one.
    pub(super) fn no_block(&mut self, from: usize) -> Option<Vec<Aggregate>> {
        if matches!(self.peek(0), Some(TokenKind::Mark('(' | '['))) {
            return self.block_in_brackets();
        }
        if let Some(TokenKind::Mark(mark @ (')' | ']'))) = self.peek(0)
            && self.peek(1) == Some(&TokenKind::Mark('{'))
        {
            let mark = *mark;
            self.unopened_bracket(mark);
            return self.block(from, true);
        }
        let behind = self.block_behind(from);
        let mut wrong = self.unexpected(BLOCK);
        let is_rest = self.at_rest(Within::Query);
        let has_aggregates = self.aggregate_at(0);
        wrong = match self.peek(0) {
            Some(TokenKind::Mark(',')) if behind.is_some() => wrong.help(ONE_FIELD),
            _ if behind.is_some() && (self.at_word("AND") || self.at_word("OR")) => wrong.help(ONE_FIELD),
            Some(TokenKind::Op(_)) => wrong.help("FACETED makes groups of tests such as `Equal(Status, Passed)`"),
            _ if is_rest && behind.is_some() => wrong.help("WHERE and ORDER BY stand behind the last brace"),
            _ if self.at_word("ASC") || self.at_word("DESC") => {
                wrong.help("groups come in the order of their field, those of `Top` by size")
            }
            _ if has_aggregates => wrong.help("what is asked of each group stands in braces"),
            None | Some(TokenKind::Mark(',' | '}')) => self.with_block(wrong),
            _ if is_rest => self.with_block(wrong),
            Some(TokenKind::Word(_)) => {
                wrong.help("rows are grouped by a field, or by a function of one such as `Month(CreatedAt)`")
            }
            _ => wrong,
        };
        self.expected_here(wrong);
        if let Some(at) = behind {
            self.at = at;
            return self.block(from, true);
        }
        if has_aggregates && self.enter(None) {
            let block = self.aggregates(Within::Block);
            self.leave(None);
            self.at += usize::from(self.at_mark('}') && !self.is_awaited('}'));
            return Some(block);
        }
        None
    }

    fn with_block(&self, wrong: Diagnostic) -> Diagnostic {
        wrong.fix("insert a block", Span::at(self.last_span().end as usize), " { COUNT }")
    }

    /// `[ COUNT ]` or `( COUNT )`.
    fn block_in_brackets(&mut self) -> Option<Vec<Aggregate>> {
        let opening = self.span();
        let close = if self.at_mark('(') { ')' } else { ']' };
        self.at += 1;
        if !self.enter(Some(close)) {
            return None;
        }
        let n_errors = self.n_errors;
        let block = self.aggregates(Within::Query);
        self.leave(Some(close));
        if self.n_errors == n_errors && self.take_mark(close) {
            let span = opening.to(self.last_span());
            let inner = Span::new(opening.end as usize, self.last_span().start as usize).of(self.text);
            let wrong = Diagnostic::error(Code::UnexpectedToken, span, "a block stands in braces");
            self.report(wrong.fix("write braces", span, format!("{{{inner}}}")));
        } else if self.n_errors == n_errors {
            self.close(close, opening);
        }
        Some(block)
    }

    /// The token of the block that begins behind `from`, unless it is that of another aggregate.
    pub(super) fn block_behind(&self, from: usize) -> Option<usize> {
        // Beyond a hundred mistakes none is shown, and looking ahead for each would take long.
        if is_full(&self.diagnostics, Severity::Error) {
            return None;
        }
        for at in from.. {
            let kind = &self.tokens.get(at)?.kind;
            let ahead = |at: usize| at.checked_sub(self.at);
            let begins_other = |at: usize| ahead(at).is_some_and(|ahead| self.plain_aggregate_at(ahead));
            let begins_any = |at: usize| ahead(at).is_some_and(|ahead| self.aggregate_at(ahead));
            match kind {
                TokenKind::Mark('{') => return Some(at),
                TokenKind::Mark('}') => return None,
                TokenKind::Mark(',') if begins_any(at + 1) => return None,
                _ if at > from && begins_other(at) => return None,
                _ => {}
            }
        }
        None
    }
}
