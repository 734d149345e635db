//! Arrays of unsigned codes in the narrowest width that holds them. What a code means is the block's affair.

/// Codes of one width. The width is chosen by the largest code, so it says nothing about the field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Codes {
    U8(Box<[u8]>),
    U16(Box<[u16]>),
    U32(Box<[u32]>),
    U64(Box<[u64]>),
    U128(Box<[u128]>),
}

/// One width of code.
pub(crate) trait Code: Copy + Ord + Default + Send + Sync {
    /// The largest code of this width.
    const LARGEST: u128;
    /// The same number in 128 bits.
    fn wide(self) -> u128;
    /// The low bits; callers know that the number fits.
    fn narrow(wide: u128) -> Self;
    /// As a position; codes that index anything fit.
    fn idx(self) -> usize;
    /// Difference, wrapping around: for testing a range with one comparison.
    fn minus(self, other: Self) -> Self;
}

/// Implements [`Code`] for the unsigned integers.
macro_rules! code {
    ($($width:ty),+) => { $(
        impl Code for $width {
            const LARGEST: u128 = <$width>::MAX as u128;
            fn wide(self) -> u128 {
                self.into()
            }
            fn narrow(wide: u128) -> Self {
                wide as Self
            }
            fn idx(self) -> usize {
                self as usize
            }
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
        }
    )+ };
}

code!(u8, u16, u32, u64, u128);

/// Runs one body for whichever width the codes have; `$slice` is bound to the typed slice.
macro_rules! each_width {
    ($codes:expr, $slice:ident => $body:expr) => {
        match $codes {
            $crate::data::codes::Codes::U8($slice) => $body,
            $crate::data::codes::Codes::U16($slice) => $body,
            $crate::data::codes::Codes::U32($slice) => $body,
            $crate::data::codes::Codes::U64($slice) => $body,
            $crate::data::codes::Codes::U128($slice) => $body,
        }
    };
}
pub(crate) use each_width;

impl Codes {
    /// The codes given; `largest` is at least the largest of them.
    pub(crate) fn build(largest: u128, codes: impl Iterator<Item = u128>) -> Self {
        fn of<C: Code>(codes: impl Iterator<Item = u128>) -> Box<[C]> {
            codes.map(C::narrow).collect()
        }
        match largest {
            n if n <= u8::LARGEST => Self::U8(of(codes)),
            n if n <= u16::LARGEST => Self::U16(of(codes)),
            n if n <= u32::LARGEST => Self::U32(of(codes)),
            n if n <= u64::LARGEST => Self::U64(of(codes)),
            _ => Self::U128(of(codes)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        each_width!(self, codes => codes.len())
    }

    pub(crate) fn get(&self, i: usize) -> u128 {
        each_width!(self, codes => codes[i].wide())
    }

    pub(crate) fn bytes(&self) -> usize {
        each_width!(self, codes => size_of_val(&**codes))
    }
}
