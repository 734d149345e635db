//! What may be wrong around measures, told once each, and where reading goes on. Slips between GROUP BY or FACETED and the
//! end of its block are in [`blocks`](super::blocks).

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Severity, is_full};
use crate::base::span::Span;
use crate::base::suggest::nearest;
use crate::lang::tql::ast::{Argument, BARE_MEASURES, CALLED_MEASURES, Call};
use crate::lang::tql::lex::TokenKind;
use crate::lang::tql::parse::Parser;
use crate::lang::tql::parse::aggregate::Within;

const AGGREGATE: &str = "an aggregate such as COUNT";
const BEHIND_BRACES: &str = "filter and order are those of the whole query and stand behind the last brace";

impl Parser<'_> {
    /// Whether a query begins with something that was meant as an aggregate.
    pub(in crate::lang::tql::parse) fn misspelt_aggregate_at_start(&self) -> bool {
        let Some(TokenKind::Word(name)) = self.peek(0).filter(|_| !self.operator_follows()) else { return false };
        let is_near = || nearest(&name.text, measures()).is_some();
        let begins_rest =
            |ahead| self.is_word(ahead, "AS") || (self.is_word(ahead, "WHERE") && !self.operator_at(ahead + 1));
        let ends = |ahead| self.peek(ahead).is_none_or(|kind| *kind == TokenKind::Mark(',')) || begins_rest(ahead);
        let is_called_measure = CALLED_MEASURES.iter().any(|name| self.at_word(name));
        if name.quoted {
            return false;
        }
        if self.called_at(0) {
            let behind = self.behind_parenthesis(1);
            let has_more =
                behind.is_some_and(|behind| begins_rest(behind) || (ends(behind) && self.peek(behind).is_some()));
            return has_more || BARE_MEASURES.iter().any(|name| self.at_word(name));
        }
        match self.peek(1) {
            Some(TokenKind::Word(_)) if is_called_measure && ends(2) => true,
            Some(TokenKind::Word(_)) if self.at_group_without_by() => true,
            Some(TokenKind::Mark(',')) => is_called_measure || is_near() || self.aggregate_at(2),
            Some(_) => begins_rest(1),
            None => is_called_measure || is_near(),
        }
    }

    /// Whether a measure is compared with something, as other languages' filters of groups do.
    pub(in crate::lang::tql::parse) fn compared_measure_at_start(&self) -> bool {
        let is_op = |behind| matches!(self.peek(behind), Some(TokenKind::Op(_)));
        self.called_at(0) && self.behind_parenthesis(1).is_some_and(is_op)
    }

    /// The token behind the parenthesis that stands so many tokens ahead.
    pub(in crate::lang::tql::parse) fn behind_parenthesis(&self, ahead: usize) -> Option<usize> {
        let mut open = 0usize;
        for at in ahead.. {
            match self.peek(at)? {
                TokenKind::Mark('(') => open += 1,
                TokenKind::Mark(')') if open == 1 => return Some(at + 1),
                TokenKind::Mark(')') => open -= 1,
                _ => {}
            }
        }
        None
    }

    /// `GROUP Status {`.
    fn at_group_without_by(&self) -> bool {
        let is_opened = matches!(self.peek(2), Some(TokenKind::Mark('{' | '(')));
        self.at_word("GROUP") && matches!(self.peek(1), Some(TokenKind::Word(_))) && is_opened
    }

    /// Where an aggregate should begin and none does. Answers whether a comma or the end of the block may come next.
    pub(super) fn no_aggregate(&mut self, within: Within) -> bool {
        let span = self.span();
        let is_behind_comma = self.last_is_comma();
        let last = self.last_span();
        let drop_comma = |wrong: Diagnostic| if is_behind_comma { wrong.fix("drop `,`", last, "") } else { wrong };
        match self.peek(0) {
            Some(TokenKind::Mark(',')) => {
                let wrong = self.unexpected(AGGREGATE).fix("drop `,`", span, "");
                self.expected_here(wrong);
                true
            }
            Some(TokenKind::Mark('}')) if within == Within::Block && !is_behind_comma => {
                let count = if last.end == span.start { " COUNT " } else { "COUNT " };
                let wrong = self.unexpected(AGGREGATE).fix("write COUNT", Span::at(span.start as usize), count);
                self.expected_here(wrong);
                false
            }
            Some(TokenKind::Mark('{')) if within == Within::Block && self.some_stay_open('{', '}') => {
                let wrong = self.unexpected(AGGREGATE).fix("drop `{`", span, "");
                self.expected_here(wrong);
                while self.at_mark('{') {
                    self.at += 1;
                }
                true
            }
            None | Some(TokenKind::Mark('}')) => {
                let wrong = drop_comma(self.unexpected(AGGREGATE));
                self.expected_here(wrong);
                false
            }
            Some(TokenKind::Word(word)) if !word.quoted && !self.at_filter(within) => self.no_aggregate_word(),
            _ if within == Within::Query && self.at_filter(within) => {
                let wrong = self.unexpected(AGGREGATE);
                let is_clause = is_behind_comma && !self.at_word("WHERE") && !self.at_order_by();
                let wrong = if is_clause { wrong.fix("write WHERE", last, " WHERE") } else { drop_comma(wrong) };
                self.expected_here(wrong);
                false
            }
            _ => {
                let mut wrong = self.unexpected(AGGREGATE);
                if self.at_filter(within) {
                    wrong = wrong.help(BEHIND_BRACES);
                }
                self.expected_here(wrong);
                self.skip_to_comma();
                true
            }
        }
    }

    /// A word where an aggregate should begin.
    fn no_aggregate_word(&mut self) -> bool {
        let name = self.span();
        let text = self.shown(name);
        let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(&text));
        if self.at_group_without_by() {
            let wrong = Diagnostic::error(Code::UnexpectedToken, name, "BY is missing behind GROUP");
            self.report(wrong.fix("insert BY", Span::at(name.end as usize), " BY"));
            self.at += 1;
            let from = self.at;
            let _ = self.selector();
            let _ = self.alias();
            self.block(from, true);
        } else if self.called_at(0) {
            let n_errors = self.n_errors;
            let call = self.call();
            match call {
                Some(call) if is(&BARE_MEASURES) && self.n_errors == n_errors => self.called_bare_measure(&call),
                Some(_) if is(&BARE_MEASURES) => {}
                _ => self.unknown_aggregate(name, &text),
            }
        } else if is(&CALLED_MEASURES) {
            self.at += 1;
            match self.peek(0) {
                Some(TokenKind::Word(_)) if self.called_at(0) && !self.plain_aggregate_at(0) => {
                    let n_errors = self.n_errors;
                    let span = self.call().map_or(name, |call| name.to(call.span));
                    if self.n_errors == n_errors {
                        let wrong = format!("`{}` takes its field in parentheses", text.to_uppercase());
                        let wrong = Diagnostic::error(Code::UnexpectedToken, span, wrong);
                        self.report(wrong.help("one field or one function stands there, as in `MAX(Duration)`"));
                    }
                }
                Some(TokenKind::Word(_))
                    if !self.at_word("AS") && !self.at_word("WHERE") && !self.plain_aggregate_at(0) =>
                {
                    let (field, measure) = (self.span(), text.to_uppercase());
                    let wrong = format!("`{measure}` takes its field in parentheses");
                    let mended = format!("{text}({})", field.of(self.text));
                    let wrong = Diagnostic::error(Code::UnexpectedToken, name.to(field), wrong);
                    self.report(wrong.fix("add the parentheses", name.to(field), mended));
                    self.at += 1;
                }
                _ => {
                    let wrong = format!("`{}` takes a field", text.to_uppercase());
                    let wrong = Diagnostic::error(Code::WrongArgument, name, wrong);
                    self.report(wrong.help("a field stands in parentheses, as in `MAX(Duration)`"));
                }
            }
        } else {
            self.unknown_aggregate(name, &text);
            self.at += 1;
        }
        let _ = self.alias();
        true
    }

    fn unknown_aggregate(&mut self, span: Span, text: &str) {
        let wrong = Diagnostic::error(Code::UnknownFunction, span, format!("no aggregate is called `{text}`"));
        self.report(match nearest(text, measures()) {
            Some(near) => wrong.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
            None => {
                wrong.help(format!("there are {}, GROUP BY and FACETED", measures().collect::<Vec<_>>().join(", ")))
            }
        });
    }

    /// `COUNT(…)`.
    fn called_bare_measure(&mut self, call: &Call) {
        let name = call.name.text.to_uppercase();
        let does = if name == "COUNT" { "counts" } else { "lists" };
        let message = format!("`{name}` {does} rows and takes no field");
        let mut wrong = Diagnostic::error(Code::WrongArgument, call.span, message);
        if let (true, [Argument::Word(field)]) = (name == "COUNT", &call.arguments[..])
            && &*field.text != "*"
        {
            wrong = wrong.help(format!("`COUNTDISTINCT({})` counts distinct values", self.shown(field.span)));
        }
        self.report(wrong.fix(format!("write {name}"), call.span, name));
    }

    /// Whether another aggregate follows. What stands behind one and belongs to none is told, unless something about the
    /// aggregate is already.
    pub(super) fn another_aggregate(&mut self, within: Within, is_told: bool) -> bool {
        if is_told {
            if self.aggregate_at(0) {
                return true;
            }
            if within == Within::Block || !self.at_filter(within) {
                self.skip_to(|parser| parser.at_mark(',') || parser.at_rest(within));
            }
            return self.take_mark(',');
        }
        loop {
            if self.take_mark(',') || self.comma_is_missing() {
                return true;
            }
            let at = self.at;
            self.behind_aggregate(within);
            if self.at == at {
                return false;
            }
        }
    }

    /// Tells that a comma is missing, if another aggregate begins.
    fn comma_is_missing(&mut self) -> bool {
        let is_joined = (self.at_word("AND") || self.at_word("OR")) && self.plain_aggregate_at(1);
        if !is_joined && !self.aggregate_at(0) {
            return false;
        }
        let (span, last) = (self.span(), self.last_span());
        let text = self.shown(span);
        self.report(if is_joined {
            let wrong = Diagnostic::error(Code::UnexpectedToken, span, format!("`{text}` joins no aggregates"));
            wrong.fix("write `,`", Span::new(last.end as usize, span.end as usize), ",")
        } else {
            let wrong = format!("`{text}` stands where `,` was expected");
            let wrong = Diagnostic::error(Code::UnexpectedToken, span, wrong);
            wrong.fix("insert `,`", Span::at(last.end as usize), ",")
        });
        self.at += usize::from(is_joined);
        true
    }

    /// What stands behind an aggregate, neither a comma nor another aggregate. Nothing is told and taken where the filter
    /// begins or the block ends.
    fn behind_aggregate(&mut self, within: Within) {
        let span = self.span();
        match self.peek(0) {
            Some(TokenKind::Op(_)) => {
                let wrong = "no aggregate is compared";
                let wrong = Diagnostic::error(Code::MisplacedAggregate, span, wrong);
                self.report(wrong.help("rows are compared in the filter; no group is left out for what it has"));
                self.skip_to(|parser| parser.at_mark(',') || parser.at_rest(within));
            }
            Some(TokenKind::Mark('{')) => {
                let wrong = "only GROUP BY and FACETED have a block";
                let wrong = Diagnostic::error(Code::UnexpectedToken, span, wrong);
                self.report(wrong.help("a filter stands behind WHERE"));
                self.skip_brackets();
            }
            Some(TokenKind::Mark('}')) if within == Within::Block => {}
            Some(TokenKind::Mark(')' | ']' | '}')) if within == Within::Query => {
                self.unopened_brackets();
                let _ = self.alias();
            }
            Some(TokenKind::Mark(mark @ (')' | ']'))) if self.block_closes() => {
                let mark = *mark;
                self.unopened_bracket(mark);
                let _ = self.alias();
            }
            Some(TokenKind::Word(_)) if self.at_name_without_as(within) => {
                let wrong = format!("`{}` stands behind an aggregate that is complete", self.shown(span));
                let wrong = Diagnostic::error(Code::UnexpectedToken, span, wrong);
                let wrong = wrong.help("a name stands behind AS");
                self.report(wrong.fix("insert AS", Span::at(span.start as usize), "AS "));
                self.at += 1;
            }
            Some(_) if within == Within::Block && self.block_closes() => {
                let wrong = self.unexpected("`,` or `}`");
                let wrong = if self.at_filter(within) { wrong.help(BEHIND_BRACES) } else { wrong };
                self.expected_here(wrong);
                self.skip_to_comma();
            }
            None | Some(_) => {}
        }
    }

    /// Whether the rest of a query begins here: its filter or its order.
    fn at_filter(&self, within: Within) -> bool {
        let is_clause = self.clause_at(0) && !self.called_at(0);
        self.at_rest(within) || is_clause || (self.at_word("NOT") && !self.operator_follows())
    }

    pub(super) fn at_rest(&self, within: Within) -> bool {
        self.at_order_by() || (self.at_word("WHERE") && (within == Within::Query || !self.operator_follows()))
    }

    /// Whether a name comes next that nothing but AS is missing for.
    fn at_name_without_as(&self, within: Within) -> bool {
        let ends = match self.peek(1) {
            None => true,
            Some(TokenKind::Mark(mark)) => *mark == ',' || *mark == '}',
            Some(_) => self.is_word(1, "WHERE") || (self.is_word(1, "ORDER") && self.is_word(2, "BY")),
        };
        let is_word_of_the_language = ["AND", "OR", "NOT", "WHERE"].iter().any(|word| self.at_word(word));
        ends && !is_word_of_the_language && !self.at_rest(within)
    }

    /// Whether the rest of the text closes fewer of such brackets than are open.
    pub(in crate::lang::tql::parse) fn some_stay_open(&self, open: char, close: char) -> bool {
        let rest = self.tokens.get(self.at..).unwrap_or(&[]);
        let n = |mark| rest.iter().filter(|token| token.kind == TokenKind::Mark(mark)).count();
        // Beyond a hundred mistakes none is shown, and counting for each would take long.
        !is_full(&self.diagnostics, Severity::Error) && n(close) < n(open) + self.n_awaited(close)
    }

    /// Whether the block that is read ends somewhere.
    fn block_closes(&self) -> bool {
        if is_full(&self.diagnostics, Severity::Error) {
            return false;
        }
        let mut open = 0usize;
        for token in self.tokens.get(self.at..).unwrap_or(&[]) {
            match token.kind {
                TokenKind::Mark('{') => open += 1,
                TokenKind::Mark('}') if open == 0 => return true,
                TokenKind::Mark('}') => open -= 1,
                _ => {}
            }
        }
        false
    }

    pub(super) fn last_is_comma(&self) -> bool {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        last.is_some_and(|token| token.kind == TokenKind::Mark(','))
    }

    /// Leaves out what stands in the brackets that open here.
    pub(in crate::lang::tql::parse) fn skip_brackets(&mut self) {
        let mut open = 0usize;
        while let Some(kind) = self.peek(0) {
            match kind {
                TokenKind::Mark('(' | '[' | '{') => open += 1,
                TokenKind::Mark(')' | ']' | '}') => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return;
            }
        }
    }
}

fn measures() -> impl Iterator<Item = &'static str> {
    BARE_MEASURES.into_iter().chain(CALLED_MEASURES)
}
