//! A column of a grid: what it holds, and the fields of the index that hold it.

use std::sync::Arc;

use crate::model::field::{DeclaredValue, Field};
use crate::model::kind::Kind;

/// What comes of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Returns {
    /// A number; a text or truth that it computes is no value.
    Number,
    /// A text; a number or truth that it computes is written as one.
    Text,
}

/// What a column holds.
///
/// | kind | value on the wire | field of the index |
/// |---|---|---|
/// | checkbox | true or false | boolean |
/// | integer, number | number | integer, decimal |
/// | date, datetime | milliseconds since 1970 UTC; of a date those of its midnight | date, datetime |
/// | time | milliseconds since midnight | duration |
/// | string, textarea | text | keyword, text |
/// | single select, multi select | the title; a list of titles | keyword, with the titles in their order |
/// | sequence | text | keyword |
/// | userlist | an object `{key, username, value, avatar}` | user (the full name); keywords `.key`, `.username`, `.avatar` |
/// | formula | number or text | decimal, keyword |
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the table says it")]
#[non_exhaustive]
pub enum GridColumnKind {
    Checkbox,
    Integer,
    Number,
    Date,
    DateTime,
    Time,
    String,
    TextArea,
    /// One of these titles.
    SingleSelect(Vec<Arc<str>>),
    /// Some of these titles.
    MultiSelect(Vec<Arc<str>>),
    Sequence,
    UserList,
    /// What an expression makes of the row's other columns.
    Formula {
        /// The expression.
        expression: Arc<str>,
        /// What comes of it.
        returns: Returns,
    },
}

impl GridColumnKind {
    /// One of these titles.
    #[must_use]
    pub fn single_select<T: Into<Arc<str>>>(titles: impl IntoIterator<Item = T>) -> Self {
        Self::SingleSelect(titles.into_iter().map(Into::into).collect())
    }

    /// Some of these titles.
    #[must_use]
    pub fn multi_select<T: Into<Arc<str>>>(titles: impl IntoIterator<Item = T>) -> Self {
        Self::MultiSelect(titles.into_iter().map(Into::into).collect())
    }
}

/// A column of a grid.
///
/// ```
/// use tallygrid::{GridColumn, GridColumnKind};
/// let status = GridColumn::new("status", GridColumnKind::single_select(["Open", "Done"])).required();
/// assert!(status.is_required() && status.is_writable());
/// assert!(!GridColumn::new("no", GridColumnKind::Sequence).is_writable());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GridColumn {
    pub(super) id: Arc<str>,
    pub(super) kind: GridColumnKind,
    required: bool,
    read_only: bool,
}

impl GridColumn {
    /// A column that may be empty and may be written.
    #[must_use]
    pub fn new(id: impl Into<Arc<str>>, kind: GridColumnKind) -> Self {
        Self { id: id.into(), kind, required: false, read_only: false }
    }

    /// No row may be without it.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// No request may write it.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Its id, which requests and queries call it by.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it holds.
    #[must_use]
    pub fn kind(&self) -> &GridColumnKind {
        &self.kind
    }

    /// Whether no row may be without it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Whether requests may write it: it is not read-only, no sequence and no formula.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        match self.kind {
            GridColumnKind::Sequence | GridColumnKind::Formula { .. } => false,
            _ => !self.read_only,
        }
    }

    /// The fields of the index that hold it: one, of a user four.
    pub(super) fn fields(&self) -> Vec<Field> {
        let field = |kind| Field::new(self.id.clone(), kind);
        let titles =
            |titles: &[Arc<str>]| titles.iter().map(|title| DeclaredValue::new(title.clone())).collect::<Vec<_>>();
        let one = match &self.kind {
            GridColumnKind::Checkbox => field(Kind::Boolean),
            GridColumnKind::Integer => field(Kind::Integer),
            GridColumnKind::Number | GridColumnKind::Formula { returns: Returns::Number, .. } => field(Kind::Decimal),
            GridColumnKind::Date => field(Kind::Date),
            GridColumnKind::DateTime => field(Kind::DateTime),
            GridColumnKind::Time => field(Kind::Duration),
            GridColumnKind::String
            | GridColumnKind::Sequence
            | GridColumnKind::Formula { returns: Returns::Text, .. } => field(Kind::Keyword),
            GridColumnKind::TextArea => field(Kind::Text),
            GridColumnKind::SingleSelect(options) => field(Kind::Keyword).values(titles(options)),
            GridColumnKind::MultiSelect(options) => field(Kind::Keyword).multi().values(titles(options)),
            GridColumnKind::UserList => {
                let part = |name| Field::new(format!("{}.{name}", self.id), Kind::Keyword);
                return vec![field(Kind::User), part("key"), part("username"), part("avatar")];
            }
        };
        vec![one]
    }
}
