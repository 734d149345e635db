//! What people write behind a value where the language has another word for it: joiners in other spellings, ORDER without BY,
//! the size of a page. Slips in aggregates are theirs.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::base::suggest::nearest;
use crate::lang::tql::ast::Junction;
use crate::lang::tql::lex::TokenKind;
use crate::lang::tql::parse::Parser;

/// Words of other languages for how many rows an answer has.
const PAGE_WORDS: [&str; 4] = ["LIMIT", "TOP", "SKIP", "OFFSET"];

impl Parser<'_> {
    /// The joiner that the next word was meant to be: of other languages, or misspelt before a clause.
    pub(super) fn slip_of_joiner(&self) -> Option<Junction> {
        let Some(TokenKind::Word(word)) = self.peek(0) else { return None };
        match &*word.text {
            _ if word.quoted => None,
            "&&" | "&" => Some(Junction::And),
            "||" | "|" => Some(Junction::Or),
            text if self.clause_at(1) && !self.operator_follows() => match nearest(text, ["AND", "OR"])? {
                "AND" => Some(Junction::And),
                _ => Some(Junction::Or),
            },
            _ => None,
        }
    }

    /// Reports what stands behind a value and belongs to no filter, and leaves it out.
    pub(super) fn slip_behind_value(&mut self) {
        let (span, is_word) = (self.span(), matches!(self.peek(1), Some(TokenKind::Word(_))));
        let order = match self.peek(0) {
            Some(TokenKind::Word(word)) if !word.quoted && !self.at_order_by() => {
                let joined = word.text.eq_ignore_ascii_case("ORDERBY") || word.text.eq_ignore_ascii_case("SORTBY");
                let by =
                    (self.at_word("SORT") && self.is_word(1, "BY")).then(|| self.tokens.get(self.at + 1)).flatten();
                match by {
                    Some(by) => Some(span.to(by.span)),
                    None if (joined || self.at_word("ORDER") || self.at_word("SORT")) && is_word => Some(span),
                    None => None,
                }
            }
            _ => None,
        };
        if let Some(span) = order {
            let wrong = format!("`{}` does not begin an order", self.shown(span));
            self.report(Diagnostic::error(Code::UnexpectedToken, span, wrong).fix("write ORDER BY", span, "ORDER BY"));
            return self.skip_to_end_of_part();
        }
        let is_number = |kind: Option<&TokenKind>| matches!(kind, Some(TokenKind::Word(word)) if word.text.bytes().all(|b| b.is_ascii_digit()));
        let first: Span = span;
        while PAGE_WORDS.iter().any(|word| self.at_word(word)) && is_number(self.peek(1)) {
            self.at += 2;
        }
        if self.span() != first {
            let span = first.to(self.last_span());
            let wrong = format!("`{}` is no part of a query", self.shown(span));
            let wrong = Diagnostic::error(Code::UnexpectedToken, span, wrong).fix("leave it out", span, "");
            self.report(wrong.help("how many rows are answered, and from which on, is told beside the query"));
        }
    }
}
