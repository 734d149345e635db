//! `aggregate(…)`, as a transformation and as a step of a path.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::suggest::nearest;
use crate::lang::odata::ast::apply::{Aggregate, From};
use crate::lang::odata::ast::{Expr, Name, Step};
use crate::lang::odata::lex::Kind;
use crate::lang::odata::mode::Habit;
use crate::lang::odata::parse::Parser;

/// The methods of the standard.
const METHODS: [&str; 5] = ["sum", "min", "max", "average", "countdistinct"];

impl Parser<'_> {
    /// `a,…` of a transformation.
    pub(super) fn aggregates(&mut self) -> Vec<Aggregate> {
        let mut aggregates = Vec::new();
        loop {
            match self.aggregate(true) {
                Some(aggregate) => aggregates.push(aggregate),
                None => self.recover_to_comma(),
            }
            self.member(aggregates.len());
            if !self.comma() || self.stopped {
                return aggregates;
            }
        }
    }

    /// `aggregate(…)` behind `/`.
    pub(super) fn aggregate_step(&mut self) -> Step {
        let token = self.bump();
        let Some(opened) = self.open(')') else { return Step::Error(self.span_of(token)) };
        let aggregate = self.aggregate(false);
        if aggregate.is_none() {
            self.recover_past_commas();
        }
        self.shut(opened);
        let span = self.span_from(token.start);
        aggregate.map_or(Step::Error(span), |aggregate| Step::Aggregate(Box::new(aggregate), span))
    }

    /// `operand [with method] [from …]* [as alias]`; a step has no alias.
    fn aggregate(&mut self, takes_alias: bool) -> Option<Aggregate> {
        let start = self.token.start;
        let n_errors = self.n_errors;
        self.node();
        let operand = match self.token.kind {
            Kind::Dollar if self.word() == "$count" => {
                let token = self.bump();
                Expr::Path(self.path_from(Step::Count(Vec::new(), self.span_of(token)), start))
            }
            _ => self.expr(),
        };
        if self.n_errors > n_errors {
            return None;
        }
        let method = if self.at_exact("with") { Some(self.method()?) } else { None };
        let early = if takes_alias && self.at_exact("as") { Some(self.alias(true)?) } else { None };
        if early.is_some() && self.at_exact("from") {
            self.habit(Habit::AliasFirst, self.span(), None);
        }
        let mut from = Vec::new();
        while self.at_exact("from") && !self.stopped {
            from.push(self.from()?);
            self.member(from.len());
        }
        let alias = match early {
            Some(alias) => Some(alias),
            None if takes_alias && self.at_exact("as") => Some(self.alias(true)?),
            None => None,
        };
        let aggregate = Aggregate { operand, method, from, alias, span: self.span_from(start) };
        self.fits(&aggregate, takes_alias).then_some(aggregate)
    }

    /// Whether the parts of an aggregate belong together; tells what is missing.
    fn fits(&mut self, aggregate: &Aggregate, takes_alias: bool) -> bool {
        if self.stopped {
            return true;
        }
        let is_count =
            matches!(&aggregate.operand, Expr::Path(path) if matches!(path.steps.last(), Some(Step::Count(..))));
        let is_custom = !is_count && aggregate.method.is_none();
        if is_count && let Some(method) = &aggregate.method {
            let wrong = Diagnostic::error(Code::UnexpectedToken, method.span, "`$count` has no method");
            self.report(
                wrong.help("`$count as Total` counts; a method stands behind a value, as in `Amount with sum`"),
            );
            return false;
        }
        if is_custom && Self::names_only(&aggregate.operand).is_none() {
            self.expected("`with` and a method");
            return false;
        }
        let is_unfinished = aggregate.from.iter().any(|from| from.method.is_none()) && !is_custom;
        if is_unfinished {
            self.expected("`with` and a method");
            return false;
        }
        let needs_alias = takes_alias && aggregate.alias.is_none() && !(is_custom && aggregate.from.is_empty());
        if needs_alias {
            self.expected("`as` and a name");
            return false;
        }
        true
    }

    /// `with method`.
    fn method(&mut self) -> Option<Name> {
        self.must_blank();
        self.bump();
        self.must_blank();
        if self.token.kind != Kind::Name {
            self.expected("a method such as `sum`");
            return None;
        }
        let token = self.bump();
        let name = self.checked_name(token);
        if name.text.contains('.') {
            self.unsupported(name.span, "methods of a model");
        } else if !METHODS.contains(&&*name.text) {
            let wrong =
                Diagnostic::error(Code::UnknownFunction, name.span, format!("there is no method `{}`", name.text));
            let near = nearest(&name.text, METHODS);
            self.report(match near {
                Some(near) => wrong.fix(format!("write `{near}`"), name.span, near),
                None => wrong.help("methods are `sum`, `min`, `max`, `average` and `countdistinct`"),
            });
        }
        Some(name)
    }

    /// `from p1,p2 with method`.
    fn from(&mut self) -> Option<From> {
        self.must_blank();
        let token = self.bump();
        self.must_blank();
        let mut keys = Vec::new();
        loop {
            keys.push(self.group_path()?);
            self.node();
            self.member(keys.len());
            if !self.comma() || self.stopped {
                break;
            }
        }
        let method = if self.at_exact("with") { Some(self.method()?) } else { None };
        Some(From { keys, method, span: self.span_from(token.start) })
    }
}
