//! Which rows a name belongs to. The outermost rows are those that are asked; a lambda looks at one row or value at a time
//! of what its path leads to, and names it by its variable. A name without a variable belongs to the outermost rows.

use std::sync::Arc;

use crate::model::catalog::IndexId;
use crate::model::schema::FieldId;
use crate::query::predicate::expr::{ExprId, Hop, Type};

/// What is looked at, one at a time.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// The name of the one that is looked at; none for the rows that are asked.
    pub(super) variable: Option<Box<str>>,
    pub(super) rows: Rows,
    /// How the row that the one around looks at is found from here; none where there is no way.
    pub(super) back: Option<Vec<Hop>>,
}

#[derive(Clone, Debug)]
pub(super) enum Rows {
    /// Rows of an index.
    Index(IndexId),
    /// The values of a field that has several.
    Values { index: IndexId, field: FieldId },
    /// Rows with columns alone.
    Computed,
}

/// What a name beside the fields stands for: a column of computed rows, or what `compute` gave a name.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) path: Vec<Arc<str>>,
    pub(super) id: ExprId,
    pub(super) ty: Type,
}

/// The value of that path.
pub(super) fn find<'n>(names: &'n [Named], path: &[&str]) -> Option<&'n Named> {
    names.iter().find(|named| named.path.iter().map(|part| &**part).eq(path.iter().copied()))
}

/// Whether a path leads to a value, or to some below it.
pub(super) fn leads_on(names: &[Named], path: &[&str]) -> bool {
    let begins = |named: &Named| {
        named.path.len() >= path.len() && named.path.iter().zip(path).all(|(part, wanted)| **part == **wanted)
    };
    names.iter().any(begins)
}
