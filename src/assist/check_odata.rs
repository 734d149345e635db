//! Checking an OData text without rows: what is wrong, whether all of it is answered, and how it was read.

use crate::assist::check::Check;
use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::engine::context::Context;
use crate::lang::odata::mode::Mode;
use crate::lang::odata::names::ODataNames;
use crate::lang::odata::start::{Reading, Start};

/// The part of OData that a text is checked as.
///
/// ```
/// use tallygrid::ODataRule;
/// assert!(ODataRule::named("filter").is_some());
/// assert!(ODataRule::named("dateTimeOffsetLiteral").is_some());
/// assert!(ODataRule::named("fliter").is_none());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ODataRule(Start);

impl ODataRule {
    /// The part of that name: `options`, a whole request; `filter`, `orderby`, `select`, `expand`, `compute`, `search`,
    /// `apply`, one option with its name or without; `literal`; or a rule of the standard's grammar, such as `commonExpr`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Start::named(name).map(Self)
    }
}

impl Default for ODataRule {
    /// A whole request.
    fn default() -> Self {
        Self(Start::Request)
    }
}

/// How closely a text must keep to the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ODataMode {
    /// What published queries need is taken, with a warning.
    #[default]
    Lenient,
    /// The standard to the letter, blanks included.
    Strict,
}

/// Checks an OData text, percent-encoded as it stands in a URL: its grammar, and what `names` contradict of it.
///
/// Text that is read and that nothing answers, such as functions of a model, is [`ok`](Check::ok) and not
/// [`supported`](Check::supported).
///
/// ```
/// use tallygrid::{Access, Context, ODataMode, ODataNames, ODataRule, check_odata};
/// let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// let filter = ODataRule::named("filter").unwrap();
/// let check = check_odata("not Ok or A eq 1 and B", filter, ODataMode::Strict, &ODataNames::default(), &ctx);
/// assert!(check.ok && check.supported);
/// assert_eq!(check.parenthesised.as_deref(), Some("((not Ok) or ((A eq 1) and B))"));
/// ```
#[must_use]
pub fn check_odata(text: &str, rule: ODataRule, mode: ODataMode, names: &ODataNames, ctx: &Context) -> Check {
    let mode = match mode {
        ODataMode::Lenient => Mode::Lenient,
        ODataMode::Strict => Mode::Strict,
    };
    let Reading { mut diagnostics, printed, parenthesised, old, request, expr } =
        rule.0.read(text, mode, ctx.limits_ref());
    if !has_mistake(&diagnostics) && *names != ODataNames::default() {
        diagnostics.extend(request.iter().flat_map(|request| names.of_request(request)));
        diagnostics.extend(expr.iter().flat_map(|expr| names.of_expr(expr)));
    }
    // What a text with a mistake is of is of no use.
    if let Some((span, what)) = old.filter(|_| !has_mistake(&diagnostics)) {
        let message = format!("`{what}` is of OData v2/v3");
        diagnostics.push(Diagnostic::new(Code::OldDialect, Severity::Note, Place::Text(span), message));
    }
    diagnostics.sort_by_key(Diagnostic::span);
    let ok = !has_mistake(&diagnostics);
    Check {
        ok,
        supported: !diagnostics.iter().any(|d| d.code() == Code::NotSupported),
        printed: ok.then_some(printed),
        parenthesised: ok.then_some(parenthesised),
        diagnostics,
    }
}

/// Whether something is wrong with the text, rather than not answered.
fn has_mistake(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity() == Severity::Error && d.code() != Code::NotSupported)
}
