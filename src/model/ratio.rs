//! Exact results of division, and how they are rounded to a value of a field's kind.

use crate::model::decimal::{Decimal, MAX_SCALE, MAX_WHOLE_DIGITS};
use crate::model::kind::Kind;
use crate::model::value::Value;

/// A part of a whole that is not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fraction {
    pub(crate) part: u128,
    pub(crate) whole: u128,
}

impl Fraction {
    /// In hundredths, without digits beyond the 24th behind the point.
    pub(crate) fn percent(self) -> Decimal {
        let units = self.part.saturating_mul(10u128.pow(u32::from(MAX_SCALE) + 2)) / self.whole;
        Decimal::of_units(units as i128)
    }
}

/// `whole + rest`, where the rest is at least 0 and below 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quotient {
    whole: i128,
    rest: Fraction,
}

impl Quotient {
    /// `(low + laps * 2^128) / n`, which lies within 128 bits as the mean of `n` such numbers does; n is not 0.
    pub(crate) fn of((laps, low): (i64, i128), n: u64) -> Self {
        let n = n.max(1);
        // The same number with a lower part that is not negative.
        let high = laps - i64::from(low < 0);
        let low = low as u128;
        // 64 bits after the other, as by hand: what is carried is less than n.
        let divide = |carried: u64, part: u64| {
            let part = u128::from(carried) << 64 | u128::from(part);
            ((part / u128::from(n)) as u64, (part % u128::from(n)) as u64)
        };
        let carried = i128::from(high).rem_euclid(n.into()) as u64;
        let (upper, carried) = divide(carried, (low >> 64) as u64);
        let (lower, part) = divide(carried, low as u64);
        let whole = (u128::from(upper) << 64 | u128::from(lower)) as i128;
        Self { whole, rest: Fraction { part: part.into(), whole: n.into() } }
    }

    /// That part of the way from `low` up to `high`.
    pub(crate) fn between(low: i128, high: i128, way: Fraction) -> Self {
        let distance = high.wrapping_sub(low) as u128;
        // In two steps, so that no product leaves 128 bits.
        let (times, over) = (distance / way.whole, (distance % way.whole) * way.part);
        let whole = (times * way.part).wrapping_add(over / way.whole);
        let rest = Fraction { part: over % way.whole, whole: way.whole };
        Self { whole: low.wrapping_add(whole as i128), rest }
    }

    /// To the nearest whole number, halves to even.
    fn rounded(self) -> i128 {
        let Fraction { part, whole } = self.rest;
        let up = match (part * 2).cmp(&whole) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => self.whole % 2 != 0,
            std::cmp::Ordering::Greater => true,
        };
        self.whole.wrapping_add(up.into())
    }

    /// The same in units 10^24 times smaller, if 128 bits hold that.
    fn scaled(self) -> Option<Self> {
        // The steps are as large as 128 bits allow where the whole of the rest has 64.
        let (step, n_steps) = if u64::try_from(self.rest.whole).is_ok() { (12, 2) } else { (1, u32::from(MAX_SCALE)) };
        let factor = 10u128.pow(step);
        (0..n_steps).try_fold(self, |at, _| {
            let part = at.rest.part.checked_mul(factor)?;
            let whole = at.whole.checked_mul(factor as i128)?.checked_add((part / at.rest.whole) as i128)?;
            Some(Self { whole, rest: Fraction { part: part % at.rest.whole, whole: at.rest.whole } })
        })
    }

    /// As a value of a kind whose columns hold such numbers. Instants, days and durations are rounded to their unit, decimals
    /// to 24 digits after the point; a quotient of integers is an integer if it is whole, else a decimal, unless it has more
    /// digits before the point than decimals hold: then it is rounded to an integer. Halves go to even.
    pub(crate) fn value(self, kind: Kind) -> Value {
        match kind {
            Kind::Integer if self.rest.part == 0 => integer(self.whole),
            Kind::Integer => {
                let fits = self.whole.unsigned_abs() < 10u128.pow(MAX_WHOLE_DIGITS);
                match self.scaled().filter(|_| fits) {
                    Some(units) => Decimal::of_units(units.rounded()).into(),
                    None => integer(self.rounded()),
                }
            }
            Kind::Decimal => Decimal::of_units(self.rounded()).into(),
            Kind::Date => Value::Date(i32::try_from(self.rounded()).unwrap_or_default()),
            Kind::DateTime => Value::Instant(i64::try_from(self.rounded()).unwrap_or_default()),
            Kind::Duration => Value::Duration(i64::try_from(self.rounded()).unwrap_or_default()),
            _ => Value::Null,
        }
    }
}

/// A mean of integers is no larger than the largest of them.
fn integer(n: i128) -> Value {
    Value::Integer(i64::try_from(n).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{Fraction, Quotient};
    use crate::model::kind::Kind;

    #[test]
    fn means_are_exact_or_rounded_at_the_last_digit() {
        let shown = |sum, n, kind| Quotient::of((0, sum), n).value(kind).to_string();
        assert_eq!(shown(6, 3, Kind::Integer), "2");
        assert_eq!(shown(-7, 2, Kind::Integer), "-3.5");
        assert_eq!(shown(1, 3, Kind::Integer), "0.333333333333333333333333");
        assert_eq!(shown(2, 3, Kind::Integer), "0.666666666666666666666667");
        assert_eq!(shown(i128::from(i64::MAX) * 2 - 1, 2, Kind::Integer), "9223372036854775806");
        assert_eq!(shown(3, 2, Kind::Duration), "00:00:00.000002");
        assert_eq!(shown(1, 2, Kind::Duration), "00:00:00");
        // Three times the greatest number is 2^128 and something, twice the least is -2^128.
        assert_eq!(Quotient::of((1, i128::MAX - 2), 3).whole, i128::MAX);
        assert_eq!(Quotient::of((-1, 0), 2).whole, i128::MIN);
        assert_eq!((Quotient::of((0, -7), 2).whole, Quotient::of((-1, 1), 3).whole), (-4, i128::MIN / 3 * 2 - 1));
    }

    #[test]
    fn places_between_neighbours_are_in_proportion() {
        let at = |low, high, part, whole| Quotient::between(low, high, Fraction { part, whole }).value(Kind::Integer);
        assert_eq!(at(10, 20, 1, 4).to_string(), "12.5");
        assert_eq!(at(-3, -2, 9, 10).to_string(), "-2.1");
        assert_eq!(at(i64::MIN.into(), i64::MAX.into(), 1, 2).to_string(), "-0.5");
    }
}
