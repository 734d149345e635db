//! The fields of one index and how queries name them. Building checks everything and reports all mistakes at once.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::hash::{HashMap, HashSet};
use crate::base::suggest::nearest;
use crate::model::field::{Field, StatusFlags};
use crate::model::fold::fold_case;
use crate::model::kind::Kind;
use crate::model::latest::{Latest, Retries};
use crate::model::measure::{Measure, Measured};

/// Most fields of one index.
pub(crate) const MAX_FIELDS: usize = 4096;

/// The virtual field over all texts, unless a field has that name.
pub(crate) const ALL_TEXT: &str = "Text";

/// The virtual relations to what any relationship of a row leads to, and to what one of depth 1 does.
pub(crate) const RELATED: [(&str, bool); 2] = [("RelatedTo", false), ("DirectlyRelatedTo", true)];

/// The number of a field within its index; never reused while the index lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FieldId(pub(crate) u16);

impl FieldId {
    pub(crate) fn idx(self) -> usize {
        self.0.into()
    }
}

/// What a name in a query stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// A field.
    Field(FieldId),
    /// A path field, compared with all ancestors.
    Ancestors(FieldId),
    /// The virtual `Text`: every text and keyword field.
    AllText,
    /// The virtual `RelatedTo`, or if it is `direct` `DirectlyRelatedTo`: where the relation `relationships` leads, and on
    /// from there. Names of a schema within a catalog.
    Related { relationships: FieldId, direct: bool },
}

/// An index's name, key and fields; immutable once built.
///
/// ```
/// use tallygrid::{Field, Kind, Schema};
/// let schema = Schema::builder("Run")
///     .key("Id")
///     .field(Field::new("Id", Kind::Integer))
///     .field(Field::new("Status", Kind::Status).values(["Passed".into(), "Failed".into()]))
///     .build()
///     .unwrap();
/// assert_eq!(schema.fields().len(), 2);
///
/// let wrong = Schema::builder("").key("Nr").field(Field::new("A", Kind::Text).multi()).build().unwrap_err();
/// assert_eq!(wrong.diagnostics().len(), 3); // no name, no such key, text cannot be multi
/// ```
#[derive(Clone, Debug)]
pub struct Schema {
    name: Arc<str>,
    key: Option<FieldId>,
    latest: Option<Retries<FieldId>>,
    measures: Vec<Measured<FieldId>>,
    fields: Vec<Field>,
    names: HashMap<String, Named>,
    searchable: Arc<[FieldId]>,
}

/// Collects fields until [`SchemaBuilder::build`].
#[derive(Clone, Debug)]
pub struct SchemaBuilder {
    name: Arc<str>,
    key: Option<Arc<str>>,
    latest: Option<Latest>,
    measures: Vec<Measured<Arc<str>>>,
    fields: Vec<Field>,
}

impl Schema {
    /// Starts a schema for the index `name`.
    #[must_use]
    pub fn builder(name: impl Into<Arc<str>>) -> SchemaBuilder {
        SchemaBuilder { name: name.into(), key: None, latest: None, measures: Vec::new(), fields: Vec::new() }
    }

    /// Name of the index.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The field that identifies a row; without one the row's running number does.
    #[must_use]
    pub fn key(&self) -> Option<&Field> {
        self.key.map(|id| self.field(id))
    }

    /// Which row of each test counts where a query asks for the latest, if that is declared.
    #[must_use]
    pub fn latest(&self) -> Option<Latest> {
        self.latest.as_ref().map(|retries| Latest { retries: retries.map(|id| self.field(*id).name.clone()) })
    }

    /// The aggregates that have names of their own: name, measure and field.
    pub fn aggregates(&self) -> impl Iterator<Item = (&str, Measure, &str)> {
        self.measures.iter().map(|measured| (&*measured.name, measured.measure, self.field(measured.field).name()))
    }

    /// Every field in the order of declaration.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// A builder that holds this schema, to add to it.
    #[must_use]
    pub fn to_builder(&self) -> SchemaBuilder {
        let key = self.key().map(|field| field.name.clone());
        let named = |measured: &Measured<FieldId>| Measured {
            name: measured.name.clone(),
            measure: measured.measure,
            field: self.field(measured.field).name.clone(),
        };
        let measures = self.measures.iter().map(named).collect();
        SchemaBuilder { name: self.name.clone(), key, latest: self.latest(), measures, fields: self.fields.clone() }
    }

    pub(crate) fn shared_name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn key_id(&self) -> Option<FieldId> {
        self.key
    }

    /// As [`Schema::latest`], by ids.
    pub(crate) fn retries(&self) -> Option<&Retries<FieldId>> {
        self.latest.as_ref()
    }

    /// The aggregate of that name, in its exact case.
    pub(crate) fn measured(&self, name: &str) -> Option<&Measured<FieldId>> {
        self.measures.iter().find(|measured| *measured.name == *name)
    }

    pub(crate) fn field(&self, id: FieldId) -> &Field {
        &self.fields[id.idx()]
    }

    pub(crate) fn field_ids(&self) -> impl Iterator<Item = FieldId> + use<> {
        (0..u16::try_from(self.fields.len()).unwrap_or(u16::MAX)).map(FieldId)
    }

    /// What `name` stands for: a field, an alias of one, or a virtual field; case ignored.
    pub(crate) fn lookup(&self, name: &str) -> Option<Named> {
        self.names.get(fold_case(name).as_ref()).copied()
    }

    /// The kind whose operators a name has.
    pub(crate) fn kind_of(&self, named: Named) -> Kind {
        match named {
            Named::Field(field) | Named::Ancestors(field) => self.field(field).kind,
            Named::AllText => Kind::Text,
            Named::Related { .. } => Kind::Relation,
        }
    }

    /// The field of that name or alias, virtual ones left out.
    pub(crate) fn field_named(&self, name: &str) -> Option<FieldId> {
        match self.lookup(name) {
            Some(Named::Field(id)) => Some(id),
            _ => None,
        }
    }

    /// The known name nearest to `name`.
    pub(crate) fn suggest(&self, name: &str) -> Option<&str> {
        let fields = self.fields.iter().flat_map(|f| std::iter::once(f.name()).chain(f.aliases.iter().map(|a| &**a)));
        let related = RELATED.iter().map(|(name, _)| *name).filter(|name| self.lookup(name).is_some());
        nearest(name, fields.chain(related).chain(self.lookup(ALL_TEXT).map(|_| ALL_TEXT)))
    }

    /// Takes in the names of what relationships lead to, instead of those of another catalog; they never hide a declared
    /// one.
    pub(crate) fn name_related(&mut self, relationships: Option<FieldId>, has_depth: bool) {
        self.names.retain(|_, named| !matches!(named, Named::Related { .. }));
        let Some(relationships) = relationships else { return };
        for (name, direct) in RELATED.into_iter().filter(|(_, direct)| has_depth || !direct) {
            self.names.entry(fold_case(name).into_owned()).or_insert(Named::Related { relationships, direct });
        }
    }

    /// The fields that the virtual `Text` searches.
    pub(crate) fn searchable(&self) -> &Arc<[FieldId]> {
        &self.searchable
    }
}

impl PartialEq for Schema {
    /// Equal declarations.
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.key, &self.latest, &self.measures, &self.fields)
            == (&other.name, other.key, &other.latest, &other.measures, &other.fields)
    }
}

impl SchemaBuilder {
    /// Names the field that identifies a row.
    #[must_use]
    pub fn key(mut self, name: impl Into<Arc<str>>) -> Self {
        self.key = Some(name.into());
        self
    }

    /// Says which rows are retries of one test and which of them is its latest.
    #[must_use]
    pub fn latest(mut self, latest: Latest) -> Self {
        self.latest = Some(latest);
        self
    }

    /// Names an aggregate of a field, which OData asks for as `aggregate(Name)`.
    #[must_use]
    pub fn aggregate(mut self, name: impl Into<Arc<str>>, measure: Measure, field: impl Into<Arc<str>>) -> Self {
        self.measures.push(Measured { name: name.into(), measure, field: field.into() });
        self
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds several fields.
    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    /// Every mistake at once: empty or repeated names (case ignored), an unknown or unfit key, unknown or unfit fields of the
    /// latest row and of aggregates, `multi`, values, zones, collations and relations on kinds that cannot have them.
    pub fn build(self) -> Result<Schema> {
        let mut check = Check { index: self.name.clone(), mistakes: Vec::new() };
        if self.name.is_empty() {
            check.mistake("name", "an index needs a name");
        }
        if self.fields.is_empty() {
            check.mistake("fields", "an index needs at least one field");
        }
        if self.fields.len() > MAX_FIELDS {
            check.mistake("fields", format!("{} fields, at most {MAX_FIELDS} are possible", self.fields.len()));
        }
        let mut names = HashMap::default();
        for (i, field) in self.fields.iter().take(MAX_FIELDS).enumerate() {
            let id = FieldId(u16::try_from(i).unwrap_or(u16::MAX));
            check.field(i, field);
            for name in std::iter::once(&field.name).chain(&field.aliases) {
                if names.insert(fold_case(name).into_owned(), Named::Field(id)).is_some() {
                    check.mistake(format!("fields[{i}]"), format!("the name `{name}` is taken (case is ignored)"));
                }
            }
        }
        let key = self.key.as_ref().and_then(|name| {
            let Some(Named::Field(id)) = names.get(fold_case(name).as_ref()) else {
                check.mistake("key", format!("no field `{name}`"));
                return None;
            };
            let field = &self.fields[id.idx()];
            if field.multi || !matches!(field.kind, Kind::Integer | Kind::Keyword | Kind::Guid) {
                let kind = field.kind;
                check.mistake(
                    "key",
                    format!("`{name}` cannot be a key: it must be one integer, keyword or guid, not {kind}"),
                );
            }
            Some(*id)
        });
        let latest = self.latest.and_then(|latest| {
            let find = |name: &str| match names.get(fold_case(name).as_ref()) {
                Some(Named::Field(id)) => Some((*id, &self.fields[id.idx()])),
                _ => None,
            };
            latest.retries.find(find, |part, message| check.mistake(format!("latest.{part}"), message))
        });
        let mut measures: Vec<Measured<FieldId>> = Vec::new();
        for (i, Measured { name, measure, field }) in self.measures.into_iter().enumerate() {
            if name.is_empty() {
                check.mistake(format!("aggregates[{i}].name"), "an aggregate needs a name");
            }
            if measures.iter().any(|other| other.name == name) {
                check.mistake(format!("aggregates[{i}].name"), format!("the name `{name}` is taken"));
            }
            let Some(Named::Field(id)) = names.get(fold_case(&field).as_ref()) else {
                check.mistake(format!("aggregates[{i}].field"), format!("no field `{field}`"));
                continue;
            };
            if let Some(misfit) = measure.misfit(&self.fields[id.idx()]) {
                check.mistake(format!("aggregates[{i}].field"), misfit);
            }
            measures.push(Measured { name, measure, field: *id });
        }
        // Of virtual names those that nobody chose never hide a declared one.
        for (i, field) in self.fields.iter().take(MAX_FIELDS).enumerate() {
            let Some(name) = field.ancestors_name() else { continue };
            let id = FieldId(u16::try_from(i).unwrap_or(u16::MAX));
            let folded = fold_case(&name).into_owned();
            match names.get(&folded) {
                None => drop(names.insert(folded, Named::Ancestors(id))),
                Some(Named::Field(_)) if field.ancestors.is_none() => {}
                Some(_) => {
                    let message = format!("the name `{name}` is taken (case is ignored)");
                    check.mistake(format!("fields[{i}].ancestors"), message);
                }
            }
        }
        names.entry(fold_case(ALL_TEXT).into_owned()).or_insert(Named::AllText);
        if check.mistakes.is_empty() {
            let searched = |(_, field): &(u16, &Field)| matches!(field.kind, Kind::Text | Kind::Keyword);
            let searchable = (0..).zip(&self.fields).filter(searched).map(|(id, _)| FieldId(id)).collect();
            Ok(Schema { name: self.name, key, latest, measures, fields: self.fields, names, searchable })
        } else {
            Err(Error::new(ErrorKind::Schema, check.mistakes))
        }
    }
}

/// Mistakes of one schema, each at its place.
struct Check {
    index: Arc<str>,
    mistakes: Vec<Diagnostic>,
}

impl Check {
    fn mistake(&mut self, at: impl AsRef<str>, message: impl Into<String>) {
        let place = Place::document(format!("{}.{}", self.index, at.as_ref()));
        self.mistakes.push(Diagnostic::new(Code::InvalidSchema, Severity::Error, place, message));
    }

    fn field(&mut self, i: usize, field: &Field) {
        let at = |part: &str| format!("fields[{i}].{part}");
        let kind = field.kind;
        if field.name.is_empty() {
            self.mistake(at("name"), "a field needs a name");
        }
        if field.multi && !kind.may_be_multi() {
            self.mistake(at("multi"), format!("a {kind} field cannot hold several values"));
        }
        if field.separator.is_some() && !field.multi {
            self.mistake(at("separator"), "a field of single values has no separator");
        }
        if field.separator.as_ref().is_some_and(|separator| separator.trim().is_empty()) {
            self.mistake(at("separator"), "blanks separate no values");
        }
        if field.zone.is_some() && kind != Kind::DateTime {
            self.mistake(at("zone"), format!("a {kind} field has no zone, only datetime fields do"));
        }
        if field.ancestors.is_some() && kind != Kind::Path {
            self.mistake(at("ancestors"), format!("a {kind} field has no ancestors, only path fields do"));
        }
        if field.collation.is_some() && (kind.is_number() || matches!(kind, Kind::Status | Kind::Guid | Kind::Path)) {
            self.mistake(at("collation"), format!("a {kind} field has no choice of collation"));
        }
        if (kind == Kind::Relation) != field.relation.is_some() {
            self.mistake(at("relation"), "a relation field names index and key, and no other kind does");
        }
        if !field.values.is_empty() && !matches!(kind, Kind::Status | Kind::Keyword | Kind::User) {
            self.mistake(at("values"), format!("a {kind} field has no declared values"));
        }
        let collation = field.effective_collation();
        let mut seen = HashSet::default();
        for (v, value) in field.values.iter().enumerate() {
            if value.flags != StatusFlags::default() && kind != Kind::Status {
                self.mistake(at(&format!("values[{v}]")), format!("flags belong to status values, not to {kind}"));
            }
            for name in std::iter::once(&value.name).chain(&value.aliases) {
                if name.is_empty() {
                    self.mistake(at(&format!("values[{v}]")), "a declared value needs a name");
                } else if !seen.insert(collation.fold(name).into_owned()) {
                    self.mistake(at(&format!("values[{v}]")), format!("the value `{name}` is declared twice"));
                }
            }
        }
    }
}
