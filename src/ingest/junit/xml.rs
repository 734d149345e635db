//! XML as a report is read: elements with their attributes, texts, and the line and column of each. Well-formedness is
//! `quick-xml`'s affair; what is added here is where a mistake is, how deep elements may nest, and that the file has an end.

use std::io::{self, BufRead, BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::base::hash::HashSet;
use crate::ingest::intake::Spot;

/// Bytes asked of a file at a time.
const BUFFER_BYTES: usize = 1 << 16;

/// Elements within elements.
const MOST_NESTING: usize = 200;

/// An element's name without its prefix, and its attributes.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
}

/// What comes next in a file.
pub(super) enum Piece {
    Start(Element),
    /// The last element that started ends.
    End,
    Text(String),
    /// The file ends, and every element in it.
    Eof,
}

/// Why a file cannot be read any further.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) at: Spot,
    pub(super) message: String,
}

/// A file on its way.
pub(super) struct Xml<R> {
    reader: Reader<Located<R>>,
    buffer: Vec<u8>,
    /// Where the last piece starts.
    at: Spot,
    open: Vec<String>,
    has_root: bool,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// As [`Element::attribute`], without those that say nothing.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.attribute(name).filter(|value| !value.is_empty())
    }
}

impl<R: Read> Xml<R> {
    pub(super) fn new(bytes: R) -> Self {
        let inner = BufReader::with_capacity(BUFFER_BYTES, bytes);
        let start = Spot { line: 1, column: 1 };
        let mut reader = Reader::from_reader(Located { inner, here: start, n_bytes: 0 });
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), at: start, open: Vec::new(), has_root: false }
    }

    /// Where the last piece starts.
    pub(super) fn spot(&self) -> Spot {
        self.at
    }

    pub(super) fn n_bytes(&self) -> u64 {
        self.reader.get_ref().n_bytes
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(super) fn next(&mut self) -> Result<Piece, Broken> {
        loop {
            self.buffer.clear();
            self.at = self.reader.get_ref().here;
            let at = self.at;
            let broken = |message: String| Broken { at, message };
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => return Err(self.broken(&error)),
            };
            match event {
                Event::Start(element) | Event::Empty(element) => {
                    if self.open.len() == MOST_NESTING {
                        return Err(broken(format!("elements nested more than {MOST_NESTING} levels deep")));
                    }
                    let element = read_element(&element).map_err(broken)?;
                    self.open.push(element.name.clone());
                    self.has_root = true;
                    return Ok(Piece::Start(element));
                }
                Event::End(_) => {
                    self.open.pop();
                    return Ok(Piece::End);
                }
                Event::Text(text) => return Ok(Piece::Text(text.xml10_content().into_owned())),
                Event::CData(text) => return Ok(Piece::Text(text.xml10_content().into_owned())),
                Event::GeneralRef(entity) => {
                    let text = match entity.resolve_char_ref() {
                        Ok(Some(c)) => Some(c.to_string()),
                        Ok(None) => quick_xml::escape::resolve_predefined_entity(&entity).map(str::to_owned),
                        Err(_) => None,
                    };
                    return match text {
                        Some(text) => Ok(Piece::Text(text)),
                        None => Err(broken(format!("`&{};` stands for nothing", shortened(&entity)))),
                    };
                }
                Event::Eof => {
                    return match self.open.last() {
                        Some(name) => Err(broken(format!("the file ends within `<{}>`", shortened(name)))),
                        None if !self.has_root => Err(broken("the file ends before its first element".to_owned())),
                        None => Ok(Piece::Eof),
                    };
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    /// What the reader of XML found wrong with the piece that starts at `self.at`.
    fn broken(&self, error: &quick_xml::Error) -> Broken {
        let message = match error {
            quick_xml::Error::Io(error) => {
                return Broken { at: self.reader.get_ref().here, message: format!("cannot be read: {error}") };
            }
            quick_xml::Error::Encoding(_) => {
                // The buffer holds the piece as far as it was read, but not the signs around it.
                let valid = self.buffer.iter().take(valid_bytes(&self.buffer));
                let n_lines = valid.filter(|b| **b == b'\n').count() as u64;
                let at = Spot { line: self.at.line + n_lines, column: 0 };
                return Broken { at, message: "not UTF-8 text".to_owned() };
            }
            quick_xml::Error::Syntax(error) => error.to_string(),
            quick_xml::Error::IllFormed(error) => error.to_string(),
            other => other.to_string(),
        };
        Broken { at: self.at, message: format!("not XML: {message}") }
    }
}

fn valid_bytes(bytes: &[u8]) -> usize {
    std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len)
}

fn read_element(element: &BytesStart<'_>) -> Result<Element, String> {
    let name = element.local_name().as_ref().to_owned();
    let (mut attributes, mut names) = (Vec::new(), HashSet::default());
    // The reader's own search for repeated names compares each with all others.
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| format!("not XML: {error}"))?;
        if !names.insert(attribute.key.as_ref().to_owned()) {
            return Err(format!("not XML: the attribute `{}` occurs twice", shortened(attribute.key.as_ref())));
        }
        let value = attribute.normalized_value(XmlVersion::default()).map_err(|error| format!("not XML: {error}"))?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    Ok(Element { name, attributes })
}

/// Text of the file in a message, at most 60 characters of it.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// A reader that knows at which line and column it is.
struct Located<R> {
    inner: BufReader<R>,
    here: Spot,
    n_bytes: u64,
}

impl<R: Read> Read for Located<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buffer)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: Read> BufRead for Located<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        for b in self.inner.buffer().iter().take(n) {
            match b {
                b'\n' => self.here = Spot { line: self.here.line + 1, column: 1 },
                // Bytes that continue a character are no column of their own.
                b => self.here.column += u64::from(b & 0xC0 != 0x80),
            }
        }
        self.n_bytes += n as u64;
        self.inner.consume(n);
    }
}
