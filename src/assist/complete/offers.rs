//! Everything that has a name at a place: fields, operators, values, functions, keywords; each list in the order in which it
//! is offered. What was typed plays no part here.

use crate::assist::complete::CompletionKind;
use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::engine::context::Context;
use crate::engine::snapshot::Index;
use crate::lang::tql::ast::Op;
use crate::lang::tql::place::{Expect, Place};
use crate::model::catalog::DESTINATION;
use crate::model::field::Field;
use crate::model::fold::Collation;
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Named, RELATED, Schema};
use crate::model::value::Value;
use crate::query::bind::clause::has_operator;
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
    /// In quotes if it needs them.
    Name,
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

impl Offers {
    /// What has a name at the place. Fields and values of an index that the caller may not see, or that no relation leads
    /// to, are none.
    pub(super) fn at(place: &Place, index: &Index<'_>, ctx: &Context) -> Result<Self> {
        let mut offers = Self { list: Vec::new(), collation: Collation::IgnoreCase };
        let mut index = Some(*index);
        for relation in &place.relations {
            index = index.and_then(|index| related(&index, relation, ctx));
        }
        match (&place.expect, index) {
            (Expect::Keywords(words), _) => offers.keywords(words),
            (Expect::Operand { starts_text }, index) => {
                if let Some(index) = index {
                    offers.fields(index.schema(), |_| true, true);
                    offers.related(&index, ctx);
                }
                offers.keywords(if *starts_text { &["NOT", "ORDER BY"] } else { &["NOT"] });
            }
            (Expect::OrderField, Some(index)) => offers.fields(index.schema(), Field::gives_order, false),
            (Expect::Field, Some(index)) => offers.fields(index.schema(), Field::is_groupable, false),
            (Expect::Operator { field }, Some(index)) => {
                if let Some(named) = index.schema().lookup(field) {
                    offers.operators(index.schema().kind_of(named));
                }
            }
            (Expect::Value { field, op }, Some(index)) => {
                if let Some(Named::Field(field) | Named::Ancestors(field)) = index.schema().lookup(field) {
                    offers.values(&index, field, *op, ctx)?;
                }
            }
            (Expect::OrderField | Expect::Field | Expect::Operator { .. } | Expect::Value { .. }, None)
            | (Expect::Nothing, _) => {}
        }
        Ok(offers)
    }

    fn push(&mut self, label: &str, quoting: Quoting, kind: CompletionKind, detail: Option<String>) {
        self.list.push(Offer { label: label.to_owned(), quoting, kind, detail, count: None });
    }

    fn keywords(&mut self, words: &[&str]) {
        words.iter().for_each(|word| self.push(word, Quoting::Never, CompletionKind::Keyword, None));
    }

    /// Names in declared order, then what the schema names besides: aliases, and names that stand for several values.
    fn fields(&mut self, schema: &Schema, fits: impl Fn(&Field) -> bool, with_virtual: bool) {
        let fields = || schema.fields().iter().filter(|field| fits(field));
        let mut field = |name: &str, detail: String| {
            self.push(name, Quoting::Name, CompletionKind::Field, Some(detail));
        };
        fields().for_each(|declared| field(declared.name(), declared.kind.to_string()));
        for declared in fields() {
            for alias in &declared.aliases {
                field(alias, format!("{}, the same as `{}`", declared.kind, declared.name()));
            }
        }
        if with_virtual {
            let ancestors = fields().filter_map(|field| Some((field.ancestors_name()?, field.name())));
            for (name, of) in ancestors.filter(|(name, _)| matches!(schema.lookup(name), Some(Named::Ancestors(_)))) {
                field(&name, format!("path, `{of}` and all above it"));
            }
            if schema.lookup("Text") == Some(Named::AllText) && !schema.searchable().is_empty() {
                field("Text", "text, every text and keyword field".to_owned());
            }
        }
    }

    /// The names for where relationships lead, if the caller may go there.
    fn related(&mut self, index: &Index<'_>, ctx: &Context) {
        for (name, direct) in RELATED {
            let is_related = matches!(index.schema().lookup(name), Some(Named::Related { .. }));
            if is_related && related(index, name, ctx).is_some() {
                let which = if direct { "relationships of depth 1" } else { "relationships" };
                let detail = format!("relation, where {which} lead");
                self.push(name, Quoting::Name, CompletionKind::Field, Some(detail));
            }
        }
    }

    fn operators(&mut self, kind: Kind) {
        for (op, meaning) in OPERATORS {
            // A relation has these in front of a query in braces.
            let of_relation = kind == Kind::Relation && matches!(op, Op::Eq | Op::Ne | Op::In | Op::NotIn);
            if of_relation || has_operator(kind, op) {
                self.push(op.as_str(), Quoting::Never, CompletionKind::Operator, Some(meaning.to_owned()));
            }
        }
        self.keywords(&["IS EMPTY", "IS NOT EMPTY"]);
    }

    fn values(&mut self, index: &Index<'_>, field: FieldId, op: Op, ctx: &Context) -> Result<()> {
        let declared = index.schema().field(field);
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
        let counts = if is_counted { index.value_counts(field, MOST_VALUES, ctx)? } else { Vec::new() };
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
        if !is_search {
            for function in functions_for(declared.kind, ctx) {
                let quoting = Quoting::Call { takes_arguments: function.takes_arguments };
                self.push(&function.name, quoting, CompletionKind::Function, Some(function.gives.to_owned()));
            }
        }
        Ok(())
    }
}

/// The index that a relation leads to, as the caller may see it.
fn related<'a>(index: &Index<'a>, relation: &str, ctx: &Context) -> Option<Index<'a>> {
    let step = |index: &Index<'a>, field| {
        let relation = index.schema().field(field).relation.as_ref()?;
        index.snapshot().index(&relation.index, ctx).ok()
    };
    match index.schema().lookup(relation)? {
        Named::Field(field) => step(index, field),
        Named::Related { relationships, .. } => {
            let between = step(index, relationships)?;
            step(&between, between.schema().field_named(DESTINATION)?)
        }
        Named::Ancestors(_) | Named::AllText => None,
    }
}
