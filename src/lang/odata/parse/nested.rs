//! `$select` and `$expand`: paths with options in parentheses.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::hash::HashSet;
use crate::lang::odata::ast::option::{ExpandItem, OptionValue, QueryOption, SelectItem};
use crate::lang::odata::ast::{Invoke, Name, Path, Step};
use crate::lang::odata::lex::Kind;
use crate::lang::odata::mode::Habit;
use crate::lang::odata::parse::Parser;
use crate::lang::odata::system::SystemOption as Known;

/// What may be asked for within the parentheses.
const OF_COUNT: &[Known] = &[Known::Filter, Known::Search];
const OF_REF: &[Known] = &[Known::Filter, Known::Search, Known::OrderBy, Known::Skip, Known::Top, Known::Count];
const OF_STAR: &[Known] = &[Known::Levels];
const OF_SELECT: &[Known] = &[
    Known::Filter,
    Known::Search,
    Known::OrderBy,
    Known::Skip,
    Known::Top,
    Known::Count,
    Known::Compute,
    Known::Select,
];
const OF_EXPAND: &[Known] = &[
    Known::Filter,
    Known::Search,
    Known::OrderBy,
    Known::Skip,
    Known::Top,
    Known::Count,
    Known::Compute,
    Known::Select,
    Known::Expand,
    Known::Levels,
    Known::Apply,
];

impl Parser<'_> {
    /// `Path(options),*,…`.
    pub(super) fn select_items(&mut self) -> Vec<SelectItem> {
        let mut items = Vec::new();
        loop {
            let start = self.token.start;
            match self.item_path(false) {
                Some(path) => {
                    let takes = !matches!(path.steps.last(), Some(Step::Star(..) | Step::Invoke(_)));
                    let options = if takes && self.at_mark('(') { self.options(OF_SELECT, true) } else { Vec::new() };
                    items.push(SelectItem { path, options, span: self.span_from(start) });
                }
                None => self.recover_to_comma(),
            }
            self.end_of_item();
            self.member(items.len());
            if !self.comma() || self.stopped {
                return items;
            }
        }
    }

    /// `Path(options),…`.
    pub(super) fn expand_items(&mut self) -> Vec<ExpandItem> {
        let mut items = Vec::new();
        if self.expand_depth >= self.limits.expand_depth && !self.stopped {
            let span = self.span();
            self.stop("expand_depth", self.limits.expand_depth, self.expand_depth + 1, span);
        }
        self.expand_depth += 1;
        loop {
            let start = self.token.start;
            match self.item_path(true) {
                Some(path) => {
                    let allowed = match path.steps.last() {
                        Some(Step::Star(..)) => OF_STAR,
                        Some(Step::System(name)) if &*name.text == "$ref" => match path.steps.iter().rev().nth(1) {
                            Some(Step::Star(..)) => &[],
                            _ => OF_REF,
                        },
                        // Their options are a part of the path.
                        Some(Step::Count(..) | Step::System(_)) => &[],
                        _ => OF_EXPAND,
                    };
                    let takes_aliases = std::ptr::eq(allowed, OF_EXPAND);
                    let options = if self.at_mark('(') && !allowed.is_empty() {
                        self.options(allowed, takes_aliases)
                    } else {
                        Vec::new()
                    };
                    items.push(ExpandItem { path, options, span: self.span_from(start) });
                }
                None => self.recover_to_comma(),
            }
            self.end_of_item();
            self.member(items.len());
            if !self.comma() || self.stopped {
                self.expand_depth -= 1;
                return items;
            }
        }
    }

    /// Text behind an item that belongs to nothing.
    fn end_of_item(&mut self) {
        if !matches!(self.token.kind, Kind::End | Kind::Mark(',' | ')' | ';')) {
            self.expected("`,`");
            self.recover_to_comma();
        }
    }

    /// Names, types, annotations, and at the end `*`, `$ref`, `$count` or a function with the names of its parameters.
    fn item_path(&mut self, is_expand: bool) -> Option<Path> {
        let start = self.token.start;
        let mut steps = Vec::new();
        loop {
            let step = self.item_step(is_expand, steps.is_empty())?;
            self.node();
            let is_last = match &step {
                Step::Star(_, span) => {
                    if !is_expand && !steps.is_empty() {
                        self.habit(Habit::SelectStar, *span, None);
                    }
                    !is_expand
                }
                Step::System(_) | Step::Count(..) | Step::Invoke(_) => true,
                _ => false,
            };
            let is_star = matches!(step, Step::Star(..));
            steps.push(step);
            self.member(steps.len());
            if is_last || !self.at_mark('/') || self.stopped {
                break;
            }
            self.bump();
            if is_star && self.word() != "$ref" {
                self.expected("`$ref`");
                return None;
            }
        }
        Some(Path { steps, span: self.span_from(start) })
    }

    fn item_step(&mut self, is_expand: bool, is_first: bool) -> Option<Step> {
        match self.token.kind {
            Kind::Name => {
                let is_all = self.is_behind('.');
                // A function's parameters are bare names; options have `=`.
                let is_function = !is_expand && self.is_behind('(') && self.parameters_follow();
                let token = self.bump();
                let name = self.checked_name(token);
                if is_all && !is_expand {
                    self.bump();
                    if !self.at_mark('*') {
                        self.expected("`*`");
                        return None;
                    }
                    let star = self.bump();
                    return Some(Step::Star(Some(name), self.source.span(token.start, star.end)));
                }
                if is_function {
                    let arguments = self.arguments(Self::argument);
                    let span = self.span_from(token.start);
                    return Some(Step::Invoke(Invoke { name, arguments, span }));
                }
                Some(Step::Name(name))
            }
            Kind::At => Some(self.at_step(false)),
            Kind::Mark('*') => {
                let token = self.bump();
                Some(Step::Star(None, self.span_of(token)))
            }
            Kind::Dollar if is_expand && self.word() == "$value" && is_first => Some(self.system_step()),
            Kind::Dollar if is_expand && self.word() == "$ref" && !is_first => Some(self.system_step()),
            Kind::Dollar if is_expand && self.word() == "$count" && !is_first => Some(self.count()),
            _ => {
                self.expected(if is_expand { "a path to expand" } else { "a path to select" });
                None
            }
        }
    }

    fn system_step(&mut self) -> Step {
        let token = self.bump();
        Step::System(self.name(token))
    }

    /// Whether parentheses behind the next name hold names alone.
    fn parameters_follow(&mut self) -> bool {
        let rest = self.text().get(self.token.end + 1..).unwrap_or("");
        let first = rest.trim_start().split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
        let behind = rest.trim_start().get(first.len()..).unwrap_or("");
        !first.is_empty() && behind.trim_start().starts_with([',', ')'])
    }

    /// The options of `$count(…)`.
    pub(super) fn count_options(&mut self) -> Vec<QueryOption> {
        self.options(OF_COUNT, false)
    }

    /// `(option;option)`.
    fn options(&mut self, allowed: &[Known], takes_aliases: bool) -> Vec<QueryOption> {
        let (mut options, mut seen): (Vec<QueryOption>, _) = (Vec::new(), HashSet::default());
        let outer = std::mem::replace(&mut self.in_options, true);
        if let Some(opened) = self.open(')') {
            loop {
                match self.option(allowed, takes_aliases) {
                    Some(option) => {
                        self.repeated(&mut seen, &option.name);
                        options.push(option);
                    }
                    None => self.recover_option(),
                }
                if !matches!(self.token.kind, Kind::End | Kind::Mark(')' | ';')) {
                    if self.n_errors == 0 {
                        self.expected("`;` or `)`");
                    }
                    self.recover_option();
                }
                if !self.take_mark(';') || self.stopped {
                    break;
                }
            }
            self.in_options = outer;
            self.shut(opened);
        }
        self.in_options = outer;
        options
    }

    /// `name=value`.
    fn option(&mut self, allowed: &[Known], takes_aliases: bool) -> Option<QueryOption> {
        let start = self.token.start;
        let is_name = matches!(self.token.kind, Kind::Dollar | Kind::Name | Kind::At);
        if !is_name || !self.is_behind('=') {
            self.expected("an option such as `$filter=…`");
            return None;
        }
        let token = self.bump();
        let name = self.name(token);
        self.bump();
        self.node();
        if token.kind == Kind::At {
            if !takes_aliases {
                self.misplaced(&name);
                return None;
            }
            let value = OptionValue::Alias(self.expr());
            return Some(QueryOption { name, value, span: self.span_from(start) });
        }
        let Some(option) = Known::named(&name.text) else {
            self.unknown_option(&name.text, name.span);
            return None;
        };
        if !allowed.contains(&option) {
            self.misplaced(&name);
            return None;
        }
        let value = self.value(option);
        Some(QueryOption { name, value, span: self.span_from(start) })
    }

    fn misplaced(&mut self, name: &Name) {
        let wrong = format!("`{}` may not stand in these parentheses", name.text);
        self.report(Diagnostic::error(Code::UnknownOption, name.span, wrong));
    }
}
