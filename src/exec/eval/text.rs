//! Functions of texts: by code point, case-sensitive; positions and lengths count characters.

use memchr::memmem::Finder;

use crate::exec::eval::column::{Cells, Column, Texts};
use crate::exec::eval::kernel::{by_cell, n_cells};
use crate::exec::eval::state::{FALSE, Failure, MOST_TEXT, NULL, TRUE, VALUE};
use crate::query::predicate::expr::{Call, Pattern};

/// A function of one, two or three texts; none if it is no function of texts.
pub(crate) fn call<'a>(call: &Call, args: &[&Column<'_>]) -> Option<Column<'a>> {
    let n = args.first()?.len();
    let text = |arg: usize, at: usize| args.get(arg).map_or("", |column| column.text(at));
    let map = |f: &dyn Fn(&str) -> String| by_cell(args, n, |at| Ok(f(text(0, at))), own);
    Some(match call {
        Call::Contains => {
            let needle = needle(args);
            truths(args, |at| match &needle {
                Some(finder) => finder.find(text(0, at).as_bytes()).is_some(),
                None => text(0, at).contains(text(1, at)),
            })
        }
        Call::StartsWith => truths(args, |at| text(0, at).starts_with(text(1, at))),
        Call::EndsWith => truths(args, |at| text(0, at).ends_with(text(1, at))),
        Call::Matches(Pattern(regex)) => truths(args, |at| regex.is_match(text(0, at))),
        Call::IndexOf => {
            let needle = needle(args);
            let position = |at| {
                let text_at = text(0, at);
                let found = match &needle {
                    Some(finder) => finder.find(text_at.as_bytes()),
                    None => text_at.find(text(1, at)),
                };
                Ok(found.map_or(-1, |byte| n_chars(text_at.get(..byte).unwrap_or(""))))
            };
            by_cell(args, n, position, Cells::Integers)
        }
        Call::Length => by_cell(args, n, |at| Ok(n_chars(text(0, at))), Cells::Integers),
        Call::Substring => {
            let number = |arg: usize, at: usize| args.get(arg).map(|column| column.integers().get(at_cell(column, at)));
            let part = |at| match (number(1, at), number(2, at)) {
                (_, Some(length)) if length < 0 => Err(Failure::NegativeLength.state()),
                (start, length) => Ok(substring(text(0, at), start.unwrap_or(0), length).into()),
            };
            by_cell(args, n, part, own)
        }
        Call::ToLower => map(&|text| text.to_lowercase()),
        Call::ToUpper => map(&|text| text.to_uppercase()),
        Call::Trim => map(&|text| text.trim().to_owned()),
        Call::Replace => {
            let replaced = |at| replace(text(0, at), text(1, at), text(2, at)).ok_or(Failure::LongText.state());
            by_cell(args, n, replaced, own)
        }
        _ => return None,
    })
}

/// The texts of `head` with those of `tail` behind them, in the buffers of `head` where they are its own.
pub(crate) fn append<'a>(head: Column<'a>, tail: &Column<'_>) -> Column<'a> {
    let n = head.len();
    if n_cells(&[&head, tail]) != head.n_cells() || !matches!(head.cells(), Cells::Texts(Texts::Own(_))) {
        let joined = |at| join(head.text(at).to_owned(), tail.text(at)).ok_or(Failure::LongText.state());
        return by_cell(&[&head, tail], n, joined, own);
    }
    let mut states: Vec<u8> = (0..head.n_cells()).map(|at| head.state(at).max(tail.state(at))).collect();
    let Cells::Texts(Texts::Own(texts)) = head.into_cells() else {
        return Column::filled(n, NULL, crate::query::predicate::expr::Type::Text);
    };
    let joined = texts.into_iter().enumerate().map(|(at, text)| {
        if states[at] != VALUE {
            return text;
        }
        join(text, tail.text(at)).unwrap_or_else(|| {
            states[at] = Failure::LongText.state();
            String::new()
        })
    });
    let texts = joined.collect();
    Column::new(n, own(texts), if states.iter().all(|state| *state == VALUE) { Vec::new() } else { states })
}

fn join(mut head: String, tail: &str) -> Option<String> {
    if !tail.is_empty() && head.len() + tail.len() > MOST_TEXT {
        return None;
    }
    head.push_str(tail);
    Some(head)
}

fn own<'a>(texts: Vec<String>) -> Cells<'a> {
    Cells::Texts(Texts::Own(texts))
}

/// The place of a row's cell.
fn at_cell(column: &Column<'_>, row: usize) -> usize {
    if column.n_cells() == 1 { 0 } else { row }
}

/// What is looked for, if it is the same in every row.
fn needle<'x>(args: &'x [&Column<'_>]) -> Option<Finder<'x>> {
    let needle = args.get(1).filter(|needle| needle.n_cells() == 1)?;
    Some(Finder::new(needle.text(0).as_bytes()))
}

fn truths<'a>(args: &[&Column<'_>], holds: impl Fn(usize) -> bool) -> Column<'a> {
    let truth = |at: usize| match args.iter().map(|arg| arg.state(at)).max() {
        None | Some(VALUE) => u8::from(holds(at)) * TRUE + FALSE,
        Some(state) => state,
    };
    let n = args.first().map_or(0, |arg| arg.len());
    Column::new(n, Cells::Truths((0..n_cells(args)).map(truth).collect()), Vec::new())
}

fn n_chars(text: &str) -> i64 {
    // Counting bytes that begin a character becomes vector code.
    text.bytes().filter(|b| !(0x80..0xC0).contains(b)).count() as i64
}

/// At most `length` characters from the one at `start` on; a start before the first is the first.
fn substring(text: &str, start: i64, length: Option<i64>) -> &str {
    let byte_of = |text: &str, n: i64| match usize::try_from(n) {
        Ok(n) => text.char_indices().nth(n).map_or(text.len(), |(byte, _)| byte),
        Err(_) => 0,
    };
    let rest = text.get(byte_of(text, start)..).unwrap_or("");
    match length {
        None => rest,
        Some(length) => rest.get(..byte_of(rest, length)).unwrap_or(""),
    }
}

/// All occurrences of a text become another; nothing occurs nowhere.
fn replace(text: &str, from: &str, to: &str) -> Option<String> {
    if from.is_empty() {
        return Some(text.into());
    }
    let n = text.matches(from).count();
    let longer = n.checked_mul(to.len().saturating_sub(from.len()));
    let fits = longer == Some(0) || longer.is_some_and(|longer| text.len().saturating_add(longer) <= MOST_TEXT);
    fits.then(|| text.replace(from, to))
}
