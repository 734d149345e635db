//! A block of one column while a transaction writes it: grows by appending, changes cell by cell, seals into a [`Block`].

use std::ops::Range;
use std::sync::Arc;

use crate::data::block::{BLANK, Block, NULL};
use crate::data::domain::DomainDraft;
use crate::data::version::{Coding, dictionary_text, number_of};
use crate::model::value::Value;

/// Cells of up to a block of rows, decoded.
#[derive(Debug)]
pub(crate) struct BlockEditor {
    cells: Cells,
    /// For lists: where each row's elements are; changed rows point behind the others' elements.
    rows: Option<Vec<Range<u32>>>,
}

#[derive(Debug)]
enum Cells {
    Ids(Vec<u32>),
    Numbers(Vec<Option<i128>>),
}

impl BlockEditor {
    /// A block without rows.
    pub(crate) fn new(coding: Coding, multi: bool) -> Self {
        let cells = match coding {
            Coding::Ids => Cells::Ids(Vec::new()),
            Coding::Numbers => Cells::Numbers(Vec::new()),
        };
        Self { cells, rows: multi.then(Vec::new) }
    }

    /// A copy of a block; of `n_rows` nulls where there is none.
    pub(crate) fn open(block: Option<&Block>, n_rows: usize, coding: Coding, multi: bool) -> Self {
        let mut editor = Self::new(coding, multi);
        let Some(block) = block else {
            (0..n_rows).for_each(|_| editor.push(&Value::Null, None));
            return editor;
        };
        let codes = (0..block.codes().len()).map(|i| block.codes().get(i));
        match (&mut editor.cells, block.frame()) {
            (Cells::Ids(ids), _) => ids.extend(codes.map(|code| code as u32)),
            (Cells::Numbers(numbers), frame) => {
                numbers.extend(codes.map(|code| frame.filter(|_| code != 0).map(|frame| frame.number(code))));
            }
        }
        if let Some(rows) = &mut editor.rows {
            rows.extend((0..n_rows).map(|row| {
                let range = block.range(row);
                range.start as u32..range.end as u32
            }));
        }
        editor
    }

    /// Adds a row. `value` was coerced to the field; `domain` is the field's, if it has one.
    pub(crate) fn push(&mut self, value: &Value, domain: Option<&mut DomainDraft>) {
        let range = self.push_elements(value, domain);
        if let Some(rows) = &mut self.rows {
            rows.push(range);
        }
    }

    /// Replaces a cell. `value` was coerced to the field.
    pub(crate) fn set(&mut self, row: usize, value: &Value, domain: Option<&mut DomainDraft>) {
        let range = self.push_elements(value, domain);
        match (&mut self.rows, &mut self.cells) {
            (Some(rows), _) => rows[row] = range,
            (None, Cells::Ids(ids)) => {
                ids.swap_remove(row);
            }
            (None, Cells::Numbers(numbers)) => {
                numbers.swap_remove(row);
            }
        }
    }

    /// Adds a cell's elements behind all others and answers where they are.
    fn push_elements(&mut self, value: &Value, mut domain: Option<&mut DomainDraft>) -> Range<u32> {
        let start = self.n_elements();
        match value {
            Value::List(items) => items.iter().for_each(|item| self.push_element(item, domain.as_deref_mut())),
            one => self.push_element(one, domain),
        }
        start..self.n_elements()
    }

    fn push_element(&mut self, value: &Value, domain: Option<&mut DomainDraft>) {
        match &mut self.cells {
            Cells::Numbers(numbers) => numbers.push(number_of(value)),
            Cells::Ids(ids) => ids.push(match (dictionary_text(value), domain) {
                (Some(text), _) if text.is_empty() => BLANK,
                (Some(text), Some(domain)) => domain.intern(&text),
                _ => NULL,
            }),
        }
    }

    fn n_elements(&self) -> u32 {
        let n = match &self.cells {
            Cells::Ids(ids) => ids.len(),
            Cells::Numbers(numbers) => numbers.len(),
        };
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// The id or number of a single-valued cell, as one number; none for null.
    pub(crate) fn key(&self, row: usize) -> Option<i128> {
        match &self.cells {
            Cells::Ids(ids) => Some(ids[row].into()).filter(|id| *id != i128::from(NULL)),
            Cells::Numbers(numbers) => numbers[row],
        }
    }

    /// The finished block; none if every row is null.
    pub(crate) fn seal(&self) -> Option<Arc<Block>> {
        match (&self.cells, &self.rows) {
            (Cells::Ids(ids), None) if ids.iter().all(|id| *id == NULL) => None,
            (Cells::Numbers(numbers), None) if numbers.iter().all(Option::is_none) => None,
            (Cells::Ids(ids), None) => Some(Block::of_ids(ids, None)),
            (Cells::Numbers(numbers), None) => Some(Block::of_numbers(numbers, None)),
            (Cells::Ids(ids), Some(rows)) => {
                let (ids, offsets) = in_row_order(ids, rows);
                Some(Block::of_ids(&ids, Some(&offsets)))
            }
            (Cells::Numbers(numbers), Some(rows)) => {
                let (numbers, offsets) = in_row_order(numbers, rows);
                Some(Block::of_numbers(&numbers, Some(&offsets)))
            }
        }
        .map(Arc::new)
    }
}

/// Elements row by row without those that a change left behind, and where each row begins.
fn in_row_order<T: Copy>(elements: &[T], rows: &[Range<u32>]) -> (Vec<T>, Vec<u32>) {
    let mut ordered = Vec::with_capacity(elements.len());
    let mut offsets = vec![0];
    for range in rows {
        ordered.extend_from_slice(&elements[range.start as usize..range.end as usize]);
        offsets.push(u32::try_from(ordered.len()).unwrap_or(u32::MAX));
    }
    (ordered, offsets)
}
