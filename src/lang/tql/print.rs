//! Trees back to text. Printed text reads back to the same tree; chains are loops, so only nesting recurses. The places where
//! lines may be broken are marked here; [`format`](mod@super::format) breaks them.

use std::fmt::Write as _;

use crate::base::span::Span;
use crate::lang::tql::ast::{
    Aggregate, Argument, BARE_MEASURES, Call, Clause, Facet, Filter, Junction, Not, Op, Operand, OrderItem, Query, Word,
};
use crate::lang::tql::format::{Breaking, Flat};

/// A query on one line, with the parentheses it was written with.
pub(crate) fn print(query: &Query) -> String {
    let mut out = Printer::new(Style::Canonical);
    out.query(query);
    out.flat.text
}

/// A query with parentheses around every AND, OR and NOT.
pub(crate) fn parenthesised(query: &Query) -> String {
    let mut out = Printer::new(Style::EveryGrouping);
    out.query(query);
    out.flat.text
}

/// A function with its arguments.
pub(crate) fn print_call(call: &Call) -> String {
    let mut out = Printer::new(Style::Canonical);
    out.call(call);
    out.flat.text
}

/// A filter with parentheses around every AND, OR and NOT but the outermost.
pub(crate) fn parenthesised_filter(filter: &Filter) -> String {
    let mut out = Printer::new(Style::EveryGrouping);
    out.filter(filter);
    let text = out.flat.text;
    let outer = !filter.rest.is_empty() || matches!(filter.first, Operand::Not(_));
    match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).filter(|_| outer) {
        Some(inner) => inner.to_owned(),
        None => text,
    }
}

/// A query without mistakes as it was written in `source`, over several lines where one is too short. Linear.
pub(crate) fn formatted(query: &Query, source: &str) -> String {
    let mut out = Printer::new(Style::AsWritten(source));
    let first = source.len() - source.trim_start().len();
    match query.order.first() {
        // The items of an order alone, which stand behind ORDER BY elsewhere.
        Some(item) if item.span.start as usize == first => out.order_items(&query.order),
        _ => out.query(query),
    }
    out.flat.over_lines()
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

/// How the printer spells what can be spelt in several ways.
#[derive(Clone, Copy)]
enum Style<'a> {
    Canonical,
    /// Canonical, and every operator has its parentheses.
    EveryGrouping,
    /// Names, values and operators as they stand in the text that the tree was read from; words of the language in capitals.
    AsWritten(&'a str),
}

struct Printer<'a> {
    flat: Flat,
    style: Style<'a>,
}

impl<'a> Printer<'a> {
    fn new(style: Style<'a>) -> Self {
        Self { flat: Flat::default(), style }
    }

    fn push(&mut self, text: &str) {
        self.flat.text.push_str(text);
    }

    /// So many brackets, where every operator has them.
    fn groupings(&mut self, bracket: char, n: usize) {
        if let Style::EveryGrouping = self.style {
            self.flat.text.extend(std::iter::repeat_n(bracket, n));
        }
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.push(",");
                self.flat.blank();
            }
            each(self, item);
        }
    }

    fn query(&mut self, query: &Query) {
        self.flat.open(Breaking::Everywhere);
        self.flat.open(Breaking::Everywhere);
        self.list(&query.aggregates, Self::aggregate);
        self.flat.close();
        let has_aggregates = !query.aggregates.is_empty();
        if let Some(filter) = &query.filter {
            if has_aggregates {
                self.flat.blank();
                self.push("WHERE ");
                self.flat.indent();
            }
            self.filter(filter);
            if has_aggregates {
                self.flat.dedent();
            }
        }
        if !query.order.is_empty() {
            if has_aggregates || query.filter.is_some() {
                self.flat.blank();
            }
            self.push("ORDER BY ");
            self.order_items(&query.order);
        }
        self.flat.close();
    }

    fn order_items(&mut self, items: &[OrderItem]) {
        self.flat.open(Breaking::WhereFull);
        self.flat.indent();
        self.list(items, Self::order_item);
        self.flat.dedent();
        self.flat.close();
    }

    fn order_item(&mut self, item: &OrderItem) {
        self.word(&item.field);
        if let Style::AsWritten(_) = self.style {
            if item.span.end > item.field.span.end {
                self.push(" ");
                self.keywords(Span { start: item.field.span.end, end: item.span.end });
            }
        } else if item.descending {
            self.push(" DESC");
        }
    }

    /// A chain, with a line for each member if it does not fit into one.
    fn filter(&mut self, filter: &Filter) {
        self.flat.open(Breaking::Everywhere);
        // The chain folds from the left, so every opening parenthesis stands in front.
        self.groupings('(', filter.rest.len());
        self.operand(&filter.first);
        for (joiner, operand) in &filter.rest {
            self.flat.blank();
            self.push(if joiner.kind == Junction::And { "AND " } else { "OR " });
            self.operand(operand);
            self.groupings(')', 1);
        }
        self.flat.close();
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Clause(clause) => self.clause(clause),
            // Every operator has its parentheses already.
            Operand::Group(filter, _) if matches!(self.style, Style::EveryGrouping) => self.filter(filter),
            Operand::Group(filter, _) => {
                self.flat.open_bracket('(');
                self.filter(filter);
                self.flat.close_bracket(')');
            }
            Operand::Not(not) => self.not(not),
            Operand::Error(_) => self.push("…"),
        }
    }

    fn not(&mut self, not: &Not) {
        self.flat.open(Breaking::Everywhere);
        self.groupings('(', 1);
        self.push("NOT ");
        self.groupings('(', not.rest.len());
        self.flat.indent();
        self.operand(&not.first);
        for (_, operand) in &not.rest {
            self.flat.blank();
            self.push("OR ");
            self.operand(operand);
            self.groupings(')', 1);
        }
        self.flat.dedent();
        self.groupings(')', 1);
        self.flat.close();
    }

    fn clause(&mut self, clause: &Clause) {
        match clause {
            Clause::Compare { field, op, op_span, value } => {
                self.word(field);
                self.push(" ");
                self.operator(*op, *op_span);
                self.push(" ");
                self.argument(value);
            }
            Clause::IsEmpty { field, negated, span } => {
                self.word(field);
                self.push(" ");
                match self.style {
                    Style::AsWritten(_) => self.keywords(Span { start: field.span.end, end: span.end }),
                    _ => self.push(if *negated { "IS NOT EMPTY" } else { "IS EMPTY" }),
                }
            }
            Clause::Call(call) => self.call(call),
        }
    }

    fn operator(&mut self, op: Op, span: Span) {
        match self.style {
            Style::AsWritten(_) => self.keywords(span),
            _ => self.push(op.as_str()),
        }
    }

    /// Words of the language as they were written, but in capitals and with one blank between them.
    fn keywords(&mut self, span: Span) {
        let Style::AsWritten(source) = self.style else { return };
        for (i, word) in span.of(source).split_whitespace().enumerate() {
            self.push(if i == 0 { "" } else { " " });
            self.push(&word.to_ascii_uppercase());
        }
    }

    fn argument(&mut self, argument: &Argument) {
        match argument {
            Argument::Word(word) => self.word(word),
            Argument::Call(call) => self.call(call),
            Argument::List(items, _) => self.members('[', items, ']'),
            Argument::Subselect(query, _) if **query == Query::default() => self.push("{ }"),
            Argument::Subselect(query, _) => {
                self.flat.open_bracket('{');
                self.query(query);
                self.flat.close_bracket('}');
            }
            Argument::Error(_) => self.push("…"),
        }
    }

    fn call(&mut self, call: &Call) {
        self.word(&call.name);
        self.members('(', &call.arguments, ')');
    }

    /// Members of a list or arguments: of values as many as fit into a line, else one a line.
    fn members(&mut self, opening: char, items: &[Argument], closing: char) {
        let are_words = items.iter().all(|item| matches!(item, Argument::Word(_)));
        self.flat.open_bracket(opening);
        self.flat.open(if are_words { Breaking::WhereFull } else { Breaking::Everywhere });
        self.list(items, Self::argument);
        self.flat.close();
        self.flat.close_bracket(closing);
    }

    fn word(&mut self, word: &Word) {
        match self.style {
            Style::AsWritten(source) => self.push(word.span.of(source)),
            _ if word.quoted => self.push(&quoted(&word.text)),
            _ => self.push(&word.text),
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        match aggregate {
            Aggregate::Measure { name, arguments, alias, .. } => {
                let name = name.text.to_ascii_uppercase();
                self.push(&name);
                if !BARE_MEASURES.contains(&&*name) {
                    self.members('(', arguments, ')');
                }
                self.alias(alias.as_ref());
            }
            Aggregate::GroupBy { selector, inner_alias, block, alias, .. } => {
                self.push("GROUP BY ");
                self.argument(selector);
                self.alias(inner_alias.as_ref());
                self.push(" ");
                self.block(block);
                self.alias(alias.as_ref());
            }
            Aggregate::Faceted { facets, block, alias, .. } => {
                self.flat.open(Breaking::Everywhere);
                self.push("FACETED");
                self.flat.indent();
                self.flat.blank();
                self.list(facets, Self::facet);
                self.flat.dedent();
                self.flat.blank();
                self.flat.close();
                self.block(block);
                self.alias(alias.as_ref());
            }
        }
    }

    fn facet(&mut self, facet: &Facet) {
        self.call(&facet.test);
        self.alias(facet.alias.as_ref());
    }

    fn block(&mut self, block: &[Aggregate]) {
        self.flat.open_bracket('{');
        self.list(block, Self::aggregate);
        self.flat.close_bracket('}');
    }

    fn alias(&mut self, alias: Option<&Word>) {
        if let Some(alias) = alias {
            self.push(" AS ");
            self.word(alias);
        }
    }
}
