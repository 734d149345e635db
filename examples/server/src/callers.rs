//! Who asks. A demonstration: tokens in a file, sent as `Authorization: Bearer TOKEN`. A real server knows its callers from
//! its sessions, and makes an [`Access`] of the projects that each may see.
//!
//! Without a file everyone may see and change everything.

use std::collections::BTreeMap;

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::Deserialize;
use tallygrid::{Access, Condition, Error};

use crate::common::files;
use crate::common::output::Failure;
use crate::problem::Problem;

/// Everyone that the server knows.
#[derive(Debug)]
pub(crate) struct Callers {
    /// None if everyone may ask.
    known: Option<Vec<(String, Caller)>>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// What tells callers apart where answers are shared: callers with one number see the same.
    pub(crate) number: usize,
    pub(crate) user: Option<String>,
    pub(crate) access: Access,
    may_write: bool,
    sees_all: bool,
}

/// The file as it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    callers: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    token: String,
    user: Option<String>,
    #[serde(default)]
    write: bool,
    /// Everything if absent; else a filter for each index that may be seen, empty for all its rows.
    access: Option<BTreeMap<String, String>>,
}

impl Callers {
    /// Those in a file; everyone if there is none.
    pub(crate) fn load(path: Option<&str>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self { known: None }) };
        let file: File =
            serde_json::from_str(&files::text(path)?).map_err(|error| Failure::file(format!("{path}: {error}")))?;
        let known = file.callers.into_iter().enumerate().map(|(number, entry)| {
            let sees_all = entry.access.is_none();
            let access = entry.access.map_or_else(Access::unrestricted, |indexes| {
                indexes.into_iter().fold(Access::none(), |access, (index, filter)| {
                    access.allow(index, if filter.is_empty() { Condition::all() } else { Condition::tql(filter) })
                })
            });
            (entry.token, Caller { number, user: entry.user, access, may_write: entry.write, sees_all })
        });
        Ok(Self { known: Some(known.collect()) })
    }

    /// The caller of a request.
    pub(crate) fn of(&self, request: &Parts) -> Result<Caller, Problem> {
        let Some(known) = &self.known else {
            return Ok(Caller {
                number: 0,
                user: None,
                access: Access::unrestricted(),
                may_write: true,
                sees_all: true,
            });
        };
        let token = request.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let caller = token.and_then(|token| known.iter().find(|(known, _)| known == token.trim()));
        caller.map(|(_, caller)| caller.clone()).ok_or_else(|| Error::unauthenticated().into())
    }
}

impl Caller {
    /// An error unless the caller may write.
    pub(crate) fn writes(&self) -> Result<(), Problem> {
        if self.may_write { Ok(()) } else { Err(Error::forbidden().into()) }
    }

    /// An error unless the caller may write every row there is, as whoever owns the data does.
    pub(crate) fn owns(&self) -> Result<(), Problem> {
        if self.sees_all { self.writes() } else { Err(Error::forbidden().into()) }
    }
}
