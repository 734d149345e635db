//! What relations lead to and what leads back, against looking at every row for every row.

use std::sync::Arc;

use crate::base::error::Result;
use crate::data::version::{IndexVersion, Version};
use crate::exec::eval::program::Batch;
use crate::exec::eval::state::Failure;
use crate::exec::eval::tests::world::{Bench, Dice, index_under};
use crate::exec::request::{Permissions, Request};
use crate::model::catalog::{Catalog, IndexId};
use crate::model::cell::coerce;
use crate::model::decimal::Decimal;
use crate::model::field::Field;
use crate::model::fold::Collation;
use crate::model::guid::parse_guid;
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Schema};
use crate::model::value::Value;
use crate::query::predicate::expr::{Arithmetic, Expr, ExprBuilder, Hop, Input, Method, Op, Path, Reduced, Type};
use crate::query::predicate::{Leaf, Predicate};

/// Sees what is marked so.
#[derive(Debug)]
struct Marked;

impl Permissions for Marked {
    fn rows_of(&self, _: IndexId) -> Result<Predicate> {
        Ok(Predicate::leaf(Leaf::OneOf { field: SEEN, values: [true.into()].into() }))
    }
}

// Every index has the same shape.
const KEY: FieldId = FieldId(0);
const NEXT: FieldId = FieldId(1);
const MANY: FieldId = FieldId(2);
const SEEN: FieldId = FieldId(3);
const NUMBER: FieldId = FieldId(4);
const NAME: FieldId = FieldId(5);

/// Fields that hold keys: of one value, and what values are drawn of.
fn key_field(name: &str, kind: Kind, collation: Option<Collation>) -> Field {
    let field = Field::new(name, kind);
    match collation {
        Some(collation) => field.collation(collation),
        None => field,
    }
}

fn schema(name: &str, key: Field, next: Field) -> Schema {
    let fields = [
        key,
        next,
        Field::new("Many", Kind::Keyword).multi(),
        Field::new("Seen", Kind::Boolean),
        Field::new("Number", Kind::Integer),
        Field::new("Name", Kind::Keyword),
    ];
    Schema::builder(name).fields(fields).build().unwrap()
}

fn key(dice: &mut Dice, kind: Kind) -> Value {
    let n = dice.below(12);
    match kind {
        _ if n == 0 => Value::Null,
        Kind::Integer => (n as i64 - 3).into(),
        Kind::Decimal => Value::Decimal(Decimal::new(i128::from(n) * 5 - 15, 1).unwrap()),
        Kind::Guid => Value::Guid(u128::from(n) << 64 | 3),
        _ => (*dice.pick(&[
            "",
            "a",
            "A",
            "ß",
            "SS",
            "1",
            "01",
            "2",
            "1.0",
            "x y",
            "X",
            "00000000-0000-0001-0000-000000000003",
        ]))
        .into(),
    }
}

fn rows(dice: &mut Dice, schema: &Schema, n: usize) -> Vec<Vec<Value>> {
    let row = |dice: &mut Dice| {
        let many = match dice.below(3) {
            0 => Value::Null,
            n => {
                let items: Vec<Value> = (0..=n).map(|_| key(dice, Kind::Keyword)).collect();
                coerce(&Value::List(items), schema.field(MANY)).unwrap().value
            }
        };
        vec![
            key(dice, schema.field(KEY).kind),
            key(dice, schema.field(NEXT).kind),
            many,
            (dice.below(4) > 0).into(),
            if dice.below(5) == 0 { Value::Null } else { (dice.below(100) as i64 - 50).into() },
            (*dice.pick(&["x", "X", "y", "Zz", ""])).into(),
        ]
    };
    (0..n).map(|_| row(dice)).collect()
}

/// Whether two cells are the same key.
fn is_same(a: &Value, a_field: &Field, b: &Value, b_field: &Field) -> bool {
    if a.is_empty() || b.is_empty() {
        return false;
    }
    let read = |text: &str, field: &Field| match field.kind {
        Kind::Guid => parse_guid(text).map(Value::Guid),
        _ => coerce(&text.into(), field).ok().map(|cell| cell.value),
    };
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => [a_field, b_field].iter().all(|field| {
            let collation = field.effective_collation();
            collation.fold(a) == collation.fold(b)
        }),
        (Value::Text(a), b) => read(a, b_field).as_ref() == Some(b),
        (a, b) => coerce(b, a_field).ok().map(|cell| cell.value).as_ref() == Some(a),
    }
}

struct World {
    version: Version,
    rows: Vec<Vec<Vec<Value>>>,
}

impl World {
    fn schema(&self, index: usize) -> &Schema {
        &self.version.indexes[index].schema
    }

    /// The first visible row of `index` whose field has the same key.
    fn led(&self, cell: &Value, field: &Field, index: usize, key: FieldId) -> Option<&Vec<Value>> {
        let is_led = |row: &&Vec<Value>| {
            row[SEEN.idx()] == true.into() && is_same(cell, field, &row[key.idx()], self.schema(index).field(key))
        };
        self.rows[index].iter().find(is_led)
    }

    /// The visible rows whose field, of one or several values, has this key.
    fn led_back(&self, cell: &Value, field: &Field, index: usize, key: FieldId) -> Vec<&Vec<Value>> {
        let declared = self.schema(index).field(key);
        let holds = |held: &Value| match held {
            Value::List(items) => items.iter().any(|item| is_same(cell, field, item, declared)),
            one => is_same(cell, field, one, declared),
        };
        self.rows[index].iter().filter(|row| row[SEEN.idx()] == true.into() && holds(&row[key.idx()])).collect()
    }
}

fn input(input: Input, ty: Type) -> Expr {
    let mut builder = ExprBuilder::default();
    let root = builder.push(Op::Input(input), ty);
    builder.expr(root)
}

fn run(request: &Request<'_>, expr: &Expr, index: &Arc<IndexVersion>) -> Vec<Result<Value, Failure>> {
    let index = request.version.indexes.iter().find(|other| Arc::ptr_eq(other, index)).unwrap();
    let program = request.program(expr, Some(index)).unwrap();
    let mut found = Vec::new();
    for segment in &index.segments {
        let column = program.run(&Batch::Block(segment, 0)).unwrap();
        found.extend((0..column.len()).map(|row| column.value(row, expr.ty())));
    }
    found
}

#[test]
fn what_keys_lead_to_is_what_every_row_would_find() {
    let bench = Bench::new("UTC");
    let fields = [
        (Kind::Keyword, None),
        (Kind::Keyword, Some(Collation::Exact)),
        (Kind::Keyword, Some(Collation::Status)),
        (Kind::Integer, None),
        (Kind::Decimal, None),
        (Kind::Guid, None),
    ];
    let mut n_found = 0;
    for seed in 0..150 {
        let mut dice = Dice::new(seed + 77);
        let schemas: Vec<Schema> = ["A", "B", "C"]
            .iter()
            .map(|name| {
                let [(key, key_collation), (next, next_collation)] = [*dice.pick(&fields), *dice.pick(&fields)];
                schema(name, key_field("Key", key, key_collation), key_field("Next", next, next_collation))
            })
            .collect();
        let rows: Vec<_> = schemas.iter().map(|schema| rows(&mut dice, schema, 25)).collect();
        let indexes =
            schemas.iter().zip(&rows).map(|(schema, rows)| Arc::new(index_under(&Arc::new(schema.clone()), rows, 10)));
        let indexes = indexes.collect();
        let catalog = Catalog::new(schemas.clone()).unwrap();
        let world = World { version: Version { number: 1, catalog, indexes }, rows };
        let request = Request::new(&world.version, Marked, &bench.zone, &bench.pool, &bench.budget);
        let id = |n: usize| world.version.catalog.find(["A", "B", "C"][n]).unwrap();
        let a = &world.version.indexes[0];
        let hops = [Hop { from: NEXT, index: id(1), key: KEY }, Hop { from: NEXT, index: id(2), key: KEY }];
        // One hop and two, to a number and to a name.
        for (n_hops, field, ty) in [(1, NUMBER, Type::Integer), (2, NAME, Type::Text), (2, NUMBER, Type::Integer)] {
            let path = Path { hops: hops[..n_hops].to_vec(), field };
            let found = run(&request, &input(Input::Path(path.into()), ty), a);
            for (row, found) in world.rows[0].iter().zip(found) {
                let first = world.led(&row[NEXT.idx()], world.schema(0).field(NEXT), 1, KEY);
                let last = match n_hops {
                    1 => first,
                    _ => first.and_then(|b| world.led(&b[NEXT.idx()], world.schema(1).field(NEXT), 2, KEY)),
                };
                let expected = last.map_or(Value::Null, |row| row[field.idx()].clone());
                n_found += u32::from(expected != Value::Null);
                assert_eq!(found, Ok(expected), "seed {seed}, {n_hops} hops: {row:?}");
            }
        }
        for back in [NEXT, MANY] {
            let hop = Hop { from: KEY, index: id(1), key: back };
            let methods = [
                (Method::Count, None, Type::Integer),
                (Method::Sum, Some(NUMBER), Type::Integer),
                (Method::Average, Some(NUMBER), Type::Decimal),
                (Method::Min, Some(NAME), Type::Text),
                (Method::Max, Some(NUMBER), Type::Integer),
                (Method::CountDistinct, Some(NAME), Type::Integer),
            ];
            for (method, operand, ty) in methods {
                let of = if operand == Some(NAME) { Type::Text } else { Type::Integer };
                let operand_expr = operand.map(|field| input(Input::Field(field), of));
                let predicate = Predicate::leaf(Leaf::IsEmpty { field: NEXT }).not();
                let reduced = Reduced { hop, predicate, method, operand: operand_expr };
                let found = run(&request, &input(Input::Reduced(reduced.into()), ty), a);
                for (row, found) in world.rows[0].iter().zip(found) {
                    let mut led = world.led_back(&row[KEY.idx()], world.schema(0).field(KEY), 1, back);
                    led.retain(|row| !row[NEXT.idx()].is_empty());
                    let expected = reduce(method, operand, &led);
                    n_found += u32::from(expected != Value::Null && expected != 0.into());
                    assert_eq!(
                        found,
                        Ok(expected),
                        "seed {seed}, {method:?} of {operand:?} by {back:?}: {row:?} {led:?}"
                    );
                }
            }
        }
    }
    assert!(n_found > 3000, "{n_found}");
}

fn reduce(method: Method, operand: Option<FieldId>, rows: &[&Vec<Value>]) -> Value {
    let Some(operand) = operand else { return (rows.len() as i64).into() };
    let values: Vec<&Value> =
        rows.iter().map(|row| &row[operand.idx()]).filter(|value| **value != Value::Null).collect();
    let numbers: Vec<i64> =
        values.iter().filter_map(|value| if let Value::Integer(n) = value { Some(*n) } else { None }).collect();
    let mut texts: Vec<(String, &Value)> =
        values.iter().map(|value| (value.to_string().to_lowercase(), *value)).collect();
    texts.sort_by_key(|(folded, value)| (folded.clone(), value.to_string()));
    let sum: i64 = numbers.iter().sum();
    match method {
        Method::CountDistinct => {
            texts.dedup_by_key(|(folded, _)| folded.clone());
            (texts.len() as i64).into()
        }
        _ if values.is_empty() => Value::Null,
        Method::Sum => sum.into(),
        Method::Max => numbers.iter().copied().max().unwrap().into(),
        Method::Min => texts[0].1.clone(),
        Method::Average => {
            let n = numbers.len() as i128;
            let scaled = i128::from(sum) * 10i128.pow(24);
            let away = (scaled.abs() * 2 + n) / (n * 2) * i128::from(sum.signum());
            Value::Decimal(Decimal::shortest(away, 24))
        }
        Method::Count => unreachable!(),
    }
}

#[test]
fn a_failed_operand_fails_the_keys_it_is_reduced_for() {
    let bench = Bench::new("UTC");
    let of = |name: &str| schema(name, Field::new("Key", Kind::Keyword), Field::new("Next", Kind::Keyword));
    let row = |key: &str, next: &str, seen: bool, number: i64| {
        vec![key.into(), next.into(), Value::Null, seen.into(), number.into(), Value::Null]
    };
    let there = [row("k", "a", true, 0), row("l", "a", true, 5), row("m", "b", true, 2), row("n", "b", false, 0)];
    let here = [row("a", "", true, 1), row("b", "", true, 1), row("c", "", true, 1)];
    let indexes = vec![
        Arc::new(index_under(&Arc::new(of("A")), &here, 10)),
        Arc::new(index_under(&Arc::new(of("B")), &there, 10)),
    ];
    let version = Version { number: 1, catalog: Catalog::new([of("A"), of("B")]).unwrap(), indexes };
    let request = Request::new(&version, Marked, &bench.zone, &bench.pool, &bench.budget);
    let mut builder = ExprBuilder::default();
    let number = builder.push(Op::Input(Input::Field(NUMBER)), Type::Integer);
    let ten = builder.push(Op::Const(10.into()), Type::Integer);
    let root = builder.push(Op::Arithmetic(Arithmetic::Divide, [ten, number]), Type::Integer);
    let hop = Hop { from: KEY, index: version.catalog.find("B").unwrap(), key: NEXT };
    let all = Predicate::constant(true);
    let reduced = Reduced { hop, predicate: all, method: Method::Sum, operand: Some(builder.expr(root)) };
    let found = run(&request, &input(Input::Reduced(reduced.into()), Type::Integer), &version.indexes[0]);
    assert_eq!(found, [Err(Failure::DivisionByZero), Ok(5.into()), Ok(Value::Null)], "a hidden row fails nothing");
}
