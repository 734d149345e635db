//! Both languages: the same question has the same rows, as many, and the same groups of them.

use std::collections::BTreeMap;

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use tallygrid::{Dialect, GroupBy, Property, Record, Value};

use super::ask::{position, shown};
use super::setting::Setting;
use crate::oracle::choices::Choices;
use crate::oracle::column::Column;
use crate::oracle::world::{Layout, World};
use crate::oracle::write::odata;
use crate::oracle::{draw, write};

/// One filter, in both languages.
struct Question {
    tql: String,
    odata: String,
    dialect: Dialect,
    expected: Vec<usize>,
    grouped_by: Option<usize>,
}

pub(crate) fn doors(world: &World, layouts: &[Layout], c: &mut Choices) -> Result<(), TestCaseError> {
    let setting = &Setting::draw(c, world);
    let groups = |column: &Column| column.gives_groups() && !column.multi && odata::is_name(column);
    let keys: Vec<usize> = (0..world.columns.len()).filter(|at| groups(&world.columns[*at])).collect();
    let questions = c.several(1, 6, |c| {
        let filter = odata::sayable(world, &draw::query::filter(c, world, 3));
        Question {
            tql: write::filter(world, &filter, c),
            odata: odata::filter(world, &filter),
            dialect: c.pick(&[Dialect::Seed, Dialect::V2, Dialect::V3, Dialect::V4]),
            expected: setting.selected(Some(&filter)),
            grouped_by: (!keys.is_empty()).then(|| c.pick(&keys)),
        }
    });
    let ctx = setting.context(world);
    for layout in layouts {
        let engine = world.engine(*layout);
        let snapshot = engine.snapshot();
        let runs = snapshot.index("Run", &ctx).unwrap();
        for Question { tql, odata: filter, dialect, expected, grouped_by } in &questions {
            let why = || format!("{tql:?} and {filter:?} as {dialect:?} in {layout:?}{}", shown(world));
            let page = runs.rows(&setting.query(tql), &ctx);
            prop_assert!(page.is_ok(), "{}{}", page.unwrap_err().render(tql), why());
            let found: Vec<usize> = page.unwrap().body.rows.iter().map(|row| position(&row[0])).collect();
            prop_assert_eq!(&found, expected, "TQL: {}", why());
            let ask = |text: String| runs.odata(&setting.odata(&text, *dialect), &ctx).map_err(|e| e.render(&text));
            let encoded = odata::encoded(filter);
            let page = ask(format!("$filter={encoded}&$select=Id&$top=100000&$count=true"));
            prop_assert!(page.is_ok(), "{}{}", page.unwrap_err(), why());
            let page = page.unwrap().body;
            let found: Vec<usize> = page.records.iter().map(|record| position(value(record, "Id"))).collect();
            prop_assert_eq!((&found, page.total), (expected, Some(expected.len() as u64)), "OData: {}", why());
            let Some(column) = grouped_by.map(|at| &world.columns[at]) else { continue };
            let counts = runs.group(
                &GroupBy::field(column.name.as_str()).status(column.name.as_str()),
                &setting.query(tql),
                &ctx,
            );
            prop_assert!(counts.is_ok(), "{}{}", counts.unwrap_err(), why());
            let counts = counts.unwrap().body;
            let mut by_tql: Vec<i128> = counts.rows.iter().map(|row| row.counts.iter().sum()).collect();
            let name = odata::name(column);
            let groups =
                ask(format!("$apply=filter({encoded})/groupby(({}),aggregate($count as N_))", odata::encoded(&name)));
            prop_assert!(groups.is_ok(), "{}{}", groups.unwrap_err(), why());
            let mut by_odata: BTreeMap<bool, Vec<i128>> = BTreeMap::new();
            for record in &groups.unwrap().body.records {
                // Null and the empty text are one group of TQL.
                let is_empty = value(record, name.split('/').next().unwrap()).is_empty();
                let Value::Integer(n) = value(record, "N_") else { panic!("{record:?}") };
                by_odata.entry(is_empty).or_default().push((*n).into());
            }
            let empty: i128 = by_odata.remove(&true).unwrap_or_default().iter().sum();
            let mut by_odata = by_odata.remove(&false).unwrap_or_default();
            by_odata.extend((empty > 0).then_some(empty));
            by_odata.sort_unstable();
            by_tql.sort_unstable();
            prop_assert_eq!(by_odata, by_tql, "by {}: {}", &column.name, why());
        }
    }
    Ok(())
}

/// The value of a property; of one below it, if that is what there is.
fn value<'r>(record: &'r Record, name: &str) -> &'r Value {
    let found = record.iter().find(|(property, _)| *property == name).map(|(_, property)| property);
    match found {
        Some(Property::Value(value)) => value,
        Some(Property::Record(Some(inner))) => value(inner, inner.iter().next().unwrap().0),
        other => panic!("{name} of {record:?} is {other:?}"),
    }
}
