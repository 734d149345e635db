//! Aggregates of every shape: names, keys, order and numbers, node by node; nested totals; the query of every node; and what
//! is printed or laid out says the same.

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use tallygrid::{
    Aggregation, Answer, Code, Context, Diagnostic, Index, Kind, Limits, ResultGroup, ResultValue, Results, Rule,
    Value, check_tql, format_tql,
};

use super::ask::{position, shown};
use super::setting::Setting;
use crate::oracle::choices::Choices;
use crate::oracle::measure::Overflow;
use crate::oracle::results::{Answered, Asked, Node, Results as Expected};
use crate::oracle::tree::{Entry, What};
use crate::oracle::world::{Layout, World};
use crate::oracle::{draw, write};

struct Question {
    text: String,
    tree: Vec<Entry>,
    selected: usize,
    expected: Result<Expected, Overflow>,
}

/// Trees of what a caller may see.
pub(crate) fn trees(world: &World, layouts: &[Layout], c: &mut Choices) -> Result<(), TestCaseError> {
    let setting = &Setting::draw(c, world);
    let questions = c.several(1, 4, |c| question(c, world, setting));
    let ctx = setting.context(world);
    for (n_layout, layout) in layouts.iter().enumerate() {
        let engine = world.engine(*layout);
        let snapshot = engine.snapshot();
        let runs = snapshot.index("Run", &ctx).unwrap();
        for (n, question) in questions.iter().enumerate() {
            let Question { text, expected, .. } = question;
            let why = |said: &str| format!("{said}\n{text:?} in {layout:?}{}", shown(world));
            let answer = runs.aggregate(&setting.query(text).with_queries(), &ctx);
            let Ok(expected) = expected else {
                let told: Vec<Code> =
                    answer.err().iter().flat_map(tallygrid::Error::diagnostics).map(Diagnostic::code).collect();
                prop_assert_eq!(told, [Code::Overflow], "{}", why(""));
                continue;
            };
            prop_assert!(answer.is_ok(), "{}", why(&answer.unwrap_err().render(text)));
            let answer = answer.unwrap();
            let agreed = agree(&answer.body.results, expected, "");
            prop_assert!(agreed.is_ok(), "{}", why(&agreed.unwrap_err()));
            // Answers are the same everywhere; one layout each is enough for asking again.
            if n % layouts.len() == n_layout {
                let totals = add_up(world, &question.tree, question.selected, &answer.body.results, "");
                prop_assert!(totals.is_ok(), "{}", why(&totals.unwrap_err()));
                let nodes = nodes(&answer.body.results, expected);
                let again = asked_again(&runs, setting, &nodes, may_lack_queries(world, &question.tree), &ctx);
                prop_assert!(again.is_ok(), "{}", why(&again.unwrap_err()));
                let same = printed(&runs, setting, text, &answer, &ctx);
                prop_assert!(same.is_ok(), "{}", why(&same.unwrap_err()));
            }
        }
    }
    Ok(())
}

fn question(c: &mut Choices, world: &World, setting: &Setting) -> Question {
    let tree = draw::tree::tree(c, world);
    let filter = (!c.once_in(3)).then(|| draw::query::filter(c, world, 1));
    let order = if c.once_in(3) { draw::query::order(c, world) } else { Vec::new() };
    let text = write::tree::query(world, &tree, filter.as_ref(), &order, c);
    let selected = setting.selected(filter.as_ref());
    let Setting { seen, visible, inside, .. } = setting;
    let asked = Asked { world, seen, visible, scope: inside, order: &order };
    let expected = asked.results(&tree, &selected, &selected);
    Question { text, tree, selected: selected.len(), expected }
}

/// Whether the results are as expected; else where they are not.
fn agree(found: &Results, expected: &Expected, place: &str) -> Result<(), String> {
    let names: Vec<&str> = found.iter().map(|(name, _)| name).collect();
    let wanted: Vec<&str> = expected.iter().map(|(name, _)| name.as_str()).collect();
    if names != wanted {
        return Err(format!("{place}: results {names:?}, expected {wanted:?}"));
    }
    for ((name, found), (_, expected)) in found.iter().zip(expected) {
        let place = format!("{place}/{name}");
        match (found, expected) {
            (ResultValue::Value(value), Answered::Number(number)) => {
                let text = if *value == Value::Null { None } else { Some(value.to_string()) };
                if text != *number {
                    return Err(format!("{place}: {text:?}, expected {number:?}"));
                }
            }
            (ResultValue::Rows(rows), Answered::Rows(wanted)) => {
                if rows != wanted {
                    return Err(format!("{place}: rows {rows:?}, expected {wanted:?}"));
                }
            }
            (ResultValue::Groups { groups, remainder }, Answered::Groups(nodes, rest)) => {
                let keys: Vec<&str> = groups.iter().map(|group| &*group.key).collect();
                let wanted: Vec<&str> = nodes.iter().map(|node| node.key.as_str()).collect();
                if keys != wanted {
                    return Err(format!("{place}: groups {keys:?}, expected {wanted:?}"));
                }
                if remainder.is_some() != rest.is_some() {
                    return Err(format!("{place}: remainder {remainder:?}, expected {rest:?}"));
                }
                let rests = remainder.as_deref().into_iter().zip(rest.as_deref());
                for (group, node) in groups.iter().zip(nodes).chain(rests) {
                    agree(&group.results, &node.results, &format!("{place}[{:?}]", group.key))?;
                }
            }
            _ => return Err(format!("{place}: {found:?}, expected {expected:?}")),
        }
    }
    Ok(())
}

/// Whether the groups by fields with one value in a row have together as many rows as what they are groups of.
fn add_up(world: &World, block: &[Entry], n: usize, results: &Results, place: &str) -> Result<(), String> {
    for (entry, (name, value)) in block.iter().zip(results.iter()) {
        let place = format!("{place}/{name}");
        let (What::Groups(_, inner) | What::Facets(_, inner)) = &entry.what else { continue };
        let ResultValue::Groups { groups, remainder } = value else { continue };
        let counted = inner.iter().find(|inner| matches!(inner.what, What::Count)).map(|inner| &inner.name);
        let mut sum = Some(0);
        for group in groups.iter().chain(remainder.as_deref()) {
            let own = counted.and_then(|name| group.results.get(name)).map(count).transpose()?;
            sum = sum.zip(own).map(|(sum, own)| sum + own);
            if let Some(own) = own {
                add_up(world, inner, own, &group.results, &format!("{place}[{:?}]", group.key))?;
            }
        }
        let parts_all = match &entry.what {
            What::Groups(selector, _) => !world.columns[selector.column].multi && !selector.leaves_out(),
            _ => false,
        };
        match sum {
            Some(sum) if parts_all && sum != n => return Err(format!("{place}: {sum} rows in groups of {n}")),
            _ => {}
        }
    }
    Ok(())
}

fn count(value: &ResultValue) -> Result<usize, String> {
    match value {
        ResultValue::Value(Value::Integer(n)) => usize::try_from(*n).map_err(|_| format!("{n} rows")),
        other => Err(format!("{other:?} is no count")),
    }
}

/// Every node that is found, with what is expected of it.
fn nodes<'a>(found: &'a Results, expected: &'a Expected) -> Vec<(&'a ResultGroup, &'a Node)> {
    let mut nodes = Vec::new();
    for ((_, found), (_, expected)) in found.iter().zip(expected) {
        if let (ResultValue::Groups { groups, remainder }, Answered::Groups(wanted, rest)) = (found, expected) {
            let rests = remainder.as_deref().into_iter().zip(rest.as_deref());
            for (group, node) in groups.iter().zip(wanted).chain(rests) {
                nodes.push((group, node));
                nodes.extend(self::nodes(&group.results, &node.results));
            }
        }
    }
    nodes
}

/// Most nodes of a tree whose queries are run.
const MOST_ASKED: usize = 40;

/// Where more rows are selected, it has to be as many as expected.
const MOST_LISTED: u64 = 200;

/// The query of each node selects its rows and no others.
fn asked_again(
    runs: &Index<'_>,
    setting: &Setting,
    nodes: &[(&ResultGroup, &Node)],
    may_lack: bool,
    ctx: &Context,
) -> Result<(), String> {
    // From all over the tree.
    for (group, node) in nodes.iter().step_by(nodes.len().div_ceil(MOST_ASKED).max(1)) {
        let Some(text) = &group.query else {
            if may_lack {
                continue;
            }
            return Err(format!("the group {:?} has no query", group.key));
        };
        let page = runs.rows(&setting.query(text).top(MOST_LISTED), ctx).map_err(|error| error.render(text))?.body;
        if page.total > MOST_LISTED && page.total as usize == node.rows.len() {
            continue;
        }
        let rows: Vec<usize> = page.rows.iter().map(|row| position(&row[0])).collect();
        if rows != node.rows {
            return Err(format!("{text:?} of {:?} selects {rows:?}, not {:?}", group.key, node.rows));
        }
    }
    Ok(())
}

/// Whether some rows may be in several groups whose places go by one name.
fn may_lack_queries(world: &World, block: &[Entry]) -> bool {
    block.iter().any(|entry| match &entry.what {
        What::Groups(selector, inner) => {
            let column = &world.columns[selector.column];
            (column.kind == Kind::Path && column.multi) || may_lack_queries(world, inner)
        }
        What::Facets(_, inner) => may_lack_queries(world, inner),
        _ => false,
    })
}

/// Both printed forms and the text over several lines say the same.
fn printed(
    runs: &Index<'_>,
    setting: &Setting,
    text: &str,
    answer: &Answer<Aggregation>,
    ctx: &Context,
) -> Result<(), String> {
    let check = check_tql(text, Rule::Query, None, ctx).map_err(|error| error.render(text))?;
    let laid_out = format_tql(text, Rule::Query, &Limits::default()).text;
    for other in [check.printed, check.parenthesised, Some(laid_out)] {
        let other = other.ok_or("a right text is not printed")?;
        let again = runs.aggregate(&setting.query(&other).with_queries(), ctx).map_err(|error| error.render(&other))?;
        if again.body != answer.body {
            return Err(format!("{other:?} says {:?}, not {:?}", again.body, answer.body));
        }
    }
    Ok(())
}
