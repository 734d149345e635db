//! What a tree of aggregates says of rows: each block answered by itself, from the rows of its group.

use std::cmp::Reverse;

use super::answer::{SortKey, sort};
use super::measure::Overflow;
use super::partition::{Around, Partition};
use super::tree::{Entry, Facet, Selector, What};
use super::world::{Row, World};

/// A group, facet or remainder.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) key: String,
    /// Positions of its rows.
    pub(crate) rows: Vec<usize>,
    pub(crate) results: Results,
}

/// By name, in order.
pub(crate) type Results = Vec<(String, Answered)>;

#[derive(Clone, Debug)]
pub(crate) enum Answered {
    /// As text; none of nothing.
    Number(Option<String>),
    Rows(Vec<Row>),
    Groups(Vec<Node>, Option<Box<Node>>),
}

/// Of what a tree is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'w> {
    pub(crate) world: &'w World,
    /// The world as the caller's queries find it.
    pub(crate) seen: &'w World,
    /// Rows that the caller may see.
    pub(crate) visible: &'w [usize],
    /// Rows in scope that count, whether asked for or not.
    pub(crate) scope: &'w [usize],
    pub(crate) order: &'w [SortKey],
}

impl Asked<'_> {
    /// The results of a block over the rows of one group; `level` are those of all groups that have this block.
    pub(crate) fn results(&self, block: &[Entry], rows: &[usize], level: &[usize]) -> Result<Results, Overflow> {
        block.iter().map(|entry| Ok((entry.name.clone(), self.answered(&entry.what, rows, level)?))).collect()
    }

    fn answered(&self, what: &What, rows: &[usize], level: &[usize]) -> Result<Answered, Overflow> {
        Ok(match what {
            What::Count => Answered::Number(Some(rows.len().to_string())),
            What::Entities => {
                let mut rows = rows.to_vec();
                sort(self.world, &mut rows, self.order);
                Answered::Rows(rows.iter().map(|row| self.world.stored(*row)).collect())
            }
            What::Measure(measure, column) => {
                let number = measure.of(self.world, *column, rows)?;
                Answered::Number(number.map(|number| measure.text(self.world.columns[*column].kind, number)))
            }
            What::Groups(selector, block) => self.groups(selector, block, rows, level)?,
            What::Facets(facets, block) => {
                let of = |facet: &Facet, rows: &[usize]| -> Vec<usize> {
                    rows.iter().copied().filter(|row| self.takes(facets, facet, *row)).collect()
                };
                let nodes = facets
                    .iter()
                    .map(|facet| self.node(facet.name.clone(), of(facet, rows), block, &of(facet, level)))
                    .collect::<Result<_, _>>()?;
                Answered::Groups(nodes, None)
            }
        })
    }

    fn groups(
        &self,
        selector: &Selector,
        block: &[Entry],
        rows: &[usize],
        level: &[usize],
    ) -> Result<Answered, Overflow> {
        let taken = |rows: &[usize]| -> Vec<usize> {
            rows.iter().copied().filter(|row| selector.takes(self.world, *row)).collect()
        };
        let (rows, level) = (taken(rows), taken(level));
        let around = Around { level: &level, scope: self.scope, visible: self.visible };
        let mut groups = Partition::new(self.world, selector, &around).groups(&rows);
        let mut rest = Vec::new();
        if let Some(n) = selector.top {
            // The largest first, of equal ones the first.
            groups.sort_by_key(|(_, rows)| Reverse(rows.len()));
            rest = groups.split_off(n.min(groups.len())).into_iter().flat_map(|(_, rows)| rows).collect();
            rest.sort_unstable();
        }
        let nodes = groups
            .into_iter()
            .map(|(key, rows)| self.node(key, rows, block, &level))
            .collect::<Result<Vec<Node>, Overflow>>()?;
        let remainder = match rest.is_empty() {
            true => None,
            false => Some(Box::new(self.node(String::new(), rest, block, &level)?)),
        };
        Ok(Answered::Groups(nodes, remainder))
    }

    fn node(&self, key: String, rows: Vec<usize>, block: &[Entry], level: &[usize]) -> Result<Node, Overflow> {
        let results = self.results(block, &rows, level)?;
        Ok(Node { key, rows, results })
    }

    fn takes(&self, facets: &[Facet], facet: &Facet, row: usize) -> bool {
        let cells = &self.seen.rows[row];
        match &facet.test {
            Some(test) => test.passes(self.seen, cells),
            None => !facets.iter().filter_map(|other| other.test.as_ref()).any(|test| test.passes(self.seen, cells)),
        }
    }
}
