//! A plan as text: what was read and how it is answered. Stable, so that it can be compared; what permissions and scope say
//! is never shown, only how many terms they have.

use std::fmt::Write as _;

use crate::base::hash::HashSet;
use crate::model::catalog::Catalog;
use crate::model::latest::Retries;
use crate::model::schema::Schema;
use crate::plan::levels::{Block, How, LevelId, Levels};
use crate::plan::simplify::simplify;
use crate::plan::stage::{Latest, Output, Plan};
use crate::query::predicate::{Node, Predicate, Subselect};
use crate::query::print::{field_name, print_filter, print_order};
use crate::query::rel::{GroupKey, Measure, Selector};

/// The plan's stages, one a line, from the answer down to the scan.
pub(crate) fn explain(plan: &Plan, catalog: &Catalog) -> String {
    let schema = catalog.schema(plan.index);
    let mut out = String::new();
    match &plan.output {
        Output::Rows { order, skip, top } => {
            let _ = writeln!(out, "slice: skip {skip}, top {top}");
            let order = print_order(order, schema);
            let _ = writeln!(out, "order: {}", if order.is_empty() { "load order" } else { &order });
        }
        Output::Groups { keys, measures } => {
            let keys: Vec<String> = keys.iter().map(|selector| key(&selector.key, schema)).collect();
            let _ = writeln!(out, "group by: {}", keys.join(", "));
            let _ = writeln!(out, "measures: {}", list(measures, schema));
        }
    }
    out + &scanned(plan, catalog)
}

/// The levels of an aggregate query, each with the results that are taken from it, and the scan that all of them share.
pub(crate) fn explain_levels(levels: &Levels, plan: &Plan, catalog: &Catalog) -> String {
    let schema = catalog.schema(plan.index);
    let mut uses = vec![Vec::new(); levels.levels.len()];
    served(&levels.root, "Results", &mut uses);
    let mut out = String::new();
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
        let _ = writeln!(out, "  measures: {}", joined(&measures, "keys alone"));
        let rows = match level.whole_scope {
            true => "whatever the filter says".to_owned(),
            false => filter(&simplify(&level.path), catalog, schema),
        };
        let _ = writeln!(out, "  rows: {rows}");
    }
    out + &scanned(plan, catalog)
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
        let name = format!("{name}/{}", field_name(own));
        match how {
            How::Groups { known, block, .. } => {
                if let Some(known) = known {
                    uses.get_mut(*known).into_iter().for_each(|uses| uses.push(format!("keys of {name}")));
                }
                served(block, &name, uses);
            }
            How::Facets(facets) => {
                for (facet, block) in facets {
                    served(block, &format!("{name}/{}", field_name(&facet.name)), uses);
                }
            }
            _ => {}
        }
    }
}

fn joined(parts: &[String], none: &str) -> String {
    if parts.is_empty() { none.to_owned() } else { parts.join(", ") }
}

fn level_key(selector: &Selector, chosen_by: Option<LevelId>, schema: &Schema) -> String {
    let key = key(&selector.key, schema);
    match (selector.top, chosen_by) {
        (Some(n), None) => format!("Top({key}, {n})"),
        (Some(n), Some(level)) => format!("Top({key}, {n}) of level {}", level + 1),
        (None, _) if selector.fill => format!("Fill({key})"),
        (None, _) => key,
    }
}

fn key(key: &GroupKey, schema: &Schema) -> String {
    let name = field_name(schema.field(key.field()).name());
    match key {
        GroupKey::Field(_) => name,
        GroupKey::Period(_, period) => format!("{period:?}({name})"),
        GroupKey::Bucket(_, edges) => format!("Bucket({name}, {} edges)", edges.len()),
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
        Measure::Ranks(field, parts) => format!("{} ranks of {}", parts.len(), name(*field)),
        Measure::Distinct(field) => format!("distinct values of {}", name(*field)),
        Measure::Rows => "rows".to_owned(),
    }
}

fn filter(predicate: &Predicate, catalog: &Catalog, schema: &Schema) -> String {
    if predicate.is_const(true) { "every row".to_owned() } else { print_filter(predicate, schema, catalog) }
}

/// What is scanned, and what its rows must pass.
fn scanned(plan: &Plan, catalog: &Catalog) -> String {
    let schema = catalog.schema(plan.index);
    let n_terms = plan.hidden.nodes().iter().filter(|node| matches!(node, Node::Leaf(_))).count();
    let asked = filter(&plan.asked, catalog, schema);
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
