//! Exact decimal numbers: a whole number of 10^-scale. No binary floats; arithmetic beyond comparing and adding belongs to
//! the expressions that need it.

use std::cmp::Ordering;
use std::fmt;

/// Most digits after the point.
pub(crate) const MAX_SCALE: u8 = 24;
/// Most digits before the point. Together they fill 128 bits, so that any two decimals can be brought to one scale.
pub(crate) const MAX_WHOLE_DIGITS: u32 = 14;

/// An exact decimal with at most 14 digits before and 24 after the point, always in shortest form.
///
/// ```
/// use tallygrid::Decimal;
/// let d: Decimal = "10.50".parse().unwrap();
/// assert_eq!(d.to_string(), "10.5");
/// assert_eq!(d, Decimal::new(1050, 2).unwrap());
/// assert!("1e-30".parse::<Decimal>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

/// Why a text or number is no [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecimalError {
    /// Not the text of a number.
    Malformed,
    /// More than 14 digits before or 24 after the point.
    OutOfRange,
}

impl Decimal {
    /// `mantissa / 10^scale`.
    ///
    /// # Errors
    /// `OutOfRange` where the shortest form has more than 14 digits before or 24 after the point.
    pub fn new(mantissa: i128, scale: u32) -> Result<Self, DecimalError> {
        let (mut mantissa, mut scale) = (mantissa, scale);
        if mantissa == 0 {
            return Ok(Self::default());
        }
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        let short = u8::try_from(scale).ok().filter(|s| *s <= MAX_SCALE).ok_or(DecimalError::OutOfRange)?;
        let whole = mantissa.unsigned_abs() / 10u128.pow(scale);
        if whole >= 10u128.pow(MAX_WHOLE_DIGITS) {
            return Err(DecimalError::OutOfRange);
        }
        Ok(Self { mantissa, scale: short })
    }

    /// The shortest decimal that denotes the float.
    ///
    /// # Errors
    /// `Malformed` for infinities and NaN, `OutOfRange` as for [`Decimal::new`].
    pub fn from_f64(x: f64) -> Result<Self, DecimalError> {
        if !x.is_finite() {
            return Err(DecimalError::Malformed);
        }
        // Rust prints the shortest digits that read back to the same float.
        format!("{x:e}").parse()
    }

    /// The digits without the point.
    #[must_use]
    pub fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// How many of the digits stand after the point.
    #[must_use]
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// The decimal of so many units of 10^-24, as columns store it.
    pub(crate) fn of_units(units: i128) -> Self {
        Self::shortest(units, MAX_SCALE)
    }

    /// The shortest form of what was computed: such numbers may leave the range of one cell.
    pub(crate) fn shortest(mantissa: i128, scale: u8) -> Self {
        let (mut mantissa, mut scale) = (mantissa, scale);
        if mantissa == 0 {
            return Self::default();
        }
        // In few large steps rather than digit by digit.
        for digits in [16u8, 8, 4, 2, 1] {
            let unit = 10i128.pow(digits.into());
            while scale >= digits && mantissa % unit == 0 {
                mantissa /= unit;
                scale -= digits;
            }
        }
        Self { mantissa, scale }
    }

    /// A whole number beyond what integers hold; such sums leave the range of a cell too.
    pub(crate) fn of_whole(n: i128) -> Self {
        Self { mantissa: n, scale: 0 }
    }

    /// What a text denotes, if 128 bits hold its digits, whether a cell could hold it or not.
    pub(crate) fn widely(text: &str) -> Option<Self> {
        let (mantissa, scale) = read(text).ok()?;
        let mut shortest = Self { mantissa, scale: u8::try_from(scale).ok()? };
        while shortest.scale > 0 && shortest.mantissa % 10 == 0 {
            shortest = Self { mantissa: shortest.mantissa / 10, scale: shortest.scale - 1 };
        }
        (shortest.scale <= MAX_SCALE).then_some(shortest)
    }

    /// The digits at a larger scale; within 128 bits for every scale up to [`MAX_SCALE`].
    pub(crate) fn mantissa_at(self, scale: u8) -> i128 {
        debug_assert!(scale >= self.scale && scale <= MAX_SCALE, "decimal brought to a scale that cannot hold it");
        self.mantissa * 10i128.pow(u32::from(scale.saturating_sub(self.scale)))
    }
}

impl std::str::FromStr for Decimal {
    type Err = DecimalError;

    /// Optional sign, digits with an optional point, optional exponent.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (mantissa, scale) = read(text)?;
        Self::new(mantissa, scale)
    }
}

/// The digits of a text and how many of them stand after the point.
fn read(text: &str) -> Result<(i128, u32), DecimalError> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().map_err(|_| DecimalError::Malformed)?),
        None => (text, 0),
    };
    let (negative, digits) = match number.as_bytes().first() {
        Some(b'-') => (true, number.get(1..).unwrap_or("")),
        Some(b'+') => (false, number.get(1..).unwrap_or("")),
        _ => (false, number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || (digits.ends_with('.')) {
        return Err(DecimalError::Malformed);
    }
    if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(DecimalError::Malformed);
    }
    let fraction = fraction.trim_end_matches('0');
    let mut mantissa = 0i128;
    for b in whole.bytes().chain(fraction.bytes()) {
        mantissa = mantissa
            .checked_mul(10)
            .and_then(|m| m.checked_add(i128::from(b - b'0')))
            .ok_or(DecimalError::OutOfRange)?;
    }
    if mantissa == 0 {
        return Ok((0, 0));
    }
    let mantissa = if negative { -mantissa } else { mantissa };
    let n_fraction = i32::try_from(fraction.len()).map_err(|_| DecimalError::OutOfRange)?;
    let scale = n_fraction.checked_sub(exponent).ok_or(DecimalError::OutOfRange)?;
    match u32::try_from(scale) {
        Ok(scale) if scale <= 64 => Ok((mantissa, scale)),
        Ok(_) => Err(DecimalError::OutOfRange),
        Err(_) => {
            let factor = 10i128.checked_pow(scale.unsigned_abs()).ok_or(DecimalError::OutOfRange)?;
            Ok((mantissa.checked_mul(factor).ok_or(DecimalError::OutOfRange)?, 0))
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        // Those that are computed cannot all be brought to one scale.
        let parts = |d: &Self| {
            let unit = 10i128.pow(d.scale.into());
            (d.mantissa / unit, d.mantissa % unit * 10i128.pow(u32::from(MAX_SCALE - d.scale)))
        };
        parts(self).cmp(&parts(other))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.mantissa);
        }
        let unit = 10u128.pow(u32::from(self.scale));
        let digits = self.mantissa.unsigned_abs();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:0width$}", digits / unit, digits % unit, width = usize::from(self.scale))
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a number",
            Self::OutOfRange => "more than 14 digits before or 24 after the point",
        })
    }
}

impl std::error::Error for DecimalError {}

#[cfg(test)]
mod tests {
    use super::{Decimal, DecimalError};

    #[test]
    fn reads_and_prints_the_shortest_form() {
        for (text, shown) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("7.306026794", "7.306026794"),
            ("-1.50", "-1.5"),
            ("1e3", "1000"),
            ("+2.5E-3", "0.0025"),
            (".5", "0.5"),
            ("0.00000", "0"),
        ] {
            assert_eq!(text.parse::<Decimal>().map(|d| d.to_string()), Ok(shown.to_owned()), "{text}");
        }
        for text in ["", "-", "1.", "a", "1e", "1.2.3", "--1", "NaN", "1 "] {
            assert_eq!(text.parse::<Decimal>(), Err(DecimalError::Malformed), "{text}");
        }
        for text in ["1e14", "1e-25", "1e999999999", "1e-999999999", "123456789012345"] {
            assert_eq!(text.parse::<Decimal>(), Err(DecimalError::OutOfRange), "{text}");
        }
    }

    #[test]
    fn floats_become_their_shortest_decimal() {
        assert_eq!(Decimal::from_f64(0.1 + 0.2).unwrap().to_string(), "0.30000000000000004");
        assert_eq!(Decimal::from_f64(1.192_092_895_507_812_5e-7).unwrap().to_string(), "0.00000011920928955078125");
        assert_eq!(Decimal::from_f64(f64::NAN), Err(DecimalError::Malformed));
    }

    #[test]
    fn orders_across_scales() {
        let d = |t: &str| t.parse::<Decimal>().unwrap();
        assert!(d("99999999999999") > d("0.000000000000000000000001"));
        assert!(d("-1.5") < d("-1.49"));
        assert!(Decimal::of_whole(i128::MAX) > d("99999999999999.5") && Decimal::of_whole(i128::MIN) < d("-0.1"));
    }
}
