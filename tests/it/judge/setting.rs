//! Who asks, and of which rows: permissions, a scope, perhaps the latest rows only.

use tallygrid::{Access, Condition, Context, Dialect, ODataQuery, Query};

use super::scope::condition;
use crate::oracle::choices::Choices;
use crate::oracle::draw;
use crate::oracle::draw::world::Seen;
use crate::oracle::query::Filter;
use crate::oracle::world::World;

/// What stands around a question.
pub(super) struct Setting {
    access: Access,
    scope: Option<Condition>,
    is_latest: bool,
    /// The world as the caller's queries find it.
    pub(super) seen: World,
    /// Rows that the caller may see.
    pub(super) visible: Vec<usize>,
    /// Rows in scope that count.
    pub(super) inside: Vec<usize>,
}

impl Setting {
    /// Of many rows all, since the oracle compares each with every other to find out who may see what.
    pub(super) fn draw(c: &mut Choices, world: &World) -> Self {
        let everything: Vec<usize> = (0..world.rows.len()).collect();
        let is_small = world.rows.len() <= 100;
        let (access, seen, visible) = if is_small && c.once_in(2) {
            let (permitted, visible) = condition(c, world, 1);
            let Seen { packages, other, world: seen } = draw::world::seen(c, world);
            (Access::none().allow("run", permitted).allow("package", packages).allow("OTHER", other), seen, visible)
        } else {
            (Access::unrestricted(), world.clone(), everything)
        };
        let (scope, mut inside) = if is_small && c.once_in(3) {
            let (condition, in_scope) = condition(c, &seen, 1);
            (Some(condition), visible.iter().filter(|row| in_scope.contains(row)).copied().collect())
        } else {
            (None, visible.clone())
        };
        let is_latest = is_small && c.once_in(4);
        if is_latest {
            inside = world.latest.latest(world, &inside);
        }
        Self { access, scope, is_latest, seen, visible, inside }
    }

    pub(super) fn context(&self, world: &World) -> Context {
        world.context(self.access.clone())
    }

    /// The text in this scope, every row on one page.
    pub(super) fn query(&self, text: &str) -> Query {
        let query = Query::tql(text).top(100_000);
        let query = if self.is_latest { query.latest() } else { query };
        self.scope.iter().fold(query, |query, scope| query.scope(scope.clone()))
    }

    /// The same of a query string of OData.
    pub(super) fn odata(&self, text: &str, dialect: Dialect) -> ODataQuery {
        let query = ODataQuery::new(text).dialect(dialect);
        let query = if self.is_latest { query.latest() } else { query };
        self.scope.iter().fold(query, |query, scope| query.scope(scope.clone()))
    }

    /// Positions of the rows that a filter leaves; all without one.
    pub(super) fn selected(&self, filter: Option<&Filter>) -> Vec<usize> {
        let passes = |row: &usize| filter.is_none_or(|filter| filter.passes(&self.seen, &self.seen.rows[*row]));
        self.inside.iter().copied().filter(passes).collect()
    }
}
