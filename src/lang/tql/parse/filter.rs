//! Chains of operands: AND, OR, NOT and parentheses.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::tql::ast::{Filter, Joiner, Junction, Not, Operand};
use crate::lang::tql::lex::TokenKind;
use crate::lang::tql::parse::Parser;

impl Parser<'_> {
    /// `operand {AND|OR operand}`.
    pub(super) fn filter(&mut self) -> Filter {
        let first = self.operand();
        let mut rest: Vec<(Joiner, Operand)> = Vec::new();
        while let Some(joiner) = self.joiner() {
            self.mixed |= rest.first().is_some_and(|(first, _)| first.kind != joiner.kind);
            rest.push((joiner, self.operand()));
        }
        Filter { first, rest }
    }

    /// AND or OR. Other languages' spellings are mistakes, but clear ones.
    fn joiner(&mut self) -> Option<Joiner> {
        let span = self.span();
        let kind = match self.peek(0) {
            Some(TokenKind::Word(_)) if self.at_word("AND") => Junction::And,
            Some(TokenKind::Word(_)) if self.at_word("OR") => Junction::Or,
            Some(TokenKind::Word(word)) if !word.quoted && matches!(&*word.text, "&&" | "||" | "&" | "|") => {
                let kind = if word.text.starts_with('&') { Junction::And } else { Junction::Or };
                let (wrong, right) = (word.text.clone(), if kind == Junction::And { "AND" } else { "OR" });
                let wrong = Diagnostic::error(Code::UnexpectedToken, span, format!("`{wrong}` joins no clauses"));
                self.report(wrong.fix(format!("write {right}"), span, right));
                kind
            }
            _ => return None,
        };
        self.at += 1;
        self.node();
        Some(Joiner { kind, span })
    }

    /// A clause, `NOT …` or `( … )`.
    fn operand(&mut self) -> Operand {
        // `NOT In(…)` negates a facet function; a field of that name stands in quotes.
        let is_negated_call = self.is_word(1, "IN") && self.peek(2) == Some(&TokenKind::Mark('('));
        if self.at_word("NOT") && (!self.operator_follows() || is_negated_call) {
            let span = self.span();
            self.at += 1;
            self.node();
            return self
                .nested(|parser| parser.not_scope(span))
                .map_or(Operand::Error(span), |not| Operand::Not(not.into()));
        }
        let opening = self.span();
        if self.take_mark('(') {
            self.node();
            let inner = self.nested(|parser| {
                if parser.at_mark(')') {
                    let span = parser.span();
                    parser.report(Diagnostic::error(
                        Code::UnexpectedToken,
                        span,
                        "parentheses without a filter in them",
                    ));
                    return None;
                }
                Some(parser.filter())
            });
            // Beyond the limit nothing is read, so nothing is missing.
            if inner.is_some() {
                self.end_of_group(opening);
            }
            let span = opening.to(self.last_span());
            return inner.flatten().map_or(Operand::Error(span), |filter| Operand::Group(filter.into(), span));
        }
        self.clause_operand()
    }

    /// The closing parenthesis; what stands before it is reported once.
    fn end_of_group(&mut self, opening: Span) {
        if !self.at_mark(')')
            && !self.at_end()
            && !self.at_order_by()
            && !matches!(self.peek(0), Some(TokenKind::Mark(']' | '}')))
        {
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
