//! A tree of results as flat groupings: one for each path of keys and facets from the root, each over the rows of its own
//! path, so that no total is put together from parts that overlap. Every level is answered by the same counting core.

use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::model::ratio::Fraction;
use crate::model::schema::FieldId;
use crate::plan::simplify::simplify;
use crate::query::aggregate::{Entry, Facet, Function, What};
use crate::query::predicate::Predicate;
use crate::query::rel::{GroupKey, Measure, Selector};

/// The number of a level within its tree.
pub(crate) type LevelId = usize;

/// A planned tree of results. Parents stand before their children.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Levels {
    pub(crate) levels: Vec<Level>,
    pub(crate) root: Block,
}

/// One flat grouping.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Level {
    /// The keys of the path.
    pub(crate) keys: Vec<Selector>,
    /// What the rows of the path have in common beside the query.
    pub(crate) path: Predicate,
    pub(crate) measures: Vec<Measure>,
    /// For each key that keeps the largest groups: the level that says which those are; none if this one does.
    pub(crate) chosen_by: Vec<Option<LevelId>>,
    /// Every row in scope, whatever the query says: for values that no row of the answer has.
    pub(crate) whole_scope: bool,
}

/// The results of one level's groups.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) level: LevelId,
    pub(crate) names: Arc<[Arc<str>]>,
    pub(crate) results: Vec<How>,
}

/// Where a result is found. Positions count the measures of one kind in their level.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum How {
    Count,
    Rows,
    Min(usize, FieldId),
    Max(usize, FieldId),
    Sum(usize, FieldId),
    Average(usize, FieldId),
    /// Of a `Ranks` measure and one of its fractions.
    Rank {
        measure: usize,
        fraction: usize,
        field: FieldId,
    },
    Distinct(usize),
    /// The groups of a deeper level; with the level that knows keys without rows.
    Groups {
        selector: Selector,
        within: Option<Predicate>,
        known: Option<LevelId>,
        block: Block,
    },
    Facets(Vec<(Facet, Block)>),
}

/// Most levels of one query: each is a scan of its own.
const MOST_LEVELS: usize = 1000;

impl Levels {
    /// # Errors
    /// `Limit` where facets and groups inside one another take more levels than a query may have.
    pub(crate) fn new(entries: &[Entry]) -> Result<Self> {
        let mut levels = Self { levels: Vec::new(), root: Block { level: 0, names: [].into(), results: Vec::new() } };
        levels.root = levels.block(entries, &[], &[], &Predicate::constant(true))?;
        Ok(levels)
    }

    fn block(
        &mut self,
        entries: &[Entry],
        keys: &[Selector],
        chosen_by: &[Option<LevelId>],
        path: &Predicate,
    ) -> Result<Block> {
        let shared = Self::shared(entries, keys.iter().any(|key| key.top.is_some()));
        let level = match shared {
            // The first level made below will do.
            Some(_) => self.levels.len(),
            None => self.level(keys.to_vec(), chosen_by.to_vec(), path.clone())?,
        };
        // Deeper levels ask this one which groups were the largest.
        let chosen_by: Vec<_> =
            chosen_by.iter().zip(keys).map(|(by, key)| by.or_else(|| key.top.map(|_| level))).collect();
        let mut results: Vec<Option<How>> = vec![None; entries.len()];
        // The one whose level is shared comes first.
        let order = shared.into_iter().chain((0..entries.len()).filter(|at| Some(*at) != shared));
        for at in order {
            let how = match &entries[at].what {
                What::Count => How::Count,
                What::Rows => {
                    self.add(level, Measure::Rows);
                    How::Rows
                }
                What::Number(Function::Distinct, field) => How::Distinct(self.add(level, Measure::Distinct(*field))),
                What::Number(Function::Rank(fraction), field) => {
                    let (measure, fraction) = self.rank(level, *field, *fraction);
                    How::Rank { measure, fraction, field: *field }
                }
                What::Number(function, field) => {
                    let at = self.add(level, Measure::Numbers(*field));
                    match function {
                        Function::Min => How::Min(at, *field),
                        Function::Max => How::Max(at, *field),
                        Function::Sum => How::Sum(at, *field),
                        _ => How::Average(at, *field),
                    }
                }
                What::Groups { selector, within, block } => {
                    let path = match within {
                        Some(within) => Predicate::all([path.clone(), within.clone()]),
                        None => path.clone(),
                    };
                    let known = if names_unseen(selector) {
                        let known = self.level(vec![selector.clone()], vec![None], Predicate::constant(true))?;
                        self.levels[known].whole_scope = true;
                        Some(known)
                    } else {
                        None
                    };
                    let block = self.block(block, &with(keys, selector.clone()), &with(&chosen_by, None), &path)?;
                    How::Groups { selector: selector.clone(), within: within.clone(), known, block }
                }
                What::Facets { facets, block } => How::Facets(
                    facets
                        .iter()
                        .map(|facet| {
                            let path = Predicate::all([path.clone(), simplify(&facet.predicate)]);
                            Ok((facet.clone(), self.block(block, keys, &chosen_by, &path)?))
                        })
                        .collect::<Result<_>>()?,
                ),
            };
            results[at] = Some(how);
        }
        let names = entries.iter().map(|entry| entry.name.clone()).collect();
        Ok(Block { level, names, results: results.into_iter().flatten().collect() })
    }

    /// The member of a block whose level serves for the block too: where the block itself only has keys, and the member parts
    /// all of its rows further.
    fn shared(entries: &[Entry], has_top: bool) -> Option<usize> {
        let is_own = |entry: &Entry| matches!(entry.what, What::Count | What::Rows | What::Number(..));
        let parts_all = |entry: &Entry| match &entry.what {
            What::Groups { selector, within: None, .. } => selector.top.is_none() && !selector.fill,
            _ => false,
        };
        match entries.iter().any(is_own) || has_top {
            true => None,
            false => entries.iter().position(parts_all),
        }
    }

    /// Refused as soon as there are too many: facets inside one another multiply.
    fn level(&mut self, keys: Vec<Selector>, chosen_by: Vec<Option<LevelId>>, path: Predicate) -> Result<LevelId> {
        let level = self.levels.len();
        if level == MOST_LEVELS {
            let help = "ask for fewer groups and facets inside one another";
            return Err(Error::fixed_limit("levels", MOST_LEVELS as u64, MOST_LEVELS + 1, help));
        }
        self.levels.push(Level { keys, path, measures: Vec::new(), chosen_by, whole_scope: false });
        Ok(level)
    }

    /// Adds a measure to a level; answers its place among those of its kind.
    fn add(&mut self, level: LevelId, measure: Measure) -> usize {
        let measures = &mut self.levels[level].measures;
        let alike = |m: &&Measure| std::mem::discriminant(*m) == std::mem::discriminant(&measure);
        if let Some(known) = measures.iter().filter(alike).position(|known| *known == measure) {
            return known;
        }
        let place = measures.iter().filter(alike).count();
        measures.push(measure);
        place
    }

    /// Adds a fraction to the ranks of a field; answers the places of both.
    fn rank(&mut self, level: LevelId, field: FieldId, fraction: Fraction) -> (usize, usize) {
        let measures = self.levels[level].measures.iter_mut();
        let ranks = measures.filter_map(|measure| match measure {
            Measure::Ranks(of, fractions) => Some((of, fractions)),
            _ => None,
        });
        if let Some((at, (_, fractions))) = ranks.enumerate().find(|(_, (of, _))| **of == field) {
            if let Some(known) = fractions.iter().position(|known| *known == fraction) {
                return (at, known);
            }
            *fractions = fractions.iter().copied().chain([fraction]).collect();
            return (at, fractions.len() - 1);
        }
        (self.add(level, Measure::Ranks(field, [fraction].into())), 0)
    }
}

/// Whether groups are wanted that no row of the answer tells of.
fn names_unseen(selector: &Selector) -> bool {
    selector.fill && matches!(selector.key, GroupKey::Field(_))
}

/// The list with one more member.
fn with<T: Clone>(list: &[T], more: T) -> Vec<T> {
    list.iter().cloned().chain([more]).collect()
}
