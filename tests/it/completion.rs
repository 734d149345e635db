//! Completion at a cursor: what is offered where, table by table. That it holds for random texts is judged in `properties`.

mod aggregates;
mod odata;
mod page;

use tallygrid::{
    Access, Catalog, Completion, CompletionKind, Condition, Context, DeclaredValue, Engine, Field, Kind, Limits, Query,
    Rows, Schema, Snapshot, presets,
};

fn context(access: Access) -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, access).user("ada")
}

fn everything() -> Context {
    context(Access::unrestricted())
}

fn snapshot() -> Snapshot {
    let statuses = ["Not Run", "Passed", "Failed"].map(DeclaredValue::new);
    let run = Schema::builder("Run")
        .fields([
            Field::new("Suite", Kind::Keyword).alias("Folder"),
            Field::new("Status", Kind::Status).values(statuses),
            Field::new("Test Name", Kind::Text),
            Field::new("Owner", Kind::User).multi(),
            Field::new("Automated", Kind::Boolean),
            Field::new("CreatedAt", Kind::DateTime),
            Field::new("Priority", Kind::Integer),
            Field::new("Took", Kind::Duration),
            Field::relation("Defects", "Defect", "Title", true),
        ])
        .build()
        .unwrap();
    let defect = Schema::builder("Defect").field(Field::new("Title", Kind::Keyword)).build().unwrap();
    let engine = Engine::builder(Catalog::new([run, defect]).unwrap()).threads(1).build().unwrap();
    let mut tx = engine.transaction(&everything()).unwrap();
    let mut rows = Rows::new(["Suite", "Status", "Owner", "Automated", "Priority"]);
    for (suite, status, owner, automated, priority) in [
        ("Login", "Failed", vec!["ada", "bob"], true, 2),
        ("Login", "Failed", vec!["bob"], true, 2),
        ("login", "Passed", vec!["bob"], false, 10),
        ("Check out", "Odd", vec![], true, 1),
        ("Secret", "Passed", vec!["eve"], true, 7),
    ] {
        rows.push([suite.into(), status.into(), owner.into(), automated.into(), priority.into()]);
    }
    tx.append("Run", &rows).unwrap();
    tx.append("Defect", &Rows::new(["Title"]).row(["Crash".into()]).row(["Secret crash".into()])).unwrap();
    tx.commit().unwrap();
    engine.snapshot()
}

/// A text with `‸` as the cursor to what is offered there.
fn complete(snapshot: &Snapshot, text: &str, ctx: &Context) -> Vec<Completion> {
    let (before, behind) = text.split_once('‸').unwrap();
    snapshot
        .index("Run", ctx)
        .unwrap()
        .complete_tql(&Query::tql(format!("{before}{behind}")), before.len(), ctx)
        .unwrap()
}

fn labels(snapshot: &Snapshot, text: &str) -> String {
    complete(snapshot, text, &everything()).iter().map(|found| found.label.as_str()).collect::<Vec<_>>().join(", ")
}

/// The text with the completion of that label put in.
fn inserted(snapshot: &Snapshot, text: &str, label: &str) -> String {
    let found = complete(snapshot, text, &everything());
    let found = found.iter().find(|found| found.label == label).unwrap_or_else(|| panic!("{text}: no {label}"));
    let mut text = text.replace('‸', "");
    text.replace_range(found.span.start as usize..found.span.end as usize, &found.insert);
    text
}

const FIELDS: &str = "Suite, Status, Test Name, Owner, Automated, CreatedAt, Priority, Took, Defects, Folder, Text";
const ORDERING: &str = "Suite, Status, Automated, CreatedAt, Priority, Took, Folder";
const AGGREGATES: &str = "COUNT, ENTITIES, GROUP BY, FACETED, MIN, MAX, SUM, AVG, COUNTDISTINCT, MEDIAN, PERCENTILE";
/// Those that may stand in a filter.
const TESTS: &str = "Equal, NotEqual, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual, AndArgs, OrArgs, \
    Contains, In, IsEmpty";
const EQUALITY: &str = "=, !=, IN, NOT IN";

#[test]
fn each_place_has_its_names() {
    let snapshot = snapshot();
    let start = || format!("{FIELDS}, NOT, {AGGREGATES}, ORDER BY, {TESTS}");
    let operand = || format!("{FIELDS}, NOT, {TESTS}");
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("‸", start()),
        (" ‸ ", start()),
        ("(‸", operand()),
        ("NOT ‸", operand()),
        ("Suite = a AND ‸", operand()),
        ("COUNT WHERE ‸", operand()),
        ("st‸", "Status, Test Name, COUNTDISTINCT, LessThan, LessThanOrEqual".into()),
        ("Status‸ = Passed", "Status".into()),
        ("‸Status = Passed", FIELDS.into()),
        ("'test n‸ame' ~ x", "Test Name".into()),
        ("Suite ‸", format!("{EQUALITY}, ~, !~, IS EMPTY, IS NOT EMPTY")),
        ("\"Test Name\" ‸", "~, !~, IS EMPTY, IS NOT EMPTY".into()),
        ("Automated ‸", "=, !=, IS EMPTY, IS NOT EMPTY".into()),
        ("Priority ‸", format!("{EQUALITY}, <, <=, >, >=, IS EMPTY, IS NOT EMPTY")),
        ("Defects ‸", format!("{EQUALITY}, IS EMPTY, IS NOT EMPTY")),
        ("Text ‸", "~, !~, IS EMPTY, IS NOT EMPTY".into()),
        ("Priority !‸", "!=".into()),
        ("Priority <‸= 5", "<, <=".into()),
        ("Suite n‸", "NOT IN, IN, IS NOT EMPTY".into()),
        ("Suite NOT ‸", "IN".into()),
        ("Suite DOES ‸", "NOT CONTAIN".into()),
        ("Suite IS ‸", "EMPTY, NOT EMPTY".into()),
        ("Suite IS NOT ‸", "EMPTY".into()),
        ("Unknown ‸", String::new()),
        ("Suite = a ‸", "AND, OR, ORDER BY".into()),
        ("(Suite = a ‸", "AND, OR, )".into()),
        ("(Suite = a) ‸", "AND, OR, ORDER BY".into()),
        ("Suite IS EMPTY o‸", "OR, ORDER BY".into()),
        ("ORDER ‸", "BY".into()),
        ("ORDER BY ‸", ORDERING.into()),
        ("Suite = a ORDER BY Suite, ‸", ORDERING.into()),
        ("ORDER BY Suite ‸", "ASC, DESC, ,".into()),
        ("ORDER BY Suite DESC ‸", ",".into()),
        ("Suite IN [Login, ‸", "Login, Check out, Secret, CurrentUser, Me, ProjectManager".into()),
        ("Suite IN [Login ‸", String::new()),
        ("Suite IN (c‸", "Check out, CurrentUser, Secret, ProjectManager".into()),
        ("Suite = \"c‸", "Check out, Secret".into()),
        ("Suite ~ ‸", "Login, Check out, Secret".into()),
        ("\"Test Name\" ~ ‸", String::new()),
        ("Status = ‸", "Passed, Failed, Not Run, Odd".into()),
        ("Status = notr‸", "Not Run".into()),
        ("Automated = ‸", "Yes, No".into()),
        ("Priority > ‸", "2, 1, 7, 10".into()),
        ("CreatedAt > startofd‸", "StartOfDay".into()),
        ("CreatedAt > StartOfDay(‸", String::new()),
        ("Owner = m‸", "Me, ProjectManager".into()),
        ("Owner = M‸()", "Me, ProjectManager".into()),
        ("Defects IN {‸", format!("Title, Text, NOT, {TESTS}")),
        ("Defects IN { Title = ‸ }", "Crash, Secret crash, CurrentUser, Me, ProjectManager".into()),
        ("Defects IN { Title = a } ‸", "AND, OR, ORDER BY".into()),
        // Behind mistakes.
        ("Suite = = AND st‸", "Status, Test Name, LessThan, LessThanOrEqual".into()),
        (")]}, Suite = c‸", "Check out, CurrentUser, Secret, ProjectManager".into()),
        ("Suite = a Status = ‸", "Passed, Failed, Not Run, Odd".into()),
        ("Suite = \"a AND st‸", String::new()),
    ] {
        let found = labels(&snapshot, text);
        if found != expected {
            wrong.push((text, expected, found));
        }
    }
    assert!(wrong.is_empty(), "text, expected, found: {wrong:#?}");
}

#[test]
fn what_is_inserted_fits_its_surroundings() {
    let snapshot = snapshot();
    for (text, label, expected) in [
        ("test‸", "Test Name", "\"Test Name\""),
        ("'te‸st' ~ x", "Test Name", "\"Test Name\" ~ x"),
        ("Suite = ch‸", "Check out", "Suite = \"Check out\""),
        ("Suite IN [a, 'lo‸', b]", "Login", "Suite IN [a, \"Login\", b]"),
        ("Suite = \"lo‸ AND Priority = 1", "Login", "Suite = \"Login\" AND Priority = 1"),
        ("Suite = 'lo‸'AND Priority = 1", "Login", "Suite = \"Login\"AND Priority = 1"),
        ("Priority ‸=5", "IN", "Priority IN 5"),
        ("Priority !‸ 5", "!=", "Priority != 5"),
        ("Suite NOT‸ IN [a]", "NOT IN", "Suite NOT IN [a]"),
        ("Suite I‸ NOT EMPTY", "IS NOT EMPTY", "Suite IS NOT EMPTY"),
        ("Owner = m‸", "Me", "Owner = Me()"),
        ("Owner = m‸()", "Me", "Owner = Me()"),
        ("Owner = pro‸", "ProjectManager", "Owner = ProjectManager("),
        ("a = 1 ord‸", "ORDER BY", "a = 1 ORDER BY"),
        ("a = 1 OR‸DER BY b", "ORDER BY", "a = 1 ORDER BY b"),
    ] {
        assert_eq!(inserted(&snapshot, text, label), expected, "{text}");
    }
}

#[test]
fn completions_say_what_they_are() {
    let snapshot = snapshot();
    let first = |text: &str| complete(&snapshot, text, &everything()).swap_remove(0);
    let field = first("fo‸");
    assert_eq!((field.kind, field.detail.as_deref()), (CompletionKind::Field, Some("keyword, the same as `Suite`")));
    // Spellings of one value are one, under the more frequent spelling; a row counts once for each of its owners.
    let value = first("Suite = ‸");
    assert_eq!((value.kind, &*value.label, value.count), (CompletionKind::Value, "Login", Some(3)));
    assert_eq!((&*first("Owner = ‸").label, first("Owner = ‸").count), ("bob", Some(3)));
    assert_eq!(first("Status = not‸").count, Some(0));
    assert_eq!(first("Priority ‸").detail.as_deref(), Some("equal"));
    let kinds = ["Owner = m‸", "Suite = a a‸"].map(|text| first(text).kind);
    assert_eq!(kinds, [CompletionKind::Function, CompletionKind::Keyword]);
}

#[test]
fn nothing_hidden_is_offered() {
    let snapshot = snapshot();
    let some = Access::none().allow("Run", Condition::tql("Suite != Secret"));
    let labels = |text: &str, access: &Access| -> Vec<String> {
        complete(&snapshot, text, &context(access.clone())).into_iter().map(|found| found.label).collect()
    };
    assert!(labels("Suite = sec‸", &some).is_empty());
    assert_eq!(labels("Priority = ‸", &some), ["2", "1", "10"]);
    // What a relation leads to has permissions of its own, and is not there without one.
    assert!(labels("Defects IN {‸", &some).is_empty());
    assert!(labels("Defects IN {Title = ‸", &some).is_empty());
    let more = some.allow("Defect", Condition::tql("Title !~ secret"));
    assert_eq!(labels("Defects IN {Title = c‸", &more)[0], "Crash");
    assert!(labels("Defects IN {Title = sec‸", &more).is_empty());
    // An index got under one access and asked under another.
    let none = context(Access::none());
    assert_eq!(snapshot.index("Run", &everything()).unwrap().complete_tql(&Query::all(), 0, &none).unwrap(), []);
}

#[test]
fn any_offset_of_any_text_has_an_answer() {
    let snapshot = snapshot();
    let ctx = everything();
    let runs = snapshot.index("Run", &ctx).unwrap();
    let at = |text: &str, offset| runs.complete_tql(&Query::tql(text), offset, &ctx).unwrap();
    assert_eq!(at("Suite = lo", 1000), at("Suite = lo", 10));
    assert_eq!(at("Suite = ö", 9), at("Suite = ö", 8));
    let tight = context(Access::unrestricted()).limits(Limits::default().with_query_bytes(5));
    assert_eq!(runs.complete_tql(&Query::tql("Suite = lo"), 10, &tight).unwrap(), []);
    // Each was made to cost more than its length.
    let n = 20_000;
    for text in [
        "(".repeat(n),
        "[".repeat(n) + &")".repeat(n),
        "{".repeat(n) + &"]".repeat(n),
        "a IN [".repeat(n / 6),
        "a IN {".repeat(n / 6),
        "a ".repeat(n),
        format!("\"{}\" {}", "b".repeat(n), "c IN [".repeat(n / 6)),
        format!("Suite = {}", "x".repeat(n)),
        "Suite = \"\\".repeat(n / 10),
        "!".repeat(n),
        "GROUP BY a {".repeat(n / 6),
        format!("GROUP BY {}", "Fill(".repeat(n / 5)),
        format!("FACETED {}", "AndArgs(".repeat(n / 6)),
        format!("FACETED {}", "In(Suite, [".repeat(n / 6)),
        format!("FACETED In(Suite{}", ", x".repeat(n)),
        format!("FACETED {}", "Equal(a), ".repeat(n / 6)),
        format!("FACETED Equal(\"{}\", ", "x".repeat(n)),
        "COUNT, ".repeat(n),
        "MIN(".repeat(n),
    ] {
        for offset in [0, text.len() / 2, text.len() - 1, text.len()] {
            assert!(at(&text, offset).len() <= 50);
        }
    }
}

#[test]
fn values_stay_within_the_limits() {
    let schema = Schema::builder("Run").field(Field::new("N", Kind::Keyword)).build().unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(1).build().unwrap();
    let mut rows = Rows::new(["N"]);
    (0..300).for_each(|n| rows.push([format!("v{n:03}").into()]));
    let mut tx = engine.transaction(&everything()).unwrap();
    tx.append("Run", &rows).unwrap();
    tx.commit().unwrap();
    let snapshot = engine.snapshot();
    assert_eq!(complete(&snapshot, "N = ‸", &everything()).len(), 50);
    assert_eq!(complete(&snapshot, "N = v29‸", &everything()).len(), 10);
    assert_eq!(complete(&snapshot, "N = 99‸", &everything())[0].label, "v099");
    let few = everything().limits(Limits::default().with_groups(299));
    assert_eq!(complete(&snapshot, "N = v‸", &few), []);
}

#[test]
fn relationships_are_followed_where_the_caller_may_go() {
    let engine = Engine::builder(presets::catalog().unwrap()).threads(1).build().unwrap();
    let mut tx = engine.transaction(&everything()).unwrap();
    tx.append("Entity", &Rows::new(["Id", "Name"]).row([tallygrid::Value::Guid(1), "Log in".into()])).unwrap();
    tx.commit().unwrap();
    let snapshot = engine.snapshot();
    let offered = |text: &str, ctx: &Context| -> Vec<String> {
        let entities = snapshot.index("Entity", ctx).unwrap();
        let found = entities.complete_tql(&Query::tql(text), text.len(), ctx).unwrap();
        found.into_iter().map(|found| found.insert).collect()
    };
    assert_eq!(offered("relatedt", &everything()), ["RelatedTo", "DirectlyRelatedTo"]);
    assert_eq!(offered("RelatedTo ", &everything()), ["=", "!=", "IN", "NOT IN", "IS EMPTY", "IS NOT EMPTY"]);
    assert_eq!(offered("RelatedTo IN { Name = l", &everything()), ["\"Log in\""]);
    assert_eq!(offered("Relationships IN { RelatedToN", &everything()), ["RelatedToName"]);
    assert_eq!(
        offered("Relationships IN { Destination NOT IN { DirectlyRelatedTo IN { EntityT", &everything()),
        ["EntityType"]
    );
    let some = context(Access::none().allow("Entity", Condition::all()));
    for text in ["relatedt", "RelatedTo IN { Name = l", "Relationships IN { RelatedToN"] {
        assert!(offered(text, &some).is_empty(), "{text}");
    }
}
