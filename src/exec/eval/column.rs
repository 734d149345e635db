//! Typed values of many rows with a state each: what every step of an evaluation takes and gives.

use std::borrow::Cow;
use std::sync::Arc;

use crate::data::block::NULL as NULL_CODE;
use crate::data::domain::Domain;
use crate::exec::eval::exact::{Exact, unit};
use crate::exec::eval::state::{FALSE, Failure, NULL, TRUE, VALUE, of_truth};
use crate::model::decimal::MAX_SCALE;
use crate::model::value::Value;
use crate::query::predicate::expr::Type;

/// Values of `n` rows. Where every row has the same, one cell stands for all.
#[derive(Clone, Debug)]
pub(crate) struct Column<'a> {
    n: usize,
    cells: Cells<'a>,
    /// By cell; empty if all are values, as it is for truths, which are states themselves.
    states: Vec<u8>,
}

/// The cells of a column; where there is no value they hold anything.
#[derive(Clone, Debug)]
pub(crate) enum Cells<'a> {
    Truths(Vec<u8>),
    /// Integers; microseconds of instants, times and durations; days.
    Integers(Vec<i64>),
    Decimals(Decimals),
    Reals(Vec<f64>),
    Texts(Texts<'a>),
    Guids(Vec<u128>),
}

/// Decimals in the narrowest form that holds all of them.
#[derive(Clone, Debug)]
pub(crate) enum Decimals {
    /// Of one scale, in 64 bits.
    Narrow(Vec<i64>, u8),
    Wide(Vec<Exact>),
}

/// Texts, shared as far as they were there before.
#[derive(Clone, Debug)]
pub(crate) enum Texts<'a> {
    /// Of a dictionary.
    Ids(&'a Domain, Vec<u32>),
    /// Of a table of computed ones.
    Table(Arc<[String]>, Vec<u32>),
    Own(Vec<String>),
}

/// The cells of one operand of a kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg<'x, T> {
    One(T),
    Many(&'x [T]),
}

impl<'x, T: Copy> Arg<'x, T> {
    pub(crate) fn new(cells: &'x [T]) -> Self {
        match cells {
            [one] => Self::One(*one),
            many => Self::Many(many),
        }
    }

    pub(crate) fn get(self, i: usize) -> T {
        match self {
            Self::One(one) => one,
            Self::Many(many) => many[i],
        }
    }
}

/// What `f` makes of each pair; one cell if both sides have one.
pub(crate) fn zip<A: Copy, B: Copy, R>(a: Arg<'_, A>, b: Arg<'_, B>, mut f: impl FnMut(A, B) -> R) -> Vec<R> {
    match (a, b) {
        (Arg::One(a), Arg::One(b)) => vec![f(a, b)],
        (Arg::Many(a), Arg::One(b)) => a.iter().map(|a| f(*a, b)).collect(),
        (Arg::One(a), Arg::Many(b)) => b.iter().map(|b| f(a, *b)).collect(),
        (Arg::Many(a), Arg::Many(b)) => a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect(),
    }
}

impl<'a> Column<'a> {
    /// Cells of `n` rows, or one for all of them.
    pub(crate) fn new(n: usize, cells: Cells<'a>, states: Vec<u8>) -> Self {
        let column = Self { n, cells, states };
        debug_assert!([1, n].contains(&column.n_cells()), "a column has a cell for each row or one for all");
        debug_assert!(column.states.is_empty() || column.states.len() == column.n_cells(), "a cell without its state");
        column
    }

    /// The same value in every row.
    pub(crate) fn constant(n: usize, value: &Value, ty: Type) -> Self {
        let (cells, is_value) = match (value, ty) {
            (Value::Boolean(b), Type::Boolean) => (Cells::Truths(vec![(*b).into()]), true),
            (Value::Integer(n), Type::Integer)
            | (Value::Instant(n), Type::Instant)
            | (Value::Time(n), Type::Time)
            | (Value::Duration(n), Type::Duration) => (Cells::Integers(vec![*n]), true),
            (Value::Date(days), Type::Date) => (Cells::Integers(vec![(*days).into()]), true),
            (Value::Integer(n), Type::Decimal) => (Cells::Decimals(Decimals::Narrow(vec![*n], 0)), true),
            (Value::Decimal(d), Type::Decimal) => (Cells::Decimals(narrowest(vec![(*d).into()])), true),
            (Value::Real(x), Type::Real) => (Cells::Reals(vec![x.get()]), true),
            (Value::Text(text), Type::Text) => (Cells::Texts(Texts::Own(vec![(&**text).into()])), true),
            (Value::Guid(guid), Type::Guid) => (Cells::Guids(vec![*guid]), true),
            _ => return Self::filled(n, NULL, ty),
        };
        debug_assert!(is_value, "nulls are filled in");
        Self::new(n, cells, Vec::new())
    }

    /// Values of a type or nulls or failures, one a row.
    pub(crate) fn of_values(values: &[Result<Value, Failure>], ty: Type) -> Self {
        let n = values.len();
        if n == 1 {
            return match &values[0] {
                Ok(value) => Self::constant(1, value, ty),
                Err(failure) => Self::filled(1, failure.state(), ty),
            };
        }
        let state = |value: &Result<Value, Failure>| match value {
            Ok(Value::Null) => NULL,
            Ok(_) => VALUE,
            Err(failure) => failure.state(),
        };
        let cells = match ty {
            Type::Boolean => {
                let truth = |value| match value {
                    &Ok(Value::Boolean(b)) => b.into(),
                    other => state(other).max(NULL),
                };
                return Self::new(n, Cells::Truths(values.iter().map(truth).collect()), Vec::new());
            }
            Type::Decimal => Cells::Decimals(narrowest(each(values, |value| match value {
                Value::Decimal(d) => Some((*d).into()),
                Value::Integer(n) => Some(Exact::new((*n).into(), 0)),
                _ => None,
            }))),
            Type::Real => Cells::Reals(each(values, |value| match value {
                Value::Real(x) => Some(x.get()),
                _ => None,
            })),
            Type::Text => Cells::Texts(Texts::Own(each(values, |value| match value {
                Value::Text(text) => Some((**text).into()),
                _ => None,
            }))),
            Type::Guid => Cells::Guids(each(values, |value| match value {
                Value::Guid(guid) => Some(*guid),
                _ => None,
            })),
            _ => Cells::Integers(each(values, |value| match value {
                Value::Integer(n) | Value::Instant(n) | Value::Time(n) | Value::Duration(n) => Some(*n),
                Value::Date(days) => Some((*days).into()),
                _ => None,
            })),
        };
        let states: Vec<u8> = values.iter().map(state).collect();
        Self::new(n, cells, if states.iter().all(|state| *state == VALUE) { Vec::new() } else { states })
    }

    /// Every row null, or failed for one reason.
    pub(crate) fn filled(n: usize, state: u8, ty: Type) -> Self {
        let cells = match ty {
            Type::Boolean => return Self::new(n, Cells::Truths(vec![state]), Vec::new()),
            Type::Decimal => Cells::Decimals(Decimals::Narrow(vec![0], 0)),
            Type::Real => Cells::Reals(vec![0.0]),
            Type::Text => Cells::Texts(Texts::Own(vec![String::new()])),
            Type::Guid => Cells::Guids(vec![0]),
            _ => Cells::Integers(vec![0]),
        };
        Self::new(n, cells, vec![state])
    }

    /// Rows without a value, each null or failed.
    pub(crate) fn of_states(states: &[u8], ty: Type) -> Self {
        let failure = |state: &u8| Failure::of_state(*state).map_or(Ok(Value::Null), Err);
        Self::of_values(&states.iter().map(failure).collect::<Vec<_>>(), ty)
    }

    pub(crate) fn len(&self) -> usize {
        self.n
    }

    pub(crate) fn cells(&self) -> &Cells<'a> {
        &self.cells
    }

    pub(crate) fn into_cells(self) -> Cells<'a> {
        self.cells
    }

    /// How many cells there are: 1 if that stands for all rows.
    pub(crate) fn n_cells(&self) -> usize {
        match &self.cells {
            Cells::Truths(cells) => cells.len(),
            Cells::Integers(cells) | Cells::Decimals(Decimals::Narrow(cells, _)) => cells.len(),
            Cells::Decimals(Decimals::Wide(cells)) => cells.len(),
            Cells::Reals(cells) => cells.len(),
            Cells::Texts(texts) => texts.len(),
            Cells::Guids(cells) => cells.len(),
        }
    }

    fn cell(&self, row: usize) -> usize {
        if self.n_cells() == 1 { 0 } else { row }
    }

    /// The states beside values, by cell; for truths whether there is one. Empty if all are values.
    pub(crate) fn states(&self) -> Cow<'_, [u8]> {
        match &self.cells {
            Cells::Truths(truths) => Cow::Owned(truths.iter().map(|truth| of_truth(*truth)).collect()),
            _ => Cow::Borrowed(&self.states),
        }
    }

    /// What a row is: a value, null or failed.
    pub(crate) fn state(&self, row: usize) -> u8 {
        match &self.cells {
            Cells::Truths(truths) => of_truth(truths[self.cell(row)]),
            _ => self.states.get(self.cell(row)).copied().unwrap_or(VALUE),
        }
    }

    /// The value of a row.
    pub(crate) fn value(&self, row: usize, ty: Type) -> Result<Value, Failure> {
        let (state, at) = (self.state(row), self.cell(row));
        if state != VALUE {
            return Failure::of_state(state).map_or(Ok(Value::Null), Err);
        }
        Ok(match (&self.cells, ty) {
            (Cells::Truths(truths), _) => Value::Boolean(truths[at] == TRUE),
            (Cells::Integers(cells), Type::Instant) => Value::Instant(cells[at]),
            (Cells::Integers(cells), Type::Date) => Value::Date(i32::try_from(cells[at]).unwrap_or_default()),
            (Cells::Integers(cells), Type::Time) => Value::Time(cells[at]),
            (Cells::Integers(cells), Type::Duration) => Value::Duration(cells[at]),
            (Cells::Integers(cells), _) => Value::Integer(cells[at]),
            (Cells::Decimals(decimals), _) => Value::Decimal(decimals.get(at).into()),
            (Cells::Reals(cells), _) => Value::Real(cells[at].into()),
            (Cells::Texts(texts), _) => Value::Text(texts.get(at).into()),
            (Cells::Guids(cells), _) => Value::Guid(cells[at]),
        })
    }

    /// Truths with a byte for every row.
    pub(crate) fn into_truths(self) -> Vec<u8> {
        match self.cells {
            Cells::Truths(truths) if truths.len() == self.n => truths,
            Cells::Truths(truths) => vec![truths.first().copied().unwrap_or(FALSE); self.n],
            _ => vec![NULL; self.n],
        }
    }

    pub(crate) fn truths(&self) -> Arg<'_, u8> {
        match &self.cells {
            Cells::Truths(truths) => Arg::new(truths),
            _ => Arg::One(NULL),
        }
    }

    pub(crate) fn integers(&self) -> Arg<'_, i64> {
        match &self.cells {
            Cells::Integers(cells) => Arg::new(cells),
            _ => Arg::One(0),
        }
    }

    pub(crate) fn reals(&self) -> Arg<'_, f64> {
        match &self.cells {
            Cells::Reals(cells) => Arg::new(cells),
            _ => Arg::One(0.0),
        }
    }

    pub(crate) fn guids(&self) -> Arg<'_, u128> {
        match &self.cells {
            Cells::Guids(cells) => Arg::new(cells),
            _ => Arg::One(0),
        }
    }

    /// The text of a row; empty where it has none.
    pub(crate) fn text(&self, row: usize) -> &str {
        match &self.cells {
            Cells::Texts(texts) if texts.len() == 1 => texts.get(0),
            Cells::Texts(texts) => texts.get(row),
            _ => "",
        }
    }

    /// The decimal of a row, of an integer or decimal column.
    pub(crate) fn exact(&self, row: usize) -> Exact {
        let at = self.cell(row);
        match &self.cells {
            Cells::Decimals(decimals) => decimals.get(at),
            Cells::Integers(cells) => Exact::new(cells[at].into(), 0),
            _ => Exact::default(),
        }
    }

    /// The rows of these numbers, in that order.
    pub(crate) fn gather(&self, rows: &[u32]) -> Self {
        if self.n_cells() == 1 {
            return Self { n: rows.len(), ..self.clone() };
        }
        self.picked(rows.len(), || rows.iter().map(|row| *row as usize))
    }

    /// `n` rows from `first` on.
    pub(crate) fn slice(&self, first: usize, n: usize) -> Self {
        if self.n_cells() == 1 {
            return Self { n, ..self.clone() };
        }
        self.picked(n, || first..first + n)
    }

    /// One row `n` times.
    pub(crate) fn repeated(&self, row: usize, n: usize) -> Self {
        Self { n, ..self.slice(row, 1) }
    }

    fn picked<I: Iterator<Item = usize>>(&self, n: usize, rows: impl Fn() -> I) -> Self {
        let states = match self.states.is_empty() {
            true => Vec::new(),
            false => pick(&self.states, rows()),
        };
        let cells = match &self.cells {
            Cells::Truths(cells) => Cells::Truths(pick(cells, rows())),
            Cells::Integers(cells) => Cells::Integers(pick(cells, rows())),
            Cells::Decimals(Decimals::Narrow(cells, scale)) => {
                Cells::Decimals(Decimals::Narrow(pick(cells, rows()), *scale))
            }
            Cells::Decimals(Decimals::Wide(cells)) => Cells::Decimals(Decimals::Wide(pick(cells, rows()))),
            Cells::Reals(cells) => Cells::Reals(pick(cells, rows())),
            Cells::Guids(cells) => Cells::Guids(pick(cells, rows())),
            Cells::Texts(Texts::Ids(domain, ids)) => Cells::Texts(Texts::Ids(domain, pick(ids, rows()))),
            Cells::Texts(Texts::Table(table, at)) => Cells::Texts(Texts::Table(table.clone(), pick(at, rows()))),
            Cells::Texts(Texts::Own(texts)) => Cells::Texts(Texts::Own(rows().map(|row| texts[row].clone()).collect())),
        };
        Self::new(n, cells, states)
    }

    /// The rows of several columns of one type, one after the other.
    pub(crate) fn concat(columns: Vec<Self>, ty: Type) -> Self {
        let n = columns.iter().map(Self::len).sum();
        let has_states = columns.iter().any(|column| !column.states.is_empty());
        let states = match has_states {
            true => columns.iter().flat_map(|column| (0..column.n).map(|row| column.state(row))).collect(),
            false => Vec::new(),
        };
        let cells = match ty {
            Type::Boolean => Cells::Truths(columns.into_iter().flat_map(Self::into_truths).collect()),
            Type::Decimal => Cells::Decimals(narrowest(
                columns.iter().flat_map(|column| (0..column.n).map(|row| column.exact(row))).collect(),
            )),
            Type::Real => Cells::Reals(all(&columns, |column| match &column.cells {
                Cells::Reals(cells) => cells.clone(),
                _ => vec![0.0],
            })),
            Type::Guid => Cells::Guids(all(&columns, |column| match &column.cells {
                Cells::Guids(cells) => cells.clone(),
                _ => vec![0],
            })),
            Type::Text => Cells::Texts(Texts::concat(&columns)),
            _ => Cells::Integers(all(&columns, |column| match &column.cells {
                Cells::Integers(cells) => cells.clone(),
                _ => vec![0],
            })),
        };
        Self { n, cells, states }
    }

    /// With its own texts behind one pointer, so that gathering copies none.
    pub(crate) fn shared(self) -> Self {
        match self.cells {
            Cells::Texts(Texts::Own(texts)) if texts.len() > 1 => {
                let at = (0..texts.len() as u32).collect();
                Self { cells: Cells::Texts(Texts::Table(texts.into(), at)), ..self }
            }
            _ => self,
        }
    }

    /// Bytes of its cells, of those of a dictionary only what refers to them.
    pub(crate) fn bytes(&self) -> usize {
        let cells = match &self.cells {
            Cells::Truths(cells) => cells.len(),
            Cells::Integers(cells) | Cells::Decimals(Decimals::Narrow(cells, _)) => size_of_val(&**cells),
            Cells::Decimals(Decimals::Wide(cells)) => size_of_val(&**cells),
            Cells::Reals(cells) => size_of_val(&**cells),
            Cells::Guids(cells) => size_of_val(&**cells),
            Cells::Texts(Texts::Ids(_, ids)) => size_of_val(&**ids),
            Cells::Texts(Texts::Table(table, at)) => size_of_val(&**at) + own_bytes(table),
            Cells::Texts(Texts::Own(texts)) => own_bytes(texts),
        };
        cells + self.states.len()
    }
}

/// What `cell` makes of every value, the default where there is none.
fn each<T: Default>(values: &[Result<Value, Failure>], cell: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    values.iter().map(|value| value.as_ref().ok().and_then(&cell).unwrap_or_default()).collect()
}

/// The cells of several columns, with one for every row.
fn all<T: Copy>(columns: &[Column<'_>], cells: impl Fn(&Column<'_>) -> Vec<T>) -> Vec<T> {
    let repeat = |column| match cells(column) {
        cells if cells.len() == column.n => cells,
        cells => vec![cells[0]; column.n],
    };
    columns.iter().flat_map(repeat).collect()
}

fn own_bytes(texts: &[String]) -> usize {
    texts.iter().map(|text| text.len() + size_of::<String>()).sum()
}

fn pick<T: Copy>(cells: &[T], rows: impl Iterator<Item = usize>) -> Vec<T> {
    rows.map(|row| cells[row]).collect()
}

impl Decimals {
    pub(crate) fn get(&self, at: usize) -> Exact {
        match self {
            Self::Narrow(cells, scale) => Exact::new(cells[at].into(), *scale),
            Self::Wide(cells) => cells[at],
        }
    }
}

/// Decimals of one scale in 64 bits, if they fit.
pub(crate) fn narrowest(cells: Vec<Exact>) -> Decimals {
    let mut scale = 0;
    for cell in &cells {
        let mut cell = *cell;
        while cell.scale > scale && cell.mantissa % 10 == 0 {
            cell = Exact::new(cell.mantissa / 10, cell.scale - 1);
        }
        scale = scale.max(cell.scale);
    }
    let narrow = |cell: &Exact| {
        let mantissa = match cell.scale.checked_sub(scale) {
            Some(fewer) => cell.mantissa / unit(fewer),
            None => cell.mantissa.checked_mul(unit(scale - cell.scale))?,
        };
        i64::try_from(mantissa).ok()
    };
    match cells.iter().map(narrow).collect::<Option<Vec<i64>>>() {
        Some(narrow) => Decimals::Narrow(narrow, scale),
        None => Decimals::Wide(cells),
    }
}

/// Places of the units that columns of a segment count.
pub(crate) const UNIT_SCALE: u8 = MAX_SCALE;

impl<'a> Texts<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Ids(_, at) | Self::Table(_, at) => at.len(),
            Self::Own(texts) => texts.len(),
        }
    }

    pub(crate) fn get(&self, at: usize) -> &str {
        match self {
            Self::Ids(domain, ids) => domain.text(ids[at]),
            Self::Table(table, places) => &table[places[at] as usize],
            Self::Own(texts) => &texts[at],
        }
    }

    fn concat(columns: &[Column<'a>]) -> Self {
        let domain = columns.iter().find_map(|column| match &column.cells {
            Cells::Texts(Self::Ids(domain, _)) => Some(*domain),
            _ => None,
        });
        if let Some(domain) = domain {
            let ids = |column: &Column<'a>| match &column.cells {
                Cells::Texts(Self::Ids(of, ids)) if std::ptr::eq(*of, domain) => match ids[..] {
                    [id] => Some(vec![id; column.n]),
                    _ => Some(ids.clone()),
                },
                // Rows without a text are of any dictionary.
                _ if (0..column.n).all(|row| column.state(row) != VALUE) => Some(vec![NULL_CODE; column.n]),
                _ => None,
            };
            if let Some(ids) = columns.iter().map(ids).collect::<Option<Vec<_>>>() {
                return Self::Ids(domain, ids.concat());
            }
        }
        Self::Own(columns.iter().flat_map(|column| (0..column.n).map(|row| column.text(row).into())).collect())
    }
}
