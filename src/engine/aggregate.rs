//! Answers of aggregate queries: each level of the tree is run as a flat grouping, and the results are laid together by their
//! keys.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use crate::base::budget::{Budget, Reservation};
use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::hash::HashMap;
use crate::data::version::number_value;
use crate::engine::answer::{Answer, Stats};
use crate::engine::ask::Query;
use crate::engine::context::Context;
use crate::engine::drill::{DrillDown, GroupTests, Missing, Untold, Writer};
use crate::engine::results::{Aggregation, Reply, ResultGroup, ResultValue, Results};
use crate::engine::snapshot::{Index, Ready};
use crate::exec::paths::{Paths, Step};
use crate::exec::request::Request;
use crate::exec::rows::{fetch, sort};
use crate::exec::run::{Measures, Run};
use crate::exec::stats::Total;
use crate::exec::top::Stay;
use crate::model::decimal::Decimal;
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::plan::explain::explain_levels;
use crate::plan::levels::{Block, How, Level, Levels};
use crate::plan::stage::Plan;
use crate::query::aggregate::Entry;
use crate::query::predicate::Predicate;
use crate::query::rel::{Rel, Role, Selector, SortKey};

impl Index<'_> {
    /// What an aggregate query says of its rows: numbers, groups within groups, facets. The query's page has no effect; its
    /// order is that of `ENTITIES`.
    ///
    /// Each path of keys and facets is one scan, `O(rows)`; answers do not depend on threads or on how rows are stored.
    ///
    /// ```
    /// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Query, Rows, Schema};
    /// use tallygrid::ResultsBody;
    /// # let schema = Schema::builder("Run").fields([Field::new("Suite", Kind::Keyword), Field::new("Ms", Kind::Integer)]).build()?;
    /// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// # let mut tx = engine.transaction(&ctx)?;
    /// # tx.append("Run", &Rows::new(["Suite", "Ms"]).row(["a".into(), 3.into()]).row(["b".into(), 4.into()]))?;
    /// # tx.commit()?;
    /// let snapshot = engine.snapshot();
    /// let query = Query::tql("COUNT, GROUP BY Suite { MAX(Ms) AS slowest } WHERE Ms > 3");
    /// let answer = snapshot.index("Run", &ctx)?.aggregate(&query, &ctx)?;
    /// assert_eq!(
    ///     serde_json::to_string(&ResultsBody(&answer.body)).unwrap(),
    ///     r#"{"Results":{"COUNT":1,"GroupBySuite":{"b":{"slowest":4}}}}"#
    /// );
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Index::rows`]; `Query` too where the text has no aggregates, or a sum leaves 128 bits.
    pub fn aggregate(&self, query: &Query, ctx: &Context) -> Result<Answer<Aggregation>> {
        let ready = self.ready_any(query, ctx)?;
        if ready.bound.aggregates.is_empty() {
            let message = "the query asks for rows and has no aggregates";
            let wrong = Diagnostic::new(Code::MisplacedAggregate, Severity::Error, Place::Request, message);
            return Err(Error::one(
                ErrorKind::Query,
                wrong.help("aggregates such as COUNT stand in front of the filter"),
            ));
        }
        self.aggregated(ready, query, ctx)
    }

    /// Rows or results, whichever the query asks for: for texts that users type.
    ///
    /// # Errors
    /// As [`Index::rows`] and [`Index::aggregate`].
    pub fn ask(&self, query: &Query, ctx: &Context) -> Result<Answer<Reply>> {
        let ready = self.ready_any(query, ctx)?;
        Ok(match ready.bound.aggregates.is_empty() {
            true => self.listed(ready, query, ctx)?.map(Reply::Rows),
            false => self.aggregated(ready, query, ctx)?.map(Reply::Results),
        })
    }

    /// How an aggregate query is answered; see [`Index::explain`].
    pub(crate) fn explain_aggregates(&self, ready: Ready, ctx: &Context) -> Result<Answer<String>> {
        let Ready { bound, warnings, rel } = ready;
        let tree = Tree { entries: &bound.aggregates, rel: &rel, order: &bound.order, asked: None };
        let (levels, plan) = (Levels::new(tree.entries)?, Plan::new(tree.rel)?);
        self.explained(explain_levels(&levels, tree.order, &plan, self.catalog()), &plan, warnings, ctx)
    }

    fn aggregated(&self, ready: Ready, query: &Query, ctx: &Context) -> Result<Answer<Aggregation>> {
        let Ready { bound, mut warnings, rel } = ready;
        let tree = Tree {
            entries: &bound.aggregates,
            rel: &rel,
            order: &bound.order,
            asked: query.wants_queries().then_some(&bound.predicate),
        };
        let Evaluated { results, stats, warnings: untold } = self.evaluate(&tree, ctx)?;
        warnings.extend(untold);
        let columns = self.schema().fields().iter().map(|field| field.name.clone()).collect();
        let body = Aggregation { results, columns };
        Ok(Answer { body, warnings, version: self.snapshot().version(), stats })
    }

    /// Answers a tree of results.
    pub(crate) fn evaluate(&self, tree: &Tree<'_>, ctx: &Context) -> Result<Evaluated> {
        let levels = Levels::new(tree.entries)?;
        let budget = ctx.budget();
        let request = self.request(ctx, &budget);
        let mut stats = Stats::default();
        let mut found: Vec<Measures> = Vec::with_capacity(levels.levels.len());
        for level in &levels.levels {
            let measures = level_of(level, tree.rel, &found, &request)?;
            stats.add(measures.groups.touched.into());
            found.push(measures);
        }
        let paths: Vec<Paths<'_>> = found.iter().map(|measures| Paths::new(&measures.groups)).collect();
        let writer = Writer { schema: self.schema(), catalog: self.catalog(), limits: budget.limits() };
        let (plan, asked) = (Plan::new(tree.rel)?, tree.asked.map(|asked| writer.asked(asked)));
        let tests = match asked {
            Some(_) => self.group_tests(&levels, &Run { plan: &plan, request: &request })?,
            None => HashMap::default(),
        };
        let mut assembly = Assembly {
            index: self,
            found: &found,
            paths,
            order: tree.order,
            writer,
            tests,
            missing: Missing::default(),
            memory: budget.reserve(0)?,
            budget: &budget,
            names: HashMap::default(),
            n_groups: 0,
        };
        let everything = assembly.range(&levels.root, &[]);
        let results = assembly.block(&levels.root, &mut Vec::new(), everything, asked.as_ref())?;
        let warnings = assembly.missing.warnings().collect();
        Ok(Evaluated { results, stats, warnings })
    }

    /// By field that rows are grouped by: what the rows of its groups have in common.
    fn group_tests<'s>(&'s self, levels: &Levels, run: &Run<'s, '_>) -> Result<HashMap<FieldId, GroupTests<'s>>> {
        let mut tests = HashMap::default();
        for field in levels.levels.iter().flat_map(|level| &level.keys).map(|selector| selector.key.field()) {
            if !tests.contains_key(&field) {
                tests.insert(field, GroupTests::new(field, self.schema(), run)?);
            }
        }
        Ok(tests)
    }
}

/// A tree of results and the rows that they are of.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    pub(crate) entries: &'a [Entry],
    pub(crate) rel: &'a Rel,
    /// Of listed rows.
    pub(crate) order: &'a [SortKey],
    /// What every query begins with, if groups are to tell the queries of their rows.
    pub(crate) asked: Option<&'a Predicate>,
}

/// An answered tree.
#[derive(Debug)]
pub(crate) struct Evaluated {
    pub(crate) results: Results,
    pub(crate) stats: Stats,
    /// Of groups without a query.
    pub(crate) warnings: Vec<Diagnostic>,
}

/// Runs one level.
fn level_of(level: &Level, rel: &Rel, found: &[Measures], request: &Request<'_>) -> Result<Measures> {
    let asked = match rel {
        Rel::Filter { input, role: Role::Query, .. } if level.whole_scope => (**input).clone(),
        whole => whole.clone(),
    };
    let input = Rel::Filter { input: asked.into(), role: Role::Query, predicate: level.path.clone() };
    let (keys, measures) = (level.keys.clone(), level.measures.clone());
    let plan = Plan::new(&Rel::Group { input: input.into(), keys, measures })?;
    let stay: Vec<Stay<'_>> = level
        .keys
        .iter()
        .zip(&level.chosen_by)
        .map(|(key, chosen_by)| match (chosen_by, key.top) {
            (Some(by), _) => found.get(*by).map_or(Stay::All, |found| Stay::As(&found.groups)),
            (None, Some(n)) => Stay::Largest(n),
            (None, None) => Stay::All,
        })
        .collect();
    Run { plan: &plan, request }.groups(&stay)
}

/// What selects the rows of a group, or why nothing does.
type Told = Result<DrillDown, Untold>;

/// Lays the levels' results together.
struct Assembly<'a> {
    index: &'a Index<'a>,
    /// By level.
    found: &'a [Measures],
    paths: Vec<Paths<'a>>,
    /// Of listed rows.
    order: &'a [SortKey],
    writer: Writer<'a>,
    /// By field that rows are grouped by, if queries are wanted.
    tests: HashMap<FieldId, GroupTests<'a>>,
    missing: Missing,
    /// Of the queries.
    memory: Reservation<'a>,
    budget: &'a Budget,
    /// Keys as answers hold them.
    names: HashMap<&'a str, Arc<str>>,
    /// Groups and facets so far.
    n_groups: usize,
}

impl<'a> Assembly<'a> {
    /// The groups of a block's level below the steps.
    fn range(&self, block: &Block, steps: &[Step<'a>]) -> Range<usize> {
        let paths = &self.paths[block.level];
        paths.positions(steps).map_or(0..0, |path| paths.range(&path))
    }

    /// The results of one group: that of the steps, which its level has at the first place of `range`, if it has it. `query`
    /// selects its rows, if queries are wanted.
    fn block(
        &mut self,
        block: &'a Block,
        steps: &mut Vec<Step<'a>>,
        range: Range<usize>,
        query: Option<&Told>,
    ) -> Result<Results> {
        let found = &self.found[block.level];
        let group = (!range.is_empty()).then_some(range.start);
        let mut values = Vec::with_capacity(block.results.len());
        for how in &block.results {
            let value = match how {
                How::Count => integer(group.map_or(0, |group| found.groups.counts[group]).into()),
                How::Rows => self.rows(group.and_then(|group| found.rows.get(group)))?,
                How::Min(at, field) => self.bound(total(found, group, *at), *field, |(min, _)| min),
                How::Max(at, field) => self.bound(total(found, group, *at), *field, |(_, max)| max),
                How::Sum(at, field) => self.sum(total(found, group, *at), *field)?,
                How::Average(at, field) => {
                    let total = total(found, group, *at);
                    match total.n {
                        0 => ResultValue::Value(Value::Null),
                        n => ResultValue::Value(total.sum.mean(n).value(self.kind(*field))),
                    }
                }
                How::Rank { measure, fraction, field } => {
                    let ranks = &found.ranks[*measure];
                    let n_fractions = ranks.len().checked_div(found.groups.len()).unwrap_or(0);
                    let rank = group.and_then(|group| ranks.get(group * n_fractions + fraction).copied().flatten());
                    ResultValue::Value(rank.map_or(Value::Null, |rank| rank.value(self.kind(*field))))
                }
                How::Distinct(at) => integer(group.map_or(0, |group| found.distinct[*at][group]).into()),
                How::Groups { selector, within, known, block: deeper } => {
                    let shape = Shape { selector, within: within.as_ref(), known: *known, block: deeper };
                    // A level that serves for several blocks has the same groups in each.
                    let below = if deeper.level == block.level { range.clone() } else { self.range(deeper, steps) };
                    self.groups(&shape, steps, below, query)?
                }
                How::Facets(facets) => {
                    let mut groups = Vec::with_capacity(facets.len());
                    for (facet, block) in facets {
                        let own = query.map(|query| self.told(query, Ok(&facet.predicate)));
                        let range = self.range(block, steps);
                        groups.push(self.group(facet.name.clone(), block, steps, range, own)?);
                    }
                    ResultValue::Groups { groups, remainder: None }
                }
            };
            values.push(value);
        }
        Ok(Results::new(block.names.clone(), values))
    }

    /// The groups of a deeper level below the steps, which are those of the range.
    fn groups(
        &mut self,
        shape: &Shape<'a>,
        steps: &mut Vec<Step<'a>>,
        range: Range<usize>,
        query: Option<&Told>,
    ) -> Result<ResultValue> {
        let (level, depth) = (shape.block.level, steps.len());
        let own = &self.paths[level];
        let occurring = own.runs(range, depth).into_iter().map(|(at, run)| (own.steps(depth)[at as usize], run));
        let mut keys: Vec<(Step<'a>, Range<usize>)> = if shape.selector.fill {
            let occurring: HashMap<Step<'a>, Range<usize>> = occurring.collect();
            let known = shape.known.map_or(own.steps(depth), |known| self.paths[known].steps(0));
            // The empty key is no value that rows may have.
            let is_wanted = |step: &Step<'a>| *step != Some("") || occurring.contains_key(step);
            let wanted = known.iter().copied().filter(is_wanted);
            wanted.map(|step| (step, occurring.get(&step).cloned().unwrap_or(0..0))).collect()
        } else {
            occurring.collect()
        };
        if shape.selector.top.is_some() {
            let counts = &self.found[level].groups.counts;
            // The largest first, the remainder last.
            keys.sort_by_cached_key(|(step, run)| (step.is_none(), Reverse(counts[run.clone()].iter().sum::<u64>())));
        }
        let tests = if query.is_some() { self.tests_of(shape, &keys, depth) } else { Vec::new() };
        let (mut groups, mut remainder) = (Vec::with_capacity(keys.len()), None);
        for (at, (step, run)) in keys.into_iter().enumerate() {
            let own = query.zip(tests.get(at)).map(|(query, test)| self.told(query, test.as_ref()));
            let text = step.unwrap_or("");
            let key = self.names.entry(text).or_insert_with(|| text.into()).clone();
            steps.push(step);
            let group = self.group(key, shape.block, steps, run, own);
            steps.pop();
            match step {
                Some(_) => groups.push(group?),
                None => remainder = Some(Box::new(group?)),
            }
        }
        Ok(ResultValue::Groups { groups, remainder })
    }

    /// By key: what its rows have in common.
    fn tests_of(
        &self,
        shape: &Shape<'a>,
        keys: &[(Step<'a>, Range<usize>)],
        depth: usize,
    ) -> Vec<Result<Predicate, Untold>> {
        let own = &self.paths[shape.block.level];
        let known = |step| self.paths[shape.known?].meaning(0, step);
        let meaning = |step| own.meaning(depth, step).or_else(|| known(step));
        let tests = self.tests.get(&shape.selector.key.field());
        let named: Vec<_> = keys.iter().map(|(step, _)| Some(tests?.test((*step)?, meaning(*step)?))).collect();
        let rest = || {
            let named: Vec<Predicate> = named.iter().flatten().cloned().collect::<Result<_, _>>()?;
            Ok(Predicate::all(shape.within.cloned().into_iter().chain([Predicate::any(named).not()])))
        };
        named.iter().map(|test| test.clone().unwrap_or_else(rest)).collect()
    }

    fn group(
        &mut self,
        key: Arc<str>,
        block: &'a Block,
        steps: &mut Vec<Step<'a>>,
        range: Range<usize>,
        query: Option<Told>,
    ) -> Result<ResultGroup> {
        self.n_groups += 1;
        let limit = self.budget.limits().groups;
        if self.n_groups > limit {
            return Err(Error::limit("groups", limit as u64, format_args!("more than {limit}")));
        }
        if self.n_groups.is_multiple_of(POLL_GROUPS) {
            self.budget.check()?;
        }
        let results = self.block(block, steps, range, query.as_ref())?;
        let query = match query {
            Some(Ok(query)) => {
                self.memory.grow(query.text().len())?;
                Some(query.into_text())
            }
            Some(Err(why)) => {
                self.missing.add(why);
                None
            }
            None => None,
        };
        Ok(ResultGroup { key, results, query })
    }

    /// The query with one more test.
    fn told(&self, query: &Told, test: Result<&Predicate, &Untold>) -> Told {
        let query = query.as_ref().map_err(|why| *why)?;
        self.writer.and(query, test.map_err(|why| *why)?)
    }

    fn rows(&self, places: Option<&Vec<u64>>) -> Result<ResultValue> {
        let data = self.index.data();
        let mut places = places.cloned().unwrap_or_default();
        let _memory = self.budget.reserve(places.len() * data.schema.fields().len() * size_of::<Value>())?;
        sort(&mut places, self.order, data);
        Ok(ResultValue::Rows(places.iter().map(|place| fetch(data, *place)).collect()))
    }

    fn bound(&self, total: Total, field: FieldId, pick: impl Fn((i128, i128)) -> i128) -> ResultValue {
        ResultValue::Value(total.bounds.map_or(Value::Null, |bounds| number_value(pick(bounds), self.kind(field))))
    }

    fn sum(&self, total: Total, field: FieldId) -> Result<ResultValue> {
        let sum = total.sum.exact().ok_or_else(|| self.overflow(field))?;
        Ok(match self.kind(field) {
            Kind::Integer => integer(sum),
            Kind::Duration => {
                ResultValue::Value(Value::Duration(i64::try_from(sum).map_err(|_| self.overflow(field))?))
            }
            kind => ResultValue::Value(number_value(sum, kind)),
        })
    }

    fn overflow(&self, field: FieldId) -> Error {
        let message = format!("the sum of `{}` leaves the range of its kind", self.index.schema().field(field).name());
        let wrong = Diagnostic::new(Code::Overflow, Severity::Error, Place::Request, message);
        Error::one(ErrorKind::Query, wrong.help(MOST))
    }

    fn kind(&self, field: FieldId) -> Kind {
        self.index.schema().field(field).kind
    }
}

/// Groups and facets between two looks at the deadline.
const POLL_GROUPS: usize = 4096;

/// One GROUP BY as it was planned.
struct Shape<'a> {
    selector: &'a Selector,
    within: Option<&'a Predicate>,
    known: Option<usize>,
    block: &'a Block,
}

/// What is known of the numbers of a group; nothing if there is no group.
fn total(found: &Measures, group: Option<usize>, at: usize) -> Total {
    let n = found.groups.totals.len().checked_div(found.groups.len()).unwrap_or(0);
    group.and_then(|group| found.groups.totals.get(group * n + at).copied()).unwrap_or_default()
}

/// A whole number, however large.
fn integer(n: i128) -> ResultValue {
    ResultValue::Value(i64::try_from(n).map_or_else(|_| Decimal::of_whole(n).into(), Value::Integer))
}

/// What sums of each kind reach to.
const MOST: &str = "sums of decimals reach to 170141183460469, those of durations to 2562047788 hours";
