//! All indexes of an engine. Relations between them are checked here, once every schema is known.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::hash::HashMap;
use crate::base::suggest::nearest;
use crate::model::field::{Field, Relation};
use crate::model::fold::fold_case;
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Schema};

/// The relation to relationships, the one that leads on from there, and the field that says how far.
const RELATIONSHIPS: &str = "Relationships";
pub(crate) const DESTINATION: &str = "Destination";
pub(crate) const DEPTH: &str = "Depth";

/// The number of an index within its catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct IndexId(pub(crate) u16);

impl IndexId {
    pub(crate) fn idx(self) -> usize {
        self.0.into()
    }
}

/// Where a relation leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) index: IndexId,
    /// The field there that holds the keys.
    pub(crate) key: FieldId,
    /// The index's own key, if the relation leads back: to the rows whose `key` is the key of this row.
    pub(crate) own_key: Option<FieldId>,
}

/// The schemas of all indexes; cloning is cheap.
///
/// ```
/// use tallygrid::{Catalog, Field, Kind, Schema};
/// let runs = Schema::builder("Run").field(Field::new("Status", Kind::Keyword)).build().unwrap();
/// let catalog = Catalog::new([runs]).unwrap();
/// assert_eq!(catalog.schemas().next().unwrap().name(), "Run");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Catalog {
    schemas: Vec<Arc<Schema>>,
}

impl Catalog {
    /// A catalog of these schemas.
    ///
    /// # Errors
    /// Every mistake at once: none given, names taken twice (case ignored), relations that lead nowhere or back to a key that
    /// is none.
    pub fn new(schemas: impl IntoIterator<Item = Schema>) -> Result<Self> {
        let mut catalog = Self { schemas: schemas.into_iter().map(Arc::new).collect() };
        let outlines: Vec<Outline<'_>> = catalog
            .schemas()
            .map(|schema| Outline {
                name: Some(schema.name()),
                key: schema.key().map(Field::name),
                fields: schema.fields(),
                complete: true,
            })
            .collect();
        let path = |at: &At| match at {
            At::Catalog => "indexes".to_owned(),
            At::Name(index) => format!("indexes[{index}].name"),
            At::Relation { index, field } => {
                let schema = &catalog.schemas[*index];
                format!("{}.{}", schema.name(), schema.fields()[*field].name())
            }
        };
        let mistakes: Vec<Diagnostic> =
            between(&outlines).into_iter().map(|mistake| mistake.told(path(&mistake.at))).collect();
        if !mistakes.is_empty() {
            return Err(Error::new(ErrorKind::Schema, mistakes));
        }
        catalog.name_related();
        Ok(catalog)
    }

    /// Gives indexes with relationships the names for where those lead.
    fn name_related(&mut self) {
        let related = |schema: &Schema| {
            let relationships = schema.field_named(RELATIONSHIPS)?;
            let there = self.schema(self.link(schema, relationships)?.index);
            self.link(there, there.field_named(DESTINATION)?)?;
            let has_depth = there.field_named(DEPTH).is_some_and(|depth| there.field(depth).kind == Kind::Integer);
            Some((relationships, has_depth))
        };
        let found: Vec<_> = self.schemas().map(related).collect();
        for (schema, found) in self.schemas.iter_mut().zip(found) {
            let (relationships, has_depth) = found.unzip();
            Arc::make_mut(schema).name_related(relationships, has_depth.unwrap_or(false));
        }
    }

    /// Where a field of one of the schemas leads; none if it is no relation.
    ///
    /// A relation to many by a field other than the key of the index it leads to leads back from there.
    pub(crate) fn link(&self, schema: &Schema, field: FieldId) -> Option<Link> {
        let relation = schema.field(field).relation.as_ref()?;
        let index = self.find(&relation.index)?;
        let key = self.schema(index).field_named(&relation.key)?;
        let leads_back = relation.many && self.schema(index).key_id() != Some(key);
        Some(Link { index, key, own_key: schema.key_id().filter(|_| leads_back) })
    }

    /// Every schema, in the order given.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        self.schemas.iter().map(|s| &**s)
    }

    pub(crate) fn schema(&self, id: IndexId) -> &Arc<Schema> {
        &self.schemas[id.idx()]
    }

    /// The index of that name, case ignored.
    pub(crate) fn find(&self, name: &str) -> Option<IndexId> {
        let name = fold_case(name);
        let at = self.schemas.iter().position(|schema| fold_case(schema.name()) == name)?;
        u16::try_from(at).ok().map(IndexId)
    }

    /// The index of that name.
    ///
    /// # Errors
    /// `NotFound`, with the nearest name.
    pub(crate) fn require(&self, name: &str) -> Result<IndexId> {
        self.find(name).ok_or_else(|| no_index(name, self.schemas().map(Schema::name)))
    }

    /// This catalog with the schema of one index replaced.
    pub(crate) fn with_schema(&self, id: IndexId, schema: &Schema) -> Result<Self> {
        let schemas = self.schemas.iter().enumerate();
        Self::new(schemas.map(|(i, old)| if i == id.idx() { schema.clone() } else { (**old).clone() }))
    }
}

/// What [`between`] asks of a schema, which need not be right by itself.
pub(crate) struct Outline<'a> {
    /// Nothing if it cannot be read: then it may be the index that a relation leads to.
    pub(crate) name: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) fields: &'a [Field],
    /// Whether every field and its name can be read: else one of them may be the key of a relation.
    pub(crate) complete: bool,
}

/// A mistake between schemas.
pub(crate) struct Clash {
    pub(crate) at: At,
    message: String,
    help: Option<String>,
}

/// Where schemas clash, by their positions.
pub(crate) enum At {
    Catalog,
    Name(usize),
    Relation { index: usize, field: usize },
}

impl Clash {
    /// As a diagnostic at a place of a document.
    pub(crate) fn told(&self, path: String) -> Diagnostic {
        let mistake = Diagnostic::new(Code::InvalidSchema, Severity::Error, Place::document(path), &*self.message);
        match &self.help {
            Some(help) => mistake.help(&**help),
            None => mistake,
        }
    }
}

/// Every mistake between schemas: their number, names that are taken, relations that lead nowhere.
pub(crate) fn between(schemas: &[Outline<'_>]) -> Vec<Clash> {
    let mut clashes = Vec::new();
    let mut clash = |at, message, help| clashes.push(Clash { at, message, help });
    let near = |name: Option<&str>| name.map(|near| format!("did you mean `{near}`?"));
    if schemas.is_empty() || schemas.len() > usize::from(u16::MAX) {
        clash(At::Catalog, "a catalog has from 1 to 65,535 indexes".to_owned(), None);
    }
    let mut indexes: HashMap<String, &Outline<'_>> = HashMap::default();
    for (i, schema) in schemas.iter().enumerate() {
        let Some(name) = schema.name else { continue };
        if indexes.insert(fold_case(name).into_owned(), schema).is_some() {
            clash(At::Name(i), format!("the index `{name}` is declared twice"), None);
        }
    }
    let all_named = schemas.iter().all(|schema| schema.name.is_some());
    for (i, schema) in schemas.iter().enumerate() {
        for (f, field) in schema.fields.iter().enumerate() {
            let Some(Relation { index, key, many }) = &field.relation else { continue };
            let at = At::Relation { index: i, field: f };
            match indexes.get(fold_case(index).as_ref()) {
                None if all_named => {
                    let known = schemas.iter().filter_map(|schema| schema.name);
                    let message = format!("the relation leads to `{index}`, which is no index");
                    clash(at, message, near(nearest(index, known)));
                }
                Some(target) if target.complete && target.position(key).is_none() => {
                    let names = target.fields.iter().map(Field::name);
                    clash(at, format!("the index `{index}` has no field `{key}`"), near(nearest(key, names)));
                }
                Some(target @ Outline { key: Some(other), .. })
                    if *many && schema.key.is_none() && target.position(other) != target.position(key) =>
                {
                    let message =
                        format!("the relation leads back from `{index}.{key}` to a key, and this index has none");
                    let help = format!("declare a key, or lead to `{index}.{other}`");
                    clash(at, message, Some(help));
                }
                _ => {}
            }
        }
    }
    clashes
}

impl Outline<'_> {
    /// Where the field of that name or alias stands.
    fn position(&self, name: &str) -> Option<usize> {
        let name = fold_case(name);
        let has_name =
            |field: &Field| std::iter::once(&field.name).chain(&field.aliases).any(|known| fold_case(known) == name);
        self.fields.iter().position(has_name)
    }
}

/// There is no index of that name; suggests one of those that the caller may know of.
pub(crate) fn no_index<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    let shown: String = name.chars().take(60).collect();
    let diagnostic =
        Diagnostic::new(Code::UnknownIndex, Severity::Error, Place::Request, format!("no index `{shown}`"));
    Error::one(
        ErrorKind::NotFound,
        match nearest(name, known) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic,
        },
    )
}
