//! A cursor in a request, or in a lone filter: the word under it and what may stand there. Never fails, whatever the text is. A
//! text is taken as people write it, without percent-encoding. What names mean is not known here.

mod apply;
mod expr;
mod token;

use std::sync::Arc;

use crate::base::span::Span;
use crate::lang::odata::cursor::token::{Kind, Token, tokens};
use crate::lang::odata::system::SystemOption;

/// Where a text would go on, and what would be replaced.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cursor {
    pub(crate) expect: Expect,
    /// The word or string under the cursor, quotes included; empty where there is none.
    pub(crate) replaced: Span,
    /// What of it stands before the cursor, without quotes.
    pub(crate) typed: String,
    pub(crate) in_quotes: bool,
    /// Whether `(`, `=` or `/` follows already.
    pub(crate) followed_by: Option<char>,
}

/// What may come next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expect {
    /// The name of an option beside those that are given; within `$expand`, of one of what the relation leads to.
    Option { nested: bool, given: Vec<SystemOption> },
    /// Something that has a value: a name behind the path so far, a function, a literal. `against` is what it is compared with.
    Operand { place: Place, against: Option<Place> },
    /// An operator for what stands before, which is a path or of no known kind.
    Operator { of: Option<Place> },
    /// A name alone.
    Property { place: Place, role: Role },
    /// One of these keywords, marks and calls.
    Words(Vec<&'static str>),
    /// Nothing that has a name.
    Nothing,
}

/// What a name alone is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Select,
    Expand,
    /// A key of `groupby`.
    Key,
    /// What an aggregate is of.
    Measure,
}

/// A path as far as it is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Place {
    /// The relations and fields that lead to the rows or values that names belong to, one at a time: those of `$expand` and of
    /// lambdas.
    pub(crate) from: Vec<Arc<str>>,
    /// The names behind.
    pub(crate) path: Vec<Arc<str>>,
    /// Whether `/` stands before what comes.
    pub(crate) is_behind: bool,
    /// Variables of lambdas that may begin a path.
    pub(crate) variables: Vec<Arc<str>>,
}

impl Cursor {
    /// The cursor at a byte of the text; beyond its end or inside a character, at the boundary before. Linear.
    pub(crate) fn at(text: &str, offset: usize) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let tokens = tokens(text);
        let is_under = |token: &&Token| match token.kind {
            Kind::Word => token.start <= offset && offset <= token.end,
            Kind::Text => token.start < offset && (offset < token.end || (offset == token.end && token.is_open)),
            Kind::Mark(_) => false,
        };
        let under = tokens.iter().find(is_under);
        let start = under.map_or(offset, |token| token.start);
        let n_before = tokens.partition_point(|token| token.end <= start);
        let in_quotes = under.is_some_and(|token| token.kind == Kind::Text);
        let replaced = match under {
            // What a string without an end swallowed is the rest of the request.
            Some(token) if token.is_open => Span::new(token.start, offset),
            Some(token) => Span::new(token.start, token.end),
            None => Span::at(offset),
        };
        let typed = text.get(start + usize::from(in_quotes)..offset).unwrap_or("").replace("''", "'");
        let behind = text.get(replaced.end as usize..).unwrap_or("");
        let before = Tokens { text, tokens: tokens.get(..n_before).unwrap_or(&[]) };
        let expect = match is_request(&tokens, text) {
            true => request(before, &Arc::from([])),
            false => expr::place(before, &[], expr::Use::Filter),
        };
        let expect = match (in_quotes, expect) {
            (false, expect) | (true, expect @ Expect::Operand { against: Some(_), .. }) => expect,
            (true, _) => Expect::Nothing,
        };
        Self { expect, replaced, typed, in_quotes, followed_by: behind.chars().next().filter(|c| "(=/".contains(*c)) }
    }
}

/// Tokens of a text.
#[derive(Clone, Copy)]
struct Tokens<'t> {
    text: &'t str,
    tokens: &'t [Token],
}

impl<'t> Tokens<'t> {
    /// The text of a word.
    fn word(self, at: usize) -> Option<&'t str> {
        let token = self.tokens.get(at).filter(|token| token.kind == Kind::Word)?;
        self.text.get(token.start..token.end)
    }

    fn is_word(self, at: usize, word: &str) -> bool {
        self.word(at).is_some_and(|found| found.eq_ignore_ascii_case(word))
    }

    fn mark(self, at: usize) -> Option<char> {
        match self.tokens.get(at)?.kind {
            Kind::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    fn from(self, at: usize) -> Self {
        Self { tokens: self.tokens.get(at..).unwrap_or(&[]), ..self }
    }

    fn len(self) -> usize {
        self.tokens.len()
    }
}

/// Whether a text is a request and no lone filter: it begins with the name of an option.
fn is_request(tokens: &[Token], text: &str) -> bool {
    let Some(first) = tokens.first() else { return false };
    let name = text.get(first.start..first.end).unwrap_or("");
    name.starts_with('$') && !name.starts_with("$it") && !name.starts_with("$these") && !name.starts_with("$this")
        || (tokens.get(1).is_some_and(|token| token.kind == Kind::Mark('=')) && SystemOption::named(name).is_some())
}

/// What may come at the end of a request's beginning, whose rows are found along `from`.
fn request(before: Tokens<'_>, from: &Arc<[Arc<str>]>) -> Expect {
    let separator = if from.is_empty() { '&' } else { ';' };
    let (mut begin, mut depth, mut given) = (0, 0usize, Vec::new());
    for at in 0..before.len() {
        match before.mark(at) {
            Some('(') => depth += 1,
            Some(')') => depth = depth.saturating_sub(1),
            Some(mark) if mark == separator && depth == 0 => {
                given.extend(before.word(begin).and_then(SystemOption::named));
                begin = at + 1;
            }
            _ => {}
        }
    }
    let option = before.from(begin);
    let (Some(name), Some('=')) = (option.word(0), option.mark(1)) else {
        let named = Expect::Option { nested: !from.is_empty(), given };
        return if option.len() == 0 { named } else { Expect::Nothing };
    };
    let value = option.from(2);
    match SystemOption::named(name) {
        Some(SystemOption::Filter) => expr::place(value, from, expr::Use::Filter),
        Some(SystemOption::OrderBy) => expr::place(value, from, expr::Use::Order),
        Some(SystemOption::Compute) => expr::place(value, from, expr::Use::Compute),
        Some(SystemOption::Select) => names(value, from, Role::Select),
        Some(SystemOption::Expand) => expand(value, from),
        Some(SystemOption::Apply) if from.is_empty() => apply::place(value),
        Some(SystemOption::Count) if value.len() == 0 => Expect::Words(vec!["true", "false"]),
        Some(SystemOption::InlineCount) if value.len() == 0 => Expect::Words(vec!["allpages", "none"]),
        _ => Expect::Nothing,
    }
}

/// Names with commas between.
fn names(before: Tokens<'_>, from: &[Arc<str>], role: Role) -> Expect {
    let mut path: Vec<Arc<str>> = Vec::new();
    let mut is_behind = false;
    for at in 0..before.len() {
        match (before.word(at), before.mark(at)) {
            (Some(name), _) => {
                path.push(name.into());
                is_behind = true;
            }
            (None, Some('/')) => is_behind = false,
            (None, Some(',')) => (path, is_behind) = (Vec::new(), false),
            _ => return Expect::Nothing,
        }
    }
    match is_behind {
        true => Expect::Words(if role == Role::Expand { vec!["(", ","] } else { vec![","] }),
        false => {
            let place = Place { from: from.to_vec(), is_behind: !path.is_empty(), path, variables: Vec::new() };
            Expect::Property { place, role }
        }
    }
}

/// What `$expand` names, and the options of each in parentheses.
fn expand(before: Tokens<'_>, from: &Arc<[Arc<str>]>) -> Expect {
    let (mut begin, mut open, mut depth) = (0, None, 0usize);
    for at in 0..before.len() {
        match before.mark(at) {
            Some('(') => {
                if depth == 0 {
                    open = Some(at);
                }
                depth += 1;
            }
            Some(')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    open = None;
                }
            }
            Some(',') if depth == 0 => begin = at + 1,
            _ => {}
        }
    }
    let item = before.from(begin);
    let Some(open) = open else {
        let is_closed = item.len() > 0 && item.mark(item.len() - 1) == Some(')');
        return if is_closed { Expect::Words(vec![","]) } else { names(item, from, Role::Expand) };
    };
    let path = (begin..open).filter_map(|at| before.word(at).map(Arc::from));
    let from: Arc<[Arc<str>]> = from.iter().cloned().chain(path).collect();
    // How deep parentheses nest is bounded by what a tree may have.
    if from.len() > MOST_STEPS { Expect::Nothing } else { request(before.from(open + 1), &from) }
}

/// Most relations that are followed: requests nest no deeper, and so neither does this.
const MOST_STEPS: usize = 16;
