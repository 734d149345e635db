//! A page of runs or results as an answer shows it, with the block that says which page it is.

use serde::Serialize;

use crate::surface::runs::expands::Expands;
use crate::surface::runs::object::Object;
use crate::surface::runs::parameters::Paging;

/// `{"page", "prev_page", "next_page", "last_page", "per_page", "total", "result": […], "expands": {…}}`.
///
/// Where there is nothing on any page, `page` and `last_page` are null. A page past the end is empty, and the one before it is
/// the last.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CountedPage {
    #[serde(flatten)]
    block: Block,
    result: Vec<Object>,
    expands: Expands,
}

/// `{"result": {…}, "expands": {…}}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CountedRun {
    pub(super) result: Object,
    pub(super) expands: Expands,
}

/// Which page it is, and which there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Block {
    page: Option<u64>,
    prev_page: Option<u64>,
    next_page: Option<u64>,
    last_page: Option<u64>,
    per_page: u64,
    total: u64,
}

impl CountedPage {
    pub(super) fn new(paging: Paging, total: u64, result: Vec<Object>, expands: Expands) -> Self {
        Self { block: Block::new(paging, total), result, expands }
    }
}

impl Paging {
    /// Rows before the page.
    pub(super) fn skip(self) -> u64 {
        (self.page - 1).saturating_mul(self.per_page)
    }
}

impl Block {
    fn new(Paging { page, per_page }: Paging, total: u64) -> Self {
        let last = total.div_ceil(per_page);
        let is_there = total > 0;
        Self {
            page: is_there.then_some(page),
            prev_page: (is_there && page > 1).then(|| last.min(page - 1)),
            next_page: (page < last).then(|| page + 1),
            last_page: is_there.then_some(last),
            per_page,
            total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Block;
    use crate::surface::runs::parameters::Paging;

    #[test]
    fn pages_before_at_and_past_the_end() {
        let block = |page, total| {
            let Block { page, prev_page, next_page, last_page, .. } = Block::new(Paging { page, per_page: 100 }, total);
            (page, prev_page, next_page, last_page)
        };
        assert_eq!(block(1, 150), (Some(1), None, Some(2), Some(2)));
        assert_eq!(block(2, 150), (Some(2), Some(1), None, Some(2)));
        assert_eq!(block(2, 200), (Some(2), Some(1), None, Some(2)));
        assert_eq!(block(3, 150), (Some(3), Some(2), None, Some(2)));
        assert_eq!(block(9, 150), (Some(9), Some(2), None, Some(2)));
        assert_eq!(block(u64::MAX, 1), (Some(u64::MAX), Some(1), None, Some(1)));
        assert_eq!([1, 5].map(|page| block(page, 0)), [(None, None, None, None); 2]);
        assert_eq!(Paging { page: u64::MAX, per_page: 100 }.skip(), u64::MAX);
    }
}
