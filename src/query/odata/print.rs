//! Meaning back to OData: what a predicate asks as the value of `$filter`, for explains and for clients that ask again. The text
//! binds back to the same meaning. Some questions of TQL have no words in OData: searches, what lies under a package, fields
//! moved in time.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::lang::odata::ast::Level;
use crate::model::catalog::Catalog;
use crate::model::cell::text_of;
use crate::model::decimal::Decimal;
use crate::model::schema::{FieldId, Schema};
use crate::model::time::iso::format_iso_duration;
use crate::model::value::Value;
use crate::query::predicate::expr::{Arithmetic, Call, Expr, ExprId, Input, Op, Path, Reduced, Type};
use crate::query::predicate::{Bound, Leaf, Node, NodeId, Order, Predicate, Subselect};

/// The value of a `$filter` that selects the predicate's rows; none if OData cannot say it. Linear.
#[cfg(test)]
pub(crate) fn print_filter(predicate: &Predicate, schema: &Schema, catalog: &Catalog) -> Option<String> {
    let mut printer = Printer { catalog, out: String::new(), is_said: true, n_variables: 0 };
    printer.predicate(predicate, schema, "");
    printer.is_said.then_some(printer.out)
}

/// The same for people: what OData cannot say is said in words of TQL.
pub(crate) fn explain_filter(predicate: &Predicate, schema: &Schema, catalog: &Catalog) -> String {
    let mut printer = Printer { catalog, out: String::new(), is_said: true, n_variables: 0 };
    printer.predicate(predicate, schema, "");
    printer.out
}

/// An expression, for people; columns that were computed before are `$0`, `$1` and so on.
pub(crate) fn explain_value(expr: &Expr, schema: &Schema, catalog: &Catalog) -> String {
    let mut printer = Printer { catalog, out: String::new(), is_said: true, n_variables: 0 };
    printer.expr(expr, schema, "", None);
    printer.out
}

struct Printer<'a> {
    catalog: &'a Catalog,
    out: String,
    /// Whether all could be said so far.
    is_said: bool,
    /// Variables of lambdas given so far.
    n_variables: usize,
}

enum Todo {
    Text(Cow<'static, str>),
    Node(NodeId, Option<Level>),
}

enum Part {
    Text(Cow<'static, str>),
    Expr(ExprId, Option<Level>),
}

impl Printer<'_> {
    /// Recurses for sub-selects alone, which the parser limits.
    fn predicate(&mut self, predicate: &Predicate, schema: &Schema, prefix: &str) {
        let mut todo = vec![Todo::Node(predicate.root(), None)];
        while let Some(step) = todo.pop() {
            let (id, around) = match step {
                Todo::Text(text) => {
                    self.out.push_str(&text);
                    continue;
                }
                Todo::Node(id, around) => (id, around),
            };
            match predicate.node(id) {
                Node::Const(value) => self.out.push_str(if *value { "true" } else { "false" }),
                Node::Leaf(leaf) => self.leaf(leaf, schema, prefix, around),
                Node::Not(child) => {
                    self.out.push_str("not (");
                    todo.push(Todo::Text(")".into()));
                    todo.push(Todo::Node(*child, None));
                }
                node @ (Node::And(children) | Node::Or(children)) => {
                    let (level, joiner) =
                        if matches!(node, Node::And(_)) { (Level::And, " and ") } else { (Level::Or, " or ") };
                    let brackets = around > Some(level);
                    if brackets {
                        self.out.push('(');
                        todo.push(Todo::Text(")".into()));
                    }
                    for (n, child) in children.iter().enumerate().rev() {
                        todo.push(Todo::Node(*child, Some(level)));
                        if n > 0 {
                            todo.push(Todo::Text(joiner.into()));
                        }
                    }
                }
            }
        }
    }

    fn leaf(&mut self, leaf: &Leaf, schema: &Schema, prefix: &str, around: Option<Level>) {
        match leaf {
            Leaf::OneOf { field, values } => self.one_of(*field, values, schema, prefix),
            Leaf::Range { field, low, high } => {
                let name = named_field(*field, schema, prefix);
                let bound = |bound: &Bound, exclusive, inclusive| match bound {
                    Bound::Open => None,
                    Bound::Exclusive(value) => Some(format!("{name} {exclusive} {}", literal(value))),
                    Bound::Inclusive(value) => Some(format!("{name} {inclusive} {}", literal(value))),
                };
                let parts: Vec<String> =
                    [bound(low, "gt", "ge"), bound(high, "lt", "le")].into_iter().flatten().collect();
                let text = match parts.is_empty() {
                    true => format!("{name} ne null"),
                    false => parts.join(" and "),
                };
                self.bracketed(&text, parts.len() > 1 && around > Some(Level::And));
            }
            Leaf::IsEmpty { field } => self.is_empty(*field, schema, prefix, around),
            Leaf::AllEmpty { fields } => {
                for (n, field) in fields.iter().enumerate() {
                    self.out.push_str(if n > 0 { " and " } else { "(" });
                    self.is_empty(*field, schema, prefix, Some(Level::And));
                }
                self.out.push(')');
            }
            Leaf::Compare { left, order, right } if left.shift.is_none() && right.shift.is_none() => {
                let (left, right) = (named_field(left.field, schema, prefix), named_field(right.field, schema, prefix));
                let op = op_of(*order);
                // Two nulls are equal in OData.
                let text = match order {
                    Order::Less | Order::Greater => format!("{left} {op} {right}"),
                    _ => format!("{left} {op} {right} and {left} ne null"),
                };
                self.bracketed(&text, around > Some(Level::And));
            }
            Leaf::Semi { field, sub, .. } => self.semi(*field, sub, schema, prefix),
            Leaf::LeadsNowhere { field, sub, .. } => {
                self.out.push_str("not (");
                self.semi(*field, sub, schema, prefix);
                self.out.push(')');
            }
            Leaf::IsTrue { expr, negated } => {
                // As a value, not being true is not being true and known.
                self.out.push_str(if *negated { "not (case(" } else { "" });
                self.expr(expr, schema, prefix, None);
                self.out.push_str(if *negated { ":true,true:false))" } else { "" });
            }
            Leaf::Element { field, expr } => {
                let name = named_field(*field, schema, prefix);
                let variable = self.variable();
                let _ = write!(self.out, "{name}/any({variable}:");
                self.expr(expr, schema, prefix, Some(&variable));
                self.out.push(')');
            }
            Leaf::Matches { .. } | Leaf::MatchesAny { .. } | Leaf::Within { .. } | Leaf::Compare { .. } => {
                self.is_said = false;
                let text = crate::query::print::print_filter(&Predicate::leaf(leaf.clone()), schema, self.catalog);
                let _ = write!(self.out, "[{text}]");
            }
        }
    }

    fn one_of(&mut self, field: FieldId, values: &[Value], schema: &Schema, prefix: &str) {
        let name = named_field(field, schema, prefix);
        let listed = |values: &[Value]| values.iter().map(literal).collect::<Vec<_>>().join(",");
        let (subject, close) = match schema.field(field).multi {
            false => (name, ""),
            true => {
                let variable = self.variable();
                let _ = write!(self.out, "{name}/any({variable}:");
                (variable, ")")
            }
        };
        let _ = match values {
            [one] => write!(self.out, "{subject} eq {}{close}", literal(one)),
            _ => write!(self.out, "{subject} in ({}){close}", listed(values)),
        };
    }

    fn is_empty(&mut self, field: FieldId, schema: &Schema, prefix: &str, around: Option<Level>) {
        let (name, declared) = (named_field(field, schema, prefix), schema.field(field));
        match (declared.multi, Type::of_kind(declared.kind)) {
            (true, _) => {
                let _ = write!(self.out, "not ({name}/any())");
            }
            (false, Type::Text) => {
                self.bracketed(&format!("{name} eq null or {name} eq ''"), around > Some(Level::Or));
            }
            (false, _) => {
                let _ = write!(self.out, "{name} eq null");
            }
        }
    }

    /// A relation to one is a path, where its row is asked for one leaf; else rows are looked at one by one.
    fn semi(&mut self, field: FieldId, sub: &Subselect, schema: &Schema, prefix: &str) {
        let there = self.catalog.schema(sub.index);
        let name = named_field(field, schema, prefix);
        if schema.field(field).multi {
            if sub.predicate.is_const(true) {
                let _ = write!(self.out, "{name}/any()");
                return;
            }
            let variable = self.variable();
            let _ = write!(self.out, "{name}/any({variable}:");
            self.predicate(&sub.predicate, there, &format!("{variable}/"));
            self.out.push(')');
            return;
        }
        let key = there.field(sub.key).name();
        let inner = format!("{name}/");
        match sub.predicate.node(sub.predicate.root()) {
            Node::Leaf(Leaf::OneOf { .. } | Leaf::Range { .. } | Leaf::Semi { .. }) => {
                self.predicate(&sub.predicate, there, &inner);
            }
            _ => {
                // Without a row there is nothing of it that holds, nor that does not.
                let _ = write!(self.out, "({inner}{key} ne null and ");
                self.predicate(&Predicate::all([sub.predicate.clone()]), there, &inner);
                self.out.push(')');
            }
        }
    }

    /// In loops: chains are as deep as texts are long.
    fn expr(&mut self, expr: &Expr, schema: &Schema, prefix: &str, element: Option<&str>) {
        let mut todo = vec![Part::Expr(expr.root(), None)];
        while let Some(part) = todo.pop() {
            let (id, around) = match part {
                Part::Text(text) => {
                    self.out.push_str(&text);
                    continue;
                }
                Part::Expr(id, around) => (id, around),
            };
            let node = expr.node(id);
            let mut parts: Vec<Part> = Vec::new();
            let text = |text: &'static str| Part::Text(text.into());
            let mut level = Level::Prefix;
            match &node.op {
                Op::Const(value) => self.out.push_str(&literal(value)),
                Op::Input(input) => self.input(input, schema, prefix, element),
                Op::Holds(predicate) => {
                    self.out.push('(');
                    self.predicate(predicate, schema, prefix);
                    self.out.push(')');
                }
                Op::Not(one) => parts.extend([text("not ("), Part::Expr(*one, None), text(")")]),
                Op::IsTrue(one) => {
                    parts.extend([text("case("), Part::Expr(*one, None), text(":true,true:false)")]);
                }
                Op::And(all) | Op::Or(all) => {
                    let joiner;
                    (level, joiner) =
                        if matches!(node.op, Op::And(_)) { (Level::And, " and ") } else { (Level::Or, " or ") };
                    for (n, one) in all.iter().enumerate() {
                        if n > 0 {
                            parts.push(text(joiner));
                        }
                        parts.push(Part::Expr(*one, Some(level)));
                    }
                }
                Op::Compare { order, sides: [left, right], .. } => {
                    level = if *order == Order::Equal { Level::Equality } else { Level::Relational };
                    parts.push(Part::Expr(*left, Some(Level::Additive)));
                    parts.push(Part::Text(format!(" {} ", op_of(*order)).into()));
                    parts.push(Part::Expr(*right, Some(Level::Additive)));
                }
                Op::OneOf { operand, values, .. } => {
                    let listed = values.iter().map(literal).collect::<Vec<_>>().join(",");
                    parts.extend([
                        Part::Expr(*operand, Some(Level::Prefix)),
                        Part::Text(format!(" in ({listed})").into()),
                    ]);
                }
                Op::Negate(one) => parts.extend([text("-("), Part::Expr(*one, None), text(")")]),
                Op::Arithmetic(kind, [left, right]) => {
                    let op;
                    (level, op) = match (kind, node.ty) {
                        (Arithmetic::Add, _) => (Level::Additive, " add "),
                        (Arithmetic::Subtract, _) => (Level::Additive, " sub "),
                        (Arithmetic::Multiply, _) => (Level::Multiplicative, " mul "),
                        (Arithmetic::Divide, Type::Decimal) => (Level::Multiplicative, " divby "),
                        (Arithmetic::Divide, _) => (Level::Multiplicative, " div "),
                        (Arithmetic::Remainder, _) => (Level::Multiplicative, " mod "),
                    };
                    let tighter = if level == Level::Additive { Level::Multiplicative } else { Level::Prefix };
                    parts.extend([Part::Expr(*left, Some(level)), text(op), Part::Expr(*right, Some(tighter))]);
                }
                Op::Call(call, arguments) => {
                    let (name, last) = named(call);
                    parts.push(Part::Text(format!("{name}(").into()));
                    for (n, one) in arguments.iter().enumerate() {
                        if n > 0 {
                            parts.push(text(","));
                        }
                        parts.push(Part::Expr(*one, None));
                    }
                    parts.push(Part::Text(last));
                }
                Op::Case(branches) => {
                    for (n, (condition, value)) in branches.iter().enumerate() {
                        parts.push(text(if n > 0 { "," } else { "case(" }));
                        parts.extend([Part::Expr(*condition, None), text(":"), Part::Expr(*value, None)]);
                    }
                    parts.push(text(")"));
                }
                Op::Cast(one) => {
                    let ty = format!(",{})", edm(node.ty));
                    parts.extend([text("cast("), Part::Expr(*one, None), Part::Text(ty.into())]);
                }
            }
            if around > Some(level) && !parts.is_empty() {
                self.out.push('(');
                parts.push(text(")"));
            }
            todo.extend(parts.into_iter().rev());
        }
    }

    fn input(&mut self, input: &Input, schema: &Schema, prefix: &str, element: Option<&str>) {
        match (input, element) {
            (Input::Field(field), _) => self.out.push_str(&named_field(*field, schema, prefix)),
            (Input::Path(path), _) => self.out.push_str(&self.path(path, schema, prefix)),
            (Input::Element, Some(variable)) => self.out.push_str(variable),
            (Input::NumberOfValues(field), _) => {
                let name = named_field(*field, schema, prefix);
                let _ = write!(self.out, "{name}/$count");
            }
            (Input::Column(column), _) => {
                self.is_said = false;
                let _ = write!(self.out, "${column}");
            }
            (Input::Reduced(reduced), _) => self.reduced(reduced, schema),
            (Input::Element, None) => self.is_said = false,
        }
    }

    /// `Runs/$count($filter=…)`, `Runs/aggregate(Took with sum)`, by the relation that leads back so.
    fn reduced(&mut self, reduced: &Reduced, schema: &Schema) {
        let leads_back = |field: &FieldId| {
            let link = self.catalog.link(schema, *field);
            link.is_some_and(|link| {
                link.index == reduced.hop.index && link.key == reduced.hop.key && link.own_key.is_some()
            })
        };
        let Some(field) = schema.field_ids().find(leads_back) else {
            self.is_said = false;
            return;
        };
        let there = self.catalog.schema(reduced.hop.index);
        self.out.push_str(&written(schema.field(field).name()));
        match &reduced.operand {
            None if reduced.predicate.is_const(true) => self.out.push_str("/$count"),
            None => {
                self.out.push_str("/$count($filter=");
                self.predicate(&reduced.predicate, there, "");
                self.out.push(')');
            }
            Some(operand) => {
                self.is_said &= reduced.predicate.is_const(true);
                self.out.push_str("/aggregate(");
                self.expr(operand, there, "", None);
                let _ = write!(self.out, " with {})", reduced.method.as_str());
            }
        }
    }

    fn path(&self, path: &Path, schema: &Schema, prefix: &str) -> String {
        let mut out = prefix.to_owned();
        let mut schema = schema;
        for hop in &path.hops {
            out.push_str(&written(schema.field(hop.from).name()));
            out.push('/');
            schema = self.catalog.schema(hop.index);
        }
        out + &written(schema.field(path.field).name())
    }

    fn variable(&mut self) -> String {
        self.n_variables += 1;
        format!("x{}", self.n_variables)
    }

    fn bracketed(&mut self, text: &str, brackets: bool) {
        let (open, close) = if brackets { ("(", ")") } else { ("", "") };
        let _ = write!(self.out, "{open}{text}{close}");
    }
}

/// A field of a row that a prefix leads to.
fn named_field(field: FieldId, schema: &Schema, prefix: &str) -> String {
    format!("{prefix}{}", written(schema.field(field).name()))
}

/// A field's name in a path; nested names are apart by `/`.
fn written(name: &str) -> String {
    name.replace('.', "/")
}

fn op_of(order: Order) -> &'static str {
    match order {
        Order::Equal => "eq",
        Order::Less => "lt",
        Order::LessOrEqual => "le",
        Order::Greater => "gt",
        Order::GreaterOrEqual => "ge",
    }
}

/// The name of a function, and what stands behind its arguments.
fn named(call: &Call) -> (&'static str, Cow<'static, str>) {
    let name = match call {
        Call::Concat => "concat",
        Call::Contains => "contains",
        Call::StartsWith => "startswith",
        Call::EndsWith => "endswith",
        Call::IndexOf => "indexof",
        Call::Length => "length",
        Call::Substring => "substring",
        Call::ToLower => "tolower",
        Call::ToUpper => "toupper",
        Call::Trim => "trim",
        Call::Replace => "replace",
        Call::Matches(pattern) => {
            let text = literal(&Value::from(pattern.0.as_str()));
            return ("matchesPattern", format!(",{text})").into());
        }
        Call::Year => "year",
        Call::Month => "month",
        Call::Day => "day",
        Call::Hour => "hour",
        Call::Minute => "minute",
        Call::Second => "second",
        Call::FractionalSeconds => "fractionalseconds",
        Call::TotalSeconds => "totalseconds",
        Call::Date => "date",
        Call::Time => "time",
        Call::OffsetMinutes => "totaloffsetminutes",
        Call::Round => "round",
        Call::Floor => "floor",
        Call::Ceiling => "ceiling",
    };
    (name, ")".into())
}

fn edm(ty: Type) -> &'static str {
    match ty {
        Type::Boolean => "Edm.Boolean",
        Type::Integer => "Edm.Int64",
        Type::Decimal => "Edm.Decimal",
        Type::Real => "Edm.Double",
        Type::Text => "Edm.String",
        Type::Guid => "Edm.Guid",
        Type::Instant => "Edm.DateTimeOffset",
        Type::Date => "Edm.Date",
        Type::Time => "Edm.TimeOfDay",
        Type::Duration => "Edm.Duration",
    }
}

/// A value as it is written.
fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Duration(micros) => format!("duration'{}'", format_iso_duration(*micros)),
        Value::Decimal(d) if d.scale() == 0 => format!("{d}.0"),
        // A short one would be read as an exact number.
        Value::Real(x) if x.get().is_finite() => match x.to_string() {
            text if text.parse::<Decimal>().is_ok() => format!("cast({text},Edm.Double)"),
            text => text,
        },
        Value::Null => "null".to_owned(),
        other => text_of(other),
    }
}
