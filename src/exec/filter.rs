//! A whole predicate on one block: leaves decided beforehand, pruned by what segments and blocks say of themselves, the rest
//! asked of the codes.
//!
//! What an expression asks may fail for a row. A block is first run as if such rows did not pass, which costs nothing where
//! none fails; where some does, it is run again with three outcomes a row, and only a row that is looked for and for which
//! nothing else decides ends the request. So neither pruning nor the order of terms has a say.

mod run;

use std::slice;
use std::sync::Arc;

use crate::base::budget::{Budget, Reservation};
use crate::base::error::{Error, Result};
use crate::base::hash::HashMap;
use crate::base::pool::Pool;
use crate::data::version::IndexVersion;
use crate::exec::chosen::Chosen;
use crate::exec::compare::{Cells, Comparison, Comparisons};
use crate::exec::eval::program::{Holds, Inputs, Means};
use crate::exec::eval::reach::Reach;
use crate::exec::eval::state;
use crate::exec::mask::Mask;
use crate::exec::package::Packages;
use crate::exec::search;
use crate::exec::semi::Decided;
use crate::exec::test::{Outcome, Test};
use crate::exec::truth::pairs::Pairs;
use crate::exec::truth::{Rows, Truth};
use crate::exec::within;
use crate::model::schema::FieldId;
use crate::model::time::Zone;
use crate::query::finder::Finder;
use crate::query::predicate::expr::{Expr, Op};
use crate::query::predicate::{Leaf, Node, NodeId, Predicate};
use crate::query::search::Formula;

/// A predicate whose leaves are decided for one version of an index.
#[derive(Debug)]
pub(crate) struct Filter<'b> {
    /// Children before parents.
    steps: Vec<Step<'b>>,
    root: StepId,
    /// Joined steps that several others have in them, by the place where a block's rows are kept once they are known.
    shared: HashMap<StepId, usize>,
    comparisons: Comparisons,
    budget: &'b Budget,
    /// The rows that may pass at all; all if nothing is said.
    chosen: Option<Arc<Chosen<'b>>>,
    /// On the account as long as the tests live.
    memory: Vec<Reservation<'b>>,
}

/// The number of a step within its filter.
type StepId = usize;

/// A node of the predicate, or of the formula of a search over several fields.
#[derive(Debug)]
enum Step<'b> {
    Const(bool),
    Test(FieldId, Test),
    Compare(Comparison),
    /// Rows that pass the test fail for a reason; the others do not pass.
    Fails(FieldId, Test, u8),
    /// An expression asked row by row.
    Rows(Rows<'b>),
    /// An expression of two fields, decided for every pair of their values.
    Pairs(Pairs),
    /// An expression asked of each of the values of a field.
    Elements(FieldId, Rows<'b>),
    Not(StepId),
    And(Vec<StepId>),
    Or(Vec<StepId>),
}

/// The step that no row passes; it is always there.
const NOTHING: StepId = 0;

/// Most joined steps whose rows are kept: a mebibyte a thread.
const MOST_SHARED: usize = 256;

/// Buffers of one thread, reused from block to block.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    outcomes: Vec<Outcome>,
    /// Room for what steps of an expression can come to.
    reaches: Vec<Reach>,
    /// By shared step: whether its rows are known for this block, and which they are.
    shared: Vec<(bool, Mask)>,
    cells: Cells,
    spare: Vec<Mask>,
    path: Vec<StepId>,
    result: Mask,
    /// Whether failures are told; otherwise such rows do not pass.
    exact: bool,
    /// Whether some row failed.
    failed: bool,
    /// How often rows of this block were asked; now and then the deadline is.
    asked: usize,
    /// What ended the request: the deadline, or what kept an expression from being run.
    error: Option<Error>,
}

/// What filters are made with, beside their predicate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'k, 'b> {
    pub(crate) packages: Packages<'k>,
    pub(crate) subselects: &'k Decided<'b>,
    /// Of the expressions of this index.
    pub(crate) inputs: &'k Inputs<'b>,
    pub(crate) zone: &'k Zone,
    pub(crate) pool: &'k Pool,
    pub(crate) budget: &'b Budget,
}

/// Which rows of a block pass.
#[derive(Debug)]
pub(crate) enum Selection<'a> {
    Nothing,
    Everything,
    /// One byte a row.
    Rows(&'a [u8]),
}

impl<'b> Filter<'b> {
    /// Decides every leaf.
    pub(crate) fn new(predicate: &Predicate, index: &'b IndexVersion, known: &Known<'_, 'b>) -> Result<Self> {
        let Known { packages, subselects, pool, budget, .. } = *known;
        let mut filter = Self {
            steps: vec![Step::Const(false)],
            root: NOTHING,
            shared: HashMap::default(),
            comparisons: Comparisons::default(),
            budget,
            chosen: None,
            memory: Vec::new(),
        };
        let mut joined: HashMap<&Leaf, StepId> = HashMap::default();
        let finders = search::finders(predicate);
        let mut searched: HashMap<&[FieldId], HashMap<u32, StepId>> = HashMap::default();
        for (fields, finder) in &finders {
            searched.insert(*fields, filter.search(fields, finder, index, pool, budget)?);
        }
        let asked = within::asked(predicate, packages);
        let mut placed: HashMap<(FieldId, bool), HashMap<u32, StepId>> = HashMap::default();
        for ((field, in_permission), places) in &asked {
            let tests = within::decide(places, *field, index, pool, budget, &mut filter.memory)?;
            let steps = tests.into_iter().map(|(question, test)| (question, filter.push(Step::Test(*field, test))));
            placed.insert((*field, *in_permission), steps.collect());
        }
        // What a search of these fields became: nothing if no text satisfies it.
        let found = |fields: &[FieldId], part| {
            let number = finders.get(fields)?.number(part)?;
            searched.get(fields)?.get(&number).copied()
        };
        let mut became: Vec<StepId> = Vec::with_capacity(predicate.nodes().len());
        for node in predicate.nodes() {
            budget.check()?;
            let of = |ids: &[NodeId]| ids.iter().map(|id| became[id.idx()]).collect();
            let step = match node {
                Node::Const(value) => Step::Const(*value),
                Node::Not(child) => Step::Not(became[child.idx()]),
                Node::And(children) => Step::And(of(children)),
                Node::Or(children) => Step::Or(of(children)),
                Node::Leaf(Leaf::Matches { field, search }) => {
                    became.push(found(slice::from_ref(field), search.whole()).unwrap_or(NOTHING));
                    continue;
                }
                Node::Leaf(Leaf::Within { field, ancestors, containers, in_permission }) => {
                    let key = (*field, *in_permission);
                    let number = asked.get(&key).and_then(|places| places.number(*ancestors, containers));
                    let step = number.and_then(|number| placed.get(&key)?.get(&number).copied());
                    became.push(step.unwrap_or(NOTHING));
                    continue;
                }
                Node::Leaf(Leaf::MatchesAny { fields, search }) => {
                    let formula = search.whole().formula(&mut |term| found(fields, term).unwrap_or(NOTHING));
                    became.push(filter.formula(formula));
                    continue;
                }
                Node::Leaf(leaf @ (Leaf::AllEmpty { .. } | Leaf::Semi { .. } | Leaf::LeadsNowhere { .. })) => {
                    let step = match (joined.get(leaf), leaf) {
                        (Some(step), _) => *step,
                        (None, Leaf::AllEmpty { fields }) => filter.all_empty(fields),
                        (None, _) => filter.semi_join(leaf, subselects, index, (pool, budget))?,
                    };
                    joined.insert(leaf, step);
                    became.push(step);
                    continue;
                }
                Node::Leaf(leaf @ (Leaf::IsTrue { .. } | Leaf::Element { .. })) => {
                    let step = match joined.get(leaf) {
                        Some(step) => *step,
                        None => filter.expression(leaf, index, known)?,
                    };
                    joined.insert(leaf, step);
                    became.push(step);
                    continue;
                }
                Node::Leaf(leaf @ Leaf::Compare { left, order, right }) => {
                    let step = match joined.get(leaf) {
                        Some(step) => *step,
                        None => {
                            let (sides, work) = ((left, *order, right), (pool, budget));
                            let compared = filter.comparisons.add(sides, index, work, &mut filter.memory)?;
                            filter.push(Step::Compare(compared))
                        }
                    };
                    joined.insert(leaf, step);
                    became.push(step);
                    continue;
                }
                Node::Leaf(leaf) => match leaf.field() {
                    Some(field) => {
                        let test = Test::decide(leaf, field, index);
                        if test.bytes() > 0 {
                            filter.memory.push(budget.reserve(test.bytes())?);
                        }
                        Step::Test(field, test)
                    }
                    None => Step::Const(false),
                },
            };
            became.push(filter.push(step));
        }
        filter.root = became[predicate.root().idx()];
        filter.shared = filter.shared_steps();
        Ok(filter)
    }

    /// The first steps that several others have in them, though not single tests, which cost no more than a copy.
    fn shared_steps(&self) -> HashMap<StepId, usize> {
        let mut uses = vec![0u8; self.steps.len()];
        for step in &self.steps {
            match step {
                Step::Not(child) => uses[*child] = uses[*child].saturating_add(1),
                Step::And(children) | Step::Or(children) => {
                    children.iter().for_each(|child| uses[*child] = uses[*child].saturating_add(1));
                }
                _ => {}
            }
        }
        let is_joined = |step: &Step<'_>| matches!(step, Step::And(_) | Step::Or(_));
        let shared = (0..).zip(self.steps.iter().zip(uses)).filter(|(_, (step, uses))| is_joined(step) && *uses > 1);
        shared.map(|(id, _)| id).take(MOST_SHARED).zip(0..).collect()
    }

    fn push(&mut self, step: Step<'b>) -> StepId {
        self.steps.push(step);
        self.steps.len() - 1
    }

    /// Steps for all that is looked for in some fields: by part a step that tells whether any of them has it.
    fn search(
        &mut self,
        fields: &[FieldId],
        finder: &Finder<'_>,
        index: &IndexVersion,
        pool: &Pool,
        budget: &'b Budget,
    ) -> Result<HashMap<u32, StepId>> {
        let mut by_part: HashMap<u32, Vec<StepId>> = HashMap::default();
        for field in fields {
            for (part, test) in search::decide(finder, *field, index, pool, budget, &mut self.memory)? {
                by_part.entry(part).or_default().push(self.push(Step::Test(*field, test)));
            }
        }
        Ok(by_part.into_iter().map(|(part, steps)| (part, self.join(steps, false))).collect())
    }

    /// A step for a leaf that asks an expression; the predicates within it are decided first. They nest no deeper than the
    /// text of a query does.
    fn expression(&mut self, leaf: &Leaf, index: &'b IndexVersion, known: &Known<'_, 'b>) -> Result<StepId> {
        let (Leaf::IsTrue { expr, .. } | Leaf::Element { expr, .. }) = leaf else { return Ok(NOTHING) };
        let holds = decide_held(expr, index, known)?;
        let inputs = Inputs { paths: known.inputs.paths.clone(), reduced: known.inputs.reduced.clone(), holds };
        let Known { zone, pool, budget, .. } = *known;
        let means = Means { index: Some(index), inputs: &inputs, zone, pool, budget };
        let truth = match leaf {
            Leaf::Element { field, .. } => Truth::of_element(expr, *field, index, &means, &mut self.memory)?,
            Leaf::IsTrue { negated, .. } => Truth::new(expr, *negated, index, &means, &mut self.memory)?,
            _ => return Ok(NOTHING),
        };
        Ok(match truth {
            Truth::Tests(field, tests) => {
                let steps = tests.into_iter().map(|(test, state)| match state {
                    state::TRUE => Step::Test(field, test),
                    failed => Step::Fails(field, test, failed),
                });
                let steps = steps.map(|step| self.push(step)).collect::<Vec<_>>();
                if steps.is_empty() { NOTHING } else { self.join(steps, false) }
            }
            Truth::Rows(rows) => self.push(Step::Rows(rows)),
            Truth::Pairs(pairs) => self.push(Step::Pairs(pairs)),
            Truth::Elements(field, rows) => self.push(Step::Elements(field, rows)),
        })
    }

    /// A step for the rows that are empty in all of some fields.
    fn all_empty(&mut self, fields: &[FieldId]) -> StepId {
        let steps = fields.iter().map(|field| self.push(Step::Test(*field, Test::Empty))).collect();
        self.join(steps, true)
    }

    /// A step for the rows whose relation leads to a row of a sub-select, or nowhere.
    fn semi_join(
        &mut self,
        leaf: &Leaf,
        subselects: &Decided<'_>,
        index: &IndexVersion,
        (pool, budget): (&Pool, &'b Budget),
    ) -> Result<StepId> {
        let Some(keys) = leaf.subselect().and_then(|sub| subselects.get(sub)) else {
            return Err(Error::internal("a sub-select was not decided"));
        };
        let mut test = |field| {
            let test = keys.test(index, field, (pool, budget), &mut self.memory)?;
            Ok::<_, Error>(self.push(Step::Test(field, test)))
        };
        Ok(match leaf {
            Leaf::Semi { field, own_key: None, .. } => test(*field)?,
            Leaf::Semi { field, own_key: Some(own_key), .. } => {
                let (stored, led_back) = (test(*field)?, test(*own_key)?);
                let empty = self.push(Step::Test(*field, Test::Empty));
                let led_back = self.push(Step::And(vec![empty, led_back]));
                self.push(Step::Or(vec![stored, led_back]))
            }
            Leaf::LeadsNowhere { field, own_key, .. } => {
                let led_back = test(*own_key)?;
                let not = self.push(Step::Not(led_back));
                let empty = self.push(Step::Test(*field, Test::Empty));
                self.push(Step::And(vec![empty, not]))
            }
            _ => NOTHING,
        })
    }

    /// AND or OR of steps, where there is something to join.
    fn join(&mut self, mut steps: Vec<StepId>, is_and: bool) -> StepId {
        match steps.len() {
            1 => steps.swap_remove(0),
            _ => self.push(if is_and { Step::And(steps) } else { Step::Or(steps) }),
        }
    }

    /// Steps for a formula over steps.
    fn formula(&mut self, formula: Formula<StepId>) -> StepId {
        match formula {
            Formula::Is(step) => step,
            Formula::Not(part) => {
                let part = self.formula(*part);
                self.push(Step::Not(part))
            }
            Formula::All(parts) => {
                let parts: Vec<StepId> = parts.into_iter().map(|part| self.formula(part)).collect();
                if parts.contains(&NOTHING) { NOTHING } else { self.join(parts, true) }
            }
            Formula::Any(parts) => {
                let parts = parts.into_iter().map(|part| self.formula(part));
                match parts.filter(|part| *part != NOTHING).collect::<Vec<_>>() {
                    parts if parts.is_empty() => NOTHING,
                    parts => self.join(parts, false),
                }
            }
        }
    }

    /// The same for these rows alone.
    pub(crate) fn of_chosen(self, rows: Option<Arc<Chosen<'b>>>) -> Self {
        Self { chosen: rows, ..self }
    }
}

/// Filters for the predicates within an expression.
fn decide_held<'b>(
    expr: &Expr,
    index: &'b IndexVersion,
    known: &Known<'_, 'b>,
) -> Result<HashMap<Arc<Predicate>, Arc<dyn Holds + 'b>>> {
    let mut held: HashMap<Arc<Predicate>, Arc<dyn Holds + 'b>> = HashMap::default();
    for node in expr.nodes() {
        if let Op::Holds(predicate) = &node.op
            && !held.contains_key(predicate)
        {
            held.insert(predicate.clone(), Arc::new(Filter::new(predicate, index, known)?));
        }
    }
    Ok(held)
}
