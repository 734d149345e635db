//! Leaves that ask whether an expression is true. Where that depends on one value of a row, it is decided for the values and
//! not for the rows: what is left is then a test like any other, which prunes like any other. The rest is run block by block.

mod halved;
pub(crate) mod pairs;

use std::sync::Arc;

use crate::base::budget::Reservation;
use crate::base::error::{Error, Result};
use crate::data::block::{BLANK, BLOCK_ROWS, Block, FIRST_ID, Frame, NULL as NULL_CODE, Summary};
use crate::data::segment::Segment;
use crate::data::version::IndexVersion;
use crate::exec::eval::graph::Asks;
use crate::exec::eval::load::segment_of;
use crate::exec::eval::program::{Batch, Means, Program, over_ids};
use crate::exec::eval::reach::{Extent, Reach};
use crate::exec::eval::state::{FAILED, FALSE, TRUE};
use crate::exec::lane::Lane;
use crate::exec::number_set::NumberSet;
use crate::exec::test::{FEW, Outcome, Test};
use crate::exec::truth::pairs::Pairs;
use crate::model::schema::FieldId;
use crate::query::predicate::expr::{Expr, Type};

/// Of one field's numbers as many are decided beforehand as one for so many rows; small enough not to matter where few rows
/// are looked at in the end.
const ROWS_PER_NUMBER: u64 = 16;

/// Ranges of one field's numbers are looked for as long as that takes no more steps than one for so many rows.
const ROWS_PER_STEP: u64 = 128;

/// So many steps are always taken.
const FEW_STEPS: u64 = 1 << 10;

/// Fewer distinct codes than one for so many rows of a block are decided rather than the rows.
const ROWS_PER_CODE: usize = 2;

/// How a leaf is asked.
#[derive(Debug)]
pub(crate) enum Truth<'a> {
    /// A row has the state of the first of these tests that it passes; false if none.
    Tests(FieldId, Vec<(Test, u8)>),
    Rows(Rows<'a>),
    Pairs(Pairs),
    /// Some of the values of a row.
    Elements(FieldId, Rows<'a>),
}

/// An expression that is asked of rows.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    index: &'a IndexVersion,
    program: Program<'a>,
    /// What the least and the greatest numbers of a block tell, if the expression asks numbers.
    extent: Option<Extent<'a>>,
    /// The field whose number alone it asks.
    number: Option<FieldId>,
    negated: bool,
}

impl<'a> Truth<'a> {
    /// Decides whether an expression is true, or `negated` is not.
    pub(crate) fn new(
        expr: &Arc<Expr>,
        negated: bool,
        index: &'a IndexVersion,
        means: &Means<'_, 'a>,
        memory: &mut Vec<Reservation<'a>>,
    ) -> Result<Self> {
        let (program, asks) = Program::untabulated(expr, None, means)?;
        match asks {
            Asks::Id(field) => {
                let truths = over_ids(&program, field, Type::Boolean, means, memory)?.into_truths();
                let states: Vec<u8> = truths.into_iter().map(|truth| passed(truth, negated)).collect();
                Ok(Self::Tests(field, tests_of_ids(&states, memory, means)?))
            }
            Asks::Number(field) => {
                let extent = Extent::new(expr, index, means.zone);
                let ranges = tests_of_ranges(&extent, field, negated, index);
                if let Some(tests) =
                    ranges.as_ref().filter(|tests| tests.iter().all(|(test, _)| !test.has_many_ranges()))
                {
                    return Ok(Self::Tests(field, tests.clone()));
                }
                let rows = Rows { index, program, extent: Some(extent), number: Some(field), negated };
                Ok(match rows.tests_of_numbers(field, means)?.or(ranges) {
                    Some(tests) => Self::Tests(field, tests),
                    None => Self::Rows(rows),
                })
            }
            Asks::Ids(a, b) if Pairs::are_few([a, b], index) => {
                Ok(Self::Pairs(Pairs::new(&program, [a, b], negated, index, means, memory)?))
            }
            Asks::Nothing => Ok(Self::Rows(Rows { index, program, extent: None, number: None, negated })),
            Asks::Ids(..) | Asks::Anything => {
                let program = Program::new(expr, None, means)?;
                let extent = Some(Extent::new(expr, index, means.zone)).filter(Extent::asks_a_number);
                Ok(Self::Rows(Rows { index, program, extent, number: None, negated }))
            }
        }
    }

    /// Decides whether an expression is true of some value of a field.
    pub(crate) fn of_element(
        expr: &Arc<Expr>,
        field: FieldId,
        index: &'a IndexVersion,
        means: &Means<'_, 'a>,
        memory: &mut Vec<Reservation<'a>>,
    ) -> Result<Self> {
        let (program, asks) = Program::untabulated(expr, Some(field), means)?;
        match asks {
            // The same for every value.
            Asks::Nothing => {}
            Asks::Id(of) | Asks::Number(of) if of == field => {}
            _ => return Err(Error::internal("a test of elements asks for more of the row")),
        }
        if index.domain(field).is_none() {
            return Ok(Self::Elements(field, Rows { index, program, extent: None, number: None, negated: false }));
        }
        let mut states = over_ids(&program, field, Type::Boolean, means, memory)?.into_truths();
        states.iter_mut().for_each(|truth| *truth = passed(*truth, false));
        // A list holds no empty values, and what is null has none.
        states.iter_mut().take(FIRST_ID as usize).for_each(|truth| *truth = FALSE);
        Ok(Self::Tests(field, tests_of_ids(&states, memory, means)?))
    }
}

/// 1 where a leaf passes, 0 where it does not, else why it failed.
fn passed(truth: u8, negated: bool) -> u8 {
    if truth >= FAILED { truth } else { u8::from((truth == TRUE) != negated) }
}

/// Tests of ranges of one field's numbers, if they are few.
fn tests_of_ranges(
    extent: &Extent<'_>,
    field: FieldId,
    negated: bool,
    index: &IndexVersion,
) -> Option<Vec<(Test, u8)>> {
    let most = FEW_STEPS.max(index.n_live() / ROWS_PER_STEP);
    let (of_null, runs) = halved::halved(extent, negated, index.summary(field).bounds?, most)?;
    let mut tests = Vec::new();
    if of_null != FALSE {
        tests.push((Test::Null, of_null));
    }
    for state in occurring(&runs.iter().map(|(_, _, state)| *state).collect::<Vec<_>>()) {
        let of_state = runs.iter().filter(|(_, _, other)| *other == state);
        tests.push((Test::of_ranges(of_state.map(|(low, high, _)| (*low, *high)).collect()), state));
    }
    Some(tests)
}

/// Tests for every state but false that some id has.
fn tests_of_ids<'a>(
    states: &[u8],
    memory: &mut Vec<Reservation<'a>>,
    means: &Means<'_, 'a>,
) -> Result<Vec<(Test, u8)>> {
    let mut tests = Vec::new();
    for state in occurring(states) {
        let of = |code: u32| states.get(code as usize) == Some(&state);
        match (of(NULL_CODE), of(BLANK)) {
            (true, true) => tests.push((Test::Empty, state)),
            (true, false) => tests.push((Test::Null, state)),
            (false, true) => tests.push((Test::Blank, state)),
            (false, false) => {}
        }
        let mut wanted: Vec<u8> = states.iter().map(|other| u8::from(*other == state)).collect();
        wanted.iter_mut().take(FIRST_ID as usize).for_each(|empty| *empty = 0);
        match Test::of_table(wanted) {
            Test::Never => {}
            test => {
                memory.push(means.budget.reserve(test.bytes())?);
                tests.push((test, state));
            }
        }
    }
    Ok(tests)
}

/// The states that occur, but for false; ascending.
fn occurring(states: &[u8]) -> Vec<u8> {
    let mut occurs = [false; 1 << u8::BITS];
    states.iter().for_each(|state| occurs[usize::from(*state)] = true);
    (1..=u8::MAX).filter(|state| occurs[usize::from(*state)]).collect()
}

impl Rows<'_> {
    /// What the least and the greatest numbers of its fields tell.
    pub(crate) fn outcome(&self, summary: impl Fn(FieldId) -> Summary, room: &mut Vec<Reach>) -> Outcome {
        let Some(extent) = &self.extent else { return Outcome::SomeRows };
        match halved::single(extent.reach(&summary, room).states, self.negated) {
            Some(TRUE) => Outcome::EveryRow,
            Some(FALSE) => Outcome::NoRow,
            _ => Outcome::SomeRows,
        }
    }

    /// 1 for each row of a block that passes, 0 for each that does not, else why it failed.
    pub(crate) fn fill(&self, segment: &Segment, block: usize, into: &mut [u8]) -> Result<()> {
        if let Some(cells) = self.number.and_then(|field| segment.block(field, block))
            && let Some(by_code) = self.by_code(cells)?
        {
            for (at, state) in into.iter_mut().enumerate() {
                *state = by_code.get(cells.codes().get(at) as usize).copied().unwrap_or(FALSE);
            }
            return Ok(());
        }
        let truths = self.program.run(&Batch::Block(segment, block))?.into_truths();
        into.iter_mut().zip(truths).for_each(|(state, truth)| *state = passed(truth, self.negated));
        Ok(())
    }

    /// The states of all codes of a block, null first, if they are few beside its rows.
    fn by_code(&self, cells: &Block) -> Result<Option<Vec<u8>>> {
        let (Some(frame), Some((low, high)), Some(field)) = (cells.frame(), cells.summary().bounds, self.number) else {
            return Ok(None);
        };
        let n = high.abs_diff(low) / frame.step + 1;
        match usize::try_from(n) {
            Ok(n) if n < cells.codes().len() / ROWS_PER_CODE => self.of_frame(field, frame, n).map(Some),
            _ => Ok(None),
        }
    }

    /// The state of null, then those of the first `n` numbers of a frame.
    fn of_frame(&self, field: FieldId, frame: Frame, n: usize) -> Result<Vec<u8>> {
        let segment = segment_of(self.index, [(field, Block::of_frame(frame, n))], n + 1);
        let truths = self.program.run(&Batch::Block(&segment, 0))?.into_truths();
        Ok(truths.into_iter().map(|truth| passed(truth, self.negated)).collect())
    }

    /// Tests of one field's numbers, if they are few beside the rows.
    fn tests_of_numbers(&self, field: FieldId, means: &Means<'_, '_>) -> Result<Option<Vec<(Test, u8)>>> {
        let lane = Lane::new(field, self.index);
        let n = lane.widest.saturating_add(1);
        if n > (self.index.n_live() / ROWS_PER_NUMBER).into() {
            return Ok(None);
        }
        let (n, per_piece) = (n as usize, BLOCK_ROWS - 1);
        let _memory = means.budget.reserve(n * 2)?;
        let step = lane.number(1).abs_diff(lane.number(0));
        let pieces = means.pool.map(n.div_ceil(per_piece), means.budget, |piece| {
            let first = piece * per_piece;
            let frame = Frame { base: lane.number(first as u128), step };
            self.of_frame(field, frame, per_piece.min(n - first))
        })?;
        let mut tests = Vec::new();
        let of_null = pieces.first().and_then(|piece| piece.first()).copied().unwrap_or(FALSE);
        if of_null != FALSE {
            tests.push((Test::Null, of_null));
        }
        let states: Vec<u8> = pieces.iter().flat_map(|piece| piece.iter().skip(1)).copied().collect();
        for state in occurring(&states) {
            let runs = runs(&states, state);
            if runs.len() <= FEW {
                let between = |(first, last)| (lane.number(first as u128), lane.number(last as u128));
                tests.push((Test::of_ranges(runs.into_iter().map(between).collect()), state));
            } else if step == 1 {
                let table = states.iter().map(|other| u8::from(*other == state)).collect();
                let set = NumberSet::of_table(lane.number(0), table);
                tests.extend(set.map(|set| (Test::Set(Arc::new(set)), state)));
            } else {
                return Ok(None);
            }
        }
        Ok(Some(tests))
    }

    /// The states of the values of lists, one a value.
    pub(crate) fn fill_elements(&self, field: FieldId, cells: &Block) -> Result<Vec<u8>> {
        let Some(frame) = cells.frame() else { return Ok(vec![FALSE; cells.codes().len()]) };
        let codes: Vec<u128> = (0..cells.codes().len()).map(|at| cells.codes().get(at)).collect();
        let mut states = Vec::with_capacity(codes.len());
        for piece in codes.chunks(BLOCK_ROWS) {
            let numbers: Vec<Option<i128>> =
                piece.iter().map(|code| (*code != u128::from(NULL_CODE)).then(|| frame.number(*code))).collect();
            let segment = segment_of(self.index, [(field, Block::of_numbers(&numbers, None))], numbers.len());
            let truths = self.program.run(&Batch::Block(&segment, 0))?.into_truths();
            let of = |(number, truth): (&Option<i128>, u8)| number.map_or(FALSE, |_| passed(truth, false));
            states.extend(numbers.iter().zip(truths).map(of));
        }
        Ok(states)
    }
}

/// First and last place of every run of a state; one more than [`FEW`] at most.
fn runs(states: &[u8], state: u8) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in states.iter().enumerate().filter(|(_, other)| **other == state) {
        let n_runs = runs.len();
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == at => *last = at,
            _ if n_runs > FEW => break,
            _ => runs.push((at, at)),
        }
    }
    runs
}

#[cfg(test)]
mod tests;
