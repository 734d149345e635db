//! Schemas of what script runs are made of, beside [`run`](super::run): assignments, the steps of scripts, the results of
//! steps in each run, what a tester put into widgets, and users.
//!
//! ```
//! let results = tallygrid::presets::execution::step_result().build()?;
//! assert_eq!(results.fields().iter().map(|f| f.name()).take(2).collect::<Vec<_>>(), ["RunId", "Id"]);
//! # Ok::<(), tallygrid::Error>(())
//! ```

use crate::base::error::Result;
use crate::model::catalog::Catalog;
use crate::model::field::{DeclaredValue, Field};
use crate::model::kind::Kind;
use crate::model::presets::{STATUSES, entity, package, person, relationship, run, status};
use crate::model::schema::{Schema, SchemaBuilder};

/// The four indexes of [`presets::catalog`](super::catalog) and these five.
///
/// ```
/// assert_eq!(tallygrid::presets::execution::catalog()?.schemas().count(), 9);
/// # Ok::<(), tallygrid::Error>(())
/// ```
///
/// # Errors
/// None but a fault of this library.
pub fn catalog() -> Result<Catalog> {
    let own = [assignment(), script_step(), step_result(), run_widget(), user()];
    let all = [run(), entity(), relationship(), package()].into_iter().chain(own);
    Catalog::new(all.map(SchemaBuilder::build).collect::<Result<Vec<_>>>()?)
}

/// `Assignment`: a script or an automated test that is to be run.
///
/// ```
/// assert_eq!(tallygrid::presets::execution::assignment().build()?.name(), "Assignment");
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn assignment() -> SchemaBuilder {
    let types = ["scriptassignment", "automatedtestassignment"];
    Schema::builder("Assignment")
        .key("Id")
        .fields([
            Field::new("Id", Kind::Guid),
            Field::new("Type", Kind::Keyword).values(types.map(DeclaredValue::new)),
            Field::new("Name", Kind::Keyword),
            Field::new("ScriptId", Kind::Guid),
            Field::new("ScriptVersion", Kind::Integer),
            Field::new("ProjectId", Kind::Keyword),
            Field::new("Project", Kind::Keyword),
            Field::new("Package", Kind::Path),
        ])
        .fields(person("AssignedTo"))
}

/// `ScriptStep`: what a tester does and what has to come of it, in the order of `Position`.
///
/// ```
/// assert_eq!(tallygrid::presets::execution::script_step().build()?.name(), "ScriptStep");
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn script_step() -> SchemaBuilder {
    Schema::builder("ScriptStep")
        .key("Id")
        .fields([Field::new("Id", Kind::Guid), Field::new("ScriptId", Kind::Guid)])
        .field(Field::new("Position", Kind::Integer))
        .fields(["Description", "Data", "Notes", "ExpectedResult"].map(|name| Field::new(name, Kind::Text)))
}

/// `StepResult`: what came of a step in a run.
///
/// ```
/// assert_eq!(tallygrid::presets::execution::step_result().build()?.name(), "StepResult");
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn step_result() -> SchemaBuilder {
    let texts = ["Description", "Data", "Notes", "ExpectedResult", "ActualResult"];
    Schema::builder("StepResult")
        .key("Id")
        .fields([Field::new("RunId", Kind::Guid), Field::new("Id", Kind::Guid)])
        .field(Field::new("Position", Kind::Integer))
        .fields(texts.map(|name| Field::new(name, Kind::Text)))
        .field(Field::new("Outcome", Kind::Status).values(STATUSES.map(status)))
        .fields(["HasIncidents", "HasAttachments"].map(|name| Field::new(name, Kind::Boolean)))
}

/// `RunWidget`: a value that a tester put into a widget of a run.
///
/// ```
/// assert_eq!(tallygrid::presets::execution::run_widget().build()?.name(), "RunWidget");
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn run_widget() -> SchemaBuilder {
    Schema::builder("RunWidget")
        .key("Id")
        .fields([Field::new("Id", Kind::Guid), Field::new("RunId", Kind::Guid)])
        .fields([Field::new("Name", Kind::Keyword), Field::new("Value", Kind::Text)])
}

/// `User`: who runs what.
///
/// ```
/// assert_eq!(tallygrid::presets::execution::user().build()?.name(), "User");
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn user() -> SchemaBuilder {
    Schema::builder("User")
        .key("Id")
        .field(Field::new("Id", Kind::Guid))
        .fields([Field::new("UserName", Kind::User), Field::new("DisplayName", Kind::Keyword)])
}

#[cfg(test)]
mod tests {
    use super::catalog;
    use crate::model::catalog::Catalog;

    #[test]
    fn the_presets_fit_together_and_round_trip() {
        let catalog = catalog().unwrap();
        assert_eq!(Catalog::from_json(&catalog.to_json()).unwrap(), catalog);
    }
}
