//! What stands before the filter: measures, GROUP BY and FACETED with their blocks. What may be wrong with them is told in
//! [`slips`] and [`blocks`]; reading goes on at the next comma or block.

mod blocks;
mod slips;

use crate::lang::tql::ast::{Aggregate, Argument, BARE_MEASURES, CALLED_MEASURES, Facet, Word};
use crate::lang::tql::lex::TokenKind;
use crate::lang::tql::parse::Parser;

/// Where aggregates stand.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Within {
    /// In front of the filter.
    Query,
    /// In the braces of GROUP BY or FACETED.
    Block,
}

impl Parser<'_> {
    /// Whether an aggregate begins so many tokens ahead. A field may be named like one: then an operator follows.
    pub(super) fn aggregate_at(&self, ahead: usize) -> bool {
        let is_bare = BARE_MEASURES.iter().any(|name| self.is_word(ahead, name));
        (is_bare && !self.operator_at(ahead + 1) && !self.called_at(ahead)) || self.plain_aggregate_at(ahead)
    }

    /// Whether something begins there that can be nothing but an aggregate.
    pub(super) fn plain_aggregate_at(&self, ahead: usize) -> bool {
        (CALLED_MEASURES.iter().any(|name| self.is_word(ahead, name)) && self.called_at(ahead))
            || (self.is_word(ahead, "GROUP") && self.is_word(ahead + 1, "BY"))
            || (self.is_word(ahead, "FACETED") && self.facet_at(ahead + 1))
    }

    /// Whether FACETED goes on there. `FACETED In(…)` has a facet function; a field of that name stands in quotes.
    fn facet_at(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            Some(TokenKind::Word(_)) => self.called_at(ahead) || !self.operator_at(ahead),
            Some(TokenKind::Mark(mark)) => *mark == '{',
            Some(TokenKind::Op(_)) => false,
            None => true,
        }
    }

    /// Whether a name with its parenthesis stands there.
    fn called_at(&self, ahead: usize) -> bool {
        matches!(self.peek(ahead), Some(TokenKind::Word(word)) if !word.quoted)
            && self.peek(ahead + 1) == Some(&TokenKind::Mark('('))
    }

    /// `aggregate {, aggregate}`.
    pub(super) fn aggregates(&mut self, within: Within) -> Vec<Aggregate> {
        let mut aggregates = Vec::new();
        while !self.stopped {
            self.node();
            let n_errors = self.n_errors;
            if self.aggregate_at(0) {
                aggregates.extend(self.aggregate());
            } else if !self.no_aggregate(within) {
                break;
            }
            if !self.another_aggregate(within, self.n_errors > n_errors) {
                break;
            }
        }
        aggregates
    }

    fn aggregate(&mut self) -> Option<Aggregate> {
        if self.at_word("GROUP") {
            return self.group_by();
        }
        if self.at_word("FACETED") {
            return self.faceted();
        }
        let start = self.span();
        let (name, arguments) = if self.called_at(0) {
            let call = self.call()?;
            (call.name, call.arguments)
        } else {
            (self.take_word()?, Vec::new())
        };
        let alias = self.alias();
        Some(Aggregate::Measure { name, arguments, alias, span: start.to(self.last_span()) })
    }

    /// `GROUP BY selector [AS name] { aggregates } [AS name]`.
    fn group_by(&mut self) -> Option<Aggregate> {
        let start = self.span();
        self.at += 2;
        self.by_twice();
        let (from, n_errors) = (self.at, self.n_errors);
        let mut selector = self.selector();
        if self.at_word_of_selector() {
            // It may be half of what was meant.
            selector = Argument::Error(selector.span());
        }
        let inner_alias = self.alias();
        let block = self.block(from, self.n_errors > n_errors)?;
        let alias = self.alias();
        Some(Aggregate::GroupBy { selector, inner_alias, block, alias, span: start.to(self.last_span()) })
    }

    fn selector(&mut self) -> Argument {
        if let Some(bracketed) = self.bracketed_selector() {
            return bracketed;
        }
        // `Status (COUNT)` is no call: the parentheses are a block's.
        if self.called_at(0) && self.aggregate_at(2) {
            return self.take_word().map_or(Argument::Error(self.span()), Argument::Word);
        }
        match self.value("a field to group by") {
            Some(Argument::Word(word)) if !word.quoted => Argument::Word(self.selector_of_several_words(word)),
            selector => selector.unwrap_or(Argument::Error(self.span())),
        }
    }

    /// `FACETED facet [AS name] {, facet [AS name]} { aggregates } [AS name]`.
    fn faceted(&mut self) -> Option<Aggregate> {
        let start = self.span();
        self.at += 1;
        let (from, n_errors) = (self.at, self.n_errors);
        let mut facets = Vec::new();
        while self.called_at(0) {
            let test = self.call()?;
            facets.push(Facet { test, alias: self.alias() });
            if !self.take_mark(',') && !self.facet_without_comma() {
                break;
            }
        }
        self.end_of_facets(facets.is_empty());
        let block = self.block(from, self.n_errors > n_errors)?;
        let alias = self.alias();
        Some(Aggregate::Faceted { facets, block, alias, span: start.to(self.last_span()) })
    }

    /// `{ aggregates }`, behind what begins at token `from`; none if there is no block, which is told unless something
    /// else is.
    fn block(&mut self, from: usize, is_told: bool) -> Option<Vec<Aggregate>> {
        if is_told && !self.at_mark('{') {
            self.at = self.block_behind(from)?;
        }
        let opening = self.span();
        if !self.take_mark('{') {
            return self.no_block(from);
        }
        if !self.enter(Some('}')) {
            return None;
        }
        let block = self.aggregates(Within::Block);
        self.leave(Some('}'));
        self.close('}', opening);
        Some(block)
    }

    /// `AS name`.
    fn alias(&mut self) -> Option<Word> {
        if !self.at_word("AS") {
            return None;
        }
        self.at += 1;
        if self.at_order_by() || (self.at_word("WHERE") && self.clause_at(1)) {
            self.expected("a name behind AS");
            return None;
        }
        match self.take_word() {
            Some(word) if word.quoted => Some(word),
            Some(word) => Some(self.alias_of_several_words(word)),
            None => {
                self.expected("a name behind AS");
                None
            }
        }
    }
}
