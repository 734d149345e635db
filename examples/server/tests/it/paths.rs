//! The description of the paths, the page's files, the counters.

use serde_json::Value as Json;

use crate::start::{connect, server};

#[test]
fn every_described_path_is_there() {
    let server = server(&["--generate", "10"]);
    let mut client = connect(&server);
    let described: Json = serde_json::from_slice(&client.ask("GET", "/openapi.json", &[], b"").unwrap().body).unwrap();
    let paths = described["paths"].as_object().unwrap();
    assert!(paths.len() > 15);
    for (path, methods) in paths {
        let filled = path
            .replace("{index}", "Run")
            .replace("{dashboardId}", "blank")
            .replace("{gridCustomFieldId}", "10100")
            .replace(['{', '}'], "");
        for method in methods.as_object().unwrap().keys().filter(|name| *name != "parameters") {
            let answer = client.ask(&method.to_uppercase(), &filled, &[], b"{").unwrap();
            let told = String::from_utf8_lossy(&answer.body);
            assert!(!told.contains("there is nothing at this path"), "{method} {path}");
            assert_ne!(answer.status, 405, "{method} {path}");
        }
    }
    server.stop();
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let server = server(&["--generate", "10"]);
    let mut client = connect(&server);
    let page = client.ask("GET", "/", &[], b"").unwrap();
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'self'")));
    let page = String::from_utf8(page.body).unwrap();
    let named =
        page.split("src=\"").skip(1).chain(page.split("href=\"").skip(1)).filter_map(|rest| rest.split('"').next());
    let mut n_files = 0;
    for file in named.filter(|name| name.starts_with('/')) {
        n_files += 1;
        assert_eq!(client.ask("GET", file, &[], b"").unwrap().status, 200, "{file}");
    }
    assert_eq!(n_files, 2);
    assert!(!page.contains("src=\"http") && !page.contains("href=\"http"));
    server.stop();
}

#[test]
fn counters_count() {
    let server = server(&["--generate", "10"]);
    let mut client = connect(&server);
    for _ in 0..3 {
        client.ask("POST", "/api/check/Run", &[], br#"{"tql": ""}"#).unwrap();
    }
    client.ask("POST", "/api/check/Nothing", &[], br#"{"tql": ""}"#).unwrap();
    let text = String::from_utf8(client.ask("GET", "/metrics", &[], b"").unwrap().body).unwrap();
    let told = |line: &str| assert!(text.lines().any(|known| known == line), "{line} is not in {text}");
    told("tallygrid_requests_total{surface=\"assist\",status=\"2xx\"} 3");
    told("tallygrid_requests_total{surface=\"assist\",status=\"4xx\"} 1");
    told("tallygrid_request_seconds_count{surface=\"assist\"} 4");
    told("tallygrid_requests_running 1");
    server.stop();
}
