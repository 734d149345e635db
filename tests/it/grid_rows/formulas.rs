//! Formula columns: what they compute, when, and what they refuse.

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tallygrid::{Grid, GridColumn, GridColumnKind, Ids, Query, Returns};

use super::{World, told};

fn formula(id: &str, expression: &str, returns: Returns) -> GridColumn {
    GridColumn::new(id, GridColumnKind::Formula { expression: expression.into(), returns })
}

fn columns() -> Vec<GridColumn> {
    let column = GridColumn::new;
    vec![
        column("title", GridColumnKind::String),
        column("qty", GridColumnKind::Integer),
        column("price", GridColumnKind::Number),
        column("due", GridColumnKind::Date),
        column("done", GridColumnKind::Checkbox),
        column("tags", GridColumnKind::multi_select(["ui", "api"])),
        column("owner", GridColumnKind::UserList),
    ]
}

/// What an expression makes of a row.
fn computed(expression: &str, returns: Returns, row: &Value) -> Value {
    let world = World::new(columns().into_iter().chain([formula("f", expression, returns)]));
    world.add(&json!([row])).unwrap();
    world.columns()[0]["f"].clone()
}

#[test]
fn formulas_follow_the_columns_that_they_use() {
    let total = formula("total", "qty * price", Returns::Number);
    let label = formula("label", r#"title ~ ": " ~ total if total > 10 else "small""#, Returns::Text);
    let world = World::new(columns().into_iter().chain([total, label]));
    let ids = world.add(&json!([{"title": "Bolt", "qty": 3, "price": 2.5}, {"title": "Nut"}])).unwrap();
    let got = |at: usize| (world.columns()[at]["total"].clone(), world.columns()[at]["label"].clone());
    assert_eq!(got(0), (json!(7.5), json!("small")));
    // Without what it needs a formula has no value; nothing is not more than ten.
    assert_eq!(got(1), (Value::Null, json!("small")));
    world.update(&json!([{"rowId": ids[0], "columns": {"qty": 6}}])).unwrap();
    assert_eq!(got(0), (json!(15), json!("Bolt: 15")));
    let error = world.update(&json!([{"rowId": ids[0], "columns": {"total": 1}}])).unwrap_err();
    assert_eq!(told(&error), (400, json!(["Column 'total' is read-only"])));
    let snapshot = world.engine.snapshot();
    let tasks = snapshot.index("Tasks", &world.ctx).unwrap();
    assert_eq!(tasks.count(&Query::tql("total > 14.9"), &world.ctx).unwrap().body, 1);
}

#[test]
fn what_formulas_see_and_return() {
    let row = json!({"title": "Bolt", "qty": 7, "price": 0.1, "due": 86_400_000, "done": true, "tags": ["ui"], "owner": "curry"});
    let number = |expression: &str| computed(expression, Returns::Number, &row);
    assert_eq!(number("qty / 2"), json!(3.5));
    assert_eq!(number("qty // 2"), json!(3));
    assert_eq!(number("price + 0.2"), json!(0.300_000_000_000_000_04));
    assert_eq!(number("due // 86400000"), json!(1));
    assert_eq!(number("tags|length"), json!(1));
    assert_eq!(number("(price * 7)|round(1)"), json!(0.7));
    assert_eq!(number("[qty, price]|max"), json!(7));
    for none in ["title", "qty / 0", "price / 0", "1e308 * 10", "title * 2", "done", "none", "title.length"] {
        assert_eq!(number(none), Value::Null, "{none}");
    }
    let text = |expression: &str| computed(expression, Returns::Text, &row);
    assert_eq!(text(r#"owner ~ " " ~ qty"#), json!("Stephen Curry 7"));
    assert_eq!(text("done and 'ui' in tags"), json!("true"));
    assert_eq!(text("title|upper"), json!("BOLT"));
    assert_eq!(text("price"), json!("0.1"));
    assert_eq!(text("tags"), Value::Null);
    assert_eq!(text("tags|join"), json!("ui"));
    let empty = |expression: &str| computed(expression, Returns::Text, &json!({}));
    assert_eq!((empty("qty is none"), empty("qty or 5"), empty("qty + 5")), (json!("true"), json!("5"), Value::Null));
}

#[test]
fn formulas_that_cannot_be_read_are_mistakes_of_the_grid() {
    let wrong = |expression: &str| {
        let with = columns().into_iter().chain([formula("f", expression, Returns::Number)]);
        Grid::new("Tasks", "1", with, Ids::random()).map(drop).map_err(|error| error.to_string())
    };
    let told = |expression: &str| wrong(expression).unwrap_err().replace("column f: the formula cannot be read: ", "");
    assert_eq!(told("quantity * qtx"), "no column `qtx` before this one");
    // Its own value is not there yet.
    assert_eq!(told("f + 1"), "no column `f` before this one");
    assert_eq!(told("title|replace('a', 'b')"), "filter replace is unknown");
    assert_eq!(told("title.upper()"), "string has no method named upper");
    assert_eq!(told("range(5)"), "no column `range` before this one");
    assert_eq!(told(&"-".repeat(501)), "it has 501 bytes, at most 500 are possible");
    assert_eq!(told(&"(".repeat(17)), "more than 16 brackets are open at once");
    for statement in
        ["", "qty *", "{% if done %}1{% endif %}", "{{ qty }}", "qty = 5", "lambda: 1", "[x for x in tags]"]
    {
        assert!(wrong(statement).is_err(), "{statement}");
    }
}

#[test]
fn no_formula_hangs_grows_or_overflows() {
    // As long and deep as may be, in every way that the grammar has, on a stack of 1 MiB.
    let deep = |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(16), close.repeat(16));
    let filled = |unit: &str, last: &str| format!("{}{last}", unit.repeat((500 - last.len()) / unit.len()));
    let inner = &"-".repeat(400);
    let shapes = [
        deep("(", &format!("{inner}1"), ")"),
        deep("tags[", &format!("{inner}1"), "]"),
        deep("[", inner, "]"),
        deep("not (not ", inner, ")"),
        deep("1 if (1 if ", inner, ")"),
        deep("title|round(", &"-".repeat(250), ")"),
        deep("{1:", inner, "}"),
        filled("-", "1"),
        filled("not ", "done"),
        filled("2**", "1"),
        filled("1+", "1"),
        filled("title~", "title"),
        filled("1 if done else ", "1"),
        filled("done and ", "done"),
        filled("qty<", "qty"),
        filled("title.a", ""),
        filled("title|upper", ""),
        filled("tags[0][", ""),
        filled("1 in ", "tags"),
        filled("(", ""),
        filled("#", ""),
        filled("é", ""),
        filled("\"", ""),
        "(".repeat(50_000),
    ];
    let checked = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        for expression in shapes {
            let start = Instant::now();
            let with = columns().into_iter().chain([formula("f", &expression, Returns::Number)]);
            if Grid::new("Tasks", "1", with, Ids::random()).is_ok() {
                computed(&expression, Returns::Text, &json!({"title": "x", "done": true, "qty": 2, "tags": ["ui"]}));
            }
            assert!(start.elapsed() < Duration::from_secs(5), "{expression}");
        }
    });
    checked.unwrap().join().unwrap();
    // What would grow without end has no value.
    let row = json!({"title": "x".repeat(9_000), "qty": i64::MAX, "price": 99_999_999_999_999_i64});
    let grown = [
        "title ~ title",
        "title * qty",
        "'x' * price",
        "(title ~ title ~ title ~ title) * 100000",
        "[1] * 100000000",
        "qty ** qty",
        "9 ** 9 ** 9 ** 9",
    ];
    for expression in grown {
        let start = Instant::now();
        assert_eq!(computed(expression, Returns::Text, &row), Value::Null, "{expression}");
        assert!(start.elapsed() < Duration::from_secs(5), "{expression}");
    }
}
