//! What the fuzz targets do with their bytes, as plain functions, so that a test can replay the corpus without a fuzzer.
//!
//! On stable: `RUSTC_BOOTSTRAP=1 cargo fuzz run -s none --features fuzzing parse -- -max_total_time=60`

use std::sync::OnceLock;

use tallygrid::{
    Access, Catalog, Condition, Context, DeclaredValue, Engine, Field, GroupBy, Kind, Query, Rows, Rule, Schema, Value,
    check_tql,
};

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted()).user("ada")
}

fn schema() -> Schema {
    Schema::builder("Run")
        .field(Field::new("Status", Kind::Status).values(["Passed", "Failed"].map(DeclaredValue::new)))
        .fields([Field::new("Name", Kind::Text), Field::new("Suite", Kind::Keyword), Field::new("N", Kind::Integer)])
        .fields([
            Field::new("Score", Kind::Decimal),
            Field::new("At", Kind::DateTime),
            Field::new("Took", Kind::Duration),
        ])
        .fields([
            Field::new("Tags", Kind::Keyword).multi(),
            Field::new("Package", Kind::Path),
            Field::new("Ok", Kind::Boolean),
        ])
        .build()
        .unwrap()
}

fn engine_of(rows: &[(usize, Option<i64>)], threads: usize, segment_rows: u32) -> Engine {
    let engine =
        Engine::builder(Catalog::new([schema()]).unwrap()).threads(threads).segment_rows(segment_rows).build().unwrap();
    let mut tx = engine.transaction(&context()).unwrap();
    let mut table = Rows::new(["Suite", "N", "Tags", "Status"]);
    for (suite, n) in rows {
        let suite = SUITES[suite % SUITES.len()];
        table.push([suite.into(), Value::from(*n), vec![suite, "x"].into(), "passed".into()]);
    }
    tx.append("Run", &table).unwrap();
    tx.commit().unwrap();
    engine
}

const SUITES: [&str; 5] = ["login", "Login", "cart", "the cart", ""];

/// Any text is checked and asked without a panic, and every place lies on the text's character boundaries.
pub fn parse(data: &[u8]) {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| engine_of(&[(0, Some(1)), (2, None)], 1, 7));
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (snapshot, ctx) = (engine.snapshot(), context());
    for rule in [Rule::Query, Rule::Filter, Rule::OrderBy] {
        for against in [None, Some((snapshot.catalog(), "Run"))] {
            let check = check_tql(text, rule, against, &ctx).unwrap();
            for diagnostic in &check.diagnostics {
                for span in diagnostic.span().into_iter().chain(diagnostic.fixes().iter().map(|fix| fix.span)) {
                    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{diagnostic:?}");
                }
            }
            if let Some(printed) = check.printed {
                let again = check_tql(&printed, rule, against, &ctx).unwrap();
                assert_eq!(again.printed.as_deref(), Some(&*printed));
            }
        }
    }
    let runs = snapshot.index("Run", &ctx).unwrap();
    if let Err(error) = runs.rows(&Query::tql(text), &ctx) {
        assert!(!error.render(text).is_empty());
    }
}

/// No text reaches a row outside the scope around it.
pub fn scope(data: &[u8]) {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let rows: Vec<(usize, Option<i64>)> = (0..20).map(|i| (i as usize, (i % 3 != 0).then_some(i))).collect();
    let engine = ENGINE.get_or_init(|| engine_of(&rows, 1, 7));
    let Ok(text) = std::str::from_utf8(data) else { return };
    let ctx = context();
    let snapshot = engine.snapshot();
    let runs = snapshot.index("Run", &ctx).unwrap();
    let base = "N > 7 OR Suite = cart";
    let allowed = runs.rows(&Query::tql(base).top(100), &ctx).unwrap().body.rows;
    let asked = Query::tql(text).scope(Condition::tql(base)).top(100);
    if let Ok(answer) = runs.rows(&asked, &ctx) {
        assert!(answer.body.rows.iter().all(|row| allowed.contains(row)));
        assert!(answer.body.total <= allowed.len() as u64);
    }
}

/// Rows and a query out of the bytes: the engine agrees with a loop over the rows, whatever the layout.
pub fn engine(data: &[u8]) {
    let Some((&n_rows, rest)) = data.split_first() else { return };
    let n_rows = usize::from(n_rows % 16).min(rest.len() / 2);
    let (row_bytes, query_bytes) = rest.split_at(n_rows * 2);
    let rows: Vec<(usize, Option<i64>)> =
        row_bytes.chunks(2).map(|b| (usize::from(b[0]), (b[1] != 0).then_some(i64::from(b[1] as i8)))).collect();
    let (mut text, mut passing) = (String::new(), vec![false; rows.len()]);
    for (i, link) in query_bytes.chunks_exact(3).take(20).enumerate() {
        let (is_and, negated, n) = (link[0] & 1 == 0, link[0] & 2 != 0, i64::from(link[1] as i8));
        let (test, holds): (String, Box<dyn Fn(&(usize, Option<i64>)) -> bool>) = match link[2] % 5 {
            0 => (format!("N >= {n}"), Box::new(move |row| row.1.is_some_and(|own| own >= n))),
            1 => (format!("N != {n}"), Box::new(move |row| row.1 != Some(n))),
            2 => {
                let suite = SUITES[usize::from(link[1]) % 4];
                (format!("Suite = '{suite}'"), Box::new(move |row| SUITES[row.0 % 5].eq_ignore_ascii_case(suite)))
            }
            3 => ("Suite ~ cart".to_owned(), Box::new(|row| SUITES[row.0 % 5].contains("cart"))),
            _ => ("N IS EMPTY".to_owned(), Box::new(|row| row.1.is_none())),
        };
        if i > 0 {
            text.push_str(if is_and { " AND " } else { " OR " });
        }
        text.push_str(&if negated { format!("(NOT {test})") } else { test });
        for (passes, row) in passing.iter_mut().zip(&rows) {
            let own = holds(row) != negated;
            *passes = match (i, is_and) {
                (0, _) => own,
                (_, true) => *passes && own,
                (_, false) => *passes || own,
            };
        }
    }
    if text.is_empty() {
        passing.fill(true);
    }
    let expected = passing.iter().filter(|passes| **passes).count() as u64;
    let ctx = context();
    let mut first = None;
    for (threads, segment_rows) in [(1, 65_536), (1, 3), (2, 1)] {
        let snapshot = engine_of(&rows, threads, segment_rows).snapshot();
        let runs = snapshot.index("Run", &ctx).unwrap();
        assert_eq!(runs.count(&Query::tql(text.as_str()), &ctx).unwrap().body, expected, "{text}");
        let groups = runs.group(&GroupBy::field("Suite"), &Query::tql(text.as_str()), &ctx).unwrap().body;
        assert_eq!(groups.totals.iter().sum::<i128>(), i128::from(expected), "{text}");
        assert_eq!(*first.get_or_insert_with(|| groups.clone()), groups);
    }
}

#[cfg(test)]
mod tests {
    type Target = fn(&[u8]);

    #[test]
    fn the_corpus_passes() {
        let targets: [(&str, Target); 3] =
            [("parse", super::parse), ("scope", super::scope), ("engine", super::engine)];
        for (name, target) in targets {
            let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
            let mut n = 0;
            for entry in std::fs::read_dir(dir).unwrap() {
                target(&std::fs::read(entry.unwrap().path()).unwrap());
                n += 1;
            }
            println!("{name}: {n} inputs");
            assert!(n >= 5, "{name} has {n} inputs only");
        }
    }
}
