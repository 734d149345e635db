//! Boolean functions: tests of a FACETED, and clauses of a filter. They say what operators say, and compare fields with
//! fields.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::suggest::nearest;
use crate::lang::tql::ast::{Argument, CALLED_MEASURES, Call, Clause, Op, Word, is_called_measure};
use crate::lang::tql::parse::aggregate_in_filter;
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Named, Schema};
use crate::model::time::Zone;
use crate::model::time::parse::parse_span;
use crate::query::bind::Binder;
use crate::query::bind::aggregate::UNMATCHED;
use crate::query::bind::clause::Comparison;
use crate::query::predicate::{Leaf, Node, NodeId, Order, Shift, Side};
use crate::query::print::field_name;

/// What a function that is true or false of a row takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Tests,
    OneTest,
    Field,
    /// A field, and what it has in common with that operator's right side.
    Operand(Op),
    /// A field, perhaps moved in time, and a value or another field.
    Sides(Op),
    Nothing,
}

/// The functions that are true or false of a row.
pub(crate) const TESTS: [(&str, Takes); 13] = [
    ("Equal", Takes::Sides(Op::Eq)),
    ("NotEqual", Takes::Sides(Op::Ne)),
    ("GreaterThan", Takes::Sides(Op::Gt)),
    ("GreaterThanOrEqual", Takes::Sides(Op::Ge)),
    ("LessThan", Takes::Sides(Op::Lt)),
    ("LessThanOrEqual", Takes::Sides(Op::Le)),
    ("AndArgs", Takes::Tests),
    ("OrArgs", Takes::Tests),
    ("Not", Takes::OneTest),
    ("Contains", Takes::Operand(Op::Contains)),
    ("In", Takes::Operand(Op::In)),
    ("IsEmpty", Takes::Field),
    (UNMATCHED, Takes::Nothing),
];

/// What they and their arguments look like.
const EXAMPLES: [(&str, &str); 15] = [
    ("Equal", "Equal(Status, Passed)"),
    ("NotEqual", "NotEqual(Status, Passed)"),
    ("GreaterThan", "GreaterThan(FinishedAt, PlannedAt)"),
    ("GreaterThanOrEqual", "GreaterThanOrEqual(FinishedAt, PlannedAt)"),
    ("LessThan", "LessThan(FinishedAt, PlannedAt)"),
    ("LessThanOrEqual", "LessThanOrEqual(FinishedAt, PlannedAt)"),
    ("AndArgs", "AndArgs(Equal(Status, Failed), IsEmpty(Owner))"),
    ("OrArgs", "OrArgs(Equal(Status, Failed), IsEmpty(Owner))"),
    ("Not", "Not(IsEmpty(Owner))"),
    ("Contains", "Contains(Name, login)"),
    ("In", "In(Status, Passed, Failed)"),
    ("IsEmpty", "IsEmpty(Owner)"),
    (UNMATCHED, "FACETED Equal(Status, Passed), Unmatched() { COUNT }"),
    ("DateAdd", "DateAdd(StartedAt, \"1 day\")"),
    ("DateSubtract", "DateSubtract(FinishedAt, \"1 day\")"),
];

/// The functions that move a field in time, each with whether it moves back.
pub(crate) const SHIFTS: [(&str, bool); 2] = [("DateAdd", false), ("DateSubtract", true)];

impl Binder<'_, '_> {
    /// A boolean function; what is wrong is reported and no row satisfies it.
    pub(super) fn facet(&mut self, call: &Call) -> NodeId {
        let name = &call.name.text;
        let Some((test, takes)) = test_named(name) else {
            self.unknown_test(call);
            return self.constant(false);
        };
        match (takes, &call.arguments[..]) {
            (Takes::Tests, [_, ..]) => {
                let mut parts = Vec::with_capacity(call.arguments.len());
                for argument in &call.arguments {
                    parts.push(self.inner_test(argument, test));
                }
                self.join_all(parts, test == "AndArgs")
            }
            (Takes::OneTest, [argument]) => {
                let inner = self.inner_test(argument, test);
                self.builder.push(Node::Not(inner))
            }
            (Takes::Field, [Argument::Word(field)]) => {
                self.clause(&Clause::IsEmpty { field: field.clone(), negated: false, span: call.span })
            }
            (Takes::Operand(op @ Op::Contains), [Argument::Word(field), value]) => {
                self.operator(call, field, op, value)
            }
            (Takes::Operand(op @ Op::In), [Argument::Word(field), list @ Argument::List(..)]) => {
                self.operator(call, field, op, list)
            }
            (Takes::Operand(op @ Op::In), [Argument::Word(field), values @ .., last]) => {
                let span = values.first().unwrap_or(last).span().to(last.span());
                let members = Argument::List(call.arguments.get(1..).unwrap_or_default().to_vec(), span);
                self.operator(call, field, op, &members)
            }
            (Takes::Sides(op), [left, right]) => self.comparison(test, op, call, left, right),
            (Takes::Nothing, _) => {
                let message =
                    "`Unmatched` stands for the rows of no other facet, so only among the facets of a FACETED";
                self.wrong_test(call, message)
            }
            _ => {
                let takes = match takes {
                    Takes::Tests => "at least one test",
                    Takes::OneTest => "one test",
                    Takes::Field => "one field",
                    Takes::Operand(Op::Contains) => "a field and a search text",
                    Takes::Operand(_) => "a field and values",
                    Takes::Sides(_) | Takes::Nothing => "two arguments, of which one is a field",
                };
                self.wrong_test(call, &format!("`{test}` takes {takes}"))
            }
        }
    }

    fn unknown_test(&mut self, call: &Call) {
        let (name, span) = (&call.name.text, call.name.span);
        if is_called_measure(name) {
            return self.report(aggregate_in_filter(name, span));
        }
        let wrong = Diagnostic::error(Code::UnknownFunction, span, format!("no test or aggregate is called `{name}`"));
        self.report(match nearest(name, TESTS.map(|(test, _)| test).into_iter().chain(CALLED_MEASURES)) {
            Some(near) => wrong.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
            None => wrong.help(format!(
                "there are the tests {}; aggregates are {}",
                TESTS.map(|(test, _)| test).join(", "),
                CALLED_MEASURES.join(", ")
            )),
        });
    }

    /// A test inside another.
    fn inner_test(&mut self, argument: &Argument, around: &str) -> NodeId {
        match argument {
            Argument::Call(call) => self.facet(call),
            Argument::Error(_) => self.constant(false),
            other => {
                let message = format!("`{around}` takes tests such as `Equal(Status, Passed)`");
                self.report(Diagnostic::error(Code::WrongArgument, other.span(), message));
                self.constant(false)
            }
        }
    }

    /// What an operator says of a field and a value.
    fn operator(&mut self, call: &Call, field: &Word, op: Op, value: &Argument) -> NodeId {
        self.comparison_of(Comparison { field, op, op_span: call.name.span, value, function: Some(&call.name.text) })
    }

    /// A comparison of a field with a value, or of two fields.
    fn comparison(&mut self, test: &str, op: Op, call: &Call, left: &Argument, right: &Argument) -> NodeId {
        let (order, turned) = match op {
            Op::Gt => (Order::Greater, Op::Lt),
            Op::Ge => (Order::GreaterOrEqual, Op::Le),
            Op::Lt => (Order::Less, Op::Gt),
            Op::Le => (Order::LessOrEqual, Op::Ge),
            same => (Order::Equal, same),
        };
        match (self.is_field(left), self.is_field(right), left, right) {
            (_, false, Argument::Word(field), value) => self.operator(call, field, op, value),
            (false, true, value, Argument::Word(field)) => self.operator(call, field, turned, value),
            (true, true, ..) => {
                let (Some(a), Some(b)) = (self.side(left), self.side(right)) else { return self.constant(false) };
                let equal = self.compare_sides(call, a, order, b);
                if op == Op::Ne { self.builder.push(Node::Not(equal)) } else { equal }
            }
            (true, false, ..) | (false, true, ..) => {
                let message = "a field moved in time is compared with another field";
                let wrong = Diagnostic::error(Code::WrongArgument, call.span, message);
                self.report(wrong.help("beside a value the field stands as it is, and the value is moved instead"));
                self.constant(false)
            }
            _ => self.wrong_test(call, &format!("`{test}` compares fields, or a field with a value")),
        }
    }

    /// Whether an argument is a field rather than a value: a name without quotes unless it needs them, or `DateAdd` and
    /// `DateSubtract`.
    fn is_field(&self, argument: &Argument) -> bool {
        match argument {
            Argument::Word(word) => is_field_name(word, self.env.schema),
            Argument::Call(call) => shift_sign(call).is_some(),
            _ => false,
        }
    }

    /// A field, perhaps moved in time.
    fn side(&mut self, argument: &Argument) -> Option<(Side, Word)> {
        match argument {
            Argument::Word(name) => {
                let side = Side { field: self.compared_field(name)?, shift: None };
                Some((side, name.clone()))
            }
            Argument::Call(call) => self.shifted(call),
            _ => None,
        }
    }

    /// `DateAdd(field, span)`, where the span is written or another field's duration.
    fn shifted(&mut self, call: &Call) -> Option<(Side, Word)> {
        let negative = shift_sign(call)?;
        let function = &call.name.text;
        let [Argument::Word(name), Argument::Word(by)] = &call.arguments[..] else {
            self.wrong_test(call, &format!("`{function}` takes a field of instants or days, and a span"));
            return None;
        };
        let field = self.compared_field(name)?;
        let kind = self.env.schema.field(field).kind;
        let zone = match kind {
            Kind::DateTime => self.env.zone.clone(),
            Kind::Date => Zone::utc(),
            _ => {
                let message = format!("`{function}` does not work on `{}`, which is {kind}", name.text);
                let wrong = Diagnostic::error(Code::WrongArgument, name.span, message);
                self.report(wrong.help("instants and days are moved"));
                return None;
            }
        };
        let duration = match self.env.schema.lookup(&by.text) {
            Some(Named::Field(id)) if may_be_name(by) => Some(id),
            _ => None,
        };
        let shift = match duration {
            Some(id) if kind == Kind::DateTime && self.env.schema.field(id).kind == Kind::Duration => {
                Shift::Field { field: id, negative }
            }
            Some(_) => {
                let message = format!("`{}` is no duration to move instants by", by.text);
                let wrong = Diagnostic::error(Code::WrongArgument, by.span, message);
                self.report(wrong.help("instants move by a duration field or a span such as `1 day`, days by a span"));
                return None;
            }
            None => {
                let unsigned = !by.text.starts_with(['-', '+']);
                let written = if unsigned { format!("+{}", by.text) } else { by.text.to_string() };
                let Some(mut span) = parse_span(&written) else {
                    let wrong = Diagnostic::error(Code::WrongArgument, by.span, format!("`{}` is no span", by.text));
                    self.report(wrong.help("spans are such as `1 day` or `2w 3h`"));
                    return None;
                };
                span.negative ^= negative;
                Shift::Span(span, zone)
            }
        };
        Some((Side { field, shift: Some(shift) }, name.clone()))
    }

    /// A field with one value in a row.
    fn compared_field(&mut self, name: &Word) -> Option<FieldId> {
        let several = match self.lookup(name)? {
            Named::Field(field) if !self.env.schema.field(field).multi => return Some(field),
            _ => "has several values in a row",
        };
        let message = format!("`{}` {several} and cannot be compared with another field", name.text);
        let wrong = Diagnostic::error(Code::WrongArgument, name.span, message);
        self.report(wrong.help("fields that have one value in a row are compared with one another"));
        None
    }

    fn compare_sides(&mut self, call: &Call, left: (Side, Word), order: Order, right: (Side, Word)) -> NodeId {
        let ((left, left_name), (right, right_name)) = (left, right);
        let kind = |side: &Side| self.env.schema.field(side.field).kind;
        let (a, b) = (kind(&left), kind(&right));
        let has_order = matches!(a, Kind::Integer | Kind::Decimal | Kind::DateTime | Kind::Date | Kind::Duration);
        if !are_alike(a, b) {
            let message = format!(
                "`{}` is {a} and `{}` is {b}, which are not compared with one another",
                left_name.text, right_name.text
            );
            return self.incomparable(call, &message);
        }
        if order != Order::Equal && !has_order {
            return self.incomparable(call, &format!("{a} fields are equal or not, none is greater"));
        }
        self.builder.push(Node::Leaf(Leaf::Compare { left, order, right }))
    }

    fn wrong_test(&mut self, call: &Call, message: &str) -> NodeId {
        if call.has_mistakes() {
            return self.constant(false);
        }
        let wrong = Diagnostic::error(Code::WrongArgument, call.span, message);
        let example = EXAMPLES.iter().find(|(name, _)| name.eq_ignore_ascii_case(&call.name.text));
        self.report(match example {
            Some((_, example)) => wrong.help(format!("write it as in `{example}`")),
            None => wrong,
        });
        self.constant(false)
    }

    fn incomparable(&mut self, call: &Call, message: &str) -> NodeId {
        let wrong = Diagnostic::error(Code::WrongArgument, call.span, message);
        self.report(wrong.help("numbers, instants, days and durations have an order, each among themselves"));
        self.constant(false)
    }
}

/// Whether a word may name a field rather than be a value: it has quotes only if such a name needs them.
fn may_be_name(word: &Word) -> bool {
    !word.quoted || field_name(&word.text) != *word.text
}

/// Whether a word among values and fields is a field's name.
pub(crate) fn is_field_name(word: &Word, schema: &Schema) -> bool {
    may_be_name(word) && schema.lookup(&word.text).is_some()
}

/// Whether a function moves back in time, if it moves in time at all.
fn shift_sign(call: &Call) -> Option<bool> {
    SHIFTS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(&call.name.text)).map(|(_, is_back)| is_back)
}

/// The boolean function of that name, as it is usually spelt.
pub(crate) fn test_named(name: &str) -> Option<(&'static str, Takes)> {
    TESTS.into_iter().find(|(test, _)| test.eq_ignore_ascii_case(name))
}

/// Whether fields of two kinds are compared with one another.
pub(crate) fn are_alike(a: Kind, b: Kind) -> bool {
    let is_plain = |kind| matches!(kind, Kind::Keyword | Kind::Status | Kind::User);
    let is_amount = |kind| matches!(kind, Kind::Integer | Kind::Decimal);
    (a == b && !matches!(a, Kind::Text | Kind::Relation | Kind::Path))
        || (is_plain(a) && is_plain(b))
        || (is_amount(a) && is_amount(b))
}
