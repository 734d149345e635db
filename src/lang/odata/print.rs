//! Trees back to text: encoded where a URL needs it, with blanks as they are. Printed text reads back to the same tree; chains
//! are loops, so only nesting recurses. Options and transformations are in [`options`].

mod options;

use crate::lang::odata::ast::option::{QueryOption, Request};
use crate::lang::odata::ast::{
    Argument, Binary, Chain, Expr, Form, Geo, Lambda, LambdaKind, Literal, LiteralKind, Name, Path, Step, Suffix,
    Typed, TypedKind,
};

/// An expression with the parentheses it was written with.
pub(crate) fn print_expr(expr: &Expr) -> String {
    printed(Style::Canonical, |printer| printer.expr(expr))
}

/// An expression with parentheses around every operator.
pub(crate) fn parenthesised_expr(expr: &Expr) -> String {
    printed(Style::EveryGrouping, |printer| printer.expr(expr))
}

/// One option.
pub(crate) fn print_option(option: &QueryOption) -> String {
    printed(Style::Canonical, |printer| printer.option(option))
}

/// One option with parentheses around every operator.
pub(crate) fn parenthesised_option(option: &QueryOption) -> String {
    printed(Style::EveryGrouping, |printer| printer.option(option))
}

/// A request.
pub(crate) fn print_request(request: &Request) -> String {
    printed(Style::Canonical, |printer| printer.request(request))
}

/// A request with parentheses around every operator.
pub(crate) fn parenthesised_request(request: &Request) -> String {
    printed(Style::EveryGrouping, |printer| printer.request(request))
}

/// `name=value` of a function's parameter.
pub(crate) fn print_argument(argument: &Argument) -> String {
    printed(Style::Canonical, |printer| printer.argument(argument))
}

/// A step of a path.
pub(crate) fn print_step(step: &Step) -> String {
    printed(Style::Canonical, |printer| printer.step(step))
}

/// A step of a path, with parentheses around every operator.
pub(crate) fn parenthesised_step(step: &Step) -> String {
    printed(Style::EveryGrouping, |printer| printer.step(step))
}

fn printed(style: Style, print: impl FnOnce(&mut Printer)) -> String {
    let mut printer = Printer { style, out: String::new(), in_options: false };
    print(&mut printer);
    printer.out
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// With the parentheses that were written.
    Canonical,
    /// With parentheses around every operator, and none beside.
    EveryGrouping,
}

struct Printer {
    style: Style,
    out: String,
    /// Within parentheses that hold options, which `;` parts.
    in_options: bool,
}

impl Printer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Text of the user's, encoded where it would part options, begin a fragment or a code, or be taken for a blank; control
    /// characters are never written as they are.
    fn encode(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                c if c.is_control() || "%&#+".contains(c) => {
                    let mut bytes = [0; 4];
                    c.encode_utf8(&mut bytes).bytes().for_each(|byte| self.out.push_str(&format!("%{byte:02X}")));
                }
                c => self.out.push(c),
            }
        }
    }

    fn name(&mut self, name: &Name) {
        self.encode(&name.text);
    }

    /// Members with commas between.
    fn list<T>(&mut self, items: &[T], mut print: impl FnMut(&mut Self, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.put(",");
            }
            print(self, item);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Literal(literal) => self.literal(literal),
            Expr::Path(path) => self.path(path),
            Expr::Call(call) => {
                self.put(call.function.as_str());
                self.put("(");
                self.list(&call.arguments, Self::expr);
                self.put(")");
            }
            Expr::Typed(typed) => self.typed(typed),
            Expr::Case(case) => {
                self.put("case(");
                self.list(&case.branches, |printer, (condition, value)| {
                    printer.expr(condition);
                    // A blank keeps the colon from being one of a time.
                    printer.put(" : ");
                    printer.expr(value);
                });
                self.put(")");
            }
            Expr::Not(prefix) => self.prefix("not ", &prefix.operand),
            Expr::Negate(prefix) => {
                // `-5` would be a literal.
                let sign = if begins_with_literal(&prefix.operand) { "- " } else { "-" };
                self.prefix(sign, &prefix.operand);
            }
            Expr::Chain(chain) => self.chain(chain),
            Expr::Group(inside, _) => match self.style {
                Style::Canonical => self.in_parentheses(inside),
                Style::EveryGrouping => self.expr(inside),
            },
            Expr::List(members, _) => {
                self.put("(");
                self.list(members, Self::expr);
                self.put(")");
            }
            Expr::Array(members, _) => {
                self.put("[");
                self.list(members, Self::expr);
                self.put("]");
            }
            Expr::Object(members, _) => {
                self.put("{");
                self.list(members, |printer, member| {
                    printer.json(&member.name.text);
                    printer.put(":");
                    printer.expr(&member.value);
                });
                self.put("}");
            }
            Expr::Error(_) => {}
        }
    }

    fn in_parentheses(&mut self, expr: &Expr) {
        self.put("(");
        self.expr(expr);
        self.put(")");
    }

    fn prefix(&mut self, sign: &str, operand: &Expr) {
        let all = self.style == Style::EveryGrouping;
        self.put(if all { "(" } else { "" });
        self.put(sign);
        self.expr(operand);
        self.put(if all { ")" } else { "" });
    }

    fn chain(&mut self, chain: &Chain) {
        let all = self.style == Style::EveryGrouping;
        if all {
            chain.rest.iter().for_each(|_| self.put("("));
        }
        self.expr(&chain.first);
        for (op, operand) in &chain.rest {
            self.put(" ");
            self.put(op.kind.as_str());
            self.put(" ");
            match operand {
                // `in (Path)` and `in Path` are not the same.
                Expr::Group(inside, _) if op.kind == Binary::In => self.in_parentheses(inside),
                operand => self.expr(operand),
            }
            self.put(if all { ")" } else { "" });
        }
    }

    fn typed(&mut self, typed: &Typed) {
        self.put(match typed.kind {
            TypedKind::Cast => "cast(",
            TypedKind::IsOf => "isof(",
        });
        if let Some(operand) = &typed.operand {
            self.expr(operand);
            self.put(",");
        }
        self.put(if typed.target.collection { "Collection(" } else { "" });
        self.name(&typed.target.name);
        self.put(if typed.target.collection { "))" } else { ")" });
    }

    fn literal(&mut self, literal: &Literal) {
        let text = &*literal.text;
        let (prefix, suffix) = match &literal.kind {
            LiteralKind::String => ("'", "'"),
            LiteralKind::JsonString => return self.json(text),
            LiteralKind::DateZ => ("", "Z"),
            LiteralKind::Suffixed(suffix) => ("", suffix_of(*suffix)),
            LiteralKind::Guid(Form::Prefixed) => ("guid'", "'"),
            LiteralKind::DateTimeOffset(Form::Prefixed) => ("datetimeoffset'", "'"),
            LiteralKind::DateTime => ("datetime'", "'"),
            LiteralKind::Duration => ("duration'", "'"),
            LiteralKind::Time => ("time'", "'"),
            LiteralKind::Binary => ("binary'", "'"),
            LiteralKind::HexBinary => ("X'", "'"),
            LiteralKind::Enum(name) => {
                self.name(name);
                ("'", "'")
            }
            LiteralKind::Geo(Geo::Geography) => ("geography'", "'"),
            LiteralKind::Geo(Geo::Geometry) => ("geometry'", "'"),
            LiteralKind::Null
            | LiteralKind::Boolean
            | LiteralKind::Integer
            | LiteralKind::Number
            | LiteralKind::Guid(Form::Bare)
            | LiteralKind::Date
            | LiteralKind::DateTimeOffset(Form::Bare)
            | LiteralKind::TimeOfDay => ("", ""),
        };
        self.put(prefix);
        self.encode(&text.replace('\'', "''"));
        self.put(suffix);
    }

    /// A string in double quotes.
    fn json(&mut self, text: &str) {
        self.encode(&serde_json::Value::from(text).to_string());
    }

    fn path(&mut self, path: &Path) {
        for (i, step) in path.steps.iter().enumerate() {
            if i > 0 {
                self.put("/");
            }
            self.step(step);
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Name(name) | Step::System(name) => self.name(name),
            // A `/` in a key is encoded, or it would end the key.
            Step::Key(name) => {
                for (i, part) in name.text.split('/').enumerate() {
                    self.put(if i > 0 { "%2F" } else { "" });
                    self.encode(part);
                }
            }
            Step::Variable(variable, _) => self.put(variable.as_str()),
            Step::Alias(name) | Step::Annotation(name) => {
                self.put("@");
                self.name(name);
            }
            Step::Invoke(invoke) => {
                self.name(&invoke.name);
                self.put("(");
                self.list(&invoke.arguments, Self::argument);
                self.put(")");
            }
            Step::Count(options, _) => {
                self.put("$count");
                self.options(options);
            }
            Step::Filter(filter, _) => {
                self.put("$filter(");
                self.expr(filter);
                self.put(")");
            }
            Step::Lambda(lambda) => self.lambda(lambda),
            Step::Aggregate(aggregate, _) => {
                self.put("aggregate(");
                self.aggregate(aggregate);
                self.put(")");
            }
            Step::Star(name, _) => {
                if let Some(name) = name {
                    self.name(name);
                    self.put(".");
                }
                self.put("*");
            }
            Step::Error(_) => {}
        }
    }

    fn lambda(&mut self, lambda: &Lambda) {
        self.put(match lambda.kind {
            LambdaKind::Any => "any(",
            LambdaKind::All => "all(",
        });
        if let Some((variable, predicate)) = &lambda.predicate {
            self.name(variable);
            self.put(":");
            self.expr(predicate);
        }
        self.put(")");
    }

    fn argument(&mut self, argument: &Argument) {
        if let Some(name) = &argument.name {
            self.name(name);
            self.put("=");
        }
        self.expr(&argument.value);
    }
}

/// Whether a literal stands first.
fn begins_with_literal(mut expr: &Expr) -> bool {
    while let Expr::Chain(chain) = expr {
        expr = &chain.first;
    }
    matches!(expr, Expr::Literal(_))
}

fn suffix_of(suffix: Suffix) -> &'static str {
    match suffix {
        Suffix::Long => "L",
        Suffix::Decimal => "m",
        Suffix::Double => "d",
        Suffix::Single => "f",
    }
}

#[cfg(test)]
mod tests;
