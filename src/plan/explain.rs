//! A plan as text: what was read and how it is answered. Stable, so that it can be compared; what permissions and scope say
//! is never shown, only how many terms they have.

use std::fmt::Write as _;

use crate::model::catalog::Catalog;
use crate::plan::stage::{Output, Plan};
use crate::query::predicate::Node;
use crate::query::print::{field_name, print_filter, print_order};
use crate::query::rel::{GroupKey, Measure};

/// The plan's stages, one a line, from the answer down to the scan.
pub(crate) fn explain(plan: &Plan, catalog: &Catalog) -> String {
    let schema = catalog.schema(plan.index);
    let name = |field| field_name(schema.field(field).name());
    let mut out = String::new();
    match &plan.output {
        Output::Rows { order, skip, top } => {
            let _ = writeln!(out, "slice: skip {skip}, top {top}");
            let order = print_order(order, schema);
            let _ = writeln!(out, "order: {}", if order.is_empty() { "load order" } else { &order });
        }
        Output::Groups { keys, measures } => {
            let keys: Vec<String> = keys
                .iter()
                .map(|selector| match &selector.key {
                    GroupKey::Field(field) => name(*field),
                    GroupKey::Period(field, period) => format!("{period:?}({})", name(*field)),
                    GroupKey::Bucket(field, edges) => format!("Bucket({}, {} edges)", name(*field), edges.len()),
                })
                .collect();
            let measures: Vec<String> = measures
                .iter()
                .map(|measure| match measure {
                    Measure::CountBy(field) => format!("count by {}", name(*field)),
                    Measure::Numbers(field) => format!("numbers of {}", name(*field)),
                    Measure::Ranks(field, parts) => format!("{} ranks of {}", parts.len(), name(*field)),
                    Measure::Distinct(field) => format!("distinct values of {}", name(*field)),
                    Measure::Rows => "rows".to_owned(),
                })
                .collect();
            let _ = writeln!(out, "group by: {}", keys.join(", "));
            let _ = writeln!(out, "measures: {}", measures.join(", "));
        }
    }
    let asked =
        if plan.asked.is_const(true) { "every row".to_owned() } else { print_filter(&plan.asked, schema, catalog) };
    let _ = writeln!(out, "filter: {asked}");
    let n_terms = plan.hidden.nodes().iter().filter(|node| matches!(node, Node::Leaf(_))).count();
    let _ = writeln!(out, "scope: {n_terms} terms");
    let _ = writeln!(out, "scan: {}", schema.name());
    out
}
