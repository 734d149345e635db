//! A request in words, strings and marks, as coarse as completion needs it.

/// A token by its bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it is a string without an end.
    pub(super) is_open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, number, date, GUID or keyword.
    Word,
    /// A string in quotes.
    Text,
    /// One of `( ) , / = & ; :` or any other character that is no word.
    Mark(char),
}

/// The tokens of a text. Linear.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let (mut kind, mut end, mut is_open) = (Kind::Mark(c), start + c.len_utf8(), false);
        if c == '\'' {
            (kind, is_open) = (Kind::Text, true);
            while let Some((at, c)) = chars.next() {
                end = at + c.len_utf8();
                if c == '\'' && chars.next_if(|(_, next)| *next == '\'').is_none() {
                    is_open = false;
                    break;
                }
            }
        } else if is_word(c) {
            kind = Kind::Word;
            let mut last = c;
            while let Some((at, c)) = chars.next_if(|(_, c)| is_word(*c) || (*c == ':' && last.is_ascii_digit())) {
                (end, last) = (at + c.len_utf8(), c);
            }
        }
        tokens.push(Token { kind, start, end, is_open });
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_.-$@".contains(c)
}
