//! Where a line of text may be broken, and breaking it: groups that fit into a line stay on it, others go over several lines,
//! indented. Knows marks and widths and no query; [`print`](mod@super::print) sets the marks.

use std::iter::repeat_n;
use std::mem::replace;

/// Columns of a line.
const WIDTH: usize = 100;

/// Columns of one step of indentation.
const STEP: usize = 2;

/// Deepest indentation in columns: what nests deeper stays in there, and deep nesting does not blow the text up.
const DEEPEST: usize = 40;

/// How a group that does not fit is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breaking {
    /// At every place.
    Everywhere,
    /// Where the line is full.
    WhereFull,
}

/// A text on one line, and what breaking it has to know about its places.
#[derive(Debug, Default)]
pub(crate) struct Flat {
    pub(crate) text: String,
    /// In the order of their places.
    marks: Vec<Mark>,
}

#[derive(Debug)]
struct Mark {
    /// Offset in the text.
    at: usize,
    kind: MarkKind,
}

#[derive(Debug, PartialEq)]
enum MarkKind {
    /// A group begins. If it does not fit into the line, its own breaks become line breaks.
    Open(Breaking),
    Close,
    /// Lines that begin from here on are indented one step more, or less.
    Indent,
    Dedent,
    /// A place for a line break, which takes the blank that stands there.
    Blank,
    /// A place for a line break where no blank stands.
    Soft,
}

impl Flat {
    fn mark(&mut self, kind: MarkKind) {
        self.marks.push(Mark { at: self.text.len(), kind });
    }

    /// Begins a group.
    pub(crate) fn open(&mut self, breaking: Breaking) {
        self.mark(MarkKind::Open(breaking));
    }

    /// Ends the group begun last.
    pub(crate) fn close(&mut self) {
        self.mark(MarkKind::Close);
    }

    pub(crate) fn indent(&mut self) {
        self.mark(MarkKind::Indent);
    }

    pub(crate) fn dedent(&mut self) {
        self.mark(MarkKind::Dedent);
    }

    /// A blank, or a line break.
    pub(crate) fn blank(&mut self) {
        self.mark(MarkKind::Blank);
        self.text.push(' ');
    }

    /// A bracket, whose content stands on lines of its own if it does not fit behind it.
    pub(crate) fn open_bracket(&mut self, bracket: char) {
        self.open(Breaking::Everywhere);
        self.text.push(bracket);
        self.indent();
        self.inside_of(bracket);
    }

    /// The end of what [`open_bracket`](Self::open_bracket) began.
    pub(crate) fn close_bracket(&mut self, bracket: char) {
        self.dedent();
        self.inside_of(bracket);
        self.text.push(bracket);
        self.close();
    }

    /// What parts a bracket from its content.
    fn inside_of(&mut self, bracket: char) {
        match bracket {
            '{' | '}' => self.blank(),
            _ => self.mark(MarkKind::Soft),
        }
    }

    /// The text over several lines. Linear.
    pub(crate) fn over_lines(&self) -> String {
        let (flat, reaches) = (&self.text, self.reaches());
        let mut out = String::with_capacity(flat.len());
        let (mut at, mut column, mut indent) = (0, 0, 0);
        // Of each open group: how it is broken, if it is.
        let mut open: Vec<Option<Breaking>> = Vec::new();
        for (mark, reach) in self.marks.iter().zip(reaches) {
            let text = flat.get(at..mark.at).unwrap_or("");
            out.push_str(text);
            column = text.chars().fold(column, |column, c| if c == '\n' { 0 } else { column + 1 });
            at = mark.at;
            let is_full = column + reach > WIDTH;
            match mark.kind {
                MarkKind::Open(breaking) => {
                    let outer_is_broken = open.last().is_none_or(Option::is_some);
                    open.push(Some(breaking).filter(|_| outer_is_broken && is_full));
                }
                MarkKind::Close => {
                    open.pop();
                }
                MarkKind::Indent => indent += 1,
                MarkKind::Dedent => indent -= 1,
                MarkKind::Blank | MarkKind::Soft => {
                    let is_broken = match open.last().copied().flatten() {
                        Some(Breaking::Everywhere) => true,
                        Some(Breaking::WhereFull) => is_full,
                        None => false,
                    };
                    if is_broken {
                        column = DEEPEST.min(STEP * indent);
                        out.push('\n');
                        out.extend(repeat_n(' ', column));
                        at += usize::from(mark.kind == MarkKind::Blank);
                    }
                }
            }
        }
        out.push_str(flat.get(at..).unwrap_or(""));
        out
    }

    /// By mark the columns that have to fit into its line so that there is no break: of a place for a break up to the next one, of
    /// a group up to the first one behind it.
    fn reaches(&self) -> Vec<usize> {
        let Self { text: flat, marks } = self;
        let (mut at, mut column) = (0, 0);
        let mut columns = Vec::with_capacity(marks.len());
        for mark in marks {
            column += flat.get(at..mark.at).unwrap_or("").chars().count();
            at = mark.at;
            columns.push(column);
        }
        let mut next = column + flat.get(at..).unwrap_or("").chars().count();
        let mut closed = Vec::new();
        let mut reaches = columns;
        for (mark, reach) in marks.iter().zip(&mut reaches).rev() {
            let own = *reach;
            let end = match mark.kind {
                MarkKind::Close => {
                    closed.push(next);
                    own
                }
                MarkKind::Open(_) => closed.pop().unwrap_or(next),
                MarkKind::Blank | MarkKind::Soft => replace(&mut next, own),
                MarkKind::Indent | MarkKind::Dedent => own,
            };
            *reach = end - own;
        }
        reaches
    }
}

#[cfg(test)]
mod tests;
