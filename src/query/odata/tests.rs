//! Filters bound: what is printed means the same, and mistakes are told before any row is read. What filters answer is held by
//! the cases and the judges of `tests/it`.

use std::collections::HashSet;

use crate::base::limits::Limits;
use crate::lang::odata::mode::Mode;
use crate::lang::odata::parse::read_request;
use crate::model::catalog::{Catalog, IndexId};
use crate::model::field::Field;
use crate::model::kind::Kind;
use crate::model::schema::Schema;
use crate::model::time::Zone;
use crate::query::context::{Env, Facts, Sight};
use crate::query::odata::Reading;
use crate::query::odata::print::print_filter;
use crate::query::odata::request::{aliases, bind};
use crate::query::pipeline::Step;
use crate::query::predicate::Predicate;

#[derive(Debug)]
struct Everything;

impl Sight for Everything {
    fn sees(&self, _: &str) -> bool {
        true
    }
}

impl Facts for Everything {}

fn catalog() -> Catalog {
    let run = Schema::builder("Run").key("Id").fields([
        Field::new("Id", Kind::Integer),
        Field::new("Name", Kind::Keyword),
        Field::new("Took", Kind::Decimal),
        Field::new("Tags", Kind::Keyword).multi(),
        Field::new("At", Kind::DateTime),
        Field::new("Day", Kind::Date),
        Field::new("For", Kind::Duration),
        Field::new("Ok", Kind::Boolean),
        Field::relation("Suite", "Suite", "Id", false),
    ]);
    let suite = Schema::builder("Suite").key("Id").fields([
        Field::new("Id", Kind::Keyword),
        Field::new("Owner", Kind::Keyword),
        Field::relation("Runs", "Run", "Suite", true),
    ]);
    Catalog::new([run.build().unwrap(), suite.build().unwrap()]).unwrap()
}

/// What a filter means, and the codes of what is wrong with it.
fn bound(text: &str, reading: Reading) -> (Predicate, Vec<&'static str>) {
    asked(&format!("$filter={text}"), reading)
}

/// What the conditions of a request mean, and the codes of what is wrong with it.
fn asked(query: &str, reading: Reading) -> (Predicate, Vec<&'static str>) {
    let (catalog, limits, zone) = (catalog(), Limits::default(), Zone::utc());
    let schema = catalog.schemas().next().unwrap();
    let env = Env {
        schema,
        catalog: &catalog,
        sight: &Everything,
        now: 0,
        zone: &zone,
        facts: &Everything,
        limits: &limits,
        in_permission: false,
    };
    let mode = if reading.strict { Mode::Strict } else { Mode::Lenient };
    let parsed = read_request(query, mode, &limits);
    let mut diagnostics = parsed.diagnostics;
    let aliases = aliases(&parsed.tree.options);
    let bound = bind(&parsed.tree.options, (&env, IndexId(0)), reading, &aliases, None, &mut diagnostics);
    let predicate = Predicate::all(bound.rows.steps.into_iter().filter_map(|step| match step {
        Step::Where(predicate) => Some(predicate),
        _ => None,
    }));
    (predicate, diagnostics.iter().map(|d| d.code().as_str()).collect())
}

const V4: Reading = Reading { old_nulls: false, strict: false };

#[test]
fn filters_print_as_texts_that_mean_the_same() {
    let mut printed = HashSet::new();
    for text in [
        "Name eq 'a''b'",
        "Name ne 'a' and (Took gt 1.5 or not (Took le 3))",
        "Name in ('a','b') and Id in (1,2,3)",
        "Took add 1 mul 2 sub 3 gt Id",
        "contains(Name,'x') and not startswith(tolower(Name),'y')",
        "Tags/any(t:t eq 'smoke') and Tags/any(t:length(t) gt 3)",
        "not (Tags/any()) or Tags/$count gt 2",
        "Suite/Owner eq 'ada' and concat(Suite/Owner,'!') ne 'bob!'",
        "year(At) eq 2024 and At ge 2024-01-01T00:00:00Z and Day lt 2024-05-01",
        "For gt duration'PT1H30M' and At add For gt At",
        "cast(Id,Edm.Double) div 3 gt 0.5",
        "case(Id gt 3:Took,true:0) ge 1.0",
        "Ok and not Ok eq false",
        "Id div 2 mod 3 eq -1",
        "tolower(Name) in ('a','b')",
        "matchesPattern(Name,'^a.*z$')",
    ] {
        let (predicate, codes) = bound(text, V4);
        assert!(codes.iter().all(|code| *code == "mixed-operators"), "{text}: {codes:?}");
        let catalog = catalog();
        let shown = print_filter(&predicate, catalog.schemas().next().unwrap(), &catalog).unwrap();
        let (again, codes) = bound(&shown, V4);
        assert!(codes.is_empty(), "{text} printed as {shown}: {codes:?}");
        assert_eq!(again, predicate, "{text} printed as {shown}");
        printed.insert(shown);
    }
    assert_eq!(printed.len(), 16);
}

#[test]
fn mistakes_are_told_before_any_row_is_read() {
    for (text, code) in [
        ("Nam eq 'a'", "unknown-field"),
        ("Took eq 'a'", "wrong-operator"),
        ("Name gt 5", "wrong-operator"),
        ("Took", "wrong-operator"),
        ("length(Took) gt 1", "wrong-argument"),
        ("Tags eq 'a'", "wrong-operator"),
        ("Name/any(x:x eq 'a')", "wrong-operator"),
        ("Day eq 2024-02-30", "wrong-literal"),
        ("matchesPattern(Name,'(')", "wrong-argument"),
        ("Suite/Ownr eq 'a'", "unknown-field"),
        ("Name eq @p&@p=@p", "wrong-parameter"),
    ] {
        assert_eq!(bound(text, V4).1, [code], "{text}");
    }
    let strict = Reading { strict: true, ..V4 };
    assert_eq!(bound("name eq 'a'", V4).1, [""; 0]);
    assert_eq!(bound("name eq 'a'", strict).1, ["unknown-field"]);
    assert_eq!(bound("not Name eq 'x'", strict).1, ["wrong-operator"]);
    assert_eq!(bound("not Name eq 'x'", V4).1, ["mixed-operators"]);
}

#[test]
fn what_the_parser_told_is_not_told_again() {
    for (query, codes) in [
        ("$apply=aggregate(Id with total as T)", ["unknown-function"]),
        ("$apply=join(Runs as R)", ["not-supported"]),
        ("$filter=geo.length(Name) gt 1", ["not-supported"]),
    ] {
        assert_eq!(asked(query, V4).1, codes, "{query}");
    }
}
