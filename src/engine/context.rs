//! Who asks, when, from which zone, under which limits. Everything an answer depends on beside rows and query is here, so
//! that the same call gives the same answer.

use std::sync::Arc;
use std::time::Instant;

use crate::base::budget::{Budget, Cancel};
use crate::base::limits::Limits;
use crate::engine::access::Access;
use crate::model::time::Zone;
use crate::query::context::Facts;

/// The circumstances of a request. There is no default: a host states the time and what the caller may see.
///
/// ```
/// use tallygrid::{Access, Context, Zone};
/// let now = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
/// let ctx = Context::new(now, Access::unrestricted()).time_zone(Zone::named("Europe/Berlin").unwrap()).user("ada");
/// assert_eq!(ctx.zone().name(), "Europe/Berlin");
/// ```
#[derive(Clone, Debug)]
pub struct Context {
    now: i64,
    zone: Zone,
    access: Access,
    users: Vec<String>,
    facts: Option<Arc<dyn Facts>>,
    limits: Limits,
    deadline: Option<Instant>,
    cancel: Cancel,
}

impl Context {
    /// A request at `now` by a caller with that access: zone UTC, no user, default limits, no deadline.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "an instant is a small value")]
    pub fn new<Tz: chrono::TimeZone>(now: chrono::DateTime<Tz>, access: Access) -> Self {
        Self {
            now: now.timestamp_micros(),
            zone: Zone::utc(),
            access,
            users: Vec::new(),
            facts: None,
            limits: Limits::default(),
            deadline: None,
            cancel: Cancel::new(),
        }
    }

    /// With another zone than UTC for literals, functions, buckets and labels.
    #[must_use]
    pub fn time_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// With a value that stands for the caller in user fields; call it again for further ones (id, user name, display name).
    #[must_use]
    pub fn user(mut self, name: impl Into<String>) -> Self {
        self.users.push(name.into());
        self
    }

    /// With what the host knows of users, projects and packages, and its own value functions.
    #[must_use]
    pub fn facts(mut self, facts: Arc<dyn Facts>) -> Self {
        self.facts = Some(facts);
        self
    }

    /// With other limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With a moment after which the request ends in an error.
    #[must_use]
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// With a switch that ends the request from elsewhere.
    #[must_use]
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// The zone.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// The same circumstances with another access.
    pub(crate) fn with_access(&self, access: Access) -> Self {
        Self { access, ..self.clone() }
    }

    pub(crate) fn limits_ref(&self) -> &Limits {
        &self.limits
    }

    /// A fresh account for one request.
    pub(crate) fn budget(&self) -> Budget {
        self.budget_of_groups(self.limits.groups)
    }

    /// The same with at most this many groups.
    pub(crate) fn budget_of_groups(&self, most: usize) -> Budget {
        let limits = self.limits.with_groups(self.limits.groups.min(most));
        Budget::new(limits, self.deadline, self.cancel.clone())
    }
}

/// The context's own user first, then what the host's facts say.
impl Facts for Context {
    fn current_user(&self) -> Option<Vec<String>> {
        if self.users.is_empty() { self.facts.as_ref()?.current_user() } else { Some(self.users.clone()) }
    }

    fn project_manager(&self, project: &str) -> Option<Vec<String>> {
        self.facts.as_ref()?.project_manager(project)
    }

    fn packages(&self, name_or_path: &str) -> Option<Vec<String>> {
        self.facts.as_ref()?.packages(name_or_path)
    }

    fn call(&self, name: &str, arguments: &[String]) -> Option<Result<Vec<String>, String>> {
        self.facts.as_ref()?.call(name, arguments)
    }

    fn function_names(&self) -> Vec<String> {
        self.facts.as_ref().map_or_else(Vec::new, |facts| facts.function_names())
    }
}
