//! Rows by keys: which group each is in, and what becomes of the groups.

use crate::base::error::{Error, Result};
use crate::exec::eval::column::Column;
use crate::exec::rowset::lots::Lots;
use crate::exec::rowset::ranks::{Ranks, ranks};
use crate::exec::rowset::reduce::Grouped;
use crate::exec::rowset::set::{Computed, Named, RowSet};
use crate::exec::rowset::steps::Steps;
use crate::exec::table::Table;
use crate::query::pipeline::{Aggregated, Grouping, Part, Then};
use crate::query::predicate::expr::{Expr, Type};

/// Which group each row is in. Groups are in the order of their lots, then of their keys.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    pub(crate) of_rows: Vec<u32>,
    pub(crate) n: usize,
    /// By group, if its keys are known.
    lots: Vec<u32>,
    /// By group and key: the rank.
    ranks: Vec<u32>,
}

/// A key over all rows.
#[derive(Debug)]
pub(crate) struct Key<'a> {
    column: Column<'a>,
    ty: Type,
    ranks: Ranks,
}

/// Rows made of groups, by row the group, and the lots that the rows are in.
pub(crate) type Made<'a> = (Computed<'a>, Vec<u32>, Lots);

impl<'a> Key<'a> {
    /// The values of a key; a row stands for so many as its weight says.
    pub(crate) fn new(column: Column<'a>, of: &Expr, by_dictionary: bool, weights: Option<&[u64]>) -> Result<Self> {
        let ranks = ranks(&column, by_dictionary, weights)?;
        Ok(Self { column, ty: of.ty(), ranks })
    }

    fn bytes(&self) -> usize {
        self.column.bytes() + size_of_val(&*self.ranks.of_rows)
    }
}

impl Groups {
    /// Groups within lots by the ranks of keys. Without keys each lot is one group, be there rows in it or not.
    pub(crate) fn new(lots: &Lots, keys: &[&Ranks]) -> Self {
        let lot_of = lots.of_rows();
        match keys {
            [] => Self { of_rows: lot_of, n: lots.len(), lots: (0..lots.len() as u32).collect(), ranks: Vec::new() },
            [key] if lots.len() == 1 => Self::of_one(key),
            _ => Self::of_lots(&lot_of, keys),
        }
    }

    fn of_one(key: &Ranks) -> Self {
        let mut group_of = vec![0u32; key.n()];
        key.of_rows.iter().for_each(|rank| group_of[*rank as usize] = 1);
        let mut ranks = Vec::new();
        for (rank, group) in (0..).zip(&mut group_of).filter(|(_, occurs)| **occurs == 1) {
            *group = ranks.len() as u32;
            ranks.push(rank);
        }
        let of_rows = key.of_rows.iter().map(|rank| group_of[*rank as usize]).collect();
        Self { of_rows, n: ranks.len(), lots: vec![0; ranks.len()], ranks }
    }

    /// Groups within lots, which rows may be in in any order.
    pub(crate) fn of_lots(lot_of: &[u32], keys: &[&Ranks]) -> Self {
        let mut table: Table<u32> = Table::new(keys.len() + 1);
        let mut words = vec![0; keys.len() + 1];
        let mut of_rows = Vec::with_capacity(lot_of.len());
        for (row, lot) in lot_of.iter().enumerate() {
            words[0] = *lot;
            words[1..].iter_mut().zip(keys).for_each(|(word, key)| *word = key.of_rows[row]);
            of_rows.push(table.number(&words));
        }
        let mut order: Vec<u32> = (0..table.len() as u32).collect();
        order.sort_unstable_by(|a, b| table.key(*a as usize).cmp(table.key(*b as usize)));
        let mut places = vec![0u32; order.len()];
        let (mut lots, mut ranks) = (Vec::with_capacity(order.len()), Vec::with_capacity(order.len() * keys.len()));
        for (place, number) in (0..).zip(&order) {
            places[*number as usize] = place;
            if let [lot, of_keys @ ..] = table.key(*number as usize) {
                lots.push(*lot);
                ranks.extend_from_slice(of_keys);
            }
        }
        of_rows.iter_mut().for_each(|group| *group = places[*group as usize]);
        Self { of_rows, n: order.len(), lots, ranks }
    }

    pub(crate) fn rows<'x>(&'x self, weights: Option<&'x [u64]>) -> Grouped<'x> {
        Grouped { of_rows: &self.of_rows, n: self.n, weights }
    }

    /// The groups' rows as lots: their numbers, group behind group, each in the order they were in.
    fn as_lots(&self) -> Result<(Vec<u32>, Lots)> {
        let mut sizes = vec![0usize; self.n];
        self.of_rows.iter().for_each(|group| sizes[*group as usize] += 1);
        let lots = Lots::of_sizes(sizes)?;
        let mut next: Vec<u32> = lots.ranges().map(|range| range.start as u32).collect();
        let mut order = vec![0u32; self.of_rows.len()];
        for (row, group) in (0..).zip(&self.of_rows) {
            let at = &mut next[*group as usize];
            order[*at as usize] = row;
            *at += 1;
        }
        Ok((order, lots))
    }

    /// How many groups each of `n` lots has, where group g is as many rows as `size_of(g)`.
    pub(crate) fn lots_of_groups(&self, n: usize, size_of: impl Fn(usize) -> usize) -> Result<Lots> {
        let mut sizes = vec![0usize; n];
        for (group, lot) in self.lots.iter().enumerate() {
            sizes[*lot as usize] += size_of(group);
        }
        Lots::of_sizes(sizes)
    }
}

impl<'a> Steps<'_, 'a> {
    /// The groups of all sets of keys, in each lot one set after the other.
    pub(crate) fn grouped(&self, set: &RowSet<'a>, lots: &Lots, grouping: &Grouping) -> Result<(RowSet<'a>, Lots)> {
        let mut keys = Vec::with_capacity(grouping.keys.len());
        for key in &grouping.keys {
            keys.push(Key::new(self.values(key, set)?, key, self.by_dictionary(key), None)?);
        }
        let (rows, lots) = self.by_sets(&keys, lots, &grouping.sets, |groups| match &grouping.then {
            // By row that comes out: its group.
            Then::Aggregate(list) => {
                let rows = self.aggregates(set, groups, list)?;
                Ok((rows, (0..groups.n as u32).collect(), groups.lots_of_groups(lots.len(), |_| 1)?))
            }
            Then::Each(part) => self.of_each(set, lots.len(), groups, part),
        })?;
        Ok((RowSet::Computed(rows), lots))
    }

    /// Rows that `make` makes of the groups of each set of keys, with their groups and lots; the keys stand before them.
    pub(crate) fn by_sets(
        &self,
        keys: &[Key<'a>],
        lots: &Lots,
        sets: &[Vec<usize>],
        mut make: impl FnMut(&Groups) -> Result<Made<'a>>,
    ) -> Result<(Computed<'a>, Lots)> {
        let budget = self.request.budget;
        let mut memory = budget.reserve(keys.iter().map(Key::bytes).sum())?;
        let mut parts: Vec<(Computed<'a>, Lots)> = Vec::with_capacity(sets.len());
        let mut n_groups = 0usize;
        for chosen in sets {
            budget.check()?;
            // By row the group, and the lot on the way there.
            let _of_rows = budget.reserve(lots.n_rows() * 2 * size_of::<u32>())?;
            let ranks: Vec<&Ranks> = chosen.iter().filter_map(|key| keys.get(*key)).map(|key| &key.ranks).collect();
            let groups = Groups::new(lots, &ranks);
            n_groups += groups.n;
            let limit = budget.limits().groups;
            if n_groups > limit {
                return Err(Error::limit("groups", limit as u64, n_groups));
            }
            let (rows, group_of, lots) = make(&groups)?;
            let mut columns = Vec::with_capacity(keys.len() + rows.columns.len());
            for (at, key) in keys.iter().enumerate() {
                columns.push(match chosen.iter().position(|chosen| *chosen == at) {
                    Some(nth) => {
                        let rank = |group: &u32| groups.ranks[*group as usize * chosen.len() + nth];
                        Named::new(key.ranks.values(&key.column, key.ty, group_of.iter().map(rank)), key.ty)
                    }
                    None => Named::absent(rows.n, key.ty),
                });
            }
            columns.extend(rows.columns);
            let part = Computed { n: rows.n, columns };
            memory.grow(part.bytes())?;
            parts.push((part, lots));
        }
        Computed::together(parts)
    }

    fn aggregates(&self, set: &RowSet<'a>, groups: &Groups, list: &[Aggregated]) -> Result<Computed<'a>> {
        let mut columns = Vec::with_capacity(list.len());
        for aggregated in list {
            self.request.budget.check()?;
            columns.push(self.aggregated(set, groups, aggregated)?);
        }
        Ok(Computed { n: groups.n, columns })
    }

    /// What transformations make of each group: of all of them together, as lots.
    fn of_each(&self, set: &RowSet<'a>, n_lots: usize, groups: &Groups, part: &Part) -> Result<Made<'a>> {
        let (order, inner) = groups.as_lots()?;
        let (rows, inner) = self.part(set.take(&order), inner, part)?;
        let sizes: Vec<usize> = inner.ranges().map(|range| range.len()).collect();
        let lots = groups.lots_of_groups(n_lots, |group| sizes.get(group).copied().unwrap_or(0))?;
        Ok((rows, inner.of_rows(), lots))
    }
}
