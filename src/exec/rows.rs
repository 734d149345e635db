//! Rows as a list: which pass, in what order, which page of them, and their cells.

use crate::base::budget::Budget;
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::block::{BLOCK_ROWS, Block, NULL};
use crate::data::domain::Domain;
use crate::data::segment::Segment;
use crate::data::version::IndexVersion;
use crate::exec::filter::Filter;
use crate::exec::mask;
use crate::exec::scan::{Passed, Touched, scan};
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::rel::SortKey;

/// The places of one page of rows, and how many rows there are on all pages.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) places: Vec<u64>,
    pub(crate) total: u64,
    pub(crate) touched: Touched,
}

/// Lists the rows that pass: `top` after the first `skip`, in the order given, ties and rows without order in load order.
pub(crate) fn page(
    index: &IndexVersion,
    filter: &Filter<'_>,
    order: &[SortKey],
    skip: u64,
    top: u64,
    pool: &Pool,
    budget: &Budget,
) -> Result<Page> {
    let wanted = usize::try_from(skip.saturating_add(top)).unwrap_or(usize::MAX);
    // Keys sit in arrays of a fixed length, so that sorting moves no pointers; unused places are equal in all rows.
    let (places, touched) = match order.len() {
        0 => ranked::<0>(index, filter, order, wanted, pool, budget)?,
        1 => ranked::<1>(index, filter, order, wanted, pool, budget)?,
        2 => ranked::<2>(index, filter, order, wanted, pool, budget)?,
        3..=4 => ranked::<4>(index, filter, order, wanted, pool, budget)?,
        n => {
            debug_assert!(n <= MOST_KEYS, "more order keys than the limit lets through");
            ranked::<MOST_KEYS>(index, filter, order, wanted, pool, budget)?
        }
    };
    let places = places.into_iter().skip(usize::try_from(skip).unwrap_or(usize::MAX)).collect();
    Ok(Page { places, total: touched.passed, touched })
}

/// Most keys of an order; the limit `order_items` cannot be set higher.
pub(crate) const MOST_KEYS: usize = 32;

/// The cells of a row, by field.
pub(crate) fn fetch(index: &IndexVersion, place: u64) -> Vec<Value> {
    let (segment, row) = (place / u64::from(index.segment_rows), (place % u64::from(index.segment_rows)) as usize);
    let segment = &index.segments[segment as usize];
    let cell = |field| index.value(segment, row / BLOCK_ROWS, row % BLOCK_ROWS, field);
    index.schema.field_ids().map(cell).collect()
}

/// One cell of a row.
pub(crate) fn cell(index: &IndexVersion, place: u64, field: FieldId) -> Value {
    let (segment, row) = (place / u64::from(index.segment_rows), (place % u64::from(index.segment_rows)) as usize);
    index.value(&index.segments[segment as usize], row / BLOCK_ROWS, row % BLOCK_ROWS, field)
}

/// Brings places of rows that are in load order into another.
pub(crate) fn sort(places: &mut [u64], order: &[SortKey], index: &IndexVersion) {
    if order.is_empty() {
        return;
    }
    places.sort_by_cached_key(|place| -> Vec<i128> {
        let (segment, row) = (place / u64::from(index.segment_rows), (place % u64::from(index.segment_rows)) as usize);
        let segment = &index.segments[segment as usize];
        let key = |key: &SortKey| SortColumn::new(*key, segment, row / BLOCK_ROWS, index).key(row % BLOCK_ROWS);
        order.iter().map(key).collect()
    });
}

/// A row that passed: its sort keys, then its place.
type Ranked<const N: usize> = ([i128; N], u64);

fn ranked<const N: usize>(
    index: &IndexVersion,
    filter: &Filter<'_>,
    order: &[SortKey],
    wanted: usize,
    pool: &Pool,
    budget: &Budget,
) -> Result<(Vec<u64>, Touched)> {
    let start = || Ok(Vec::<Ranked<N>>::new());
    let (pieces, touched) = scan(index, filter, pool, budget, usize::MAX, start, |rows, passed| {
        // Load order: what lies behind the page is only counted.
        if N == 0 && rows.len() >= wanted {
            return Ok(());
        }
        add(rows, passed, order, index);
        if N > 0 && rows.len() / 2 > wanted {
            keep_first(rows, wanted);
        }
        // No piece needs more than all do together, so that the limit is met or not whatever the pieces are.
        budget.reserve(rows.len().min(wanted) * size_of::<Ranked<N>>()).map(drop)
    })?;
    let n: usize = pieces.iter().map(Vec::len).sum();
    let _memory = budget.reserve(n.min(wanted) * size_of::<Ranked<N>>())?;
    let mut rows = pieces.concat();
    if N > 0 {
        keep_first(&mut rows, wanted);
        rows.sort_unstable();
    }
    rows.truncate(wanted);
    Ok((rows.into_iter().map(|(_, place)| place).collect(), touched))
}

/// Drops all but the `n` first rows, in no order.
fn keep_first<const N: usize>(rows: &mut Vec<Ranked<N>>, n: usize) {
    if n == 0 {
        rows.clear();
    } else if rows.len() > n {
        rows.select_nth_unstable(n - 1);
        rows.truncate(n);
    }
}

fn add<const N: usize>(rows: &mut Vec<Ranked<N>>, passed: &Passed<'_>, order: &[SortKey], index: &IndexVersion) {
    let first = passed.segment_idx as u64 * u64::from(index.segment_rows) + (passed.block * BLOCK_ROWS) as u64;
    let columns: Vec<SortColumn<'_>> =
        order.iter().map(|key| SortColumn::new(*key, passed.segment, passed.block, index)).collect();
    let mut push = |row: usize| {
        let mut keys = [0; N];
        keys.iter_mut().zip(&columns).for_each(|(key, column)| *key = column.key(row));
        rows.push((keys, first + row as u64));
    };
    match passed.mask {
        None => (0..passed.n_rows).for_each(push),
        Some(mask) => mask::for_each_row(mask, &mut push),
    }
}

/// One sort key's column in one block.
struct SortColumn<'a> {
    block: Option<&'a Block>,
    ranks: Option<&'a [u32]>,
    descending: bool,
}

impl<'a> SortColumn<'a> {
    fn new(key: SortKey, segment: &'a Segment, block: usize, index: &'a IndexVersion) -> Self {
        let field: FieldId = key.field;
        let ranks = index.domain(field).map(|domain| &**Domain::ranks(domain));
        Self { block: segment.block(field, block), ranks, descending: key.descending }
    }

    /// Ascends in the order asked for. Empty is the least number, so it comes first ascending and last descending.
    fn key(&self, row: usize) -> i128 {
        let code = self.block.map_or(0, |block| block.codes().get(row));
        let frame = self.block.and_then(Block::frame);
        let key = match (self.ranks, frame) {
            (Some(ranks), _) => i128::from(ranks[code as usize]),
            (None, Some(frame)) if code != u128::from(NULL) => frame.number(code),
            (None, _) => i128::MIN,
        };
        if self.descending { !key } else { key }
    }
}
