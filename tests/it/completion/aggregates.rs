//! Completion in aggregates and in the parentheses of functions.

use super::*;

/// What a table of places says in short.
fn written_out(short: &str) -> String {
    let facets = TESTS.replace("Contains", "Not, Contains");
    let times = "Now, Today, StartOfDay, StartOfWeek, StartOfMonth, StartOfQuarter, StartOfYear, EndOfDay, EndOfWeek, \
        EndOfMonth, EndOfQuarter, EndOfYear";
    let cuts = "Month, Day, Hour, Week, Quarter, Year, Bucket";
    let names = [("$fields", FIELDS), ("$aggregates", AGGREGATES), ("$tests", TESTS)];
    let names = names.into_iter().chain([("$facets", facets.as_str()), ("$times", times), ("$cuts", cuts)]);
    names.fold(short.to_owned(), |text, (name, meaning)| text.replace(name, meaning))
}

#[test]
fn each_place_of_an_aggregate_has_its_names() {
    let snapshot = snapshot();
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("co‸", "COUNT, COUNTDISTINCT, Contains"),
        ("COUNT ‸", "WHERE, ,, AS, ORDER BY, $fields, NOT, $tests"),
        ("COUNT AS ‸", ""),
        ("COUNT AS n ‸", "WHERE, ,, ORDER BY, $fields, NOT, $tests"),
        ("COUNT, ‸", "$aggregates"),
        ("COUNT, gr‸", "GROUP BY"),
        ("GROUP ‸", "BY"),
        ("COUNT WHERE ‸", "$fields, NOT, $tests"),
        ("COUNT WHERE Suite = a ‸", "AND, OR, ORDER BY"),
        ("MIN(‸", "CreatedAt, Priority, Took"),
        ("SUM(‸", "Priority, Took"),
        ("COUNTDISTINCT(‸", "Suite, Status, Owner, Automated, CreatedAt, Priority, Took, Folder"),
        ("PERCENTILE(Priority, ‸", ""),
        ("MIN(Priority) ‸", "WHERE, ,, AS, ORDER BY, $fields, NOT, $tests"),
        ("GROUP BY ‸", "Suite, Status, Owner, Automated, CreatedAt, Priority, Took, Folder, Fill, $cuts, Top"),
        ("GROUP BY Suite ‸", "{, AS"),
        ("GROUP BY Suite AS s ‸", "{"),
        ("GROUP BY Suite {‸", "$aggregates"),
        ("GROUP BY Suite { COUNT ‸", ",, }, AS"),
        ("GROUP BY Suite { COUNT AS n ‸", ",, }"),
        ("GROUP BY Suite { COUNT, GROUP BY Status { COUNT } ‸", ",, }, AS"),
        ("GROUP BY Suite AS s { COUNT } ‸", "WHERE, ,, ORDER BY, $fields, NOT, $tests"),
        ("GROUP BY Month(‸", "CreatedAt"),
        ("GROUP BY Month(CreatedAt, ‸", "Format, Range"),
        ("GROUP BY Month(CreatedAt, Format('yyyy'), ‸", "Range"),
        ("GROUP BY Month(CreatedAt, Range(‸", "$times"),
        ("GROUP BY Bucket(‸", "CreatedAt, Priority, Took"),
        ("GROUP BY Bucket(Priority, ‸", ""),
        ("GROUP BY Top(‸", "Suite, Status, Automated, CreatedAt, Priority, Took, Folder, $cuts"),
        ("GROUP BY Fill(‸", "Suite, Status, Owner, Automated, CreatedAt, Priority, Took, Folder, $cuts"),
        ("GROUP BY Top(Bucket(‸", "CreatedAt, Priority, Took"),
        ("GROUP BY Top(Suite, ‸", ""),
        ("GROUP BY Whatever(‸", ""),
        ("FACETED ‸", "$facets, Unmatched"),
        (
            "FACETED Equal(‸",
            "Suite, Status, Owner, Automated, CreatedAt, Priority, Took, Folder, DateAdd, DateSubtract",
        ),
        ("FACETED Equal(Status, ‸", "Passed, Failed, Not Run, Odd, Suite, Status, Folder"),
        ("FACETED Equal(CreatedAt, ‸", "$times, CreatedAt, DateAdd, DateSubtract"),
        ("FACETED Equal(abc, ‸", "Suite, Status, Owner, Folder"),
        ("FACETED Equal(5, ‸", "Suite, Status, Owner, Priority, Folder"),
        ("FACETED Equal(Me(), ‸", "Suite, Owner, Folder"),
        ("FACETED GreaterThan(‸", "CreatedAt, Priority, Took, DateAdd, DateSubtract"),
        ("FACETED GreaterThan(CreatedAt, DateAdd(‸", "CreatedAt"),
        ("FACETED GreaterThan(CreatedAt, DateAdd(CreatedAt, ‸", "Took"),
        ("FACETED GreaterThan(DateAdd(CreatedAt, '1 day'), ‸", "CreatedAt, DateAdd, DateSubtract"),
        ("FACETED AndArgs(‸", "$facets"),
        ("FACETED AndArgs(Not(Equal(Status, ‸", "Passed, Failed, Not Run, Odd, Suite, Status, Folder"),
        ("FACETED In(Suite, [Login, ‸", "Login, Check out, Secret, CurrentUser, Me, ProjectManager"),
        ("FACETED In(Suite, Login, c‸", "Check out, CurrentUser, Secret, ProjectManager"),
        ("FACETED Contains(‸", "Suite, Status, Test Name, Owner, Folder, Text"),
        ("FACETED IsEmpty(‸", "$fields"),
        ("FACETED Equal(Status, Passed) ‸", "{, ,, AS"),
        ("FACETED Equal(Status, Passed) AS a ‸", "{, ,"),
        ("FACETED Equal(Status, Passed), ‸", "$facets, Unmatched"),
        ("FACETED Equal(Status, Passed) { ‸", "$aggregates"),
        ("FACETED Equal(Status, Passed) AS a { COUNT } ‸", "WHERE, ,, AS, ORDER BY, $fields, NOT, $tests"),
        ("Suite = a AND Equal(Status, ‸", "Passed, Failed, Not Run, Odd, Suite, Status, Folder"),
        ("COUNT WHERE NOT In(Status, ‸", "Passed, Failed, Not Run, Odd"),
        ("Defects IN ‸", "{"),
        ("Defects IN { Title = a ‸", "AND, OR, }"),
        ("ORDER BY Suite, ‸", "Suite, Status, Automated, CreatedAt, Priority, Took, Folder"),
    ] {
        let expected = written_out(expected);
        let found = labels(&snapshot, text);
        if found != expected {
            wrong.push((text, expected, found));
        }
    }
    for (t, _, f) in &wrong {
        println!("{t}\n      {f}");
    }
    assert!(wrong.is_empty(), "text, expected, found: {wrong:#?}");
}
