//! An OData tree to its meaning: the same [`Predicate`](crate::query::predicate::Predicate) as TQL has where that can say it,
//! else typed expressions. Never fails: what cannot be bound becomes a diagnostic and an operand without meaning.
//!
//! Reading order: [`Binder`] here → [`scope`] (which rows a name belongs to) → [`path`] (names to places, places to values) →
//! [`literal`] (written values to typed ones) → [`operand`] (what stands between operators, brought to one type) →
//! [`compare`], [`arithmetic`], [`call`], [`lambda`] (what operators and functions mean) → [`logic`] (expressions to
//! predicates) → [`aggregates`], [`behind`], [`apply`] (transformations) → [`select`] → [`request`] (options together).

mod aggregates;
mod apply;
mod arithmetic;
mod behind;
mod call;
mod compare;
mod lambda;
mod literal;
pub(crate) mod logic;
mod operand;
mod path;
pub(crate) mod print;
pub(crate) mod request;
pub(crate) mod scope;
mod select;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, push_bound};
use crate::base::hash::HashMap;
use crate::base::span::Span;
use crate::lang::odata::ast::OrderItem;
use crate::lang::odata::ast::{Binary, Chain, Expr as Tree, Prefix, Typed, TypedKind};
use crate::model::catalog::IndexId;
use crate::model::fold::Collation;
use crate::model::schema::Schema;
use crate::model::value::Value;
use crate::query::context::Env;
use crate::query::odata::operand::Operand;
use crate::query::odata::scope::{Frame, Named, Rows};
use crate::query::pipeline::{Aggregated, OfThese, OrderKey};
use crate::query::predicate::Predicate;
use crate::query::predicate::expr::{Expr, ExprBuilder, ExprId, Op, Type};

/// How a text is read where the versions of OData differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reading {
    /// v2 and v3: a null operand of AND, OR and NOT counts as false, and two nulls have no order.
    pub(crate) old_nulls: bool,
    /// Names in their exact case, and nothing that the standard does not have.
    pub(crate) strict: bool,
}

/// Aggregates of the whole collection that expressions ask for.
#[derive(Default)]
struct These<'a> {
    asked: Vec<OfThese>,
    known: Option<&'a [Value]>,
    /// How many steps the rows have behind them; none within those of a group or part, each of which has its own.
    n_steps: Option<usize>,
    /// Within a group or part: how many columns the rows have, and the totals that become further ones.
    n_columns: usize,
    totals: Vec<Aggregated>,
    /// Whether totals are asked of rows of an index, which have no columns yet.
    wants_columns: bool,
}

/// Values of parameter aliases, by name without `@`.
pub(crate) type Aliases<'t> = HashMap<&'t str, &'t Tree>;

/// Binds what stands in one option, and in those within it.
pub(crate) struct Binder<'a, 'd> {
    pub(crate) env: &'a Env<'a>,
    pub(crate) reading: Reading,
    pub(crate) aliases: &'a Aliases<'a>,
    /// Aliases that are being bound: one that leads to itself has no value.
    open_aliases: Vec<&'a str>,
    pub(crate) diagnostics: &'d mut Vec<Diagnostic>,
    /// How many of them, at the beginning, the parser made.
    n_parsed: usize,
    /// The index that is asked.
    index: IndexId,
    /// What names beside the fields stand for, of the outermost rows.
    names: Vec<Named>,
    /// Of columns that hold texts of a field: how they compare.
    collations: HashMap<ExprId, Collation>,
    /// What `$these` is asked for, in the order of the text, and what it comes to, once that is known.
    these: These<'a>,
    /// The rows that names belong to: the outermost first, those of lambdas behind.
    frames: Vec<Frame>,
    builder: ExprBuilder,
}

impl<'a, 'd> Binder<'a, 'd> {
    /// A binder for the rows of an index.
    pub(crate) fn new(
        (env, index): (&'a Env<'a>, IndexId),
        reading: Reading,
        aliases: &'a Aliases<'a>,
        diagnostics: &'d mut Vec<Diagnostic>,
    ) -> Self {
        let frames = vec![Frame { variable: None, rows: Rows::Index(index), back: None }];
        Self {
            env,
            reading,
            aliases,
            open_aliases: Vec::new(),
            n_parsed: diagnostics.len(),
            diagnostics,
            index,
            names: Vec::new(),
            collations: HashMap::default(),
            these: These { n_steps: Some(0), ..These::default() },
            frames,
            builder: ExprBuilder::default(),
        }
    }

    /// The rows for which an expression is true.
    fn filter(&mut self, tree: &'a Tree) -> Predicate {
        match self.condition(tree) {
            Some(id) => logic::is_true(&self.builder.expr(id)),
            None => Predicate::constant(false),
        }
    }

    /// An order; keys that cannot be bound are reported and left out.
    pub(crate) fn order(&mut self, items: &'a [OrderItem]) -> Vec<OrderKey> {
        let keys = items.iter().filter_map(|item| {
            let value = self.value(&item.value)?;
            Some(OrderKey { value, descending: item.descending })
        });
        keys.collect()
    }

    /// A value of each row.
    pub(crate) fn value(&mut self, tree: &'a Tree) -> Option<Expr> {
        let operand = self.operand(tree);
        let (id, _) = self.typed(operand, None)?;
        Some(self.builder.expr(id))
    }

    /// A truth value of each row; reports what is none.
    fn condition(&mut self, tree: &'a Tree) -> Option<ExprId> {
        let operand = self.operand(tree);
        self.truth(operand, tree.span())
    }

    fn truth(&mut self, operand: Operand<'a>, span: Span) -> Option<ExprId> {
        match self.typed(operand, Some(Type::Boolean))? {
            (id, Type::Boolean) => Some(id),
            (_, ty) => {
                let message = format!("a condition stands here, and this is {}", ty.article());
                self.report(Diagnostic::error(Code::WrongOperator, span, message).help("compare it with a value"));
                None
            }
        }
    }

    /// What an expression is. Recurses for what nests, which the parser limits.
    fn operand(&mut self, tree: &'a Tree) -> Operand<'a> {
        match tree {
            Tree::Literal(literal) => self.literal(literal),
            Tree::Path(path) => self.path(path),
            Tree::Call(call) => self.call(call),
            Tree::Typed(typed) => self.cast(typed),
            Tree::Case(case) => self.case(case.branches.iter().map(|(c, v)| (c, v)), None, case.span),
            Tree::Not(prefix) => self.not(prefix),
            Tree::Negate(prefix) => self.negate(prefix),
            Tree::Chain(chain) => self.chain(chain),
            Tree::Group(inner, _) => self.operand(inner),
            Tree::List(members, span) | Tree::Array(members, span) => Operand::Members(members, *span),
            Tree::Object(_, span) => {
                self.unsupported(*span, "objects are no values of fields");
                Operand::Failed
            }
            Tree::Error(_) => Operand::Failed,
        }
    }

    fn chain(&mut self, chain: &'a Chain) -> Operand<'a> {
        if let Some((op, _)) = chain.rest.first().filter(|(op, _)| matches!(op.kind, Binary::And | Binary::Or)) {
            return self.joined(chain, op.kind == Binary::And);
        }
        let start = chain.first.span();
        let (mut left, negated) = self.first_of(chain);
        for (op, right) in &chain.rest {
            let whole = start.to(right.span());
            left = match op.kind {
                Binary::In => self.one_of(&left, right, *op, whole),
                Binary::Has => self.has(&left, right, *op, whole),
                Binary::Eq | Binary::Ne | Binary::Gt | Binary::Ge | Binary::Lt | Binary::Le => {
                    let right = self.operand(right);
                    self.compare(left, right, *op)
                }
                _ => {
                    let right = self.operand(right);
                    self.arithmetic(left, right, *op)
                }
            };
        }
        match (negated, left) {
            (true, Operand::Made(id, Type::Boolean)) => self.made(Op::Not(id), Type::Boolean),
            (_, left) => left,
        }
    }

    /// The first operand of a comparison, and whether the whole is negated. `not` binds tighter than comparisons, yet
    /// `not Name eq 'x'` cannot mean `(not Name) eq 'x'`, so it is taken for what its writer meant.
    fn first_of(&mut self, chain: &'a Chain) -> (Operand<'a>, bool) {
        let Tree::Not(prefix) = &chain.first else { return (self.operand(&chain.first), false) };
        let inner = self.operand(&prefix.operand);
        if matches!(inner, Operand::Failed) || inner.ty(self) == Some(Type::Boolean) {
            return (self.negated(inner, prefix), false);
        }
        let message = "`not` binds tighter than the comparison behind it";
        let help = "parentheses make it the negation of the comparison: `not (… eq …)`";
        self.report(if self.reading.strict {
            Diagnostic::error(Code::WrongOperator, prefix.span, message).help(help)
        } else {
            Diagnostic::warning(Code::MixedOperators, prefix.span, message).help(help)
        });
        (inner, true)
    }

    /// Terms that AND or OR joins; each is bound, so that all mistakes are told.
    fn conditions(&mut self, terms: impl Iterator<Item = &'a Tree>) -> Option<Vec<ExprId>> {
        let (mut parts, mut failed) = (Vec::new(), false);
        for term in terms {
            match self.condition(term) {
                Some(id) => parts.push(self.old_truth(id)),
                None => failed = true,
            }
        }
        (!failed).then_some(parts)
    }

    /// A chain of AND or of OR.
    fn joined(&mut self, chain: &'a Chain, is_and: bool) -> Operand<'a> {
        let terms = std::iter::once(&chain.first).chain(chain.rest.iter().map(|(_, term)| term));
        let Some(parts) = self.conditions(terms) else { return Operand::Failed };
        let op = if is_and { Op::And(parts) } else { Op::Or(parts) };
        self.made(op, Type::Boolean)
    }

    /// A truth value as an operand of AND, OR and NOT.
    fn old_truth(&mut self, id: ExprId) -> ExprId {
        let is_certain =
            matches!(self.builder.node(id).op, Op::Holds(_) | Op::Compare { .. } | Op::OneOf { .. } | Op::IsTrue(_));
        if self.reading.old_nulls && !is_certain { self.builder.push(Op::IsTrue(id), Type::Boolean) } else { id }
    }

    fn not(&mut self, prefix: &'a Prefix) -> Operand<'a> {
        let operand = self.operand(&prefix.operand);
        self.negated(operand, prefix)
    }

    fn negated(&mut self, operand: Operand<'a>, prefix: &'a Prefix) -> Operand<'a> {
        match self.truth(operand, prefix.operand.span()) {
            Some(id) => {
                let id = self.old_truth(id);
                self.made(Op::Not(id), Type::Boolean)
            }
            None => Operand::Failed,
        }
    }

    /// `cast` and `isof`.
    fn cast(&mut self, typed: &'a Typed) -> Operand<'a> {
        let Some(operand) = &typed.operand else {
            self.unsupported(typed.span, "rows of an index have one type");
            return Operand::Failed;
        };
        let operand = self.operand(operand);
        let Some(ty) = self.type_named(&typed.target) else { return Operand::Failed };
        let Some((id, from)) = self.typed(operand, Some(ty)) else { return Operand::Failed };
        match typed.kind {
            TypedKind::Cast if from == ty => Operand::Made(id, ty),
            TypedKind::Cast => self.made(Op::Cast(id), ty),
            // Every value of an expression has the type that it has; null is of none.
            TypedKind::IsOf if from == ty => {
                let is_null = self.is_null(id, ty);
                self.made(Op::Not(is_null), Type::Boolean)
            }
            TypedKind::IsOf => self.made(Op::Const(Value::Boolean(false)), Type::Boolean),
        }
    }

    /// Of the outermost rows.
    fn schema(&self) -> &'a Schema {
        self.env.catalog.schema(self.index)
    }

    fn made(&mut self, op: Op, ty: Type) -> Operand<'a> {
        Operand::Made(self.builder.push(op, ty), ty)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        push_bound(self.diagnostics, self.n_parsed, diagnostic);
    }

    /// Reports what the language has and this engine does not do.
    fn unsupported(&mut self, span: Span, what: &str) {
        self.report(Diagnostic::error(Code::NotSupported, span, format!("not supported: {what}")));
    }
}

#[cfg(test)]
mod tests;
