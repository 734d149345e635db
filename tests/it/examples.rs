//! The example programs, run as their users run them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Cargo builds the examples with the tests, next to the folder of the test binary.
fn program(name: &str) -> Command {
    let mut dir: PathBuf = std::env::current_exe().unwrap();
    dir.pop();
    if dir.ends_with("deps") {
        dir.pop();
    }
    Command::new(dir.join("examples").join(name))
}

fn query(arguments: &[&str]) -> Output {
    program("query").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

fn file(name: &str, content: &str) -> String {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = dir.join(name);
    std::fs::write(&path, content).unwrap();
    path.to_string_lossy().into_owned()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A catalog of indexes with one field.
fn catalog_of(names: &[&str]) -> String {
    let index = |name: &&str| format!(r#"{{"name": "{name}", "fields": [{{"name": "Id", "kind": "integer"}}]}}"#);
    format!(r#"{{"indexes": [{}]}}"#, names.iter().map(index).collect::<Vec<_>>().join(", "))
}

const ROWS: &str = r#"{"id": 1, "Suite": "login", "status": "passed", "took": 1.50, "at": "2024-03-10T12:00:00-05:00"}
{"id": 2, "Suite": "Login", "status": "failed", "took": null, "at": "2024-03-11T12:00:00Z", "tags": ["a", "b"]}
{"id": 3, "Suite": "", "status": "passed", "tags": []}
"#;

#[test]
fn rows_as_json() {
    let data = file("rows.ndjson", ROWS);
    let output = query(&["--data", &data, "--tql", "status = passed ORDER BY id DESC", "--format", "json"]);
    assert_eq!(
        stdout(&output),
        concat!(
            r#"{"Skip":0,"Top":25,"Total":2,"Items":[{"id":3,"Suite":null,"status":"passed","took":null,"at":null,"tags":null},"#,
            r#"{"id":1,"Suite":"login","status":"passed","took":1.5,"at":"2024-03-10T17:00:00Z","tags":null}]}"#,
            "\n"
        )
    );
}

#[test]
fn groups_as_json_and_table() {
    let data = file("groups.ndjson", ROWS);
    let json = query(&["--data", &data, "--group-by", "suite", "--format=json"]);
    assert_eq!(
        stdout(&json),
        "{\"Data\":{\"Results\":[{\"Key\":\"\",\"failed\":0,\"passed\":1},{\"Key\":\"Login\",\"failed\":1,\"passed\":1}]}}\n"
    );
    let table = query(&["--data", &data, "--group-by", "tags"]);
    let expected = "\
tags     failed         passed         Total
(empty)       0              2 ██████      2
a             1 ██████       0             1
b             1 ██████       0             1
Total         1 ██           2 ████        3
";
    assert_eq!(stdout(&table), expected);
}

#[test]
fn the_latest_row_of_each_test_counts_where_the_schema_says_what_it_is() {
    let data = file(
        "retried.ndjson",
        "{\"test\": \"a\", \"status\": \"failed\"}\n{\"test\": \"a\", \"status\": \"passed\"}\n",
    );
    let fields = r#"[{"name": "test", "kind": "keyword"}, {"name": "status", "kind": "keyword"}]"#;
    let schema =
        file("retried.json", &format!(r#"{{"name": "Run", "latest": {{"per": ["test"]}}, "fields": {fields}}}"#));
    let asked = ["--data", &data, "--latest", "--group-by", "test", "--format", "json"];
    let output = query(&[&asked[..], &["--schema", &schema]].concat());
    assert_eq!(stdout(&output), "{\"Data\":{\"Results\":[{\"Key\":\"a\",\"passed\":1}]}}\n");
    let refused = query(&asked);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("scope-needs-field"));
}

#[test]
fn schemas_print_and_read_back() {
    let data = file("schema.ndjson", ROWS);
    let printed = stdout(&query(&["--data", &data, "--print-schema"]));
    let schema = file("schema.json", &printed);
    let again = stdout(&query(&["--data", &data, "--schema", &schema, "--print-schema"]));
    assert_eq!(again, printed);
}

#[test]
fn mistakes_have_their_exit_codes_and_leave_stdout_alone() {
    let data = file("mistakes.ndjson", ROWS);
    let broken = file("broken.ndjson", "{\"a\": 1}\n{\"a\": }\n");
    let schema = file("mistakes.json", r#"{"name": "Run", "fields": [{"name": "id", "kind": "int"}]}"#);
    let two = file("mistakes_two.json", &catalog_of(&["Run", "Script"]));
    let unpacked = file("unpacked.csv.gz", "Id\n1\n");
    let packed = file("packed.csv", "\u{1f}");
    std::fs::write(&packed, [0x1f, 0x8b, 8, 0]).unwrap();
    for (arguments, code, told) in [
        (vec!["--data", &data, "--tql", "statsu = a"], 2, "did you mean `status`?"),
        (vec!["--data", &data, "--group-by", "nothing"], 2, "no field `nothing`"),
        (vec!["--data", &data, "--tql", "", "--time-zone", "Nowhere"], 2, "no time zone `Nowhere`"),
        (vec!["--data", &data, "--tql", "", "--top", "many"], 2, "--top needs a number"),
        (vec!["--data", &data], 2, "ask something"),
        (vec!["--index", "Run=a.csv", "--tql", ""], 2, "needs --catalog FILE"),
        (vec!["--catalog", "a.json", "--data", &data, "--tql", ""], 2, "--data and --schema are for one index"),
        (vec!["--data", "absent.ndjson", "--tql", ""], 1, "absent.ndjson"),
        (vec!["--data", "rows.txt", "--tql", ""], 1, "rows.txt"),
        (vec!["--data", &broken, "--tql", ""], 1, "broken.ndjson:2:7"),
        (vec!["--data", &data, "--schema", &schema, "--tql", ""], 1, "mistakes.json: $.fields[0].kind: no kind `int`"),
        (vec!["--data", &data, "--schema", &two, "--tql", ""], 1, "mistakes_two.json: a catalog of several indexes"),
        (vec!["--data", &unpacked, "--tql", ""], 1, "unpacked.csv.gz: the name ends with .gz, but"),
        (vec!["--data", &packed, "--tql", ""], 1, "packed.csv: packed by gzip"),
    ] {
        let output = query(&arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(told), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty());
    }
    let output = query(&["--data", &data, "--tql", "statsu = a", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(told["diagnostics"][0]["fixes"][0]["replacement"], "status");
}

#[test]
fn every_program_tells_how_it_is_used() {
    for name in ["query", "check", "complete"] {
        let output = program(name).arg("--help").output().unwrap();
        assert!(stdout(&output).starts_with(&format!("{name} --")), "{name}");
        assert!(output.stderr.is_empty(), "{name}");
    }
    for (name, arguments, told) in [
        ("check", vec!["--langauge", "tql"], "there is no option --langauge; --help lists them"),
        ("check", vec![], "name the language"),
        ("check", vec!["--language", "tql", "--index", "Foo"], "--index Foo needs a catalog that has it"),
        ("complete", vec!["--language", "sql"], "--language is tql or odata, not `sql`"),
        ("complete", vec!["--language", "tql"], "name the schema: --schema FILE"),
    ] {
        let output = program(name).args(&arguments).stdin(Stdio::null()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name} {arguments:?}: {stderr}");
        assert!(stderr.contains(told), "{name} {arguments:?}: {stderr}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn an_index_that_the_catalog_lacks_is_told_with_those_it_has() {
    let catalog = file("two.json", &catalog_of(&["Run", "Script"]));
    let check = |name: &str| {
        let arguments = ["--language", "tql", "--catalog", &catalog, "--index", name];
        program("check").args(arguments).stdin(Stdio::null()).output().unwrap()
    };
    assert_eq!(stdout(&check("script")), "");
    for output in [check("Rum"), query(&["--catalog", &catalog, "--index", "Rum=a.csv", "--tql", ""])] {
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "error: there is no index `Rum`, only Run, Script\n");
    }
}

#[test]
fn sub_selects_reach_over_the_indexes_of_a_catalog() {
    let catalog = file(
        "relations.json",
        r#"{"indexes": [
            {"name": "Run", "key": "id", "fields": [{"name": "id", "kind": "integer"}, {"name": "status", "kind": "keyword"},
                {"name": "Script", "kind": "relation", "relation": {"index": "Script", "key": "ScriptId", "many": false}}]},
            {"name": "Script", "key": "ScriptId", "fields": [{"name": "ScriptId", "kind": "guid"}, {"name": "Name", "kind": "text"},
                {"name": "Relationships", "kind": "relation", "relation": {"index": "Link", "key": "From", "many": true}}]},
            {"name": "Link", "fields": [{"name": "From", "kind": "guid"}, {"name": "Type", "kind": "keyword"},
                {"name": "Destination", "kind": "relation", "relation": {"index": "Script", "key": "ScriptId"}},
                {"name": "Depth", "kind": "integer"}]}]}"#,
    );
    let id = |n: u32| format!("{n:08x}-0000-4000-8000-000000000000");
    let runs = file(
        "related-runs.ndjson",
        &format!(
            "{{\"id\": 1, \"status\": \"passed\", \"Script\": \"{}\"}}\n{{\"id\": 2, \"status\": \"failed\", \"Script\": \"{}\"}}\n\
             {{\"id\": 3, \"status\": \"failed\"}}\n",
            id(0xA).to_uppercase(),
            id(0xB)
        ),
    );
    let scripts = file("scripts.csv", &format!("ScriptId,Name\n{},Log in\n{},Log out\n", id(0xA), id(0xB)));
    let links = file("links.csv", &format!("From,Type,Destination,Depth\n{},Follows,{},1\n", id(0xA), id(0xB)));
    let indexes = [format!("Run={runs}"), format!("Script={scripts}"), format!("Link={links}")];
    let ask = |text: &str| {
        let mut arguments = vec!["--catalog", &catalog, "--tql", text, "--format", "json"];
        indexes.iter().for_each(|index| arguments.extend(["--index", index]));
        query(&arguments)
    };
    let ids = |text: &str| -> Vec<u64> {
        let page: serde_json::Value = serde_json::from_str(&stdout(&ask(text))).unwrap();
        page["Items"].as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids("Script IN { Relationships IN { Type = Follows AND Destination IN { Name ~ out } } }"), [1]);
    assert_eq!(ids("Script IN { DirectlyRelatedTo IN { Name ~ out } }"), [1]);
    assert_eq!(ids("Script NOT IN { RelatedTo IN { } }"), [2, 3]);
    let refused = ask("Script IN { Nam ~ out }");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("did you mean `Name`?"));
}

#[test]
fn check_answers_a_line_a_query() {
    let mut child = program("check")
        .args(["--language", "tql", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"\"a = 1 OR b = 2\\nAND c = 3\"\n\"COUNT\"\n\"a = \"\n").unwrap();
    let output = stdout(&child.wait_with_output().unwrap());
    let lines: Vec<serde_json::Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["parenthesised"], "((a = 1 OR b = 2) AND c = 3)");
    assert_eq!((&lines[1]["ok"], &lines[1]["supported"]), (&true.into(), &true.into()));
    assert_eq!((&lines[2]["ok"], &lines[2]["diagnostics"][0]["code"]), (&false.into(), &"unexpected-end".into()));
}

#[test]
fn complete_answers_a_line_a_cursor() {
    let data = file("complete.ndjson", ROWS);
    let schema = file("complete.json", &stdout(&query(&["--data", &data, "--print-schema"])));
    let mut child = program("complete")
        .args(["--language", "tql", "--schema", &schema, "--data", &data])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = "sta\u{2038} = passed\nstatus = f\nsuite ~ 'ö \u{2038}\n\n";
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = stdout(&child.wait_with_output().unwrap());
    let lines: Vec<serde_json::Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let field = serde_json::json!({
        "label": "status", "insert": "status", "start": 0, "end": 3, "kind": "field", "detail": "keyword", "count": null,
    });
    let value = serde_json::json!({
        "label": "failed", "insert": "failed", "start": 9, "end": 10, "kind": "value", "detail": null, "count": 1,
    });
    assert_eq!(lines[..3], [serde_json::json!([field]), serde_json::json!([value]), serde_json::json!([])]);
    assert_eq!((lines.len(), &lines[3][0]["label"]), (4, &"id".into()));
}
