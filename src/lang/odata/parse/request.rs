//! A whole request: the path before `?`, and the options between `&`.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::hash::HashSet;
use crate::base::limits::Limits;
use crate::base::span::Span;
use crate::lang::odata::ast::option::{OptionValue, QueryOption, Request};
use crate::lang::odata::ast::{Argument, Expr, Invoke, LambdaKind, Name, Path, Step};
use crate::lang::odata::lex::Kind;
use crate::lang::odata::literal::{identifier, is};
use crate::lang::odata::mode::{Habit, Mode};
use crate::lang::odata::parse::{Parsed, Parser};
use crate::lang::odata::system::SystemOption;
use crate::lang::odata::text::{Source, Wrong};

/// `name=value` of the raw text, decoded part by part.
struct Piece<'a> {
    name: Source<'a>,
    /// `None` where there is no `=`.
    value: Option<Source<'a>>,
    /// The `&` behind it, which may have been meant for a part of a string.
    ampersand: Option<Span>,
}

/// Reads `path?option&option`, percent-encoded; the path may be missing, with its `?` or without. Linear.
pub(crate) fn read_request(text: &str, mode: Mode, limits: &Limits) -> Parsed<Request> {
    let (path, query) = parts(text);
    read(text, path, query, mode, limits)
}

/// Reads one option whose value may hold `&`: `name=value`, or the value alone of the option that is given. Its name is empty
/// then.
pub(crate) fn read_option(text: &str, option: Option<SystemOption>, mode: Mode, limits: &Limits) -> Parsed<Request> {
    let is_named =
        |option| text.split_once('=').is_some_and(|(name, _)| SystemOption::named(name.trim()) == Some(option));
    match option.filter(|option| !is_named(*option)) {
        Some(option) => Parser::run(text, mode, limits, |parser| {
            let value = parser.option_value(option);
            let name = Name { text: "".into(), span: Span::at(0) };
            Request { path: None, options: vec![QueryOption { name, value, span: parser.span_from(0) }] }
        }),
        None => read(text, None, Some((0, text, false)), mode, limits),
    }
}

/// Reads an expression alone.
#[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself has too narrow a lifetime")]
pub(crate) fn read_expr(text: &str, mode: Mode, limits: &Limits) -> Parsed<Expr> {
    Parser::run(text, mode, limits, |parser| parser.expr())
}

/// Reads `any(…)` or `all(…)` alone.
pub(crate) fn read_lambda(text: &str, kind: LambdaKind, mode: Mode, limits: &Limits) -> Parsed<Step> {
    Parser::run(text, mode, limits, |parser| {
        let word = if kind == LambdaKind::Any { "any" } else { "all" };
        if parser.at_word(word) && parser.at_call() {
            return parser.lambda();
        }
        parser.expected(&format!("`{word}(`"));
        Step::Error(parser.span())
    })
}

/// Reads `name=value` of a function's parameter alone.
#[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself has too narrow a lifetime")]
pub(crate) fn read_argument(text: &str, mode: Mode, limits: &Limits) -> Parsed<Argument> {
    Parser::run(text, mode, limits, |parser| parser.argument())
}

/// Reads a resource path alone.
pub(crate) fn read_resource(text: &str, mode: Mode, limits: &Limits) -> Parsed<Request> {
    read(text, Some(text), None, mode, limits)
}

/// What stands before the `?` of a request, and what behind with its place. A `?` in a value begins no query.
fn parts(text: &str) -> (Option<&str>, Option<(usize, &str, bool)>) {
    let mut open = 0usize;
    let ends = |(_, c): &(usize, char)| {
        match c {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
        *c == '?' || *c == '&' || (*c == '=' && open == 0)
    };
    match text.char_indices().find(ends) {
        Some((at, '?')) => {
            let (path, query) = (text.get(..at).unwrap_or(""), text.get(at + 1..).unwrap_or(""));
            (Some(path).filter(|path| !path.is_empty()), Some((at + 1, query, true)))
        }
        Some(_) => (None, Some((0, text, true))),
        // An option without a value is one of a service's own; a path is more likely, unless it looks like an option.
        None if looks_like_option(text) => (None, Some((0, text, true))),
        None => (Some(text), None),
    }
}

/// Whether a text without `=` is an option rather than a path; blanks in front of it, encoded or not, are no part of it.
fn looks_like_option(text: &str) -> bool {
    let blanks = |c: char| c.is_ascii_whitespace();
    let mut text = text.trim_matches(blanks);
    while let Some(rest) = ["%20", "%09"].iter().find_map(|blank| text.strip_prefix(blank)) {
        text = rest.trim_start_matches(blanks);
    }
    text.is_empty() || text.starts_with('@') || SystemOption::named(text).is_some()
}

fn read(
    text: &str,
    path: Option<&str>,
    query: Option<(usize, &str, bool)>,
    mode: Mode,
    limits: &Limits,
) -> Parsed<Request> {
    let fits = text.len() <= limits.query_bytes;
    let mut wrong: Vec<(Wrong, Span)> = Vec::new();
    let mut decode = |raw, start| Source::decoded(raw, start, |kind, span| wrong.push((kind, span)));
    let path = path.filter(|_| fits).map(|path| decode(path, 0));
    let mut pieces = Vec::new();
    if let Some((start, query, is_parted)) = query.filter(|_| fits) {
        let mut at = start;
        for piece in query.split(|c| c == '&' && is_parted) {
            let (name, value) = match piece.split_once('=') {
                Some((name, value)) => (name, Some((value, at + name.len() + 1))),
                None => (piece, None),
            };
            let end = at + piece.len();
            pieces.push(Piece {
                name: decode(name, at),
                value: value.map(|(value, start)| decode(value, start)),
                ampersand: (end < text.len()).then(|| Span::new(end, end + 1)),
            });
            at = end + 1;
        }
    }
    // A request without options is one too.
    let is_empty = query.is_some_and(|(_, query, is_parted)| query.is_empty() && is_parted);
    if is_empty {
        pieces.clear();
    }
    let nothing = Source::empty();
    let mut parser = Parser::new(&nothing, mode, limits);
    wrong.into_iter().for_each(|(kind, span)| parser.wrong_encoding(kind, span));
    if !fits {
        parser.too_long(text);
    }
    let path = path.as_ref().map(|path| {
        parser.go_to(path);
        let resource = parser.resource();
        if is_empty {
            parser.habit(Habit::Segment, Span::new(text.len().saturating_sub(1), text.len()), None);
        }
        resource
    });
    let (mut options, mut seen): (Vec<QueryOption>, _) = (Vec::new(), HashSet::default());
    for piece in &pieces {
        if parser.stopped {
            break;
        }
        if let Some(option) = parser.piece_of_request(piece, &nothing) {
            parser.repeated(&mut seen, &option.name);
            options.push(option);
        }
    }
    parser.two_tops(&options);
    parser.parsed(Request { path, options })
}

impl<'a> Parser<'a> {
    /// `name=value` between two `&`.
    fn piece_of_request(&mut self, piece: &'a Piece<'a>, nothing: &'a Source<'a>) -> Option<QueryOption> {
        let full = piece.name.as_str();
        let trimmed = full.trim();
        let start = full.len() - full.trim_start().len();
        let name = Name { text: trimmed.into(), span: piece.name.span(start, start + trimmed.len()) };
        self.go_to(piece.value.as_ref().unwrap_or(nothing));
        self.ampersand = piece.ampersand;
        self.node();
        if trimmed.is_empty() && piece.value.is_none() {
            self.habit(Habit::EmptyOption, piece.name.span(0, full.len()), None);
            return None;
        }
        let span_with = |parser: &Self| match &piece.value {
            Some(value) => name.span.to(value.span(0, value.as_str().len())),
            None => parser.source.span(0, 0).to(name.span).to(name.span),
        };
        let is_own = !trimmed.starts_with(['$', '@']) && SystemOption::named(trimmed).is_none();
        if is_own || trimmed.is_empty() {
            if trimmed.is_empty() {
                let wrong = Diagnostic::error(Code::UnknownOption, name.span, "an option has no name before its `=`");
                self.report(wrong);
            }
            let value = OptionValue::Text(piece.value.as_ref().map(|value| value.as_str().into()));
            let span = piece.value.as_ref().map_or(name.span, |_| span_with(self));
            return Some(QueryOption { name, value, span });
        }
        if full.len() != trimmed.len() {
            let blank = if start > 0 { piece.name.span(0, start) } else { piece.name.span(trimmed.len(), full.len()) };
            self.habit(Habit::Blanks, blank, Some(("leave the blanks out", blank, "")));
        }
        if piece.value.is_none() {
            let wrong = format!("`{trimmed}` has no value");
            let place = Span::at(name.span.end as usize);
            self.report(Diagnostic::error(Code::UnexpectedEnd, place, wrong).help("write `=` and a value"));
            return Some(QueryOption { span: name.span, name, value: OptionValue::Error });
        }
        let value = match (trimmed.strip_prefix('@'), SystemOption::named(trimmed)) {
            (Some(alias), _) => {
                if !is(alias, identifier) {
                    let wrong = format!("`{trimmed}` is no name of an alias");
                    self.report(Diagnostic::error(Code::UnexpectedToken, name.span, wrong));
                }
                let n_errors = self.n_errors;
                let value = self.alias_value();
                self.end_of_option(n_errors);
                value
            }
            (None, Some(SystemOption::Levels)) => {
                let wrong = format!("`{trimmed}` stands within `$expand` only");
                self.report(
                    Diagnostic::error(Code::UnknownOption, name.span, wrong).help("write `$expand=Path($levels=2)`"),
                );
                OptionValue::Error
            }
            (None, None) => {
                self.unknown_option(trimmed, name.span);
                OptionValue::Error
            }
            (None, Some(option)) => {
                if matches!(option, SystemOption::InlineCount) {
                    self.note_old(name.span, option.as_str());
                }
                self.option_value(option)
            }
        };
        Some(QueryOption { span: span_with(self), name, value })
    }

    /// The value of an alias: an expression.
    fn alias_value(&mut self) -> OptionValue {
        OptionValue::Alias(self.expr())
    }

    /// The whole value of an option.
    pub(super) fn option_value(&mut self, option: SystemOption) -> OptionValue {
        let n_errors = self.n_errors;
        let value = self.value(option);
        self.end_of_option(n_errors);
        value
    }

    /// Holds the end of an option to being one, unless something is wrong with it already.
    fn end_of_option(&mut self, n_errors: usize) {
        let before = std::mem::take(&mut self.n_errors);
        self.n_errors = usize::from(before > n_errors);
        self.end();
        self.n_errors += before;
    }

    /// Tells of a name that an option before has; a service's own options may repeat.
    pub(super) fn repeated(&mut self, seen: &mut HashSet<Box<str>>, name: &Name) {
        let told_by = match SystemOption::named(&name.text) {
            Some(option) => canonical(option).as_str(),
            None if name.text.starts_with('@') => &name.text,
            None => return,
        };
        if !seen.insert(told_by.into()) {
            let wrong = format!("`{}` is given twice", name.text);
            self.report(Diagnostic::error(Code::RepeatedOption, name.span, wrong).help("one of the two has to go"));
        }
    }

    /// `$take` is `$top` by another name, and may not ask for something else.
    fn two_tops(&mut self, options: &[QueryOption]) {
        let top = |option: SystemOption| {
            options.iter().find_map(|given| match &given.value {
                OptionValue::Top(count) if SystemOption::named(&given.name.text) == Some(option) => {
                    Some((given, count))
                }
                _ => None,
            })
        };
        if let (Some((_, top)), Some((option, take))) = (top(SystemOption::Top), top(SystemOption::Take))
            && top.digits.trim_start_matches('0') != take.digits.trim_start_matches('0')
        {
            let wrong =
                Diagnostic::error(Code::RepeatedOption, option.span, "`$take` and `$top` ask for different numbers");
            self.report(wrong.help("`$take` is another name of `$top`"));
        }
    }

    /// `Set(key)/Name/$count`.
    fn resource(&mut self) -> Path {
        let start = self.token.start;
        let mut steps = Vec::new();
        loop {
            if !self.at_end() || steps.is_empty() {
                steps.push(self.segment());
            }
            self.node();
            self.member(steps.len());
            let slash = self.span();
            if !self.take_mark('/') || self.stopped {
                break;
            }
            if self.at_end() {
                self.habit(Habit::Segment, slash, None);
            }
        }
        self.end();
        self.ordered(&steps);
        Path { steps, span: self.span_from(start) }
    }

    /// Tells of segments that stand where only others may: some begin a path and others end it.
    fn ordered(&mut self, steps: &[Step]) {
        let last = steps.len().saturating_sub(1);
        let misplaced = steps.iter().enumerate().find_map(|(at, step)| match step {
            Step::System(name) => match &*name.text {
                "$ref" | "$value" => (at == 0 || at < last).then_some(name.span),
                "$metadata" | "$batch" => (last > 0).then_some(name.span),
                "$all" | "$entity" => (at > 0).then_some(name.span),
                _ => None,
            },
            Step::Count(_, span) => (at == 0 || at < last).then_some(*span),
            Step::Key(name) => (at == 0).then_some(name.span),
            Step::Invoke(invoke) if &*invoke.name.text == "$crossjoin" => {
                invoke.arguments.is_empty().then_some(invoke.span)
            }
            _ => None,
        });
        if let Some(span) = misplaced {
            self.habit(Habit::Segment, span, None);
        }
    }

    /// What stands between two `/` of a resource path.
    fn segment(&mut self) -> Step {
        let token = self.token;
        match token.kind {
            Kind::Name | Kind::Dollar if self.is_behind('(') => {
                if self.word() == "$filter" {
                    return self.filter_step();
                }
                if self.word() == "$crossjoin" {
                    self.unsupported(self.span(), "`$crossjoin` requests");
                    let token = self.bump();
                    let name = self.name(token);
                    let arguments = self.arguments(Self::argument);
                    return Step::Invoke(Invoke { name, arguments, span: self.span_from(token.start) });
                }
                self.invoke()
            }
            Kind::Name if self.ends_segment(token.end) => {
                let token = self.bump();
                Step::Name(self.checked_name(token))
            }
            Kind::Dollar if self.ends_segment(token.end) => {
                const KNOWN: [&str; 9] =
                    ["$count", "$ref", "$value", "$each", "$all", "$entity", "$metadata", "$batch", "$query"];
                if !KNOWN.contains(&self.word()) {
                    self.expected("a segment such as `$count`");
                    self.recover_option();
                    return Step::Error(self.span_of(token));
                }
                if self.word() == "$count" {
                    let token = self.bump();
                    return Step::Count(Vec::new(), self.span_of(token));
                }
                let token = self.bump();
                Step::System(self.name(token))
            }
            Kind::End | Kind::Mark('/') => {
                self.expected("a name");
                Step::Error(self.span())
            }
            _ => self.key_segment(),
        }
    }

    /// A key that stands as a segment of its own.
    fn key_segment(&mut self) -> Step {
        let start = self.token.start;
        let rest = self.text().get(start..).unwrap_or("");
        let is_end = |(at, c): &(usize, char)| *c == '/' && !self.source.is_encoded(start + at);
        let end = start + rest.char_indices().find(is_end).map_or(rest.len(), |(at, _)| at);
        let name = Name { text: self.slice(start, end).into(), span: self.source.span(start, end) };
        self.last = end;
        self.lex(end);
        Step::Key(name)
    }

    fn ends_segment(&self, at: usize) -> bool {
        self.text().get(at..).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// The name under which an option may be given once.
fn canonical(option: SystemOption) -> SystemOption {
    match option {
        SystemOption::InlineCount => SystemOption::Count,
        other => other,
    }
}
