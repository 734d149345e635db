//! How an OData request is answered: what is scanned, then one line for each further step.

use std::fmt::Write as _;

use crate::base::error::{Result, both};
use crate::engine::answer::Answer;
use crate::engine::context::Context;
use crate::engine::odata::ask::ODataQuery;
use crate::engine::snapshot::Index;
use crate::model::catalog::Catalog;
use crate::model::schema::Schema;
use crate::plan::stage::Plan;
use crate::query::odata::print::{explain_filter, explain_value};
use crate::query::pipeline::{Aggregated, OrderKey, Part, Step, Then, Until};
use crate::query::predicate::Predicate;
use crate::query::predicate::expr::Expr;
use crate::query::rel::{Rel, Role};

impl Index<'_> {
    /// How the request's rows are found and what is made of them, and what that touched; see [`Index::explain`]. Values that
    /// were computed before are `$0`, `$1` and so on.
    ///
    /// # Errors
    /// As [`Index::odata`].
    pub fn explain_odata(&self, query: &ODataQuery, ctx: &Context) -> Result<Answer<String>> {
        let (rel, (bound, warnings)) = both(self.around(query.around(), ctx), self.bound(query, None, ctx))?;
        let leading = bound.rows.steps.iter().take_while(|step| matches!(step, Step::Where(_)));
        let asked = Predicate::all(leading.clone().filter_map(|step| match step {
            Step::Where(predicate) => Some(predicate.clone()),
            _ => None,
        }));
        let plan = Plan::new(&Rel::Filter { input: rel.into(), role: Role::Query, predicate: asked })?;
        let shown = Shown { schema: self.schema(), catalog: self.catalog() };
        let mut out = crate::plan::explain::scanned(&plan, self.catalog(), &shown.filter(&plan.asked));
        for step in bound.rows.steps.iter().skip(leading.count()) {
            shown.step(step, 0, &mut out);
        }
        for column in &bound.rows.columns {
            let path: Vec<&str> = column.path.iter().map(|part| &**part).collect();
            let _ = writeln!(out, "column: {} as {}", shown.value(&column.value), path.join("/"));
        }
        if !bound.order.is_empty() {
            let _ = writeln!(out, "order: {}", shown.order(&bound.order));
        }
        let top = bound
            .top
            .or(query.default_top(bound.rows.index.is_some()))
            .map_or_else(|| "all rows".to_owned(), |top| format!("{top} rows"));
        let _ = writeln!(out, "take: {top} after {}", bound.skip);
        for expand in &bound.expand {
            let _ = writeln!(out, "expand: {}", expand.name);
        }
        self.explained(out, &plan, warnings, ctx)
    }
}

/// What names are looked up in.
struct Shown<'a> {
    schema: &'a Schema,
    catalog: &'a Catalog,
}

impl Shown<'_> {
    fn filter(&self, predicate: &Predicate) -> String {
        match predicate.is_const(true) {
            true => "every row".to_owned(),
            false => explain_filter(predicate, self.schema, self.catalog),
        }
    }

    fn value(&self, expr: &Expr) -> String {
        explain_value(expr, self.schema, self.catalog)
    }

    fn values(&self, list: &[Expr]) -> String {
        list.iter().map(|expr| self.value(expr)).collect::<Vec<_>>().join(", ")
    }

    fn order(&self, keys: &[OrderKey]) -> String {
        let key = |key: &OrderKey| format!("{}{}", self.value(&key.value), if key.descending { " desc" } else { "" });
        keys.iter().map(key).collect::<Vec<_>>().join(", ")
    }

    /// One line, and those of the steps within it further to the right.
    fn step(&self, step: &Step, depth: usize, out: &mut String) {
        let indent = "  ".repeat(depth);
        let line = match step {
            Step::Where(predicate) => format!("keep: {}", self.filter(predicate)),
            Step::Filter(condition) => format!("keep: {}", self.value(condition)),
            Step::Percentile { value, part, partition } => {
                let by = if partition.is_empty() { String::new() } else { format!(" by {}", self.values(partition)) };
                format!("percentile: {} of {} of {}{by}", part.part, part.whole, self.value(value))
            }
            Step::Total(aggregated) => format!("total: {}", self.aggregated(aggregated)),
            Step::Sort(keys) => format!("order: {}", self.order(keys)),
            Step::Slice { skip, top: u64::MAX } => format!("leave out: {skip}"),
            Step::Slice { skip, top } => format!("take: {top} after {skip}"),
            Step::Ranked { ranking, limit, by } => {
                let end = if ranking.bottom { "least" } else { "greatest" };
                let until = match ranking.until {
                    Until::Count => "rows",
                    Until::Percent => "percent of the sum",
                    Until::Sum => "of the sum",
                };
                format!("rank: {} {until} from the {end} {}", self.value(limit), self.value(by))
            }
            Step::Group(grouping) => {
                let sets = if grouping.sets.len() > 1 {
                    format!(", {} sets of keys", grouping.sets.len())
                } else {
                    String::new()
                };
                let by = if grouping.keys.is_empty() { "all together".to_owned() } else { self.values(&grouping.keys) };
                match &grouping.then {
                    Then::Aggregate(list) => {
                        let measures = list.iter().map(|aggregated| self.aggregated(aggregated)).collect::<Vec<_>>();
                        let measures =
                            if measures.is_empty() { String::new() } else { format!("; {}", measures.join(", ")) };
                        format!("group: {by}{sets}{measures}")
                    }
                    Then::Each(part) => {
                        let _ = writeln!(out, "{indent}group: {by}{sets}; of each");
                        return self.part(part, depth + 1, out);
                    }
                }
            }
            Step::Concat(parts) => {
                let _ = writeln!(out, "{indent}together: {} parts", parts.len());
                for part in parts {
                    let _ = writeln!(out, "{indent}  part");
                    self.part(part, depth + 2, out);
                }
                return;
            }
        };
        let _ = writeln!(out, "{indent}{line}");
    }

    fn part(&self, part: &Part, depth: usize, out: &mut String) {
        part.steps.iter().for_each(|step| self.step(step, depth, out));
    }

    fn aggregated(&self, aggregated: &Aggregated) -> String {
        let mut text = match &aggregated.operand {
            None => "number of rows".to_owned(),
            Some(operand) => format!("{} of {}", aggregated.method.as_str(), self.value(operand)),
        };
        if let Some(once) = &aggregated.once_per {
            let _ = write!(text, " once per {}", self.value(once));
        }
        for from in &aggregated.from {
            let _ = write!(text, " from {} with {}", self.values(&from.keys), from.method.as_str());
        }
        text
    }
}
