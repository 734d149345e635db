//! Which dictionary ids may occur in a block: a bit for each remainder. It never denies an id that occurs, and of a block of
//! thousands of ids it denies most that do not.

/// Bits of a sketch. Four for each row of a full block: at most about a quarter are set.
const BITS: usize = 1 << 14;

/// A set of ids, rounded up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sketch([u64; BITS / 64]);

impl Sketch {
    pub(crate) fn of(ids: &[u32]) -> Self {
        let mut bits = [0; BITS / 64];
        for id in ids {
            let (word, bit) = place(*id);
            bits[word] |= bit;
        }
        Self(bits)
    }

    pub(crate) fn may_hold(&self, id: u32) -> bool {
        let (word, bit) = place(id);
        self.0[word] & bit != 0
    }
}

/// Ids are given in order of appearance, so their remainders spread by themselves.
fn place(id: u32) -> (usize, u64) {
    let remainder = id as usize % BITS;
    (remainder / 64, 1 << (remainder % 64))
}
