//! Rules that all formats share, and the tools with which each format's own tests are written.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{self, Read};
use std::rc::Rc;

use proptest::prelude::*;

use crate::base::error::{Error, Result};
use crate::ingest::input::{Format, Input};
use crate::ingest::load::{Load, Loaded};
use crate::model::cell::text_of;
use crate::model::field::{DeclaredValue, Field};
use crate::model::kind::Kind;
use crate::model::schema::Schema;
use crate::model::value::Value;

/// A file of the format that its name stands for.
pub(super) fn input(name: &str, text: impl AsRef<[u8]>) -> Input {
    Input::new(name, Format::from_name(name).unwrap(), io::Cursor::new(text.as_ref().to_vec()))
}

pub(super) fn load<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Loaded> {
    Load::new().read(files.into_iter().map(|(name, text)| input(name, text)))
}

/// The fields as `Name kind`, with `*` where they are multi-valued.
pub(super) fn fields(loaded: &Loaded) -> String {
    let field = |field: &Field| format!("{} {}{}", field.name(), field.kind(), if field.is_multi() { "*" } else { "" });
    loaded.schema().fields().iter().map(field).collect::<Vec<_>>().join(", ")
}

/// The rows, cells apart by `|`; texts quoted.
pub(super) fn rows(loaded: Loaded) -> Vec<String> {
    fn cell(value: &Value) -> String {
        match value {
            Value::Null => "null".to_owned(),
            Value::Text(text) => format!("{text:?}"),
            Value::List(items) => format!("[{}]", items.iter().map(cell).collect::<Vec<_>>().join(",")),
            other => text_of(other),
        }
    }
    let rows = loaded.into_rows();
    (0..rows.len()).map(|row| rows.cells(row).iter().map(cell).collect::<Vec<_>>().join("|")).collect()
}

/// Every diagnostic as `code place: message (help)`.
pub(super) fn mistakes(error: &Error) -> Vec<String> {
    let shown = error.diagnostics().iter().map(|d| {
        let mut line = format!("{} {d}", d.code());
        if let Some(help) = d.help_text() {
            let _ = write!(line, " ({help})");
        }
        line
    });
    shown.collect()
}

#[test]
fn every_mistake_of_a_load_is_told_at_once() {
    let schema = Schema::builder("Run")
        .key("Id")
        .fields([Field::new("Id", Kind::Integer), Field::new("N", Kind::Integer)])
        .build()
        .unwrap();
    let wrong = |files: &[(&str, &str)]| {
        let inputs = files.iter().map(|(name, text)| input(name, text));
        mistakes(&Load::new().schema(schema.clone()).read(inputs).unwrap_err())
    };
    assert_eq!(
        wrong(&[
            ("a.csv", "M,Id,N,n\nx,1,one,1\nx,,2,2\nx,1,3,3\nx,y,4,4\n"),
            ("b.ndjson", "{\"Id\": 1}\n{\"Id\": 2,\n{\"N\": 3}\n{\"Idd\": 4}\n{\"Id\": \"\", \"Idd\": 2}\n"),
        ]),
        [
            "unknown-field a.csv:1:1: no field `M` in `Run`",
            "invalid-schema a.csv:1:8: a second column for the field `n`",
            "wrong-cell a.csv:2:5: field `N`: `one` is no integer",
            "missing-key a.csv:3: no value for the key `Id`",
            "duplicate-key a.csv:4: the key `1` is that of a.csv:2 too",
            // One that cannot be read is not missing, too.
            "wrong-cell a.csv:5:3: field `Id`: `y` is no integer",
            "duplicate-key b.ndjson:1: the key `1` is that of a.csv:2 too",
            "broken-file b.ndjson:2:9: the line ends within a value",
            "missing-key b.ndjson:3: no value for the key `Id`",
            // Nor is one under a name that is misspelt.
            "unknown-field b.ndjson:4:9: no field `Idd` in `Run` (did you mean `Id`?)",
            "missing-key b.ndjson:5: no value for the key `Id`",
        ]
    );
    assert_eq!(
        wrong(&[("a.csv", "Idd,N\n1,1\n2,x\n")]),
        [
            "unknown-field a.csv:1:1: no field `Idd` in `Run` (did you mean `Id`?)",
            "wrong-cell a.csv:3:3: field `N`: `x` is no integer",
        ]
    );
    let inferred = |text: &str| mistakes(&Load::new().key("Idd").read([input("a.csv", text)]).unwrap_err());
    assert_eq!(
        inferred("Id,id\n1,2\n"),
        [
            "invalid-schema a.csv:1:4: the field `id` differs from `Id` only in case",
            "invalid-schema no file has the key field `Idd` (did you mean `Id`?)"
        ]
    );
    // What cannot be read may have had the field.
    assert_eq!(inferred("Id,N\n1,2,3\n"), ["broken-file a.csv:2:1: the row has 3 cells, the header has 2"]);
}

#[test]
fn values_that_are_not_declared_are_loaded_and_noted() {
    let passed = DeclaredValue::new("Passed").alias("ok");
    let schema = Schema::builder("Run")
        .field(Field::new("Status", Kind::Status).values([passed, DeclaredValue::new("In Progress")]))
        .field(Field::new("Tags", Kind::Keyword).multi().values(["a".into(), "b".into()]))
        .field(Field::new("By", Kind::User))
        .build()
        .unwrap();
    let csv = "Status,Tags,By\nOK,a,x\nFlaky,c,\ninprogress,,y\nflaky,b,z\n,A,\n";
    let ndjson =
        "{\"Tags\": [\"a\", \"c\", \"d\"], \"Status\": \"Odd\"}\n{\"Status\": \"Strange\"}\n{\"Status\": \"New\"}\n";
    let loaded = Load::new().schema(schema).read([input("a.csv", csv), input("b.ndjson", ndjson)]).unwrap();
    let told = |d: &crate::Diagnostic| format!("{}[{}] {d}", d.severity().as_str(), d.code());
    assert_eq!(
        loaded.report().notes.iter().map(told).collect::<Vec<_>>(),
        [
            "note[unknown-value] a.csv:3:1: 5 rows have a value of `Status` that is not declared: `Flaky`, `Odd`, `Strange` and 1 more",
            "note[unknown-value] a.csv:3:7: 2 rows have a value of `Tags` that is not declared: `c`, `d`",
        ]
    );
    assert_eq!(rows(loaded)[1], "\"Flaky\"|[\"c\"]|null", "values stay as they were spelt");
}

fn numbered(kind: Kind) -> Schema {
    Schema::builder("Run")
        .key("Id")
        .field(Field::new("Id", kind))
        .field(Field::new("Status", Kind::Keyword).alias("Result"))
        .build()
        .unwrap()
}

#[test]
fn files_follow_each_other_and_columns_are_found_by_name() {
    let loaded = load([
        ("a.ndjson", "{\"a\":1}\n{\"b\":\"x\",\"a\":2}\n"),
        ("b.csv", "c,a\n0.5,3\n"),
        ("c.ndjson", "{\"b\":\"y\"}\n"),
    ])
    .unwrap();
    assert_eq!(fields(&loaded), "a integer, b keyword, c decimal");
    assert_eq!(
        loaded.report().to_string(),
        "a.ndjson: 2 rows, 24 bytes\nb.csv: 1 row, 10 bytes\nc.ndjson: 1 row, 10 bytes\n"
    );
    assert_eq!(rows(loaded), ["1|null|null", "2|\"x\"|null", "3|null|0.5", "null|\"y\"|null"]);
}

#[test]
fn a_kind_holds_for_all_files() {
    let loaded = load([("a.ndjson", "{\"a\":1}"), ("b.csv", "a\nx\n")]).unwrap();
    assert_eq!(fields(&loaded), "a keyword");
    assert_eq!(rows(loaded), ["\"1\"", "\"x\""]);
}

#[test]
fn a_schema_decides() {
    let file = "{\"Result\":\"Passed\",\"Id\":\"7\"}\n{\"Id\":8}\n";
    let loaded = Load::new().schema(numbered(Kind::Integer)).name("ignored").read([input("a.ndjson", file)]).unwrap();
    assert_eq!(loaded.schema(), &numbered(Kind::Integer));
    assert_eq!(rows(loaded), ["7|\"Passed\"", "8|null"]);
    let nothing = Load::new().schema(numbered(Kind::Integer)).read([]).unwrap();
    assert_eq!(nothing.into_rows().len(), 0);
    let nothing =
        Load::new().schema(numbered(Kind::Integer)).read([input("a.csv", ""), input("a.ndjson", "")]).unwrap();
    assert_eq!(nothing.into_rows().len(), 0);
}

#[test]
fn an_unknown_column_is_named_once() {
    let error = Load::new()
        .schema(numbered(Kind::Integer))
        .read([
            input("a.ndjson", "{\"Id\":1,\"Statsu\":\"x\"}\n{\"Id\":2,\"Statsu\":\"x\"}\n"),
            input("b.csv", "Id,Colour,Statsu\n3,x,y\n4,x,y\n"),
        ])
        .unwrap_err();
    assert_eq!(
        mistakes(&error),
        [
            "unknown-field a.ndjson:1:18: no field `Statsu` in `Run` (did you mean `Status`?)",
            "unknown-field b.csv:1:4: no field `Colour` in `Run`",
        ]
    );
}

#[test]
fn every_wrong_cell_is_named_up_to_a_hundred() {
    let file: String = (0..150).map(|i| if i % 50 == 0 { format!("{i},x\n") } else { format!("x{i},x\n") }).collect();
    let error =
        Load::new().schema(numbered(Kind::Integer)).read([input("a.csv", format!("Id,Status\n{file}"))]).unwrap_err();
    let list = mistakes(&error);
    assert_eq!(list.len(), 101);
    assert_eq!(list[0], "wrong-cell a.csv:3:1: field `Id`: `x1` is no integer");
    assert_eq!(list[100], "wrong-cell 47 more mistakes are not named");
}

#[test]
fn mistakes_of_all_files_come_together() {
    let error = Load::new()
        .schema(numbered(Kind::Integer))
        .read([input("a.ndjson", "{\"Id\":1.5}\nnull\n"), input("b.csv", "Id\n\u{fc},\ny\n")])
        .unwrap_err();
    assert_eq!(
        mistakes(&error),
        [
            "wrong-cell a.ndjson:1:7: field `Id`: `1.5` is no integer",
            "broken-file a.ndjson:2:1: no JSON object (each line is one JSON object, such as `{\"Id\": 1}`)",
            "broken-file b.csv:2:1: the row has 2 cells, the header has 1",
            "wrong-cell b.csv:3:1: field `Id`: `y` is no integer",
        ]
    );
}

#[test]
fn keys_are_there_and_only_once() {
    let error = Load::new()
        .schema(numbered(Kind::Keyword))
        .read([input("a.csv", "Id,Status\nAb,x\n,x\n"), input("b.ndjson", "\n{\"Id\":\"aB\"}\n{\"Id\":\"\"}\n{}\n")])
        .unwrap_err();
    assert_eq!(
        mistakes(&error),
        [
            "missing-key a.csv:3: no value for the key `Id`",
            "duplicate-key b.ndjson:2: the key `aB` is that of a.csv:2 too",
            "missing-key b.ndjson:3: no value for the key `Id`",
            "missing-key b.ndjson:4: no value for the key `Id`",
        ]
    );
    let inferred = |key: &str, text| Load::new().key(key).read([input("a.csv", text)]).map(|loaded| fields(&loaded));
    assert_eq!(inferred("id", "Id,A\n1,2\n2,2\n").unwrap(), "Id integer, A integer");
    assert_eq!(inferred("Id", "Id\n1.5\n2\n").unwrap(), "Id keyword");
    assert_eq!(
        mistakes(&inferred("Id", "Id\n1\n1\n").unwrap_err()),
        ["duplicate-key a.csv:3: the key `1` is that of a.csv:2 too"]
    );
    assert_eq!(
        mistakes(&inferred("Idd", "Id\n1\n1\n").unwrap_err()),
        ["invalid-schema no file has the key field `Idd` (did you mean `Id`?)"]
    );
    assert_eq!(load([("a.csv", "id\n1\n1\n")]).unwrap().into_rows().len(), 2);
}

#[test]
fn names_that_differ_only_in_case_are_an_error() {
    let error = load([("a.ndjson", "{\"Status\":1,\"a\":1}"), ("b.csv", "a,stATUS,A\n1,1,1\n")]).unwrap_err();
    assert_eq!(
        mistakes(&error),
        [
            "invalid-schema b.csv:1:3: the field `stATUS` differs from `Status` only in case",
            "invalid-schema b.csv:1:10: the field `A` differs from `a` only in case",
        ]
    );
}

#[test]
fn nothing_is_inferred_from_nothing() {
    let expected = ["invalid-schema no file has a field, so there is nothing to infer a schema from \
                     (give a schema, or a file with at least one row)"];
    assert_eq!(mistakes(&load([]).unwrap_err()), expected);
    assert_eq!(mistakes(&load([("a.csv", ""), ("a.ndjson", "\n{}\n")]).unwrap_err()), expected);
    assert_eq!(fields(&load([("a.csv", "A,B\n")]).unwrap()), "A keyword, B keyword");
}

#[test]
fn too_many_fields_are_one_mistake() {
    let header: Vec<String> = (0..5000).map(|i| format!("f{i}")).collect();
    let error = load([("a.csv", &*header.join(","))]).unwrap_err();
    assert_eq!(
        mistakes(&error),
        ["invalid-schema a.csv:1:23467: more than 4096 fields, the most that an index can have"]
    );
}

#[test]
fn cut_digits_are_counted_once_a_field() {
    let file = "T\n2024-01-01T00:00:00.1234567Z\n2024-01-01T00:00:00.1234567Z\n2024-01-01T00:00:00Z\n";
    let expected = "2 values of `T` had digits below a microsecond, which were cut";
    let loaded = load([("a.csv", file)]).unwrap();
    assert_eq!(loaded.report().to_string(), format!("a.csv: 3 rows, 81 bytes\nnote: {expected}\n"));
    let schema = Schema::builder("A").field(Field::new("T", Kind::DateTime)).build().unwrap();
    let loaded = Load::new().schema(schema).read([input("a.csv", file)]).unwrap();
    assert_eq!(loaded.report().notes[0].message(), expected);
}

#[test]
fn progress_is_told_by_file() {
    let told = Rc::new(RefCell::new(Vec::new()));
    let (mut file, teller) = (String::new(), told.clone());
    for i in 0..10_000 {
        let _ = writeln!(file, "{{\"a\":{i}}}");
    }
    let load = Load::new().progress(move |p| teller.borrow_mut().push((p.file.to_string(), p.bytes, p.rows)));
    load.read([input("a.ndjson", &file), input("b.csv", "a\n1\n")]).unwrap();
    let told = told.take();
    let rows: Vec<(&str, u64)> = told.iter().map(|(name, _, rows)| (&**name, *rows)).collect();
    assert_eq!(rows, [("a.ndjson", 4096), ("a.ndjson", 8192), ("a.ndjson", 10_000), ("b.csv", 10_001)]);
    assert_eq!((told[2].1, told[3].1), (file.len() as u64, 4));
    assert!(told[0].1 < told[1].1);
}

/// Gives what it has, then fails.
struct Failing(io::Cursor<&'static str>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("disk on fire")),
            n => Ok(n),
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    for (format, text, expected) in [
        (Format::Ndjson, "{\"a\":1}\n{\"a\":", "broken-file f:2: cannot be read: disk on fire"),
        (Format::Csv, "a\n1\n2", "broken-file f:1: cannot be read: disk on fire"),
        (Format::Junit, "<testsuite>\n<te", "broken-file f:2:4: cannot be read: disk on fire"),
    ] {
        let error = Load::new().read([Input::new("f", format, Failing(io::Cursor::new(text)))]).unwrap_err();
        assert_eq!(mistakes(&error), [expected]);
    }
}

/// The folder of real files that the variable names: every one loads, with the rows that its README states.
#[test]
fn real_files_load() {
    let Some(folder) = std::env::var_os("TALLYGRID_DATA") else {
        println!("0 files: folder not given");
        return;
    };
    let expected = [
        ("k8s-conformance/cases.ndjson.gz", 49_678),
        ("wpt-results/results.ndjson.gz", 27_830),
        ("iofrol/iofrol_cycles_1-160.csv.gz", 14_507),
        ("dune/dune_debian11.csv.gz", 35_140),
        ("treeherder/jobs_2013-04.ndjson", 1122),
        ("eips/eips_even.ndjson", 477),
    ];
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .flat_map(|entry| std::fs::read_dir(entry.unwrap().path()).into_iter().flatten())
        .map(|entry| entry.unwrap().path())
        .filter(|path| Format::from_name(path.to_str().unwrap()).is_some())
        .collect();
    paths.sort();
    let open = |path: &std::path::Path| {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
        let file = std::fs::File::open(path).unwrap();
        let format = Format::from_name(name).unwrap();
        if path.extension().is_some_and(|end| end == "gz") {
            Input::new(name, format, flate2::read::MultiGzDecoder::new(file))
        } else {
            Input::new(name, format, file)
        }
    };
    let (mut n_found, mut n_cases) = (0, 0);
    for path in &paths {
        let loaded = Load::new().read([open(path)]).unwrap_or_else(|error| panic!("{}", error.render("")));
        print!("{}", loaded.report());
        println!("  {}", fields(&loaded));
        let file = &loaded.report().files[0];
        if let Some((_, n_rows)) = expected.iter().find(|(name, _)| *name == &*file.name) {
            assert_eq!(file.rows, *n_rows, "{}", file.name);
            n_found += 1;
        }
        if file.name.ends_with(".xml") {
            n_cases += file.rows;
        }
        // What is inferred holds the data: typing by it gives the same rows.
        let schema = loaded.schema().clone();
        assert_eq!(Schema::from_json(&schema.to_json()).unwrap(), schema);
        let again =
            Load::new().schema(schema).read([open(path)]).unwrap_or_else(|error| panic!("{}", error.render("")));
        assert_eq!(again.into_rows(), loaded.into_rows());
    }
    println!("{} files", paths.len());
    assert_eq!((n_found, n_cases), (expected.len(), 6990));
}

proptest! {
    #[test]
    fn csv_texts_come_back_as_they_were(cells in prop::collection::vec(("[a-z\"',;\t\r\n é]{0,6}", "\\PC{0,6}"), 1..6)) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut file = "x,y\n".to_owned();
        for (a, b) in &cells {
            let _ = writeln!(file, "{},{}", quoted(a), quoted(b));
        }
        let schema = Schema::builder("A").fields(["x", "y"].map(|name| Field::new(name, Kind::Keyword))).build().unwrap();
        let rows = Load::new().schema(schema).read([input("a.csv", file)]).unwrap().into_rows();
        let value = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
        for (row, (a, b)) in cells.iter().enumerate() {
            prop_assert_eq!(rows.cells(row), [value(a), value(b)]);
        }
    }

    #[test]
    fn json_values_come_back_as_they_were(rows in prop::collection::vec((any::<String>(), any::<i64>(), -9_999_999i64..9_999_999, any::<bool>()), 1..6)) {
        let mut file = String::new();
        for (text, n, fraction, b) in &rows {
            let text = serde_json::to_string(text).unwrap();
            let _ = writeln!(file, "{{\"t\":{{\"x\":{text}}},\"n\":{},\"d\":{fraction}.25,\"b\":{b}}}", n.max(&-i64::MAX));
        }
        let loaded = load([("a.ndjson", &*file)]).unwrap();
        let kept = loaded.into_rows();
        for (row, (text, n, fraction, b)) in rows.iter().enumerate() {
            let cells = kept.cells(row);
            prop_assert_eq!(text_of(&cells[0]), text.clone());
            prop_assert_eq!(&cells[1], &Value::Integer(*n.max(&-i64::MAX)));
            prop_assert_eq!(text_of(&cells[2]), format!("{fraction}.25"));
            prop_assert_eq!(&cells[3], &Value::Boolean(*b));
        }
    }

    #[test]
    fn no_file_panics(text in r#"[\[\]{}:,;"\\a-z0-9 .\r\n\t-]{0,80}"#, bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        for name in ["a.csv", "a.ndjson", "a.xml"] {
            let _ = Load::new().read([input(name, &text), input(name, &bytes)]);
            let _ = Load::new().schema(numbered(Kind::Integer)).read([input(name, &text), input(name, &bytes)]);
        }
    }

    #[test]
    fn rows_of_any_width_are_spread(rows_of in prop::collection::vec(prop::collection::btree_map(0..12u8, any::<i8>(), 0..5), 1..20)) {
        let mut file = String::new();
        for row in &rows_of {
            let cells: Vec<String> = row.iter().map(|(name, n)| format!("\"f{name}\":{n}")).collect();
            let _ = writeln!(file, "{{{}}}", cells.join(","));
        }
        if let Ok(loaded) = load([("a.ndjson", &*file)]) {
            let names: Vec<String> = loaded.schema().fields().iter().map(|field| field.name().to_owned()).collect();
            let kept = loaded.into_rows();
            for (i, row) in rows_of.iter().enumerate() {
                for (name, value) in names.iter().zip(kept.cells(i)) {
                    let n = row.get(&name.trim_start_matches('f').parse().unwrap()).map(|n| i64::from(*n));
                    prop_assert_eq!(value, &Value::from(n));
                }
            }
        } else {
            prop_assert!(rows_of.iter().all(std::collections::BTreeMap::is_empty));
        }
    }
}
