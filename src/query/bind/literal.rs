//! A value as written to a value of the field's kind.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::base::suggest::nearest;
use crate::lang::tql::ast::Word;
use crate::lang::tql::print::quoted;
use crate::model::cell::parse_boolean;
use crate::model::decimal::{Decimal, DecimalError};
use crate::model::field::Field;
use crate::model::guid::parse_guid;
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::model::time::DAY;
use crate::model::time::calendar::{in_calendar, instant_in_calendar};
use crate::model::time::parse::{parse_date, parse_duration, parse_instant, parse_span};
use crate::model::value::Value;
use crate::query::bind::Binder;
use crate::query::bind::function::Written;
use crate::query::predicate::Bound;

/// What a written value is on the line of its kind's values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Exact {
        value: Value,
        /// The day, if a bare date was written for an instant.
        bare_day: Option<i32>,
    },
    /// Between two neighbouring integers.
    Between { floor: i64, ceiling: i64 },
    /// Beyond the greatest integer, or after year 9999.
    Above,
    /// Below the least integer, or before year 1.
    Below,
}

impl Literal {
    pub(super) fn bare_day(&self) -> Option<i32> {
        match self {
            Self::Exact { bare_day, .. } => *bare_day,
            _ => None,
        }
    }

    /// As a lower bound; `None` if no value lies above it.
    pub(super) fn as_low(&self, inclusive: bool) -> Option<Bound> {
        match self {
            Self::Exact { value, .. } if inclusive => Some(Bound::Inclusive(value.clone())),
            Self::Exact { value, .. } => Some(Bound::Exclusive(value.clone())),
            Self::Between { ceiling, .. } => Some(Bound::Inclusive(Value::Integer(*ceiling))),
            Self::Above => None,
            Self::Below => Some(Bound::Open),
        }
    }

    /// As an upper bound; `None` if no value lies below it.
    pub(super) fn as_high(&self, inclusive: bool) -> Option<Bound> {
        match self {
            Self::Exact { value, .. } if inclusive => Some(Bound::Inclusive(value.clone())),
            Self::Exact { value, .. } => Some(Bound::Exclusive(value.clone())),
            Self::Between { floor, .. } => Some(Bound::Inclusive(Value::Integer(*floor))),
            Self::Above => Some(Bound::Open),
            Self::Below => None,
        }
    }

    /// Whether it lies above the other.
    pub(super) fn is_above(&self, other: &Self) -> bool {
        self.position() > other.position()
    }

    /// Twice the number, so that what lies between two integers has a place.
    fn position(&self) -> Option<(i128, i128)> {
        Some(match self {
            Self::Below => (i128::MIN, 0),
            Self::Above => (i128::MAX, 0),
            Self::Between { floor, .. } => ((*floor).into(), 1),
            Self::Exact { value, .. } => match value {
                Value::Integer(n) | Value::Instant(n) | Value::Duration(n) => ((*n).into(), 0),
                Value::Date(n) => ((*n).into(), 0),
                Value::Decimal(d) => (d.mantissa_at(crate::model::decimal::MAX_SCALE), 0),
                _ => return None,
            },
        })
    }
}

impl From<Value> for Literal {
    fn from(value: Value) -> Self {
        Self::Exact { value, bare_day: None }
    }
}

impl Binder<'_, '_> {
    /// The value that was written, typed by the field; reports it if the field cannot hold it.
    pub(super) fn literal(&mut self, written: &Written, field: FieldId, name: &Word) -> Option<Literal> {
        let declared = self.env.schema.field(field);
        let Some(text) = written.text.as_deref() else {
            return match (&written.instant, declared.kind) {
                (Some(instant), Kind::DateTime) => Some(instant_literal(*instant, None)),
                (Some(instant), Kind::Date) => Some(self.local_day(*instant)),
                _ => {
                    self.wrong_literal(written, name, declared.kind, None);
                    None
                }
            };
        };
        let literal = match declared.kind {
            Kind::Text | Kind::Keyword | Kind::Status | Kind::User | Kind::Path | Kind::Relation => {
                return Some(Value::from(self.declared_text(text, written.span, declared)).into());
            }
            Kind::Guid => parse_guid(text).map(|guid| Value::Guid(guid).into()),
            Kind::Boolean => parse_boolean(text).map(|b| Value::Boolean(b).into()),
            Kind::Integer => integer(text),
            Kind::Decimal => match text.parse::<Decimal>() {
                Ok(d) => Some(Value::Decimal(d).into()),
                Err(e) => {
                    let reason = (e == DecimalError::OutOfRange).then(|| e.to_string());
                    self.wrong_literal(written, name, declared.kind, reason);
                    return None;
                }
            },
            Kind::Duration => parse_duration(text).map(|d| Value::Duration(d.micros).into()),
            Kind::Date => {
                let span = || Some(self.local_day(parse_span(text)?.shift(self.env.now, self.env.zone)?));
                parse_date(text).map(|day| Value::Date(day).into()).or_else(span)
            }
            Kind::DateTime => self.instant(text),
        };
        if literal.is_none() {
            self.wrong_literal(written, name, declared.kind, None);
        }
        literal
    }

    fn instant(&self, text: &str) -> Option<Literal> {
        if let Some(day) = parse_date(text) {
            return Some(instant_literal(self.env.zone.to_instant(i64::from(day) * DAY), Some(day)));
        }
        let span = || parse_span(text)?.shift(self.env.now, self.env.zone);
        let instant = parse_instant(text, self.env.zone).map(|parsed| parsed.micros).or_else(span)?;
        Some(Value::Instant(instant).into())
    }

    /// The calendar day of an instant in the request's zone.
    fn local_day(&self, instant: i64) -> Literal {
        let day = self.env.zone.to_local(instant).div_euclid(DAY) as i32;
        in_calendar(day).map_or_else(|| beyond(instant), |day| Value::Date(day).into())
    }

    /// The declared spelling of a value; warns about one outside a declared set.
    fn declared_text(&mut self, text: &str, span: Span, field: &Field) -> String {
        if field.values.is_empty() {
            return text.to_owned();
        }
        if let Some(value) = field.declared_value(text) {
            return value.name.to_string();
        }
        let shown: String = text.chars().take(60).collect();
        let message = format!("`{}` has no value `{shown}`, so no declared value matches", field.name());
        let warning = Diagnostic::warning(Code::UnknownValue, span, message);
        self.report(match nearest(text, field.values.iter().map(|value| &*value.name)) {
            Some(near) => {
                warning.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, quoted(near))
            }
            None if ["EMPTY", "NULL"].iter().any(|word| word.eq_ignore_ascii_case(text)) => {
                warning.help("IS EMPTY asks for rows without a value")
            }
            None => warning,
        });
        text.to_owned()
    }

    pub(super) fn wrong_literal(&mut self, written: &Written, name: &Word, kind: Kind, reason: Option<String>) {
        let shown = match &written.text {
            Some(text) => format!("`{}`", text.chars().take(60).collect::<String>()),
            None => "an instant".to_owned(),
        };
        let message = format!("{shown} is no {kind}, which `{}` holds", name.text);
        let example = match kind {
            Kind::Integer => "a whole number such as `42`",
            Kind::Decimal => "a number such as `10.5`",
            Kind::Boolean => "`Yes` or `No`",
            Kind::DateTime => {
                "a date, a date and time such as `2024-01-31T16:00`, or a span before now such as `\"-1 week\"`"
            }
            Kind::Date => "a date such as `2024-01-31`, or a span before now such as `\"-1 week\"`",
            Kind::Duration => "a duration such as `\"2h 30m\"` or `02:30:00`",
            Kind::Guid => "a guid such as `2d8d6b25-0203-4595-9903-1325bcd85948`",
            _ => "a text",
        };
        let help = reason.unwrap_or_else(|| format!("write {example}"));
        self.report(Diagnostic::error(Code::WrongLiteral, written.span, message).help(help));
    }
}

/// An instant's literal. Where local time is ahead of UTC the first days begin before the calendar does, and periods may end
/// behind it.
fn instant_literal(instant: i64, bare_day: Option<i32>) -> Literal {
    let exact = |instant| Literal::Exact { value: Value::Instant(instant), bare_day };
    instant_in_calendar(instant).map_or_else(|| beyond(instant), exact)
}

/// A time outside the calendar.
fn beyond(instant: i64) -> Literal {
    if instant < 0 { Literal::Below } else { Literal::Above }
}

/// An integer; other numbers have their place among the integers.
fn integer(text: &str) -> Option<Literal> {
    if let Some(n) = text.parse::<i64>().ok().filter(|n| *n != i64::MIN) {
        return Some(Value::Integer(n).into());
    }
    match text.parse::<Decimal>() {
        // Integers reach further than decimals do.
        Ok(_) | Err(DecimalError::OutOfRange) => among_integers(text),
        Err(DecimalError::Malformed) => None,
    }
}

/// Where a well-formed number stands among the integers, read digit by digit so that no size of it matters.
fn among_integers(text: &str) -> Option<Literal> {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (negative, digits) = (number.starts_with('-'), number.trim_start_matches(['-', '+']));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    // The number is 0.significant times ten to the power of `point`.
    let n_leading = (all.len() - significant.len()) as i64;
    let point = (whole.len() as i64 - n_leading).saturating_add(exponent.parse().ok()?);
    if significant.is_empty() {
        return Some(Value::Integer(0).into());
    }
    if point > MOST_INTEGER_DIGITS {
        return Some(if negative { Literal::Below } else { Literal::Above });
    }
    let n_whole = usize::try_from(point).unwrap_or(0);
    let (whole, fraction) = significant.split_at_checked(n_whole).unwrap_or((significant, ""));
    let magnitude = whole.bytes().fold(0i128, |n, digit| n * 10 + i128::from(digit - b'0'));
    let magnitude = magnitude * 10i128.pow((n_whole - whole.len()) as u32);
    let is_whole = fraction.bytes().all(|digit| digit == b'0');
    let floor = if negative { -magnitude - i128::from(!is_whole) } else { magnitude };
    Some(match (i64::try_from(floor).ok().filter(|n| *n != i64::MIN), is_whole) {
        (Some(n), true) => Value::Integer(n).into(),
        (Some(floor), false) if floor < i64::MAX => Literal::Between { floor, ceiling: floor + 1 },
        _ if negative => Literal::Below,
        _ => Literal::Above,
    })
}

/// Digits of the greatest integer.
const MOST_INTEGER_DIGITS: i64 = 19;
