//! The kinds of runs: their names, their fields on the wire, what can be expanded in each. Facts of the page, and of the same
//! vendor's page about agile runs.

use crate::model::presets;
use crate::model::schema::Schema;

/// A kind of run.
///
/// ```
/// use tallygrid::RunKind;
/// assert_eq!(RunKind::Script.type_name(), "ScriptRun");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunKind {
    /// A tester goes through a script.
    Script,
    /// A tool has run tests.
    Automated,
    /// A tester goes through steps without a script.
    Agile,
}

/// Where the content of an expansion comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The row of an index whose key is in that field of the run.
    One { index: &'static str, field: &'static str },
    /// The rows of an index that hold the run's id, as these columns show them.
    Many { index: &'static str, columns: &'static [Column] },
    /// How many of the run's tests ended how.
    Totals,
    /// An id and a name that the run itself holds.
    Named { id: &'static str, name: &'static str },
    /// The fields that the host added to runs.
    Added,
}

/// A name on the wire, and the field behind it.
pub(super) type Column = (&'static str, &'static str);

const SCRIPT: &[Column] = &[
    ("Id", "Id"),
    ("ActualDuration", "ActualDuration"),
    ("ScriptId", "ScriptId"),
    ("ScriptVersion", "ScriptVersion"),
    ("AssignmentId", "AssignmentId"),
    ("CreatedAt", "CreatedAt"),
    ("LastUpdatedAt", "LastUpdatedAt"),
    ("CreatedById", "CreatedById"),
    ("CreatedBy", "CreatedBy"),
    ("RunById", "RunById"),
    ("RunBy", "RunBy"),
    ("LastUpdatedById", "LastUpdatedById"),
    ("LastUpdatedBy", "LastUpdatedBy"),
    ("Status", "Status"),
];

const AUTOMATED: &[Column] = &[
    ("Id", "Id"),
    ("Status", "Status"),
    ("RunBy", "RunBy"),
    ("RunById", "RunById"),
    ("RunByDisplayName", "RunByDisplayName"),
    ("AssignmentId", "AssignmentId"),
    ("ImportedAt", "ImportedAt"),
    ("StartedAt", "StartedAt"),
    ("FinishedAt", "FinishedAt"),
];

const AGILE: &[Column] = &[
    ("Id", "Id"),
    ("AssignedToId", "RunById"),
    ("AssignedTo", "RunBy"),
    ("Description", "Description"),
    ("Name", "Name"),
    ("Notes", "Notes"),
    ("Number", "RunNumber"),
    ("Objective", "Objective"),
    ("PostCondition", "PostCondition"),
    ("PreCondition", "PreCondition"),
    ("PriorityId", "PriorityId"),
    ("StatusId", "StatusId"),
    ("TypeId", "TypeId"),
    ("PackageId", "Package"),
    ("OrderNumber", "OrderNumber"),
    ("ProjectId", "ProjectId"),
    ("ProjectName", "Project"),
    ("EstimatedDuration", "EstimatedDuration"),
    ("ActualDuration", "ActualDuration"),
    ("ExecutionStatus", "Status"),
];

/// A step's result in a script run.
const STEP_RESULT: &[Column] = &[
    ("RunId", "RunId"),
    ("Id", "Id"),
    ("Description", "Description"),
    ("Data", "Data"),
    ("Notes", "Notes"),
    ("ExpectedResult", "ExpectedResult"),
    ("ActualResult", "ActualResult"),
    ("Outcome", "Outcome"),
    ("HasIncidents", "HasIncidents"),
    ("HasAttachments", "HasAttachments"),
];

/// The same in an agile run.
const AGILE_STEP: &[Column] = &[
    ("Description", "Description"),
    ("ExpectedResult", "ExpectedResult"),
    ("Notes", "Notes"),
    ("Data", "Data"),
    ("OrderNumber", "Position"),
    ("ActualResult", "ActualResult"),
    ("Result", "Outcome"),
    ("Id", "Id"),
    ("HasIncidents", "HasIncidents"),
    ("HasAttachments", "HasAttachments"),
];

const WIDGET: &[Column] = &[("Name", "Name"), ("Value", "Value")];

const ASSIGNMENT: Source = Source::One { index: "Assignment", field: "AssignmentId" };

const WIDGETS: Source = Source::Many { index: "RunWidget", columns: WIDGET };

/// What can be expanded in script runs, in the order in which runs name it.
const OF_SCRIPT: &[(&str, Source)] = &[
    ("Assignment", ASSIGNMENT),
    ("StepResults", Source::Many { index: "StepResult", columns: STEP_RESULT }),
    ("Widgets", WIDGETS),
    ("FieldValues", Source::Added),
];

const OF_AUTOMATED: &[(&str, Source)] = &[("Totals", Source::Totals), ("Assignment", ASSIGNMENT)];

const OF_AGILE: &[(&str, Source)] = &[
    ("Widgets", WIDGETS),
    ("FieldValues", Source::Added),
    ("Steps", Source::Many { index: "StepResult", columns: AGILE_STEP }),
    ("Project", Source::Named { id: "ProjectId", name: "Project" }),
    ("Status", Source::Named { id: "StatusId", name: "Status" }),
    ("Priority", Source::Named { id: "PriorityId", name: "Priority" }),
    ("Type", Source::Named { id: "TypeId", name: "TypeName" }),
];

impl RunKind {
    pub(super) const ALL: [Self; 3] = [Self::Script, Self::Automated, Self::Agile];

    /// The value of the field `Type`.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Script => "ScriptRun",
            Self::Automated => "AutomatedTestRun",
            Self::Agile => "AgileRun",
        }
    }

    /// Of that type, case ignored.
    pub(super) fn of_type(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.type_name().eq_ignore_ascii_case(name))
    }

    /// What its links have between the base and the id.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Script => "api/scriptrun/",
            Self::Automated => "api/automatedtestrun/",
            Self::Agile => "api/agilerun/",
        }
    }

    pub(super) fn columns(self) -> &'static [Column] {
        match self {
            Self::Script => SCRIPT,
            Self::Automated => AUTOMATED,
            Self::Agile => AGILE,
        }
    }

    pub(super) fn expansions(self) -> &'static [(&'static str, Source)] {
        match self {
            Self::Script => OF_SCRIPT,
            Self::Automated => OF_AUTOMATED,
            Self::Agile => OF_AGILE,
        }
    }
}

/// The fields of runs that a host added, as far as nothing else on the wire shows them.
pub(super) fn added(schema: &Schema) -> Vec<String> {
    let known = presets::run().build().ok();
    let is_known = |name: &str| {
        let named = |(_, source): &(&str, Source)| matches!(source, Source::Named { name: of, .. } if *of == name);
        known.as_ref().is_none_or(|known| known.field_named(name).is_some())
            || AGILE.iter().any(|(_, field)| *field == name)
            || OF_AGILE.iter().any(named)
    };
    schema.fields().iter().map(|field| field.name().to_owned()).filter(|name| !is_known(name)).collect()
}
