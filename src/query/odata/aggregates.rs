//! Aggregates of groups, as `aggregate(…)` names them: what is reduced, by which method, counting what once.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::odata::ast::apply::Aggregate;
use crate::lang::odata::ast::{Expr as Tree, Name, Step as Segment};
use crate::model::value::Value;
use crate::query::odata::Binder;
use crate::query::odata::operand::{Operand, Reached};
use crate::query::odata::scope::Rows;
use crate::query::pipeline::{Aggregated, From, OfThese};
use crate::query::predicate::expr::{Hop, Input, Method, Op, Type};

/// Most aggregates of the whole collection: each may take a pass over the rows.
const MOST_OF_THESE: usize = 32;

/// A column of a grouping.
pub(super) struct Made {
    pub(super) path: Vec<Arc<str>>,
    pub(super) aggregated: Aggregated,
    pub(super) ty: Type,
    /// What it has to be divided by, if a mean of values of rows that lead back is asked for: it is then their sum.
    pub(super) over: Option<Aggregated>,
}

impl<'a> Binder<'a, '_> {
    /// The aggregates of a list, with the names and types of their columns; mistakes of all are told.
    pub(super) fn aggregates(&mut self, list: &'a [Aggregate]) -> Option<Vec<Made>> {
        let mut bound: Vec<Made> = Vec::new();
        let mut failed = false;
        for aggregate in list {
            let bound_here = match self.is_behind(aggregate) {
                true => self.of_rows_behind(aggregate),
                false => self.aggregated(aggregate).map(|(aggregated, ty)| (aggregated, ty, None)),
            };
            let Some((aggregated, ty, over)) = bound_here else {
                failed = true;
                continue;
            };
            let (path, span): (Vec<Arc<str>>, Span) = match (&aggregate.alias, &aggregate.method) {
                (Some(alias), _) => (vec![(&*alias.text).into()], alias.span),
                // One that the schema names is shown under its own name.
                (None, None) if !is_count(&aggregate.operand) => {
                    (names_of(&aggregate.operand), aggregate.operand.span())
                }
                (None, _) => {
                    let message = "an aggregate needs a name: `as Total`";
                    self.report(Diagnostic::error(Code::WrongAggregate, aggregate.span, message));
                    failed = true;
                    continue;
                }
            };
            let is_field = |alias: &Name| self.schema().field_named(&alias.text).is_some();
            let is_taken = self.reading.strict && aggregate.alias.as_ref().is_some_and(is_field);
            if is_taken || bound.iter().any(|other| other.path == path) {
                let message = format!("the name `{}` is taken", path.join("/"));
                self.report(Diagnostic::error(Code::RepeatedName, span, message));
                failed = true;
                continue;
            }
            bound.push(Made { path, aggregated, ty, over });
        }
        (!failed).then_some(bound)
    }

    /// One aggregate, and the type of what it comes to.
    pub(super) fn aggregated(&mut self, aggregate: &'a Aggregate) -> Option<(Aggregated, Type)> {
        let method = match &aggregate.method {
            None => None,
            Some(name) => match Method::named(&name.text) {
                Some(method) => Some(method),
                None => {
                    self.unsupported(name.span, &format!("the method `{}`", name.text));
                    return None;
                }
            },
        };
        let custom = match method {
            None => self.custom(&aggregate.operand),
            Some(_) => None,
        };
        let method = method.or(custom.as_ref().map(|(method, _)| *method));
        let (mut bound, mut ty) = match (method, is_count(&aggregate.operand)) {
            (None, true) => {
                let counted = Aggregated { method: Method::Count, operand: None, once_per: None, from: Vec::new() };
                (counted, Type::Integer)
            }
            (None, false) => {
                let message = "an aggregate of values needs a method, such as `with sum`";
                let help = "the schema names no aggregate so";
                self.report(Diagnostic::error(Code::WrongAggregate, aggregate.operand.span(), message).help(help));
                return None;
            }
            (Some(_), true) => {
                let message = "`$count` has no method";
                self.report(Diagnostic::error(Code::WrongAggregate, aggregate.operand.span(), message));
                return None;
            }
            (Some(method), false) => {
                let operand = match custom {
                    Some((_, reached)) => Operand::Field(reached),
                    None => self.operand(&aggregate.operand),
                };
                // Each row that relations lead to counts once, but where an expression is made of its values.
                let once_per = match &operand {
                    Operand::Field(reached) if !reached.hops.is_empty() && method != Method::CountDistinct => {
                        let mut to = reached.clone();
                        let last = to.hops.pop()?;
                        let index = to.hops.last().map_or(self.index, |hop| hop.index);
                        to.field = last.from;
                        to.index = index;
                        to.kind = self.env.catalog.schema(index).field(last.from).kind;
                        let (id, _) = self.read(&to);
                        Some(self.builder.expr(id))
                    }
                    _ => None,
                };
                let (id, of) = self.typed(operand, None)?;
                let Some(ty) = method.gives(Some(of)) else {
                    let message = format!("`{}` has no meaning for {}", method.as_str(), of.article());
                    self.report(Diagnostic::error(Code::WrongAggregate, aggregate.operand.span(), message));
                    return None;
                };
                let operand = Some(self.builder.expr(id));
                (Aggregated { method, operand, once_per, from: Vec::new() }, ty)
            }
        };
        for from in &aggregate.from {
            let Some(name) = &from.method else {
                self.unsupported(from.span, "`from` without a method");
                return None;
            };
            let Some(method) = Method::named(&name.text) else {
                self.unsupported(name.span, &format!("the method `{}`", name.text));
                return None;
            };
            let mut keys = Vec::new();
            for path in &from.keys {
                keys.push(self.key(path)?.value);
            }
            let Some(gives) = method.gives(Some(ty)) else {
                let message = format!("`{}` has no meaning for {}", method.as_str(), ty.article());
                self.report(Diagnostic::error(Code::WrongAggregate, name.span, message));
                return None;
            };
            ty = gives;
            bound.from.push(From { keys, method });
        }
        Some((bound, ty))
    }

    /// What an aggregate stands for that the schema names, of the rows themselves or of those that relations to one lead to.
    fn custom(&mut self, tree: &'a Tree) -> Option<(Method, Reached)> {
        let Tree::Path(path) = tree else { return None };
        let Rows::Index(mut index) = self.frames.last()?.rows else { return None };
        let mut hops = Vec::new();
        let (last, before) = path.steps.split_last()?;
        for step in before {
            let Segment::Name(name) = step else { return None };
            let schema = self.env.catalog.schema(index);
            let from = schema.field_named(&name.text).filter(|field| !schema.field(*field).multi)?;
            let link = self.env.catalog.link(schema, from)?;
            self.seen(link.index, schema.field(from).name(), name.span)?;
            hops.push(Hop { from, index: link.index, key: link.key });
            index = link.index;
        }
        let Segment::Name(name) = last else { return None };
        let schema = self.env.catalog.schema(index);
        let measured = schema.measured(&name.text)?;
        let (field, kind) = (measured.field, schema.field(measured.field).kind);
        let method = Method::named(measured.measure.as_str())?;
        Some((method, Reached { hops, index, field, kind, span: path.span, is_element: false }))
    }

    /// `$these/aggregate(…)` and `$these/$count`: an aggregate of the whole collection. None if the step is another.
    pub(super) fn of_these(&mut self, step: &'a Segment, span: Span) -> Option<Operand<'a>> {
        let asked = match step {
            Segment::Aggregate(aggregate, _) => self.aggregated(aggregate),
            Segment::Count(options, _) if options.is_empty() => {
                let counted = Aggregated { method: Method::Count, operand: None, once_per: None, from: Vec::new() };
                Some((counted, Type::Integer))
            }
            _ => return None,
        };
        Some(asked.map_or(Operand::Failed, |asked| self.these(asked, span)))
    }

    /// The value of an aggregate of the whole collection; null until it is known.
    fn these(&mut self, (aggregated, ty): (Aggregated, Type), span: Span) -> Operand<'a> {
        if self.frames.len() > 1 {
            self.unsupported(span, "`$these` within a lambda");
            return Operand::Failed;
        }
        let Some(n_steps) = self.these.n_steps else { return self.total(aggregated, ty) };
        let n = self.these.asked.len();
        if n == MOST_OF_THESE {
            let message = format!("`$these` is asked more than {MOST_OF_THESE} times");
            self.report(Diagnostic::error(Code::LimitReached, span, message));
            return Operand::Failed;
        }
        self.these.asked.push(OfThese { n_steps, aggregated });
        let value = self.these.known.and_then(|known| known.get(n)).cloned().unwrap_or(Value::Null);
        self.made(Op::Const(value), ty)
    }

    /// The same of a group or part, as a column of its rows.
    fn total(&mut self, aggregated: Aggregated, ty: Type) -> Operand<'a> {
        if matches!(self.frames[0].rows, Rows::Index(_)) {
            self.these.wants_columns = true;
            return Operand::Failed;
        }
        let column = self.these.n_columns + self.these.totals.len();
        self.these.totals.push(aggregated);
        self.made(Op::Input(Input::Column(column as u32)), ty)
    }
}

/// The names of a path.
fn names_of(tree: &Tree) -> Vec<Arc<str>> {
    let Tree::Path(path) = tree else { return Vec::new() };
    let name = |step: &Segment| match step {
        Segment::Name(name) => Some(Arc::from(&*name.text)),
        _ => None,
    };
    path.steps.iter().filter_map(name).collect()
}

/// Whether an expression is `$count` of the rows themselves.
pub(super) fn is_count(tree: &Tree) -> bool {
    matches!(tree, Tree::Path(path)
        if matches!(&path.steps[..], [Segment::Count(options, _)] if options.is_empty()))
}
