//! Value functions: what the request knows (time, zone, user) and what the host says.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::base::suggest::nearest;
use crate::lang::tql::ast::{Argument, Call};
use crate::model::kind::Kind;
use crate::model::time::calendar::{Period, end_of, start_of};
use crate::model::time::format::format_instant;
use crate::model::time::parse::parse_span;
use crate::query::bind::Binder;
use crate::query::context::Facts;

/// A value as it came from the text or from a function: a text, or an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) text: Option<String>,
    pub(super) instant: Option<i64>,
    pub(super) span: Span,
}

/// What a function gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Values {
    Texts(Vec<String>),
    Instant(i64),
}

/// Functions that this library answers; hosts add their own.
const FUNCTIONS: [&str; 16] = [
    "CurrentUser",
    "Me",
    "ProjectManager",
    "Packages",
    "Now",
    "Today",
    "StartOfDay",
    "StartOfWeek",
    "StartOfMonth",
    "StartOfQuarter",
    "StartOfYear",
    "EndOfDay",
    "EndOfWeek",
    "EndOfMonth",
    "EndOfQuarter",
    "EndOfYear",
];

/// What those of them take that take no span.
const TAKES: [(&str, &str); 4] = [
    ("CurrentUser", "no arguments"),
    ("Me", "no arguments"),
    ("ProjectManager", "one project"),
    ("Packages", "one package, by its name or path"),
];

/// A value function as it may be offered to those who write queries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) name: String,
    /// Whether it must or may have arguments that only the writer knows.
    pub(crate) takes_arguments: bool,
    /// What it gives.
    pub(crate) gives: &'static str,
}

/// The functions whose values a field of that kind can be compared with: this library's own, then the host's.
pub(crate) fn functions_for(kind: Kind, facts: &dyn Facts) -> Vec<Offered> {
    let offered = |name: &str, takes_arguments, gives| Offered { name: name.to_owned(), takes_arguments, gives };
    let mut functions = Vec::new();
    match kind {
        Kind::User | Kind::Keyword => {
            if catch_unwind(AssertUnwindSafe(|| facts.current_user())).is_ok_and(|user| user.is_some()) {
                functions.extend(["CurrentUser", "Me"].map(|name| offered(name, false, "user")));
            }
            functions.push(offered("ProjectManager", true, "user"));
        }
        Kind::Path => functions.push(offered("Packages", true, "packages")),
        Kind::DateTime | Kind::Date => {
            let times = FUNCTIONS.iter().filter(|name| {
                let name = name.to_lowercase();
                matches!(&*name, "now" | "today") || period_function(&name).is_some()
            });
            functions.extend(times.map(|name| offered(name, false, "instant")));
        }
        _ => {}
    }
    let own = host_functions(facts);
    functions.extend(own.iter().map(|name| offered(name, true, "function of the server")));
    functions
}

/// What the host calls its functions; a panic of its code must not end the caller's.
fn host_functions(facts: &dyn Facts) -> Vec<String> {
    catch_unwind(AssertUnwindSafe(|| facts.function_names())).unwrap_or_default()
}

impl Binder<'_, '_> {
    /// The values that stand behind an operator; `None` if some part was wrong and has been reported.
    pub(super) fn values(&mut self, argument: &Argument) -> Option<Vec<Written>> {
        match argument {
            Argument::Word(word) => {
                Some(vec![Written { text: Some(word.text.to_string()), instant: None, span: word.span }])
            }
            Argument::Call(call) => self.call_values(call),
            Argument::List(items, _) => {
                let (mut all, mut is_whole) = (Vec::with_capacity(items.len()), true);
                for item in items {
                    match self.values(item) {
                        Some(values) => all.extend(values),
                        None => is_whole = false,
                    }
                }
                is_whole.then_some(all)
            }
            Argument::Subselect(_, span) => {
                let message = "a query in braces stands only behind the operator of a relation";
                self.report(Diagnostic::error(Code::WrongSubselect, *span, message));
                None
            }
            Argument::Error(_) => None,
        }
    }

    fn call_values(&mut self, call: &Call) -> Option<Vec<Written>> {
        let span = call.span;
        Some(match self.call(call)? {
            Values::Texts(texts) => {
                texts.into_iter().map(|text| Written { text: Some(text), instant: None, span }).collect()
            }
            Values::Instant(instant) => vec![Written { text: None, instant: Some(instant), span }],
        })
    }

    fn call(&mut self, call: &Call) -> Option<Values> {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            for value in self.values(argument)? {
                arguments.push(value.text.or_else(|| value.instant.map(format_instant)).unwrap_or_default());
            }
        }
        let name = call.name.text.to_lowercase();
        let key = (name, arguments);
        if let Some(known) = self.calls.get(&key) {
            return known.clone();
        }
        let values = self.evaluate(&key.0, &key.1, call);
        self.calls.insert(key, values.clone());
        values
    }

    fn evaluate(&mut self, name: &str, arguments: &[String], call: &Call) -> Option<Values> {
        match (name, arguments) {
            ("currentuser" | "me", []) => self.fact(call, "who the current user is", |facts| facts.current_user()),
            ("projectmanager", [project]) => {
                self.fact(call, "who manages that project", |facts| facts.project_manager(project))
            }
            ("packages", [package]) => self.fact(call, "which packages that are", |facts| facts.packages(package)),
            ("now", _) => self.moved(arguments, call).map(Values::Instant),
            ("today", _) => self.period(Period::Day, true, arguments, call),
            _ => match period_function(name) {
                Some((period, is_start)) => self.period(period, is_start, arguments, call),
                None => match TAKES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                    Some((_, takes)) => {
                        self.wrong_arguments(call, &format!("`{}` takes {takes}", call.name.text));
                        None
                    }
                    None => self.host_function(arguments, call),
                },
            },
        }
    }

    /// `StartOfDay("-1d")` and its kin.
    fn period(&mut self, period: Period, is_start: bool, arguments: &[String], call: &Call) -> Option<Values> {
        let at = self.moved(arguments, call)?;
        let of = if is_start { start_of } else { end_of };
        Some(Values::Instant(of(period, at, self.env.zone)))
    }

    /// Now, moved by the span of the arguments if there is one.
    fn moved(&mut self, arguments: &[String], call: &Call) -> Option<i64> {
        let at = match arguments {
            [] => Some(self.env.now),
            [offset] => parse_span(offset).and_then(|span| span.shift(self.env.now, self.env.zone)),
            _ => None,
        };
        if at.is_none() {
            self.wrong_arguments(call, &format!("`{}` takes at most a span such as `\"-1d\"`", call.name.text));
        }
        at
    }

    /// Asks the host; a panic of its code must not end the caller's.
    fn fact(&mut self, call: &Call, what: &str, ask: impl Fn(&dyn Facts) -> Option<Vec<String>>) -> Option<Values> {
        match catch_unwind(AssertUnwindSafe(|| ask(self.env.facts))) {
            Ok(Some(texts)) => Some(Values::Texts(texts)),
            Ok(None) => {
                let message = format!("`{}` has no answer: the server does not say {what}", call.name.text);
                self.report(Diagnostic::error(Code::NoFact, call.span, message));
                None
            }
            Err(_) => self.host_failed(call),
        }
    }

    /// What the host's panic said is its own affair and may hold secrets; the panic hook has it.
    fn host_failed(&mut self, call: &Call) -> Option<Values> {
        let message = format!("`{}` failed inside the server", call.name.text);
        self.report(Diagnostic::error(Code::Internal, call.span, message));
        None
    }

    fn host_function(&mut self, arguments: &[String], call: &Call) -> Option<Values> {
        let name = &call.name.text;
        match catch_unwind(AssertUnwindSafe(|| self.env.facts.call(name, arguments))) {
            Ok(Some(Ok(texts))) => Some(Values::Texts(texts)),
            Ok(Some(Err(reason))) => {
                self.wrong_arguments(call, &format!("`{name}`: {reason}"));
                None
            }
            Ok(None) => {
                let own = host_functions(self.env.facts);
                let known: Vec<&str> = FUNCTIONS.into_iter().chain(own.iter().map(String::as_str)).collect();
                let wrong =
                    Diagnostic::error(Code::UnknownFunction, call.name.span, format!("no function is called `{name}`"));
                let span = call.name.span;
                self.report(match nearest(name, known.iter().copied()) {
                    Some(near) => {
                        wrong.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
                    }
                    None => wrong.help(format!("there are {}", known.join(", "))),
                });
                None
            }
            Err(_) => self.host_failed(call),
        }
    }

    fn wrong_arguments(&mut self, call: &Call, message: &str) {
        self.report(Diagnostic::error(Code::WrongArgument, call.span, message));
    }
}

/// The period of a StartOf or EndOf function, and whether it is the start.
fn period_function(name: &str) -> Option<(Period, bool)> {
    let (unit, is_start) = match name.strip_prefix("startof") {
        Some(unit) => (unit, true),
        None => (name.strip_prefix("endof")?, false),
    };
    let period = match unit {
        "day" => Period::Day,
        "week" => Period::Week,
        "month" => Period::Month,
        "quarter" => Period::Quarter,
        "year" => Period::Year,
        _ => return None,
    };
    Some((period, is_start))
}
