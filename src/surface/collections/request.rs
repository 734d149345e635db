//! Which runs a collection holds and how its answers speak of them: what a server says once for each of its paths.

use crate::base::error::Error;
use crate::engine::condition::Condition;
use crate::surface::collections::kind::RunKind;

/// A collection of runs: of one kind or of all, of one assignment or of all.
///
/// ```
/// use tallygrid::{Condition, RunCollection, RunKind};
/// let runs = RunCollection::of(RunKind::Script)
///     .assignment("2264a622-2869-4ef8-8183-a0040106ca9d")
///     .scope(Condition::tql("ProjectId = p1"))
///     .base("http://localhost/");
/// assert_ne!(runs, RunCollection::all());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RunCollection {
    pub(super) kind: Option<RunKind>,
    pub(super) assignment: Option<String>,
    pub(super) scope: Vec<Condition>,
    pub(super) base: String,
    refuses_with_403: bool,
}

impl RunCollection {
    /// Runs of every kind.
    #[must_use]
    pub fn all() -> Self {
        Self { kind: None, assignment: None, scope: Vec::new(), base: String::new(), refuses_with_403: false }
    }

    /// Runs of one kind.
    #[must_use]
    pub fn of(kind: RunKind) -> Self {
        Self { kind: Some(kind), ..Self::all() }
    }

    /// Those of one assignment, whose id is given as it stands in the path.
    #[must_use]
    pub fn assignment(mut self, id: impl Into<String>) -> Self {
        self.assignment = Some(id.into());
        self
    }

    /// Inside a condition that no request can widen; several hold together.
    #[must_use]
    pub fn scope(mut self, condition: Condition) -> Self {
        self.scope.push(condition);
        self
    }

    /// With links that begin so, such as `https://host/`.
    #[must_use]
    pub fn base(mut self, base: impl Into<String>) -> Self {
        self.base = base.into();
        self
    }

    /// Answers wrong requests with 403, as the system of the page does, instead of 400.
    #[must_use]
    pub fn refusing_with_403(mut self) -> Self {
        self.refuses_with_403 = true;
        self
    }

    /// The HTTP status that fits an error.
    ///
    /// ```
    /// use tallygrid::{RunCollection, RunQuery};
    /// # use tallygrid::{Access, Context, Engine, presets};
    /// # let engine = Engine::builder(presets::catalog()?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// let runs = RunCollection::all();
    /// let error = engine.snapshot().run_collection(&runs, &RunQuery::odata("$top=-1"), &ctx).unwrap_err();
    /// assert_eq!(runs.status_of(&error), 400);
    /// assert_eq!(runs.refusing_with_403().status_of(&error), 403);
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    #[must_use]
    pub fn status_of(&self, error: &Error) -> u16 {
        match error.http_status() {
            400 if self.refuses_with_403 => 403,
            status => status,
        }
    }
}
