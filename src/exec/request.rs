//! What one request runs on, and what it decides once however many filters ask for it: packages, the keys of
//! sub-selects, the latest rows of tests.

use std::cell::{OnceCell, RefCell};
use std::fmt::Debug;
use std::sync::Arc;

use crate::base::budget::{Budget, Reservation};
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::version::{IndexVersion, Version};
use crate::exec::chosen::Chosen;
use crate::exec::filter::Filter;
use crate::exec::latest;
use crate::exec::package::{ById, Packages, Row};
use crate::exec::scan::{Passed, scan};
use crate::exec::semi::Decided;
use crate::exec::subselect;
use crate::model::catalog::IndexId;
use crate::model::cell::text_of;
use crate::model::time::Zone;
use crate::plan::simplify::simplify;
use crate::plan::stage::Latest;
use crate::query::predicate::{Leaf, Node, Predicate, Subselect};

/// Name of the package index in a catalog.
const PACKAGE_INDEX: &str = "Package";

/// What the caller may see.
pub(crate) trait Permissions: Debug {
    /// The rows of an index that the caller may see; asks for no permission in turn.
    fn rows_of(&self, index: IndexId) -> Result<Predicate>;
}

/// The means of one request.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) version: &'a Version,
    permissions: Box<dyn Permissions + 'a>,
    pub(crate) zone: &'a Zone,
    pub(crate) pool: &'a Pool,
    pub(crate) budget: &'a Budget,
    all_packages: OnceCell<Known<'a>>,
    visible_packages: OnceCell<Known<'a>>,
    subselects: RefCell<Decided<'a>>,
    latest: RefCell<Vec<LatestRows<'a>>>,
}

/// The latest rows of an index.
#[derive(Debug)]
struct LatestRows<'a> {
    index: IndexId,
    latest: Latest,
    rows: Arc<Chosen<'a>>,
}

/// Packages, with what they have on the account.
#[derive(Debug, Default)]
struct Known<'a> {
    by_id: ById,
    _memory: Vec<Reservation<'a>>,
}

/// A sub-select whose own sub-selects are decided one after the other.
struct Pending {
    sub: Arc<Subselect>,
    /// What a row must satisfy, permissions included.
    predicate: Predicate,
    /// The node that is looked at next.
    at: usize,
}

impl<'a> Request<'a> {
    pub(crate) fn new(
        version: &'a Version,
        permissions: impl Permissions + 'a,
        zone: &'a Zone,
        pool: &'a Pool,
        budget: &'a Budget,
    ) -> Self {
        let (all_packages, visible_packages) = (OnceCell::new(), OnceCell::new());
        Self {
            version,
            permissions: Box::new(permissions),
            zone,
            pool,
            budget,
            all_packages,
            visible_packages,
            subselects: RefCell::default(),
            latest: RefCell::default(),
        }
    }

    /// A predicate with every leaf decided for an index.
    pub(crate) fn filter(&self, predicate: &Predicate, index: &'a IndexVersion) -> Result<Filter<'a>> {
        self.decide_subselects(predicate)?;
        self.filter_of_decided(predicate, index)
    }

    /// The latest rows of an index.
    pub(crate) fn latest(&self, latest: &Latest, index_id: IndexId) -> Result<Arc<Chosen<'a>>> {
        let is_same = |known: &&LatestRows<'_>| known.index == index_id && known.latest == *latest;
        if let Some(known) = self.latest.borrow().iter().find(is_same) {
            return Ok(known.rows.clone());
        }
        let index = self.version.index(index_id);
        let among = self.filter(&latest.among, index)?;
        let rows = Arc::new(latest::latest(&latest.retries, index, &among, self.pool, self.budget)?);
        let known = LatestRows { index: index_id, latest: latest.clone(), rows: rows.clone() };
        self.latest.borrow_mut().push(known);
        Ok(rows)
    }

    fn filter_of_decided(&self, predicate: &Predicate, index: &'a IndexVersion) -> Result<Filter<'a>> {
        let asks = |of: bool| {
            let asks =
                |node: &Node| matches!(node, Node::Leaf(Leaf::Within { in_permission, .. }) if *in_permission == of);
            predicate.nodes().iter().any(asks)
        };
        let all = asks(true).then(|| self.all_packages()).transpose()?;
        let visible = asks(false).then(|| self.visible_packages()).transpose()?;
        Filter::new(predicate, index, Packages { all, visible }, &self.subselects.borrow(), (self.pool, self.budget))
    }

    /// Decides the sub-selects of a predicate and those within them, innermost first and in a loop: braces may nest as deep
    /// as a text does.
    fn decide_subselects(&self, predicate: &Predicate) -> Result<()> {
        for sub in subselects(predicate, 0).map(|(_, sub)| sub) {
            if self.subselects.borrow().contains_key(sub) {
                continue;
            }
            let mut todo = vec![self.pending(sub)?];
            while let Some(pending) = todo.last_mut() {
                let undecided = subselects(&pending.predicate, pending.at)
                    .find(|(_, sub)| !self.subselects.borrow().contains_key(*sub))
                    .map(|(at, sub)| (at, sub.clone()));
                if let Some((at, sub)) = undecided {
                    pending.at = at;
                    todo.push(self.pending(&sub)?);
                    continue;
                }
                let Some(Pending { sub, predicate, .. }) = todo.pop() else { break };
                let index = self.version.index(sub.index);
                let filter = self.filter_of_decided(&predicate, index)?;
                let keys = subselect::keys(index, sub.key, &filter, self.pool, self.budget)?;
                self.subselects.borrow_mut().insert(sub, keys);
            }
        }
        Ok(())
    }

    fn pending(&self, sub: &Arc<Subselect>) -> Result<Pending> {
        let permitted = match sub.in_permission {
            true => Predicate::constant(true),
            false => self.permissions.rows_of(sub.index)?,
        };
        let predicate = simplify(&Predicate::all([permitted, sub.predicate.clone()]));
        Ok(Pending { sub: sub.clone(), predicate, at: 0 })
    }

    /// What permissions see of the packages: all of them.
    fn all_packages(&self) -> Result<&ById> {
        Ok(&once(&self.all_packages, || self.packages(|_| Ok(Predicate::constant(true))))?.by_id)
    }

    /// What the caller sees of them, which is a permission and itself looks at all.
    pub(crate) fn visible_packages(&self) -> Result<&ById> {
        Ok(&once(&self.visible_packages, || self.packages(|index| self.permissions.rows_of(index)))?.by_id)
    }

    /// The rows of the catalog's package index, if it has one, that satisfy a predicate.
    fn packages(&self, predicate: impl Fn(IndexId) -> Result<Predicate>) -> Result<Known<'a>> {
        let Some(index_id) = self.version.catalog.find(PACKAGE_INDEX) else { return Ok(Known::default()) };
        let index = self.version.index(index_id);
        let field = |name| index.schema.field_named(name);
        let (Some(id), Some(name), parent) = (field("Id"), field("Name"), field("Parent")) else {
            return Ok(Known::default());
        };
        let filter = self.filter(&predicate(index_id)?, index)?;
        let read = |(rows, memory): &mut (Vec<Row>, Vec<Reservation<'a>>), passed: &Passed<'_>| {
            let text = |row, field| text_of(&index.value(passed.segment, passed.block, row, field));
            let n_before = rows.len();
            passed.each_row(|row| {
                let parent = parent.map(|parent| text(row, parent)).unwrap_or_default();
                rows.push(Row::new(&text(row, id), &text(row, name), &parent));
            });
            memory.push(self.budget.reserve(rows.iter().skip(n_before).map(Row::bytes).sum())?);
            Ok(())
        };
        let start = || Ok((Vec::new(), Vec::new()));
        let (pieces, _) = scan(index, &filter, self.pool, self.budget, usize::MAX, start, read)?;
        let (rows, memory): (Vec<_>, Vec<_>) = pieces.into_iter().unzip();
        let by_id = ById::of_rows(rows.into_iter().flatten().collect());
        Ok(Known { by_id, _memory: memory.into_iter().flatten().collect() })
    }
}

/// The sub-selects of a predicate from a node on, each with its node; those within them are left out.
fn subselects(predicate: &Predicate, from: usize) -> impl Iterator<Item = (usize, &Arc<Subselect>)> {
    predicate.nodes().iter().enumerate().skip(from).filter_map(|(at, node)| Some((at, node.subselect()?)))
}

fn once<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(known) = cell.get() {
        return Ok(known);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}
