//! Everything that has a name at a place: fields, operators, values, functions, keywords; each list in the order in which it
//! is offered. What was typed plays no part here, and what stands in the parentheses of calls is the affair of `arguments`.

use crate::assist::complete::CompletionKind;
use crate::assist::complete::meaning::meaning;
use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::engine::ask::Query;
use crate::engine::context::Context;
use crate::engine::snapshot::Index;
use crate::lang::tql::ast::{BARE_MEASURES, CALLED_MEASURES, Op};
use crate::lang::tql::place::{Expect, Place};
use crate::model::catalog::DESTINATION;
use crate::model::field::Field;
use crate::model::fold::Collation;
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Named, RELATED, Schema};
use crate::model::value::Value;
use crate::query::bind::clause::has_operator;
use crate::query::bind::facet::{TESTS, Takes};
use crate::query::bind::function::functions_for;

/// Most distinct values of a field that are looked through.
const MOST_VALUES: usize = 100_000;

/// Operators with what they mean.
const OPERATORS: [(Op, &str); 10] = [
    (Op::Eq, "equal"),
    (Op::Ne, "not equal"),
    (Op::In, "one of a list, or in a range"),
    (Op::NotIn, "none of a list, or outside a range"),
    (Op::Lt, "less"),
    (Op::Le, "less or equal"),
    (Op::Gt, "greater"),
    (Op::Ge, "greater or equal"),
    (Op::Contains, "has the words"),
    (Op::NotContains, "has not the words"),
];

/// Something that could stand at the cursor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Offer {
    pub(super) label: String,
    pub(super) quoting: Quoting,
    pub(super) kind: CompletionKind,
    pub(super) detail: Option<String>,
    pub(super) count: Option<u64>,
}

/// How a label is written into a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// As it is: a word of the language.
    Never,
    /// As it is, but not in front of `(`, where it would be a function's name.
    Uncalled,
    /// In quotes if it needs them.
    Name,
    /// In quotes.
    Text,
    /// With parentheses behind it.
    Call { takes_arguments: bool },
}

/// What is offered at a place.
#[derive(Debug)]
pub(super) struct Offers {
    pub(super) list: Vec<Offer>,
    /// How values are compared with what was typed.
    pub(super) collation: Collation,
}

/// Where names are looked up, and among which rows values are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    pub(super) index: Index<'a>,
    pub(super) query: &'a Query,
    pub(super) ctx: &'a Context,
}

impl Offers {
    /// What has a name at the place. Fields and values of an index that the caller may not see, or that no relation leads
    /// to, are none.
    pub(super) fn at(place: &Place, index: &Index<'_>, query: &Query, ctx: &Context) -> Result<Self> {
        let mut offers = Self { list: Vec::new(), collation: Collation::IgnoreCase };
        let mut scene = Some(Scene { index: *index, query, ctx });
        // The scope is one of the outermost rows; what they lead to has permissions alone.
        let everything = Query::all();
        for relation in &place.relations {
            scene = scene.and_then(|scene| Some(Scene { query: &everything, ..scene.behind(relation)? }));
        }
        match (&place.expect, scene) {
            (Expect::Words(words), _) => offers.words(words),
            (Expect::Start, Some(scene)) => {
                offers.names(scene);
                offers.words(&["NOT"]);
                offers.aggregates();
                offers.words(&["ORDER BY"]);
                offers.clauses();
            }
            (Expect::Operand, Some(scene)) => {
                offers.operand(scene);
            }
            (Expect::Filter { named }, Some(scene)) => {
                offers.words(if *named { &["WHERE", ",", "ORDER BY"] } else { &["WHERE", ",", "AS", "ORDER BY"] });
                offers.operand(scene);
            }
            (Expect::Aggregate, _) => offers.aggregates(),
            (Expect::Argument { part, calls }, Some(scene)) => offers.argument(*part, calls, scene)?,
            (Expect::OrderField, Some(scene)) => offers.fields(scene.schema(), Field::gives_order),
            (Expect::Operator { field }, Some(scene)) => {
                if let Some(named) = scene.schema().lookup(field) {
                    offers.operators(scene.schema().kind_of(named));
                }
            }
            (Expect::Value { field, op, listed }, Some(scene)) => match scene.schema().lookup(field) {
                Some(named) if scene.schema().kind_of(named) == Kind::Relation => {
                    let has_braces = leads(*op) && !listed;
                    offers.words(if has_braces { &["{"] } else { &[] });
                }
                Some(Named::Field(field) | Named::Ancestors(field)) => {
                    offers.values(scene, field, *op)?;
                    offers.functions(scene, field, *op);
                }
                _ => {}
            },
            (Expect::Nothing, _) | (_, None) => {}
        }
        Ok(offers)
    }

    /// What an operand begins with.
    fn operand(&mut self, scene: Scene<'_>) {
        self.names(scene);
        self.words(&["NOT"]);
        self.clauses();
    }

    /// The tests that are clauses; for `Not` a filter has a keyword.
    fn clauses(&mut self) {
        self.tests(|takes| !matches!(takes, Takes::OneTest | Takes::Nothing));
    }

    /// All that a clause can ask about.
    pub(super) fn names(&mut self, scene: Scene<'_>) {
        self.fields(scene.schema(), |_| true);
        self.ancestors(scene.schema());
        self.all_text(scene.schema());
        self.related(scene);
    }

    fn aggregates(&mut self) {
        for name in BARE_MEASURES.into_iter().chain(["GROUP BY", "FACETED"]) {
            self.push(name, Quoting::Uncalled, CompletionKind::Keyword, meaning(name));
        }
        self.calls(CALLED_MEASURES);
    }

    fn push(&mut self, label: &str, quoting: Quoting, kind: CompletionKind, detail: Option<impl Into<String>>) {
        self.list.push(Offer { label: label.to_owned(), quoting, kind, detail: detail.map(Into::into), count: None });
    }

    /// Keywords and marks.
    fn words(&mut self, words: &[&str]) {
        for word in words {
            let is_keyword = word.starts_with(char::is_alphabetic);
            let kind = if is_keyword { CompletionKind::Keyword } else { CompletionKind::Mark };
            self.push(word, Quoting::Never, kind, meaning(word));
        }
    }

    /// Functions of the language, which all have arguments.
    pub(super) fn calls<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        let quoting = Quoting::Call { takes_arguments: true };
        names.into_iter().for_each(|name| self.push(name, quoting, CompletionKind::Function, meaning(name)));
    }

    /// The boolean functions that take something that fits.
    pub(super) fn tests(&mut self, fits: impl Fn(Takes) -> bool) {
        for (test, takes) in TESTS.into_iter().filter(|(_, takes)| fits(*takes)) {
            let quoting = Quoting::Call { takes_arguments: takes != Takes::Nothing };
            self.push(test, quoting, CompletionKind::Function, meaning(test));
        }
    }

    /// Names in declared order, then their aliases.
    pub(super) fn fields(&mut self, schema: &Schema, fits: impl Fn(&Field) -> bool) {
        let fields = || schema.fields().iter().filter(|field| fits(field));
        for field in fields() {
            self.push(field.name(), Quoting::Name, CompletionKind::Field, Some(field.kind.to_string()));
        }
        for (field, alias) in fields().flat_map(|field| field.aliases.iter().map(move |alias| (field, alias))) {
            let detail = format!("{}, the same as `{}`", field.kind, field.name());
            self.push(alias, Quoting::Name, CompletionKind::Field, Some(detail));
        }
    }

    /// The names of paths with all above them.
    pub(super) fn ancestors(&mut self, schema: &Schema) {
        let names = schema.fields().iter().filter_map(|field| Some((field.ancestors_name()?, field.name())));
        for (name, of) in names.filter(|(name, _)| matches!(schema.lookup(name), Some(Named::Ancestors(_)))) {
            let detail = format!("path, `{of}` and all above it");
            self.push(&name, Quoting::Name, CompletionKind::Field, Some(detail));
        }
    }

    /// The name of all texts together.
    pub(super) fn all_text(&mut self, schema: &Schema) {
        if schema.lookup("Text") == Some(Named::AllText) && !schema.searchable().is_empty() {
            self.push("Text", Quoting::Name, CompletionKind::Field, Some("text, every text and keyword field"));
        }
    }

    /// The names for where relationships lead, if the caller may go there.
    fn related(&mut self, scene: Scene<'_>) {
        for (name, direct) in RELATED {
            let is_related = matches!(scene.schema().lookup(name), Some(Named::Related { .. }));
            if is_related && scene.behind(name).is_some() {
                let which = if direct { "relationships of depth 1" } else { "relationships" };
                let detail = format!("relation, where {which} lead");
                self.push(name, Quoting::Name, CompletionKind::Field, Some(detail));
            }
        }
    }

    fn operators(&mut self, kind: Kind) {
        for (op, meaning) in OPERATORS {
            // A relation has these in front of a query in braces.
            let of_relation = kind == Kind::Relation && leads(op);
            if of_relation || has_operator(kind, op) {
                self.push(op.as_str(), Quoting::Never, CompletionKind::Operator, Some(meaning));
            }
        }
        self.words(&["IS EMPTY", "IS NOT EMPTY"]);
    }

    /// The values of a field that an operator can be asked with: declared ones, then those that rows have, more frequent ones
    /// first.
    pub(super) fn values(&mut self, scene: Scene<'_>, field: FieldId, op: Op) -> Result<()> {
        let declared = scene.schema().field(field);
        let is_search = matches!(op, Op::Contains | Op::NotContains);
        if !has_operator(declared.kind, op) {
            return Ok(());
        }
        self.collation = match declared.kind {
            // What is typed is a part of a path yet.
            Kind::Path => Collation::IgnoreCase,
            _ => declared.effective_collation(),
        };
        let is_counted = !matches!(declared.kind, Kind::Text | Kind::DateTime | Kind::Date | Kind::Relation);
        let counts =
            if is_counted { scene.index.value_counts(field, MOST_VALUES, scene.query, scene.ctx)? } else { Vec::new() };
        // Declared values stand first, then what rows have besides.
        let mut values: Vec<(bool, String, u64)> =
            declared.values.iter().map(|value| (true, value.name.to_string(), 0)).collect();
        if declared.kind == Kind::Boolean {
            self.collation = Collation::IgnoreCase;
            values.extend(["Yes", "No"].map(|name| (true, name.to_owned(), 0)));
        }
        let by_name: HashMap<String, usize> =
            values.iter().enumerate().map(|(at, (_, name, _))| (name.clone(), at)).collect();
        for found in counts {
            let text = match found.value {
                Value::Boolean(yes) => if yes { "Yes" } else { "No" }.to_owned(),
                _ => found.text,
            };
            match by_name.get(&text).and_then(|at| values.get_mut(*at)) {
                Some((_, _, count)) => *count = found.count,
                None => values.push((false, text, found.count)),
            }
        }
        // Stable: equally frequent ones stay in the field's order.
        values.sort_by_key(|(is_declared, _, count)| (!is_declared, std::cmp::Reverse(*count)));
        // In a search text other characters are operators.
        let is_plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == ' ');
        for (_, label, count) in values.into_iter().filter(|(_, text, _)| !is_search || is_plain(text)) {
            let kind = CompletionKind::Value;
            self.list.push(Offer { label, quoting: Quoting::Name, kind, detail: None, count: Some(count) });
        }
        Ok(())
    }

    /// The functions whose values an operator can compare a field with.
    pub(super) fn functions(&mut self, scene: Scene<'_>, field: FieldId, op: Op) {
        let kind = scene.schema().field(field).kind;
        if !has_operator(kind, op) || matches!(op, Op::Contains | Op::NotContains) {
            return;
        }
        for function in functions_for(kind, scene.ctx) {
            let quoting = Quoting::Call { takes_arguments: function.takes_arguments };
            self.push(&function.name, quoting, CompletionKind::Function, Some(function.gives));
        }
    }
}

/// Whether a relation has an operator, with braces behind it.
fn leads(op: Op) -> bool {
    matches!(op, Op::Eq | Op::Ne | Op::In | Op::NotIn)
}

impl<'a> Scene<'a> {
    pub(super) fn schema(&self) -> &'a Schema {
        self.index.schema()
    }

    /// The index that a relation leads to, as the caller may see it.
    pub(super) fn behind(self, relation: &str) -> Option<Self> {
        let step = |index: Index<'a>, field| {
            let relation = index.schema().field(field).relation.as_ref()?;
            index.snapshot().index(&relation.index, self.ctx).ok()
        };
        let index = match self.schema().lookup(relation)? {
            Named::Field(field) => step(self.index, field)?,
            Named::Related { relationships, .. } => {
                let between = step(self.index, relationships)?;
                step(between, between.schema().field_named(DESTINATION)?)?
            }
            Named::Ancestors(_) | Named::AllText => return None,
        };
        Some(Self { index, ..self })
    }
}
