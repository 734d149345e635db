//! Scripted sessions: requests and what is expected of their answers, in text files.
//!
//! Blocks are parted by empty lines. A block begins with lines of `#` that say what it shows, then
//!
//! ```text
//! POST /api/check/Run          the request; {{name}} stands for a value that an earlier answer gave
//! authorization: Bearer ada    headers
//! {"tql": "a = 1"}             the body, over as many lines as it needs
//! => 200                       the status
//! {"Ok": false}                what the answer has, and may have more: members of objects are looked up; lists are of that
//!                              length unless "…" ends them; "…" alone stands for any value
//! @tag = /dashboard/eTag       a value of the answer, kept under a name
//! ```
//!
//! An answer that is not JSON is compared as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::client::Client;

/// Runs every request of a script over one connection. Answers how many there were, or every difference.
pub(crate) fn run(name: &str, text: &str, client: &mut Client) -> Result<usize, String> {
    let (mut known, mut wrong, mut n_requests) = (BTreeMap::new(), String::new(), 0);
    for block in text.split("\n\n").filter(|block| block.lines().any(|line| !line.starts_with('#') && !line.is_empty()))
    {
        n_requests += 1;
        if let Err(difference) = step(block, &mut known, client) {
            let _ = writeln!(wrong, "{name}, request {n_requests}: {difference}\n{block}\n");
        }
    }
    if wrong.is_empty() { Ok(n_requests) } else { Err(wrong) }
}

fn step(block: &str, known: &mut BTreeMap<String, String>, client: &mut Client) -> Result<(), String> {
    let filled =
        known.iter().fold(block.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value));
    let (asked, expected) = filled.split_once("\n=> ").ok_or("there is no `=>`")?;
    let mut lines = asked.lines().skip_while(|line| line.starts_with('#') || line.is_empty());
    let (method, path) = lines.next().and_then(|line| line.split_once(' ')).ok_or("there is no request")?;
    let rest: Vec<&str> = lines.collect();
    let is_header = |line: &&&str| line.split_once(": ").is_some_and(|(name, _)| !name.contains(['"', '{', '<']));
    let n_headers = rest.iter().take_while(is_header).count();
    let headers: Vec<(&str, &str)> = rest[..n_headers].iter().filter_map(|line| line.split_once(": ")).collect();
    let answer =
        client.ask(method, path, &headers, rest[n_headers..].join("\n").as_bytes()).map_err(|e| e.to_string())?;

    let (status, expected) = expected.split_once('\n').unwrap_or((expected, ""));
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    if answer.status.to_string() != status.trim() {
        return Err(format!("the status is {}, and the body {text}", answer.status));
    }
    let (kept, shape): (Vec<&str>, Vec<&str>) = expected.lines().partition(|line| line.starts_with('@'));
    let body: Option<Json> = serde_json::from_str(&text).ok();
    let shape = shape.join("\n");
    match (&body, shape.trim()) {
        (_, "") => {}
        (Some(body), shape) => {
            let shape: Json = serde_json::from_str(shape).map_err(|e| format!("what is expected is no JSON: {e}"))?;
            compare(&shape, body, "").map_err(|difference| format!("{difference}\nin {text}"))?;
        }
        (None, shape) if shape == text.trim() => {}
        (None, _) => return Err(format!("the body is {text}")),
    }
    for line in kept {
        let kept = line.strip_prefix('@').and_then(|line| line.split_once(" = "));
        let (name, place) = kept.ok_or("a kept value is `@name = /place`")?;
        let value = match place.strip_prefix("header ") {
            Some(header) => answer.header(header).map(str::to_owned),
            None => body
                .as_ref()
                .and_then(|body| body.pointer(place))
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
        };
        known.insert(name.to_owned(), value.ok_or_else(|| format!("nothing is at {place} in {text}"))?);
    }
    Ok(())
}

/// Whether the answer has what is expected.
fn compare(expected: &Json, found: &Json, place: &str) -> Result<(), String> {
    match (expected, found) {
        (Json::String(any), _) if any == "…" => Ok(()),
        (Json::Object(expected), Json::Object(found)) => expected.iter().try_for_each(|(name, expected)| {
            let place = format!("{place}/{name}");
            let found = found.get(name).ok_or_else(|| format!("{place} is missing"))?;
            compare(expected, found, &place)
        }),
        (Json::Array(expected), Json::Array(found)) => {
            let is_open = expected.last().is_some_and(|last| last == "…");
            let expected = &expected[..expected.len() - usize::from(is_open)];
            if found.len() < expected.len() || (!is_open && found.len() > expected.len()) {
                return Err(format!("{place} has {} elements, not {}", found.len(), expected.len()));
            }
            let mut pairs = expected.iter().zip(found).enumerate();
            pairs.try_for_each(|(at, (expected, found))| compare(expected, found, &format!("{place}/{at}")))
        }
        (expected, found) if expected == found => Ok(()),
        (expected, found) => Err(format!("{place} is {found}, not {expected}")),
    }
}
