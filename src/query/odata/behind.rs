//! Aggregates of rows that lead back to those of a group: `aggregate(Sales/Amount with sum as T)`, `Sales/$count as N`. Each such
//! row leads to one row alone, so that it counts once if what it comes to is reduced for each row first and for the group then.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::lang::odata::ast::apply::Aggregate;
use crate::lang::odata::ast::{Expr as Tree, Path, Step};
use crate::model::catalog::IndexId;
use crate::model::fold::Collation;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::odata::Binder;
use crate::query::odata::lambda::Reducing;
use crate::query::odata::operand::Operand;
use crate::query::odata::path::{Many, Row};
use crate::query::odata::scope::Rows;
use crate::query::pipeline::Aggregated;
use crate::query::predicate::Order;
use crate::query::predicate::expr::{Arithmetic, Expr, ExprBuilder, Input, Method, Op, Type};

/// An aggregate, the type of what it comes to, and what that is divided by, if it is a mean.
type Behind = (Aggregated, Type, Option<Aggregated>);

impl<'a> Binder<'a, '_> {
    /// Whether an aggregate is one of rows that relations lead to, rather than of values of the rows themselves.
    pub(super) fn is_behind(&self, aggregate: &'a Aggregate) -> bool {
        let Tree::Path(path) = &aggregate.operand else { return false };
        self.leads_back(path).is_some() || self.led_to(path, aggregate).is_some()
    }

    /// Such an aggregate.
    pub(super) fn of_rows_behind(&mut self, aggregate: &'a Aggregate) -> Option<Behind> {
        let Tree::Path(path) = &aggregate.operand else { return None };
        if let Some(field) = self.led_to(path, aggregate) {
            let operand = Some(self.field_of(field));
            let method = Method::CountDistinct;
            return Some((Aggregated { method, operand, once_per: None, from: Vec::new() }, Type::Integer, None));
        }
        let (many, rest) = self.leads_back(path)?;
        self.bound_behind(&many, rest, path, aggregate)
    }

    fn bound_behind(
        &mut self,
        many: &Many,
        rest: &'a [Step],
        path: &'a Path,
        aggregate: &'a Aggregate,
    ) -> Option<Behind> {
        let there = many.link.map(|link| self.env.catalog.schema(link.index));
        let (method, reducing) = match (&aggregate.method, rest) {
            (None, [Step::Count(options, _)]) if options.is_empty() => (Method::Count, Reducing::Rows),
            (None, [Step::Name(name)]) if there.is_some_and(|there| there.measured(&name.text).is_some()) => {
                let measured = there.and_then(|there| there.measured(&name.text))?;
                (Method::named(measured.measure.as_str())?, Reducing::Field(measured.field))
            }
            (Some(name), _) => match Method::named(&name.text) {
                Some(method) => (method, Reducing::Path(rest, path)),
                None => {
                    self.unsupported(name.span, &format!("the method `{}`", name.text));
                    return None;
                }
            },
            (None, _) => {
                let message = "an aggregate of values needs a method, such as `with sum`";
                self.report(Diagnostic::error(Code::WrongAggregate, path.span, message));
                return None;
            }
        };
        if !aggregate.from.is_empty() || method == Method::CountDistinct {
            self.unsupported(path.span, "this aggregate of rows that lead back");
            return None;
        }
        let (first, then) = match method {
            Method::Count => (Method::Count, Method::Sum),
            Method::Sum | Method::Average => (Method::Sum, Method::Sum),
            other => (other, other),
        };
        let reduced = self.reduce(many, first, &[], reducing, path.span);
        let (aggregated, ty) = self.then(reduced, then)?;
        if method != Method::Average {
            return Some((aggregated, ty, None));
        }
        let known = match reducing {
            Reducing::Path(steps, path) => Reducing::Known(steps, path),
            other => other,
        };
        let known = match known {
            Reducing::Field(_) => {
                self.unsupported(path.span, "a mean that the schema names, of rows that lead back");
                return None;
            }
            known => self.reduce(many, Method::Sum, &[], known, path.span),
        };
        let (over, _) = self.then(known, Method::Sum)?;
        Some((aggregated, ty, Some(over)))
    }

    /// What was reduced for each row, reduced for the group.
    fn then(&mut self, reduced: Operand<'a>, method: Method) -> Option<(Aggregated, Type)> {
        let (id, of) = self.typed(reduced, None)?;
        let ty = method.gives(Some(of))?;
        let operand = Some(self.builder.expr(id));
        Some((Aggregated { method, operand, once_per: None, from: Vec::new() }, ty))
    }

    /// `Product/$count`, the number of rows that a relation to one leads to: the field of that relation.
    fn led_to(&self, path: &Path, aggregate: &Aggregate) -> Option<FieldId> {
        let ([Step::Name(name), Step::Count(options, _)], None) = (&path.steps[..], &aggregate.method) else {
            return None;
        };
        let schema = self.env.catalog.schema(self.rows_of_index()?);
        let field = schema.field_named(&name.text).filter(|field| !schema.field(*field).multi)?;
        let is_counted = options.is_empty() && aggregate.from.is_empty() && schema.field(field).relation.is_some();
        is_counted.then_some(field)
    }

    /// A relation to many that a path begins with, whose rows hold the key of this one, and the rest of the path.
    fn leads_back(&self, path: &'a Path) -> Option<(Many, &'a [Step])> {
        let (Step::Name(name), rest @ [_, ..]) = path.steps.split_first()? else { return None };
        let index = self.rows_of_index()?;
        let schema = self.env.catalog.schema(index);
        let field = schema.field_named(&name.text).filter(|field| schema.field(*field).multi)?;
        let link = self.env.catalog.link(schema, field).filter(|link| link.own_key.is_some())?;
        matches!(rest, [Step::Name(_), ..] | [Step::Count(..)]).then_some(())?;
        let of = Row { hops: Vec::new(), index };
        Some((Many { of, field, link: Some(link), shown: name.text.to_string() }, rest))
    }

    /// The index whose rows names belong to.
    fn rows_of_index(&self) -> Option<IndexId> {
        match self.frames[..] {
            [ref frame] => match frame.rows {
                Rows::Index(index) => Some(index),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value that the rest of a path leads to.
    pub(super) fn end_of(&mut self, steps: &'a [Step], path: &'a Path) -> Option<Expr> {
        let operand = self.rest_of(steps, path);
        let (id, _) = self.typed(operand, None)?;
        Some(self.builder.expr(id))
    }

    /// A field of the row that is looked at.
    pub(super) fn field_of(&mut self, field: FieldId) -> Expr {
        let index = match self.frames.last().map(|frame| &frame.rows) {
            Some(Rows::Index(index)) => *index,
            _ => self.index,
        };
        let ty = Type::of_kind(self.env.catalog.schema(index).field(field).kind);
        let id = self.builder.push(Op::Input(Input::Field(field)), ty);
        self.builder.expr(id)
    }

    /// 1 where the rest of a path leads to a value, else 0.
    pub(super) fn known(&mut self, steps: &'a [Step], path: &'a Path) -> Option<Expr> {
        let operand = self.rest_of(steps, path);
        let (id, ty) = self.typed(operand, None)?;
        let is_null = self.is_null(id, ty);
        let known = self.builder.push(Op::Not(is_null), Type::Boolean);
        let id = self.builder.push(Op::Cast(known), Type::Integer);
        Some(self.builder.expr(id))
    }

    /// Makes a named column, which holds a sum, the mean that comes of another, which holds the number of values: null of none.
    pub(super) fn divide(&mut self, column: usize, by: usize) {
        let Some((sum, of)) = self.names.get(column).map(|named| (named.id, named.ty)) else { return };
        let ty = Method::Average.gives(Some(of)).unwrap_or(of);
        let builder: &mut ExprBuilder = &mut self.builder;
        let n = builder.push(Op::Input(Input::Column(by as u32)), Type::Integer);
        let zero = builder.push(Op::Const(Value::Integer(0)), Type::Integer);
        let (order, collation) = (Order::Greater, Collation::Exact);
        let compared = Op::Compare { order, sides: [n, zero], both_null: false, collation };
        let is_some = builder.push(compared, Type::Boolean);
        let sum = if of == ty { sum } else { builder.push(Op::Cast(sum), ty) };
        let n = if ty == Type::Duration { n } else { builder.push(Op::Cast(n), ty) };
        let quotient = builder.push(Op::Arithmetic(Arithmetic::Divide, [sum, n]), ty);
        let mean = builder.push(Op::Case(vec![(is_some, quotient)]), ty);
        if let Some(named) = self.names.get_mut(column) {
            (named.id, named.ty) = (mean, ty);
        }
    }
}
