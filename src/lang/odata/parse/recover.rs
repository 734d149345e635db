//! Mistakes and limits: how they are told, and where reading goes on. One mistake gets one diagnostic: what follows from it is
//! not told again.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Severity, push};
use crate::base::span::Span;
use crate::lang::inner::brackets::{bracket, unopened};
use crate::lang::odata::lex::Kind;
use crate::lang::odata::parse::Parser;

/// An opening bracket, and what is to be restored behind its closing one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    start: usize,
    span: Span,
    closing: char,
    outer: bool,
}

impl Parser<'_> {
    /// Tells of something that is read and that nothing answers: no mistake of the text.
    pub(super) fn unsupported(&mut self, span: Span, what: &str) {
        if !self.stopped && self.n_muted == 0 {
            let told = Diagnostic::error(Code::NotSupported, span, format!("not supported: {what}"));
            push(&mut self.diagnostics, told.help("what is recognised and not supported stands in `docs/odata.md`"));
        }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if self.stopped {
            return;
        }
        self.n_errors += usize::from(diagnostic.severity() == Severity::Error);
        push(&mut self.diagnostics, diagnostic);
    }

    /// Something else was expected here.
    pub(super) fn expected(&mut self, what: &str) {
        let span = self.span();
        let wrong = match self.token.kind {
            Kind::End if self.ended => return,
            Kind::End => {
                self.ended = true;
                Diagnostic::error(Code::UnexpectedEnd, span, format!("the text ends where {what} was expected"))
            }
            Kind::Unclosed(quote) => return self.unclosed(quote),
            _ => {
                let found = self.shown(self.token.start, self.token.end);
                Diagnostic::error(Code::UnexpectedToken, span, format!("`{found}` stands where {what} was expected"))
            }
        };
        self.report(wrong);
    }

    /// A string without an end, which nothing can be read behind.
    pub(super) fn unclosed(&mut self, quote: char) {
        let start = self.token.start;
        let opening = self.source.span(start, start + 1);
        let wrong = Diagnostic::error(Code::UnclosedString, opening, format!("a string has no closing `{quote}`"));
        let end = Span::at(self.span_of(self.token).end as usize);
        let wrong = wrong.help("a quote within a string is doubled, and `&` in one is `%26`");
        self.report(match self.ampersand {
            Some(ampersand) => wrong.fix("encode the `&` behind it", ampersand, "%26"),
            None => wrong.fix("close the string", end, quote),
        });
        self.ended = true;
        self.lex(self.text().len());
    }

    /// Holds the end of the text to being one.
    pub(super) fn end(&mut self) {
        if !self.at_end() {
            self.leftover();
        }
        self.blanks();
        // Once is enough.
        self.token.blanks = self.token.start;
    }

    /// What stands behind a complete text. After a mistake it is most likely a part of that.
    fn leftover(&mut self) {
        if self.n_errors == 0 {
            let span = self.span();
            let found = self.shown(self.token.start, self.token.end);
            match self.token.kind {
                Kind::Unclosed(quote) => self.unclosed(quote),
                Kind::Mark(mark @ (')' | ']' | '}')) => self.report(unopened(mark, span)),
                // `'it's'`.
                _ if self.token.start == self.last && self.slice(0, self.last).ends_with('\'') => {
                    let quote = self.source.span(self.last - 1, self.last);
                    let wrong = format!("a string ends in front of `{found}`");
                    let wrong = Diagnostic::error(Code::UnexpectedToken, quote, wrong);
                    self.report(wrong.help("a quote within a string is doubled").fix("double the quote", quote, "''"));
                }
                _ => {
                    let wrong = format!("`{found}` was not expected here");
                    let help = "the text could have ended before it; operators are words, such as `eq` and `and`";
                    self.report(Diagnostic::error(Code::UnexpectedToken, span, wrong).help(help));
                }
            }
        }
        self.last = self.token.end;
        self.lex(self.text().len());
        self.blanks_fit = true;
    }

    /// Takes the closing bracket of what was opened at `opening`; answers whether there was one.
    fn close(&mut self, mark: char, opening: Span) -> bool {
        if self.take_mark(mark) {
            return true;
        }
        let is_end = matches!(self.token.kind, Kind::End | Kind::Mark(')' | ']' | '}'));
        if !is_end {
            self.expected(&format!("`{mark}`"));
            self.recover();
            return self.take_mark(mark);
        }
        if !self.ended {
            let open = match mark {
                ')' => '(',
                ']' => '[',
                _ => '{',
            };
            let message = format!("`{open}` is not closed by `{mark}`");
            let place = self.source.span(self.last, self.last);
            self.report(Diagnostic::error(Code::UnclosedBracket, opening, message).fix(
                format!("insert `{mark}`"),
                place,
                mark,
            ));
            self.ended = self.at_end();
        }
        false
    }

    /// Leaves out tokens to the next `and`, `or`, comma, `;` of options, or awaited closing bracket of this level.
    pub(super) fn recover(&mut self) {
        let mut open = 0usize;
        loop {
            match self.token.kind {
                Kind::End => return,
                Kind::Unclosed(_) => {
                    self.ended = true;
                    self.lex(self.text().len());
                    return;
                }
                Kind::Mark('(' | '[' | '{') => open += 1,
                Kind::Mark(mark @ (')' | ']' | '}')) if open == 0 && self.is_awaited(mark) => return,
                Kind::Mark(')' | ']' | '}') => open = open.saturating_sub(1),
                Kind::Mark(',') if open == 0 => return,
                Kind::Mark(';') if open == 0 && self.in_options => return,
                Kind::Name if open == 0 && (self.at_word("and") || self.at_word("or")) => return,
                _ => {}
            }
            self.last = self.token.end;
            self.lex(self.token.end);
        }
    }

    fn is_awaited(&self, mark: char) -> bool {
        self.awaited.get(bracket(mark)).is_some_and(|n| *n > 0)
    }

    /// Reports a limit and reads no further.
    pub(super) fn stop(&mut self, name: &str, limit: usize, need: usize, span: Span) {
        let message = format!("limit `{name}` is {limit}, {need} needed");
        let help = format!("ask for less, or let the host raise `{name}`");
        self.report(Diagnostic::error(Code::LimitReached, span, message).help(help));
        self.stopped = true;
        self.ended = true;
        self.lex(self.text().len());
    }

    /// Counts a node of the tree.
    pub(super) fn node(&mut self) {
        self.n_nodes += 1;
        if self.n_nodes > self.limits.nodes && !self.stopped {
            self.stop("nodes", self.limits.nodes, self.n_nodes, self.span_from(self.last));
        }
    }

    /// Holds a list of so many members to its limit.
    pub(super) fn member(&mut self, n_members: usize) {
        if n_members > self.limits.list_members && !self.stopped {
            self.stop("list_members", self.limits.list_members, n_members, self.span_from(self.last));
        }
    }

    /// Takes an opening bracket and goes one level deeper; `None` beyond the limit. `shut` comes back.
    pub(super) fn open(&mut self, closing: char) -> Option<Opened> {
        let outer = std::mem::take(&mut self.ends_at_colon);
        let token = self.bump();
        self.node();
        self.may_blank();
        let opened = Opened { start: token.start, span: self.span_of(token), closing, outer };
        self.enter(closing).then_some(opened)
    }

    /// Takes the closing bracket; answers the place of both and what is between.
    pub(super) fn shut(&mut self, opened: Opened) -> Span {
        self.may_blank();
        self.leave(opened.closing);
        self.ends_at_colon = opened.outer;
        self.close(opened.closing, opened.span);
        self.span_from(opened.start)
    }

    /// Goes one level deeper, behind a bracket that `closing` closes; false beyond the limit.
    fn enter(&mut self, closing: char) -> bool {
        if self.depth >= self.limits.nesting {
            self.too_deep(self.depth + 1);
            return false;
        }
        self.depth += 1;
        if let Some(n) = self.awaited.get_mut(bracket(closing)) {
            *n += 1;
        }
        true
    }

    pub(super) fn too_deep(&mut self, need: usize) {
        if !self.stopped {
            self.stop("nesting", self.limits.nesting, need, self.span_from(self.last));
        }
    }

    /// Comes back from where `enter` went.
    fn leave(&mut self, closing: char) {
        self.depth -= 1;
        if let Some(n) = self.awaited.get_mut(bracket(closing)) {
            *n -= 1;
        }
    }
}
