//! Collation: when two texts are the same value, and which comes first. The only place that decides it, for both languages.

use std::borrow::Cow;

use crate::model::guid::{format_guid, parse_guid};

/// How a field compares its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Collation {
    /// Unicode full case folding; blanks count. The default.
    #[default]
    IgnoreCase,
    /// Code point for code point.
    Exact,
    /// Case and blanks ignored: `In Progress` = `InProgress`. What status fields use.
    Status,
    /// Case and a slash at the end ignored, GUIDs in one spelling: `/Top/` = `/top`. What path fields use.
    Path,
}

/// The path above all others.
pub(crate) const ROOT: &str = "/";

impl Collation {
    /// The text that stands for every spelling of the same value.
    pub(crate) fn fold(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Exact => Cow::Borrowed(text),
            Self::Status if text.contains(char::is_whitespace) => {
                let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                Cow::Owned(fold_case(&squeezed).into_owned())
            }
            Self::IgnoreCase | Self::Status => fold_case(text),
            Self::Path => fold_path(text),
        }
    }

    /// Whether all texts that it holds equal are equal for the other too.
    pub(crate) fn implies(self, other: Self) -> bool {
        self == other || self == Self::Exact || (self == Self::IgnoreCase && other != Self::Exact)
    }
}

/// Unicode default case folding (full), without a copy for text that is lower-case ASCII already.
pub(crate) fn fold_case(text: &str) -> Cow<'_, str> {
    // Looking at every byte takes less than stopping at the first: it becomes vector code.
    if !text.bytes().fold(false, |folds, b| folds | !b.is_ascii() | b.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else if text.is_ascii() {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Owned(caseless::default_case_fold_str(text))
    }
}

fn fold_path(text: &str) -> Cow<'_, str> {
    if let Some(guid) = parse_guid(text) {
        let is_canonical = text.len() == CANONICAL_GUID && !text.bytes().any(|b| b.is_ascii_uppercase());
        return if is_canonical { Cow::Borrowed(text) } else { Cow::Owned(format_guid(guid)) };
    }
    let trimmed = match text.trim_end_matches('/') {
        "" if !text.is_empty() => ROOT,
        trimmed => trimmed,
    };
    fold_case(trimmed)
}

/// Bytes of a GUID with dashes and without braces.
const CANONICAL_GUID: usize = 36;

#[cfg(test)]
mod tests {
    use super::Collation;

    #[test]
    fn spellings_of_one_value_fold_alike() {
        assert_eq!(Collation::IgnoreCase.fold("STRASSE"), Collation::IgnoreCase.fold("straße"));
        assert_ne!(Collation::IgnoreCase.fold("In Progress"), Collation::IgnoreCase.fold("InProgress"));
        assert_eq!(Collation::Status.fold("In Progress"), Collation::Status.fold("inprogress"));
        assert_ne!(Collation::Exact.fold("a"), Collation::Exact.fold("A"));
        for (text, folded) in [
            ("/Top/Mid//", "/top/mid"),
            ("/top", "/top"),
            ("P1/", "p1"),
            ("//", "/"),
            ("", ""),
            ("{CDD1A0CF-2cd1-4f9a-8513-a9a2fc74d133}", "cdd1a0cf-2cd1-4f9a-8513-a9a2fc74d133"),
            ("cdd1a0cf-2cd1-4f9a-8513-a9a2fc74d133", "cdd1a0cf-2cd1-4f9a-8513-a9a2fc74d133"),
        ] {
            assert_eq!(Collation::Path.fold(text), folded, "{text}");
        }
    }
}
