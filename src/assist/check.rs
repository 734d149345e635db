//! Checking a query text without rows: what is wrong, whether it can be answered, and how it was read.

use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::error::Result;
use crate::base::limits::Limits;
use crate::engine::context::Context;
use crate::engine::permitted::env_of;
use crate::lang::tql::parse::{Parsed, parse, parse_filter, parse_order};
use crate::lang::tql::print::{parenthesised, print};
use crate::model::catalog::{Catalog, no_index};
use crate::model::schema::Schema;
use crate::query::bind::bind;

/// Which part of the language a text is checked as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Rule {
    /// A whole query.
    #[default]
    Query,
    /// A filter alone.
    Filter,
    /// The items of ORDER BY.
    OrderBy,
}

impl Rule {
    /// Reads a text as that part of the language.
    pub(super) fn parse(self, text: &str, limits: &Limits) -> Parsed {
        match self {
            Self::Query => parse(text, limits),
            Self::Filter => parse_filter(text, limits),
            Self::OrderBy => parse_order(text, limits),
        }
    }
}

/// What checking found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Check {
    /// Whether the text has no mistake.
    pub ok: bool,
    /// Whether all of it is answered: OData has more than this library answers, TQL has not.
    pub supported: bool,
    /// Mistakes and warnings, by their places.
    pub diagnostics: Vec<Diagnostic>,
    /// The text in canonical form, if it has no mistake.
    pub printed: Option<String>,
    /// The text with parentheses around every operator, if it has no mistake.
    pub parenthesised: Option<String>,
}

/// Checks a TQL text: its grammar, and with a catalog its names and values against the index of that name.
///
/// # Errors
/// `NotFound` if the catalog has no such index or the context's access does not name it. Mistakes in the text are no errors.
///
/// ```
/// use tallygrid::{Access, Context, Rule, check_tql};
/// let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// let check = check_tql("a = 1 OR b = 2 AND c = 3", Rule::Filter, None, &ctx)?;
/// assert!(check.ok);
/// assert_eq!(check.parenthesised.as_deref(), Some("((a = 1 OR b = 2) AND c = 3)"));
/// assert_eq!(check.diagnostics[0].code().as_str(), "mixed-operators");
/// # Ok::<(), tallygrid::Error>(())
/// ```
pub fn check_tql(text: &str, rule: Rule, against: Option<(&Catalog, &str)>, ctx: &Context) -> Result<Check> {
    let limits = ctx.limits_ref();
    let parsed = rule.parse(text, limits);
    let mut diagnostics = parsed.diagnostics;
    if let Some((catalog, index)) = against {
        let sees = |name: &str| ctx.access().sees(name);
        let Some(id) = catalog.find(index).filter(|id| sees(catalog.schema(*id).name())) else {
            return Err(no_index(index, catalog.schemas().map(Schema::name).filter(|name| sees(name))));
        };
        let schema = catalog.schema(id);
        let env = env_of(schema, catalog, ctx);
        bind(&parsed.query, &env, &mut diagnostics);
        diagnostics.sort_by_key(Diagnostic::span);
    }
    let ok = !diagnostics.iter().any(|d| d.severity() == Severity::Error);
    Ok(Check {
        ok,
        supported: true,
        diagnostics,
        printed: ok.then(|| print(&parsed.query)),
        parenthesised: ok.then(|| parenthesised(&parsed.query)),
    })
}
