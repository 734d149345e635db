//! The numbers of one field over a whole index as unsigned ones from 0, in the coarsest unit that tells them apart: what
//! kernels add and compare. How each block codes its numbers is the block's affair; here the two are brought together.

use crate::data::block::{Frame, Summary, common_divisor};
use crate::data::version::IndexVersion;
use crate::model::ratio::Quotient;
use crate::model::schema::FieldId;

/// Number n of the lane stands for `low + n * unit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lane {
    pub(crate) field: FieldId,
    low: i128,
    unit: u128,
    /// The greatest number of the lane.
    pub(crate) widest: u128,
}

/// Code c > 0 of a block stands for number `first + c * factor` of the lane, in wrapping arithmetic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Track {
    pub(crate) first: u128,
    pub(crate) factor: u128,
}

impl Lane {
    /// The lane of a number field. `O(blocks)`.
    pub(crate) fn new(field: FieldId, index: &IndexVersion) -> Self {
        let Some((low, high)) = index.summary(field).bounds else { return Self { field, low: 0, unit: 1, widest: 0 } };
        let mut unit = 0;
        for segment in &index.segments {
            for block in (0..segment.n_blocks()).filter_map(|block| segment.block(field, block)) {
                let (Some(frame), Summary { bounds: Some((least, most)), .. }) = (block.frame(), block.summary())
                else {
                    continue;
                };
                unit = common_divisor(frame.base.wrapping_sub(low) as u128, unit);
                // The step of a block of one number says nothing.
                if least < most {
                    unit = common_divisor(frame.step, unit);
                }
            }
        }
        let unit = unit.max(1);
        Self { field, low, unit, widest: high.wrapping_sub(low) as u128 / unit }
    }

    /// How a block's codes stand for numbers of the lane.
    pub(crate) fn track(&self, frame: Frame) -> Track {
        let (offset, factor) = (frame.base.wrapping_sub(self.low) as u128 / self.unit, frame.step / self.unit);
        Track { first: offset.wrapping_sub(factor), factor }
    }

    /// The field's number that a number of the lane stands for.
    pub(crate) fn number(&self, n: u128) -> i128 {
        self.low.wrapping_add(n.wrapping_mul(self.unit) as i128)
    }

    /// The sum of `n` of the field's numbers from the sum of the lane's, which may have wrapped; `about` is that sum as a
    /// float, if it was kept because wrapping was possible.
    #[expect(clippy::cast_precision_loss, reason = "the float only tells multiples of 2^128 apart")]
    pub(crate) fn sum(&self, n: u64, sum: u128, about: Option<f64>) -> ExactSum {
        let low = self.low.wrapping_mul(n.into()).wrapping_add(sum.wrapping_mul(self.unit) as i128);
        // Exact but for a multiple of 2^128, so a float is near enough to tell which.
        let about = about.unwrap_or(sum as f64) * self.unit as f64 + self.low as f64 * n as f64;
        ExactSum { low, laps: ((about - low as f64) / LAP).round() as i64 }
    }
}

/// 2^128.
const LAP: f64 = 3.402_823_669_209_385e38;

/// A sum that may leave 128 bits and come back, so that no order of adding matters: `low + laps * 2^128`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExactSum {
    low: i128,
    laps: i64,
}

impl ExactSum {
    pub(crate) fn plus(self, other: Self) -> Self {
        let (low, left) = self.low.overflowing_add(other.low);
        // Only numbers of one sign leave together.
        let lap = if other.low < 0 { -1 } else { 1 };
        Self { low, laps: self.laps + other.laps + if left { lap } else { 0 } }
    }

    /// The mean of the `n` numbers that it is the sum of; n is not 0.
    pub(crate) fn mean(self, n: u64) -> Quotient {
        Quotient::of((self.laps, self.low), n)
    }

    /// None if it is beyond 128 bits.
    pub(crate) fn exact(self) -> Option<i128> {
        (self.laps == 0).then_some(self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::{ExactSum, Lane};
    use crate::model::schema::FieldId;

    #[test]
    fn sums_that_leave_128_bits_are_told_from_those_that_come_back() {
        let lane = |low, unit| Lane { field: FieldId(0), low, unit, widest: u128::MAX };
        assert_eq!(lane(0, 10).sum(3, 60, None).exact(), Some(600));
        assert_eq!(lane(-5, 1).sum(3, 6, None).exact(), Some(-9));
        // Two numbers around zero, told from the least there is: their distances wrap, their sum does not.
        let far = 1u128 << 127;
        assert_eq!(lane(i128::MIN, 1).sum(2, (far + 7).wrapping_add(far - 4), Some(3.4e38)).exact(), Some(3));
        assert_eq!(lane(0, 1).sum(2, 0, Some(3.5e38)).exact(), None);
    }

    #[test]
    fn parts_of_a_sum_may_lie_beyond_128_bits() {
        let sum = |n: i128| ExactSum { low: n, laps: 0 };
        let parts = [i128::MAX, 5, i128::MAX, i128::MIN, i128::MIN, -4].map(sum);
        assert_eq!(parts.into_iter().fold(ExactSum::default(), ExactSum::plus), sum(-1));
        assert_eq!(sum(i128::MAX).plus(sum(1)).exact(), None);
        assert_eq!(sum(i128::MIN).plus(sum(-1)).exact(), None);
        assert_eq!(sum(-1).plus(sum(1)).exact(), Some(0));
    }
}
