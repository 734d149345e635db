//! A small engine to ask, built once: the preset indexes with rows of two projects, one of which is another tenant's.

use std::sync::OnceLock;

use tallygrid::{Access, Condition, Context, Engine, Limits, Query, Rows, Snapshot, Value, Zone, presets};

/// What only rows of the other tenant hold; it must not come out of a query that may not see them.
pub(crate) const SECRET: &str = "zq7";

/// Runs and entities of each tenant.
pub(crate) const N_OWN: u64 = 30;

/// Everything committed to the engine.
pub(crate) fn snapshot() -> &'static Snapshot {
    static SNAPSHOT: OnceLock<Snapshot> = OnceLock::new();
    SNAPSHOT.get_or_init(|| filled(1, 7))
}

/// The same rows, kept and scanned in another way.
pub(crate) fn other_snapshot() -> &'static Snapshot {
    static SNAPSHOT: OnceLock<Snapshot> = OnceLock::new();
    SNAPSHOT.get_or_init(|| filled(4, 65_536))
}

fn filled(threads: usize, segment_rows: u32) -> Snapshot {
    let engine = Engine::builder(presets::catalog().unwrap()).threads(threads).segment_rows(segment_rows);
    let engine = engine.build().unwrap();
    let mut tx = engine.transaction(&context(Access::unrestricted())).unwrap();
    tx.append("Package", &packages()).unwrap();
    tx.append("Run", &runs()).unwrap();
    tx.append("Entity", &entities()).unwrap();
    tx.commit().unwrap();
    engine.snapshot()
}

/// A request by someone with that access and a troublesome name, in a zone that changes its clock.
pub(crate) fn context(access: Access) -> Context {
    Context::new(chrono::DateTime::from_timestamp(1_710_070_000, 0).unwrap(), access)
        .time_zone(Zone::named("America/New_York").unwrap())
        .user("ada \"ö +")
}

/// As many groups as are made quickly.
pub(crate) fn limits() -> Limits {
    Limits::default().with_groups(5_000)
}

/// A user's text asked in the tenant's name: how the other's rows are kept away, and which index is asked.
pub(crate) fn guarded(choice: u8, text: &str) -> (Context, Query, &'static str) {
    let by_access = Access::none().allow("Run", own()).allow("Entity", own());
    let query = Query::tql(text);
    let (access, query) = match choice % 4 {
        0 => (by_access, query),
        1 => (Access::unrestricted(), query.scope(own())),
        2 => (Access::unrestricted(), query.scope(Condition::tql("ProjectId = own OR ProjectId = nobody"))),
        _ => (by_access, query.scope(Condition::tql("NOT Name IS EMPTY OR Name IS EMPTY"))),
    };
    (context(access), query, if choice & 4 == 0 { "Run" } else { "Entity" })
}

/// Nothing of what is said in answer to a text tells of the other tenant, unless the text did.
pub(crate) fn check_secret(text: &str, said: &str) {
    let typed = text.to_lowercase().contains(SECRET);
    assert!(typed || !said.to_lowercase().contains(SECRET), "{text:?} made it say {said}");
}

/// What the tenant may see.
pub(crate) fn own() -> Condition {
    Condition::is_in("ProjectId", ["own"])
}

fn packages() -> Rows {
    let row = |id: &str, name: &str, parent: &str| [id, name, parent].map(Value::from);
    Rows::new(["Id", "Name", "Parent"])
        .row(row("p1", "Root", ""))
        .row(row("p2", "Login", "p1"))
        .row(row("p3", "Deep", "p2"))
        .row(row("p4", "Loop", "p5"))
        .row(row("p5", "Pool", "p4"))
}

/// One of the values by turns; the empty text is null.
fn turn(values: &[&str], n: u64) -> Value {
    match values[n as usize % values.len()] {
        "" => Value::Null,
        text => text.into(),
    }
}

fn project(n: u64) -> Value {
    if n < N_OWN { "own".into() } else { format!("{SECRET}-project").into() }
}

fn named(n: u64, values: &[&str]) -> Value {
    if n < N_OWN { turn(values, n) } else { format!("{SECRET} {}", values[n as usize % values.len()]).into() }
}

fn runs() -> Rows {
    let columns = ["Id", "ProjectId", "Name", "Status", "RunBy", "Package", "RunNumber", "CreatedAt", "ActualDuration"];
    let mut rows = Rows::new(columns.into_iter().chain(["Environment", "Tags", "Totals.Passed"]));
    for n in 0..2 * N_OWN {
        rows.push([
            Value::Guid(u128::from(n) << 64 | 7),
            project(n),
            named(n, &["Login works", "login works", "Cart is empty", "Straße", ""]),
            turn(&["Passed", "Failed", "In Progress", "", "Blocked"], n),
            named(n, &["ada", "Ada", "bob", ""]),
            turn(&["p2", "p3", "/Root/Login", "", "p4", "elsewhere"], n),
            (n as i64 % 9 - 2).into(),
            Value::Instant((1_709_900_000 + n as i64 * 7000) * 1_000_000),
            Value::Duration(n as i64 * 61_500_000),
            named(n, &["Prod", "prod", "QA"]),
            if n % 3 == 0 { Value::Null } else { vec![named(n, &["a", "B", "c d"]), named(n, &["b", "a"])].into() },
            turn(&["1", "20", "", "3"], n),
        ]);
    }
    rows
}

fn entities() -> Rows {
    let mut rows =
        Rows::new(["Id", "EntityType", "Name", "Description", "ProjectId", "Package", "AssignedTo", "CreatedAt"]);
    for n in 0..2 * N_OWN {
        rows.push([
            Value::Guid(u128::from(n) << 64 | 9),
            turn(&["script", "incident", "requirement"], n),
            named(n, &["Login", "Cart", "It's \"quoted\""]),
            named(n, &["the login bug of the day", "a-b c", ""]),
            project(n),
            turn(&["p1", "p3", ""], n),
            turn(&["ada", "", "bob"], n),
            Value::Instant((1_709_900_000 + n as i64 * 7000) * 1_000_000),
        ]);
    }
    rows
}
