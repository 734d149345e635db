//! Tables for people: aligned, as wide as the terminal, with totals and small bars.

use tallygrid::{Property, Record, RecordPage, RowPage, StatusCounts, Value};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns of output that is no terminal.
const DEFAULT_WIDTH: usize = 120;
/// Most columns of one cell of a list of rows.
const CELL_WIDTH: usize = 40;
/// Columns of a status bar.
const BAR_WIDTH: usize = 6;

/// Columns of the terminal.
pub(crate) fn terminal_width() -> usize {
    let of_terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let of_env = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    of_terminal.or_else(of_env).unwrap_or(DEFAULT_WIDTH).max(20)
}

/// Status counts: a line a group with a bar for each status's share, then the totals.
pub(crate) fn status_counts(counts: &StatusCounts, width: usize) -> String {
    let mut header = vec![clean(&counts.field)];
    header.extend(counts.statuses.iter().map(|s| if s.is_empty() { "(none)".to_owned() } else { clean(s) }));
    header.push("Total".to_owned());
    let line = |key: &str, row: &[i128]| -> Vec<(String, String)> {
        let total: i128 = row.iter().sum();
        let mut cells = vec![(if key.is_empty() { "(empty)".to_owned() } else { clean(key) }, String::new())];
        cells.extend(row.iter().map(|n| (n.to_string(), bar(*n, total))));
        cells.push((total.to_string(), String::new()));
        cells
    };
    let mut lines: Vec<Vec<(String, String)>> = counts.rows.iter().map(|row| line(&row.key, &row.counts)).collect();
    lines.push(line("Total", &counts.totals));
    let mut widths: Vec<usize> = header.iter().map(|title| title.width()).collect();
    for cells in &lines {
        widths.iter_mut().zip(cells).for_each(|(width, (text, _))| *width = (*width).max(text.width()));
    }
    let numbers: usize = widths[1..].iter().map(|w| w + 2).sum();
    let bars = (BAR_WIDTH + 1) * counts.statuses.len();
    let with_bars = widths[0].min(CELL_WIDTH) + numbers + bars <= width;
    widths[0] = widths[0].min(width.saturating_sub(numbers + if with_bars { bars } else { 0 }).max(8));
    let mut out = String::new();
    let mut push = |cells: &[(String, String)], is_header: bool| {
        let mut text = pad(&cut(&cells[0].0, widths[0]), widths[0], false);
        for (i, ((number, bar), width)) in cells.iter().zip(&widths).enumerate().skip(1) {
            text.push_str("  ");
            text.push_str(&pad(number, *width, true));
            if with_bars && i <= counts.statuses.len() {
                text.push(' ');
                text.push_str(&pad(if is_header { "" } else { bar }, BAR_WIDTH, false));
            }
        }
        out.push_str(text.trim_end());
        out.push('\n');
    };
    push(&header.iter().map(|title| (title.clone(), String::new())).collect::<Vec<_>>(), true);
    lines.iter().for_each(|cells| push(cells, false));
    out
}

/// A page of rows, then where it lies among all.
pub(crate) fn rows(page: &RowPage, width: usize) -> String {
    let lines: Vec<Vec<String>> =
        page.rows.iter().map(|row| row.iter().map(|cell| clean(&text(cell))).collect()).collect();
    let titles: Vec<String> = page.columns.iter().map(|title| clean(title)).collect();
    let place = Place { skip: page.skip, total: Some(page.total) };
    grid(&titles, &lines, &place, width)
}

/// A page of an OData answer: a column for each path to a value; rows within rows as their number.
pub(crate) fn records(page: &RecordPage, width: usize) -> String {
    let mut titles: Vec<String> = Vec::new();
    let mut rows: Vec<Vec<(usize, String)>> = Vec::new();
    for record in &page.records {
        let mut cells = Vec::new();
        flatten(record, "", &mut titles, &mut cells);
        rows.push(cells);
    }
    let lines = rows.into_iter().map(|cells| {
        let mut line = vec![String::new(); titles.len()];
        cells.into_iter().for_each(|(at, text)| line[at] = text);
        line
    });
    let lines: Vec<Vec<String>> = lines.collect();
    grid(&titles, &lines, &Place { skip: page.skip, total: page.total }, width)
}

/// The values of a record by the number of their column, new if need be.
fn flatten(record: &Record, prefix: &str, titles: &mut Vec<String>, cells: &mut Vec<(usize, String)>) {
    for (name, property) in record.iter() {
        let path = format!("{prefix}{}", clean(name));
        let shown = match property {
            Property::Record(Some(inner)) => {
                flatten(inner, &format!("{path}/"), titles, cells);
                continue;
            }
            Property::Value(value) => clean(&text(value)),
            Property::Records(records) => format!("{} rows", records.len()),
            Property::Count(n) => format!("{n} in all"),
            _ => String::new(),
        };
        let at = titles.iter().position(|title| *title == path).unwrap_or_else(|| {
            titles.push(path);
            titles.len() - 1
        });
        cells.push((at, shown));
    }
}

/// Where a page lies among all rows.
struct Place {
    skip: u64,
    total: Option<u64>,
}

/// As many columns as fit, then what was left out.
fn grid(titles: &[String], lines: &[Vec<String>], place: &Place, width: usize) -> String {
    let column_width = |c: usize, title: &String| {
        let longest = lines.iter().map(|line| line[c].width()).max().unwrap_or(0);
        longest.max(title.width()).min(CELL_WIDTH)
    };
    let widths: Vec<usize> = titles.iter().enumerate().map(|(c, title)| column_width(c, title)).collect();
    let (mut n_shown, mut used) = (0, 0);
    while n_shown < widths.len() && (n_shown == 0 || used + widths[n_shown] + 2 <= width) {
        used += widths[n_shown] + 2;
        n_shown += 1;
    }
    let mut out = String::new();
    let mut push = |cells: &mut dyn Iterator<Item = &str>| {
        let cells: Vec<String> =
            cells.zip(&widths).map(|(cell, width)| pad(&cut(cell, *width), *width, false)).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    };
    push(&mut titles.iter().take(n_shown).map(String::as_str));
    lines.iter().for_each(|line| push(&mut line.iter().take(n_shown).map(String::as_str)));
    out.push_str(&match lines.len() as u64 {
        0 => "no rows".to_owned(),
        n => format!("rows {} to {}", place.skip + 1, place.skip + n),
    });
    if let Some(total) = place.total {
        out.push_str(&format!(" of {total}"));
    }
    if n_shown < widths.len() {
        out.push_str(&format!("; {} more columns, all with --format json", widths.len() - n_shown));
    }
    out.push('\n');
    out
}

fn text(cell: &Value) -> String {
    cell.to_string()
}

/// A bar for the share that `n` has in `total`; never empty for a share that is not.
fn bar(n: i128, total: i128) -> String {
    const EIGHTHS: [&str; 9] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];
    if n <= 0 || total <= 0 {
        return String::new();
    }
    let eighths = ((n * BAR_WIDTH as i128 * 8 + total - 1) / total).min(BAR_WIDTH as i128 * 8) as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

/// Control characters would break the lines of a table.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '·' } else { c }).collect()
}

pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        out.push(c);
    }
    out + "…"
}

pub(crate) fn pad(text: &str, width: usize, right: bool) -> String {
    let blanks = " ".repeat(width.saturating_sub(text.width()));
    if right { blanks + text } else { text.to_owned() + &blanks }
}
