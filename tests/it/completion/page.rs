//! `docs/completion.md`: its example is what is answered, at each place of its table something is offered, and values are
//! those of the scope.

use tallygrid::WireCompletion;

use super::*;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/completion.md");

#[test]
fn the_page_says_what_is_offered() {
    let (page, snapshot) = (std::fs::read_to_string(PAGE).unwrap(), snapshot());
    let between = |start: &str, end: &str| page.split_once(start).unwrap().1.split_once(end).unwrap().0;
    let found = complete(&snapshot, between("echo '", "'"), &everything());
    let wire: Vec<WireCompletion> = found.iter().map(WireCompletion::from).collect();
    assert_eq!(serde_json::to_string(&wire).unwrap(), between("```json\n", "\n```"));
    let texts = page.lines().filter(|line| line.starts_with("| `")).flat_map(|line| line.split('`'));
    let texts: Vec<&str> = texts.filter(|text| text.contains('‸')).collect();
    assert!(texts.len() > 15);
    for text in texts {
        let is_odata = text.starts_with('$');
        let offered = if is_odata { odata::offered } else { complete };
        assert!(!offered(&snapshot, text, &everything()).is_empty(), "{text}");
    }
}

#[test]
fn values_are_those_of_the_scope() {
    let snapshot = snapshot();
    let ctx = everything();
    let runs = snapshot.index("Run", &ctx).unwrap();
    for text in ["Suite = ", "COUNT WHERE Suite IN [", "FACETED In(Suite, ", "FACETED Equal(Suite, "] {
        let values = |query: Query| -> Vec<(String, u64)> {
            let found = runs.complete_tql(&query, text.len(), &ctx).unwrap();
            found.into_iter().filter_map(|found| Some((found.label, found.count?))).collect()
        };
        let named = |values: &[(&str, u64)]| -> Vec<(String, u64)> {
            values.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
        };
        assert_eq!(values(Query::tql(text)), named(&[("Login", 3), ("Check out", 1), ("Secret", 1)]), "{text}");
        let scoped = Query::tql(text).scope(Condition::tql("Automated = Yes"));
        let scoped = scoped.scope(Condition::tql("Suite != Secret"));
        assert_eq!(values(scoped), named(&[("Login", 2), ("Check out", 1)]), "{text}");
        // A scope of a field that the index lacks is the host's mistake.
        let wrong = Query::tql(text).scope(Condition::tql("Nowhere = 1"));
        assert!(runs.complete_tql(&wrong, text.len(), &ctx).is_err());
    }
}
