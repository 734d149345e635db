//! The sales of the standard's aggregation text: every case gives its rows.

use serde_json::Value as Json;
use tallygrid::{
    Access, Catalog, Context, Dialect, Engine, Field, Kind, ODataQuery, Result, Rows, Schema, SchemaBuilder, Value,
};

use super::record::{is_row, to_json};

/// Indexes with their fields; relations as (name, column in the data, where to, key there, back).
fn schemas() -> Vec<Schema> {
    let text = |name: &str| Field::new(name, Kind::Keyword);
    let one = |name: &str, to: &str, key: &str| Field::relation(name, to, key, false);
    let back = |name: &str, to: &str, key: &str| Field::relation(name, to, key, true);
    let keyed = |name: &str, key: &str| -> SchemaBuilder { Schema::builder(name).key(key) };
    vec![
        keyed("Categories", "ID").fields([text("ID"), text("Name"), back("Products", "Products", "Category")]),
        keyed("Products", "ID").fields([
            text("ID"),
            text("Name"),
            text("Color"),
            Field::new("TaxRate", Kind::Decimal),
            one("Category", "Categories", "ID"),
            back("Sales", "Sales", "Product"),
        ]),
        keyed("Customers", "ID").fields([
            text("ID"),
            text("Name"),
            text("Country"),
            back("Sales", "Sales", "Customer"),
        ]),
        Schema::builder("Time").fields([
            Field::new("Date", Kind::Date),
            text("Month"),
            text("Quarter"),
            Field::new("Year", Kind::Integer),
        ]),
        keyed("SalesOrganizations", "ID").fields([
            text("ID"),
            text("Name"),
            one("Superordinate", "SalesOrganizations", "ID"),
        ]),
        keyed("Sales", "ID").fields([
            Field::new("ID", Kind::Integer),
            Field::new("Amount", Kind::Decimal),
            one("Customer", "Customers", "ID"),
            one("Product", "Products", "ID"),
            one("Time", "Time", "Date"),
            one("SalesOrganization", "SalesOrganizations", "ID"),
        ]),
    ]
    .into_iter()
    .map(|builder| builder.build().unwrap())
    .collect()
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Number(n) => Value::from(n.to_string()),
        Json::String(text) => Value::from(text.as_str()),
        other => panic!("no cell: {other}"),
    }
}

fn engine(rows: &Json) -> Engine {
    let engine = Engine::builder(Catalog::new(schemas()).unwrap()).threads(2).segment_rows(3).build().unwrap();
    let mut tx = engine.transaction(&context()).unwrap();
    for (index, rows) in rows.as_object().unwrap() {
        // A foreign key is the relation's own cell.
        let named = |column: &str| match (index.as_str(), column) {
            ("Sales", "Date") => "Time".to_owned(),
            _ if column != "ID" => column.strip_suffix("ID").unwrap_or(column).to_owned(),
            _ => column.to_owned(),
        };
        let columns: Vec<String> = rows[0].as_object().unwrap().keys().map(|column| named(column)).collect();
        let mut table = Rows::new(columns.iter().map(String::as_str));
        rows.as_array().unwrap().iter().for_each(|row| table.push(row.as_object().unwrap().values().map(value)));
        tx.append(index, &table).unwrap();
    }
    tx.commit().unwrap();
    engine
}

fn context() -> Context {
    Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted())
}

/// What is wrong with an answer, if anything.
fn judged(engine: &Engine, case: &Json) -> Option<String> {
    let (snapshot, ctx) = (engine.snapshot(), context());
    let query = ODataQuery::new(case["options"].as_str().unwrap()).dialect(Dialect::V4);
    let answer: Result<_> = snapshot.index(case["set"].as_str().unwrap(), &ctx).unwrap().odata(&query, &ctx);
    let rows: Vec<Json> = match answer {
        Ok(answer) => answer.body.records.iter().map(to_json).collect(),
        Err(error) => return Some(format!("{error}")),
    };
    let is_ordered = case["ordered"] == Json::Bool(true);
    let matches = |wanted: &[Json], same: &dyn Fn(&Json, &Json) -> bool| {
        let mut left: Vec<&Json> = rows.iter().collect();
        let all = wanted.iter().all(|wanted| {
            let at = if is_ordered {
                (!left.is_empty()).then_some(0)
            } else {
                left.iter().position(|row| same(row, wanted))
            };
            at.is_some_and(|at| same(left.remove(at), wanted))
        });
        all && left.is_empty()
    };
    let is_right = match case.get("rows").and_then(Json::as_array) {
        Some(wanted) => matches(wanted, &|row, wanted| is_row(row, wanted, row.get("ID").is_none())),
        None => {
            let ids =
                std::iter::once(&case["ids"]).chain(case.get("ids_alt").and_then(Json::as_array).into_iter().flatten());
            ids.into_iter().any(|ids| matches(ids.as_array().unwrap(), &|row, id| is_row(&row["ID"], id, true)))
        }
    };
    (!is_right).then(|| format!("{rows:?}"))
}

#[test]
fn every_case_of_sales_gives_its_rows() {
    let Some(cases) = super::cases("sales-given.jsonl") else {
        println!("0 cases: folder not given");
        return;
    };
    let data = std::fs::read_to_string(super::folder().unwrap().join("sales.data.json")).unwrap();
    let data: Json = serde_json::from_str(&data).unwrap();
    let engine = engine(&data["rows"]);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| judged(&engine, case).map(|wrong| format!("{}: {wrong}", case["name"])))
        .collect();
    println!("{} cases: {} passed, {} failed", cases.len(), cases.len() - wrong.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
