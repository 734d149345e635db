//! Operators, and what other languages write in their place.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::tql::ast::Op;
use crate::lang::tql::lex::TokenKind;
use crate::lang::tql::parse::Parser;

impl Parser<'_> {
    /// Whether an operator comes next.
    pub(super) fn at_operator(&self) -> bool {
        matches!(self.peek(0), Some(TokenKind::Op(_)))
            || ["IS", "IN", "CONTAINS", "LIKE", "EQUALS"].iter().any(|keyword| self.at_word(keyword))
            || (self.at_word("NOT") && (self.is_word(1, "IN") || matches!(self.peek(1), Some(TokenKind::Op(_)))))
            || (self.at_word("DOES") && self.is_word(1, "NOT"))
    }

    pub(super) fn operator(&mut self) -> Option<(Op, Span)> {
        let span = self.span();
        if let Some(TokenKind::Op(op)) = self.peek(0) {
            return Some(self.written_operator(*op, span));
        }
        if self.at_word("NOT")
            && let Some(TokenKind::Op(op)) = self.peek(1)
        {
            let op = *op;
            self.at += 2;
            return Some(self.negated_operator(op, span.to(self.last_span())));
        }
        let (op, n_words) = match () {
            () if self.at_word("IN") => (Op::In, 1),
            () if self.at_word("NOT") && self.is_word(1, "IN") => (Op::NotIn, 2),
            () if self.at_word("CONTAINS") => (Op::Contains, 1),
            () if self.at_word("DOES") && self.is_word(1, "NOT") && self.is_word(2, "CONTAIN") => (Op::NotContains, 3),
            () if self.at_word("LIKE") => {
                let wrong = Diagnostic::error(Code::UnexpectedToken, span, "LIKE is no operator");
                self.report(wrong.help("`~` searches words, with `*` and `?`").fix("write `~`", span, "~"));
                (Op::Contains, 1)
            }
            () if self.at_word("EQUALS") => {
                let wrong = Diagnostic::error(Code::UnexpectedToken, span, "EQUALS is no operator");
                self.report(wrong.fix("write `=`", span, "="));
                (Op::Eq, 1)
            }
            () => return None,
        };
        self.at += n_words;
        Some((op, span.to(self.last_span())))
    }

    /// One operator; several in a row are none.
    fn written_operator(&mut self, op: Op, first: Span) -> (Op, Span) {
        let (mut joined, mut is_repeated) = (String::new(), true);
        while let Some(TokenKind::Op(next)) = self.peek(0) {
            is_repeated &= *next == op;
            if joined.len() < LONGEST_SLIP {
                joined.push_str(next.as_str());
            }
            self.at += 1;
        }
        let span = first.to(self.last_span());
        if span == first {
            return (op, span);
        }
        let meant = match &*joined {
            "<>" | "><" | "!==" | "=!=" => Some(Op::Ne),
            "=<" | "<==" | "<=" => Some(Op::Le),
            "=>" | ">==" | ">=" => Some(Op::Ge),
            "=~" | "~=" => Some(Op::Contains),
            _ => is_repeated.then_some(op),
        };
        let wrong = Diagnostic::error(Code::UnexpectedToken, span, format!("`{}` is no operator", self.shown(span)));
        self.report(match meant {
            Some(meant) => wrong.fix(format!("write `{}`", meant.as_str()), span, meant.as_str()),
            None => wrong.help("operators are `=`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `!~`, IN and NOT IN"),
        });
        (meant.unwrap_or(op), span)
    }

    /// `NOT =`.
    fn negated_operator(&mut self, op: Op, span: Span) -> (Op, Span) {
        let meant = match op {
            Op::Eq => Op::Ne,
            Op::Contains => Op::NotContains,
            Op::Lt => Op::Ge,
            Op::Le => Op::Gt,
            Op::Gt => Op::Le,
            Op::Ge => Op::Lt,
            op => op,
        };
        let wrong = format!("NOT negates a clause, not the operator `{}`", op.as_str());
        let mut wrong = Diagnostic::error(Code::UnexpectedToken, span, wrong);
        match meant {
            Op::Ne | Op::NotContains => wrong = wrong.fix(format!("write `{}`", meant.as_str()), span, meant.as_str()),
            _ => wrong = wrong.help("NOT stands before the field"),
        }
        self.report(wrong);
        (meant, span)
    }

    /// `[NOT] BETWEEN low AND high`, which is a list here; answers whether there was one.
    pub(super) fn between(&mut self) -> bool {
        let negated = usize::from(self.at_word("NOT"));
        let is_word = |ahead: usize| matches!(self.peek(negated + ahead), Some(TokenKind::Word(_)));
        if !self.is_word(negated, "BETWEEN") || !is_word(1) || !self.is_word(negated + 2, "AND") || !is_word(3) {
            return false;
        }
        let first = self.span();
        let bound = |ahead: usize| {
            self.tokens
                .get(self.at + negated + ahead)
                .map_or(String::new(), |token| token.span.of(self.text).to_owned())
        };
        let instead = format!("{} [{}, {}]", if negated == 1 { "NOT IN" } else { "IN" }, bound(1), bound(3));
        self.at += negated + 4;
        let wrong = Diagnostic::error(Code::UnexpectedToken, first.to(self.last_span()), "BETWEEN is no operator");
        self.report(wrong.help("a list of two numbers or times is the range between them").fix(
            "write a list",
            first.to(self.last_span()),
            instead,
        ));
        true
    }
}

/// Bytes of a run of operators in which a slip is recognised.
const LONGEST_SLIP: usize = 8;
