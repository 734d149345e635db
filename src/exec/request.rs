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
use crate::exec::eval::program::{Inputs, Means, Program};
use crate::exec::eval::reduce::Reduction;
use crate::exec::filter::{Filter, Known};
use crate::exec::kept::keep;
use crate::exec::latest;
use crate::exec::led::{self, Led};
use crate::exec::led_back::LedBack;
use crate::exec::needs::{self, Need};
use crate::exec::package::{ById, Packages, Row};
use crate::exec::scan::{Passed, scan};
use crate::exec::semi::Decided;
use crate::exec::subselect;
use crate::model::catalog::IndexId;
use crate::model::cell::text_of;
use crate::model::fold::Collation;
use crate::model::time::Zone;
use crate::plan::simplify::simplify;
use crate::plan::stage::Latest;
use crate::query::predicate::expr::{Expr, Hop, Input, Op};
use crate::query::predicate::{Leaf, Predicate};

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
    all_packages: OnceCell<Found<'a>>,
    visible_packages: OnceCell<Found<'a>>,
    subselects: RefCell<Decided<'a>>,
    /// By index: what its expressions ask of others.
    inputs: RefCell<Vec<(&'a IndexVersion, Inputs<'a>)>>,
    led: RefCell<Vec<(&'a IndexVersion, Hop, Arc<Led<'a>>)>>,
    latest: RefCell<Vec<LatestRows<'a>>>,
    /// None if every question is to run its own filter.
    kept: Option<RefCell<Vec<KeptRows<'a>>>>,
}

/// The rows of an index that pass a predicate.
#[derive(Debug)]
struct KeptRows<'a> {
    index: IndexId,
    predicate: Predicate,
    latest: Option<Latest>,
    rows: Arc<Chosen<'a>>,
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
struct Found<'a> {
    by_id: ById,
    _memory: Vec<Reservation<'a>>,
}

/// Something that is decided once what it needs itself is.
struct Pending<'a> {
    need: Need<'a>,
    /// What rows of an index must satisfy, permissions included: of each hop of a path.
    rows: Vec<(Predicate, &'a IndexVersion)>,
    needs: Vec<Need<'a>>,
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
            inputs: RefCell::default(),
            led: RefCell::default(),
            latest: RefCell::default(),
            kept: None,
        }
    }

    /// The same for several questions about the same rows: what passes a filter is kept for the next.
    pub(crate) fn keeping_rows(self) -> Self {
        Self { kept: Some(RefCell::default()), ..self }
    }

    /// How many filters have been run whose rows are kept.
    #[cfg(test)]
    pub(crate) fn n_kept(&self) -> usize {
        self.kept.as_ref().map_or(0, |kept| kept.borrow().len())
    }

    /// A filter of the rows that pass a predicate, of all or of the latest.
    pub(crate) fn passing(
        &self,
        predicate: &Predicate,
        latest: Option<&Latest>,
        index_id: IndexId,
    ) -> Result<Filter<'a>> {
        let index = self.version.index(index_id);
        let asked = || {
            let latest = latest.map(|latest| self.latest(latest, index_id)).transpose()?;
            Ok(self.filter(predicate, index)?.of_chosen(latest))
        };
        let Some(kept) = self.kept.as_ref().filter(|_| !predicate.is_const(true)) else { return asked() };
        let is_same = |known: &&KeptRows<'_>| {
            known.index == index_id && known.latest.as_ref() == latest && known.predicate == *predicate
        };
        let known = kept.borrow().iter().find(is_same).map(|known| known.rows.clone());
        let rows = match known {
            Some(rows) => rows,
            None => {
                let filter = asked()?;
                let Some(rows) = keep(&filter, index, self.pool, self.budget)? else { return Ok(filter) };
                let rows = Arc::new(rows);
                let (predicate, latest) = (predicate.clone(), latest.cloned());
                kept.borrow_mut().push(KeptRows { index: index_id, predicate, latest, rows: rows.clone() });
                rows
            }
        };
        Ok(self.filter(&Predicate::constant(true), index)?.of_chosen(Some(rows)))
    }

    /// A predicate with every leaf decided for an index.
    pub(crate) fn filter(&self, predicate: &Predicate, index: &'a IndexVersion) -> Result<Filter<'a>> {
        self.decide(needs::of_predicate(predicate, index))?;
        self.filter_of_decided(predicate, index)
    }

    /// An expression made ready for the rows of an index, or for computed rows.
    pub(crate) fn program(&self, expr: &Expr, index: Option<&'a IndexVersion>) -> Result<Program<'a>> {
        if let Some(index) = index {
            self.decide(needs::of_expr(expr, index))?;
        }
        self.program_of_decided(expr, index)
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
        let inputs = self.inputs_of(index);
        self.with_known(predicate, &inputs, |known| Filter::new(predicate, index, known))
    }

    fn program_of_decided(&self, expr: &Expr, index: Option<&'a IndexVersion>) -> Result<Program<'a>> {
        let Self { zone, pool, budget, .. } = *self;
        let mut inputs = index.map(|index| self.inputs_of(index)).unwrap_or_default();
        if let Some(index) = index {
            for node in expr.nodes() {
                if let Op::Holds(predicate) = &node.op {
                    let filter = self.with_known(predicate, &inputs, |known| Filter::new(predicate, index, known))?;
                    inputs.holds.insert(predicate.clone(), Arc::new(filter));
                }
            }
        }
        Program::new(expr, None, &Means { index, inputs: &inputs, zone, pool, budget })
    }

    /// Runs something with all that was decided and that a predicate may ask.
    fn with_known<T>(
        &self,
        predicate: &Predicate,
        inputs: &Inputs<'a>,
        run: impl FnOnce(&Known<'_, 'a>) -> Result<T>,
    ) -> Result<T> {
        let (mut asks_all, mut asks_visible) = (false, false);
        needs::each_leaf(predicate, &mut |leaf| {
            if let Leaf::Within { in_permission, .. } = leaf {
                *(if *in_permission { &mut asks_all } else { &mut asks_visible }) = true;
            }
        });
        let all = asks_all.then(|| self.all_packages()).transpose()?;
        let visible = asks_visible.then(|| self.visible_packages()).transpose()?;
        let (subselects, packages) = (self.subselects.borrow(), Packages { all, visible });
        let Self { zone, pool, budget, .. } = *self;
        run(&Known { packages, subselects: &subselects, inputs, zone, pool, budget })
    }

    /// What was decided for the expressions of an index.
    fn inputs_of(&self, index: &IndexVersion) -> Inputs<'a> {
        let known = self.inputs.borrow();
        let of_index = known.iter().find(|(of, _)| std::ptr::eq(*of, index));
        of_index.map(|(_, inputs)| inputs.clone()).unwrap_or_default()
    }

    fn is_decided(&self, need: &Need<'a>) -> bool {
        match need {
            Need::Subselect(sub) => self.subselects.borrow().contains_key(sub),
            Need::Path(index, path) => self.inputs_of(index).paths.contains_key(path),
            Need::Reduced(index, reduced) => self.inputs_of(index).reduced.contains_key(reduced),
        }
    }

    /// Decides sub-selects, paths and what leads back, and what each of them needs in turn, innermost first and in a loop: they
    /// may nest as deep as a text does.
    fn decide(&self, needs: Vec<Need<'a>>) -> Result<()> {
        let mut todo: Vec<Pending<'a>> = Vec::new();
        for need in needs {
            if !self.is_decided(&need) {
                todo.push(self.pending(need)?);
            }
            while let Some(pending) = todo.last_mut() {
                if let Some(need) = pending.needs.pop() {
                    if !self.is_decided(&need) {
                        todo.push(self.pending(need)?);
                    }
                    continue;
                }
                if let Some(pending) = todo.pop() {
                    self.decide_one(pending)?;
                }
            }
        }
        Ok(())
    }

    /// Something whose own needs are decided.
    fn decide_one(&self, pending: Pending<'a>) -> Result<()> {
        let Self { pool, budget, .. } = *self;
        match pending.need {
            Need::Subselect(sub) => {
                let Some((predicate, index)) = pending.rows.first() else { return Ok(()) };
                let filter = self.filter_of_decided(predicate, index)?;
                let keys = subselect::keys(index, sub.key, &filter, pool, budget)?;
                self.subselects.borrow_mut().insert(sub, keys);
            }
            Need::Path(from, path) => {
                let mut hops = Vec::with_capacity(path.hops.len());
                let mut at = from;
                for (hop, (predicate, index)) in path.hops.iter().zip(&pending.rows) {
                    hops.push((hop.from, self.led(at, *hop, predicate, index)?));
                    at = index;
                }
                let Some(first) = path.hops.first() else { return Ok(()) };
                if let Some(values) = led::path(first.from, &hops, path.field, pool, budget)? {
                    self.keep(from, |inputs| inputs.paths.insert(path, Arc::new(values)));
                }
            }
            Need::Reduced(from, reduced) => {
                let Some((predicate, index)) = pending.rows.first() else { return Ok(()) };
                let filter = self.filter_of_decided(predicate, index)?;
                let program = match &reduced.operand {
                    Some(operand) => Some((self.program_of_decided(operand, Some(index))?, operand)),
                    None => None,
                };
                let operand = program.as_ref().map(|(program, operand)| {
                    let (method, of) = (reduced.method, operand.ty());
                    let collation = self.collation(operand, index);
                    (program, Reduction { method, of, to: method.gives(Some(of)).unwrap_or(of), collation })
                });
                let led_back = LedBack { index, key: reduced.hop.key, filter: &filter, operand };
                let values = led_back.reduced((from, reduced.hop.from), pool, budget)?;
                self.keep(from, |inputs| inputs.reduced.insert(reduced, Arc::new(values)));
            }
        }
        Ok(())
    }

    fn keep<T>(&self, index: &'a IndexVersion, insert: impl FnOnce(&mut Inputs<'a>) -> T) {
        let mut known = self.inputs.borrow_mut();
        let at = known.iter().position(|(of, _)| std::ptr::eq(*of, index));
        let at = at.unwrap_or_else(|| {
            known.push((index, Inputs::default()));
            known.len() - 1
        });
        insert(&mut known[at].1);
    }

    /// Where a hop leads, of the rows that satisfy a predicate.
    fn led(
        &self,
        from: &'a IndexVersion,
        hop: Hop,
        predicate: &Predicate,
        index: &'a IndexVersion,
    ) -> Result<Arc<Led<'a>>> {
        let is_same = |(of, known, _): &&(&IndexVersion, Hop, Arc<Led<'a>>)| std::ptr::eq(*of, from) && *known == hop;
        if let Some((_, _, led)) = self.led.borrow().iter().find(is_same) {
            return Ok(led.clone());
        }
        let filter = self.filter_of_decided(predicate, index)?;
        let led = Arc::new(Led::new((from, hop.from), (index, hop.key), &filter, self.pool, self.budget)?);
        self.led.borrow_mut().push((from, hop, led.clone()));
        Ok(led)
    }

    /// How texts of an expression over rows of an index are told apart: as their field does it, or by code points.
    pub(crate) fn collation(&self, expr: &Expr, index: &IndexVersion) -> Collation {
        match &expr.node(expr.root()).op {
            Op::Input(Input::Field(field)) => index.schema.field(*field).effective_collation(),
            Op::Input(Input::Path(path)) => path.hops.last().map_or(Collation::Exact, |hop| {
                self.version.index(hop.index).schema.field(path.field).effective_collation()
            }),
            _ => Collation::Exact,
        }
    }

    fn pending(&self, need: Need<'a>) -> Result<Pending<'a>> {
        let visible = |index: IndexId, predicate: &Predicate| {
            let permitted = self.permissions.rows_of(index)?;
            Ok((simplify(&Predicate::all([permitted, predicate.clone()])), &**self.version.index(index)))
        };
        let mut operands = Vec::new();
        let rows: Vec<(Predicate, &'a IndexVersion)> = match &need {
            Need::Subselect(sub) if sub.in_permission => {
                vec![(simplify(&sub.predicate), &**self.version.index(sub.index))]
            }
            Need::Subselect(sub) => vec![visible(sub.index, &sub.predicate)?],
            Need::Path(_, path) => {
                let all = Predicate::constant(true);
                path.hops.iter().map(|hop| visible(hop.index, &all)).collect::<Result<_>>()?
            }
            Need::Reduced(_, reduced) => {
                let index = self.version.index(reduced.hop.index);
                operands.extend(reduced.operand.as_ref().map(|operand| needs::of_expr(operand, index)));
                vec![visible(reduced.hop.index, &reduced.predicate)?]
            }
        };
        let of_rows = rows.iter().flat_map(|(predicate, index)| needs::of_predicate(predicate, index));
        let needs = of_rows.chain(operands.into_iter().flatten()).collect();
        Ok(Pending { need, rows, needs })
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
    fn packages(&self, predicate: impl Fn(IndexId) -> Result<Predicate>) -> Result<Found<'a>> {
        let Some(index_id) = self.version.catalog.find(PACKAGE_INDEX) else { return Ok(Found::default()) };
        let index = self.version.index(index_id);
        let field = |name| index.schema.field_named(name);
        let (Some(id), Some(name), parent) = (field("Id"), field("Name"), field("Parent")) else {
            return Ok(Found::default());
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
        Ok(Found { by_id, _memory: memory.into_iter().flatten().collect() })
    }
}

fn once<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(known) = cell.get() {
        return Ok(known);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}
