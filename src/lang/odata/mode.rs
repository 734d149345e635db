//! Strict and lenient reading, and the habits of published queries that part them.

/// How closely a text must keep to the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Mode {
    /// What published queries need is taken, with a warning.
    #[default]
    Lenient,
    /// The standard to the letter, blanks included.
    Strict,
}

/// What the standard does not have and lenient reading takes. Each is told once a text there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Blanks where none belong, or line ends.
    Blanks,
    /// No blank where one belongs.
    NoBlank,
    /// `+` where a blank belongs.
    PlusForBlank,
    /// `+` as a sign, which decoding a form takes for a blank.
    PlusSign,
    /// A blank in the place of `+` in an offset.
    BlankOffset,
    /// `2021-09-01Z`.
    DateZ,
    /// `4.5m`.
    Suffix,
    /// `iif`, `percentile_cont`.
    Function,
    /// A member of a list that is no literal.
    ListMember,
    /// `$all` in a rollup.
    RollupAll,
    /// `as` before `from`.
    AliasFirst,
    /// `%` that begins no code.
    Percent,
    /// `$count` as a value of its own.
    BareCount,
    /// `Path/*` in `$select`.
    SelectStar,
    /// Nothing between two `&`.
    EmptyOption,
    /// A string in double quotes.
    DoubleQuotes,
    /// A name longer than names may be.
    LongName,
    /// A word of a search with a character that stands encoded there.
    SearchCharacter,
    /// A flag that is no literal of an enumeration.
    Flag,
    /// A slash at the end of a path, a segment behind the last one, nothing behind `?`.
    Segment,
    /// A comma behind the last member of a list.
    LastComma,
}

impl Habit {
    /// What is wrong with it.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Blanks => "the standard has no blanks or line ends here",
            Self::NoBlank => "the standard has a blank here",
            Self::PlusForBlank => "`+` stands where a blank belongs",
            Self::PlusSign => "`+` is a blank to whoever decodes a form",
            Self::BlankOffset => "an offset has a blank in place of its `+`",
            Self::DateZ => "a date has no zone in the standard",
            Self::Suffix => "numbers have no suffix in OData v4",
            Self::Function => "the standard does not have this function",
            Self::ListMember => "the members of a list are literals in the standard",
            Self::RollupAll => "`$all` is of older drafts of the standard",
            Self::AliasFirst => "`as` stands behind `from` in the standard",
            Self::Percent => "`%` begins no code of two hexadecimal digits",
            Self::BareCount => "`$count` has a path before it in the standard",
            Self::SelectStar => "`*` stands alone in the standard",
            Self::EmptyOption => "an option is missing beside `&`",
            Self::DoubleQuotes => "strings outside arrays and objects stand in single quotes",
            Self::LongName => "a name has at most 128 characters in the standard",
            Self::SearchCharacter => "a word of a search has this character encoded in the standard",
            Self::Flag => "`has` takes a literal of an enumeration in the standard",
            Self::Segment => "the standard has no path of this form",
            Self::LastComma => "a comma stands between members in the standard",
        }
    }

    /// The way out.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Blanks => "blanks stand inside parentheses, behind commas and around operators",
            Self::NoBlank => "operators are words, with blanks around them",
            Self::PlusForBlank => "a blank is `%20` in a URL",
            Self::PlusSign | Self::BlankOffset => "`+` is `%2B` in a URL",
            Self::DateZ => "leave `Z` out",
            Self::Suffix => "leave the suffix out",
            Self::Function => {
                "`case(condition:value,true:value)` is the standard's choice; percentiles are an extension"
            }
            Self::ListMember => "compare with `eq` and join with `or`",
            Self::RollupAll => "`concat(groupby(…),aggregate(…))` adds a grand total",
            Self::AliasFirst => "write `Amount with sum from Time with average as Name`",
            Self::Percent => "`%` itself is `%25` in a URL",
            Self::BareCount => "write `Items/$count`",
            Self::SelectStar => "name the path alone: it selects everything below it",
            Self::EmptyOption => "one `&` stands between two options",
            Self::DoubleQuotes => "a quote within single quotes is doubled",
            Self::LongName => "names of services are shorter",
            Self::SearchCharacter => "encode it, or put the words in double quotes",
            Self::Flag => "write `Ns.Type'Member'` or `'Member'`",
            Self::Segment => "`$ref`, `$value` and `$count` stand last, and nothing stands behind the last `/` or `?`",
            Self::LastComma => "leave the comma out",
        }
    }
}
