//! What GROUP BY groups by: a field, or functions of one such as `Month(CreatedAt)`.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::suggest::nearest;
use crate::lang::tql::ast::{Argument, Call, Word};
use crate::model::field::Field;
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Named};
use crate::model::time::calendar::{in_calendar, instant_in_calendar};
use crate::model::time::pattern::Pattern;
use crate::model::time::{Buckets, Period};
use crate::model::value::Value;
use crate::query::bind::Binder;
use crate::query::bind::function::Written;
use crate::query::bind::literal::Literal;
use crate::query::predicate::{Bound, Leaf, Predicate};
use crate::query::rel::{GroupKey, Selector};

/// The functions that group.
pub(crate) const SELECTORS: [&str; 9] = ["Fill", "Month", "Day", "Hour", "Week", "Quarter", "Year", "Bucket", "Top"];

/// What may stand behind the field of a calendar period, each once.
pub(crate) const PERIOD_OPTIONS: [&str; 2] = ["Format", "Range"];

/// What each of them and their arguments look like.
const EXAMPLES: [(&str, &str); 11] = [
    ("Fill", "Fill(Status)"),
    ("Month", "Month(CreatedAt)"),
    ("Day", "Day(CreatedAt)"),
    ("Hour", "Hour(CreatedAt)"),
    ("Week", "Week(CreatedAt)"),
    ("Quarter", "Quarter(CreatedAt)"),
    ("Year", "Year(CreatedAt)"),
    ("Bucket", "Bucket(Duration, 1m, 10m)"),
    ("Top", "Top(Suite, 10)"),
    ("Format", "Format(\"yyyy-MM\")"),
    ("Range", "Range(\"2024-01-01\", \"2024-12-31\")"),
];

/// A selector with the middle of its usual name, and the rows that are in some of its groups.
type Bound3 = (String, Selector, Option<Predicate>);

impl Binder<'_, '_> {
    /// A selector, its part of the result's usual name, and what its rows have in common if not every row has a group.
    pub(super) fn selector(&mut self, written: &Argument) -> Option<Bound3> {
        match written {
            Argument::Word(name) => {
                let function = SELECTORS.iter().find(|function| function.eq_ignore_ascii_case(&name.text));
                if let Some(function) = function.filter(|_| self.env.schema.lookup(&name.text).is_none()) {
                    let call = Call { name: name.clone(), arguments: Vec::new(), span: name.span };
                    return self.wrong_selector(&call, &format!("`{function}` takes a field"));
                }
                let field = self.group_field(name)?;
                let name = self.env.schema.field(field).name().to_owned();
                Some((name, GroupKey::Field(field).into(), None))
            }
            Argument::Call(call) => self.selector_call(call),
            Argument::List(_, span) | Argument::Subselect(_, span) => {
                let message = "rows are grouped by a field, or by a function of one";
                self.report(Diagnostic::error(Code::WrongArgument, *span, message).help("name one field"));
                None
            }
            Argument::Error(_) => None,
        }
    }

    fn selector_call(&mut self, call: &Call) -> Option<Bound3> {
        let name = &call.name.text;
        let Some(function) = SELECTORS.into_iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            let message = format!("no function to group by is called `{name}`");
            let mut wrong = Diagnostic::error(Code::UnknownFunction, call.name.span, message);
            wrong = match nearest(name, SELECTORS) {
                Some(near) => {
                    wrong.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), call.name.span, near)
                }
                None => wrong.help(format!("there are {}", SELECTORS.join(", "))),
            };
            self.report(wrong);
            return None;
        };
        let Some((first, rest)) = call.arguments.split_first() else {
            return self.wrong_selector(call, &format!("`{function}` takes a field"));
        };
        if let "Top" | "Bucket" = function
            && self.field_stands_second(function, &call.arguments, example(function))
        {
            return None;
        }
        match function {
            "Fill" => {
                let (name, mut selector, within) = self.selector(first)?;
                if let Some(extra) = rest.first() {
                    let message = "`Fill` takes one field or function of one";
                    return self.wrong_selector_at(extra, message, "write it as in `Fill(Month(CreatedAt))`");
                }
                if selector.top.is_some() {
                    return self.wrong_selector(call, "`Fill` has no groups to add to those of `Top`");
                }
                if selector.fill {
                    return self.wrong_selector(call, "`Fill` stands here twice");
                }
                selector.fill = true;
                Some((format!("Fill{name}"), selector, within))
            }
            "Top" => self.top(call, first, rest),
            "Bucket" => self.bucket(call, first, rest),
            _ => self.period_selector(function, call, first, rest),
        }
    }

    fn top(&mut self, call: &Call, first: &Argument, rest: &[Argument]) -> Option<Bound3> {
        let (name, mut selector, within) = self.selector(first)?;
        let n = match rest {
            [Argument::Word(word)] => word.text.parse::<u32>().ok().filter(|n| *n > 0),
            _ => None,
        };
        let Some(n) = n else {
            return self.wrong_selector(call, "`Top` takes a field and how many groups are wanted, at least 1");
        };
        if selector.top.is_some() || selector.fill {
            return self.wrong_selector(call, "`Top` takes a field, or a period or bucket of one");
        }
        let declared = self.env.schema.field(selector.key.field());
        if !has_groups("Top", declared) {
            let message = format!("`Top` needs a field with one value in a row, and `{}` has several", declared.name());
            return self.wrong_selector(call, &message);
        }
        selector.top = Some(n);
        Some((format!("Top{name}"), selector, within))
    }

    /// `Bucket(field, edge, edge, …)`.
    fn bucket(&mut self, call: &Call, first: &Argument, rest: &[Argument]) -> Option<Bound3> {
        let Argument::Word(name) = first else {
            return self.wrong_selector(call, "`Bucket` takes a field and edges in ascending order");
        };
        let field = self.group_field(name)?;
        let kind = self.env.schema.field(field).kind;
        if !has_groups("Bucket", self.env.schema.field(field)) {
            let message = format!("`Bucket` does not work on `{}`, which is {kind}", name.text);
            let wrong = Diagnostic::error(Code::NotGroupable, name.span, message);
            self.report(wrong.help("numbers, durations, instants and days have an order to cut"));
            return None;
        }
        if rest.is_empty() {
            return self.wrong_selector(call, "`Bucket` takes at least one edge");
        }
        let mut edges: Vec<Value> = Vec::with_capacity(rest.len());
        let mut last: Option<Literal> = None;
        for argument in rest {
            for written in self.values(argument)? {
                let literal = self.literal(&written, field, name)?;
                if last.as_ref().is_some_and(|last| !literal.is_above(last)) {
                    let message = "the edges of `Bucket` stand in ascending order";
                    return self.wrong_selector_at(argument, message, "each edge is above the one before");
                }
                let Literal::Exact { value, .. } = &literal else {
                    let message = format!("no {kind} lies at this edge");
                    return self.wrong_selector_at(argument, &message, "an edge is a value that the field can hold");
                };
                edges.push(value.clone());
                last = Some(literal);
            }
        }
        let shown = self.env.schema.field(field).name();
        Some((format!("Bucket{shown}"), GroupKey::Bucket(field, edges.into()).into(), None))
    }

    /// `Month(field, Format("yyyy-MM"), Range("2024-01-01", "2024-12-31"))` and its kin.
    fn period_selector(&mut self, function: &str, call: &Call, first: &Argument, rest: &[Argument]) -> Option<Bound3> {
        let period = match function {
            "Hour" => Period::Hour,
            "Day" => Period::Day,
            "Week" => Period::Week,
            "Month" => Period::Month,
            "Quarter" => Period::Quarter,
            _ => Period::Year,
        };
        let Argument::Word(name) = first else {
            return self.wrong_selector(call, &format!("`{function}` takes a field of instants or days"));
        };
        let field = self.group_field(name)?;
        let declared = self.env.schema.field(field);
        if !has_groups(function, declared) {
            let message = format!("`{}` is {} and has no calendar periods", name.text, declared.kind);
            let wrong = Diagnostic::error(Code::NotGroupable, name.span, message);
            self.report(wrong.help("periods belong to date and datetime fields"));
            return None;
        }
        let shown = format!("{function}{}", declared.name());
        let mut selector = Selector::from(GroupKey::Period(field, period));
        let mut within = None;
        for argument in rest {
            let Argument::Call(further) = argument else {
                let message = format!("behind the field of `{function}` stand `Format(…)` and `Range(…)` only");
                return self.wrong_selector_at(
                    argument,
                    &message,
                    "write it as in `Month(CreatedAt, Format(\"yyyy-MM\"))`",
                );
            };
            match &*further.name.text.to_lowercase() {
                "format" if selector.format.is_none() => selector.format = Some(self.format(further)?),
                "range" if selector.range.is_none() => {
                    let (range, predicate) = self.period_range(further, field, name, period)?;
                    selector.range = Some(range);
                    within = Some(predicate);
                }
                "format" | "range" => {
                    return self.wrong_selector(further, &format!("`{}` stands here twice", further.name.text));
                }
                _ => {
                    let message = format!("`{function}` knows no `{}`", further.name.text);
                    let wrong = Diagnostic::error(Code::UnknownFunction, further.name.span, message);
                    self.report(wrong.help("behind the field stand `Format(…)` and `Range(…)`"));
                    return None;
                }
            }
        }
        Some((shown, selector, within))
    }

    fn format(&mut self, call: &Call) -> Option<Arc<Pattern>> {
        let [Argument::Word(pattern)] = &call.arguments[..] else {
            return self.wrong_selector(call, "`Format` takes one pattern");
        };
        let read = match Pattern::parse(&pattern.text) {
            // The empty key is that of rows without a value.
            Ok(pattern) if pattern.may_be_empty() || pattern.shows_nothing() => {
                Err("it may show nothing of a period".to_owned())
            }
            read => read,
        };
        match read {
            Ok(pattern) => Some(pattern.into()),
            Err(reason) => {
                let wrong = Diagnostic::error(Code::WrongArgument, pattern.span, format!("no date pattern: {reason}"));
                self.report(wrong.help("patterns are those of .NET, such as `yyyy-MM` or `ddd d MMM`"));
                None
            }
        }
    }

    /// The whole periods from the one that holds the first bound to the one that holds the last.
    fn period_range(
        &mut self,
        call: &Call,
        field: FieldId,
        name: &Word,
        period: Period,
    ) -> Option<((i64, i64), Predicate)> {
        let mut written: Vec<Written> = Vec::new();
        for argument in &call.arguments {
            written.extend(self.values(argument)?);
        }
        let [from, to] = &written[..] else {
            return self.wrong_selector(call, "`Range` takes the first and the last moment");
        };
        let (from, to) = (self.literal(from, field, name)?, self.literal(to, field, name)?);
        if from.is_above(&to) {
            return self.wrong_range(call, "the range begins above its end", "the earlier moment comes first");
        }
        let (Literal::Exact { value: from, .. }, Literal::Exact { value: to, .. }) = (from, to) else {
            let help = "moments lie from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z";
            return self.wrong_range(call, "the range leaves the calendar", help);
        };
        let range = match (from, to) {
            (Value::Date(from), Value::Date(to)) => {
                let behind = period.next_first_day(period.first_day(to));
                (period.first_day(from).into(), i64::from(behind) - 1)
            }
            (Value::Instant(from), Value::Instant(to)) => {
                let holding = |instant| Buckets::of_instants(self.env.zone, period, instant, instant, 1).ok();
                (holding(from)?.starts().first().copied()?, holding(to)?.end() - 1)
            }
            _ => return None,
        };
        // No value lies beyond the calendar, and no literal can name such an edge.
        let edge = |n: i64| match self.env.schema.field(field).kind {
            Kind::Date => in_calendar(n as i32).map(Value::Date),
            _ => instant_in_calendar(n).map(Value::Instant),
        };
        let low = edge(range.0).map_or(Bound::Open, Bound::Inclusive);
        let high = edge(range.1 + 1).map_or(Bound::Open, Bound::Exclusive);
        Some((range, Predicate::leaf(Leaf::Range { field, low, high })))
    }

    /// The field that rows are grouped by.
    fn group_field(&mut self, name: &Word) -> Option<FieldId> {
        let text = &name.text;
        let (problem, help) = match self.lookup(name)? {
            Named::Field(field) => {
                let declared = self.env.schema.field(field);
                match declared.not_groupable() {
                    None => return Some(field),
                    Some((problem, help)) => (format!("`{text}` {problem}"), help),
                }
            }
            _ => (format!("`{text}` stands for several values and cannot be grouped by"), "group by one field"),
        };
        self.report(Diagnostic::error(Code::NotGroupable, name.span, problem).help(help));
        None
    }

    fn wrong_selector<T>(&mut self, call: &Call, message: &str) -> Option<T> {
        if call.has_mistakes() {
            return None;
        }
        let wrong = Diagnostic::error(Code::WrongArgument, call.span, message);
        self.report(wrong.help(format!("write it as in `{}`", example(&call.name.text))));
        None
    }

    fn wrong_range<T>(&mut self, call: &Call, message: &str, help: &str) -> Option<T> {
        self.report(Diagnostic::error(Code::WrongArgument, call.span, message).help(help));
        None
    }

    fn wrong_selector_at<T>(&mut self, argument: &Argument, message: &str, help: &str) -> Option<T> {
        if let Argument::Error(_) = argument {
            return None;
        }
        self.report(Diagnostic::error(Code::WrongArgument, argument.span(), message).help(help));
        None
    }
}

/// What a function looks like.
fn example(function: &str) -> &'static str {
    EXAMPLES.iter().find(|(name, _)| name.eq_ignore_ascii_case(function)).map_or("", |(_, example)| example)
}

/// Whether a function can group rows by a field.
pub(crate) fn has_groups(function: &str, field: &Field) -> bool {
    match function {
        "Fill" => field.is_groupable(),
        "Top" => field.is_groupable() && !field.multi,
        "Bucket" => {
            matches!(field.kind, Kind::Integer | Kind::Decimal | Kind::Duration | Kind::DateTime | Kind::Date)
        }
        _ => matches!(field.kind, Kind::DateTime | Kind::Date),
    }
}
