//! Bytes held by an index, by column and structure: what a host needs to plan its memory.

use std::sync::Arc;

use crate::data::version::IndexVersion;

/// What an index holds in memory. Structures that versions share are counted in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryReport {
    /// Live rows.
    pub rows: u64,
    /// By field, in the schema's order.
    pub fields: Vec<FieldMemory>,
    /// Bytes of the masks of deleted rows.
    pub deleted: usize,
    /// Bytes of the table from keys to rows; kept by the writer, so 0 in a snapshot's report.
    pub keys: usize,
}

/// What one field holds in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldMemory {
    /// The field's name.
    pub field: Arc<str>,
    /// Bytes of codes and block headers.
    pub codes: usize,
    /// Bytes of the dictionary with its tables.
    pub dictionary: usize,
}

impl MemoryReport {
    /// All bytes.
    #[must_use]
    pub fn total(&self) -> usize {
        self.fields.iter().map(|f| f.codes + f.dictionary).sum::<usize>() + self.deleted + self.keys
    }
}

/// Counts every block, dictionary and mask of an index.
pub(crate) fn measure(index: &IndexVersion) -> MemoryReport {
    let fields = index.schema.field_ids().map(|id| {
        let columns = index.segments.iter().filter_map(|segment| segment.columns.get(id.idx()));
        let blocks = columns.flat_map(|column| &column.blocks);
        FieldMemory {
            field: index.schema.field(id).name.clone(),
            codes: blocks.map(|block| size_of::<usize>() + block.as_ref().map_or(0, |block| block.bytes() + 16)).sum(),
            dictionary: index.domain(id).map_or(0, |domain| domain.bytes()),
        }
    });
    let deleted = index.segments.iter().flat_map(|segment| &segment.live).flatten().map(|live| live.len() + 16).sum();
    MemoryReport { rows: index.n_live(), fields: fields.collect(), deleted, keys: 0 }
}
