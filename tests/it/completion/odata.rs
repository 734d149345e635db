//! Completion of OData: what is offered at each place, that what is offered can be read where it is put, and that nothing
//! outside the scope is offered.

use tallygrid::{Check, ODataMode, ODataNames, ODataQuery, ODataRule, check_odata};

use super::*;

pub(super) fn offered(snapshot: &Snapshot, text: &str, ctx: &Context) -> Vec<Completion> {
    let (before, behind) = text.split_once('‸').unwrap();
    let query = ODataQuery::new(format!("{before}{behind}"));
    snapshot.index("Run", ctx).unwrap().complete_odata(&query, before.len(), ctx).unwrap()
}

fn odata_labels(snapshot: &Snapshot, text: &str) -> String {
    offered(snapshot, text, &everything()).iter().map(|found| found.label.as_str()).collect::<Vec<_>>().join(", ")
}

/// Fields that OData can name: a blank is in no name.
const NAMES: &str = "Suite, Status, Owner, Automated, CreatedAt, Priority, Took, Defects, Folder";

#[test]
fn each_place_of_a_request_has_its_names() {
    let snapshot = snapshot();
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("$f‸", "$filter=".to_owned()),
        ("$filter=Suite eq 'a'&$s‸", "$skip=, $select=, $search=".into()),
        ("$filter‸=x", "$filter=".into()),
        ("$filter=Suite eq 'a'&$fi‸", String::new()),
        ("$filter=st‸", "Status, startswith(, substring(, substringof(".into()),
        ("st‸", "Status, startswith(, substring(, substringof(".into()),
        ("$filter=Suite ‸", "eq, ne, gt, ge, lt, le, in".into()),
        ("$filter=Automated ‸", "eq, ne, in, and, or".into()),
        ("$filter=Priority a‸", "add".into()),
        ("$filter=Defects ‸", String::new()),
        ("$filter=Defects/‸", "any(, all(, $count".into()),
        ("$filter=Defects/any(d:d/‸", "Title".into()),
        ("$filter=Defects/any(d:Titl‸", String::new()),
        ("$filter=Defects/any(d:d/Title ‸", "eq, ne, gt, ge, lt, le, in".into()),
        ("$filter=Defects/any(d:d/Title eq 'C‸", "Crash, Secret crash".into()),
        ("$filter=Owner/any(o:o eq 'a‸')", "ada".into()),
        ("$filter=Owner/any(o:o eq 'ada') ‸", "and, or".into()),
        ("$filter=Status eq 'p‸'", "Passed".into()),
        ("$filter=Status in ('Passed','n‸", "Not Run".into()),
        ("$filter=Status in ('Passed' ‸", "), ,".into()),
        ("$filter=(Status eq 'Passed' ‸", "and, or, )".into()),
        ("$filter=Automated eq tr‸", "true, trim(, substring(, substringof(".into()),
        ("$filter=contains(Suite,'log‸", "Login".into()),
        ("$filter=contains(Suite,'x') ‸", "and, or".into()),
        ("$filter=not contain‸", "contains(".into()),
        ("$filter=Suite eq 'it''s ‸'", String::new()),
        ("$orderby=Pr‸", "Priority".into()),
        ("$orderby=Priority ‸", "eq, ne, gt, ge, lt, le, in, add, sub, mul, div, mod".into()),
        ("$orderby=Priority desc‸", String::new()),
        ("$orderby=Priority desc ‸", ",".into()),
        ("$select=Su‸", "Suite".into()),
        ("$select=Suite,‸", NAMES.into()),
        ("$expand=‸", "Defects".into()),
        ("$expand=Defects‸", "Defects".into()),
        ("$expand=Defects ‸", "(, ,".into()),
        (
            "$expand=Defects($‸",
            "$filter=, $orderby=, $top=, $skip=, $count=, $select=, $expand=, $compute=, $search=".into(),
        ),
        ("$expand=Defects($select=‸", "Title".into()),
        ("$expand=Defects($top=1;$filter=Title eq 'Se‸", "Secret crash".into()),
        ("$expand=Defects($select=Title) ‸", ",".into()),
        ("$inlinecount=‸", "allpages, none".into()),
        ("$compute=Priority add 1 as ‸", String::new()),
        ("$apply=gro‸", "groupby(".into()),
        ("$apply=groupby(‸", "(".into()),
        ("$apply=groupby((Su‸", "Suite".into()),
        ("$apply=groupby((Suite ‸", ",, )".into()),
        ("$apply=groupby((Suite) ‸", ",, )".into()),
        ("$apply=groupby((Suite),agg‸", "aggregate(".into()),
        ("$apply=groupby((Suite),aggregate(Prio‸", "Priority".into()),
        ("$apply=groupby((Suite),aggregate(Priority ‸", "with".into()),
        ("$apply=groupby((Suite),aggregate(Priority with mi‸", "min".into()),
        ("$apply=groupby((Suite),aggregate(Priority with max ‸", "as".into()),
        ("$apply=filter(Status eq 'Pa‸", "Passed".into()),
        ("$apply=filter(Status eq 'Passed')‸", "/".into()),
        ("$apply=filter(Status eq 'Passed') ‸", "/".into()),
        ("$apply=filter(Status eq 'Passed')/id‸", "identity".into()),
        ("$apply=topcount(2,Pri‸", "Priority".into()),
        ("$top=‸", String::new()),
        ("$filter=Suite eq 'a' garbage ‸", String::new()),
    ] {
        let found = odata_labels(&snapshot, text);
        if found != expected {
            wrong.push(format!("{text}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn values_are_written_as_literals_of_their_kind() {
    let snapshot = snapshot();
    let first = |text: &str| {
        let found = offered(&snapshot, text, &everything()).swap_remove(0);
        (found.insert, found.count)
    };
    assert_eq!(first("$filter=Suite eq ‸"), ("'Login'".to_owned(), Some(3)));
    assert_eq!(first("$filter=Automated eq ‸"), ("true".to_owned(), Some(4)));
    assert_eq!(first("$filter=Priority eq ‸"), ("2".to_owned(), Some(2)));
    assert_eq!(first("$filter=Suite eq 'Che‸"), ("'Check out'".to_owned(), Some(1)));
}

#[test]
fn odata_values_are_those_of_the_scope() {
    let (snapshot, text) = (snapshot(), "$filter=Suite eq ");
    let ctx = everything();
    let query = ODataQuery::new(text).scope(Condition::tql("Automated = Yes AND Suite != Secret"));
    let found = snapshot.index("Run", &ctx).unwrap().complete_odata(&query, text.len(), &ctx).unwrap();
    let values: Vec<_> = found.iter().filter(|found| found.count.is_some()).map(|found| &*found.label).collect();
    assert_eq!(values, ["Login", "Check out"]);
    let only_runs = context(Access::none().allow("Run", Condition::tql("")));
    for text in ["$expand=Defects($select=‸", "$filter=Defects/any(d:d/‸"] {
        assert_eq!(offered(&snapshot, text, &only_runs), []);
    }
}

const REQUESTS: [&str; 4] = [
    "$filter=Suite eq 'Login' and (Priority add 2 gt 3 or not contains(Suite,'x'))&$orderby=Priority desc,Suite&$top=3",
    "$filter=Defects/any(d:d/Title eq 'Crash') and Owner/all(o:o ne 'ada')&$select=Suite,Status&$expand=Defects($select=Title)",
    "$apply=filter(Status in ('Passed','Failed'))/groupby((Suite,Status),aggregate(Priority with max as Top,$count as N))",
    "$compute=Priority mul 2 as Twice&$count=true",
];

/// A character less or more anywhere, and the cursor anywhere.
#[test]
fn damaged_requests_are_completed_too() {
    let (snapshot, ctx) = (snapshot(), everything());
    let runs = snapshot.index("Run", &ctx).unwrap();
    for request in REQUESTS {
        for (at, c) in request.char_indices().step_by(3) {
            let behind = request.get(at + c.len_utf8()..).unwrap();
            for put in ["", "'", "(", ")", "/", "ß😀", ",", "="] {
                let text = format!("{}{put}{behind}", request.get(..at).unwrap());
                for offset in [at, at + 1, at + put.len(), text.len(), text.len() + 5] {
                    for found in runs.complete_odata(&ODataQuery::new(text.as_str()), offset, &ctx).unwrap() {
                        let (start, end) = (found.span.start as usize, found.span.end as usize);
                        assert!(text.get(start..end).is_some() && start <= offset, "{text} at {offset}: {found:?}");
                    }
                }
            }
        }
    }
}

/// Whatever is offered at any place of a request can be read there: no mistake begins before the end of what was put in.
#[test]
fn what_is_offered_can_be_read() {
    let (snapshot, ctx) = (snapshot(), everything());
    let mut n = 0;
    for request in REQUESTS {
        for (at, _) in request.char_indices() {
            for found in offered(&snapshot, &format!("{}‸", request.get(..at).unwrap()), &ctx) {
                let mut text = request.get(..at).unwrap().to_owned();
                text.replace_range(found.span.start as usize..found.span.end as usize, &found.insert);
                let end = found.span.start as usize + found.insert.len();
                let rule =
                    if text.starts_with('$') { ODataRule::default() } else { ODataRule::named("filter").unwrap() };
                let names = ODataNames::default();
                let Check { diagnostics, .. } = check_odata(&text, rule, ODataMode::Lenient, &names, &ctx);
                let early = diagnostics.iter().filter(|d| d.severity() == tallygrid::Severity::Error).find(|d| {
                    // Brackets that nothing closes yet are told where they open.
                    d.code().as_str() != "unclosed-bracket" && d.span().is_some_and(|s| (s.start as usize) < end)
                });
                assert_eq!(early.map(tallygrid::Diagnostic::message), None, "{text}");
                n += 1;
            }
        }
    }
    assert!(n > 2000, "{n}");
}
