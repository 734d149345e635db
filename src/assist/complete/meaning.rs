//! What the functions and keywords of aggregates and tests say, as it is shown beside them, and what stands in their
//! parentheses. Their names are the language's affair; operators say theirs in `offers`.

/// What a word of the language says, where that is not plain.
pub(super) fn meaning(word: &str) -> Option<&'static str> {
    Some(match word {
        "COUNT" => "how many rows",
        "ENTITIES" => "the rows themselves",
        "GROUP BY" => "rows by a field, or by a function of one",
        "FACETED" => "rows by tests",
        "AS" => "a name for it",
        "MIN" => "least value: MIN(field)",
        "MAX" => "greatest value: MAX(field)",
        "SUM" => "sum: SUM(field)",
        "AVG" => "mean: AVG(field)",
        "COUNTDISTINCT" => "how many different values: COUNTDISTINCT(field)",
        "MEDIAN" => "value in the middle: MEDIAN(field)",
        "PERCENTILE" => "value at a percentage of the way: PERCENTILE(field, percent)",
        "Fill" => "groups without rows too: Fill(field or function)",
        "Hour" => "hours: Hour(field, Format(pattern), Range(from, to))",
        "Day" => "days: Day(field, Format(pattern), Range(from, to))",
        "Week" => "weeks from Monday: Week(field, Format(pattern), Range(from, to))",
        "Month" => "months: Month(field, Format(pattern), Range(from, to))",
        "Quarter" => "quarters: Quarter(field, Format(pattern), Range(from, to))",
        "Year" => "years: Year(field, Format(pattern), Range(from, to))",
        "Bucket" => "ranges between edges: Bucket(field, edge, …)",
        "Top" => "the largest groups and the others together: Top(field or function, n)",
        "Format" => "how periods are shown: Format(\"yyyy-MM\")",
        "Range" => "the first and the last period: Range(from, to)",
        "Equal" => "Equal(field, value or field)",
        "NotEqual" => "NotEqual(field, value or field)",
        "GreaterThan" => "GreaterThan(field, value or field)",
        "GreaterThanOrEqual" => "GreaterThanOrEqual(field, value or field)",
        "LessThan" => "LessThan(field, value or field)",
        "LessThanOrEqual" => "LessThanOrEqual(field, value or field)",
        "AndArgs" => "all pass: AndArgs(test, …)",
        "OrArgs" => "some pass: OrArgs(test, …)",
        "Not" => "does not pass: Not(test)",
        "Contains" => "has the words: Contains(field, words)",
        "In" => "one of them, or in a range: In(field, value, …)",
        "IsEmpty" => "has no value: IsEmpty(field)",
        "Unmatched" => "rows of no other facet",
        "DateAdd" => "later: DateAdd(field, span)",
        "DateSubtract" => "earlier: DateSubtract(field, span)",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::meaning;
    use crate::lang::tql::ast::{BARE_MEASURES, CALLED_MEASURES};
    use crate::query::bind::facet::{SHIFTS, TESTS};
    use crate::query::bind::selector::{PERIOD_OPTIONS, SELECTORS};

    #[test]
    fn whatever_is_offered_says_what_it_means() {
        let tests = TESTS.into_iter().map(|(name, _)| name).chain(SHIFTS.into_iter().map(|(name, _)| name));
        let names =
            BARE_MEASURES.into_iter().chain(CALLED_MEASURES).chain(SELECTORS).chain(PERIOD_OPTIONS).chain(tests);
        assert_eq!(names.filter(|name| meaning(name).is_none()).collect::<Vec<_>>(), [""; 0]);
    }
}
