//! A grid: its columns, the schema of the index that keeps its rows, and the sequences that have been given out.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result, all, both};
use crate::model::field::Field;
use crate::model::kind::Kind;
use crate::model::schema::Schema;
use crate::model::value::Value;
use crate::surface::grid_rows::column::{GridColumn, GridColumnKind};
use crate::surface::grid_rows::formula::{Calculator, Formulas};
use crate::surface::ids::Ids;

/// The fields that every grid has before those of its columns.
pub(super) const ROW_ID: &str = "rowId";
pub(super) const ISSUE: &str = "issue";
pub(super) const ORDER: &str = "order";
/// Places of two of them in a row.
pub(super) const ROW_ID_AT: usize = 0;
pub(super) const ORDER_AT: usize = 2;

/// A grid field: typed rows for each issue that has it.
///
/// The rows live in an index of an [`Engine`](crate::Engine) whose schema the columns make, with the fields `rowId` (the key), `issue` and
/// `order` before theirs; the grid checks what is written, and counts. Every change of the rows has to go through the grid.
///
/// ```
/// # use tallygrid::{Access, Catalog, Context, Engine, GridHost, GridUser, Query};
/// use tallygrid::{Grid, GridAdd, GridColumn, GridColumnKind, GridErrorBody, GridRead, Ids};
/// # #[derive(Debug)]
/// # struct Host;
/// # impl GridHost for Host {
/// #     fn issue(&self, id_or_key: &str) -> Option<String> { (id_or_key == "TIS-1").then(|| "TIS-1".to_owned()) }
/// #     fn user(&self, _: &str) -> Option<GridUser> { None }
/// # }
/// let columns = [
///     GridColumn::new("summary", GridColumnKind::String).required(),
///     GridColumn::new("status", GridColumnKind::single_select(["Open", "Done"])),
/// ];
/// let grid = Grid::new("Tasks", "12345", columns, Ids::random())?;
/// let engine = Engine::builder(Catalog::new([grid.schema().clone()])?).build()?;
/// let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
///
/// let rows = grid.issue("TIS-1", &engine, &Host, &ctx)?;
/// rows.add(&GridAdd::from_json(br#"{"rows": [{"summary": "Prepare", "status": "Done"}]}"#)?)?;
/// let page = serde_json::to_value(rows.read(&GridRead::all())?).unwrap();
/// assert_eq!(page["rows"][0]["columns"], serde_json::json!({"summary": "Prepare", "status": "Done"}));
/// let error = rows.add(&GridAdd::from_json(br#"{"rows": [{"status": "Open"}]}"#)?).unwrap_err();
/// assert_eq!(
///     serde_json::to_string(&GridErrorBody(&error)).unwrap(),
///     r#"{"errorMessages":["Column 'summary' is required"]}"#
/// );
/// let done = engine.snapshot().index("Tasks", &ctx)?.count(&Query::tql("status = Done"), &ctx)?;
/// assert_eq!(done.body, 1);
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Debug)]
pub struct Grid {
    pub(super) field_id: String,
    pub(super) description: Option<String>,
    pub(super) columns: Vec<GridColumn>,
    pub(super) schema: Schema,
    pub(super) ids: Ids,
    /// By column: the places of its fields in a row.
    places: Vec<Range<usize>>,
    calculator: Calculator,
    /// By issue: the last number of its sequences. None for issues that were not written to yet.
    counters: Mutex<BTreeMap<String, u64>>,
}

impl Grid {
    /// A grid whose rows the index of that name keeps. Ids of rows are `row_` and what the source gives.
    ///
    /// # Errors
    /// `Schema`, every mistake at once: ids that are repeated (case ignored), empty or taken by the grid itself, select columns
    /// without options, required columns that nothing may write, formulas that cannot be read.
    pub fn new(
        index: impl Into<Arc<str>>,
        field_id: impl Into<String>,
        columns: impl IntoIterator<Item = GridColumn>,
        ids: Ids,
    ) -> Result<Self> {
        let columns: Vec<GridColumn> = columns.into_iter().collect();
        let own =
            [Field::new(ROW_ID, Kind::Keyword), Field::new(ISSUE, Kind::Keyword), Field::new(ORDER, Kind::Integer)];
        let fields: Vec<Vec<Field>> = columns.iter().map(GridColumn::fields).collect();
        let mut end = own.len();
        let place = |fields: &Vec<Field>| {
            let start = end;
            end += fields.len();
            start..end
        };
        let places = fields.iter().map(place).collect();
        let fields = own.into_iter().chain(fields.into_iter().flatten());
        let schema = Schema::builder(index).key(ROW_ID).fields(fields).build();
        let calculator = Calculator::new();
        let (schema, ()) = both(schema, sensible(&columns, &calculator))?;
        Ok(Self {
            field_id: field_id.into(),
            description: None,
            columns,
            places,
            schema,
            ids,
            calculator,
            counters: Mutex::default(),
        })
    }

    /// With what users read about it.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Goes on counting sequences where [`Grid::counters_by_issue`] once was. An issue without a counter goes on behind the greatest
    /// number among its rows.
    #[must_use]
    pub fn with_counters(self, counters: impl IntoIterator<Item = (String, u64)>) -> Self {
        self.counters().extend(counters);
        self
    }

    /// By issue the last number that its sequences gave out, for hosts that keep rows elsewhere too.
    #[must_use]
    pub fn counters_by_issue(&self) -> BTreeMap<String, u64> {
        self.counters().clone()
    }

    /// The schema of the index that keeps its rows, for the catalog of the engine.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[GridColumn] {
        &self.columns
    }

    pub(super) fn counters(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        // It only changes in whole entries.
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_sequences(&self) -> bool {
        self.columns.iter().any(|column| column.kind == GridColumnKind::Sequence)
    }

    /// Each column with the places of its fields in a row.
    pub(super) fn laid_out(&self) -> impl Iterator<Item = (&GridColumn, Range<usize>)> {
        self.columns.iter().zip(self.places.iter().cloned())
    }

    /// The formulas, ready for the rows of one request.
    pub(super) fn formulas(&self) -> Formulas<'_> {
        self.calculator.formulas(&self.columns)
    }

    /// Computes the formulas of a row, in the columns' order.
    pub(super) fn compute(&self, formulas: &Formulas<'_>, row: &mut [Value]) {
        for (at, (_, place)) in self.laid_out().enumerate() {
            let before = self.laid_out().take(at);
            let before = before.map(|(column, place)| (column, row.get(place).unwrap_or(&[])));
            if let Some(value) = formulas.value(at, before) {
                row[place.start] = value;
            }
        }
    }
}

/// What schemas do not know of columns.
fn sensible(columns: &[GridColumn], calculator: &Calculator) -> Result<()> {
    let wrong = columns.iter().enumerate().filter_map(|(at, column)| match &column.kind {
        GridColumnKind::SingleSelect(options) | GridColumnKind::MultiSelect(options) if options.is_empty() => {
            Some(mistake(column, "it has no options".to_owned()))
        }
        _ if column.is_required() && !column.is_writable() => {
            Some(mistake(column, "it is required, and no request may write it".to_owned()))
        }
        GridColumnKind::Formula { expression, .. } => {
            let why = calculator.check(expression, columns.get(..at)?).err()?;
            Some(mistake(column, format!("the formula cannot be read: {why}")))
        }
        _ => None,
    });
    all(wrong.map(Err::<(), _>)).map(drop)
}

fn mistake(column: &GridColumn, message: String) -> Error {
    let place = Place::document(format!("column {}", column.id));
    Error::one(ErrorKind::Schema, Diagnostic::new(Code::InvalidSchema, Severity::Error, place, message))
}
