//! `$apply`: transformations to a pipeline. Names that `compute` gives stand for expressions over the rows as they are; a
//! grouping begins anew, with columns for its keys and aggregates.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::hash::HashMap;
use crate::base::span::Span;
use crate::lang::odata::ast::apply::{Computed, GroupKey, Ranking as Ranked, Sequence, Transform, Transformation};
use crate::lang::odata::ast::search::Search as Searched;
use crate::lang::odata::ast::{Call, Expr as Tree, Name, Path, Step as Segment};
use crate::lang::odata::function::Function;
use crate::model::decimal::Decimal;
use crate::model::fold::Collation;
use crate::model::ratio::Fraction;
use crate::query::odata::aggregates::Made;
use crate::query::odata::operand::Operand;
use crate::query::odata::scope::{Named, Rows, find};
use crate::query::odata::{Binder, logic};
use crate::query::pipeline::{Column, Grouping, Part, Pipeline, Ranking, Step, Then, Until};
use crate::query::predicate::Predicate;
use crate::query::predicate::expr::{Expr, ExprBuilder, ExprId, Input, Node, Op, Type};

/// Most keys of a grouping, and most lists of them that rollups make of one another.
const MOST_KEYS: usize = 64;
const MOST_SETS: usize = 1024;

/// What names stand for at some point of a sequence.
#[derive(Clone)]
struct Point {
    rows: Rows,
    names: Vec<Named>,
    builder: ExprBuilder,
    collations: HashMap<ExprId, Collation>,
}

/// A key of a grouping, bound.
pub(super) struct Key {
    path: Vec<Arc<str>>,
    pub(super) value: Expr,
    ty: Type,
    collation: Collation,
}

impl<'a> Binder<'a, '_> {
    /// Binds a sequence; what names stand for behind it stays, for the options that follow.
    pub(crate) fn apply(&mut self, sequence: &'a Sequence) -> Vec<Step> {
        let mut steps = Vec::new();
        for transformation in &sequence.steps {
            self.these.n_steps = Some(steps.len());
            self.transformation(transformation, &mut steps);
        }
        steps
    }

    /// Transformations of a group or part. Where they ask for totals of rows of an index, these are made columns first.
    fn inner(&mut self, sequence: &'a Sequence) -> Vec<Step> {
        let n_steps = self.these.n_steps.take();
        let outer_wants = std::mem::take(&mut self.these.wants_columns);
        let (start, n_told) = (self.point(), self.diagnostics.len());
        let mut inner = self.inner_steps(sequence, Vec::new());
        if std::mem::replace(&mut self.these.wants_columns, outer_wants) {
            self.go_to(start);
            self.diagnostics.truncate(n_told);
            let mut columns = Vec::new();
            self.as_columns(&mut columns);
            inner = self.inner_steps(sequence, columns);
        }
        self.these.n_steps = n_steps;
        inner
    }

    fn inner_steps(&mut self, sequence: &'a Sequence, mut steps: Vec<Step>) -> Vec<Step> {
        for transformation in &sequence.steps {
            let (first, outer) = (steps.len(), self.these.n_columns);
            self.these.n_columns = steps.iter().fold(outer, |n, step| step.n_columns(n));
            let around = std::mem::take(&mut self.these.totals);
            self.transformation(transformation, &mut steps);
            let totals = std::mem::replace(&mut self.these.totals, around);
            steps.splice(first..first, totals.into_iter().map(Step::Total));
            self.these.n_columns = outer;
        }
        steps
    }

    /// The rows as they are now, after steps.
    pub(crate) fn pipeline(&self, steps: Vec<Step>) -> Pipeline {
        let index = match self.frames[0].rows {
            Rows::Index(index) => Some(index),
            _ => None,
        };
        let column = |named: &Named| Column { path: named.path.clone(), value: self.builder.expr(named.id) };
        Pipeline { steps, index, columns: self.names.iter().map(column).collect() }
    }

    fn transformation(&mut self, transformation: &'a Transformation, steps: &mut Vec<Step>) {
        let span = transformation.span;
        match &transformation.kind {
            Transform::Identity | Transform::Error => {}
            Transform::Filter(tree) => {
                if let Some(id) = self.condition(tree) {
                    self.keep(&self.builder.expr(id), steps);
                }
            }
            Transform::Search(search) => {
                let predicate = self.searched(search, span);
                steps.extend(predicate.map(Step::Where));
            }
            Transform::Compute(list) => list.iter().for_each(|computed| self.compute(computed, steps)),
            Transform::OrderBy(items) => {
                let order = self.order(items);
                steps.push(Step::Sort(order));
            }
            Transform::Skip(count) => {
                let skip = self.count(count).unwrap_or(0);
                steps.push(Step::Slice { skip, top: u64::MAX });
            }
            Transform::Top(count) => {
                let top = self.count(count).unwrap_or(0);
                steps.push(Step::Slice { skip: 0, top });
            }
            Transform::Ranked { ranking, limit: written, by } => {
                let limit = self.operand(written);
                let limit = self.typed(limit, Some(Type::Decimal));
                let value = self.operand(by);
                let value = self.typed(value, None);
                if let (Some((limit, of_limit)), Some((value, ty))) = (limit, value) {
                    let ranking = ranking_of(*ranking);
                    let is_number = of_limit.is_number() && (ty.is_number() || ranking.until == Until::Count);
                    if !is_number {
                        let message = "rankings go by numbers";
                        self.report(Diagnostic::error(Code::WrongArgument, by.span(), message));
                        return;
                    }
                    let (limit, by) = (self.builder.expr(limit), self.builder.expr(value));
                    let is_total =
                        |column: &u32| *column as usize >= self.these.n_columns && !self.these.totals.is_empty();
                    let asks_row = |node: &Node| match &node.op {
                        Op::Input(Input::Column(column)) => !is_total(column),
                        Op::Input(_) | Op::Holds(_) => true,
                        _ => false,
                    };
                    if limit.nodes().iter().any(asks_row) {
                        let message = "how much a ranking takes is the same for all rows, and asks none of them";
                        self.report(Diagnostic::error(Code::WrongArgument, written.span(), message));
                        return;
                    }
                    steps.push(Step::Ranked { ranking, limit, by });
                }
            }
            Transform::Aggregate(list) => {
                let aggregates = self.aggregates(list);
                self.grouped(Vec::new(), vec![Vec::new()], aggregates, steps);
            }
            Transform::GroupBy { keys, then } => self.group_by(keys, then.as_ref(), steps),
            Transform::Concat(sequences) => self.concat(sequences, steps),
            Transform::Nest(_) | Transform::AddNested { .. } => self.unsupported(span, "`nest`"),
            Transform::Join { .. } => self.unsupported(span, "`join`"),
            Transform::Kin { .. } | Transform::Traverse { .. } => self.unsupported(span, "recursive hierarchies"),
            Transform::Custom(_) => self.unsupported(span, "functions of the model"),
        }
    }

    /// The rows for which an expression is true.
    pub(crate) fn keep(&self, condition: &Expr, steps: &mut Vec<Step>) {
        steps.push(match self.frames[0].rows {
            Rows::Index(_) => Step::Where(logic::is_true(condition)),
            _ => Step::Filter(condition.clone()),
        });
    }

    /// The rows that hold words, as `Text ~` of TQL finds them.
    pub(crate) fn searched(&mut self, search: &Searched, span: Span) -> Option<Predicate> {
        if matches!(self.frames[0].rows, Rows::Index(_)) {
            return Some(self.search(search));
        }
        self.unsupported(span, "a search in computed rows");
        None
    }

    /// `e as Name`.
    pub(crate) fn compute(&mut self, computed: &'a Computed, steps: &mut Vec<Step>) {
        let path: Vec<Arc<str>> = vec![(&*computed.alias.text).into()];
        let bound = match &computed.value {
            Tree::Call(call) if call.function == Function::PercentileCont => self.percentile(call, steps),
            tree => {
                let operand = self.operand(tree);
                self.typed(operand, None)
            }
        };
        if !self.may_be_named(&computed.alias) {
            return;
        }
        if let Some((id, ty)) = bound {
            self.names.push(Named { path, id, ty });
        }
    }

    /// Whether a name is free; reports it if not.
    fn may_be_named(&mut self, name: &Name) -> bool {
        let is_field = matches!(self.frames[0].rows, Rows::Index(_)) && self.schema().field_named(&name.text).is_some();
        if find(&self.names, &[&name.text]).is_none() && !is_field {
            return true;
        }
        let message = format!("the name `{}` is taken", name.text);
        self.report(Diagnostic::error(Code::RepeatedName, name.span, message));
        false
    }

    /// `percentile_cont(e,p,partition…)` of analytics services: a column that sees all rows.
    fn percentile(&mut self, call: &'a Call, steps: &mut Vec<Step>) -> Option<(ExprId, Type)> {
        if matches!(self.frames[0].rows, Rows::Index(_)) {
            self.as_columns(steps);
        }
        let [value, part, partition @ ..] = &call.arguments[..] else { return None };
        let operand = self.operand(value);
        let (id, ty) = self.typed(operand, None)?;
        if !ty.is_number() && ty != Type::Duration {
            let message = format!("`percentile_cont` takes a number, not {}", ty.article());
            self.report(Diagnostic::error(Code::WrongArgument, value.span(), message));
            return None;
        }
        let fraction = match self.operand(part) {
            Operand::Literal { literal, .. } => fraction(&literal.text),
            _ => None,
        };
        let Some(part) = fraction else {
            let message = "the second argument is a number from 0 to 1, as written";
            self.report(Diagnostic::error(Code::WrongArgument, part.span(), message));
            return None;
        };
        let mut keys = Vec::new();
        for tree in partition {
            keys.push(self.value(tree)?);
        }
        let value = self.builder.expr(id);
        let before = steps.iter().fold(0, |n, step| step.n_columns(n)) + self.these.totals.len();
        steps.push(Step::Percentile { value, part, partition: keys });
        let ty = if ty == Type::Integer { Type::Decimal } else { ty };
        Some((self.builder.push(Op::Input(Input::Column(before as u32)), ty), ty))
    }

    fn group_by(&mut self, keys: &'a [GroupKey], then: Option<&'a Sequence>, steps: &mut Vec<Step>) {
        let mut bound: Vec<Key> = Vec::new();
        // The lists of keys so far; a rollup multiplies them.
        let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
        let mut failed = false;
        for key in keys {
            let (paths, levels): (Vec<&'a Path>, Vec<usize>) = match key {
                GroupKey::Path(path) => (vec![path], vec![1]),
                GroupKey::Rollup { all, paths, .. } => {
                    let least = usize::from(!*all);
                    (paths.iter().collect(), (least..=paths.len()).rev().collect())
                }
                GroupKey::Recursive { span, .. } => {
                    self.unsupported(*span, "recursive hierarchies");
                    failed = true;
                    continue;
                }
            };
            let first = bound.len();
            let paths_span = paths.iter().map(|path| path.span).reduce(Span::to).unwrap_or(Span::at(0));
            for path in paths.into_iter().take(MOST_KEYS + 1) {
                match self.key(path) {
                    Some(key) if bound.iter().any(|other| other.path == key.path) => {
                        let message = "the rows are grouped by this already";
                        self.report(Diagnostic::error(Code::RepeatedName, path.span, message));
                        failed = true;
                    }
                    Some(key) => bound.push(key),
                    None => failed = true,
                }
            }
            if sets.len().saturating_mul(levels.len()) > MOST_SETS || bound.len() > MOST_KEYS {
                let message = format!("rows are grouped by at most {MOST_KEYS} keys, in at most {MOST_SETS} lists");
                self.report(Diagnostic::error(Code::LimitReached, paths_span, message));
                return;
            }
            let lists = levels.iter().flat_map(|n| {
                let further = first..first + n;
                sets.iter().map(move |set| set.iter().copied().chain(further.clone()).collect::<Vec<usize>>())
            });
            sets = lists.collect();
        }
        if failed {
            return;
        }
        match then {
            None => self.grouped(bound, sets, Some(Vec::new()), steps),
            Some(sequence) => match &sequence.steps[..] {
                [Transformation { kind: Transform::Aggregate(list), .. }] => {
                    let aggregates = self.aggregates(list);
                    self.grouped(bound, sets, aggregates, steps);
                }
                _ => self.each_group(bound, sets, sequence, steps),
            },
        }
    }

    /// What rows are grouped by: a value that each has one of.
    pub(super) fn key(&mut self, path: &'a Path) -> Option<Key> {
        let operand = self.path(path);
        let collation = self.collation(&[&operand]);
        let is_absent = matches!(operand, Operand::Null);
        let (id, ty) = self.typed(operand, None)?;
        if is_absent {
            let message = "these rows have no such property";
            self.report(Diagnostic::error(Code::UnknownField, path.span, message));
            return None;
        }
        let names = path.steps.iter().filter_map(|step| match step {
            Segment::Name(name) => Some(Arc::from(&*name.text)),
            _ => None,
        });
        Some(Key { path: names.collect(), value: self.builder.expr(id), ty, collation })
    }

    /// Begins anew with the keys and aggregates of a grouping.
    fn grouped(&mut self, keys: Vec<Key>, sets: Vec<Vec<usize>>, aggregates: Option<Vec<Made>>, steps: &mut Vec<Step>) {
        let Some(aggregates) = aggregates else { return };
        let values = self.key_columns(keys);
        let mut then = Vec::with_capacity(aggregates.len());
        let mut means = Vec::new();
        for Made { path, aggregated, ty, over } in aggregates {
            let column = self.names.len();
            self.column(path, ty);
            then.push(aggregated);
            means.extend(over.map(|over| (column, over)));
        }
        // What means are divided by stands behind all that has a name.
        let n_named = self.names.len();
        for (nth, (column, over)) in means.into_iter().enumerate() {
            then.push(over);
            self.divide(column, n_named + nth);
        }
        steps.push(Step::Group(Grouping { keys: values, sets, then: Then::Aggregate(then) }));
    }

    /// Begins anew with a column for each key; what the keys are of the rows before.
    fn key_columns(&mut self, keys: Vec<Key>) -> Vec<Expr> {
        self.begin_anew();
        let mut values = Vec::with_capacity(keys.len());
        for Key { path, value, ty, collation } in keys {
            let id = self.column(path, ty);
            self.collations.insert(id, collation);
            values.push(value);
        }
        values
    }

    fn begin_anew(&mut self) {
        self.frames[0].rows = Rows::Computed;
        self.names.clear();
        self.builder = ExprBuilder::default();
        self.collations.clear();
    }

    /// A further column.
    fn column(&mut self, path: Vec<Arc<str>>, ty: Type) -> ExprId {
        let input = Input::Column(self.names.len() as u32);
        let id = self.builder.push(Op::Input(input), ty);
        self.names.push(Named { path, id, ty });
        id
    }

    /// Transformations of each group, whose rows get its keys.
    fn each_group(&mut self, keys: Vec<Key>, sets: Vec<Vec<usize>>, sequence: &'a Sequence, steps: &mut Vec<Step>) {
        let inner = self.inner(sequence);
        let own = self.shown();
        let key_paths: Vec<Vec<Arc<str>>> = keys.iter().map(|key| key.path.clone()).collect();
        // What the group's keys say already is said once.
        let further: Vec<(Vec<Arc<str>>, Expr, Type)> =
            own.into_iter().filter(|(path, ..)| !key_paths.contains(path)).collect();
        let columns = further.iter().map(|(_, value, _)| Some(value.clone())).collect();
        let part = Part { steps: inner, columns, types: further.iter().map(|(.., ty)| *ty).collect() };
        let values = self.key_columns(keys);
        for (path, _, ty) in further {
            self.column(path, ty);
        }
        steps.push(Step::Group(Grouping { keys: values, sets, then: Then::Each(part) }));
    }

    /// Makes columns of every property that has one value in a row.
    fn as_columns(&mut self, steps: &mut Vec<Step>) {
        let shown = self.shown();
        let columns = shown.iter().map(|(_, value, _)| Some(value.clone())).collect();
        steps.push(Step::Concat(vec![Part {
            steps: Vec::new(),
            columns,
            types: shown.iter().map(|(.., ty)| *ty).collect(),
        }]));
        self.begin_anew();
        for (path, _, ty) in shown {
            self.column(path, ty);
        }
    }

    /// Every property of the rows as they are, fields of an index too.
    fn shown(&mut self) -> Vec<(Vec<Arc<str>>, Expr, Type)> {
        let mut shown = Vec::new();
        if let Rows::Index(index) = self.frames[0].rows {
            let schema = self.env.catalog.schema(index);
            for field in schema.field_ids().filter(|field| !schema.field(*field).multi) {
                let declared = schema.field(field);
                let ty = Type::of_kind(declared.kind);
                let id = self.builder.push(Op::Input(Input::Field(field)), ty);
                let path = declared.name.split('.').map(Arc::from).collect();
                shown.push((path, self.builder.expr(id), ty));
            }
        }
        for Named { path, id, ty } in &self.names {
            shown.push((path.clone(), self.builder.expr(*id), *ty));
        }
        shown
    }

    /// Several sequences of the same rows.
    fn concat(&mut self, sequences: &'a [Sequence], steps: &mut Vec<Step>) {
        let start = self.point();
        let mut parts = Vec::new();
        let mut whole: Vec<(Vec<Arc<str>>, Type)> = Vec::new();
        let mut bound = Vec::new();
        for sequence in sequences {
            self.go_to(start.clone());
            let inner = self.inner(sequence);
            let shown = self.shown();
            for (path, _, ty) in &shown {
                match whole.iter_mut().find(|(known, _)| known == path) {
                    Some((_, known)) if *known != *ty && known.is_number() && ty.is_number() => {
                        *known = known.promoted(*ty);
                    }
                    Some(_) => {}
                    None => whole.push((path.clone(), *ty)),
                }
            }
            bound.push((inner, shown));
        }
        for (inner, shown) in bound {
            let columns = whole.iter().map(|(path, ty)| {
                let (_, value, from) = shown.iter().find(|(known, ..)| known == path)?;
                Some(converted(value, *from, *ty))
            });
            let types = whole.iter().map(|(_, ty)| *ty).collect();
            parts.push(Part { steps: inner, columns: columns.collect(), types });
        }
        self.begin_anew();
        for (path, ty) in whole {
            self.column(path, ty);
        }
        steps.push(Step::Concat(parts));
    }

    fn point(&self) -> Point {
        Point {
            rows: self.frames[0].rows.clone(),
            names: self.names.clone(),
            builder: self.builder.clone(),
            collations: self.collations.clone(),
        }
    }

    fn go_to(&mut self, point: Point) {
        self.frames[0].rows = point.rows;
        self.names = point.names;
        self.builder = point.builder;
        self.collations = point.collations;
    }
}

impl Step {
    /// How many columns rows have behind it that had `n` before.
    fn n_columns(&self, n: usize) -> usize {
        match self {
            Self::Percentile { .. } | Self::Total(_) => n + 1,
            Self::Group(Grouping { keys, then, .. }) => {
                keys.len()
                    + match then {
                        Then::Aggregate(list) => list.len(),
                        Then::Each(part) => part.columns.len(),
                    }
            }
            Self::Concat(parts) => parts.first().map_or(0, |part| part.columns.len()),
            Self::Where(_) | Self::Filter(_) | Self::Sort(_) | Self::Slice { .. } | Self::Ranked { .. } => n,
        }
    }
}

/// A number from 0 to 1.
fn fraction(text: &str) -> Option<Fraction> {
    let number: Decimal = text.parse().ok()?;
    let whole = 10u128.pow(number.scale().into());
    let part = u128::try_from(number.mantissa()).ok().filter(|part| *part <= whole)?;
    Some(Fraction { part, whole })
}

/// An expression as one of another type.
fn converted(value: &Expr, from: Type, to: Type) -> Expr {
    if from == to {
        return value.clone();
    }
    let mut builder = ExprBuilder::of(value);
    let root = builder.push(Op::Cast(value.root()), to);
    builder.expr(root)
}

fn ranking_of(ranking: Ranked) -> Ranking {
    let (bottom, until) = match ranking {
        Ranked::TopCount => (false, Until::Count),
        Ranked::TopPercent => (false, Until::Percent),
        Ranked::TopSum => (false, Until::Sum),
        Ranked::BottomCount => (true, Until::Count),
        Ranked::BottomPercent => (true, Until::Percent),
        Ranked::BottomSum => (true, Until::Sum),
    };
    Ranking { bottom, until }
}
