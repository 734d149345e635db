//! Groups as a list: metrics, order by key or metric, conditions on groups; page by page the same as on one page.

use std::cmp::Reverse;

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use tallygrid::{Code, Comparison, Context, Decimal, Diagnostic, GroupList, GroupPage, Index, Kind, Metric, Value};

use super::ask::{position, shown};
use super::setting::Setting;
use crate::oracle::choices::Choices;
use crate::oracle::column::Class;
use crate::oracle::draw::world::{KEYWORDS, STATUSES, USERS};
use crate::oracle::measure::{Measure, Number, Overflow};
use crate::oracle::partition::{Around, Partition};
use crate::oracle::tree::Selector;
use crate::oracle::world::{Layout, World};
use crate::oracle::{draw, write};

/// What is said of each group, besides the number of its rows.
enum Said {
    Measure(Measure, usize),
    /// Rows with one of the first values among those with one of the second ones.
    Rate(usize, Vec<&'static str>, Vec<&'static str>),
}

/// A metric, and where it lies among others of its name.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    text: String,
    number: Option<Number>,
}

struct Group {
    key: String,
    rows: Vec<usize>,
    metrics: Vec<Place>,
}

struct Question {
    text: String,
    list: GroupList,
    top: usize,
    expected: Result<Expected, Overflow>,
    /// Whether some group may have no query.
    may_lack: bool,
}

struct Expected {
    groups: Vec<Group>,
    totals: Vec<Place>,
    /// By page: the metrics of the rows that no group has so far.
    rests: Vec<Result<Option<Vec<Place>>, Overflow>>,
}

/// Lists of what a caller may see.
pub(crate) fn pages(world: &World, layouts: &[Layout], c: &mut Choices) -> Result<(), TestCaseError> {
    let setting = Setting::draw(c, world);
    let questions = c.several(1, 4, |c| question(c, world, &setting));
    let ctx = setting.context(world);
    for layout in layouts {
        let engine = world.engine(*layout);
        let snapshot = engine.snapshot();
        let runs = snapshot.index("Run", &ctx).unwrap();
        for question in &questions {
            let Question { text, list, expected, .. } = question;
            let why = || format!("{text:?} as {list:?} in {layout:?}{}", shown(world));
            match expected {
                Err(Overflow) => overflows(&runs, &setting, question, None, &ctx)?,
                Ok(expected) => {
                    let paged = paged(&runs, &setting, question, expected, &ctx);
                    prop_assert!(paged.is_ok(), "{}\n{}", paged.unwrap_err(), why());
                }
            }
        }
    }
    Ok(())
}

fn question(c: &mut Choices, world: &World, setting: &Setting) -> Question {
    let selector = Selector { top: None, ..draw::tree::selector(c, world, true) };
    let filter = (!c.once_in(3)).then(|| draw::query::filter(c, world, 1));
    let said = c.several(0, 3, |c| said(c, world));
    let text = filter.as_ref().map_or_else(String::new, |filter| write::filter(world, filter, c));
    let mut list = GroupList::by(write::tree::selector(world, &selector, c)).with_queries();
    for (n, said) in said.iter().enumerate() {
        let name = format!("m{n}");
        list = match said {
            Said::Measure(measure, column) => list.metric(name, write::tree::measure(world, measure, *column, c)),
            Said::Rate(column, part, whole) => {
                // Each rate speaks of the field that is named last, which is the same for all.
                list.rate(name, part.clone(), whole.clone()).status(world.columns[*column].name.to_uppercase())
            }
        };
    }
    let selected = setting.selected(filter.as_ref());
    let top = c.pick(&[1, 2, 3, 7, 1000]);
    let mut expected = groups(world, setting, &selector, &said, &selected);
    if let Ok(expected) = &mut expected {
        let kinds = said.iter().map(|said| match said {
            Said::Measure(Measure::Distinct, _) | Said::Rate(..) => Kind::Integer,
            Said::Measure(_, column) => world.columns[*column].kind,
        });
        let kinds: Vec<Kind> = [Kind::Integer].into_iter().chain(kinds).collect();
        list = arranged(c, list, &mut expected.groups, &kinds);
        let mut pages: Vec<&[Group]> = expected.groups.chunks(top).collect();
        if pages.is_empty() {
            pages.push(&[]);
        }
        let mut rest = selected;
        let of_rest = pages.into_iter().map(|page| {
            rest.retain(|row| !page.iter().any(|group| group.rows.contains(row)));
            if rest.is_empty() { Ok(None) } else { metrics(world, &said, &rest).map(Some) }
        });
        expected.rests = of_rest.collect();
    }
    let column = &world.columns[selector.column];
    Question { text, list, top, expected, may_lack: column.kind == Kind::Path && column.multi }
}

fn said(c: &mut Choices, world: &World) -> Said {
    let has_names = |at: &usize| {
        let column = &world.columns[*at];
        matches!(column.kind, Kind::Keyword | Kind::Status | Kind::User) && !column.multi
    };
    // One for all rates of a list.
    let status = (0..world.columns.len()).find(has_names);
    match status.filter(|_| c.once_in(3)) {
        Some(column) => {
            let names: &[&'static str] = match world.columns[column].kind {
                Kind::Status => &STATUSES,
                Kind::User => &USERS,
                _ => &KEYWORDS,
            };
            Said::Rate(column, c.several(0, 4, |c| c.pick(names)), c.several(0, 8, |c| c.pick(names)))
        }
        None => {
            let (measure, column) = draw::tree::measure(c, world);
            Said::Measure(measure, column)
        }
    }
}

/// All groups in the order of the field.
fn groups(
    world: &World,
    setting: &Setting,
    selector: &Selector,
    said: &[Said],
    selected: &[usize],
) -> Result<Expected, Overflow> {
    let taken: Vec<usize> = selected.iter().copied().filter(|row| selector.takes(world, *row)).collect();
    let around = Around { level: &taken, scope: &setting.inside, visible: &setting.visible };
    let groups = Partition::new(world, selector, &around).groups(&taken);
    let groups = groups.into_iter().map(|(key, rows)| Ok(Group { key, metrics: metrics(world, said, &rows)?, rows }));
    Ok(Expected {
        groups: groups.collect::<Result<_, Overflow>>()?,
        totals: metrics(world, said, selected)?,
        rests: Vec::new(),
    })
}

fn metrics(world: &World, said: &[Said], rows: &[usize]) -> Result<Vec<Place>, Overflow> {
    let count = Number { whole: rows.len() as i128, part: 0 };
    let mut metrics = vec![Place { text: rows.len().to_string(), number: Some(count) }];
    for said in said {
        metrics.push(match said {
            Said::Measure(measure, column) => {
                let number = measure.of(world, *column, rows)?;
                let text = |number| measure.text(world.columns[*column].kind, number);
                Place { text: number.map_or_else(|| "none".to_owned(), text), number }
            }
            Said::Rate(column, part, whole) => {
                let column_of = &world.columns[*column];
                let is_one_of = |row: &usize, names: &[&str]| {
                    let class = column_of.classes(&world.rows[*row][*column]).remove(0);
                    names.iter().any(|name| column_of.classes(&Value::from(*name)) == [class.clone()])
                        && class != Class::Empty
                };
                let whole: Vec<&usize> = rows.iter().filter(|row| is_one_of(row, whole)).collect();
                let n_part = whole.iter().filter(|row| is_one_of(row, part)).count();
                rate(n_part as i128, whole.len() as i128)
            }
        });
    }
    Ok(metrics)
}

fn rate(part: i128, whole: i128) -> Place {
    let number = (whole > 0).then(|| Number { whole: part / whole, part: part % whole * 10i128.pow(24) / whole });
    Place { text: format!("{part} of {whole}"), number }
}

/// With an order and conditions, in the list and among the groups. `kinds` are those of the metrics.
fn arranged(c: &mut Choices, mut list: GroupList, groups: &mut Vec<Group>, kinds: &[Kind]) -> GroupList {
    let name = |at: usize| if at == 0 { "COUNT".to_owned() } else { format!("m{}", at - 1) };
    for _ in 0..c.below(3) {
        let at = c.below(kinds.len());
        // A number that some group has.
        let some = groups.get(c.below(groups.len().max(1))).and_then(|group| group.metrics[at].number);
        let half = Number { whole: 0, part: 5 * 10i128.pow(23) };
        let bound = some.filter(|_| !c.once_in(4)).unwrap_or(half);
        let Some(value) = value(bound, kinds[at]) else { continue };
        let comparisons =
            [Comparison::Equal, Comparison::Below, Comparison::AtMost, Comparison::Above, Comparison::AtLeast];
        let comparison = c.pick(&comparisons);
        list = list.having(name(at), comparison, value);
        groups.retain(|group| {
            group.metrics[at].number.is_some_and(|number| match comparison {
                Comparison::Equal => number == bound,
                Comparison::Below => number < bound,
                Comparison::AtMost => number <= bound,
                Comparison::Above => number > bound,
                _ => number >= bound,
            })
        });
    }
    let at = c.below(kinds.len());
    match c.below(4) {
        1 => {
            groups.sort_by_key(|group| group.metrics[at].number);
            list.ascending(name(at))
        }
        2 => {
            groups.sort_by_key(|group| Reverse(group.metrics[at].number));
            list.descending(name(at))
        }
        3 => {
            groups.reverse();
            list.last_key_first()
        }
        _ => list,
    }
}

/// A number of a kind as a host may write it; none if it has too many digits, or is a rate without an end.
fn value(number: Number, kind: Kind) -> Option<Value> {
    let is_whole = number.part == 0;
    match kind {
        Kind::DateTime => return i64::try_from(number.whole).ok().filter(|_| is_whole).map(Value::Instant),
        Kind::Duration => return i64::try_from(number.whole).ok().filter(|_| is_whole).map(Value::Duration),
        Kind::Date => return i32::try_from(number.whole).ok().filter(|_| is_whole).map(Value::Date),
        _ if is_whole => return i64::try_from(number.whole).ok().map(Value::Integer),
        _ => {}
    }
    let units = number.whole.checked_mul(10i128.pow(24))?.checked_add(number.part)?;
    Decimal::new(units, 24).ok().filter(|decimal| decimal.scale() < 12).map(Value::Decimal)
}

fn overflows(
    runs: &Index<'_>,
    setting: &Setting,
    question: &Question,
    after: Option<&String>,
    ctx: &Context,
) -> Result<(), TestCaseError> {
    let list = after.iter().fold(question.list.clone().top(question.top), |list, after| list.after(after.as_str()));
    let page = runs.list_groups(&list, &setting.query(&question.text), ctx);
    let told: Vec<Code> = page.err().iter().flat_map(tallygrid::Error::diagnostics).map(Diagnostic::code).collect();
    prop_assert_eq!(told, [Code::Overflow], "{:?}", list);
    Ok(())
}

/// Page behind page; else what is wrong with one.
fn paged(
    runs: &Index<'_>,
    setting: &Setting,
    question: &Question,
    expected: &Expected,
    ctx: &Context,
) -> Result<(), String> {
    let Question { text, list, top, may_lack, .. } = question;
    let (mut after, mut start) = (None::<String>, 0);
    for rest in &expected.rests {
        let Ok(rest) = rest else {
            return overflows(runs, setting, question, after.as_ref(), ctx).map_err(|error| error.to_string());
        };
        let list = after.iter().fold(list.clone().top(*top), |list, after| list.after(after.as_str()));
        let page = runs.list_groups(&list, &setting.query(text), ctx).map_err(|error| error.render(text))?.body;
        let end = (start + top).min(expected.groups.len());
        let wanted = &expected.groups[start..end];
        let found: Vec<(&str, Vec<String>)> =
            page.groups.iter().map(|group| (&*group.key, texts(&group.metrics))).collect();
        let keys: Vec<(&str, Vec<String>)> =
            wanted.iter().map(|group| (group.key.as_str(), own_texts(&group.metrics))).collect();
        if found != keys {
            return Err(format!("from {start}: {found:?}, expected {keys:?}"));
        }
        let GroupPage { total, totals, remainder, next, .. } = &page;
        if (*total as usize, texts(totals)) != (expected.groups.len(), own_texts(&expected.totals)) {
            return Err(format!("{total} groups, totals {totals:?}, expected {:?}", expected.totals));
        }
        let told = page.groups.iter().all(|group| group.query.is_some());
        if !told && !may_lack {
            return Err("a group has no query".to_owned());
        }
        if !may_lack && remainder.as_deref().map(texts) != rest.as_deref().map(own_texts) {
            return Err(format!("remainder from {end}: {remainder:?}, expected {rest:?}"));
        }
        // One of each page.
        for (group, wanted) in page.groups.iter().zip(wanted).take(1) {
            let Some(query) = &group.query else { continue };
            let rows = runs.rows(&setting.query(query), ctx).map_err(|error| error.render(query))?.body.rows;
            let rows: Vec<usize> = rows.iter().map(|row| position(&row[0])).collect();
            if rows != wanted.rows {
                return Err(format!("{query:?} selects {rows:?}, not {:?}", wanted.rows));
            }
        }
        if next.is_some() != (end < expected.groups.len()) {
            return Err(format!("next page {next:?} behind {end} of {}", expected.groups.len()));
        }
        (after, start) = (next.clone(), end);
    }
    Ok(())
}

fn texts(metrics: &[Metric]) -> Vec<String> {
    let text = |metric: &Metric| match metric {
        Metric::Value(Value::Null) => "none".to_owned(),
        Metric::Value(value) => value.to_string(),
        Metric::Rate { part, whole } => format!("{part} of {whole}"),
        other => format!("{other:?}"),
    };
    metrics.iter().map(text).collect()
}

fn own_texts(metrics: &[Place]) -> Vec<String> {
    metrics.iter().map(|place| place.text.clone()).collect()
}
