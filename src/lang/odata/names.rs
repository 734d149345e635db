//! What is known of names without a schema: which are properties, and of what kind, as the standard's own suite of cases lists
//! them. Holds a tree against that: what leads through a collection, is grouped by or joined with. Types are not looked at.

use std::collections::BTreeMap;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::odata::ast::apply::{Aggregate, Computed, GroupKey, Nested, Sequence, Transform};
use crate::lang::odata::ast::option::{OptionValue, QueryOption, Request};
use crate::lang::odata::ast::{Expr, Name, OrderItem, Path, Step};

/// Which names are properties, and of what kind.
///
/// ```
/// use tallygrid::ODataNames;
/// let names = ODataNames::default().with("entityColNavigationProperty", "Sales");
/// assert_ne!(names, ODataNames::default());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ODataNames {
    known: BTreeMap<Box<str>, Vec<Role>>,
}

/// What a name is known to be; it may be several things, of several types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// One primitive value.
    Primitive,
    /// One complex value or entity.
    Structure,
    /// Several of either.
    Collection,
    /// An aggregate that a service declares.
    Custom,
    /// A stream, a type, a function or a set.
    Other,
}

impl ODataNames {
    /// With one more name of a role, which is a rule of the standard's grammar such as `primitiveKeyProperty` or
    /// `complexColProperty`.
    #[must_use]
    pub fn with(mut self, role: &str, name: &str) -> Self {
        let role = match role {
            "primitiveKeyProperty" | "primitiveNonKeyProperty" => Role::Primitive,
            "complexProperty" | "entityNavigationProperty" => Role::Structure,
            "primitiveColProperty" | "complexColProperty" | "entityColNavigationProperty" => Role::Collection,
            "customAggregate" => Role::Custom,
            _ => Role::Other,
        };
        self.known.entry(name.into()).or_default().push(role);
        self
    }

    /// What a request has that the names contradict. Linear in the tree.
    pub(crate) fn of_request(&self, request: &Request) -> Vec<Diagnostic> {
        let mut held = Held { names: self, wrong: Vec::new() };
        held.options(&request.options);
        held.wrong
    }

    /// What an expression has that the names contradict.
    pub(crate) fn of_expr(&self, expr: &Expr) -> Vec<Diagnostic> {
        let mut held = Held { names: self, wrong: Vec::new() };
        held.expr(expr);
        held.wrong
    }

    fn is(&self, name: &Name, role: Role) -> bool {
        self.known.get(&name.text).is_some_and(|roles| roles.contains(&role))
    }

    fn is_collection(&self, name: &Name) -> bool {
        self.is(name, Role::Collection) && !self.is(name, Role::Primitive) && !self.is(name, Role::Structure)
    }

    fn is_primitive(&self, name: &Name) -> bool {
        self.is(name, Role::Primitive) && !self.is(name, Role::Structure) && !self.is(name, Role::Collection)
    }

    fn is_single(&self, name: &Name) -> bool {
        let is_one = self.is(name, Role::Primitive) || self.is(name, Role::Structure);
        is_one && !self.is(name, Role::Collection) && !self.is(name, Role::Other)
    }

    fn is_type(&self, name: &Name) -> bool {
        name.text.contains('.') || self.is(name, Role::Other)
    }
}

/// A tree that is held against names.
struct Held<'a> {
    names: &'a ODataNames,
    wrong: Vec<Diagnostic>,
}

impl Held<'_> {
    fn report(&mut self, span: Span, message: String) {
        self.wrong.push(Diagnostic::error(Code::UnexpectedToken, span, message));
    }

    fn options(&mut self, options: &[QueryOption]) {
        for option in options {
            match &option.value {
                OptionValue::Filter(expr) | OptionValue::Alias(expr) => self.expr(expr),
                OptionValue::OrderBy(items) => self.order(items),
                OptionValue::Compute(items) => self.computes(items),
                OptionValue::Apply(sequence) => self.sequence(sequence),
                OptionValue::Select(items) => items.iter().for_each(|item| self.options(&item.options)),
                OptionValue::Expand(items) => items.iter().for_each(|item| {
                    if let Some(Step::Name(name)) = item.path.steps.last().filter(|_| item.path.steps.len() == 1)
                        && self.names.is_primitive(name)
                        && !self.names.is_type(name)
                    {
                        self.report(name.span, format!("`{}` leads nowhere that could be expanded", name.text));
                    }
                    self.options(&item.options);
                }),
                _ => {}
            }
        }
    }

    fn order(&mut self, items: &[OrderItem]) {
        items.iter().for_each(|item| self.expr(&item.value));
    }

    fn computes(&mut self, items: &[Computed]) {
        items.iter().for_each(|item| self.expr(&item.value));
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Literal(_) | Expr::Error(_) => {}
            Expr::Path(path) => self.path(path),
            Expr::Call(call) => call.arguments.iter().for_each(|argument| self.expr(argument)),
            Expr::Typed(typed) => typed.operand.iter().for_each(|operand| self.expr(operand)),
            Expr::Case(case) => case.branches.iter().for_each(|(condition, value)| {
                self.expr(condition);
                self.expr(value);
            }),
            Expr::Not(prefix) | Expr::Negate(prefix) => self.expr(&prefix.operand),
            Expr::Chain(chain) => {
                self.expr(&chain.first);
                chain.rest.iter().for_each(|(_, operand)| self.expr(operand));
            }
            Expr::Group(inside, _) => self.expr(inside),
            Expr::List(members, _) | Expr::Array(members, _) => members.iter().for_each(|member| self.expr(member)),
            Expr::Object(members, _) => members.iter().for_each(|member| self.expr(&member.value)),
        }
    }

    /// A path in an expression, which goes through a collection only with a key or something that asks of all members.
    fn path(&mut self, path: &Path) {
        for pair in path.steps.windows(2) {
            let [Step::Name(name), next] = pair else { continue };
            match next {
                Step::Name(next) if self.names.is_collection(name) && !self.names.is_type(next) => {
                    self.report(
                        name.span,
                        format!("`{}` is a collection, which has no value to go on from", name.text),
                    );
                }
                Step::Name(_) if self.names.is_primitive(name) && !self.names.is_type(name) => {
                    self.report(name.span, format!("`{}` is a value without parts", name.text));
                }
                Step::Count(..) | Step::Filter(..) | Step::Lambda(_) if self.names.is_single(name) => {
                    self.report(name.span, format!("`{}` is no collection", name.text));
                }
                _ => {}
            }
        }
        for step in &path.steps {
            match step {
                Step::Invoke(invoke) => invoke.arguments.iter().for_each(|argument| self.expr(&argument.value)),
                Step::Count(options, _) => self.options(options),
                Step::Filter(filter, _) => self.expr(filter),
                Step::Lambda(lambda) => lambda.predicate.iter().for_each(|(_, predicate)| self.expr(predicate)),
                Step::Aggregate(aggregate, _) => self.aggregate(aggregate),
                _ => {}
            }
        }
    }

    fn sequence(&mut self, sequence: &Sequence) {
        sequence.steps.iter().for_each(|step| self.transform(&step.kind));
    }

    fn transform(&mut self, transform: &Transform) {
        match transform {
            Transform::Aggregate(items) => items.iter().for_each(|item| self.aggregate(item)),
            Transform::GroupBy { keys, then } => {
                keys.iter().for_each(|key| self.group_key(key));
                then.iter().for_each(|then| self.sequence(then));
            }
            Transform::Filter(filter) => self.expr(filter),
            Transform::OrderBy(items) => self.order(items),
            Transform::Ranked { limit, by, .. } => {
                self.expr(limit);
                self.expr(by);
            }
            Transform::Compute(items) => self.computes(items),
            Transform::Concat(sequences) => sequences.iter().for_each(|sequence| self.sequence(sequence)),
            Transform::Nest(nested) | Transform::AddNested { nested, .. } => self.nested(nested),
            Transform::Join { path, then, .. } => {
                if let Some(Step::Name(name)) = path.steps.first()
                    && (self.names.is(name, Role::Primitive) || self.names.is(name, Role::Structure))
                    && !self.names.is(name, Role::Collection)
                {
                    self.report(name.span, format!("`{}` is no collection to join with", name.text));
                }
                then.iter().for_each(|then| self.sequence(then));
            }
            Transform::Kin { start, .. } => self.sequence(start),
            Transform::Traverse { order, .. } => self.order(order),
            Transform::Identity
            | Transform::Search(_)
            | Transform::Skip(_)
            | Transform::Top(_)
            | Transform::Custom(_)
            | Transform::Error => {}
        }
    }

    fn nested(&mut self, nested: &[Nested]) {
        nested.iter().for_each(|nested| self.sequence(&nested.sequence));
    }

    fn group_key(&mut self, key: &GroupKey) {
        match key {
            GroupKey::Path(path) => self.group_path(path),
            GroupKey::Rollup { paths, .. } => paths.iter().for_each(|path| self.group_path(path)),
            GroupKey::Recursive { then, .. } => then.iter().for_each(|then| self.sequence(then)),
        }
    }

    /// A path to group by has one value a row.
    fn group_path(&mut self, path: &Path) {
        for step in &path.steps {
            if let Step::Name(name) = step
                && self.names.is_collection(name)
            {
                self.report(name.span, format!("`{}` is a collection, which nothing can be grouped by", name.text));
            }
        }
    }

    /// A plain path of an aggregate may go through collections; an expression may not.
    fn aggregate(&mut self, aggregate: &Aggregate) {
        let is_plain = |path: &Path| path.steps.iter().all(|step| matches!(step, Step::Name(_) | Step::Count(..)));
        match &aggregate.operand {
            Expr::Path(path) if is_plain(path) => {
                if let (Some(Step::Name(name)), None) = (path.steps.last(), &aggregate.method)
                    && !self.names.is(name, Role::Custom)
                {
                    self.report(name.span, format!("`{}` is no aggregate of its own", name.text));
                }
            }
            operand => self.expr(operand),
        }
        aggregate.from.iter().flat_map(|from| &from.keys).for_each(|key| self.group_path(key));
    }
}
