//! An expression that asks two dictionary fields, decided for every pair of their values where these are few beside the rows.

use crate::base::budget::Reservation;
use crate::base::error::Result;
use crate::data::block::Block;
use crate::data::codes::{Code as _, each_width};
use crate::data::segment::Segment;
use crate::data::version::IndexVersion;
use crate::exec::eval::load::segment_of;
use crate::exec::eval::program::{BATCH_ROWS, Batch, Means, Program};
use crate::exec::truth::{ROWS_PER_NUMBER, passed};
use crate::model::schema::FieldId;

/// What rows with each pair of ids come to, as [`passed`] says: by the first id, then the second.
#[derive(Debug)]
pub(crate) struct Pairs {
    fields: [FieldId; 2],
    n_second: usize,
    states: Vec<u8>,
}

impl Pairs {
    /// Whether the pairs of two fields' values are few beside the rows.
    pub(super) fn are_few(fields: [FieldId; 2], index: &IndexVersion) -> bool {
        let [a, b] = fields.map(|field| index.domain(field).map_or(0, |domain| u64::from(domain.len())));
        a.saturating_mul(b) <= index.n_live() / ROWS_PER_NUMBER
    }

    pub(super) fn new<'a>(
        program: &Program<'a>,
        fields: [FieldId; 2],
        negated: bool,
        index: &'a IndexVersion,
        means: &Means<'_, 'a>,
        memory: &mut Vec<Reservation<'a>>,
    ) -> Result<Self> {
        let [n_first, n_second] = fields.map(|field| index.domain(field).map_or(0, |domain| domain.len() as usize));
        let n = n_first * n_second;
        memory.push(means.budget.reserve(n)?);
        let pieces = means.pool.map(n.div_ceil(BATCH_ROWS), means.budget, |piece| {
            let pairs = piece * BATCH_ROWS..n.min((piece + 1) * BATCH_ROWS);
            let n_pairs = pairs.len();
            let ids: [Vec<u32>; 2] = [
                pairs.clone().map(|at| (at / n_second) as u32).collect(),
                pairs.map(|at| (at % n_second) as u32).collect(),
            ];
            let blocks = [0, 1].map(|side| (fields[side], Block::of_ids(&ids[side], None)));
            let truths = program.run(&Batch::Block(&segment_of(index, blocks, n_pairs), 0))?.into_truths();
            Ok(truths.into_iter().map(|truth| passed(truth, negated)).collect::<Vec<u8>>())
        })?;
        Ok(Self { fields, n_second, states: pieces.concat() })
    }

    /// The states of the rows of a block.
    pub(crate) fn fill(&self, segment: &Segment, block: usize, into: &mut [u8]) {
        let [first, second] = self.fields.map(|field| segment.block(field, block));
        let mut places = vec![0usize; into.len()];
        if let Some(block) = first {
            each_width!(block.codes(), codes => {
                places.iter_mut().zip(codes).for_each(|(place, code)| *place = code.idx() * self.n_second);
            });
        }
        if let Some(block) = second {
            each_width!(block.codes(), codes => {
                places.iter_mut().zip(codes).for_each(|(place, code)| *place += code.idx());
            });
        }
        into.iter_mut().zip(places).for_each(|(state, place)| *state = self.states.get(place).copied().unwrap_or(0));
    }
}
