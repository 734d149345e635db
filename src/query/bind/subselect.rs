//! Queries in braces: semi-joins over the catalog's relations. What stands inside is bound against the schema of the index
//! that the relation leads to; which of its rows the caller may see is decided when the query runs.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::tql::ast::{Argument, Op, Query, Word};
use crate::model::catalog::{DEPTH, DESTINATION, Link};
use crate::model::schema::{FieldId, Named};
use crate::model::value::Value;
use crate::query::bind::Binder;
use crate::query::bind::clause::Comparison;
use crate::query::context::Env;
use crate::query::predicate::{Builder, Leaf, Node, NodeId, Subselect};

/// What braces can be asked, for help.
const EXAMPLE: &str = "a relation is asked with a query in braces, such as `IN { Status = Open }`";

impl Binder<'_, '_> {
    /// The positive form of a comparison with a relation.
    pub(super) fn relation(&mut self, c: Comparison<'_>, named: Named) -> NodeId {
        let name = &c.field.text;
        match c.value {
            _ if !matches!(c.op, Op::Eq | Op::Ne | Op::In | Op::NotIn) => {
                let message = format!("`{}` does not work on the relation `{name}`", c.written_op());
                self.report(Diagnostic::error(Code::WrongOperator, c.op_span, message).help(EXAMPLE));
                self.constant(false)
            }
            Argument::Subselect(query, span) => self.semi_join(c.field, named, Some((query, *span))),
            // What could not be read is told.
            Argument::Error(_) => self.constant(false),
            Argument::List(items, _) if items.iter().any(|item| matches!(item, Argument::Error(_))) => {
                self.constant(false)
            }
            value => {
                let message = format!("`{name}` is a relation and has no values to compare with");
                self.report(Diagnostic::error(Code::WrongSubselect, value.span(), message).help(EXAMPLE));
                self.constant(false)
            }
        }
    }

    /// IS EMPTY of a relation that leads back.
    pub(super) fn leads_nowhere(&mut self, field: FieldId, name: &Word) -> Option<NodeId> {
        let own_key = self.link(field)?.own_key?;
        let (_, sub) = self.there(field, name, |there| there.constant(true))?;
        Some(self.leaf(Leaf::LeadsNowhere { field, own_key, sub }))
    }

    fn link(&self, field: FieldId) -> Option<Link> {
        self.env.catalog.link(self.env.schema, field)
    }

    /// Rows that a relation leads from to a row of the query in braces; without braces, to any row.
    pub(super) fn semi_join(&mut self, name: &Word, named: Named, braces: Option<(&Query, Span)>) -> NodeId {
        match named {
            Named::Field(field) => self.via(field, name, |there| there.braces(braces)),
            Named::Related { relationships, direct } => self.via(relationships, name, |there| {
                let schema = there.env.schema;
                let Some(destination) = schema.field_named(DESTINATION) else { return there.constant(false) };
                let related = there.via(destination, name, |there| there.braces(braces));
                match schema.field_named(DEPTH).filter(|_| direct) {
                    None => related,
                    Some(field) => {
                        let made = there.leaf(Leaf::OneOf { field, values: [Value::Integer(1)].into() });
                        there.builder.push(Node::And(vec![made, related]))
                    }
                }
            }),
            Named::Ancestors(_) | Named::AllText => self.constant(false),
        }
    }

    /// One step along a relation to the rows that `there` describes.
    fn via(&mut self, field: FieldId, name: &Word, there: impl FnOnce(&mut Binder<'_, '_>) -> NodeId) -> NodeId {
        match self.there(field, name, there) {
            Some((own_key, sub)) => self.leaf(Leaf::Semi { field, own_key, sub }),
            None => self.constant(false),
        }
    }

    /// Where a relation leads, bound against that index; nothing if the caller may not ask it, which is reported.
    fn there(
        &mut self,
        field: FieldId,
        name: &Word,
        there: impl FnOnce(&mut Binder<'_, '_>) -> NodeId,
    ) -> Option<(Option<FieldId>, Arc<Subselect>)> {
        let Link { index, key, own_key } = self.link(field)?;
        let schema = self.env.catalog.schema(index);
        let in_permission = self.env.in_permission;
        if !in_permission && !self.env.sight.sees(schema.name()) {
            // Nothing of what it leads to may be told, so the braces are not looked into.
            let message = format!("`{}` leads to rows that this request has no access to", name.text);
            self.report(Diagnostic::error(Code::UnknownIndex, name.span, message));
            return None;
        }
        let env = Env { schema, ..*self.env };
        let mut inner = Binder {
            env: &env,
            diagnostics: &mut *self.diagnostics,
            n_parsed: self.n_parsed,
            builder: Builder::default(),
            calls: std::mem::take(&mut self.calls),
        };
        let root = there(&mut inner);
        let Binder { builder, calls, .. } = inner;
        self.calls = calls;
        Some((own_key, Subselect::new(index, key, builder.finish(root), in_permission).into()))
    }

    fn braces(&mut self, braces: Option<(&Query, Span)>) -> NodeId {
        let Some((query, span)) = braces else { return self.constant(true) };
        if let (Some(first), Some(last)) = (query.aggregates.first(), query.aggregates.last()) {
            let message = "braces select rows, so aggregates have no place in them";
            let wrong = Diagnostic::error(Code::MisplacedAggregate, first.span().to(last.span()), message);
            self.report(wrong.help("only a filter can stand there"));
            return self.constant(false);
        }
        if let (Some(first), Some(last)) = (query.order.first(), query.order.last()) {
            self.warn_order(query, span, first.span.to(last.span));
        }
        match &query.filter {
            Some(filter) => self.filter(filter),
            None => self.constant(true),
        }
    }

    fn warn_order(&mut self, query: &Query, braces: Span, order: Span) {
        let start = query.filter.as_ref().map_or(braces.start + 1, |filter| filter.span().end);
        let whole = Span::new(start as usize, order.end as usize);
        let warning = Diagnostic::warning(Code::WrongSubselect, order, "an order has no effect inside braces");
        self.report(warning.fix("leave it out", whole, ""));
    }
}
