//! Meaning back to TQL: drill-down queries and explains. The text binds back to the same meaning; dates come out as absolute
//! instants, so that it means the same tomorrow and in another zone.

use std::fmt::Write as _;

use crate::lang::tql::lex::is_bare;
use crate::lang::tql::print::quoted;
use crate::model::catalog::Catalog;
use crate::model::cell::text_of;
use crate::model::field::Field;
use crate::model::schema::ALL_TEXT;
use crate::model::schema::Schema;
use crate::model::time::calendar::Unit;
use crate::model::value::Value;
use crate::query::predicate::{Bound, Leaf, Node, NodeId, Order, Predicate, Shift, Side};
use crate::query::rel::SortKey;

/// A filter that selects the predicate's rows. Linear; walks with a stack of its own, since chains may be long.
pub(crate) fn print_filter(predicate: &Predicate, schema: &Schema, catalog: &Catalog) -> String {
    print_from(predicate, Inside::Nothing, schema, catalog)
}

/// The same as a member of a chain: with parentheses around it if it needs them there.
pub(crate) fn print_member(predicate: &Predicate, schema: &Schema, catalog: &Catalog) -> String {
    print_from(predicate, Inside::Chain, schema, catalog)
}

fn print_from(predicate: &Predicate, inside: Inside, schema: &Schema, catalog: &Catalog) -> String {
    let first = if depth(predicate) > MOST_BRACKETS { Inside::First } else { Inside::Chain };
    let mut out = String::new();
    Printer { predicate, schema, catalog, first }.print(inside, &mut out);
    out
}

/// One predicate being printed; each sub-select is another.
#[derive(Clone, Copy)]
struct Printer<'a> {
    predicate: &'a Predicate,
    schema: &'a Schema,
    catalog: &'a Catalog,
    /// What surrounds the first member of a chain.
    first: Inside,
}

/// `ORDER BY …`; empty for no order.
pub(crate) fn print_order(order: &[SortKey], schema: &Schema) -> String {
    let mut out = String::new();
    for (i, key) in order.iter().enumerate() {
        out.push_str(if i == 0 { "ORDER BY " } else { ", " });
        out.push_str(&field_name(schema.field(key.field).name()));
        out.push_str(if key.descending { " DESC" } else { "" });
    }
    out
}

/// A field's name as it may stand in front of an operator.
pub(crate) fn field_name(name: &str) -> String {
    let is_keyword = ["NOT", "AND", "OR", "ORDER", "WHERE", "GROUP", "COUNT", "ENTITIES", "FACETED", "IN", "IS"]
        .iter()
        .any(|keyword| name.eq_ignore_ascii_case(keyword));
    if name.is_empty() || is_keyword || !name.chars().all(is_bare) { quoted(name) } else { name.to_owned() }
}

/// What surrounds a node.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Nothing,
    Chain,
    /// The first place of a chain, where another chain needs no parentheses: chains are read from the left.
    First,
}

/// Deepest nesting that is shown with parentheses everywhere; beyond, the left-to-right reading serves, so that a long
/// chain of alternating AND and OR does not become too deep to read again.
const MOST_BRACKETS: usize = 50;

/// How deep chains and braces stand in one another. Recurses for braces alone, as the parser did.
fn depth(p: &Predicate) -> usize {
    let mut depths: Vec<usize> = Vec::with_capacity(p.nodes().len());
    for node in p.nodes() {
        depths.push(match node {
            Node::Leaf(leaf) => leaf.subselect().map_or(0, |sub| depth(&sub.predicate) + 1),
            Node::Const(_) => 0,
            Node::Not(child) => depths[child.idx()] + 1,
            Node::And(children) | Node::Or(children) => children.iter().map(|c| depths[c.idx()]).max().unwrap_or(0) + 1,
        });
    }
    depths[p.root().idx()]
}

enum Step {
    Text(&'static str),
    Node { id: NodeId, inside: Inside },
}

impl Printer<'_> {
    fn print(self, inside: Inside, out: &mut String) {
        let mut todo = vec![Step::Node { id: self.predicate.root(), inside }];
        while let Some(step) = todo.pop() {
            match step {
                Step::Text(text) => out.push_str(text),
                Step::Node { id, inside } => self.node(id, inside, out, &mut todo),
            }
        }
    }

    fn node(self, id: NodeId, inside: Inside, out: &mut String, todo: &mut Vec<Step>) {
        let mut bracket = |todo: &mut Vec<Step>, is_not: bool| {
            if inside == Inside::Chain || (inside == Inside::First && is_not) {
                out.push('(');
                todo.push(Step::Text(")"));
            }
        };
        match self.predicate.node(id) {
            Node::Const(value) => {
                let name = field_name(self.schema.fields()[0].name());
                let joiner = if *value { "OR" } else { "AND" };
                let _ = write!(out, "({name} IS EMPTY {joiner} {name} IS NOT EMPTY)");
            }
            Node::Leaf(leaf) => self.leaf(leaf, false, out),
            Node::Not(child) => match self.predicate.node(*child) {
                Node::Leaf(leaf) if !matches!(leaf, Leaf::Range { .. }) => self.leaf(leaf, true, out),
                _ => {
                    // NOT reaches over every OR that follows, so in a chain it needs parentheses around it too.
                    bracket(todo, true);
                    out.push_str("NOT (");
                    todo.push(Step::Text(")"));
                    todo.push(Step::Node { id: *child, inside: Inside::Nothing });
                }
            },
            Node::And(children) => {
                bracket(todo, false);
                self.chain(children, " AND ", todo);
            }
            Node::Or(children) => {
                bracket(todo, false);
                self.chain(children, " OR ", todo);
            }
        }
    }

    fn chain(self, children: &[NodeId], joiner: &'static str, todo: &mut Vec<Step>) {
        for (i, child) in children.iter().enumerate().rev() {
            todo.push(Step::Node { id: *child, inside: if i == 0 { self.first } else { Inside::Chain } });
            if i > 0 {
                todo.push(Step::Text(joiner));
            }
        }
    }

    /// One test, or its complement where the language has an operator for it.
    fn leaf(self, leaf: &Leaf, negated: bool, out: &mut String) {
        let field = leaf.field().map(|field| self.schema.field(field));
        let name = field_name(field.map_or(ALL_TEXT, Field::name));
        match leaf {
            Leaf::IsEmpty { .. } | Leaf::LeadsNowhere { .. } => {
                let _ = write!(out, "{name} IS {}EMPTY", if negated { "NOT " } else { "" });
            }
            Leaf::OneOf { values, .. } => {
                let mut texts: Vec<String> = values.iter().map(literal).collect();
                // Two numbers in a list would be a range; three are members.
                if texts.len() == 2 && field.is_some_and(|field| field.kind().is_number()) {
                    texts.insert(0, texts[0].clone());
                }
                membership(&name, &texts, negated, out);
            }
            Leaf::Within { ancestors, containers, .. } => {
                let ancestors = field.filter(|_| *ancestors).and_then(Field::ancestors_name);
                let name = ancestors.map_or(name, |name| field_name(&name));
                membership(&name, &containers.iter().map(|c| quoted(c)).collect::<Vec<_>>(), negated, out);
            }
            Leaf::Matches { search, .. } | Leaf::MatchesAny { search, .. } => {
                let _ = write!(out, "{name} {} {}", if negated { "!~" } else { "~" }, quoted(&search.to_string()));
            }
            Leaf::Compare { left, order, right } => {
                let function = match order {
                    Order::Equal => "Equal",
                    Order::Less => "LessThan",
                    Order::LessOrEqual => "LessThanOrEqual",
                    Order::Greater => "GreaterThan",
                    Order::GreaterOrEqual => "GreaterThanOrEqual",
                };
                let call = format!("{function}({}, {})", print_side(left, self.schema), print_side(right, self.schema));
                let _ = if negated { write!(out, "Not({call})") } else { write!(out, "{call}") };
            }
            Leaf::Semi { sub, .. } => {
                let _ = write!(out, "{name} {} {{ ", if negated { "NOT IN" } else { "IN" });
                if !sub.predicate.is_const(true) {
                    let schema = self.catalog.schema(sub.index);
                    Printer { predicate: &sub.predicate, schema, ..self }.print(Inside::Nothing, out);
                    out.push(' ');
                }
                out.push('}');
            }
            Leaf::Range { low: Bound::Open, high: Bound::Open, .. } => {
                let _ = write!(out, "{name} IS NOT EMPTY");
            }
            Leaf::Range { low: Bound::Inclusive(low), high: Bound::Inclusive(high), .. } => {
                let _ = write!(out, "{name} IN [{}, {}]", literal(low), literal(high));
            }
            Leaf::Range { low, high, .. } => {
                let part = |bound: &Bound, inclusive: &str, exclusive: &str| match bound {
                    Bound::Open => None,
                    Bound::Inclusive(value) => Some(format!("{name} {inclusive} {}", literal(value))),
                    Bound::Exclusive(value) => Some(format!("{name} {exclusive} {}", literal(value))),
                };
                match (part(low, ">=", ">"), part(high, "<=", "<")) {
                    (Some(low), Some(high)) => {
                        let _ = write!(out, "({low} AND {high})");
                    }
                    (low, high) => out.extend(low.or(high)),
                }
            }
        }
    }
}

/// A field with the function that moves it in time.
fn print_side(side: &Side, schema: &Schema) -> String {
    let name = |field| field_name(schema.field(field).name());
    let (negative, by) = match &side.shift {
        None => return name(side.field),
        Some(Shift::Field { field, negative }) => (*negative, name(*field)),
        Some(Shift::Span(span, _)) => {
            let part = |(amount, unit): &(i64, Unit)| format!("{amount} {}", unit.as_str());
            let parts: Vec<String> = span.parts.iter().map(part).collect();
            (span.negative, quoted(&parts.join(" ")))
        }
    };
    format!("{}({}, {by})", if negative { "DateSubtract" } else { "DateAdd" }, name(side.field))
}

fn membership(name: &str, values: &[String], negated: bool, out: &mut String) {
    let _ = match values {
        [one] => write!(out, "{name} {} {one}", if negated { "!=" } else { "=" }),
        many => write!(out, "{name} {} [{}]", if negated { "NOT IN" } else { "IN" }, many.join(", ")),
    };
}

/// A value as a literal: whole numbers bare, everything else in quotes.
fn literal(value: &Value) -> String {
    match value {
        Value::Integer(n) => n.to_string(),
        Value::Boolean(b) => if *b { "Yes" } else { "No" }.to_owned(),
        other => quoted(&text_of(other)),
    }
}
