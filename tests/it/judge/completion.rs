//! Completions: whatever is offered leaves no mistake before its own end, the next word of a right text is among what is
//! offered in its place, and values are those of rows that may be seen in the scope, counted among them.

use std::collections::BTreeSet;

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use tallygrid::{
    Access, Code, Completion, CompletionKind, Condition, Context, Diagnostic, GroupBy, Index, Kind, Query, Rule,
    Severity, Snapshot, check_tql,
};

use super::ask::shown;
use super::pieces::{Piece, Role, Values, aggregates, quoted, text};
use super::scope::condition;
use crate::oracle::choices::Choices;
use crate::oracle::column::Column;
use crate::oracle::world::{Layout, World};
use crate::oracle::{draw, write};

/// Random cursors in right texts, and the values of every field.
pub(crate) fn completion(world: &World, layout: Layout, c: &mut Choices) -> Result<(), TestCaseError> {
    let engine = world.engine(layout);
    let snapshot = engine.snapshot();
    let (permitted, _) = condition(c, world, 2);
    let ctx = world.context(
        Access::none().allow("Run", permitted).allow("Package", Condition::all()).allow("Other", Condition::all()),
    );
    let (scope, latest) = (condition(c, world, 1).0, c.once_in(2));
    let runs = snapshot.index("Run", &ctx).unwrap();
    let scene = Scene { world, snapshot: &snapshot, runs, scope, latest, ctx: &ctx };
    for _ in 0..4 {
        let filter = draw::query::filter(c, world, 2);
        let order = draw::query::order(c, world);
        let text = write::query(world, Some(&filter), &order, c);
        scene.goes_on(&text, c.below(text.len() + 1), true)?;
    }
    let values = scene.values()?;
    for _ in 0..4 {
        let pieces = aggregates(world, &values, c);
        let whole = text(&pieces);
        scene.is_right(&whole)?;
        scene.goes_on(&whole, c.below(whole.len() + 1), false)?;
        // In front of fields there is most to be wrong about.
        let fields: Vec<usize> = (0..pieces.len()).filter(|at| pieces[*at].role == Role::Field).collect();
        for at in fields.into_iter().filter(|_| c.once_in(2)) {
            scene.goes_on(&whole, start(&pieces, at), false)?;
        }
        scene.next_words_are_offered(&pieces, c)?;
    }
    Ok(())
}

/// What is asked where.
struct Scene<'a> {
    world: &'a World,
    snapshot: &'a Snapshot,
    runs: Index<'a>,
    scope: Condition,
    latest: bool,
    ctx: &'a Context,
}

impl Scene<'_> {
    fn asked(&self, text: &str) -> Query {
        let query = Query::tql(text).scope(self.scope.clone());
        if self.latest { query.latest() } else { query }
    }

    fn complete(&self, text: &str, offset: usize) -> Vec<Completion> {
        self.runs.complete_tql(&self.asked(text), offset, self.ctx).unwrap()
    }

    /// Mistakes of a text that may go on, with their places.
    fn mistakes(&self, text: &str) -> Vec<(String, usize, usize)> {
        let check = check_tql(text, Rule::Query, Some((self.snapshot.catalog(), "Run")), self.ctx).unwrap();
        // A relation's operators are right, but only before braces; braces with a mere word in them may be a list, and a word
        // behind an aggregate a name or part of one; what stands there already may still get another name.
        let is_behind_as = |d: &Diagnostic| {
            let before = d.span().map_or("", |span| text[..span.start as usize].trim_end());
            d.code() == Code::UnquotedWords && before.to_uppercase().ends_with(" AS")
        };
        let is_fine = |d: &Diagnostic| {
            matches!(d.code(), Code::WrongSubselect | Code::RepeatedName)
                || d.message().starts_with("`{` stands")
                || d.message().ends_with("stands behind an aggregate that is complete")
                || is_behind_as(d)
        };
        let errors = check.diagnostics.into_iter().filter(|d| d.severity() == Severity::Error && !is_fine(d));
        // What is not closed is missing where its fix would put it.
        let place = |d: &Diagnostic| match d.code() {
            Code::UnclosedBracket => d.fixes().first().map(|fix| fix.span),
            _ => d.span(),
        };
        let at = |d: &Diagnostic| place(d).map_or((0, 0), |span| (span.start as usize, span.end as usize));
        errors.map(|d| (d.to_string(), at(&d).0, at(&d).1)).collect()
    }

    fn is_right(&self, text: &str) -> Result<(), TestCaseError> {
        let check = check_tql(text, Rule::Query, Some((self.snapshot.catalog(), "Run")), self.ctx).unwrap();
        prop_assert!(check.ok, "{:?}: {:?}{}", text, check.diagnostics, shown(self.world));
        Ok(())
    }

    /// Whatever is offered at some place of a right text can stand there; in a filter, also in front of what follows.
    fn goes_on(&self, text: &str, offset: usize, is_filter: bool) -> Result<(), TestCaseError> {
        for found in self.complete(text, offset) {
            let (before, behind) = (&text[..found.span.start as usize], &text[found.span.end as usize..]);
            let end = before.len() + found.insert.trim_end().len();
            // What follows may not fit what a function or field takes.
            let takes_rest = !is_filter || matches!(found.kind, CompletionKind::Function | CompletionKind::Field);
            let opening = if found.kind == CompletionKind::Function && !found.insert.contains('(') { "(" } else { "" };
            let longer = [format!("{before}{}{behind}", found.insert), format!("{before}{}{opening}", found.insert)];
            for longer in longer.into_iter().skip(usize::from(takes_rest)) {
                for (told, from, to) in self.mistakes(&longer) {
                    let is_before = to < end || (to == end && from < end);
                    prop_assert!(!is_before, "{text:?} at {offset}: {longer:?}: {told}{}", shown(self.world));
                }
            }
        }
        Ok(())
    }

    /// At each word of a right text, with or without the rest of it, that word is offered.
    fn next_words_are_offered(&self, pieces: &[Piece], c: &mut Choices) -> Result<(), TestCaseError> {
        for (at, piece) in pieces.iter().enumerate().filter(|(_, piece)| piece.role != Role::Other) {
            // Inside of quotes, behind the whole word.
            let quotes = usize::from(piece.written.starts_with('"'));
            let offset = start(pieces, at) + piece.written.len() - quotes;
            let whole = text(pieces);
            let asked = if c.once_in(2) { whole.as_str() } else { &whole[..offset] };
            let kind = match piece.role {
                Role::Keyword => CompletionKind::Keyword,
                Role::Field => CompletionKind::Field,
                Role::Function => CompletionKind::Function,
                Role::Value | Role::Other => CompletionKind::Value,
            };
            let is_it = |found: &Completion| {
                // `GROUP` is the beginning of a keyword, and `Not(` of a filter NOT in front of a group.
                let is_label = found.label == piece.meant || found.label.starts_with(&format!("{} ", piece.meant));
                (found.kind == kind && is_label) || (piece.meant == "Not" && found.label == "NOT")
            };
            let found = self.complete(asked, offset);
            prop_assert!(found.iter().any(is_it), "{asked:?} at {offset}: no {piece:?}{}", shown(self.world));
        }
        Ok(())
    }

    /// The values that are offered for each field, which are those of the rows in scope, counted.
    fn values(&self) -> Result<Values, TestCaseError> {
        let mut all = Values::new();
        for (at, column) in self.world.columns.iter().enumerate() {
            let known = self.known(column);
            let name = quoted(&column.name);
            let text = format!("{name} = ");
            let mut offered: Vec<Completion> = self.complete(&text, text.len());
            offered.retain(|found| found.kind == CompletionKind::Value);
            for found in &offered {
                let is_declared = column.declared.iter().any(|(name, _)| *name == found.label);
                let is_in_scope = known.contains(&found.label) || is_declared || column.kind == Kind::Boolean;
                prop_assert!(is_in_scope, "{text:?}: {}{}", found.label, shown(self.world));
                // A place is asked by its last part too.
                if column.kind != Kind::Path {
                    let n = self.runs.count(&self.asked(&format!("{text}{}", found.insert)), self.ctx).unwrap().body;
                    prop_assert_eq!(found.count, Some(n), "{} {:?}{}", text, found.insert, shown(self.world));
                }
            }
            let is_counted = !matches!(column.kind, Kind::Text | Kind::DateTime | Kind::Date | Kind::Relation);
            if is_counted && offered.len() < MOST {
                let labels: BTreeSet<&String> = offered.iter().map(|found| &found.label).collect();
                let lost: Vec<_> = known.iter().filter(|value| !labels.contains(value)).collect();
                prop_assert!(lost.is_empty(), "{text:?} lacks {lost:?}{}", shown(self.world));
                all.insert(at, known.into_iter().collect());
            }
        }
        Ok(all)
    }

    /// The values that rows in scope have, as groups name them.
    fn known(&self, column: &Column) -> BTreeSet<String> {
        if !column.gives_groups() {
            return BTreeSet::new();
        }
        let by = GroupBy::field(column.name.as_str()).status("Id");
        let groups = self.runs.group(&by, &self.asked(""), self.ctx).unwrap().body;
        let keys = groups.rows.iter().map(|row| row.key.to_string()).filter(|key| !key.is_empty());
        match column.kind {
            Kind::Boolean => keys.map(|key| if key == "true" { "Yes" } else { "No" }.to_owned()).collect(),
            _ => keys.collect(),
        }
    }
}

/// Most completions of one answer.
const MOST: usize = 50;

/// Where a piece begins.
fn start(pieces: &[Piece], at: usize) -> usize {
    if at == 0 { 0 } else { text(&pieces[..at]).len() + 1 }
}
