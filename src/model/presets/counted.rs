//! Schemas of a test-management server whose runs carry counters: `runs`, `tests`, `results`, and what runs refer to. Indexes
//! and fields are named as that server's answers name them. How they are asked and kept is the surface's affair.
//!
//! A status is told by its number: that of its place among the declared values, from 1. The first stands for a test that
//! nobody touched. There may be 25, since a run has counters for so many.
//!
//! ```
//! use tallygrid::{Field, Kind, presets::counted};
//! let tests = counted::tests(&counted::statuses()).field(Field::new("case_id", Kind::Integer)).build()?;
//! let status = tests.fields().iter().find(|f| f.name() == "status").unwrap();
//! assert_eq!(status.declared_values()[1].name(), "Passed");
//! # Ok::<(), tallygrid::Error>(())
//! ```

use std::sync::Arc;

use crate::base::error::Result;
use crate::model::catalog::Catalog;
use crate::model::field::{DeclaredValue, Field};
use crate::model::kind::Kind;
use crate::model::latest::Latest;
use crate::model::schema::{Schema, SchemaBuilder};

/// Statuses that a run has counters for.
pub(crate) const MOST_STATUSES: usize = 25;

/// What is summed from the statuses' counters.
pub(crate) const SUMS: [&str; 4] = ["success_count", "failure_count", "completed_count", "total_count"];

/// The indexes of what runs and results refer to.
pub(crate) const REFERRED: [&str; 5] = ["configs", "issues", "milestones", "states", "users"];

/// The statuses that every such server has: `Untested`, `Passed`, `Failed`, `Retest`, `Blocked`, `Skipped`. Of these all but
/// `Untested` and `Retest` are final. Up to nineteen of a host's own may follow.
///
/// ```
/// let statuses = tallygrid::presets::counted::statuses();
/// assert!(statuses[0].flags().untested && statuses[2].flags().failed);
/// ```
#[must_use]
pub fn statuses() -> [DeclaredValue; 6] {
    [
        DeclaredValue::new("Untested").untested(),
        DeclaredValue::new("Passed").passed().is_final(),
        DeclaredValue::new("Failed").failed().is_final(),
        DeclaredValue::new("Retest"),
        DeclaredValue::new("Blocked").is_final(),
        DeclaredValue::new("Skipped").is_final(),
    ]
}

/// All eight indexes with these statuses.
///
/// ```
/// use tallygrid::presets::counted;
/// assert_eq!(counted::catalog(&counted::statuses())?.schemas().count(), 8);
/// # Ok::<(), tallygrid::Error>(())
/// ```
///
/// # Errors
/// `Schema` for statuses that are named twice or not at all.
pub fn catalog(statuses: &[DeclaredValue]) -> Result<Catalog> {
    let own = [runs(), tests(statuses), results(statuses)];
    let builders = own.into_iter().chain(REFERRED.map(referred));
    Catalog::new(builders.map(SchemaBuilder::build).collect::<Result<Vec<_>>>()?)
}

/// `runs`: what is tested together, with `untested_count`, `status1_count` (of status 2) to `status24_count`, and their sums by
/// meaning. The counters are written by [`RunChanges`](crate::RunChanges) alone.
///
/// ```
/// let runs = tallygrid::presets::counted::runs().build()?;
/// assert_eq!(runs.fields().iter().filter(|f| f.name().ends_with("_count")).count(), 29);
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn runs() -> SchemaBuilder {
    let integer = |name: &str| Field::new(name, Kind::Integer);
    Schema::builder("runs")
        .key("id")
        .fields(["id", "project_id"].map(integer))
        .field(Field::new("name", Kind::Keyword))
        .fields(["config_id", "milestone_id", "state_id"].map(integer))
        .fields([Field::new("tags", Kind::Keyword).multi(), integer("issues").multi()])
        .field(Field::new("is_closed", Kind::Boolean))
        .fields((0..MOST_STATUSES).map(|n| Field::new(counter(n), Kind::Integer)))
        .fields(SUMS.map(integer))
        .fields(["created", "updated", "closed"].into_iter().flat_map(done))
}

/// `tests`: one row for each test of a run, with the status of its latest result.
///
/// ```
/// use tallygrid::presets::counted;
/// assert_eq!(counted::tests(&counted::statuses()).build()?.name(), "tests");
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn tests(statuses: &[DeclaredValue]) -> SchemaBuilder {
    let integer = |name: &str| Field::new(name, Kind::Integer);
    Schema::builder("tests")
        .key("id")
        .fields(["id", "project_id", "run_id"].map(integer))
        .field(Field::new("name", Kind::Keyword))
        .field(integer("assignee_id"))
        .field(Field::new("status", Kind::Status).values(statuses.iter().cloned()))
        .fields([integer("latest_result_id"), Field::new("latest_result_at", Kind::DateTime)])
}

/// `results`: what came of a test each time. The latest of a test is the one that was created last, of equals the one that
/// arrived last.
///
/// ```
/// use tallygrid::presets::counted;
/// assert!(counted::results(&counted::statuses()).build()?.latest().is_some());
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn results(statuses: &[DeclaredValue]) -> SchemaBuilder {
    let integer = |name: &str| Field::new(name, Kind::Integer);
    Schema::builder("results")
        .key("id")
        .fields(["id", "project_id", "run_id", "test_id"].map(integer))
        .field(Field::new("status", Kind::Status).values(statuses.iter().cloned()))
        .field(integer("assignee_id"))
        .field(Field::new("note", Kind::Text))
        .field(integer("issues").multi())
        .fields(done("created"))
        .latest(Latest::per(["test_id"]).by(["created_at"]))
}

/// What runs and results refer to by number: `configs`, `issues`, `milestones`, `states` or `users`. A host adds what their
/// objects show beside `id` and `name`.
///
/// ```
/// use tallygrid::{Field, Kind, presets::counted};
/// let users = counted::referred("users").field(Field::new("email", Kind::Keyword)).build()?;
/// assert_eq!(users.key().unwrap().name(), "id");
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn referred(index: &str) -> SchemaBuilder {
    Schema::builder(Arc::from(index))
        .key("id")
        .fields([Field::new("id", Kind::Integer), Field::new("name", Kind::Keyword)])
}

/// The name of the counter of the status at a place.
pub(crate) fn counter(place: usize) -> String {
    match place {
        0 => "untested_count".to_owned(),
        n => format!("status{n}_count"),
    }
}

/// When something was done, and by whom.
fn done(what: &str) -> [Field; 2] {
    [Field::new(format!("{what}_at"), Kind::DateTime), Field::new(format!("{what}_by"), Kind::Integer)]
}

#[cfg(test)]
mod tests {
    use super::{catalog, counter, statuses};
    use crate::model::catalog::Catalog;

    #[test]
    fn the_presets_fit_together_and_round_trip() {
        let catalog = catalog(&statuses()).unwrap();
        assert_eq!(Catalog::from_json(&catalog.to_json()).unwrap(), catalog);
    }

    #[test]
    fn a_counter_is_named_by_the_number_before_its_status() {
        assert_eq!([0, 1, 24].map(counter), ["untested_count", "status1_count", "status24_count"]);
    }
}
