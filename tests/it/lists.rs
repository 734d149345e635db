//! Groups as a list: order, conditions, pages, remainders, rates.

use tallygrid::{
    Access, Catalog, Comparison, Context, Engine, Field, GroupList, GroupPage, Kind, Metric, Query, Rows, Schema,
    Value, presets,
};

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

/// 60 runs: suite `s0` to `s9` and some without, statuses in turn, one or two tags each.
fn engine() -> Engine {
    let schema = Schema::builder("Run")
        .fields([Field::new("Suite", Kind::Keyword), Field::new("Status", Kind::Keyword)])
        .fields([Field::new("Ms", Kind::Integer), Field::new("Tags", Kind::Keyword).multi()])
        .build()
        .unwrap();
    let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(2).segment_rows(7).build().unwrap();
    let mut rows = Rows::new(["Suite", "Status", "Ms", "Tags"]);
    for n in 0..60i64 {
        let suite = if n % 11 == 10 { "".into() } else { format!("s{}", n * n % 10).as_str().into() };
        let tags = [format!("t{}", n % 3), format!("t{}", n % 4)];
        let status = ["Passed", "Failed", "Passed", "Skipped"][n as usize % 4];
        rows.push([
            suite,
            status.into(),
            (n * 37 % 50).into(),
            tags.iter().map(String::as_str).collect::<Vec<_>>().into(),
        ]);
    }
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append("Run", &rows).unwrap();
    tx.commit().unwrap();
    engine
}

fn page(engine: &Engine, list: &GroupList, tql: &str) -> GroupPage {
    let (snapshot, ctx) = (engine.snapshot(), context());
    snapshot.index("Run", &ctx).unwrap().list_groups(list, &Query::tql(tql), &ctx).unwrap().body
}

fn count(engine: &Engine, tql: &str) -> i64 {
    let (snapshot, ctx) = (engine.snapshot(), context());
    snapshot.index("Run", &ctx).unwrap().count(&Query::tql(tql), &ctx).unwrap().body.try_into().unwrap()
}

fn code(engine: &Engine, list: &GroupList) -> String {
    let (snapshot, ctx) = (engine.snapshot(), context());
    let wrong = snapshot.index("Run", &ctx).unwrap().list_groups(list, &Query::all(), &ctx).unwrap_err();
    assert_eq!(wrong.diagnostics().len(), 1, "{wrong}");
    wrong.diagnostics()[0].code().to_string()
}

fn value(n: i64) -> Metric {
    Metric::Value(n.into())
}

#[test]
fn pages_are_the_list_in_parts() {
    let engine = engine();
    for by in ["Suite", "Tags", "Bucket(Ms, 10, 20, 40)", "Ms"] {
        let base = GroupList::by(by).metric("slowest", "MAX(Ms)").metric("half", "MEDIAN(Ms)").descending("half");
        let whole = page(&engine, &base.clone().top(1000), "Status != Skipped");
        assert!(whole.next.is_none() && whole.groups.len() as u64 == whole.total && whole.remainder.is_none());
        let (mut parts, mut after) = (Vec::new(), None::<String>);
        loop {
            let list = after.iter().fold(base.clone().top(3), |list, after| list.after(after.as_str()));
            let part = page(&engine, &list, "Status != Skipped");
            assert_eq!((part.total, &part.totals), (whole.total, &whole.totals));
            parts.extend(part.groups);
            match part.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(parts, whole.groups, "{by}");
    }
}

#[test]
fn a_remainder_counts_the_rows_of_no_group_so_far() {
    let engine = engine();
    for by in ["Suite", "Tags"] {
        let list = GroupList::by(by).descending("COUNT").top(2).with_queries();
        let page = page(&engine, &list, "Ms > 5 OR Suite IS EMPTY");
        let texts: Vec<&str> = page.groups.iter().map(|group| group.query.as_deref().unwrap()).collect();
        for (group, text) in page.groups.iter().zip(&texts) {
            assert_eq!(group.metrics, [value(count(&engine, text))], "{text}");
        }
        let others = format!("(Ms > 5 OR Suite IS EMPTY) AND (NOT (({}) OR ({})))", texts[0], texts[1]);
        assert_eq!(page.remainder.unwrap(), [value(count(&engine, &others))], "{others}");
        assert_eq!(page.totals, [value(count(&engine, "Ms > 5 OR Suite IS EMPTY"))]);
    }
}

#[test]
fn groups_are_kept_and_ordered_by_their_metrics() {
    let engine = engine();
    let list = GroupList::by("Suite").rate("passed", ["Passed"], ["passed", "Failed"]).descending("passed").top(100);
    let all = page(&engine, &list, "");
    let rate = |group: &tallygrid::ListedGroup| match group.metrics[1] {
        Metric::Rate { part, whole } => (part, whole),
        ref other => panic!("{other:?}"),
    };
    for group in &all.groups {
        let only = if group.key.is_empty() { "Suite IS EMPTY".to_owned() } else { format!("Suite = {}", group.key) };
        let passed = count(&engine, &format!("Status = Passed AND {only}"));
        let done = count(&engine, &format!("Status IN [Passed, Failed] AND {only}"));
        assert_eq!(rate(group), (passed.try_into().unwrap(), done.try_into().unwrap()), "{}", group.key);
    }
    let above = |(a, b): (u64, u64), (c, d): (u64, u64)| a * d >= c * b;
    let rates: Vec<(u64, u64)> = all.groups.iter().map(rate).filter(|(_, whole)| *whole > 0).collect();
    assert!(rates.windows(2).all(|pair| above(pair[0], pair[1])), "{rates:?}");
    let half: tallygrid::Decimal = "0.5".parse().unwrap();
    let kept = page(&engine, &list.having("passed", Comparison::AtLeast, half), "");
    assert_eq!(kept.total as usize, rates.iter().filter(|(part, whole)| part * 2 >= *whole).count());
    let first = page(&engine, &GroupList::by("Suite").top(100), "").groups;
    let mut turned = page(&engine, &GroupList::by("Suite").last_key_first().top(100), "").groups;
    turned.reverse();
    assert_eq!(first, turned);
}

#[test]
fn what_a_list_cannot_be_is_told() {
    let engine = engine();
    let by = |selector: &str| GroupList::by(selector);
    assert_eq!(code(&engine, &by("Siute")), "unknown-field");
    assert_eq!(code(&engine, &by("Top(Suite, 3)")), "wrong-argument");
    assert_eq!(code(&engine, &by("Suite").metric("m", "MAX(Suite)")), "wrong-aggregate");
    assert_eq!(code(&engine, &by("Suite").metric("m", "GROUP BY Ms { COUNT }")), "wrong-aggregate");
    assert_eq!(code(&engine, &by("Suite").metric("m", "COUNT WHERE Ms = 1")), "wrong-aggregate");
    assert_eq!(code(&engine, &by("Suite").metric("COUNT", "COUNT")), "repeated-name");
    assert_eq!(code(&engine, &by("Suite").descending("m")), "wrong-parameter");
    assert_eq!(code(&engine, &by("Suite").top(0)), "wrong-parameter");
    assert_eq!(code(&engine, &by("Suite").having("COUNT", Comparison::AtLeast, "3")), "wrong-parameter");
    let slowest = by("Suite").metric("slowest", "MAX(Ms)");
    assert_eq!(code(&engine, &slowest.having("slowest", Comparison::AtLeast, Value::Duration(3))), "wrong-parameter");
    assert_eq!(code(&engine, &by("Suite").after("x")), "stale-cursor");
    let next = page(&engine, &by("Suite").top(1), "").next.unwrap();
    assert_eq!(code(&engine, &by("Ms").after(next.as_str())), "stale-cursor");
    let mut tx = engine.transaction(&context()).unwrap();
    tx.append("Run", &Rows::new(["Suite"]).row(["new".into()])).unwrap();
    tx.commit().unwrap();
    assert_eq!(code(&engine, &by("Suite").after(next)), "stale-cursor");
}

#[test]
fn a_status_that_is_none_is_warned_of() {
    let engine = Engine::builder(Catalog::new([presets::run().build().unwrap()]).unwrap()).build().unwrap();
    let (snapshot, ctx) = (engine.snapshot(), context());
    let list = GroupList::by("Project").rate("rate", ["Pased"], ["passed", "In Progress"]);
    let warnings = snapshot.index("Run", &ctx).unwrap().list_groups(&list, &Query::all(), &ctx).unwrap().warnings;
    let told: Vec<(&str, Option<&str>)> = warnings.iter().map(|d| (d.message(), d.help_text())).collect();
    assert_eq!(told, [("in the list's `rate`: `Status` has no value `Pased`", Some("did you mean `Passed`?"))]);
}
