//! Numbers over a column's cells, worked out as on paper: exact, in whole units and what is behind the point.

use std::collections::BTreeSet;

use tallygrid::Kind;

use super::column::{Class, INTEGER_UNIT, atoms, decimal_text, number_key, number_of};
use super::world::World;

/// What is asked of the cells of a column.
#[derive(Clone, Debug)]
pub(crate) enum Measure {
    Min,
    Max,
    Sum,
    Average,
    Distinct,
    Median,
    Percentile(Percent),
}

/// A percentage in several spellings.
#[derive(Clone, Debug)]
pub(crate) struct Percent {
    pub(crate) written: &'static str,
    pub(crate) shown: &'static str,
    /// Of [`ALL`].
    pub(crate) part: u128,
}

/// A hundred percent, in units of the finest percentage.
pub(crate) const ALL: u128 = 100_000_000;

/// A number by its whole units and parts of 10^-24: of days and times, those are microseconds and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number {
    pub(crate) whole: i128,
    pub(crate) part: i128,
}

/// A sum leaves what can be told of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Overflow;

/// Parts of one whole unit.
const PARTS: i128 = 10i128.pow(24);

/// Decimals have fewer digits before the point.
const MOST_DECIMAL: u128 = 10u128.pow(14);

impl Measure {
    /// Its usual name over a column.
    pub(crate) fn name(&self, field: &str) -> String {
        match self {
            Self::Percentile(percent) => format!("Percentile({field},{})", percent.shown),
            _ => format!("{}({field})", self.shown()),
        }
    }

    pub(crate) fn shown(&self) -> &'static str {
        match self {
            Self::Min => "Min",
            Self::Max => "Max",
            Self::Sum => "Sum",
            Self::Average => "Avg",
            Self::Distinct => "CountDistinct",
            Self::Median => "Median",
            Self::Percentile(_) => "Percentile",
        }
    }

    /// Of the cells of some rows; none if there is nothing to compute it from.
    pub(crate) fn of(&self, world: &World, column: usize, rows: &[usize]) -> Result<Option<Number>, Overflow> {
        let declared = &world.columns[column];
        if let Self::Distinct = self {
            let classes = rows.iter().flat_map(|row| declared.classes(&world.rows[*row][column]));
            let n = classes.filter(|class| *class != Class::Empty).collect::<BTreeSet<Class>>().len();
            return Ok(Some(Number { whole: n as i128, part: 0 }));
        }
        let kind = declared.kind;
        let grain = if kind == Kind::Integer { INTEGER_UNIT } else { 1 };
        let cells = rows.iter().flat_map(|row| atoms(&world.rows[*row][column]));
        let mut numbers: Vec<i128> = cells.map(|atom| number_of(&atom) / grain).collect();
        numbers.sort_unstable();
        let exact = |n: &i128| Number::of_units(kind, *n);
        Ok(match self {
            Self::Min => numbers.first().map(exact),
            Self::Max => numbers.last().map(exact),
            Self::Sum => Some(exact(&sum(kind, &numbers)?)),
            Self::Average if numbers.is_empty() => None,
            Self::Average => {
                let ((high, low), n) = (halves(&numbers), numbers.len() as i128);
                let rest = high.rem_euclid(n) * HALF + low;
                let whole = high.div_euclid(n) * HALF + rest.div_euclid(n);
                Some(rounded(kind, whole, rest.rem_euclid(n) as u128, n as u128))
            }
            Self::Median => at(kind, &numbers, ALL / 2),
            Self::Percentile(percent) => at(kind, &numbers, percent.part),
            Self::Distinct => None,
        })
    }

    /// How a number of it reads.
    pub(crate) fn text(&self, kind: Kind, number: Number) -> String {
        let Number { whole, part } = number;
        match kind {
            _ if matches!(self, Self::Distinct) => whole.to_string(),
            Kind::Integer if part == 0 => whole.to_string(),
            Kind::Integer | Kind::Decimal => decimal_text(whole * PARTS + part, 24),
            kind => number_key(kind, whole),
        }
    }
}

impl Number {
    /// Of a count of a kind's units: of decimals those of 10^-24.
    pub(crate) fn of_units(kind: Kind, units: i128) -> Self {
        match kind {
            Kind::Decimal => Self { whole: units.div_euclid(PARTS), part: units.rem_euclid(PARTS) },
            _ => Self { whole: units, part: 0 },
        }
    }
}

const HALF: i128 = 1 << 64;

/// The sums of the upper and of the lower 64 bits.
fn halves(numbers: &[i128]) -> (i128, i128) {
    (numbers.iter().map(|n| n.div_euclid(HALF)).sum(), numbers.iter().map(|n| n.rem_euclid(HALF)).sum())
}

/// In two halves of their digits, so that only the sum itself can be too large.
fn sum(kind: Kind, numbers: &[i128]) -> Result<i128, Overflow> {
    let (high, low) = halves(numbers);
    let carried = (high + low.div_euclid(HALF)).checked_mul(HALF);
    let sum = carried.and_then(|high| high.checked_add(low.rem_euclid(HALF))).ok_or(Overflow)?;
    if kind == Kind::Duration && i64::try_from(sum).is_err() { Err(Overflow) } else { Ok(sum) }
}

/// The number at a part of the way through ascending ones, in proportion between two neighbours.
fn at(kind: Kind, numbers: &[i128], part: u128) -> Option<Number> {
    let way = (numbers.len() as u128).checked_sub(1)? * part;
    let (below, rest) = ((way / ALL) as usize, way % ALL);
    let low = numbers[below];
    let high = if rest == 0 { low } else { numbers[below + 1] };
    // The digits of the distance, the highest first: what is left of one goes on to the next.
    let (mut down, mut left) = (0, 0);
    for digit in high.abs_diff(low).to_string().bytes() {
        left = left * 10 + u128::from(digit - b'0') * rest;
        down = down * 10 + left / ALL;
        left %= ALL;
    }
    Some(rounded(kind, low.checked_add_unsigned(down).unwrap(), left, ALL))
}

/// `floor + rest / of` units to the nearest number that the kind has, halves to even.
fn rounded(kind: Kind, floor: i128, rest: u128, of: u128) -> Number {
    if kind == Kind::Integer && rest > 0 && floor.unsigned_abs() < MOST_DECIMAL {
        let parts = rest * PARTS as u128;
        let part = nearest((parts / of) as i128, parts % of, of);
        return Number { whole: floor + part / PARTS, part: part % PARTS };
    }
    Number::of_units(kind, nearest(floor, rest, of))
}

fn nearest(floor: i128, rest: u128, of: u128) -> i128 {
    let is_above = rest * 2 > of || (rest * 2 == of && floor % 2 != 0);
    floor + i128::from(is_above)
}
