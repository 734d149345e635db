//! JUnit XML: a row a `testcase`, with the names of the suites around it. Written for what tools write, not for a schema:
//! unknown elements and attributes are passed over.
//!
//! A case is errored, failed or skipped if it has such an element, in that order; without one its `status` attribute
//! decides, and passed is the rest. The message is the element's `message`, else its text. Properties of the suites around
//! a case hold for it, its own come before theirs.

use std::io::Read;
use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::base::error::Result;
use crate::ingest::input::{FileReport, Input, broken};
use crate::ingest::raw::RawRows;
use crate::model::decimal::Decimal;
use crate::model::field::{DeclaredValue, Field};
use crate::model::kind::Kind;
use crate::model::time::Zone;
use crate::model::time::parse::{parse_date, parse_instant};
use crate::model::value::Value;

/// The fields that every report has, in order.
pub(crate) fn fields() -> [Field; 8] {
    let keyword = |name| Field::new(name, Kind::Keyword);
    let results = [
        DeclaredValue::new("passed").passed().is_final(),
        DeclaredValue::new("failed").failed().is_final(),
        DeclaredValue::new("errored").failed().is_final(),
        DeclaredValue::new("skipped").is_final(),
    ];
    [
        keyword("suite"),
        keyword("class"),
        keyword("name"),
        Field::new("time", Kind::Decimal),
        Field::new("timestamp", Kind::DateTime),
        Field::new("result", Kind::Status).values(results),
        keyword("message"),
        keyword("file"),
    ]
}

/// Reads every test case of a report.
pub(crate) fn read(mut input: Input, rows: &mut RawRows) -> Result<FileReport> {
    let name = input.name.clone();
    let mut bytes = Vec::new();
    input.reader.read_to_end(&mut bytes).map_err(|e| broken(&name, 1, 0, e.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|e| {
        let (line, column) = line_and_column(&bytes, e.valid_up_to());
        broken(&name, line, column, "the bytes here are no UTF-8 text")
    })?;
    let mut columns = Vec::new();
    for field in fields().into_iter().chain([Field::new("source", Kind::Keyword)]) {
        columns.push(rows.fixed_column(field, 1)?);
    }
    let mut reader = Reader::from_str(text.strip_prefix('\u{FEFF}').unwrap_or(text));
    let mut report =
        Report { name: &name, bytes: &bytes, rows, columns, suites: Vec::new(), case: None, capture: None, n: 0 };
    let (mut open, mut seen_root): (Vec<String>, bool) = (Vec::new(), false);
    loop {
        let at = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(|e| report.broken(reader.error_position() as usize, e.to_string()))?;
        match event {
            Event::Start(element) => {
                let tag = element.local_name().as_ref().to_owned();
                report.start(&tag, &element, at, open.is_empty())?;
                seen_root = true;
                open.push(tag);
            }
            Event::Empty(element) => {
                let tag = element.local_name().as_ref().to_owned();
                report.start(&tag, &element, at, open.is_empty())?;
                seen_root = true;
                report.end(&tag)?;
            }
            Event::End(element) => {
                open.pop();
                report.end(element.local_name().as_ref())?;
            }
            Event::Text(text) => report.text(&text.xml10_content()),
            Event::CData(text) => report.text(&text.xml10_content()),
            Event::GeneralRef(entity) => {
                let text = match entity.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    _ => quick_xml::escape::resolve_predefined_entity(&entity.xml10_content()).map(str::to_owned),
                };
                let shown = entity.xml10_content().into_owned();
                let text = text.ok_or_else(|| report.broken(at, format!("`&{shown};` is no known entity")))?;
                report.text(&text);
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    if let Some(tag) = open.last() {
        return Err(report.broken(bytes.len(), format!("the file ends inside `{tag}`")));
    }
    if !seen_root {
        return Err(report.broken(bytes.len(), "the file has no `testsuites` or `testsuite` element".to_owned()));
    }
    let n = report.n;
    Ok(FileReport { name, bytes: bytes.len() as u64, rows: n })
}

/// A report while it is read.
struct Report<'a> {
    name: &'a Arc<str>,
    bytes: &'a [u8],
    rows: &'a mut RawRows,
    columns: Vec<u32>,
    suites: Vec<Suite>,
    case: Option<Case>,
    /// The text inside an element of the case, while it is open.
    capture: Option<(String, String)>,
    n: u64,
}

#[derive(Default)]
struct Suite {
    name: String,
    timestamp: Option<String>,
    properties: Vec<(String, String)>,
}

#[derive(Default)]
struct Case {
    start: usize,
    attributes: Vec<(String, String)>,
    /// The element that decides the result, and its message.
    outcome: Option<(Outcome, Option<String>)>,
    properties: Vec<(String, String)>,
}

/// Results by precedence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Skipped,
    Failed,
    Errored,
}

impl Report<'_> {
    fn broken(&self, at: usize, message: String) -> crate::base::error::Error {
        let (line, column) = line_and_column(self.bytes, at);
        broken(self.name, line, column, message)
    }

    fn attributes(&self, element: &BytesStart<'_>, at: usize) -> Result<Vec<(String, String)>> {
        let mut all = Vec::new();
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|e| self.broken(at, e.to_string()))?;
            let value =
                attribute.normalized_value(XmlVersion::default()).map_err(|e| self.broken(at, e.to_string()))?;
            all.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
        }
        Ok(all)
    }

    fn start(&mut self, tag: &str, element: &BytesStart<'_>, at: usize, is_root: bool) -> Result<()> {
        if is_root && tag != "testsuites" && tag != "testsuite" {
            return Err(self.broken(at, format!("the root is `{tag}`, not `testsuites` or `testsuite`")));
        }
        let attributes = self.attributes(element, at)?;
        let get = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        match (tag, &mut self.case) {
            ("testsuite", None) => {
                let name = get("name").unwrap_or_default();
                self.suites.push(Suite { name, timestamp: get("timestamp"), properties: Vec::new() });
            }
            ("testcase", None) => self.case = Some(Case { start: at, attributes, ..Case::default() }),
            ("property", _) => {
                let Some(key) = get("name") else { return Ok(()) };
                match get("value") {
                    Some(value) => self.property(key, value),
                    None => self.capture = Some((format!("property {key}"), String::new())),
                }
            }
            (_, Some(case)) => {
                let outcome = match tag {
                    "error" => Outcome::Errored,
                    "failure" => Outcome::Failed,
                    "skipped" => Outcome::Skipped,
                    _ => return Ok(()),
                };
                if case.outcome.as_ref().is_none_or(|(known, _)| *known < outcome) {
                    let message = get("message").filter(|message| !message.is_empty());
                    if message.is_none() {
                        self.capture = Some((tag.to_owned(), String::new()));
                    }
                    case.outcome = Some((outcome, message));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some((_, captured)) = &mut self.capture {
            captured.push_str(text);
        }
    }

    fn property(&mut self, key: String, value: String) {
        let list = match &mut self.case {
            Some(case) => Some(&mut case.properties),
            None => self.suites.last_mut().map(|suite| &mut suite.properties),
        };
        if let Some(list) = list {
            list.push((key, value));
        }
    }

    fn end(&mut self, tag: &str) -> Result<()> {
        match tag {
            "testcase" => return self.end_case(),
            "testsuite" if self.case.is_none() => {
                self.suites.pop();
            }
            "property" | "error" | "failure" | "skipped" => {
                let Some((what, text)) = self.capture.take() else { return Ok(()) };
                let text = text.trim().to_owned();
                if let Some(key) = what.strip_prefix("property ").filter(|_| tag == "property") {
                    self.property(key.to_owned(), text);
                } else if let Some((_, message)) = self.case.as_mut().and_then(|case| case.outcome.as_mut()) {
                    *message = Some(text).filter(|text| !text.is_empty());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A value that `read` understands; others are left out and counted, since a report is worth more than one of its cells.
    fn readable(&mut self, value: Option<String>, what: &str, read: impl Fn(&str) -> Option<String>) -> Option<String> {
        let value = value.filter(|value| !value.is_empty())?;
        let read = read(&value);
        if read.is_none() {
            self.rows.unreadable(what, &value);
        }
        read
    }

    fn end_case(&mut self) -> Result<()> {
        let Some(case) = self.case.take() else { return Ok(()) };
        let (line, _) = line_and_column(self.bytes, case.start);
        let get = |name: &str| case.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let names: Vec<&str> = self.suites.iter().map(|suite| &*suite.name).filter(|name| !name.is_empty()).collect();
        let around = self.suites.iter().rev().find_map(|suite| suite.timestamp.clone());
        let (result, message) = match &case.outcome {
            Some((Outcome::Errored, message)) => ("errored", message.clone()),
            Some((Outcome::Failed, message)) => ("failed", message.clone()),
            Some((Outcome::Skipped, message)) => ("skipped", message.clone()),
            None => (by_status(get("status").or(get("result")).as_deref()), None),
        };
        let values = [
            Some(names.join(" / ")).filter(|path| !path.is_empty()),
            get("classname").or(get("class")),
            get("name"),
            self.readable(get("time"), "times", |time| {
                let plain = time.trim().replace(',', "");
                plain.parse::<Decimal>().is_ok().then_some(plain)
            }),
            self.readable(get("timestamp").or(around), "timestamps", timestamp),
            Some(result.to_owned()),
            message,
            get("file"),
            Some(self.name.to_string()),
        ];
        for (column, value) in self.columns.clone().into_iter().zip(values) {
            self.rows.cell(column, value.into());
        }
        let mut seen: Vec<&str> = Vec::new();
        let outer = self.suites.iter().rev().flat_map(|suite| suite.properties.iter().rev());
        let mut properties: Vec<(String, String)> = Vec::new();
        for (key, value) in case.properties.iter().rev().chain(outer) {
            if !seen.contains(&key.as_str()) {
                seen.push(key);
                properties.push((format!("property.{key}"), value.clone()));
            }
        }
        for (key, value) in properties.into_iter().rev() {
            let column = self.rows.fixed_column(Field::new(key, Kind::Keyword), line)?;
            self.rows.cell(column, Value::from(value));
        }
        self.n += 1;
        self.rows.end_row(line, case.start as u64);
        Ok(())
    }
}

/// A timestamp in a form that every reader takes: ISO 8601 as it is, with a
/// zone's name behind it, and that of mail headers: some tools write these.
fn timestamp(text: &str) -> Option<String> {
    let text = text.trim();
    if parse_instant(text, &Zone::utc()).is_some() || parse_date(text).is_some() {
        return Some(text.to_owned());
    }
    if let Some(local) = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT"))
        && parse_instant(local, &Zone::utc()).is_some()
    {
        return Some(format!("{local}Z"));
    }
    chrono::DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_rfc3339())
}

/// The result that a status attribute states where no element does.
fn by_status(status: Option<&str>) -> &'static str {
    let status = status.unwrap_or("").to_ascii_lowercase();
    match status.as_str() {
        "disabled" | "skipped" | "notrun" | "ignored" | "suppressed" => "skipped",
        "failed" | "failure" | "fail" => "failed",
        "error" | "errored" => "errored",
        _ => "passed",
    }
}

/// Line and column, from 1, of a byte.
fn line_and_column(bytes: &[u8], at: usize) -> (u64, u64) {
    let before = &bytes[..at.min(bytes.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    (line, String::from_utf8_lossy(&before[start..]).chars().count() as u64 + 1)
}
