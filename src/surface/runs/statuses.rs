//! The statuses of tests by number, and the counters that they make of a run: kept ones, and those of the tests that a caller
//! may see.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::code::Code;
use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::ask::{GroupBy, Query};
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::snapshot::Snapshot;
use crate::model::catalog::Catalog;
use crate::model::field::DeclaredValue;
use crate::model::presets::counted::{MOST_STATUSES, counter};
use crate::model::schema::{FieldId, Schema};
use crate::model::value::Value;

/// Tests of one run by status.
pub(super) type Counts = [i64; MOST_STATUSES];

/// The statuses that a catalog's tests can have.
#[derive(Clone, Debug)]
pub(super) struct Statuses {
    schema: Arc<Schema>,
    field: FieldId,
}

impl Statuses {
    /// # Errors
    /// `Schema` if the catalog has no tests with a status, or more statuses than counters.
    pub(super) fn of(catalog: &Catalog) -> Result<Self> {
        let wrong = |message: &str| Error::request(ErrorKind::Schema, Code::InvalidSchema, message);
        let schema = catalog.find("tests").map(|id| catalog.schema(id));
        let field = schema.and_then(|schema| Some((schema, schema.field_named("status")?)));
        let Some((schema, field)) = field else {
            return Err(wrong("runs with counters need an index `tests` with a field `status`"));
        };
        match schema.field(field).declared_values().len() {
            0 => Err(wrong("the `status` of `tests` declares no values, the first of which is that of new tests")),
            n if n > MOST_STATUSES => {
                Err(wrong("the `status` of `tests` declares more values than runs have counters for, which is 25"))
            }
            _ => Ok(Self { schema: schema.clone(), field }),
        }
    }

    /// From 0: the place of the status that a value names, by name or by its number from 1.
    pub(super) fn place(&self, value: &Value) -> Option<usize> {
        match value {
            Value::Integer(number) => {
                let place = usize::try_from(number.checked_sub(1)?).ok()?;
                self.at(place).map(|_| place)
            }
            Value::Text(text) => {
                let named = self.schema.field(self.field).declared_value(text)?;
                self.declared().iter().position(|status| status == named)
            }
            _ => None,
        }
    }

    pub(super) fn at(&self, place: usize) -> Option<&DeclaredValue> {
        self.declared().get(place)
    }

    /// The name of the status at a place, as a cell has it.
    pub(super) fn name(&self, place: usize) -> Value {
        self.at(place).map_or(Value::Null, |status| status.name().into())
    }

    fn declared(&self) -> &[DeclaredValue] {
        self.schema.field(self.field).declared_values()
    }

    /// The four sums of counters, in the order of their names.
    pub(super) fn sums(&self, counts: &Counts) -> [i64; 4] {
        let flagged = |is: fn(&DeclaredValue) -> bool| {
            self.declared().iter().zip(counts).filter(|(status, _)| is(status)).map(|(_, n)| n).sum()
        };
        [
            flagged(|status| status.flags().passed),
            flagged(|status| status.flags().failed),
            flagged(|status| status.flags().is_final),
            counts.iter().sum(),
        ]
    }
}

/// For some runs the counters over the tests that the caller may see; none if those are all, so that the kept ones are right.
pub(super) fn visible_counts(
    snapshot: &Snapshot,
    runs: &[Value],
    ctx: &Context,
) -> Result<Option<BTreeMap<i64, Counts>>> {
    let visible = ctx.access().rows_of("tests");
    if visible == Some(Condition::all()) {
        return Ok(None);
    }
    let mut by_run = BTreeMap::new();
    if visible.is_none() || runs.is_empty() {
        return Ok(Some(by_run));
    }
    let statuses = Statuses::of(snapshot.catalog())?;
    let query = Query::all().scope(Condition::is_in("run_id", runs.to_vec()));
    let tests = snapshot.index("tests", ctx)?;
    let counted = tests.group(&GroupBy::field("run_id").status("status"), &query, ctx)?.body;
    let places: Vec<Option<usize>> =
        counted.statuses.iter().map(|name| statuses.place(&Value::from(name.as_str()))).collect();
    for row in &counted.rows {
        let Ok(run) = row.key.parse::<i64>() else { continue };
        let counts = by_run.entry(run).or_insert([0; MOST_STATUSES]);
        for (place, n) in places.iter().zip(&row.counts) {
            if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                *count += i64::try_from(*n).unwrap_or(i64::MAX);
            }
        }
    }
    Ok(Some(by_run))
}

/// The names of the counters by place.
pub(super) fn counter_names() -> [String; MOST_STATUSES] {
    std::array::from_fn(counter)
}
