//! Literals: bare, in quotes, and in quotes behind a prefix.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::odata::ast::{Expr, Form, Geo, Literal, LiteralKind, Name};
use crate::lang::odata::lex::{Kind, Shape, Token};
use crate::lang::odata::literal::{
    Scan, base64, date_time_offset, duration, geo, guid, hex, is, local_date_time, members,
};
use crate::lang::odata::mode::Habit;
use crate::lang::odata::parse::Parser;

impl Parser<'_> {
    /// The literal that comes next.
    pub(super) fn literal(&mut self, shape: Shape) -> Expr {
        let token = self.bump();
        self.node();
        let span = self.span_of(token);
        let written = self.slice(token.start, token.end);
        let kind = match shape {
            Shape::Prefixed => return self.prefixed(token),
            Shape::String => {
                return Expr::Literal(Literal { kind: LiteralKind::String, text: unquoted(written), span });
            }
            Shape::Json => {
                self.habit(Habit::DoubleQuotes, span, None);
                return self.json_string(token);
            }
            Shape::Suffixed(suffix) => {
                self.habit(Habit::Suffix, span, None);
                self.note_old(span, written);
                let text = written.get(..written.len() - 1).unwrap_or("").into();
                return Expr::Literal(Literal { kind: LiteralKind::Suffixed(suffix), text, span });
            }
            Shape::DateZ => {
                let place = Span { start: span.end - 1, ..span };
                self.habit(Habit::DateZ, span, Some(("leave `Z` out", place, "")));
                let text = written.get(..written.len() - 1).unwrap_or("").into();
                return Expr::Literal(Literal { kind: LiteralKind::DateZ, text, span });
            }
            Shape::BlankOffset => {
                self.habit(Habit::BlankOffset, span, None);
                let text = written.replace(' ', "+").to_ascii_uppercase().into();
                return Expr::Literal(Literal { kind: LiteralKind::DateTimeOffset(Form::Bare), text, span });
            }
            Shape::LocalDateTime => {
                let wrong = Diagnostic::error(Code::InvalidLiteral, span, "a date-time needs an offset");
                let help = "`Z` is universal time; `+02:00` is `%2B02:00` in a URL";
                self.report(wrong.help(help).fix("add `Z`", Span::at(span.end as usize), "Z"));
                return Expr::Error(span);
            }
            Shape::Integer => LiteralKind::Integer,
            Shape::Number => LiteralKind::Number,
            Shape::Guid => LiteralKind::Guid(Form::Bare),
            Shape::Date => LiteralKind::Date,
            Shape::DateTimeOffset => LiteralKind::DateTimeOffset(Form::Bare),
            Shape::TimeOfDay => LiteralKind::TimeOfDay,
        };
        self.plus_sign(token);
        let text = match kind {
            LiteralKind::DateTimeOffset(_) => written.to_ascii_uppercase().into(),
            _ => written.into(),
        };
        Expr::Literal(Literal { kind, text, span })
    }

    /// Holds a number or a date-time against having a `+` that did not come encoded.
    fn plus_sign(&mut self, token: Token) {
        let written = self.slice(token.start, token.end);
        if let Some(at) = written.find('+').map(|at| token.start + at)
            && !self.source.is_encoded(at)
        {
            let span = self.source.span(at, at + 1);
            self.habit(Habit::PlusSign, span, Some(("encode it", span, "%2B")));
        }
    }

    /// `null`, `true`, `NaN`, `INF`, if one comes next.
    pub(super) fn literal_word(&mut self) -> Option<Expr> {
        let word = self.word();
        if self.is_behind('/') || self.is_behind('(') {
            return None;
        }
        let kind = match word {
            "null" => LiteralKind::Null,
            "NaN" | "INF" => LiteralKind::Number,
            _ if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") => LiteralKind::Boolean,
            _ => return None,
        };
        let text = match kind {
            LiteralKind::Boolean => word.to_ascii_lowercase().into(),
            _ => word.into(),
        };
        let token = self.bump();
        self.node();
        Some(Expr::Literal(Literal { kind, text, span: self.span_of(token) }))
    }

    /// `prefix'…'`.
    fn prefixed(&mut self, token: Token) -> Expr {
        let span = self.span_of(token);
        let written = self.slice(token.start, token.end);
        let (prefix, quoted) = written.split_at_checked(written.find('\'').unwrap_or(0)).unwrap_or(("", written));
        let text = unquoted(quoted);
        let name = Name { text: prefix.into(), span: self.source.span(token.start, token.start + prefix.len()) };
        let (kind, shape): (_, fn(&str) -> Scan<'_>) = match prefix.to_ascii_lowercase().as_str() {
            "datetime" => (LiteralKind::DateTime, local_date_time),
            "datetimeoffset" => (LiteralKind::DateTimeOffset(Form::Prefixed), date_time_offset),
            "guid" => (LiteralKind::Guid(Form::Prefixed), guid),
            "time" => (LiteralKind::Time, duration),
            "x" => (LiteralKind::HexBinary, hex),
            "binary" if !is(&text, base64) => (LiteralKind::Binary, hex),
            "binary" => (LiteralKind::Binary, base64),
            "duration" => (LiteralKind::Duration, duration),
            "geography" => (LiteralKind::Geo(Geo::Geography), geo),
            "geometry" => (LiteralKind::Geo(Geo::Geometry), geo),
            _ => (LiteralKind::Enum(name), members),
        };
        let is_old = matches!(
            kind,
            LiteralKind::DateTime
                | LiteralKind::DateTimeOffset(_)
                | LiteralKind::Guid(_)
                | LiteralKind::Time
                | LiteralKind::HexBinary
        );
        if is_old {
            self.note_old(span, &format!("{prefix}'…'"));
        }
        if matches!(kind, LiteralKind::Geo(_)) {
            self.unsupported(span, "geography");
        }
        // Members may have blanks around their commas; the standard has them encoded, and so gone before they are looked at.
        let looked_at = if matches!(kind, LiteralKind::Enum(_)) { text.replace(", ", ",") } else { text.to_string() };
        if !is(&looked_at, shape) {
            let example = match kind {
                LiteralKind::DateTime => "datetime'2011-12-31T10:00:00'",
                LiteralKind::DateTimeOffset(_) => "datetimeoffset'2011-12-31T10:00:00Z'",
                LiteralKind::Guid(_) => "guid'01234567-89ab-cdef-0123-456789abcdef'",
                LiteralKind::Time => "time'PT10H'",
                LiteralKind::HexBinary => "X'0A'",
                LiteralKind::Binary => "binary'T0RhdGE'",
                LiteralKind::Duration => "duration'P1DT2H'",
                LiteralKind::Geo(_) => "geography'SRID=4326;Point(1 2)'",
                _ => "Ns.Color'Red,Blue'",
            };
            let shown = self.shown(token.start, token.end);
            let wrong = Diagnostic::error(Code::InvalidLiteral, span, format!("`{shown}` cannot be read"));
            self.report(wrong.help(format!("it looks like `{example}`")));
        }
        let text = match kind {
            LiteralKind::DateTime | LiteralKind::DateTimeOffset(_) => text.to_ascii_uppercase().into(),
            _ => text,
        };
        Expr::Literal(Literal { kind, text, span })
    }

    /// Whether a literal's token comes next, and of which shape.
    pub(super) fn at_literal(&self) -> Option<Shape> {
        match self.token.kind {
            Kind::Literal(shape) => Some(shape),
            _ => None,
        }
    }
}

/// A string without its quotes, `''` resolved.
fn unquoted(quoted: &str) -> Box<str> {
    let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or("");
    inside.replace("''", "'").into()
}
