//! A whole predicate on one block: leaves decided beforehand, pruned by what segments and blocks say of themselves, the rest
//! asked of the codes.

use std::slice;
use std::sync::Arc;

use crate::base::budget::{Budget, Reservation};
use crate::base::error::{Error, Result};
use crate::base::hash::HashMap;
use crate::base::pool::Pool;
use crate::data::segment::Segment;
use crate::data::version::IndexVersion;
use crate::exec::chosen::Chosen;
use crate::exec::compare::Comparison;
use crate::exec::mask::{self, Mask};
use crate::exec::package::Packages;
use crate::exec::search;
use crate::exec::semi::Decided;
use crate::exec::test::{Outcome, Test};
use crate::exec::within;
use crate::model::schema::FieldId;
use crate::query::finder::Finder;
use crate::query::predicate::{Leaf, Node, NodeId, Predicate};
use crate::query::search::Formula;

/// A predicate whose leaves are decided for one version of an index.
#[derive(Debug)]
pub(crate) struct Filter<'b> {
    /// Children before parents.
    steps: Vec<Step>,
    root: StepId,
    /// Joined steps that several others have in them, by the place where a block's rows are kept once they are known.
    shared: HashMap<StepId, usize>,
    /// The rows that may pass at all; all if nothing is said.
    chosen: Option<Arc<Chosen<'b>>>,
    /// On the account as long as the tests live.
    memory: Vec<Reservation<'b>>,
}

/// The number of a step within its filter.
type StepId = usize;

/// A node of the predicate, or of the formula of a search over several fields.
#[derive(Debug)]
enum Step {
    Const(bool),
    Test(FieldId, Test),
    Compare(Comparison),
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
    /// By shared step: whether its rows are known for this block, and which they are.
    shared: Vec<(bool, Mask)>,
    spare: Vec<Mask>,
    path: Vec<StepId>,
    result: Mask,
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
    pub(crate) fn new(
        predicate: &Predicate,
        index: &IndexVersion,
        packages: Packages<'_>,
        subselects: &Decided<'_>,
        (pool, budget): (&Pool, &'b Budget),
    ) -> Result<Self> {
        let mut filter = Self {
            steps: vec![Step::Const(false)],
            root: NOTHING,
            shared: HashMap::default(),
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
                Node::Leaf(Leaf::Compare { left, order, right }) => {
                    let sides = (left, *order, right);
                    Step::Compare(Comparison::new(sides, index, budget, &mut filter.memory)?)
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
                Step::Const(_) | Step::Test(..) | Step::Compare(_) => {}
            }
        }
        let is_joined = |step: &Step| matches!(step, Step::And(_) | Step::Or(_));
        let shared = (0..).zip(self.steps.iter().zip(uses)).filter(|(_, (step, uses))| is_joined(step) && *uses > 1);
        shared.map(|(id, _)| id).take(MOST_SHARED).zip(0..).collect()
    }

    fn push(&mut self, step: Step) -> StepId {
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

    /// What the summaries of a segment tell of the whole predicate.
    pub(crate) fn outcome(&self, segment: &Segment, scratch: &mut Scratch) -> Outcome {
        self.prune(|field, test| test.outcome(segment.summary(field)), &mut scratch.outcomes)
    }

    /// The same for these rows alone.
    pub(crate) fn of_chosen(self, rows: Option<Arc<Chosen<'b>>>) -> Self {
        Self { chosen: rows, ..self }
    }

    /// The live rows of a block that pass.
    pub(crate) fn select<'s>(
        &'s self,
        (segment_idx, segment): (usize, &'s Segment),
        block: usize,
        scratch: &'s mut Scratch,
    ) -> Selection<'s> {
        let live = match &self.chosen {
            None => segment.live(block),
            Some(chosen) => match chosen.of_block(segment_idx, block) {
                None => return Selection::Nothing,
                rows => rows,
            },
        };
        let outcome = |field, test: &Test| test.block_outcome(segment.block(field, block));
        match self.prune(outcome, &mut scratch.outcomes) {
            Outcome::NoRow => Selection::Nothing,
            Outcome::EveryRow => live.map_or(Selection::Everything, Selection::Rows),
            Outcome::SomeRows => {
                let n = segment.block_rows(block);
                scratch.shared.resize_with(self.shared.len(), Default::default);
                scratch.shared.iter_mut().for_each(|(known, _)| *known = false);
                let mut result = std::mem::take(&mut scratch.result);
                self.run(self.root, segment, block, result.rows_mut(n), scratch);
                if let Some(live) = live {
                    mask::and(result.rows_mut(n), live);
                }
                scratch.result = result;
                Selection::Rows(scratch.result.rows(n))
            }
        }
    }

    /// The outcome of every step from those of the tests, children before parents; answers the root's.
    fn prune(&self, outcome: impl Fn(FieldId, &Test) -> Outcome, outcomes: &mut Vec<Outcome>) -> Outcome {
        outcomes.clear();
        for step in &self.steps {
            let of = |id: &StepId| outcomes[*id];
            let known = match step {
                Step::Const(true) => Outcome::EveryRow,
                Step::Const(false) => Outcome::NoRow,
                Step::Test(field, test) => outcome(*field, test),
                Step::Compare(_) => Outcome::SomeRows,
                Step::Not(child) => of(child).not(),
                Step::And(children) => join(children.iter().map(of), Outcome::NoRow, Outcome::EveryRow),
                Step::Or(children) => join(children.iter().map(of), Outcome::EveryRow, Outcome::NoRow),
            };
            outcomes.push(known);
        }
        outcomes[self.root]
    }

    /// Fills `into` for a step that asks the rows themselves.
    fn ask(&self, step: StepId, segment: &Segment, block: usize, into: &mut [u8]) {
        match &self.steps[step] {
            Step::Test(field, test) => match segment.block(*field, block) {
                Some(cells) => mask::run(test, cells, into),
                None => into.fill((*test == Test::Empty).into()),
            },
            Step::Compare(comparison) => comparison.run(segment, block, into),
            _ => into.fill(0),
        }
    }

    /// Whether a step's rows are known from before; if so, `into` has them.
    fn is_known(&self, step: StepId, scratch: &Scratch, into: &mut [u8]) -> bool {
        let Some((true, rows)) = self.shared.get(&step).map(|at| &scratch.shared[*at]) else { return false };
        into.copy_from_slice(rows.rows(into.len()));
        true
    }

    /// Fills `into` for a step that the summaries left open. Walks down first children in a loop, since chains may be as
    /// long as the query; other children nest no deeper than the limit `nesting`.
    fn run(&self, step: StepId, segment: &Segment, block: usize, into: &mut [u8], scratch: &mut Scratch) {
        let start = scratch.path.len();
        let open = |id: &StepId, scratch: &Scratch| scratch.outcomes[*id] == Outcome::SomeRows;
        let mut at = step;
        loop {
            if self.is_known(at, scratch, into) {
                break;
            }
            let next = match &self.steps[at] {
                Step::Not(child) => Some(*child),
                Step::And(children) | Step::Or(children) => children.iter().copied().find(|id| open(id, scratch)),
                Step::Test(..) | Step::Compare(_) | Step::Const(_) => None,
            };
            let Some(next) = next else {
                self.ask(at, segment, block, into);
                break;
            };
            scratch.path.push(at);
            at = next;
        }
        while scratch.path.len() > start {
            let Some(parent) = scratch.path.pop() else { break };
            let (children, is_and) = match &self.steps[parent] {
                Step::Not(_) => {
                    mask::not(into);
                    continue;
                }
                Step::And(children) => (children, true),
                Step::Or(children) => (children, false),
                Step::Test(..) | Step::Compare(_) | Step::Const(_) => continue,
            };
            for child in children.iter().filter(|id| open(id, scratch)).skip(1).copied().collect::<Vec<_>>() {
                let settled = if is_and { !into.contains(&1) } else { !into.contains(&0) };
                if settled {
                    break;
                }
                let mut other = scratch.spare.pop().unwrap_or_default();
                let rows = other.rows_mut(into.len());
                self.run(child, segment, block, rows, scratch);
                if is_and {
                    mask::and(into, rows);
                } else {
                    mask::or(into, rows);
                }
                scratch.spare.push(other);
            }
            if let Some(at) = self.shared.get(&parent) {
                let (known, rows) = &mut scratch.shared[*at];
                rows.rows_mut(into.len()).copy_from_slice(into);
                *known = true;
            }
        }
    }
}

/// AND or OR of outcomes: `decisive` as soon as one is, `neutral` if all are.
fn join(outcomes: impl Iterator<Item = Outcome>, decisive: Outcome, neutral: Outcome) -> Outcome {
    let mut all = neutral;
    for outcome in outcomes {
        if outcome == decisive {
            return decisive;
        }
        if outcome != neutral {
            all = Outcome::SomeRows;
        }
    }
    all
}
