//! The options of the language, by name.

use crate::base::suggest::nearest;

/// An option that the language has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SystemOption {
    Filter,
    OrderBy,
    Top,
    /// `$take` of the seed: `$top` by another name.
    Take,
    Skip,
    Count,
    /// `$inlinecount` of v2/v3: `$count` by another name.
    InlineCount,
    Select,
    Expand,
    Compute,
    Search,
    Apply,
    Levels,
    SkipToken,
    DeltaToken,
    Format,
    SchemaVersion,
    Index,
    Id,
}

/// Options with their names behind `$`, and whether 4.01 lets `$` be left out.
const NAMES: [(SystemOption, &str, bool); 19] = [
    (SystemOption::Filter, "$filter", true),
    (SystemOption::OrderBy, "$orderby", true),
    (SystemOption::Top, "$top", true),
    (SystemOption::Take, "$take", false),
    (SystemOption::Skip, "$skip", true),
    (SystemOption::Count, "$count", true),
    (SystemOption::InlineCount, "$inlinecount", false),
    (SystemOption::Select, "$select", true),
    (SystemOption::Expand, "$expand", true),
    (SystemOption::Compute, "$compute", true),
    (SystemOption::Search, "$search", true),
    (SystemOption::Apply, "$apply", true),
    (SystemOption::Levels, "$levels", true),
    (SystemOption::SkipToken, "$skiptoken", false),
    (SystemOption::DeltaToken, "$deltatoken", false),
    (SystemOption::Format, "$format", true),
    (SystemOption::SchemaVersion, "$schemaversion", true),
    (SystemOption::Index, "$index", true),
    (SystemOption::Id, "$id", true),
];

impl SystemOption {
    /// The option of that name, in any case, with `$` or where 4.01 allows it without.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let is = |(_, full, is_optional): &&(Self, &str, bool)| {
            full.eq_ignore_ascii_case(name)
                || (*is_optional && full.get(1..).is_some_and(|bare| bare.eq_ignore_ascii_case(name)))
        };
        NAMES.iter().find(is).map(|(option, ..)| *option)
    }

    /// Its name, with `$`.
    pub(crate) fn as_str(self) -> &'static str {
        NAMES[self as usize].1
    }

    /// The option that was probably meant by a name with `$`.
    pub(crate) fn near(name: &str) -> Option<&'static str> {
        nearest(name, NAMES.iter().map(|(_, full, _)| *full))
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMES, SystemOption};

    #[test]
    fn names_stand_in_the_order_of_the_options() {
        for (option, name, _) in NAMES {
            assert_eq!((option.as_str(), SystemOption::named(name)), (name, Some(option)));
        }
        assert_eq!(SystemOption::named("ORDERBY"), Some(SystemOption::OrderBy));
        assert_eq!((SystemOption::named("take"), SystemOption::near("$fliter")), (None, Some("$filter")));
    }
}
