//! One clause: which operators a kind of field has, and what they mean.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::inner::words;
use crate::lang::tql::ast::{Argument, Clause, Op, Word};
use crate::model::fold::fold_case;
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Named};
use crate::model::time::calendar::in_calendar;
use crate::model::time::format::{format_date, format_instant};
use crate::model::value::{Value, distinct};
use crate::query::bind::Binder;
use crate::query::bind::function::Written;
use crate::query::bind::literal::Literal;
use crate::query::predicate::{Bound, Leaf, Node, NodeId};
use crate::query::print::field_name;
use crate::query::search::Search;

/// A comparison as written.
#[derive(Clone, Copy)]
pub(super) struct Comparison<'a> {
    pub(super) field: &'a Word,
    pub(super) op: Op,
    pub(super) op_span: Span,
    pub(super) value: &'a Argument,
    /// The name of the function that stands for the operator, if one does; `op_span` is its place then.
    pub(super) function: Option<&'a str>,
}

impl Comparison<'_> {
    /// The operator as it was written.
    pub(super) fn written_op(&self) -> &str {
        self.function.unwrap_or(self.op.as_str())
    }
}

impl Binder<'_, '_> {
    pub(super) fn clause(&mut self, clause: &Clause) -> NodeId {
        match clause {
            Clause::Compare { field, op, op_span, value } => {
                self.comparison_of(Comparison { field, op: *op, op_span: *op_span, value, function: None })
            }
            Clause::IsEmpty { field, negated, .. } => {
                let empty = self.is_empty(field);
                if *negated { self.builder.push(Node::Not(empty)) } else { empty }
            }
            Clause::Call(_) => self.constant(false),
        }
    }

    pub(super) fn comparison_of(&mut self, comparison: Comparison<'_>) -> NodeId {
        let positive = self.compare(comparison);
        // `!=`, NOT IN and `!~` are exact complements, of mistakes too.
        if comparison.op.is_negative() { self.builder.push(Node::Not(positive)) } else { positive }
    }

    pub(super) fn leaf(&mut self, leaf: Leaf) -> NodeId {
        self.builder.push(Node::Leaf(leaf))
    }

    fn is_empty(&mut self, name: &Word) -> NodeId {
        match self.lookup(name) {
            None => self.constant(false),
            Some(Named::Field(field) | Named::Ancestors(field)) => match self.leads_nowhere(field, name) {
                Some(derived) => derived,
                None => self.leaf(Leaf::IsEmpty { field }),
            },
            Some(named @ Named::Related { .. }) => {
                let related = self.semi_join(name, named, None);
                self.builder.push(Node::Not(related))
            }
            Some(Named::AllText) => {
                let fields = self.env.schema.searchable();
                match fields[..] {
                    [] => self.constant(true),
                    [field] => self.leaf(Leaf::IsEmpty { field }),
                    _ => self.leaf(Leaf::AllEmpty { fields: fields.clone() }),
                }
            }
        }
    }

    /// AND or OR of nodes; what joins nothing is neutral.
    pub(super) fn join_all(&mut self, mut parts: Vec<NodeId>, is_and: bool) -> NodeId {
        match parts.len() {
            0 => self.constant(is_and),
            1 => parts.swap_remove(0),
            _ if is_and => self.builder.push(Node::And(parts)),
            _ => self.builder.push(Node::Or(parts)),
        }
    }

    /// The positive form of a comparison.
    fn compare(&mut self, c: Comparison<'_>) -> NodeId {
        let Some(named) = self.lookup(c.field) else { return self.constant(false) };
        let kind = self.env.schema.kind_of(named);
        if kind == Kind::Relation {
            return self.relation(c, named);
        }
        if let Argument::Subselect(_, span) = c.value {
            let message = format!("`{}` is no relation, so no query in braces can stand here", c.field.text);
            let wrong = Diagnostic::error(Code::WrongSubselect, *span, message);
            self.report(wrong.help("values stand in brackets, as in `IN [a, b]`"));
            return self.constant(false);
        }
        if !has_operator(kind, c.op) {
            self.wrong_operator(c, kind);
            return self.constant(false);
        }
        if matches!(c.value, Argument::Error(_)) {
            return self.constant(false);
        }
        match (named, c.op) {
            (Named::AllText | Named::Related { .. }, _) => self.search(c, None),
            (Named::Field(field), Op::Contains | Op::NotContains) => self.search(c, Some(field)),
            (Named::Ancestors(field), _) => self.within(c, field, true),
            (Named::Field(field), _) if kind == Kind::Path => self.within(c, field, false),
            (Named::Field(field), Op::Lt | Op::Le | Op::Gt | Op::Ge) => self.ordered(c, field),
            (Named::Field(field), _) => self.one_of(c, field),
        }
    }

    fn wrong_operator(&mut self, c: Comparison<'_>, kind: Kind) {
        let (name, op) = (&c.field.text, c.written_op());
        let mut wrong = Diagnostic::error(
            Code::WrongOperator,
            c.op_span,
            format!("`{op}` does not work on `{name}`, which is {kind}"),
        );
        wrong = wrong.help(format!("{kind} fields have {}", operators_of(kind)));
        let instead = match (kind, c.op, c.function) {
            (Kind::Text, Op::Eq, None) => Some("~"),
            (Kind::Text, Op::Eq, Some(_)) => Some("Contains"),
            (Kind::Text, Op::Ne, None) => Some("!~"),
            (Kind::Guid | Kind::Path, Op::Contains, None) => Some("="),
            (Kind::Guid | Kind::Path, Op::Contains, Some(_)) => Some("Equal"),
            _ => None,
        };
        if let Some(instead) = instead {
            wrong = wrong.fix(format!("write `{instead}`"), c.op_span, instead);
        }
        self.report(wrong);
    }

    /// `~` over one field, or over all texts together.
    fn search(&mut self, c: Comparison<'_>, field: Option<FieldId>) -> NodeId {
        let (words, diagnostics) = if let Argument::Word(word) = c.value {
            words::parse(word, fold_case, self.env.limits)
        } else {
            let Some(values) = self.values(c.value) else { return self.constant(false) };
            let [Written { text: Some(text), span, .. }] = &values[..] else {
                let message = "`~` takes one search text";
                self.report(Diagnostic::error(Code::WrongLiteral, c.value.span(), message));
                return self.constant(false);
            };
            let word = Word { span: *span, text: text.as_str().into(), quoted: true, shifts: Vec::new() };
            let (words, diagnostics) = words::parse(&word, fold_case, self.env.limits);
            // A place in what a function gave is no place in the query.
            (words, diagnostics.into_iter().map(|diagnostic| diagnostic.at(*span)).collect())
        };
        diagnostics.into_iter().for_each(|diagnostic| self.report(diagnostic));
        let search = Search::new(words).into();
        self.leaf(match field {
            Some(field) => Leaf::Matches { field, search },
            None => Leaf::MatchesAny { fields: self.env.schema.searchable().clone(), search },
        })
    }

    /// Membership of a path in containers.
    fn within(&mut self, c: Comparison<'_>, field: FieldId, ancestors: bool) -> NodeId {
        let Some(values) = self.values(c.value) else { return self.constant(false) };
        let (mut containers, mut takes_empty): (Vec<Arc<str>>, bool) = (Vec::new(), false);
        for value in &values {
            match value.text.as_deref() {
                Some("") => {
                    takes_empty = true;
                    self.warn_blank(value);
                }
                Some(text) => containers.push(text.into()),
                None => self.wrong_literal(value, c.field, Kind::Path, None),
            }
        }
        let mut parts = Vec::new();
        if !containers.is_empty() {
            let in_permission = self.env.in_permission;
            parts.push(self.leaf(Leaf::Within { field, ancestors, containers: containers.into(), in_permission }));
        }
        if takes_empty {
            parts.push(self.leaf(Leaf::IsEmpty { field }));
        }
        self.join_all(parts, false)
    }

    fn warn_blank(&mut self, value: &Written) {
        let warning = Diagnostic::warning(Code::UnknownValue, value.span, "`\"\"` is the empty value");
        self.report(warning.help("IS EMPTY says so more clearly"));
    }

    /// `< <= > >=`.
    fn ordered(&mut self, c: Comparison<'_>, field: FieldId) -> NodeId {
        let Some(values) = self.values(c.value) else { return self.constant(false) };
        let [value] = &values[..] else {
            let message = format!("`{}` takes one value, not {}", c.written_op(), values.len());
            self.report(Diagnostic::error(Code::WrongLiteral, c.value.span(), message));
            return self.constant(false);
        };
        let Some(literal) = self.literal(value, field, c.field) else { return self.constant(false) };
        if c.op == Op::Le && literal.bare_day().is_some() {
            self.warn_upper_bound(c, value, &literal);
        }
        let (low, high) = match c.op {
            Op::Lt => (Some(Bound::Open), literal.as_high(false)),
            Op::Le => (Some(Bound::Open), literal.as_high(true)),
            Op::Gt => (literal.as_low(false), Some(Bound::Open)),
            _ => (literal.as_low(true), Some(Bound::Open)),
        };
        self.range(field, low, high)
    }

    /// A range; `None` is a bound that no value satisfies.
    fn range(&mut self, field: FieldId, low: Option<Bound>, high: Option<Bound>) -> NodeId {
        match (low, high) {
            (Some(low), Some(high)) => self.leaf(Leaf::Range { field, low, high }),
            _ => self.constant(false),
        }
    }

    /// `=`, IN: equality, membership, or for two numbers in a list the range between them.
    fn one_of(&mut self, c: Comparison<'_>, field: FieldId) -> NodeId {
        let kind = self.env.schema.field(field).kind;
        let Some(values) = self.values(c.value) else { return self.constant(false) };
        let is_blank = |value: &Written| value.text.as_deref() == Some("");
        let is_pair = matches!(c.value, Argument::List(items, _) if items.len() == 2) && !values.iter().any(is_blank);
        if let ([low, high], true) = (&values[..], is_pair && kind.is_number()) {
            return self.pair(c, field, low, high);
        }
        let (mut wanted, mut takes_empty): (Vec<Value>, bool) = (Vec::new(), false);
        for value in &values {
            if is_blank(value) {
                takes_empty = true;
                self.warn_blank(value);
                continue;
            }
            let literal = self.literal(value, field, c.field);
            if let Some(day) = literal.as_ref().and_then(Literal::bare_day).filter(|_| kind == Kind::DateTime) {
                self.warn_whole_day(c, value, day);
            }
            match literal {
                Some(Literal::Exact { value, .. }) => wanted.push(value),
                Some(Literal::Between { .. } | Literal::Above | Literal::Below) => {
                    let name = &c.field.text;
                    let instant = || value.instant.map(format_instant);
                    let shown = value.text.clone().or_else(instant).unwrap_or_default();
                    let message = format!("no {kind} is `{shown}`, so nothing equals it");
                    let held = if kind == Kind::Integer { "whole numbers" } else { "years 1 to 9999 only" };
                    let warning = Diagnostic::warning(Code::UnknownValue, value.span, message);
                    self.report(warning.help(format!("`{name}` holds {held}")));
                }
                _ => {}
            }
        }
        let mut parts = Vec::new();
        if !wanted.is_empty() {
            parts.push(self.leaf(Leaf::OneOf { field, values: distinct(wanted).into() }));
        }
        if takes_empty {
            parts.push(self.leaf(Leaf::IsEmpty { field }));
        }
        self.join_all(parts, false)
    }

    /// `IN [a, b]` on numbers: the inclusive range.
    fn pair(&mut self, c: Comparison<'_>, field: FieldId, low: &Written, high: &Written) -> NodeId {
        let (Some(from), Some(to)) = (self.literal(low, field, c.field), self.literal(high, field, c.field)) else {
            return self.constant(false);
        };
        let declared = self.env.schema.field(field);
        let is_key = self.env.schema.key_id() == Some(field) || declared.name().ends_with("Id");
        if is_key && declared.kind == Kind::Integer {
            let name = &c.field.text;
            let message = "a list of two numbers is the range between them";
            let warning = Diagnostic::warning(Code::RangeOnKey, c.value.span(), message);
            self.report(warning.help(format!("`{name} = a OR {name} = b` asks for the two alone")));
        }
        if to.bare_day().is_some() && declared.kind == Kind::DateTime {
            self.warn_upper_bound(c, high, &to);
        }
        if from.is_above(&to) {
            let message = "the range is empty: it begins above its end";
            let warning = Diagnostic::warning(Code::EmptyRange, c.value.span(), message);
            self.report(warning.help("the smaller value comes first"));
            return self.constant(false);
        }
        self.range(field, from.as_low(true), to.as_high(true))
    }

    /// A bare date is the first instant of its day, and people who ask for what equals one mean all of it.
    fn warn_whole_day(&mut self, c: Comparison<'_>, written: &Written, day: i32) {
        let (name, shown) = (field_name(&c.field.text), written.text.as_deref().unwrap_or(""));
        let message = format!("`{shown}` is the first instant of that day, so the rest of the day is left out");
        let warning = Diagnostic::warning(Code::DateUpperBound, written.span, message);
        let until = in_calendar(day + 1).map(|next| format!(" AND {name} < {}", format_date(next))).unwrap_or_default();
        self.report(warning.help(format!("`{name} >= {}{until}` takes the whole day in", format_date(day))));
    }

    /// A bare date is the first instant of its day, and people who write one as an upper bound mean its last.
    fn warn_upper_bound(&mut self, c: Comparison<'_>, written: &Written, literal: &Literal) {
        let Some(day) = literal.bare_day() else { return };
        let shown = written.text.as_deref().unwrap_or("");
        let message = format!("`{shown}` is the first instant of that day, so the rest of the day is left out");
        let warning = Diagnostic::warning(Code::DateUpperBound, written.span, message);
        let Some(next) = in_calendar(day + 1).map(format_date) else {
            self.report(warning.help("no day comes after it, so without an upper bound the whole day is taken in"));
            return;
        };
        self.report(if c.op == Op::Le && c.function.is_some() {
            warning.help("the next day as an open bound takes the whole day in")
        } else if c.op == Op::Le {
            let span = c.op_span.to(written.span);
            warning.help("the next day as an open bound takes the whole day in").fix(
                format!("write `< {next}`"),
                span,
                format!("< {next}"),
            )
        } else {
            warning.help("the next day takes the whole day in").fix(format!("write `{next}`"), written.span, next)
        });
    }
}

/// Whether fields of a kind have an operator.
pub(crate) fn has_operator(kind: Kind, op: Op) -> bool {
    let equality = matches!(op, Op::Eq | Op::Ne | Op::In | Op::NotIn);
    match kind {
        Kind::Text => matches!(op, Op::Contains | Op::NotContains),
        Kind::Keyword | Kind::Status | Kind::User => equality || matches!(op, Op::Contains | Op::NotContains),
        Kind::Guid | Kind::Path => equality,
        Kind::Boolean => matches!(op, Op::Eq | Op::Ne),
        // Only in front of braces.
        Kind::Relation => false,
        Kind::Integer | Kind::Decimal | Kind::DateTime | Kind::Date | Kind::Duration => {
            !matches!(op, Op::Contains | Op::NotContains)
        }
    }
}

/// The operators of a kind that is compared with values, for help.
fn operators_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "`~`, `!~` and IS EMPTY",
        Kind::Keyword | Kind::Status | Kind::User => "`=`, `!=`, IN, NOT IN, `~`, `!~` and IS EMPTY",
        Kind::Guid | Kind::Path => "`=`, `!=`, IN, NOT IN and IS EMPTY",
        Kind::Boolean => "`=`, `!=` and IS EMPTY",
        _ => "`=`, `!=`, `<`, `<=`, `>`, `>=`, IN, NOT IN and IS EMPTY",
    }
}
