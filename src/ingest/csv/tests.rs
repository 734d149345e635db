//! Rules of CSV: separators, kinds of columns, places of wrong cells.

use std::fmt::Write as _;

use crate::ingest::load::{Load, Loaded};
use crate::ingest::tests::{fields, input, load, mistakes, rows};
use crate::model::field::Field;
use crate::model::kind::Kind;
use crate::model::schema::Schema;

fn read(text: &str) -> Loaded {
    load([("a.csv", text)]).unwrap()
}

fn wrong(text: impl AsRef<[u8]>) -> Vec<String> {
    mistakes(&Load::new().read([input("a.csv", text)]).unwrap_err())
}

#[test]
fn separators_are_recognised_in_the_header() {
    for text in ["a,b\n1,x;y\n", "a;b\n1;x;y\n".replace("x;y", "\"x;y\"").as_str(), "\u{feff}a\tb\r\n1\tx;y\r\n"] {
        let loaded = read(text);
        assert_eq!(fields(&loaded), "a integer, b keyword", "{text}");
        assert_eq!(rows(loaded), ["1|\"x;y\""], "{text}");
    }
    assert_eq!(fields(&read("\"a,b,c\";d\n1;2\n")), "a,b,c integer, d integer");
    assert_eq!(fields(&read("only\n1\n")), "only integer");
}

#[test]
fn cells_are_typed_by_all_of_them() {
    let loaded = read(concat!(
        "i;d;b;day;at;took;code;plus;exp;k;none\n",
        "1;1.50;true;2015-02-13;2015-02-13 16:13:00;0:00:01;007;+1;1e3;[];\n",
        ";;;;;;;;;;\n",
        "-2;3;FALSE;2015-02-14;2020-07-24 04:45:01.571;10:00:00;8;2;2;\"a\"\"b\";\n",
    ));
    assert_eq!(
        fields(&loaded),
        "i integer, d decimal, b boolean, day date, at datetime, took duration, code keyword, plus keyword, exp keyword, \
         k keyword, none keyword"
    );
    let nulls = ["null"; 11].join("|");
    assert_eq!(
        rows(loaded),
        [
            "1|1.5|true|2015-02-13|2015-02-13T16:13:00Z|00:00:01|\"007\"|\"+1\"|\"1e3\"|\"[]\"|null",
            &nulls,
            "-2|3|false|2015-02-14|2020-07-24T04:45:01.571Z|10:00:00|\"8\"|\"2\"|\"2\"|\"a\\\"b\"|null",
        ]
    );
}

#[test]
fn a_row_has_as_many_cells_as_the_header() {
    assert_eq!(
        wrong("a,b\r\n1,2\r\n\r\n1,2,3\r\n1\r\n"),
        [
            "broken-file a.csv:4:1: the row has 3 cells, the header has 2",
            "broken-file a.csv:5:1: the row has 1 cells, the header has 2",
        ]
    );
    assert_eq!(
        wrong("a,b,a,\n1,2,3,\n"),
        [
            "invalid-schema a.csv:1:5: a second column for the field `a`",
            "invalid-schema a.csv:1:7: a field without a name",
        ]
    );
}

#[test]
fn a_wrong_cell_has_line_and_column() {
    let schema = Schema::builder("A")
        .field(Field::new("t", Kind::Keyword))
        .field(Field::new("n", Kind::Integer).alias("m"))
        .build()
        .unwrap();
    let wrong = |text: &str| mistakes(&Load::new().schema(schema.clone()).read([input("a.csv", text)]).unwrap_err());
    assert_eq!(wrong("t,n\né,x\n"), ["wrong-cell a.csv:2:3: field `n`: `x` is no integer"]);
    assert_eq!(wrong("\u{feff}t,n\r\n\r\na,x\r\n"), ["wrong-cell a.csv:3:3: field `n`: `x` is no integer"]);
    assert_eq!(
        wrong("t,n\n\"l1\nl2\"\"\",\"x\"\n,y"),
        ["wrong-cell a.csv:3:7: field `n`: `x` is no integer", "wrong-cell a.csv:4:2: field `n`: `y` is no integer",]
    );
    assert_eq!(wrong("t,n,M\n"), ["invalid-schema a.csv:1:5: a second column for the field `M`"]);
    assert_eq!(wrong("t,n\na\"b,\"1\"x\n"), ["wrong-cell a.csv:2:5: field `n`: `1x` is no integer"]);
}

#[test]
fn a_wrong_cell_is_found_far_down() {
    let schema = Schema::builder("A")
        .field(Field::new("n", Kind::Integer))
        .field(Field::new("t", Kind::Keyword))
        .build()
        .unwrap();
    let mut file = "t;n\r\n".to_owned();
    for line in 2..=80_000 {
        let n = if line == 70_001 { "seven" } else { "7" };
        let _ = write!(file, "text of line {line};{n}\r\n");
    }
    let error = Load::new().schema(schema).read([input("runs.csv", file)]).unwrap_err();
    assert_eq!(mistakes(&error), ["wrong-cell runs.csv:70001:20: field `n`: `seven` is no integer"]);
}

#[test]
fn quotes_are_closed() {
    assert_eq!(wrong("a,b\n1,2\n3,\"x\ny\n"), ["broken-file a.csv:3:3: a quoted cell that is not closed"]);
    assert_eq!(wrong("a,\"b\n"), ["broken-file a.csv:1:3: a quoted cell that is not closed"]);
    assert_eq!(rows(read("a,b\n1,\"x\ny\"")), ["1|\"x\\ny\""]);
}

#[test]
fn text_is_utf8() {
    assert_eq!(wrong(b"a,b\n1,2\n3,\xff\n"), ["broken-file a.csv:3:3: not UTF-8 text"]);
    assert_eq!(wrong(b"\xff\xfea\n"), ["broken-file a.csv:1:1: not UTF-8 text"]);
    assert_eq!(rows(read("a\n\0\u{1}\n")), ["\"\\0\\u{1}\""]);
}

#[test]
fn a_cell_is_one_value_unless_its_field_has_a_separator() {
    let schema = Schema::builder("Run")
        .field(Field::new("Tags", Kind::Keyword).multi())
        .field(Field::new("Bugs", Kind::Integer).multi().separator("|"))
        .build()
        .unwrap();
    let csv = "Tags,Bugs\na|b,1 | 2|1\n,\n a ,|\n";
    let ndjson = "{\"Tags\": [\"a|b\"], \"Bugs\": [3]}\n";
    let load = |name: &str, text: &str| Load::new().schema(schema.clone()).read([input(name, text)]);
    assert_eq!(rows(load("a.csv", csv).unwrap()), ["[\"a|b\"]|[1,2]", "null|null", "[\" a \"]|[]"]);
    assert_eq!(rows(load("a.ndjson", ndjson).unwrap()), ["[\"a|b\"]|[3]"]);
    assert_eq!(
        mistakes(&load("a.csv", "Tags,Bugs\na,1|x\n").unwrap_err()),
        ["wrong-cell a.csv:2:3: field `Bugs`: `x` is no integer"]
    );
    let wrong = Schema::builder("Run")
        .fields([Field::new("A", Kind::Keyword).separator(","), Field::new("B", Kind::Keyword).multi().separator(" ")])
        .build()
        .unwrap_err();
    let told: Vec<String> = wrong.diagnostics().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "Run.fields[0].separator: a field of single values has no separator",
            "Run.fields[1].separator: blanks separate no values"
        ]
    );
}
