//! Laying a query text out over several lines, as its author spelt it. What is wrong with a text is told and not mended here.

use crate::assist::check::Rule;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::limits::Limits;
use crate::lang::tql::print::formatted;

/// A text laid out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Formatted {
    /// The text over several lines; the given text if it has a mistake, or if it would become longer than a query may be.
    pub text: String,
    /// Mistakes and warnings, by their places in the given text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Lays a TQL text out to be read. The text means the same afterwards, and laying it out again changes nothing.
///
/// What fits into 100 columns stays on one line. Else each aggregate, WHERE, each member of a chain and ORDER BY begin a line,
/// AND and OR in front; what stands in brackets is indented. Words of the language become capitals. Parentheses, names, values,
/// quotes and operators stay as they were written.
///
/// Linear in the text.
///
/// ```
/// use tallygrid::{Limits, Rule, format_tql};
/// let text = "Status in [Failed,Blocked] and (Name~'payment gateway' or Tags=payments) \
///     and CreatedAt>='-2 weeks' order by CreatedAt desc";
/// let formatted = format_tql(text, Rule::Query, &Limits::default());
/// assert_eq!(
///     formatted.text,
///     "Status IN [Failed, Blocked]\n\
///      AND (Name ~ 'payment gateway' OR Tags = payments)\n\
///      AND CreatedAt >= '-2 weeks'\n\
///      ORDER BY CreatedAt DESC"
/// );
/// ```
#[must_use]
pub fn format_tql(text: &str, rule: Rule, limits: &Limits) -> Formatted {
    let parsed = rule.parse(text, limits);
    let is_mistaken = parsed.diagnostics.iter().any(|d| d.severity() == Severity::Error);
    let laid_out = (!is_mistaken).then(|| formatted(&parsed.query, text));
    let text = laid_out.filter(|text| text.len() <= limits.query_bytes).unwrap_or_else(|| text.to_owned());
    Formatted { text, diagnostics: parsed.diagnostics }
}
