//! Kernels: from codes to one byte a row, 1 for rows that pass. Bytes rather than bits, since compilers turn these loops into
//! vector code for any width of code, and a byte adds to a counter without a branch.

use crate::data::block::{BLOCK_ROWS, Block, NULL};
use crate::data::codes::{Code, each_width};
use crate::exec::eval::state::{FALSE, or as or_state};
use crate::exec::test::{CodeTest, FEW, Test};

/// One byte for each row of a block: 0 or 1.
#[derive(Debug)]
pub(crate) struct Mask {
    bytes: Box<[u8; BLOCK_ROWS]>,
}

/// With fewer matching elements than one in this many rows, rows are found from elements rather than the other way round.
const SPARSE_ELEMENTS: usize = 16;

impl Default for Mask {
    fn default() -> Self {
        Self { bytes: Box::new([0; BLOCK_ROWS]) }
    }
}

impl Mask {
    /// The bytes of the first `n` rows.
    pub(crate) fn rows(&self, n: usize) -> &[u8] {
        &self.bytes[..n]
    }

    pub(crate) fn rows_mut(&mut self, n: usize) -> &mut [u8] {
        &mut self.bytes[..n]
    }
}

/// `into AND other`.
pub(crate) fn and(into: &mut [u8], other: &[u8]) {
    into.iter_mut().zip(other).for_each(|(a, b)| *a &= b);
}

/// `into OR other`.
pub(crate) fn or(into: &mut [u8], other: &[u8]) {
    into.iter_mut().zip(other).for_each(|(a, b)| *a |= b);
}

/// `NOT mask`.
pub(crate) fn not(mask: &mut [u8]) {
    mask.iter_mut().for_each(|a| *a ^= 1);
}

/// How many rows pass.
pub(crate) fn count(mask: &[u8]) -> u32 {
    // 255 ones still fit a byte, so the inner sums stay in vectors of bytes.
    let (chunks, rest) = mask.as_chunks::<64>();
    let mut total = 0u32;
    for group in chunks.chunks(255) {
        let mut sums = [0u8; 64];
        group.iter().for_each(|chunk| sums.iter_mut().zip(chunk).for_each(|(sum, m)| *sum += m));
        total += sums.iter().map(|&sum| u32::from(sum)).sum::<u32>();
    }
    total + rest.iter().map(|&m| u32::from(m)).sum::<u32>()
}

/// Calls `each` with every passing row, ascending; skips eight rows at a time where none passes.
pub(crate) fn for_each_row(mask: &[u8], mut each: impl FnMut(usize)) {
    let (words, rest) = mask.as_chunks::<8>();
    for (w, word) in words.iter().enumerate() {
        let mut bits = u64::from_le_bytes(*word);
        while bits != 0 {
            each(w * 8 + bits.trailing_zeros() as usize / 8);
            bits &= bits - 1;
        }
    }
    let start = words.len() * 8;
    rest.iter().enumerate().filter(|(_, m)| **m == 1).for_each(|(i, _)| each(start + i));
}

/// Asks a test of every row of a block; `mask` has the block's length.
pub(crate) fn run(test: &Test, block: &Block, mask: &mut [u8]) {
    let code_test = test.for_codes(block);
    let Some(offsets) = block.offsets() else {
        return each_width!(block.codes(), codes => run_codes(&code_test, codes, mask));
    };
    if *test == Test::Empty {
        for (row, m) in mask.iter_mut().enumerate() {
            let range = block.range(row);
            *m = (range.is_empty() || block.codes().get(range.start) == u128::from(NULL)).into();
        }
        return;
    }
    let mut elements = vec![0u8; block.codes().len()];
    each_width!(block.codes(), codes => run_codes(&code_test, codes, &mut elements));
    each_width!(offsets, offsets => any_element(offsets, &elements, mask));
}

/// A row of a list has the state that some of its elements says: true if any is, else why one failed, else false.
pub(crate) fn any_state(block: &Block, states: &[u8], into: &mut [u8]) {
    for (row, state) in into.iter_mut().enumerate() {
        *state = states.get(block.range(row)).unwrap_or(&[]).iter().fold(FALSE, |any, one| or_state(any, *one));
    }
}

/// A row of a list passes if any of its elements does.
fn any_element<C: Code>(offsets: &[C], elements: &[u8], mask: &mut [u8]) {
    if count(elements) as usize * SPARSE_ELEMENTS < mask.len() {
        mask.fill(0);
        // The row of an element is the last that begins at or before it.
        for_each_row(elements, |element| {
            let row = offsets.partition_point(|offset| offset.idx() <= element) - 1;
            mask[row] = 1;
        });
        return;
    }
    let mut n = 0u32;
    let sums: Vec<u32> = std::iter::once(0)
        .chain(elements.iter().map(|e| {
            n += u32::from(*e);
            n
        }))
        .collect();
    for (m, pair) in mask.iter_mut().zip(offsets.windows(2)) {
        *m = (sums[pair[0].idx()] != sums[pair[1].idx()]).into();
    }
}

fn run_codes<C: Code>(test: &CodeTest<'_>, codes: &[C], mask: &mut [u8]) {
    let each = mask.iter_mut().zip(codes);
    match test {
        CodeTest::Never => mask.fill(0),
        // A bound past the width of the codes has no row above it.
        CodeTest::Between(low, _) if *low > C::LARGEST => mask.fill(0),
        CodeTest::Between(low, high) if low == high => {
            let wanted = C::narrow(*low);
            each.for_each(|(m, code)| *m = (*code == wanted).into());
        }
        CodeTest::Between(low, high) => {
            let (low, width) = (C::narrow(*low), C::narrow((*high).min(C::LARGEST) - low));
            each.for_each(|(m, code)| *m = (code.minus(low) <= width).into());
        }
        CodeTest::Ranges(ranges) if ranges.len() <= FEW => {
            mask.fill(0);
            for (low, high) in ranges.iter().filter(|(low, _)| *low <= C::LARGEST) {
                let (low, width) = (C::narrow(*low), C::narrow((*high).min(C::LARGEST) - low));
                mask.iter_mut().zip(codes).for_each(|(m, code)| *m |= u8::from(code.minus(low) <= width));
            }
        }
        CodeTest::Ranges(ranges) => {
            // Firsts and the codes behind lasts, ascending: within a range is who has passed an odd number of them.
            let edges = ranges.iter().flat_map(|(low, high)| [*low, *high + 1]);
            let edges: Vec<C> = edges.filter(|edge| *edge <= C::LARGEST).map(C::narrow).collect();
            each.for_each(|(m, code)| *m = (edges.partition_point(|edge| edge <= code) & 1) as u8);
        }
        CodeTest::Set(numbers, frame) => numbers.test(*frame, codes, mask),
        CodeTest::Table(wanted) => each.for_each(|(m, code)| *m = wanted.get(code.idx()).copied().unwrap_or(0)),
        CodeTest::Members(members) => {
            let members: Vec<C> = members.iter().filter(|m| **m <= C::LARGEST).map(|m| C::narrow(*m)).collect();
            if members.len() <= FEW {
                mask.fill(0);
                for member in members {
                    mask.iter_mut().zip(codes).for_each(|(m, code)| *m |= u8::from(*code == member));
                }
            } else {
                each.for_each(|(m, code)| *m = members.binary_search(code).is_ok().into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{count, for_each_row, run};
    use crate::data::block::Block;
    use crate::exec::test::Test;

    fn passing(test: &Test, block: &Block) -> Vec<usize> {
        let mut mask = vec![9; block.n_rows()];
        run(test, block, &mut mask);
        let mut rows = Vec::new();
        for_each_row(&mask, |row| rows.push(row));
        assert_eq!(count(&mask) as usize, rows.len());
        rows
    }

    #[test]
    fn numbers_are_compared_as_numbers_in_any_frame() {
        let block = Block::of_numbers(&[Some(-30), None, Some(0), Some(60), Some(90)], None);
        assert_eq!(passing(&Test::Between(-29, 60), &block), [2, 3]);
        assert_eq!(passing(&Test::Between(1, 59), &block), [0usize; 0]);
        assert_eq!(passing(&Test::Between(i128::MIN, i128::MAX), &block), [0, 2, 3, 4]);
        assert_eq!(passing(&Test::Ranges([(-40, -31), (-30, -30), (1, 59), (61, 95)].into()), &block), [0, 4]);
        let many = (-20..50).map(|n| (n * 3, n * 3 + i128::from(n % 2 == 0))).collect::<Vec<_>>();
        assert_eq!(
            passing(
                &Test::Ranges(many.into()),
                &Block::of_numbers(
                    &[Some(-61), Some(-60), Some(-59), Some(-58), Some(3), Some(4), Some(147), Some(148), None],
                    None
                )
            ),
            [1, 2, 4, 6]
        );
        assert_eq!(passing(&Test::Numbers([-31, -30, 1, 90].into()), &block), [0, 4]);
        assert_eq!(passing(&Test::Empty, &block), [1]);
    }

    #[test]
    fn a_list_passes_by_any_element() {
        let block = Block::of_ids(&[2, 3, 0, 4], Some(&[0, 2, 3, 3, 4]));
        assert_eq!(passing(&Test::Id(3), &block), [0]);
        assert_eq!(passing(&Test::Ids([0, 0, 1, 0, 1].into()), &block), [0, 3]);
        assert_eq!(passing(&Test::Empty, &block), [1, 2]);
    }

    #[test]
    fn counting_agrees_with_listing_on_long_masks() {
        let mask: Vec<u8> = (0..70_001u32).map(|i| u8::from(i % 3 == 0)).collect();
        assert_eq!(count(&mask), 23_334);
    }
}
