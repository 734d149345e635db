//! Meaning back to TQL: drill-down queries and explains. The text binds back to the same meaning; dates come out as absolute
//! instants, so that it means the same tomorrow and in another zone.

use std::fmt::Write as _;

use crate::lang::tql::ast::Junction;
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

/// How many parentheses a text has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// So many that nobody needs to know how chains are read.
    Clear,
    /// So few that the text is no deeper than the query that it comes from: chains are read from the left, and NOT reaches
    /// over every OR behind it.
    Flat,
}

/// A filter that selects the predicate's rows. Linear; walks with a stack of its own, since chains may be long.
pub(crate) fn print_filter(predicate: &Predicate, schema: &Schema, catalog: &Catalog) -> String {
    // A long chain of alternating AND and OR would become too deep to be read again.
    let style = if depth(predicate) > MOST_BRACKETS { Style::Flat } else { Style::Clear };
    Printer { predicate, schema, catalog, style }.text(Place::ALONE)
}

/// The same with ` AND ` behind it.
pub(crate) fn print_first(predicate: &Predicate, style: Style, schema: &Schema, catalog: &Catalog) -> String {
    let place = Place { chain: Some(Junction::And), ..Place::ALONE };
    Printer { predicate, schema, catalog, style }.text(place)
}

/// The same with ` AND ` before it.
pub(crate) fn print_member(predicate: &Predicate, schema: &Schema, catalog: &Catalog) -> String {
    let place = Place { chain: Some(Junction::And), is_start: false, or_follows: false };
    Printer { predicate, schema, catalog, style: Style::Clear }.text(place)
}

/// One predicate being printed; each sub-select is another.
#[derive(Clone, Copy)]
struct Printer<'a> {
    predicate: &'a Predicate,
    schema: &'a Schema,
    catalog: &'a Catalog,
    style: Style,
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

/// Deepest nesting that filters are shown with in the clear style.
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

/// What surrounds a node, and so whether it needs parentheses.
#[derive(Clone, Copy)]
struct Place {
    /// What joins it to its neighbours; none by itself.
    chain: Option<Junction>,
    /// Whether nothing stands before it, up to the next bracket.
    is_start: bool,
    /// Whether an OR stands behind it.
    or_follows: bool,
}

impl Place {
    const ALONE: Self = Self { chain: None, is_start: true, or_follows: false };

    /// Of the member of a chain that stands here, with that many behind it.
    fn member(self, joiner: Junction, at: usize, n_behind: usize) -> Self {
        let or_follows = if n_behind == 0 { self.or_follows } else { joiner == Junction::Or };
        Self { chain: Some(joiner), is_start: self.is_start && at == 0, or_follows }
    }

    /// Whether a chain here needs parentheses.
    fn parts_chain(self, joiner: Junction, style: Style) -> bool {
        let is_read_so = self.is_start && style == Style::Flat;
        self.chain.is_some_and(|around| around != joiner) && !is_read_so
    }
}

/// What is still to be printed.
enum Step {
    Text(&'static str),
    Node(NodeId, Place),
}

impl Printer<'_> {
    fn text(self, place: Place) -> String {
        let mut out = String::new();
        self.print(place, &mut out);
        out
    }

    fn print(self, place: Place, out: &mut String) {
        let mut todo = vec![Step::Node(self.predicate.root(), place)];
        while let Some(step) = todo.pop() {
            match step {
                Step::Text(text) => out.push_str(text),
                Step::Node(id, place) => self.node(id, place, out, &mut todo),
            }
        }
    }

    fn node(self, id: NodeId, place: Place, out: &mut String, todo: &mut Vec<Step>) {
        match self.predicate.node(id) {
            Node::Const(value) => {
                let name = field_name(self.schema.fields()[0].name());
                let joiner = if *value { "OR" } else { "AND" };
                let _ = write!(out, "({name} IS EMPTY {joiner} {name} IS NOT EMPTY)");
            }
            Node::Leaf(leaf) => {
                bracket(place, is_chain(leaf) && place.parts_chain(Junction::And, self.style), out, todo);
                self.leaf(leaf, false, out);
            }
            Node::Not(child) => match self.predicate.node(*child) {
                Node::Leaf(leaf) if has_complement(leaf) => self.leaf(leaf, true, out),
                _ => self.not(*child, place, out, todo),
            },
            Node::And(children) => self.chain(children, Junction::And, place, out, todo),
            Node::Or(children) => self.chain(children, Junction::Or, place, out, todo),
        }
    }

    fn not(self, child: NodeId, place: Place, out: &mut String, todo: &mut Vec<Step>) {
        bracket(place, place.or_follows, out, todo);
        out.push_str("NOT ");
        match self.predicate.node(child) {
            Node::Or(children) if self.style == Style::Flat => {
                members(children, Junction::Or, Place { is_start: false, ..Place::ALONE }, todo);
            }
            Node::Leaf(leaf) if !is_chain(leaf) => self.leaf(leaf, false, out),
            _ => {
                let within = bracket(place, true, out, todo);
                todo.push(Step::Node(child, within));
            }
        }
    }

    fn chain(self, children: &[NodeId], joiner: Junction, place: Place, out: &mut String, todo: &mut Vec<Step>) {
        let within = bracket(place, place.parts_chain(joiner, self.style), out, todo);
        members(children, joiner, within, todo);
    }

    /// One test, or its complement where the language has an operator for it.
    fn leaf(self, leaf: &Leaf, negated: bool, out: &mut String) {
        let field = leaf.field().map(|field| self.schema.field(field));
        let name = field_name(field.map_or(ALL_TEXT, Field::name));
        match leaf {
            Leaf::IsEmpty { .. } | Leaf::AllEmpty { .. } | Leaf::LeadsNowhere { .. } => {
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
                    Order::Equal if negated => "NotEqual",
                    Order::Equal => "Equal",
                    Order::Less => "LessThan",
                    Order::LessOrEqual => "LessThanOrEqual",
                    Order::Greater => "GreaterThan",
                    Order::GreaterOrEqual => "GreaterThanOrEqual",
                };
                let (left, right) = (print_side(left, self.schema), print_side(right, self.schema));
                let _ = write!(out, "{function}({left}, {right})");
            }
            Leaf::IsTrue { .. } | Leaf::Element { .. } => out.push('…'),
            Leaf::Semi { sub, .. } => {
                let _ = write!(out, "{name} {} {{ ", if negated { "NOT IN" } else { "IN" });
                if !sub.predicate.is_const(true) {
                    let schema = self.catalog.schema(sub.index);
                    Printer { predicate: &sub.predicate, schema, ..self }.print(Place::ALONE, out);
                    out.push(' ');
                }
                out.push('}');
            }
            Leaf::Range { low: Bound::Open, high: Bound::Open, .. } => {
                let _ = write!(out, "{name} IS {}EMPTY", if negated { "" } else { "NOT " });
            }
            Leaf::Range { low: Bound::Inclusive(low), high: Bound::Inclusive(high), .. } => {
                let not = if negated { "NOT " } else { "" };
                let _ = write!(out, "{name} {not}IN [{}, {}]", literal(low), literal(high));
            }
            Leaf::Range { low, high, .. } => {
                let part = |bound: &Bound, inclusive: &str, exclusive: &str| match bound {
                    Bound::Open => None,
                    Bound::Inclusive(value) => Some(format!("{name} {inclusive} {}", literal(value))),
                    Bound::Exclusive(value) => Some(format!("{name} {exclusive} {}", literal(value))),
                };
                match (part(low, ">=", ">"), part(high, "<=", "<")) {
                    (Some(low), Some(high)) => {
                        let _ = write!(out, "{low} AND {high}");
                    }
                    (low, high) => out.extend(low.or(high)),
                }
            }
        }
    }
}

/// Opens parentheses if they are needed; answers the place within.
fn bracket(place: Place, is_needed: bool, out: &mut String, todo: &mut Vec<Step>) -> Place {
    if !is_needed {
        return place;
    }
    out.push('(');
    todo.push(Step::Text(")"));
    Place::ALONE
}

/// The members of a chain, the first on top.
fn members(children: &[NodeId], joiner: Junction, place: Place, todo: &mut Vec<Step>) {
    for (at, child) in children.iter().enumerate().rev() {
        todo.push(Step::Node(*child, place.member(joiner, at, children.len() - 1 - at)));
        if at > 0 {
            todo.push(Step::Text(if joiner == Junction::And { " AND " } else { " OR " }));
        }
    }
}

/// Whether a leaf is written as two clauses.
fn is_chain(leaf: &Leaf) -> bool {
    match leaf {
        Leaf::Range { low: Bound::Open, .. } | Leaf::Range { high: Bound::Open, .. } => false,
        Leaf::Range { low, high, .. } => !is_list(low, high),
        _ => false,
    }
}

/// Whether the language has an operator for what a leaf leaves out.
fn has_complement(leaf: &Leaf) -> bool {
    match leaf {
        Leaf::Range { low: Bound::Open, high: Bound::Open, .. } => true,
        Leaf::Range { low, high, .. } => is_list(low, high),
        // Rows without a value are neither less nor not less.
        Leaf::Compare { order, .. } => *order == Order::Equal,
        _ => true,
    }
}

/// Whether a range is written as `IN [low, high]`.
fn is_list(low: &Bound, high: &Bound) -> bool {
    matches!((low, high), (Bound::Inclusive(_), Bound::Inclusive(_)))
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
pub(crate) fn literal(value: &Value) -> String {
    match value {
        Value::Integer(n) => n.to_string(),
        Value::Boolean(b) => if *b { "Yes" } else { "No" }.to_owned(),
        other => quoted(&text_of(other)),
    }
}
