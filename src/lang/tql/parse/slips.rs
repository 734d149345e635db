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

/// Words of other languages, or halves of this one's, for an order.
const ORDER_WORDS: [&str; 4] = ["ORDER", "SORT", "ORDERBY", "SORTBY"];

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
        match self.order_in_other_words() {
            Some(span) => {
                let wrong = format!("`{}` does not begin an order", self.shown(span));
                let wrong = Diagnostic::error(Code::UnexpectedToken, span, wrong);
                self.report(wrong.fix("write ORDER BY", span, "ORDER BY"));
                self.skip_to_end_of_part();
            }
            None => self.page_size(),
        }
    }

    /// ORDER, SORT, ORDERBY or SORTBY with a word behind it, or SORT BY.
    fn order_in_other_words(&self) -> Option<Span> {
        let is_word = matches!(self.peek(1), Some(TokenKind::Word(_)));
        if self.at_order_by() || !is_word || !ORDER_WORDS.iter().any(|word| self.at_word(word)) {
            return None;
        }
        let by = self.tokens.get(self.at + 1).filter(|_| self.is_word(1, "BY"));
        Some(by.map_or(self.span(), |by| self.span().to(by.span)))
    }

    /// `LIMIT 5` and its like, one behind the other.
    fn page_size(&mut self) {
        let is_number = |kind: Option<&TokenKind>| matches!(kind, Some(TokenKind::Word(word)) if word.text.bytes().all(|b| b.is_ascii_digit()));
        let (begin, first) = (self.at, self.span());
        while PAGE_WORDS.iter().any(|word| self.at_word(word)) && is_number(self.peek(1)) {
            self.at += 2;
        }
        if self.at > begin {
            let span = first.to(self.last_span());
            let wrong = format!("`{}` is no part of a query", self.shown(span));
            let wrong = Diagnostic::error(Code::UnexpectedToken, span, wrong).fix("leave it out", span, "");
            self.report(wrong.help("how many rows are answered, and from which on, is told beside the query"));
        }
    }
}
