//! What a grid asks its host: which issues there are and who the users are.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::error::{Error, Result};
use crate::base::pool::describe;

/// What the host knows, as the caller of a request may know it. A panic in it fails the request.
///
/// ```
/// use tallygrid::{GridHost, GridUser};
/// #[derive(Debug)]
/// struct Tracker;
/// impl GridHost for Tracker {
///     fn issue(&self, id_or_key: &str) -> Option<String> {
///         ["10001", "TIS-1"].contains(&id_or_key).then(|| "TIS-1".to_owned())
///     }
///     fn user(&self, wanted: &str) -> Option<GridUser> {
///         ["ada", "Ada Lovelace"].contains(&wanted).then(|| GridUser::new("Ada Lovelace").key("ada"))
///     }
/// }
/// assert_eq!(Tracker.issue("10001"), Tracker.issue("TIS-1"));
/// ```
pub trait GridHost: Debug {
    /// The key of the issue of that id or key; none if there is no such issue or the caller may not see it.
    fn issue(&self, id_or_key: &str) -> Option<String>;

    /// The user of that key, user name or full name.
    fn user(&self, wanted: &str) -> Option<GridUser>;
}

/// A user as a cell of a userlist has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GridUser {
    /// What identifies the user; none if there is no such user any more.
    pub key: Option<String>,
    /// The name to log in with.
    pub username: Option<String>,
    /// The full name.
    pub value: String,
    /// The address of a picture.
    pub avatar: Option<String>,
}

impl GridUser {
    /// A user of that full name.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), ..Self::default() }
    }

    /// With the key that identifies the user.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// With the name to log in with.
    #[must_use]
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// With the address of a picture.
    #[must_use]
    pub fn avatar(mut self, avatar: impl Into<String>) -> Self {
        self.avatar = Some(avatar.into());
        self
    }
}

/// What the host says.
pub(super) fn ask<T>(question: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(question)).map_err(|panic| Error::internal(describe(&*panic)))
}
