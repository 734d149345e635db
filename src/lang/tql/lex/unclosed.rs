//! A string without an end: which quote is the one too many or too few, and where it belongs.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::tql::lex::{Token, TokenKind, is_bare};
use crate::lang::tql::print::quoted;

/// What is wrong with the quote at `start`, which nothing closes, behind `tokens`; and from where on they are doubtful.
pub(super) fn unclosed(text: &str, start: usize, tokens: &[Token]) -> (Diagnostic, u32) {
    let behind = text.get(start..).unwrap_or("");
    let quote = if behind.starts_with('"') { '"' } else { '\'' };
    let body = behind.get(1..).unwrap_or("");
    let wrong =
        |span: Span| Diagnostic::error(Code::UnclosedString, span, format!("a string has no closing `{quote}`"));
    let opening = Span::new(start, start + 1);
    let word = tokens.last().filter(|last| last.span.end as usize == start && is_bare_word(last));
    let Some(word) = word.map(|word| word.span) else {
        let end = start + 1 + likely_end(body, tokens);
        return (wrong(opening).fix("close the string", Span::at(end), quote), start as u32);
    };
    let before = tokens.len().checked_sub(2).and_then(|at| tokens.get(at)).map(|token| token.span);
    let inner = before.filter(|string| string.end == word.start && string.of(text).ends_with(quote));
    if let Some(string) = inner {
        // `'it's'`.
        let place = Span::new(string.end as usize - 1, string.end as usize);
        let message = format!("a string ends at this `{quote}`, and a later one has no end");
        let told = Diagnostic::error(Code::UnclosedString, place, message);
        let help = format!("within a string in `{quote}` it is written `\\{quote}`");
        return (told.help(help).fix("write a backslash", place, format!("\\{quote}")), word.start);
    }
    // `it's`, or `b'` without the quote at its beginning.
    let tail: String = body.chars().take_while(|c| is_bare(*c)).collect();
    let end = start + 1 + tail.len();
    let meant = match tail.is_empty() {
        true => format!("{quote}{}{quote}", word.of(text)),
        false => quoted(&format!("{}{quote}{tail}", word.of(text))),
    };
    (wrong(opening).fix("put it in quotes", Span::new(word.start as usize, end), meant), start as u32)
}

fn is_bare_word(token: &Token) -> bool {
    matches!(&token.kind, TokenKind::Word(word) if !word.quoted)
}

/// Where in the rest of the text a string most likely ends: before the bracket or comma that ends a member, before the operator
/// of a field, or before AND, OR and ORDER BY where a clause follows; else with the text.
fn likely_end(body: &str, tokens: &[Token]) -> usize {
    let bracket = open_bracket(tokens);
    let is_field = match tokens.last().map(|last| &last.kind) {
        None | Some(TokenKind::Mark('{')) => true,
        Some(TokenKind::Mark('(')) => bracket != Some('['),
        Some(TokenKind::Word(word)) => {
            !word.quoted && ["AND", "OR", "NOT", "BY"].iter().any(|keyword| word.text.eq_ignore_ascii_case(keyword))
        }
        _ => false,
    };
    let ends = |(at, c): &(usize, char)| match c {
        ',' | ']' => bracket == Some('['),
        ')' => bracket == Some('('),
        '=' | '<' | '>' | '~' | '!' => is_field,
        // Looked at once for all the blanks in a row.
        c if c.is_whitespace() => body
            .split_at_checked(*at)
            .is_some_and(|(before, rest)| !before.ends_with(char::is_whitespace) && goes_on(rest)),
        _ => false,
    };
    let end = body.char_indices().find(ends).map_or(body.len(), |(at, _)| at);
    body.get(..end).map_or(end, |body| body.trim_end().len())
}

/// The kind of bracket that is open last.
fn open_bracket(tokens: &[Token]) -> Option<char> {
    let mut open = Vec::new();
    for token in tokens {
        match token.kind {
            TokenKind::Mark(mark @ ('(' | '[' | '{')) => open.push(mark),
            TokenKind::Mark(')' | ']' | '}') => {
                open.pop();
            }
            _ => {}
        }
    }
    open.pop()
}

/// Whether a joiner and the beginning of a clause come next, or an order.
fn goes_on(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let mut is_next = |keywords: &[&str]| {
        words.next().is_some_and(|word| keywords.iter().any(|keyword| word.eq_ignore_ascii_case(keyword)))
    };
    if is_next(&["ORDER"]) {
        return is_next(&["BY"]);
    }
    let Some((joiner, rest)) = text.trim_start().split_once(char::is_whitespace) else { return false };
    if !joiner.eq_ignore_ascii_case("AND") && !joiner.eq_ignore_ascii_case("OR") {
        return false;
    }
    let behind_field = rest.trim_start().trim_start_matches(is_bare).trim_start();
    let keyword = behind_field.split(|c| !is_bare(c)).next().unwrap_or("");
    behind_field.starts_with(['=', '<', '>', '~', '!', '('])
        || ["IN", "IS", "NOT", "CONTAINS", "DOES"].iter().any(|word| keyword.eq_ignore_ascii_case(word))
}
