//! What texts are bound against, and which rows of each index a caller may see.

use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::exec::request::Permissions;
use crate::model::catalog::{Catalog, IndexId};
use crate::model::schema::Schema;
use crate::query::context::Env;
use crate::query::predicate::Predicate;

/// What a text of the caller's is bound against.
pub(crate) fn env_of<'c>(schema: &'c Schema, catalog: &'c Catalog, ctx: &'c Context) -> Env<'c> {
    let (now, zone, limits) = (ctx.now(), ctx.zone(), ctx.limits_ref());
    Env { schema, catalog, sight: ctx.access(), now, zone, facts: ctx, limits, in_permission: false }
}

/// The permissions of a context, bound when an index is touched.
#[derive(Debug)]
pub(crate) struct Permitted<'c> {
    pub(crate) catalog: &'c Catalog,
    pub(crate) ctx: &'c Context,
}

impl Permissions for Permitted<'_> {
    /// One that does not bind is the host's fault, and what it says is for the host alone.
    fn rows_of(&self, index: IndexId) -> Result<Predicate> {
        let schema = self.catalog.schema(index);
        let permitted = self.ctx.access().rows_of(schema.name()).unwrap_or_else(Condition::none);
        let env = Env { in_permission: true, ..env_of(schema, self.catalog, self.ctx) };
        permitted.bind(&env).map_err(|error| Error::new(ErrorKind::Internal, error.diagnostics().to_vec()))
    }
}
