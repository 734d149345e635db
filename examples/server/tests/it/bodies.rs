//! Bodies that nobody should send.

use crate::start::{connect, server};

/// Paths that take JSON, in every surface.
const PATHS: [(&str, &str); 9] = [
    ("POST", "/api/gridwidget/RunStatusesGroupedByField/data/results"),
    ("POST", "/api/search/Run"),
    ("POST", "/api/statuscounts/Run"),
    ("POST", "/api/check/Run"),
    ("PATCH", "/api/indexes/Run/rows"),
    ("POST", "/DefaultCollection/p/t/_apis/dashboard/dashboards/blank/widgets"),
    ("PUT", "/DefaultCollection/p/t/_apis/dashboard/dashboards/blank/widgets"),
    ("POST", "/rest/idalko-grid/1.0/api/grid/10100/issue/TIS-1"),
    ("DELETE", "/rest/idalko-grid/1.0/api/grid/10100/issue/TIS-1"),
];

#[test]
fn what_is_no_json_is_refused() {
    let server = server(&["--generate", "10"]);
    let mut client = connect(&server);
    let deep = [b"[".repeat(10_000), b"]".repeat(10_000)].concat();
    let deep_objects = b"{\"a\":".repeat(10_000);
    for (method, path) in PATHS {
        for body in [&b"statuses, please"[..], b"", b"\xff\xfe", b"{\"a\":1", b"{} {}", &deep, &deep_objects] {
            let answer = client.ask(method, path, &[], body).unwrap();
            let told = String::from_utf8_lossy(&answer.body);
            assert_eq!(answer.status, 400, "{path}: {told}");
            assert!(told.contains("the body "), "{path}: {told}");
        }
    }
    server.stop();
}

/// Where any JSON may stand, depth alone decides.
#[test]
fn json_of_any_form_nests_only_so_deep() {
    let server = server(&["--generate", "10"]);
    let mut client = connect(&server);
    let mut status = |depth: usize| {
        let body = format!(r#"{{"WidgetType":"t","Data":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        let path = "/api/gridwidgethost/h/project/demo/position/left";
        client.ask("PUT", path, &[], body.as_bytes()).unwrap().status
    };
    assert_eq!((status(50), status(10_000)), (200, 400));
    server.stop();
}

#[test]
fn a_body_of_100_mb_is_refused_and_the_connection_serves_on() {
    let server = server(&["--generate", "10", "--body-bytes", "1000"]);
    let mut client = connect(&server);
    let body = vec![b' '; 100_000_000];
    for (method, path) in PATHS {
        let answer = client.ask(method, path, &[], &body).unwrap();
        assert_eq!(answer.status, 413, "{path}");
        assert!(String::from_utf8_lossy(&answer.body).contains("which are all that is read"), "{path}");
    }
    let answer = client.ask("POST", "/api/check/Run", &[], br#"{"tql": "Status = Failed"}"#).unwrap();
    assert_eq!(answer.status, 200);
    server.stop();
}
