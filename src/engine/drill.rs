//! Writer that select the rows of groups: what was asked, and test by test what the rows of a group have in common.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::Result;
use crate::base::limits::Limits;
use crate::exec::labels::Meaning;
use crate::exec::namesakes::Namesakes;
use crate::exec::run::Run;
use crate::lang::tql::parse::parse;
use crate::model::catalog::Catalog;
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Schema};
use crate::plan::simplify::simplify;
use crate::query::predicate::{Leaf, Node, Predicate};
use crate::query::print::{Style, print_first, print_member};

/// What texts are written with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) catalog: &'a Catalog,
    pub(crate) limits: &'a Limits,
}

/// Tests joined by AND, as a text that can be asked under the limits it was made for.
#[derive(Clone, Debug, Default)]
pub(crate) struct DrillDown {
    text: String,
    n_nodes: usize,
}

/// Why a group has no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Untold {
    /// It would go beyond the limits of a query.
    Limits,
    /// A row may be in this group and in one that every text for this group stands for as well.
    Namesakes,
}

/// What rows of groups by one field have in common, said so that a query finds these rows alone.
#[derive(Debug)]
pub(crate) struct GroupTests<'a> {
    field: FieldId,
    schema: &'a Schema,
    /// Of a path field.
    namesakes: Option<Namesakes<'a>>,
}

/// How many groups of an answer have no text.
#[derive(Debug, Default)]
pub(crate) struct Missing {
    limits: usize,
    namesakes: usize,
}

impl Writer<'_> {
    /// Of what was asked. A query within the limits has a text within them, but for few shapes of the greatest depth.
    pub(crate) fn asked(&self, asked: &Predicate) -> Result<DrillDown, Untold> {
        if asked.is_const(true) {
            return Ok(DrillDown::default());
        }
        let asked = simplify(asked);
        let in_style = |style| {
            let text = print_first(&asked, style, self.schema, self.catalog);
            n_nodes_of(&text, &asked, self.limits).map(|n_nodes| DrillDown { text, n_nodes })
        };
        in_style(Style::Clear).or_else(|| in_style(Style::Flat)).ok_or(Untold::Limits)
    }

    /// With one more test.
    pub(crate) fn and(&self, so_far: &DrillDown, more: &Predicate) -> Result<DrillDown, Untold> {
        if so_far.text.is_empty() {
            return self.asked(more);
        }
        if more.is_const(true) {
            return Ok(so_far.clone());
        }
        let more = simplify(more);
        let text = print_member(&more, self.schema, self.catalog);
        let room = self
            .limits
            .with_query_bytes(self.limits.query_bytes.saturating_sub(so_far.text.len() + JOINER.len()))
            .with_nodes(self.limits.nodes.saturating_sub(so_far.n_nodes + 1));
        let n_nodes = n_nodes_of(&text, &more, &room).ok_or(Untold::Limits)?;
        Ok(DrillDown { text: [&*so_far.text, &text].join(JOINER), n_nodes: so_far.n_nodes + 1 + n_nodes })
    }
}

impl DrillDown {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

impl<'a> GroupTests<'a> {
    pub(crate) fn new(field: FieldId, schema: &'a Schema, run: &Run<'a, '_>) -> Result<Self> {
        let is_path = schema.field(field).kind == Kind::Path;
        Ok(Self { field, schema, namesakes: is_path.then(|| run.namesakes(field)).transpose()? })
    }

    /// What the rows of one group have in common.
    pub(crate) fn test(&self, key: &str, group: &Meaning) -> Result<Predicate, Untold> {
        let test = group.predicate(key, self.field, self.schema);
        let others = match (group, &self.namesakes) {
            (Meaning::Text, Some(namesakes)) => namesakes.of(key),
            _ => &[],
        };
        match others {
            [] => Ok(test),
            _ if self.schema.field(self.field).multi => Err(Untold::Namesakes),
            others => {
                let containers = others.into();
                let others = Leaf::Within { field: self.field, ancestors: false, containers, in_permission: false };
                Ok(Predicate::all([test, Predicate::leaf(others).not()]))
            }
        }
    }
}

impl Missing {
    pub(crate) fn add(&mut self, why: Untold) {
        match why {
            Untold::Limits => self.limits += 1,
            Untold::Namesakes => self.namesakes += 1,
        }
    }

    /// Tells of them.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = Diagnostic> {
        let limits = (
            self.limits,
            "its text would go beyond the limits of a query",
            "ask for less at once, or let the host raise the limits",
        );
        let namesakes = (
            self.namesakes,
            "a row may hold several places, and no text tells these from others of the same name",
            "keep ids or whole paths in the field, not both nor plain names",
        );
        [limits, namesakes].into_iter().filter(|(n, ..)| *n > 0).map(|(n, why, help)| {
            let groups = if n == 1 { "group has" } else { "groups have" };
            let message = format!("{n} {groups} no query: {why}");
            Diagnostic::new(Code::NoGroupQuery, Severity::Warning, Place::Request, message).help(help)
        })
    }
}

const JOINER: &str = " AND ";

/// How much of the limit `nodes` the text of a predicate takes up; none if it goes beyond some limit.
fn n_nodes_of(text: &str, predicate: &Predicate, limits: &Limits) -> Option<usize> {
    let parsed = parse(text, limits);
    let is_wrong = |d: &Diagnostic| d.severity() == Severity::Error;
    let fits = !parsed.diagnostics.iter().any(is_wrong) && search_nesting(predicate) <= limits.nesting;
    fits.then_some(parsed.n_nodes)
}

/// How deep parentheses nest within the texts of word searches, which have the limit `nesting` to themselves. Recurses for
/// braces alone, as the parser did.
fn search_nesting(predicate: &Predicate) -> usize {
    let nesting = |node: &Node| match node {
        Node::Leaf(Leaf::Matches { search, .. } | Leaf::MatchesAny { search, .. }) => search.nesting(),
        Node::Leaf(leaf) => leaf.subselect().map_or(0, |sub| search_nesting(&sub.predicate)),
        _ => 0,
    };
    predicate.nodes().iter().map(nesting).max().unwrap_or(0)
}
