//! Diagnostics as text for a terminal or a log: message, the line with carets under the place, help. Carets are drawn by
//! hand: a width taken from input must never reach a format width.

use std::fmt::Write as _;

use crate::base::diagnostic::{Diagnostic, printable};
use crate::base::span::Span;

/// Characters shown to either side of the place on a long line.
const WINDOW: usize = 60;

/// Diagnostics as text, with their places underlined in `source`, the query text (empty if there is none).
#[must_use]
pub fn render(list: &[Diagnostic], source: &str) -> String {
    let mut out = String::new();
    for diagnostic in list {
        push(&mut out, diagnostic, source);
    }
    out
}

/// One diagnostic: `severity[code]: message`, the marked line of `source` if the place is in it, help and fixes.
fn push(out: &mut String, diagnostic: &Diagnostic, source: &str) {
    let _ = writeln!(out, "{}[{}]: {}", diagnostic.severity().as_str(), diagnostic.code(), diagnostic.headline());
    if let Some(span) = diagnostic.span() {
        mark(out, span, source);
    }
    if let Some(help) = diagnostic.help_text() {
        let _ = writeln!(out, "  help: {help}");
    }
    for fix in diagnostic.fixes() {
        let _ = writeln!(out, "  fix: {}", fix.label);
    }
}

/// The line that holds the place, cut to a window around it, with carets below.
fn mark(out: &mut String, span: Span, source: &str) {
    let start = (span.start as usize).min(source.len());
    let (before, after) = source.split_at_checked(start).unwrap_or((source, ""));
    let line_no = before.matches('\n').count() + 1;
    let head = before.rsplit('\n').next().unwrap_or("");
    let tail = after.split('\n').next().unwrap_or("");
    let n_head = head.chars().count();
    let skipped = n_head.saturating_sub(WINDOW);
    let mut line = String::new();
    let mut carets = String::new();
    if skipped > 0 {
        line.push('…');
        carets.push(' ');
    }
    for c in head.chars().skip(skipped) {
        line.push(printable(c));
        carets.push(' ');
    }
    let n_marked = source.get(start..(span.end as usize).min(source.len())).map_or(1, |s| s.chars().count().max(1));
    let n_tail = tail.chars().count();
    for (i, c) in tail.chars().take(WINDOW).enumerate() {
        line.push(printable(c));
        if i < n_marked {
            carets.push('^');
        }
    }
    if n_tail == 0 {
        carets.push('^');
    }
    if n_tail > WINDOW {
        line.push('…');
    }
    let gutter = line_no.to_string();
    let blank: String = gutter.chars().map(|_| ' ').collect();
    let _ = writeln!(out, " {gutter} | {line}\n {blank} | {carets}");
}
