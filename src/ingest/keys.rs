//! Keys across all files of a load: one a row, none twice. What is in an engine already is not known here.

use std::hash::BuildHasher as _;

use hashbrown::HashTable;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::hash::State;
use crate::ingest::intake::Mistakes;
use crate::model::cell::text_of;
use crate::model::fold::Collation;
use crate::model::schema::Schema;
use crate::model::value::Value;

/// Reports rows without a key, unless it may have been lost with something else, and keys that are there twice; `cells` has
/// a cell a field and row, row by row.
///
/// Only row numbers are stored: a key is found again in its cell.
pub(super) fn check_keys(
    schema: &Schema,
    cells: &[Value],
    in_doubt: impl Fn(usize) -> bool,
    place: impl Fn(usize) -> Place,
    mistakes: &mut Mistakes,
) {
    let Some(id) = schema.key_id() else { return };
    let (field, width) = (schema.field(id), schema.fields().len());
    let collation = field.effective_collation();
    let key_of = |row: usize| &cells[row * width + id.idx()];
    let hasher = State::default();
    let mut seen: HashTable<usize> = HashTable::with_capacity(cells.len() / width);
    for row in 0..cells.len() / width {
        let key = key_of(row);
        if key.is_empty() {
            if !in_doubt(row) {
                mistakes.add(|| {
                    let message = format!("no value for the key `{}`", field.name());
                    Diagnostic::new(Code::MissingKey, Severity::Error, place(row), message)
                });
            }
            continue;
        }
        let hash = hash_of(&hasher, key, collation);
        let earlier = seen.find(hash, |&other| are_equal(key_of(other), key, collation)).copied();
        match earlier {
            Some(earlier) => mistakes.add(|| {
                let key: String = text_of(key).chars().take(60).collect();
                let message = format!("the key `{key}` is that of {} too", place(earlier));
                Diagnostic::new(Code::DuplicateKey, Severity::Error, place(row), message)
            }),
            None => {
                seen.insert_unique(hash, row, |&row| hash_of(&hasher, key_of(row), collation));
            }
        }
    }
}

fn are_equal(a: &Value, b: &Value, collation: Collation) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a == b || collation.fold(a) == collation.fold(b),
        _ => a == b,
    }
}

fn hash_of(hasher: &State, key: &Value, collation: Collation) -> u64 {
    match key {
        Value::Text(text) => hasher.hash_one(collation.fold(text).as_ref()),
        Value::Integer(n) => hasher.hash_one(n),
        Value::Guid(guid) => hasher.hash_one(guid),
        // A key is of no other kind.
        _ => 0,
    }
}
