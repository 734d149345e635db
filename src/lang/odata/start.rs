//! The parts of the language that a text can be read as, by the names of the standard's grammar and by short ones of ours.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::limits::Limits;
use crate::base::span::Span;
use crate::lang::odata::ast::option::{OptionValue, Request};
use crate::lang::odata::ast::{Expr, Form, LambdaKind, Literal, LiteralKind, Step, TypedKind, Variable};
use crate::lang::odata::literal::{
    MOST_OF_NAME, Scan, base64, boolean, date, date_time_offset, dotted, duration, geo, guid, identifier, integer, is,
    members, nan_or_infinity, number, time_of_day,
};
use crate::lang::odata::mode::{Habit, Mode};
use crate::lang::odata::parse::{
    Parsed, read_argument, read_expr, read_lambda, read_option, read_request, read_resource,
};
use crate::lang::odata::print::{
    parenthesised_expr, parenthesised_option, parenthesised_request, parenthesised_step, print_argument, print_expr,
    print_option, print_request, print_step,
};
use crate::lang::odata::system::SystemOption;

/// A part of the language.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    /// A path and options.
    Request,
    /// A path alone.
    Resource,
    /// One option; its name may be left out.
    Option(SystemOption),
    /// One option, with its name, of those that fit.
    Named(fn(&OptionValue, &str) -> bool),
    /// An expression, if it fits.
    Expr(fn(&Expr) -> bool),
    /// `any(…)` or `all(…)` without a path.
    Lambda(LambdaKind),
    /// `name=value`.
    Argument,
    /// A literal as it stands in a URL, if it fits.
    Literal(fn(&Literal) -> bool),
    /// A value as it stands in a document, where nothing is encoded, if it fits.
    Value(fn(&str) -> bool),
}

/// What reading a text as a part of the language comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The text in canonical form.
    pub(crate) printed: String,
    /// The text with parentheses around every operator.
    pub(crate) parenthesised: String,
    /// Where something stands that only v2/v3 have, if anything does.
    pub(crate) old: Option<(Span, Box<str>)>,
    /// The request, if the text is one or a part of one.
    pub(crate) request: Option<Request>,
    /// The expression, if the text is one.
    pub(crate) expr: Option<Expr>,
}

/// Every part by name.
pub(super) const PARTS: &[(&str, Start)] = &[
    ("options", Start::Request),
    ("queryOptions", Start::Request),
    ("odataRelativeUri", Start::Request),
    ("resourcePath", Start::Resource),
    ("filter", Start::Option(SystemOption::Filter)),
    ("orderby", Start::Option(SystemOption::OrderBy)),
    ("orderbyItem", Start::Option(SystemOption::OrderBy)),
    ("apply", Start::Option(SystemOption::Apply)),
    ("applyExpr", Start::Option(SystemOption::Apply)),
    ("applyTrafo", Start::Option(SystemOption::Apply)),
    ("compute", Start::Option(SystemOption::Compute)),
    ("computeItem", Start::Option(SystemOption::Compute)),
    ("search", Start::Option(SystemOption::Search)),
    ("searchExpr", Start::Option(SystemOption::Search)),
    ("select", Start::Option(SystemOption::Select)),
    ("selectItem", Start::Option(SystemOption::Select)),
    ("expand", Start::Option(SystemOption::Expand)),
    ("expandItem", Start::Option(SystemOption::Expand)),
    ("top", Start::Option(SystemOption::Top)),
    ("skip", Start::Option(SystemOption::Skip)),
    ("count", Start::Option(SystemOption::Count)),
    ("inlinecount", Start::Option(SystemOption::Count)),
    ("format", Start::Option(SystemOption::Format)),
    ("levels", Start::Option(SystemOption::Levels)),
    ("index", Start::Option(SystemOption::Index)),
    ("id", Start::Option(SystemOption::Id)),
    ("schemaversion", Start::Option(SystemOption::SchemaVersion)),
    ("skiptoken", Start::Option(SystemOption::SkipToken)),
    ("deltatoken", Start::Option(SystemOption::DeltaToken)),
    ("queryOption", Start::Named(|_, _| true)),
    ("systemQueryOption", Start::Named(|_, name| SystemOption::named(name).is_some())),
    (
        "customQueryOption",
        Start::Named(|value, name| matches!(value, OptionValue::Text(_)) && SystemOption::named(name).is_none()),
    ),
    ("aliasAndValue", Start::Named(|value, _| matches!(value, OptionValue::Alias(_)))),
    ("nameAndValue", Start::Named(|value, _| matches!(value, OptionValue::Text(Some(_))))),
    ("expr", Start::Expr(|_| true)),
    ("commonExpr", Start::Expr(|_| true)),
    ("boolCommonExpr", Start::Expr(|_| true)),
    ("parameterValue", Start::Expr(|_| true)),
    ("firstMemberExpr", Start::Expr(|expr| matches!(expr, Expr::Path(_)))),
    ("memberExpr", Start::Expr(|expr| matches!(expr, Expr::Path(_)))),
    ("directMemberExpr", Start::Expr(|expr| matches!(expr, Expr::Path(_)))),
    ("propertyPathExpr", Start::Expr(|expr| matches!(expr, Expr::Path(_)))),
    ("functionExpr", Start::Expr(|expr| matches!(expr, Expr::Path(_)))),
    ("annotationExpr", Start::Expr(|expr| matches!(expr, Expr::Path(_)))),
    ("rootExpr", Start::Expr(is_rooted)),
    ("methodCallExpr", Start::Expr(|expr| matches!(expr, Expr::Call(_) | Expr::Case(_)))),
    ("boolMethodCallExpr", Start::Expr(|expr| matches!(expr, Expr::Call(_)))),
    ("caseMethodCallExpr", Start::Expr(|expr| matches!(expr, Expr::Case(_)))),
    ("castExpr", Start::Expr(|expr| matches!(expr, Expr::Typed(typed) if typed.kind == TypedKind::Cast))),
    ("isofExpr", Start::Expr(|expr| matches!(expr, Expr::Typed(typed) if typed.kind == TypedKind::IsOf))),
    ("parenExpr", Start::Expr(|expr| matches!(expr, Expr::Group(..)))),
    ("notExpr", Start::Expr(|expr| matches!(expr, Expr::Not(_) | Expr::Chain(_)))),
    ("negateExpr", Start::Expr(|expr| matches!(expr, Expr::Negate(_) | Expr::Chain(_) | Expr::Literal(_)))),
    ("arrayOrObject", Start::Expr(|expr| matches!(expr, Expr::Array(..) | Expr::Object(..)))),
    ("anyExpr", Start::Lambda(LambdaKind::Any)),
    ("allExpr", Start::Lambda(LambdaKind::All)),
    ("functionParameter", Start::Argument),
    ("functionExprParameter", Start::Argument),
    ("literal", Start::Literal(|_| true)),
    ("primitiveLiteral", Start::Literal(|literal| literal.kind != LiteralKind::JsonString)),
    ("null", Start::Literal(|literal| literal.kind == LiteralKind::Null)),
    ("boolean", Start::Literal(|literal| literal.kind == LiteralKind::Boolean)),
    ("guid", Start::Literal(|literal| matches!(literal.kind, LiteralKind::Guid(Form::Bare)))),
    ("date", Start::Literal(|literal| literal.kind == LiteralKind::Date)),
    ("dateTimeOffsetLiteral", Start::Literal(is_date_time)),
    ("dateTimeOffsetValueInUrl", Start::Literal(is_date_time)),
    ("timeOfDayLiteral", Start::Literal(|literal| literal.kind == LiteralKind::TimeOfDay)),
    ("timeOfDayValueInUrl", Start::Literal(|literal| literal.kind == LiteralKind::TimeOfDay)),
    ("decimalLiteral", Start::Literal(is_number)),
    ("doubleLiteral", Start::Literal(is_number)),
    ("singleLiteral", Start::Literal(is_number)),
    ("sbyteLiteral", Start::Literal(|literal| is_integer(literal, 3))),
    ("byte", Start::Literal(|literal| is_integer(literal, 3) && !literal.text.starts_with(['+', '-']))),
    ("int16Literal", Start::Literal(|literal| is_integer(literal, 5))),
    ("int32Literal", Start::Literal(|literal| is_integer(literal, 10))),
    ("int64Literal", Start::Literal(|literal| is_integer(literal, 19))),
    ("stringLiteral", Start::Literal(|literal| literal.kind == LiteralKind::String)),
    ("stringInUrl", Start::Literal(|literal| literal.kind == LiteralKind::JsonString)),
    ("durationLiteral", Start::Literal(|literal| is_quoted(literal, &LiteralKind::Duration, duration))),
    ("binaryLiteral", Start::Literal(|literal| literal.kind == LiteralKind::Binary && is(&literal.text, base64))),
    (
        "enumLiteral",
        Start::Literal(|literal| {
            matches!(literal.kind, LiteralKind::Enum(_)) || is_quoted(literal, &LiteralKind::String, members)
        }),
    ),
    ("booleanValue", Start::Value(|text| text == "true" || text == "false")),
    ("guidValue", Start::Value(|text| is(text, guid))),
    ("dateValue", Start::Value(|text| is(text, date))),
    ("dateTimeOffsetValue", Start::Value(|text| is(text, date_time_offset))),
    ("timeOfDayValue", Start::Value(|text| is(text, time_of_day))),
    ("durationValue", Start::Value(|text| is(text, duration))),
    ("decimalValue", Start::Value(is_number_value)),
    ("doubleValue", Start::Value(is_number_value)),
    ("singleValue", Start::Value(is_number_value)),
    ("byteValue", Start::Value(|text| is(text, integer(3)) && !text.starts_with(['+', '-']))),
    ("sbyteValue", Start::Value(|text| is(text, integer(3)))),
    ("int16Value", Start::Value(|text| is(text, integer(5)))),
    ("int32Value", Start::Value(|text| is(text, integer(10)))),
    ("int64Value", Start::Value(|text| is(text, integer(19)))),
    ("binaryValue", Start::Value(|text| is(text, base64))),
    ("enumValue", Start::Value(|text| is(text, members))),
    ("primitiveValue", Start::Value(is_value)),
    ("odataIdentifier", Start::Value(|text| is(text, identifier) && text.chars().count() <= MOST_OF_NAME)),
    ("namespace", Start::Value(|text| is(text, dotted))),
];

/// Prefixes of the names of the rules of geography, in a URL and in a document.
const GEO: [&str; 3] = ["geography", "geometry", "full"];

impl Start {
    /// The part of that name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if let Some((_, start)) = PARTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Some(*start);
        }
        match GEO.into_iter().find(|prefix| name.starts_with(prefix)) {
            Some("full") => Some(Self::Value(|text| is(text, geo))),
            Some(_) => Some(Self::Literal(|literal| matches!(literal.kind, LiteralKind::Geo(_)))),
            None => None,
        }
    }

    /// Reads a text as that part.
    pub(crate) fn read(self, text: &str, mode: Mode, limits: &Limits) -> Reading {
        let of_request = |parsed: Parsed<Request>| Reading {
            printed: print_request(&parsed.tree),
            parenthesised: parenthesised_request(&parsed.tree),
            diagnostics: parsed.diagnostics,
            old: parsed.old,
            request: Some(parsed.tree),
            expr: None,
        };
        let of_option = |parsed: Parsed<Request>| {
            let option = parsed.tree.options.first();
            let printed = option.map(print_option).unwrap_or_default();
            let parenthesised = option.map(parenthesised_option).unwrap_or_default();
            Reading { printed, parenthesised, ..of_request(parsed) }
        };
        match self {
            Self::Request => of_request(read_request(text, mode, limits)),
            Self::Resource => of_request(read_resource(text, mode, limits)),
            Self::Option(option) => of_option(read_option(text, Some(option), mode, limits)),
            Self::Named(fits) => {
                let parsed = read_option(text, None, mode, limits);
                let is_fit = parsed.tree.options.iter().all(|option| fits(&option.value, &option.name.text));
                unless(of_option(parsed), is_fit, text)
            }
            Self::Expr(fits) => {
                let parsed = read_expr(text, mode, limits);
                let is_fit = matches!(parsed.tree, Expr::Error(_)) || fits(&parsed.tree);
                unless(of_expr(parsed), is_fit, text)
            }
            Self::Literal(fits) => {
                let parsed = read_expr(text, mode, limits);
                let is_fit = match &parsed.tree {
                    Expr::Literal(literal) => fits(literal),
                    expr => matches!(expr, Expr::Error(_)),
                };
                let mut parsed = parsed;
                // A string in double quotes is one here.
                let is_quoted = matches!(&parsed.tree, Expr::Literal(one) if one.kind == LiteralKind::JsonString);
                let of_quotes = Habit::DoubleQuotes.message();
                parsed.diagnostics.retain(|d| !is_quoted || !is_fit || d.message() != of_quotes);
                unless(of_expr(parsed), is_fit, text)
            }
            Self::Lambda(kind) => {
                let parsed = read_lambda(text, kind, mode, limits);
                let (printed, parenthesised) = (print_step(&parsed.tree), parenthesised_step(&parsed.tree));
                Reading {
                    diagnostics: parsed.diagnostics,
                    printed,
                    parenthesised,
                    old: parsed.old,
                    request: None,
                    expr: None,
                }
            }
            Self::Argument => {
                let parsed = read_argument(text, mode, limits);
                let printed = print_argument(&parsed.tree);
                let is_named = parsed.tree.name.is_some();
                let parenthesised = printed.clone();
                let reading = Reading {
                    diagnostics: parsed.diagnostics,
                    printed,
                    parenthesised,
                    old: parsed.old,
                    request: None,
                    expr: None,
                };
                unless(reading, is_named, text)
            }
            Self::Value(fits) => {
                let reading = Reading {
                    diagnostics: Vec::new(),
                    printed: text.to_owned(),
                    parenthesised: text.to_owned(),
                    old: None,
                    request: None,
                    expr: None,
                };
                unless(reading, fits(text), text)
            }
        }
    }
}

fn of_expr(parsed: Parsed<Expr>) -> Reading {
    Reading {
        printed: print_expr(&parsed.tree),
        parenthesised: parenthesised_expr(&parsed.tree),
        diagnostics: parsed.diagnostics,
        old: parsed.old,
        request: None,
        expr: Some(parsed.tree),
    }
}

/// Tells that a text is something else than was asked for, unless it is that or has a mistake anyway.
fn unless(mut reading: Reading, fits: bool, text: &str) -> Reading {
    let is_wrong = |d: &Diagnostic| d.severity() == Severity::Error;
    if !fits && !reading.diagnostics.iter().any(is_wrong) {
        let message = "the text is none of what it is read as";
        reading.diagnostics.push(Diagnostic::error(Code::InvalidLiteral, Span::new(0, text.len()), message));
    }
    reading
}

fn is_rooted(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if matches!(path.steps.first(), Some(Step::Variable(Variable::Root, _))))
}

fn is_date_time(literal: &Literal) -> bool {
    matches!(literal.kind, LiteralKind::DateTimeOffset(Form::Bare))
}

fn is_number(literal: &Literal) -> bool {
    matches!(literal.kind, LiteralKind::Integer | LiteralKind::Number)
}

fn is_integer(literal: &Literal, most: usize) -> bool {
    literal.kind == LiteralKind::Integer && is(&literal.text, integer(most))
}

/// A literal of a kind, or a string that could be one.
fn is_quoted(literal: &Literal, kind: &LiteralKind, shape: impl Fn(&str) -> Scan<'_>) -> bool {
    literal.kind == *kind && *kind != LiteralKind::String
        || literal.kind == LiteralKind::String && is(&literal.text, shape)
}

fn is_number_value(text: &str) -> bool {
    is(text, number) || is(text, nan_or_infinity)
}

/// Any value of a primitive type.
fn is_value(text: &str) -> bool {
    let shapes: [fn(&str) -> Scan<'_>; 9] =
        [boolean, guid, duration, date_time_offset, date, time_of_day, members, geo, base64];
    is_number_value(text) || (!text.is_empty() && shapes.into_iter().any(|shape| is(text, shape)))
}
