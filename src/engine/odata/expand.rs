//! Rows within rows: what relations of a page's rows lead to, each index asked once for all rows of the page.

use std::ops::Range;
use std::sync::Arc;

use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::engine::ask::Query;
use crate::engine::context::Context;
use crate::engine::odata::list::computed;
use crate::engine::odata::record::{Property, Record};
use crate::engine::snapshot::Index;
use crate::exec::request::Request;
use crate::exec::rows::cell;
use crate::exec::rowset::lots::Lots;
use crate::exec::rowset::set::RowSet;
use crate::exec::run::Run;
use crate::model::cell::{coerce, text_of};
use crate::model::field::Field;
use crate::model::value::{Value, distinct};
use crate::plan::stage::Plan;
use crate::query::odata::request::{Bound, Expand};
use crate::query::predicate::{Leaf, Predicate};
use crate::query::rel::{Rel, Role};

/// The properties that a relation becomes in one row.
type Properties = Vec<(Arc<str>, Property)>;

impl<'a> Index<'a> {
    /// By relation and place: what it becomes there.
    pub(super) fn expanded<'r>(
        &self,
        places: &[u64],
        expands: &[Expand],
        request: &Request<'r>,
        ctx: &Context,
    ) -> Result<Vec<Vec<Properties>>>
    where
        'a: 'r,
    {
        expands.iter().map(|expand| self.expanded_one(places, expand, request, ctx)).collect()
    }

    fn expanded_one<'r>(
        &self,
        places: &[u64],
        expand: &Expand,
        request: &Request<'r>,
        ctx: &Context,
    ) -> Result<Vec<Properties>>
    where
        'a: 'r,
    {
        let (data, link) = (self.data(), expand.link);
        let there = self.other(link.index);
        let key_field = there.schema().field(link.key);
        // By place: the keys that lead on; where nothing is stored, a relation that leads back goes by the row's own key.
        let keys: Vec<Vec<Value>> = places
            .iter()
            .map(|place| {
                let stored = keys_of(cell(data, *place, expand.field), key_field);
                match link.own_key.filter(|_| stored.is_empty()) {
                    Some(own) => keys_of(cell(data, *place, own), key_field),
                    None => stored,
                }
            })
            .collect();
        let wanted = distinct(keys.iter().flatten().cloned().collect());
        let led_to = Predicate::leaf(Leaf::OneOf { field: link.key, values: wanted.into() });
        let (asked, steps) = expand.request.rows.leading();
        let predicate = Predicate::all([led_to, asked]);
        let around = there.around(&Query::all(), ctx)?;
        let plan = Plan::new(&Rel::Filter { input: around.into(), role: Role::Query, predicate })?;
        let run = Run { plan: &plan, request };
        let found = match steps {
            [] => run.page_by(&expand.request.order, 0, u64::MAX)?,
            _ => run.page(&[], 0, u64::MAX)?,
        };
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::default();
        for (n, place) in found.places.iter().enumerate() {
            for key in keys_of(cell(there.data(), *place, link.key), key_field) {
                by_key.entry(told(&key, key_field)).or_default().push(n);
            }
        }
        let led_to = |keys: &Vec<Value>| {
            let mut rows: Vec<usize> =
                keys.iter().filter_map(|key| by_key.get(&told(key, key_field))).flatten().copied().collect();
            // Several keys may lead to one row, and the order is that of all.
            rows.sort_unstable();
            rows.dedup();
            rows
        };
        if !steps.is_empty() {
            let places_of = |keys| led_to(keys).into_iter().map(|n| found.places[n]).collect();
            return there.transformed(&run, &keys.iter().map(places_of).collect::<Vec<_>>(), expand, ctx);
        }
        let records = there.records(&found.places, &expand.request, request, ctx)?;
        let led = keys.iter().map(|keys| {
            let rows = led_to(keys);
            if !expand.many {
                return vec![(expand.name.clone(), Property::Record(rows.first().map(|n| records[*n].clone())))];
            }
            let total = rows.len() as u64;
            let skip = usize::try_from(expand.request.skip).unwrap_or(usize::MAX);
            let top = usize::try_from(expand.request.top.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
            let shown = rows.into_iter().skip(skip).take(top).map(|n| records[n].clone()).collect();
            let mut properties = vec![(expand.name.clone(), Property::Records(shown))];
            if expand.request.count {
                properties.push((expand.name.clone(), Property::Count(total)));
            }
            properties
        });
        Ok(led.collect())
    }

    /// By row: what transformations make of the rows that it leads to, of all of them together.
    fn transformed<'r>(
        &self,
        run: &Run<'_, 'r>,
        places: &[Vec<u64>],
        expand: &Expand,
        ctx: &Context,
    ) -> Result<Vec<Properties>>
    where
        'a: 'r,
    {
        let Bound { rows, order, skip, top, count, .. } = &expand.request;
        let (_, steps) = rows.leading();
        let lots = Lots::of_sizes(places.iter().map(Vec::len))?;
        let (set, lots) = run.steps().run(RowSet::Rows(places.concat()), lots, steps)?;
        let wanted = usize::try_from(skip.saturating_add(top.unwrap_or(u64::MAX))).unwrap_or(usize::MAX);
        let ordered = run.steps().order_of(&set, &lots, order, wanted)?;
        let (totals, lots) = (lots.clone(), lots.left(&ordered)?);
        let records = match set.take(&ordered) {
            RowSet::Rows(places) => self.records(&places, &expand.request, run.request, ctx)?,
            RowSet::Computed(rows) => computed(run, &rows, &expand.request)?,
        };
        let mut records = records.into_iter();
        let of_row = |(range, total): (Range<usize>, Range<usize>)| {
            let mut shown: Vec<Record> = records.by_ref().take(range.len()).collect();
            shown.drain(..usize::try_from(*skip).unwrap_or(usize::MAX).min(shown.len()));
            let mut properties = match expand.many {
                true => vec![(expand.name.clone(), Property::Records(shown))],
                false => vec![(expand.name.clone(), Property::Record(shown.into_iter().next()))],
            };
            if *count && expand.many {
                properties.push((expand.name.clone(), Property::Count(total.len() as u64)));
            }
            properties
        };
        Ok(lots.ranges().zip(totals.ranges()).map(of_row).collect())
    }
}

/// The keys in a cell, as the field holds them that they are looked up in.
fn keys_of(cell: Value, key_field: &Field) -> Vec<Value> {
    let several = |value: Value| match value {
        Value::List(items) => items,
        one => vec![one],
    };
    let held = several(cell).into_iter().filter_map(|item| coerce(&item, key_field).ok());
    held.flat_map(|cell| several(cell.value)).filter(|key| !key.is_empty()).collect()
}

/// What a key is told by: equal for keys that the field holds equal.
fn told(key: &Value, field: &Field) -> String {
    field.effective_collation().fold(&text_of(key)).into_owned()
}
