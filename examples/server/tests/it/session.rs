//! Scripted sessions over the surfaces.

use crate::script::run;
use crate::start::{connect, own_results, server};

/// The scripts that are asked of the project's own test results.
const OF_RESULTS: [(&str, &str); 9] = [
    ("widgets", include_str!("../session/widgets.http")),
    ("lists", include_str!("../session/lists.http")),
    ("odata", include_str!("../session/odata.http")),
    ("dashboards", include_str!("../session/dashboards.http")),
    ("collections", include_str!("../session/collections.http")),
    ("grids", include_str!("../session/grids.http")),
    ("positions", include_str!("../session/positions.http")),
    ("runs", include_str!("../session/runs.http")),
    ("assist", include_str!("../session/assist.http")),
];

#[test]
fn the_surfaces_answer_about_real_results() {
    let catalog = file("results.json", RESULTS);
    let mut files = own_results();
    files[0].insert_str(0, "Result=");
    let mut words = vec!["--catalog", catalog.as_str(), "--runs-by", "source", "--index"];
    words.extend(files.iter().map(String::as_str));
    let server = server(&words);
    let mut client = connect(&server);
    let runs = OF_RESULTS.map(|(name, text)| run(name, text, &mut client));
    let wrong: Vec<&String> = runs.iter().filter_map(|run| run.as_ref().err()).collect();
    let n_requests: usize = runs.iter().flatten().sum();
    assert!(wrong.is_empty(), "{}", wrong.into_iter().map(String::as_str).collect::<String>());
    assert!(n_requests >= 60, "{n_requests} requests");
    server.stop();
}

/// Files of others, where their folder is given in `TALLYGRID_DATA`; else the test says that it saw none.
#[test]
fn others_results_are_served_too() {
    let Some(root) = std::env::var_os("TALLYGRID_DATA") else {
        println!("0 requests: folder not given in TALLYGRID_DATA");
        return;
    };
    let cases = std::path::Path::new(&root).join("k8s-conformance/cases.ndjson.gz");
    let server = server(&["--runs-by", "run", "--data", &cases.to_string_lossy()]);
    let n_requests = run("k8s", include_str!("../session/k8s.http"), &mut connect(&server));
    println!("{} requests", n_requests.unwrap_or_else(|wrong| panic!("{wrong}")));
    server.stop();
}

#[test]
fn callers_see_what_they_may_see() {
    let callers = file("callers.json", include_str!("../session/callers.json"));
    let server = server(&["--generate", "500", "--callers", &callers]);
    run("callers", include_str!("../session/callers.http"), &mut connect(&server))
        .unwrap_or_else(|wrong| panic!("{wrong}"));
    server.stop();
}

#[test]
fn changes_are_seen_by_the_next_question() {
    let server = server(&["--generate", "500"]);
    run("changes", include_str!("../session/changes.http"), &mut connect(&server))
        .unwrap_or_else(|wrong| panic!("{wrong}"));
    server.stop();
}

fn file(name: &str, text: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

/// As the files are, with the statuses that widgets count.
const RESULTS: &str = include_str!("../session/results.json");
