//! Groups as a list: metrics, order, conditions on groups, pages. The results themselves are those of
//! [`aggregate`](super::aggregate).

mod checks;

use std::cmp::Reverse;
use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::aggregate::{Evaluated, Tree};
use crate::engine::answer::Answer;
use crate::engine::ask::Query;
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::cursor::Cursor;
use crate::engine::results::{ResultGroup, ResultValue, Results};
use crate::engine::snapshot::{Index, Ready};
use crate::model::decimal::MAX_SCALE;
use crate::model::value::Value;
use crate::query::aggregate::{Entry, Facet, What};
use crate::query::bind::bind_text;
use crate::query::predicate::{Order, Predicate};
use crate::query::rel::{Rel, Role};

/// Which groups are listed, with which metrics, in which order.
///
/// ```
/// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Query, Rows, Schema};
/// use tallygrid::{Comparison, GroupList, Metric};
/// # let schema = Schema::builder("Run").fields([Field::new("Suite", Kind::Keyword), Field::new("Status", Kind::Keyword),
/// #     Field::new("Ms", Kind::Integer)]).build()?;
/// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
/// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// # let mut tx = engine.transaction(&ctx)?;
/// # let rows = Rows::new(["Suite", "Status", "Ms"]).row(["a".into(), "Passed".into(), 3.into()])
/// #     .row(["b".into(), "Passed".into(), 9.into()]).row(["b".into(), "Failed".into(), 1.into()])
/// #     .row(["c".into(), "Skipped".into(), 2.into()]);
/// # tx.append("Run", &rows)?;
/// # tx.commit()?;
/// let list = GroupList::by("Suite")
///     .metric("slowest", "MAX(Ms)")
///     .rate("passed", ["Passed"], ["Passed", "Failed"])
///     .having("slowest", Comparison::AtLeast, 3)
///     .descending("slowest")
///     .top(1);
/// let snapshot = engine.snapshot();
/// let page = snapshot.index("Run", &ctx)?.list_groups(&list, &Query::all(), &ctx)?.body;
/// assert_eq!((&*page.groups[0].key, page.total), ("b", 2));
/// assert_eq!(page.groups[0].metrics, [Metric::Value(2.into()), Metric::Value(9.into()), Metric::Rate { part: 1, whole: 2 }]);
/// assert_eq!(page.remainder.unwrap()[0], Metric::Value(2.into()));
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GroupList {
    selector: String,
    metrics: Vec<(String, Asked)>,
    having: Vec<(String, Comparison, Value)>,
    sort: Option<(Option<String>, bool)>,
    top: usize,
    after: Option<String>,
    with_queries: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Asked {
    /// An aggregate of the query language.
    Tql(String),
    /// Rows with some statuses among those with others.
    Rate { part: Vec<String>, whole: Vec<String>, field: Option<String> },
}

/// How a metric must lie to a value for its group to be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Comparison {
    /// The same.
    Equal,
    /// Less.
    Below,
    /// Less or the same.
    AtMost,
    /// More.
    Above,
    /// More or the same.
    AtLeast,
}

/// One page of groups.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GroupPage {
    /// The metrics' names: `COUNT`, then those asked for.
    pub names: Vec<Arc<str>>,
    /// The groups of this page in order.
    pub groups: Vec<ListedGroup>,
    /// How many groups there are on all pages.
    pub total: u64,
    /// The metrics of all rows, each row counted once.
    pub totals: Vec<Metric>,
    /// The metrics of the rows that are in no group up to the end of this page; none if there are no such rows, or if a
    /// group cannot say which its rows are (then a warning tells so).
    pub remainder: Option<Vec<Metric>>,
    /// Where the next page begins, for [`GroupList::after`]; none on the last.
    pub next: Option<String>,
}

/// A group of a list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ListedGroup {
    /// The value or period as text; empty for rows without a value.
    pub key: Arc<str>,
    /// A number for each of [`GroupPage::names`].
    pub metrics: Vec<Metric>,
    /// The TQL that selects the group's rows in the same scope, if asked for.
    pub query: Option<String>,
}

/// The value of a metric.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Metric {
    /// Of an aggregate; null if there was nothing to compute it from.
    Value(Value),
    /// `part` of `whole` rows.
    Rate {
        /// Rows that count as such.
        part: u64,
        /// Rows that could.
        whole: u64,
    },
}

/// Groups of a page unless a list says otherwise.
const DEFAULT_GROUPS: usize = 25;

impl GroupList {
    /// By a field, or a function of one such as `Month(CreatedAt)`. The number of rows is always the first metric, `COUNT`.
    #[must_use]
    pub fn by(selector: impl Into<String>) -> Self {
        Self {
            selector: selector.into(),
            metrics: Vec::new(),
            having: Vec::new(),
            sort: None,
            top: DEFAULT_GROUPS,
            after: None,
            with_queries: false,
        }
    }

    /// Also an aggregate of the query language, such as `AVG(Duration)`.
    #[must_use]
    pub fn metric(mut self, name: impl Into<String>, aggregate: impl Into<String>) -> Self {
        self.metrics.push((name.into(), Asked::Tql(aggregate.into())));
        self
    }

    /// Also how many rows have one of the statuses `part`, of those that have one of `whole`. The status field is found as by
    /// [`GroupBy`](crate::GroupBy).
    #[must_use]
    pub fn rate<P: Into<String>, W: Into<String>>(
        mut self,
        name: impl Into<String>,
        part: impl IntoIterator<Item = P>,
        whole: impl IntoIterator<Item = W>,
    ) -> Self {
        let part = part.into_iter().map(Into::into).collect();
        let whole = whole.into_iter().map(Into::into).collect();
        self.metrics.push((name.into(), Asked::Rate { part, whole, field: None }));
        self
    }

    /// The field that the rates before this speak of.
    #[must_use]
    pub fn status(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        for (_, asked) in &mut self.metrics {
            if let Asked::Rate { field, .. } = asked {
                *field = Some(name.clone());
            }
        }
        self
    }

    /// Only groups whose metric lies so to a value; several conditions hold together. A rate is compared as a number from 0
    /// to 1, and what could not be computed lies nowhere.
    #[must_use]
    pub fn having(mut self, metric: impl Into<String>, comparison: Comparison, value: impl Into<Value>) -> Self {
        self.having.push((metric.into(), comparison, value.into()));
        self
    }

    /// By a metric, the least first; what could not be computed comes before all. Equal groups are in the field's order.
    #[must_use]
    pub fn ascending(mut self, metric: impl Into<String>) -> Self {
        self.sort = Some((Some(metric.into()), false));
        self
    }

    /// By a metric, the greatest first.
    #[must_use]
    pub fn descending(mut self, metric: impl Into<String>) -> Self {
        self.sort = Some((Some(metric.into()), true));
        self
    }

    /// In the field's order turned round.
    #[must_use]
    pub fn last_key_first(mut self) -> Self {
        self.sort = Some((None, true));
        self
    }

    /// At most `n` groups a page instead of 25.
    #[must_use]
    pub fn top(mut self, n: usize) -> Self {
        self.top = n;
        self
    }

    /// Behind the page that gave this.
    #[must_use]
    pub fn after(mut self, next: impl Into<String>) -> Self {
        self.after = Some(next.into());
        self
    }

    /// Also answers for each group the TQL that selects its rows, to be run in the same scope.
    #[must_use]
    pub fn with_queries(mut self) -> Self {
        self.with_queries = true;
        self
    }

    /// What two pages of one list have in common.
    fn fingerprint(&self, query: &Query, ctx: &Context) -> String {
        let same = Self { after: None, top: 0, ..self.clone() };
        format!("{same:?} {query:?} {:?}", ctx.zone())
    }
}

impl Index<'_> {
    /// One page of the groups of the rows that the query selects; the query's order and page have no effect. Every page is
    /// computed anew, `O(rows)`, from the same snapshot.
    ///
    /// # Errors
    /// As [`Index::aggregate`]; `Query` for a selector or metric that is none, a metric that is not there, and a cursor of
    /// another list or of another version of the data; for a page of no groups, and a metric compared with a value of another sort.
    pub fn list_groups(&self, list: &GroupList, query: &Query, ctx: &Context) -> Result<Answer<GroupPage>> {
        let Ready { bound, mut warnings, rel } = self.ready(query, ctx)?;
        if list.top == 0 {
            return Err(wrong(Code::WrongParameter, "a page of no groups leads to no other page".to_owned()));
        }
        let (entry, names) = self.bound_list(list, ctx)?;
        warnings.extend(self.unknown_statuses(list)?);
        let start = match &list.after {
            None => 0,
            Some(text) => Cursor::read(text, self.snapshot().version(), &list.fingerprint(query, ctx))?,
        };
        let What::Groups { block, .. } = &entry.what else { return Err(Error::internal("a list of no groups")) };
        for (name, _, value) in &list.having {
            self.check_having(name, &block[position(name, &names)?].what, value)?;
        }
        let entries: Vec<Entry> = block.iter().cloned().chain([entry.clone()]).collect();
        let tree = Tree { entries: &entries, rel: &rel, order: &[], asked: Some(&bound.predicate) };
        let Evaluated { results, stats, warnings: untold } = self.evaluate(&tree, ctx)?;
        warnings.extend(untold);
        let totals = metrics(&results, &names);
        let Some(ResultValue::Groups { groups, .. }) = results.get(&entry.name) else {
            return Err(Error::internal("a list without groups"));
        };
        let mut listed: Vec<(&ResultGroup, Vec<Metric>)> =
            groups.iter().map(|group| (group, metrics(&group.results, &names))).collect();
        for (name, comparison, value) in &list.having {
            let at = position(name, &names)?;
            let bound = place(&Metric::Value(value.clone()));
            listed.retain(|(_, metrics)| match (place(&metrics[at]), bound) {
                (Some(place), Some(bound)) => comparison.order().holds(&place, &bound),
                _ => false,
            });
        }
        match &list.sort {
            None => {}
            Some((None, _)) => listed.reverse(),
            Some((Some(name), descending)) => {
                let at = position(name, &names)?;
                match descending {
                    true => listed.sort_by_key(|(_, metrics)| Reverse(place(&metrics[at]))),
                    false => listed.sort_by_key(|(_, metrics)| place(&metrics[at])),
                }
            }
        }
        let end = start.saturating_add(list.top).min(listed.len());
        let remainder = self.rest(&listed[..end], block, &rel, &names, ctx)?;
        let total = listed.len();
        let page = listed.into_iter().take(end).skip(start).map(|(group, metrics)| ListedGroup {
            key: group.key.clone(),
            metrics,
            query: group.query.clone().filter(|_| list.with_queries),
        });
        let next = (end < total).then(|| Cursor::write(end, self.snapshot().version(), &list.fingerprint(query, ctx)));
        let body = GroupPage { groups: page.collect(), total: total as u64, totals, remainder, next, names };
        Ok(Answer { body, warnings, version: self.snapshot().version(), stats })
    }

    /// The metrics of the rows that none of the groups has; none too where a group cannot say which its rows are.
    fn rest(
        &self,
        groups: &[(&ResultGroup, Vec<Metric>)],
        block: &[Entry],
        rel: &Rel,
        names: &[Arc<str>],
        ctx: &Context,
    ) -> Result<Option<Vec<Metric>>> {
        let (env, mut parts, mut wrong) = (self.env(ctx), Vec::with_capacity(groups.len()), Vec::new());
        for (group, _) in groups {
            let Some(query) = &group.query else { return Ok(None) };
            parts.push(bind_text(query, &env, &mut wrong).predicate);
        }
        if wrong.iter().any(|d| d.severity() == Severity::Error) {
            return Err(Error::internal("the text of a group cannot be read"));
        }
        let predicate = Predicate::any(parts).not();
        let rel = Rel::Filter { input: rel.clone().into(), role: Role::Query, predicate };
        let tree = Tree { entries: block, rel: &rel, order: &[], asked: None };
        let metrics = metrics(&self.evaluate(&tree, ctx)?.results, names);
        Ok(Some(metrics).filter(|metrics| metrics.first() != Some(&Metric::Value(Value::Integer(0)))))
    }

    /// The list as a tree of results, and the names of its metrics.
    fn bound_list(&self, list: &GroupList, ctx: &Context) -> Result<(Entry, Vec<Arc<str>>)> {
        let mut names: Vec<Arc<str>> = vec!["COUNT".into()];
        let mut block = vec![Entry { name: "COUNT".into(), what: What::Count }];
        for (name, asked) in &list.metrics {
            if names.iter().any(|known| **known == **name) {
                return Err(wrong(Code::RepeatedName, format!("two metrics of the list are named `{name}`")));
            }
            names.push(name.as_str().into());
            let what = match asked {
                Asked::Tql(text) => match self.one_entry(text, name, ctx)?.what {
                    what @ (What::Count | What::Number(..)) => what,
                    _ => return Err(wrong(Code::WrongAggregate, format!("the metric `{name}` is no single number"))),
                },
                Asked::Rate { part, whole, field } => {
                    let field = self.schema().field(self.status_field(field.as_deref())?).name().to_owned();
                    let env = self.env(ctx);
                    let bound = |statuses: &[String]| Condition::is_in(&field, statuses.to_vec()).bind(&env);
                    let whole = bound(whole)?;
                    let part = Predicate::all([whole.clone(), bound(part)?]);
                    let facet = |name: &str, predicate| Facet { name: name.into(), predicate };
                    What::Facets {
                        facets: vec![facet("part", part), facet("whole", whole)],
                        block: vec![Entry { name: "COUNT".into(), what: What::Count }],
                    }
                }
            };
            block.push(Entry { name: name.as_str().into(), what });
        }
        let text = format!("GROUP BY {} {{ COUNT }}", list.selector);
        match self.one_entry(&text, "selector", ctx)?.what {
            What::Groups { selector, within, .. } if selector.top.is_none() => {
                // No metric can have this name.
                let what = What::Groups { selector, within, block };
                Ok((Entry { name: "\0groups".into(), what }, names))
            }
            _ => Err(wrong(Code::WrongArgument, "a list is by a field or period, and takes its own `top`".to_owned())),
        }
    }

    /// The one result that a text of the host asks for. Places in it mean nothing to the caller.
    fn one_entry(&self, text: &str, part: &str, ctx: &Context) -> Result<Entry> {
        let mut diagnostics = Vec::new();
        let bound = bind_text(text, &self.env(ctx), &mut diagnostics);
        let errors = diagnostics.iter().filter(|d| d.severity() == Severity::Error);
        let moved: Vec<Diagnostic> = errors
            .map(|d| {
                let message = format!("in the list's `{part}`: {}", d.message());
                Diagnostic::new(d.code(), Severity::Error, Place::Request, message)
            })
            .collect();
        if !moved.is_empty() {
            return Err(Error::new(ErrorKind::Query, moved));
        }
        match <[Entry; 1]>::try_from(bound.aggregates) {
            Ok([entry]) if bound.predicate.is_const(true) => Ok(entry),
            _ => Err(wrong(Code::WrongAggregate, format!("the list's `{part}` is not one aggregate"))),
        }
    }
}

impl Comparison {
    fn order(self) -> Order {
        match self {
            Self::Equal => Order::Equal,
            Self::Below => Order::Less,
            Self::AtMost => Order::LessOrEqual,
            Self::Above => Order::Greater,
            Self::AtLeast => Order::GreaterOrEqual,
        }
    }
}

fn position(name: &str, names: &[Arc<str>]) -> Result<usize> {
    names.iter().position(|known| **known == *name).ok_or_else(|| {
        wrong(Code::WrongParameter, format!("the list has no metric `{name}`, only {}", names.join(", ")))
    })
}

/// The metrics of those names among the results of a group.
fn metrics(results: &Results, names: &[Arc<str>]) -> Vec<Metric> {
    let count = |group: &ResultGroup| match group.results.get("COUNT") {
        Some(ResultValue::Value(Value::Integer(n))) => u64::try_from(*n).unwrap_or(0),
        _ => 0,
    };
    let metric = |name: &Arc<str>| match results.get(name) {
        Some(ResultValue::Value(value)) => Metric::Value(value.clone()),
        Some(ResultValue::Groups { groups, .. }) => match &groups[..] {
            [part, whole] => Metric::Rate { part: count(part), whole: count(whole) },
            _ => Metric::Value(Value::Null),
        },
        _ => Metric::Value(Value::Null),
    };
    names.iter().map(metric).collect()
}

/// Digits behind the point by which rates are told apart: more than any two rates of so many rows share.
const RATE_DIGITS: u32 = 18;

/// Where a metric lies among others of its kind: whole units, then parts of one in 10^-24. None if it could not be computed.
fn place(metric: &Metric) -> Option<(i128, u128)> {
    let of_scale = |mantissa: i128, scale: u32| {
        let unit = 10i128.pow(scale);
        let part = mantissa.rem_euclid(unit) as u128 * 10u128.pow(u32::from(MAX_SCALE) - scale);
        (mantissa.div_euclid(unit), part)
    };
    Some(match metric {
        Metric::Rate { whole: 0, .. } => return None,
        Metric::Rate { part, whole } => {
            let digits = u128::from(*part) * 10u128.pow(RATE_DIGITS) / u128::from(*whole);
            of_scale(digits as i128, RATE_DIGITS)
        }
        Metric::Value(value) => match value {
            Value::Integer(n) | Value::Instant(n) | Value::Duration(n) => ((*n).into(), 0),
            Value::Date(n) => ((*n).into(), 0),
            Value::Decimal(d) => of_scale(d.mantissa(), d.scale().into()),
            _ => return None,
        },
    })
}

fn wrong(code: Code, message: String) -> Error {
    Error::one(ErrorKind::Query, Diagnostic::new(code, Severity::Error, Place::Request, message))
}
