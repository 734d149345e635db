//! A whole predicate on one block: leaves decided beforehand, pruned by what segments and blocks say of themselves, the rest
//! asked of the codes.

use crate::base::budget::Budget;
use crate::base::error::Result;
use crate::data::segment::Segment;
use crate::data::version::IndexVersion;
use crate::exec::mask::{self, Mask};
use crate::exec::package::Packages;
use crate::exec::test::{Outcome, Test};
use crate::model::schema::FieldId;
use crate::query::predicate::{Node, NodeId, Predicate};

/// A predicate whose leaves are decided for one version of an index.
#[derive(Debug)]
pub(crate) struct Filter<'a> {
    predicate: &'a Predicate,
    /// By node: the leaf's test.
    tests: Vec<Option<(FieldId, Test)>>,
}

/// Buffers of one thread, reused from block to block.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    outcomes: Vec<Outcome>,
    spare: Vec<Mask>,
    path: Vec<NodeId>,
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

impl<'a> Filter<'a> {
    /// Decides every leaf.
    pub(crate) fn new(
        predicate: &'a Predicate,
        index: &IndexVersion,
        packages: &Packages,
        budget: &Budget,
    ) -> Result<Self> {
        let mut tests = Vec::with_capacity(predicate.nodes().len());
        for node in predicate.nodes() {
            budget.check()?;
            tests.push(match node {
                Node::Leaf(leaf) => Some((leaf.field(), Test::decide(leaf, index, packages))),
                _ => None,
            });
        }
        Ok(Self { predicate, tests })
    }

    /// What the summaries of a segment tell of the whole predicate.
    pub(crate) fn outcome(&self, segment: &Segment, scratch: &mut Scratch) -> Outcome {
        self.prune(|field, test| test.outcome(segment.summary(field)), &mut scratch.outcomes)
    }

    /// The live rows of a block that pass.
    pub(crate) fn select<'s>(&self, segment: &'s Segment, block: usize, scratch: &'s mut Scratch) -> Selection<'s> {
        let live = segment.live(block);
        let outcome = |field, test: &Test| test.block_outcome(segment.block(field, block));
        match self.prune(outcome, &mut scratch.outcomes) {
            Outcome::NoRow => Selection::Nothing,
            Outcome::EveryRow => live.map_or(Selection::Everything, Selection::Rows),
            Outcome::SomeRows => {
                let n = segment.block_rows(block);
                let mut result = std::mem::take(&mut scratch.result);
                self.run(self.predicate.root(), segment, block, result.rows_mut(n), scratch);
                if let Some(live) = live {
                    mask::and(result.rows_mut(n), live);
                }
                scratch.result = result;
                Selection::Rows(scratch.result.rows(n))
            }
        }
    }

    /// The outcome of every node from those of the leaves, children before parents; answers the root's.
    fn prune(&self, outcome: impl Fn(FieldId, &Test) -> Outcome, outcomes: &mut Vec<Outcome>) -> Outcome {
        outcomes.clear();
        for (node, test) in self.predicate.nodes().iter().zip(&self.tests) {
            let of = |id: &NodeId| outcomes[id.idx()];
            let known = match (node, test) {
                (Node::Const(true), _) => Outcome::EveryRow,
                (Node::Const(false), _) | (Node::Leaf(_), None) => Outcome::NoRow,
                (Node::Leaf(_), Some((field, test))) => outcome(*field, test),
                (Node::Not(child), _) => of(child).not(),
                (Node::And(children), _) => join(children.iter().map(of), Outcome::NoRow, Outcome::EveryRow),
                (Node::Or(children), _) => join(children.iter().map(of), Outcome::EveryRow, Outcome::NoRow),
            };
            outcomes.push(known);
        }
        outcomes[self.predicate.root().idx()]
    }

    /// Fills `into` for a node that the summaries left open. Walks down first children in a loop, since chains may be as
    /// long as the query; other children nest no deeper than the limit `nesting`.
    fn run(&self, node: NodeId, segment: &Segment, block: usize, into: &mut [u8], scratch: &mut Scratch) {
        let start = scratch.path.len();
        let open = |id: &NodeId, scratch: &Scratch| scratch.outcomes[id.idx()] == Outcome::SomeRows;
        let mut at = node;
        loop {
            let next = match self.predicate.node(at) {
                Node::Not(child) => Some(*child),
                Node::And(children) | Node::Or(children) => children.iter().copied().find(|id| open(id, scratch)),
                Node::Leaf(_) | Node::Const(_) => None,
            };
            let Some(next) = next else { break };
            scratch.path.push(at);
            at = next;
        }
        match &self.tests[at.idx()] {
            Some((field, test)) => match segment.block(*field, block) {
                Some(cells) => mask::run(test, cells, into),
                None => into.fill((*test == Test::Empty).into()),
            },
            None => into.fill(0),
        }
        while scratch.path.len() > start {
            let Some(parent) = scratch.path.pop() else { break };
            let (children, is_and) = match self.predicate.node(parent) {
                Node::Not(_) => {
                    mask::not(into);
                    continue;
                }
                Node::And(children) => (children, true),
                Node::Or(children) => (children, false),
                Node::Leaf(_) | Node::Const(_) => continue,
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
