//! Parameters of a query string as typed values, with every mistake told under the name of its parameter. What they ask for
//! is not known here.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity, push};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::suggest::nearest;
use crate::model::time::parse::{parse_date, parse_instant};
use crate::model::time::{DAY, Zone};
use crate::surface::body::shown;

/// Rows of a page.
const PAGE_SIZES: [u64; 4] = [15, 25, 50, 100];

/// Pairs of names and values, decoded, being read one name after the other.
#[derive(Debug)]
pub(super) struct Parameters {
    given: Vec<(String, String)>,
    wrong: Vec<Diagnostic>,
}

/// Which page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paging {
    /// From 1.
    pub(super) page: u64,
    pub(super) per_page: u64,
}

impl Parameters {
    /// Holds the names to those that there are. A parameter without a value is like one that is not given.
    pub(super) fn new<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
        known: &[&'static str],
    ) -> Self {
        let mut parameters = Self { given: Vec::new(), wrong: Vec::new() };
        for (name, value) in pairs {
            let (name, value) = (name.into(), value.into());
            if !known.contains(&&*name) {
                let help = match nearest(&name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", known.join(", ")),
                };
                parameters.mistake(&name, format!("no such parameter; {help}"));
            } else if parameters.given.iter().any(|(other, _)| *other == name) {
                parameters.mistake(&name, "is given twice".to_owned());
            } else {
                parameters.given.push((name, value));
            }
        }
        parameters
    }

    /// The value of a parameter, if it is given and can be read.
    pub(super) fn read<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let value = self.given.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned())?;
        if value.is_empty() {
            return None;
        }
        read(&value).map_err(|message| self.mistake(name, message)).ok()
    }

    /// Members of a list, apart by commas.
    pub(super) fn list<T>(&mut self, name: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<Vec<T>> {
        let member = |text: &str| match text.trim() {
            "" => Err("a member of the list is missing".to_owned()),
            text => read(text),
        };
        self.read(name, |text| text.split(',').map(member).collect())
    }

    /// `page` and `per_page`.
    pub(super) fn paging(&mut self) -> Paging {
        let page = self.read("page", |text| match text.parse::<u64>() {
            Ok(page) if page >= 1 && is_number(text) => Ok(page),
            _ => Err(format!("`{}` is no page; pages count from 1", shown(text))),
        });
        let per_page = self.read("per_page", |text| {
            let size = PAGE_SIZES.into_iter().find(|size| size.to_string() == text);
            let sizes = PAGE_SIZES.map(|size| size.to_string()).join(", ");
            size.ok_or_else(|| format!("`{}` is no size of a page; it is one of {sizes}", shown(text)))
        });
        Paging { page: page.unwrap_or(1), per_page: per_page.unwrap_or(100) }
    }

    /// The requested ones of some names, each once.
    pub(super) fn names(&mut self, name: &str, known: &[&'static str]) -> Vec<&'static str> {
        let find = |text: &str| {
            let found = known.iter().copied().find(|known| *known == text);
            found.ok_or_else(|| format!("no `{}`; there are {}", shown(text), known.join(", ")))
        };
        let mut names: Vec<&'static str> = Vec::new();
        for found in self.list(name, find).unwrap_or_default() {
            if !names.contains(&found) {
                names.push(found);
            }
        }
        names
    }

    fn mistake(&mut self, name: &str, message: String) {
        let place = Place::Parameter { name: shown(name).into(), span: None };
        push(&mut self.wrong, Diagnostic::new(Code::WrongParameter, Severity::Error, place, message));
    }

    /// # Errors
    /// Every mistake that was found.
    pub(super) fn finish(self) -> Result<()> {
        match self.wrong.is_empty() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Query, self.wrong)),
        }
    }
}

/// The number in a path, such as that of a run.
///
/// # Errors
/// `Query` if it is none; `NotFound` if it is one that no row can have.
pub(super) fn path_id(what: &str, text: &str) -> Result<i64> {
    if !is_number(text) {
        let message = format!("`{}` is no number of a {what}", shown(text));
        return Err(Error::request(ErrorKind::Query, Code::WrongParameter, message));
    }
    text.parse().map_err(|_| unknown(what, text))
}

/// That there is none, or that it may not be seen.
pub(super) fn unknown(what: &str, id: impl std::fmt::Display) -> Error {
    let message = format!("no {what} has the number `{}`", shown(&id.to_string()));
    Error::request(ErrorKind::NotFound, Code::UnknownKey, message)
}

/// A whole number without a sign.
pub(super) fn number(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{}` is no number of one", shown(text));
    if is_number(text) { text.parse().map_err(|_| wrong()) } else { Err(wrong()) }
}

/// `0`, `1`, `false` or `true`.
pub(super) fn truth(text: &str) -> Result<bool, String> {
    match text {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(format!("`{}` is neither true nor false; write 1 or 0", shown(text))),
    }
}

/// An instant in ISO 8601; without an offset it is UTC, and a day alone is its begin.
pub(super) fn instant(text: &str) -> Result<i64, String> {
    let day = || parse_date(text).map(|day| i64::from(day) * DAY);
    let read = parse_instant(text, &Zone::utc()).map(|parsed| parsed.micros).or_else(day);
    read.ok_or_else(|| format!("`{}` is no date and time such as 2023-02-15T00:00:00Z", shown(text)))
}

/// One of some texts.
pub(super) fn choice<T: Copy>(text: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
    found.ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        format!("cannot be `{}`; it is one of {}", shown(text), names.join(", "))
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Parameters, instant, number, path_id, truth};
    use crate::base::error::ErrorKind;

    fn wrong(pairs: &[(&str, &str)]) -> Vec<String> {
        let mut parameters = Parameters::new(pairs.iter().copied(), &["page", "per_page", "ids"]);
        parameters.paging();
        parameters.list("ids", number);
        let told = |error: crate::base::error::Error| error.diagnostics().iter().map(ToString::to_string).collect();
        parameters.finish().map_or_else(told, |()| Vec::new())
    }

    #[test]
    fn every_mistake_is_told_under_its_name() {
        assert_eq!(
            wrong(&[("page", "0"), ("per_page", "20"), ("ids", "1,x"), ("pages", "2"), ("page", "3")]),
            [
                "in `pages`: no such parameter; did you mean `page`?",
                "in `page`: is given twice",
                "in `page`: `0` is no page; pages count from 1",
                "in `per_page`: `20` is no size of a page; it is one of 15, 25, 50, 100",
                "in `ids`: `x` is no number of one",
            ]
        );
        for value in ["-1", "+1", "1.0", "99999999999999999999", "1,", ""] {
            assert_eq!(wrong(&[("page", value)]).is_empty(), value.is_empty(), "{value}");
        }
        for value in ["1,", ",", "1,,2", "-1", "99999999999999999999"] {
            assert_eq!(wrong(&[("ids", value)]).len(), 1, "{value}");
        }
        assert_eq!(wrong(&[("ids", " 1 , 2 "), ("per_page", "15")]), [""; 0]);
    }

    #[test]
    fn instants_numbers_and_truths() {
        assert_eq!(instant("1970-01-02"), instant("1970-01-02T00:00:00.000Z"));
        assert_eq!(instant("1970-01-01T01:00:00+01:00"), Ok(0));
        assert!(instant("yesterday").is_err() && instant("").is_err());
        assert_eq!((truth("1"), truth("false")), (Ok(true), Ok(false)));
        assert!(truth("yes").is_err());
        assert_eq!(path_id("run", "007").unwrap(), 7);
        assert_eq!(path_id("run", "7x").unwrap_err().kind(), ErrorKind::Query);
        assert_eq!(path_id("run", "99999999999999999999").unwrap_err().kind(), ErrorKind::NotFound);
    }
}
