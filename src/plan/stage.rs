//! The one shape that `exec` runs: scan an index, keep the rows of one predicate, perhaps only the latest of each test, then
//! list or group them. Every operator
//! tree that the engine builds comes down to it; aggregation over aggregates will add stages.

use crate::base::error::{Error, Result};
use crate::model::catalog::IndexId;
use crate::model::latest::Retries;
use crate::model::schema::FieldId;
use crate::plan::simplify::simplify;
use crate::query::predicate::Predicate;
use crate::query::rel::{Measure, Rel, Role, Selector, SortKey};

/// A planned query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) index: IndexId,
    /// What the caller may see; decides between spellings of a key too.
    pub(crate) permitted: Predicate,
    /// Everything a row must satisfy: permissions, then scope, then the query.
    pub(crate) predicate: Predicate,
    /// Which of those rows count at all; none if all do.
    pub(crate) latest: Option<Latest>,
    /// What permissions and scope say together; callers are shown how many terms it has and no more.
    pub(crate) hidden: Predicate,
    /// The query's own part, for explaining.
    pub(crate) asked: Predicate,
    pub(crate) output: Output,
}

/// Only the latest row of each test counts, whatever the query asks of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Latest {
    pub(crate) retries: Retries<FieldId>,
    /// The rows that are compared: those that permissions and scope leave.
    pub(crate) among: Predicate,
}

/// What becomes of the rows that pass.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    Rows { order: Vec<SortKey>, skip: u64, top: u64 },
    Groups { keys: Vec<Selector>, measures: Vec<Measure> },
}

impl Plan {
    /// Plans an operator tree.
    pub(crate) fn new(rel: &Rel) -> Result<Self> {
        let (mut order, mut slice, mut group) = (Vec::new(), (0, u64::MAX), None);
        let (mut permitted, mut scope, mut asked) = (Vec::new(), Vec::new(), Vec::new());
        let (mut retries, mut scope_behind) = (None, Vec::new());
        let mut at = rel;
        let index = loop {
            at = match at {
                Rel::Scan { index } => break *index,
                Rel::Filter { input, role, predicate } => {
                    let parts = match role {
                        Role::Permission => &mut permitted,
                        Role::Scope => &mut scope,
                        Role::Query => &mut asked,
                    };
                    parts.insert(0, simplify(predicate));
                    input
                }
                Rel::Latest { input, retries: declared } => {
                    retries = Some(declared.clone());
                    scope_behind.append(&mut scope);
                    input
                }
                Rel::Sort { input, keys } => {
                    order.clone_from(keys);
                    input
                }
                Rel::Slice { input, skip, top } => {
                    slice = (*skip, *top);
                    input
                }
                Rel::Group { input, keys, measures } => {
                    if group.replace((keys.clone(), measures.clone())).is_some() {
                        return Err(Error::internal("a group of groups has no plan"));
                    }
                    input
                }
            };
        };
        let (permitted, asked) = (Predicate::all(permitted), Predicate::all(asked));
        let among = Predicate::all(std::iter::once(permitted.clone()).chain(scope));
        let hidden = Predicate::all(std::iter::once(among.clone()).chain(scope_behind));
        let latest = retries.map(|retries| Latest { retries, among: simplify(&among) });
        let all = Predicate::all([hidden.clone(), asked.clone()]);
        let output = match group {
            Some((keys, measures)) => Output::Groups { keys, measures },
            None => Output::Rows { order, skip: slice.0, top: slice.1 },
        };
        Ok(Self { index, permitted, predicate: simplify(&all), latest, hidden: simplify(&hidden), asked, output })
    }
}
