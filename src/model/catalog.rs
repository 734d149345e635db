//! All indexes of an engine. Relations between them are checked here, once every schema is known.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::suggest::nearest;
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
        let mut mistakes = Vec::new();
        let mut mistake = |at: String, message: String| {
            let place = Place::Document(at.into());
            mistakes.push(Diagnostic::new(Code::InvalidSchema, Severity::Error, place, message));
        };
        if catalog.schemas.is_empty() || catalog.schemas.len() > usize::from(u16::MAX) {
            mistake("indexes".into(), "a catalog has from 1 to 65,535 indexes".into());
        }
        for (i, schema) in catalog.schemas.iter().enumerate() {
            let name = fold_case(schema.name());
            if catalog.schemas[..i].iter().any(|other| fold_case(other.name()) == name) {
                mistake(format!("indexes[{i}].name"), format!("the index `{}` is declared twice", schema.name()));
            }
            for field in schema.fields() {
                let Some(relation) = &field.relation else { continue };
                let at = format!("{}.{}", schema.name(), field.name());
                match catalog.find(&relation.index) {
                    None => mistake(at, format!("the relation leads to `{}`, which is no index", relation.index)),
                    Some(id) if catalog.schema(id).field_named(&relation.key).is_none() => {
                        mistake(at, format!("the index `{}` has no field `{}`", relation.index, relation.key));
                    }
                    Some(_) => {}
                }
            }
        }
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
