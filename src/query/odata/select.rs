//! `$select`: which properties are shown, and of the rows that relations lead to, which of theirs.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::lang::odata::ast::option::SelectItem;
use crate::lang::odata::ast::{Name, Step as Segment};
use crate::model::catalog::IndexId;
use crate::model::schema::FieldId;
use crate::query::odata::Binder;
use crate::query::odata::request::{Expand, Shown, bind};
use crate::query::pipeline::{Column, Pipeline};

impl<'a> Binder<'a, '_> {
    /// The properties that a list names. A path over a relation shows its end alone of the rows there, and shows them even if
    /// `$expand` does not.
    pub(super) fn select(&mut self, items: &'a [SelectItem], rows: &Pipeline, expand: &mut Vec<Expand>) -> Vec<Shown> {
        items.iter().filter_map(|item| self.selected(item, (&item.path.steps, 0), rows, expand)).collect()
    }

    /// What one path names; `steps` are what is left of it, `depth` how many relations came before.
    fn selected(
        &mut self,
        item: &'a SelectItem,
        (steps, depth): (&'a [Segment], usize),
        rows: &Pipeline,
        expand: &mut Vec<Expand>,
    ) -> Option<Shown> {
        match steps {
            [Segment::Star(None, _)] => Some(Shown::All),
            [Segment::Name(first), ..] => {
                let is_it = |column: &Column| column.path.first().is_some_and(|name| **name == *first.text);
                if let Some(at) = rows.columns.iter().position(is_it) {
                    return Some(Shown::Column(at));
                }
                let Some(index) = rows.index else {
                    self.unknown(&first.text, first.span, self.schema());
                    return None;
                };
                let (field, rest) = self.property(steps, index)?;
                if rest.is_empty() || self.env.catalog.schema(index).field(field).relation.is_none() {
                    return Some(Shown::Field(field));
                }
                self.selected_there(item, (index, field), (rest, depth), expand)
            }
            _ => {
                self.unsupported(item.span, "this in `$select`");
                None
            }
        }
    }

    /// What a path names of the rows that a relation leads to.
    fn selected_there(
        &mut self,
        item: &'a SelectItem,
        (index, field): (IndexId, FieldId),
        (rest, depth): (&'a [Segment], usize),
        expand: &mut Vec<Expand>,
    ) -> Option<Shown> {
        let schema = self.env.catalog.schema(index);
        let declared = schema.field(field);
        let Some(link) = self.env.catalog.link(schema, field) else {
            self.unsupported(item.span, "a path over a relation that leads nowhere");
            return None;
        };
        self.seen(link.index, &declared.name, item.span)?;
        let (limit, need) = (self.env.limits.expand_depth, depth + 1);
        if need > limit {
            let message = format!("limit `expand_depth` is {limit}, {need} needed");
            let help = "ask for less, or let the host raise `expand_depth`";
            self.report(Diagnostic::error(Code::LimitReached, item.span, message).help(help));
            return None;
        }
        let at = expand.iter().position(|expand| expand.field == field).unwrap_or_else(|| {
            let request = bind(&[], (self.env, link.index), self.reading, self.aliases, None, self.diagnostics);
            expand.push(Expand { name: declared.name.clone(), field, link, many: declared.multi, request });
            expand.len() - 1
        });
        let request = &mut expand.get_mut(at)?.request;
        let mut there = Binder::new((self.env, link.index), self.reading, self.aliases, self.diagnostics);
        let shown = there.selected(item, (rest, need), &request.rows, &mut request.expand)?;
        request.select.get_or_insert_default().push(shown);
        Some(Shown::Expanded)
    }

    /// The field that a path begins with, and what stands behind it.
    pub(super) fn property<'s>(&mut self, steps: &'s [Segment], index: IndexId) -> Option<(FieldId, &'s [Segment])> {
        let schema = self.env.catalog.schema(index);
        let names: Vec<&Name> = steps
            .iter()
            .map_while(|step| match step {
                Segment::Name(name) => Some(name),
                _ => None,
            })
            .collect();
        let mut joined = String::new();
        for (n, name) in names.iter().enumerate() {
            if n > 0 {
                joined.push('.');
            }
            joined.push_str(&name.text);
            if let Some(field) = schema.field_named(&joined) {
                return Some((field, steps.get(n + 1..).unwrap_or(&[])));
            }
        }
        let first = names.first()?;
        self.unknown(&first.text, first.span, schema);
        None
    }
}
