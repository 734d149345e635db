//! What is asked of several rows or values at once: `any` and `all`, how many there are, what their values come to. Rows are
//! asked by semi-joins and reduced per key, values by their dictionary; nothing is looked up row by row.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::odata::ast::apply::Aggregate;
use crate::lang::odata::ast::option::{OptionValue, QueryOption};
use crate::lang::odata::ast::{Binary, Call as Written, Expr as Tree, Lambda, LambdaKind, Path, Step};
use crate::model::catalog::Link;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::odata::aggregates::is_count;
use crate::query::odata::operand::Operand;
use crate::query::odata::path::{Many, THIS};
use crate::query::odata::scope::{Frame, Rows};
use crate::query::odata::{Binder, logic};
use crate::query::predicate::expr::{Expr, ExprBuilder, ExprId, Hop, Input, Method, Op, Reduced, Type};
use crate::query::predicate::{Leaf, Predicate, Subselect};

/// What of rows that lead back is reduced.
#[derive(Clone, Copy)]
pub(super) enum Reducing<'a> {
    Rows,
    Tree(&'a Tree),
    /// What the rest of a path leads to.
    Path(&'a [Step], &'a Path),
    Field(FieldId),
    /// 1 where the rest of a path leads to a value, else 0.
    Known(&'a [Step], &'a Path),
}

impl<'a> Binder<'a, '_> {
    /// `any` and `all`. Terms that do not name the variable are asked of the row outside.
    pub(super) fn lambda(&mut self, many: &Many, lambda: &'a Lambda) -> Operand<'a> {
        let Some((variable, body)) = &lambda.predicate else {
            return match self.some(many, None, lambda.span) {
                Some(id) => Operand::Made(id, Type::Boolean),
                None => Operand::Failed,
            };
        };
        let is_any = lambda.kind == LambdaKind::Any;
        let joiner = if is_any { Binary::And } else { Binary::Or };
        let (mut inner, mut outer) = (Vec::new(), Vec::new());
        for term in terms_of(body, joiner) {
            if mentions(term, &variable.text) { inner.push(term) } else { outer.push(term) }
        }
        let mut parts = Vec::new();
        let mut failed = false;
        for term in outer {
            match self.condition(term) {
                Some(id) => parts.push(self.builder.push(Op::IsTrue(id), Type::Boolean)),
                None => failed = true,
            }
        }
        match self.within(many, &variable.text, |binder| binder.all_of(&inner, is_any)) {
            None => failed = true,
            Some(body) => match self.some(many, Some((body, is_any)), lambda.span) {
                // `all` is that none is otherwise.
                Some(id) if !is_any => parts.push(self.builder.push(Op::Not(id), Type::Boolean)),
                Some(id) => parts.push(id),
                None => failed = true,
            },
        }
        if failed {
            return Operand::Failed;
        }
        match parts.len() {
            1 => Operand::Made(parts.swap_remove(0), Type::Boolean),
            _ if is_any => self.made(Op::And(parts), Type::Boolean),
            _ => self.made(Op::Or(parts), Type::Boolean),
        }
    }

    /// The terms joined again.
    fn all_of(&mut self, terms: &[&'a Tree], is_and: bool) -> Option<Expr> {
        let mut parts = self.conditions(terms.iter().copied())?;
        let root = match parts.len() {
            0 => self.builder.push(Op::Const(Value::Boolean(is_and)), Type::Boolean),
            1 => parts.swap_remove(0),
            _ if is_and => self.builder.push(Op::And(parts), Type::Boolean),
            _ => self.builder.push(Op::Or(parts), Type::Boolean),
        };
        Some(self.builder.expr(root))
    }

    /// Binds something of the rows or values that a path leads to.
    fn within<T>(&mut self, many: &Many, variable: &str, bind: impl FnOnce(&mut Self) -> T) -> T {
        let (rows, back) = match many.link {
            None => (Rows::Values { index: many.of.index, field: many.field }, None),
            Some(Link { index, key, own_key }) => {
                // Only rows that hold the key of the row outside lead back to it.
                let back = own_key.filter(|_| many.of.hops.is_empty());
                let back = back.map(|own| vec![Hop { from: key, index: many.of.index, key: own }]);
                (Rows::Index(index), back)
            }
        };
        self.frames.push(Frame { variable: Some(variable.into()), rows, back });
        let outer = std::mem::take(&mut self.builder);
        let bound = bind(self);
        self.builder = outer;
        self.frames.pop();
        bound
    }

    /// Whether there is a row or value that makes an expression true, or with `false` beside it does not; without one, any.
    fn some(&mut self, many: &Many, body: Option<(Expr, bool)>, span: Span) -> Option<ExprId> {
        let field = many.field;
        let body = body.map(|(body, is_so)| if is_so { body } else { otherwise(&body) });
        let predicate = match (many.link, body) {
            (None, None) => Predicate::leaf(Leaf::IsEmpty { field }).not(),
            (None, Some(body)) => Predicate::leaf(match values_of(&body) {
                Some(values) => Leaf::OneOf { field, values },
                None => Leaf::Element { field, expr: body.into() },
            }),
            (Some(link), body) => {
                self.seen(link.index, &many.shown, span)?;
                let rows = body.map_or_else(|| Predicate::constant(true), |body| logic::is_true(&body));
                let sub = Subselect::new(link.index, link.key, rows, self.env.in_permission);
                Predicate::leaf(Leaf::Semi { field, own_key: link.own_key, sub: sub.into() })
            }
        };
        Some(self.holds(&many.of.hops, predicate))
    }

    /// `$count` behind a path.
    pub(super) fn number_of(&mut self, many: &Many, options: &'a [QueryOption], span: Span) -> Operand<'a> {
        if !many.of.hops.is_empty() {
            self.unsupported(span, "a number of rows or values behind another row");
            return Operand::Failed;
        }
        match many.link {
            None if options.is_empty() => self.made(Op::Input(Input::NumberOfValues(many.field)), Type::Integer),
            None => {
                self.unsupported(span, "options of the number of values; `any` asks for one of them");
                Operand::Failed
            }
            Some(_) => self.reduce(many, Method::Count, options, Reducing::Rows, span),
        }
    }

    /// `aggregate(e with method)` behind a path.
    pub(super) fn reduced(&mut self, many: &Many, aggregate: &'a Aggregate, span: Span) -> Operand<'a> {
        if !aggregate.from.is_empty() || many.link.is_none() || !many.of.hops.is_empty() {
            self.unsupported(span, "this aggregate of a path");
            return Operand::Failed;
        }
        match &aggregate.method {
            None if is_count(&aggregate.operand) => self.reduce(many, Method::Count, &[], Reducing::Rows, span),
            None => {
                let message = "an aggregate of values needs a method, such as `with sum`";
                self.report(Diagnostic::error(Code::WrongAggregate, aggregate.operand.span(), message));
                Operand::Failed
            }
            Some(name) => match Method::named(&name.text) {
                Some(method) => self.reduce(many, method, &[], Reducing::Tree(&aggregate.operand), span),
                None => {
                    self.unsupported(name.span, &format!("the method `{}`", name.text));
                    Operand::Failed
                }
            },
        }
    }

    pub(super) fn reduce(
        &mut self,
        many: &Many,
        method: Method,
        options: &'a [QueryOption],
        operand: Reducing<'a>,
        span: Span,
    ) -> Operand<'a> {
        let Some(Link { index, key, own_key: Some(own_key) }) = many.link else {
            self.unsupported(span, "numbers of rows behind keys that are stored; `any` asks for one of them");
            return Operand::Failed;
        };
        if self.seen(index, &many.shown, span).is_none() {
            return Operand::Failed;
        }
        let bound = self.within(many, THIS, |binder| {
            let mut parts = Vec::new();
            for option in options {
                match &option.value {
                    OptionValue::Filter(tree) => parts.push(binder.filter(tree)),
                    OptionValue::Error => return None,
                    _ => {
                        binder.unsupported(option.span, "this option of `$count`");
                        return None;
                    }
                }
            }
            let operand = match operand {
                Reducing::Rows => None,
                Reducing::Tree(tree) => Some(binder.value(tree)?),
                Reducing::Path(steps, path) => Some(binder.end_of(steps, path)?),
                Reducing::Field(field) => Some(binder.field_of(field)),
                Reducing::Known(steps, path) => Some(binder.known(steps, path)?),
            };
            Some((Predicate::all(parts), operand))
        });
        let Some((predicate, operand)) = bound else { return Operand::Failed };
        let of = operand.as_ref().map(Expr::ty);
        let Some(ty) = method.gives(of) else {
            let message = format!("`{}` has no meaning for {}", method.as_str(), of.map_or("rows", Type::article));
            self.report(Diagnostic::error(Code::WrongAggregate, span, message));
            return Operand::Failed;
        };
        let hop = Hop { from: own_key, index, key };
        self.made(Op::Input(Input::Reduced(Reduced { hop, predicate, method, operand }.into())), ty)
    }

    /// `hassubset(Tags,['a','b'])`: a field has every value that is written.
    pub(super) fn has_subset(&mut self, call: &'a Written) -> Operand<'a> {
        let [all, some] = &call.arguments[..] else { return Operand::Failed };
        let (all, some) = (self.operand(all), self.operand(some));
        let (Operand::Many(Many { of, field, link: None, .. }, _), Operand::Members(members, _)) = (all, some) else {
            self.unsupported(call.span, "this function, but for a field of several values and a list of some");
            return Operand::Failed;
        };
        if call.function == crate::lang::odata::function::Function::HasSubsequence {
            self.unsupported(call.span, "`hassubsequence`: fields of several values are sets");
            return Operand::Failed;
        }
        let mut leaves = Vec::new();
        for member in members {
            let (Operand::Literal { value, .. }, at) = (self.operand(member), member.span()) else {
                self.report(Diagnostic::error(Code::WrongArgument, member.span(), "values as written stand here"));
                return Operand::Failed;
            };
            let _ = at;
            leaves.push(Predicate::leaf(Leaf::OneOf { field, values: [value].into() }));
        }
        let id = self.holds(&of.hops, Predicate::all(leaves));
        Operand::Made(id, Type::Boolean)
    }
}

/// The terms of a chain of one operator, or the whole as one term.
fn terms_of(tree: &Tree, joiner: Binary) -> Vec<&Tree> {
    match tree {
        Tree::Group(inner, _) => terms_of(inner, joiner),
        Tree::Chain(chain) if chain.rest.first().is_some_and(|(op, _)| op.kind == joiner) => {
            std::iter::once(&chain.first).chain(chain.rest.iter().map(|(_, term)| term)).collect()
        }
        _ => vec![tree],
    }
}

/// Whether an expression names a variable. What it cannot look into may.
fn mentions(tree: &Tree, variable: &str) -> bool {
    match tree {
        Tree::Literal(_) | Tree::Error(_) => false,
        Tree::Path(path) => path.steps.iter().enumerate().any(|(n, step)| match step {
            Step::Name(name) => n == 0 && *name.text == *variable,
            Step::Lambda(lambda) => lambda
                .predicate
                .as_ref()
                .is_some_and(|(inner, body)| *inner.text != *variable && mentions(body, variable)),
            _ => true,
        }),
        Tree::Call(call) => call.arguments.iter().any(|argument| mentions(argument, variable)),
        Tree::Typed(typed) => typed.operand.as_ref().is_some_and(|operand| mentions(operand, variable)),
        Tree::Case(case) => case.branches.iter().any(|(c, v)| mentions(c, variable) || mentions(v, variable)),
        Tree::Not(prefix) | Tree::Negate(prefix) => mentions(&prefix.operand, variable),
        Tree::Chain(chain) => {
            mentions(&chain.first, variable) || chain.rest.iter().any(|(_, operand)| mentions(operand, variable))
        }
        Tree::Group(inner, _) => mentions(inner, variable),
        Tree::List(members, _) | Tree::Array(members, _) => members.iter().any(|member| mentions(member, variable)),
        Tree::Object(members, _) => members.iter().any(|member| mentions(&member.value, variable)),
    }
}

/// That an expression is not true.
fn otherwise(expr: &Expr) -> Expr {
    let mut builder = ExprBuilder::of(expr);
    let is_true = builder.push(Op::IsTrue(expr.root()), Type::Boolean);
    let root = builder.push(Op::Not(is_true), Type::Boolean);
    builder.expr(root)
}

/// The values of which the one looked at must be one, if that is all that is asked of it.
fn values_of(body: &Expr) -> Option<Arc<[Value]>> {
    let Op::OneOf { operand, values, .. } = &body.node(body.root()).op else { return None };
    let is_element = matches!(body.node(*operand).op, Op::Input(Input::Element));
    (is_element && values.iter().all(|value| !value.is_empty())).then(|| values.clone())
}
