//! Chains of operands: AND, OR, NOT and parentheses.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Severity, is_full};
use crate::base::span::Span;
use crate::lang::tql::ast::{Filter, Joiner, Junction, Not, Operand};
use crate::lang::tql::lex::TokenKind;
use crate::lang::tql::parse::Parser;
use crate::lang::tql::print::parenthesised_filter;

/// Longest chain of which a warning shows how it was read.
const SHOWN_READING: u32 = 2000;

impl Parser<'_> {
    /// `operand {AND|OR operand}`.
    pub(super) fn filter(&mut self) -> Filter {
        let (outer, n_errors) = (std::mem::take(&mut self.mixed), self.n_errors);
        let first = self.operand();
        let mut filter = Filter { first, rest: Vec::new() };
        self.unopened_brackets();
        while let Some(joiner) = self.joiner() {
            self.mixed |= filter.rest.first().is_some_and(|(first, _)| first.kind != joiner.kind);
            filter.rest.push((joiner, self.operand()));
            self.unopened_brackets();
        }
        // A chain that could not be read has no reading to warn of.
        if self.mixed && self.n_errors == n_errors && !self.stopped {
            self.warn_mixed(&filter);
        }
        self.mixed = outer;
        filter
    }

    /// Warns of a chain that needs parentheses to be read in one way only.
    fn warn_mixed(&mut self, filter: &Filter) {
        let span = filter.span();
        let message = "AND, OR and NOT are mixed without parentheses and were read from left to right";
        let mut warning = Diagnostic::warning(Code::MixedOperators, span, message);
        // What the lexer left out is in no reading. A warning that is not shown needs none.
        let is_shown = !is_full(&self.diagnostics, Severity::Warning);
        if self.n_lexed == 0 && is_shown && span.end - span.start <= SHOWN_READING {
            let reading = parenthesised_filter(filter);
            warning = warning.help(format!("read as `{reading}`")).fix("add the parentheses", span, reading);
        }
        self.report(warning);
    }

    /// AND or OR. Other languages' spellings are mistakes, but clear ones.
    fn joiner(&mut self) -> Option<Joiner> {
        let span = self.span();
        let kind = match self.peek(0) {
            Some(TokenKind::Word(_)) if self.at_word("AND") => Junction::And,
            Some(TokenKind::Word(_)) if self.at_word("OR") => Junction::Or,
            _ => {
                let kind = self.slip_of_joiner()?;
                let right = if kind == Junction::And { "AND" } else { "OR" };
                let wrong = format!("`{}` joins no clauses", self.shown(span));
                let wrong = Diagnostic::error(Code::UnexpectedToken, span, wrong);
                self.report(wrong.fix(format!("write {right}"), span, right));
                kind
            }
        };
        self.at += 1;
        self.node();
        Some(Joiner { kind, span })
    }

    /// A clause, `NOT …` or `( … )`.
    fn operand(&mut self) -> Operand {
        if let Some(stray) = self.stray_joiners() {
            return Operand::Error(stray);
        }
        if self.at_word("NOT") && !self.operator_follows() {
            return self.negation();
        }
        if self.at_mark('(') { self.group() } else { self.clause_operand() }
    }

    /// `NOT …`.
    fn negation(&mut self) -> Operand {
        let span = self.span();
        self.at += 1;
        self.node();
        if !self.enter(None) {
            return Operand::Error(span);
        }
        let not = self.not_scope(span);
        self.leave(None);
        Operand::Not(not.into())
    }

    /// `( … )`.
    fn group(&mut self) -> Operand {
        let opening = self.span();
        self.at += 1;
        self.node();
        if self.at_mark(')') {
            let message = "parentheses without a filter in them";
            self.report(Diagnostic::error(Code::UnexpectedToken, self.span(), message));
            self.at += 1;
            return Operand::Error(opening.to(self.last_span()));
        }
        // Beyond the limit nothing is read, so nothing is missing.
        if !self.enter(Some(')')) {
            return Operand::Error(opening);
        }
        let filter = Box::new(self.filter());
        self.leave(Some(')'));
        self.end_of_group(opening);
        Operand::Group(filter, opening.to(self.last_span()))
    }

    /// AND or OR where an operand should begin; told once, and answered if no operand follows.
    fn stray_joiners(&mut self) -> Option<Span> {
        let first = self.span();
        let is_stray = |parser: &Self| (parser.at_word("AND") || parser.at_word("OR")) && !parser.operator_follows();
        if !is_stray(self) {
            return None;
        }
        let name = self.shown(first);
        while is_stray(self) {
            self.at += 1;
        }
        let wrong = format!("`{name}` stands where a clause was expected");
        let mut wrong = Diagnostic::error(Code::UnexpectedToken, first, wrong);
        let is_last =
            self.at_end() || self.at_order_by() || matches!(self.peek(0), Some(TokenKind::Mark(mark)) if *mark != '(');
        if !is_last {
            wrong =
                wrong.fix(format!("drop `{name}`"), Span::new(first.start as usize, self.span().start as usize), "");
        }
        self.report(wrong);
        is_last.then_some(first)
    }

    /// The closing parenthesis; what stands before it is reported once.
    fn end_of_group(&mut self, opening: Span) {
        let is_end = matches!(self.peek(0), None | Some(TokenKind::Mark(')' | ']' | '}'))) || self.at_order_by();
        if !is_end {
            self.expected("AND, OR or `)`");
            self.skip_to_end_of_part();
            while self.joiner().is_some() {
                self.skip_to_end_of_part();
            }
            self.take_mark(')');
            return;
        }
        self.close(')', opening);
    }

    /// `operand {OR operand}`: what a NOT reaches over.
    fn not_scope(&mut self, span: Span) -> Not {
        let first = self.operand();
        let mut rest = Vec::new();
        while self.at_word("OR") {
            let joiner = self.span();
            self.at += 1;
            self.node();
            self.mixed = true;
            rest.push((joiner, self.operand()));
        }
        Not { span, first, rest }
    }
}
