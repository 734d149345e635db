//! Several columns of a row in a few words of 64 bits: two rows have the same words if they agree in all columns, and the
//! words compare as the columns do, one after the other. Empty is 0, below every value.

use std::sync::Arc;

use crate::data::block::{BLANK, Block, NULL};
use crate::data::codes::{Code, each_width};
use crate::data::segment::Segment;
use crate::data::version::IndexVersion;
use crate::exec::lane::Lane;
use crate::model::schema::FieldId;

/// Bits of a word.
const WORD: u32 = u64::BITS;

/// Columns and where each stands in the words.
#[derive(Debug)]
pub(crate) struct Packing {
    parts: Vec<Part>,
    /// Bits that are used of each word, at its low end.
    bits: Vec<u32>,
}

/// What is packed of a column.
#[derive(Clone, Debug)]
pub(crate) enum Packed {
    /// Dictionary ids as they are; those of empties are one.
    Ids { n: u32 },
    /// By dictionary id: what stands for it.
    Table(Arc<[u32]>),
    /// Numbers, one above those of the lane.
    Numbers(Lane),
}

/// A column, or 64 bits of one.
#[derive(Debug)]
struct Part {
    field: FieldId,
    packed: Packed,
    /// How many low bits are left out.
    cut: u32,
    word: usize,
    shift: u32,
}

impl Packed {
    /// Equal for values that the field's collation holds equal.
    pub(crate) fn classes(field: FieldId, index: &IndexVersion) -> Self {
        match index.domain(field) {
            None => Self::Numbers(Lane::new(field, index)),
            Some(domain) if domain.has_classes() => {
                let class = |id| if id > BLANK { domain.class(id) } else { NULL };
                Self::Table((0..domain.len()).map(class).collect())
            }
            Some(domain) => Self::Ids { n: domain.len() },
        }
    }

    /// Ascending as rows ordered by the field do.
    pub(crate) fn ranks(field: FieldId, index: &IndexVersion) -> Self {
        match index.domain(field) {
            None => Self::Numbers(Lane::new(field, index)),
            Some(domain) => Self::Table(domain.ranks().clone()),
        }
    }

    /// The largest number that is packed.
    fn largest(&self) -> u128 {
        match self {
            Self::Ids { n } => n.saturating_sub(1).into(),
            Self::Table(table) => table.iter().max().map_or(0, |largest| (*largest).into()),
            Self::Numbers(lane) => lane.widest.saturating_add(1),
        }
    }
}

impl Packing {
    /// Packs the columns, the first into the highest bits; there is at least one word.
    pub(crate) fn new(columns: impl IntoIterator<Item = (FieldId, Packed)>) -> Self {
        let mut packing = Self { parts: Vec::new(), bits: vec![0] };
        for (field, packed) in columns {
            let bits = u128::BITS - packed.largest().leading_zeros();
            if let Some(high_bits) = bits.checked_sub(WORD).filter(|bits| *bits > 0) {
                packing.push(field, packed.clone(), WORD, high_bits);
            }
            if bits > 0 {
                packing.push(field, packed, 0, bits.min(WORD));
            }
        }
        packing
    }

    /// Adds a part below those that are there.
    fn push(&mut self, field: FieldId, packed: Packed, cut: u32, bits: u32) {
        if self.bits.last().is_none_or(|used| used + bits > WORD) {
            self.bits.push(0);
        }
        let word = self.bits.len() - 1;
        self.parts.iter_mut().filter(|part| part.word == word).for_each(|part| part.shift += bits);
        self.bits[word] += bits;
        self.parts.push(Part { field, packed, cut, word, shift: 0 });
    }

    /// Memory of its tables.
    pub(crate) fn bytes(&self) -> usize {
        let table = |part: &Part| if let Packed::Table(table) = &part.packed { size_of_val(&**table) } else { 0 };
        self.parts.iter().map(table).sum()
    }

    pub(crate) fn n_words(&self) -> usize {
        self.bits.len()
    }

    /// How many different words there can be, if there is one word of less than 32 bits.
    pub(crate) fn n_slots(&self) -> Option<usize> {
        match self.bits[..] {
            [bits] => 1u32.checked_shl(bits).map(|n| n as usize),
            _ => None,
        }
    }

    /// By word: those of a block's rows, of all `n` or of those listed.
    pub(crate) fn fill(
        &self,
        words: &mut Vec<Vec<u64>>,
        (segment, block): (&Segment, usize),
        (n, rows): (usize, Option<&[u16]>),
    ) {
        words.resize_with(self.n_words(), Vec::new);
        for word in &mut *words {
            word.clear();
            word.resize(rows.map_or(n, <[u16]>::len), 0);
        }
        for part in &self.parts {
            part.add(&mut words[part.word], segment.block(part.field, block), rows);
        }
    }
}

impl Part {
    fn add(&self, words: &mut [u64], block: Option<&Block>, rows: Option<&[u16]>) {
        let (cut, shift) = (self.cut, self.shift);
        match (&self.packed, block) {
            (Packed::Table(table), None) => {
                let null = table.first().map_or(0, |null| u64::from(*null) << shift);
                words.iter_mut().for_each(|word| *word |= null);
            }
            (Packed::Ids { .. } | Packed::Numbers(_), None) => {}
            (Packed::Ids { .. }, Some(block)) => each_width!(block.codes(), codes => {
                let id_of = |id: u64| if id > BLANK.into() { id } else { NULL.into() };
                add_each(words, codes, rows, |code| id_of(code.idx() as u64) << shift);
            }),
            (Packed::Table(table), Some(block)) => each_width!(block.codes(), codes => {
                add_each(words, codes, rows, |code| u64::from(table[code.idx()]) << shift);
            }),
            (Packed::Numbers(lane), Some(block)) => {
                let Some(track) = block.frame().map(|frame| lane.track(frame)) else { return };
                // Code 0 is empty and stays 0; the others are one above their numbers.
                let first = track.first.wrapping_add(1);
                each_width!(block.codes(), codes => if cut == 0 {
                    // What is cut off at the high end of a product never comes back.
                    let (first, factor) = (first as u64, track.factor as u64);
                    add_each(words, codes, rows, |code| match code.wide() as u64 {
                        _ if code.wide() == NULL.into() => 0,
                        code => first.wrapping_add(code.wrapping_mul(factor)) << shift,
                    });
                } else {
                    add_each(words, codes, rows, |code| match code.wide() {
                        0 => 0,
                        code => ((first.wrapping_add(code.wrapping_mul(track.factor)) >> cut) as u64) << shift,
                    });
                });
            }
        }
    }
}

/// Sets bits of each row's word: of all rows, or of those listed.
fn add_each<C: Code>(words: &mut [u64], codes: &[C], rows: Option<&[u16]>, bits_of: impl Fn(C) -> u64) {
    match rows {
        None => words.iter_mut().zip(codes).for_each(|(word, code)| *word |= bits_of(*code)),
        Some(rows) => words.iter_mut().zip(rows).for_each(|(word, row)| *word |= bits_of(codes[usize::from(*row)])),
    }
}
