//! Collation: when two texts are the same value, and which comes first. The only place that decides it, for both languages.

use std::borrow::Cow;

/// How a field compares its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Collation {
    /// Unicode full case folding; blanks count. The default.
    #[default]
    IgnoreCase,
    /// Code point for code point.
    Exact,
    /// Case and blanks ignored: `In Progress` = `InProgress`. What status fields use.
    Status,
}

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
        }
    }
}

/// Unicode default case folding (full), without a copy for text that is lower-case ASCII already.
pub(crate) fn fold_case(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else if text.is_ascii() {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Owned(caseless::default_case_fold_str(text))
    }
}

#[cfg(test)]
mod tests {
    use super::Collation;

    #[test]
    fn spellings_of_one_value_fold_alike() {
        assert_eq!(Collation::IgnoreCase.fold("STRASSE"), Collation::IgnoreCase.fold("straße"));
        assert_ne!(Collation::IgnoreCase.fold("In Progress"), Collation::IgnoreCase.fold("InProgress"));
        assert_eq!(Collation::Status.fold("In Progress"), Collation::Status.fold("inprogress"));
        assert_ne!(Collation::Exact.fold("a"), Collation::Exact.fold("A"));
    }
}
