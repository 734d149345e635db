//! A whole request: its options bound in the order in which they act, whatever their order in the text: `$apply`, `$compute`,
//! `$search`, `$filter`, `$count`, `$orderby`, `$skip`, `$top`, then `$expand` and `$select`.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::lang::inner::words;
use crate::lang::odata::ast::apply::Count;
use crate::lang::odata::ast::option::{ExpandItem, OptionValue, QueryOption};
use crate::lang::odata::ast::search::Search as Searched;
use crate::lang::odata::ast::{Expr as Tree, Step as Step_};
use crate::lang::tql::ast::Word;
use crate::model::catalog::{IndexId, Link};
use crate::model::fold::fold_case;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::context::Env;
use crate::query::odata::{Aliases, Binder, Reading};
use crate::query::pipeline::{OfThese, OrderKey, Pipeline, Step};
use crate::query::predicate::expr::Expr;
use crate::query::predicate::{Leaf, Predicate};
use crate::query::search::Search;

/// What a request asks of the rows of an index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bound {
    /// `$apply`, `$search` and `$filter`, and the columns that they and `$compute` make.
    pub(crate) rows: Pipeline,
    pub(crate) order: Vec<OrderKey>,
    pub(crate) skip: u64,
    /// None if the request does not say.
    pub(crate) top: Option<u64>,
    /// Where a page begins that follows another.
    pub(crate) skip_token: Option<Arc<str>>,
    /// Whether the number of rows is wanted.
    pub(crate) count: bool,
    /// The properties that are shown; all if nothing is said.
    pub(crate) select: Option<Vec<Shown>>,
    pub(crate) expand: Vec<Expand>,
    /// Aggregates of the whole collection that expressions ask for; they are null until the request is bound with their values.
    pub(crate) these: Vec<OfThese>,
}

/// A property that `$select` names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shown {
    /// `*`.
    All,
    Field(FieldId),
    /// A column of the pipeline.
    Column(usize),
    /// A relation, whose rows `$expand` shows.
    Expanded,
}

/// Rows that a relation leads to, shown within each row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expand {
    pub(crate) name: Arc<str>,
    pub(crate) field: FieldId,
    pub(crate) link: Link,
    pub(crate) many: bool,
    pub(crate) request: Bound,
}

/// The parameter aliases among options.
pub(crate) fn aliases(options: &[QueryOption]) -> Aliases<'_> {
    let aliases = options.iter().filter_map(|option| match &option.value {
        OptionValue::Alias(tree) => Some((option.name.text.trim_start_matches('@'), tree)),
        _ => None,
    });
    aliases.collect()
}

/// Binds the options of a request for the rows of an index, with the values of what `$these` is asked for, as far as they are
/// known. Mistakes of all options are told together.
pub(crate) fn bind<'a>(
    options: &'a [QueryOption],
    (env, index): (&'a Env<'a>, IndexId),
    reading: Reading,
    aliases: &'a Aliases<'a>,
    these: Option<&'a [Value]>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Bound {
    let mut binder = Binder::new((env, index), reading, aliases, diagnostics);
    binder.these.known = these;
    let mut steps = Vec::new();
    for option in options {
        if let OptionValue::Apply(sequence) = &option.value {
            steps.extend(binder.apply(sequence));
        }
    }
    binder.these.n_steps = Some(steps.len());
    for option in options {
        if let OptionValue::Compute(list) = &option.value {
            list.iter().for_each(|computed| binder.compute(computed, &mut steps));
        }
    }
    for option in options {
        match &option.value {
            OptionValue::Search(search) => {
                let predicate = binder.searched(search, option.span);
                steps.extend(predicate.map(Step::Where));
            }
            OptionValue::Filter(tree) => {
                if let Some(condition) = binder.truth_of(tree) {
                    binder.keep(&condition, &mut steps);
                }
            }
            _ => {}
        }
    }
    binder.these.n_steps = Some(steps.len());
    let rows = binder.pipeline(steps);
    let (mut order, mut skip, mut top, mut skip_token, mut count) = (Vec::new(), 0, None, None, false);
    let (mut select, mut expand) = (None, Vec::new());
    for option in options {
        match &option.value {
            OptionValue::OrderBy(items) => order = binder.order(items),
            OptionValue::Skip(written) => skip = binder.count(written).unwrap_or(0),
            OptionValue::Top(written) => {
                let wanted = binder.count(written);
                if top.is_some_and(|other| Some(other) != wanted) {
                    let message = "`$top` and `$take` say different things";
                    binder.report(Diagnostic::error(Code::WrongParameter, option.span, message));
                }
                top = wanted;
            }
            OptionValue::Text(Some(text)) if is_named(option, "skiptoken") => skip_token = Some((&**text).into()),
            OptionValue::Count(wanted) => count = *wanted,
            OptionValue::Expand(items) => {
                expand = items.iter().filter_map(|item| binder.expand(item, rows.index)).collect();
            }
            _ => {}
        }
    }
    // What is shown of rows within rows is said behind them.
    for option in options {
        if let OptionValue::Select(items) = &option.value {
            select = Some(binder.select(items, &rows, &mut expand));
        }
    }
    let these = std::mem::take(&mut binder.these.asked);
    Bound { rows, order, skip, top, skip_token, count, select, expand, these }
}

impl<'a> Binder<'a, '_> {
    /// A truth value of each row.
    fn truth_of(&mut self, tree: &'a Tree) -> Option<Expr> {
        self.condition(tree).map(|id| self.builder.expr(id))
    }

    /// The number that `$top` or `$skip` says.
    pub(crate) fn count(&mut self, count: &Count) -> Option<u64> {
        let number = count.digits.parse().ok();
        if number.is_none() {
            let message = format!("`{}` is more than 64 bits hold", count.digits.chars().take(40).collect::<String>());
            self.report(Diagnostic::error(Code::WrongParameter, count.span, message));
        }
        number
    }

    /// `$search`: words and phrases in the texts of the index, as `Text ~` of TQL finds them.
    pub(crate) fn search(&mut self, search: &Searched) -> Predicate {
        match search {
            Searched::Term { text, span, .. } | Searched::Foreign { text, span } => {
                let phrase: Box<str> = format!("\"{}\"", text.replace(['"', '\\'], " ")).into();
                let word = Word { span: *span, text: phrase, quoted: true, shifts: Vec::new() };
                let (words, mistakes) = words::parse(&word, fold_case, self.env.limits);
                mistakes.into_iter().for_each(|mistake| self.report(mistake.at(*span)));
                let fields = self.schema().searchable().clone();
                Predicate::leaf(Leaf::MatchesAny { fields, search: Search::new(words).into() })
            }
            Searched::Not(inner, _) => self.search(inner).not(),
            Searched::And(parts) => Predicate::all(parts.iter().map(|part| self.search(part)).collect::<Vec<_>>()),
            Searched::Or(parts) => Predicate::any(parts.iter().map(|part| self.search(part)).collect::<Vec<_>>()),
            Searched::Group(inner, _) => self.search(inner),
            Searched::Error(_) => Predicate::constant(false),
        }
    }

    /// One relation of `$expand`, with the options within it.
    fn expand(&mut self, item: &'a ExpandItem, index: Option<IndexId>) -> Option<Expand> {
        let Some(index) = index else {
            self.unsupported(item.span, "`$expand` of computed rows");
            return None;
        };
        let (field, _) = match &item.path.steps[..] {
            steps @ [Step_::Name(_)] => self.property(steps, index)?,
            _ => {
                self.unsupported(
                    item.span,
                    "this in `$expand`: one relation is named, further ones within its options",
                );
                return None;
            }
        };
        let schema = self.env.catalog.schema(index);
        let declared = schema.field(field);
        let Some(link) = self.env.catalog.link(schema, field) else {
            let message = format!("`{}` is no relation, so there is nothing to expand", declared.name);
            self.report(Diagnostic::error(Code::WrongOperator, item.span, message));
            return None;
        };
        self.seen(link.index, &declared.name, item.span)?;
        let request = bind(&item.options, (self.env, link.index), self.reading, self.aliases, None, self.diagnostics);
        if !request.these.is_empty() {
            self.unsupported(item.span, "`$these` within `$expand`");
        }
        Some(Expand { name: declared.name.clone(), field, link, many: declared.multi, request })
    }
}

fn is_named(option: &QueryOption, name: &str) -> bool {
    option.name.text.trim_start_matches('$').eq_ignore_ascii_case(name)
}
