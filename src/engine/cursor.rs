//! Where a next page begins, as a text that means nothing to callers: it holds the version of the data, what list it is of,
//! and how much of it was given; never what anyone may see.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};

/// Places in lists, as texts.
#[derive(Debug)]
pub(crate) struct Cursor;

impl Cursor {
    /// Behind the first `n` members of that list.
    pub(crate) fn write(n: usize, version: u64, list: &str) -> String {
        format!("{version:x}.{:016x}.{n:x}", fingerprint(list))
    }

    /// How many members lie before it.
    ///
    /// # Errors
    /// `Query` if it is no cursor, one of another list, or one of another version of the data.
    pub(crate) fn read(text: &str, version: u64, list: &str) -> Result<usize> {
        let mut parts = text.split('.');
        let mut number = || u64::from_str_radix(parts.next()?, 16).ok();
        let (Some(of_version), Some(of_list), Some(n)) = (number(), number(), number()) else {
            return Err(stale("the cursor cannot be read".to_owned()));
        };
        if of_list != fingerprint(list) {
            return Err(stale("the cursor is one of another list".to_owned()));
        }
        if of_version != version {
            return Err(stale(format!(
                "the cursor is of version {of_version} of the data, and this is version {version}"
            )));
        }
        usize::try_from(n).map_err(|_| stale("the cursor cannot be read".to_owned()))
    }
}

/// The same in every process, unlike the hashes of tables (FNV-1a).
fn fingerprint(list: &str) -> u64 {
    list.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn stale(message: String) -> Error {
    let wrong = Diagnostic::new(Code::StaleCursor, Severity::Error, Place::Request, message);
    Error::one(ErrorKind::Query, wrong.help("begin anew, and keep the snapshot from page to page"))
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn a_cursor_serves_its_own_list_and_version_only() {
        let cursor = Cursor::write(50, 7, "by Suite");
        assert_eq!(Cursor::read(&cursor, 7, "by Suite").unwrap(), 50);
        for (text, version, list) in
            [(&*cursor, 8, "by Suite"), (&cursor, 7, "by Name"), ("", 7, "by Suite"), ("7.x.1", 7, "by Suite")]
        {
            assert_eq!(Cursor::read(text, version, list).unwrap_err().diagnostics()[0].code().as_str(), "stale-cursor");
        }
    }
}
