//! The functions of the language, with their spellings and how many arguments they take. What they mean is `query`'s.

/// Declares the functions and what is known of them side by side.
macro_rules! functions {
    ($($name:ident = $text:literal, $least:literal..=$most:literal, $origin:ident;)+) => {
        /// A function of the language. `cast`, `isof` and `case` have nodes of their own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Function {
            $($name,)+
        }

        impl Function {
            /// Every function.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The canonical spelling.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// How many arguments it takes.
            pub(crate) fn arity(self) -> std::ops::RangeInclusive<usize> {
                match self { $(Self::$name => $least..=$most,)+ }
            }

            /// Where it comes from.
            pub(crate) fn origin(self) -> Origin {
                match self { $(Self::$name => Origin::$origin,)+ }
            }
        }
    };
}

/// Where a function comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    /// The standard, 4.0, 4.01 or the aggregation extension.
    Standard,
    /// The standard; functions of geography are recognised and not supported.
    Geo,
    /// v2/v3.
    Old,
    /// Analytics services: lenient mode only.
    Analytics,
}

functions! {
    Concat = "concat", 2..=2, Standard;
    Contains = "contains", 2..=2, Standard;
    EndsWith = "endswith", 2..=2, Standard;
    IndexOf = "indexof", 2..=2, Standard;
    Length = "length", 1..=1, Standard;
    MatchesPattern = "matchesPattern", 2..=3, Standard;
    StartsWith = "startswith", 2..=2, Standard;
    Substring = "substring", 2..=3, Standard;
    ToLower = "tolower", 1..=1, Standard;
    ToUpper = "toupper", 1..=1, Standard;
    Trim = "trim", 1..=1, Standard;
    Year = "year", 1..=1, Standard;
    Month = "month", 1..=1, Standard;
    Day = "day", 1..=1, Standard;
    Hour = "hour", 1..=1, Standard;
    Minute = "minute", 1..=1, Standard;
    Second = "second", 1..=1, Standard;
    FractionalSeconds = "fractionalseconds", 1..=1, Standard;
    TotalSeconds = "totalseconds", 1..=1, Standard;
    Date = "date", 1..=1, Standard;
    Time = "time", 1..=1, Standard;
    TotalOffsetMinutes = "totaloffsetminutes", 1..=1, Standard;
    MinDateTime = "mindatetime", 0..=0, Standard;
    MaxDateTime = "maxdatetime", 0..=0, Standard;
    Now = "now", 0..=0, Standard;
    Round = "round", 1..=1, Standard;
    Floor = "floor", 1..=1, Standard;
    Ceiling = "ceiling", 1..=1, Standard;
    HasSubset = "hassubset", 2..=2, Standard;
    HasSubsequence = "hassubsequence", 2..=2, Standard;
    IsDefined = "isdefined", 1..=1, Standard;
    GeoDistance = "geo.distance", 2..=2, Geo;
    GeoLength = "geo.length", 1..=1, Geo;
    GeoIntersects = "geo.intersects", 2..=2, Geo;
    SubstringOf = "substringof", 2..=2, Old;
    Replace = "replace", 3..=3, Old;
    Iif = "iif", 3..=3, Analytics;
    PercentileCont = "percentile_cont", 2..=64, Analytics;
}

impl Function {
    /// The function of that name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|function| function.as_str().eq_ignore_ascii_case(name))
    }
}
