//! Trees as filters of OData, from what they mean: literals are written anew.

use tallygrid::Kind;

use crate::oracle::column::{Atom, Column, INTEGER_UNIT, date_text, decimal_text, instant_text};
use crate::oracle::query::{Asks, Filter, Literal, Op, Target, Test};
use crate::oracle::world::World;

/// The same tree, with a test that no row passes in the place of each that OData has no words for: searches, packages, queries
/// in braces, fields whose names are no identifiers.
pub(crate) fn sayable(world: &World, filter: &Filter) -> Filter {
    let all = |parts: &[Filter]| parts.iter().map(|part| sayable(world, part)).collect();
    match filter {
        Filter::Test(test) if is_sayable(world, test) => Filter::Test(test.clone()),
        Filter::Test(test) => {
            Filter::Test(Test { target: Target::Column(0), negated: test.negated, asks: Asks::Empty })
        }
        Filter::Not(inner) => Filter::Not(Box::new(sayable(world, inner))),
        Filter::And(parts) => Filter::And(all(parts)),
        Filter::Or(parts) => Filter::Or(all(parts)),
    }
}

fn is_sayable(world: &World, test: &Test) -> bool {
    let Target::Column(at) = test.target else { return false };
    let column = &world.columns[at];
    let asks = matches!(test.asks, Asks::Empty | Asks::OneOf(_) | Asks::Ordered(..) | Asks::Between(..));
    asks && is_name(column) && !matches!(column.kind, Kind::Path | Kind::Relation)
}

/// Whether a field's name can stand in a path.
pub(crate) fn is_name(column: &Column) -> bool {
    let is_identifier = |part: &str| {
        part.chars().all(|c| c.is_alphanumeric() || c == '_') && !part.starts_with(|c: char| c.is_ascii_digit())
    };
    column.name.split('.').all(is_identifier)
}

/// A field's name as a path.
pub(crate) fn name(column: &Column) -> String {
    column.name.replace('.', "/")
}

/// A sayable tree as the value of `$filter`.
pub(crate) fn filter(world: &World, filter: &Filter) -> String {
    let joined = |parts: &[Filter], joiner: &str| {
        parts.iter().map(|part| format!("({})", self::filter(world, part))).collect::<Vec<_>>().join(joiner)
    };
    match filter {
        Filter::Test(test) if test.negated => format!("not ({})", self::test(world, test)),
        Filter::Test(test) => self::test(world, test),
        Filter::Not(inner) => format!("not ({})", self::filter(world, inner)),
        Filter::And(parts) => joined(parts, " and "),
        Filter::Or(parts) => joined(parts, " or "),
    }
}

fn test(world: &World, test: &Test) -> String {
    let Target::Column(at) = test.target else { panic!("{test:?} is not sayable") };
    let column = &world.columns[at];
    let name = name(column);
    match &test.asks {
        Asks::Empty => empty(column, &name),
        Asks::OneOf(literals) => {
            let (blank, others): (Vec<&Literal>, _) = literals.iter().partition(|literal| is_blank(literal));
            let values: Vec<String> =
                others.iter().flat_map(|literal| &literal.meant).map(|atom| value(column, atom)).collect();
            let listed = match &values[..] {
                [one] => some(column, &name, |it| format!("{it} eq {one}")),
                many => some(column, &name, |it| format!("{it} in ({})", many.join(","))),
            };
            if blank.is_empty() { listed } else { format!("({listed} or {})", empty(column, &name)) }
        }
        Asks::Ordered(op, literal) => {
            let op = match op {
                Op::Less => "lt",
                Op::LessOrEqual => "le",
                Op::Greater => "gt",
                Op::GreaterOrEqual => "ge",
            };
            let literal = number(column.kind, literal.number());
            some(column, &name, |it| format!("{it} {op} {literal}"))
        }
        Asks::Between(low, high) => {
            let [low, high] = [low, high].map(|literal| number(column.kind, literal.number()));
            some(column, &name, |it| format!("{it} ge {low} and {it} le {high}"))
        }
        other => panic!("{other:?} is not sayable"),
    }
}

fn is_blank(literal: &Literal) -> bool {
    literal.meant == [Atom::Text(String::new())]
}

fn empty(column: &Column, name: &str) -> String {
    match (column.multi, column.is_textual() && column.kind != Kind::Guid) {
        (true, _) => format!("(not {name}/any())"),
        (false, true) => format!("({name} eq null or {name} eq '')"),
        (false, false) => format!("({name} eq null)"),
    }
}

/// A condition on the value of a field, or on one of its values.
fn some(column: &Column, name: &str, condition: impl Fn(&str) -> String) -> String {
    if column.multi { format!("{name}/any(it_:{})", condition("it_")) } else { format!("({})", condition(name)) }
}

fn value(column: &Column, atom: &Atom) -> String {
    match atom {
        Atom::Text(text) if column.kind == Kind::Guid => text.clone(),
        Atom::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Atom::Number(n) => number(column.kind, *n),
    }
}

fn number(kind: Kind, n: i128) -> String {
    match kind {
        Kind::Boolean => (n == 1).to_string(),
        Kind::Integer if n % INTEGER_UNIT == 0 => (n / INTEGER_UNIT).to_string(),
        Kind::Integer => decimal_text(n, 6),
        Kind::Decimal => decimal_text(n, 24),
        Kind::Date => date_text(n),
        Kind::DateTime => instant_text(i64::try_from(n).unwrap()),
        Kind::Duration => {
            let (sign, n) = (if n < 0 { "-" } else { "" }, n.abs());
            format!("duration'{sign}PT{}S'", decimal_text(n, 6))
        }
        other => panic!("{other} has no numbers"),
    }
}

/// A text as part of a query string.
pub(crate) fn encoded(text: &str) -> String {
    let byte = |b: u8| match b {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'(' | b')' | b',' | b'/' | b':' | b'$' | b'=' | b'_' => {
            char::from(b).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}
