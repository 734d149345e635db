//! Kernels: counters of groups from the codes of a block's rows. Where a row's slot comes from is told by
//! [`slot`](super::slot).

use crate::data::codes::Code;

/// Rows whose slots are worked out together: enough that a counter's memory is not waited for, few enough for registers.
const TOGETHER: usize = 4;

/// Counts each row at its slot.
pub(crate) fn tally(slots: &[u32], mask: Option<&[u8]>, counts: &mut [u32]) {
    match mask {
        None => slots.iter().for_each(|slot| counts[*slot as usize] += 1),
        // Adding the mask's byte costs less than a branch that guesses wrong.
        Some(mask) => slots.iter().zip(mask).for_each(|(slot, m)| counts[*slot as usize] += u32::from(*m)),
    }
}

/// Counts each row at `low + offset + (high << shift)`: the most asked of all groupings, a field and the status, straight
/// from their codes.
pub(crate) fn tally_pairs<L: Code>(
    (low, offset): (&[L], usize),
    (high, shift): (&[u8], u32),
    mask: Option<&[u8]>,
    counts: &mut [u32],
) {
    let counts = counts.get_mut(offset..).unwrap_or(&mut []);
    let slot = |low: L, high: u8| low.idx() + (usize::from(high) << shift);
    let (lows, low_rest) = low.as_chunks::<TOGETHER>();
    let (highs, high_rest) = high.as_chunks::<TOGETHER>();
    let slots =
        |l: &[L; TOGETHER], h: &[u8; TOGETHER]| -> [usize; TOGETHER] { std::array::from_fn(|k| slot(l[k], h[k])) };
    let rest = low_rest.iter().zip(high_rest).map(|(l, h)| slot(*l, *h));
    match mask {
        None => {
            lows.iter().zip(highs).for_each(|(l, h)| slots(l, h).into_iter().for_each(|slot| counts[slot] += 1));
            rest.for_each(|slot| counts[slot] += 1);
        }
        Some(mask) => {
            let (masks, mask_rest) = mask.as_chunks::<TOGETHER>();
            for ((l, h), m) in lows.iter().zip(highs).zip(masks) {
                slots(l, h).into_iter().zip(m).for_each(|(slot, m)| counts[slot] += u32::from(*m));
            }
            rest.zip(mask_rest).for_each(|(slot, m)| counts[slot] += u32::from(*m));
        }
    }
}
