//! What stands between operators, and how two of them are brought to one type.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::odata::ast::{Expr as Tree, Literal, LiteralKind};
use crate::model::catalog::IndexId;
use crate::model::decimal::Decimal;
use crate::model::fold::Collation;
use crate::model::kind::Kind;
use crate::model::real::Real;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::odata::Binder;
use crate::query::predicate::expr::{ExprId, Hop, Input, Op, Path, Type};

/// An operand whose type may still depend on what it is compared with.
#[derive(Clone, Debug)]
pub(super) enum Operand<'a> {
    /// Fits every type.
    Null,
    /// A value as written.
    Literal {
        literal: &'a Literal,
        value: Value,
        ty: Type,
    },
    /// A field of a row that is found over relations to one, none for the row itself.
    Field(Reached),
    Made(ExprId, Type),
    /// `(a,b)` and `[a,b]`.
    Members(&'a [Tree], Span),
    /// The rows or values behind a path.
    Many(super::path::Many, Span),
    /// Cannot be bound, which has been reported.
    Failed,
}

/// A single-valued field, and how its row is found.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) hops: Vec<Hop>,
    pub(super) index: IndexId,
    pub(super) field: FieldId,
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// It is the value that a lambda looks at, of a field that has several.
    pub(super) is_element: bool,
}

impl Operand<'_> {
    /// Its type, as far as it is known; that of a boolean variable is known too.
    pub(super) fn ty(&self, _binder: &Binder<'_, '_>) -> Option<Type> {
        match self {
            Self::Literal { ty, .. } | Self::Made(_, ty) => Some(*ty),
            Self::Field(reached) => Some(Type::of_kind(reached.kind)),
            Self::Null | Self::Members(..) | Self::Many(..) | Self::Failed => None,
        }
    }
}

impl Type {
    /// For messages: `a number`.
    pub(super) fn article(self) -> &'static str {
        match self {
            Self::Boolean => "a truth value",
            Self::Integer => "a whole number",
            Self::Decimal | Self::Real => "a number",
            Self::Text => "text",
            Self::Guid => "a guid",
            Self::Instant => "a date with a time",
            Self::Date => "a date",
            Self::Time => "a time of day",
            Self::Duration => "a duration",
        }
    }

    /// The type that two numbers are brought to: range before precision.
    pub(super) fn promoted(self, other: Self) -> Self {
        if self == Self::Real || other == Self::Real {
            Self::Real
        } else if self == Self::Decimal || other == Self::Decimal {
            Self::Decimal
        } else {
            Self::Integer
        }
    }
}

impl<'a> Binder<'a, '_> {
    /// A node for an operand, read as `wanted` where it is written so that it may be that; reports what has no value.
    pub(super) fn typed(&mut self, operand: Operand<'a>, wanted: Option<Type>) -> Option<(ExprId, Type)> {
        match operand {
            Operand::Null => {
                let ty = wanted.unwrap_or(Type::Text);
                Some((self.builder.push(Op::Const(Value::Null), ty), ty))
            }
            Operand::Literal { literal, value, ty } => {
                let (value, ty) = match wanted.filter(|wanted| *wanted != ty) {
                    Some(wanted) => self.reread(literal, &value, wanted).map_or((value, ty), |value| (value, wanted)),
                    None => (value, ty),
                };
                Some((self.builder.push(Op::Const(value), ty), ty))
            }
            Operand::Field(reached) => Some(self.read(&reached)),
            Operand::Made(id, ty) => Some((id, ty)),
            Operand::Members(_, span) => {
                self.report(Diagnostic::error(Code::WrongOperator, span, "a list can stand behind `in` only"));
                None
            }
            Operand::Many(many, span) => {
                let message = format!("`{}` has several values here, and one is needed", many.shown);
                let help = "`any(x: …)` asks whether one of them is right, `$count` how many there are";
                self.report(Diagnostic::error(Code::WrongOperator, span, message).help(help));
                None
            }
            Operand::Failed => None,
        }
    }

    /// The value of a field.
    pub(super) fn read(&mut self, reached: &Reached) -> (ExprId, Type) {
        let Reached { hops, field, kind, .. } = reached;
        let input = match hops.is_empty() {
            _ if reached.is_element => Input::Element,
            true => Input::Field(*field),
            false => Input::Path(Path { hops: hops.clone(), field: *field }.into()),
        };
        let ty = Type::of_kind(*kind);
        (self.builder.push(Op::Input(input), ty), ty)
    }

    /// Two operands as nodes of one type; where there is none, `op` cannot stand between them, which is reported.
    pub(super) fn both(
        &mut self,
        left: Operand<'a>,
        right: Operand<'a>,
        (op, span): (&str, Span),
    ) -> Option<([ExprId; 2], Type)> {
        let failed = matches!(left, Operand::Failed) || matches!(right, Operand::Failed);
        let wants = |of: &Operand<'_>, other: &Operand<'_>| {
            if matches!(of, Operand::Literal { .. } | Operand::Null) && !matches!(other, Operand::Literal { .. }) {
                other.ty(self)
            } else {
                None
            }
        };
        let either = |operand: &Operand<'_>| operand.ty(self);
        let (want_left, want_right) = (
            wants(&left, &right),
            wants(&right, &left).or_else(|| match right {
                Operand::Null => either(&left),
                _ => None,
            }),
        );
        let want_left = want_left.or_else(|| match left {
            Operand::Null => either(&right),
            _ => None,
        });
        let (left, right) = (self.typed(left, want_left), self.typed(right, want_right));
        if failed {
            return None;
        }
        let ((left, of_left), (right, of_right)) = (left?, right?);
        let ty = match (of_left, of_right) {
            (a, b) if a == b => a,
            (a, b) if a.is_number() && b.is_number() => a.promoted(b),
            (Type::Instant, Type::Date) | (Type::Date, Type::Instant) => Type::Instant,
            (a, b) => {
                let message = format!("`{op}` cannot stand between {} and {}", a.article(), b.article());
                let wrong = Diagnostic::error(Code::WrongOperator, span, message);
                self.report(match cast_hint(a, b) {
                    Some(help) => wrong.help(help),
                    None => wrong,
                });
                return None;
            }
        };
        Some(([self.converted(left, of_left, ty), self.converted(right, of_right, ty)], ty))
    }

    /// A node's value as that of a type it can be brought to.
    pub(super) fn converted(&mut self, id: ExprId, from: Type, to: Type) -> ExprId {
        match &self.builder.node(id).op {
            _ if from == to => id,
            // A whole number as written is one of the wider types as written.
            Op::Const(Value::Integer(n)) if to == Type::Decimal || to == Type::Real => {
                let written = match to {
                    Type::Decimal => Decimal::new((*n).into(), 0).ok().map(Value::Decimal),
                    _ => n.to_string().parse::<f64>().ok().map(|x| Value::Real(Real::from(x))),
                };
                let op = written.map_or(Op::Cast(id), Op::Const);
                self.builder.push(op, to)
            }
            _ => self.builder.push(Op::Cast(id), to),
        }
    }

    /// Whether a node is null.
    pub(super) fn is_null(&mut self, id: ExprId, ty: Type) -> ExprId {
        let null = self.builder.push(Op::Const(Value::Null), ty);
        let order = crate::query::predicate::Order::Equal;
        let op = Op::Compare { order, sides: [id, null], both_null: true, collation: Collation::Exact };
        self.builder.push(op, Type::Boolean)
    }
}

fn cast_hint(a: Type, b: Type) -> Option<&'static str> {
    match (a, b) {
        (Type::Text, other) | (other, Type::Text) if other.is_number() => Some("numbers are written without quotes"),
        (Type::Text, Type::Instant) | (Type::Instant, Type::Text) => {
            Some("dates with times are written without quotes: `2021-09-01T00:00:00Z`")
        }
        (Type::Text, Type::Date) | (Type::Date, Type::Text) => Some("dates are written without quotes: `2021-09-01`"),
        (Type::Text, Type::Boolean) | (Type::Boolean, Type::Text) => Some("truth values are `true` and `false`"),
        (Type::Time, _) | (_, Type::Time) => Some("`time(…)` gives the time of day of a date"),
        _ => None,
    }
}

/// Whether a literal is a text that may be meant as a value of another type.
pub(super) fn is_text(literal: &Literal) -> bool {
    matches!(literal.kind, LiteralKind::String | LiteralKind::JsonString | LiteralKind::Enum(_))
}
