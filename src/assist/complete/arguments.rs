//! What may stand in the parentheses of measures, selectors and tests: fields of the kinds that the function takes, values of
//! the field in front of them, further functions. The rules of kinds are those of `query::bind`.

use crate::assist::complete::offers::{Offers, Quoting, Scene};
use crate::base::diagnostic::Severity;
use crate::base::error::Result;
use crate::lang::tql::ast::{Argument, CALLED_MEASURES, Clause, Filter, Op, Operand, Query, Word};
use crate::lang::tql::place::{Given, OpenCall, Part};
use crate::model::field::Field;
use crate::model::kind::Kind;
use crate::model::schema::{Named, Schema};
use crate::query::bind::aggregate::is_measured;
use crate::query::bind::bind;
use crate::query::bind::clause::has_operator;
use crate::query::bind::facet::{SHIFTS, Takes, are_alike, is_field_name, test_named};
use crate::query::bind::function::functions_for;
use crate::query::bind::selector::{PERIOD_OPTIONS, SELECTORS, has_groups};
use crate::query::print::field_name;

/// Bytes of a value that is looked at once for each field.
const LONGEST_VALUE: usize = 1000;

/// The selectors that take others.
const AROUND: [&str; 2] = ["Fill", "Top"];

impl Offers {
    /// What the last of these calls takes behind its arguments so far.
    pub(super) fn argument(&mut self, part: Part, calls: &[OpenCall], scene: Scene<'_>) -> Result<()> {
        match (part, calls) {
            (Part::Measure, [OpenCall { function, arguments }]) if arguments.is_empty() => {
                if let Some(function) = named(&CALLED_MEASURES, function) {
                    self.fields(scene.schema(), |field| is_measured(function, field));
                }
            }
            (Part::Selector, _) => self.selector(calls, scene),
            (Part::Facet | Part::Clause, _) => self.test(calls, scene)?,
            (Part::Measure | Part::Value, _) => {}
        }
        Ok(())
    }

    fn selector(&mut self, calls: &[OpenCall], scene: Scene<'_>) {
        let Some((last, around)) = calls.split_last() else {
            self.fields(scene.schema(), Field::is_groupable);
            self.calls(SELECTORS);
            return;
        };
        match (named(&SELECTORS, &last.function), &last.arguments[..]) {
            (Some(function), []) => {
                let is_nested = around.iter().all(|call| AROUND.iter().any(|name| call.begins(name)));
                if is_nested {
                    // Each once, however often a text nests them.
                    let known = SELECTORS.map(|name| (name, calls.iter().any(|call| call.begins(name))));
                    let fits = |field: &Field| known.iter().all(|(name, is_used)| !is_used || has_groups(name, field));
                    self.fields(scene.schema(), fits);
                    let takes_others = AROUND.contains(&function);
                    self.calls(SELECTORS.into_iter().filter(|name| takes_others && !AROUND.contains(name)));
                }
            }
            (Some(function), [_, given @ ..]) if is_period(function) => {
                let is_given = |option: &str| {
                    given.iter().any(
                        |given| matches!(given, Given::Call { function, .. } if function.eq_ignore_ascii_case(option)),
                    )
                };
                self.calls(PERIOD_OPTIONS.into_iter().filter(|option| !is_given(option)));
            }
            (None, [] | [_]) if last.function.eq_ignore_ascii_case("Range") => {
                let period = around.last().filter(|call| named(&SELECTORS, &call.function).is_some_and(is_period));
                if let Some(Given::Word(field)) = period.and_then(|call| call.arguments.first())
                    && let Some(field) = scene.schema().field_named(&field.text)
                {
                    self.functions(scene, field, Op::Le);
                }
            }
            _ => {}
        }
    }

    fn test(&mut self, calls: &[OpenCall], scene: Scene<'_>) -> Result<()> {
        let schema = scene.schema();
        let Some((last, around)) = calls.split_last() else {
            self.tests(|_| true);
            return Ok(());
        };
        let Some((_, takes)) = test_named(&last.function) else {
            self.shift(last, around.last(), schema);
            return Ok(());
        };
        match (takes, &last.arguments[..]) {
            (Takes::Tests, _) | (Takes::OneTest, []) => self.tests(|takes| takes != Takes::Nothing),
            (Takes::Field, []) => self.names(scene),
            (Takes::Operand(op) | Takes::Sides(op), []) => {
                self.fields(schema, |field| has_operator(field.kind, op));
                if has_operator(Kind::Path, op) {
                    self.ancestors(schema);
                }
                if has_operator(Kind::Text, op) {
                    self.all_text(schema);
                }
                if let Takes::Sides(_) = takes {
                    self.shifts(schema, |_| true);
                }
            }
            (Takes::Operand(Op::Contains), [_, _, ..]) => {}
            (Takes::Operand(op), [Given::Word(field), ..]) => {
                if let Some(Named::Field(field) | Named::Ancestors(field)) = schema.lookup(&field.text) {
                    self.values(scene, field, op)?;
                    self.functions(scene, field, op);
                }
            }
            (Takes::Sides(op), [left]) => self.right_side(left, op, scene)?,
            _ => {}
        }
        Ok(())
    }

    /// What can be compared with a left side.
    fn right_side(&mut self, left: &Given, op: Op, scene: Scene<'_>) -> Result<()> {
        let schema = scene.schema();
        match left {
            Given::Word(word) if is_field_name(word, schema) => {
                let named = schema.lookup(&word.text);
                let Some(Named::Field(field) | Named::Ancestors(field)) = named else { return Ok(()) };
                let first = self.list.len();
                self.values(scene, field, op)?;
                // A value that is called like a field stands in quotes; where the field would too, it cannot be written.
                let values = self.list.split_off(first);
                self.list.extend(values.into_iter().filter_map(|mut value| {
                    if schema.lookup(&value.label).is_some() {
                        value.quoting = Quoting::Text;
                    }
                    (value.quoting == Quoting::Name || field_name(&value.label) == value.label).then_some(value)
                }));
                self.functions(scene, field, op);
                let declared = schema.field(field);
                if matches!(named, Some(Named::Field(_))) && !declared.multi && has_operator(declared.kind, op) {
                    self.alike(declared.kind, schema);
                }
            }
            Given::Word(word) if word.text.len() <= LONGEST_VALUE => {
                self.fields(schema, |field| has_operator(field.kind, op) && takes_value(field, op, word, scene));
            }
            Given::Call { function, first } if is_shift(function) => match moved(first.as_ref(), schema) {
                Some(kind) => self.alike(kind, schema),
                None => {
                    self.alike(Kind::DateTime, schema);
                    self.alike(Kind::Date, schema);
                }
            },
            Given::Call { function, .. } => {
                let gives = |kind: Kind| {
                    functions_for(kind, scene.ctx).iter().any(|known| known.name.eq_ignore_ascii_case(function))
                };
                self.fields(schema, |field| has_operator(field.kind, op) && gives(field.kind));
            }
            Given::Word(_) | Given::List => {}
        }
        Ok(())
    }

    /// Fields that can be compared with a field of a kind, and those moved in time.
    fn alike(&mut self, kind: Kind, schema: &Schema) {
        self.fields(schema, |field| !field.multi && are_alike(kind, field.kind));
        self.shifts(schema, |moved| are_alike(kind, moved));
    }

    /// The functions that move fields in time, if there are fields of such a kind.
    fn shifts(&mut self, schema: &Schema, fits: impl Fn(Kind) -> bool) {
        if schema.fields().iter().any(|field| is_time(field.kind) && fits(field.kind)) {
            self.calls(SHIFTS.map(|(name, _)| name));
        }
    }

    /// The field that is moved in a comparison, or the duration that it is moved by.
    fn shift(&mut self, call: &OpenCall, comparison: Option<&OpenCall>, schema: &Schema) {
        let takes = comparison.and_then(|comparison| test_named(&comparison.function));
        let (true, Some((_, Takes::Sides(_))), Some(comparison)) = (is_shift(&call.function), takes, comparison) else {
            return;
        };
        match &call.arguments[..] {
            [] => {
                let other = match comparison.arguments.first() {
                    Some(Given::Word(left)) => schema.field_named(&left.text).map(|field| schema.field(field).kind),
                    Some(Given::Call { first, .. }) => moved(first.as_ref(), schema),
                    Some(Given::List) | None => None,
                };
                self.fields(schema, |field| {
                    is_time(field.kind) && other.is_none_or(|kind| are_alike(kind, field.kind))
                });
            }
            [Given::Word(field)] if moved(Some(field), schema) == Some(Kind::DateTime) => {
                self.fields(schema, |field| field.kind == Kind::Duration);
            }
            _ => {}
        }
    }
}

impl OpenCall {
    /// Whether it is that function's and has no argument yet.
    fn begins(&self, function: &str) -> bool {
        self.arguments.is_empty() && self.function.eq_ignore_ascii_case(function)
    }
}

/// A name as the language spells it.
fn named(names: &[&'static str], name: &str) -> Option<&'static str> {
    names.iter().find(|known| known.eq_ignore_ascii_case(name)).copied()
}

fn is_period(selector: &str) -> bool {
    !AROUND.contains(&selector) && selector != "Bucket"
}

fn is_shift(function: &str) -> bool {
    SHIFTS.iter().any(|(name, _)| name.eq_ignore_ascii_case(function))
}

fn is_time(kind: Kind) -> bool {
    matches!(kind, Kind::DateTime | Kind::Date)
}

/// The kind of a field that is moved in time.
fn moved(field: Option<&Word>, schema: &Schema) -> Option<Kind> {
    let field = schema.field_named(&field?.text)?;
    Some(schema.field(field).kind).filter(|kind| is_time(*kind))
}

/// Whether a value as it is written can be compared with a field.
fn takes_value(field: &Field, op: Op, value: &Word, scene: Scene<'_>) -> bool {
    let name = Word { text: field.name().into(), ..value.clone() };
    let clause = Clause::Compare { field: name, op, op_span: value.span, value: Argument::Word(value.clone()) };
    let filter = Filter { first: Operand::Clause(clause), rest: Vec::new() };
    let mut diagnostics = Vec::new();
    bind(&Query { filter: Some(filter), ..Query::default() }, &scene.index.env(scene.ctx), &mut diagnostics);
    !diagnostics.iter().any(|d| d.severity() == Severity::Error)
}
