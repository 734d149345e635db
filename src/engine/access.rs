//! What a caller may see: indexes, and in each the rows of a condition. What is not named is denied.

use crate::engine::condition::Condition;
use crate::model::fold::fold_case;
use crate::query::context::Sight;

/// The indexes and rows a caller may see. Applies to every index that a query touches.
///
/// ```
/// use tallygrid::{Access, Condition};
/// let access = Access::none().allow("Run", Condition::is_in("ProjectId", ["p1", "p2"]));
/// assert!(access.sees("run") && !access.sees("Defect"));
/// ```
#[derive(Clone, Debug)]
pub struct Access {
    everything: bool,
    indexes: Vec<(String, Condition)>,
}

impl Access {
    /// Every row of every index.
    #[must_use]
    pub fn unrestricted() -> Self {
        Self { everything: true, indexes: Vec::new() }
    }

    /// Nothing.
    #[must_use]
    pub fn none() -> Self {
        Self { everything: false, indexes: Vec::new() }
    }

    /// With the rows of one index that satisfy the condition; said twice of an index, a row may satisfy either.
    #[must_use]
    pub fn allow(mut self, index: impl Into<String>, rows: Condition) -> Self {
        self.indexes.push((index.into(), rows));
        self
    }

    /// Whether some rows of the index may be seen.
    #[must_use]
    pub fn sees(&self, index: &str) -> bool {
        self.rows_of(index).is_some()
    }

    /// What a row of the index must satisfy; none if no row may be seen.
    pub(crate) fn rows_of(&self, index: &str) -> Option<Condition> {
        if self.everything {
            return Some(Condition::all());
        }
        let folded = fold_case(index);
        let named = self.indexes.iter().filter(|(name, _)| fold_case(name) == folded);
        let mut conditions: Vec<Condition> = named.map(|(_, rows)| rows.clone()).collect();
        if conditions.len() > 1 { Some(Condition::any_of(conditions)) } else { conditions.pop() }
    }
}

impl Sight for Access {
    fn sees(&self, index: &str) -> bool {
        Self::sees(self, index)
    }
}
