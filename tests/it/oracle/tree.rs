//! Aggregates as trees: measures, groups within groups, facets. What they say of rows is in [`results`](super::results).

use tallygrid::Period;

use super::facet::Check;
use super::measure::Measure;
use super::query::Literal;
use super::write::facet::Token;

/// A result and its name.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) alias: Alias,
    pub(crate) what: What,
}

/// Where a result is given its name.
#[derive(Clone, Debug)]
pub(crate) enum Alias {
    None,
    Behind,
    /// Of groups: in front of the block.
    InFront,
    /// Both, with a name that does not count.
    Both(String),
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Count,
    Entities,
    Measure(Measure, usize),
    Groups(Selector, Vec<Entry>),
    Facets(Vec<Facet>, Vec<Entry>),
}

/// What rows are grouped by.
#[derive(Clone, Debug)]
pub(crate) struct Selector {
    pub(crate) column: usize,
    pub(crate) by: By,
    pub(crate) fill: bool,
    pub(crate) top: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum By {
    Value,
    /// Edges in ascending order.
    Bucket(Vec<Literal>),
    Period {
        period: Period,
        format: Option<Format>,
        range: Option<(Literal, Literal)>,
    },
}

/// A pattern of .NET, and the same for another crate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    pub(crate) pattern: &'static str,
    pub(crate) strftime: &'static str,
}

/// A test and the name of its rows.
#[derive(Clone, Debug)]
pub(crate) struct Facet {
    pub(crate) name: String,
    pub(crate) has_alias: bool,
    pub(crate) written: Vec<Token>,
    /// None stands for the rows of no other facet.
    pub(crate) test: Option<Check>,
}

impl Selector {
    /// Its part of the usual name of its groups.
    pub(crate) fn name(&self, field: &str) -> String {
        let fill = if self.fill { "Fill" } else { "" };
        let top = if self.top.is_some() { "Top" } else { "" };
        let function = match &self.by {
            By::Value => "",
            By::Bucket(_) => "Bucket",
            By::Period { period, .. } => period_name(*period),
        };
        format!("{fill}{top}{function}{field}")
    }

    /// Whether rows may be in none of its groups.
    pub(crate) fn leaves_out(&self) -> bool {
        matches!(self.by, By::Period { range: Some(_), .. })
    }
}

pub(crate) fn period_name(period: Period) -> &'static str {
    match period {
        Period::Hour => "Hour",
        Period::Day => "Day",
        Period::Week => "Week",
        Period::Month => "Month",
        Period::Quarter => "Quarter",
        _ => "Year",
    }
}
