//! All indexes of an engine. Relations between them are checked here, once every schema is known.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::hash::HashMap;
use crate::base::suggest::nearest;
use crate::model::field::{Field, Relation};
use crate::model::fold::fold_case;
use crate::model::schema::Schema;

/// The number of an index within its catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct IndexId(pub(crate) u16);

impl IndexId {
    pub(crate) fn idx(self) -> usize {
        self.0.into()
    }
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
    /// Every mistake at once: none given, names taken twice (case ignored), relations that lead nowhere.
    pub fn new(schemas: impl IntoIterator<Item = Schema>) -> Result<Self> {
        let catalog = Self { schemas: schemas.into_iter().map(Arc::new).collect() };
        let outlines: Vec<Outline<'_>> = catalog
            .schemas()
            .map(|schema| Outline { name: Some(schema.name()), fields: schema.fields(), complete: true })
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
        if mistakes.is_empty() { Ok(catalog) } else { Err(Error::new(ErrorKind::Schema, mistakes)) }
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
            let Some(Relation { index, key, .. }) = &field.relation else { continue };
            let at = At::Relation { index: i, field: f };
            match indexes.get(fold_case(index).as_ref()) {
                None if all_named => {
                    let known = schemas.iter().filter_map(|schema| schema.name);
                    let message = format!("the relation leads to `{index}`, which is no index");
                    clash(at, message, near(nearest(index, known)));
                }
                Some(target) if target.complete && !target.has_field(key) => {
                    let names = target.fields.iter().map(Field::name);
                    clash(at, format!("the index `{index}` has no field `{key}`"), near(nearest(key, names)));
                }
                _ => {}
            }
        }
    }
    clashes
}

impl Outline<'_> {
    fn has_field(&self, name: &str) -> bool {
        let name = fold_case(name);
        let has_name =
            |field: &Field| std::iter::once(&field.name).chain(&field.aliases).any(|known| fold_case(known) == name);
        self.fields.iter().any(has_name)
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
