//! Mistakes and limits: how they are told, and where reading goes on. One mistake gets one diagnostic: what follows from it is
//! not told again.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Severity, push};
use crate::base::span::Span;
use crate::lang::inner::brackets::{bracket, unopened};
use crate::lang::tql::lex::TokenKind;
use crate::lang::tql::parse::Parser;

impl Parser<'_> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if self.stopped {
            return;
        }
        if diagnostic.severity() == Severity::Error {
            self.n_errors += 1;
            // A string without an end swallows brackets and operators.
            let is_lost = |lost: u32| diagnostic.span().is_some_and(|span| span.end > lost);
            if self.lost.is_some_and(|lost| is_lost(lost) || diagnostic.code() == Code::UnclosedBracket) {
                return;
            }
        }
        push(&mut self.diagnostics, diagnostic);
    }

    /// Something else was expected here.
    pub(super) fn expected(&mut self, what: &str) {
        let wrong = self.unexpected(what);
        self.expected_here(wrong);
    }

    /// That something else was expected here.
    pub(super) fn unexpected(&mut self, what: &str) -> Diagnostic {
        let span = self.span();
        if self.at_end() {
            self.ended = true;
            return Diagnostic::error(Code::UnexpectedEnd, span, format!("the text ends where {what} was expected"));
        }
        let found = self.shown(span);
        Diagnostic::error(Code::UnexpectedToken, span, format!("`{found}` stands where {what} was expected"))
    }

    /// Reports what is wrong with the next token, unless the lexer left something out before it.
    pub(super) fn expected_here(&mut self, wrong: Diagnostic) {
        let (from, to) = (self.last_span().end, self.span().start);
        let is_between = |span: Span| span.start >= from && span.end <= to;
        let left_out = |d: &Diagnostic| d.code() == Code::UnexpectedCharacter && d.span().is_some_and(is_between);
        match self.diagnostics.iter().take(self.n_lexed).any(left_out) {
            true => self.n_errors += 1,
            false => self.report(wrong),
        }
    }

    /// What stands behind a complete query.
    pub(super) fn leftover(&mut self) {
        let span = self.span();
        let text = self.shown(span);
        let last = self.last_span();
        let wrong = match &self.tokens[self.at].kind {
            _ if last.of(self.text).ends_with(';') => {
                let place = Span::new(last.end as usize - 1, last.end as usize);
                Diagnostic::error(Code::UnexpectedToken, place, "`;` ends no clause")
                    .help("clauses are joined by AND or OR, and a query has no mark at its end")
            }
            TokenKind::Mark(mark @ (')' | ']' | '}')) => unopened(*mark, span),
            _ if self.aggregate_at(0) => {
                let wrong = "aggregates stand in front of the filter and the order";
                Diagnostic::error(Code::MisplacedAggregate, span, wrong)
            }
            _ => Diagnostic::error(Code::UnexpectedToken, span, format!("`{text}` was not expected here"))
                .help("the query could have ended before it; clauses are joined by AND or OR"),
        };
        let is_told = |d: &Diagnostic| d.severity() == Severity::Error && d.span() == Some(span);
        if !self.diagnostics.iter().any(is_told) {
            self.expected_here(wrong);
        }
        self.at = self.tokens.len();
    }

    /// Closing brackets while none is open: the first is told, and reading goes on behind them.
    pub(super) fn unopened_brackets(&mut self) {
        let first = self.span();
        let Some(mark) = self.at_unawaited().filter(|_| self.awaited == [0; 3]) else { return };
        self.report(unopened(mark, first));
        while self.at_unawaited().is_some() {
            self.at += 1;
        }
    }

    /// One closing bracket that closes nothing.
    pub(super) fn unopened_bracket(&mut self, mark: char) {
        self.report(unopened(mark, self.span()));
        self.at += 1;
    }

    /// The closing bracket that comes next, if none waits for it.
    fn at_unawaited(&self) -> Option<char> {
        match self.peek(0) {
            Some(TokenKind::Mark(mark @ (')' | ']' | '}'))) if !self.is_awaited(*mark) => Some(*mark),
            _ => None,
        }
    }

    pub(super) fn is_awaited(&self, mark: char) -> bool {
        self.n_awaited(mark) > 0
    }

    pub(super) fn n_awaited(&self, mark: char) -> usize {
        self.awaited.get(bracket(mark)).copied().unwrap_or(0)
    }

    /// Takes the closing bracket of what was opened at `opening`; answers whether there was one.
    pub(super) fn close(&mut self, mark: char, opening: Span) -> bool {
        if self.take_mark(mark) {
            return true;
        }
        let open = self.shown(opening);
        if let Some(other) = self.at_unawaited() {
            let span = self.span();
            let wrong = Diagnostic::error(Code::UnclosedBracket, span, format!("`{other}` does not close `{open}`"));
            self.report(wrong.fix(format!("write `{mark}`"), span, mark));
            self.at += 1;
            return true;
        }
        let place = Span::at(self.last_span().end as usize);
        let wrong = Diagnostic::error(Code::UnclosedBracket, opening, format!("`{open}` is not closed by `{mark}`"));
        if !self.ended {
            self.report(wrong.fix(format!("insert `{mark}`"), place, mark));
        }
        self.skip_to_end_of_part();
        false
    }

    /// Leaves out tokens to the next AND, OR or awaited closing bracket of this level, or ORDER BY.
    pub(super) fn skip_to_end_of_part(&mut self) {
        self.skip_to(|parser| parser.at_word("AND") || parser.at_word("OR") || parser.at_order_by());
    }

    /// Leaves out tokens to the next comma or awaited closing bracket of this level.
    pub(super) fn skip_to_comma(&mut self) {
        self.skip_to(|parser| parser.at_mark(','));
    }

    pub(super) fn skip_to(&mut self, is_end: impl Fn(&Self) -> bool) {
        let mut open = 0usize;
        while let Some(kind) = self.peek(0) {
            match kind {
                TokenKind::Mark('(' | '[' | '{') => open += 1,
                TokenKind::Mark(mark @ (')' | ']' | '}')) if open == 0 && self.is_awaited(*mark) => return,
                TokenKind::Mark(')' | ']' | '}') => open = open.saturating_sub(1),
                _ if open == 0 && is_end(self) => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Reports a limit and reads no further.
    pub(super) fn stop(&mut self, name: &str, limit: usize, need: usize, span: Span) {
        let message = format!("limit `{name}` is {limit}, {need} needed");
        let help = format!("ask for less, or let the host raise `{name}`");
        self.report(Diagnostic::error(Code::LimitReached, span, message).help(help));
        self.stopped = true;
        self.at = self.tokens.len();
    }

    /// Counts a node of the tree.
    pub(super) fn node(&mut self) {
        self.n_nodes += 1;
        if self.n_nodes > self.limits.nodes && !self.stopped {
            let need = self.n_nodes + (self.tokens.len() - self.at.min(self.tokens.len()));
            self.stop("nodes", self.limits.nodes, need, self.last_span());
        }
    }

    /// Goes one level deeper, behind a bracket that `closing` closes if there is one; false beyond the limit. A function that
    /// took what to read there would cost the stack two frames a level.
    pub(super) fn enter(&mut self, closing: Option<char>) -> bool {
        if self.depth >= self.limits.nesting {
            if !self.stopped {
                self.stop("nesting", self.limits.nesting, self.depth + 1, self.last_span());
            }
            return false;
        }
        self.depth += 1;
        if let Some(mark) = closing {
            self.awaited[bracket(mark)] += 1;
        }
        true
    }

    /// Comes back from where `enter` went.
    pub(super) fn leave(&mut self, closing: Option<char>) {
        self.depth -= 1;
        if let Some(mark) = closing {
            self.awaited[bracket(mark)] -= 1;
        }
    }
}
