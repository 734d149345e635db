//! One index while a transaction changes it. Nothing is seen by readers until the finished version is published; dropping a
//! draft leaves no trace.
//!
//! Cells arrive coerced to their fields; whether they may be written at all is the transaction's affair.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::data::block::BLOCK_ROWS;
use crate::data::domain::{Domain, DomainDraft};
use crate::data::editor::BlockEditor;
use crate::data::keys::{Key, KeyIndex};
use crate::data::segment::{Column, Segment};
use crate::data::version::{Coding, IndexVersion, coding};
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Schema};
use crate::model::value::Value;

/// Where a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Address {
    segment: usize,
    block: usize,
}

/// A block whose columns are being written.
#[derive(Debug, Default)]
struct OpenBlock {
    /// By field; none where nothing is written.
    editors: Vec<Option<BlockEditor>>,
    /// 1 for live, 0 for deleted; none if nothing was deleted in this transaction.
    live: Option<Vec<u8>>,
}

/// An index being changed.
#[derive(Debug)]
pub(crate) struct IndexDraft {
    base: Arc<IndexVersion>,
    schema: Arc<Schema>,
    segments: Vec<Arc<Segment>>,
    domains: Vec<Option<DomainDraft>>,
    open: BTreeMap<Address, OpenBlock>,
}

impl IndexDraft {
    pub(crate) fn new(base: &Arc<IndexVersion>) -> Self {
        let draft = |domain: &Option<Arc<Domain>>| domain.as_ref().map(|domain| DomainDraft::new((**domain).clone()));
        Self {
            base: base.clone(),
            schema: base.schema.clone(),
            segments: base.segments.clone(),
            domains: base.domains.iter().map(draft).collect(),
            open: BTreeMap::new(),
        }
    }

    /// Takes a schema with more fields; every row is null in the new ones.
    pub(crate) fn extend_schema(&mut self, schema: Arc<Schema>) {
        for id in schema.field_ids().skip(self.domains.len()) {
            let domain = || DomainDraft::new(Domain::of_field(schema.field(id)));
            self.domains.push((coding(&schema, id) == Coding::Ids).then(domain));
        }
        self.schema = schema;
    }

    /// Places taken so far, deleted rows included.
    pub(crate) fn n_places(&self) -> u64 {
        let full = self.segments.len().saturating_sub(1) as u64 * u64::from(self.base.segment_rows);
        full + self.segments.last().map_or(0, |last| u64::from(last.n_rows))
    }

    /// The key of a row that holds `value` in the key field; none if there is no key field or the value is empty.
    pub(crate) fn key_of(&self, value: &Value) -> Option<Key> {
        let field = self.schema.key_id()?;
        match value {
            Value::Text(text) if !text.is_empty() => {
                Some(Key::of_text(text, self.schema.field(field).effective_collation()))
            }
            value => crate::data::version::number_of(value).map(Key::Number),
        }
    }

    /// The place of the live row with that key.
    pub(crate) fn find(&self, key: &Key, keys: &KeyIndex) -> Option<u32> {
        keys.find(key, |place| self.key_at(place))
    }

    /// The place of the live row with that running number, for an index without a key field; the first row is number 1.
    pub(crate) fn find_number(&self, number: i64) -> Option<u32> {
        let place = u32::try_from(number.checked_sub(1)?).ok().filter(|place| u64::from(*place) < self.n_places())?;
        let (address, row) = self.locate(place);
        // Rows behind the end were added after the deletion.
        let deleted_now =
            self.open.get(&address).and_then(|open| open.live.as_ref()).is_some_and(|live| live.get(row) == Some(&0));
        let deleted_before =
            self.segments[address.segment].live(address.block).is_some_and(|live| live.get(row) == Some(&0));
        (!deleted_now && !deleted_before).then_some(place)
    }

    /// Adds a row behind all others: a value for every field. Answers its place.
    pub(crate) fn append(&mut self, cells: &[Value], keys: &mut KeyIndex) -> u32 {
        let place = u32::try_from(self.n_places()).unwrap_or(u32::MAX);
        let (address, _) = self.locate(place);
        if address.segment == self.segments.len() {
            let empty = Segment { n_rows: 0, columns: Vec::new(), live: Vec::new(), n_deleted: 0 };
            self.segments.push(Arc::new(empty));
        }
        for (field, cell) in self.schema.clone().field_ids().zip(cells) {
            let (editor, domain) = self.editor(address, field);
            editor.push(cell, domain);
        }
        let n_rows = self.segments[address.segment].n_rows + 1;
        Arc::make_mut(&mut self.segments[address.segment]).n_rows = n_rows;
        if let Some(key) = self.schema.key_id().and_then(|field| self.key_of(&cells[field.idx()])) {
            keys.insert(&key, place, |place| self.key_at(place));
        }
        if n_rows == self.base.segment_rows || (n_rows as usize).is_multiple_of(BLOCK_ROWS) {
            self.seal(address);
        }
        place
    }

    /// Replaces one cell of a row; never one of the key field.
    pub(crate) fn set(&mut self, place: u32, field: FieldId, value: &Value) {
        debug_assert!(self.schema.key_id() != Some(field), "a key cannot change");
        let (address, row) = self.locate(place);
        let (editor, domain) = self.editor(address, field);
        editor.set(row, value, domain);
    }

    /// Takes a live row out. Its place stays empty.
    pub(crate) fn delete(&mut self, place: u32, keys: &mut KeyIndex) {
        if let Some(key) = self.key_at(place) {
            keys.remove(&key, place);
        }
        let (address, row) = self.locate(place);
        let n_rows = self.segments[address.segment].block_rows(address.block);
        let before = self.segments[address.segment].live(address.block);
        let open = self.open.entry(address).or_default();
        let live = open.live.get_or_insert_with(|| before.map_or_else(Vec::new, <[u8]>::to_vec));
        live.resize(n_rows.max(live.len()), 1);
        live[row] = 0;
    }

    /// The version with all changes.
    pub(crate) fn finish(mut self) -> IndexVersion {
        let open: Vec<Address> = self.open.keys().copied().collect();
        for address in open {
            self.seal(address);
        }
        let domains = self.domains.into_iter().map(|domain| domain.map(|domain| Arc::new(domain.finish()))).collect();
        let segment_rows = self.base.segment_rows;
        IndexVersion { schema: self.schema, domains, segments: self.segments, segment_rows }
    }

    fn locate(&self, place: u32) -> (Address, usize) {
        let (segment, block, row) = self.base.locate(place);
        (Address { segment, block }, row)
    }

    /// The key of the row at a place, live or not.
    fn key_at(&self, place: u32) -> Option<Key> {
        let field = self.schema.key_id()?;
        let (address, row) = self.locate(place);
        let open = self.open.get(&address).and_then(|open| open.editors.get(field.idx())?.as_ref());
        let number = match open {
            Some(editor) => editor.key(row)?,
            None => self.segments.get(address.segment)?.number(field, address.block, row)?,
        };
        match &self.domains[field.idx()] {
            None => Some(Key::Number(number)),
            Some(domain) => {
                let text = domain.text(u32::try_from(number).ok()?)?;
                Some(Key::of_text(text, self.schema.field(field).effective_collation()))
            }
        }
    }

    /// The editor of one column of a block, with the dictionary that its new texts go to.
    fn editor(&mut self, address: Address, field: FieldId) -> (&mut BlockEditor, Option<&mut DomainDraft>) {
        let open = self.open.entry(address).or_default();
        if open.editors.len() <= field.idx() {
            open.editors.resize_with(self.schema.fields().len(), || None);
        }
        let segment = &self.segments[address.segment];
        let editor = open.editors[field.idx()].get_or_insert_with(|| {
            let n_rows = (segment.n_rows as usize).saturating_sub(address.block * BLOCK_ROWS).min(BLOCK_ROWS);
            let multi = self.schema.field(field).multi;
            BlockEditor::open(segment.block(field, address.block), n_rows, coding(&self.schema, field), multi)
        });
        (editor, self.domains[field.idx()].as_mut())
    }

    /// Turns an open block's editors into blocks of its segment.
    fn seal(&mut self, address: Address) {
        let Some(open) = self.open.remove(&address) else { return };
        let segment = Arc::make_mut(&mut self.segments[address.segment]);
        for (i, editor) in open.editors.iter().enumerate() {
            let Some(editor) = editor else { continue };
            if segment.columns.len() <= i {
                segment.columns.resize_with(i + 1, || Column::new(Vec::new()));
            }
            let mut blocks = std::mem::take(&mut segment.columns[i].blocks);
            blocks.resize(blocks.len().max(address.block + 1), None);
            blocks[address.block] = editor.seal();
            segment.columns[i] = Column::new(blocks);
        }
        // A column that was written for some block only is null in the others.
        let n_blocks = segment.n_blocks();
        for column in &mut segment.columns {
            if column.blocks.len() != n_blocks {
                let mut blocks = std::mem::take(&mut column.blocks);
                blocks.resize(n_blocks, None);
                *column = Column::new(blocks);
            }
        }
        if let Some(mut live) = open.live {
            live.resize(segment.block_rows(address.block), 1);
            segment.live.resize(n_blocks, None);
            segment.live[address.block] = Some(live.into());
        } else if let Some(Some(live)) = segment.live.get_mut(address.block) {
            // Rows were added to a block that has deleted ones.
            let mut grown = live.to_vec();
            grown.resize((segment.n_rows as usize - address.block * BLOCK_ROWS).min(BLOCK_ROWS), 1);
            *live = grown.into();
        }
        let deleted =
            |live: &Option<Arc<[u8]>>| live.as_ref().map_or(0, |live| live.iter().filter(|l| **l == 0).count());
        segment.n_deleted = segment.live.iter().map(|live| deleted(live) as u32).sum();
    }
}

/// Whether a value of that kind can identify a row; the reason if not. The two GUIDs at the ends of the range would need
/// one code more than there are.
pub(crate) fn key_fault(value: &Value, kind: Kind) -> Option<&'static str> {
    match value {
        _ if value.is_empty() => Some("the key is empty"),
        Value::Guid(u128::MAX) if kind == Kind::Guid => Some("the all-ones guid cannot be a key"),
        _ => None,
    }
}
