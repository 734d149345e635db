//! The rows that transformations work on.

use crate::base::error::{Error, Result};
use crate::exec::eval::column::Column;
use crate::exec::eval::state::{Failure, NULL};
use crate::exec::rowset::lots::Lots;
use crate::model::value::Value;
use crate::query::predicate::expr::Type;

/// Rows in an order.
#[derive(Clone, Debug)]
pub(crate) enum RowSet<'a> {
    /// Rows of the index that is asked, by their places.
    Rows(Vec<u64>),
    Computed(Computed<'a>),
}

/// Rows that were computed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Computed<'a> {
    pub(crate) n: usize,
    pub(crate) columns: Vec<Named<'a>>,
}

/// A column of computed rows.
#[derive(Clone, Debug)]
pub(crate) struct Named<'a> {
    pub(crate) values: Column<'a>,
    pub(crate) ty: Type,
    /// Which rows do not have it at all; empty if all have it.
    pub(crate) absent: Vec<bool>,
}

impl RowSet<'_> {
    pub(crate) fn n(&self) -> usize {
        match self {
            Self::Rows(places) => places.len(),
            Self::Computed(computed) => computed.n,
        }
    }

    /// These of the rows, in this order.
    pub(crate) fn take(&self, rows: &[u32]) -> Self {
        match self {
            Self::Rows(places) => Self::Rows(rows.iter().map(|row| places[*row as usize]).collect()),
            Self::Computed(computed) => Self::Computed(computed.take(rows)),
        }
    }

    /// Bytes, about.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Rows(places) => size_of_val(&**places),
            Self::Computed(computed) => computed.bytes(),
        }
    }
}

impl<'a> Named<'a> {
    pub(crate) fn new(values: Column<'a>, ty: Type) -> Self {
        Self { values, ty, absent: Vec::new() }
    }

    /// A column that none of `n` rows has.
    pub(crate) fn absent(n: usize, ty: Type) -> Self {
        Self { values: Column::filled(n, NULL, ty), ty, absent: vec![true; n] }
    }

    pub(crate) fn take(&self, rows: &[u32]) -> Self {
        let absent = match self.absent.is_empty() {
            true => Vec::new(),
            false => rows.iter().map(|row| self.absent[*row as usize]).collect(),
        };
        Self { values: self.values.gather(rows), ty: self.ty, absent }
    }

    /// The value of a row; none where the row does not have the column. A failed one ends the request.
    pub(crate) fn value(&self, row: usize) -> Result<Option<Value>> {
        if self.absent.get(row).copied().unwrap_or(false) {
            return Ok(None);
        }
        self.values.value(row, self.ty).map(Some).map_err(Failure::error)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.values.bytes() + self.absent.len()
    }
}

impl Computed<'_> {
    pub(crate) fn take(&self, rows: &[u32]) -> Self {
        Self { n: rows.len(), columns: self.columns.iter().map(|column| column.take(rows)).collect() }
    }

    /// Bytes, about; rows without columns take some too, so that no number of them is free.
    pub(crate) fn bytes(&self) -> usize {
        self.columns.iter().map(Named::bytes).sum::<usize>() + self.n * size_of::<u32>()
    }

    /// Rows of the same columns: of each lot those of the first part, then those of the second, and so on.
    pub(crate) fn together(parts: Vec<(Self, Lots)>) -> Result<(Self, Lots)> {
        let n_lots = parts.first().map_or(0, |(_, lots)| lots.len());
        let sizes: Vec<Vec<usize>> =
            parts.iter().map(|(_, lots)| lots.ranges().map(|range| range.len()).collect()).collect();
        let lots = Lots::of_sizes((0..n_lots).map(|lot| sizes.iter().filter_map(|sizes| sizes.get(lot)).sum()))?;
        let mut firsts = Vec::with_capacity(parts.len());
        let mut n = 0;
        for (part, _) in &parts {
            firsts.push(n as u32);
            n += part.n;
        }
        // Of one lot the rows are in order already.
        let order = (n_lots > 1 && parts.len() > 1).then(|| {
            let mut next = firsts.clone();
            let mut order = Vec::with_capacity(n);
            for lot in 0..n_lots {
                for (next, sizes) in next.iter_mut().zip(&sizes) {
                    let end = *next + sizes.get(lot).copied().unwrap_or(0) as u32;
                    order.extend(*next..end);
                    *next = end;
                }
            }
            order
        });
        let joined = Self::joined(parts.into_iter().map(|(part, _)| part).collect())?;
        Ok((order.map_or_else(|| joined.clone(), |order| joined.take(&order)), lots))
    }

    fn joined(mut parts: Vec<Self>) -> Result<Self> {
        if parts.len() <= 1 {
            return Ok(parts.pop().unwrap_or_default());
        }
        let n = parts.iter().map(|part| part.n).sum();
        let n_columns = parts.first().map_or(0, |part| part.columns.len());
        let mut rest: Vec<_> =
            parts.iter_mut().map(|part| (part.n, std::mem::take(&mut part.columns).into_iter())).collect();
        let mut columns = Vec::with_capacity(n_columns);
        for _ in 0..n_columns {
            let mut of_parts = Vec::with_capacity(rest.len());
            let mut absent = Vec::new();
            let mut ty = None;
            let mut so_far = 0;
            for (n, columns) in &mut rest {
                let one = columns.next().ok_or_else(|| Error::internal("parts have different columns"))?;
                if !one.absent.is_empty() {
                    absent.resize(so_far, false);
                    absent.extend(one.absent);
                }
                so_far += *n;
                ty = Some(one.ty);
                of_parts.push(one.values);
            }
            let Some(ty) = ty else { break };
            if !absent.is_empty() {
                absent.resize(n, false);
            }
            columns.push(Named { values: Column::concat(of_parts, ty), ty, absent });
        }
        Ok(Self { n, columns })
    }
}
