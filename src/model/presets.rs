//! Schemas of a test-management server, to use as they are or to start from: runs, the entities around them, relationships
//! between entities, and packages. Each is a builder, so that a host adds its custom fields before it builds. Every field
//! but the key may be empty.
//!
//! ```
//! use tallygrid::{Field, Kind, presets};
//! let run = presets::run().field(Field::new("Browser", Kind::Keyword)).build()?;
//! assert_eq!(run.key().unwrap().name(), "Id");
//! assert_eq!(run.fields().last().unwrap().name(), "Browser");
//! # Ok::<(), tallygrid::Error>(())
//! ```

pub mod counted;
pub mod execution;

use crate::base::error::Result;
use crate::model::catalog::Catalog;
use crate::model::field::{DeclaredValue, Field};
use crate::model::kind::Kind;
use crate::model::schema::{Schema, SchemaBuilder};

/// Statuses of a run in the order of the widgets' counters.
const STATUSES: [&str; 9] =
    ["InProgress", "Undetermined", "Errors", "Failed", "NotRun", "Passed", "Skipped", "Warnings", "Blocked"];

/// Types of entities as answers name them, each with its other names.
const ENTITY_TYPES: [(&str, &[&str]); 12] = [
    ("requirementpackage", &[]),
    ("requirement", &[]),
    ("scriptpackage", &["TestScriptPackage"]),
    ("script", &["Scripts", "TestScript"]),
    ("automatedtest", &[]),
    ("executionpackage", &["TestExecutionPackage"]),
    ("scriptassignment", &["TestScriptAssignment"]),
    ("automatedtestassignment", &[]),
    ("scriptrun", &[]),
    ("automatedtestrun", &[]),
    ("agilerun", &[]),
    ("incident", &[]),
];

/// All four indexes: `Run`, `Entity`, `Relationship`, `Package`.
///
/// ```
/// let names: Vec<String> = tallygrid::presets::catalog()?.schemas().map(|s| s.name().to_owned()).collect();
/// assert_eq!(names, ["Run", "Entity", "Relationship", "Package"]);
/// # Ok::<(), tallygrid::Error>(())
/// ```
///
/// # Errors
/// None but a fault of this library.
pub fn catalog() -> Result<Catalog> {
    let builders = [run(), entity(), relationship(), package()];
    Catalog::new(builders.into_iter().map(SchemaBuilder::build).collect::<Result<Vec<_>>>()?)
}

/// `Run`: script runs, automated test runs and agile runs, with what grid widgets, run collections and their scopes ask for.
/// An automated run also carries how many of its tests ended how, in `Totals.InProgress` to `Totals.Blocked`.
///
/// A run is done unless it is in progress or not run; it succeeds if it is passed, with warnings or without, and fails if
/// it is failed or has errors. `ProjectId` is a keyword and no guid, since hosts name projects in many ways and few of them
/// are in each permission, whereas `Id`, `AssignmentId` and the ids of scripts and users are guids in any spelling.
///
/// ```
/// let run = tallygrid::presets::run().build()?;
/// let status = run.fields().iter().find(|f| f.name() == "Status").unwrap();
/// let failing = status.declared_values().iter().filter(|v| v.flags().failed).map(|v| v.name());
/// assert_eq!(failing.collect::<Vec<_>>(), ["Errors", "Failed"]);
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn run() -> SchemaBuilder {
    let types = ["AutomatedTestRun", "ScriptRun", "AgileRun"];
    Schema::builder("Run")
        .key("Id")
        .fields([
            Field::new("Id", Kind::Guid),
            Field::new("Type", Kind::Keyword).values(types.map(DeclaredValue::new)),
            Field::new("Status", Kind::Status).values(STATUSES.map(status)),
            Field::new("ProjectId", Kind::Keyword),
            Field::new("Project", Kind::Keyword),
            Field::new("Package", Kind::Path),
            Field::new("AssignmentId", Kind::Guid),
            Field::new("ScriptId", Kind::Guid),
            Field::new("ScriptVersion", Kind::Integer),
            Field::new("RunNumber", Kind::Integer),
            Field::new("Name", Kind::Keyword),
        ])
        .fields(person("RunBy"))
        .field(Field::new("RunByDisplayName", Kind::Keyword))
        .fields(person("CreatedBy"))
        .fields(person("LastUpdatedBy"))
        .fields(
            ["CreatedAt", "LastUpdatedAt", "StartedAt", "FinishedAt", "ImportedAt"]
                .map(|name| Field::new(name, Kind::DateTime)),
        )
        .fields([
            Field::new("ActualDuration", Kind::Duration),
            Field::new("Environment", Kind::Keyword),
            Field::new("Config", Kind::Keyword),
            Field::new("Tags", Kind::Keyword).multi(),
        ])
        .fields(STATUSES.map(|status| Field::new(format!("Totals.{status}"), Kind::Integer)))
}

/// `Entity`: what tests and runs belong to, such as scripts, requirements and incidents. `EntityType`, also `Type`, knows the
/// types of entities by each of their names, such as `Script`, `Scripts` and `TestScript`. `Relationships` leads to the
/// relationships that start at the row, and needs no cell for it.
///
/// ```
/// let entity = tallygrid::presets::entity().build()?;
/// assert_eq!(entity.name(), "Entity");
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn entity() -> SchemaBuilder {
    Schema::builder("Entity")
        .key("Id")
        .fields([
            Field::new("Id", Kind::Guid),
            entity_type("EntityType", |_| true).alias("Type"),
            Field::new("Number", Kind::Keyword),
            Field::new("Name", Kind::Keyword),
            Field::new("Description", Kind::Text),
            Field::new("Status", Kind::Keyword),
            Field::new("Priority", Kind::Keyword),
            Field::new("ProjectId", Kind::Keyword),
            Field::new("Project", Kind::Keyword),
            Field::new("Package", Kind::Path),
            Field::new("AssignedTo", Kind::User),
        ])
        .fields(person("CreatedBy"))
        .fields(person("LastUpdatedBy"))
        .fields(["CreatedAt", "LastUpdatedAt"].map(|name| Field::new(name, Kind::DateTime)))
        .field(Field::new("Tags", Kind::Keyword).multi())
        .field(Field::relation("Relationships", "Relationship", "SourceId", true))
}

/// `Relationship`: one way from an entity to another. `RelatedTo…` describes where it leads; `Source` and `Destination` lead
/// to the entities themselves. Rows of depth 1 are the relationships that were made, deeper ones those that follow.
///
/// ```
/// let relationship = tallygrid::presets::relationship().build()?;
/// let direction = relationship.fields().iter().find(|f| f.name() == "Direction").unwrap();
/// assert!(direction.declared_values()[1].aliases().iter().any(|alias| &**alias == "->"));
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn relationship() -> SchemaBuilder {
    let directions: [(&str, &[&str]); 4] = [
        ("DestToSrc", &["<-", "<=", "<"]),
        ("SrcToDest", &["->", "=>", ">"]),
        ("BiDirectional", &["<->", "<=>", "<>", "BiDirect", "Both"]),
        ("None", &["Null", "Empty", "Undefined"]),
    ];
    Schema::builder("Relationship").key("Id").fields([
        Field::new("Id", Kind::Guid),
        Field::new("SourceId", Kind::Guid),
        Field::new("RelatedToId", Kind::Guid),
        entity_type("RelatedToType", |_| true),
        Field::new("RelatedToName", Kind::Keyword),
        Field::new("Type", Kind::Keyword),
        Field::new("Depth", Kind::Integer),
        Field::new("Direction", Kind::Keyword).values(directions.map(with_aliases)),
        Field::relation("Source", "Entity", "Id", false),
        Field::relation("Destination", "Entity", "Id", false),
    ])
}

/// `Package`: the containers that path fields of other indexes lie in. Ids are keywords, since path fields hold them as text.
///
/// ```
/// let package = tallygrid::presets::package().build()?;
/// assert_eq!(package.fields().iter().map(|f| f.name()).take(3).collect::<Vec<_>>(), ["Id", "Name", "Parent"]);
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[must_use]
pub fn package() -> SchemaBuilder {
    Schema::builder("Package")
        .key("Id")
        .fields(["Id", "Name", "Parent"].map(|name| Field::new(name, Kind::Keyword)))
        .field(entity_type("Type", |name| name.ends_with("package")))
        .fields(["ProjectId", "Project"].map(|name| Field::new(name, Kind::Keyword)))
}

/// A field of some of the entity types.
fn entity_type(name: &str, is_one: fn(&str) -> bool) -> Field {
    let types = ENTITY_TYPES.into_iter().filter(|(name, _)| is_one(name));
    Field::new(name, Kind::Keyword).values(types.map(with_aliases))
}

fn with_aliases((name, aliases): (&str, &[&str])) -> DeclaredValue {
    aliases.iter().fold(DeclaredValue::new(name), |value, alias| value.alias(*alias))
}

/// A run's status with its meaning.
fn status(name: &str) -> DeclaredValue {
    let value = DeclaredValue::new(name);
    match name {
        "InProgress" => value,
        "NotRun" => value.untested(),
        "Passed" | "Warnings" => value.passed().is_final(),
        "Errors" | "Failed" => value.failed().is_final(),
        _ => value.is_final(),
    }
}

/// A person by name, and by id.
fn person(name: &str) -> [Field; 2] {
    [Field::new(name, Kind::User), Field::new(format!("{name}Id"), Kind::Guid)]
}

#[cfg(test)]
mod tests {
    use super::{catalog, run};
    use crate::model::catalog::Catalog;
    use crate::model::cell::coerce;
    use crate::model::field::DeclaredValue;
    use crate::model::schema::Named;
    use crate::model::value::Value;

    #[test]
    fn all_presets_fit_together_and_round_trip() {
        let catalog = catalog().unwrap();
        assert_eq!(Catalog::from_json(&catalog.to_json()).unwrap(), catalog);
    }

    #[test]
    fn totals_are_in_the_order_of_the_widgets() {
        let run = run().build().unwrap();
        let totals: Vec<&str> = run.fields().iter().filter_map(|field| field.name().strip_prefix("Totals.")).collect();
        let status = run.field(run.field_named("Status").unwrap());
        let statuses: Vec<&str> = status.declared_values().iter().map(DeclaredValue::name).collect();
        assert_eq!(totals, statuses);
        assert_eq!((totals.first(), totals.last()), (Some(&"InProgress"), Some(&"Blocked")));
    }

    #[test]
    fn a_run_as_the_wire_shows_it_is_taken() {
        let run = run().build().unwrap();
        assert!(matches!(run.lookup("AllPackages"), Some(Named::Ancestors(_))));
        for (name, text, read) in [
            ("AssignmentID", "2264A622-2869-4ef8-8183-a0040106ca9d", "2264a622-2869-4ef8-8183-a0040106ca9d"),
            ("ActualDuration", "5 minutes", "00:05:00"),
            ("CreatedAt", "2012-02-02T15:05:06Z", "2012-02-02T15:05:06Z"),
            ("RunByID", "e7157154-5f93-4ec4-bde3-0a3e5c66b04a", "e7157154-5f93-4ec4-bde3-0a3e5c66b04a"),
            ("ScriptVersion", "1", "1"),
            ("Status", "In Progress", "In Progress"),
        ] {
            let field = run.field(run.field_named(name).unwrap());
            assert_eq!(coerce(&Value::from(text), field).unwrap().value.to_string(), read, "{name}");
        }
    }
}
