//! `add sub mul div divby mod` and unary minus: numbers promoted to one type, and times moved by durations.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::lang::odata::ast::{Binary, Op as Written, Prefix};
use crate::model::value::Value;
use crate::query::odata::Binder;
use crate::query::odata::operand::Operand;
use crate::query::predicate::expr::{Arithmetic, Op, Type};

impl<'a> Binder<'a, '_> {
    pub(super) fn arithmetic(&mut self, left: Operand<'a>, right: Operand<'a>, op: Written) -> Operand<'a> {
        if matches!(left, Operand::Failed) || matches!(right, Operand::Failed) {
            return Operand::Failed;
        }
        // A duration may be written as a text, where nothing else can be meant.
        let wanted = |other: &Operand<'a>| match other.ty(self) {
            Some(Type::Instant | Type::Date | Type::Duration) if !is_scaling(op.kind) => Some(Type::Duration),
            Some(ty) if ty.is_number() => Some(ty),
            _ => None,
        };
        let (want_left, want_right) = (wanted(&right), wanted(&left));
        let reread = |operand: &Operand<'a>, wanted: Option<Type>| match (operand, wanted) {
            (Operand::Literal { ty: Type::Text, .. } | Operand::Null, wanted) => wanted,
            _ => None,
        };
        let (want_left, want_right) = (reread(&left, want_left), reread(&right, want_right));
        let (Some((left, of_left)), Some((right, of_right))) =
            (self.typed(left, want_left), self.typed(right, want_right))
        else {
            return Operand::Failed;
        };
        let kind = match op.kind {
            Binary::Add => Arithmetic::Add,
            Binary::Sub => Arithmetic::Subtract,
            Binary::Mul => Arithmetic::Multiply,
            Binary::Div | Binary::DivBy => Arithmetic::Divide,
            _ => Arithmetic::Remainder,
        };
        if of_left.is_number() && of_right.is_number() {
            let mut ty = of_left.promoted(of_right);
            if op.kind == Binary::DivBy && ty == Type::Integer {
                ty = Type::Decimal;
            }
            let sides = [self.converted(left, of_left, ty), self.converted(right, of_right, ty)];
            return self.made(Op::Arithmetic(kind, sides), ty);
        }
        let ty = match (of_left, kind, of_right) {
            (Type::Instant | Type::Date | Type::Duration, Arithmetic::Add | Arithmetic::Subtract, Type::Duration) => {
                Some(of_left)
            }
            (Type::Duration, Arithmetic::Add, Type::Instant | Type::Date) => {
                // The moved one stands first in the meaning.
                return self.made(Op::Arithmetic(kind, [right, left]), of_right);
            }
            (Type::Instant, Arithmetic::Subtract, Type::Instant) | (Type::Date, Arithmetic::Subtract, Type::Date) => {
                Some(Type::Duration)
            }
            (Type::Duration, Arithmetic::Multiply | Arithmetic::Divide, ty) if ty.is_number() => Some(Type::Duration),
            (ty, Arithmetic::Multiply, Type::Duration) if ty.is_number() => {
                return self.made(Op::Arithmetic(kind, [right, left]), Type::Duration);
            }
            _ => None,
        };
        match ty {
            Some(ty) => self.made(Op::Arithmetic(kind, [left, right]), ty),
            None => {
                let (a, b) = (of_left.article(), of_right.article());
                let message = format!("`{}` cannot stand between {a} and {b}", op.kind.as_str());
                self.report(Diagnostic::error(Code::WrongOperator, op.span, message));
                Operand::Failed
            }
        }
    }

    /// `-x`; of a number as written it is a number as written.
    pub(super) fn negate(&mut self, prefix: &'a Prefix) -> Operand<'a> {
        let operand = self.operand(&prefix.operand);
        if let Operand::Literal { value: Value::Integer(n), .. } = &operand
            && let Some(n) = n.checked_neg()
        {
            return self.made(Op::Const(Value::Integer(n)), Type::Integer);
        }
        match self.typed(operand, None) {
            Some((id, ty)) if ty.is_number() || ty == Type::Duration => self.made(Op::Negate(id), ty),
            Some((_, ty)) => {
                let message = format!("`-` cannot stand before {}", ty.article());
                self.report(Diagnostic::error(Code::WrongOperator, prefix.operand.span(), message));
                Operand::Failed
            }
            None => Operand::Failed,
        }
    }
}

/// Whether an operator multiplies.
fn is_scaling(op: Binary) -> bool {
    matches!(op, Binary::Mul | Binary::Div | Binary::DivBy | Binary::Mod)
}
