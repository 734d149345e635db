//! Made-up runs, the same for the same number: for the dashboard without files, and for load.

use tallygrid::{Error, Rows, Schema, Value, presets};

/// The made-up runs' index is the preset one, with these of its fields filled.
const COLUMNS: [&str; 14] = [
    "Id",
    "Type",
    "Status",
    "ProjectId",
    "Project",
    "Package",
    "AssignmentId",
    "RunNumber",
    "Name",
    "RunBy",
    "CreatedAt",
    "FinishedAt",
    "Environment",
    "Totals.Passed",
];

const PROJECTS: [&str; 6] = ["Checkout", "Search", "Accounts", "Payments", "Mobile", "Platform"];
const PEOPLE: [&str; 8] = ["ada", "grace", "edsger", "barbara", "tony", "margaret", "dennis", "radia"];
const ENVIRONMENTS: [&str; 4] = ["staging", "production", "nightly", "pull request"];
const SUITES: [&str; 5] = ["smoke", "regression", "api", "ui", "migration"];

/// What keeps the ids of entities apart.
const ASSIGNMENT: u64 = 1 << 32;
const SCRIPT: u64 = 2 << 32;
const STEP: u64 = 3 << 32;
const USER: u64 = 4 << 32;

/// Assignments that runs are of.
const N_ASSIGNMENTS: u64 = 5_000;

/// 2024-01-01T00:00:00Z.
const START: i64 = 1_704_067_200;
/// Runs are spread over so many days.
const DAYS: u64 = 90;

/// `n` runs of 90 days, with their assignments, scripts and people.
pub(crate) fn runs(n: u64) -> Result<Vec<(Schema, Rows)>, Error> {
    let mut rows = Rows::new(COLUMNS);
    for number in 0..n {
        rows.push(run(number, n));
    }
    Ok(vec![
        (presets::run().build()?, rows),
        (presets::execution::assignment().build()?, assignments()),
        (presets::execution::script_step().build()?, steps()),
        (presets::execution::user().build()?, people()),
    ])
}

/// Assignments of script runs, each of a script of its own.
fn assignments() -> Rows {
    let rows = Rows::new(["Id", "Type", "Name", "ScriptId", "ScriptVersion"]);
    (0..N_ASSIGNMENTS).fold(rows, |rows, n| {
        let name = format!("Assignment {n}");
        rows.row([id(ASSIGNMENT | n).into(), "scriptassignment".into(), name.into(), id(SCRIPT | n).into(), 1.into()])
    })
}

/// Two steps of each script.
fn steps() -> Rows {
    let rows = Rows::new(["Id", "ScriptId", "Position", "Description", "ExpectedResult"]);
    (0..2 * N_ASSIGNMENTS).fold(rows, |rows, n| {
        let (step, script) = (id(STEP | n), id(SCRIPT | (n / 2)));
        let (does, expects) =
            if n % 2 == 0 { ("Do this", "Expect that") } else { ("And then do this", "Expect that again") };
        rows.row([step.into(), script.into(), ((n % 2) as i64).into(), does.into(), expects.into()])
    })
}

fn people() -> Rows {
    let rows = Rows::new(["Id", "UserName", "DisplayName"]);
    PEOPLE.iter().zip(0..).fold(rows, |rows, (name, n)| rows.row([id(USER | n).into(), (*name).into(), (*name).into()]))
}

/// The id of a made-up run.
fn id(number: u64) -> String {
    format!("{:08x}-0000-4000-8000-{:012x}", number & 0xffff_ffff, mix(number) & 0xffff_ffff_ffff)
}

fn run(number: u64, n: u64) -> [Value; COLUMNS.len()] {
    let dice = mix(number);
    let pick = |names: &'static [&'static str], shift: u32| {
        let at = (dice >> shift) % (names.len() as u64);
        names[at as usize]
    };
    let project = pick(&PROJECTS, 3);
    let second = moment(number, n, dice);
    let status = outcome(project.len() as u64, second as u64 / 86_400, (dice >> 20) % 100);
    let suite = pick(&SUITES, 9);
    let finished = (status != "InProgress").then(|| instant(second + 20 + ((dice >> 50) % 900) as i64));
    [
        id(number).into(),
        pick(&["AutomatedTestRun", "ScriptRun", "AgileRun"], 13).into(),
        status.into(),
        project.to_lowercase().into(),
        project.into(),
        format!("/{project}/{suite}").into(),
        id(ASSIGNMENT | (dice % N_ASSIGNMENTS)).into(),
        ((number % 400) as i64).into(),
        format!("{suite} {}", (dice >> 28) % 800).into(),
        pick(&PEOPLE, 17).into(),
        instant(second).into(),
        finished.map_or(Value::Null, Value::from),
        pick(&ENVIRONMENTS, 24).into(),
        (((dice >> 33) % 40) as i64).into(),
    ]
}

/// Later runs are later in time; of those on a weekend, most are in the week after it instead.
fn moment(number: u64, n: u64, dice: u64) -> i64 {
    let second = number * DAYS * 86_400 / n.max(1) + (dice >> 40) % 3_000;
    // The first day is a Monday.
    let weekday = second / 86_400 % 7;
    let late = if weekday >= 5 && !dice.is_multiple_of(4) { (7 - weekday + (dice >> 7) % 5) * 86_400 } else { 0 };
    (second + late) as i64
}

/// Each project has its own luck, which changes with the weeks.
fn outcome(project: u64, day: u64, roll: u64) -> &'static str {
    let bad = project % 5 * 3 + (project * 5 + day / 7 * 3) % 9 + if day % 29 < 3 { 14 } else { 0 };
    let failed = 4 + bad;
    match roll {
        roll if roll < failed => "Failed",
        roll if roll < failed + 2 => "Errors",
        roll if roll < failed + 5 => "Skipped",
        roll if roll < failed + 7 => "Blocked",
        roll if roll < failed + 9 => "Warnings",
        // What is not done is so because it is new.
        roll if roll < failed + 12 && day > DAYS - 10 => "NotRun",
        roll if roll < failed + 14 && day > DAYS - 3 => "InProgress",
        _ => "Passed",
    }
}

fn instant(second: i64) -> String {
    let at = chrono::DateTime::from_timestamp(START + second, 0).unwrap_or_default();
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A number that looks like chance (splitmix64).
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
