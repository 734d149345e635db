//! A plan as text: what was read and how it is answered. Stable, so that it can be compared; what permissions and scope say
//! is never shown, only how many terms they have.

use std::fmt::Write as _;

use crate::base::hash::HashSet;
use crate::model::catalog::Catalog;
use crate::model::latest::Retries;
use crate::model::schema::Schema;
use crate::model::value::Value;
use crate::plan::levels::{Block, How, LevelId, Levels};
use crate::plan::simplify::simplify;
use crate::plan::stage::{Latest, Output, Plan};
use crate::query::predicate::{Node, Predicate, Subselect};
use crate::query::print::{field_name, literal, print_filter, print_order};
use crate::query::rel::{GroupKey, Measure, Selector, SortKey};

/// The plan's stages, one a line, from the answer down to the scan.
pub(crate) fn explain(plan: &Plan, catalog: &Catalog) -> String {
    let schema = catalog.schema(plan.index);
    let mut out = String::new();
    match &plan.output {
        Output::Rows { order, skip, top } => {
            let _ = writeln!(out, "slice: skip {skip}, top {top}");
            out.push_str(&ordered(order, schema));
        }
        Output::Groups { keys, measures } => {
            let keys: Vec<String> = keys.iter().map(|selector| key(selector, schema)).collect();
            let _ = writeln!(out, "group by: {}", keys.join(", "));
            let _ = writeln!(out, "measures: {}", list(measures, schema));
        }
    }
    out + &scanned(plan, catalog, &filter(&plan.asked, catalog, schema))
}

/// The levels of an aggregate query, each with the results that are taken from it, and the scan that all of them share.
pub(crate) fn explain_levels(levels: &Levels, order: &[SortKey], plan: &Plan, catalog: &Catalog) -> String {
    let schema = catalog.schema(plan.index);
    let mut uses = vec![Vec::new(); levels.levels.len()];
    served(&levels.root, "Results", &mut uses);
    let (mut out, mut has_rows) = (String::new(), false);
    for (at, (level, uses)) in levels.levels.iter().zip(&uses).enumerate() {
        let keys: Vec<String> = level
            .keys
            .iter()
            .zip(&level.chosen_by)
            .map(|(selector, chosen_by)| level_key(selector, *chosen_by, schema))
            .collect();
        let _ = writeln!(out, "level {}: {}", at + 1, uses.join(", "));
        let _ = writeln!(out, "  group by: {}", joined(&keys, "nothing"));
        let counted = std::iter::once("count".to_owned()).filter(|_| !level.whole_scope);
        let measures: Vec<String> = counted.chain(level.measures.iter().map(|one| measure(one, schema))).collect();
        has_rows |= level.measures.contains(&Measure::Rows);
        let _ = writeln!(out, "  measures: {}", joined(&measures, "keys alone"));
        let rows = match level.whole_scope {
            true => "whatever the filter says".to_owned(),
            false => filter(&simplify(&level.path), catalog, schema),
        };
        let _ = writeln!(out, "  rows: {rows}");
    }
    if has_rows {
        out.push_str(&ordered(order, schema));
    }
    out + &scanned(plan, catalog, &filter(&plan.asked, catalog, schema))
}

fn ordered(order: &[SortKey], schema: &Schema) -> String {
    let order = print_order(order, schema);
    format!("order: {}\n", if order.is_empty() { "load order" } else { &order })
}

/// By level: the results that it is for.
fn served(block: &Block, name: &str, uses: &mut [Vec<String>]) {
    let mut note = |level: LevelId, text: String| {
        if let Some(uses) = uses.get_mut(level) {
            uses.push(text);
        }
    };
    note(block.level, name.to_owned());
    for (own, how) in block.names.iter().zip(&block.results) {
        let name = format!("{name}/{}", step(own));
        match how {
            How::Groups { known, block, .. } => {
                if let Some(known) = known {
                    uses.get_mut(*known).into_iter().for_each(|uses| uses.push(format!("keys of {name}")));
                }
                served(block, &name, uses);
            }
            How::Facets(facets) => {
                for (facet, block) in facets {
                    served(block, &format!("{name}/{}", step(&facet.name)), uses);
                }
            }
            _ => {}
        }
    }
}

fn joined(parts: &[String], none: &str) -> String {
    if parts.is_empty() { none.to_owned() } else { parts.join(", ") }
}

/// A result's name as a step of a path.
fn step(name: &str) -> String {
    let is_plain = |c: char| !c.is_whitespace() && !matches!(c, '/' | ',' | '"' | '\\');
    if !name.is_empty() && name.chars().all(is_plain) { name.to_owned() } else { text(name) }
}

/// A text in quotes.
fn text(text: &str) -> String {
    literal(&Value::from(text))
}

fn level_key(selector: &Selector, chosen_by: Option<LevelId>, schema: &Schema) -> String {
    let key = key(selector, schema);
    match (selector.top, chosen_by) {
        (Some(n), None) => format!("Top({key}, {n}) and the rest"),
        (Some(n), Some(level)) => format!("Top({key}, {n}) and the rest as in level {}", level + 1),
        (None, _) if selector.fill => format!("Fill({key})"),
        (None, _) => key,
    }
}

fn key(selector: &Selector, schema: &Schema) -> String {
    let name = field_name(schema.field(selector.key.field()).name());
    match (&selector.key, &selector.format) {
        (GroupKey::Field(_), _) => name,
        (GroupKey::Period(_, period), None) => format!("{period:?}({name})"),
        (GroupKey::Period(_, period), Some(format)) => {
            format!("{period:?}({name}, Format({}))", text(format.as_str()))
        }
        (GroupKey::Bucket(_, edges), _) => {
            let edges: Vec<String> = edges.iter().map(literal).collect();
            format!("Bucket({name}, {})", edges.join(", "))
        }
    }
}

fn list(measures: &[Measure], schema: &Schema) -> String {
    measures.iter().map(|one| measure(one, schema)).collect::<Vec<_>>().join(", ")
}

fn measure(measure: &Measure, schema: &Schema) -> String {
    let name = |field| field_name(schema.field(field).name());
    match measure {
        Measure::CountBy(field) => format!("count by {}", name(*field)),
        Measure::Numbers(field) => format!("numbers of {}", name(*field)),
        Measure::Ranks(field, parts) => {
            let percents: Vec<String> = parts.iter().map(|part| part.percent().to_string()).collect();
            format!("percentiles {} of {}", percents.join(" and "), name(*field))
        }
        Measure::Distinct(field) => format!("distinct values of {}", name(*field)),
        Measure::Rows => "rows".to_owned(),
    }
}

fn filter(predicate: &Predicate, catalog: &Catalog, schema: &Schema) -> String {
    match (predicate.is_const(true), predicate.is_const(false)) {
        (true, _) => "every row".to_owned(),
        (_, true) => "no row".to_owned(),
        _ => print_filter(predicate, schema, catalog),
    }
}

/// What is scanned, and what its rows must pass.
pub(crate) fn scanned(plan: &Plan, catalog: &Catalog, asked: &str) -> String {
    let schema = catalog.schema(plan.index);
    let n_terms = plan.hidden.nodes().iter().filter(|node| matches!(node, Node::Leaf(_))).count();
    let latest = plan.latest.as_ref().map_or_else(String::new, |latest| latest_row(latest, schema));
    let mut out = format!("filter: {asked}\n{latest}scope: {n_terms} terms\nscan: {}\n", schema.name());
    let mut subselects = Vec::new();
    gather_subselects(&plan.asked, &mut HashSet::default(), &mut subselects);
    for Subselect { index, key, .. } in subselects {
        let schema = catalog.schema(*index);
        let _ = writeln!(out, "sub-select: {} of {}", field_name(schema.field(*key).name()), schema.name());
    }
    out
}

fn latest_row(latest: &Latest, schema: &Schema) -> String {
    let Retries { per, by, rule } = latest.retries.map(|field| field_name(schema.field(*field).name()));
    let of_status = rule.status().map_or_else(String::new, |status| format!(" of {status}"));
    format!("latest: per {}, by {}, {}{of_status}\n", per.join(", "), joined(&by, "load order"), rule.name())
}

/// The sub-selects of a predicate in the order in which they are answered: each once, behind those within it. Recurses for
/// braces alone.
fn gather_subselects<'p>(predicate: &'p Predicate, seen: &mut HashSet<&'p Subselect>, found: &mut Vec<&'p Subselect>) {
    for sub in predicate.nodes().iter().filter_map(Node::subselect) {
        if seen.insert(sub) {
            gather_subselects(&sub.predicate, seen, found);
            found.push(sub);
        }
    }
}
