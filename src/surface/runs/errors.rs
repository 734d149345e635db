//! Errors of runs with counters as JSON, with the status that fits.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::base::diagnostic::{Place, Severity};
use crate::base::error::{Error, ErrorKind};

/// `{"message": …, "errors": {name: [message, …], …}}`, with the status 401, 403, 404, 422 for wrong parameters and for wrong fields
/// of rows ([`RunChanges`](crate::RunChanges)), 400 for what is wrong otherwise, and those of [`Error::http_status`].
///
/// ```
/// use tallygrid::{RunsErrorBody, RunsRequest};
/// let error = RunsRequest::from_pairs([("per_page", "20")]).unwrap_err();
/// let body = RunsErrorBody::from(&error);
/// assert_eq!(body.status(), 422);
/// assert_eq!(
///     serde_json::to_string(&body).unwrap(),
///     r#"{"message":"some parameters are wrong","errors":{"per_page":["`20` is no size of a page; it is one of 15, 25, 50, 100"]}}"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunsErrorBody {
    #[serde(skip)]
    status: u16,
    message: String,
    errors: Fields,
}

/// Messages by parameter or field, in the order of the first of each.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Fields(Vec<(String, Vec<String>)>);

impl RunsErrorBody {
    /// The HTTP status that fits.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }
}

impl From<&Error> for RunsErrorBody {
    /// What an internal error says is for the host's log, not for those who asked.
    fn from(error: &Error) -> Self {
        let mut body = Self { status: error.http_status(), message: String::new(), errors: Fields::default() };
        if error.kind() == ErrorKind::Internal {
            "an internal error occurred".clone_into(&mut body.message);
            return body;
        }
        for mistake in error.diagnostics().iter().filter(|d| d.severity() == Severity::Error) {
            match mistake.place() {
                Place::Parameter { name, .. } => body.errors.add(name, mistake.message().to_owned()),
                Place::Cell { field, row, .. } if error.kind() == ErrorKind::Data && !field.is_empty() => {
                    body.errors.add(field, format!("row {row}: {}", mistake.message()));
                }
                _ if body.message.is_empty() => body.message = mistake.headline(),
                _ => {}
            }
        }
        if !body.errors.0.is_empty() {
            if matches!(error.kind(), ErrorKind::Query | ErrorKind::Data) {
                body.status = 422;
            }
            if body.message.is_empty() {
                let what = if error.kind() == ErrorKind::Data { "fields" } else { "parameters" };
                body.message = format!("some {what} are wrong");
            }
        }
        body
    }
}

impl Fields {
    fn add(&mut self, name: &str, message: String) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, messages)) => messages.push(message),
            None => self.0.push((name.to_owned(), vec![message])),
        }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, messages) in &self.0 {
            map.serialize_entry(name, messages)?;
        }
        map.end()
    }
}
