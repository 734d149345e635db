//! What stands in the brackets of lists and calls, and values without brackets that should have some.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Severity, is_full};
use crate::base::span::Span;
use crate::lang::tql::ast::{Argument, Call, Op};
use crate::lang::tql::lex::{Token, TokenKind};
use crate::lang::tql::parse::Parser;

impl Parser<'_> {
    /// `[a, b]`; or `(a, b)` and `{a, b}`, as other languages write it.
    pub(super) fn list(&mut self, open: char, close: char) -> Argument {
        let opening = self.span();
        self.at += 1;
        self.node();
        let Some(items) = self.members(close, opening, Self::list_member) else { return Argument::Error(opening) };
        if open == '[' {
            self.close(close, opening);
        } else {
            self.close_slip(open, close, opening);
        }
        Argument::List(items, opening.to(self.last_span()))
    }

    /// The end of a list that does not begin with `[`.
    fn close_slip(&mut self, open: char, close: char, opening: Span) {
        if !matches!(self.peek(0), Some(TokenKind::Mark(')' | ']' | '}'))) {
            self.close(close, opening);
            return;
        }
        // Both brackets may be wrong, which is one mistake.
        self.at += 1;
        let span = opening.to(self.last_span());
        let text = span.of(self.text);
        let inner = text.strip_prefix(open).unwrap_or(text);
        let inner = inner.strip_suffix([')', ']', '}']).unwrap_or(inner);
        let wrong = Diagnostic::error(Code::UnexpectedToken, span, "a list stands in brackets");
        self.report(wrong.fix("write brackets", span, format!("[{inner}]")));
    }

    /// A list where one may stand; an empty one is a mistake.
    pub(super) fn list_of_some(&mut self, open: char, close: char) -> Argument {
        let n_errors = self.n_errors;
        let list = self.list(open, close);
        if let Argument::List(items, span) = &list
            && items.is_empty()
            && self.n_errors == n_errors
        {
            let wrong = Diagnostic::error(Code::EmptyList, *span, "a list without members");
            self.report(wrong.help("IS EMPTY tests for rows without a value"));
        }
        list
    }

    /// A list behind an operator that takes none.
    pub(super) fn list_for_one(&mut self, op: Op, op_span: Span) -> Argument {
        let (opening, n_errors) = (self.span(), self.n_errors);
        let list = self.list('[', ']');
        let wrong = format!("`{}` takes one value, not a list", op.as_str());
        let mut wrong = Diagnostic::error(Code::ListNeedsIn, op_span.to(opening), wrong);
        if let Op::Eq | Op::Ne = op {
            let instead = if op == Op::Eq { " IN " } else { " NOT IN " };
            wrong = wrong.fix(format!("write{instead}").trim_end(), op_span, instead);
        }
        if self.n_errors == n_errors {
            self.report(wrong);
        }
        Argument::Error(list.span())
    }

    /// Members up to the closing bracket, or to where it is missing; `None` beyond the limit.
    fn members(
        &mut self,
        close: char,
        opening: Span,
        member: fn(&mut Self) -> Option<Argument>,
    ) -> Option<Vec<Argument>> {
        if !self.enter(Some(close)) {
            return None;
        }
        let mut items = Vec::new();
        while (!self.at_mark(close) || !items.is_empty()) && !self.bracket_is_missing() {
            match member(self) {
                Some(item) => {
                    // A word in a list counts for `list_members` alone.
                    self.n_nodes -= usize::from(close == ']' && matches!(item, Argument::Word(_)));
                    items.push(item);
                }
                None => {
                    self.skip_to_comma();
                    items.push(Argument::Error(self.last_span()));
                }
            }
            if items.len() > self.limits.list_members {
                let rest = &self.tokens[self.at.min(self.tokens.len())..];
                let need = items.len() + rest.iter().filter(|t| t.kind == TokenKind::Mark(',')).count();
                self.stop("list_members", self.limits.list_members, need, opening);
            }
            let n_errors = self.n_errors;
            if !self.take_comma(close) {
                break;
            }
            if self.n_errors > n_errors
                && let Some(last) = items.last_mut()
            {
                // It may be half of what was meant.
                *last = Argument::Error(last.span());
            }
        }
        self.leave(Some(close));
        Some(items)
    }

    /// Whether another member follows; a comma may be missing before it.
    fn take_comma(&mut self, close: char) -> bool {
        if !matches!(self.peek(0), Some(TokenKind::Word(_))) || self.bracket_is_missing() {
            return self.take_mark(',');
        }
        let place = Span::at(self.last_span().end as usize);
        let wrong = format!("`{}` stands where `,` or `{close}` was expected", self.shown(self.span()));
        self.report(Diagnostic::error(Code::UnexpectedToken, self.span(), wrong).fix("insert `,`", place, ","));
        true
    }

    /// Whether the query goes on here though the bracket is still open: no member is called AND, nor has an operator.
    fn bracket_is_missing(&self) -> bool {
        (self.at_mark('{') && self.aggregate_at(1)) || (self.ends_list(self.at) && !self.run_is_member(self.run_end()))
    }

    fn ends_list(&self, at: usize) -> bool {
        let ahead = at - self.at;
        let is_alias = self.is_word(ahead, "AS") && matches!(self.peek(ahead + 1), Some(TokenKind::Word(_)));
        self.is_word(ahead, "AND")
            || self.is_word(ahead, "OR")
            || self.rest_at(ahead)
            // Of an aggregate whose parenthesis is not closed.
            || (is_alias && matches!(self.peek(ahead + 2), None | Some(TokenKind::Mark('{'))))
            || (is_alias && self.rest_at(ahead + 2))
    }

    /// Whether the filter or the order of an aggregate query begins there.
    fn rest_at(&self, ahead: usize) -> bool {
        (self.is_word(ahead, "ORDER") && self.is_word(ahead + 1, "BY"))
            || (self.is_word(ahead, "WHERE") && self.clause_at(ahead + 1))
    }

    /// Where the bare words that come next end.
    fn run_end(&self) -> usize {
        let rest = self.tokens.get(self.at..).unwrap_or(&[]);
        let is_bare = |token: &&Token| matches!(&token.kind, TokenKind::Word(word) if !word.quoted);
        self.at + rest.iter().take_while(is_bare).count()
    }

    /// Whether bare words up to `end` are a whole member: a comma or a closing bracket follows.
    fn run_is_member(&self, end: usize) -> bool {
        matches!(self.tokens.get(end), Some(token) if matches!(token.kind, TokenKind::Mark(',' | ')' | ']' | '}')))
    }

    fn list_member(&mut self) -> Option<Argument> {
        let end = self.run_end();
        let end = match self.run_is_member(end) {
            true => end,
            false => (self.at..end).find(|at| self.ends_list(*at)).unwrap_or(end),
        };
        // The last word may be the name of a call.
        let is_call = self.tokens.get(end).is_some_and(|token| token.kind == TokenKind::Mark('('));
        let end = if is_call { end.saturating_sub(1) } else { end };
        if end <= self.at + 1 {
            return self.value("a value");
        }
        self.node();
        let first = self.span();
        self.at = end;
        Some(Argument::Word(self.unquoted(first.to(self.last_span()))))
    }

    /// `name(argument, …)`.
    pub(super) fn call(&mut self) -> Option<Call> {
        let name = self.take_word()?;
        let opening = self.span();
        self.at += 1;
        self.node();
        let arguments = self.members(')', opening, Self::argument)?;
        self.close(')', opening);
        let span = name.span.to(self.last_span());
        Some(Call { name, arguments, span })
    }

    fn argument(&mut self) -> Option<Argument> {
        match self.peek(0) {
            Some(TokenKind::Mark('[')) => Some(self.list_of_some('[', ']')),
            Some(TokenKind::Mark('(')) => self.argument_in_parentheses(),
            _ => self.list_member(),
        }
    }

    /// `(a)` where `a` was expected, or `(` once too often.
    fn argument_in_parentheses(&mut self) -> Option<Argument> {
        let opening = self.span();
        // Beyond a hundred mistakes none is shown, and looking ahead for each would take long.
        let is_shown = !is_full(&self.diagnostics, Severity::Error);
        let behind = if is_shown && !self.some_stay_open('(', ')') { self.behind_parenthesis(0) } else { None };
        if behind.is_some_and(|at| matches!(self.peek(at), Some(TokenKind::Mark(')' | ',')))) {
            self.skip_brackets();
            let span = opening.to(self.last_span());
            let inner = Span::new(opening.end as usize, self.last_span().start as usize).of(self.text);
            let wrong = Diagnostic::error(Code::UnexpectedToken, span, "an argument stands in no parentheses");
            self.report(wrong.fix("drop the parentheses", span, inner));
            return Some(Argument::Error(span));
        }
        let wrong = self.unexpected("a value").fix("drop `(`", opening, "");
        self.expected_here(wrong);
        while self.at_mark('(') {
            self.at += 1;
        }
        if self.at_mark(')') { Some(Argument::Error(opening)) } else { self.list_member() }
    }

    /// `b, c` behind an operator: a list without its brackets. Answers the text it covers if there is one.
    pub(super) fn list_without_brackets(&mut self, op: Op, op_span: Span, first: Span) -> Option<Span> {
        let is_member = |parser: &Self| {
            parser.at_mark(',')
                && matches!(parser.peek(1), Some(TokenKind::Word(_)))
                && !parser.clause_at(1)
                && !parser.ends_list(parser.at + 1)
        };
        if !is_member(self) {
            return None;
        }
        while is_member(self) {
            self.at += 2;
        }
        let span = first.to(self.last_span());
        let text = span.of(self.text).to_owned();
        if self.at_mark(']') {
            self.at += 1;
        }
        let whole = first.to(self.last_span());
        let wrong = Diagnostic::error(Code::UnexpectedToken, whole, "a list stands in brackets");
        self.report(match op {
            Op::In | Op::NotIn => wrong.fix("write brackets", whole, format!("[{text}]")),
            Op::Eq => wrong.fix("write a list", op_span.to(whole), format!("IN [{text}]")),
            Op::Ne => wrong.fix("write a list", op_span.to(whole), format!("NOT IN [{text}]")),
            _ => wrong.help(format!("`{}` takes one value", op.as_str())),
        });
        Some(whole)
    }
}
