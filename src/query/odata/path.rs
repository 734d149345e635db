//! Paths: names to places, step by step, and what stands at the end.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::base::suggest::nearest;
use crate::lang::odata::ast::{Name, Path as Written, Step, Variable};
use crate::model::catalog::{IndexId, Link};
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Schema};
use crate::query::odata::Binder;
use crate::query::odata::operand::{Operand, Reached};
use crate::query::odata::scope::{Frame, Rows, find, leads_on};
use crate::query::predicate::expr::{ExprId, Hop, Type};

/// What the rows are named that an aggregate or the options of a path look at, one at a time.
pub(super) const THIS: &str = "$this";

/// A row that a path leads to, with the relations to one that lead there from the row that is looked at.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) hops: Vec<Hop>,
    pub(super) index: IndexId,
}

/// Several rows or values that belong to a row.
#[derive(Clone, Debug)]
pub(super) struct Many {
    pub(super) of: Row,
    pub(super) field: FieldId,
    /// Where the field leads; none for a field of several values.
    pub(super) link: Option<Link>,
    /// As written, for messages.
    pub(super) shown: String,
}

/// What the steps so far denote.
enum Place<'t> {
    Row(Row),
    Field(Reached),
    Many(Many),
    /// The value of a parameter alias.
    Alias(&'t Name),
    /// What a name beside the fields stands for.
    Named(ExprId, Type),
    /// A property that computed rows do not have.
    Absent,
    /// The value that a lambda looks at.
    Element(FieldId, IndexId),
}

impl<'a> Binder<'a, '_> {
    pub(super) fn path(&mut self, path: &'a Written) -> Operand<'a> {
        if let [Step::Variable(Variable::These, span), step] = &path.steps[..]
            && let Some(operand) = self.of_these(step, *span)
        {
            return operand;
        }
        let Some((place, rest)) = self.start(path) else { return Operand::Failed };
        self.walk(place, rest, path)
    }

    /// The first step.
    fn start(&mut self, path: &'a Written) -> Option<(Place<'a>, &'a [Step])> {
        let (first, rest) = path.steps.split_first()?;
        match first {
            Step::Variable(Variable::It, span) => Some((self.row_of(0, *span)?, rest)),
            Step::Variable(Variable::This, span) => Some((self.row_of(self.frames.len() - 1, *span)?, rest)),
            Step::Name(name) => {
                let is_of = |variable: &str, frame: &Frame| frame.variable.as_deref() == Some(variable);
                if let Some(frame) = self.frames.iter().rposition(|frame| is_of(&name.text, frame)) {
                    return Some((self.row_of(frame, name.span)?, rest));
                }
                // Within an aggregate or the options of a path, names belong to the rows that it leads to.
                match self.frames.iter().rposition(|frame| is_of(THIS, frame)) {
                    Some(frame) => Some((self.row_of(frame, name.span)?, &path.steps)),
                    None => self.outermost(name, path),
                }
            }
            Step::Variable(Variable::These, span) => {
                self.unsupported(*span, "`$these` but for `$these/aggregate(…)` and `$these/$count`");
                None
            }
            Step::Variable(Variable::Root, span) => {
                self.unsupported(*span, "`$root` leads out of the rows that are asked");
                None
            }
            Step::Alias(name) => {
                if !rest.is_empty() {
                    self.unsupported(path.span, "a path behind a parameter alias");
                    return None;
                }
                Some((Place::Alias(name), rest))
            }
            other => {
                self.wrong_step(other, path);
                None
            }
        }
    }

    /// The row that a frame looks at, as seen from the innermost one.
    fn row_of(&mut self, frame: usize, span: Span) -> Option<Place<'a>> {
        let mut hops = Vec::new();
        for at in (frame + 1..self.frames.len()).rev() {
            let Some(back) = &self.frames[at].back else {
                self.unsupported(
                    span,
                    "a name of the row outside beside values of a list or keys that are stored there",
                );
                return None;
            };
            hops.extend(back.iter().copied());
        }
        Some(match &self.frames[frame].rows {
            Rows::Index(index) => Place::Row(Row { hops, index: *index }),
            Rows::Values { index, field } => Place::Element(*field, *index),
            Rows::Computed => Place::Absent,
        })
    }

    /// A name of the outermost rows: of a value beside the fields, of a field, or of what computed rows do not have, which
    /// is null there.
    fn outermost(&mut self, name: &'a Name, path: &'a Written) -> Option<(Place<'a>, &'a [Step])> {
        let written: Vec<&str> = path
            .steps
            .iter()
            .map_while(|step| match step {
                Step::Name(name) => Some(&*name.text),
                _ => None,
            })
            .collect();
        if self.frames.len() == 1 {
            for n in (1..=written.len()).rev() {
                if let Some(named) = find(&self.names, &written[..n]) {
                    return Some((Place::Named(named.id, named.ty), path.steps.get(n..).unwrap_or(&[])));
                }
            }
        }
        if !matches!(self.frames.first().map(|frame| &frame.rows), Some(Rows::Computed)) {
            return Some((self.row_of(0, name.span)?, &path.steps));
        }
        let known = leads_on(&self.names, &written) || self.schema().field_named(&name.text).is_some();
        if !known {
            self.unknown(&name.text, name.span, self.schema());
            return None;
        }
        Some((Place::Absent, &[]))
    }

    fn walk(&mut self, mut place: Place<'a>, mut rest: &'a [Step], path: &'a Written) -> Operand<'a> {
        while let Some((step, behind)) = rest.split_first() {
            match (place, step) {
                (Place::Row(row), Step::Name(name)) => {
                    let Some((denoted, used)) = self.named(row, name, behind) else { return Operand::Failed };
                    rest = behind.get(used..).unwrap_or(&[]);
                    let Some(next) = self.hop(denoted, rest) else { return Operand::Failed };
                    place = next;
                }
                (Place::Many(many), Step::Lambda(lambda)) if behind.is_empty() => return self.lambda(&many, lambda),
                (Place::Many(many), Step::Count(options, span)) if behind.is_empty() => {
                    return self.number_of(&many, options, *span);
                }
                (Place::Many(many), Step::Aggregate(aggregate, span)) if behind.is_empty() => {
                    return self.reduced(&many, aggregate, *span);
                }
                (_, step) => {
                    self.wrong_step(step, path);
                    return Operand::Failed;
                }
            }
        }
        self.end(place, path)
    }

    /// The value that the rest of a path has of the row that is looked at.
    pub(super) fn rest_of(&mut self, steps: &'a [Step], path: &'a Written) -> Operand<'a> {
        match self.row_of(self.frames.len() - 1, path.span) {
            Some(row) => self.walk(row, steps, path),
            None => Operand::Failed,
        }
    }

    /// The value at the end of a path.
    fn end(&mut self, place: Place<'a>, path: &'a Written) -> Operand<'a> {
        match place {
            Place::Field(reached) => Operand::Field(Reached { span: path.span, ..reached }),
            Place::Many(many) => Operand::Many(many, path.span),
            Place::Element(field, index) => {
                let kind = self.env.catalog.schema(index).field(field).kind;
                Operand::Field(Reached { hops: Vec::new(), index, field, kind, span: path.span, is_element: true })
            }
            Place::Named(id, ty) => Operand::Made(id, ty),
            Place::Alias(name) => self.alias(&name.text, path.span),
            Place::Absent => Operand::Null,
            Place::Row(_) => {
                let message = "a row has no value to compare, its fields have";
                self.report(Diagnostic::error(Code::WrongOperator, path.span, message));
                Operand::Failed
            }
        }
    }

    fn alias(&mut self, alias: &str, span: Span) -> Operand<'a> {
        match self.aliases.get_key_value(alias) {
            None => Operand::Null,
            Some((name, _)) if self.open_aliases.contains(name) => {
                let message = format!("the parameter alias `@{alias}` leads to itself");
                self.report(Diagnostic::error(Code::WrongParameter, span, message));
                Operand::Failed
            }
            Some((name, tree)) => {
                self.open_aliases.push(name);
                let operand = self.operand(tree);
                self.open_aliases.pop();
                operand
            }
        }
    }

    /// What a name of a row denotes, and how many further names it took: a field `Totals.Passed` may be written
    /// `Totals/Passed`.
    fn named(&mut self, row: Row, name: &'a Name, behind: &'a [Step]) -> Option<(Place<'a>, usize)> {
        let schema: &Schema = self.env.catalog.schema(row.index);
        let mut joined = name.text.to_string();
        let mut used = 0;
        let found = loop {
            match (schema.field_named(&joined), behind.get(used)) {
                (Some(field), _) => break Some(field),
                (None, Some(Step::Name(next))) => {
                    joined.push('.');
                    joined.push_str(&next.text);
                    used += 1;
                }
                (None, _) => break None,
            }
        };
        let Some(field) = found else {
            // The type of the rows themselves casts to itself.
            if name.text.rsplit('.').next() == Some(schema.name()) && name.text.contains('.') {
                return Some((Place::Row(row), 0));
            }
            self.unknown(&name.text, name.span, schema);
            return None;
        };
        let declared = schema.field(field);
        let is_exact = *declared.name == *joined || declared.aliases.iter().any(|alias| **alias == *joined);
        if self.reading.strict && !is_exact {
            let message = format!("`{}` has no field `{joined}`: names have a case", schema.name());
            let near = declared.name.to_string();
            let wrong =
                Diagnostic::error(Code::UnknownField, name.span, message).help(format!("did you mean `{near}`?"));
            self.report(wrong.fix(format!("write `{near}`"), name.span, near));
            return None;
        }
        let link = self.env.catalog.link(schema, field);
        let place = if declared.multi {
            Place::Many(Many { of: row, field, link, shown: joined })
        } else {
            Place::Field(Reached {
                hops: row.hops,
                index: row.index,
                field,
                kind: declared.kind,
                span: name.span,
                is_element: false,
            })
        };
        Some((place, used))
    }

    /// A relation to one with more of the path behind it is the row that it leads to.
    fn hop(&mut self, place: Place<'a>, rest: &[Step]) -> Option<Place<'a>> {
        match place {
            Place::Field(reached) if !rest.is_empty() && reached.kind == Kind::Relation => {
                let schema = self.env.catalog.schema(reached.index);
                let Link { index, key, .. } = self.env.catalog.link(schema, reached.field)?;
                self.seen(index, schema.field(reached.field).name(), reached.span)?;
                let mut hops = reached.hops;
                hops.push(Hop { from: reached.field, index, key });
                Some(Place::Row(Row { hops, index }))
            }
            other => Some(other),
        }
    }

    /// Whether the caller may ask an index at all; reports it if not.
    pub(super) fn seen(&mut self, index: IndexId, name: &str, span: Span) -> Option<()> {
        if self.env.in_permission || self.env.sight.sees(self.env.catalog.schema(index).name()) {
            return Some(());
        }
        let message = format!("`{name}` leads to rows that this request has no access to");
        self.report(Diagnostic::error(Code::UnknownIndex, span, message));
        None
    }

    pub(super) fn unknown(&mut self, name: &str, span: Span, schema: &Schema) {
        let shown: String = name.chars().take(60).collect();
        let mut wrong =
            Diagnostic::error(Code::UnknownField, span, format!("`{}` has no field `{shown}`", schema.name()));
        let variables = self.frames.iter().filter_map(|frame| frame.variable.as_deref());
        let near = nearest(name, variables).or_else(|| schema.suggest(name));
        if let Some(near) = near {
            wrong = wrong.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near);
        }
        self.report(wrong);
    }

    fn wrong_step(&mut self, step: &Step, path: &Written) {
        let (what, span) = match step {
            Step::Annotation(name) => ("annotations", name.span),
            Step::Invoke(invoke) => ("functions and keys in paths", invoke.span),
            Step::Filter(_, span) => ("`$filter` in a path", *span),
            Step::Name(name) => {
                let message = format!("nothing of the name `{}` belongs to what stands before it", name.text);
                self.report(Diagnostic::error(Code::UnknownField, name.span, message));
                return;
            }
            Step::Lambda(lambda) => {
                let message = "`any` and `all` ask what has several values or leads to several rows";
                self.report(Diagnostic::error(Code::WrongOperator, lambda.span, message));
                return;
            }
            Step::Count(_, span) | Step::Aggregate(_, span) => {
                let message = "what stands before it has one value, so there is nothing to count";
                self.report(Diagnostic::error(Code::WrongOperator, *span, message));
                return;
            }
            _ => ("this path", path.span),
        };
        self.unsupported(span, what);
    }
}
