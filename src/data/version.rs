//! What a snapshot sees: every index at one moment. Cloning shares everything.

use std::sync::Arc;

use crate::data::block::{BLOCK_ROWS, NULL, Summary};
use crate::data::domain::Domain;
use crate::data::keys::Key;
use crate::data::segment::Segment;
use crate::model::catalog::{Catalog, IndexId};
use crate::model::guid::{format_guid, parse_guid};
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Schema};
use crate::model::value::Value;

/// All indexes of an engine after some commit.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    /// Counts commits; the empty engine is 0.
    pub(crate) number: u64,
    pub(crate) catalog: Catalog,
    pub(crate) indexes: Vec<Arc<IndexVersion>>,
}

/// The rows of one index.
#[derive(Clone, Debug)]
pub(crate) struct IndexVersion {
    pub(crate) schema: Arc<Schema>,
    /// By field: the dictionary, for fields that have one.
    pub(crate) domains: Vec<Option<Arc<Domain>>>,
    pub(crate) segments: Vec<Arc<Segment>>,
    /// Rows of a full segment.
    pub(crate) segment_rows: u32,
}

/// How a field's cells are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As ids of a dictionary.
    Ids,
    /// As numbers on a line.
    Numbers,
}

/// Flips the sign bit, so that GUIDs order as signed numbers do.
const GUID_FLIP: u128 = 1 << 127;

impl Version {
    pub(crate) fn index(&self, id: IndexId) -> &Arc<IndexVersion> {
        &self.indexes[id.idx()]
    }
}

impl IndexVersion {
    /// An index without rows.
    pub(crate) fn empty(schema: Arc<Schema>, segment_rows: u32) -> Self {
        let domain = |id| (coding(&schema, id) == Coding::Ids).then(|| Arc::new(Domain::of_field(schema.field(id))));
        let domains = schema.field_ids().map(domain).collect();
        Self { schema, domains, segments: Vec::new(), segment_rows }
    }

    /// Rows that queries see.
    pub(crate) fn n_live(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.n_rows - segment.n_deleted)).sum()
    }

    /// Segment, block and row of a place.
    pub(crate) fn locate(&self, place: u32) -> (usize, usize, usize) {
        let (segment, row) = (place / self.segment_rows, (place % self.segment_rows) as usize);
        (segment as usize, row / BLOCK_ROWS, row % BLOCK_ROWS)
    }

    /// The key of the row at a place, live or not.
    pub(crate) fn key_at(&self, place: u32) -> Option<Key> {
        let field = self.schema.key_id()?;
        let (segment, block, row) = self.locate(place);
        let number = self.segments.get(segment)?.number(field, block, row)?;
        match self.domain(field) {
            None => Some(Key::Number(number)),
            Some(domain) => {
                let text = domain.shared_text(u32::try_from(number).ok()?)?;
                Some(Key::of_text(text, self.schema.field(field).effective_collation()))
            }
        }
    }

    /// The dictionary of a field, if it has one.
    pub(crate) fn domain(&self, field: FieldId) -> Option<&Arc<Domain>> {
        self.domains[field.idx()].as_ref()
    }

    /// What all segments hold of a field.
    pub(crate) fn summary(&self, field: FieldId) -> Summary {
        self.segments.iter().fold(Summary::NOTHING, |sum, segment| sum.merge(segment.summary(field)))
    }

    /// A cell as it was stored.
    pub(crate) fn value(&self, segment: &Segment, block: usize, row: usize, field: FieldId) -> Value {
        let Some(cells) = segment.block(field, block) else { return Value::Null };
        let kind = self.schema.field(field).kind;
        let one = |at: usize| {
            let code = cells.codes().get(at);
            match (cells.frame(), &self.domains[field.idx()]) {
                _ if code == u128::from(NULL) => Value::Null,
                (Some(frame), _) => number_value(frame.number(code), kind),
                (None, Some(domain)) => id_value(domain, code as u32, kind),
                (None, None) => Value::Null,
            }
        };
        let range = cells.range(row);
        if cells.offsets().is_none() {
            return one(range.start);
        }
        match range.len() {
            1 if cells.codes().get(range.start) == u128::from(NULL) => Value::Null,
            _ => Value::List(range.map(one).collect()),
        }
    }
}

/// How a field's cells are coded: GUIDs that identify rows are unique and would only fill a dictionary.
pub(crate) fn coding(schema: &Schema, field: FieldId) -> Coding {
    let kind = schema.field(field).kind;
    let unique_guid = kind == Kind::Guid && schema.key_id() == Some(field);
    if kind.is_number() || unique_guid { Coding::Numbers } else { Coding::Ids }
}

/// The number that stands for a value of a number-like field; decimals in units of 10^-24.
pub(crate) fn number_of(value: &Value) -> Option<i128> {
    match value {
        Value::Boolean(b) => Some((*b).into()),
        Value::Integer(n) | Value::Instant(n) | Value::Duration(n) => Some((*n).into()),
        Value::Date(days) => Some((*days).into()),
        Value::Decimal(d) => Some(d.mantissa_at(crate::model::decimal::MAX_SCALE)),
        Value::Guid(guid) => Some((guid ^ GUID_FLIP) as i128),
        Value::Null | Value::Real(_) | Value::Text(_) | Value::Time(_) | Value::List(_) => None,
    }
}

/// The value that a number of a field of that kind stands for.
pub(crate) fn number_value(n: i128, kind: Kind) -> Value {
    let narrow = i64::try_from(n).unwrap_or_default();
    match kind {
        Kind::Boolean => Value::Boolean(n != 0),
        Kind::Integer => Value::Integer(narrow),
        Kind::DateTime => Value::Instant(narrow),
        Kind::Duration => Value::Duration(narrow),
        Kind::Date => Value::Date(i32::try_from(n).unwrap_or_default()),
        Kind::Guid => Value::Guid(n as u128 ^ GUID_FLIP),
        Kind::Decimal => crate::model::decimal::Decimal::of_units(n).into(),
        _ => Value::Null,
    }
}

/// The value that an id of a field of that kind stands for.
pub(crate) fn id_value(domain: &Domain, id: u32, kind: Kind) -> Value {
    match domain.shared_text(id) {
        _ if id == NULL => Value::Null,
        None => Value::Text("".into()),
        Some(text) if kind == Kind::Guid => parse_guid(text).map_or(Value::Null, Value::Guid),
        Some(text) => Value::Text(text.clone()),
    }
}

/// The text under which a value of a dictionary field is kept.
pub(crate) fn dictionary_text(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Guid(guid) => Some(format_guid(*guid).into()),
        _ => None,
    }
}
