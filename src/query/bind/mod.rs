//! A TQL tree to its meaning. Never fails: what cannot be bound becomes a diagnostic and a node that no row satisfies.
//!
//! Reading order: [`bind_text`] and [`bind`] here → `filter` (chains) → `clause` (operators by kind) → `subselect` (queries
//! in braces) → `literal` (text to typed values) → `function` (values that the request or the host gives); `facet` (boolean functions) → `aggregate` (results,
//! with the keys of `selector`).

pub(crate) mod aggregate;
pub(crate) mod clause;
pub(crate) mod facet;
mod filter;
pub(crate) mod function;
mod literal;
pub(crate) mod selector;
mod subselect;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Severity, push_bound};
use crate::base::hash::HashMap;
use crate::base::span::Span;
use crate::lang::tql::ast::{Aggregate, Argument, OrderItem, Query, Word, is_bare_measure};
use crate::lang::tql::parse::parse;
use crate::model::kind::Kind;
use crate::model::schema::Named;
use crate::query::aggregate::Entry;
use crate::query::bind::function::Values;
use crate::query::context::Env;
use crate::query::predicate::{Builder, Predicate};
use crate::query::rel::SortKey;

/// What a query means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bound {
    /// Results of all rows together; where there are any, the rows themselves are not asked for.
    pub(crate) aggregates: Vec<Entry>,
    /// Where the aggregates stand.
    pub(crate) aggregates_span: Option<Span>,
    pub(crate) predicate: Predicate,
    pub(crate) order: Vec<SortKey>,
}

/// Reads and binds a query text; mistakes of both are added to `diagnostics`.
pub(crate) fn bind_text(text: &str, env: &Env<'_>, diagnostics: &mut Vec<Diagnostic>) -> Bound {
    let parsed = parse(text, env.limits);
    diagnostics.extend(parsed.diagnostics);
    bind(&parsed.query, env, diagnostics)
}

/// Binds a tree. The parser has reported error nodes already; they add no second diagnostic, and a text that was read only
/// up to a limit adds none at all.
pub(crate) fn bind(query: &Query, env: &Env<'_>, diagnostics: &mut Vec<Diagnostic>) -> Bound {
    let is_cut = |d: &Diagnostic| d.code() == Code::LimitReached && d.severity() == Severity::Error;
    if diagnostics.iter().any(is_cut) {
        let predicate = Predicate::constant(false);
        return Bound { aggregates: Vec::new(), aggregates_span: None, predicate, order: Vec::new() };
    }
    let n_parsed = diagnostics.len();
    let mut binder = Binder { env, diagnostics, n_parsed, builder: Builder::default(), calls: HashMap::default() };
    let aggregates = binder.aggregates(&query.aggregates);
    let span_of = |aggregate: Option<&Aggregate>| aggregate.map(Aggregate::span);
    let first = span_of(query.aggregates.first());
    let aggregates_span = first.zip(span_of(query.aggregates.last())).map(|(first, last)| first.to(last));
    let root = match &query.filter {
        Some(filter) => binder.filter(filter),
        None => binder.constant(true),
    };
    let order = query.order.iter().filter_map(|item| binder.order_item(item)).collect();
    binder.warn_idle_order(query, &aggregates);
    Bound { aggregates, aggregates_span, predicate: binder.builder.finish(root), order }
}

/// That aggregates stand where only rows can be asked for.
pub(crate) fn misplaced_aggregates(span: Span) -> Diagnostic {
    let wrong = Diagnostic::error(Code::MisplacedAggregate, span, "aggregates have no place in this query");
    wrong.help("only a filter and ORDER BY can stand here")
}

struct Binder<'a, 'd> {
    env: &'a Env<'a>,
    diagnostics: &'d mut Vec<Diagnostic>,
    /// How many of them, at the beginning, the parser made.
    n_parsed: usize,
    builder: Builder,
    /// Host calls made so far, by function and arguments.
    calls: HashMap<(String, Vec<String>), Option<Values>>,
}

impl Binder<'_, '_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        push_bound(self.diagnostics, self.n_parsed, diagnostic);
    }

    /// What a field's name stands for.
    fn lookup(&mut self, name: &Word) -> Option<Named> {
        let found = self.env.schema.lookup(&name.text);
        if found.is_none() {
            let shown: String = name.text.chars().take(60).collect();
            let index = self.env.schema.name();
            let mut wrong =
                Diagnostic::error(Code::UnknownField, name.span, format!("`{index}` has no field `{shown}`"));
            if let Some(near) = self.env.schema.suggest(&name.text) {
                let written = crate::query::print::field_name(near);
                wrong =
                    wrong.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name.span, written);
            } else if is_bare_measure(&name.text) {
                wrong = wrong.help("an aggregate stands in front of the filter or in the block of a group");
            }
            self.report(wrong);
        }
        found
    }

    /// Warns of an order where no rows are listed.
    fn warn_idle_order(&mut self, query: &Query, aggregates: &[Entry]) {
        let (Some(first), Some(last)) = (query.order.first(), query.order.last()) else { return };
        let is_wrong = self.diagnostics.iter().any(|d| d.severity() == Severity::Error);
        if !aggregates.is_empty() && !aggregates.iter().any(Entry::lists_rows) && !is_wrong {
            let message = "ORDER BY orders rows, and this query lists none";
            let warning = Diagnostic::warning(Code::MisplacedAggregate, first.span.to(last.span), message);
            self.report(warning.help("ENTITIES lists rows; groups come in the order of their field"));
        }
    }

    /// Whether a function has its field and what follows it the wrong way round, which is told.
    fn field_stands_second(&mut self, function: &str, arguments: &[Argument], example: &str) -> bool {
        let [Argument::Word(first), Argument::Word(second), ..] = arguments else { return false };
        let is_field = |word: &Word| self.env.schema.lookup(&word.text).is_some();
        if is_field(first) || !is_field(second) {
            return false;
        }
        let message = format!("the field of `{function}` comes first");
        let wrong = Diagnostic::error(Code::WrongArgument, first.span.to(second.span), message);
        self.report(wrong.help(format!("write it as in `{example}`")));
        true
    }

    fn order_item(&mut self, item: &OrderItem) -> Option<SortKey> {
        let name = &item.field.text;
        let problem = match self.lookup(&item.field)? {
            Named::AllText | Named::Ancestors(_) | Named::Related { .. } => {
                format!("`{name}` stands for several values and gives no order")
            }
            Named::Field(field) => {
                let declared = self.env.schema.field(field);
                match declared.kind {
                    Kind::Text => format!("`{name}` is running text and gives no order"),
                    _ if declared.multi => format!("`{name}` has several values in a row and gives no order"),
                    _ => return Some(SortKey { field, descending: item.descending }),
                }
            }
        };
        let wrong = Diagnostic::error(Code::NotGroupable, item.field.span, problem);
        self.report(wrong.help("rows are ordered by fields that have one value"));
        None
    }
}

#[cfg(test)]
mod tests;
