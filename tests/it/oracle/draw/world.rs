//! Schemas of every kind of field, and rows whose values meet: spellings, empties of every form, clock changes.

use chrono::DateTime;
use tallygrid::{Condition, Decimal, Kind, Value};

use crate::oracle::choices::Choices;
use crate::oracle::column::{Class, Column};
use crate::oracle::latest::{Retries, Rule, has_flags};
use crate::oracle::package::{Package, Packages};
use crate::oracle::world::{Detour, World};

/// Zones and an instant near to which something happens: clocks go forward, clocks go back (across midnight, too), a day
/// is left out.
const PLACES: [(&str, &str); 11] = [
    ("UTC", "2024-02-29T12:00:00Z"),
    ("America/New_York", "2024-03-10T07:00:00Z"),
    ("America/New_York", "2024-11-03T06:00:00Z"),
    ("Europe/Berlin", "2024-03-31T01:00:00Z"),
    ("Asia/Kolkata", "2023-12-31T18:30:00Z"),
    ("Australia/Lord_Howe", "2024-04-06T15:00:00Z"),
    ("Australia/Lord_Howe", "2024-10-05T15:30:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ("America/Sao_Paulo", "2018-02-18T02:00:00Z"),
    ("America/St_Johns", "2010-11-07T02:31:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
];

const NAMES: [&str; 9] = ["Suite", "Due date", "Order", "Größe", "Totals.Failed", "In", "X-1", "Note's", "a_b"];

pub(crate) const KEYWORDS: [&str; 18] = [
    "alpha",
    "Alpha",
    "ALPHA",
    "alpha ",
    " alpha",
    "beta\0",
    "straße",
    "STRASSE",
    "Strasse",
    "δέλτα",
    "ΔΈΛΤΑ",
    "0123",
    "-1",
    "true",
    "and",
    "e\u{301}",
    "a'b\"c\\d\ne 😀",
    "the login-bug",
];

pub(crate) const STATUSES: [&str; 9] =
    ["Passed", "passed", "OK", "In Progress", "InProgress", "IN\tPROGRESS", "Failed", "Not Run", "Blocked"];

pub(crate) const USERS: [&str; 5] = ["ada", "Ada", "Ada Lovelace", "grace", "Müller"];

pub(crate) const PLACES_IN_TREE: [&str; 16] = [
    "p1",
    "P2",
    "cdd1a0cf-2cd1-4f9a-8513-a9a2fc74d133",
    "CDD1A0CF-2CD1-4F9A-8513-A9A2FC74D133",
    "zz",
    "/Top",
    "/top/Mid",
    "/Top/Mid/Leaf x",
    "/top/MID/",
    "/Other/Mid",
    "p4",
    "/",
    "//",
    "mid",
    "Mid/",
    "{CDD1A0CF-2CD1-4F9A-8513-A9A2FC74D133}",
];

const WORDS: [&str; 17] = [
    "login",
    "Login",
    "bug",
    "the",
    "of",
    "Straße",
    "foo-bar",
    "user's",
    "7",
    "δέλτα",
    "a_b",
    "fix",
    "LOGIN",
    "be",
    "ΣΑΣΑ",
    "σας",
    "πρωτεΐνη",
];

/// A world of up to 30 rows.
pub(crate) fn world(c: &mut Choices) -> World {
    let (zone, anchor) = c.pick(&PLACES);
    let anchor = DateTime::parse_from_rfc3339(anchor).unwrap().timestamp_micros();
    let keyed = c.once_in(2);
    let mut columns = vec![Column::new("Id", Kind::Integer)];
    for name in NAMES.iter().take(2 + c.below(NAMES.len() - 2)) {
        columns.push(column(c, name, keyed));
    }
    let has_packages = columns.iter().any(|column| column.kind == Kind::Path) && c.once_in(2);
    let mut world = World {
        zone,
        now: anchor + c.within(-3000, 3000) * 60_000_000,
        anchor,
        reach: c.pick(&[3, 40, 400]),
        users: vec!["ADA".into(), "Ada Lovelace".into()],
        has_packages,
        packages: if has_packages { packages(c) } else { Packages::default() },
        keyed,
        latest: Retries { per: vec![0], by: Vec::new(), rule: Rule::Last },
        other: None,
        columns,
        rows: Vec::new(),
        detours: Vec::new(),
        commits: 1 + c.below(3),
    };
    world.other = Some(Box::new(other(c, &world)));
    for n in 1..=c.within(0, 30) {
        let new = row(c, &world, n);
        let first = c.once_in(6).then(|| row(c, &world, n));
        let gone = c.once_in(8).then(|| row(c, &world, -n));
        world.rows.push(new);
        world.detours.push(Detour { first, gone });
    }
    world.latest = retries(c, &world.columns);
    world
}

/// Retries by columns that have equal values, where there are such.
fn retries(c: &mut Choices, columns: &[Column]) -> Retries {
    let fitting =
        |fits: fn(&Column) -> bool| -> Vec<usize> { (0..columns.len()).filter(|at| fits(&columns[*at])).collect() };
    let (all, statuses) = (fitting(Column::gives_order), fitting(has_flags));
    let distinct = |c: &mut Choices, low, high| {
        // The first column is the id.
        let from = if c.once_in(8) || all.len() == 1 { &all[..] } else { &all[1..] };
        let mut columns = c.several(low, high, |c| c.pick(from));
        columns.sort_unstable();
        columns.dedup();
        if c.once_in(2) {
            columns.reverse();
        }
        columns
    };
    let (per, by) = (distinct(c, 1, 2), distinct(c, 0, 2));
    let rule = match c.below(3) {
        1 if !statuses.is_empty() => Rule::Worst(c.pick(&statuses)),
        2 if !statuses.is_empty() => Rule::AnyPassed(c.pick(&statuses)),
        _ => Rule::Last,
    };
    Retries { per, by, rule }
}

/// The index that relations lead to: the keys that they hold, and the keys of runs.
fn other(c: &mut Choices, world: &World) -> World {
    let id = Column { exact: c.once_in(3), ..Column::new("Id", c.pick(&[Kind::Keyword, Kind::Integer, Kind::Guid])) };
    let id = Column { exact: id.exact && id.kind == Kind::Keyword, ..id };
    let run = Column::new("Run", c.pick(&[Kind::Integer, Kind::Keyword]));
    let label = Column { exact: c.once_in(3), ..Column::new("Label", Kind::Keyword) };
    let columns = vec![id, run, Column::new("Peer", Kind::Relation), label];
    let mut other = World { keyed: true, columns, detours: Vec::new(), ..world.clone() };
    let mut keys: Vec<Class> = Vec::new();
    for _ in 0..c.below(12) {
        let key = match other.columns[0].kind {
            Kind::Integer => c.within(-3, 5).into(),
            // The greatest one cannot be a key.
            Kind::Guid => Value::Guid(guid(c).min(u128::MAX - 1)),
            _ => c.pick(&KEYWORDS).into(),
        };
        let class = other.columns[0].classes(&key).remove(0);
        if !keys.contains(&class) {
            keys.push(class);
            let cells: Vec<Value> = other.columns.iter().skip(1).map(|column| cell(c, &other, column)).collect();
            other.rows.push(std::iter::once(key).chain(cells).collect());
        }
    }
    other
}

/// What a caller may see of the other indexes.
pub(crate) struct Seen {
    pub(crate) packages: Condition,
    pub(crate) other: Condition,
    /// The world as the caller's queries find it.
    pub(crate) world: World,
}

pub(crate) fn seen(c: &mut Choices, world: &World) -> Seen {
    let mut seen = world.clone();
    let hides = c.once_in(2);
    seen.packages.known.retain(|_| !hides || c.once_in(2));
    let packages = Condition::is_in("Id", seen.packages.known.iter().map(|package| package.id.as_str()));
    let mut ids: Vec<Value> = Vec::new();
    if let Some(other) = &mut seen.other {
        let hides = c.once_in(2);
        other.rows.retain(|_| !hides || c.once_in(2));
        ids.extend(other.rows.iter().map(|row| row[0].clone()));
    }
    Seen { packages, other: Condition::is_in("Id", ids), world: seen }
}

fn column(c: &mut Choices, name: &str, keyed: bool) -> Column {
    // Two in seven are relations: few of them lead anywhere.
    let kind = if c.once_in(5) { Kind::Relation } else { Kind::ALL[c.below(Kind::ALL.len())] };
    let multi = kind.may_be_multi() && c.once_in(2);
    let exact = matches!(kind, Kind::Keyword | Kind::User | Kind::Relation) && c.once_in(3);
    let names = |names: &[(&str, &[&str])]| {
        let owned = |(name, aliases): &(&str, &[&str])| {
            ((*name).to_owned(), aliases.iter().map(|alias| (*alias).to_owned()).collect())
        };
        names.iter().map(owned).collect()
    };
    let declared = match kind {
        Kind::Status if c.once_in(2) => {
            names(&[("Failed", &[]), ("Passed", &["OK", "green"]), ("In Progress", &[]), ("Never", &[])])
        }
        Kind::Keyword if c.once_in(4) => names(&[("δέλτα", &[]), ("Alpha", &["0123"])]),
        _ => Vec::new(),
    };
    let leads_by = match (kind, multi) {
        (Kind::Relation, false) => c.pick(&["Id", "Label"]),
        (Kind::Relation, true) if keyed => c.pick(&["Id", "Run", "Label"]),
        _ => "Id",
    };
    Column { name: name.to_owned(), kind, multi, exact, declared, leads_by }
}

fn packages(c: &mut Choices) -> Packages {
    let ids = ["p1", "P2", "cdd1a0cf-2cd1-4f9a-8513-a9a2fc74d133", "p4"];
    let known = ids.iter().zip(["Top", "mid", "Leaf x", "top"]).enumerate().map(|(i, (id, name))| Package {
        id: (*id).to_owned(),
        name: name.to_owned(),
        // Of those before it, so that there is no circle.
        parent: match c.below(4) {
            0 => None,
            1 => Some("Nowhere".to_owned()),
            _ => (i > 0).then(|| ids[c.below(i)].to_uppercase()),
        },
    });
    Packages { known: known.collect() }
}

fn row(c: &mut Choices, world: &World, id: i64) -> Vec<Value> {
    let cells = world.columns.iter().skip(1).map(|column| cell(c, world, column));
    std::iter::once(Value::Integer(id)).chain(cells).collect()
}

fn cell(c: &mut Choices, world: &World, column: &Column) -> Value {
    if column.multi && !c.once_in(4) {
        return Value::List(c.several(0, 3, |c| single(c, world, column)));
    }
    single(c, world, column)
}

fn single(c: &mut Choices, world: &World, column: &Column) -> Value {
    if c.once_in(6) {
        return if c.once_in(2) { Value::from("") } else { Value::Null };
    }
    let there = &world.there().rows;
    match column.kind {
        Kind::Relation if column.leads_by != "Run" && !there.is_empty() && !c.once_in(4) => {
            let at = world.there().columns.iter().position(|key| key.name == column.leads_by).unwrap();
            let key = there[c.below(there.len())][at].to_string();
            c.pick(&[key.clone(), key.to_uppercase(), key.replace('-', ""), format!("{{{key}}}")]).into()
        }
        Kind::Relation | Kind::Keyword if column.name == "Run" || column.leads_by == "Run" => {
            c.pick(&["1", "2", "03", "4.0", "5", "-1", "01", "x"]).into()
        }
        Kind::Text => sentence(c).into(),
        Kind::Status => c.pick(&STATUSES).into(),
        Kind::User => c.pick(&USERS).into(),
        Kind::Path => c.pick(&PLACES_IN_TREE).into(),
        Kind::Guid => Value::Guid(guid(c)),
        Kind::Integer => integer(c).into(),
        Kind::Decimal => Value::Decimal(Decimal::new(decimal_hundredths(c), 2).unwrap()),
        Kind::Boolean => c.once_in(2).into(),
        Kind::DateTime => Value::Instant(instant(c, world)),
        Kind::Date => Value::Date(i32::try_from(day(c, world)).unwrap()),
        Kind::Duration => Value::Duration(duration(c)),
        _ => c.pick(&KEYWORDS).into(),
    }
}

fn sentence(c: &mut Choices) -> String {
    let mut text = String::new();
    for _ in 0..=c.below(5) {
        text.push_str(c.pick(&WORDS));
        text.push_str(c.pick(&[" ", "-", ", ", "\n", "/"]));
    }
    text
}

pub(crate) fn guid(c: &mut Choices) -> u128 {
    c.pick(&[0, 0xcdd1_a0cf_2cd1_4f9a_8513_a9a2_fc74_d133, 0x0fff << 116, u128::MAX])
}

pub(crate) fn integer(c: &mut Choices) -> i64 {
    match c.below(12) {
        10 => c.pick(&[i64::MAX, -i64::MAX]),
        11 => c.pick(&[i64::MAX - 1, 1 << 40]),
        _ => c.within(-5, 5),
    }
}

pub(crate) fn decimal_hundredths(c: &mut Choices) -> i128 {
    match c.below(12) {
        11 => c.pick(&[9_999_999_999_999_999, -9_999_999_999_999_999]),
        _ => c.within(-300, 300).into(),
    }
}

/// Mostly near the anchor, in quarters of an hour and a little.
pub(crate) fn instant(c: &mut Choices, world: &World) -> i64 {
    let near = c.within(-200, 200) * 900_000_000 + c.pick(&[0, 0, 1, -1, 60_000_000]);
    let far = if c.once_in(12) { c.within(-world.reach, world.reach) } else { 0 };
    world.anchor + near + far * 86_400_000_000
}

/// In days since 1970.
pub(crate) fn day(c: &mut Choices, world: &World) -> i64 {
    let far = if c.once_in(8) { 40 } else { 1 };
    world.anchor.div_euclid(86_400_000_000) + c.within(-6, 6) * far
}

pub(crate) fn duration(c: &mut Choices) -> i64 {
    c.within(-8, 8) * c.pick(&[1, 1_500_000, 60_000_000, 3_600_000_000, 86_400_000_000])
}

/// A word to search for.
pub(crate) fn search_term(c: &mut Choices) -> String {
    match c.below(3) {
        0 => c
            .pick(&["log*", "*in", "b?g", "*", "??", "*a*", "LOG?N", "fo*-bar", "stra*", "alph*", "ΣΑΣ*", "*ΐν*"])
            .to_owned(),
        _ => c.pick(&WORDS).to_owned(),
    }
}
