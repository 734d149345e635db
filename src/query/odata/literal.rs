//! Written values to typed ones. The parser has held their texts against the grammar; ranges and the calendar are held here.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::lang::odata::ast::{Literal, LiteralKind, Suffix, TypeName};
use crate::model::decimal::Decimal;
use crate::model::guid::parse_guid;
use crate::model::real::Real;
use crate::model::time::iso::{parse_iso_duration, parse_time};
use crate::model::time::parse::{parse_date, parse_instant};
use crate::model::time::{DAY, Zone};
use crate::model::value::Value;
use crate::query::odata::Binder;
use crate::query::odata::operand::Operand;
use crate::query::predicate::expr::Type;

impl<'a> Binder<'a, '_> {
    pub(super) fn literal(&mut self, literal: &'a Literal) -> Operand<'a> {
        let text = &*literal.text;
        let found = match &literal.kind {
            LiteralKind::Null => return Operand::Null,
            LiteralKind::Boolean => Some((Value::Boolean(text == "true"), Type::Boolean)),
            LiteralKind::String | LiteralKind::JsonString | LiteralKind::Enum(_) => {
                Some((Value::Text(text.into()), Type::Text))
            }
            LiteralKind::Integer | LiteralKind::Number => number(text),
            LiteralKind::Suffixed(Suffix::Long) => text.parse().ok().map(|n| (Value::Integer(n), Type::Integer)),
            LiteralKind::Suffixed(Suffix::Decimal) => text.parse().ok().map(|d| (Value::Decimal(d), Type::Decimal)),
            LiteralKind::Suffixed(Suffix::Double | Suffix::Single) => real(text),
            LiteralKind::Guid(_) => parse_guid(text).map(|guid| (Value::Guid(guid), Type::Guid)),
            LiteralKind::Date => parse_date(text).map(|day| (Value::Date(day), Type::Date)),
            LiteralKind::DateZ => parse_date(text).map(|day| (Value::Instant(i64::from(day) * DAY), Type::Instant)),
            LiteralKind::DateTimeOffset(_) | LiteralKind::DateTime => {
                parse_instant(text, self.env.zone).map(|parsed| (Value::Instant(parsed.micros), Type::Instant))
            }
            LiteralKind::TimeOfDay => parse_time(text).map(|time| (Value::Time(time), Type::Time)),
            LiteralKind::Duration | LiteralKind::Time => {
                parse_iso_duration(text).map(|parsed| (Value::Duration(parsed.micros), Type::Duration))
            }
            LiteralKind::Binary | LiteralKind::HexBinary => {
                self.unsupported(literal.span, "no field holds binary values");
                return Operand::Failed;
            }
            LiteralKind::Geo(_) => {
                self.unsupported(literal.span, "no field holds places on earth");
                return Operand::Failed;
            }
        };
        match found {
            Some((value, ty)) => Operand::Literal { literal, value, ty },
            None => {
                let what = match literal.kind {
                    LiteralKind::Date | LiteralKind::DateZ | LiteralKind::DateTimeOffset(_) | LiteralKind::DateTime => {
                        "no date of the years 1 to 9999"
                    }
                    LiteralKind::TimeOfDay => "no time of day",
                    LiteralKind::Duration | LiteralKind::Time => "no duration that 64 bits of microseconds hold",
                    LiteralKind::Guid(_) => "no guid",
                    _ => "no number that fits its type",
                };
                let shown: String = text.chars().take(60).collect();
                self.report(Diagnostic::error(Code::WrongLiteral, literal.span, format!("`{shown}` is {what}")));
                Operand::Failed
            }
        }
    }

    /// A literal as a value of another type than its own, if it can be written for one: guids and durations as texts, texts
    /// as guids, days as the instants that they start at, whole numbers as decimals.
    pub(super) fn reread(&self, literal: &Literal, value: &Value, wanted: Type) -> Option<Value> {
        match (value, wanted) {
            (Value::Text(text), Type::Guid) => parse_guid(text).map(Value::Guid),
            (Value::Text(text), Type::Duration) => {
                parse_iso_duration(text).map(|parsed| Value::Duration(parsed.micros))
            }
            (Value::Guid(_), Type::Text) => Some(Value::Text(Arc::from(&*literal.text))),
            (Value::Instant(_), Type::Date) if literal.kind == LiteralKind::DateZ => {
                parse_date(&literal.text).map(Value::Date)
            }
            (Value::Date(day), Type::Instant) => Some(Value::Instant(day_start(*day, self.env.zone))),
            (Value::Integer(_), Type::Decimal) => literal.text.parse().ok().map(Value::Decimal),
            (Value::Integer(n), Type::Real) => real(&n.to_string()).map(|(value, _)| value),
            (Value::Decimal(_), Type::Real) => real(&literal.text).map(|(value, _)| value),
            _ => None,
        }
    }

    /// The type of a name in `cast` and `isof`; reports one that values of fields cannot have.
    pub(super) fn type_named(&mut self, target: &TypeName) -> Option<Type> {
        let name = &*target.name.text;
        let ty = match name.strip_prefix("Edm.").unwrap_or(name) {
            _ if target.collection => None,
            "Boolean" => Some(Type::Boolean),
            "SByte" | "Byte" | "Int16" | "Int32" | "Int64" => Some(Type::Integer),
            "Decimal" => Some(Type::Decimal),
            "Single" | "Double" => Some(Type::Real),
            "String" => Some(Type::Text),
            "Guid" => Some(Type::Guid),
            "DateTimeOffset" | "DateTime" => Some(Type::Instant),
            "Date" => Some(Type::Date),
            "TimeOfDay" => Some(Type::Time),
            "Duration" | "Time" => Some(Type::Duration),
            _ => None,
        };
        if ty.is_none() {
            self.unsupported(target.span, &format!("no value can be of the type `{name}`"));
        }
        ty
    }
}

/// A number without suffix: whole if it is written so, else exact if it fits, else binary.
fn number(text: &str) -> Option<(Value, Type)> {
    if let Ok(n) = text.trim_start_matches('+').parse() {
        return Some((Value::Integer(n), Type::Integer));
    }
    match text.parse::<Decimal>() {
        Ok(d) => Some((Value::Decimal(d), Type::Decimal)),
        Err(_) => real(text),
    }
}

fn real(text: &str) -> Option<(Value, Type)> {
    let x = match text {
        "INF" => f64::INFINITY,
        "-INF" => f64::NEG_INFINITY,
        "NaN" => f64::NAN,
        _ => text.parse().ok()?,
    };
    Some((Value::Real(Real::from(x)), Type::Real))
}

/// The instant at which a day starts.
fn day_start(day: i32, zone: &Zone) -> i64 {
    zone.to_instant(i64::from(day) * DAY)
}
