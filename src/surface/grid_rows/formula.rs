//! Formula columns: an expression over the row's other columns, computed by `minijinja`.
//!
//! Of the expression crates tried (November 2026) it is the best kept, brings no other crate with it and builds in six seconds;
//! its fuel bounds repeated texts too. Against its one weakness, brackets and signs that nest until the stack ends, formulas
//! have a length and a depth of their own here. `rhai` refuses every hostile text by itself, yet takes three times as long to
//! build, and a crate that it brings (`smartstring`) adds an impl to `String` after which `text + &other` no longer compiles in
//! any crate that links this one; `cel` brings an ANTLR runtime; `exmex` and `fasteval2` have no texts; `evalexpr` is under the
//! AGPL.
//!
//! Only expressions are read: no statement, loop, function or attribute.

use std::collections::BTreeMap;

use minijinja::{Environment, ErrorKind, Expression, UndefinedBehavior, Value as Operand, filters, tests};

use crate::model::decimal::Decimal;
use crate::model::value::Value;
use crate::surface::grid_rows::cell;
use crate::surface::grid_rows::column::{GridColumn, GridColumnKind, Returns};

/// Bytes of a formula, and of brackets in it that are open at once: half of what a stack of 1 MiB bears unoptimised.
const MOST_BYTES: usize = 500;
const MOST_DEPTH: usize = 16;
/// Steps of one formula in one row; a text that is made anew costs its length.
const FUEL: u64 = 50_000;
/// Bytes of a text that is a formula's value.
const TEXT_BYTES: usize = 10_000;

/// What computes the formulas of a grid.
#[derive(Debug)]
pub(super) struct Calculator {
    environment: Environment<'static>,
}

/// The formulas of a grid's columns, made ready for one request.
pub(super) struct Formulas<'c> {
    /// By column.
    expressions: Vec<Option<(Expression<'c, 'static>, Returns)>>,
}

impl Calculator {
    pub(super) fn new() -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.add_filter("abs", filters::abs);
        environment.add_filter("default", filters::default);
        environment.add_filter("float", filters::float);
        environment.add_filter("int", filters::int);
        environment.add_filter("join", filters::join);
        environment.add_filter("length", filters::length);
        environment.add_filter("lower", filters::lower);
        environment.add_filter("max", filters::max);
        environment.add_filter("min", filters::min);
        environment.add_filter("round", filters::round);
        environment.add_filter("trim", filters::trim);
        environment.add_filter("upper", filters::upper);
        environment.add_test("none", tests::is_none);
        Self { environment }
    }

    /// What is wrong with the formula of a column, which may use the columns before it.
    pub(super) fn check(&self, expression: &str, before: &[GridColumn]) -> Result<(), String> {
        if expression.len() > MOST_BYTES {
            return Err(format!("it has {} bytes, at most {MOST_BYTES} are possible", expression.len()));
        }
        if depth(expression) > MOST_DEPTH {
            return Err(format!("more than {MOST_DEPTH} brackets are open at once"));
        }
        let compiled = self.environment.compile_expression(expression).map_err(|error| told(&error))?;
        let mut unknown: Vec<String> = compiled.undeclared_variables(false).into_iter().collect();
        unknown.retain(|name| before.iter().all(|column| column.id() != name));
        unknown.sort_unstable();
        if let Some(name) = unknown.first() {
            return Err(format!("no column `{name}` before this one"));
        }
        // Names of filters and the like are only looked up when they are reached.
        let example: BTreeMap<&str, Operand> = before.iter().map(|column| (column.id(), example(column))).collect();
        match compiled.eval(Operand::from(example)) {
            Err(error) if is_unknown(error.kind()) => Err(told(&error)),
            _ => Ok(()),
        }
    }

    /// The formulas of columns that were found right.
    pub(super) fn formulas(&self, columns: &[GridColumn]) -> Formulas<'_> {
        let expression = |column: &GridColumn| match &column.kind {
            GridColumnKind::Formula { expression, returns } => {
                let compiled = self.environment.compile_expression_owned(expression.to_string());
                Some((compiled.ok()?, *returns))
            }
            _ => None,
        };
        Formulas { expressions: columns.iter().map(expression).collect() }
    }
}

impl Formulas<'_> {
    /// The value of a column's formula for the columns before it: null if it cannot be computed, as where one that it needs
    /// is empty. None if the column has no formula.
    pub(super) fn value<'r>(
        &self,
        column: usize,
        before: impl Iterator<Item = (&'r GridColumn, &'r [Value])>,
    ) -> Option<Value> {
        let (expression, returns) = self.expressions.get(column)?.as_ref()?;
        let operands: BTreeMap<&str, Operand> =
            before.map(|(column, cells)| (column.id(), operand(column, cells))).collect();
        let computed = expression.eval(Operand::from(operands));
        Some(computed.ok().and_then(|computed| kept(&computed, *returns)).unwrap_or(Value::Null))
    }
}

/// What becomes of a computed value.
fn kept(computed: &Operand, returns: Returns) -> Option<Value> {
    let number = || {
        let whole = i64::try_from(computed.clone()).ok().filter(|_| computed.is_integer());
        let number = match whole {
            Some(n) => Decimal::new(n.into(), 0),
            None => Decimal::from_f64(f64::try_from(computed.clone()).ok()?),
        };
        number.ok()
    };
    match (returns, computed.kind()) {
        (_, minijinja::value::ValueKind::Number) => match returns {
            Returns::Number => number().map(Value::Decimal),
            // As decimals are written everywhere else.
            Returns::Text => number().map(|number| number.to_string().into()),
        },
        (Returns::Text, minijinja::value::ValueKind::Bool) => {
            Some(if computed.is_true() { "true" } else { "false" }.into())
        }
        (Returns::Text, _) => computed.as_str().filter(|text| text.len() <= TEXT_BYTES).map(Value::from),
        (Returns::Number, _) => None,
    }
}

/// What a formula sees of a column: what the wire shows of it, of a user the full name; none if it is empty.
fn operand(column: &GridColumn, cells: &[Value]) -> Operand {
    match cells.first() {
        Some(Value::Text(text)) if !text.is_empty() => Operand::from(&**text),
        _ => match cell::write(column, cells) {
            serde_json::Value::Bool(b) => b.into(),
            serde_json::Value::Number(n) => {
                n.as_i64().map(Operand::from).or_else(|| n.as_f64().map(Operand::from)).unwrap_or_default()
            }
            serde_json::Value::Array(items) => {
                Operand::from(items.iter().filter_map(|item| item.as_str()).map(Operand::from).collect::<Vec<_>>())
            }
            _ => Operand::from(()),
        },
    }
}

/// Something that the column could hold.
fn example(column: &GridColumn) -> Operand {
    match column.kind {
        GridColumnKind::Checkbox => true.into(),
        GridColumnKind::Integer | GridColumnKind::Date | GridColumnKind::DateTime | GridColumnKind::Time => 1.into(),
        GridColumnKind::Number | GridColumnKind::Formula { returns: Returns::Number, .. } => 1.5.into(),
        GridColumnKind::MultiSelect(_) => vec!["a"].into(),
        _ => "a".into(),
    }
}

/// Most brackets of any kind that are open at once; those in texts count too, which is never too few.
fn depth(expression: &str) -> usize {
    let (mut open, mut most) = (0usize, 0);
    for c in expression.chars() {
        match c {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

fn is_unknown(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnknownFilter | ErrorKind::UnknownFunction | ErrorKind::UnknownMethod | ErrorKind::UnknownTest
    )
}

/// What a mistake is about.
fn told(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}
