//! Where the relations of a row lead: compared key by key, row by row.

use tallygrid::{Kind, Value};

use super::column::{Atom, Column, INTEGER_UNIT, atoms, folded_place};
use super::world::{Row, World};

impl World {
    /// Where relations lead: to the index `Other`, which leads to itself.
    pub(crate) fn there(&self) -> &World {
        self.other.as_deref().unwrap_or(self)
    }

    /// Whether a relation leads to rows whose key is this one's, where it holds nothing.
    pub(crate) fn leads_back(&self, at: usize) -> bool {
        self.keyed && self.columns[at].multi && self.columns[at].leads_by != "Id"
    }

    /// Whether the relation of a row leads to some row that passes.
    pub(crate) fn leads(&self, at: usize, row: &[Value], passes: &dyn Fn(&World, &Row) -> bool) -> bool {
        let (there, relation) = (self.there(), &self.columns[at]);
        let key = there.columns.iter().position(|column| column.name == relation.leads_by).unwrap();
        let (own, cell) = match atoms(&row[at]).is_empty() && self.leads_back(at) {
            true => (&self.columns[0], &row[0]),
            false => (relation, &row[at]),
        };
        there.rows.iter().filter(|other| passes(there, other)).any(|other| {
            let keys = atoms(&other[key]);
            atoms(cell)
                .iter()
                .any(|atom| keys.iter().any(|key_atom| same((own, atom), (&there.columns[key], key_atom))))
        })
    }
}

/// Whether two fields' values are the same key.
fn same((a_column, a): (&Column, &Atom), (b_column, b): (&Column, &Atom)) -> bool {
    let is_guid = a_column.kind == Kind::Guid || b_column.kind == Kind::Guid;
    match (a, b) {
        (Atom::Text(a), Atom::Text(b)) if is_guid => folded_place(a) == folded_place(b),
        (Atom::Text(_), Atom::Text(_)) => {
            a_column.class(a) == a_column.class(b) && b_column.class(a) == b_column.class(b)
        }
        (Atom::Number(a), Atom::Number(b)) => a == b,
        (Atom::Text(text), Atom::Number(n)) | (Atom::Number(n), Atom::Text(text)) => {
            // Whole numbers are all that keys are.
            let whole = text.strip_suffix(".0").unwrap_or(text);
            whole.parse::<i128>().is_ok_and(|whole| whole * INTEGER_UNIT == *n)
        }
    }
}
