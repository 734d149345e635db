//! Results of aggregate queries for people: groups as indented tables, what lies deeper below each group.

use std::sync::Arc;

use tallygrid::{Aggregation, ResultGroup, ResultValue, Results, Value};
use unicode_width::UnicodeWidthStr as _;

use super::table::{clean, cut, pad};

/// Columns by which deeper lines are moved.
const INDENT: usize = 2;
/// Fewest columns of a key.
const LEAST_KEY: usize = 8;
/// Digits that a number shows behind its point.
const MOST_DIGITS: usize = 6;

/// The results as lines.
pub(crate) fn results(answer: &Aggregation, width: usize) -> String {
    let mut out = String::new();
    let single = plain(&answer.results);
    let longest = single.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    for (name, text) in single {
        out.push_str(&format!("{}  {text}\n", pad(name, longest, false)));
    }
    deeper(&answer.results, 0, width, &answer.columns, &mut out);
    out
}

/// Groups and rows among the results of one group.
fn deeper(results: &Results, indent: usize, width: usize, columns: &[Arc<str>], out: &mut String) {
    for (name, value) in results.iter() {
        match value {
            ResultValue::Groups { groups, remainder } => {
                let rest = remainder.iter().map(|group| ("(others)".to_owned(), &**group));
                let keyed = groups.iter().map(|group| (key(group), group)).chain(rest).collect::<Vec<_>>();
                table(name, &keyed, indent, width, columns, out);
            }
            ResultValue::Rows(rows) => {
                out.push_str(&format!("{}{name}  {} rows\n", " ".repeat(indent), rows.len()));
                for row in rows {
                    let cells = columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
                    let cells: Vec<String> = cells.map(|(c, cell)| format!("{c}: {}", clean(&shown(cell)))).collect();
                    let line = cut(&cells.join("  "), width.saturating_sub(indent + INDENT).max(LEAST_KEY));
                    out.push_str(&format!("{}{line}\n", " ".repeat(indent + INDENT)));
                }
            }
            _ => {}
        }
    }
}

/// A line a group with its numbers in columns, what lies deeper below it.
fn table(
    name: &str,
    groups: &[(String, &ResultGroup)],
    indent: usize,
    width: usize,
    columns: &[Arc<str>],
    out: &mut String,
) {
    let names: Vec<&str> =
        groups.first().map(|(_, g)| plain(&g.results).into_iter().map(|(name, _)| name).collect()).unwrap_or_default();
    let lines: Vec<Vec<String>> =
        groups.iter().map(|(_, g)| plain(&g.results).into_iter().map(|(_, text)| text).collect()).collect();
    let column = |c: usize| lines.iter().filter_map(|line| line.get(c)).map(|text| text.width()).max().unwrap_or(0);
    let widths: Vec<usize> = names.iter().enumerate().map(|(c, name)| column(c).max(name.width())).collect();
    let numbers: usize = widths.iter().map(|width| width + 2).sum();
    let longest = groups.iter().map(|(key, _)| key.width() + INDENT).max().unwrap_or(0).max(name.width());
    let key_width = indent + longest.min(width.saturating_sub(numbers + indent).max(LEAST_KEY + INDENT));
    let line = |indent: usize, key: &str, cells: &mut dyn Iterator<Item = &str>| {
        let key_width = key_width.saturating_sub(indent);
        let mut text = " ".repeat(indent) + &pad(&cut(key, key_width), key_width, false);
        cells.zip(&widths).for_each(|(cell, width)| text.push_str(&format!("  {}", pad(cell, *width, true))));
        format!("{}\n", text.trim_end())
    };
    out.push_str(&line(indent, name, &mut names.iter().copied()));
    for ((key, group), cells) in groups.iter().zip(&lines) {
        out.push_str(&line(indent + INDENT, key, &mut cells.iter().map(String::as_str)));
        deeper(&group.results, indent + 2 * INDENT, width, columns, out);
    }
}

fn key(group: &ResultGroup) -> String {
    if group.key.is_empty() { "(empty)".to_owned() } else { clean(&group.key) }
}

/// The results that are one value each.
fn plain(results: &Results) -> Vec<(&str, String)> {
    results
        .iter()
        .filter_map(|(name, value)| match value {
            ResultValue::Value(value) => Some((name, shown(value))),
            _ => None,
        })
        .collect()
}

/// A value, long fractions cut.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match (value, text.split_once('.')) {
        _ if value.is_empty() => "-".to_owned(),
        (Value::Decimal(_), Some((whole, digits))) if digits.len() > MOST_DIGITS => {
            format!("{whole}.{}", digits.chars().take(MOST_DIGITS).collect::<String>())
        }
        _ => text,
    }
}
