//! Aggregate queries of cases: the JSON of an answer, laid out to be read.

use tallygrid::ResultsBody;

use super::ask::{everywhere, parts, shown, told};
use super::block::unfolded;
use super::setting::Setting;

/// The answer of an aggregate query as JSON; with the option `queries` each group says its own.
pub(super) fn results(setting: &mut Setting, text: &str) -> Result<String, String> {
    let (options, query) = parts(text, |word| word == "queries");
    let text = unfolded(query)?;
    let query = setting.scope.query(&text);
    let query = if options.is_empty() { query } else { query.with_queries() };
    let index = setting.index()?.to_owned();
    everywhere(setting, &text, |engine, ctx| {
        let snapshot = engine.snapshot();
        match snapshot.index(&index, ctx).and_then(|index| index.aggregate(&query, ctx)) {
            Ok(answer) => {
                let json = serde_json::to_string(&ResultsBody(&answer.body)).unwrap_or_else(|error| error.to_string());
                format!("{}\n{}", laid_out(&json), told(&answer.warnings, &text))
            }
            Err(error) => shown(&error, &text),
        }
    })
}

/// Longest object or list on one line.
const LINE: usize = 100;

/// JSON over lines: what is too long for one has its members under one another.
fn laid_out(json: &str) -> String {
    let mut out = String::new();
    lay(json, 0, 0, &mut out);
    out
}

fn lay(json: &str, indent: usize, before: usize, out: &mut String) {
    let is_long = indent + before + json.len() > LINE;
    let inner = json.get(1..json.len().saturating_sub(1)).filter(|_| is_long && json.starts_with(['{', '[']));
    let Some(inner) = inner else { return out.push_str(json) };
    out.push_str(&json[..1]);
    let members = members(inner);
    for (i, member) in members.iter().enumerate() {
        out.push_str(&format!("\n{}", "  ".repeat(indent + 1)));
        let value = if json.starts_with('{') { value_of(member) } else { 0 };
        out.push_str(&member[..value]);
        lay(&member[value..], indent + 1, value, out);
        out.push_str(if i + 1 < members.len() { "," } else { "" });
    }
    out.push_str(&format!("\n{}{}", "  ".repeat(indent), &json[json.len() - 1..]));
}

/// The bytes of JSON outside its strings and brackets.
fn outer(json: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut depth, mut in_string, mut is_escaped) = (0usize, false, false);
    json.char_indices().filter(move |(_, c)| {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => depth -= 1,
            _ => return depth == 0 && !in_string,
        }
        false
    })
}

fn members(inner: &str) -> Vec<&str> {
    let commas: Vec<usize> = outer(inner).filter(|(_, c)| *c == ',').map(|(at, _)| at).collect();
    let starts = std::iter::once(0).chain(commas.iter().map(|at| at + 1));
    starts.zip(commas.iter().copied().chain([inner.len()])).map(|(start, end)| &inner[start..end]).collect()
}

/// Where the value of an object's member begins.
fn value_of(member: &str) -> usize {
    outer(member).find(|(_, c)| *c == ':').map_or(0, |(at, _)| at + 1)
}
