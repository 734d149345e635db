//! Changes to the data: collected in drafts, published together or not at all.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result, both};
use crate::base::hash::HashMap;
use crate::data::draft::{IndexDraft, key_fault};
use crate::data::keys::{Key, KeyIndex};
use crate::data::version::Version;
use crate::engine::shared::Shared;
use crate::engine::snapshot::Snapshot;
use crate::exec::rows::fetch;
use crate::model::catalog::{Catalog, IndexId};
use crate::model::cell::{coerce, text_of};
use crate::model::field::Field;
use crate::model::schema::{FieldId, Schema};
use crate::model::table::Rows;
use crate::model::value::Value;

/// Mistakes that are named one by one; how many more there are is said in one further line.
const NAMED_MISTAKES: usize = 1000;

/// Most rows of an index, deleted ones included: places are 32-bit numbers.
const MOST_ROWS: u64 = u32::MAX as u64;

/// The right to change. Nothing is seen by others before [`Transaction::commit`]; dropping it instead changes nothing.
///
/// After a call has failed the transaction can only be dropped: committing answers the same error, so that no half of a
/// batch is ever published.
///
/// ```
/// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Query, Rows, Schema};
/// let schema = Schema::builder("Run")
///     .key("Id")
///     .field(Field::new("Id", Kind::Integer))
///     .field(Field::new("Status", Kind::Keyword))
///     .build()?;
/// let engine = Engine::builder(Catalog::new([schema])?).build()?;
/// let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
///
/// let mut tx = engine.transaction(&ctx)?;
/// tx.append("Run", &Rows::new(["Id", "Status"]).row([1.into(), "Failed".into()]).row([2.into(), "Failed".into()]))?;
/// tx.patch("Run", &1.into(), [("Status", "Passed".into())])?;
/// tx.delete("Run", &2.into())?;
/// assert_eq!(tx.commit()?.version, 1);
///
/// let mut tx = engine.transaction(&ctx)?;
/// let error = tx.append("Run", &Rows::new(["Id", "Status"]).row([1.into(), "Failed".into()])).unwrap_err();
/// assert_eq!(error.diagnostics()[0].code().as_str(), "duplicate-key");
/// drop(tx);
/// let snapshot = engine.snapshot();
/// assert_eq!(snapshot.index("Run", &ctx)?.count(&Query::tql("Status = Passed"), &ctx)?.body, 1);
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Debug)]
pub struct Transaction {
    shared: Arc<Shared>,
    /// What drafts build on: the version that was current, with what was gathered since.
    base: Arc<Version>,
    catalog: Catalog,
    keys: Vec<KeyIndex>,
    drafts: Vec<Option<IndexDraft>>,
    failed: Option<Error>,
    /// Cells whose digits below a microsecond were cut, by index and field.
    cut: HashMap<(u16, u16), u64>,
}

/// A finished transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Commit {
    /// The number of the version that shows it.
    pub version: u64,
    /// What was changed on the way in, such as digits that were cut.
    pub notes: Vec<Diagnostic>,
}

/// What to do with a row whose key is there already.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Append,
    Upsert,
}

impl Transaction {
    pub(crate) fn new(shared: Arc<Shared>, keys: Vec<KeyIndex>) -> Self {
        let base = shared.current();
        let drafts = base.indexes.iter().map(|_| None).collect();
        Self { catalog: base.catalog.clone(), shared, base, keys, drafts, failed: None, cut: HashMap::default() }
    }

    /// Adds rows behind all others.
    ///
    /// # Errors
    /// Every mistake in the rows, each with row, field and reason: unknown columns, cells that their fields cannot hold,
    /// keys that are missing, there already, or twice in the batch.
    pub fn append(&mut self, index: &str, rows: &Rows) -> Result<()> {
        self.guarded(|tx| tx.write(index, rows, Mode::Append))
    }

    /// Adds rows, or replaces those with the same key: every field, also those without a column, which become null. A
    /// replaced row keeps its place in load order.
    ///
    /// # Errors
    /// As [`Transaction::append`]; also when the index has no key field.
    pub fn upsert(&mut self, index: &str, rows: &Rows) -> Result<()> {
        self.guarded(|tx| tx.write(index, rows, Mode::Upsert))
    }

    /// Changes some cells of one row. Without a key field the key is the row's running number, from 1.
    ///
    /// # Errors
    /// An unknown key or field, a cell that its field cannot hold, a change of the key itself.
    pub fn patch<'n>(
        &mut self,
        index: &str,
        key: &Value,
        cells: impl IntoIterator<Item = (&'n str, Value)>,
    ) -> Result<()> {
        let cells: Vec<(&str, Value)> = cells.into_iter().collect();
        self.guarded(|tx| {
            let id = tx.catalog.require(index)?;
            let (place, changes) = both(tx.place_of(id, key), tx.changes(id, &cells))?;
            let (draft, _) = tx.draft(id);
            changes.iter().for_each(|(field, value)| draft.set(place, *field, value));
            Ok(())
        })
    }

    /// Takes one row out. Without a key field the key is the row's running number, from 1.
    ///
    /// # Errors
    /// An unknown key.
    pub fn delete(&mut self, index: &str, key: &Value) -> Result<()> {
        self.guarded(|tx| {
            let id = tx.catalog.require(index)?;
            let place = tx.place_of(id, key)?;
            let (draft, keys) = tx.draft(id);
            draft.delete(place, keys);
            Ok(())
        })
    }

    /// Adds a field to an index; every row there is is null in it.
    ///
    /// # Errors
    /// As [`SchemaBuilder::build`](crate::SchemaBuilder::build) for the schema with the field.
    pub fn add_field(&mut self, index: &str, field: Field) -> Result<()> {
        self.guarded(|tx| {
            let id = tx.catalog.require(index)?;
            let schema = tx.catalog.schema(id).to_builder().field(field).build()?;
            tx.catalog = tx.catalog.with_schema(id, &schema)?;
            let schema = tx.catalog.schema(id).clone();
            tx.draft(id).0.extend_schema(schema);
            Ok(())
        })
    }

    /// Everything as it would be if this were committed now, to look at before going on. Its version is that of the data
    /// which the transaction began with. `O(blocks changed since the last look)`.
    ///
    /// ```
    /// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Query, Rows, Schema};
    /// # let schema = Schema::builder("Run").key("Id").field(Field::new("Id", Kind::Integer)).build()?;
    /// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// let mut tx = engine.transaction(&ctx)?;
    /// tx.append("Run", &Rows::new(["Id"]).row([1.into()]))?;
    /// assert_eq!(tx.snapshot()?.index("Run", &ctx)?.count(&Query::all(), &ctx)?.body, 1);
    /// assert_eq!(engine.snapshot().index("Run", &ctx)?.count(&Query::all(), &ctx)?.body, 0);
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// What an earlier call of this transaction failed with.
    pub fn snapshot(&mut self) -> Result<Snapshot> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.gather();
        Ok(Snapshot::new(self.base.clone(), self.shared.pool.clone()))
    }

    /// The cells of one row as this transaction leaves it, in the order of the schema's fields; none if no row has the key.
    /// `O(fields + blocks changed since the last look)`.
    ///
    /// ```
    /// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Rows, Schema};
    /// # let schema = Schema::builder("Run").key("Id").field(Field::new("Id", Kind::Integer)).build()?;
    /// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
    /// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
    /// let mut tx = engine.transaction(&ctx)?;
    /// tx.append("Run", &Rows::new(["Id"]).row([1.into()]))?;
    /// assert_eq!(tx.row("Run", &1.into())?, Some(vec![1.into()]));
    /// assert_eq!(tx.row("Run", &2.into())?, None);
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// `NotFound` for an unknown index; what an earlier call of this transaction failed with.
    pub fn row(&mut self, index: &str, key: &Value) -> Result<Option<Vec<Value>>> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let id = self.catalog.require(index)?;
        let Ok(place) = self.place_of(id, key) else { return Ok(None) };
        self.gather();
        Ok(Some(fetch(self.base.index(id), place.into())))
    }

    /// Publishes every change at once.
    ///
    /// # Errors
    /// What an earlier call of this transaction failed with; then nothing changes.
    pub fn commit(mut self) -> Result<Commit> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.gather();
        let mut version = (*self.base).clone();
        version.number += 1;
        let commit = Commit { version: version.number, notes: self.notes() };
        // What could fail has been done: from here on keys and version change together.
        for (index, keys) in version.indexes.iter().zip(&mut self.keys) {
            keys.settle(|place| index.key_at(place));
        }
        self.shared.publish(version);
        Ok(commit)
    }

    /// Bytes of the tables from keys to rows, by index in the catalog's order.
    #[must_use]
    pub fn key_bytes(&self) -> Vec<usize> {
        self.keys.iter().map(KeyIndex::bytes).collect()
    }

    /// Runs a change; an error spoils the transaction.
    fn guarded(&mut self, change: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let done = change(self);
        if let Err(error) = &done {
            self.failed = Some(error.clone());
        }
        done
    }

    /// Takes what was drafted into the version that drafts build on.
    fn gather(&mut self) {
        let version = Arc::make_mut(&mut self.base);
        version.catalog = self.catalog.clone();
        for (index, draft) in version.indexes.iter_mut().zip(&mut self.drafts) {
            if let Some(draft) = draft.take() {
                *index = Arc::new(draft.finish());
            }
        }
    }

    fn draft(&mut self, id: IndexId) -> (&mut IndexDraft, &mut KeyIndex) {
        let base = self.base.index(id);
        (self.drafts[id.idx()].get_or_insert_with(|| IndexDraft::new(base)), &mut self.keys[id.idx()])
    }

    fn write(&mut self, index: &str, rows: &Rows, mode: Mode) -> Result<()> {
        let id = self.catalog.require(index)?;
        let schema = self.catalog.schema(id).clone();
        let mut mistakes = Mistakes::new(&schema);
        if mode == Mode::Upsert && schema.key_id().is_none() {
            mistakes.add(
                Code::MissingKey,
                0,
                "",
                "the index has no key field, so no row can be found again".to_owned(),
            );
        }
        // What is wrong is written all the same, so that the keys of later rows meet it: nothing of it is ever published.
        let columns = columns_of(rows, &schema, &mut mistakes);
        let has_key = columns.iter().flatten().any(|column| schema.key_id() == Some(*column));
        let is_misnamed = !has_key && columns.contains(&None);
        let mut replaced: HashMap<u32, usize> = HashMap::default();
        let mut cells = vec![Value::Null; schema.fields().len()];
        for row in 0..rows.len() {
            // A key that cannot be read, or whose column may be misspelt, is one mistake, not also a missing one.
            let mut key_is_wrong = is_misnamed;
            cells.fill(Value::Null);
            for (column, value) in columns.iter().zip(rows.cells(row)) {
                let Some(column) = *column else { continue };
                match coerce(value, schema.field(column)) {
                    Ok(cell) => cells[column.idx()] = self.counted(id, column, cell),
                    Err(reason) => {
                        key_is_wrong |= schema.key_id() == Some(column);
                        mistakes.add(Code::WrongCell, row, schema.field(column).name(), reason);
                    }
                }
            }
            let key = if key_is_wrong { None } else { self.checked_key(id, &schema, &cells, row, &mut mistakes) };
            if key.is_none() && schema.key_id().is_some() {
                continue;
            }
            let (draft, keys) = self.draft(id);
            let there = key.as_ref().and_then(|key| draft.find(key, keys));
            let earlier = there.and_then(|place| replaced.get(&place).copied());
            match (there, earlier) {
                (None, _) if draft.n_places() >= MOST_ROWS => {
                    let help = "spread the rows over several indexes";
                    return Err(Error::fixed_limit("rows of an index", MOST_ROWS, draft.n_places() + 1, help));
                }
                (None, _) => {
                    let place = draft.append(&cells, keys);
                    replaced.insert(place, row);
                }
                (Some(_), Some(earlier)) => {
                    let key = key_text(&schema, &cells);
                    let message = format!("the key `{key}` is that of row {earlier} of the same batch");
                    mistakes.add(Code::DuplicateKey, row, key_name(&schema), message);
                }
                (Some(place), None) if mode == Mode::Upsert => {
                    for (field, value) in schema.field_ids().zip(&cells).filter(|(id, _)| schema.key_id() != Some(*id))
                    {
                        draft.set(place, field, value);
                    }
                    replaced.insert(place, row);
                }
                (Some(_), None) => {
                    let key = key_text(&schema, &cells);
                    mistakes.add(
                        Code::DuplicateKey,
                        row,
                        key_name(&schema),
                        format!("the key `{key}` is there already"),
                    );
                }
            }
        }
        mistakes.finish()
    }

    /// The cells that a row is given.
    fn changes(&mut self, id: IndexId, cells: &[(&str, Value)]) -> Result<Vec<(FieldId, Value)>> {
        let schema = self.catalog.schema(id).clone();
        let mut mistakes = Mistakes::new(&schema);
        let mut changes = Vec::with_capacity(cells.len());
        for (name, value) in cells {
            let Some(field) = schema.field_named(name) else {
                mistakes.add(Code::UnknownField, 0, name, unknown_field(&schema, name));
                continue;
            };
            if schema.key_id() == Some(field) {
                mistakes.add(Code::WrongCell, 0, name, "the key of a row cannot change".to_owned());
                continue;
            }
            match coerce(value, schema.field(field)) {
                Ok(cell) => changes.push((field, self.counted(id, field, cell))),
                Err(reason) => mistakes.add(Code::WrongCell, 0, schema.field(field).name(), reason),
            }
        }
        mistakes.finish().map(|()| changes)
    }

    /// The key of a row about to be written, if the index has a key field.
    fn checked_key(
        &mut self,
        id: IndexId,
        schema: &Schema,
        cells: &[Value],
        row: usize,
        mistakes: &mut Mistakes,
    ) -> Option<Key> {
        let field = schema.key_id()?;
        let value = &cells[field.idx()];
        if let Some(fault) = key_fault(value, schema.field(field).kind()) {
            mistakes.add(Code::MissingKey, row, schema.field(field).name(), fault.to_owned());
            return None;
        }
        self.draft(id).0.key_of(value)
    }

    /// The place of the row with a key.
    fn place_of(&mut self, id: IndexId, key: &Value) -> Result<u32> {
        let schema = self.catalog.schema(id).clone();
        let (draft, keys) = self.draft(id);
        let place = match schema.key() {
            Some(field) => {
                let typed = coerce(key, field).ok().and_then(|cell| draft.key_of(&cell.value));
                typed.and_then(|key| draft.find(&key, keys))
            }
            None => match key {
                Value::Integer(number) => draft.find_number(*number),
                _ => None,
            },
        };
        place.ok_or_else(|| {
            let place = Place::Cell { index: schema.shared_name().clone(), row: 0, field: key_name(&schema).into() };
            let message = format!("no row has the key `{}`", text_of(key));
            Error::one(ErrorKind::NotFound, Diagnostic::new(Code::UnknownKey, Severity::Error, place, message))
        })
    }

    fn counted(&mut self, id: IndexId, field: FieldId, cell: crate::model::cell::Cell) -> Value {
        if cell.cut {
            *self.cut.entry((id.0, field.0)).or_insert(0) += 1;
        }
        cell.value
    }

    fn notes(&self) -> Vec<Diagnostic> {
        let mut cut: Vec<((u16, u16), u64)> = {
            let mut cut = Vec::with_capacity(self.cut.len());
            for (at, n) in &self.cut {
                cut.push((*at, *n));
            }
            cut
        };
        cut.sort_unstable();
        cut.into_iter()
            .map(|((index, field), n)| {
                let name = self.catalog.schema(IndexId(index)).field(FieldId(field)).name().to_owned();
                let values = if n == 1 { "value" } else { "values" };
                let message = format!("{n} {values} of `{name}` had digits below a microsecond, which were cut");
                Diagnostic::new(Code::CutPrecision, Severity::Note, Place::Request, message)
            })
            .collect()
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // After a commit nothing is left to forget.
        self.keys.iter_mut().for_each(KeyIndex::forget);
        self.shared.leave(std::mem::take(&mut self.keys));
    }
}

/// The field of each column, nothing for one that has none of its own.
fn columns_of(rows: &Rows, schema: &Schema, mistakes: &mut Mistakes) -> Vec<Option<FieldId>> {
    let mut columns: Vec<Option<FieldId>> = Vec::with_capacity(rows.columns().len());
    for name in rows.columns() {
        let field = schema.field_named(name);
        let is_second = field.is_some() && columns.contains(&field);
        match field {
            None => mistakes.add(Code::UnknownField, 0, name, unknown_field(schema, name)),
            Some(field) if is_second => {
                let message = format!("two columns are for `{}`", schema.field(field).name());
                mistakes.add(Code::UnknownField, 0, name, message);
            }
            Some(_) => {}
        }
        columns.push(field.filter(|_| !is_second));
    }
    columns
}

fn unknown_field(schema: &Schema, name: &str) -> String {
    match schema.suggest(name) {
        Some(near) => format!("no field `{name}`; did you mean `{near}`?"),
        None => format!("no field `{name}`"),
    }
}

fn key_name(schema: &Schema) -> &str {
    schema.key().map_or("", Field::name)
}

fn key_text(schema: &Schema, cells: &[Value]) -> String {
    schema.key_id().map_or_else(String::new, |field| text_of(&cells[field.idx()]))
}

/// The mistakes of one batch.
struct Mistakes {
    index: Arc<str>,
    list: Vec<Diagnostic>,
    n: usize,
}

impl Mistakes {
    fn new(schema: &Schema) -> Self {
        Self { index: schema.shared_name().clone(), list: Vec::new(), n: 0 }
    }

    fn add(&mut self, code: Code, row: usize, field: &str, message: String) {
        self.n += 1;
        if self.list.len() < NAMED_MISTAKES {
            let place = Place::Cell { index: self.index.clone(), row, field: field.into() };
            self.list.push(Diagnostic::new(code, Severity::Error, place, message));
        }
    }

    fn finish(mut self) -> Result<()> {
        if self.list.is_empty() {
            return Ok(());
        }
        if self.n > self.list.len() {
            let message = format!("{} more mistakes are not named", self.n - self.list.len());
            self.list.push(Diagnostic::new(Code::WrongCell, Severity::Note, Place::Request, message));
        }
        Err(Error::new(ErrorKind::Data, self.list))
    }
}
