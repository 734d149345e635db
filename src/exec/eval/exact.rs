//! Decimal arithmetic without loss: a result is exact, or rounded half away from zero at 24 places, or there is none because
//! its digits fill more than 128 bits. What takes more on the way is worked out in 256.

use std::cmp::Ordering;

use crate::model::decimal::{Decimal, MAX_SCALE};

/// `mantissa / 10^scale`, with a scale of at most 24; not always in shortest form. The mantissa is never `i128::MIN`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exact {
    pub(crate) mantissa: i128,
    pub(crate) scale: u8,
}

/// A magnitude of 256 bits: high half, low half.
type Large = (u128, u128);

/// Digits of a quotient that are found at once: a remainder of 64 bits times their unit still has 128.
const STEP: u32 = 12;

pub(crate) fn unit(scale: u8) -> i128 {
    10i128.pow(scale.into())
}

impl Exact {
    pub(crate) fn new(mantissa: i128, scale: u8) -> Self {
        Self { mantissa, scale }
    }

    pub(crate) fn add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let (a, b) = (unit(scale - self.scale), unit(scale - other.scale));
        let narrow = || self.mantissa.checked_mul(a)?.checked_add(other.mantissa.checked_mul(b)?);
        if let Some(mantissa) = narrow().filter(|sum| *sum != i128::MIN) {
            return Some(Self { mantissa, scale });
        }
        let a = multiply(self.mantissa.unsigned_abs(), a.unsigned_abs());
        let b = multiply(other.mantissa.unsigned_abs(), b.unsigned_abs());
        let (negative, sum) = match (self.mantissa < 0) == (other.mantissa < 0) {
            true => (self.mantissa < 0, plus(a, b)),
            false if a < b => (other.mantissa < 0, minus(b, a)),
            false => (self.mantissa < 0, minus(a, b)),
        };
        fit(negative, sum, scale)
    }

    pub(crate) fn negate(self) -> Self {
        Self { mantissa: -self.mantissa, ..self }
    }

    pub(crate) fn subtract(self, other: Self) -> Option<Self> {
        self.add(other.negate())
    }

    pub(crate) fn multiply(self, other: Self) -> Option<Self> {
        let scale = self.scale + other.scale;
        match self.mantissa.checked_mul(other.mantissa) {
            Some(mantissa) if scale <= MAX_SCALE && mantissa != i128::MIN => Some(Self { mantissa, scale }),
            _ => {
                let product = multiply(self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
                fit((self.mantissa < 0) != (other.mantissa < 0), product, scale)
            }
        }
    }

    /// None too where `other` is zero.
    pub(crate) fn divide(self, other: Self) -> Option<Self> {
        let negative = (self.mantissa < 0) != (other.mantissa < 0);
        let (n, d) = (self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
        if d == 0 {
            return None;
        }
        if let Some(quotient) = quotient_of_narrow(n, self.scale, d, other.scale) {
            return fit(negative, (0, quotient), MAX_SCALE);
        }
        let (whole, rest) = match other.scale.checked_sub(self.scale) {
            Some(more) => divide(multiply(n, unit(more).unsigned_abs()), d),
            // Fewer places are wanted than the dividend has already.
            None => {
                let places = MAX_SCALE - (self.scale - other.scale);
                let (quotient, rest) = divide(multiply(n, unit(places).unsigned_abs()), d);
                return fit(negative, rounded(quotient, rest, d), MAX_SCALE);
            }
        };
        if whole.0 > 0 {
            return None;
        }
        let (digits, rest) = divide(multiply(rest, unit(MAX_SCALE).unsigned_abs()), d);
        let all = plus(multiply(whole.1, unit(MAX_SCALE).unsigned_abs()), digits);
        fit(negative, rounded(all, rest, d), MAX_SCALE)
    }

    /// With the sign of the left operand; none where `other` is zero.
    pub(crate) fn remainder(self, other: Self) -> Option<Self> {
        if other.mantissa == 0 {
            return None;
        }
        let scale = self.scale.max(other.scale);
        let n = multiply(self.mantissa.unsigned_abs(), unit(scale - self.scale).unsigned_abs());
        let d = multiply(other.mantissa.unsigned_abs(), unit(scale - other.scale).unsigned_abs());
        // Only one of the two was brought to more places, so not both have more than 128 bits.
        let (_, rest) = if d.0 > 0 { ((0, 0), n.1) } else { divide(n, d.1) };
        fit(self.mantissa < 0, (0, rest), scale)
    }

    /// The whole number before the point and, of the same sign, the units of 10^-24 behind it.
    pub(crate) fn parts(self) -> (i128, i128) {
        let unit = unit(self.scale);
        (self.mantissa / unit, self.mantissa % unit * self::unit(MAX_SCALE - self.scale))
    }

    /// To a whole number, half away from zero.
    pub(crate) fn round(self) -> Self {
        let (whole, rest) = self.parts();
        let up = rest.unsigned_abs() * 2 >= unit(MAX_SCALE).unsigned_abs();
        Self { mantissa: whole + i128::from(up) * rest.signum(), scale: 0 }
    }

    pub(crate) fn floor(self) -> Self {
        let (whole, rest) = self.parts();
        Self { mantissa: whole - i128::from(rest < 0), scale: 0 }
    }

    pub(crate) fn ceiling(self) -> Self {
        let (whole, rest) = self.parts();
        Self { mantissa: whole + i128::from(rest > 0), scale: 0 }
    }

    /// The whole number before the point.
    pub(crate) fn truncated(self) -> i128 {
        self.parts().0
    }

    /// The nearest binary number.
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53; read from digits beyond")]
    pub(crate) fn to_f64(self) -> f64 {
        const EXACT_POWERS: u8 = 22;
        if self.mantissa.unsigned_abs() < 1 << 53 && self.scale <= EXACT_POWERS {
            return self.mantissa as f64 / 10f64.powi(self.scale.into());
        }
        Decimal::from(self).to_string().parse().unwrap_or(f64::NAN)
    }
}

impl From<Exact> for Decimal {
    fn from(exact: Exact) -> Self {
        Self::shortest(exact.mantissa, exact.scale)
    }
}

impl From<Decimal> for Exact {
    fn from(decimal: Decimal) -> Self {
        Self { mantissa: decimal.mantissa(), scale: decimal.scale() }
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        self.parts().cmp(&other.parts())
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Exact {}

/// `n / d` at 24 places, rounded half away from zero, where all that it takes has 128 bits.
fn quotient_of_narrow(n: u128, n_scale: u8, d: u128, d_scale: u8) -> Option<u128> {
    let n = n.checked_mul(unit(d_scale.saturating_sub(n_scale)).unsigned_abs())?;
    let d = d.checked_mul(unit(n_scale.saturating_sub(d_scale)).unsigned_abs())?;
    if d >= 1 << 63 {
        return None;
    }
    let factor = 10u128.pow(STEP);
    let (mut quotient, mut rest) = (n / d, n % d);
    for _ in 0..u32::from(MAX_SCALE) / STEP {
        let digits = rest * factor;
        quotient = quotient.checked_mul(factor)?.checked_add(digits / d)?;
        rest = digits % d;
    }
    quotient.checked_add((rest * 2 >= d).into())
}

/// A magnitude of so many places as a decimal: rounded half away from zero where it has more than 24, without zeros at its end
/// where it is too long otherwise.
fn fit(negative: bool, magnitude: Large, scale: u8) -> Option<Exact> {
    let (mut magnitude, mut scale) = (magnitude, scale);
    if let Some(more) = scale.checked_sub(MAX_SCALE).filter(|more| *more > 0) {
        let d = unit(more).unsigned_abs();
        let (quotient, rest) = divide(magnitude, d);
        (magnitude, scale) = (rounded(quotient, rest, d), MAX_SCALE);
    }
    loop {
        if let Some(mantissa) = i128::try_from(magnitude.1).ok().filter(|_| magnitude.0 == 0) {
            return Some(Exact { mantissa: if negative { -mantissa } else { mantissa }, scale });
        }
        let (shorter, rest) = divide(magnitude, 10);
        if rest > 0 || scale == 0 {
            return None;
        }
        (magnitude, scale) = (shorter, scale - 1);
    }
}

/// `n / d`, rounded half away from zero to a whole number; what leaves 128 bits has no counterpart. `d` is not 0.
pub(crate) fn ratio(n: (i128, u128), d: i128) -> Option<i128> {
    let (quotient, rest) = divide(multiply(n.0.unsigned_abs(), n.1), d.unsigned_abs());
    let magnitude = rounded(quotient, rest, d.unsigned_abs());
    let whole = i128::try_from(magnitude.1).ok().filter(|_| magnitude.0 == 0)?;
    Some(if (n.0 < 0) == (d < 0) { whole } else { -whole })
}

fn rounded(quotient: Large, rest: u128, d: u128) -> Large {
    // Half of an odd divisor lies between two whole numbers.
    if rest >= d - d / 2 { plus(quotient, (0, 1)) } else { quotient }
}

fn plus(a: Large, b: Large) -> Large {
    let (low, carry) = a.1.overflowing_add(b.1);
    (a.0.wrapping_add(b.0).wrapping_add(carry.into()), low)
}

fn minus(a: Large, b: Large) -> Large {
    let (low, borrow) = a.1.overflowing_sub(b.1);
    (a.0.wrapping_sub(b.0).wrapping_sub(borrow.into()), low)
}

fn multiply(a: u128, b: u128) -> Large {
    const HALF: u128 = u64::MAX as u128;
    let ((a1, a0), (b1, b0)) = ((a >> 64, a & HALF), (b >> 64, b & HALF));
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 64);
    let other = a0 * b1 + (middle & HALF);
    (a1 * b1 + (middle >> 64) + (other >> 64), (other << 64) | (low & HALF))
}

/// Quotient and remainder by a divisor from 1 to 2^127, as long division bit by bit where the dividend has more than 128.
fn divide(n: Large, d: u128) -> (Large, u128) {
    let (high, mut rest) = (n.0 / d, n.0 % d);
    if rest == 0 {
        return ((high, n.1 / d), n.1 % d);
    }
    let mut low = 0;
    for bit in (0..128).rev() {
        rest = (rest << 1) | ((n.1 >> bit) & 1);
        low <<= 1;
        if rest >= d {
            rest -= d;
            low |= 1;
        }
    }
    ((high, low), rest)
}

#[cfg(test)]
mod tests {
    use super::{Exact, ratio};
    use crate::model::decimal::Decimal;

    fn exact(text: &str) -> Exact {
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        Exact::new(format!("{whole}{places}").parse().unwrap(), places.len() as u8)
    }

    fn shown(exact: Option<Exact>) -> String {
        exact.map_or_else(|| "none".to_owned(), |exact| Decimal::from(exact).to_string())
    }

    #[test]
    fn results_are_exact_or_rounded_half_away_from_zero_at_the_last_place() {
        let most = i128::MAX.to_string();
        for (a, op, b, result) in [
            ("0.1", '+', "0.2", "0.3"),
            ("170141183460469231731687303715884105727", '+', "0.0", most.as_str()),
            ("170141183460469231731687303715884105727", '+', "1", "none"),
            ("-170141183460469231731687303715884105727", '-', "1", "none"),
            ("100000000000000000000", '+', "0.000000000000000001", "100000000000000000000.000000000000000001"),
            ("100000000000000000000", '+', "0.000000000000000000000001", "none"),
            ("9999999999999999999999999999999999.9999", '+', "0.0001", "10000000000000000000000000000000000"),
            ("1.5", '*', "-0.2", "-0.3"),
            ("0.000000000000000000000001", '*', "0.5", "0.000000000000000000000001"),
            ("-0.000000000000000000000001", '*', "0.5", "-0.000000000000000000000001"),
            ("0.000000000000000000000001", '*', "0.4", "0"),
            ("10000000000000000000", '*', "10000000000000000000", "100000000000000000000000000000000000000"),
            ("20000000000000000000", '*', "10000000000000000000", "none"),
            ("123456789012345678.123456789012345678", '*', "0.5", "61728394506172839.061728394506172839"),
            ("1", '/', "3", "0.333333333333333333333333"),
            ("-2", '/', "3", "-0.666666666666666666666667"),
            ("1", '/', "2000000000000000000000000", "0.000000000000000000000001"),
            ("1", '/', "2000000000000000000000001", "0"),
            ("1", '/', "0.000000000000000000000001", "1000000000000000000000000"),
            ("100000000000000000000", '/', "0.000000000000000000000001", "none"),
            ("0.000000000000000000000003", '/', "2", "0.000000000000000000000002"),
            ("99999999999999.999999999999999999999999", '/', "99999999999999.999999999999999999999999", "1"),
            ("1", '/', "0", "none"),
            ("-7.5", '%', "2", "-1.5"),
            ("7.5", '%', "-2", "1.5"),
            (
                "170141183460469231731687303715884105727",
                '%',
                "0.000000000000000000000007",
                "0.000000000000000000000001",
            ),
            ("0.5", '%', "170141183460469231731687303715884105727", "0.5"),
            ("1", '%', "0", "none"),
        ] {
            let found = match op {
                '+' => exact(a).add(exact(b)),
                '-' => exact(a).subtract(exact(b)),
                '*' => exact(a).multiply(exact(b)),
                '/' => exact(a).divide(exact(b)),
                _ => exact(a).remainder(exact(b)),
            };
            assert_eq!(shown(found), result, "{a} {op} {b}");
        }
    }

    #[test]
    fn whole_numbers_are_found_in_both_directions() {
        let at = |text| {
            let n = exact(text);
            [n.floor(), n.round(), n.ceiling()].map(|n| n.mantissa as i64)
        };
        assert_eq!(at("2.5"), [2, 3, 3]);
        assert_eq!(at("-2.5"), [-3, -3, -2]);
        assert_eq!(at("2.499999999999999999999999"), [2, 2, 3]);
        assert_eq!(at("-0.4"), [-1, 0, 0]);
        assert_eq!(at("7"), [7, 7, 7]);
        assert_eq!(exact("-7.9").truncated(), -7);
        assert_eq!(ratio((-3, 1), 2), Some(-2));
        assert_eq!(ratio((i128::MAX, 1 << 100), 1 << 100), Some(i128::MAX));
        assert_eq!(ratio((i128::MAX, 2), 1), None);
    }

    #[test]
    fn scales_do_not_matter_to_order() {
        assert!(exact("1.50") == exact("1.5") && exact("-1.5") < exact("-1.49"));
        assert!(exact("170141183460469231731687303715884105727") > exact("0.000000000000000000000001"));
        assert!(exact("-0.5") < exact("0.3"));
    }

    #[test]
    fn binary_numbers_are_the_nearest() {
        for (text, x) in [("0.1", 0.1), ("9007199254740993", 9_007_199_254_740_992.0), ("-1.5", -1.5)] {
            assert_eq!(exact(text).to_f64().to_bits(), f64::to_bits(x), "{text}");
        }
        assert_eq!(exact("0.300000000000000044408920").to_f64().to_bits(), (0.1f64 + 0.2).to_bits());
    }
}
