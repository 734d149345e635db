//! Bytes to rows, changes, filters and questions, over values chosen so that they meet.

use arbitrary::{Result, Unstructured};
use tallygrid::{Decimal, Value};

use crate::oracle::{COLUMNS, Filter, Leaf, Link, Row};

const OPERATORS: [&str; 5] = ["=", "<", "<=", ">", ">="];

/// Changes that are published together, or dropped.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) list: Vec<Change>,
    pub(crate) kept: bool,
}

/// One change; rows are named by their running numbers, from 1, which need not be there.
#[derive(Debug)]
pub(crate) enum Change {
    Append(Vec<Row>),
    Patch { number: i64, column: usize, value: Value },
    Delete { number: i64 },
}

/// What is asked of the rows.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) filter: Filter,
    pub(crate) grouped_by: usize,
    pub(crate) order: Vec<(usize, bool)>,
    pub(crate) skip: u64,
    pub(crate) top: u64,
}

pub(crate) fn changes(u: &mut Unstructured<'_>) -> Result<Vec<Changes>> {
    some(u, 1, 4, |u| Ok(Changes { kept: !u.ratio(1u8, 6u8)?, list: some(u, 1, 4, change)? }))
}

pub(crate) fn question(u: &mut Unstructured<'_>) -> Result<Question> {
    let order = some(u, 0, 3, |u| Ok((*u.choose(&[0, 1, 4, 5, 6, 7, 8, 9, 10])?, u.arbitrary()?)))?;
    let (grouped_by, skip, top) = (*u.choose(&[0, 3, 10])?, u.int_in_range(0..=5)?, u.int_in_range(0..=40)?);
    Ok(Question { filter: chain(u, 2)?, grouped_by, order, skip, top })
}

/// From `least` to `most` things.
fn some<T>(
    u: &mut Unstructured<'_>,
    least: usize,
    most: usize,
    mut draw: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let n = u.int_in_range(least..=most)?;
    (0..n).map(|_| draw(u)).collect()
}

fn change(u: &mut Unstructured<'_>) -> Result<Change> {
    Ok(match u.int_in_range(0..=6)? {
        0 | 1 => Change::Delete { number: u.int_in_range(1..=8)? },
        2 | 3 => {
            let column = u.choose_index(COLUMNS.len())?;
            Change::Patch { number: u.int_in_range(1..=8)?, column, value: cell(u, column)? }
        }
        _ => Change::Append(some(u, 0, 12, |u| (0..COLUMNS.len()).map(|column| cell(u, column)).collect())?),
    })
}

fn cell(u: &mut Unstructured<'_>, column: usize) -> Result<Value> {
    if u.ratio(1u8, 7u8)? {
        return Ok(Value::Null);
    }
    let mut word = |words: &[&str]| u.choose(words).map(|word| Value::from(*word));
    Ok(match COLUMNS[column] {
        "Suite" => word(&["alpha", "Alpha", "ALPHA beta", "beta\0", " beta", "the gamma-ray", "δέλτα", "ΔΈΛΤΑ", ""])?,
        "Status" => word(&["Passed", "ok", "InProgress", "in progress", "Failed", "Blocked", ""])?,
        "Note" => word(&["the login bug", "Login failed", "bug of the day", "a b", ""])?,
        "Exact" => word(&["e", "E", "é", ""])?,
        "Tags" => some(u, 0, 3, |u| u.choose(&["x", "X", "y", "z z", ""]).map(|tag| Value::from(*tag)))?.into(),
        "Runs" if u.ratio(1u8, 6u8)? => u.arbitrary::<i64>()?.max(-i64::MAX).into(),
        "Runs" => u.int_in_range(-5..=5i64)?.into(),
        "Score" => {
            Decimal::new(u.int_in_range(-6..=6i128)? * 50, *u.choose(&[2, 0, 6])?).map_or(Value::Null, Value::from)
        }
        "Flaky" => u.arbitrary::<bool>()?.into(),
        // Around the clock changes of New York in 2024.
        "At" => {
            let (start, step) = *u.choose(&[(1_710_040_000, 1700), (1_730_610_000, 1700)])?;
            Value::Instant((start + u.int_in_range(0..=20i64)? * step) * 1_000_000)
        }
        "Day" => Value::Date(u.int_in_range(19_700..=19_710)?),
        "Took" => Value::Duration(u.int_in_range(-9..=9i64)? * 1_500_000),
        other => unreachable!("no column {other}"),
    })
}

/// Operands joined by AND and OR; parentheses go `depth` levels deep.
fn chain(u: &mut Unstructured<'_>, depth: usize) -> Result<Filter> {
    let link = |u: &mut Unstructured<'_>| {
        let (is_and, negated) = (u.arbitrary()?, u.ratio(1u8, 3u8)?);
        let operand = if depth > 0 && u.ratio(1u8, 4u8)? { chain(u, depth - 1)? } else { Filter::Leaf(leaf(u)?) };
        Ok(Link { is_and, negated, operand })
    };
    some(u, 1, 4, link).map(Filter::Chain)
}

fn leaf(u: &mut Unstructured<'_>) -> Result<Leaf> {
    let owned = |texts: &[&str], u: &mut Unstructured<'_>| u.choose(texts).map(|text| (*text).to_owned());
    let texts = ["alpha", "ALPHA", "beta\0", " beta", "passed", "OK", "In Progress", "x", "z z", "e", "É", "ΔΈΛΤΑ"];
    let words = ["login", "bug", "alpha", "be*", "z", "ray", "δέλτα"];
    let negated = u.arbitrary()?;
    let op = *u.choose(&OPERATORS)?;
    Ok(match u.int_in_range(0..=9)? {
        0 => Leaf::Number { op, number: u.int_in_range(-6..=6)? },
        1 => {
            let low = u.int_in_range(-6..=6)?;
            Leaf::Between { low, high: low + u.int_in_range(0..=6)?, negated }
        }
        2 => Leaf::Score { op, hundredths: u.int_in_range(-6..=6)? * 50 },
        3 => Leaf::Flaky { is: u.arbitrary()?, negated },
        4 => Leaf::At { op, seconds: 1_710_040_000 + u.int_in_range(0..=20)? * 1700 },
        5 => Leaf::Day { op, day: u.int_in_range(19_699..=19_711)? },
        6 => Leaf::Took { op, tenths: u.int_in_range(-10..=10)? * 15 },
        7 => Leaf::Empty { column: u.choose_index(COLUMNS.len())?, negated },
        8 => Leaf::Words { column: *u.choose(&[0, 2, 3])?, words: some(u, 1, 2, |u| owned(&words, u))?, negated },
        _ => Leaf::OneOf { column: *u.choose(&[0, 1, 3, 10])?, texts: some(u, 1, 3, |u| owned(&texts, u))?, negated },
    })
}
