//! One field of an index: its kind and everything declared about it. Checked as part of a schema, not here.

use std::sync::Arc;

use crate::model::fold::Collation;
use crate::model::kind::Kind;
use crate::model::time::Zone;

/// A field, built by naming its kind and setting what differs from the defaults.
///
/// ```
/// use tallygrid::{Collation, Field, Kind};
/// let tags = Field::new("Tags", Kind::Keyword).multi().alias("Labels").collation(Collation::Exact);
/// assert_eq!(tags.name(), "Tags");
/// assert!(tags.is_multi());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub(crate) name: Arc<str>,
    pub(crate) kind: Kind,
    pub(crate) multi: bool,
    pub(crate) separator: Option<Arc<str>>,
    pub(crate) aliases: Vec<Arc<str>>,
    pub(crate) values: Vec<DeclaredValue>,
    pub(crate) collation: Option<Collation>,
    pub(crate) zone: Option<Zone>,
    pub(crate) relation: Option<Relation>,
    pub(crate) ancestors: Option<Arc<str>>,
}

/// A value that a schema names, in its place of the declared order.
///
/// ```
/// use tallygrid::DeclaredValue;
/// let passed = DeclaredValue::new("Passed").passed().is_final().alias("PASS");
/// assert_eq!(passed.name(), "Passed");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredValue {
    pub(crate) name: Arc<str>,
    pub(crate) aliases: Vec<Arc<str>>,
    pub(crate) flags: StatusFlags,
}

/// What a status means to totals and rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts, named as the systems on the wire name them")]
pub struct StatusFlags {
    /// Counts as a success.
    pub passed: bool,
    /// Counts as a failure.
    pub failed: bool,
    /// Ends the test; the others are still to be done.
    pub is_final: bool,
    /// Stands for a test nobody touched.
    pub untested: bool,
}

/// Where the keys in a relation field lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Name of the index they lead to.
    pub index: Arc<str>,
    /// Name of the field there that holds them.
    pub key: Arc<str>,
    /// Whether a row has several; those may be found by this row's key, see [`Field::relation`].
    pub many: bool,
}

impl Field {
    /// A single-valued field with the defaults of its kind.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            multi: false,
            separator: None,
            aliases: Vec::new(),
            values: Vec::new(),
            collation: None,
            zone: None,
            relation: None,
            ancestors: None,
        }
    }

    /// A relation to the rows of `index` whose field `key` holds the stored key.
    ///
    /// A relation to `many` by a field that is not the key of that index leads back from there: to the rows whose `key` is
    /// the key of this row. Nothing needs to be stored for it; what a row does store in it counts instead.
    #[must_use]
    pub fn relation(
        name: impl Into<Arc<str>>,
        index: impl Into<Arc<str>>,
        key: impl Into<Arc<str>>,
        many: bool,
    ) -> Self {
        let mut field = Self::new(name, Kind::Relation);
        field.multi = many;
        field.relation = Some(Relation { index: index.into(), key: key.into(), many });
        field
    }

    /// May hold several values (keyword, user, path, integer).
    #[must_use]
    pub fn multi(mut self) -> Self {
        self.multi = true;
        self
    }

    /// Several values, apart by this text, in one cell of a file whose format has no lists (CSV, JUnit). Blanks around them
    /// do not count. Without it such a cell is one value.
    #[must_use]
    pub fn separator(mut self, separator: impl Into<Arc<str>>) -> Self {
        self.separator = Some(separator.into());
        self
    }

    /// With another name that queries may use.
    #[must_use]
    pub fn alias(mut self, alias: impl Into<Arc<str>>) -> Self {
        self.aliases.push(alias.into());
        self
    }

    /// With declared values: their order, spelling and, for a status, meaning.
    #[must_use]
    pub fn values(mut self, values: impl IntoIterator<Item = DeclaredValue>) -> Self {
        self.values.extend(values);
        self
    }

    /// With another collation than `IgnoreCase`. Status fields always use `Status`, path fields `Path`.
    #[must_use]
    pub fn collation(mut self, collation: Collation) -> Self {
        self.collation = Some(collation);
        self
    }

    /// With a zone for date-times in the data that carry no offset (else UTC).
    #[must_use]
    pub fn zone(mut self, zone: Zone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// With a name under which a path field is compared with all its ancestors. Without one it is `All<Name>s` unless a
    /// field has that name: `Package` has `AllPackages`.
    #[must_use]
    pub fn ancestors(mut self, name: impl Into<Arc<str>>) -> Self {
        self.ancestors = Some(name.into());
        self
    }

    /// The field's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The field's kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether a row may hold several values.
    #[must_use]
    pub fn is_multi(&self) -> bool {
        self.multi
    }

    /// The declared value that a text names, by its name or an alias, under the field's collation.
    pub(crate) fn declared_value(&self, text: &str) -> Option<&DeclaredValue> {
        let collation = self.effective_collation();
        let folded = collation.fold(text);
        let is_it = |name: &Arc<str>| collation.fold(name) == folded;
        self.values.iter().find(|value| is_it(&value.name) || value.aliases.iter().any(is_it))
    }

    /// The declared values in order.
    #[must_use]
    pub fn declared_values(&self) -> &[DeclaredValue] {
        &self.values
    }

    /// Further names.
    #[must_use]
    pub fn aliases(&self) -> &[Arc<str>] {
        &self.aliases
    }

    /// How texts are compared.
    #[must_use]
    pub fn effective_collation(&self) -> Collation {
        match self.kind {
            Kind::Status => Collation::Status,
            // Canonical text: one spelling each.
            Kind::Guid => Collation::Exact,
            Kind::Path => Collation::Path,
            _ => self.collation.unwrap_or_default(),
        }
    }

    /// The name under which a path field is compared with all its ancestors.
    pub(crate) fn ancestors_name(&self) -> Option<Arc<str>> {
        let name = || format!("All{}s", self.name).into();
        (self.kind == Kind::Path).then(|| self.ancestors.clone().unwrap_or_else(name))
    }

    /// Whether rows can be grouped by it.
    pub(crate) fn is_groupable(&self) -> bool {
        self.not_groupable().is_none()
    }

    /// Why rows cannot be grouped by it, and what they can be grouped by. What a relation holds is a key of elsewhere, which
    /// no value can be compared with.
    pub(crate) fn not_groupable(&self) -> Option<(&'static str, &'static str)> {
        match self.kind {
            Kind::Text => Some(("is running text and cannot be grouped by", "group by a keyword field")),
            Kind::Relation => Some((
                "is a relation and cannot be grouped by",
                "group by a keyword or guid field that holds the same keys",
            )),
            _ => None,
        }
    }

    /// Whether rows can be sorted by it.
    pub(crate) fn gives_order(&self) -> bool {
        !self.multi && self.kind != Kind::Text
    }
}

impl DeclaredValue {
    /// A value without flags.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), aliases: Vec::new(), flags: StatusFlags::default() }
    }

    /// With another spelling that data and queries may use.
    #[must_use]
    pub fn alias(mut self, alias: impl Into<Arc<str>>) -> Self {
        self.aliases.push(alias.into());
        self
    }

    /// Counts as a success.
    #[must_use]
    pub fn passed(mut self) -> Self {
        self.flags.passed = true;
        self
    }

    /// Counts as a failure.
    #[must_use]
    pub fn failed(mut self) -> Self {
        self.flags.failed = true;
        self
    }

    /// Ends the test.
    #[must_use]
    pub fn is_final(mut self) -> Self {
        self.flags.is_final = true;
        self
    }

    /// Stands for a test nobody touched.
    #[must_use]
    pub fn untested(mut self) -> Self {
        self.flags.untested = true;
        self
    }

    /// The declared spelling.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Other spellings.
    #[must_use]
    pub fn aliases(&self) -> &[Arc<str>] {
        &self.aliases
    }

    /// What it means.
    #[must_use]
    pub fn flags(&self) -> StatusFlags {
        self.flags
    }
}

impl From<&str> for DeclaredValue {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}
