//! Aggregates: which functions a kind of field has, names of results. Selectors of GROUP BY are in `selector`, the tests of
//! FACETED in `facet`.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::hash::HashSet;
use crate::base::span::Span;
use crate::lang::tql::ast::{Aggregate, Argument, Call, Facet as WrittenFacet, Word, is_called_measure};
use crate::lang::tql::print::print_call;
use crate::model::decimal::Decimal;
use crate::model::field::Field;
use crate::model::kind::Kind;
use crate::model::ratio::Fraction;
use crate::model::schema::{FieldId, Named};
use crate::query::aggregate::{Entry, Facet, Function, REMAINDER, What};
use crate::query::bind::Binder;
use crate::query::predicate::{NodeId, Predicate};

/// The facet function that stands for the rows of no other facet.
pub(super) const UNMATCHED: &str = "Unmatched";

impl Binder<'_, '_> {
    /// The results of one block, in order. What is wrong with one is reported, and the others are bound all the same.
    pub(super) fn aggregates(&mut self, block: &[Aggregate]) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(block.len());
        let mut taken: HashSet<Arc<str>> = HashSet::default();
        for aggregate in block {
            let Some((entry, span)) = self.aggregate(aggregate) else { continue };
            let remainder = match &entry.what {
                What::Groups { selector, .. } if selector.top.is_some() => Some(format!("{}{REMAINDER}", entry.name)),
                _ => None,
            };
            let names = [Some(entry.name.clone()), remainder.map(Into::into)];
            for name in names.into_iter().flatten() {
                if taken.contains(&name) {
                    let message = format!("a result named `{name}` stands before this one");
                    self.report(Diagnostic::error(Code::RepeatedName, span, message).help("name it with AS"));
                }
                taken.insert(name);
            }
            entries.push(entry);
        }
        entries
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Option<(Entry, Span)> {
        match aggregate {
            Aggregate::Measure { name, arguments, alias, span } => {
                let (default, what) = self.measure(name, arguments, *span)?;
                Some((named(alias.as_ref(), default, what), alias.as_ref().map_or(*span, |alias| alias.span)))
            }
            Aggregate::GroupBy { selector, inner_alias, block, alias, .. } => {
                let bound = self.selector(selector);
                let block = self.aggregates(block);
                if let (Some(inner), Some(_)) = (inner_alias, alias) {
                    let message = "the name behind the block is the one that counts";
                    self.report(Diagnostic::warning(Code::RepeatedName, inner.span, message));
                }
                let alias = alias.as_ref().or(inner_alias.as_ref());
                let (name, selector, within) = bound?;
                let what = What::Groups { selector, within, block };
                let span = alias.map_or(aggregate_selector_span(aggregate), |alias| alias.span);
                Some((named(alias, format!("GroupBy{name}"), what), span))
            }
            Aggregate::Faceted { facets, block, alias, span } => {
                let facets = self.facets(facets);
                let block = self.aggregates(block);
                let what = What::Facets { facets, block };
                let place = alias.as_ref().map_or(Span::new(span.start as usize, span.start as usize + 7), |a| a.span);
                Some((named(alias.as_ref(), "Faceted".to_owned(), what), place))
            }
        }
    }

    /// A measure and its usual name.
    fn measure(&mut self, name: &Word, arguments: &[Argument], span: Span) -> Option<(String, What)> {
        if arguments.iter().any(|argument| matches!(argument, Argument::Error(_))) {
            return None;
        }
        let function = name.text.to_uppercase();
        let (field, rest) = match (&*function, arguments) {
            ("COUNT", []) => return Some(("COUNT".to_owned(), What::Count)),
            ("ENTITIES", []) => return Some(("ENTITIES".to_owned(), What::Rows)),
            (_, [Argument::Word(field), rest @ ..]) => (field, rest),
            _ => {
                self.wrong_measure(span, &format!("`{function}` takes the name of a field"));
                return None;
            }
        };
        if function == "PERCENTILE" {
            if self.field_stands_second(&function, arguments, "PERCENTILE(Duration, 95)") {
                return None;
            }
            let [Argument::Word(percent)] = rest else {
                let message = "`PERCENTILE` takes a field and a number from 0 to 100";
                self.wrong_measure(span, message);
                return None;
            };
            let id = self.measured(field, &function)?;
            let (fraction, shown) = self.percent(percent)?;
            let name = format!("Percentile({},{shown})", self.env.schema.field(id).name());
            return Some((name, What::Number(Function::Rank(fraction), id)));
        }
        if let Some(extra) = rest.first() {
            self.wrong_measure(span.to(extra.span()), &format!("`{function}` takes one field"));
            return None;
        }
        let half = Fraction { part: 1, whole: 2 };
        let (measure, shown) = match &*function {
            "MIN" => (Function::Min, "Min"),
            "MAX" => (Function::Max, "Max"),
            "SUM" => (Function::Sum, "Sum"),
            "AVG" => (Function::Average, "Avg"),
            "MEDIAN" => (Function::Rank(half), "Median"),
            _ => (Function::Distinct, "CountDistinct"),
        };
        let id = match measure {
            Function::Distinct => self.distinct_field(field)?,
            _ => self.measured(field, &function)?,
        };
        let name = format!("{shown}({})", self.env.schema.field(id).name());
        Some((name, What::Number(measure, id)))
    }

    /// A field that has the numbers a function needs.
    fn measured(&mut self, name: &Word, function: &str) -> Option<FieldId> {
        let field = self.single_field(name, function)?;
        let declared = self.env.schema.field(field);
        let kind = declared.kind;
        let is_time = matches!(kind, Kind::DateTime | Kind::Date);
        let text = &name.text;
        if !has_numbers(kind, function) {
            let wrong = Diagnostic::error(
                Code::WrongAggregate,
                name.span,
                format!("`{function}` does not work on `{text}`, which is {kind}"),
            );
            let help = match (is_time, declared.is_groupable()) {
                (true, _) => "instants and days have MIN, MAX, AVG, MEDIAN and PERCENTILE".to_owned(),
                (_, true) => format!("`COUNTDISTINCT({text})` counts its values, `GROUP BY {text}` lists them"),
                _ => "numbers, durations, instants and days have it".to_owned(),
            };
            self.report(wrong.help(help));
            return None;
        }
        if declared.multi {
            let message = format!("`{function}` does not work on `{text}`, which has several values in a row");
            self.report(
                Diagnostic::error(Code::WrongAggregate, name.span, message)
                    .help(format!("`COUNTDISTINCT({text})` works, and `GROUP BY {text}`")),
            );
            return None;
        }
        Some(field)
    }

    /// A field whose values can be told apart.
    fn distinct_field(&mut self, name: &Word) -> Option<FieldId> {
        let field = self.single_field(name, "COUNTDISTINCT")?;
        if !self.env.schema.field(field).is_groupable() {
            let kind = self.env.schema.field(field).kind;
            let message = format!("`COUNTDISTINCT` does not work on `{}`, which is {kind}", name.text);
            let help = match kind {
                Kind::Relation => "a keyword or guid field that holds the same keys has it",
                _ => "fields that rows can be grouped by have it",
            };
            self.report(Diagnostic::error(Code::WrongAggregate, name.span, message).help(help));
            return None;
        }
        Some(field)
    }

    /// The field of a name; reports names that stand for several values.
    fn single_field(&mut self, name: &Word, function: &str) -> Option<FieldId> {
        if let Named::Field(field) = self.lookup(name)? {
            return Some(field);
        }
        let message = format!("`{function}` takes a field, and `{}` stands for several values", name.text);
        self.report(Diagnostic::error(Code::WrongAggregate, name.span, message).help("name one field"));
        None
    }

    /// A percentage as a fraction, and how it is shown.
    fn percent(&mut self, word: &Word) -> Option<(Fraction, String)> {
        let percent: Option<Decimal> = word.text.parse().ok();
        let percent = percent.filter(|p| p.scale() <= MOST_PERCENT_DIGITS && p.mantissa() >= 0);
        let fraction = percent.and_then(|p| {
            let whole = 100 * 10u128.pow(p.scale().into());
            let part = p.mantissa().unsigned_abs();
            (part <= whole).then(|| (Fraction { part, whole }, p.to_string()))
        });
        if fraction.is_none() {
            let message = "`PERCENTILE` takes a number from 0 to 100 with at most 6 digits behind the point";
            self.wrong_measure(word.span, message);
        }
        fraction
    }

    fn wrong_measure(&mut self, span: Span, message: &str) {
        let help = "measures are such as `MAX(Duration)` or `PERCENTILE(Duration, 95)`";
        self.report(Diagnostic::error(Code::WrongArgument, span, message).help(help));
    }

    /// Facets, each a predicate of its own; `Unmatched()` is the complement of the others.
    fn facets(&mut self, written: &[WrittenFacet]) -> Vec<Facet> {
        let is_unmatched = |call: &Call| call.name.text.eq_ignore_ascii_case(UNMATCHED);
        let mut facets: Vec<Facet> = Vec::with_capacity(written.len());
        let mut taken: HashSet<Arc<str>> = HashSet::default();
        for WrittenFacet { test, alias } in written {
            let name: Arc<str> = match alias {
                Some(alias) => (*alias.text).into(),
                None => print_call(test).into(),
            };
            if !taken.insert(name.clone()) {
                let span = alias.as_ref().map_or(test.span, |alias| alias.span);
                let message = format!("a facet named `{name}` stands before this one");
                self.report(Diagnostic::error(Code::RepeatedName, span, message).help("name it with AS"));
            }
            let is_aggregate = is_called_measure(&test.name.text);
            if is_aggregate {
                let message = format!("the aggregate `{}` is no test of a row", test.name.text);
                let wrong = Diagnostic::error(Code::MisplacedAggregate, test.name.span, message);
                self.report(
                    wrong.help("facets are tests such as `Equal(Status, Passed)`; aggregates stand in the braces"),
                );
            }
            if is_unmatched(test) && !test.arguments.is_empty() {
                let wrong = Diagnostic::error(Code::WrongArgument, test.span, "`Unmatched` takes no arguments");
                self.report(wrong.fix("drop the arguments", test.span, "Unmatched()"));
            }
            // What is unmatched is known once all others are.
            let predicate = match is_unmatched(test) || is_aggregate {
                true => Predicate::constant(false),
                false => self.apart(|binder| binder.facet(test)),
            };
            facets.push(Facet { name, predicate });
        }
        let others: Vec<Predicate> = written
            .iter()
            .zip(&facets)
            .filter(|(written, _)| !is_unmatched(&written.test))
            .map(|(_, facet)| facet.predicate.clone())
            .collect();
        for (_, facet) in written.iter().zip(&mut facets).filter(|(written, _)| is_unmatched(&written.test)) {
            facet.predicate = Predicate::any(others.clone()).not();
        }
        facets
    }

    /// Binds to a predicate that shares no nodes with what is bound around it.
    pub(super) fn apart(&mut self, bind: impl FnOnce(&mut Self) -> NodeId) -> Predicate {
        let around = std::mem::take(&mut self.builder);
        let root = bind(self);
        std::mem::replace(&mut self.builder, around).finish(root)
    }
}

/// Whether a measure takes a field.
pub(crate) fn is_measured(function: &str, field: &Field) -> bool {
    match function {
        "COUNTDISTINCT" => field.is_groupable(),
        _ => has_numbers(field.kind, function) && !field.multi,
    }
}

/// Whether values of a kind are numbers to a measure; points in time are, but have no sum.
fn has_numbers(kind: Kind, function: &str) -> bool {
    match kind {
        Kind::Integer | Kind::Decimal | Kind::Duration => true,
        Kind::DateTime | Kind::Date => function != "SUM",
        _ => false,
    }
}

/// Digits behind the point of a percentage.
const MOST_PERCENT_DIGITS: u8 = 6;

fn named(alias: Option<&Word>, default: String, what: What) -> Entry {
    Entry { name: alias.map_or_else(|| default.into(), |alias| (*alias.text).into()), what }
}

/// Where a GROUP BY names what it groups by.
fn aggregate_selector_span(aggregate: &Aggregate) -> Span {
    match aggregate {
        Aggregate::GroupBy { selector, .. } => selector.span(),
        Aggregate::Measure { span, .. } | Aggregate::Faceted { span, .. } => *span,
    }
}
