//! Completion of OData: how a request, or a lone filter, can go on where somebody types. What may stand there is the language's
//! affair (`lang::odata::cursor`); here names, operators and values are found for it.

use std::sync::Arc;

use crate::assist::complete::offers::{Offer, Offers, Quoting, Scene};
use crate::assist::complete::{Completion, CompletionKind, MOST, rank};
use crate::base::error::Result;
use crate::engine::ask::Query;
use crate::engine::context::Context;
use crate::engine::odata::ask::ODataQuery;
use crate::engine::snapshot::Index;
use crate::lang::odata::cursor::{Cursor, Expect, Place, Role};
use crate::lang::odata::function::{Function, Origin};
use crate::lang::odata::system::SystemOption;
use crate::lang::tql::ast::Op;
use crate::model::field::Field;
use crate::model::fold::{Collation, fold_case};
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Schema};

/// Options of a request, and which of them stand within `$expand` too.
const OPTIONS: [(&str, bool, &str); 11] = [
    ("$filter", true, "which rows"),
    ("$orderby", true, "in which order"),
    ("$top", true, "how many rows"),
    ("$skip", true, "from which row on"),
    ("$count", true, "whether all rows are counted"),
    ("$inlinecount", false, "whether all rows are counted, as v2 and v3 ask it"),
    ("$select", true, "which fields"),
    ("$expand", true, "with the rows that relations lead to"),
    ("$compute", true, "with computed values"),
    ("$search", true, "which words"),
    ("$apply", false, "groups, aggregates and other steps"),
];

/// Operators between values, and what they mean.
const COMPARISONS: [(&str, &str); 7] = [
    ("eq", "equal"),
    ("ne", "not equal"),
    ("gt", "greater"),
    ("ge", "greater or equal"),
    ("lt", "less"),
    ("le", "less or equal"),
    ("in", "one of a list"),
];

/// Operators that make numbers of numbers.
const ARITHMETIC: [&str; 5] = ["add", "sub", "mul", "div", "mod"];

impl Index<'_> {
    /// How an OData text can go on at a byte offset, as [`Index::complete_tql`] says it for TQL: options, fields that paths lead
    /// to, operators that fit, functions, values by how many of the rows that the caller may see in the query's scope have
    /// them. A text that does not begin with an option is taken for a filter. Percent-encoding is not read: it is what
    /// people type.
    ///
    /// Linear in the text and in the schema; for values, one count of the field over the rows of the scope.
    ///
    /// # Errors
    /// As for [`Index::complete_tql`].
    ///
    /// ```
    /// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Rows, Schema};
    /// use tallygrid::ODataQuery;
    /// # let fields = [Field::new("Status", Kind::Keyword), Field::new("Took", Kind::Integer)];
    /// # let schema = Schema::builder("Run").fields(fields).build()?;
    /// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// let mut tx = engine.transaction(&ctx)?;
    /// tx.append("Run", &Rows::new(["Status"]).row(["Not Run".into()]).row(["Passed".into()]).row(["Passed".into()]))?;
    /// tx.commit()?;
    /// let snapshot = engine.snapshot();
    /// let runs = snapshot.index("Run", &ctx)?;
    /// let found = runs.complete_odata(&ODataQuery::new("$filter=Status eq "), 18, &ctx)?;
    /// assert_eq!((&*found[0].insert, found[0].count), ("'Passed'", Some(2)));
    /// let found = runs.complete_odata(&ODataQuery::new("Took g"), 6, &ctx)?;
    /// assert_eq!((&*found[0].label, found[0].span.start), ("gt", 5));
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    pub fn complete_odata(&self, query: &ODataQuery, offset: usize, ctx: &Context) -> Result<Vec<Completion>> {
        let text = query.text();
        if text.len() > ctx.limits_ref().query_bytes || !ctx.access().sees(self.schema().name()) {
            return Ok(Vec::new());
        }
        let cursor = Cursor::at(text, offset);
        let mut found = Found { offers: Offers { list: Vec::new(), collation: Collation::IgnoreCase }, of: None };
        found.at(&cursor.expect, Scene { index: *self, query: query.around(), ctx })?;
        let Found { offers, of } = found;
        let (typed_name, typed_value) = (fold_case(&cursor.typed), offers.collation.fold(&cursor.typed));
        let mut ranked: Vec<_> = Vec::new();
        for offer in offers.list {
            let is_value = offer.kind == CompletionKind::Value;
            if cursor.in_quotes && !(is_value && of.is_some_and(in_quotes)) {
                continue;
            }
            let rank = match is_value {
                true => rank(&offers.collation.fold(&offer.label), &typed_value),
                false => rank(&fold_case(&offer.label), &typed_name),
            };
            ranked.extend(rank.map(|rank| (rank, offer)));
        }
        // Stable: what is equally near stays in the order of its list.
        ranked.sort_by_key(|(rank, _)| *rank);
        Ok(ranked.into_iter().take(MOST).map(|(_, offer)| completion(offer, of, &cursor)).collect())
    }
}

/// What is offered, and the kind of the values among it.
struct Found {
    offers: Offers,
    of: Option<Kind>,
}

/// What a path leads to.
enum Target<'a> {
    Row(Scene<'a>),
    /// The values of a field that has several, or rows that several lead to.
    Many,
}

impl Found {
    fn at(&mut self, expect: &Expect, scene: Scene<'_>) -> Result<()> {
        match expect {
            Expect::Option { nested, given } => {
                let is_given = |name: &str| SystemOption::named(name).is_some_and(|option| given.contains(&option));
                let fits = |(name, may_nest, _): &&(&str, bool, &str)| (!nested || *may_nest) && !is_given(name);
                for (name, _, meaning) in OPTIONS.iter().filter(fits) {
                    self.push(&format!("{name}="), CompletionKind::Keyword, Some((*meaning).to_owned()));
                }
            }
            Expect::Operand { place, against } => {
                if let Some(against) = against {
                    self.values(against, scene)?;
                }
                self.operand(place, scene, against.is_some());
            }
            Expect::Operator { of } => self.operators(of.as_ref(), scene),
            Expect::Property { place, role } => self.property(place, *role, scene),
            Expect::Words(words) => words.iter().for_each(|word| self.word(word)),
            Expect::Nothing => {}
        }
        Ok(())
    }

    fn push(&mut self, label: &str, kind: CompletionKind, detail: Option<String>) {
        let label = label.to_owned();
        self.offers.list.push(Offer { label, quoting: Quoting::Never, kind, detail, count: None });
    }

    fn word(&mut self, word: &str) {
        let kind = match word.chars().next() {
            Some(first) if !first.is_alphabetic() => CompletionKind::Mark,
            _ if word.ends_with('(') => CompletionKind::Function,
            _ => CompletionKind::Keyword,
        };
        self.push(word, kind, None);
    }

    fn operand(&mut self, place: &Place, scene: Scene<'_>, is_value: bool) {
        match target(place, scene) {
            None => {}
            Some(Target::Many) => ["any(", "all(", "$count"].iter().for_each(|word| self.word(word)),
            Some(Target::Row(row)) => {
                if !place.is_behind {
                    place.variables.iter().rev().for_each(|name| self.push(name, CompletionKind::Field, None));
                }
                self.fields(row.schema(), |_| true);
                if !place.is_behind {
                    if !is_value {
                        self.word("not");
                    }
                    self.functions();
                }
            }
        }
    }

    fn property(&mut self, place: &Place, role: Role, scene: Scene<'_>) {
        let Some(Target::Row(row)) = target(place, scene) else { return };
        self.fields(row.schema(), |field| match role {
            Role::Select => true,
            Role::Expand => field.kind == Kind::Relation,
            Role::Key => field.is_groupable() || field.kind == Kind::Relation,
            Role::Measure => !field.is_multi(),
        });
        if role == Role::Measure && !place.is_behind {
            self.word("$count");
        }
    }

    /// Fields that can be named: others have names that are no names of OData.
    fn fields(&mut self, schema: &Schema, fits: impl Fn(&Field) -> bool) {
        let before = self.offers.list.len();
        self.offers.fields(schema, |field| fits(field));
        let behind = self.offers.list.split_off(before);
        self.offers.list.extend(behind.into_iter().filter(|offer| is_name(&offer.label)));
    }

    fn functions(&mut self) {
        let is_offered = |function: &&Function| matches!(function.origin(), Origin::Standard | Origin::Old);
        for function in Function::ALL.iter().filter(is_offered) {
            let ends = if *function.arity().end() == 0 { "()" } else { "(" };
            self.push(&format!("{}{ends}", function.as_str()), CompletionKind::Function, None);
        }
    }

    fn operators(&mut self, of: Option<&Place>, scene: Scene<'_>) {
        let kind = of.and_then(|place| field(place, scene)).map(|(scene, field)| scene.schema().field(field));
        let is_test = kind.is_some_and(|field| field.kind == Kind::Boolean);
        if kind.is_some_and(|field| field.kind == Kind::Relation) {
            return;
        }
        let has_order = |kind: Kind| !matches!(kind, Kind::Boolean | Kind::Guid);
        for (name, meaning) in COMPARISONS {
            let orders = matches!(name, "gt" | "ge" | "lt" | "le");
            if !orders || kind.is_none_or(|field| has_order(field.kind)) {
                self.push(name, CompletionKind::Operator, Some(meaning.to_owned()));
            }
        }
        let is_number = |kind: Kind| matches!(kind, Kind::Integer | Kind::Decimal | Kind::Duration | Kind::DateTime);
        if kind.is_none_or(|field| is_number(field.kind)) {
            ARITHMETIC.iter().for_each(|name| self.push(name, CompletionKind::Operator, None));
        }
        if is_test {
            ["and", "or"].iter().for_each(|word| self.word(word));
        }
    }

    fn values(&mut self, against: &Place, scene: Scene<'_>) -> Result<()> {
        let Some((scene, field)) = field(against, scene) else { return Ok(()) };
        let kind = scene.schema().field(field).kind;
        if !matches!(kind, Kind::Duration) {
            self.offers.values(scene, field, Op::Eq)?;
        }
        if kind == Kind::Boolean {
            for offer in &mut self.offers.list {
                let literal = if offer.label == "Yes" { "true" } else { "false" };
                literal.clone_into(&mut offer.label);
            }
        }
        self.of = Some(kind);
        self.word("null");
        Ok(())
    }
}

/// Where names of a place belong. Rows that the caller may not see are nowhere.
fn target<'a>(place: &Place, scene: Scene<'a>) -> Option<Target<'a>> {
    let mut scene = scene;
    for name in &place.from {
        scene = behind(scene, name)?;
    }
    let mut names: Vec<&Arc<str>> = place.path.iter().collect();
    while !names.is_empty() {
        let (id, used) = named(scene.schema(), &names)?;
        names.drain(..used);
        if scene.schema().field(id).is_multi() {
            return names.is_empty().then_some(Target::Many);
        }
        scene = behind(scene, scene.schema().field(id).name())?;
    }
    Some(Target::Row(scene))
}

/// The field that a whole path names.
fn field<'a>(place: &Place, scene: Scene<'a>) -> Option<(Scene<'a>, FieldId)> {
    let mut names: Vec<&Arc<str>> = place.from.iter().chain(&place.path).collect();
    let mut scene = scene;
    loop {
        let (id, used) = named(scene.schema(), &names)?;
        names.drain(..used);
        if names.is_empty() {
            return Some((scene, id));
        }
        scene = behind(scene, scene.schema().field(id).name())?;
    }
}

/// The field that the first names denote, and how many they are: `Totals.Passed` may be written `Totals/Passed`.
fn named(schema: &Schema, names: &[&Arc<str>]) -> Option<(FieldId, usize)> {
    let mut joined = String::new();
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            joined.push('.');
        }
        joined.push_str(name);
        if let Some(field) = schema.field_named(&joined) {
            return Some((field, at + 1));
        }
    }
    None
}

/// What a relation leads to, for whoever may see it. Its rows have permissions alone.
fn behind<'a>(scene: Scene<'a>, relation: &str) -> Option<Scene<'a>> {
    static EVERYTHING: std::sync::LazyLock<Query> = std::sync::LazyLock::new(Query::all);
    Some(Scene { query: &EVERYTHING, ..scene.behind(relation)? })
}

/// Whether OData can write a name.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

/// Whether values of a kind stand in quotes.
fn in_quotes(kind: Kind) -> bool {
    !matches!(kind, Kind::Integer | Kind::Decimal | Kind::Boolean | Kind::Guid)
}

fn completion(offer: Offer, of: Option<Kind>, cursor: &Cursor) -> Completion {
    let insert = match (offer.kind, of) {
        (CompletionKind::Value, Some(kind)) if in_quotes(kind) => format!("'{}'", offer.label.replace('\'', "''")),
        // What stands there already is not written again.
        _ => match cursor.followed_by {
            Some(mark) if offer.label.ends_with(mark) => {
                offer.label.strip_suffix(mark).unwrap_or(&offer.label).to_owned()
            }
            _ => offer.label.clone(),
        },
    };
    let Offer { label, kind, detail, count, .. } = offer;
    Completion { label, insert, span: cursor.replaced, kind, detail, count }
}
