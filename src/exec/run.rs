//! A plan against a version: the places where the pieces of this layer meet.

use crate::base::error::{Error, Result};
use crate::data::block::{NULL, Summary};
use crate::data::version::IndexVersion;
use crate::exec::filter::Filter;
use crate::exec::gathered::{ByGroup, Gathered, Rank, Source};
use crate::exec::group;
use crate::exec::groups::Groups;
use crate::exec::label::label;
use crate::exec::lane::Lane;
use crate::exec::mask;
use crate::exec::measured::Wanted;
use crate::exec::namesakes::Namesakes;
use crate::exec::naming::{Namer, best_spellings};
use crate::exec::request::Request;
use crate::exec::rows::{Page, page};
use crate::exec::scan::{Passed, Touched, scan};
use crate::exec::slot::Dimension;
use crate::exec::top::Stay;
use crate::model::ratio::{Fraction, Quotient};
use crate::model::schema::FieldId;
use crate::plan::stage::{Output, Plan};
use crate::query::predicate::Predicate;
use crate::query::rel::{GroupKey, Measure, Selector, SortKey};

/// Most groups that are looked through in one piece of work.
const GROUPS_TOGETHER: usize = 64;
/// Pieces of such work for each thread, if there are few groups.
const PIECES_PER_THREAD: usize = 8;

/// What is made of numbers that were kept one by one.
enum LookedFor<'a> {
    Ranks(Lane, &'a [Fraction]),
    Distinct,
    Rows,
}

/// A place between two numbers in the field's own terms.
fn quotient(lane: &Lane, rank: Rank) -> Quotient {
    Quotient::between(lane.number(rank.low), lane.number(rank.high), rank.rest)
}

/// Groups with what was asked of each.
#[derive(Debug)]
pub(crate) struct Measures {
    pub(crate) groups: Groups,
    /// By `Ranks` measure, then by group and fraction; none where a group has no numbers.
    pub(crate) ranks: Vec<Vec<Option<Quotient>>>,
    /// By `Distinct` measure, then by group.
    pub(crate) distinct: Vec<Vec<u64>>,
    /// By group, if rows were asked for: their places in load order.
    pub(crate) rows: Vec<Vec<u64>>,
}

/// A plan with what it runs on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'r, 'a> {
    pub(crate) plan: &'r Plan,
    pub(crate) request: &'r Request<'a>,
}

impl<'r, 'a> Run<'r, 'a> {
    pub(crate) fn index(&self) -> &'a IndexVersion {
        self.request.version.index(self.plan.index)
    }

    /// A predicate of the plan for the rows that count.
    pub(crate) fn filter(&self, predicate: &Predicate) -> Result<Filter<'a>> {
        self.request.passing(predicate, self.plan.latest.as_ref(), self.plan.index)
    }

    /// How many rows that count pass a predicate of the plan.
    pub(crate) fn count(&self, predicate: &Predicate) -> Result<Touched> {
        let filter = self.filter(predicate)?;
        let Request { pool, budget, .. } = self.request;
        let (_, touched) = scan(self.index(), &filter, pool, budget, usize::MAX, || Ok(()), |(), _| Ok(()))?;
        Ok(touched)
    }

    /// One page of the rows that pass.
    pub(crate) fn page(&self, order: &[SortKey], skip: u64, top: u64) -> Result<Page> {
        let filter = self.filter(&self.plan.predicate)?;
        page(self.index(), &filter, order, skip, top, self.request.pool, self.request.budget)
    }

    /// The groups that the plan asks for, of the rows that pass; `stay` says by key which stay by themselves, all where it
    /// ends.
    pub(crate) fn groups(&self, stay: &[Stay<'_>]) -> Result<Measures> {
        let Output::Groups { keys, measures } = &self.plan.output else {
            return Err(Error::internal("rows were asked for groups"));
        };
        let (index, Request { zone, pool, budget, .. }) = (self.index(), self.request);
        let (mut split, mut wanted, mut looked_for) = (None, Wanted::default(), Vec::new());
        for measure in measures {
            let (source, what) = match measure {
                Measure::CountBy(field) => {
                    split = Some(*field);
                    continue;
                }
                Measure::Numbers(field) => {
                    wanted.stats.push(Lane::new(*field, index));
                    continue;
                }
                Measure::Ranks(field, fractions) => {
                    let lane = Lane::new(*field, index);
                    (Source::Numbers(lane), LookedFor::Ranks(lane, fractions))
                }
                Measure::Distinct(field) if index.domain(*field).is_some() => {
                    (Source::Classes(*field), LookedFor::Distinct)
                }
                Measure::Distinct(field) => (Source::Numbers(Lane::new(*field, index)), LookedFor::Distinct),
                Measure::Rows => (Source::Places, LookedFor::Rows),
            };
            wanted.gathered.push(source);
            looked_for.push(what);
        }
        let split = split.map(|field| Selector::from(GroupKey::Field(field)));
        let filter = self.filter(&self.plan.predicate)?;
        let passing = |field| self.bounds(field, &filter);
        let dimensions: Vec<Dimension> =
            keys.iter().chain(&split).map(|key| Dimension::new(key, index, zone, passing)).collect::<Result<_>>()?;
        let counted = group::count(index, &filter, &dimensions, &wanted, pool, budget)?;
        // Rows that the caller may not see have no say in how keys are spelled.
        let spellings = |dimension: &Dimension| self.spellings(dimension.field, &self.plan.permitted);
        let namer = Namer { index, spellings: &spellings, pool, budget };
        let groups = label(&counted, &dimensions, stay, split.is_some(), &namer)?;
        let mut measures = Measures { groups, ranks: Vec::new(), distinct: Vec::new(), rows: Vec::new() };
        if looked_for.is_empty() {
            return Ok(measures);
        }
        let n_groups = measures.groups.len();
        let bytes: usize = counted.gathered.iter().flatten().map(Gathered::bytes).sum();
        // What was kept and its copy sorted by group.
        let _memory = budget.reserve(bytes * 2)?;
        let group_of_slot = counted.keys.groups();
        for (pieces, what) in counted.gathered.iter().zip(looked_for) {
            let numbers = &measures.groups.numbers;
            let group_of = |slot: u32| numbers[group_of_slot.as_ref().map_or(slot, |of| of[slot as usize]) as usize];
            let by_group = ByGroup::new(pieces, group_of, n_groups, pool, budget)?;
            match what {
                LookedFor::Ranks(lane, fractions) => {
                    let ranks = |group| match by_group.ranks(group, fractions) {
                        None => vec![None; fractions.len()],
                        Some(ranks) => ranks.into_iter().map(|rank| Some(quotient(&lane, rank))).collect(),
                    };
                    measures.ranks.push(self.each_group(n_groups, ranks)?.concat());
                }
                LookedFor::Distinct => {
                    measures.distinct.push(self.each_group(n_groups, |group| by_group.distinct(group))?);
                }
                LookedFor::Rows => measures.rows = self.each_group(n_groups, |group| by_group.places(group))?,
            }
        }
        Ok(measures)
    }

    /// What `work` makes of every group, on the pool.
    pub(crate) fn each_group<T: Send>(&self, n: usize, work: impl Fn(usize) -> T + Sync + Send) -> Result<Vec<T>> {
        let Request { pool, budget, .. } = self.request;
        let together = (n / (pool.n_threads() * PIECES_PER_THREAD)).clamp(1, GROUPS_TOGETHER);
        let ranges = pool.map(n.div_ceil(together), budget, |range| {
            Ok((range * together..n.min((range + 1) * together)).map(&work).collect::<Vec<T>>())
        })?;
        Ok(ranges.into_iter().flatten().collect())
    }

    /// The least and greatest number of a field among the rows that pass.
    fn bounds(&self, field: FieldId, filter: &Filter<'_>) -> Result<Option<(i128, i128)>> {
        let add = |found: &mut Summary, passed: &Passed<'_>| {
            let Some(block) = passed.segment.block(field, passed.block) else { return Ok(()) };
            match (passed.mask, block.frame()) {
                (Some(mask), Some(frame)) => mask::for_each_row(mask, |row| {
                    let code = block.codes().get(row);
                    let number = (code != u128::from(NULL)).then(|| frame.number(code));
                    *found = found.merge(Summary { bounds: number.map(|n| (n, n)), has_empty: number.is_none() });
                }),
                _ => *found = found.merge(block.summary()),
            }
            Ok(())
        };
        let start = || Ok(Summary::NOTHING);
        let (pieces, _) = scan(self.index(), filter, self.request.pool, self.request.budget, usize::MAX, start, add)?;
        Ok(pieces.into_iter().fold(Summary::NOTHING, Summary::merge).bounds)
    }

    /// Which places of a path field go by the texts of others, among those that rows in the scope lie in.
    pub(crate) fn namesakes(&self, field: FieldId) -> Result<Namesakes<'r>> {
        let packages = self.request.visible_packages()?;
        let Some(domain) = self.index().domain(field) else { return Ok(Namesakes::new([].into_iter(), packages)) };
        let counts = self.spellings(field, &self.plan.hidden)?;
        let best = best_spellings(domain, &counts);
        // A class is the first of its ids.
        let shown = (0..).zip(&best).filter(|(id, best)| domain.class(*id) == *id && counts[**best as usize] > 0);
        Ok(Namesakes::new(shown.filter_map(|(_, best)| domain.shared_text(*best).cloned()), packages))
    }

    /// How often each id of a field occurs among the rows that satisfy a predicate of the plan, whether they count or not.
    fn spellings(&self, field: FieldId, predicate: &Predicate) -> Result<Vec<u64>> {
        let index = self.index();
        let n = index.domain(field).map_or(0, |domain| domain.len());
        let alone = Dimension::of_spellings(field, n, index.schema.field(field).multi);
        let filter = self.request.filter(predicate, index)?;
        let counted =
            group::count(index, &filter, &[alone], &Wanted::default(), self.request.pool, self.request.budget)?;
        let mut by_id = vec![0; n as usize];
        for (id, count) in counted.keys.column(0).zip(&counted.counts) {
            by_id[id as usize] += count;
        }
        Ok(by_id)
    }
}
