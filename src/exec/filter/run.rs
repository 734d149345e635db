//! A filter run on one block: pruned by what is known of it, the rest asked of its rows, and where a row fails for an
//! expression, asked again with three outcomes.

use crate::base::error::Result;
use crate::data::block::{Block, Summary};
use crate::data::segment::Segment;
use crate::exec::eval::program::Holds;
use crate::exec::eval::state::{self, FAILED, Failure};
use crate::exec::filter::{Filter, Scratch, Selection, Step, StepId};
use crate::exec::mask;
use crate::exec::test::{Outcome, Test};
use crate::model::schema::FieldId;

/// Steps of a block between two looks at the deadline, which costs less than a hundredth of them.
const STEPS_A_POLL: usize = 64;

impl Filter<'_> {
    /// What the summaries of a segment tell of the whole predicate.
    pub(crate) fn outcome(&self, segment: &Segment, scratch: &mut Scratch) -> Outcome {
        let summary = |field| segment.summary(field);
        self.prune(|field, test| test.outcome(summary(field)), summary, scratch)
    }

    /// The live rows of a block that pass.
    pub(crate) fn select<'s>(
        &'s self,
        (segment_idx, segment): (usize, &'s Segment),
        block: usize,
        scratch: &'s mut Scratch,
    ) -> Result<Selection<'s>> {
        let live = match &self.chosen {
            None => segment.live(block),
            Some(chosen) => match chosen.of_block(segment_idx, block) {
                None => return Ok(Selection::Nothing),
                rows => rows,
            },
        };
        Ok(match self.block_outcome(segment, block, scratch) {
            Outcome::NoRow => Selection::Nothing,
            Outcome::EveryRow => live.map_or(Selection::Everything, Selection::Rows),
            Outcome::SomeRows => {
                let n = segment.block_rows(block);
                let mut result = std::mem::take(&mut scratch.result);
                let rows = result.rows_mut(n);
                self.run_twice(segment, block, rows, scratch)?;
                if let Some(live) = live {
                    // A row that is not looked for may fail.
                    rows.iter_mut().zip(live).for_each(|(row, live)| *row *= live);
                }
                if scratch.failed
                    && let Some(failure) = rows.iter().find_map(|row| Failure::of_state(*row))
                {
                    return Err(failure.error());
                }
                scratch.result = result;
                Selection::Rows(scratch.result.rows(n))
            }
        })
    }

    fn block_outcome(&self, segment: &Segment, block: usize, scratch: &mut Scratch) -> Outcome {
        let outcome = |field, test: &Test| test.block_outcome(segment.block(field, block));
        let summary = |field| segment.block(field, block).map_or(Summary::ABSENT, Block::summary);
        self.prune(outcome, summary, scratch)
    }

    /// Fills `into` for the root, which the summaries left open: 1 for rows that pass, 0 for those that do not, and if
    /// `scratch.failed` is then set, the reason for those that failed.
    fn run_twice(&self, segment: &Segment, block: usize, into: &mut [u8], scratch: &mut Scratch) -> Result<()> {
        (scratch.exact, scratch.failed) = (false, false);
        scratch.cells.clear();
        loop {
            scratch.shared.resize_with(self.shared.len(), Default::default);
            scratch.shared.iter_mut().for_each(|(known, _)| *known = false);
            self.run(self.root, segment, block, into, scratch);
            if let Some(error) = scratch.error.take() {
                return Err(error);
            }
            if scratch.exact || !scratch.failed {
                return Ok(());
            }
            scratch.exact = true;
        }
    }

    /// The outcome of every step from those of the tests and what is known of fields, children before parents; answers the
    /// root's.
    fn prune(
        &self,
        outcome: impl Fn(FieldId, &Test) -> Outcome,
        summary: impl Fn(FieldId) -> Summary,
        scratch: &mut Scratch,
    ) -> Outcome {
        let Scratch { outcomes, reaches, .. } = scratch;
        outcomes.clear();
        for step in &self.steps {
            let of = |id: &StepId| outcomes[*id];
            let known = match step {
                Step::Const(true) => Outcome::EveryRow,
                Step::Const(false) => Outcome::NoRow,
                Step::Test(field, test) => outcome(*field, test),
                Step::Fails(field, test, _) if outcome(*field, test) == Outcome::NoRow => Outcome::NoRow,
                Step::Rows(rows) => rows.outcome(&summary, reaches),
                Step::Compare(_) | Step::Fails(..) | Step::Pairs(_) | Step::Elements(..) => Outcome::SomeRows,
                Step::Not(child) => of(child).not(),
                Step::And(children) => Outcome::join(children.iter().map(of), Outcome::NoRow, Outcome::EveryRow),
                Step::Or(children) => Outcome::join(children.iter().map(of), Outcome::EveryRow, Outcome::NoRow),
            };
            outcomes.push(known);
        }
        outcomes[self.root]
    }

    /// Fills `into` for a step that asks the rows themselves.
    fn ask(&self, step: StepId, segment: &Segment, block: usize, into: &mut [u8], scratch: &mut Scratch) {
        scratch.asked += 1;
        if scratch.error.is_none() && scratch.asked.is_multiple_of(STEPS_A_POLL) {
            scratch.error = self.budget.check().err();
        }
        if scratch.error.is_some() {
            return into.fill(0);
        }
        match &self.steps[step] {
            Step::Test(field, test) | Step::Fails(field, test, _) => match segment.block(*field, block) {
                Some(cells) => mask::run(test, cells, into),
                None => into.fill(matches!(test, Test::Empty | Test::Null).into()),
            },
            Step::Compare(comparison) => {
                self.comparisons.run(*comparison, (segment, block), &mut scratch.cells, into);
            }
            Step::Rows(rows) => {
                if let Err(error) = rows.fill(segment, block, into) {
                    scratch.error = Some(error);
                    into.fill(0);
                }
            }
            Step::Pairs(pairs) => pairs.fill(segment, block, into),
            Step::Elements(field, rows) => {
                match segment.block(*field, block).map(|cells| (cells, rows.fill_elements(*field, cells))) {
                    None => into.fill(0),
                    Some((cells, Ok(states))) => mask::any_state(cells, &states, into),
                    Some((_, Err(error))) => {
                        scratch.error = Some(error);
                        into.fill(0);
                    }
                }
            }
            _ => into.fill(0),
        }
        match self.steps[step] {
            Step::Fails(_, _, state) => {
                scratch.failed |= into.contains(&1);
                let state = if scratch.exact { state } else { 0 };
                into.iter_mut().for_each(|row| *row *= state);
            }
            Step::Rows(_) | Step::Pairs(_) | Step::Elements(..) => {
                let failed = into.iter().any(|row| *row >= FAILED);
                scratch.failed |= failed;
                if failed && !scratch.exact {
                    into.iter_mut().filter(|row| **row >= FAILED).for_each(|row| *row = 0);
                }
            }
            _ => {}
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
                _ => None,
            };
            let Some(next) = next else {
                self.ask(at, segment, block, into, scratch);
                break;
            };
            scratch.path.push(at);
            at = next;
        }
        while scratch.path.len() > start {
            let Some(parent) = scratch.path.pop() else { break };
            let (children, is_and) = match &self.steps[parent] {
                Step::Not(_) if scratch.exact => {
                    into.iter_mut().for_each(|row| *row = state::not(*row));
                    continue;
                }
                Step::Not(_) => {
                    mask::not(into);
                    continue;
                }
                Step::And(children) => (children, true),
                Step::Or(children) => (children, false),
                _ => continue,
            };
            for child in children.iter().filter(|id| open(id, scratch)).skip(1).copied().collect::<Vec<_>>() {
                let settled = match (is_and, scratch.exact) {
                    (true, false) => !into.contains(&1),
                    (false, false) => !into.contains(&0),
                    (is_and, true) => into.iter().all(|row| *row == u8::from(!is_and)),
                };
                if settled {
                    break;
                }
                let mut other = scratch.spare.pop().unwrap_or_default();
                let rows = other.rows_mut(into.len());
                self.run(child, segment, block, rows, scratch);
                match (is_and, scratch.exact) {
                    (true, false) => mask::and(into, rows),
                    (false, false) => mask::or(into, rows),
                    (true, true) => into.iter_mut().zip(rows).for_each(|(a, b)| *a = state::and(*a, *b)),
                    (false, true) => into.iter_mut().zip(rows).for_each(|(a, b)| *a = state::or(*a, *b)),
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

impl Holds for Filter<'_> {
    fn truths(&self, segment: &Segment, block: usize, into: &mut [u8]) -> Result<()> {
        let mut scratch = Scratch::default();
        match self.block_outcome(segment, block, &mut scratch) {
            Outcome::NoRow => into.fill(0),
            Outcome::EveryRow => into.fill(1),
            Outcome::SomeRows => self.run_twice(segment, block, into, &mut scratch)?,
        }
        Ok(())
    }
}
