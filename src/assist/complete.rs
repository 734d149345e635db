//! Completion at a cursor: how a query text can go on where somebody types. What may stand there is the language's affair
//! (`lang::tql::cursor`), what has a name there is found in `offers`; here the two are matched, ordered and cut.

mod arguments;
mod meaning;
mod odata;
mod offers;

use crate::assist::complete::offers::{Offer, Offers, Quoting};
use crate::base::error::Result;
use crate::base::span::Span;
use crate::engine::ask::Query;
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
    /// A bracket or a comma.
    Mark,
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
            Self::Mark => "mark",
        }
    }
}

impl Index<'_> {
    /// How the query's text can go on at a byte offset: fields, operators and functions that fit what stands before, values by
    /// how many of the rows that the caller may see in the query's scope have them (declared ones first, also without rows),
    /// keywords, brackets. What is the word under the cursor comes first, then what begins with it, then what contains it, all
    /// under the field's collation; at most 50.
    ///
    /// The text may be unfinished or wrong anywhere. An offset beyond its end or inside a character is taken as the boundary
    /// before. A text longer than [`Limits::query_bytes`](crate::Limits::query_bytes) gets nothing, since it cannot be run. What
    /// a relation leads to is outside the scope and has permissions alone.
    ///
    /// Linear in the text and in the schema; for values, one count of the field over the rows of the scope. Where they have more
    /// than 100,000 different values, only declared ones are offered.
    ///
    /// # Errors
    /// None for a text. `Deadline`, `Cancelled`; `Query` if the scope does not fit the index, `Internal` if the permissions do
    /// not.
    ///
    /// ```
    /// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Rows, Schema};
    /// use tallygrid::{Condition, Query};
    /// # let fields = [Field::new("Status", Kind::Keyword), Field::new("Project", Kind::Keyword)];
    /// # let schema = Schema::builder("Run").fields(fields).build()?;
    /// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// let mut tx = engine.transaction(&ctx)?;
    /// let rows = [["Not Run", "ours"], ["Passed", "ours"], ["Passed", "ours"], ["Passed", "theirs"]];
    /// tx.append("Run", &rows.into_iter().fold(Rows::new(["Status", "Project"]), |all, row| all.row(row.map(Into::into))))?;
    /// tx.commit()?;
    /// let snapshot = engine.snapshot();
    /// let runs = snapshot.index("Run", &ctx)?;
    /// let ours = |text: &str| Query::tql(text).scope(Condition::is_in("Project", ["ours"]));
    /// let found = runs.complete_tql(&ours("Status IN [Passed, "), 19, &ctx)?;
    /// assert_eq!((&*found[0].label, &*found[0].insert, found[0].count), ("Passed", "Passed", Some(2)));
    /// assert_eq!((&*found[1].label, &*found[1].insert, found[1].count), ("Not Run", "\"Not Run\"", Some(1)));
    /// let found = runs.complete_tql(&ours("GROUP BY st { COUNT }"), 11, &ctx)?;
    /// assert_eq!((&*found[0].label, found[0].span.start, found[0].span.end), ("Status", 9, 11));
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    pub fn complete_tql(&self, query: &Query, offset: usize, ctx: &Context) -> Result<Vec<Completion>> {
        let text = query.text();
        if text.len() > ctx.limits_ref().query_bytes || !ctx.access().sees(self.schema().name()) {
            return Ok(Vec::new());
        }
        let cursor = Cursor::at(text, offset);
        let offers = Offers::at(&cursor.place, self, query, ctx)?;
        let (typed_name, typed_value) = (fold_case(&cursor.typed), offers.collation.fold(&cursor.typed));
        let mut found: Vec<_> = Vec::new();
        for offer in offers.list.into_iter().filter(|offer| fits(offer, &cursor)) {
            let rank = match offer.kind {
                CompletionKind::Value => rank(&offers.collation.fold(&offer.label), &typed_value),
                _ => rank(&fold_case(&offer.label), &typed_name),
            };
            found.extend(rank.map(|rank| (rank, offer)));
        }
        // Stable: what is equally near stays in the order of its list.
        found.sort_by_key(|(rank, _)| *rank);
        Ok(found.into_iter().take(MOST).map(|(_, offer)| completion(offer, &cursor)).collect())
    }
}

/// Whether what is offered can stand in front of what follows the cursor.
fn fits(offer: &Offer, cursor: &Cursor) -> bool {
    let call_follows = cursor.next == Next::Mark('(');
    let is_on_word = cursor.replaced.start < cursor.replaced.end;
    // Before an operator a word is a field's name.
    let is_name = match cursor.place.expect {
        Expect::Start | Expect::Operand | Expect::Filter { .. } | Expect::Aggregate => cursor.next == Next::Operator,
        _ => false,
    };
    match offer.kind {
        CompletionKind::Field => !call_follows || cursor.in_quotes,
        CompletionKind::Value => !call_follows,
        _ if cursor.in_quotes => false,
        CompletionKind::Function => !is_name && (!call_follows || is_on_word),
        CompletionKind::Operator => true,
        CompletionKind::Keyword => !is_name && (!call_follows || offer.quoting != Quoting::Uncalled),
        CompletionKind::Mark => !offer.label.starts_with(|c| cursor.next == Next::Mark(c)),
    }
}

/// An offer as it is written at the cursor.
fn completion(offer: Offer, cursor: &Cursor) -> Completion {
    let is_word = matches!(offer.quoting, Quoting::Never | Quoting::Uncalled);
    let mut insert = match offer.quoting {
        Quoting::Never | Quoting::Uncalled => offer.label.clone(),
        Quoting::Name if cursor.in_quotes => quoted(&offer.label),
        Quoting::Name => field_name(&offer.label),
        Quoting::Text => quoted(&offer.label),
        Quoting::Call { .. } if cursor.next == Next::Mark('(') => offer.label.clone(),
        Quoting::Call { takes_arguments: true } => format!("{}(", offer.label),
        Quoting::Call { takes_arguments: false } => format!("{}()", offer.label),
    };
    let span = if is_word { cursor.replaced_by(&offer.label) } else { cursor.replaced };
    if cursor.touches_word && span == cursor.replaced && insert.ends_with(is_bare) {
        insert.push(' ');
    }
    let Offer { label, kind, detail, count, .. } = offer;
    Completion { label, insert, span, kind, detail, count }
}

/// How a label has what was typed; nearer ones first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    Whole,
    Prefix,
    Within,
}

fn rank(label: &str, typed: &str) -> Option<Match> {
    match () {
        () if label == typed => Some(Match::Whole),
        () if label.starts_with(typed) => Some(Match::Prefix),
        () if label.contains(typed) => Some(Match::Within),
        () => None,
    }
}
