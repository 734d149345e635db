//! What a field can hold. The operators that each kind has are the languages' affair (`query`).

use std::fmt;

/// The kind of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Running text: searched by words, never grouped by.
    Text,
    /// A name out of few or many: type, environment, version, tag, id.
    Keyword,
    /// A value of a status set.
    Status,
    /// A whole number, -(2^63 - 1) to 2^63 - 1.
    Integer,
    /// An exact decimal.
    Decimal,
    /// True or false.
    Boolean,
    /// An instant to the microsecond.
    DateTime,
    /// A calendar day.
    Date,
    /// A signed span of time to the microsecond.
    Duration,
    /// A GUID.
    Guid,
    /// A user's name or id.
    User,
    /// A place in a hierarchy: an id, or `/a/b/c`.
    Path,
    /// The key of a row of another index.
    Relation,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 13] = [
        Self::Text,
        Self::Keyword,
        Self::Status,
        Self::Integer,
        Self::Decimal,
        Self::Boolean,
        Self::DateTime,
        Self::Date,
        Self::Duration,
        Self::Guid,
        Self::User,
        Self::Path,
        Self::Relation,
    ];

    /// The name in schema documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Keyword => "keyword",
            Self::Status => "status",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::DateTime => "datetime",
            Self::Date => "date",
            Self::Duration => "duration",
            Self::Guid => "guid",
            Self::User => "user",
            Self::Path => "path",
            Self::Relation => "relation",
        }
    }

    /// Whether values are numbers on a line (and so have `<`, ranges and sums) rather than names.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Boolean | Self::DateTime | Self::Date | Self::Duration)
    }

    /// Whether a field of this kind may hold several values.
    #[must_use]
    pub fn may_be_multi(self) -> bool {
        matches!(self, Self::Keyword | Self::User | Self::Path | Self::Integer | Self::Relation)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
