//! Rules of JUnit reports: results, messages, properties, and files that break off.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::ingest::load::{Load, Loaded};
use crate::ingest::tests::{fields, input, load, mistakes, rows};
use crate::model::field::Field;
use crate::model::kind::Kind;
use crate::model::schema::Schema;

const FIELDS: &str = "suite keyword, class keyword, name keyword, time decimal, timestamp datetime, result status, \
                      message keyword, file keyword, source keyword";

fn read(text: &str) -> Loaded {
    load([("r.xml", text)]).unwrap()
}

/// The rows of a report, without their last cell, `source`.
fn cells(text: &str) -> Vec<String> {
    rows(read(text)).iter().map(|row| row.strip_suffix("|\"r.xml\"").unwrap().to_owned()).collect()
}

fn wrong(text: impl AsRef<[u8]>) -> Vec<String> {
    mistakes(&Load::new().read([input("r.xml", text)]).unwrap_err())
}

#[test]
fn a_case_is_a_row() {
    let loaded = read(concat!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a comment with <testcase name='no'/> -->\n",
        "<testsuites name='run' timestamp='2024-01-01T00:00:00'>\n",
        "<testsuite name='outer' timestamp='2024-01-02T00:00:00+01:00'><testsuite name='in &amp; er'>",
        "<testcase classname='C' name='a&#10;b\nc' time='1,234.5' file='f.py'/>",
        "<testcase name='own' timestamp='2024-01-03T00:00:00Z' time='1.5E-3'/>",
        "</testsuite><testcase name='x' class='D' time=''></testcase></testsuite>\n",
        "<testcase/></testsuites>\n",
    ));
    assert_eq!(fields(&loaded), FIELDS);
    let result = loaded.schema().fields()[5].declared_values();
    let flags: Vec<_> =
        result.iter().map(|v| (v.name(), v.flags().passed, v.flags().failed, v.flags().is_final)).collect();
    assert_eq!(
        flags,
        [
            ("passed", true, false, true),
            ("failed", false, true, true),
            ("errored", false, true, true),
            ("skipped", false, false, true)
        ]
    );
    assert_eq!(
        rows(loaded),
        [
            r#""outer / in & er"|"C"|"a\nb c"|1234.5|2024-01-01T23:00:00Z|"passed"|null|"f.py"|"r.xml""#,
            r#""outer / in & er"|null|"own"|0.0015|2024-01-03T00:00:00Z|"passed"|null|null|"r.xml""#,
            r#""outer"|"D"|"x"|null|2024-01-01T23:00:00Z|"passed"|null|null|"r.xml""#,
            r#"null|null|null|null|2024-01-01T00:00:00Z|"passed"|null|null|"r.xml""#,
        ]
    );
}

#[test]
fn results_and_messages() {
    for (case, expected) in [
        ("<testcase/>", r#""passed"|null"#),
        ("<testcase><failure message='m'>text</failure></testcase>", r#""failed"|"m""#),
        (
            "<testcase><failure message=''>\n  a <![CDATA[<b>]]>&lt;&#x63;<i>d</i>\n</failure></testcase>",
            r#""failed"|"a <b><cd""#,
        ),
        ("<testcase><error> </error></testcase>", r#""errored"|null"#),
        ("<testcase><skipped message='why'/></testcase>", r#""skipped"|"why""#),
        ("<testcase><skipped/><failure>f</failure><error>e</error><failure>g</failure></testcase>", r#""errored"|"e""#),
        ("<testcase><failure>f</failure><failure>g</failure><skipped>s</skipped></testcase>", r#""failed"|"f""#),
        ("<testcase><system-out><failure>no</failure></system-out></testcase>", r#""passed"|null"#),
        ("<testcase><rerunFailure message='flaky'/></testcase>", r#""passed"|null"#),
        ("<testcase status='Disabled'/>", r#""skipped"|null"#),
        ("<testcase status='notrun'/>", r#""skipped"|null"#),
        ("<testcase result='skipped'/>", r#""skipped"|null"#),
        ("<testcase status='run'/>", r#""passed"|null"#),
        ("<testcase status='failed'/>", r#""failed"|null"#),
        ("<testcase status='disabled'><error message='e'/></testcase>", r#""errored"|"e""#),
    ] {
        let rows = cells(&format!("<testsuite>{case}</testsuite>"));
        assert_eq!(rows, [format!("null|null|null|null|null|{expected}|null")], "{case}");
    }
}

#[test]
fn properties_hold_for_what_is_inside() {
    let loaded = read(
        "<testsuites><properties><property name='os' value='x'/></properties>
        <testsuite name='s'><properties><property name='v' value='1'/><property name='os' value='y'/></properties>
            <testcase name='a'><properties><property name='own'> t
            </property><property name='v' value='2'/><property name='v' value='3'/></properties></testcase>
            <testcase name='b'/>
            <properties><property name='late' value='z'/><property value='nameless'/></properties>
        </testsuite>
        <testsuite name='t'><testcase name='c'/></testsuite></testsuites>",
    );
    assert_eq!(
        fields(&loaded),
        format!("{FIELDS}, property.os keyword, property.v keyword, property.own keyword, property.late keyword")
    );
    let tail = |row: String| row.split_once("\"r.xml\"|").unwrap().1.to_owned();
    let rows: Vec<String> = rows(loaded).into_iter().map(tail).collect();
    assert_eq!(rows, [r#""y"|"3"|"t"|"z""#, r#""y"|"1"|null|"z""#, r#""x"|null|null|null"#]);
}

#[test]
fn what_cannot_be_read_is_null_with_a_note() {
    let loaded = read(
        "<testsuite timestamp='Mon, 1 Jan 2024 10:00:00 +0000'>
        <testcase time='soon' timestamp='yesterday'/>
        <testcase time='1,5' timestamp='2024-01-01T10:00:00 UTC'/>
        <testcase time='12,345,678' timestamp='2024-01-01'/>
        <testcase time='1,2345'/></testsuite>",
    );
    let notes: Vec<String> = loaded.report().notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "r.xml:2:9: 3 values of `time` cannot be read and became null, first: `soon`: not a number",
            "r.xml:2:9: 1 value of `timestamp` cannot be read and became null, first: `yesterday` is no datetime",
        ]
    );
    let times: Vec<String> =
        rows(loaded).iter().map(|row| row.split('|').skip(3).take(2).collect::<Vec<_>>().join("|")).collect();
    assert_eq!(
        times,
        ["null|null", "null|2024-01-01T10:00:00Z", "12345678|2024-01-01T00:00:00Z", "null|2024-01-01T10:00:00Z"]
    );
}

#[test]
fn a_report_without_cases_has_its_fields() {
    for text in
        ["<testsuites/>", "<testsuite name='s'></testsuite>", "<!DOCTYPE x [<!ENTITY a 'b'>]><testsuites></testsuites>"]
    {
        let loaded = read(text);
        assert_eq!(fields(&loaded), FIELDS);
        assert_eq!(loaded.into_rows().len(), 0);
    }
}

#[test]
fn several_reports_are_told_apart_by_source() {
    let report = |name: &str| format!("<testsuite><testcase name='{name}'/></testsuite>");
    let loaded = load([("a.xml", &*report("x")), ("b.xml", &*report("y"))]).unwrap();
    let ends: Vec<String> = rows(loaded).iter().map(|row| row.rsplit('|').next().unwrap().to_owned()).collect();
    assert_eq!(ends, ["\"a.xml\"", "\"b.xml\""]);
}

#[test]
fn a_schema_types_the_cells() {
    let schema = |name: &str, kind| {
        Schema::builder("A")
            .field(Field::new(name, kind))
            .fields(["result", "source"].map(|name| Field::new(name, Kind::Keyword)))
            .build()
            .unwrap()
    };
    let read = |schema, case: &str| {
        Load::new().schema(schema).read([input("r.xml", format!("<testsuite>\n {case}</testsuite>"))])
    };
    assert_eq!(rows(read(schema("name", Kind::Integer), "<testcase name='7'/>").unwrap()), ["7|\"passed\"|\"r.xml\""]);
    assert_eq!(
        mistakes(&read(schema("name", Kind::Integer), "<testcase name='x'/>").unwrap_err()),
        ["wrong-cell r.xml:2:2: field `name`: `x` is no integer"]
    );
    assert_eq!(
        mistakes(&read(schema("nmae", Kind::Keyword), "<testcase name='x'/>").unwrap_err()),
        ["unknown-field r.xml:2:2: no field `name` in `A` (did you mean `nmae`?)"]
    );
}

#[test]
fn broken_reports_have_their_place() {
    for (text, expected) in [
        ("", "r.xml:1:1: the file ends before its first element"),
        ("\n<!-- nothing -->\n", "r.xml:3:1: the file ends before its first element"),
        ("<html/>", "r.xml:1:1: `<html>` is the root, not `<testsuites>` or `<testsuite>`: no JUnit report"),
        ("<testsuite>\n <testcase name='é'", "r.xml:2:2: not XML: tag not closed: `>` not found before end of input"),
        ("<testsuite>\n<testcase>x", "r.xml:2:12: the file ends within `<testcase>`"),
        ("<testsuite>\n <x></y>", "r.xml:2:5: not XML: expected `</x>`, but `</y>` was found"),
        ("<testsuite/></x>", "r.xml:1:13: not XML: close tag `</x>` does not match any open tag"),
        ("<testsuite>\n&nbsp;</testsuite>", "r.xml:2:1: `&nbsp;` stands for nothing"),
        ("<testsuite><!--", "r.xml:1:12: not XML: comment not closed: `-->` not found before end of input"),
        ("<testsuite>\n<testcase name='a' name='b'/>", "r.xml:2:1: not XML: the attribute `name` occurs twice"),
        ("<testsuite><testcase><testcase/>", "r.xml:1:22: `<testcase>` within `<testcase>`"),
    ] {
        assert_eq!(wrong(text), [format!("broken-file {expected}")], "{text}");
    }
    assert_eq!(wrong(b"<testsuite>\n<testcase name='\xff'/>"), ["broken-file r.xml:2: not UTF-8 text"]);
    assert_eq!(wrong(b"<testsuite>\n\n\xc3\xa9\n\xff</testsuite>"), ["broken-file r.xml:4: not UTF-8 text"]);
    assert_eq!(wrong(b"\xff\xfe<\0t\0"), ["broken-file r.xml:1: not UTF-8 text"]);
}

#[test]
fn nesting_has_an_end() {
    let nested = |n: usize| format!("{}{}", "<testsuite name='s'>".repeat(n), "</testsuite>".repeat(n));
    assert_eq!(fields(&read(&nested(200))), FIELDS);
    assert_eq!(wrong(nested(201)), ["broken-file r.xml:1:4001: elements nested more than 200 levels deep"]);
    assert_eq!(wrong(nested(100_000)), ["broken-file r.xml:1:4001: elements nested more than 200 levels deep"]);
}

#[test]
fn many_attributes_take_no_longer_each() {
    let attributes: Vec<String> = (0..100_000).map(|i| format!("a{i}=''")).collect();
    assert_eq!(read(&format!("<testsuite {}/>", attributes.join(" "))).into_rows().len(), 0);
}

#[test]
fn many_cases_take_no_longer_each() {
    let mut text = "<testsuite name='s'><properties><property name='p' value='v'/></properties>\n".to_owned();
    for i in 0..50_000 {
        let _ = writeln!(text, "<testcase name='case {i}' time='0.1'><failure message='m'/></testcase>");
    }
    text.push_str("</testsuite>");
    assert_eq!(read(&text).into_rows().len(), 50_000);
}

/// A report with everything in it.
const WHOLE: &str = "<?xml version='1.0'?>\n<testsuites><testsuite name='é' timestamp='2024-01-01T00:00:00'>\
    <properties><property name='p' value='v'/><property name='q'>t</property></properties>\
    <testcase name='a' time='1'><failure message='m'>x &amp; <![CDATA[y]]></failure></testcase><!-- c --></testsuite></testsuites>";

#[test]
fn a_report_cut_anywhere_is_broken() {
    for end in 0..WHOLE.len() {
        let list = wrong(&WHOLE.as_bytes()[..end]);
        assert!(list[0].starts_with("broken-file r.xml:"), "{end}: {list:?}");
    }
    assert_eq!(read(WHOLE).into_rows().len(), 1);
}

proptest! {
    #[test]
    fn a_report_changed_anywhere_does_not_panic(at in 0..WHOLE.len(), byte in any::<u8>(), n in 0..8usize) {
        let mut bytes = WHOLE.as_bytes().to_vec();
        let end = (at + n).min(bytes.len());
        bytes.splice(at..end, [byte]);
        let _ = Load::new().read([input("r.xml", bytes)]);
    }
}
