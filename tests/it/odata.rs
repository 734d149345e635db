//! Cases that others wrote for OData, where their folder is given in `TALLYGRID_CONFORMANCE`; else the test says that it saw
//! none. What the language itself is stands in `tests/cases/odata`, and needs no folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tallygrid::{Access, Check, Context, ODataMode, ODataNames, ODataRule, check_odata};

/// What is recognised and not answered, by what the suite's cases say of themselves.
const UNSUPPORTED: [&str; 8] =
    ["geo", "root", "crossjoin", "nest_join", "hierarchy", "annotation", "bound_function", "custom"];

fn folder() -> Option<PathBuf> {
    std::env::var_os("TALLYGRID_CONFORMANCE").map(|root| PathBuf::from(root).join("odata"))
}

#[test]
fn cases_of_others_are_judged_as_they_say() {
    match folder() {
        None => println!("0 cases: folder not given"),
        Some(folder) => [standard, analytics, sales].iter().for_each(|run| println!("{}", run(&folder))),
    }
}

/// A line a case.
fn cases(path: PathBuf) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn check(text: &str, rule: &str, mode: ODataMode, names: &ODataNames) -> Check {
    let rule = ODataRule::named(rule).unwrap_or_else(|| panic!("no rule `{rule}`"));
    check_odata(text, rule, mode, names, &Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted()))
}

/// What is wrong with the case, if anything is. Whatever is read prints and reads back to itself.
fn fails(text: &str, rule: &str, mode: ODataMode, names: &ODataNames, is_good: bool) -> Option<String> {
    let checked = check(text, rule, mode, names);
    if checked.ok != is_good {
        return Some(format!("{text}: {:?}", checked.diagnostics));
    }
    let printed = checked.printed?;
    let again = check(&printed, rule, mode, names);
    (again.printed.as_ref() != Some(&printed)).then(|| format!("{text} prints as {printed}, and that as {again:?}"))
}

/// Says how many cases ran, and fails if one did.
fn verdict(name: &str, n_cases: usize, failed: &[String]) -> String {
    let verdict = format!("{name}: {n_cases} cases ran, {} passed, {} failed", n_cases - failed.len(), failed.len());
    assert!(failed.is_empty(), "{verdict}\n{failed:#?}");
    verdict
}

/// The standard's own cases are judged as it says.
fn standard(folder: &Path) -> String {
    let mut names = ODataNames::default();
    for file in ["constraints-core.json", "constraints-aggregation.json"] {
        let roles: BTreeMap<String, Vec<String>> =
            serde_json::from_str(&fs::read_to_string(folder.join(file)).unwrap()).unwrap();
        for (role, known) in &roles {
            names = known.iter().fold(names, |names, name| names.with(role, name));
        }
    }
    let cases = cases(folder.join("oasis-given.jsonl"));
    let mut failed = Vec::new();
    for case in &cases {
        let (text, rule) = (case["input"].as_str().unwrap(), case["rule"].as_str().unwrap());
        failed.extend(fails(text, rule, ODataMode::Strict, &names, case["fail_at"].is_null()));
        let has = |feature: &&str| case["features"].as_array().unwrap().iter().any(|f| f == feature);
        let checked = check(text, rule, ODataMode::Strict, &names);
        if checked.ok && !checked.supported && !UNSUPPORTED.iter().any(has) {
            failed.push(format!("{text} is answered, but: {:?}", checked.diagnostics));
        }
    }
    verdict("standard", cases.len(), &failed)
}

/// Published queries are read leniently.
fn analytics(folder: &Path) -> String {
    let cases = cases(folder.join("analytics-given.jsonl"));
    let fails = |case: &Value| {
        let (text, is_good) = (case["instance"].as_str().unwrap(), case["expect"] != "reject");
        fails(text, "options", ODataMode::Lenient, &ODataNames::default(), is_good)
    };
    verdict("analytics", cases.len(), &cases.iter().filter_map(fails).collect::<Vec<_>>())
}

/// Queries with known answers are read strictly.
fn sales(folder: &Path) -> String {
    let cases = cases(folder.join("sales-given.jsonl"));
    let fails = |case: &Value| {
        fails(case["options"].as_str().unwrap(), "options", ODataMode::Strict, &ODataNames::default(), true)
    };
    verdict("sales", cases.len(), &cases.iter().filter_map(fails).collect::<Vec<_>>())
}
