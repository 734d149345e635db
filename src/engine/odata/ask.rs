//! What an API client asks in OData, and how the host wants it read.

use crate::engine::ask::Query;
use crate::engine::condition::Condition;
use crate::query::odata::Reading;

/// The version of OData whose rules decide where they differ, and whose shape answers have.
///
/// ```
/// use tallygrid::Dialect;
/// assert_eq!(Dialect::named("v4"), Some(Dialect::V4));
/// assert_eq!(Dialect::default(), Dialect::Seed);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Dialect {
    /// `{"Items": […]}`, with `Skip`, `Top` and `Total` if the number of rows is asked for; nulls as in v2 and v3.
    #[default]
    Seed,
    /// `{"d": {"results": […]}}`; nulls as in v2 and v3.
    V2,
    /// `{"odata.metadata": …, "value": […]}`; nulls as in v2 and v3.
    V3,
    /// `{"@odata.context": …, "value": […]}`; nulls as in v4.
    V4,
}

/// A query string of OData inside a scope: `$filter=Status eq 'Failed'&$orderby=CreatedAt desc&$top=5`, percent-encoded or not.
///
/// ```
/// use tallygrid::{Condition, Dialect, ODataQuery};
/// let query = ODataQuery::new("$filter=Status eq 'Failed'").dialect(Dialect::V4).scope(Condition::is_in("ProjectId", ["p1"]));
/// assert_eq!(query.text(), "$filter=Status eq 'Failed'");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ODataQuery {
    text: String,
    /// The scope around it, without a text.
    around: Query,
    dialect: Dialect,
    strict: bool,
    page: Option<u64>,
}

impl Dialect {
    const ALL: [(Self, &'static str); 4] = [(Self::Seed, "seed"), (Self::V2, "v2"), (Self::V3, "v3"), (Self::V4, "v4")];

    /// The dialect of that name: `seed`, `v2`, `v3`, `v4`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(dialect, _)| *dialect)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(dialect, _)| *dialect == self).map_or("", |(_, name)| name)
    }
}

impl ODataQuery {
    /// The options behind the `?` of a request.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), around: Query::all(), dialect: Dialect::default(), strict: false, page: None }
    }

    /// Read and answered as this version has it.
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Read to the letter of the standard. Else what published queries need is taken with a warning.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Restricts the rows before the text does. Several scopes all hold.
    #[must_use]
    pub fn scope(mut self, condition: Condition) -> Self {
        self.around = self.around.scope(condition);
        self
    }

    /// Asks of the rows that permissions and scope leave only the latest of each test; see
    /// [`Query::latest`](crate::Query::latest).
    #[must_use]
    pub fn latest(mut self) -> Self {
        self.around = self.around.latest();
        self
    }

    /// Rows of a page where the text does not say how many it wants; all of them unless this is set. Rows that `$apply` computes
    /// are no pages: without `$top` all of them are given.
    #[must_use]
    pub fn page(mut self, rows: u64) -> Self {
        self.page = Some(rows);
        self
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn reading(&self) -> Reading {
        Reading { old_nulls: self.dialect != Dialect::V4, strict: self.strict }
    }

    pub(crate) fn around(&self) -> &Query {
        &self.around
    }

    /// Most rows of an answer whose text does not say: of the rows of an index, or of computed ones.
    pub(crate) fn default_top(&self, of_index: bool) -> Option<u64> {
        self.page.filter(|_| of_index)
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.strict
    }
}
