//! NDJSON: one JSON object a line. Syntax is `serde_json`'s affair; what is added here is that numbers keep their digits,
//! objects within objects become fields `a.b`, and unpaired surrogates become U+FFFD.

use std::borrow::Cow;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::ingest::intake::{ColumnId, Intake, Spot};
use crate::ingest::raw::Raw;

/// Bytes asked of a file at a time.
const BUFFER_BYTES: usize = 1 << 16;

/// Objects within objects; each level is read again for the next one.
const MOST_NESTING: usize = 64;

/// Reads a file to its end; says how many bytes it had.
pub(super) fn read(bytes: impl Read, intake: &mut Intake) -> u64 {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, bytes);
    let (mut line, mut path) = (Vec::new(), String::new());
    let (mut n_bytes, mut line_no) = (0u64, 0u64);
    loop {
        line.clear();
        let n = match reader.read_until(b'\n', &mut line) {
            Ok(n) => n,
            Err(error) => {
                intake.broken(Spot { line: line_no + 1, column: 0 }, format!("cannot be read: {error}"), None);
                break;
            }
        };
        if n == 0 {
            break;
        }
        n_bytes += n as u64;
        line_no += 1;
        let json = if line_no == 1 { line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line) } else { &line };
        match std::str::from_utf8(json) {
            Ok(text) if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() => {}
            Ok(text) => {
                // A line that is cut off ends where its text does.
                let text = text.trim_end_matches(['\r', '\n']);
                Line { text, line_no, intake, path: &mut path, column: None }.read();
                intake.end_row();
                intake.progress(n_bytes, 0);
            }
            Err(error) => {
                let valid = json.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok());
                let column = valid.unwrap_or("").chars().count() as u64 + 1;
                intake.broken(Spot { line: line_no, column }, "not UTF-8 text", None);
            }
        }
    }
    n_bytes
}

/// A line on its way into the intake.
struct Line<'l> {
    text: &'l str,
    line_no: u64,
    intake: &'l mut Intake,
    /// The keys of the objects around, each with a dot behind it.
    path: &'l mut String,
    /// The column of the value before.
    column: Option<ColumnId>,
}

impl<'l> Line<'l> {
    fn read(&mut self) {
        let start = self.text.len() - self.text.trim_start_matches([' ', '\t', '\r']).len();
        if self.text.as_bytes().get(start) != Some(&b'{') {
            let help = "each line is one JSON object, such as `{\"Id\": 1}`".to_owned();
            self.intake.broken(self.spot(start), "no JSON object", Some(help));
            return;
        }
        self.intake.begin_row(self.line_no);
        self.path.clear();
        let mut json = serde_json::Deserializer::from_str(self.text);
        let read = json.deserialize_map(Object { line: self, depth: 0 }).and_then(|()| json.end());
        if let Err(error) = read {
            let whole = error.to_string();
            let what = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(what, _)| what);
            let spot = self.spot(error.column().saturating_sub(1));
            let message =
                if error.is_eof() { "the line ends within a value".to_owned() } else { format!("not JSON: {what}") };
            self.intake.broken(spot, message, None);
        }
    }

    /// A value under a key.
    fn value(&mut self, key: &str, json: &'l str, depth: usize) {
        let at = json.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        if json.starts_with('{') {
            let n_path = self.path.len();
            self.path.push_str(key);
            self.path.push('.');
            if depth == MOST_NESTING {
                let message = format!("objects within objects, more than {MOST_NESTING} levels deep");
                self.intake.broken(self.spot(at), message, None);
            } else {
                // The text has been read once as part of the line, so it is right.
                let _ = serde_json::Deserializer::from_str(json).deserialize_map(Object { line: self, depth });
            }
            self.path.truncate(n_path);
            return;
        }
        let column = if self.path.is_empty() {
            self.column(key, at)
        } else {
            let n_path = self.path.len();
            self.path.push_str(key);
            let path = std::mem::take(self.path);
            let column = self.column(&path, at);
            *self.path = path;
            self.path.truncate(n_path);
            column
        };
        self.column = Some(column);
        let (text, line) = (self.text, self.line_no);
        self.intake.cell(column, &cell(json), || Spot { line, column: column_at(text, at) });
    }

    fn column(&mut self, name: &str, at: usize) -> ColumnId {
        let next = self.intake.next_column(self.column, name);
        next.unwrap_or_else(|| {
            let spot = self.spot(at);
            self.intake.column(name, spot)
        })
    }

    fn spot(&self, at: usize) -> Spot {
        Spot { line: self.line_no, column: column_at(self.text, at) }
    }
}

/// The column, in characters from 1, of the byte `at` of a line.
fn column_at(text: &str, at: usize) -> u64 {
    let before = text.as_bytes().iter().take(at);
    // Bytes that continue a character are no column of their own.
    before.filter(|b| **b & 0xC0 != 0x80).count() as u64 + 1
}

/// A value as the intake takes it. The JSON has been checked.
fn cell(json: &str) -> Raw<'_> {
    match json.as_bytes().first() {
        Some(b'"') => Raw::Text(text(json)),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
            Raw::List(items.into_iter().map(|item| item_of_list(item.get())).collect())
        }
        Some(b't') => Raw::Boolean(true),
        Some(b'f') => Raw::Boolean(false),
        Some(b'n') | None => Raw::Null,
        Some(_) => match json.parse::<i64>() {
            // The smallest of all stands for null in columns.
            Ok(n) if n > i64::MIN => Raw::Integer(n),
            _ => Raw::Number(json),
        },
    }
}

/// Objects and lists in a list are kept as the JSON that they are.
fn item_of_list(json: &str) -> Raw<'_> {
    if json.starts_with(['{', '[']) { Raw::Text(json.into()) } else { cell(json) }
}

/// The text that a JSON string stands for.
fn text(json: &str) -> Cow<'_, str> {
    let inner = json.get(1..json.len() - 1).unwrap_or("");
    if !inner.contains('\\') {
        return inner.into();
    }
    Key::deserialize(&mut serde_json::Deserializer::from_str(json)).map(|key| key.0).unwrap_or_default()
}

/// The entries of an object.
struct Object<'o, 'l> {
    line: &'o mut Line<'l>,
    depth: usize,
}

impl<'de> Visitor<'de> for Object<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = entries.next_key()? {
            let value: &'de RawValue = entries.next_value()?;
            self.line.value(&key, value.get(), self.depth + 1);
        }
        Ok(())
    }
}

/// A string, with U+FFFD for each surrogate that has no partner.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As bytes, since unpaired surrogates are an error in texts.
        deserializer.deserialize_bytes(Bytes).map(Key)
    }
}

struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        Ok(std::str::from_utf8(bytes).map_or_else(|_| Cow::Owned(without_surrogates(bytes)), Cow::Borrowed))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Cow::Owned(without_surrogates(bytes)))
    }
}

/// Text whose unpaired surrogates are encoded as if they were characters, three bytes each.
fn without_surrogates(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(valid) => {
                text.push_str(valid);
                return text;
            }
            Err(error) => {
                let (valid, behind) = rest.split_at(error.valid_up_to());
                text.push_str(std::str::from_utf8(valid).unwrap_or(""));
                text.push('\u{fffd}');
                rest = behind.get(3..).unwrap_or(&[]);
            }
        }
    }
}

#[cfg(test)]
#[cfg(all(feature = "csv", feature = "junit", feature = "ndjson"))]
mod tests;
