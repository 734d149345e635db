//! Blanks, which the standard asks for, allows or forbids place by place, and the other habits that lenient reading takes.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, push};
use crate::base::span::Span;
use crate::lang::odata::ast::Name;
use crate::lang::odata::lex::{Kind, Token};
use crate::lang::odata::literal::{MOST_OF_NAME, is_of_name};
use crate::lang::odata::mode::{Habit, Mode};
use crate::lang::odata::parse::Parser;

impl Parser<'_> {
    /// Blanks may stand before the next token.
    pub(super) fn may_blank(&mut self) {
        self.blanks_fit = true;
    }

    /// A blank stands before the next token.
    pub(super) fn must_blank(&mut self) {
        self.blanks_fit = true;
        // Where nothing follows, something else is missing.
        let follows = !matches!(self.token.kind, Kind::End | Kind::Mark(')' | ']' | '}' | ',' | ';'));
        if self.token.blanks == self.token.start && follows {
            let span = Span::at(self.span_of(self.token).start as usize);
            self.habit(Habit::NoBlank, span, Some(("insert a blank", span, " ")));
        }
    }

    /// Holds the blanks before the next token against what may stand there.
    pub(super) fn blanks(&mut self) {
        let Token { blanks, start, .. } = self.token;
        let text = self.slice(blanks, start);
        // `+` is told of already.
        let is_plain = text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'+'));
        let fits = text.is_empty() || (self.blanks_fit && is_plain);
        if !fits {
            let span = self.source.span(blanks, start);
            let meant = if self.blanks_fit { " " } else { "" };
            self.habit(Habit::Blanks, span, Some(("write it as the standard does", span, meant)));
        }
    }

    /// Takes `+` for the blank that it is in forms, in lenient reading: where it follows a word, a string or `)` at once.
    pub(super) fn plus_for_blank(&mut self) {
        let Token { blanks, start, .. } = self.token;
        let follows = |before: &str| before.ends_with(|c| is_of_name(c) || c == '\'' || c == ')');
        let is_blank = self.mode == Mode::Lenient
            && blanks == start
            && self.text().get(start..).is_some_and(|rest| rest.starts_with('+'))
            && self.text().get(..start).is_some_and(follows)
            && !self.source.is_encoded(start);
        if is_blank {
            let span = self.source.span(start, start + 1);
            self.habit(Habit::PlusForBlank, span, Some(("write a blank", span, "%20")));
            self.lex(start + 1);
            self.token.blanks = start;
        }
    }

    /// Tells of something that only lenient reading takes: as a mistake in strict reading, else once.
    pub(super) fn habit(&mut self, habit: Habit, span: Span, fix: Option<(&str, Span, &str)>) {
        if self.stopped {
            return;
        }
        let told = match self.mode {
            Mode::Strict => {
                self.n_errors += 1;
                Diagnostic::error(Code::NonStandard, span, habit.message())
            }
            Mode::Lenient if self.told.contains(&habit) => return,
            Mode::Lenient => {
                self.told.push(habit);
                Diagnostic::warning(Code::NonStandard, span, habit.message())
            }
        };
        let told = told.help(habit.help());
        push(
            &mut self.diagnostics,
            match fix {
                Some((label, span, meant)) => told.fix(label, span, meant),
                None => told,
            },
        );
    }

    /// A token as a name, held to the length of one.
    pub(super) fn checked_name(&mut self, token: Token) -> Name {
        let name = self.name(token);
        if token.kind == Kind::Name && name.text.split('.').any(|part| part.chars().count() > MOST_OF_NAME) {
            self.habit(Habit::LongName, name.span, None);
        }
        name
    }
}
