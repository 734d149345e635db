//! Binary numbers as values: what computing with them takes lies in `exec`, fields hold exact decimals.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A binary number of 64 bits. There is one NaN, which equals itself and comes last, and one zero, so that values can be told
/// apart and put in order.
///
/// ```
/// use tallygrid::{Real, Value};
/// assert_eq!(Real::from(-0.0), Real::from(0.0));
/// assert_eq!(Real::from(f64::NAN), Real::from(-f64::NAN));
/// assert_eq!(Real::from(1.5e300).to_string(), "1.5e300");
/// assert_eq!(Real::from(-f64::INFINITY).to_string(), "-INF");
/// assert_eq!(Value::from(Real::from(0.1)).to_string(), "0.1");
/// ```
#[derive(Clone, Copy)]
pub struct Real(f64);

impl Real {
    /// The number itself.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl From<f64> for Real {
    fn from(x: f64) -> Self {
        // Adding zero makes the negative zero a positive one.
        Self(if x.is_nan() { f64::NAN } else { x + 0.0 })
    }
}

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Real {}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Real {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Hash for Real {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// From here on, and below its inverse, a number is written with an exponent.
const LARGE: f64 = 1e16;
const SMALL: f64 = 1e-5;

impl fmt::Display for Real {
    /// The shortest digits that read back to the same number; `INF`, `-INF`, `NaN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            x if x.is_nan() => f.write_str("NaN"),
            x if x.is_infinite() => f.write_str(if x > 0.0 { "INF" } else { "-INF" }),
            x if x == 0.0 || (SMALL..LARGE).contains(&x.abs()) => write!(f, "{x}"),
            x => write!(f, "{x:e}"),
        }
    }
}

impl fmt::Debug for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Real;

    #[test]
    fn digits_are_the_shortest_that_read_back() {
        for (x, shown) in [
            (3.0, "3"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e15, "1000000000000000"),
            (1e16, "1e16"),
            (-2.5e-7, "-2.5e-7"),
            (f64::MAX, "1.7976931348623157e308"),
        ] {
            assert_eq!(Real::from(x).to_string(), shown);
            assert_eq!(shown.parse::<f64>().map(Real::from), Ok(Real::from(x)));
        }
    }

    #[test]
    fn every_number_has_its_place() {
        let order = [-f64::INFINITY, -1.0, 0.0, 1e-300, 2.0, f64::INFINITY, f64::NAN].map(Real::from);
        assert!(order.is_sorted() && order.windows(2).all(|pair| pair[0] != pair[1]), "{order:?}");
    }
}
