//! JUnit XML: a row a `testcase`, with the names of the suites around it. Made for what tools write, not for one of the
//! schemas: unknown elements and attributes are passed over.
//!
//! A case is errored, failed or skipped if it has such an element, in that order; without one its `status` or `result`
//! attribute decides, and passed is the rest. The message is that of the deciding element: its attribute, else its text.
//! Properties of the suites around a case hold for it wherever they stand; the inner one of two with one name counts, and of
//! two in one place the last. A time or timestamp that cannot be read is null, with a note: a report is worth more than one
//! of its cells.

mod xml;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use self::xml::{Broken, Element, Piece, Xml};
use crate::base::hash::HashMap;
use crate::ingest::intake::{ColumnId, Intake, Spot};
use crate::ingest::raw::Raw;
use crate::model::field::{DeclaredValue, Field};
use crate::model::kind::Kind;
use crate::model::schema::MAX_FIELDS;
use crate::model::time::Zone;
use crate::model::time::parse::{parse_date, parse_instant};

/// Reads a file to its end; says how many bytes it had.
pub(super) fn read(bytes: impl Read, intake: &mut Intake) -> u64 {
    for field in fields() {
        intake.declare(field, Spot { line: 1, column: 0 });
    }
    let mut report = Report::default();
    let mut xml = Xml::new(bytes);
    if let Err(Broken { at, message }) = report.read(&mut xml, intake) {
        intake.broken(at, message, None);
    }
    // Also of a file that breaks off: its cells may be wrong too, and all mistakes are told together.
    report.hand_over(intake);
    xml.n_bytes()
}

/// The fields that every report has, in order.
fn fields() -> [Field; 9] {
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
        keyword("source"),
    ]
}

/// Values by the number of their property.
type Properties = BTreeMap<usize, String>;

/// What has been read of a file. Cases wait until its end, since properties may stand behind the cases that they hold for.
#[derive(Default)]
struct Report {
    /// Every suite, also those that have ended.
    suites: Vec<Suite>,
    /// The suites around, from the outermost.
    around: Vec<usize>,
    case: Option<Case>,
    cases: Vec<Case>,
    /// Names of properties in order of appearance, and where that is.
    properties: Vec<(Arc<str>, Spot)>,
    property_numbers: HashMap<Arc<str>, usize>,
    /// The element whose text is wanted.
    capture: Option<Capture>,
}

struct Suite {
    parent: Option<usize>,
    depth: usize,
    /// The names of the suites down to this one.
    path: Option<Arc<str>>,
    timestamp: Option<Arc<str>>,
    properties: Properties,
}

struct Case {
    at: Spot,
    depth: usize,
    suite: Option<usize>,
    class: Option<String>,
    name: Option<String>,
    time: Option<String>,
    timestamp: Option<String>,
    status: Option<String>,
    file: Option<String>,
    outcome: Option<(Outcome, Option<String>)>,
    properties: Properties,
}

/// Results that an element states, by precedence.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Outcome {
    Skipped,
    Failed,
    Errored,
}

/// An element whose text is wanted, and the text so far.
struct Capture {
    target: Target,
    depth: usize,
    text: String,
}

#[derive(Clone, Copy)]
enum Target {
    Message,
    Property(usize),
}

impl Report {
    fn read(&mut self, xml: &mut Xml<impl Read>, intake: &mut Intake) -> Result<(), Broken> {
        loop {
            match xml.next()? {
                Piece::Start(element) => {
                    self.start(&element, xml.depth(), xml.spot())
                        .map_err(|message| Broken { at: xml.spot(), message })?;
                }
                Piece::Text(text) => {
                    if let Some(capture) = &mut self.capture {
                        capture.text.push_str(&text);
                    }
                }
                Piece::End => {
                    let n_before = self.cases.len();
                    self.end(xml.depth() + 1);
                    if self.cases.len() > n_before {
                        intake.progress(xml.n_bytes(), self.cases.len() as u64);
                    }
                }
                Piece::Eof => return Ok(()),
            }
        }
    }

    /// An element starts; it is the one at `depth`, the root at 1.
    fn start(&mut self, element: &Element, depth: usize, at: Spot) -> Result<(), String> {
        let name = element.name.as_str();
        if depth == 1 && name != "testsuites" && name != "testsuite" {
            let name: String = name.chars().take(60).collect();
            return Err(format!("`<{name}>` is the root, not `<testsuites>` or `<testsuite>`: no JUnit report"));
        }
        if self.capture.is_some() {
            return Ok(());
        }
        match (name, &mut self.case) {
            ("testsuite" | "testsuites" | "testcase", Some(_)) => {
                return Err(format!("`<{name}>` within `<testcase>`"));
            }
            ("testsuite" | "testsuites", None) => self.start_suite(element, depth),
            ("testcase", None) => self.case = Some(Case::new(element, self.around.last().copied(), depth, at)),
            ("property", _) => {
                let Some(name) = element.attribute("name") else { return Ok(()) };
                let number = self.property(name, at)?;
                match element.attribute("value") {
                    Some(value) => self.set_property(number, value.to_owned()),
                    None => {
                        self.capture = Some(Capture { target: Target::Property(number), depth, text: String::new() });
                    }
                }
            }
            ("error" | "failure" | "skipped", Some(case)) if depth == case.depth + 1 => {
                let outcome = match name {
                    "error" => Outcome::Errored,
                    "failure" => Outcome::Failed,
                    _ => Outcome::Skipped,
                };
                if case.outcome.as_ref().is_none_or(|(known, _)| *known < outcome) {
                    let message = element.filled("message").map(str::to_owned);
                    if message.is_none() {
                        self.capture = Some(Capture { target: Target::Message, depth, text: String::new() });
                    }
                    case.outcome = Some((outcome, message));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn start_suite(&mut self, element: &Element, depth: usize) {
        let parent = self.around.last().copied();
        let above = parent.and_then(|parent| self.suites[parent].path.clone());
        // The name of `testsuites` is that of the run, not of a suite.
        let name = element.filled("name").filter(|_| element.name == "testsuite");
        let path = match (above, name) {
            (Some(above), Some(name)) => Some(format!("{above} / {name}").into()),
            (above, name) => above.or(name.map(Into::into)),
        };
        let timestamp = element.filled("timestamp").map(Into::into);
        let timestamp = timestamp.or_else(|| parent.and_then(|parent| self.suites[parent].timestamp.clone()));
        self.around.push(self.suites.len());
        self.suites.push(Suite { parent, depth, path, timestamp, properties: Properties::new() });
    }

    /// The element at `depth` ends.
    fn end(&mut self, depth: usize) {
        if let Some(capture) = self.capture.take_if(|capture| capture.depth == depth) {
            let text = capture.text.trim();
            match capture.target {
                Target::Property(number) => self.set_property(number, text.to_owned()),
                Target::Message => {
                    if let Some((_, message)) = self.case.as_mut().and_then(|case| case.outcome.as_mut()) {
                        *message = Some(text.to_owned()).filter(|text| !text.is_empty());
                    }
                }
            }
        } else if let Some(case) = self.case.take_if(|case| case.depth == depth) {
            self.cases.push(case);
        } else if self.around.last().is_some_and(|suite| self.suites[*suite].depth == depth) {
            self.around.pop();
        }
    }

    /// The number of a property.
    fn property(&mut self, name: &str, at: Spot) -> Result<usize, String> {
        if let Some(number) = self.property_numbers.get(name) {
            return Ok(*number);
        }
        let number = self.properties.len();
        if number == MAX_FIELDS {
            return Err(format!("more than {MAX_FIELDS} properties, the most fields that an index can have"));
        }
        let name: Arc<str> = name.into();
        self.properties.push((name.clone(), at));
        self.property_numbers.insert(name, number);
        Ok(number)
    }

    fn set_property(&mut self, number: usize, value: String) {
        let suite = self.around.last().map(|suite| &mut self.suites[*suite].properties);
        if let Some(properties) = self.case.as_mut().map(|case| &mut case.properties).or(suite) {
            properties.insert(number, value);
        }
    }

    /// Every case becomes a row.
    fn hand_over(self, intake: &mut Intake) {
        let source = intake.file();
        let names: Vec<String> = self.properties.iter().map(|(name, _)| format!("property.{name}")).collect();
        for (name, (_, at)) in names.iter().zip(&self.properties) {
            intake.declare(Field::new(name.as_str(), Kind::Keyword), *at);
        }
        let mut columns: Vec<Option<ColumnId>> = vec![None; names.len()];
        let mut set_by = vec![usize::MAX; names.len()];
        for (i, case) in self.cases.iter().enumerate() {
            let suite = case.suite.map(|suite| &self.suites[suite]);
            intake.begin_row(case.at.line);
            for (name, value) in case.cells(suite, &source) {
                // A column of a schema is asked for only where there is something for it.
                let Some(value) = value else { continue };
                let column = intake.column(name, case.at);
                match name {
                    "time" => intake.cell_or_null(column, &Raw::Plain(&without_separators(value)), case.at),
                    "timestamp" => intake.cell_or_null(column, &Raw::Plain(&timestamp(value)), case.at),
                    _ => intake.cell(column, &Raw::Plain(value), || case.at),
                }
            }
            let mut properties = Some(&case.properties);
            let mut above = case.suite;
            while let Some(level) = properties {
                for (number, value) in level {
                    if std::mem::replace(&mut set_by[*number], i) != i {
                        let (_, at) = self.properties[*number];
                        let column = *columns[*number].get_or_insert_with(|| intake.column(&names[*number], at));
                        intake.cell(column, &Raw::Plain(value), || case.at);
                    }
                }
                let suite = above.map(|suite| &self.suites[suite]);
                properties = suite.map(|suite| &suite.properties);
                above = suite.and_then(|suite| suite.parent);
            }
            intake.end_row();
        }
    }
}

impl Case {
    fn new(element: &Element, suite: Option<usize>, depth: usize, at: Spot) -> Self {
        let text = |name: &str| element.filled(name).map(str::to_owned);
        Self {
            at,
            depth,
            suite,
            class: text("classname").or_else(|| text("class")),
            name: text("name"),
            time: text("time"),
            timestamp: text("timestamp"),
            status: text("status").or_else(|| text("result")),
            file: text("file"),
            outcome: None,
            properties: Properties::new(),
        }
    }

    /// What there is for each of [`fields`].
    fn cells<'c>(&'c self, suite: Option<&'c Suite>, source: &'c str) -> [(&'static str, Option<&'c str>); 9] {
        let (result, message) = match &self.outcome {
            Some((Outcome::Errored, message)) => ("errored", message.as_deref()),
            Some((Outcome::Failed, message)) => ("failed", message.as_deref()),
            Some((Outcome::Skipped, message)) => ("skipped", message.as_deref()),
            None => (stated_result(self.status.as_deref()), None),
        };
        let around = suite.and_then(|suite| suite.timestamp.as_deref());
        [
            ("suite", suite.and_then(|suite| suite.path.as_deref())),
            ("class", self.class.as_deref()),
            ("name", self.name.as_deref()),
            ("time", self.time.as_deref()),
            ("timestamp", self.timestamp.as_deref().or(around)),
            ("result", Some(result)),
            ("message", message),
            ("file", self.file.as_deref()),
            ("source", Some(source)),
        ]
    }
}

/// The result that an attribute states where no element does.
fn stated_result(status: Option<&str>) -> &'static str {
    match status.unwrap_or("").to_ascii_lowercase().as_str() {
        "disabled" | "skipped" | "notrun" | "ignored" | "suppressed" => "skipped",
        "failed" | "failure" | "fail" => "failed",
        "error" | "errored" => "errored",
        _ => "passed",
    }
}

/// A number without the commas that set off its thousands, if that is what they do: `1,234.5`, but not `1,5`.
fn without_separators(number: &str) -> Cow<'_, str> {
    let number = number.trim();
    let (whole, _) = number.split_once('.').unwrap_or((number, ""));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or("");
    let thousands = (1..=3).contains(&first.trim_start_matches('-').len()) && groups.all(|group| group.len() == 3);
    if whole.contains(',') && thousands { number.replace(',', "").into() } else { number.into() }
}

/// A timestamp in a form that every field takes. ISO 8601 is, as it stands; some tools put the name of UTC behind it, or write
/// as mail headers do. What is neither stays as it is.
fn timestamp(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let is_iso = |text: &str| parse_instant(text, &Zone::utc()).is_some() || parse_date(text).is_some();
    if is_iso(text) {
        return text.into();
    }
    match text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")).filter(|local| is_iso(local)) {
        Some(local) => format!("{local}Z").into(),
        None => chrono::DateTime::parse_from_rfc2822(text).map_or_else(|_| text.into(), |at| at.to_rfc3339().into()),
    }
}

#[cfg(test)]
#[cfg(all(feature = "csv", feature = "junit", feature = "ndjson"))]
mod tests;
