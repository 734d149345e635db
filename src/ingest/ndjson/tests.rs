//! Rules of NDJSON: what values are, digits, nesting, places of mistakes.

use crate::ingest::load::{Load, Loaded};
use crate::ingest::tests::{fields, input, load, mistakes, rows};
use crate::model::field::Field;
use crate::model::kind::Kind;
use crate::model::schema::Schema;

fn read(text: &str) -> Loaded {
    load([("a.ndjson", text)]).unwrap()
}

fn wrong(text: impl AsRef<[u8]>) -> Vec<String> {
    mistakes(&Load::new().read([input("a.ndjson", text)]).unwrap_err())
}

#[test]
fn values_are_what_they_are_written_as() {
    let loaded = read(concat!(
        r#"{"t":"x","i":1,"d":1.50,"b":true,"day":"2024-01-31","at":"2024-01-31T00:00:00+01:00","took":"1:02:03"}"#,
        "\r\n\n  \t\n",
        r#" { "t" : "" , "i" : -5, "d":2, "b":null, "day":"", "at":"2024-02-01", "took":"-00:00:00.5" } "#,
    ));
    assert_eq!(fields(&loaded), "t keyword, i integer, d decimal, b boolean, day date, at datetime, took duration");
    assert_eq!(
        rows(loaded),
        [
            "\"x\"|1|1.5|true|2024-01-31|2024-01-30T23:00:00Z|01:02:03",
            "\"\"|-5|2|null|null|2024-02-01T00:00:00Z|-00:00:00.5",
        ]
    );
}

#[test]
fn mixed_values_are_kept_as_their_texts() {
    let loaded = read("{\"a\":1.50}\n{\"a\":true}\n{\"a\":\"x\"}\n{\"a\":1e2}\n{\"a\":18446744073709551616}\n");
    assert_eq!(fields(&loaded), "a keyword");
    assert_eq!(rows(loaded), ["\"1.50\"", "\"true\"", "\"x\"", "\"1e2\"", "\"18446744073709551616\""]);
    let loaded = read("{\"a\":\"2024-01-01\"}\n{\"a\":5}\n");
    assert_eq!(rows(loaded), ["\"2024-01-01\"", "\"5\""]);
}

#[test]
fn lists_and_objects() {
    let loaded = read(concat!(
        r#"{"tags":["b","a","b"],"ns":[1,2],"o":{"x":{"y":1},"z":[]},"mixed":[1,"x",true,null,0.50]}"#,
        "\n",
        r#"{"tags":null,"ns":3,"o":{"x":{},"w":5},"mixed":[{"k": [1]},[2, 3]]}"#,
    ));
    assert_eq!(fields(&loaded), "tags keyword*, ns integer*, o.x.y integer, o.z keyword*, mixed keyword*, o.w integer");
    assert_eq!(
        rows(loaded),
        [r#"["b","a"]|[1,2]|1|[]|["1","x","true","0.50"]|null"#, r#"null|[3]|null|null|["{\"k\": [1]}","[2, 3]"]|5"#,]
    );
}

#[test]
fn numbers_keep_their_digits() {
    let loaded =
        read("{\"i\":9223372036854775807,\"j\":9007199254740993,\"d\":7.306026794000000000000001}\n{\"d\":-0}");
    assert_eq!(fields(&loaded), "i integer, j integer, d decimal");
    assert_eq!(rows(loaded), ["9223372036854775807|9007199254740993|7.306026794000000000000001", "null|null|0"]);
    assert_eq!(rows(read("{\"a\":1e3}\n{\"a\":25E-1}")), ["1000", "2.5"]);
}

#[test]
fn numbers_too_long_for_decimals_stay_whole() {
    let file =
        "{\"a\":1}\n{\"é\":2, \"a\":-9223372036854775808}\n{\"a\":1e400}\n{\"a\":1e-25}\n{\"a\":100000000000000}";
    let loaded = read(file);
    assert_eq!(fields(&loaded), "a keyword, é integer");
    let note = "numbers of `a` have more digits than a field of numbers holds, and are kept as texts";
    assert_eq!(loaded.report().notes[0].message(), note);
    let texts = [
        r#""1"|null"#,
        r#""-9223372036854775808"|2"#,
        r#""1e400"|null"#,
        r#""1e-25"|null"#,
        r#""100000000000000"|null"#,
    ];
    assert_eq!(rows(loaded), texts);
    let declared = Schema::builder("A").fields([Field::new("a", Kind::Decimal), Field::new("é", Kind::Integer)]);
    let error = Load::new().schema(declared.build().unwrap()).read([input("a.ndjson", file)]).unwrap_err();
    assert_eq!(
        mistakes(&error),
        [
            "wrong-cell a.ndjson:2:13: field `a`: `-9223372036854775808`: more than 14 digits before or 24 after the point",
            "wrong-cell a.ndjson:3:6: field `a`: `1e400`: more than 14 digits before or 24 after the point",
            "wrong-cell a.ndjson:4:6: field `a`: `1e-25`: more than 14 digits before or 24 after the point",
            "wrong-cell a.ndjson:5:6: field `a`: more than 14 digits before or 24 after the point",
        ]
    );
}

#[test]
fn texts_of_any_kind() {
    let loaded = read("{\"a\\u0000\\ud800\":\"\\u0000\\n\\\"\\\\\\u007f\",\"s\":\"\\ud83d\\ude00 \\ud83d x\\udc00\"}");
    assert_eq!(loaded.schema().fields()[0].name(), "a\0\u{fffd}");
    assert_eq!(rows(loaded), ["\"\\0\\n\\\"\\\\\\u{7f}\"|\"\u{1f600} \u{fffd} x\u{fffd}\""]);
    assert_eq!(rows(read("{\"a\":[\"\\udfff\"]}")), ["[\"\u{fffd}\"]"]);
    assert_eq!(rows(read("\u{feff}{\"a\":1}\n")), ["1"]);
}

#[test]
fn broken_lines_have_their_place() {
    assert_eq!(
        wrong(
            "{\"a\":1}\n{\"a\":1 \"b\":2}\n{\"é\":\"é\", x}\n{\"a\":\"x\n[1]\n{\"a\":1}{}\n{\"a\":01}\n{\"a\":\"\u{1}\"}\n{\"a\":nul}"
        ),
        [
            "broken-file a.ndjson:2:8: not JSON: expected `,` or `}`",
            "broken-file a.ndjson:3:11: not JSON: key must be a string",
            "broken-file a.ndjson:4:7: the line ends within a value",
            "broken-file a.ndjson:5:1: no JSON object (each line is one JSON object, such as `{\"Id\": 1}`)",
            "broken-file a.ndjson:6:8: not JSON: trailing characters",
            "broken-file a.ndjson:7:7: not JSON: invalid number",
            "broken-file a.ndjson:8:6: not JSON: control character (\\u0000-\\u001F) found while parsing a string",
            "broken-file a.ndjson:9:9: not JSON: expected ident",
        ]
    );
    assert_eq!(wrong("{\"a\":1}\n{\"a\": [1, "), ["broken-file a.ndjson:2:10: the line ends within a value"]);
    assert_eq!(wrong(b"{\"a\":1}\n\n{\"\xc3\xa9\":\"\xff\"}\n"), ["broken-file a.ndjson:3:7: not UTF-8 text"]);
}

#[test]
fn a_key_occurs_once_in_an_object() {
    assert_eq!(
        wrong("{\"a\":1,\"b\":2}\n{\"b\":1,\"a\":2,\"b\":null}\n{\"a.b\":1,\"a\":{\"b\":2}}"),
        [
            "wrong-cell a.ndjson:2:18: field `b`: a second value in one row",
            "wrong-cell a.ndjson:3:19: field `a.b`: a second value in one row",
        ]
    );
    assert_eq!(wrong("{\"\":1}"), ["invalid-schema a.ndjson:1:5: a field without a name"]);
}

#[test]
fn nesting_has_an_end() {
    let deep = |n: usize| format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n));
    assert_eq!(fields(&read(&deep(64))), format!("a{} integer", ".a".repeat(63)));
    assert_eq!(wrong(deep(65)), ["broken-file a.ndjson:1:321: objects within objects, more than 64 levels deep"]);
    assert_eq!(wrong(deep(200_000)), ["broken-file a.ndjson:1:321: objects within objects, more than 64 levels deep"]);
    let list = format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(fields(&read(&list)), "a keyword*");
}

#[test]
fn a_schema_types_the_cells() {
    let schema = Schema::builder("A")
        .field(Field::new("n", Kind::Integer))
        .field(Field::new("k", Kind::Keyword))
        .field(Field::new("took", Kind::Duration))
        .field(Field::new("tags", Kind::Keyword).multi())
        .build()
        .unwrap();
    let read = |text: &str| Load::new().schema(schema.clone()).read([input("a.ndjson", text)]);
    let loaded = read("{\"tags\":\"x\",\"N\":\"5.0\",\"took\":\"5m\",\"k\":1.50}\n{\"n\":3e0}").unwrap();
    assert_eq!(rows(loaded), ["5|\"1.50\"|00:05:00|[\"x\"]", "3|null|null|null"]);
    assert_eq!(
        mistakes(&read("{\"n\":\"x\",\"k\":[\"y\"],\"took\":5,\"tags\":[[1]]}").unwrap_err()),
        [
            "wrong-cell a.ndjson:1:6: field `n`: `x` is no integer",
            "wrong-cell a.ndjson:1:14: field `k`: a list in a field of single values",
            "wrong-cell a.ndjson:1:27: field `took`: `5` is no duration",
        ]
    );
}
