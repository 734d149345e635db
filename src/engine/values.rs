//! How often each value of one field occurs among the rows of a scope that a caller may see.

use crate::base::error::{ErrorKind, Result};
use crate::engine::ask::Query;
use crate::engine::context::Context;
use crate::engine::snapshot::{Index, Ready};
use crate::exec::labels::Meaning;
use crate::exec::run::Run;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::plan::stage::Plan;
use crate::query::rel::{GroupKey, Rel};

/// A value as groups name it, and in how many rows it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ValueCount {
    pub(crate) value: Value,
    pub(crate) text: String,
    pub(crate) count: u64,
}

impl Index<'_> {
    /// Every value of a field that can be grouped by in the query's scope, whatever its text says; in the field's order, empties
    /// left out. Nothing where there are more than `most`, or than the request's limits let through.
    pub(crate) fn value_counts(
        &self,
        field: FieldId,
        most: usize,
        query: &Query,
        ctx: &Context,
    ) -> Result<Vec<ValueCount>> {
        let Ready { rel, .. } = self.ready(&query.whole_scope(), ctx)?;
        let key = GroupKey::Field(field);
        let plan = Plan::new(&Rel::Group { input: rel.into(), keys: vec![key.into()], measures: Vec::new() })?;
        let budget = ctx.budget_of_groups(most);
        let groups = match (Run { plan: &plan, request: &self.request(ctx, &budget) }).groups(&[]) {
            Ok(measures) => measures.groups,
            Err(error) if error.kind() == ErrorKind::Limit => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let Some(keys) = groups.keys.first() else { return Ok(Vec::new()) };
        // Without periods between, every key has a group, so the two are in step.
        let counted = keys.meanings().iter().zip(keys.texts()).zip(&groups.counts);
        let value = |((meaning, text), count): ((&Meaning, &str), &u64)| {
            Some(ValueCount { value: meaning.value(text)?, text: text.to_owned(), count: *count })
        };
        Ok(counted.filter_map(value).collect())
    }
}
