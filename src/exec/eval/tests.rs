//! Columns against single values, on random expressions and rows.

pub(crate) mod scalar;
pub(crate) mod world;

use crate::data::version::IndexVersion;
use crate::exec::eval::act::Act;
use crate::exec::eval::apply::apply;
use crate::exec::eval::column::Column;
use crate::exec::eval::program::{Batch, Program};
use crate::exec::eval::state::Failure;
use crate::model::decimal::Decimal;
use crate::model::fold::Collation;
use crate::model::time::Zone;
use crate::model::time::parse::parse_instant;
use crate::model::value::Value;
use crate::query::predicate::Order;
use crate::query::predicate::expr::{Arithmetic, Call, Expr, ExprBuilder, Input, Op, Type};
use scalar::Stop;
use world::{Bench, Dice, Drawer, index_of, rows};

/// What a program comes to for every row of an index.
fn run(program: &Program<'_>, expr: &Expr, index: &IndexVersion) -> Vec<Result<Value, Stop>> {
    let mut found = Vec::new();
    for segment in &index.segments {
        for block in 0..segment.n_blocks() {
            let column = program.run(&Batch::Block(segment, block)).unwrap();
            assert_eq!(column.len(), segment.block_rows(block));
            found.extend((0..column.len()).map(|row| column.value(row, expr.ty()).map_err(Stop::Failed)));
        }
    }
    found
}

#[test]
fn columns_come_to_what_single_values_do() {
    let bench = Bench::new("Europe/Berlin");
    let (mut n_values, mut n_failed, mut n_beyond) = (0, 0, 0);
    for seed in 0..250 {
        let mut dice = Dice::new(seed);
        let n = *dice.pick(&[1, 2, 40, 150]);
        let rows = rows(&mut dice, n);
        let segment_rows = *dice.pick(&[1usize, 64, 1 << 16]);
        let index = index_of(&rows, segment_rows);
        for _ in 0..6 {
            let expr = Drawer::any(&mut dice, 4);
            let means = bench.means(&index);
            let tabulated = run(&Program::new(&expr, None, &means).unwrap(), &expr, &index);
            let plain = run(&Program::untabulated(&expr, None, &means).unwrap().0, &expr, &index);
            for (at, row) in rows.iter().enumerate() {
                let expected = scalar::value(&expr, row, &bench.zone);
                if expected == Err(Stop::Beyond) {
                    n_beyond += 1;
                    continue;
                }
                match &expected {
                    Ok(Value::Null) => {}
                    Ok(_) => n_values += 1,
                    Err(_) => n_failed += 1,
                }
                assert_eq!(tabulated[at], expected, "seed {seed}, row {at} {row:?}: {expr:#?}");
                assert_eq!(plain[at], expected, "seed {seed}, row {at} {row:?}, untabulated: {expr:#?}");
            }
        }
    }
    assert!(n_values > 20_000 && n_failed > 500 && n_beyond < n_values / 10, "{n_values} {n_failed} {n_beyond}");
}

#[test]
fn blocks_of_4096_are_the_same_as_few_rows() {
    let bench = Bench::new("America/New_York");
    for seed in 1000..1012 {
        let mut dice = Dice::new(seed);
        let rows = rows(&mut dice, 5000);
        let index = index_of(&rows, 1 << 16);
        for _ in 0..4 {
            let expr = Drawer::any(&mut dice, 3);
            let found = run(&Program::new(&expr, None, &bench.means(&index)).unwrap(), &expr, &index);
            for (at, row) in rows.iter().enumerate() {
                let expected = scalar::value(&expr, row, &bench.zone);
                assert!(expected == Err(Stop::Beyond) || found[at] == expected, "seed {seed}, row {at}: {expr:#?}");
            }
        }
    }
}

/// What an act on values comes to, in a zone.
fn constant(act: &Act, args: &[(Value, Type)], ty: Type, zone: &str) -> Result<Value, Failure> {
    let columns: Vec<Column<'_>> = args.iter().map(|(value, ty)| Column::constant(1, value, *ty)).collect();
    let types: Vec<Type> = args.iter().map(|(_, ty)| *ty).collect();
    apply(act, &columns.iter().collect::<Vec<_>>(), &types, ty, &Zone::named(zone).unwrap()).value(0, ty)
}

fn type_of(value: &Value) -> Type {
    match value {
        Value::Boolean(_) => Type::Boolean,
        Value::Integer(_) => Type::Integer,
        Value::Decimal(_) => Type::Decimal,
        Value::Real(_) => Type::Real,
        Value::Instant(_) => Type::Instant,
        Value::Date(_) => Type::Date,
        Value::Time(_) => Type::Time,
        Value::Duration(_) => Type::Duration,
        Value::Guid(_) => Type::Guid,
        _ => Type::Text,
    }
}

fn typed(values: &[Value]) -> Vec<(Value, Type)> {
    values.iter().map(|value| (value.clone(), type_of(value))).collect()
}

fn dec(text: &str) -> Value {
    Value::Decimal(Decimal::widely(text).unwrap())
}

fn real(x: f64) -> Value {
    Value::Real(x.into())
}

fn at(text: &str) -> Value {
    Value::Instant(parse_instant(text, &Zone::utc()).unwrap().micros)
}

#[test]
fn texts_are_cut_at_characters() {
    let text = |text: &str| Value::from(text);
    let call = |call: Call, args: &[Value], ty| constant(&Act::Call(call), &typed(args), ty, "UTC");
    for (args, found) in [(["abc", ""], 0), (["", ""], 0), (["", "a"], -1), (["äöü", "ü"], 2), (["abc", "B"], -1)] {
        assert_eq!(call(Call::IndexOf, &args.map(text), Type::Integer), Ok(found.into()), "{args:?}");
    }
    assert_eq!(call(Call::Length, &[text("straße 👍")], Type::Integer), Ok(8.into()));
    for (start, length, found) in [
        (0, None, "äbc"),
        (2, None, "c"),
        (3, None, ""),
        (99, None, ""),
        (i64::MAX, Some(i64::MAX), ""),
        (-1, Some(2), "äb"),
        (i64::MIN, None, "äbc"),
        (1, Some(1), "b"),
        (1, Some(0), ""),
        (0, Some(99), "äbc"),
    ] {
        let args = [text("äbc")].into_iter().chain([start.into()]).chain(length.map(Value::from));
        assert_eq!(call(Call::Substring, &args.collect::<Vec<_>>(), Type::Text), Ok(text(found)), "{start} {length:?}");
    }
    let negative = call(Call::Substring, &[text("abc"), 0.into(), (-1).into()], Type::Text);
    assert_eq!(negative, Err(Failure::NegativeLength));
    let of_null = [(Value::Null, Type::Text), (0.into(), Type::Integer), ((-1).into(), Type::Integer)];
    assert_eq!(constant(&Act::Call(Call::Substring), &of_null, Type::Text, "UTC"), Ok(Value::Null));
    for (args, found) in [(["aXaX", "X", ""], "aa"), (["aaa", "aa", "b"], "ba"), (["abc", "", "x"], "abc")] {
        assert_eq!(call(Call::Replace, &args.map(text), Type::Text), Ok(text(found)), "{args:?}");
    }
    let long = text(&"a".repeat(2000));
    assert_eq!(call(Call::Replace, &[long.clone(), text("a"), long.clone()], Type::Text), Err(Failure::LongText));
    assert!(call(Call::Replace, &[long, text("a"), text(&"b".repeat(500))], Type::Text).is_ok());
    assert_eq!(call(Call::ToUpper, &[text("straße")], Type::Text), Ok(text("STRASSE")));
    assert_eq!(call(Call::Trim, &[text(" \t a b\u{a0}")], Type::Text), Ok(text("a b")));
}

#[test]
fn numbers_are_exact_and_divided_as_their_type_is() {
    let compute = |op, a: Value, b: Value, ty| constant(&Act::Arithmetic(op), &typed(&[a, b]), ty, "UTC");
    let integers = |op, a: i64, b: i64| compute(op, a.into(), b.into(), Type::Integer);
    let (overflow, zero) = (Err(Failure::Overflow), Err(Failure::DivisionByZero));
    for (op, a, b, found) in [
        (Arithmetic::Divide, 7, 2, Ok(3.into())),
        (Arithmetic::Divide, -7, 2, Ok((-3).into())),
        (Arithmetic::Divide, 7, 0, zero.clone()),
        (Arithmetic::Divide, i64::MIN, -1, overflow.clone()),
        (Arithmetic::Remainder, -7, 2, Ok((-1).into())),
        (Arithmetic::Remainder, 7, -2, Ok(1.into())),
        (Arithmetic::Remainder, i64::MIN, -1, Ok(0.into())),
        (Arithmetic::Remainder, 0, 0, zero.clone()),
        (Arithmetic::Add, i64::MAX, 1, overflow.clone()),
        (Arithmetic::Subtract, i64::MIN, 1, overflow.clone()),
        (Arithmetic::Subtract, -1, i64::MAX, Ok(i64::MIN.into())),
        (Arithmetic::Multiply, 1 << 32, 1 << 31, overflow.clone()),
    ] {
        assert_eq!(integers(op, a, b), found, "{a} {op:?} {b}");
    }
    let decimals = |op, a, b| compute(op, dec(a), dec(b), Type::Decimal);
    assert_eq!(decimals(Arithmetic::Divide, "7", "2"), Ok(dec("3.5")));
    assert_eq!(decimals(Arithmetic::Divide, "7", "0.0"), zero);
    assert_eq!(decimals(Arithmetic::Multiply, "9223372036854775807", "10"), Ok(dec("92233720368547758070")));
    assert_eq!(decimals(Arithmetic::Add, "9223372036854775807", "0.5"), Ok(dec("9223372036854775807.5")));
    assert_eq!(decimals(Arithmetic::Add, "170141183460469231731687303715884105727", "1"), overflow);
    let reals = |op, a, b| compute(op, real(a), real(b), Type::Real);
    assert_eq!(reals(Arithmetic::Divide, 1.0, 0.0), Ok(real(f64::INFINITY)));
    assert_eq!(reals(Arithmetic::Divide, -1.0, 0.0), Ok(real(f64::NEG_INFINITY)));
    assert_eq!(reals(Arithmetic::Divide, 0.0, 0.0), Ok(real(f64::NAN)));
    // There is no negative zero that could lead to the other infinity.
    assert_eq!(reals(Arithmetic::Multiply, -1.0, 0.0), Ok(real(0.0)));
    let round =
        |call, value: Value| constant(&Act::Call(call), &typed(std::slice::from_ref(&value)), type_of(&value), "UTC");
    for (n, down, half, up) in [("2.5", "2", "3", "3"), ("-2.5", "-3", "-3", "-2"), ("-0.4", "-1", "0", "0")] {
        let found = [Call::Floor, Call::Round, Call::Ceiling].map(|call| round(call, dec(n)).unwrap());
        assert_eq!(found, [down, half, up].map(dec), "{n}");
    }
    assert_eq!(round(Call::Round, real(-2.5)), Ok(real(-3.0)));
    assert_eq!(round(Call::Ceiling, real(-0.5)), Ok(real(0.0)));
}

#[test]
fn nothing_lies_to_a_nan_and_null_equals_null_alone() {
    let compared = |order, a: (Value, Type), b: (Value, Type), both_null| {
        let act = Act::Compare { order, both_null, collation: Collation::IgnoreCase };
        constant(&act, &[a, b], Type::Boolean, "UTC").unwrap() == true.into()
    };
    let nan = || (real(f64::NAN), Type::Real);
    let null = || (Value::Null, Type::Real);
    for order in [Order::Equal, Order::Less, Order::LessOrEqual, Order::Greater, Order::GreaterOrEqual] {
        assert!(!compared(order, nan(), nan(), true), "{order:?}");
        assert!(!compared(order, null(), (real(1.0), Type::Real), true), "{order:?}");
        let is_equal = order == Order::Equal;
        let or_equal = matches!(order, Order::LessOrEqual | Order::GreaterOrEqual);
        assert_eq!(compared(order, null(), null(), true), is_equal || or_equal, "{order:?}");
        assert_eq!(compared(order, null(), null(), false), is_equal, "{order:?}");
    }
    let text = |text: &str| (Value::from(text), Type::Text);
    assert!(compared(Order::Equal, text("STRASSE"), text("straße"), true));
    assert!(compared(Order::Less, text("A"), text("b"), true) && !compared(Order::Less, text("a"), text("A"), true));
}

#[test]
fn casts_without_a_counterpart_are_null() {
    let cast = |value: Value, to| constant(&Act::Cast, &typed(&[value]), to, "Europe/Berlin").unwrap();
    for (text, to, found) in [
        ("42", Type::Integer, 42.into()),
        ("42.0", Type::Integer, 42.into()),
        ("42.5", Type::Integer, Value::Null),
        ("9223372036854775808", Type::Integer, Value::Null),
        ("", Type::Integer, Value::Null),
        ("1e3", Type::Decimal, dec("1000")),
        ("1e-25", Type::Decimal, Value::Null),
        ("INF", Type::Real, real(f64::INFINITY)),
        ("inf", Type::Real, Value::Null),
        ("1e999", Type::Real, Value::Null),
        ("TRUE", Type::Boolean, true.into()),
        ("yes", Type::Boolean, Value::Null),
        // Without an offset it is UTC, whatever the zone.
        ("2024-07-01T12:00:00", Type::Instant, at("2024-07-01T12:00:00Z")),
        ("2024-07-01", Type::Instant, at("2024-07-01T00:00:00Z")),
        ("2024-02-30", Type::Date, Value::Null),
        ("24:00", Type::Time, Value::Null),
        ("07:59:59.5", Type::Time, Value::Time(28_799_500_000)),
        ("PT1H", Type::Duration, Value::Duration(3_600_000_000)),
        ("00000000-0000-0000-0000-00000000000g", Type::Guid, Value::Null),
    ] {
        assert_eq!(cast(text.into(), to), found, "{text} to {to:?}");
    }
    assert_eq!(cast(dec("-7.9"), Type::Integer), (-7).into());
    assert_eq!(cast(real(-7.9), Type::Integer), (-7).into());
    assert_eq!(cast(real(9.3e18), Type::Integer), Value::Null);
    assert_eq!(cast(real(f64::NAN), Type::Integer), Value::Null);
    assert_eq!(cast(real(0.1), Type::Decimal), dec("0.1"));
    assert_eq!(cast(real(1e300), Type::Decimal), Value::Null);
    assert_eq!(cast(i64::MIN.into(), Type::Decimal), dec("-9223372036854775808"));
    assert_eq!(cast(true.into(), Type::Integer), 1.into());
    assert_eq!(cast(2.into(), Type::Boolean), Value::Null);
    // A day begins in the zone of the request.
    assert_eq!(cast(Value::Date(0), Type::Instant), at("1969-12-31T23:00:00Z"));
    assert_eq!(cast(at("1969-12-31T23:30:00Z"), Type::Date), Value::Date(0));
    assert_eq!(cast(Value::Guid(7), Type::Instant), Value::Null);
}

#[test]
fn moments_have_the_parts_that_clocks_of_the_zone_show() {
    let parts = |text: &str, zone: &str| {
        let part = |call| constant(&Act::Call(call), &typed(&[at(text)]), Type::Integer, zone).unwrap().to_string();
        let calls = [Call::Year, Call::Month, Call::Day, Call::Hour, Call::Minute, Call::Second, Call::OffsetMinutes];
        calls.map(part).join(" ")
    };
    for (text, zone, found) in [
        ("2024-03-31T00:59:59Z", "Europe/Berlin", "2024 3 31 1 59 59 60"),
        ("2024-03-31T01:00:00Z", "Europe/Berlin", "2024 3 31 3 0 0 120"),
        ("2024-10-27T00:30:00Z", "Europe/Berlin", "2024 10 27 2 30 0 120"),
        ("2024-10-27T01:30:00Z", "Europe/Berlin", "2024 10 27 2 30 0 60"),
        ("2024-01-01T04:59:59Z", "America/New_York", "2023 12 31 23 59 59 -300"),
        ("1969-12-31T23:59:59Z", "UTC", "1969 12 31 23 59 59 0"),
        ("0001-01-01T00:00:00Z", "UTC", "1 1 1 0 0 0 0"),
        ("9999-12-31T23:59:59Z", "Pacific/Kiritimati", "10000 1 1 13 59 59 840"),
    ] {
        assert_eq!(parts(text, zone), found, "{text} {zone}");
    }
    let fraction = |value| constant(&Act::Call(Call::FractionalSeconds), &typed(&[value]), Type::Decimal, "UTC");
    assert_eq!(fraction(Value::Instant(-1)), Ok(dec("0.999999")));
    assert_eq!(fraction(Value::Time(1_500_000)), Ok(dec("0.5")));
    let total =
        |micros| constant(&Act::Call(Call::TotalSeconds), &typed(&[Value::Duration(micros)]), Type::Decimal, "UTC");
    assert_eq!(total(-1_500_000), Ok(dec("-1.5")));
    let compute = |op, a: Value, b: Value, ty| constant(&Act::Arithmetic(op), &typed(&[a, b]), ty, "Europe/Berlin");
    let (day, hour) = (Value::Date(10), Value::Duration(3_600_000_000));
    assert_eq!(compute(Arithmetic::Subtract, day.clone(), hour.clone(), Type::Date), Ok(Value::Date(9)));
    assert_eq!(compute(Arithmetic::Add, hour.clone(), day, Type::Date), Ok(Value::Date(10)));
    let last = at("9999-12-31T23:30:00Z");
    assert_eq!(compute(Arithmetic::Add, last, hour.clone(), Type::Instant), Err(Failure::OutsideCalendar));
    let half = compute(Arithmetic::Divide, Value::Duration(3), 2.into(), Type::Duration);
    assert_eq!(half, Ok(Value::Duration(2)), "half a microsecond goes away from zero");
    assert_eq!(compute(Arithmetic::Divide, hour, real(0.0), Type::Duration), Err(Failure::DivisionByZero));
}

#[test]
fn chains_of_a_hundred_thousand_terms_are_walked_in_loops_and_take_few_columns() {
    let bench = Bench::new("UTC");
    let index = index_of(&rows(&mut Dice::new(3), 50), 1 << 16);
    let many = world::schema().field_named("Many").unwrap();
    let mut builder = ExprBuilder::default();
    let field = builder.push(Op::Input(Input::Field(many)), Type::Integer);
    let mut terms = Vec::new();
    let mut sum = field;
    for n in 0..100_000i64 {
        let one = builder.push(Op::Const((n % 7 - 3).into()), Type::Integer);
        sum = builder.push(Op::Arithmetic(Arithmetic::Add, [sum, one]), Type::Integer);
        let compared = Op::OneOf { operand: field, values: [n.into()].into(), collation: Collation::Exact };
        terms.push(builder.push(compared, Type::Boolean));
    }
    let any = builder.push(Op::Or(terms), Type::Boolean);
    let values =
        builder.push(Op::OneOf { operand: sum, values: [5.into()].into(), collation: Collation::Exact }, Type::Boolean);
    let root = builder.push(Op::And(vec![any, values]), Type::Boolean);
    let program = Program::new(&builder.expr(root), None, &bench.means(&index)).unwrap();
    assert!(program.n_slots() < 8, "{} columns", program.n_slots());
    let column = program.run(&Batch::Block(&index.segments[0], 0)).unwrap();
    assert_eq!(column.len(), 50);
}
