//! Random aggregate queries in pieces: each word with what it is, so that completions can be held against the words of a
//! right text. Fields, values and functions fit one another; what they answer plays no part.

use std::collections::BTreeMap;

use tallygrid::Kind;

use crate::oracle::choices::Choices;
use crate::oracle::column::Column;
use crate::oracle::world::World;
use crate::oracle::{draw, write};

/// What a word of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Keyword,
    Field,
    Function,
    /// A value that a row in scope has.
    Value,
    /// A mark, a number, a name, a pattern.
    Other,
}

/// A word of a text.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) role: Role,
    /// What it means: without quotes.
    pub(super) meant: String,
    pub(super) written: String,
}

/// Values that rows in scope have, by the position of their column.
pub(super) type Values = BTreeMap<usize, Vec<String>>;

/// An aggregate query, perhaps with a filter and an order.
pub(super) fn aggregates(world: &World, values: &Values, c: &mut Choices) -> Vec<Piece> {
    let mut drawing = Drawing { world, values, c, pieces: Vec::new(), n_named: 0 };
    drawing.block(2);
    match drawing.c.below(4) {
        0 => {}
        1 => {
            drawing.keyword("WHERE");
            drawing.test(1, false);
        }
        _ => {
            let filter = draw::query::filter(drawing.c, world, 1);
            let filter = write::filter(world, &filter, drawing.c);
            // COUNT in front of `(` would be a function.
            if filter.starts_with('(') || drawing.c.once_in(2) {
                drawing.keyword("WHERE");
            }
            drawing.other(&filter);
        }
    }
    if drawing.c.once_in(3) {
        drawing.keyword("ORDER");
        drawing.keyword("BY");
        drawing.field(Column::gives_order);
        if drawing.c.once_in(2) {
            drawing.keyword("DESC");
        }
    }
    drawing.pieces
}

/// The text of some pieces.
pub(super) fn text(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.written.as_str()).collect::<Vec<_>>().join(" ")
}

struct Drawing<'a> {
    world: &'a World,
    values: &'a Values,
    c: &'a mut Choices,
    pieces: Vec<Piece>,
    n_named: usize,
}

impl Drawing<'_> {
    fn push(&mut self, role: Role, meant: &str, written: String) {
        self.pieces.push(Piece { role, meant: meant.to_owned(), written });
    }

    fn keyword(&mut self, keyword: &str) {
        let written = if self.c.once_in(3) { keyword.to_lowercase() } else { keyword.to_owned() };
        self.push(Role::Keyword, keyword, written);
    }

    fn other(&mut self, text: &str) {
        self.push(Role::Other, text, text.to_owned());
    }

    /// `name(` and so on.
    fn call(&mut self, name: &str, arguments: impl FnOnce(&mut Self)) {
        self.push(Role::Function, name, name.to_owned());
        self.other("(");
        arguments(self);
        self.other(")");
    }

    fn has(&self, fits: impl Fn(&Column) -> bool) -> bool {
        self.world.columns.iter().any(fits)
    }

    /// A field that fits, and its position.
    fn field(&mut self, fits: impl Fn(&Column) -> bool) -> usize {
        let columns: Vec<usize> = (0..self.world.columns.len()).filter(|at| fits(&self.world.columns[*at])).collect();
        let column = self.c.pick(&columns);
        let name = self.world.columns[column].name.clone();
        let written = written(&name, false);
        self.push(Role::Field, &name, written);
        column
    }

    /// A value of a field, known or not.
    fn value(&mut self, column: usize) {
        let known = self.values.get(&column).filter(|known| !known.is_empty()).cloned();
        let names: Vec<String> = self.world.columns.iter().map(|column| column.name.to_lowercase()).collect();
        match known {
            Some(known) => {
                let value = self.c.pick(&known);
                let is_name = names.contains(&value.to_lowercase());
                self.push(Role::Value, &value, written(&value, is_name));
            }
            None => match self.world.columns[column].kind {
                Kind::DateTime | Kind::Date => self.other("'2024-02-28'"),
                Kind::Duration => self.other("5m"),
                Kind::Guid => self.other("cdd1a0cf-2cd1-4f9a-8513-a9a2fc74d133"),
                Kind::Boolean => self.push(Role::Value, "Yes", "Yes".to_owned()),
                _ => self.other("7"),
            },
        }
    }

    fn alias(&mut self, needed: bool) {
        if needed || self.c.once_in(3) {
            self.n_named += 1;
            self.keyword("AS");
            let name = format!("n{}", self.n_named);
            self.other(&name);
        }
    }

    /// Aggregates; all but the first have a name, so that no two have the same.
    fn block(&mut self, depth: usize) {
        for n in 0..=self.c.below(3) {
            if n > 0 {
                self.other(",");
            }
            self.aggregate(depth, n > 0);
        }
    }

    fn braces(&mut self, depth: usize) {
        self.other("{");
        self.block(depth - 1);
        self.other("}");
    }

    fn aggregate(&mut self, depth: usize, named: bool) {
        match self.c.below(if depth == 0 { 4 } else { 8 }) {
            0 => self.keyword("COUNT"),
            1 => self.keyword("ENTITIES"),
            2 => {
                let name = self.c.pick(&["MIN", "MAX", "AVG", "MEDIAN", "SUM", "PERCENTILE"]);
                self.call(name, |d| {
                    d.field(|column| is_measured(column) && (name != "SUM" || !is_time(column)));
                    if name == "PERCENTILE" {
                        d.other(",");
                        d.other("75");
                    }
                });
            }
            3 => self.call("COUNTDISTINCT", |d| {
                d.field(Column::gives_groups);
            }),
            4 | 5 => {
                self.keyword("GROUP");
                self.keyword("BY");
                self.selector();
                if self.c.once_in(4) {
                    self.alias(true);
                    return self.braces(depth);
                }
                self.braces(depth);
            }
            _ => {
                self.keyword("FACETED");
                for n in 0..=self.c.below(3) {
                    if n > 0 {
                        self.other(",");
                    }
                    self.test(2, n == 0);
                    self.alias(true);
                }
                self.braces(depth);
            }
        }
        self.alias(named);
    }

    fn selector(&mut self) {
        match self.c.below(6) {
            3 => self.call("Fill", |d| d.cut(Column::gives_groups)),
            4 => self.call("Top", |d| {
                d.cut(|column| column.gives_groups() && !column.multi);
                d.other(",");
                d.other("2");
            }),
            5 => self.cut(Column::gives_groups),
            _ => {
                self.field(Column::gives_groups);
            }
        }
    }

    /// A field, a bucket or a period, of a field that fits.
    fn cut(&mut self, fits: impl Fn(&Column) -> bool) {
        match self.c.below(3) {
            1 if self.has(|column| fits(column) && is_time(column)) => {
                let name = self.c.pick(&["Month", "Day", "Week", "Quarter", "Year", "Hour"]);
                self.call(name, |d| {
                    d.field(|column| fits(column) && is_time(column));
                    if d.c.once_in(2) {
                        d.other(",");
                        d.call("Format", |d| d.other("'yyyy-MM'"));
                    }
                    if d.c.once_in(2) {
                        d.other(",");
                        d.call("Range", |d| d.other("'2024-01-01', '2024-03-01'"));
                    }
                });
            }
            2 => self.call("Bucket", |d| {
                d.field(|column| fits(column) && column.kind == Kind::Integer);
                d.other(",");
                d.other("5");
            }),
            _ => {
                self.field(fits);
            }
        }
    }

    /// A boolean function; `Unmatched()` if that may stand.
    fn test(&mut self, depth: usize, is_facet: bool) {
        let order = ["GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"];
        match self.c.below(if depth == 0 { 5 } else { 9 }) {
            0 => {
                let name = self.c.pick(&["Equal", "NotEqual"]);
                self.call(name, |d| {
                    let column = d.field(has_equality);
                    d.other(",");
                    d.value(column);
                });
            }
            2 => self.call("In", |d| {
                let column = d.field(|column| has_equality(column) && column.kind != Kind::Boolean);
                d.other(",");
                let bracketed = d.c.once_in(2);
                d.other(if bracketed { "[" } else { "" });
                // Two would be a range, which might be empty.
                d.value(column);
                d.other(if bracketed { "]" } else { "" });
            }),
            3 if self.has(has_words) => self.call("Contains", |d| {
                d.field(has_words);
                d.other(",");
                d.other("login");
            }),
            4 => {
                let name = self.c.pick(&order);
                self.call(name, Self::sides);
            }
            5 if is_facet => self.call("Unmatched", |_| {}),
            6 => self.call("Not", |d| d.test(depth - 1, false)),
            7 | 8 => {
                let name = self.c.pick(&["AndArgs", "OrArgs"]);
                self.call(name, |d| {
                    for n in 0..=d.c.below(2) {
                        if n > 0 {
                            d.other(",");
                        }
                        d.test(depth - 1, false);
                    }
                });
            }
            _ => self.call("IsEmpty", |d| {
                d.field(|_| true);
            }),
        }
    }

    /// Two fields of one kind that has an order, perhaps moved in time.
    fn sides(&mut self) {
        let kinds: Vec<Kind> = self.world.columns.iter().filter(|c| is_measured(c)).map(|column| column.kind).collect();
        let kind = self.c.pick(&kinds);
        for n in 0..2 {
            if n > 0 {
                self.other(",");
            }
            if matches!(kind, Kind::DateTime | Kind::Date) && self.c.once_in(2) {
                let name = self.c.pick(&["DateAdd", "DateSubtract"]);
                self.call(name, |d| {
                    d.field(|column| column.kind == kind);
                    d.other(",");
                    d.other("'1 day'");
                });
            } else {
                self.field(|column| column.kind == kind && is_measured(column));
            }
        }
    }
}

fn is_time(column: &Column) -> bool {
    matches!(column.kind, Kind::DateTime | Kind::Date)
}

fn is_measured(column: &Column) -> bool {
    !column.multi && (is_time(column) || matches!(column.kind, Kind::Integer | Kind::Decimal | Kind::Duration))
}

fn has_words(column: &Column) -> bool {
    matches!(column.kind, Kind::Text | Kind::Keyword | Kind::Status | Kind::User)
}

fn has_equality(column: &Column) -> bool {
    !matches!(column.kind, Kind::Text | Kind::Relation)
}

/// A name or value in quotes where it needs them: in others a field's name would be a value.
fn written(word: &str, in_quotes: bool) -> String {
    let is_bare = |c: char| !c.is_whitespace() && !"\"',()[]{}=!<>~".contains(c);
    let keywords = ["NOT", "AND", "OR", "ORDER", "WHERE", "GROUP", "COUNT", "ENTITIES", "FACETED", "IN", "IS"];
    let is_keyword = keywords.iter().any(|keyword| keyword.eq_ignore_ascii_case(word));
    if !in_quotes && !word.is_empty() && !is_keyword && word.chars().all(is_bare) {
        return word.to_owned();
    }
    quoted(word)
}

/// A name or value in quotes.
pub(super) fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', r"\\").replace('"', r#"\""#))
}
