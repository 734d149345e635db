//! Trees back to text. Printed text reads back to the same tree; chains are loops, so only nesting recurses.

use std::fmt::Write as _;

use crate::lang::tql::ast::{Aggregate, Argument, Call, Clause, Filter, Junction, Operand, OrderItem, Query, Word};

/// A query on one line, with the parentheses it was written with.
pub(crate) fn print(query: &Query) -> String {
    let mut out = Printer { out: String::new(), every_grouping: false };
    out.query(query);
    out.out
}

/// A query with parentheses around every AND, OR and NOT.
pub(crate) fn parenthesised(query: &Query) -> String {
    let mut out = Printer { out: String::new(), every_grouping: true };
    out.query(query);
    out.out
}

/// A filter with parentheses around every AND, OR and NOT but the outermost.
pub(crate) fn parenthesised_filter(filter: &Filter) -> String {
    let mut out = Printer { out: String::new(), every_grouping: true };
    out.filter(filter);
    let text = out.out;
    let outer = !filter.rest.is_empty() || matches!(filter.first, Operand::Not(_));
    match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).filter(|_| outer) {
        Some(inner) => inner.to_owned(),
        None => text,
    }
}

/// Text as a string of the language.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

struct Printer {
    out: String,
    every_grouping: bool,
}

impl Printer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn query(&mut self, query: &Query) {
        self.list(&query.aggregates, Self::aggregate);
        let mut blank = if query.aggregates.is_empty() { "" } else { " " };
        if let Some(filter) = &query.filter {
            if !query.aggregates.is_empty() {
                self.push(" WHERE ");
            }
            self.filter(filter);
            blank = " ";
        }
        if !query.order.is_empty() {
            self.push(blank);
            self.push("ORDER BY ");
            self.list(&query.order, Self::order_item);
        }
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            each(self, item);
        }
    }

    fn order_item(&mut self, item: &OrderItem) {
        self.word(&item.field);
        if item.descending {
            self.push(" DESC");
        }
    }

    fn filter(&mut self, filter: &Filter) {
        if self.every_grouping {
            // The chain folds from the left, so every opening parenthesis stands in front.
            let n_open = filter.rest.len();
            self.out.extend(std::iter::repeat_n('(', n_open));
        }
        self.operand(&filter.first);
        for (joiner, operand) in &filter.rest {
            self.push(if joiner.kind == Junction::And { " AND " } else { " OR " });
            self.operand(operand);
            if self.every_grouping {
                self.push(")");
            }
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Clause(clause) => self.clause(clause),
            // Every operator has its parentheses already.
            Operand::Group(filter, _) if self.every_grouping => self.filter(filter),
            Operand::Group(filter, _) => {
                self.push("(");
                self.filter(filter);
                self.push(")");
            }
            Operand::Not(not) => {
                if self.every_grouping {
                    self.push("(");
                }
                self.push("NOT ");
                if self.every_grouping {
                    self.out.extend(std::iter::repeat_n('(', not.rest.len()));
                }
                self.operand(&not.first);
                for (_, operand) in &not.rest {
                    self.push(" OR ");
                    self.operand(operand);
                    if self.every_grouping {
                        self.push(")");
                    }
                }
                if self.every_grouping {
                    self.push(")");
                }
            }
            Operand::Error(_) => self.push("…"),
        }
    }

    fn clause(&mut self, clause: &Clause) {
        match clause {
            Clause::Compare { field, op, value, .. } => {
                self.word(field);
                self.push(" ");
                self.push(op.as_str());
                self.push(" ");
                self.argument(value);
            }
            Clause::IsEmpty { field, negated, .. } => {
                self.word(field);
                self.push(if *negated { " IS NOT EMPTY" } else { " IS EMPTY" });
            }
            Clause::Call(call) => self.call(call),
        }
    }

    fn argument(&mut self, argument: &Argument) {
        match argument {
            Argument::Word(word) => self.word(word),
            Argument::Call(call) => self.call(call),
            Argument::List(items, _) => {
                self.push("[");
                self.list(items, Self::argument);
                self.push("]");
            }
            Argument::Subselect(query, _) => {
                self.push("{ ");
                self.query(query);
                self.push(" }");
            }
            Argument::Error(_) => self.push("…"),
        }
    }

    fn call(&mut self, call: &Call) {
        self.word(&call.name);
        self.push("(");
        self.list(&call.arguments, Self::argument);
        self.push(")");
    }

    fn word(&mut self, word: &Word) {
        if word.quoted {
            self.push(&quoted(&word.text));
        } else {
            self.push(&word.text);
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        match aggregate {
            Aggregate::Measure { name, arguments, alias, .. } => {
                self.word(name);
                if !arguments.is_empty() {
                    self.push("(");
                    self.list(arguments, Self::argument);
                    self.push(")");
                }
                self.alias(alias.as_ref());
            }
            Aggregate::GroupBy { selector, inner_alias, block, alias, .. } => {
                self.push("GROUP BY ");
                self.argument(selector);
                self.alias(inner_alias.as_ref());
                self.block(block);
                self.alias(alias.as_ref());
            }
            Aggregate::Faceted { facets, block, alias, .. } => {
                self.push("FACETED ");
                self.list(facets, |out, facet| {
                    out.call(&facet.test);
                    out.alias(facet.alias.as_ref());
                });
                self.block(block);
                self.alias(alias.as_ref());
            }
        }
    }

    fn block(&mut self, block: &[Aggregate]) {
        self.push(" { ");
        self.list(block, Self::aggregate);
        self.push(" }");
    }

    fn alias(&mut self, alias: Option<&Word>) {
        if let Some(alias) = alias {
            self.push(" AS ");
            self.word(alias);
        }
    }
}
