//! Text to tokens. Never fails: what is no token is reported and left out.

mod unclosed;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while_m_n, take_while1};
use nom::character::complete::{anychar, char, one_of};
use nom::combinator::{map, recognize, value};
use nom::sequence::preceded;
use nom::{IResult, Parser};

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, push};
use crate::base::span::Span;
use crate::lang::tql::ast::{Op, Word};
use unclosed::unclosed;

/// A piece of the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// A bare word or a string; the word's span is the token's.
    Word(Word),
    /// `= != < <= > >= ~ !~`.
    Op(Op),
    /// `( ) [ ] { } ,`.
    Mark(char),
}

/// Input of the token parsers: what is left of the text.
type Rest<'a> = &'a str;
type Scan<'a, T> = IResult<Rest<'a>, T>;

/// A text in tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lexed {
    pub(crate) tokens: Vec<Token>,
    /// From where on tokens are doubtful, if the last one is a string without an end.
    pub(crate) lost: Option<u32>,
}

/// Every token of the text. Linear.
pub(crate) fn lex(text: &str, diagnostics: &mut Vec<Diagnostic>) -> Lexed {
    let (mut tokens, mut lost) = (Vec::new(), None);
    let mut rest = skip_blanks(text);
    while !rest.is_empty() {
        let start = text.len() - rest.len();
        let span = |rest: &str| Span::new(start, text.len() - rest.len());
        if rest.starts_with(['"', '\'']) {
            let (word, after, is_closed) = string(text, start, diagnostics);
            if !is_closed {
                let (wrong, from) = unclosed(text, start, &tokens);
                push(diagnostics, wrong);
                lost = Some(from);
            }
            rest = after;
            tokens.push(Token { kind: TokenKind::Word(word), span: span(rest) });
        } else if let Ok((after, kind)) = plain(rest) {
            rest = after;
            let kind = match kind {
                Plain::Op(op) => TokenKind::Op(op),
                Plain::Mark(mark) => TokenKind::Mark(mark),
                Plain::Word(word) => {
                    TokenKind::Word(Word { span: span(rest), text: word.into(), quoted: false, shifts: Vec::new() })
                }
            };
            tokens.push(Token { kind, span: span(rest) });
        } else {
            // Only a lone `!` begins no token.
            rest = anychar::<Rest<'_>, ()>(rest).map_or("", |(after, _)| after);
            let wrong = Diagnostic::error(Code::UnexpectedCharacter, span(rest), "`!` alone is no operator");
            push(diagnostics, wrong.help("write `!=`, `!~` or NOT"));
        }
        rest = skip_blanks(rest);
    }
    Lexed { tokens, lost }
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start()
}

enum Plain<'a> {
    Op(Op),
    Mark(char),
    Word(&'a str),
}

fn plain(rest: Rest<'_>) -> Scan<'_, Plain<'_>> {
    alt((map(operator, Plain::Op), map(one_of(",()[]{}"), Plain::Mark), map(bare_word, Plain::Word))).parse(rest)
}

fn operator(rest: Rest<'_>) -> Scan<'_, Op> {
    alt((
        value(Op::Ne, tag("!=")),
        value(Op::NotContains, tag("!~")),
        value(Op::Le, tag("<=")),
        value(Op::Ge, tag(">=")),
        value(Op::Eq, tag("=")),
        value(Op::Lt, tag("<")),
        value(Op::Gt, tag(">")),
        value(Op::Contains, tag("~")),
    ))
    .parse(rest)
}

fn bare_word(rest: Rest<'_>) -> Scan<'_, &str> {
    take_while1(is_bare).parse(rest)
}

/// Whether a character may stand in a bare word.
pub(crate) fn is_bare(c: char) -> bool {
    !c.is_whitespace() && !"\"',()[]{}=!<>~".contains(c)
}

/// What a piece of a string means.
enum Piece<'a> {
    Plain(&'a str),
    Escaped(char),
    /// Half of a surrogate pair: `\ud83d`.
    Half(u32),
    /// A backslash in front of something that needs none.
    Wrong(&'a str),
}

/// The string that begins at `start`, what follows it, and whether it has an end.
fn string<'a>(text: &'a str, start: usize, diagnostics: &mut Vec<Diagnostic>) -> (Word, &'a str, bool) {
    let body = text.get(start..).unwrap_or("");
    let quote = if body.starts_with('"') { '"' } else { '\'' };
    let mut rest = body.get(1..).unwrap_or("");
    let (mut meant, mut shifts) = (String::new(), Vec::new());
    let offset = |rest: &str| text.len() - rest.len();
    let is_closed = loop {
        let Ok((after, piece)) = string_piece(quote, rest) else {
            let is_closed = rest.starts_with(quote);
            rest = rest.get(usize::from(is_closed)..).unwrap_or("");
            break is_closed;
        };
        let place = Span::new(offset(rest), offset(after));
        rest = after;
        match piece {
            Piece::Plain(plain) => {
                meant.push_str(plain);
                continue;
            }
            Piece::Escaped(c) => meant.push(c),
            Piece::Half(high) => match low_half(rest).filter(|_| (0xD800..0xDC00).contains(&high)) {
                Some((after, low)) => {
                    rest = after;
                    meant.extend(char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
                }
                None => {
                    let message = "half of a surrogate pair has no other half";
                    push(diagnostics, Diagnostic::error(Code::InvalidEscape, place, message));
                    meant.push(char::REPLACEMENT_CHARACTER);
                }
            },
            // At the end of the text it escapes nothing, and what is missing is the end of the string.
            Piece::Wrong("\\") => meant.push('\\'),
            Piece::Wrong(escape) => {
                let wrong = Diagnostic::error(Code::InvalidEscape, place, format!("`{escape}` is no escape"));
                let help = r#"escapes are `\"`, `\'`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t` and `\u0041`"#;
                push(diagnostics, wrong.help(help).fix("write a backslash", place, format!("\\{escape}")));
                meant.push_str(escape);
            }
        }
        shifts.push((meant.len() as u32, offset(rest) as u32));
    };
    let span = Span::new(start, offset(rest));
    (Word { span, text: meant.into(), quoted: true, shifts }, rest, is_closed)
}

fn string_piece(quote: char, rest: Rest<'_>) -> Scan<'_, Piece<'_>> {
    let simple = preceded(char('\\'), one_of("\"'\\/bfnrt"));
    let wrong = recognize((char('\\'), take_while_m_n(0, 1, |_| true)));
    alt((
        map(take_while1(|c| c != quote && c != '\\'), Piece::Plain),
        map(simple, |c| Piece::Escaped(unescape(c))),
        map(escaped_code, |digits: &str| {
            let n = u32::from_str_radix(digits, 16).unwrap_or(0);
            char::from_u32(n).map_or(Piece::Half(n), Piece::Escaped)
        }),
        map(wrong, Piece::Wrong),
    ))
    .parse(rest)
}

fn low_half(rest: Rest<'_>) -> Option<(&str, u32)> {
    let (after, digits) = escaped_code(rest).ok()?;
    let n = u32::from_str_radix(digits, 16).ok()?;
    (0xDC00..0xE000).contains(&n).then_some((after, n))
}

/// The four digits of a `\u` escape.
fn escaped_code(rest: Rest<'_>) -> Scan<'_, &str> {
    preceded(tag("\\u"), take_while_m_n(4, 4, |c: char| c.is_ascii_hexdigit())).parse(rest)
}

fn unescape(c: char) -> char {
    match c {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        c => c,
    }
}
