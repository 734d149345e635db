//! What is wrong with requests for collections of runs, all told at once, with places in the text as it came.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tallygrid::{Catalog, Engine, ErrorBody, ErrorKind, RunCollection, RunQuery, ScriptRunRequest, presets};

use crate::collections::{context, list, of_assignment, page};

/// Code, message and the text at its place of every mistake in an OData request.
fn told(text: &str) -> Vec<(String, String, String)> {
    let error = list(&page(), &of_assignment(), &RunQuery::odata(text), &context()).unwrap_err();
    let body = serde_json::to_value(ErrorBody::from(&error)).unwrap();
    let mistakes = body["diagnostics"].as_array().unwrap().iter();
    mistakes
        .filter(|mistake| mistake["severity"] == "error")
        .map(|mistake| {
            let at = |name: &str| mistake[name].as_u64().map_or(0, |n| n as usize);
            let part = |name: &str| mistake[name].as_str().unwrap().to_owned();
            (part("code"), part("message"), text[at("start")..at("end")].to_owned())
        })
        .collect()
}

#[test]
fn mistakes_of_all_options_are_told_together_at_their_places() {
    let text = "$expand=Steps,%20Widgets&$filter=Statsu eq 'x'&$select=Id&$top=-1";
    let found = told(text);
    let places: Vec<(&str, &str)> = found.iter().map(|(code, _, at)| (&**code, &**at)).collect();
    assert!(places.contains(&("wrong-parameter", "Steps,%20Widgets")), "{found:?}");
    assert!(places.contains(&("wrong-parameter", "$select")), "{found:?}");
    assert!(places.contains(&("unknown-field", "Statsu")) || places.iter().any(|(_, at)| *at == "-1"), "{found:?}");
    assert_eq!(found.iter().filter(|(_, message, _)| message.starts_with("nothing is called")).count(), 2);
}

#[test]
fn each_mistake_by_itself() {
    for (text, code) in [
        ("$top=-1", None),
        ("$top=x", None),
        ("$skip=-1", None),
        ("$top=1&$take=2", Some("repeated-option")),
        ("$inlinecount=all", None),
        ("$expand=Nonsense", Some("wrong-parameter")),
        ("$expand=Assignment&$expand=StepResults", Some("repeated-option")),
        ("$expand=StepResults($top=1)", Some("wrong-parameter")),
        ("$apply=aggregate($count as N)", Some("wrong-parameter")),
        ("$skiptoken=1", Some("wrong-parameter")),
        ("$filtr=Id eq 1", Some("unknown-option")),
        ("$filter=Id eq 'nonsense'", None),
        ("$filter=", None),
        ("$filter=year(CreatedAt) eq", None),
    ] {
        let found = told(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(code.is_none_or(|code| found[0].0 == code), "{text}: {found:?}");
    }
}

#[test]
fn parameters_of_a_tql_collection() {
    let pairs = [
        ("tql", "Statsu = Passed"),
        ("timeZone", "Europe/Berlni"),
        ("$top", "-1"),
        ("$skip", "99999999999999999999"),
        ("$inlinecount", "all"),
        ("$expand", "Nonsense"),
        ("$orderby", "Id"),
        ("$TOP", "1"),
    ];
    let error = list(&page(), &of_assignment(), &RunQuery::tql(pairs), &context()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Query);
    let told: Vec<String> = error.diagnostics().iter().map(ToString::to_string).collect();
    for part in [
        "`tql` at 0..6",
        "`timeZone`",
        "`$top`: `-1` is no number of rows",
        "`$skip`",
        "`$inlinecount`",
        "`$expand`",
        "`$orderby`",
        "`$top`: is given twice",
    ] {
        assert!(told.iter().any(|message| message.contains(part)), "{part}: {told:#?}");
    }
    assert_eq!(told.len(), pairs.len());
    let aggregate = RunQuery::tql([("tql", "COUNT WHERE Status = Passed")]);
    assert!(list(&page(), &of_assignment(), &aggregate, &context()).is_err());
}

#[test]
fn the_original_refuses_with_403() {
    let runs = of_assignment().refusing_with_403();
    let error = list(&page(), &runs, &RunQuery::odata("$top=-1"), &context()).unwrap_err();
    assert_eq!((of_assignment().status_of(&error), runs.status_of(&error)), (400, 403));
    let error = list(&page(), &runs.clone().assignment("x"), &RunQuery::odata(""), &context()).unwrap_err();
    assert_eq!(runs.status_of(&error), 404);
    let nobody = tallygrid::Context::new(chrono::DateTime::UNIX_EPOCH, tallygrid::Access::none());
    let error = list(&page(), &of_assignment(), &RunQuery::odata(""), &nobody).unwrap_err();
    let body: Json = serde_json::to_value(ErrorBody::from(&error)).unwrap();
    assert_eq!((of_assignment().status_of(&error), &body["diagnostics"][0]["code"]), (403, &json!("forbidden")));
    let error = tallygrid::Error::unauthenticated();
    let body: Json = serde_json::to_value(ErrorBody::from(&error)).unwrap();
    assert_eq!((runs.status_of(&error), &body["diagnostics"][0]["code"]), (401, &json!("unauthenticated")));
}

#[test]
fn without_the_other_indexes_runs_are_listed_all_the_same() {
    let catalog = Catalog::new([presets::run().build().unwrap()]).unwrap();
    let engine = Engine::builder(catalog).threads(1).build().unwrap();
    let body = list(&engine, &of_assignment(), &RunQuery::odata(""), &context()).unwrap();
    assert_eq!(body, json!({"Items": []}), "whether the assignment is there is the host's to say");
    let error = list(&engine, &RunCollection::all(), &RunQuery::odata("$expand=Assignment"), &context()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Query);
}

#[test]
fn long_and_deep_requests_end_in_a_diagnostic() {
    let many = format!("$expand={}", "Nonsense,".repeat(100_000));
    assert!(told(&many).len() <= 101);
    let deep = format!("$filter={}1 eq 1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(!told(&deep).is_empty());
    let options = |n: usize| list(&page(), &of_assignment(), &RunQuery::odata(&"x=1&".repeat(n)), &context());
    assert!(options(40_000).is_ok());
    assert_eq!(options(200_000).unwrap_err().kind(), ErrorKind::Limit);
    let expands = "$expand=Assignment&".repeat(2_000);
    assert!(told(&expands).len() <= 101);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_sent_gets_a_collection_or_an_error_of_the_client(
        text in "(\\$(filter|top|skip|expand|orderby|inlinecount)=(Id|Status|CreatedAt|eq|null|'x'|[0-9]|%[0-9a-f]{2}|,| |\\PC){0,5}&?){0,4}",
        body in "\\PC{0,24}|\\{(\"(TesterId|FieldValues|WidgetValues)\":(null|\\{\\}|\"\\PC{0,4}\"),?){0,2}\\}",
    ) {
        let engine = page();
        for query in [RunQuery::odata(&text), RunQuery::tql(text.split('&').filter_map(|pair| pair.split_once('=')))] {
            if let Err(error) = list(&engine, &of_assignment(), &query, &context()) {
                prop_assert!([400, 413, 501].contains(&of_assignment().status_of(&error)), "{:?}", error);
            }
        }
        if let Err(error) = ScriptRunRequest::from_json(body.as_bytes()) {
            prop_assert_eq!(error.http_status(), 400);
        }
    }
}
