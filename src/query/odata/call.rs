//! Functions: which types they take and give, and those that are decided as soon as they are bound.

use regex::RegexBuilder;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::odata::ast::{Call as Written, Expr as Tree, Literal};
use crate::lang::odata::function::Function;
use crate::model::value::Value;
use crate::query::odata::Binder;
use crate::query::odata::operand::Operand;
use crate::query::predicate::expr::{Call, Op, Pattern, Type};

/// Most memory of one compiled pattern, in bytes.
const MOST_PATTERN: usize = 1 << 20;

/// The first and the last instant of the years 1 to 9999.
const FIRST_INSTANT: &str = "0001-01-01T00:00:00Z";
const LAST_INSTANT: &str = "9999-12-31T23:59:59.999999Z";

impl<'a> Binder<'a, '_> {
    pub(super) fn call(&mut self, call: &'a Written) -> Operand<'a> {
        use Type::{Boolean, Date, Decimal, Duration, Instant, Integer, Text, Time};
        let of = |wants: &[Type]| wants.to_vec();
        let (made, wants, gives) = match call.function {
            Function::Concat => (Call::Concat, of(&[Text, Text]), Text),
            Function::Contains => (Call::Contains, of(&[Text, Text]), Boolean),
            Function::SubstringOf => return self.substring_of(call),
            Function::StartsWith => (Call::StartsWith, of(&[Text, Text]), Boolean),
            Function::EndsWith => (Call::EndsWith, of(&[Text, Text]), Boolean),
            Function::IndexOf => (Call::IndexOf, of(&[Text, Text]), Integer),
            Function::Length => return self.length(call),
            Function::Substring => (Call::Substring, of(&[Text, Integer, Integer]), Text),
            Function::ToLower => (Call::ToLower, of(&[Text]), Text),
            Function::ToUpper => (Call::ToUpper, of(&[Text]), Text),
            Function::Trim => (Call::Trim, of(&[Text]), Text),
            Function::Replace => (Call::Replace, of(&[Text, Text, Text]), Text),
            Function::MatchesPattern => return self.matches_pattern(call),
            Function::Year => return self.part(call, Call::Year, &[Instant, Date]),
            Function::Month => return self.part(call, Call::Month, &[Instant, Date]),
            Function::Day => return self.part(call, Call::Day, &[Instant, Date]),
            Function::Hour => return self.part(call, Call::Hour, &[Instant, Time]),
            Function::Minute => return self.part(call, Call::Minute, &[Instant, Time]),
            Function::Second => return self.part(call, Call::Second, &[Instant, Time]),
            Function::FractionalSeconds => return self.part(call, Call::FractionalSeconds, &[Instant, Time]),
            Function::TotalSeconds => (Call::TotalSeconds, of(&[Duration]), Decimal),
            Function::Date => return self.day_of(call),
            Function::Time => (Call::Time, of(&[Instant]), Time),
            Function::TotalOffsetMinutes => (Call::OffsetMinutes, of(&[Instant]), Integer),
            Function::Now => return self.made(Op::Const(Value::Instant(self.env.now)), Instant),
            Function::MinDateTime | Function::MaxDateTime => {
                let text = if call.function == Function::MinDateTime { FIRST_INSTANT } else { LAST_INSTANT };
                let instant = crate::model::time::parse::parse_instant(text, self.env.zone);
                let value = instant.map_or(Value::Null, |parsed| Value::Instant(parsed.micros));
                return self.made(Op::Const(value), Instant);
            }
            Function::Round => return self.rounded(call, Call::Round),
            Function::Floor => return self.rounded(call, Call::Floor),
            Function::Ceiling => return self.rounded(call, Call::Ceiling),
            Function::IsDefined => return self.is_defined(call),
            Function::Iif => {
                let [condition, then, otherwise] = &call.arguments[..] else { return Operand::Failed };
                return self.case(std::iter::once((condition, then)), Some(otherwise), call.span);
            }
            Function::HasSubset | Function::HasSubsequence => return self.has_subset(call),
            Function::GeoDistance | Function::GeoLength | Function::GeoIntersects => {
                self.unsupported(call.span, "no field holds places on earth");
                return Operand::Failed;
            }
            Function::PercentileCont => {
                self.unsupported(call.span, "`percentile_cont` stands in `compute` only");
                return Operand::Failed;
            }
        };
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for (argument, wanted) in call.arguments.iter().zip(&wants) {
            arguments.push(self.argument(call, argument, &[*wanted]));
        }
        match arguments.into_iter().map(|argument| argument.map(|(id, _)| id)).collect() {
            Some(ids) => self.made(Op::Call(made, ids), gives),
            None => Operand::Failed,
        }
    }

    /// An argument of one of some types, converted to the first if it is a number that fits.
    fn argument(
        &mut self,
        call: &Written,
        tree: &'a Tree,
        wanted: &[Type],
    ) -> Option<(crate::query::predicate::expr::ExprId, Type)> {
        let operand = self.operand(tree);
        let (id, ty) = self.typed(operand, wanted.first().copied())?;
        if wanted.contains(&ty) {
            return Some((id, ty));
        }
        let expected = wanted.first().map_or("nothing", |ty| ty.article());
        let message = format!("`{}` takes {expected} here, not {}", call.function.as_str(), ty.article());
        self.report(Diagnostic::error(Code::WrongArgument, tree.span(), message));
        None
    }

    /// `substringof(needle, hay)` is `contains(hay, needle)`.
    fn substring_of(&mut self, call: &'a Written) -> Operand<'a> {
        let [needle, hay] = &call.arguments[..] else { return Operand::Failed };
        let (needle, hay) = (self.argument(call, needle, &[Type::Text]), self.argument(call, hay, &[Type::Text]));
        match (needle, hay) {
            (Some((needle, _)), Some((hay, _))) => {
                self.made(Op::Call(Call::Contains, vec![hay, needle]), Type::Boolean)
            }
            _ => Operand::Failed,
        }
    }

    /// Characters of a text, or values of a field that has several.
    fn length(&mut self, call: &'a Written) -> Operand<'a> {
        let [tree] = &call.arguments[..] else { return Operand::Failed };
        let operand = self.operand(tree);
        if let Operand::Many(many, _) = operand {
            return self.number_of(&many, &[], call.span);
        }
        match self.typed(operand, Some(Type::Text)) {
            Some((id, Type::Text)) => self.made(Op::Call(Call::Length, vec![id]), Type::Integer),
            Some((_, ty)) => {
                let message = format!("`length` takes text, not {}", ty.article());
                self.report(Diagnostic::error(Code::WrongArgument, tree.span(), message));
                Operand::Failed
            }
            None => Operand::Failed,
        }
    }

    /// A part of a date or time.
    fn part(&mut self, call: &'a Written, made: Call, wanted: &[Type]) -> Operand<'a> {
        let gives = if made == Call::FractionalSeconds { Type::Decimal } else { Type::Integer };
        match call.arguments.first().and_then(|argument| self.argument(call, argument, wanted)) {
            Some((id, _)) => self.made(Op::Call(made, vec![id]), gives),
            None => Operand::Failed,
        }
    }

    /// The day of a date with a time; a date is its own day.
    fn day_of(&mut self, call: &'a Written) -> Operand<'a> {
        match call.arguments.first().and_then(|argument| self.argument(call, argument, &[Type::Instant, Type::Date])) {
            Some((id, Type::Date)) => Operand::Made(id, Type::Date),
            Some((id, _)) => self.made(Op::Call(Call::Date, vec![id]), Type::Date),
            None => Operand::Failed,
        }
    }

    fn rounded(&mut self, call: &'a Written, made: Call) -> Operand<'a> {
        let numbers = [Type::Decimal, Type::Integer, Type::Real];
        match call.arguments.first().and_then(|argument| self.argument(call, argument, &numbers)) {
            Some((id, Type::Integer)) => Operand::Made(id, Type::Integer),
            Some((id, ty)) => self.made(Op::Call(made, vec![id]), ty),
            None => Operand::Failed,
        }
    }

    /// `matchesPattern(s, pattern[, flags])`: compiled here, so that its mistakes are told with the others.
    fn matches_pattern(&mut self, call: &'a Written) -> Operand<'a> {
        let mut arguments = call.arguments.iter();
        let (Some(text), Some(pattern)) = (arguments.next(), arguments.next()) else { return Operand::Failed };
        let hay = self.argument(call, text, &[Type::Text]);
        let pattern_span = pattern.span();
        let Some(written) = self.written_text(pattern) else {
            let message = "the pattern is a text as written, so that it can be read before any row is";
            self.report(Diagnostic::error(Code::WrongArgument, pattern_span, message));
            return Operand::Failed;
        };
        let mut builder = RegexBuilder::new(&written.text);
        builder.size_limit(MOST_PATTERN).dfa_size_limit(MOST_PATTERN);
        if let Some(flags) = arguments.next() {
            let flags_span = flags.span();
            for flag in self.written_text(flags).map(|flags| flags.text.to_string()).unwrap_or_default().chars() {
                match flag {
                    'i' => builder.case_insensitive(true),
                    'm' => builder.multi_line(true),
                    's' => builder.dot_matches_new_line(true),
                    'x' => builder.ignore_whitespace(true),
                    _ => {
                        let message = format!("`{flag}` is no flag of a pattern; there are i, m, s and x");
                        self.report(Diagnostic::error(Code::WrongArgument, flags_span, message));
                        return Operand::Failed;
                    }
                };
            }
        }
        match (builder.build(), hay) {
            (Ok(regex), Some((hay, _))) => {
                self.made(Op::Call(Call::Matches(Pattern(regex.into())), vec![hay]), Type::Boolean)
            }
            (Err(error), _) => {
                let reason = match error {
                    regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
                    other => other.to_string().lines().last().unwrap_or("").trim_start_matches("error: ").to_owned(),
                };
                let message = format!("the pattern cannot be read: {reason}");
                self.report(Diagnostic::error(Code::WrongArgument, pattern_span, message));
                Operand::Failed
            }
            (Ok(_), None) => Operand::Failed,
        }
    }

    fn written_text(&mut self, tree: &'a Tree) -> Option<&'a Literal> {
        match self.operand(tree) {
            Operand::Literal { literal, value: Value::Text(_), .. } => Some(literal),
            _ => None,
        }
    }

    /// Whether rows have a property at all: those of an index have every field, computed ones their columns.
    fn is_defined(&mut self, call: &'a Written) -> Operand<'a> {
        let [tree] = &call.arguments[..] else { return Operand::Failed };
        let defined = match self.operand(tree) {
            Operand::Failed => return Operand::Failed,
            Operand::Null => false,
            _ => true,
        };
        self.made(Op::Const(Value::Boolean(defined)), Type::Boolean)
    }

    /// `case(c1:v1,…)` and `iif(c,a,b)`.
    pub(super) fn case(
        &mut self,
        branches: impl Iterator<Item = (&'a Tree, &'a Tree)>,
        otherwise: Option<&'a Tree>,
        span: Span,
    ) -> Operand<'a> {
        let mut bound = Vec::new();
        let mut failed = false;
        for (condition, value) in branches {
            let condition = self.condition(condition);
            let value = self.operand(value);
            match (condition, value) {
                (_, Operand::Failed) | (None, _) => failed = true,
                (Some(condition), value) => bound.push((condition, value)),
            }
        }
        if let Some(otherwise) = otherwise {
            let always = self.builder.push(Op::Const(Value::Boolean(true)), Type::Boolean);
            match self.operand(otherwise) {
                Operand::Failed => failed = true,
                value => bound.push((always, value)),
            }
        }
        if failed {
            return Operand::Failed;
        }
        let mut ty: Option<Type> = None;
        for of_value in bound.iter().filter_map(|(_, value)| value.ty(self)) {
            ty = match ty {
                None => Some(of_value),
                Some(ty) if ty == of_value => Some(ty),
                Some(ty) if ty.is_number() && of_value.is_number() => Some(ty.promoted(of_value)),
                Some(ty) => {
                    let message = format!("the values are {} and {}", ty.article(), of_value.article());
                    let wrong = Diagnostic::error(Code::WrongArgument, span, message);
                    self.report(wrong.help("all values of one choice are of one type"));
                    return Operand::Failed;
                }
            };
        }
        let ty = ty.unwrap_or(Type::Text);
        let mut taken = Vec::with_capacity(bound.len());
        for (condition, value) in bound {
            let Some((id, from)) = self.typed(value, Some(ty)) else { return Operand::Failed };
            taken.push((condition, self.converted(id, from, ty)));
        }
        self.made(Op::Case(taken), ty)
    }
}
