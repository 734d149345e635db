//! Tokens to trees. Never fails: a part that cannot be read becomes an error node with one diagnostic, and reading goes on at
//! the next `and`, `or`, comma or closing bracket. Descends only where the text nests, to the limit `nesting`.
//!
//! [`lex`](super::lex) and [`literal`](super::literal) are nom's part; the grammar is written out here, since recovery at a
//! chosen token and one diagnostic a mistake are what it is about.

mod aggregate;
mod apply;
mod blank;
mod call;
mod expr;
mod hierarchy;
mod json;
mod literal;
mod nested;
mod operand;
mod option;
mod path;
mod recover;
mod request;
mod search;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, push};
use crate::base::limits::Limits;
use crate::base::span::Span;
use crate::lang::odata::ast::Name;
use crate::lang::odata::lex::{Kind, Token, next};
use crate::lang::odata::mode::{Habit, Mode};
use crate::lang::odata::text::{Source, Wrong};

pub(crate) use request::read_request;
pub(super) use request::{read_argument, read_expr, read_lambda, read_option, read_resource};

/// A tree and what is wrong with its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parsed<T> {
    pub(crate) tree: T,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What counts for the limit `nodes`.
    pub(crate) n_nodes: usize,
    /// Where something stands that only v2/v3 have, if anything does.
    pub(crate) old: Option<(Span, Box<str>)>,
    /// Bytes that were looked at to find tokens, for holding the parser to linear time.
    #[cfg(test)]
    pub(crate) n_steps: usize,
}

/// Reads one text, or the options of a request one after the other.
#[expect(clippy::struct_excessive_bools, reason = "each answers another question of where the parser stands")]
pub(super) struct Parser<'a> {
    source: &'a Source<'a>,
    mode: Mode,
    limits: &'a Limits,
    token: Token,
    /// Where the token before it ends.
    last: usize,
    /// The blanks before the token may stand there.
    blanks_fit: bool,
    /// Within the condition of a `case`, where a colon may end a number.
    ends_at_colon: bool,
    /// Within parentheses that hold nested options, which `;` parts.
    in_options: bool,
    depth: usize,
    lambda_depth: usize,
    expand_depth: usize,
    /// Within something that is not supported, whose parts need not be told of.
    n_muted: usize,
    n_nodes: usize,
    /// How many brackets wait for each of `)`, `]` and `}`.
    awaited: [usize; 3],
    /// A limit was reached: nothing is read any more, and what is missing is no mistake of the text.
    stopped: bool,
    /// The `&` behind the option that is read.
    ampersand: Option<Span>,
    /// That the text ends too early was told; brackets that are open then are no further mistake.
    ended: bool,
    /// Habits of lenient texts that were told already.
    told: Vec<Habit>,
    diagnostics: Vec<Diagnostic>,
    /// Mistakes so far, told or not.
    n_errors: usize,
    old: Option<(Span, Box<str>)>,
    #[cfg(test)]
    n_steps: usize,
}

impl<'a> Parser<'a> {
    /// A parser of one text, in front of its first token.
    fn new(source: &'a Source<'a>, mode: Mode, limits: &'a Limits) -> Self {
        let token = Token { kind: Kind::End, blanks: 0, start: 0, end: 0 };
        let mut parser = Self {
            source,
            mode,
            limits,
            token,
            last: 0,
            blanks_fit: false,
            ends_at_colon: false,
            in_options: false,
            depth: 0,
            lambda_depth: 0,
            expand_depth: 0,
            n_muted: 0,
            n_nodes: 0,
            awaited: [0; 3],
            stopped: false,
            ampersand: None,
            ended: false,
            told: Vec::new(),
            diagnostics: Vec::new(),
            n_errors: 0,
            old: None,
            #[cfg(test)]
            n_steps: 0,
        };
        parser.lex(0);
        parser
    }

    /// Reads a text that is not parted into options.
    fn run<T>(text: &str, mode: Mode, limits: &Limits, read: impl FnOnce(&mut Parser<'_>) -> T) -> Parsed<T> {
        let fits = text.len() <= limits.query_bytes;
        let mut wrong = Vec::new();
        let fitting = if fits { text } else { "" };
        let source = Source::decoded(fitting, 0, |kind, span| wrong.push((kind, span)));
        let mut parser = Parser::new(&source, mode, limits);
        wrong.into_iter().for_each(|(kind, span)| parser.wrong_encoding(kind, span));
        if !fits {
            parser.too_long(text);
        }
        let tree = read(&mut parser);
        parser.end();
        parser.parsed(tree)
    }

    fn parsed<T>(mut self, tree: T) -> Parsed<T> {
        self.diagnostics.sort_by_key(Diagnostic::span);
        Parsed {
            tree,
            diagnostics: self.diagnostics,
            n_nodes: self.n_nodes,
            old: self.old,
            #[cfg(test)]
            n_steps: self.n_steps,
        }
    }

    /// Goes on with another text.
    fn go_to(&mut self, source: &'a Source<'a>) {
        self.source = source;
        self.awaited = [0; 3];
        self.ended = false;
        self.last = 0;
        self.lex(0);
    }

    /// Tells that a text is longer than may be, and reads nothing of it.
    fn too_long(&mut self, text: &str) {
        let limit = self.limits.query_bytes;
        let cut = (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.stop("query_bytes", limit, text.len(), Span::new(cut, text.len()));
    }

    fn wrong_encoding(&mut self, wrong: Wrong, span: Span) {
        match wrong {
            Wrong::Stray => self.habit(Habit::Percent, span, None),
            Wrong::NotUtf8 => {
                let wrong = Diagnostic::error(Code::UnexpectedCharacter, span, "percent codes that are no UTF-8");
                push(&mut self.diagnostics, wrong);
                self.n_errors += 1;
            }
        }
    }

    fn text(&self) -> &'a str {
        self.source.as_str()
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text().get(start..end).unwrap_or("")
    }

    /// Reads the token at or behind a place.
    fn lex(&mut self, at: usize) {
        let at = if self.stopped { self.text().len() } else { at };
        self.token = next(self.text(), at, self.ends_at_colon);
        self.blanks_fit = false;
        #[cfg(test)]
        {
            self.n_steps += self.token.end - at + 1;
        }
        self.plus_for_blank();
    }

    /// The token behind the next one.
    fn second(&mut self) -> Token {
        let second = next(self.text(), self.token.end, self.ends_at_colon);
        #[cfg(test)]
        {
            self.n_steps += second.end - self.token.end + 1;
        }
        second
    }

    /// Takes the next token, and answers it.
    fn bump(&mut self) -> Token {
        let token = self.token;
        self.blanks();
        self.last = token.end;
        self.lex(token.end);
        token
    }

    fn at_end(&self) -> bool {
        self.token.kind == Kind::End
    }

    fn at_mark(&self, mark: char) -> bool {
        self.token.kind == Kind::Mark(mark)
    }

    /// Takes a mark if it comes next.
    fn take_mark(&mut self, mark: char) -> bool {
        let found = self.at_mark(mark);
        if found {
            self.bump();
        }
        found
    }

    /// The text of the next token.
    fn word(&self) -> &'a str {
        self.slice(self.token.start, self.token.end)
    }

    /// Whether a keyword comes next, in any case.
    fn at_word(&self, keyword: &str) -> bool {
        self.token.kind == Kind::Name && self.word().eq_ignore_ascii_case(keyword)
    }

    /// Whether a keyword of `$apply` comes next, which has one case only.
    fn at_exact(&self, keyword: &str) -> bool {
        self.token.kind == Kind::Name && self.word() == keyword
    }

    /// Whether a character follows the next token at once.
    fn is_behind(&self, c: char) -> bool {
        self.text().get(self.token.end..).is_some_and(|rest| rest.starts_with(c))
    }

    /// The place of a token.
    fn span_of(&self, token: Token) -> Span {
        self.source.span(token.start, token.end)
    }

    /// The place of the next token; behind the last one at the end.
    fn span(&self) -> Span {
        match self.token.kind {
            Kind::End => self.source.span(self.last, self.last),
            _ => self.span_of(self.token),
        }
    }

    /// From a place to the end of the token just taken.
    fn span_from(&self, start: usize) -> Span {
        self.source.span(start, self.last.max(start))
    }

    /// A token as a name.
    fn name(&self, token: Token) -> Name {
        Name { text: self.slice(token.start, token.end).into(), span: self.span_of(token) }
    }

    /// Takes a name without dots; else tells what was expected.
    fn simple_name(&mut self, what: &str) -> Option<Name> {
        if self.token.kind != Kind::Name || self.word().contains('.') {
            self.expected(what);
            return None;
        }
        let token = self.bump();
        Some(self.checked_name(token))
    }

    /// A text for a message, at most 40 characters of it.
    fn shown(&self, start: usize, end: usize) -> String {
        let text = self.slice(start, end);
        match text.char_indices().nth(40) {
            Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("")),
            None => text.to_owned(),
        }
    }

    /// Notes that something of v2/v3 was met.
    fn note_old(&mut self, span: Span, what: &str) {
        self.old.get_or_insert_with(|| (span, what.into()));
    }
}

#[cfg(test)]
mod tests;
