//! Percent-decoding of a part of a request, with the way back: every place in the decoded text has its place in the raw one.

use std::borrow::Cow;

use crate::base::span::Span;

/// A part of the raw text, decoded.
#[derive(Clone, Debug)]
pub(crate) struct Source<'a> {
    text: Cow<'a, str>,
    /// Where the part begins in the raw text.
    start: usize,
    /// The characters that came encoded, ascending.
    escapes: Vec<Escape>,
}

/// A character that came percent-encoded.
#[derive(Clone, Debug)]
struct Escape {
    start: usize,
    end: usize,
    raw: Span,
}

/// What is wrong with an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// `%` without two hexadecimal digits; it stands for itself.
    Stray,
    /// Bytes that are no UTF-8.
    NotUtf8,
}

impl<'a> Source<'a> {
    /// No text.
    pub(crate) fn empty() -> Self {
        Self { text: Cow::Borrowed(""), start: 0, escapes: Vec::new() }
    }

    /// The part of a raw text that begins at `start`, decoded; what is wrong with its encoding is told to `wrong`. Linear.
    pub(crate) fn decoded(raw: &'a str, start: usize, mut wrong: impl FnMut(Wrong, Span)) -> Self {
        if !raw.contains('%') {
            return Self { text: Cow::Borrowed(raw), start, escapes: Vec::new() };
        }
        let (mut text, mut escapes) = (String::with_capacity(raw.len()), Vec::new());
        let mut rest = raw;
        while let Some((before, behind)) = rest.split_once('%') {
            text.push_str(before);
            let mut at = start + raw.len() - behind.len() - 1;
            let (bytes, after) = run(behind);
            rest = after;
            if bytes.is_empty() {
                wrong(Wrong::Stray, Span::new(at, at + 1));
                text.push('%');
            }
            for chunk in bytes.utf8_chunks() {
                for c in chunk.valid().chars() {
                    let raw = Span::new(at, at + 3 * c.len_utf8());
                    escapes.push(Escape { start: text.len(), end: text.len() + c.len_utf8(), raw });
                    text.push(c);
                    at = raw.end as usize;
                }
                if !chunk.invalid().is_empty() {
                    let raw = Span::new(at, at + 3 * chunk.invalid().len());
                    wrong(Wrong::NotUtf8, raw);
                    escapes.push(Escape { start: text.len(), end: text.len() + 3, raw });
                    text.push(char::REPLACEMENT_CHARACTER);
                    at = raw.end as usize;
                }
            }
        }
        text.push_str(rest);
        Self { text: Cow::Owned(text), start, escapes }
    }

    /// The decoded text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The raw range of a decoded one.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.raw(start), self.raw(end))
    }

    /// Whether the character at a decoded place came encoded.
    pub(crate) fn is_encoded(&self, at: usize) -> bool {
        self.escapes.binary_search_by_key(&at, |escape| escape.start).is_ok()
    }

    fn raw(&self, at: usize) -> usize {
        // The last escape that ends at the place or before it.
        let before = self.escapes.partition_point(|escape| escape.end <= at);
        match before.checked_sub(1).and_then(|i| self.escapes.get(i)) {
            Some(escape) => escape.raw.end as usize + (at - escape.end),
            None => self.start + at,
        }
    }
}

/// The bytes of a run of codes, of which the first `%` is read already, and what follows the run.
fn run(behind: &str) -> (Vec<u8>, &str) {
    let (mut bytes, mut rest) = (Vec::new(), behind);
    while let Some((byte, after)) = code(rest) {
        bytes.push(byte);
        let Some(next) = after.strip_prefix('%').filter(|next| code(next).is_some()) else { return (bytes, after) };
        rest = next;
    }
    (bytes, rest)
}

fn code(rest: &str) -> Option<(u8, &str)> {
    let (digits, after) = rest.split_at_checked(2)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let byte = is_hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten()?;
    Some((byte, after))
}

#[cfg(test)]
mod tests {
    use super::{Source, Wrong};
    use crate::base::span::Span;

    #[test]
    fn places_lead_back_to_the_raw_text() {
        let mut told = Vec::new();
        let source = Source::decoded("a%20%C3%A9b%zz%FFc", 10, |wrong, span| told.push((wrong, span)));
        assert_eq!(source.as_str(), "a éb%zz\u{fffd}c");
        assert_eq!(told, [(Wrong::Stray, Span::new(21, 22)), (Wrong::NotUtf8, Span::new(24, 27))]);
        // `é` is two bytes, six raw ones.
        assert_eq!(source.span(2, 4), Span::new(14, 20));
        assert_eq!(source.span(0, 1), Span::new(10, 11));
        assert_eq!(source.span(11, 12), Span::new(27, 28));
        assert_eq!((source.is_encoded(1), source.is_encoded(4)), (true, false));
    }
}
