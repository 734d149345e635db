//! Reading and writing the rows of one issue. Every write is all or nothing: it is checked whole, then committed whole.
//!
//! What the host has to be asked is asked before the engine's one writer is waited for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::{Map, Value as Json};

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity, push};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::hash::{HashMap, HashSet};
use crate::base::suggest::nearest;
use crate::engine::access::Access;
use crate::engine::answer::RowPage;
use crate::engine::ask::Query;
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::core::Engine;
use crate::engine::snapshot::Snapshot;
use crate::model::cell::text_of;
use crate::model::table::Rows;
use crate::model::value::Value;
use crate::surface::body::shown;
use crate::surface::grid_rows::cell;
use crate::surface::grid_rows::column::{GridColumn, GridColumnKind};
use crate::surface::grid_rows::grid::{Grid, ISSUE, ORDER, ORDER_AT, ROW_ID, ROW_ID_AT};
use crate::surface::grid_rows::mistakes::{Mistake, Mistakes};
use crate::surface::grid_rows::request::{GridAdd, GridDelete, GridRead, GridUpdate};
use crate::surface::grid_rows::user::{GridHost, ask};
use crate::surface::grid_rows::wire::{GridPage, GridPaging, GridRow};

/// The rows of one issue, as one caller may see them; made by [`Grid::issue`].
#[derive(Clone, Debug)]
pub struct IssueGrid<'a> {
    grid: &'a Grid,
    engine: &'a Engine,
    host: &'a dyn GridHost,
    ctx: &'a Context,
    /// Its key.
    issue: String,
}

impl Grid {
    /// The rows of one issue, for one request.
    ///
    /// # Errors
    /// `NotFound` if the host knows no such issue for this caller, or the context may not see the index: told alike.
    pub fn issue<'a>(
        &'a self,
        id_or_key: &str,
        engine: &'a Engine,
        host: &'a dyn GridHost,
        ctx: &'a Context,
    ) -> Result<IssueGrid<'a>> {
        let issue = ask(|| host.issue(id_or_key))?.filter(|_| ctx.access().sees(self.schema.name()));
        let issue = issue.ok_or_else(|| Error::not_found("issue or grid"))?;
        Ok(IssueGrid { grid: self, engine, host, ctx, issue })
    }
}

/// Cells that a request gives: the places of a column's fields, and what goes there.
type Given = Vec<(usize, Vec<Value>)>;

impl IssueGrid<'_> {
    /// The rows in their order, or as a query says.
    ///
    /// # Errors
    /// `Query` for columns that the grid does not have, every one named, and for mistakes in the query.
    pub fn read(&self, read: &GridRead) -> Result<GridPage> {
        let mut mistakes = Mistakes::new(1);
        let mut wanted = HashSet::default();
        for id in &read.columns {
            match self.column(id) {
                Ok(_) => drop(wanted.insert(id.as_str())),
                Err(mistake) => mistakes.add(&0, mistake),
            }
        }
        mistakes.finish(ErrorKind::Query)?;
        let (start_at, top) = (read.start_at.unwrap_or(0), read.max_results.unwrap_or(u64::MAX));
        let query = Query::tql(&*read.tql).told_as("tql").skip(start_at).top(top);
        let page = self.rows(&self.engine.snapshot(), query, self.ctx)?;
        let is_wanted = |column: &GridColumn| wanted.is_empty() || wanted.contains(column.id());
        let row = |cells: &Vec<Value>| GridRow {
            row_id: text(cells, ROW_ID_AT),
            columns: self
                .grid
                .laid_out()
                .filter(|(column, _)| is_wanted(column))
                .map(|(column, place)| (column.id().to_owned(), cell::write(column, cells.get(place).unwrap_or(&[]))))
                .collect(),
            order: order(cells),
        };
        let asked = read.start_at.is_some() || read.max_results.is_some();
        let paging = GridPaging { start_at, max_results: read.max_results, total: page.total };
        Ok(GridPage {
            custom_field_id: self.grid.field_id.clone(),
            description: self.grid.description.clone(),
            rows: page.rows.iter().map(row).collect(),
            paging: asked.then_some(paging),
        })
    }

    /// Adds rows behind the others and answers their ids.
    ///
    /// # Errors
    /// `Data`, every mistake at once: columns that the grid does not have or that may not be written, cells that their columns
    /// cannot hold, required columns that are missing or empty, users that the host does not know. `Deadline` while another
    /// writes.
    pub fn add(&self, request: &GridAdd) -> Result<Vec<String>> {
        let mut mistakes = Mistakes::new(request.rows.len());
        let mut given = Vec::with_capacity(request.rows.len());
        for (number, row) in (1..).zip(&request.rows) {
            given.push(self.given(row, &number, &mut mistakes)?);
            for column in self.grid.columns.iter().filter(|column| column.is_required()) {
                // One that is there and empty has been told.
                if !row.contains_key(column.id()) {
                    mistakes.add(&number, required(column));
                }
            }
        }
        mistakes.finish(ErrorKind::Data)?;
        let ids: Vec<String> = self.grid.ids.take(given.len())?.into_iter().map(|id| format!("row_{id}")).collect();

        let mut tx = self.engine.transaction(self.ctx)?;
        let snapshot = self.engine.snapshot();
        let n_before = self.count(&snapshot)?;
        let last = self.last_number(&snapshot)?;
        let formulas = self.grid.formulas();
        let mut rows = Rows::new(self.grid.schema.fields().iter().map(|field| field.name.clone()));
        for ((id, given), nth) in ids.iter().zip(given).zip(0u32..) {
            let mut cells = vec![Value::Null; self.grid.schema.fields().len()];
            let own = [id.as_str().into(), self.issue.as_str().into(), (n_before + i64::from(nth)).into()];
            own.into_iter().zip(&mut cells).for_each(|(value, cell)| *cell = value);
            for (column, place) in self.grid.laid_out().filter(|(column, _)| column.kind == GridColumnKind::Sequence) {
                debug_assert!(!column.is_writable(), "a sequence that requests write");
                cells[place.start] = (last + 1 + u64::from(nth)).to_string().into();
            }
            put(&mut cells, given);
            self.grid.compute(&formulas, &mut cells);
            rows.push(cells);
        }
        tx.append(self.index(), &rows)?;
        if self.grid.has_sequences() {
            // Before the next writer may enter.
            self.grid.counters().insert(self.issue.clone(), last + ids.len() as u64);
        }
        tx.commit().map(|_| ids)
    }

    /// Changes some columns of some rows.
    ///
    /// # Errors
    /// As [`IssueGrid::add`], but a required column may be left out; `NotFound` with every row that is not there.
    pub fn update(&self, request: &GridUpdate) -> Result<()> {
        let mut mistakes = Mistakes::new(request.rows.len());
        let mut given: BTreeMap<&str, Given> = BTreeMap::new();
        for (id, columns) in &request.rows {
            let row = self.given(columns, &shown(id), &mut mistakes)?;
            if given.insert(id, row).is_some() {
                let twice = Mistake::new(Code::WrongBody, format!("the row `{}` occurs twice", shown(id)));
                mistakes.add(&shown(id), twice);
            }
        }
        mistakes.finish(ErrorKind::Data)?;

        let mut tx = self.engine.transaction(self.ctx)?;
        let formulas = self.grid.formulas();
        let mut there = self.found(request.rows.iter().map(|(id, _)| id.as_str()))?;
        for (id, given) in given {
            let Some(mut cells) = there.remove(id) else { continue };
            let before = cells.clone();
            put(&mut cells, given);
            self.grid.compute(&formulas, &mut cells);
            let changed = self.grid.schema.fields().iter().zip(cells).zip(before);
            let changed = changed.filter(|((_, after), before)| after != before);
            tx.patch(self.index(), &id.into(), changed.map(|((field, after), _)| (field.name(), after)))?;
        }
        tx.commit().map(drop)
    }

    /// Takes rows out; those behind them move up.
    ///
    /// # Errors
    /// `NotFound` with every row that is not there; then none is deleted.
    pub fn delete(&self, request: &GridDelete) -> Result<()> {
        let mut tx = self.engine.transaction(self.ctx)?;
        let gone = self.found(request.rows.iter().map(String::as_str))?;
        for id in request.rows.iter().collect::<BTreeSet<_>>() {
            tx.delete(self.index(), &id.as_str().into())?;
        }
        let all = self.rows(&self.engine.snapshot(), Query::all().top(u64::MAX), &self.as_the_grid())?.rows;
        let left = all.iter().filter(|cells| !gone.contains_key(text(cells, ROW_ID_AT).as_str()));
        for (at, cells) in (0i64..).zip(left).filter(|(at, cells)| order(cells) != *at) {
            tx.patch(self.index(), &cells[ROW_ID_AT], [(ORDER, at.into())])?;
        }
        tx.commit().map(drop)
    }

    /// What a request gives of one row. The outer result is the host's failure.
    fn given(&self, row: &Map<String, Json>, number: &dyn std::fmt::Display, mistakes: &mut Mistakes) -> Result<Given> {
        let mut given = Given::new();
        for (id, value) in row {
            let (column, place) = match self.column(id) {
                Ok(found) => found,
                Err(mistake) => {
                    mistakes.add(number, mistake);
                    continue;
                }
            };
            if !column.is_writable() {
                mistakes.add(number, Mistake::new(Code::WrongCell, format!("column `{id}` is read-only")));
            } else if column.is_required() && cell::is_empty(value) {
                mistakes.add(number, required(column));
            } else {
                let fields = self.grid.schema.fields().get(place.clone()).unwrap_or(&[]);
                match cell::read(column, fields, value, self.host)? {
                    Ok(cells) => given.push((place.start, cells)),
                    Err(mistake) => mistakes.add(number, mistake),
                }
            }
        }
        Ok(given)
    }

    /// The column of that id and the places of its fields, or that there is none.
    fn column(&self, id: &str) -> Result<(&GridColumn, Range<usize>), Mistake> {
        let found = self.grid.laid_out().find(|(column, _)| column.id() == id);
        found.ok_or_else(|| {
            let near = nearest(id, self.grid.columns.iter().map(GridColumn::id));
            let unknown = Mistake::new(Code::UnknownField, format!("no column `{}`", shown(id)));
            unknown.help(near.map(|near| format!("did you mean `{near}`?")))
        })
    }

    /// The rows of these ids that the caller may see.
    fn found<'i>(&self, ids: impl Iterator<Item = &'i str> + Clone) -> Result<HashMap<String, Vec<Value>>> {
        let query = Query::all().scope(Condition::is_in(ROW_ID, ids.clone())).top(u64::MAX);
        let page = self.rows(&self.engine.snapshot(), query, self.ctx)?;
        let found: HashMap<String, Vec<Value>> =
            page.rows.into_iter().map(|cells| (text(&cells, ROW_ID_AT), cells)).collect();
        let mut unknown = Vec::new();
        for id in ids.filter(|id| !found.contains_key(*id)) {
            let message = format!("no row `{}`", shown(id));
            push(&mut unknown, Diagnostic::new(Code::UnknownKey, Severity::Error, Place::Request, message));
        }
        if unknown.is_empty() { Ok(found) } else { Err(Error::new(ErrorKind::NotFound, unknown)) }
    }

    /// Rows of the issue.
    fn rows(&self, snapshot: &Snapshot, query: Query, ctx: &Context) -> Result<RowPage> {
        let index = snapshot.index(self.index(), ctx).map_err(|_| Error::not_found("issue or grid"))?;
        Ok(index.rows(&query.scope(self.of_issue()), ctx)?.body)
    }

    /// How many rows the issue has, whoever may see them.
    fn count(&self, snapshot: &Snapshot) -> Result<i64> {
        let ctx = self.as_the_grid();
        let index = snapshot.index(self.index(), &ctx)?;
        let n = index.count(&Query::all().scope(self.of_issue()), &ctx)?.body;
        i64::try_from(n).map_err(|_| Error::internal("more rows than numbers"))
    }

    /// The last number that the issue's sequences gave out. Before its first write that is the greatest among its rows.
    fn last_number(&self, snapshot: &Snapshot) -> Result<u64> {
        if !self.grid.has_sequences() {
            return Ok(0);
        }
        if let Some(known) = self.grid.counters().get(&self.issue) {
            return Ok(*known);
        }
        let rows = self.rows(snapshot, Query::all().top(u64::MAX), &self.as_the_grid())?.rows;
        let sequences: Vec<usize> = self
            .grid
            .laid_out()
            .filter(|(column, _)| column.kind == GridColumnKind::Sequence)
            .map(|(_, place)| place.start)
            .collect();
        let numbers = rows.iter().flat_map(|cells| sequences.iter().map(|at| text(cells, *at)));
        Ok(numbers.filter_map(|number| number.parse().ok()).max().unwrap_or(0))
    }

    /// The request as the grid itself makes it: what it has to know does not depend on who asks.
    fn as_the_grid(&self) -> Context {
        self.ctx.with_access(Access::unrestricted())
    }

    fn of_issue(&self) -> Condition {
        Condition::is_in(ISSUE, [self.issue.as_str()])
    }

    fn index(&self) -> &str {
        self.grid.schema.name()
    }
}

/// Puts cells in their places.
fn put(cells: &mut [Value], given: Given) {
    for (start, values) in given {
        cells.iter_mut().skip(start).zip(values).for_each(|(cell, value)| *cell = value);
    }
}

fn required(column: &GridColumn) -> Mistake {
    Mistake::new(Code::WrongCell, format!("column `{}` is required", column.id()))
}

fn text(cells: &[Value], at: usize) -> String {
    cells.get(at).map(text_of).unwrap_or_default()
}

fn order(cells: &[Value]) -> i64 {
    match cells.get(ORDER_AT) {
        Some(Value::Integer(order)) => *order,
        _ => 0,
    }
}
