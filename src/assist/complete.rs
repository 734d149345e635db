//! Completion at a cursor: how a query text can go on where somebody types. What may stand there is the language's affair
//! (`lang::tql::cursor`), what has a name there is found in `offers`; here the two are matched, ordered and cut.

mod offers;

use crate::assist::complete::offers::{Offer, Offers, Quoting};
use crate::base::error::Result;
use crate::base::span::Span;
use crate::engine::context::Context;
use crate::engine::snapshot::Index;
use crate::lang::tql::cursor::{Cursor, Next};
use crate::lang::tql::lex::is_bare;
use crate::lang::tql::place::Expect;
use crate::lang::tql::print::quoted;
use crate::model::fold::fold_case;
use crate::query::print::field_name;

/// Most completions of one answer.
const MOST: usize = 50;

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completion {
    /// What is shown.
    pub label: String,
    /// The text to insert: the label, in quotes where it needs them.
    pub insert: String,
    /// The bytes of the text that it replaces: the word under the cursor, quotes included.
    pub span: Span,
    /// What it is.
    pub kind: CompletionKind,
    /// A field's kind, what an operator means, what a function gives.
    pub detail: Option<String>,
    /// Of a value: in how many of the rows that the caller may see it is.
    pub count: Option<u64>,
}

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CompletionKind {
    /// A field of the index, by its name or an alias.
    Field,
    /// An operator that fits the field before it.
    Operator,
    /// A declared value of the field before it, or one that a row has.
    Value,
    /// A function.
    Function,
    /// A word of the language.
    Keyword,
}

impl CompletionKind {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Operator => "operator",
            Self::Value => "value",
            Self::Function => "function",
            Self::Keyword => "keyword",
        }
    }
}

impl Index<'_> {
    /// How a TQL text can go on at a byte offset: fields, operators that fit the field before, values by how many of the
    /// rows that the caller may see have them (declared ones first, also without rows), functions, keywords. What begins
    /// with the word under the cursor comes first, then what contains it, both under the field's collation; at most 50.
    ///
    /// The text may be unfinished or wrong anywhere. An offset beyond its end or inside a character is taken as the boundary
    /// before. A text longer than [`Limits::query_bytes`](crate::Limits::query_bytes) gets nothing, since it cannot be run.
    ///
    /// Linear in the text; for values, one count of the field over the visible rows. Where they have more than 100,000
    /// different values, only declared ones are offered.
    ///
    /// # Errors
    /// None for a text. `Deadline`, `Cancelled`; `Query` if the host's own permissions do not fit the index.
    ///
    /// ```
    /// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Rows, Schema};
    /// # let schema = Schema::builder("Run").field(Field::new("Status", Kind::Keyword)).build()?;
    /// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// let mut tx = engine.transaction(&ctx)?;
    /// tx.append("Run", &Rows::new(["Status"]).row(["Not Run".into()]).row(["Passed".into()]).row(["Passed".into()]))?;
    /// tx.commit()?;
    /// let snapshot = engine.snapshot();
    /// let text = "Status IN [Passed, n";
    /// let found = snapshot.index("Run", &ctx)?.complete_tql(text, text.len(), &ctx)?;
    /// assert_eq!((&*found[0].label, &*found[0].insert, found[0].count), ("Not Run", "\"Not Run\"", Some(1)));
    /// assert_eq!((found[0].span.start, found[0].span.end), (19, 20));
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    pub fn complete_tql(&self, text: &str, offset: usize, ctx: &Context) -> Result<Vec<Completion>> {
        if text.len() > ctx.limits_ref().query_bytes || !ctx.access().sees(self.schema().name()) {
            return Ok(Vec::new());
        }
        let cursor = Cursor::at(text, offset);
        let offers = Offers::at(&cursor.place, self, ctx)?;
        let (typed_name, typed_value) = (fold_case(&cursor.typed), offers.collation.fold(&cursor.typed));
        let is_on_word = cursor.replaced.start < cursor.replaced.end;
        let call_follows = cursor.next == Next::Opening;
        let is_operand = matches!(cursor.place.expect, Expect::Operand { .. });
        let takes_keyword = !cursor.in_quotes && (!is_operand || cursor.next != Next::Operator);
        let mut found: Vec<_> = Vec::new();
        for offer in offers.list {
            // In quotes stand names; before `(` what opens a group or is called; before an operator a field.
            let is_kept = match offer.kind {
                CompletionKind::Field => !call_follows || cursor.in_quotes,
                CompletionKind::Value => !call_follows,
                CompletionKind::Function => !cursor.in_quotes && (!call_follows || is_on_word),
                CompletionKind::Operator => !cursor.in_quotes,
                CompletionKind::Keyword => takes_keyword,
            };
            let rank = match offer.kind {
                CompletionKind::Value => rank(&offers.collation.fold(&offer.label), &typed_value),
                _ => rank(&fold_case(&offer.label), &typed_name),
            };
            found.extend(rank.filter(|_| is_kept).map(|rank| (rank, offer)));
        }
        // Stable: what is equally near stays in the order of its list.
        found.sort_by_key(|(rank, _)| *rank);
        let completion = |(_, offer): (Match, Offer)| {
            let mut insert = match offer.quoting {
                Quoting::Never => offer.label.clone(),
                Quoting::Name if cursor.in_quotes => quoted(&offer.label),
                Quoting::Name => field_name(&offer.label),
                Quoting::Call { .. } if call_follows => offer.label.clone(),
                Quoting::Call { takes_arguments: true } => format!("{}(", offer.label),
                Quoting::Call { takes_arguments: false } => format!("{}()", offer.label),
            };
            let span = if offer.quoting == Quoting::Never { cursor.replaced_by(&offer.label) } else { cursor.replaced };
            if cursor.touches_word && span == cursor.replaced && insert.ends_with(is_bare) {
                insert.push(' ');
            }
            let Offer { label, kind, detail, count, .. } = offer;
            Completion { label, insert, span, kind, detail, count }
        };
        Ok(found.into_iter().take(MOST).map(completion).collect())
    }
}

/// How a label has what was typed; nearer ones first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    Prefix,
    Within,
}

fn rank(label: &str, typed: &str) -> Option<Match> {
    match () {
        () if label.starts_with(typed) => Some(Match::Prefix),
        () if label.contains(typed) => Some(Match::Within),
        () => None,
    }
}
