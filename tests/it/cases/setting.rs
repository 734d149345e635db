//! What a file has said so far: schemas, rows, circumstances; and the engines that hold it.

use std::sync::Arc;

use chrono::DateTime;
use tallygrid::{
    Access, Catalog, Collation, Condition, Context, DeclaredValue, Engine, Field, Kind, Latest, Limits, Query, Rows,
    Schema, Zone,
};

use super::ask;
use super::block::{Block, table, words};
use super::facts::Host;
use crate::oracle::world::LAYOUTS;

#[derive(Debug)]
pub(super) struct Setting {
    schemas: Vec<Schema>,
    loads: Vec<(String, Rows)>,
    /// One a layout, made when first asked.
    engines: Vec<Engine>,
    zone: Zone,
    now: i64,
    users: Vec<String>,
    pub(super) limits: Limits,
    pub(super) scope: Scope,
    allowed: Vec<(String, Condition)>,
    has_facts: bool,
}

/// What stands around the queries.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    conditions: Vec<Condition>,
    /// Whether only the latest row of each test counts.
    latest: bool,
}

impl Scope {
    pub(super) fn query(&self, text: &str) -> Query {
        let query = if self.latest { Query::tql(text).latest() } else { Query::tql(text) };
        self.conditions.iter().fold(query, |query, condition| query.scope(condition.clone()))
    }
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            schemas: Vec::new(),
            loads: Vec::new(),
            engines: Vec::new(),
            zone: Zone::utc(),
            now: 0,
            users: Vec::new(),
            limits: Limits::default(),
            scope: Scope::default(),
            allowed: Vec::new(),
            has_facts: false,
        }
    }
}

impl Setting {
    /// Takes a block in: a part of the setting, or a question, which is answered.
    pub(super) fn take(&mut self, block: &Block) -> Result<Option<Vec<String>>, String> {
        match block.verb() {
            "schema" => {
                self.engines.clear();
                self.schemas.push(schema(block)?);
            }
            "rows" => {
                self.engines.clear();
                self.loads.push((block.rest().to_owned(), table(&block.body)?));
            }
            "with" => self.circumstance(block.rest())?,
            _ => return ask::answer(self, block).map(Some),
        }
        Ok(None)
    }

    fn circumstance(&mut self, text: &str) -> Result<(), String> {
        let (name, value) = text.split_once(' ').unwrap_or((text, ""));
        match name {
            "zone" => self.zone = value.parse().map_err(|error| format!("{error}"))?,
            "now" => {
                let now = DateTime::parse_from_rfc3339(value).map_err(|error| error.to_string())?;
                self.now = now.timestamp_micros();
            }
            "user" => self.users = words(value)?,
            "facts" => self.has_facts = true,
            "latest" => self.scope.latest = value != "off",
            "scope" if value.is_empty() => self.scope.conditions.clear(),
            "scope" => self.scope.conditions.push(Condition::tql(value)),
            "allow" if value.is_empty() => self.allowed.clear(),
            "allow" => {
                let (index, filter) = value.split_once(' ').unwrap_or((value, ""));
                self.allowed.push((index.to_owned(), Condition::tql(filter)));
            }
            "limit" => {
                let (limit, n) = value.split_once(' ').ok_or("a limit without a number")?;
                let n = n.parse().map_err(|_| format!("`{n}` is no number"))?;
                self.limits = match limit {
                    "query_bytes" => self.limits.with_query_bytes(n),
                    "nesting" => self.limits.with_nesting(n),
                    "nodes" => self.limits.with_nodes(n),
                    "list_members" => self.limits.with_list_members(n),
                    "order_items" => self.limits.with_order_items(n),
                    "lambda_depth" => self.limits.with_lambda_depth(n),
                    "expand_depth" => self.limits.with_expand_depth(n),
                    "groups" => self.limits.with_groups(n),
                    other => return Err(format!("no limit `{other}`")),
                };
            }
            other => return Err(format!("nothing is called `with {other}`")),
        }
        Ok(())
    }

    pub(super) fn context(&self) -> Context {
        let access = match self.allowed.is_empty() {
            true => Access::unrestricted(),
            false => self
                .allowed
                .iter()
                .fold(Access::none(), |access, (index, rows)| access.allow(index.as_str(), rows.clone())),
        };
        let now = DateTime::from_timestamp_micros(self.now).unwrap();
        let ctx = Context::new(now, access).time_zone(self.zone.clone()).limits(self.limits);
        let ctx = self.users.iter().fold(ctx, |ctx, user| ctx.user(user.as_str()));
        if self.has_facts { ctx.facts(Arc::new(Host)) } else { ctx }
    }

    /// The name of the first index, which questions are about.
    pub(super) fn index(&self) -> Result<&str, String> {
        self.schemas.first().map(Schema::name).ok_or_else(|| "no schema yet".to_owned())
    }

    /// An engine a layout, with everything loaded.
    pub(super) fn engines(&mut self) -> Result<&[Engine], String> {
        if self.engines.is_empty() {
            for layout in LAYOUTS {
                self.engines.push(self.engine(layout)?);
            }
        }
        Ok(&self.engines)
    }

    fn engine(&self, (threads, segment_rows): (usize, u32)) -> Result<Engine, String> {
        let wrong = |error: tallygrid::Error| error.render("");
        let catalog = Catalog::new(self.schemas.iter().cloned()).map_err(wrong)?;
        let engine = Engine::builder(catalog).threads(threads).segment_rows(segment_rows).build().map_err(wrong)?;
        let ctx = Context::new(DateTime::UNIX_EPOCH, Access::unrestricted());
        for (index, rows) in &self.loads {
            let mut tx = engine.transaction(&ctx).map_err(wrong)?;
            tx.append(index, rows).map_err(wrong)?;
            tx.commit().map_err(wrong)?;
        }
        Ok(engine)
    }
}

/// `schema NAME [key FIELD] [latest per FIELD… [by FIELD…] [worst FIELD | any_passed FIELD]]` and a line a field.
fn schema(block: &Block) -> Result<Schema, String> {
    let mut head = words(block.rest())?.into_iter().peekable();
    let mut builder = Schema::builder(head.next().ok_or("a schema without a name")?);
    if head.next_if_eq("key").is_some() {
        builder = builder.key(head.next().ok_or("a key without a name")?);
    }
    if head.next_if_eq("latest").is_some() {
        builder = builder.latest(latest(head)?);
    } else if let Some(more) = head.next() {
        return Err(format!("`{more}` behind a schema's name"));
    }
    let fields = block.body.iter().map(|line| field(line)).collect::<Result<Vec<Field>, String>>()?;
    builder.fields(fields).build().map_err(|error| error.render(""))
}

fn latest(words: impl Iterator<Item = String>) -> Result<Latest, String> {
    let parts = ["per", "by", "worst", "any_passed"];
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for word in words {
        match said.last_mut() {
            _ if parts.contains(&word.as_str()) => said.push((word, Vec::new())),
            Some((_, names)) => names.push(word),
            None => return Err(format!("`{word}` stands where `per` was expected")),
        }
    }
    said.into_iter().try_fold(Latest::per::<String>([]), |latest, (part, names)| match (part.as_str(), &names[..]) {
        ("per", _) => Ok(Latest::per(names)),
        ("by", _) => Ok(latest.by(names)),
        ("worst", [status]) => Ok(latest.worst(status.as_str())),
        ("any_passed", [status]) => Ok(latest.any_passed(status.as_str())),
        _ => Err(format!("`{part}` takes one field")),
    })
}

/// `NAME KIND [multi] [exact] [alias A] [zone Z] [ancestors A] [INDEX.KEY [many]] [= value | alias, value | +passed]`.
fn field(line: &str) -> Result<Field, String> {
    let (line, values) = line.split_once(" = ").map_or((line, None), |(line, values)| (line, Some(values)));
    let mut words = words(line)?.into_iter();
    let (name, kind) = (words.next().ok_or("a field without a name")?, words.next().ok_or("a field without a kind")?);
    let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or_else(|| format!("no kind `{kind}`"))?;
    let mut words = words.peekable();
    let mut field = if kind == Kind::Relation {
        let target = words.next().ok_or("a relation to nowhere")?;
        let (index, key) = target.split_once('.').ok_or("a relation leads to INDEX.KEY")?;
        Field::relation(name, index, key, words.next_if_eq("many").is_some())
    } else {
        Field::new(name, kind)
    };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("`{word}` without a value"));
        field = match word.as_str() {
            "multi" => field.multi(),
            "exact" => field.collation(Collation::Exact),
            "alias" => field.alias(value()?),
            "ancestors" => field.ancestors(value()?),
            "zone" => field.zone(value()?.parse().map_err(|error| format!("{error}"))?),
            other => return Err(format!("no property `{other}` of a field")),
        };
    }
    let declared = values.into_iter().flat_map(|values| values.split(',')).map(|spellings| {
        let mut spellings = spellings.split('|').map(str::trim);
        let name = DeclaredValue::new(spellings.next().unwrap_or(""));
        spellings.fold(name, |value, spelling| match spelling {
            "+passed" => value.passed(),
            "+failed" => value.failed(),
            alias => value.alias(alias),
        })
    });
    Ok(field.values(declared))
}
