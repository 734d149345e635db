//! OData asked of an index: [`ask`] (what is asked) → this → [`these`] (what has to be
//! known beforehand) → [`list`] (rows) and [`expand`] (rows within rows) →
//! [`record`] (what comes back).

pub(crate) mod ask;
#[cfg(test)]
mod both;
mod expand;
mod explain;
mod list;
pub(crate) mod record;
mod these;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::error::{Error, ErrorKind, Result, both};
use crate::engine::answer::Answer;
use crate::engine::context::Context;
use crate::engine::odata::ask::ODataQuery;
use crate::engine::odata::record::RecordPage;
use crate::engine::snapshot::Index;
use crate::lang::odata::mode::Mode;
use crate::lang::odata::parse::read_request;
use crate::model::value::Value;
use crate::query::odata::request::{Bound, aliases, bind};

impl Index<'_> {
    /// What an OData query string asks for: rows with their properties, or what `$apply` makes of them.
    ///
    /// ```
    /// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, ODataQuery, Rows, Schema};
    /// # let schema = Schema::builder("Run").fields([Field::new("Name", Kind::Keyword), Field::new("Took", Kind::Integer)]).build()?;
    /// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// # let mut tx = engine.transaction(&ctx)?;
    /// tx.append("Run", &Rows::new(["Name", "Took"]).row(["Login".into(), 7.into()]).row(["Search".into(), 3.into()]))?;
    /// # tx.commit()?;
    /// # let snapshot = engine.snapshot();
    /// # let runs = snapshot.index("Run", &ctx)?;
    /// let query = ODataQuery::new("$filter=Took mul 2 gt 10 and startswith(Name,'Log')&$select=Name&$inlinecount=allpages");
    /// let page = runs.odata(&query, &ctx)?.body;
    /// assert_eq!((page.total, page.records[0].iter().count()), (Some(1), 1));
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Query` with every mistake in the text, `Unsupported` if there is none but what this engine does not do; `Limit`,
    /// `Deadline`, `Cancelled`.
    pub fn odata(&self, query: &ODataQuery, ctx: &Context) -> Result<Answer<RecordPage>> {
        let (rel, first) = both(self.around(query.around(), ctx), self.bound(query, None, ctx))?;
        let (bound, warnings) = self.bound_with_these(first, &rel, query, ctx)?;
        self.list(rel, &bound, query, ctx, warnings)
    }

    /// What a text asks, and the warnings about it; `these` are the values of what `$these` is asked for, once they are known.
    fn bound(&self, query: &ODataQuery, these: Option<&[Value]>, ctx: &Context) -> Result<(Bound, Vec<Diagnostic>)> {
        let mode = if query.is_strict() { Mode::Strict } else { Mode::Lenient };
        let parsed = read_request(query.text(), mode, ctx.limits_ref());
        let env = self.env(ctx);
        let mut diagnostics = parsed.diagnostics;
        let options = &parsed.tree.options;
        let aliases = aliases(options);
        let bound = bind(options, (&env, self.id()), query.reading(), &aliases, these, &mut diagnostics);
        told(&diagnostics)?;
        Ok((bound, diagnostics))
    }
}

/// The mistakes of a text, if there are any.
fn told(diagnostics: &[Diagnostic]) -> Result<()> {
    let mut codes = diagnostics.iter().filter(|d| d.severity() == Severity::Error).map(Diagnostic::code).peekable();
    if codes.peek().is_none() {
        return Ok(());
    }
    let codes: Vec<Code> = codes.collect();
    let kind = match () {
        () if codes.contains(&Code::LimitReached) => ErrorKind::Limit,
        () if codes.iter().all(|code| *code == Code::NotSupported) => ErrorKind::Unsupported,
        () => ErrorKind::Query,
    };
    Err(Error::new(kind, diagnostics.to_vec()))
}
