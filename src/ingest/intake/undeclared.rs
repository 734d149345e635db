//! Values outside a field's declared set. They are no mistakes: the rows are loaded, and the report notes them.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::hash::{HashMap, HashSet};
use crate::model::field::{DeclaredValue, Field};
use crate::model::fold::Collation;
use crate::model::value::Value;

use super::shortened;

/// Values that a note shows.
const SHOWN: usize = 3;

/// What one field has seen of values that it does not declare.
pub(super) struct Undeclared {
    collation: Collation,
    /// Names and aliases, folded.
    declared: HashSet<String>,
    /// Whether a text is declared; each is folded once.
    known: HashMap<Arc<str>, bool>,
    /// Values that are not, folded, and the spellings of the first few.
    values: HashSet<String>,
    first: Vec<Arc<str>>,
    n_rows: u64,
    place: Option<Place>,
}

impl Undeclared {
    /// Nothing yet; nothing ever for a field that declares no values.
    pub(super) fn of(field: &Field) -> Option<Self> {
        let collation = field.effective_collation();
        let names = |value: &DeclaredValue| {
            let all = std::iter::once(value.name()).chain(value.aliases().iter().map(|alias| &**alias));
            all.map(|name| collation.fold(name).into_owned()).collect::<Vec<_>>()
        };
        let declared: HashSet<String> = field.values.iter().flat_map(names).collect();
        (!declared.is_empty()).then(|| Self {
            collation,
            declared,
            known: HashMap::default(),
            values: HashSet::default(),
            first: Vec::new(),
            n_rows: 0,
            place: None,
        })
    }

    /// Takes note of a row's cell; `place` is asked once.
    pub(super) fn see(&mut self, cell: &Value, place: impl FnOnce() -> Place) {
        let texts = match cell {
            Value::List(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut outside = false;
        for text in texts {
            if let Value::Text(text) = text {
                outside |= !text.is_empty() && !self.is_declared(text);
            }
        }
        if outside {
            self.n_rows += 1;
            self.place.get_or_insert_with(place);
        }
    }

    fn is_declared(&mut self, text: &Arc<str>) -> bool {
        if let Some(known) = self.known.get(&**text) {
            return *known;
        }
        let folded = self.collation.fold(text);
        let is_declared = self.declared.contains(folded.as_ref());
        if !is_declared && self.values.insert(folded.into_owned()) && self.first.len() < SHOWN {
            self.first.push(text.clone());
        }
        self.known.insert(text.clone(), is_declared);
        is_declared
    }

    /// What is to be told of it.
    pub(super) fn note(&self, field: &str) -> Option<Diagnostic> {
        let place = self.place.clone()?;
        let rows = if self.n_rows == 1 { "1 row has".to_owned() } else { format!("{} rows have", self.n_rows) };
        let shown: Vec<String> = self.first.iter().map(|text| format!("`{}`", shortened(text))).collect();
        let more = self.values.len() - self.first.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("{rows} a value of `{field}` that is not declared: {}{more}", shown.join(", "));
        let note = Diagnostic::new(Code::UnknownValue, Severity::Note, place, message);
        Some(note.help("declare it in the schema, by itself or as an alias of another value"))
    }
}
