//! `eq ne gt ge lt le in has`. What a leaf of a predicate can say becomes one: it is pruned and decided per distinct value.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::odata::ast::{Binary, Expr as Tree, Op as Written};
use crate::model::fold::Collation;
use crate::model::kind::Kind;
use crate::model::value::{Value, distinct};
use crate::query::odata::Binder;
use crate::query::odata::operand::{Operand, Reached, is_text};
use crate::query::predicate::expr::{ExprId, Hop, Op, Type};
use crate::query::predicate::{Bound, Leaf, Order, Predicate, Subselect};

impl<'a> Binder<'a, '_> {
    pub(super) fn compare(&mut self, left: Operand<'a>, right: Operand<'a>, op: Written) -> Operand<'a> {
        let (order, negated) = match op.kind {
            Binary::Eq => (Order::Equal, false),
            Binary::Ne => (Order::Equal, true),
            Binary::Gt => (Order::Greater, false),
            Binary::Ge => (Order::GreaterOrEqual, false),
            Binary::Lt => (Order::Less, false),
            _ => (Order::LessOrEqual, false),
        };
        let id = match self.leaf(&left, order, &right).or_else(|| self.leaf(&right, order.turned(), &left)) {
            Some(leaf) => leaf,
            None => {
                let collation = self.collation(&[&left, &right]);
                let Some((sides, ty)) = self.both(left, right, (op.kind.as_str(), op.span)) else {
                    return Operand::Failed;
                };
                let collation = if ty == Type::Text { collation } else { Collation::Exact };
                let both_null = order == Order::Equal || !self.reading.old_nulls;
                self.builder.push(Op::Compare { order, sides, both_null, collation }, Type::Boolean)
            }
        };
        let id = if negated { self.builder.push(Op::Not(id), Type::Boolean) } else { id };
        Operand::Made(id, Type::Boolean)
    }

    /// A field against a value that its kind holds, as a leaf.
    fn leaf(&mut self, field: &Operand<'a>, order: Order, value_of: &Operand<'a>) -> Option<ExprId> {
        let (Operand::Field(reached), Operand::Literal { literal, value, ty }) = (field, value_of) else { return None };
        if reached.is_element {
            return (order == Order::Equal).then(|| self.one_of_values(field, std::slice::from_ref(value_of)))?;
        }
        let wanted = Type::of_kind(reached.kind);
        let value = if *ty == wanted { value.clone() } else { self.reread(literal, value, wanted)? };
        let value = self.declared(reached, value, is_text(literal).then_some(literal.span));
        let leaf = |field| match order {
            Order::Equal if !value.is_empty() => Some(Leaf::OneOf { field, values: [value.clone()].into() }),
            Order::Equal => None,
            _ if !reached.kind.is_number() => None,
            Order::Less => Some(Leaf::Range { field, low: Bound::Open, high: Bound::Exclusive(value.clone()) }),
            Order::LessOrEqual => Some(Leaf::Range { field, low: Bound::Open, high: Bound::Inclusive(value.clone()) }),
            Order::Greater => Some(Leaf::Range { field, low: Bound::Exclusive(value.clone()), high: Bound::Open }),
            Order::GreaterOrEqual => {
                Some(Leaf::Range { field, low: Bound::Inclusive(value.clone()), high: Bound::Open })
            }
        };
        let leaf = leaf(reached.field)?;
        Some(self.holds(&reached.hops, Predicate::leaf(leaf)))
    }

    /// Whether the row passes that some relations lead to.
    pub(super) fn holds(&mut self, hops: &[Hop], predicate: Predicate) -> ExprId {
        let in_permission = self.env.in_permission;
        let through = hops.iter().rev().fold(predicate, |inner, hop| {
            let sub = Subselect::new(hop.index, hop.key, inner, in_permission);
            Predicate::leaf(Leaf::Semi { field: hop.from, own_key: None, sub: sub.into() })
        });
        self.builder.push(Op::Holds(through.into()), Type::Boolean)
    }

    /// The declared spelling of a text; warns about one outside a declared set.
    fn declared(&mut self, reached: &Reached, value: Value, span: Option<Span>) -> Value {
        let Value::Text(text) = &value else { return value };
        let field = self.env.catalog.schema(reached.index).field(reached.field);
        if field.values.is_empty() || text.is_empty() {
            return value;
        }
        let known = field.declared_value(text);
        match (known, span) {
            (Some(known), _) => Value::Text(known.name.clone()),
            (None, Some(span)) => {
                let shown: String = text.chars().take(60).collect();
                let message = format!("`{}` declares no value `{shown}`, so nothing equals it", field.name);
                let near = crate::base::suggest::nearest(text, field.values.iter().map(|value| &*value.name));
                let warning = Diagnostic::warning(Code::UnknownValue, span, message);
                self.report(match near {
                    Some(near) => warning.help(format!("did you mean `{near}`?")),
                    None => warning,
                });
                value
            }
            (None, None) => value,
        }
    }

    /// The collation that two texts are compared under: that of a field, `exact` if two disagree or there is none.
    pub(super) fn collation(&self, operands: &[&Operand<'_>]) -> Collation {
        let mut found = None;
        for operand in operands {
            let collation = match operand {
                Operand::Field(reached) => {
                    self.env.catalog.schema(reached.index).field(reached.field).effective_collation()
                }
                Operand::Made(id, _) => match self.collations.get(id) {
                    Some(collation) => *collation,
                    None => continue,
                },
                _ => continue,
            };
            if found.is_some_and(|other| other != collation) {
                return Collation::Exact;
            }
            found = Some(collation);
        }
        found.unwrap_or(Collation::Exact)
    }

    /// `x in (…)`.
    pub(super) fn one_of(&mut self, left: &Operand<'a>, right: &'a Tree, op: Written, span: Span) -> Operand<'a> {
        let members = match self.operand(right) {
            Operand::Members(members, _) => members,
            Operand::Many(many, _) => return self.is_among(left, &many, span),
            Operand::Failed => return Operand::Failed,
            _ => {
                let at = right.span();
                self.report(Diagnostic::error(Code::WrongOperator, at, "a list stands behind `in`: `in ('a','b')`"));
                return Operand::Failed;
            }
        };
        let mut parts = Vec::new();
        let (mut values, mut failed) = (Vec::new(), matches!(left, Operand::Failed));
        for member in members {
            let member_operand = self.operand(member);
            failed |= matches!(member_operand, Operand::Failed);
            match (left, &member_operand) {
                (Operand::Field(reached), Operand::Literal { literal, value, ty }) if !reached.is_element => {
                    let wanted = Type::of_kind(reached.kind);
                    let value = if *ty == wanted { Some(value.clone()) } else { self.reread(literal, value, wanted) };
                    match value.filter(|value| !value.is_empty()) {
                        Some(value) => {
                            values.push(self.declared(reached, value, is_text(literal).then_some(literal.span)));
                        }
                        None => parts.push(member_operand),
                    }
                }
                _ => parts.push(member_operand),
            }
        }
        let mut any = Vec::new();
        if let (Operand::Field(reached), false) = (left, values.is_empty()) {
            let leaf = Leaf::OneOf { field: reached.field, values: distinct(values).into() };
            any.push(self.holds(&reached.hops, Predicate::leaf(leaf)));
        }
        if let Some(id) = self.one_of_values(left, &parts) {
            return Operand::Made(id, Type::Boolean);
        }
        for part in parts {
            let equal = Written { kind: Binary::Eq, span: op.span };
            match self.compare(left.clone(), part, equal) {
                Operand::Made(id, _) => any.push(id),
                _ => failed = true,
            }
        }
        if failed {
            return Operand::Failed;
        }
        match any.len() {
            0 => self.made(Op::Const(Value::Boolean(false)), Type::Boolean),
            1 => Operand::Made(any.swap_remove(0), Type::Boolean),
            _ => self.made(Op::Or(any), Type::Boolean),
        }
    }

    /// Whether a computed value, or one of a field that has several, is one of some that are written, all of its type.
    fn one_of_values(&mut self, left: &Operand<'a>, members: &[Operand<'a>]) -> Option<ExprId> {
        let wanted = match left {
            Operand::Made(_, ty) => *ty,
            Operand::Field(reached) if reached.is_element => Type::of_kind(reached.kind),
            _ => return None,
        };
        let mut values = Vec::new();
        for member in members {
            let (value, span) = match member {
                Operand::Literal { literal, value, ty } => {
                    let value = if *ty == wanted { value.clone() } else { self.reread(literal, value, wanted)? };
                    (value, is_text(literal).then_some(literal.span))
                }
                Operand::Null => (Value::Null, None),
                _ => return None,
            };
            match left {
                Operand::Field(reached) => values.append(&mut self.spellings(reached, value, span)),
                _ => values.push(value),
            }
        }
        if values.is_empty() {
            return None;
        }
        let collation = self.collation(&[left]);
        let (operand, _) = self.typed(left.clone(), None)?;
        let op = Op::OneOf { operand, values: distinct(values).into(), collation };
        Some(self.builder.push(op, Type::Boolean))
    }

    /// A text and what is declared to be another name for it.
    fn spellings(&mut self, reached: &Reached, value: Value, span: Option<Span>) -> Vec<Value> {
        let value = self.declared(reached, value, span);
        let field = self.env.catalog.schema(reached.index).field(reached.field);
        let known = match &value {
            Value::Text(text) => field.declared_value(text),
            _ => None,
        };
        let aliases: Vec<Value> =
            known.into_iter().flat_map(|known| &known.aliases).map(|alias| Value::Text(alias.clone())).collect();
        std::iter::once(value).chain(aliases).collect()
    }

    /// `x has Color'Red,Blue'`: every member named is there. Null where the operand is.
    pub(super) fn has(&mut self, left: &Operand<'a>, right: &'a Tree, op: Written, span: Span) -> Operand<'a> {
        let right = self.operand(right);
        let (Operand::Literal { literal, value: Value::Text(text), .. }, false) =
            (&right, matches!(left, Operand::Failed))
        else {
            if !matches!(left, Operand::Failed) && !matches!(right, Operand::Failed) {
                let message = "the members of an enumeration stand behind `has`: `has 'Red,Blue'`";
                self.report(Diagnostic::error(Code::WrongOperator, op.span, message));
            }
            return Operand::Failed;
        };
        let (hops, index, field, is_many) = match left {
            Operand::Field(reached) if Type::of_kind(reached.kind) == Type::Text => {
                (&reached.hops, reached.index, reached.field, false)
            }
            Operand::Many(many, _) if many.link.is_none() => (&many.of.hops, many.of.index, many.field, true),
            _ => {
                let message = "`has` asks fields of texts only";
                self.report(Diagnostic::error(Code::WrongOperator, span, message));
                return Operand::Failed;
            }
        };
        let kind = self.env.catalog.schema(index).field(field).kind;
        let reached = Reached { hops: hops.clone(), index, field, kind, span: literal.span, is_element: false };
        let names: Vec<&str> = text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        let leaves = names.iter().map(|name| {
            let value = self.declared(&reached, Value::Text((*name).into()), Some(literal.span));
            Predicate::leaf(Leaf::OneOf { field, values: [value].into() })
        });
        let all: Vec<Predicate> = leaves.collect();
        let holds = self.holds(&reached.hops, Predicate::all(all));
        if is_many || kind == Kind::Relation {
            return Operand::Made(holds, Type::Boolean);
        }
        // Null has no members, nor lacks any.
        let (id, ty) = self.read(&reached);
        let is_null = self.is_null(id, ty);
        let known = self.builder.push(Op::Not(is_null), Type::Boolean);
        self.made(Op::Case(vec![(known, holds)]), Type::Boolean)
    }

    /// `x in Path/To/Values`: some value there equals it.
    fn is_among(&mut self, left: &Operand<'a>, many: &super::path::Many, span: Span) -> Operand<'a> {
        let (Operand::Literal { literal, value, .. }, None) = (left, many.link) else {
            self.unsupported(span, "`in` a collection, unless a value as written is looked for");
            return Operand::Failed;
        };
        let kind = self.env.catalog.schema(many.of.index).field(many.field).kind;
        let value = self.reread(literal, value, Type::of_kind(kind)).unwrap_or_else(|| value.clone());
        let reached = Reached {
            hops: Vec::new(),
            index: many.of.index,
            field: many.field,
            kind,
            span: literal.span,
            is_element: false,
        };
        let value = self.declared(&reached, value, is_text(literal).then_some(literal.span));
        let leaf = Leaf::OneOf { field: many.field, values: [value].into() };
        let id = self.holds(&many.of.hops, Predicate::leaf(leaf));
        Operand::Made(id, Type::Boolean)
    }
}
