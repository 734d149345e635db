//! Aggregates that an index has by name, as its schema declares them: what OData calls custom aggregates.

use std::sync::Arc;

use crate::model::field::Field;
use crate::model::kind::Kind;

/// How the values of a field become one; empties are left out.
///
/// ```
/// use tallygrid::{Field, Kind, Measure, Schema};
/// let schema = Schema::builder("Run")
///     .field(Field::new("Took", Kind::Duration))
///     .aggregate("TimeSpent", Measure::Sum, "Took")
///     .build()?;
/// assert_eq!(schema.aggregates().next(), Some(("TimeSpent", Measure::Sum, "Took")));
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Measure {
    /// Of numbers and durations.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// Of numbers and durations.
    Average,
    /// How many different values there are.
    CountDistinct,
}

impl Measure {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Sum, "sum"),
        (Self::Min, "min"),
        (Self::Max, "max"),
        (Self::Average, "average"),
        (Self::CountDistinct, "countdistinct"),
    ];

    /// The measure of that name: `sum`, `min`, `max`, `average`, `countdistinct`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(measure, _)| *measure)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(measure, _)| *measure == self).map_or("", |(_, name)| name)
    }

    /// Each with its name.
    pub(crate) fn all() -> impl Iterator<Item = (&'static str, Self)> {
        Self::ALL.into_iter().map(|(measure, name)| (name, measure))
    }

    /// Why the values of a field cannot be measured so.
    pub(crate) fn misfit(self, field: &Field) -> Option<String> {
        let (name, kind) = (field.name(), field.kind);
        if field.multi {
            return Some(format!("`{name}` holds several values"));
        }
        let adds = matches!(self, Self::Sum | Self::Average);
        let is_added = matches!(kind, Kind::Integer | Kind::Decimal | Kind::Duration);
        (adds && !is_added).then(|| format!("`{}` has no meaning for `{name}`, which is {kind}", self.as_str()))
    }
}

/// A declared aggregate, of a field in terms of `F`: its name, or once it is found its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measured<F> {
    pub(crate) name: Arc<str>,
    pub(crate) measure: Measure,
    pub(crate) field: F,
}
