//! What stands before the filter: measures, GROUP BY and FACETED with their blocks.

use crate::base::span::Span;
use crate::lang::tql::ast::{Aggregate, Argument, BARE_MEASURES, Facet, Word};
use crate::lang::tql::lex::TokenKind;
use crate::lang::tql::parse::Parser;

/// Measures that take arguments.
const CALLED: [&str; 7] = ["MIN", "MAX", "SUM", "AVG", "COUNTDISTINCT", "MEDIAN", "PERCENTILE"];

impl Parser<'_> {
    /// Whether an aggregate comes next. A field may be named like one: then an operator follows.
    pub(super) fn at_aggregate(&self) -> bool {
        let called = self.peek(1) == Some(&TokenKind::Mark('('));
        (BARE_MEASURES.iter().any(|name| self.at_word(name)) && !self.operator_follows() && !called)
            || (CALLED.iter().any(|name| self.at_word(name)) && called)
            || (self.at_word("GROUP") && self.is_word(1, "BY"))
            || (self.at_word("FACETED") && self.facet_follows())
    }

    /// Whether the token after the next one begins a facet. `FACETED In(…)` has a facet function; a field of that name stands
    /// in quotes.
    fn facet_follows(&self) -> bool {
        let is_call = self.peek(2) == Some(&TokenKind::Mark('('));
        matches!(self.peek(1), Some(TokenKind::Word(_))) && (is_call || !self.operator_follows())
    }

    /// `aggregate {, aggregate}`.
    pub(super) fn aggregates(&mut self) -> Vec<Aggregate> {
        let mut aggregates = Vec::new();
        loop {
            if !self.at_aggregate() {
                self.expected("an aggregate such as COUNT");
                self.skip_to_end_of_part();
                break;
            }
            self.node();
            aggregates.extend(self.aggregate());
            if !self.take_mark(',') {
                break;
            }
        }
        aggregates
    }

    fn aggregate(&mut self) -> Option<Aggregate> {
        let start = self.span();
        if self.at_word("GROUP") {
            self.at += 2;
            let selector = self.value("a field to group by")?;
            let inner_alias = self.alias();
            let block = self.block()?;
            let alias = self.alias();
            return Some(Aggregate::GroupBy { selector, inner_alias, block, alias, span: start.to(self.last_span()) });
        }
        if self.at_word("FACETED") {
            self.at += 1;
            let mut facets = Vec::new();
            loop {
                let facet = self.value("a facet function such as `Equal(Status, Passed)`")?;
                let Argument::Call(test) = facet else {
                    self.at -= 1;
                    self.expected("a facet function such as `Equal(Status, Passed)`");
                    self.skip_to_end_of_part();
                    return None;
                };
                facets.push(Facet { test, alias: self.alias() });
                if !self.take_mark(',') {
                    break;
                }
            }
            let block = self.block()?;
            let alias = self.alias();
            return Some(Aggregate::Faceted { facets, block, alias, span: start.to(self.last_span()) });
        }
        if self.peek(1) == Some(&TokenKind::Mark('(')) {
            let call = self.call()?;
            let alias = self.alias();
            let span = call.span.to(self.last_span());
            return Some(Aggregate::Measure { name: call.name, arguments: call.arguments, alias, span });
        }
        let name = self.take_word()?;
        let alias = self.alias();
        Some(Aggregate::Measure { name, arguments: Vec::new(), alias, span: start.to(self.last_span()) })
    }

    /// `{ aggregates }`.
    fn block(&mut self) -> Option<Vec<Aggregate>> {
        let opening: Span = self.span();
        if !self.take_mark('{') {
            self.expected("`{` and the aggregates of each group");
            self.skip_to_end_of_part();
            return None;
        }
        if !self.enter(Some('}')) {
            return None;
        }
        let block = self.aggregates();
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
        let alias = self.take_word();
        if alias.is_none() {
            self.expected("a name behind AS");
        }
        alias
    }
}
