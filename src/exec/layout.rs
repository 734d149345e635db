//! Slots of several dimensions in one number.

use crate::exec::slot::Dimension;

/// Most slots of the dense form. 4 M counters are 16 MiB a piece: past the caches, but still far cheaper than hashing.
const DENSE_SLOTS: u64 = 1 << 22;

/// Where each dimension's slots stand in a combined slot: bits side by side, so that combining is a shift and an add.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) shifts: Vec<u32>,
    /// By dimension: the bits of its own slot, at the low end.
    masks: Vec<u32>,
    pub(crate) n_slots: usize,
}

impl Layout {
    /// None if some dimension has no slots or there would be too many. The last dimension takes the highest bits: with the
    /// status last, a group's counters for each status lie apart, and equal statuses of neighbouring rows do not wait for
    /// one another.
    pub(crate) fn new(dimensions: &[Dimension]) -> Option<Self> {
        let mut layout = Self { shifts: Vec::new(), masks: Vec::new(), n_slots: 1 };
        let mut bits = 0u32;
        for dimension in dimensions {
            let n = dimension.n_slots()?;
            layout.shifts.push(bits);
            layout.masks.push(n.next_power_of_two() - 1);
            // The highest dimension needs no padding.
            layout.n_slots = (n as usize) << bits;
            bits += n.next_power_of_two().trailing_zeros();
            if 1u64.checked_shl(bits).is_none_or(|n| n > DENSE_SLOTS) {
                return None;
            }
        }
        Some(layout)
    }

    /// The slot of a row by the slots that its dimensions have.
    pub(crate) fn slot(&self, key: &[i128]) -> usize {
        key.iter().zip(&self.shifts).map(|(slot, shift)| (*slot as usize) << shift).sum()
    }

    /// A dimension's own slot in a combined one.
    pub(crate) fn slot_of(&self, dimension: usize, slot: u32) -> u32 {
        slot >> self.shifts[dimension] & self.masks[dimension]
    }
}
