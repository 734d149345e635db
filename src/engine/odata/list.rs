//! What a request is answered with: rows of the index or those that `$apply` made of them, in an order of values, a page of
//! them with the properties that are shown.

use crate::base::diagnostic::Diagnostic;
use crate::base::error::{Error, Result};
use crate::engine::answer::Answer;
use crate::engine::context::Context;
use crate::engine::cursor::Cursor;
use crate::engine::odata::ask::ODataQuery;
use crate::engine::odata::record::{Property, Record, RecordPage};
use crate::engine::snapshot::Index;
use crate::exec::request::Request;
use crate::exec::rows::fetch;
use crate::exec::rowset::set::{Computed, RowSet};
use crate::exec::run::Run;
use crate::exec::scan::Touched;
use crate::model::value::Value;
use crate::plan::stage::Plan;
use crate::query::odata::request::{Bound, Shown};
use crate::query::pipeline::Column;
use crate::query::rel::{Rel, Role};

impl<'a> Index<'a> {
    /// The rows of a request.
    pub(super) fn list(
        &self,
        around: Rel,
        bound: &Bound,
        query: &ODataQuery,
        ctx: &Context,
        warnings: Vec<Diagnostic>,
    ) -> Result<Answer<RecordPage>> {
        let (version, list) = (self.snapshot().version(), list_name(query));
        let skip = match &bound.skip_token {
            Some(token) => Cursor::read(token, version, &list)? as u64,
            None => bound.skip,
        };
        let top = bound.top.or(query.default_top(bound.rows.index.is_some()));
        let budget = ctx.budget();
        let request = self.request(ctx, &budget);
        let (predicate, _) = bound.rows.leading();
        let plan = Plan::new(&Rel::Filter { input: around.into(), role: Role::Query, predicate })?;
        let run = Run { plan: &plan, request: &request };
        let (page, total, touched) = page_of(&run, bound, (skip, top.unwrap_or(u64::MAX)))?;
        let records = match &page {
            RowSet::Rows(places) => self.records(places, bound, &request, ctx)?,
            RowSet::Computed(rows) => computed(&run, rows, bound)?,
        };
        let end = skip.saturating_add(records.len() as u64);
        let more = end < total && bound.top.is_none() && !records.is_empty();
        let body = RecordPage {
            index: self.schema().shared_name().clone(),
            records,
            skip,
            top,
            total: bound.count.then_some(total),
            next: more.then(|| next_page(query, &Cursor::write(end as usize, version, &list))),
        };
        Ok(self.answer(body, warnings, touched))
    }

    /// Rows of the index with the properties that are shown.
    pub(super) fn records<'r>(
        &self,
        places: &[u64],
        bound: &Bound,
        request: &Request<'r>,
        ctx: &Context,
    ) -> Result<Vec<Record>>
    where
        'a: 'r,
    {
        let data = self.data();
        let columns = &bound.rows.columns;
        let n_cells = data.schema.fields().len() + columns.len();
        let _memory = request.budget.reserve(places.len() * n_cells * size_of::<Value>())?;
        let of_columns = |column: &Column| request.values(&column.value, data, places);
        let computed: Vec<Vec<Value>> = columns.iter().map(of_columns).collect::<Result<_>>()?;
        let mut expanded = self.expanded(places, &bound.expand, request, ctx)?;
        let mut records = Vec::with_capacity(places.len());
        for (n, place) in places.iter().enumerate() {
            request.budget.check()?;
            let mut cells = fetch(data, *place);
            let mut record = Record::default();
            for field in data.schema.field_ids() {
                let is_expanded = bound.expand.iter().position(|expand| expand.field == field);
                if let Some(at) = is_expanded {
                    let Some(properties) = expanded.get_mut(at).and_then(|all| all.get_mut(n)) else {
                        return Err(Error::internal("a row was not expanded"));
                    };
                    std::mem::take(properties).into_iter().for_each(|(name, property)| record.push(name, property));
                } else if shows(bound, &Shown::Field(field)) {
                    let value = std::mem::replace(&mut cells[field.idx()], Value::Null);
                    record.push(data.schema.field(field).name.clone(), Property::Value(value));
                }
            }
            for (at, (column, values)) in columns.iter().zip(&computed).enumerate() {
                if shows_column(bound, at) {
                    record.put(&column.path, values.get(n).cloned().unwrap_or(Value::Null));
                }
            }
            records.push(record);
        }
        Ok(records)
    }
}

/// The rows of a page, how many there are on all pages, and what finding them touched.
fn page_of<'a>(run: &Run<'_, 'a>, bound: &Bound, (skip, top): (u64, u64)) -> Result<(RowSet<'a>, u64, Touched)> {
    let (_, steps) = bound.rows.leading();
    if steps.is_empty() {
        let page = run.page_by(&bound.order, skip, top)?;
        return Ok((RowSet::Rows(page.places), page.total, page.touched));
    }
    let (set, touched) = run.pipeline(steps)?;
    let page = run.steps().sliced(&set, &bound.order, skip, top)?;
    Ok((page, set.n() as u64, touched))
}

/// Computed rows with the properties that are shown; those that a row does not have are left out.
pub(super) fn computed<'a>(run: &Run<'_, 'a>, rows: &Computed<'a>, bound: &Bound) -> Result<Vec<Record>> {
    let budget = run.request.budget;
    let columns = &bound.rows.columns;
    let _memory = budget.reserve(rows.n * columns.len() * size_of::<Value>())?;
    let set = RowSet::Computed(rows.clone());
    let mut made = Vec::with_capacity(columns.len());
    for (_, column) in columns.iter().enumerate().filter(|(at, _)| shows_column(bound, *at)) {
        made.push((&column.path, run.steps().column(&set, &column.value)?));
    }
    let mut records = Vec::with_capacity(rows.n);
    for row in 0..rows.n {
        budget.check()?;
        let mut record = Record::default();
        for (path, column) in &made {
            if let Some(value) = column.value(row)? {
                record.put(path, value);
            }
        }
        records.push(record);
    }
    Ok(records)
}

/// Whether a property is shown.
fn shows(bound: &Bound, wanted: &Shown) -> bool {
    bound.select.as_ref().is_none_or(|select| select.contains(wanted) || select.contains(&Shown::All))
}

/// The same of a column; one whose path only begins as that of a selected one does is shown with it.
fn shows_column(bound: &Bound, at: usize) -> bool {
    let name = |at: usize| bound.rows.columns.get(at).and_then(|column| column.path.first());
    let is_selected = |shown: &Shown| matches!(shown, Shown::Column(other) if name(*other) == name(at));
    shows(bound, &Shown::Column(at)) || bound.select.iter().flatten().any(is_selected)
}

/// What a cursor is of: the question without the place in its answer.
fn list_name(query: &ODataQuery) -> String {
    format!("{:?} {} {:?}", query.reading(), without_place(query.text()), query.around())
}

/// The query string of the next page.
fn next_page(query: &ODataQuery, token: &str) -> String {
    let rest = without_place(query.text());
    let joiner = if rest.is_empty() { "" } else { "&" };
    format!("{rest}{joiner}$skiptoken={token}")
}

/// The options but for those that say where the page begins.
fn without_place(text: &str) -> String {
    let is_place = |option: &&str| {
        let name = option.split('=').next().unwrap_or("").trim_start_matches("%24").trim_start_matches('$');
        !name.eq_ignore_ascii_case("skiptoken") && !name.eq_ignore_ascii_case("skip")
    };
    text.split('&').filter(is_place).collect::<Vec<_>>().join("&")
}
