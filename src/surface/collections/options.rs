//! What a query string asks of a collection: in OData, where `$expand` names expansions and no relations, or in pairs of names
//! and values around a TQL text.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity, push};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::span::Span;
use crate::base::suggest::nearest;
use crate::engine::ask::DEFAULT_TOP;
use crate::model::time::Zone;
use crate::surface::body::shown;

/// Options of OData that would make other rows or other fields of the items.
const REFUSED: [&str; 5] = ["select", "apply", "compute", "skiptoken", "deltatoken"];

/// What a TQL collection may be asked, but for `$take`, which is `$top` by another name.
const OF_TQL: [&str; 6] = ["tql", "timeZone", "$top", "$skip", "$expand", "$inlinecount"];

/// What is asked of a collection of runs.
///
/// ```
/// use tallygrid::RunQuery;
/// let odata = RunQuery::odata("$filter=year(CreatedAt) eq 2011&$expand=StepResults&$inlinecount=allpages");
/// let tql = RunQuery::tql([("tql", "Status = Failed ORDER BY CreatedAt DESC"), ("$top", "10"), ("timeZone", "Europe/Berlin")]);
/// assert_ne!(odata, tql);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RunQuery {
    pub(super) asked: Asked,
    /// Names of expansions, and where they were asked for.
    pub(super) expand: Vec<(String, Place)>,
    /// The zone of literals and functions, if the request has one of its own.
    pub(super) zone: Option<Zone>,
    pub(super) mistakes: Vec<Diagnostic>,
}

/// The rows that are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A query string without its expansions.
    OData(String),
    /// A text, with the page and whether the number of rows is wanted.
    Tql { text: String, skip: u64, top: u64, with_total: bool },
}

impl RunQuery {
    /// The options behind the `?` of a request, percent-encoded or not. Without `$top` every row is wanted.
    #[must_use]
    pub fn odata(text: &str) -> Self {
        let mut query = Self::new(Asked::OData(String::new()));
        let (mut rest, mut at, mut has_expand) = (Vec::new(), 0, false);
        for piece in text.split('&') {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let decoded = decoded(name).trim().to_lowercase();
            let span = Span::new(at, at + name.len());
            match decoded.strip_prefix('$').unwrap_or(&decoded) {
                "expand" => {
                    let start = at + name.len() + 1;
                    let place = Place::Text(Span::new(start, start + value.len()));
                    if std::mem::replace(&mut has_expand, true) {
                        query.mistake(
                            Code::RepeatedOption,
                            Place::Text(span),
                            format!("`{}` is given twice", shown(name)),
                        );
                    }
                    query.expands(&self::decoded(value), &place);
                    // An option of another name and the same length, so that places stay where they are.
                    rest.push(format!("{}={value}", "x".repeat(name.len())));
                }
                refused if REFUSED.contains(&refused) => {
                    let message = format!("`{}` cannot be asked of a collection of runs", shown(name));
                    query.mistake(Code::WrongParameter, Place::Text(span), message);
                }
                _ => rest.push(piece.to_owned()),
            }
            at += piece.len() + 1;
        }
        query.asked = Asked::OData(rest.join("&"));
        query
    }

    /// The names and values of a query string, decoded: `tql`, `timeZone`, `$top` (25 if it is not there) or `$take`, `$skip`,
    /// `$expand`, and `$inlinecount`, which may be `none` if the number of rows is not wanted.
    #[must_use]
    pub fn tql<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut query = Self::new(Asked::OData(String::new()));
        let (mut text, mut skip, mut top, mut with_total) = (String::new(), 0, None, true);
        let mut given: Vec<String> = Vec::new();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            let known = OF_TQL.iter().copied().chain(["$take"]).find(|known| known.eq_ignore_ascii_case(name));
            let Some(known) = known else {
                let help = match nearest(name, OF_TQL) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", OF_TQL.join(", ")),
                };
                query.mistake(Code::UnknownOption, parameter(name), format!("no such parameter; {help}"));
                continue;
            };
            if given.iter().any(|other| other == known) {
                query.mistake(Code::RepeatedOption, parameter(known), "is given twice".to_owned());
                continue;
            }
            given.push(known.to_owned());
            match known {
                "tql" => value.clone_into(&mut text),
                "timeZone" => match Zone::require(value) {
                    Ok(zone) => query.zone = Some(zone),
                    Err(error) => query.mistakes.extend_from_slice(error.in_parameter(&known.into()).diagnostics()),
                },
                "$skip" => skip = query.number(known, value).unwrap_or(0),
                "$top" | "$take" => {
                    let wanted = query.number(known, value);
                    if top.is_some_and(|other| wanted.is_some_and(|wanted| wanted != other)) {
                        let message = "`$take` and `$top` ask for different numbers".to_owned();
                        query.mistake(Code::RepeatedOption, parameter(known), message);
                    }
                    top = wanted.or(top);
                }
                "$expand" => query.expands(value, &parameter(known)),
                _ => match value {
                    "allpages" => {}
                    "none" => with_total = false,
                    other => {
                        let message = format!("cannot be `{}`; it is one of allpages, none", shown(other));
                        query.mistake(Code::WrongParameter, parameter(known), message);
                    }
                },
            }
        }
        query.asked = Asked::Tql { text, skip, top: top.unwrap_or(DEFAULT_TOP), with_total };
        query
    }

    fn new(asked: Asked) -> Self {
        Self { asked, expand: Vec::new(), zone: None, mistakes: Vec::new() }
    }

    fn expands(&mut self, list: &str, place: &Place) {
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        self.expand.extend(names.map(|name| (name.to_owned(), place.clone())));
    }

    fn number(&mut self, name: &str, value: &str) -> Option<u64> {
        let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
        let number = value.parse().ok().filter(|_| digits);
        if number.is_none() {
            self.mistake(Code::WrongParameter, parameter(name), format!("`{}` is no number of rows", shown(value)));
        }
        number
    }

    fn mistake(&mut self, code: Code, place: Place, message: String) {
        push(&mut self.mistakes, Diagnostic::new(code, Severity::Error, place, message));
    }

    /// # Errors
    /// The mistakes in the query string.
    pub(super) fn checked(&self) -> Result<()> {
        match self.mistakes.is_empty() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Query, self.mistakes.clone())),
        }
    }
}

fn parameter(name: &str) -> Place {
    Place::Parameter { name: shown(name).into(), span: None }
}

/// Percent-encoded text in plain; what is no encoding stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let digit = |at: usize| behind.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high << 4 | low) as u8);
                rest = behind.get(2..).unwrap_or(&[]);
            }
            (b'+', ..) => {
                bytes.push(b' ');
                rest = behind;
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Asked, RunQuery, decoded};

    #[test]
    fn expansions_leave_the_options_and_places_stay() {
        let query = RunQuery::odata("$filter=Id%20eq%201&%24expand=A%2C+B,&$top=2");
        let names: Vec<&str> = query.expand.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["A", "B"]);
        assert_eq!(query.asked, Asked::OData("$filter=Id%20eq%201&xxxxxxxxx=A%2C+B,&$top=2".to_owned()));
        assert!(query.checked().is_ok());
        assert_eq!(RunQuery::odata("expand=A&$Expand=B&SELECT=Id").checked().unwrap_err().diagnostics().len(), 2);
    }

    #[test]
    fn decoding_takes_what_it_can() {
        assert_eq!(["%24a%2", "%zz+", "%C3%A4", "%FF", "%"].map(decoded), ["$a%2", "%zz ", "ä", "\u{fffd}", "%"]);
    }
}
